
#include "unit_json.h"

#include "events_failure.h"
#include "events_schema.h"


typedef struct {
    events_failures_t  *failures;
    unsigned            nfailures;      /* to be added for each event */
    unsigned            nadded;
} fixture_t;


/* as a validator does: it stops once the list says so */

static events_error_e
add_failures(void *data, const events_json_event_t *event)
{
    unsigned    i;
    fixture_t  *f = data;

    for (i = 0; i < f->nfailures; i++) {

        if (!events_failures_add(f->failures, event, NULL, "type", "%u", i)) {
            break;
        }

        f->nadded++;
    }

    return EVENTS_OK;
}


static void
add_events(events_failures_t *failures, unsigned nevents, unsigned nfailures)
{
    char                  *text, *p;
    unsigned               i;
    events_str_t           str;
    events_json_result_t   result;
    fixture_t              f = { failures, nfailures, 0 };

    static const events_json_limits_t  limits = { 1000, 1000, 8 };

    text = malloc(nevents * 8 + 2);
    p = text;

    for (i = 0; i < nevents; i++) {
        p += sprintf(p, "%c[%u] ", i ? ',' : '[', i);
    }

    strcpy(p, "]");
    str = unit_str(text);

    assert_int_equal(unit_json_parse(&str, EVENTS_JSON_VALUE, &limits,
                                     add_failures, &f, &result),
                     EVENTS_OK);
    assert_int_equal(f.nadded, failures->nelts);

    free(text);
}


static void
test_at_most_20(void **state)
{
    uint32_t           i;
    events_failures_t  failures = { 0 };

    add_events(&failures, 20, 1);
    assert_int_equal(failures.nelts, EVENTS_MAX_FAILURES);
    assert_int_equal(failures.truncated, 0);

    events_failures_reset(&failures, SIZE_MAX);
    add_events(&failures, 500, 3);
    assert_int_equal(failures.nelts, EVENTS_MAX_FAILURES);
    assert_int_equal(failures.truncated, 1);

    for (i = 0; i < failures.nelts; i++) {
        assert_int_equal(failures.elts[i].index, i / 3);
        assert_int_equal(events_failures_is_first(&failures, i), i % 3 == 0);
    }

    events_failures_destroy(&failures);
}


static void
test_first_of_every_event(void **state)
{
    uint32_t           i;
    events_failures_t  failures = { 0 };

    failures.every_event = 1;
    add_events(&failures, 500, 3);

    /* 6 events with 3, one with 2, and the others with one each */

    assert_int_equal(failures.nelts, 20 + 493);
    assert_int_equal(failures.truncated, 1);

    for (i = 20; i < failures.nelts; i++) {
        assert_int_equal(failures.elts[i].index, i - 13);
        assert_int_equal(failures.elts[i].detail[0], '0');
        assert_true(events_failures_is_first(&failures, i));
    }

    events_failures_reset(&failures, SIZE_MAX);
    assert_int_equal(failures.every_event, 0);

    failures.every_event = 1;
    add_events(&failures, 500, 1);
    assert_int_equal(failures.nelts, 500);
    assert_int_equal(failures.truncated, 0);

    events_failures_destroy(&failures);
}


static void
test_memory_is_given_back(void **state)
{
    uint32_t           nalloc;
    events_failures_t  failures = { 0 };

    failures.every_event = 1;
    add_events(&failures, 500, 1);
    nalloc = failures.nalloc;

    events_failures_reset(&failures, nalloc * sizeof(events_failure_t));
    assert_int_equal(failures.nalloc, nalloc);
    assert_int_equal(failures.nelts, 0);

    events_failures_reset(&failures, nalloc * sizeof(events_failure_t) - 1);
    assert_int_equal(failures.nalloc, 0);
    assert_null(failures.elts);

    add_events(&failures, 1, 1);
    assert_int_equal(failures.nelts, 1);

    events_failures_destroy(&failures);
}


static events_error_e
validate_without_memory(void *data, const events_json_event_t *event)
{
    events_schema_t        *schema;
    events_failures_t       failures = { 0 };
    events_schema_error_t   error;

    schema = events_schema_compile((u_char *) "false", 5, 0, &error);

    assert_int_equal(events_schema_validate(schema, event, &failures),
                     EVENTS_INVALID_EVENTS);

    failures.no_memory = 1;
    assert_int_equal(events_schema_validate(schema, event, &failures),
                     EVENTS_NO_MEMORY);

    events_failures_destroy(&failures);
    events_schema_destroy(schema);

    return EVENTS_OK;
}


static void
test_no_memory(void **state)
{
    events_json_result_t       result;
    static const events_str_t  text = events_string("{}");

    static const events_json_limits_t  limits = { 1, 1000, 8 };

    unit_json_parse(&text, EVENTS_JSON_VALUE, &limits, validate_without_memory,
                    NULL, &result);
}


