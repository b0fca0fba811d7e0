
#include "unit_json.h"

#include "events_batch.h"


typedef struct {
    const char      *brands;        /* that may be sent */
    const char      *body;
    events_error_e   error;
    const char      *brand;         /* of the batch; NULL: none */
    uint32_t         index;         /* of the event that may not be sent */
} brand_case_t;


static events_batch_t    *batch;
static events_schema_t   *any;
static events_renames_t   renames;


static int
setup(void **state)
{
    events_schema_error_t  error;

    static u_char              storage[EVENTS_RENAME_STORAGE];
    static const events_str_t  names[2] = {
        events_string("tenant"), events_string("brand")
    };

    batch = events_batch_create();
    any = events_schema_compile((u_char *) "true", 4, 0, &error);

    assert_non_null(batch);
    assert_non_null(any);
    assert_null(events_rename_add(&renames, &names[0], &names[1],
                                  EVENTS_RENAME_BOTH, EVENTS_RENAME_NEW,
                                  storage));
    return 0;
}


static int
teardown(void **state)
{
    events_batch_destroy(batch);
    events_schema_destroy(any);

    return 0;
}


static void
test_brands(void **state)
{
    unsigned              i;
    u_char               *body;
    events_error_e        error;
    const brand_case_t   *c;
    events_batch_conf_t   conf;

    static const brand_case_t  cases[] = {

        /* any */

        { "", "{\"brand\":\"a\"}", EVENTS_OK, "a", 0 },
        { "", "[{\"brand\":\"a\"},{\"brand\":\"\\u0061\"}]", EVENTS_OK, "a",
          0 },
        { "", "[{\"brand\":\"\\u0061\"},{\"brand\":\"a\"}]", EVENTS_OK, "a",
          0 },
        { "", "[{\"brand\":\"a\"},{\"brand\":\"b\"},{\"brand\":\"a\"}]",
          EVENTS_OK, NULL, 0 },
        { "", "[{\"brand\":\"a\"},{}]", EVENTS_OK, NULL, 0 },
        { "", "[{},{\"brand\":\"a\"}]", EVENTS_OK, NULL, 0 },
        { "", "[{\"tenant\":\"a\"},{\"brand\":\"a\"}]", EVENTS_OK, "a", 0 },
        { "", "{\"brand\":\"\"}", EVENTS_OK, "", 0 },
        { "", "[]", EVENTS_OK, NULL, 0 },

        /* invalid events have a brand as well */

        { "", "[{\"brand\":\"a\"},{\"brand\":\"a\",\"x\":1,\"x\":1}]",
          EVENTS_INVALID_EVENTS, "a", 0 },
        { "", "[{\"brand\":\"a\"},7]", EVENTS_INVALID_EVENTS, NULL, 0 },

        /* those of a list */

        { "a", "{\"brand\":\"a\"}", EVENTS_OK, "a", 0 },
        { "b,a", "{\"brand\":\"\\u0061\"}", EVENTS_OK, "a", 0 },
        { " b , a ", "{\"brand\":\"a\"}", EVENTS_OK, "a", 0 },
        { "b, ,a", "[{\"brand\":\"a\"},{\"brand\":\"b\"}]", EVENTS_OK, NULL,
          0 },
        { "a", "[{\"brand\":\"a\"},{\"brand\":\"b\"}]",
          EVENTS_BRAND_NOT_ALLOWED, "b", 1 },
        { "a", "[{\"brand\":\"aa\"}]", EVENTS_BRAND_NOT_ALLOWED, "aa", 0 },
        { "aa", "[{\"brand\":\"a\"}]", EVENTS_BRAND_NOT_ALLOWED, "a", 0 },
        { "a,b", "[{\"brand\":\"a,b\"}]", EVENTS_BRAND_NOT_ALLOWED, "a,b",
          0 },
        { "a", "[{\"brand\":\"a\"},{\"brand\":\"a\"},{}]",
          EVENTS_BRAND_NOT_ALLOWED, NULL, 2 },
        { "a", "[{\"brand\":[\"a\"]}]", EVENTS_BRAND_NOT_ALLOWED, NULL, 0 },
        { "a,,b", "[{\"brand\":\"\"}]", EVENTS_BRAND_NOT_ALLOWED, "", 0 },
        { ",", "[{\"brand\":\"\"}]", EVENTS_BRAND_NOT_ALLOWED, "", 0 },
        { ",", "[{\"brand\":\"a\"}]", EVENTS_BRAND_NOT_ALLOWED, "a", 0 },

        /* what has no brand because it is no event is rejected as that */

        { "a", "[7,{\"brand\":\"a\"}]", EVENTS_INVALID_EVENTS, NULL, 0 },

        /* a reader that takes the other one must not find what is forbidden */

        { "a", "{\"brand\":\"a\",\"brand\":\"b\"}", EVENTS_BRAND_NOT_ALLOWED,
          "a", 0 },
        { "a", "{\"tenant\":\"a\"}", EVENTS_OK, "a", 0 },
        { "a", "{\"tenant\":\"b\"}", EVENTS_BRAND_NOT_ALLOWED, "b", 0 },
        { "a", "{\"tenant\":\"a\",\"brand\":\"a\"}", EVENTS_OK, "a", 0 },
        { "a", "{\"tenant\":\"b\",\"brand\":\"a\"}", EVENTS_BRAND_NOT_ALLOWED,
          "a", 0 },
        { "a", "{\"tenant\":\"a\",\"tenant\":\"b\"}",
          EVENTS_BRAND_NOT_ALLOWED, "a", 0 }
    };

    memset(&conf, 0, sizeof(events_batch_conf_t));

    conf.limits.max_events = 10;
    conf.limits.max_event_size = 1000;
    conf.limits.max_depth = 8;
    conf.schema = any;
    conf.transform.renames = &renames;

    for (i = 0; i < unit_nelts(cases); i++) {
        c = &cases[i];

        conf.brands = unit_str(c->brands);
        body = unit_copy(c->body, strlen(c->body));

        error = events_batch_read(batch, body, strlen(c->body), &conf);

        if (error != c->error) {
            fail_msg("\"%s\": %s: %d", c->brands, c->body, error);
        }

        unit_str_equal(&batch->brand, c->brand);

        if (error == EVENTS_BRAND_NOT_ALLOWED) {
            assert_int_equal(batch->result.index, c->index);
        }

        free(body);
    }
}


