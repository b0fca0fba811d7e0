
#include "unit_json.h"

#include "events_record.h"


#define MAX_STAMPS  4


typedef struct {
    const char  *event;
    const char  *stamps[2 * MAX_STAMPS + 1];    /* names and values */
    const char  *value;
} stamp_t;


typedef struct {
    const char  *event;
    const char  *pointer;       /* NULL: the key is fixed */
    const char  *fixed;
    const char  *key;           /* NULL: none */
} record_key_t;


typedef struct {
    const char  *event;
    const char  *brand;
} brand_t;


static events_arena_t  arena;


/* without renames */

static events_error_e
build(events_record_t *record, const events_json_event_t *event,
    const events_transform_t *transform)
{
    events_source_t     source;
    events_transform_t  prepared;

    source.event = event;
    source.view = event;
    source.renamed = NULL;
    source.brand = events_record_brand(event);

    prepared = *transform;
    assert_true(events_record_prepare(&prepared, &arena));

    return events_record_build(record, &source, &prepared, &arena);
}


static events_error_e
check_stamp(void *data, const events_json_event_t *event)
{
    unsigned             n;
    const stamp_t       *c = data;
    events_stamp_t       stamps[MAX_STAMPS];
    events_record_t      record;
    events_transform_t   transform;

    memset(&transform, 0, sizeof(events_transform_t));

    for (n = 0; c->stamps[2 * n] != NULL; n++) {
        stamps[n].lookup = NULL;
        stamps[n].name = unit_str(c->stamps[2 * n]);
        stamps[n].value = unit_str(c->stamps[2 * n + 1]);
        stamps[n].hash = events_json_hash(stamps[n].name.data,
                                          stamps[n].name.len);
    }

    memset(&record, 0xff, sizeof(events_record_t));
    transform.stamps = stamps;
    transform.nstamps = n;

    assert_int_equal(build(&record, event, &transform),
                     EVENTS_OK);
    unit_str_equal(&record.value, c->value);

    if (n == 0) {
        assert_ptr_equal(record.value.data,
                         event->text + event->nodes[0].offset);
    }

    return EVENTS_OK;
}


