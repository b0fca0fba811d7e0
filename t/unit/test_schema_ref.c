
/*
 * References in contracts that are too large, or too odd, for a vector.
 */


#include "unit_schema.h"
#include "unit_json.h"

#include "events_schema_ref.h"

#include <time.h>


#define TEXT_SIZE  (5 * 1024 * 1024)

/* what is not quadratic takes some 100 ms, what is takes minutes */
#define TOO_LONG   20


typedef struct {
    const char  *pointer;       /* without the first slash */
    const char  *value;         /* NULL: there is none */
} step_case_t;


static char *
text_alloc(void)
{
    char  *text;

    text = malloc(TEXT_SIZE);
    assert_non_null(text);

    return text;
}


static void
check_error(const char *text, const char *pointer, const char *sentence)
{
    events_schema_error_t  error;

    assert_null(events_schema_compile((const unsigned char *) text,
                                      strlen(text), 0, &error));
    assert_string_equal(error.text, sentence);
    assert_string_equal(error.pointer, pointer);
}


/* a chain of references that are alone, each to the next */

static void
test_chain_of_references(void **state)
{
    char           *text, *p;
    unsigned        i;
    unit_schema_t   unit;

    text = text_alloc();
    p = text + sprintf(text, "{\"items\":{\"$ref\":\"#a0\"},\"$defs\":{");

    for (i = 0; i < 60000; i++) {
        p += sprintf(p, "\"%u\":{\"$anchor\":\"a%u\",\"$ref\":\"#a%u\"},", i,
                     i, i + 1);
    }

    sprintf(p, "\"\":{\"$anchor\":\"a60000\",\"type\":\"null\"}}}");

    unit.schema = unit_schema_compile(text);

    assert_true(unit_schema_run(&unit, "[[null, null]]"));
    assert_false(unit_schema_run(&unit, "[[null, 1]]"));
    assert_string_equal(unit_schema_lines(&unit.failures),
                        "/1 type must be null\n");

    events_schema_destroy(unit.schema);
    free(text);
}


/* each of these is applied to the same value, and says something */

static void
test_path_too_long(void **state)
{
    char                   *text, *p;
    unsigned                i, n;
    events_schema_t        *schema;
    events_schema_error_t   error;

    static const unsigned  lengths[] = { 511, 512, 60000 };

    text = text_alloc();

    for (i = 0; i < unit_nelts(lengths); i++) {
        p = text + sprintf(text, "{\"$ref\":\"#/$defs/a1\",\"$defs\":{");

        for (n = 1; n < lengths[i]; n++) {
            p += sprintf(p, "\"a%u\":{\"minimum\":%u,\"$ref\":\"#/$defs/a%u\"}"
                            ",", n, n, n + 1);
        }

        p += sprintf(p, "\"a%u\":{\"minimum\":0}},\"type\":\"number\"}", n);

        schema = events_schema_compile((unsigned char *) text, p - text, 0,
                                       &error);

        if (lengths[i] < 512) {
            assert_non_null(schema);

        } else {
            assert_null(schema);
            assert_non_null(strstr(error.text, "over more than 512 schemas"));
            assert_non_null(strstr(error.pointer, "/$ref"));
        }

        events_schema_destroy(schema);
    }

    free(text);
}


static void
test_long_circle(void **state)
{
    char      *text, *p;
    unsigned   i;

    text = text_alloc();
    p = text + sprintf(text, "{\"$ref\":\"#/$defs/a7\",\"$defs\":{");

    for (i = 0; i < 65000; i++) {
        p += sprintf(p, "\"a%u\":{\"$ref\":\"#/$defs/a%u\"},", i, i + 1);
    }

    sprintf(p, "\"a%u\":{\"$ref\":\"#/$defs/a100\"}}}", i);

    check_error(text, "/$defs/a100/$ref",
                "this leads back to its own schema without entering a member "
                "or an item, and would never end");
    free(text);
}


/* regression: each reference took a walk over all definitions */

