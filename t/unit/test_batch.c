
#include "unit_json.h"

#include "events_batch.h"


typedef struct {
    events_batch_t       *batch;
    events_batch_conf_t   conf;
} fixture_t;


static const char  contract[] =
    "{\"type\":\"object\",\"required\":[\"a\"],"
    "\"properties\":{\"a\":{\"type\":\"integer\"}}}";


static int
setup(void **state)
{
    fixture_t              *f;
    events_schema_error_t   error;

    f = calloc(1, sizeof(fixture_t));

    f->batch = events_batch_create();
    f->conf.limits.max_events = 1000;
    f->conf.limits.max_event_size = 1 << 20;
    f->conf.limits.max_depth = 8;
    f->conf.schema = events_schema_compile((u_char *) contract,
                                           sizeof(contract) - 1, 0, &error);

    assert_non_null(f->batch);
    assert_non_null(f->conf.schema);

    *state = f;

    return 0;
}


static int
teardown(void **state)
{
    fixture_t *f = *state;

    events_batch_destroy(f->batch);
    events_schema_destroy((events_schema_t *) f->conf.schema);
    free(f);

    return 0;
}


static events_error_e
read_text(fixture_t *f, const char *text)
{
    return events_batch_read(f->batch, (u_char *) text, strlen(text),
                             &f->conf);
}


static void
check(const fixture_t *f, uint32_t received, uint32_t rejected,
    uint32_t nrecords)
{
    assert_int_equal(f->batch->received, received);
    assert_int_equal(f->batch->rejected, rejected);
    assert_int_equal(f->batch->nrecords, nrecords);
}


static void
test_accepted(void **state)
{
    fixture_t *f = *state;

    assert_int_equal(read_text(f, "[{\"a\":1}, {\"a\":2,\"brand\":\"x\"}]"),
                     EVENTS_OK);
    check(f, 2, 0, 2);
    unit_str_equal(&f->batch->records[0].value, "{\"a\":1}");
    unit_str_equal(&f->batch->records[0].brand, NULL);
    unit_str_equal(&f->batch->records[1].value, "{\"a\":2,\"brand\":\"x\"}");
    unit_str_equal(&f->batch->records[1].brand, "x");
    assert_int_equal(f->batch->failures.nelts, 0);
    assert_int_equal(f->batch->single, 0);

    assert_int_equal(read_text(f, " {\"a\":3} "), EVENTS_OK);
    check(f, 1, 0, 1);
    unit_str_equal(&f->batch->records[0].value, "{\"a\":3}");
    assert_int_equal(f->batch->single, 1);

    assert_int_equal(read_text(f, "[]"), EVENTS_OK);
    check(f, 0, 0, 0);
    assert_int_equal(f->batch->single, 0);
}


static void
test_rejected(void **state)
{
    fixture_t         *f = *state;
    events_failure_t  *failure;

    assert_int_equal(read_text(f, "[{\"a\":1},{},{\"a\":\"x\"}]"),
                     EVENTS_INVALID_EVENTS);
    check(f, 3, 2, 1);
    assert_int_equal(f->batch->failures.nelts, 2);

    failure = &f->batch->failures.elts[0];
    assert_int_equal(failure->index, 1);
    assert_string_equal(failure->code, "required");
    assert_int_equal(failure->pointer_len, 2);
    assert_memory_equal(failure->pointer, "/a", 2);

    failure = &f->batch->failures.elts[1];
    assert_int_equal(failure->index, 2);
    assert_string_equal(failure->code, "type");

    /* nothing of it is left in the next one */

    assert_int_equal(read_text(f, "{\"a\":1}"), EVENTS_OK);
    check(f, 1, 0, 1);
    assert_int_equal(f->batch->failures.nelts, 0);
}


static void
test_not_an_object(void **state)
{
    unsigned               i;
    fixture_t             *f = *state;
    const char            *detail;
    events_failure_t      *failure;
    events_schema_t       *any;
    const events_schema_t *kept;
    events_schema_error_t  error;

    static const char *const  events[] = {
        "[null]", "[true]", "[1]", "[\"a\"]", "[[]]", "[[{\"a\":1}]]"
    };

    /* whatever the contract says */

    any = events_schema_compile((u_char *) "true", 4, 0, &error);
    kept = f->conf.schema;
    f->conf.schema = any;
    detail = "must be an object";

    for (i = 0; i < unit_nelts(events); i++) {
        assert_int_equal(read_text(f, events[i]), EVENTS_INVALID_EVENTS);
        check(f, 1, 1, 0);

        failure = &f->batch->failures.elts[0];

        assert_string_equal(failure->code, "type");
        assert_int_equal(failure->pointer_len, 0);
        assert_int_equal(failure->detail_len, strlen(detail));
        assert_memory_equal(failure->detail, detail, strlen(detail));
    }

    assert_int_equal(read_text(f, "{\"any\":[]}"), EVENTS_OK);

    f->conf.schema = kept;
    events_schema_destroy(any);
}


