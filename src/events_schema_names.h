
/*
 * Names with an index: members, and the strings of "enum".  An event has one
 * looked up for each of its members, so that looking up is inline.
 */


#ifndef _EVENTS_SCHEMA_NAMES_H_INCLUDED_
#define _EVENTS_SCHEMA_NAMES_H_INCLUDED_


#include "events_json.h"


/* of an open-addressing table over events_json_hash() */

typedef struct {
    uint32_t                    hash;
    uint32_t                    index;          /* from 1; 0: free */
} events_schema_slot_t;


typedef struct {
    events_str_t               *elts;
    uint32_t                    nelts;
    uint32_t                    mask;
    events_schema_slot_t       *slots;
} events_schema_names_t;


/* for a KEY with escapes: as events_schema_names_find_key() */

uint32_t events_schema_names_find_escaped(const events_schema_names_t *names,
    const events_json_event_t *event, const events_json_node_t *key);


/*
 * Whether len bytes are the same.  Names are so short that a call of memcmp()
 * costs more than it compares: two words, which may overlap, have up to 16
 * bytes.
 */

static events_inline int
events_schema_names_same(const u_char *a, const u_char *b, size_t len)
{
    uint32_t  x4, y4;
    uint64_t  x, y, differ;

    if (len > 16) {
        return memcmp(a, b, len) == 0;
    }

    if (len >= 8) {
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        differ = x ^ y;

        memcpy(&x, a + len - 8, 8);
        memcpy(&y, b + len - 8, 8);

        return (differ | (x ^ y)) == 0;
    }

    if (len >= 4) {
        memcpy(&x4, a, 4);
        memcpy(&y4, b, 4);
        differ = x4 ^ y4;

        memcpy(&x4, a + len - 4, 4);
        memcpy(&y4, b + len - 4, 4);

        return (differ | (x4 ^ y4)) == 0;
    }

    return len == 0
           || (a[0] == b[0] && a[len / 2] == b[len / 2]
               && a[len - 1] == b[len - 1]);
}


/* returns the index of name, or nelts */

static events_inline uint32_t
events_schema_names_find(const events_schema_names_t *names, uint32_t hash,
    const u_char *name, size_t len)
{
    uint32_t                     i;
    const events_str_t          *elt;
    const events_schema_slot_t  *slot;

    for (i = hash & names->mask; ; i = (i + 1) & names->mask) {
        slot = &names->slots[i];

        if (slot->index == 0) {
            return names->nelts;
        }

        if (slot->hash == hash) {
            elt = &names->elts[slot->index - 1];

            if (elt->len == len
                && events_schema_names_same(elt->data, name, len))
            {
                return slot->index - 1;
            }
        }
    }
}


/* the same for a KEY of an event */

static events_inline uint32_t
events_schema_names_find_key(const events_schema_names_t *names,
    const events_json_event_t *event, const events_json_node_t *key)
{
    if (key->escaped) {
        return events_schema_names_find_escaped(names, event, key);
    }

    return events_schema_names_find(names, key->u.hash,
                                    event->text + key->offset + 1,
                                    key->len - 2);
}


#endif /* _EVENTS_SCHEMA_NAMES_H_INCLUDED_ */