static void
test_many_references(void **state)
{
    char           *text, *p;
    time_t          began;
    unsigned        i, n, kind;
    unit_schema_t   unit;

    static const char *const  formats[][3] = {
        { "{\"$defs\":{", "\"a%u\":{\"type\":\"null\"},", "\"\":{}}," },
        { "{\"enum\":[null],\"$defs\":{",
          "\"a%u\":{\"$anchor\":\"a%u\",\"type\":\"null\"},", "\"\":{}}," },
        { "{\"$id\":\"http://example.com/a/\",\"$defs\":{",
          "\"a%u\":{\"$id\":\"a%u\",\"type\":\"null\"},", "\"\":{}}," }
    };

    static const char *const  refs[] = { "#/$defs/a%u", "#a%u", "./a%u" };

    text = text_alloc();
    n = 30000;

    for (kind = 0; kind < unit_nelts(formats); kind++) {
        p = text + sprintf(text, "%s", formats[kind][0]);

        for (i = 0; i < n; i++) {
            p += sprintf(p, formats[kind][1], i, i);
        }

        p += sprintf(p, "%s\"properties\":{", formats[kind][2]);

        for (i = 0; i < n; i++) {
            p += sprintf(p, "%s\"p%u\":{\"$ref\":\"", i ? "," : "", i);
            p += sprintf(p, refs[kind], n - 1 - i);
            p += sprintf(p, "\"}");
        }

        sprintf(p, "}}");

        began = time(NULL);
        unit.schema = unit_schema_compile(text);
        assert_true(time(NULL) - began < TOO_LONG);

        assert_false(unit_schema_run(&unit, "{\"p29999\":1}"));
        assert_non_null(strstr(unit_schema_lines(&unit.failures),
                               "/p29999 type must be null"));

        events_schema_destroy(unit.schema);
    }

    free(text);
}


/* each schema leads to the next in two ways: 2^500 paths */

static void
test_many_paths(void **state)
{
    char           *text, *p;
    unsigned        i;
    unit_schema_t   unit;

    text = text_alloc();
    p = text + sprintf(text, "{\"items\":{\"$ref\":\"#/$defs/0\"},"
                             "\"$defs\":{");

    for (i = 0; i < 500; i++) {
        p += sprintf(p, "\"%u\":{\"$ref\":\"#/$defs/%u\","
                        "\"$dynamicRef\":\"#/$defs/%u\"},",
                     i, i + 1, i + 1);
    }

    sprintf(p, "\"500\":{\"type\":\"null\"}}}");

    unit.schema = unit_schema_compile(text);

    assert_false(unit_schema_run(&unit, "[[null]]"));
    assert_string_equal(unit_schema_lines(&unit.failures),
                        " too_complex takes too many steps to check\n");

    events_schema_destroy(unit.schema);
    free(text);
}


static events_error_e
steps_event(void *data, const events_json_event_t *event)
{
    size_t                     i, len;
    char                       pointer[64], *p, *end, value[64];
    events_str_t               token;
    const events_json_node_t  *node;
    events_schema_index_t      index;

    static const step_case_t  cases[] = {
        { "array/0", "0" },
        { "array/17", "17" },
        { "array/00", NULL },
        { "array/-", NULL },
        { "array/", NULL },
        { "array/4294967296", NULL },
        { "array/39", "39" },
        { "array/40", NULL },
        { "short/1", "\"b\"" },
        { "short/2", NULL },
        { "object/17", "17" },
        { "object/40", NULL },
        { "object/a~1b", "-1" },
        { "object/~01", "-2" },
        { "object/~", "-3" },
        { "object/~2", "-4" },
        { "object/", "-5" },
        { "object/\n", "-6" },
        { "object/17/0", NULL },
        { "nothing", NULL }
    };

    memset(&index, 0, sizeof(events_schema_index_t));
    index.doc = event;

    for (i = 0; i < unit_nelts(cases); i++) {
        strcpy(pointer, cases[i].pointer);
        node = event->nodes;
        p = pointer;

        for ( ;; ) {
            end = strchr(p, '/');
            len = end ? (size_t) (end - p) : strlen(p);

            token.data = (u_char *) p;
            token.len = events_schema_ref_token((u_char *) p, len);

            assert_true(events_schema_index_step(&index, node, &token,
                                                 &node));
            if (end == NULL || node == NULL) {
                break;
            }

            p = end + 1;
        }

        if (node == NULL || cases[i].value == NULL) {

            if (node || cases[i].value) {
                fail_msg("%s: %s", cases[i].pointer,
                         node ? "is there" : "is not there");
            }

            continue;
        }

        snprintf(value, sizeof(value), "%.*s", (int) node->len,
                 event->text + node->offset);
        assert_string_equal(value, cases[i].value);
    }

    events_schema_index_destroy(&index);
    events_schema_index_destroy(&index);

    return EVENTS_OK;
}


