
#include "unit_schema.h"


#define SHIPPED  "examples/contract.schema.json"


static char *
read_shipped(size_t *len)
{
    FILE  *file;
    char  *text;

    file = fopen(SHIPPED, "rb");
    assert_non_null(file);

    text = calloc(1, 65536);
    assert_non_null(text);

    *len = fread(text, 1, 65535, file);
    fclose(file);

    return text;
}


static void
test_texts(void **state)
{
    static const unit_schema_case_t  cases[] = {
        { "{\"type\":\"string\"}", "1", " type must be a string\n" },
        { "{\"type\":[\"string\",\"null\"]}", "1",
          " type must be a string or null\n" },
        { "{\"type\":[\"object\",\"array\",\"boolean\"]}", "1",
          " type must be an object, an array or a boolean\n" },
        { "{\"type\":\"integer\",\"minimum\":3}", "3.5",
          " type must be an integer\n" },
        { "{\"type\":\"string\",\"enum\":[\"a\"],\"minLength\":2}", "1",
          " type must be a string\n" },

        { "{\"enum\":[\"playtv\",\"parlor\"]}", "\"x\"",
          " enum must be one of \"playtv\", \"parlor\"\n" },
        { "{\"enum\":[1.50,null,true]}", "\"x\"",
          " enum must be one of 1.50, null, true\n" },
        { "{\"enum\":[\"a\"]}", "\"x\"", " enum must be \"a\"\n" },
        { "{\"enum\":[[],\"a\"]}", "\"x\"",
          " enum is not one of the allowed values\n" },
        { "{\"enum\":[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
          "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"]}", "\"x\"",
          " enum is not one of the allowed values\n" },
        { "{\"const\":\"a\\n\"}", "\"x\"", " const must be \"a\\n\"\n" },
        { "{\"const\":{}}", "\"x\"", " const is not the required value\n" },

        { "{\"minLength\":1}", "\"\"",
          " minLength is shorter than 1 character\n" },
        { "{\"minLength\":2}", "\"\"",
          " minLength is shorter than 2 characters\n" },
        { "{\"maxLength\":1}", "\"ab\"",
          " maxLength is longer than 1 character\n" },
        { "{\"maxLength\":0}", "\"ab\"",
          " maxLength is longer than 0 characters\n" },
        { "{\"pattern\":\"^[a-z]\\\\d$\"}", "\"x\"",
          " pattern does not match the pattern ^[a-z]\\d$\n" },
        { "{\"pattern\":\"^100%s$\"}", "\"x\"",
          " pattern does not match the pattern ^100%s$\n" },
        { "{\"pattern\":\"^(?=(a+)+$)\"}",
          "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"",
          " pattern takes too long to match the pattern\n" },
        { "{\"format\":\"uuid\"}", "\"x\"",
          " format must be a UUID, such as "
          "0190a5d3-6c1e-7b3a-9f21-5d2c00000001\n" },
        { "{\"format\":\"date-time\"}", "\"x\"",
          " format must be an RFC 3339 date and time, such as "
          "2026-01-31T12:00:00Z\n" },

        { "{\"minimum\":0}", "-1", " minimum is less than 0\n" },
        { "{\"maximum\":1.50}", "2", " maximum is greater than 1.50\n" },
        { "{\"exclusiveMinimum\":0}", "0",
          " exclusiveMinimum is not greater than 0\n" },
        { "{\"exclusiveMaximum\":0}", "0",
          " exclusiveMaximum is not less than 0\n" },
        { "{\"multipleOf\":0.01}", "0.001",
          " multipleOf is not a multiple of 0.01\n" },

        { "{\"minProperties\":1}", "{}",
          " minProperties has fewer than 1 member\n" },
        { "{\"maxProperties\":2}", "{\"a\":1,\"b\":2,\"c\":3}",
          " maxProperties has more than 2 members\n" },

        { "{\"properties\":{\"a\":{\"minItems\":1}}}", "{\"a\":[]}",
          "/a minItems has fewer than 1 item\n" },
        { "{\"properties\":{\"a\":{\"maxItems\":2}}}", "{\"a\":[1,2,3]}",
          "/a maxItems has more than 2 items\n" },
        { "{\"properties\":{\"a\":{\"uniqueItems\":true}}}", "{\"a\":[1,1]}",
          "/a uniqueItems has an item that occurs more than once\n" },
        { "{\"properties\":{\"a\":{\"items\":false}}}", "{\"a\":[1]}",
          "/a/0 items is not allowed\n" },

        { "{\"required\":[\"a\"]}", "{}", "/a required is required\n" },
        { "{\"properties\":{\"a\":false}}", "{\"a\":1}",
          "/a properties is not allowed\n" },
        { "{\"additionalProperties\":false}", "{\"a\":1}",
          "/a additionalProperties is not allowed\n" },
        { "{\"$defs\":{\"n\":false},\"properties\":{\"a\":{"
          "\"$ref\":\"#/$defs/n\"}}}", "{\"a\":1}",
          "/a $ref is not allowed\n" },
        { "false", "{}", " false is not allowed\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


static void
test_order(void **state)
{
    static const unit_schema_case_t  cases[] = {

        /* the event's order, then what is missing, in that of the contract */

        { "{\"required\":[\"z\",\"a\",\"m\"],"
          "\"properties\":{\"a\":{\"type\":\"string\"},\"b\":{\"minLength\":3,"
          "\"pattern\":\"^c\",\"enum\":[\"q\"]}},"
          "\"additionalProperties\":false}",
          "{\"x\":1,\"b\":\"d\",\"a\":1}",
          "/x additionalProperties is not allowed\n"
          "/b enum must be \"q\"\n"
          "/b minLength is shorter than 3 characters\n"
          "/b pattern does not match the pattern ^c\n"
          "/a type must be a string\n"
          "/z required is required\n"
          "/m required is required\n" },

        { "{\"properties\":{\"a\":{\"items\":{\"required\":[\"b\"]},"
          "\"maxItems\":2}}}",
          "{\"a\":[{\"b\":1},{},[],{\"c\":2}]}",
          "/a maxItems has more than 2 items\n"
          "/a/1/b required is required\n"
          "/a/3/b required is required\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


static void
test_pointers(void **state)
{
    static const unit_schema_case_t  cases[] = {
        { "{\"additionalProperties\":false}",
          "{\"a/b\":1,\"~\":1,\"~1\":1,\"\":1,\"\\u0061\\\"\":1,\"\\u00e9\":1}",
          "/a~1b additionalProperties is not allowed\n"
          "/~0 additionalProperties is not allowed\n"
          "/~01 additionalProperties is not allowed\n"
          "/ additionalProperties is not allowed\n"
          "/a\" additionalProperties is not allowed\n"
          "/\xc3\xa9 additionalProperties is not allowed\n" },
        { "{\"required\":[\"a/b~\",\"\"]}", "{}",
          "/a~1b~0 required is required\n"
          "/ required is required\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


/* whole characters and whole escapes at the end, and no step after a cut */

static void
check_pointer_end(const events_failure_t *failure, const char *name)
{
    size_t  i, len;
    char    whole[1024], *p;

    p = whole;
    *p++ = '/';

    for (i = 0; name[i] != '\0'; i++) {
        if (name[i] == '~' || name[i] == '/') {
            p += sprintf(p, "~%d", name[i] == '/');

        } else {
            *p++ = name[i];
        }
    }

    strcpy(p, "/next");
    len = strlen(whole);

    assert_true(failure->pointer_len <= EVENTS_MAX_POINTER);
    assert_memory_equal(failure->pointer, whole, failure->pointer_len);

    if (len <= EVENTS_MAX_POINTER) {
        assert_int_equal(failure->pointer_len, len);
        return;
    }

    /* no more is lost than would not have fit */

    assert_true(failure->pointer_len > EVENTS_MAX_POINTER - 4);
    assert_int_not_equal(whole[failure->pointer_len] & 0xC0, 0x80);
    assert_int_not_equal(whole[failure->pointer_len - 1], '~');
}


static void
test_pointer_truncated(void **state)
{
    int            j;
    char           event[1024], name[512];
    unsigned       i;
    unit_schema_t  unit;

    static const char *chars[] = {
        "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "~", "/", "x"
    };

    unit.schema = unit_schema_compile("{\"additionalProperties\":"
                                      "{\"additionalProperties\":false}}");

    for (i = 0; i < unit_nelts(chars); i++) {
        for (j = 240; j < 262; j++) {
            sprintf(name, "%0*d%s%s%s", j, 0, chars[i], chars[i], chars[i]);
            sprintf(event, "{\"%s\":{\"next\":1}}", name);

            assert_false(unit_schema_run(&unit, event));
            assert_int_equal(unit.failures.nelts, 1);

            check_pointer_end(&unit.failures.elts[0], name);
        }
    }

    events_schema_destroy(unit.schema);
}


/* the contract chooses the text, and may choose a long one */

static void
test_detail_truncated(void **state)
{
    char               schema[1024];
    unsigned           i;
    unit_schema_t      unit;
    events_failure_t  *failure;

    for (i = 100; i < 140; i++) {
        sprintf(schema, "{\"pattern\":\"^%0*d\xf0\x9f\x98\x80\xe2\x82\xac"
                        "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
                        "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"}", (int) i, 0);

        unit.schema = unit_schema_compile(schema);
        assert_false(unit_schema_run(&unit, "\"x\""));

        failure = &unit.failures.elts[0];
        assert_in_range(failure->detail_len, 100, EVENTS_MAX_DETAIL - 1);

        /* the last byte ends a character of four, of three, or of one */

        if (failure->detail[failure->detail_len - 1] >= 0x80) {
            assert_true(failure->detail[failure->detail_len - 4] == 0xF0
                        || failure->detail[failure->detail_len - 3] == 0xE2);
        }

        events_schema_destroy(unit.schema);
    }
}


static void
test_at_most_20(void **state)
{
    int            i, n;
    char           event[1024], *p;
    unit_schema_t  unit;

    unit.schema = unit_schema_compile("{\"additionalProperties\":false}");

    for (n = 19; n < 23; n++) {
        p = event + sprintf(event, "{\"a0\":1");

        for (i = 1; i < n; i++) {
            p += sprintf(p, ",\"a%d\":1", i);
        }

        sprintf(p, "}");

        assert_false(unit_schema_run(&unit, event));
        assert_int_equal(unit.failures.nelts, n < 20 ? n : 20);
        assert_int_equal(unit.failures.truncated, n > 20);
    }

    /* the verdict holds when the list is full */

    memmove(event + 1, event, strlen(event) + 1);
    event[0] = '[';
    strcat(event, ",{\"b\":1}]");

    assert_false(unit_schema_run(&unit, event));
    strcpy(event + strlen(event) - strlen("{\"b\":1}]"), "{}]");
    assert_true(unit_schema_run(&unit, event));
    assert_int_equal(unit.failures.nelts, 20);

    events_schema_destroy(unit.schema);
}


static void
test_index(void **state)
{
    unit_schema_t  unit;

    unit.schema = unit_schema_compile("{\"type\":\"object\"}");

    assert_false(unit_schema_run(&unit, "[{},1,{},\"x\"]"));
    assert_int_equal(unit.failures.nelts, 2);
    assert_int_equal(unit.failures.elts[0].index, 1);
    assert_int_equal(unit.failures.elts[1].index, 3);
    assert_int_equal(unit.failures.truncated, 0);

    events_schema_destroy(unit.schema);
}


static void
test_duplicates(void **state)
{
    static const unit_schema_case_t  cases[] = {
        { "true", "{\"a\":1,\"a\":2}",
          "/a duplicate_member occurs more than once\n" },
        { "true", "{\"a\":1,\"a\":2,\"a\":3}",
          "/a duplicate_member occurs more than once\n" },
        { "true", "{\"b\":1,\"a\":1,\"a\":2,\"b\":2,\"c\":3}",
          "/a duplicate_member occurs more than once\n"
          "/b duplicate_member occurs more than once\n" },
        { "true", "{\"x\":{\"y\":[0,{\"\\u0061/\":1,\"a\\/\":2}]}}",
          "/x/y/1/a~1 duplicate_member occurs more than once\n" },
        { "true", "{\"x\":{\"a\":1,\"a\":1},\"x\":{\"b\":1,\"b\":1}}",
          "/x duplicate_member occurs more than once\n"
          "/x/a duplicate_member occurs more than once\n"
          "/x/b duplicate_member occurs more than once\n" },
        { "true",
          "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,"
          "\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,"
          "\"q\":1,\"r\":1,\"s\":1,\"c\":2}",
          "/c duplicate_member occurs more than once\n" },

        /* what else is wrong is told too */

        { "{\"properties\":{\"a\":{\"type\":\"string\"}},"
          "\"required\":[\"b\"]}", "{\"a\":\"\",\"a\":2}",
          "/a duplicate_member occurs more than once\n"
          "/a type must be a string\n"
          "/b required is required\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


/* more required members than one word has bits, the missing one anywhere */

static void
test_many_required(void **state)
{
    char           *schema, *event, *p, line[64];
    unsigned        i, missing, n;
    unit_schema_t   unit;

    static const unsigned  counts[] = { 1, 63, 64, 65, 127, 128, 129, 300 };

    schema = malloc(65536);
    event = malloc(65536);
    assert_non_null(schema);
    assert_non_null(event);

    for (n = 0; n < unit_nelts(counts); n++) {

        p = schema + sprintf(schema, "{\"required\":[");

        for (i = 0; i < counts[n]; i++) {
            p += sprintf(p, "%s\"m%u\"", i ? "," : "", i);
        }

        sprintf(p, "]}");

        unit.schema = unit_schema_compile(schema);

        for (missing = 0; missing <= counts[n]; missing++) {

            p = event + sprintf(event, "{\"other\":0");

            for (i = counts[n]; i-- > 0; /* void */ ) {
                if (i != missing) {
                    p += sprintf(p, ",\"m%u\":%u", i, i);
                }
            }

            sprintf(p, "}");

            sprintf(line, "/m%u required is required\n", missing);

            if (missing == counts[n]) {
                line[0] = '\0';
            }

            unit_schema_run(&unit, event);
            assert_string_equal(unit_schema_lines(&unit.failures), line);
        }

        assert_false(unit_schema_run(&unit, "{}"));
        assert_int_equal(unit.failures.nelts, counts[n] < 20 ? counts[n] : 20);

        events_schema_destroy(unit.schema);
    }

    free(schema);
    free(event);
}


/* strings that take the slow way, each longer than the one before */

static void
test_escaped_strings(void **state)
{
    char           *event, *p;
    unsigned        i, n;
    unit_schema_t   unit;

    event = malloc(70000);
    assert_non_null(event);

    unit.schema = unit_schema_compile("{\"pattern\":\"^a+$\","
                                      "\"minLength\":100}");

    for (n = 100; n < 10000; n += 1234) {
        p = event + sprintf(event, "\"");

        for (i = 0; i < n; i++) {
            p += sprintf(p, "\\u0061");
        }

        sprintf(p, "\"");
        assert_true(unit_schema_run(&unit, event));

        sprintf(p, "\\n\"");
        assert_false(unit_schema_run(&unit, event));
        assert_int_equal(unit.failures.nelts, 1);
    }

    events_schema_destroy(unit.schema);
    free(event);
}


/* a contract that doubles its work on every level may not hold the worker */

static void
test_too_complex(void **state)
{
    char           event[1024], *p;
    unsigned       i;
    unit_schema_t  unit;

    unit.schema = unit_schema_compile(
        "{\"$ref\":\"#/$defs/a\",\"properties\":{\"x\":{\"$ref\":\"#\"}},"
        "\"$defs\":{\"a\":{\"properties\":{\"x\":{\"$ref\":\"#\"}}}}}");

    p = event;

    for (i = 0; i < 60; i++) {
        p += sprintf(p, "{\"x\":");
    }

    p += sprintf(p, "1");

    for (i = 0; i < 60; i++) {
        p += sprintf(p, "}");
    }

    assert_false(unit_schema_run(&unit, event));
    assert_string_equal(unit_schema_lines(&unit.failures),
                        " too_complex takes too many steps to check\n");

    assert_true(unit_schema_run(&unit, "{\"x\":{\"x\":{\"x\":{}}}}"));

    events_schema_destroy(unit.schema);
}


/* as deep as a configuration may allow */

static void
test_deep_event(void **state)
{
    char           *event;
    unit_schema_t   unit;

    event = calloc(1, 2048);
    assert_non_null(event);

    memcpy(event, "{\"a\":", 5);
    memset(event + 5, '[', EVENTS_JSON_MAX_DEPTH - 1);
    memset(event + 5 + EVENTS_JSON_MAX_DEPTH - 1, ']',
           EVENTS_JSON_MAX_DEPTH - 1);
    strcpy(event + 5 + 2 * (EVENTS_JSON_MAX_DEPTH - 1), "}");

    unit.schema = unit_schema_compile(
        "{\"$ref\":\"#/$defs/v\",\"$defs\":{\"v\":{\"items\":{\"$ref\":"
        "\"#/$defs/v\"},\"uniqueItems\":true,\"additionalProperties\":{"
        "\"$ref\":\"#/$defs/v\"}}}}");

    assert_true(unit_schema_run(&unit, event));

    events_schema_destroy(unit.schema);
    free(event);
}


/* elements whose comparison is costly, if it were done for all pairs */

static void
test_unique_items_many(void **state)
{
    char           *event, *p;
    unsigned        i;
    unit_schema_t   unit;

    event = malloc(1024 * 1024);
    assert_non_null(event);

    unit.schema = unit_schema_compile("{\"additionalProperties\":"
                                      "{\"uniqueItems\":true}}");

    p = event + sprintf(event, "{\"a\":[");

    for (i = 0; i < 20000; i++) {
        p += sprintf(p, "{\"n\":%u},", i);
    }

    sprintf(p, "20000]}");
    assert_true(unit_schema_run(&unit, event));

    sprintf(p, "{\"n\":77}]}");
    assert_false(unit_schema_run(&unit, event));
    assert_string_equal(unit_schema_lines(&unit.failures),
                        "/a uniqueItems has an item that occurs "
                        "more than once\n");

    events_schema_destroy(unit.schema);
    free(event);
}


static void
test_compile_errors(void **state)
{
    events_schema_error_t  error;

    static const unit_schema_error_t  cases[] = {
        { "", "", "the file is empty" },
        { " \n", "", "the file is empty" },
        { "{", "", "the file is not JSON: it ends in the middle of a value" },
        { "{\"type\":\"string\"} x", "",
          "the file is not JSON: there is more after the end" },
        { "\"\xff\"", "", "the file is not valid UTF-8" },
        { "[{}]", "", "a schema must be an object or a boolean" },
        { "[]", "", "a schema must be an object or a boolean" },
        { "\"string\"", "", "a schema must be an object or a boolean" },
        { "{\"maxLenght\":1}", "/maxLenght",
          "\"maxLenght\" is not a keyword; "
          "it may be a slip for \"maxLength\"" },
        { "{\"properties\":{\"a\":{\"Required\":[]}}}",
          "/properties/a/Required",
          "\"Required\" is not a keyword; it may be a slip for \"required\"" },
        { "{\"x-index\":1}", "/x-index",
          "\"x-index\" is not a keyword; remove it, "
          "or put it into \"$comment\" or \"examples\"" },
        { "{\"anyOf\":[]}", "/anyOf",
          "\"anyOf\" must be an array of at least one schema" },
        { "{\"$vocabulary\":{}}", "/$vocabulary",
          "\"$vocabulary\" is not supported; "
          "say it with the keywords that are" },
        { "{\"maxLength\":-1}", "/maxLength",
          "\"maxLength\" must be an integer from 0 to 2147483647" },
        { "{\"format\":\"e-mail\"}", "/format",
          "\"format\" must be \"date-time\", \"date\", \"time\", "
          "\"duration\", \"uuid\", \"email\", \"hostname\", \"ipv4\", "
          "\"ipv6\", \"uri\", \"uri-reference\", \"json-pointer\" or "
          "\"regex\"" },
        { "{\"pattern\":\"(\"}", "/pattern",
          "\"pattern\" must be a regular expression: "
          "at byte 1: a \")\" is missing" },
        { "{\"items\":{\"$ref\":\"https://example.com\"}}", "/items/$ref",
          "\"$ref\" must name a schema in this file, and "
          "\"https://example.com\" is not in it; "
          "other documents are not fetched" },
        { "{\"$ref\":\"#/$defs/a\"}", "/$ref",
          "\"$ref\" must name a schema in this file, and "
          "\"#/$defs/a\" is not in it" },
        { "{\"$ref\":\"#\"}", "/$ref",
          "this leads back to its own schema without entering a member or an "
          "item, and would never end" },
        { "{\"a\":1,\"a\":1}", "/a",
          "a member occurs more than once; keep one of them" }
    };

    unit_schema_check_errors(cases, unit_nelts(cases));

    assert_null(events_schema_compile((const unsigned char *) "{\"type\":}", 9,
                                      0, &error));
    assert_int_equal(error.offset, 8);
}


/* names that do not fit the error are cut between characters */

static void
test_compile_error_truncated(void **state)
{
    char                   schema[2048];
    size_t                 i, n;
    events_schema_error_t  error;

    for (i = 0; i < 5; i++) {
        n = sprintf(schema, "{\"%.*s", (int) i, "xxxxx");

        while (n < 1000) {
            n += sprintf(schema + n, "\xf0\x9f\x98\x80");
        }

        n += sprintf(schema + n, "\":1}");

        assert_null(events_schema_compile((unsigned char *) schema, n, 0,
                                          &error));
        assert_true(strlen(error.pointer) > 240);
        assert_true(strlen(error.pointer) < sizeof(error.pointer));
        assert_int_equal((strlen(error.pointer) - 1 - i) % 4, 0);
        assert_non_null(strstr(error.text, "is not a keyword"));
    }
}


static void
test_compile_limits(void **state)
{
    char                   *text, *p;
    size_t                  i;
    events_schema_error_t   error;

    text = malloc(5 * 1024 * 1024);
    assert_non_null(text);

    /* bytes */

    memset(text, ' ', 5 * 1024 * 1024);
    memcpy(text, "true", 4);

    assert_null(events_schema_compile((unsigned char *) text,
                                      4 * 1024 * 1024 + 1, 0, &error));
    assert_string_equal(error.text, "the file is larger than 4194304 bytes");

    /* depth */

    p = text;

    for (i = 0; i < 100000; i++) {
        p += sprintf(p, "{\"items\":");
    }

    assert_null(events_schema_compile((unsigned char *) text, p - text, 0,
                                      &error));
    assert_string_equal(error.text, "the file is nested too deeply");

    /* schemas */

    p = text + sprintf(text, "{\"properties\":{\"a\":{}");

    for (i = 0; i < 70000; i++) {
        p += sprintf(p, ",\"a%zu\":{}", i);
    }

    p += sprintf(p, "}}");

    assert_null(events_schema_compile((unsigned char *) text, p - text, 0,
                                      &error));
    assert_string_equal(error.text, "there are more than 65536 schemas");

    free(text);
}


static void
test_shipped(void **state)
{
    char           *text;
    size_t          len;
    unit_schema_t   unit;

    static const char  right[] =
        "{\"event_id\":\"0190a5d3-6c1e-7b3a-9f21-5d2c00000001\","
        "\"brand\":\"playtv\",\"action_type\":\"video.play_started\","
        "\"entity\":{\"type\":\"video\",\"id\":\"v-1\"},"
        "\"occurred_at\":\"2026-11-23T19:43:19.123Z\"";

    char  event[1024];

    text = read_shipped(&len);
    unit.schema = unit_schema_compile(text);

    sprintf(event, "%s}", right);
    assert_true(unit_schema_run(&unit, event));

    sprintf(event, "%s,\"session_id\":\"s\",\"user_id\":\"u\","
            "\"guest_id\":\"g\",\"properties\":{\"a\":[1,{}]}}", right);
    assert_true(unit_schema_run(&unit, event));

    sprintf(event, "%s,\"sesion_id\":\"s\",\"user_id\":7,\"properties\":[]}",
            right);
    assert_false(unit_schema_run(&unit, event));
    assert_string_equal(unit_schema_lines(&unit.failures),
                        "/sesion_id additionalProperties is not allowed\n"
                        "/user_id type must be a string\n"
                        "/properties type must be an object\n");

    assert_false(unit_schema_run(&unit,
        "{\"event_id\":\"1\",\"brand\":\"PlayTV\",\"action_type\":\"Play\","
        "\"entity\":{\"type\":\"\"},\"occurred_at\":1763927000}"));
    assert_string_equal(unit_schema_lines(&unit.failures),
        "/event_id format must be a UUID, such as "
        "0190a5d3-6c1e-7b3a-9f21-5d2c00000001\n"
        "/brand enum must be one of \"playtv\", \"parlor\"\n"
        "/action_type pattern does not match the pattern ^[a-z][a-z0-9_.]*$\n"
        "/entity/type minLength is shorter than 1 character\n"
        "/entity/id required is required\n"
        "/occurred_at type must be a string\n");

    assert_false(unit_schema_run(&unit, "{}"));
    assert_int_equal(unit.failures.nelts, 5);
    assert_string_equal((char *) unit.failures.elts[0].code, "required");

    assert_false(unit_schema_run(&unit, "7"));
    assert_string_equal(unit_schema_lines(&unit.failures),
                        " type must be an object\n");

    events_schema_destroy(unit.schema);
    free(text);
}


/* the shipped file cut off and damaged: an error or a schema, never a crash */

static void
test_damaged(void **state)
{
    char                   *text, *copy;
    size_t                  i, j, len;
    unsigned                seed;
    events_schema_t        *schema;
    events_schema_error_t   error;

    static const char  bytes[] = "\"{}[]:,\\u0019truefalsenull$#/-.e \x80\xff";

    text = read_shipped(&len);

    for (i = 0; i < len; i += 7) {
        copy = malloc(i + 1);
        assert_non_null(copy);
        copy = realloc(copy, i ? i : 1);
        memcpy(copy, text, i);

        assert_null(events_schema_compile((unsigned char *) copy, i, 0,
                                          &error));
        assert_true(error.text[0] != '\0');

        free(copy);
    }

    copy = malloc(len);
    assert_non_null(copy);
    seed = 1;

    for (i = 0; i < 4000; i++) {
        memcpy(copy, text, len);

        for (j = 0; j <= i % 3; j++) {
            seed = seed * 1103515245 + 12345;
            copy[(seed >> 8) % len] = bytes[(seed >> 3) % (sizeof(bytes) - 1)];
        }

        schema = events_schema_compile((unsigned char *) copy, len, 0, &error);
        assert_true((schema == NULL) == (error.text[0] != '\0'));

        events_schema_destroy(schema);
    }

    free(copy);
    free(text);
}


/* of the file as it is, spaces and all */

static void
test_digest(void **state)
{
    events_str_t      digest;
    events_schema_t  *schema;

    schema = unit_schema_compile(" true\n");
    digest = events_schema_digest(schema);

    assert_int_equal(digest.len, 64);
    assert_memory_equal(digest.data, "dab0634b498a0db10df1bcc53c0d20fd"
                                     "63b2df24d889b5c24b65785660cfb74d", 64);

    events_schema_destroy(schema);
}


static void
test_destroy_null(void **state)
{
    events_schema_destroy(NULL);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_pointer_truncated),
        cmocka_unit_test(test_detail_truncated),
        cmocka_unit_test(test_at_most_20),
        cmocka_unit_test(test_index),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_many_required),
        cmocka_unit_test(test_escaped_strings),
        cmocka_unit_test(test_too_complex),
        cmocka_unit_test(test_deep_event),
        cmocka_unit_test(test_unique_items_many),
        cmocka_unit_test(test_compile_errors),
        cmocka_unit_test(test_compile_error_truncated),
        cmocka_unit_test(test_compile_limits),
        cmocka_unit_test(test_shipped),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_digest),
        cmocka_unit_test(test_destroy_null)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
