
/*
 * Contracts, and events, that ask for more than anybody has time and stack for.
 */


#include "unit_schema.h"


#define DEEP  (EVENTS_JSON_MAX_DEPTH - 1)

#define TOO_COMPLEX  " too_complex takes too many steps to check\n"


/* {"a":{"a":... value ...}} */

static char *
make_nested(const char *open, const char *value, unsigned n)
{
    char      *text, *p;
    unsigned   i;

    text = malloc(n * (strlen(open) + 1) + strlen(value) + 1);

    if (text == NULL) {
        fail_msg("no memory");
        return NULL;
    }

    p = text;

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%s", open);
    }

    p += sprintf(p, "%s", value);

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%s", open[0] == '{' ? "}" : "]");
    }

    return text;
}


/* a schema whose work doubles n times, without entering a member */

static char *
make_doubling(const char *keyword, unsigned n, const char *last)
{
    char      *text, *p;
    unsigned   i;

    text = malloc(n * 128 + 1024);
    assert_non_null(text);

    p = text + sprintf(text, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");

    for (i = 0; i < n; i++) {
        p += sprintf(p, "\"d%u\":{\"%s\":[{\"$ref\":\"#/$defs/d%u\"},"
                     "{\"$ref\":\"#/$defs/d%u\"}]},", i, keyword, i + 1,
                     i + 1);
    }

    sprintf(p, "\"d%u\":%s}}", n, last);

    return text;
}


static void
test_doubling(void **state)
{
    char           *schema;
    unsigned        i;
    unit_schema_t   unit;

    static const char *const  cases[][2] = {
        { "allOf", "true" },
        { "anyOf", "false" },
        { "anyOf", "{\"required\":[\"x\"]}" },
        { "oneOf", "{\"unevaluatedProperties\":{\"type\":\"null\"}}" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        schema = make_doubling(cases[i][0], 60, cases[i][1]);
        unit.schema = unit_schema_compile(schema);

        assert_false(unit_schema_run(&unit, "{\"a\":1}"));
        assert_string_equal(unit_schema_lines(&unit.failures), TOO_COMPLEX);

        events_schema_destroy(unit.schema);
        free(schema);
    }
}


/* nothing that is "not" so, or "if" so, passes because there was no time */

static void
test_no_verdict(void **state)
{
    char           *schema, text[16384];
    unsigned        i;
    unit_schema_t   unit;

    static const char *const  cases[] = {
        "{\"not\":{\"$id\":\"a:b\",%s}",
        "{\"if\":{\"$id\":\"a:b\",%s,\"then\":true,\"else\":true}",
        "{\"anyOf\":[{\"$id\":\"a:b\",%s,true]}",
        "{\"oneOf\":[{\"$id\":\"a:b\",%s,true]}",
        "{\"additionalProperties\":{\"contains\":{"
        "\"$id\":\"a:b\",%s}}"
    };

    /* its references are to the root of what "$id" makes a resource */

    schema = make_doubling("allOf", 40, "true");

    for (i = 0; i < unit_nelts(cases); i++) {
        snprintf(text, sizeof(text), cases[i], schema + 1);
        unit.schema = unit_schema_compile(text);

        assert_false(unit_schema_run(&unit, "{\"a\":[1]}"));
        assert_string_equal(unit_schema_lines(&unit.failures), TOO_COMPLEX);

        events_schema_destroy(unit.schema);
    }

    free(schema);
}


/* the deepest event, through branches on every level */

static void
test_deep_branches(void **state)
{
    char           *event;
    unit_schema_t   unit;

    unit.schema = unit_schema_compile(
        "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"object\","
        "\"properties\":{\"a\":{\"$ref\":\"#\"}},"
        "\"unevaluatedProperties\":false}]}");

    event = make_nested("{\"a\":", "1", DEEP);
    assert_true(unit_schema_run(&unit, event));
    free(event);

    /* a failure at the bottom is found, up to depths that make sense */

    event = make_nested("{\"a\":", "\"1\"", 64);
    assert_false(unit_schema_run(&unit, event));
    assert_int_equal(unit.failures.nelts, 1);
    assert_string_equal(unit.failures.elts[0].code, "anyOf");
    assert_int_equal(unit.failures.elts[0].pointer_len, 64 * 2);
    free(event);

    event = make_nested("{\"a\":", "\"1\"", DEEP);
    assert_false(unit_schema_run(&unit, event));
    assert_int_equal(unit.failures.nelts, 1);
    free(event);

    events_schema_destroy(unit.schema);
}


/* as many schemas in place as may be, on every level of the deepest event */

static void
test_deep_in_place(void **state)
{
    char           *schema, *event, *p;
    unsigned        i;
    unit_schema_t   unit;

    schema = malloc(65536);
    assert_non_null(schema);

    p = schema + sprintf(schema, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");

    for (i = 0; i < 400; i++) {
        p += sprintf(p, "\"d%u\":{\"%s\":[{\"$ref\":\"#/$defs/d%u\"}]},", i,
                     i % 3 == 0 ? "allOf" : i % 3 == 1 ? "anyOf" : "oneOf",
                     i + 1);
    }

    sprintf(p, "\"d400\":{\"additionalProperties\":{\"$ref\":"
            "\"#\"}}}}");

    unit.schema = unit_schema_compile(schema);
    free(schema);

    assert_true(unit_schema_run(&unit, "{\"a\":[[1]]}"));

    /* 400 on each of 255 levels */

    event = make_nested("{\"a\":", "1", DEEP);

    assert_false(unit_schema_run(&unit, event));
    assert_string_equal(unit_schema_lines(&unit.failures), TOO_COMPLEX);

    events_schema_destroy(unit.schema);
    free(event);
}


/* files as large as they may be */

static void
test_large_files(void **state)
{
    char                   *text, *p;
    size_t                  i, n;
    unsigned                k;
    events_schema_t        *schema;
    events_schema_error_t   error;

    static const char *const  opens[] = {
        "{\"anyOf\":[", "{\"allOf\":[", "{\"oneOf\":[", "{\"prefixItems\":["
    };

    text = malloc(5 * 1024 * 1024);
    assert_non_null(text);

    for (k = 0; k < unit_nelts(opens); k++) {

        /* deep: 60 schemas in one another */

        p = text;

        for (i = 0; i < 60; i++) {
            p += sprintf(p, "%s", opens[k]);
        }

        p += sprintf(p, "true");

        for (i = 0; i < 60; i++) {
            p += sprintf(p, "]}");
        }

        schema = unit_schema_compile(text);
        events_schema_destroy(schema);

        /* wide: so many that they are refused */

        p = text + sprintf(text, "%s{}", opens[k]);

        while (p < text + 4 * 1024 * 1024 - 64) {
            p += sprintf(p, ",{}");
        }

        p += sprintf(p, "]}");

        assert_null(events_schema_compile((unsigned char *) text, p - text, 0,
                                          &error));
        assert_string_equal(error.text, "there are more than 65536 schemas");
    }

    /* patterns, names, and members that ask for others */

    p = text + sprintf(text, "{\"dependentRequired\":{");

    for (i = 0; i < 50000; i++) {
        p += sprintf(p, "%s\"a%zu\":[\"b%zu\"]", i ? "," : "", i, i);
    }

    p += sprintf(p, "},\"patternProperties\":{");

    for (i = 0; i < 2000; i++) {
        p += sprintf(p, "%s\"^a%zu\":true", i ? "," : "", i);
    }

    p += sprintf(p, "},\"anyOf\":[{}");

    for (n = 0; n < 50000; n++) {
        p += sprintf(p, ",{\"const\":%zu}", n);
    }

    p += sprintf(p, "]}");

    schema = events_schema_compile((unsigned char *) text, p - text, 0,
                                   &error);
    assert_non_null(schema);

    events_schema_destroy(schema);
    free(text);
}


/* a tag of many branches, none of which has the client's */

static void
test_many_branches(void **state)
{
    char           *text, *p;
    unsigned        i;
    unit_schema_t   unit;

    text = malloc(1024 * 1024);
    assert_non_null(text);

    p = text + sprintf(text, "{\"oneOf\":[");

    for (i = 0; i < 2000; i++) {
        p += sprintf(p, "%s{\"properties\":{\"kind\":{\"const\":\"k%u\"}},"
                     "\"required\":[\"m%u\"]}", i ? "," : "", i, i);
    }

    sprintf(p, "]}");

    unit.schema = unit_schema_compile(text);

    assert_true(unit_schema_run(&unit, "{\"kind\":\"k1999\",\"m1999\":1}"));

    assert_false(unit_schema_run(&unit, "{\"kind\":\"k1999\",\"m0\":1}"));
    assert_string_equal(unit_schema_lines(&unit.failures),
                        "/m1999 required is required\n");

    assert_false(unit_schema_run(&unit, "{\"kind\":\"x\",\"m0\":1}"));
    assert_string_equal(unit_schema_lines(&unit.failures),
                        "/kind const is not one of the allowed values\n");

    events_schema_destroy(unit.schema);
    free(text);
}


/* scratch memory that moves while it is in use, and is kept */

static void
test_marks_grow(void **state)
{
    char           *event, *p;
    unsigned        i, n;
    unit_schema_t   unit;

    unit.schema = unit_schema_compile(
        "{\"properties\":{\"a\":{\"items\":{\"$ref\":\"#\"}},\"b\":{\"anyOf\":["
        "{\"contains\":{\"$ref\":\"#\"}},true],\"unevaluatedItems\":"
        "{\"type\":\"integer\"}}},\"patternProperties\":{\"^x\":true},"
        "\"unevaluatedProperties\":false}");

    event = malloc(2 * 1024 * 1024);
    assert_non_null(event);

    for (n = 1; n < 20000; n *= 3) {
        p = event + sprintf(event, "{\"b\":[{\"b\":[");

        for (i = 0; i < n; i++) {
            p += sprintf(p, "%u,", i);
        }

        p += sprintf(p, "{}]},1],\"a\":[{");

        for (i = 0; i < n; i++) {
            p += sprintf(p, "\"x%u\":1,", i);
        }

        p += sprintf(p, "\"a\":[]}]}");

        assert_true(unit_schema_run(&unit, event));

        strcpy(p - strlen("\"a\":[]}]}"), "\"c\":1}]}");

        assert_false(unit_schema_run(&unit, event));
        assert_string_equal(unit_schema_lines(&unit.failures),
                            "/a/0/c unevaluatedProperties is not allowed\n");
    }

    events_schema_destroy(unit.schema);
    free(event);
}


/* each match is within its limit, and all of them would take minutes */

static void
test_many_matches(void **state)
{
    char           *event, *p;
    unsigned        i;
    unit_schema_t   unit;

    enum { MATCHES = 10000 };

    static const char  item[] = "\"aaaaaaaaaaaaaab\",";

    event = malloc(MATCHES * sizeof(item) + sizeof("{\"a\":[0]}"));
    assert_non_null(event);

    p = event;
    memcpy(p, "{\"a\":[", 6);
    p += 6;

    for (i = 0; i < MATCHES; i++) {
        memcpy(p, item, sizeof(item) - 1);
        p += sizeof(item) - 1;
    }

    memcpy(p, "0]}", sizeof("0]}"));

    unit.schema = unit_schema_compile("{\"properties\":{\"a\":{\"items\":"
                                      "{\"not\":{\"pattern\":"
                                      "\"(?!x)(a+)+$\"}}}}}");

    assert_false(unit_schema_run(&unit, event));
    assert_string_equal(unit_schema_lines(&unit.failures), TOO_COMPLEX);

    /* a few of them are fine */

    assert_true(unit_schema_run(&unit,
                                "{\"a\":[\"aaaaaaab\",\"aaaaaaab\"]}"));

    events_schema_destroy(unit.schema);
    free(event);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_doubling),
        cmocka_unit_test(test_no_verdict),
        cmocka_unit_test(test_deep_branches),
        cmocka_unit_test(test_deep_in_place),
        cmocka_unit_test(test_large_files),
        cmocka_unit_test(test_many_branches),
        cmocka_unit_test(test_marks_grow),
        cmocka_unit_test(test_many_matches)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
