
#include "events_schema_internal.h"


static uint32_t events_schema_identifier_hash(
    const events_schema_resource_t *resource, uint32_t hash);


int
events_schema_identifiers_init(events_schema_t *schema, uint32_t n)
{
    uint32_t                      size;
    events_schema_identifiers_t  *identifiers;

    identifiers = &schema->identifiers;

    /* at most half full, so that a name that is not there is soon known */

    for (size = 4; size < 2 * n; size *= 2) { /* void */ }

    identifiers->mask = size - 1;
    identifiers->slots = events_schema_alloc(schema,
                                        size * sizeof(events_schema_slot_t));
    identifiers->elts = events_schema_alloc(schema,
                                     n * sizeof(events_schema_identifier_t));

    return identifiers->slots && identifiers->elts;
}


events_schema_identifier_t *
events_schema_identifier_find(const events_schema_identifiers_t *identifiers,
    const events_schema_resource_t *resource, const events_str_t *name,
    uint32_t hash)
{
    uint32_t                     i;
    events_schema_slot_t        *slot;
    events_schema_identifier_t  *elt;

    hash = events_schema_identifier_hash(resource, hash);

    for (i = hash & identifiers->mask; ; i = (i + 1) & identifiers->mask) {
        slot = &identifiers->slots[i];

        if (slot->index == 0) {
            return NULL;
        }

        if (slot->hash == hash) {
            elt = &identifiers->elts[slot->index - 1];

            if (elt->resource == resource && events_str_eq(&elt->name, name)) {
                return elt;
            }
        }
    }
}


events_schema_identifier_t *
events_schema_identifier_add(events_schema_identifiers_t *identifiers,
    const events_schema_resource_t *resource, const events_str_t *name,
    uint32_t hash)
{
    uint32_t                     i;
    events_schema_identifier_t  *elt;

    hash = events_schema_identifier_hash(resource, hash);
    i = hash & identifiers->mask;

    while (identifiers->slots[i].index) {
        i = (i + 1) & identifiers->mask;
    }

    elt = &identifiers->elts[identifiers->nelts++];

    elt->resource = resource;
    elt->name = *name;

    identifiers->slots[i].hash = hash;
    identifiers->slots[i].index = identifiers->nelts;

    return elt;
}


static uint32_t
events_schema_identifier_hash(const events_schema_resource_t *resource,
    uint32_t hash)
{
    return resource ? hash ^ resource->seed : hash;
}
