
#include "events_schema_internal.h"


static inline uint32_t events_schema_names_look(
    const events_schema_names_t *names, uint32_t hash,
    const events_str_t *name);
static inline int events_schema_names_same(const unsigned char *a,
    const unsigned char *b, size_t len);


int
events_schema_names_index(events_schema_t *schema,
    events_schema_names_t *names)
{
    uint32_t  i, n, slot, hash;

    /* at most half full, so that a name that is not there is soon known */

    for (n = 4; n < 2 * names->nelts; n *= 2) { /* void */ }

    names->mask = n - 1;
    names->slots = events_schema_alloc(schema,
                                       n * sizeof(events_schema_slot_t));
    if (names->slots == NULL) {
        return 0;
    }

    for (i = 0; i < names->nelts; i++) {
        hash = events_json_hash(names->elts[i].data, names->elts[i].len);
        slot = hash & names->mask;

        /* a name that comes again is the first one's, and takes no slot */

        if (events_schema_names_look(names, hash, &names->elts[i])
            < names->nelts)
        {
            continue;
        }

        while (names->slots[slot].index) {
            slot = (slot + 1) & names->mask;
        }

        names->slots[slot].hash = hash;
        names->slots[slot].index = i + 1;
    }

    return 1;
}


uint32_t
events_schema_names_find(const events_schema_names_t *names, uint32_t hash,
    const events_str_t *name)
{
    return events_schema_names_look(names, hash, name);
}


static inline uint32_t
events_schema_names_look(const events_schema_names_t *names, uint32_t hash,
    const events_str_t *name)
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

            if (elt->len == name->len
                && events_schema_names_same(elt->data, name->data, name->len))
            {
                return slot->index - 1;
            }
        }
    }
}


uint32_t
events_schema_names_find_key(const events_schema_names_t *names,
    const events_json_event_t *event, const events_json_node_t *key)
{
    uint32_t                     i;
    events_str_t                 name;
    const events_schema_slot_t  *slot;

    if (!key->escaped) {
        name.data = event->text + key->offset + 1;
        name.len = key->len - 2;
        return events_schema_names_look(names, key->u.hash, &name);
    }

    for (i = key->u.hash & names->mask; ; i = (i + 1) & names->mask) {
        slot = &names->slots[i];

        if (slot->index == 0) {
            return names->nelts;
        }

        if (slot->hash == key->u.hash
            && events_json_equals(event->text, key,
                                  &names->elts[slot->index - 1]))
        {
            return slot->index - 1;
        }
    }
}


/* names are so short that a call of memcmp() costs more than it compares */

static inline int
events_schema_names_same(const unsigned char *a, const unsigned char *b,
    size_t len)
{
    size_t    i;
    uint32_t  x4, y4;
    uint64_t  x, y;

    if (len < sizeof(uint32_t)) {

        for (i = 0; i < len; i++) {
            if (a[i] != b[i]) {
                return 0;
            }
        }

        return 1;
    }

    /* the last word overlaps the one before it */

    if (len < sizeof(uint64_t)) {
        memcpy(&x4, a, sizeof(uint32_t));
        memcpy(&y4, b, sizeof(uint32_t));
        x = x4 ^ y4;

        memcpy(&x4, a + len - sizeof(uint32_t), sizeof(uint32_t));
        memcpy(&y4, b + len - sizeof(uint32_t), sizeof(uint32_t));

        return (x | (x4 ^ y4)) == 0;
    }

    for (i = 0; i < len; i += sizeof(uint64_t)) {

        if (i > len - sizeof(uint64_t)) {
            i = len - sizeof(uint64_t);
        }

        memcpy(&x, a + i, sizeof(uint64_t));
        memcpy(&y, b + i, sizeof(uint64_t));

        if (x != y) {
            return 0;
        }
    }

    return 1;
}
