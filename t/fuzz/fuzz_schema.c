
/*
 * Any bytes as a contract.  What compiles judges a few fixed events, and one
 * more that follows the contract after a zero byte.  What does not compile is
 * tried again with all flags.
 */


#include "fuzz.h"

#include "events_schema.h"
#include "events_utf8.h"


static events_schema_t *fuzz_compile(const uint8_t *data, size_t len,
    unsigned flags);
static void fuzz_error(const events_schema_error_t *error, size_t len);
static void fuzz_text(const events_schema_t *schema, const uint8_t *text,
    size_t len);
static events_error_e fuzz_event(void *data, const events_json_event_t *event);


static const events_json_limits_t  fuzz_limits = { 20, 8192, 64 };


static const char *const  fuzz_events[] = {
    "[null,true,false,0,-1.5e3,1e400,\"\",\"a\",\"\\u00e9\\ud83d\\ude00\"]",
    "[{},{\"a\":1},{\"a\":{\"a\":{\"a\":[]}}},{\"a\":1,\"b\":[1,1,1.0,{}]}]",
    "[[],[1,2,2],[[[[]]]],[{\"a\":null},{\"a\":null}]]",
    "{\"a\":1,\"\\u0061\":2,\"~/\":{\"x\":1,\"x\":2}}",
    "{\"event_id\":\"92276658-1e27-71c0-aa6a-63ec24ede6a4\","
        "\"brand\":\"playtv\",\"action_type\":\"list.item_added\","
        "\"entity\":{\"type\":\"video\",\"id\":\"ep-1009\"},"
        "\"occurred_at\":\"2026-11-23T19:20:35.835Z\"}"
};


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t            i, len;
    const uint8_t    *zero;
    events_schema_t  *schema;

    zero = size ? memchr(data, '\0', size) : NULL;
    len = zero ? (size_t) (zero - data) : size;

    schema = fuzz_compile(data, len, 0);

    if (schema == NULL) {
        schema = fuzz_compile(data, len, EVENTS_SCHEMA_LAX
                                         | EVENTS_SCHEMA_NO_FORMAT
                                         | EVENTS_SCHEMA_DRAFT7);
    }

    if (schema == NULL) {
        return 0;
    }

    for (i = 0; i < sizeof(fuzz_events) / sizeof(fuzz_events[0]); i++) {
        fuzz_text(schema, (const uint8_t *) fuzz_events[i],
                  strlen(fuzz_events[i]));
    }

    if (zero != NULL) {
        fuzz_text(schema, zero + 1, size - len - 1);
    }

    events_schema_destroy(schema);

    return 0;
}


static events_schema_t *
fuzz_compile(const uint8_t *data, size_t len, unsigned flags)
{
    uint8_t                *text;
    events_schema_t        *schema;
    events_schema_error_t   error;

    /* the text may go once it is compiled */

    text = fuzz_alloc(len);

    if (len) {
        memcpy(text, data, len);
    }

    schema = events_schema_compile(text, len, flags, &error);
    free(text);

    if (schema == NULL) {
        fuzz_error(&error, len);

    } else {
        fuzz_assert(error.text[0] == '\0');
    }

    return schema;
}


static void
fuzz_error(const events_schema_error_t *error, size_t len)
{
    size_t  n;

    n = strnlen(error->text, sizeof(error->text));

    fuzz_assert(n > 0 && n < sizeof(error->text));
    fuzz_assert(events_utf8_valid((const u_char *) error->text, n) == n);

    n = strnlen(error->pointer, sizeof(error->pointer));

    fuzz_assert(n < sizeof(error->pointer));
    fuzz_assert(events_utf8_valid((const u_char *) error->pointer, n) == n);
    fuzz_assert(n == 0 || error->pointer[0] == '/');
    fuzz_assert(error->offset <= len);
}


static void
fuzz_text(const events_schema_t *schema, const uint8_t *text, size_t len)
{
    events_json_result_t   result;
    static events_json_t  *json;

    if (json == NULL) {
        json = events_json_create();
        fuzz_assert(json != NULL);
    }

    (void) events_json_parse(json, text, len, EVENTS_JSON_VALUE, &fuzz_limits,
                             fuzz_event, (void *) schema, &result);
}


static events_error_e
fuzz_event(void *data, const events_json_event_t *event)
{
    uint32_t                   i;
    events_error_e             error;
    const events_schema_t     *schema = data;
    const events_failure_t    *failure;
    static events_failures_t   failures, again;

    events_failures_reset(&failures, SIZE_MAX);

    error = events_schema_validate(schema, event, &failures);

    fuzz_assert(error == EVENTS_OK || error == EVENTS_INVALID_EVENTS);
    fuzz_assert((error == EVENTS_OK) == (failures.nelts == 0));
    fuzz_assert(failures.nelts <= EVENTS_MAX_FAILURES);
    fuzz_assert(!failures.truncated || failures.nelts == EVENTS_MAX_FAILURES);

    for (i = 0; i < failures.nelts; i++) {
        failure = &failures.elts[i];

        fuzz_assert(failure->index == event->index);
        fuzz_assert(failure->code != NULL && failure->code[0] != '\0');
        fuzz_assert(failure->pointer_len <= EVENTS_MAX_POINTER);
        fuzz_assert(failure->detail_len < EVENTS_MAX_DETAIL);
        fuzz_assert(events_utf8_valid(failure->pointer, failure->pointer_len)
                    == failure->pointer_len);
        fuzz_assert(events_utf8_valid(failure->detail, failure->detail_len)
                    == failure->detail_len);
        fuzz_assert(failure->pointer_len == 0 || failure->pointer[0] == '/');
    }

    /* what a validation leaves behind must not change the next one */

    events_failures_reset(&again, SIZE_MAX);

    fuzz_assert(events_schema_validate(schema, event, &again) == error);
    fuzz_assert(again.nelts == failures.nelts);

    return EVENTS_OK;
}