static void
test_duplicate_member(void **state)
{
    fixture_t *f = *state;

    assert_int_equal(read_text(f, "[{\"a\":1},{\"a\":1,\"a\":1}]"),
                     EVENTS_INVALID_EVENTS);
    check(f, 2, 1, 1);
    assert_string_equal(f->batch->failures.elts[0].code, "duplicate_member");
}


static void
test_parse_errors(void **state)
{
    fixture_t *f = *state;

    assert_int_equal(read_text(f, ""), EVENTS_EMPTY_BODY);
    check(f, 0, 0, 0);

    /* worse than events that are invalid */

    assert_int_equal(read_text(f, "[{},{\"a\":1},{"), EVENTS_INVALID_JSON);
    assert_int_equal(f->batch->result.offset, 13);
    assert_int_equal(f->batch->result.index, 2);
    assert_int_equal(f->batch->result.error, EVENTS_INVALID_JSON);

    assert_int_equal(read_text(f, "[[[[[[[[[["), EVENTS_TOO_DEEP);

    f->conf.limits.max_events = 2;
    assert_int_equal(read_text(f, "[{},{},{}]"), EVENTS_TOO_MANY_EVENTS);
    assert_int_equal(f->batch->result.index, 2);

    f->conf.limits.max_event_size = 8;
    assert_int_equal(read_text(f, "{\"a\":123}"), EVENTS_EVENT_TOO_LARGE);
}


/* a stamp or a key made it larger than Kafka would take */

static void
test_record_too_large(void **state)
{
    fixture_t       *f = *state;
    events_stamp_t   stamp;

    stamp.lookup = NULL;
    stamp.name = unit_str("t");
    stamp.value = unit_str("now");
    stamp.hash = events_json_hash(stamp.name.data, stamp.name.len);

    f->conf.transform.stamps = &stamp;
    f->conf.transform.nstamps = 1;
    f->conf.transform.key = unit_str("key");

    f->conf.max_record = sizeof("{\"a\":1,\"t\":\"now\"}key") - 1;
    assert_int_equal(read_text(f, "[{\"a\":1}]"), EVENTS_OK);

    f->conf.max_record--;
    assert_int_equal(read_text(f, "[{\"a\":1}]"), EVENTS_EVENT_TOO_LARGE);
    assert_int_equal(f->batch->max_size, f->conf.max_record);
    assert_int_equal(f->batch->result.index, 0);
}


static void
test_lines(void **state)
{
    fixture_t *f = *state;

    f->conf.framing = EVENTS_JSON_LINES;

    assert_int_equal(read_text(f, "{\"a\":1}\n{}\n{\"a\":2}\n"),
                     EVENTS_INVALID_EVENTS);
    check(f, 3, 1, 2);
    assert_int_equal(f->batch->failures.elts[0].index, 1);
    assert_int_equal(f->batch->single, 0);
}


static void
test_failures_are_bounded(void **state)
{
    char        text[4096], *p;
    unsigned    i;
    fixture_t  *f = *state;

    p = text;

    for (i = 0; i < 30; i++) {
        p += sprintf(p, "%s{}", i ? "," : "[");
    }

    strcpy(p, "]");

    assert_int_equal(read_text(f, text), EVENTS_INVALID_EVENTS);
    check(f, 30, 30, 0);
    assert_int_equal(f->batch->failures.nelts, EVENTS_MAX_FAILURES);
    assert_int_equal(f->batch->failures.truncated, 1);

    assert_int_equal(read_text(f, "{\"a\":1}"), EVENTS_OK);
    assert_int_equal(f->batch->failures.truncated, 0);
}


static void
test_partial(void **state)
{
    fixture_t *f = *state;

    f->conf.partial = 1;

    assert_int_equal(read_text(f, "[{\"a\":1},{},{\"a\":3},2,{\"a\":5}]"),
                     EVENTS_OK);
    check(f, 5, 2, 3);
    unit_str_equal(&f->batch->records[0].value, "{\"a\":1}");
    unit_str_equal(&f->batch->records[1].value, "{\"a\":3}");
    unit_str_equal(&f->batch->records[2].value, "{\"a\":5}");
    assert_int_equal(f->batch->failures.nelts, 2);

    /* all of it, none of it, and what is no batch at all */

    assert_int_equal(read_text(f, "[{},{}]"), EVENTS_INVALID_EVENTS);
    check(f, 2, 2, 0);

    assert_int_equal(read_text(f, "{}"), EVENTS_INVALID_EVENTS);
    assert_int_equal(read_text(f, "[{\"a\":1}]"), EVENTS_OK);
    check(f, 1, 0, 1);

    assert_int_equal(read_text(f, "[]"), EVENTS_OK);
    assert_int_equal(read_text(f, "[{\"a\":1},{},"), EVENTS_INVALID_JSON);

    f->conf.max_record = 8;
    assert_int_equal(read_text(f, "[{},{\"a\":1234}]"),
                     EVENTS_EVENT_TOO_LARGE);
}


