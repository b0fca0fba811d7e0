
/*
 * Contracts and events from string literals.
 */


#ifndef _EVENTS_UNIT_SCHEMA_H_INCLUDED_
#define _EVENTS_UNIT_SCHEMA_H_INCLUDED_


#include "unit.h"

#include "events_json.h"
#include "events_schema.h"


typedef struct {
    events_schema_t    *schema;
    events_failures_t   failures;
    int                 valid;
    unsigned            nevents;
} unit_schema_t;


static events_error_e
unit_schema_event(void *data, const events_json_event_t *event)
{
    unit_schema_t *unit = data;

    unit->nevents++;
    unit->valid = events_schema_validate(unit->schema, event, &unit->failures)
                  == EVENTS_OK;
    return EVENTS_OK;
}


static inline events_schema_t *
unit_schema_compile(const char *text)
{
    events_schema_t        *schema;
    events_schema_error_t   error;

    schema = events_schema_compile((const unsigned char *) text, strlen(text),
                                   0, &error);
    if (schema == NULL) {
        fail_msg("%s: at %s: %s", text, error.pointer, error.text);
    }

    return schema;
}


/*
 * The verdict on one event, or the last of a batch, and its failures, which
 * last until the next run.
 */

static inline int
unit_schema_run(unit_schema_t *unit, const char *event)
{
    events_json_t         *json;
    events_json_limits_t   limits = { 1000, 1 << 24, EVENTS_JSON_MAX_DEPTH };
    events_json_result_t   result;

    static events_failures_t  kept;

    events_failures_reset(&kept, SIZE_MAX);
    unit->failures = kept;
    unit->nevents = 0;

    json = events_json_create();
    assert_non_null(json);

    if (events_json_parse(json, (const unsigned char *) event, strlen(event),
                          EVENTS_JSON_VALUE, &limits, unit_schema_event, unit,
                          &result)
        != EVENTS_OK)
    {
        fail_msg("%s: byte %zu: %s", event, result.offset, result.text);
    }

    events_json_destroy(json);
    kept = unit->failures;

    assert_true(unit->nevents > 0);

    return unit->valid;
}


/* failures as lines "pointer code detail" */

static inline char *
unit_schema_lines(const events_failures_t *failures)
{
    uint32_t                 i;
    size_t                   len;
    const events_failure_t  *failure;

    static char  lines[EVENTS_MAX_FAILURES
                       * (EVENTS_MAX_POINTER + EVENTS_MAX_DETAIL + 64)];

    len = 0;
    lines[0] = '\0';

    for (i = 0; i < failures->nelts; i++) {
        failure = &failures->elts[i];
        len += snprintf(lines + len, sizeof(lines) - len, "%.*s %s %.*s\n",
                        (int) failure->pointer_len, failure->pointer,
                        failure->code,
                        (int) failure->detail_len, failure->detail);
    }

    return lines;
}


#endif /* _EVENTS_UNIT_SCHEMA_H_INCLUDED_ */
