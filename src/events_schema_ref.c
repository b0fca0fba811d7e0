
#include "events_schema_ref.h"

#include <stdlib.h>


/* no file has elements whose number has more digits */
#define EVENTS_SCHEMA_INDEX_DIGITS  9

/* fewer children are looked at one by one */
#define EVENTS_SCHEMA_FEW_CHILDREN  16


static uint32_t *events_schema_index_table(events_schema_index_t *index,
    const events_json_node_t *node);
static void events_schema_index_members(const events_json_event_t *doc,
    const events_json_node_t *object, uint32_t *table, uint32_t mask);
static void events_schema_index_elements(const events_json_event_t *doc,
    const events_json_node_t *array, uint32_t *table);
static uint32_t events_schema_index_mask(const events_json_node_t *object);

static const events_json_node_t *events_schema_index_member(
    const events_json_event_t *doc, const events_json_node_t *object,
    const events_str_t *token, const uint32_t *table);
static const events_json_node_t *events_schema_index_element(
    const events_json_event_t *doc, const events_json_node_t *array,
    const events_str_t *token, const uint32_t *table);
static int events_schema_index_number(const events_str_t *token,
    uint32_t *number);


void
events_schema_index_destroy(events_schema_index_t *index)
{
    uint32_t  i;

    if (index->tables == NULL) {
        return;
    }

    for (i = 0; i < index->doc->nnodes; i++) {
        free(index->tables[i]);
    }

    free(index->tables);
    index->tables = NULL;
}


int
events_schema_index_step(events_schema_index_t *index,
    const events_json_node_t *node, const events_str_t *token,
    const events_json_node_t **child)
{
    uint32_t  *table;

    *child = NULL;

    if (node->type != EVENTS_JSON_OBJECT && node->type != EVENTS_JSON_ARRAY) {
        return 1;
    }

    table = NULL;

    if (node->count > EVENTS_SCHEMA_FEW_CHILDREN) {
        table = events_schema_index_table(index, node);
        if (table == NULL) {
            return 0;
        }
    }

    *child = (node->type == EVENTS_JSON_OBJECT)
             ? events_schema_index_member(index->doc, node, token, table)
             : events_schema_index_element(index->doc, node, token, table);
    return 1;
}


/*
 * Of an array: the place of each element.  Of an object: an open-addressing
 * table of the places of its keys.
 */

static uint32_t *
events_schema_index_table(events_schema_index_t *index,
    const events_json_node_t *node)
{
    uint32_t   mask, *table, **slot;

    if (index->tables == NULL) {
        index->tables = calloc(index->doc->nnodes, sizeof(uint32_t *));
        if (index->tables == NULL) {
            return NULL;
        }
    }

    slot = &index->tables[node - index->doc->nodes];

    if (*slot) {
        return *slot;
    }

    if (node->type == EVENTS_JSON_OBJECT) {
        mask = events_schema_index_mask(node);
        table = calloc((size_t) mask + 1, sizeof(uint32_t));

        if (table) {
            events_schema_index_members(index->doc, node, table, mask);
        }

    } else {
        table = calloc(node->count, sizeof(uint32_t));

        if (table) {
            events_schema_index_elements(index->doc, node, table);
        }
    }

    *slot = table;

    return table;
}


static void
events_schema_index_members(const events_json_event_t *doc,
    const events_json_node_t *object, uint32_t *table, uint32_t mask)
{
    uint32_t                   i, n;
    const events_json_node_t  *key;

    key = object + 1;

    for (n = object->count; n != 0; n--) {
        i = key->u.hash & mask;

        while (table[i]) {
            i = (i + 1) & mask;
        }

        table[i] = key - doc->nodes;
        key = &doc->nodes[key[1].u.next];
    }
}


static void
events_schema_index_elements(const events_json_event_t *doc,
    const events_json_node_t *array, uint32_t *table)
{
    uint32_t                   i;
    const events_json_node_t  *node;

    node = array + 1;

    for (i = 0; i < array->count; i++) {
        table[i] = node - doc->nodes;
        node = &doc->nodes[node->u.next];
    }
}


/* at most half full */

static uint32_t
events_schema_index_mask(const events_json_node_t *object)
{
    uint32_t  size;

    for (size = 4; size < 2 * object->count; size *= 2) { /* void */ }

    return size - 1;
}


static const events_json_node_t *
events_schema_index_member(const events_json_event_t *doc,
    const events_json_node_t *object, const events_str_t *token,
    const uint32_t *table)
{
    uint32_t                   i, hash, mask;
    const events_json_node_t  *key;

    hash = events_json_hash(token->data, token->len);

    if (table == NULL) {
        return events_json_member(doc, object, token, hash);
    }

    mask = events_schema_index_mask(object);

    /* a key is never the first node */

    for (i = hash & mask; table[i]; i = (i + 1) & mask) {
        key = &doc->nodes[table[i]];

        if (key->u.hash == hash && events_json_equals(doc->text, key, token)) {
            return key + 1;
        }
    }

    return NULL;
}


static const events_json_node_t *
events_schema_index_element(const events_json_event_t *doc,
    const events_json_node_t *array, const events_str_t *token,
    const uint32_t *table)
{
    uint32_t                   n;
    const events_json_node_t  *node;

    if (!events_schema_index_number(token, &n) || n >= array->count) {
        return NULL;
    }

    if (table) {
        return &doc->nodes[table[n]];
    }

    for (node = array + 1; n != 0; n--) {
        node = &doc->nodes[node->u.next];
    }

    return node;
}


static int
events_schema_index_number(const events_str_t *token, uint32_t *number)
{
    size_t  i;

    if (token->len == 0 || token->len > EVENTS_SCHEMA_INDEX_DIGITS
        || (token->data[0] == '0' && token->len > 1))
    {
        return 0;
    }

    *number = 0;

    for (i = 0; i < token->len; i++) {

        if (token->data[i] < '0' || token->data[i] > '9') {
            return 0;
        }

        *number = *number * 10 + (token->data[i] - '0');
    }

    return 1;
}


size_t
events_schema_ref_token(u_char *token, size_t len)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < len; i++) {

        if (token[i] == '~' && len - i > 1
            && (token[i + 1] == '0' || token[i + 1] == '1'))
        {
            i++;
            token[n++] = (token[i] == '0') ? '~' : '/';

        } else {
            token[n++] = token[i];
        }
    }

    return n;
}