/* each rejected event has a failure, with its own bytes */

static void
test_every_event(void **state)
{
    char                     text[8192], event[32], *p;
    unsigned                 i;
    fixture_t               *f = *state;
    const events_failure_t  *failure;

    f->conf.partial = 1;

    p = text;

    for (i = 0; i < 500; i++) {
        p += sprintf(p, (i % 2) ? "%c {\"b\":%u} " : "%c{\"a\":%u}",
                     i ? ',' : '[', i);
    }

    strcpy(p, "]");

    assert_int_equal(read_text(f, text), EVENTS_OK);
    check(f, 500, 250, 250);
    assert_int_equal(f->batch->failures.nelts, 250);
    assert_int_equal(f->batch->failures.truncated, 0);

    for (i = 0; i < 250; i++) {
        failure = &f->batch->failures.elts[i];
        sprintf(event, "{\"b\":%u}", 2 * i + 1);

        assert_int_equal(failure->index, 2 * i + 1);
        assert_string_equal(failure->code, "required");
        unit_str_equal(&failure->event, event);

        sprintf(event, "{\"a\":%u}", 2 * i);
        unit_str_equal(&f->batch->records[i].value, event);
    }

    /* an answer that lists 20 is no reason to keep more */

    f->conf.partial = 0;
    assert_int_equal(read_text(f, text), EVENTS_INVALID_EVENTS);
    assert_int_equal(f->batch->failures.nelts, 20);

    f->conf.every_event = 1;
    assert_int_equal(read_text(f, text), EVENTS_INVALID_EVENTS);
    assert_int_equal(f->batch->failures.nelts, 250);
}


/* what has no members is published as it came */

static void
test_dry_run(void **state)
{
    unsigned         i;
    fixture_t       *f = *state;
    events_stamp_t   stamp;

    static const char *const  values[] = {
        "{\"a\":1,\"t\":\"now\"}", "{\"t\":\"now\"}",
        "{\"a\":1,\"a\":2,\"t\":\"now\"}", "null", "true", "-1.5e3", "\"a\"",
        "[]", "[[{\"a\":1}],0]"
    };

    stamp.lookup = NULL;
    stamp.name = unit_str("t");
    stamp.value = unit_str("now");
    stamp.hash = events_json_hash(stamp.name.data, stamp.name.len);

    f->conf.transform.stamps = &stamp;
    f->conf.transform.nstamps = 1;
    f->conf.transform.key = unit_str("key");
    f->conf.dry_run = 1;

    assert_int_equal(read_text(f, "[{\"a\":1}, {}, {\"a\":1,\"a\":2}, null, "
                                  "true, -1.5e3, \"a\", [], "
                                  "[[{\"a\":1}],0] ]"),
                     EVENTS_OK);
    check(f, 9, 8, 9);

    for (i = 0; i < unit_nelts(values); i++) {
        unit_str_equal(&f->batch->records[i].value, values[i]);
        unit_str_equal(&f->batch->records[i].key, i < 3 ? "key" : NULL);
        unit_str_equal(&f->batch->records[i].brand, NULL);
    }

    assert_string_equal(f->batch->failures.elts[1].code, "duplicate_member");

    assert_int_equal(read_text(f, "{}"), EVENTS_OK);
    check(f, 1, 1, 1);
    assert_int_equal(read_text(f, "{"), EVENTS_INVALID_JSON);
}


/* records grow with the batch; values spliced for stamps stay where they are */

static void
test_many_stamped(void **state)
{
    char            *text, *p;
    char             value[64];
    unsigned         i, n;
    fixture_t       *f = *state;
    events_stamp_t   stamp;

    stamp.lookup = NULL;
    stamp.name = unit_str("t");
    stamp.value = unit_str("now");
    stamp.hash = events_json_hash(stamp.name.data, stamp.name.len);

    f->conf.transform.stamps = &stamp;
    f->conf.transform.nstamps = 1;
    f->conf.limits.max_events = 10000;

    text = malloc(10000 * 32);

    for (n = 0; n < 2; n++) {
        p = text;

        for (i = 0; i < 10000; i++) {
            p += sprintf(p, "%s{\"t\":0,\"a\":%u}", i ? "," : "[", i);
        }

        strcpy(p, "]");

        assert_int_equal(read_text(f, text), EVENTS_OK);
        check(f, 10000, 0, 10000);

        for (i = 0; i < 10000; i++) {
            sprintf(value, "{\"a\":%u,\"t\":\"now\"}", i);
            unit_str_equal(&f->batch->records[i].value, value);
        }
    }

    free(text);
}


static void
test_destroy_nothing(void **state)
{
    events_batch_destroy(NULL);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rejected, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_an_object, setup, teardown),
        cmocka_unit_test_setup_teardown(test_duplicate_member, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_parse_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_record_too_large, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failures_are_bounded, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_partial, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_event, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dry_run, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_stamped, setup, teardown),
        cmocka_unit_test(test_destroy_nothing)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
