
#include "unit_json.h"

#include "events_lookup.h"


typedef struct {
    const char  *pointer;
    const char  *error;
} refused_t;


typedef struct {
    const char  *event;
    const char  *pointer;
    const char  *value;         /* NULL: it has none */
} found_t;


static const char *
compile(events_lookup_t *lookup, const char *pointer, u_char **storage)
{
    events_str_t  str;

    str = unit_str(pointer);

    /* no more than the pointer's length is ever needed */

    *storage = malloc(str.len ? str.len : 1);

    return events_lookup_compile(lookup, &str, *storage);
}


static void
test_compile(void **state)
{
    u_char           *storage;
    events_lookup_t   lookup;

    assert_null(compile(&lookup, "/entity/id", &storage));
    assert_int_equal(lookup.nsteps, 2);
    unit_str_equal(&lookup.steps[0].name, "entity");
    unit_str_equal(&lookup.steps[1].name, "id");
    assert_int_equal(lookup.steps[1].hash,
                     events_json_hash((u_char *) "id", 2));
    free(storage);

    assert_null(compile(&lookup, "/~0a~1b~01/", &storage));
    assert_int_equal(lookup.nsteps, 2);
    unit_str_equal(&lookup.steps[0].name, "~a/b~1");
    assert_int_equal(lookup.steps[1].name.len, 0);
    assert_int_equal(lookup.steps[1].is_element, 0);
    free(storage);

    assert_null(compile(&lookup, "/0/10/01/1a/999999999/1000000000/-",
                        &storage));
    assert_int_equal(lookup.steps[0].is_element, 1);
    assert_int_equal(lookup.steps[0].element, 0);
    assert_int_equal(lookup.steps[1].is_element, 1);
    assert_int_equal(lookup.steps[1].element, 10);
    assert_int_equal(lookup.steps[2].is_element, 0);
    assert_int_equal(lookup.steps[3].is_element, 0);
    assert_int_equal(lookup.steps[4].element, 999999999);
    assert_int_equal(lookup.steps[5].is_element, 0);
    assert_int_equal(lookup.steps[6].is_element, 0);
    free(storage);

    assert_null(compile(&lookup, "/1/2/3/4/5/6/7/8", &storage));
    assert_int_equal(lookup.nsteps, EVENTS_LOOKUP_STEPS);
    free(storage);
}


static void
test_refused(void **state)
{
    u_char           *storage;
    unsigned          i;
    events_lookup_t   lookup;

    static const refused_t  cases[] = {
        { "", "a JSON Pointer starts with \"/\"" },
        { "a", "a JSON Pointer starts with \"/\"" },
        { "#/a", "a JSON Pointer starts with \"/\"" },
        { "/~", "in a JSON Pointer \"~\" is written \"~0\"" },
        { "/a~/b", "in a JSON Pointer \"~\" is written \"~0\"" },
        { "/~2", "in a JSON Pointer \"~\" is written \"~0\"" },
        { "/1/2/3/4/5/6/7/8/9", "the JSON Pointer has more than 8 steps" },
        { "/1/2/3/4/5/6/7/8/", "the JSON Pointer has more than 8 steps" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        assert_string_equal(compile(&lookup, cases[i].pointer, &storage),
                            cases[i].error);
        free(storage);
    }
}


static events_error_e
find(void *data, const events_json_event_t *event)
{
    u_char                    *storage;
    events_str_t               value;
    const found_t             *c = data;
    events_lookup_t            lookup;
    const events_json_node_t  *node;

    assert_null(compile(&lookup, c->pointer, &storage));

    node = events_lookup_find(&lookup, event);

    if (node == NULL) {
        if (c->value != NULL) {
            fail_msg("%s in %s", c->pointer, c->event);
        }

    } else {
        value.data = event->text + node->offset;
        value.len = node->len;
        unit_str_equal(&value, c->value ? c->value : "nothing");
    }

    free(storage);

    return EVENTS_OK;
}


static void
test_find(void **state)
{
    unsigned  i;

    static const found_t  cases[] = {
        { "{\"a\":1}", "/a", "1" },
        { "{\"a\":1}", "/b", NULL },
        { "{}", "/a", NULL },
        { "{\"a\":null}", "/a", "null" },
        { "{\"x\":{\"y\":[1]},\"a\":{\"b\":{\"c\":\"v\"}}}", "/a/b/c",
          "\"v\"" },
        { "{\"a\":{\"b\":1}}", "/a/b/c", NULL },
        { "{\"a\":\"b\"}", "/a/b", NULL },
        { "{\"\":2}", "/", "2" },
        { "{\"\":{\"\":3}}", "//", "3" },
        { "{\"a/b\":{\"~\":4}}", "/a~1b/~0", "4" },
        { "{\"\\u0061\":5}", "/a", "5" },
        { "{\"a\":[10,[20,21],{\"b\":30}]}", "/a/0", "10" },
        { "{\"a\":[10,[20,21],{\"b\":30}]}", "/a/1", "[20,21]" },
        { "{\"a\":[10,[20,21],{\"b\":30}]}", "/a/1/1", "21" },
        { "{\"a\":[10,[20,21],{\"b\":30}]}", "/a/2/b", "30" },
        { "{\"a\":[10,[20,21],{\"b\":30}]}", "/a/3", NULL },
        { "{\"a\":[10,[20,21],{\"b\":30}]}", "/a/-", NULL },
        { "{\"a\":[10,[20,21],{\"b\":30}]}", "/a/00", NULL },
        { "{\"a\":[10,[20,21],{\"b\":30}]}", "/a/9999999999", NULL },
        { "{\"a\":[]}", "/a/0", NULL },
        { "{\"0\":6}", "/0", "6" },
        { "{\"a\":1,\"a\":2}", "/a", "1" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        unit_json_event(cases[i].event, find, (void *) &cases[i]);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_compile),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_find)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