/* a dry run publishes what is invalid, but nothing of another brand */

static void
test_dry_run(void **state)
{
    unsigned              i;
    events_batch_conf_t   conf;

    static const char *const  bodies[] = {
        "7", "[{\"brand\":\"a\"},\"a\"]", "{}", "{\"brand\":\"b\"}",
        "{\"brand\":\"a\",\"brand\":\"b\"}",
        "{\"tenant\":\"b\",\"brand\":\"a\"}"
    };

    memset(&conf, 0, sizeof(events_batch_conf_t));

    conf.limits.max_events = 10;
    conf.limits.max_event_size = 1000;
    conf.limits.max_depth = 8;
    conf.schema = any;
    conf.transform.renames = &renames;
    conf.brands = unit_str("a");
    conf.dry_run = 1;

    for (i = 0; i < unit_nelts(bodies); i++) {
        assert_int_equal(events_batch_read(batch, (u_char *) bodies[i],
                                           strlen(bodies[i]), &conf),
                         EVENTS_BRAND_NOT_ALLOWED);
    }

    conf.brands = unit_str("");

    assert_int_equal(events_batch_read(batch, (u_char *) "7", 1, &conf),
                     EVENTS_OK);
    assert_int_equal(batch->nrecords, 1);
    assert_int_equal(batch->rejected, 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_brands),
        cmocka_unit_test(test_dry_run)
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
