
#include "events_json_names.h"
#include "events_json_text.h"

#include <stdlib.h>


/* up to so many members are compared pair by pair, which beats sorting */
#define EVENTS_JSON_PAIRWISE  16


static int events_json_names_sorted(events_json_names_t *names,
    const u_char *text, const events_json_node_t *nodes,
    const events_json_node_t *object);
static int events_json_names_among(const u_char *text,
    const events_json_node_t *key, const events_json_node_t **keys,
    uint32_t n);
static int events_json_names_compare(const void *one, const void *two);


/*
 * Most names differ in what a filter of 64 bits sees of their hashes: few are
 * compared with those before them.
 */

int
events_json_names_repeat(events_json_names_t *names, const u_char *text,
    const events_json_node_t *nodes, const events_json_node_t *object)
{
    uint32_t                   n;
    uint64_t                   seen, bit;
    const events_json_node_t  *key, *keys[EVENTS_JSON_PAIRWISE];

    if (object->count > EVENTS_JSON_PAIRWISE) {
        return events_json_names_sorted(names, text, nodes, object);
    }

    seen = 0;
    key = object + 1;

    for (n = 0; n < object->count; n++) {
        bit = (uint64_t) 1 << (key->u.hash % 64);

        if ((seen & bit) && events_json_names_among(text, key, keys, n)) {
            return 1;
        }

        seen |= bit;
        keys[n] = key;
        key = &nodes[key[1].u.next];
    }

    return 0;
}


void
events_json_names_free(events_json_names_t *names)
{
    free(names->elts);
    names->elts = NULL;
    names->nalloc = 0;
}


/* n log n however the names were chosen */

static int
events_json_names_sorted(events_json_names_t *names, const u_char *text,
    const events_json_node_t *nodes, const events_json_node_t *object)
{
    uint32_t                   i, n;
    events_json_name_t        *elts;
    const events_json_node_t  *key;

    n = object->count;
    elts = names->elts;

    if (n > names->nalloc) {
        elts = realloc(elts, n * sizeof(events_json_name_t));
        if (elts == NULL) {
            return -1;
        }

        names->elts = elts;
        names->nalloc = n;
    }

    key = object + 1;

    for (i = 0; i < n; i++) {
        elts[i].text = text;
        elts[i].node = key;
        key = &nodes[key[1].u.next];
    }

    qsort(elts, n, sizeof(events_json_name_t), events_json_names_compare);

    for (i = 1; i < n; i++) {
        if (events_json_names_compare(&elts[i - 1], &elts[i]) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
events_json_names_among(const u_char *text, const events_json_node_t *key,
    const events_json_node_t **keys, uint32_t n)
{
    uint32_t            i;
    events_json_name_t  one, two;

    one.text = text;
    one.node = key;
    two.text = text;

    for (i = 0; i < n; i++) {
        two.node = keys[i];

        if (keys[i]->u.hash == key->u.hash
            && events_json_names_compare(&one, &two) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * Names of one hash are in the order of their bytes, unescaped: an order of
 * lengths, for those without escapes, would not go with it.
 */

static int
events_json_names_compare(const void *one, const void *two)
{
    int                        rc;
    size_t                     n, m;
    u_char                     out1[4], out2[4];
    const u_char              *p1, *p2, *last1, *last2;
    const events_json_name_t  *first = one;
    const events_json_name_t  *second = two;
    const events_json_node_t  *a = first->node;
    const events_json_node_t  *b = second->node;

    if (a->u.hash != b->u.hash) {
        return (a->u.hash < b->u.hash) ? -1 : 1;
    }

    p1 = first->text + a->offset + 1;
    p2 = second->text + b->offset + 1;

    if (!a->escaped && !b->escaped) {
        rc = memcmp(p1, p2, (a->len < b->len ? a->len : b->len) - 2);

        return rc ? rc : (a->len > b->len) - (a->len < b->len);
    }

    last1 = p1 + a->len - 2;
    last2 = p2 + b->len - 2;

    while (p1 < last1 && p2 < last2) {
        n = events_json_decode(&p1, out1);
        m = events_json_decode(&p2, out2);

        rc = memcmp(out1, out2, n < m ? n : m);

        if (rc != 0) {
            return rc;
        }
    }

    return (p1 < last1) - (p2 < last2);
}