static void
test_steps(void **state)
{
    char                   text[2048], *p;
    unsigned               i;
    events_json_t         *json;
    events_json_limits_t   limits = { 1, sizeof(text), 8 };
    events_json_result_t   result;

    p = text + sprintf(text, "{\"short\":[\"a\",\"b\"],\"array\":[0");

    for (i = 1; i < 40; i++) {
        p += sprintf(p, ",%u", i);
    }

    p += sprintf(p, "],\"object\":{\"a/b\":-1,\"~1\":-2,\"~\":-3,\"~2\":-4,"
                    "\"\":-5,\"\\n\":-6");

    for (i = 0; i < 40; i++) {
        p += sprintf(p, ",\"%u\":%u", i, i);
    }

    p += sprintf(p, "}}");

    json = events_json_create();
    assert_non_null(json);

    assert_int_equal(events_json_parse(json, (u_char *) text, p - text,
                                       EVENTS_JSON_VALUE, &limits, steps_event,
                                       NULL, &result),
                     EVENTS_OK);
    events_json_destroy(json);
}


static void
test_long_id(void **state)
{
    char                   *text;
    unsigned                i;
    events_schema_t        *schema;
    events_schema_error_t   error;

    static const struct {
        int          outer;
        int          inner;
        const char  *pointer;       /* NULL: it compiles */
    } cases[] = {
        { 1022, 1, NULL },
        { 1023, 1, "/items/$id" },
        { 1024, 1, "/$id" },
        { 4000, 1, "/$id" },
        { 500, 523, NULL },
        { 500, 524, "/items/$id" },
        { 500, 5000, "/items/$id" }
    };

    text = text_alloc();

    for (i = 0; i < unit_nelts(cases); i++) {
        snprintf(text, TEXT_SIZE,
                 "{\"$id\":\"%0*d/\",\"items\":{\"$id\":\"%0*d\"},"
                 "\"properties\":{\"a\":{\"$ref\":\"%0*d#\"}}}",
                 cases[i].outer, 1, cases[i].inner, 2, cases[i].inner, 2);

        schema = events_schema_compile((unsigned char *) text, strlen(text), 0,
                                       &error);
        assert_true((schema == NULL) == (cases[i].pointer != NULL));

        if (schema == NULL) {
            assert_string_equal(error.pointer, cases[i].pointer);
            assert_string_equal(error.text,
                                "\"$id\" is longer than 1024 bytes");
        }

        events_schema_destroy(schema);
    }

    /* a reference may be: there is no such schema */

    snprintf(text, TEXT_SIZE, "{\"$ref\":\"%05000d#a\"}", 1);

    assert_null(events_schema_compile((unsigned char *) text, strlen(text), 0,
                                      &error));
    assert_string_equal(error.pointer, "/$ref");
    assert_non_null(strstr(error.text, "000\" is not in it"));

    free(text);
}


/* what ends at no member, and what ends far down */

