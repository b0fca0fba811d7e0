
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


/* what a contract says of an event: unit_schema_lines() */

typedef struct {
    const char         *schema;
    const char         *event;
    const char         *lines;
} unit_schema_case_t;


/* where a contract does not compile, and why; text == NULL: whatever it says */

typedef struct {
    const char         *schema;
    const char         *pointer;
    const char         *text;
} unit_schema_error_t;


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


static inline void
unit_schema_check(const unit_schema_case_t *cases, size_t n)
{
    size_t         i;
    unit_schema_t  unit;

    for (i = 0; i < n; i++) {
        unit.schema = unit_schema_compile(cases[i].schema);

        unit_schema_run(&unit, cases[i].event);

        if (strcmp(unit_schema_lines(&unit.failures), cases[i].lines) != 0) {
            fail_msg("%s on %s\n%snot\n%s", cases[i].schema, cases[i].event,
                     unit_schema_lines(&unit.failures), cases[i].lines);
        }

        assert_int_equal(unit.valid, cases[i].lines[0] == '\0');

        events_schema_destroy(unit.schema);
    }
}


static inline void
unit_schema_check_errors(const unit_schema_error_t *cases, size_t n)
{
    size_t                  i;
    events_schema_error_t   error;

    for (i = 0; i < n; i++) {
        memset(&error, 'x', sizeof(error));

        assert_null(events_schema_compile(
                        (const unsigned char *) cases[i].schema,
                        strlen(cases[i].schema), 0, &error));

        if (cases[i].text != NULL) {
            assert_string_equal(error.text, cases[i].text);
        }

        assert_string_equal(error.pointer, cases[i].pointer);
    }
}


#endif /* _EVENTS_UNIT_SCHEMA_H_INCLUDED_ */
