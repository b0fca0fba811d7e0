
#include "events_schema_internal.h"

#include <stdlib.h>


typedef struct {
    const events_json_event_t  *event;
    const events_json_node_t   *key;
} events_schema_key_t;


static uint32_t events_schema_repeated(events_schema_key_t *keys, uint32_t n);
static int events_schema_same_name(const events_schema_key_t *one,
    const events_schema_key_t *two);
static int events_schema_by_name(const void *one, const void *two);
static int events_schema_by_offset(const void *one, const void *two);


uint32_t
events_schema_duplicates(const events_json_event_t *event, uint32_t object,
    uint32_t *found, uint32_t size)
{
    uint32_t                   i, n;
    events_schema_key_t       *keys;
    const events_json_node_t  *key;

    n = event->nodes[object].count;

    keys = malloc((n + 1) * sizeof(events_schema_key_t));
    if (keys == NULL) {
        found[0] = object;
        return 1;
    }

    key = &event->nodes[object + 1];

    for (i = 0; i < n; i++) {
        keys[i].event = event;
        keys[i].key = key;
        key = &event->nodes[key[1].u.next];
    }

    n = events_schema_repeated(keys, n);
    n = (n < size) ? n : size;

    for (i = 0; i < n; i++) {
        found[i] = keys[i].key - event->nodes;
    }

    free(keys);

    return n;
}


/* leaves in keys the first repetition of each name, in the order of the text */

static uint32_t
events_schema_repeated(events_schema_key_t *keys, uint32_t n)
{
    uint32_t  i, nfound, run;

    qsort(keys, n, sizeof(events_schema_key_t), events_schema_by_name);

    nfound = 0;
    run = 1;

    for (i = 1; i < n; i++) {

        /* what was found went to places before i - 1 */

        run = events_schema_same_name(&keys[i - 1], &keys[i]) ? run + 1 : 1;

        if (run == 2) {
            keys[nfound++] = keys[i];
        }
    }

    qsort(keys, nfound, sizeof(events_schema_key_t), events_schema_by_offset);

    return nfound;
}


static int
events_schema_same_name(const events_schema_key_t *one,
    const events_schema_key_t *two)
{
    events_str_t  name;

    if (one->key->u.hash != two->key->u.hash) {
        return 0;
    }

    if (!one->key->escaped) {
        name = events_json_raw(one->event->text, one->key);
        return events_json_equals(two->event->text, two->key, &name);
    }

    if (!two->key->escaped) {
        name = events_json_raw(two->event->text, two->key);
        return events_json_equals(one->event->text, one->key, &name);
    }

    /* the parser found that this object has duplicates: it is one of them */

    return 1;
}


static int
events_schema_by_name(const void *one, const void *two)
{
    const events_schema_key_t *a = one;
    const events_schema_key_t *b = two;

    if (a->key->u.hash != b->key->u.hash) {
        return (a->key->u.hash < b->key->u.hash) ? -1 : 1;
    }

    return events_schema_by_offset(one, two);
}


static int
events_schema_by_offset(const void *one, const void *two)
{
    const events_schema_key_t *a = one;
    const events_schema_key_t *b = two;

    return (a->key < b->key) ? -1 : a->key > b->key;
}