static void
test_dynamic_depth(void **state)
{
    char           *event, *p;
    unsigned        i;
    unit_schema_t   unit;

    unit.schema = unit_schema_compile(
        "{\"$id\":\"http://example.com/\",\"properties\":{"
            "\"turn\":{\"$ref\":\"turn\"},\"tree\":{\"$ref\":\"tree\"}},"
        "\"$defs\":{\"turn\":{\"$id\":\"turn\",\"$dynamicAnchor\":\"x\","
            "\"$dynamicRef\":\"#x\"},"
        "\"tree\":{\"$id\":\"tree\",\"$dynamicAnchor\":\"x\","
            "\"type\":\"object\","
            "\"additionalProperties\":{\"$dynamicRef\":\"#x\"}}}}");

    assert_false(unit_schema_run(&unit, "{\"turn\":1}"));
    assert_string_equal(unit_schema_lines(&unit.failures),
                        " too_complex takes too many steps to check\n");

    event = text_alloc();
    p = event + sprintf(event, "{\"tree\":");

    for (i = 0; i < EVENTS_JSON_MAX_DEPTH - 2; i++) {
        p += sprintf(p, "{\"a\":");
    }

    p += sprintf(p, "{}");

    for (i = 0; i < EVENTS_JSON_MAX_DEPTH - 1; i++) {
        *p++ = '}';
    }

    *p = '\0';

    assert_true(unit_schema_run(&unit, event));

    free(event);
    events_schema_destroy(unit.schema);
}


/* regression: dynamic references to many anchors of a name, in each other */

static void
test_many_dynamic(void **state)
{
    char           *text, *p;
    time_t          began;
    unsigned        i;
    unit_schema_t   unit;

    text = text_alloc();
    p = text + sprintf(text, "{\"$id\":\"http://example.com/\",\"$defs\":{");

    for (i = 0; i < 30000; i++) {
        p += sprintf(p, "\"a%u\":{\"$id\":\"a%u\",\"$dynamicAnchor\":\"x\","
                        "\"items\":{\"$dynamicRef\":\"#x\"}},", i, i);
    }

    sprintf(p, "\"\":{}},\"properties\":{\"a\":{\"$ref\":\"a29999\"}}}");

    began = time(NULL);
    unit.schema = unit_schema_compile(text);
    assert_true(time(NULL) - began < TOO_LONG);

    assert_true(unit_schema_run(&unit, "{\"a\":[[[1],[2,[3]]],[]]}"));

    events_schema_destroy(unit.schema);
    free(text);
}


static void
test_texts(void **state)
{
    check_error("{\"items\":{\"$ref\":\"other.json#/a\"}}", "/items/$ref",
                "\"$ref\" must name a schema in this file, and "
                "\"other.json#/a\" is not in it; "
                "other documents are not fetched");
    check_error("{\"$dynamicRef\":\"#a\"}", "/$dynamicRef",
                "\"$dynamicRef\" must name a schema in this file, and "
                "\"#a\" is not in it");
    check_error("{\"$ref\":\"#/$defs\",\"$defs\":{}}", "/$ref",
                "\"$ref\" must name a schema, such as \"#/$defs/name\"");
    check_error("{\"$ref\":\"a b\"}", "/$ref",
                "\"$ref\" must be a URI reference, "
                "such as \"#/$defs/name\"");
    check_error("{\"$id\":\"a#b\"}", "/$id",
                "\"$id\" must be a URI reference without a fragment, "
                "or \"#name\" in draft-07");
    check_error("{\"$id\":\"http://a\",\"items\":{\"$id\":\"HTTP://A/\"}}",
                "/items/$id",
                "\"$id\" must be unique, and another schema is \"http://a/\" "
                "already");
    check_error("{\"$anchor\":\"a\",\"items\":{\"$anchor\":\"a\"}}",
                "/items/$anchor",
                "\"$anchor\" must be unique within its \"$id\", and another "
                "schema is \"a\" already");
    check_error("{\"$anchor\":\"#a\"}", "/$anchor",
                "\"$anchor\" must be a letter or \"_\", then letters, digits, "
                "\"-\", \"_\" and \".\"");
    check_error("{\"items\":{\"$id\":\"a\",\"$schema\":"
                "\"http://json-schema.org/draft-07/schema#\"}}",
                "/items/$schema",
                "\"$schema\" must be that of the root: a file has one draft");
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_chain_of_references),
        cmocka_unit_test(test_path_too_long),
        cmocka_unit_test(test_long_circle),
        cmocka_unit_test(test_many_references),
        cmocka_unit_test(test_many_paths),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_long_id),
        cmocka_unit_test(test_dynamic_depth),
        cmocka_unit_test(test_many_dynamic),
        cmocka_unit_test(test_texts)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