static void
add(events_failures_t *failures, const char *code, const char *pointer)
{
    events_failure_t  *failure;

    failure = &failures->elts[failures->nelts];

    failure->index = failures->nelts++;
    failure->code = code;
    failure->pointer_len = strlen(pointer);
    memcpy(failure->pointer, pointer, failure->pointer_len);
}


static void
test_summary(void **state)
{
    char               text[512], small[64];
    unsigned           i;
    events_failures_t  failures = { 0 };

    failures.elts = calloc(20, sizeof(events_failure_t));
    failures.nalloc = 20;

    assert_string_equal(events_failures_summary(&failures, text, 512), "");

    add(&failures, "required", "/brand");
    assert_string_equal(events_failures_summary(&failures, text, 512),
                        "required /brand");

    /* one of each; without a pointer it is the event itself */

    add(&failures, "required", "/brand");
    add(&failures, "enum", "/brand");
    add(&failures, "type", "");
    add(&failures, "required", "/brand");
    assert_string_equal(events_failures_summary(&failures, text, 512),
                        "required /brand x3, enum /brand, type");

    /* names are the client's */

    add(&failures, "type", "/a\n\"\\\x7F\xC3\xA9~1");
    assert_string_equal(events_failures_summary(&failures, text, 512),
                        "required /brand x3, enum /brand, type, "
                        "type /a\\x0A\\x22\\x5C\\x7F\\xC3\\xA9~1");

    add(&failures, "type", "/b");
    assert_string_equal(events_failures_summary(&failures, text, 512),
                        "required /brand x3, enum /brand, type, "
                        "type /a\\x0A\\x22\\x5C\\x7F\\xC3\\xA9~1, type /b");

    add(&failures, "type", "/c");
    assert_string_equal(events_failures_summary(&failures, text, 512),
                        "required /brand x3, enum /brand, type, "
                        "type /a\\x0A\\x22\\x5C\\x7F\\xC3\\xA9~1, type /b, "
                        "...");

    /* what does not fit */

    for (i = 8; i <= sizeof(small); i++) {
        memset(small, 'x', sizeof(small));
        events_failures_summary(&failures, small, i);
        assert_true(strlen(small) < i);
        assert_string_equal(small + strlen(small) - 3, "...");
    }

    events_failures_destroy(&failures);
}


static void
test_summary_of_arrays(void **state)
{
    char               text[512];
    unsigned           i;
    events_failures_t  failures = { 0 };

    static const char  *pointers[] = {
        "/list/0/id", "/list/17/id", "/list/1a/id", "/0", "/list/x/0/1",
        "/list/x/2/0"
    };

    failures.elts = calloc(20, sizeof(events_failure_t));
    failures.nalloc = 20;

    for (i = 0; i < 6; i++) {
        add(&failures, "required", pointers[i]);
    }

    assert_string_equal(events_failures_summary(&failures, text, 512),
                        "required /list/*/id x2, required /list/1a/id, "
                        "required /*, required /list/x/*/* x2");

    /* what is not listed is told */

    failures.truncated = 1;
    failures.nelts = 2;
    assert_string_equal(events_failures_summary(&failures, text, 512),
                        "required /list/*/id x2, ...");

    events_failures_destroy(&failures);
}


static void
test_summary_of_very_many(void **state)
{
    char               text[512];
    unsigned           i;
    events_failures_t  failures = { 0 };

    failures.elts = calloc(5000, sizeof(events_failure_t));
    failures.nalloc = 5000;

    for (i = 0; i < 1000; i++) {
        add(&failures, "type", (i % 2) ? "" : "/a");
    }

    assert_string_equal(events_failures_summary(&failures, text, 512),
                        "type /a x500, type x500");

    /* beyond that nobody looks */

    for (i = 0; i < 4000; i++) {
        add(&failures, "type", "");
    }

    assert_string_equal(events_failures_summary(&failures, text, 512),
                        "type /a x500, type x500, ...");

    events_failures_destroy(&failures);
}


static void
test_summary_of_long_names(void **state)
{
    char               text[512], name[EVENTS_MAX_POINTER + 1];
    events_failures_t  failures = { 0 };

    failures.elts = calloc(20, sizeof(events_failure_t));
    failures.nalloc = 20;

    memset(name, '\n', sizeof(name));
    name[EVENTS_MAX_POINTER] = '\0';

    add(&failures, "unevaluatedProperties", name);
    events_failures_summary(&failures, text, sizeof(text));

    assert_in_range(strlen(text), 80, 95);
    assert_null(strchr(text, '\n'));
    assert_string_equal(text + strlen(text) - 7, "\\x0A...");

    events_failures_destroy(&failures);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_at_most_20),
        cmocka_unit_test(test_first_of_every_event),
        cmocka_unit_test(test_memory_is_given_back),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_summary_of_arrays),
        cmocka_unit_test(test_summary_of_very_many),
        cmocka_unit_test(test_summary_of_long_names)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
