
/*
 * The parser beside yajl, which is no part of the module: what we accept yajl
 * accepts, with the same tokens in it; what yajl accepts and we refuse is on
 * the list of things that RFC 8259 does not allow and yajl does not mind.
 */


#include "fuzz.h"

#include "events_json.h"

#include <yajl/yajl_parse.h>


typedef struct {
    uint8_t      *data;
    size_t        len;
    size_t        size;
} fuzz_log_t;


static events_error_e fuzz_ours(const uint8_t *data, size_t size,
    fuzz_log_t *log, events_json_result_t *result);
static events_error_e fuzz_event(void *data, const events_json_event_t *event);
static uint32_t fuzz_value(fuzz_log_t *log, const events_json_event_t *event,
    uint32_t i);
static int fuzz_known(const uint8_t *data, size_t size,
    const events_json_result_t *result);
static int fuzz_yajl(const uint8_t *data, size_t size, fuzz_log_t *log);
static int fuzz_is_array(const uint8_t *data, size_t size);

static int fuzz_null(void *ctx);
static int fuzz_boolean(void *ctx, int value);
static int fuzz_number(void *ctx, const char *text, size_t len);
static int fuzz_string(void *ctx, const unsigned char *text, size_t len);
static int fuzz_start_map(void *ctx);
static int fuzz_map_key(void *ctx, const unsigned char *text, size_t len);
static int fuzz_end_map(void *ctx);
static int fuzz_start_array(void *ctx);
static int fuzz_end_array(void *ctx);

static int fuzz_log(fuzz_log_t *log, char type, const void *data, size_t len);


static const events_json_limits_t  fuzz_limits = {
    UINT32_MAX, SIZE_MAX, EVENTS_JSON_MAX_DEPTH
};


static const yajl_callbacks  fuzz_callbacks = {
    fuzz_null,
    fuzz_boolean,
    NULL,
    NULL,
    fuzz_number,
    fuzz_string,
    fuzz_start_map,
    fuzz_map_key,
    fuzz_end_map,
    fuzz_start_array,
    fuzz_end_array
};


static fuzz_log_t  fuzz_log_ours;
static fuzz_log_t  fuzz_log_yajl;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int                   accepted;
    events_error_e        error;
    events_json_result_t  result;

    error = fuzz_ours(data, size, &fuzz_log_ours, &result);
    accepted = fuzz_yajl(data, size, &fuzz_log_yajl);

    if (error == EVENTS_OK) {
        fuzz_assert(accepted);
        fuzz_assert(fuzz_log_ours.len == fuzz_log_yajl.len);
        fuzz_assert(memcmp(fuzz_log_ours.data, fuzz_log_yajl.data,
                           fuzz_log_ours.len)
                    == 0);

    } else if (accepted) {
        fuzz_assert(fuzz_known(data, size, &result));
    }

    return 0;
}


static events_error_e
fuzz_ours(const uint8_t *data, size_t size, fuzz_log_t *log,
    events_json_result_t *result)
{
    events_error_e         error;
    static events_json_t  *json;

    if (json == NULL) {
        json = events_json_create();
        fuzz_assert(json != NULL);
    }

    log->len = 0;

    /* the brackets around a batch are no nodes */

    if (fuzz_is_array(data, size)) {
        fuzz_log(log, '[', NULL, 0);
    }

    error = events_json_parse(json, data, size, EVENTS_JSON_VALUE,
                              &fuzz_limits, fuzz_event, log, result);

    if (fuzz_is_array(data, size)) {
        fuzz_log(log, ']', NULL, 0);
    }

    return error;
}


static int
fuzz_is_array(const uint8_t *data, size_t size)
{
    size_t  i;

    for (i = 0; i < size && memchr(" \t\r\n", data[i], 4) != NULL; i++) {
        /* void */
    }

    return i < size && data[i] == '[';
}


static events_error_e
fuzz_event(void *data, const events_json_event_t *event)
{
    fuzz_assert(fuzz_value(data, event, 0) == event->nnodes);

    return EVENTS_OK;
}


