
#include "events_schema_internal.h"

#include <stdio.h>
#include <stdlib.h>


/* memory is taken from the system in pieces of at least this size */
#define EVENTS_SCHEMA_CHUNK  8192

#define EVENTS_SCHEMA_ALIGN  16


static int events_schema_read(events_schema_t *schema,
    const unsigned char *text, size_t len, events_schema_error_t *error);
static events_error_e events_schema_copy(void *data,
    const events_json_event_t *event);
static void events_schema_read_error(const events_json_result_t *result,
    events_schema_error_t *error);


static const char *const  events_schema_texts[EVENTS_ERROR_MAX] = {
    [EVENTS_EMPTY_BODY] = "the file is empty",
    [EVENTS_INVALID_UTF8] = "the file is not valid UTF-8",
    [EVENTS_TOO_DEEP] = "the file is nested too deeply",
    [EVENTS_TOO_MANY_EVENTS] = "a schema must be an object or a boolean",
    [EVENTS_INVALID_EVENTS] = "a schema must be an object or a boolean",
    [EVENTS_NO_MEMORY] = "no memory",
};


events_schema_t *
events_schema_compile(const unsigned char *text, size_t len, unsigned flags,
    events_schema_error_t *error)
{
    events_schema_t  *schema;

    memset(error, 0, sizeof(events_schema_error_t));

    if (len > EVENTS_SCHEMA_MAX_SIZE) {
        snprintf(error->text, sizeof(error->text),
                 "the file is larger than %d bytes", EVENTS_SCHEMA_MAX_SIZE);
        return NULL;
    }

    schema = calloc(1, sizeof(events_schema_t));
    if (schema == NULL) {
        snprintf(error->text, sizeof(error->text), "no memory");
        return NULL;
    }

    events_sha256_hex(schema->digest, text, len);

    schema->scratch = calloc(1, sizeof(events_schema_scratch_t));

    if (schema->scratch == NULL) {
        snprintf(error->text, sizeof(error->text), "no memory");

    } else if (events_schema_read(schema, text, len, error)) {
        schema->root = events_schema_compile_doc(schema, flags, error);
    }

    if (schema->root == NULL) {
        events_schema_destroy(schema);
        return NULL;
    }

    return schema;
}


void
events_schema_destroy(events_schema_t *schema)
{
    events_schema_chunk_t  *chunk;
    events_schema_regex_t  *regex;

    if (schema == NULL) {
        return;
    }

    for (regex = schema->patterns; regex; regex = regex->next) {
        events_pattern_destroy(regex->pattern);
    }

    while (schema->chunks) {
        chunk = schema->chunks;
        schema->chunks = chunk->next;
        free(chunk);
    }

    if (schema->scratch) {
        free(schema->scratch->text);
        free(schema->scratch->items);
        free(schema->scratch->marks);
        free(schema->scratch);
    }

    free(schema);
}


events_str_t
events_schema_digest(const events_schema_t *schema)
{
    events_str_t  digest;

    digest.data = schema->digest;
    digest.len = EVENTS_SHA256_HEX;

    return digest;
}


void *
events_schema_alloc(events_schema_t *schema, size_t size)
{
    void                   *data;
    size_t                  head, total;
    events_schema_chunk_t  *chunk;

    head = (sizeof(events_schema_chunk_t) + EVENTS_SCHEMA_ALIGN - 1)
           & ~(size_t) (EVENTS_SCHEMA_ALIGN - 1);
    size = (size + EVENTS_SCHEMA_ALIGN - 1)
           & ~(size_t) (EVENTS_SCHEMA_ALIGN - 1);

    chunk = schema->chunks;

    if (chunk == NULL || chunk->size - chunk->used < size) {
        total = head + size;

        if (total < EVENTS_SCHEMA_CHUNK) {
            total = EVENTS_SCHEMA_CHUNK;
        }

        chunk = calloc(1, total);
        if (chunk == NULL) {
            return NULL;
        }

        chunk->size = total;
        chunk->used = head;
        chunk->next = schema->chunks;
        schema->chunks = chunk;
    }

    data = (char *) chunk + chunk->used;
    chunk->used += size;

    return data;
}


static int
events_schema_read(events_schema_t *schema, const unsigned char *text,
    size_t len, events_schema_error_t *error)
{
    events_json_t         *json;
    events_json_limits_t   limits;
    events_json_result_t   result;

    limits.max_events = 1;
    limits.max_event_size = EVENTS_SCHEMA_MAX_SIZE;
    limits.max_depth = EVENTS_SCHEMA_MAX_DEPTH;

    json = events_json_create();
    if (json == NULL) {
        snprintf(error->text, sizeof(error->text), "no memory");
        return 0;
    }

    events_json_parse(json, text, len, EVENTS_JSON_VALUE, &limits,
                      events_schema_copy, schema, &result);

    events_json_destroy(json);

    /* no handler was called for an array with nothing in it */

    if (result.error == EVENTS_OK && schema->doc.nodes == NULL) {
        result.error = EVENTS_INVALID_EVENTS;
    }

    if (result.error != EVENTS_OK) {
        events_schema_read_error(&result, error);
        return 0;
    }

    return 1;
}


/* compiled patterns, enums and texts refer to the copy */

static events_error_e
events_schema_copy(void *data, const events_json_event_t *event)
{
    events_schema_t *schema = data;

    size_t               len;
    unsigned char       *text;
    events_json_node_t  *nodes;

    if (!event->single) {
        return EVENTS_INVALID_EVENTS;
    }

    len = event->nodes[0].offset + event->nodes[0].len;

    text = events_schema_alloc(schema, len);
    nodes = events_schema_alloc(schema,
                                event->nnodes * sizeof(events_json_node_t));

    if (text == NULL || nodes == NULL) {
        return EVENTS_NO_MEMORY;
    }

    memcpy(text, event->text, len);
    memcpy(nodes, event->nodes, event->nnodes * sizeof(events_json_node_t));

    schema->doc = *event;
    schema->doc.text = text;
    schema->doc.nodes = nodes;

    return EVENTS_OK;
}


static void
events_schema_read_error(const events_json_result_t *result,
    events_schema_error_t *error)
{
    error->offset = result->offset;

    if (result->error == EVENTS_INVALID_JSON && result->text) {
        snprintf(error->text, sizeof(error->text),
                 "the file is not JSON: %s", result->text);

    } else if (events_schema_texts[result->error]) {
        snprintf(error->text, sizeof(error->text), "%s",
                 events_schema_texts[result->error]);

    } else {
        snprintf(error->text, sizeof(error->text), "the file is not JSON");
    }
}
