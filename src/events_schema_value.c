
#include "events_schema_internal.h"
#include "events_equal.h"

#include <stdlib.h>


static uint32_t events_schema_hash(events_schema_run_t *run,
    const events_json_node_t *node);
static uint32_t events_schema_hash_scalar(events_schema_run_t *run,
    const events_json_node_t *node);
static int events_schema_by_hash(const void *one, const void *two);
static int events_schema_distinct(events_schema_run_t *run,
    const events_schema_item_t *items, uint32_t n);


int
events_schema_unescape(events_schema_run_t *run,
    const events_json_event_t *event, const events_json_node_t *node,
    events_str_t *str)
{
    events_schema_scratch_t  *scratch;

    scratch = run->schema->scratch;

    if (!events_schema_grow(run, (void **) &scratch->text,
                            &scratch->text_size, node->len))
    {
        return 0;
    }

    str->data = scratch->text;
    str->len = events_json_unescape(event->text, node, scratch->text,
                                    scratch->text_size);
    return 1;
}


int
events_schema_equal(events_schema_run_t *run,
    const events_json_event_t *e1, const events_json_node_t *n1,
    const events_json_event_t *e2, const events_json_node_t *n2)
{
    int  rc;

    rc = events_equal(e1, n1, e2, n2, &run->steps);

    /* looking for equal values of an event may go on and on */

    if (rc < 0) {
        return events_schema_end(run);
    }

    return rc;
}


/* sorted by a hash, equal elements are neighbours */

int
events_schema_unique(events_schema_run_t *run,
    const events_json_node_t *array)
{
    uint32_t                   i, n;
    events_schema_item_t      *items;
    const events_json_node_t  *nodes, *node;
    events_schema_scratch_t   *scratch;

    n = array->count;

    if (n < 2) {
        return 1;
    }

    nodes = run->event->nodes;

    /* every value below is hashed */

    i = array->u.next - (array - nodes);

    if (!events_schema_spend(run, i)) {
        return 0;
    }

    scratch = run->schema->scratch;

    if (!events_schema_grow(run, (void **) &scratch->items,
                            &scratch->items_size,
                            n * sizeof(events_schema_item_t)))
    {
        return 0;
    }

    items = scratch->items;
    node = array + 1;

    for (i = 0; i < n; i++) {
        items[i].hash = events_schema_hash(run, node);
        items[i].node = node - nodes;
        node = &nodes[node->u.next];
    }

    qsort(items, n, sizeof(events_schema_item_t), events_schema_by_hash);

    return events_schema_distinct(run, items, n);
}


static int
events_schema_by_hash(const void *one, const void *two)
{
    const events_schema_item_t *a = one;
    const events_schema_item_t *b = two;

    if (a->hash != b->hash) {
        return (a->hash < b->hash) ? -1 : 1;
    }

    return (a->node < b->node) ? -1 : a->node > b->node;
}


static int
events_schema_distinct(events_schema_run_t *run,
    const events_schema_item_t *items, uint32_t n)
{
    uint32_t                    i, j;
    const events_json_event_t  *event;

    event = run->event;

    for (i = 0; i < n; i++) {

        for (j = i + 1; j < n && items[j].hash == items[i].hash; j++) {

            if (events_schema_equal(run, event, &event->nodes[items[i].node],
                                    event, &event->nodes[items[j].node]))
            {
                return 0;
            }

            if (run->stop) {
                return 0;
            }
        }
    }

    return 1;
}


static uint32_t
events_schema_hash(events_schema_run_t *run, const events_json_node_t *node)
{
    uint32_t                   i, hash, n;
    const events_json_node_t  *nodes, *child;

    if (node->type < EVENTS_JSON_ARRAY) {
        return events_schema_hash_scalar(run, node);
    }

    nodes = run->event->nodes;
    child = node + 1;
    n = node->count;
    hash = node->type + n;

    for (i = 0; i < n; i++) {

        if (node->type == EVENTS_JSON_OBJECT) {

            /* a sum, since members have no order */

            hash += (child->u.hash ^ events_schema_hash(run, child + 1))
                    * 0x9E3779B1;
            child++;

        } else {
            hash = (hash ^ events_schema_hash(run, child)) * 0x85EBCA6B;
            hash ^= hash >> 15;
        }

        child = &nodes[child->u.next];
    }

    return hash;
}


static uint32_t
events_schema_hash_scalar(events_schema_run_t *run,
    const events_json_node_t *node)
{
    events_str_t     str;
    events_number_t  number;

    switch (node->type) {

    case EVENTS_JSON_NUMBER:
        events_number_parse(&number, run->event->text + node->offset,
                            node->len);
        return events_number_hash(&number);

    case EVENTS_JSON_STRING:
        if (!events_schema_string(run, run->event, node, &str)) {
            return 0;
        }

        return events_json_hash(str.data, str.len);

    default:
        return node->type;
    }
}


int
events_schema_grow(events_schema_run_t *run, void **data, size_t *size,
    size_t need)
{
    void  *grown;

    if (need <= *size) {
        return 1;
    }

    grown = realloc(*data, need);
    if (grown == NULL) {
        run->no_memory = 1;
        return events_schema_end(run);
    }

    *data = grown;
    *size = need;

    return 1;
}