static uint32_t
fuzz_value(fuzz_log_t *log, const events_json_event_t *event, uint32_t i)
{
    size_t                     len;
    uint8_t                   *text;
    uint32_t                   n, next;
    const events_json_node_t  *node;

    static const char  types[] = "nft0s[{k";

    node = &event->nodes[i];
    next = i + 1;

    switch (node->type) {

    case EVENTS_JSON_NUMBER:
        fuzz_log(log, '0', event->text + node->offset, node->len);
        break;

    case EVENTS_JSON_KEY:
    case EVENTS_JSON_STRING:
        text = fuzz_alloc(node->len);
        len = events_json_unescape(event->text, node, text, node->len);
        fuzz_log(log, types[node->type], text, len);
        free(text);
        break;

    case EVENTS_JSON_ARRAY:
        fuzz_log(log, '[', NULL, 0);

        for (n = 0; n < node->count; n++) {
            next = fuzz_value(log, event, next);
        }

        fuzz_log(log, ']', NULL, 0);
        break;

    case EVENTS_JSON_OBJECT:
        fuzz_log(log, '{', NULL, 0);

        for (n = 0; n < node->count; n++) {
            next = fuzz_value(log, event, next);
            next = fuzz_value(log, event, next);
        }

        fuzz_log(log, '}', NULL, 0);
        break;

    default:
        fuzz_log(log, types[node->type], NULL, 0);
    }

    return next;
}


/* field notes, section 5: what yajl 2.1 lets through */

static int
fuzz_known(const uint8_t *data, size_t size,
    const events_json_result_t *result)
{
    const uint8_t  *p;

    p = data + result->offset;

    switch (result->error) {

    case EVENTS_INVALID_UTF8:       /* overlong, surrogates, U+110000 */
    case EVENTS_TOO_DEEP:
        return 1;

    case EVENTS_INVALID_JSON:

        /* a token after the end that is not complete: it waits for more */

        if (strcmp(result->text, "there is more after the end") == 0
            && result->offset < size && *p == '"')
        {
            return 1;
        }

        return result->offset < size
               && (*p == '\f' || *p == '\v'
                   || (size - result->offset >= 6 && p[0] == '\\'
                       && p[1] == 'u' && (p[2] | 0x20) == 'd'));

    default:
        return 0;
    }
}


static int
fuzz_yajl(const uint8_t *data, size_t size, fuzz_log_t *log)
{
    int          accepted;
    yajl_handle  yajl;

    log->len = 0;

    yajl = yajl_alloc(&fuzz_callbacks, NULL, log);
    fuzz_assert(yajl != NULL);

    accepted = yajl_parse(yajl, data, size) == yajl_status_ok
               && yajl_complete_parse(yajl) == yajl_status_ok;

    yajl_free(yajl);

    return accepted;
}


static int
fuzz_null(void *ctx)
{
    return fuzz_log(ctx, 'n', NULL, 0);
}


static int
fuzz_boolean(void *ctx, int value)
{
    return fuzz_log(ctx, value ? 't' : 'f', NULL, 0);
}


static int
fuzz_number(void *ctx, const char *text, size_t len)
{
    return fuzz_log(ctx, '0', text, len);
}


static int
fuzz_string(void *ctx, const unsigned char *text, size_t len)
{
    return fuzz_log(ctx, 's', text, len);
}


static int
fuzz_start_map(void *ctx)
{
    return fuzz_log(ctx, '{', NULL, 0);
}


static int
fuzz_map_key(void *ctx, const unsigned char *text, size_t len)
{
    return fuzz_log(ctx, 'k', text, len);
}


static int
fuzz_end_map(void *ctx)
{
    return fuzz_log(ctx, '}', NULL, 0);
}


static int
fuzz_start_array(void *ctx)
{
    return fuzz_log(ctx, '[', NULL, 0);
}


static int
fuzz_end_array(void *ctx)
{
    return fuzz_log(ctx, ']', NULL, 0);
}


/* one token; always 1, which tells yajl to go on */

static int
fuzz_log(fuzz_log_t *log, char type, const void *data, size_t len)
{
    size_t  need;

    need = log->len + 1 + sizeof(len) + len;

    if (need > log->size) {
        log->size = 2 * need;
        log->data = realloc(log->data, log->size);
        fuzz_assert(log->data != NULL);
    }

    log->data[log->len++] = type;
    memcpy(log->data + log->len, &len, sizeof(len));
    log->len += sizeof(len);

    if (len) {
        memcpy(log->data + log->len, data, len);
        log->len += len;
    }

    return 1;
}