static void
test_stamps(void **state)
{
    unsigned  i;

    static const stamp_t  cases[] = {

        /* none: the client's own bytes */

        { " { \"a\" : 1 } ", { NULL }, "{ \"a\" : 1 }" },

        /* added */

        { "{}", { "t", "1" }, "{\"t\":\"1\"}" },
        { "{ }", { "t", "1" }, "{\"t\":\"1\"}" },
        { "{\"a\":1}", { "t", "1" }, "{\"a\":1,\"t\":\"1\"}" },
        { "{ \"a\" : 1.50 , \"b\":\t[ ] }", { "t", "1" },
          "{ \"a\" : 1.50 , \"b\":\t[ ],\"t\":\"1\"}" },
        { "{\"a\":1}", { "t", "1", "u", "", "v", "3" },
          "{\"a\":1,\"t\":\"1\",\"u\":\"\",\"v\":\"3\"}" },
        { "{\"a\":{\"t\":1}}", { "t", "2" },
          "{\"a\":{\"t\":1},\"t\":\"2\"}" },

        /* replaced: the only, the first, the middle, the last one */

        { "{ \"t\" : {\"x\":[1,2]} }", { "t", "1" }, "{\"t\":\"1\"}" },
        { "{ \"t\":0, \"a\":1, \"b\":2 }", { "t", "1" },
          "{ \"a\":1, \"b\":2,\"t\":\"1\"}" },
        { "{ \"a\":1, \"t\":0, \"b\":2 }", { "t", "1" },
          "{ \"a\":1, \"b\":2,\"t\":\"1\"}" },
        { "{ \"a\":1, \"b\":2, \"t\":0 }", { "t", "1" },
          "{ \"a\":1, \"b\":2,\"t\":\"1\"}" },

        /* several of them */

        { "{\"t\":0,\"u\":0}", { "t", "1", "u", "2" },
          "{\"t\":\"1\",\"u\":\"2\"}" },
        { "{\"t\":0,\"u\":0,\"a\":1}", { "t", "1", "u", "2" },
          "{\"a\":1,\"t\":\"1\",\"u\":\"2\"}" },
        { "{\"t\":0,\"a\":1,\"u\":0,\"b\":2,\"v\":0}",
          { "t", "1", "u", "2", "v", "3" },
          "{\"a\":1,\"b\":2,\"t\":\"1\",\"u\":\"2\",\"v\":\"3\"}" },
        { "{\"a\":1,\"t\":0,\"u\":[{}],\"b\":2}", { "u", "1", "t", "2" },
          "{\"a\":1,\"b\":2,\"u\":\"1\",\"t\":\"2\"}" },
        { "{\"a\":1,\"t\":0,\"u\":0}", { "t", "1", "u", "2" },
          "{\"a\":1,\"t\":\"1\",\"u\":\"2\"}" },
        { "{\"t\":0,\"a\":1}", { "u", "1", "t", "2" },
          "{\"a\":1,\"u\":\"1\",\"t\":\"2\"}" },

        /* as often as the client sent it */

        { "{\"t\":0,\"a\":1,\"t\":2}", { "t", "1" },
          "{\"a\":1,\"t\":\"1\"}" },

        /* names with escapes, the client's and ours */

        { "{\"\\u0074\":0,\"a\":1}", { "t", "1" }, "{\"a\":1,\"t\":\"1\"}" },
        { "{\"q\\\"\\n\":0,\"a\":1}", { "q\"\n", "1\\" },
          "{\"a\":1,\"q\\\"\\n\":\"1\\\\\"}" },
        { "{\"\xC3\xA9\":0}", { "\xC3\xA9", "\xFF" },
          "{\"\xC3\xA9\":\"\xEF\xBF\xBD\"}" },
        { "{\"T\":0,\"tt\":0,\"\":0}", { "t", "1" },
          "{\"T\":0,\"tt\":0,\"\":0,\"t\":\"1\"}" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        unit_json_event(cases[i].event, check_stamp, (void *) &cases[i]);
        events_arena_reset(&arena, 1 << 20);
    }

    events_arena_destroy(&arena);
}


static events_error_e
check_key(void *data, const events_json_event_t *event)
{
    u_char               storage[64];
    const record_key_t        *c = data;
    events_str_t         pointer;
    events_lookup_t      lookup;
    events_record_t      record;
    events_transform_t   transform;

    memset(&transform, 0, sizeof(events_transform_t));

    transform.key = unit_str(c->fixed);

    if (c->pointer != NULL) {
        pointer = unit_str(c->pointer);
        assert_null(events_lookup_compile(&lookup, &pointer, storage));
        transform.key_lookup = &lookup;
    }

    assert_int_equal(build(&record, event, &transform),
                     EVENTS_OK);
    unit_str_equal(&record.key, c->key);

    return EVENTS_OK;
}


static void
test_key(void **state)
{
    unsigned  i;

    static const record_key_t  cases[] = {
        { "{\"a\":\"k\"}", "/a", NULL, "k" },
        { "{\"a\":\"\"}", "/a", NULL, NULL },
        { "{\"a\":\"\\u006b\\n\xC3\xA9\"}", "/a", NULL, "k\n\xC3\xA9" },
        { "{\"a\":12.50}", "/a", NULL, "12.50" },
        { "{\"a\":true}", "/a", NULL, "true" },
        { "{\"a\":false}", "/a", NULL, "false" },
        { "{\"a\":null}", "/a", NULL, NULL },
        { "{\"a\":{}}", "/a", NULL, NULL },
        { "{\"a\":[1]}", "/a", NULL, NULL },
        { "{\"a\":{\"b\":\"k\"}}", "/a/b", NULL, "k" },
        { "{}", "/a", NULL, NULL },
        { "{}", "/a", "fixed", NULL },
        { "{}", NULL, "fixed", "fixed" },
        { "{}", NULL, "", NULL },
        { "{}", NULL, NULL, NULL }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        unit_json_event(cases[i].event, check_key, (void *) &cases[i]);
    }

    events_arena_destroy(&arena);
}


static events_error_e
check_brand(void *data, const events_json_event_t *event)
{
    const brand_t       *c = data;
    events_record_t      record;
    events_transform_t   transform;

    memset(&transform, 0, sizeof(events_transform_t));

    assert_int_equal(build(&record, event, &transform),
                     EVENTS_OK);
    unit_str_equal(&record.brand, c->brand);

    return EVENTS_OK;
}


static void
test_brand(void **state)
{
    unsigned  i;

    static const brand_t  cases[] = {
        { "{\"brand\":\"playtv\"}", "playtv" },
        { "{\"a\":1,\"\\u0062rand\":\"play\\u0074v\"}", "playtv" },
        { "{\"brand\":\"\"}", "" },
        { "{\"brand\":1}", NULL },
        { "{\"brand\":true}", NULL },
        { "{\"brand\":null}", NULL },
        { "{\"brand\":{\"brand\":\"x\"}}", NULL },
        { "{\"a\":{\"brand\":\"x\"}}", NULL },
        { "{}", NULL }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        unit_json_event(cases[i].event, check_brand, (void *) &cases[i]);
    }

    events_arena_destroy(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_stamps),
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_brand)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
