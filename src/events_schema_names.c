
#include "events_schema_internal.h"


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

        if (events_schema_names_find(names, hash, names->elts[i].data,
                                     names->elts[i].len)
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
events_schema_names_find_escaped(const events_schema_names_t *names,
    const events_json_event_t *event, const events_json_node_t *key)
{
    uint32_t                     i;
    const events_schema_slot_t  *slot;

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
