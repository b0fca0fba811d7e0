
/*
 * What failures say where schemas are applied within schemas.
 */


#include "unit_schema.h"


static void
test_members(void **state)
{
    static const unit_schema_case_t  cases[] = {
        { "{\"patternProperties\":{\"^n_\":{\"type\":\"integer\"}}}",
          "{\"n_a\":\"\",\"n_b\":1,\"n_c\":null}",
          "/n_a type must be an integer\n/n_c type must be an integer\n" },
        { "{\"patternProperties\":{\"^a\":{\"minimum\":2},"
          "\"b$\":{\"multipleOf\":2}}}", "{\"ab\":1}",
          "/ab minimum is less than 2\n"
          "/ab multipleOf is not a multiple of 2\n" },
        { "{\"patternProperties\":{\"^a\":false}}", "{\"ab\":1}",
          "/ab patternProperties is not allowed\n" },
        { "{\"patternProperties\":{\"^a\":{}},\"additionalProperties\":false,"
          "\"required\":[\"b\"]}", "{\"ab\":1,\"c\":1}",
          "/c additionalProperties is not allowed\n"
          "/b required is required\n" },
        { "{\"patternProperties\":{\"^(?=(a+)+$)\":{}}}",
          "{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\":1}",
          "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! patternProperties "
          "has a name that takes too long to match a pattern\n" },

        { "{\"propertyNames\":{\"maxLength\":2}}", "{\"abc\":1,\"a/b\":1}",
          "/abc maxLength is longer than 2 characters\n"
          "/a~1b maxLength is longer than 2 characters\n" },
        { "{\"propertyNames\":{\"enum\":[\"a\",\"b\"]}}", "{\"c\":1}",
          "/c enum must be one of \"a\", \"b\"\n" },
        { "{\"propertyNames\":false}", "{\"a\":1}",
          "/a propertyNames is not allowed\n" },

        { "{\"dependentRequired\":{\"a\":[\"b\",\"c\",\"d\"]}}",
          "{\"a\":1,\"c\":1}",
          "/b dependentRequired is required when \"a\" is present\n"
          "/d dependentRequired is required when \"a\" is present\n" },
        { "{\"dependentSchemas\":{\"a\":{\"required\":[\"b\"]},\"c\":false}}",
          "{\"a\":1,\"c\":1}",
          "/b required is required\n dependentSchemas is not allowed\n" },
        { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\","
          "\"dependencies\":{\"a\":[\"b\"],\"c\":{\"maxProperties\":1}}}",
          "{\"a\":1,\"c\":1}",
          "/b dependencies is required when \"a\" is present\n"
          " maxProperties has more than 1 member\n" },

        { "{\"properties\":{\"a\":{}},\"unevaluatedProperties\":false}",
          "{\"a\":1,\"b\":1,\"c\":1}",
          "/b unevaluatedProperties is not allowed\n"
          "/c unevaluatedProperties is not allowed\n" },
        { "{\"unevaluatedProperties\":{\"type\":\"null\"}}", "{\"a\":1}",
          "/a type must be null\n" },

        /* what was looked at is not listed again, though it has failed */

        { "{\"allOf\":[{\"properties\":{\"a\":{\"type\":\"null\"}}}],"
          "\"unevaluatedProperties\":false}", "{\"a\":1,\"b\":1}",
          "/a type must be null\n/b unevaluatedProperties is not allowed\n" },
        { "{\"anyOf\":[{\"required\":[\"x\"],\"properties\":{\"a\":{}}}],"
          "\"unevaluatedProperties\":false}", "{\"a\":1,\"b\":1}",
          "/x required is required\n"
          "/b unevaluatedProperties is not allowed\n" },
        { "{\"oneOf\":[{\"properties\":{\"k\":{\"const\":1},\"a\":{}}},"
          "{\"properties\":{\"k\":{\"const\":2},\"b\":{}}}],"
          "\"unevaluatedProperties\":false}", "{\"k\":3,\"a\":1}",
          "/k const must be one of 1, 2\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


static void
test_items(void **state)
{
    static const unit_schema_case_t  cases[] = {
        { "{\"prefixItems\":[{\"type\":\"string\"},false],\"items\":"
          "{\"type\":\"integer\"}}", "{\"a\":1}", "" },
        { "{\"properties\":{\"a\":{\"prefixItems\":[{\"type\":\"string\"},"
          "false],\"items\":{\"type\":\"integer\"}}}}",
          "{\"a\":[1,2,3,\"4\"]}",
          "/a/0 type must be a string\n/a/1 prefixItems is not allowed\n"
          "/a/3 type must be an integer\n" },
        { "{\"properties\":{\"a\":{\"prefixItems\":[true],\"items\":false}}}",
          "{\"a\":[1,2]}", "/a/1 items is not allowed\n" },
        { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\","
          "\"properties\":{\"a\":{\"items\":[false,true],"
          "\"additionalItems\":false}}}", "{\"a\":[1,2,3]}",
          "/a/0 items is not allowed\n/a/2 additionalItems is not allowed\n" },

        { "{\"properties\":{\"a\":{\"contains\":{\"const\":1}}}}",
          "{\"a\":[2]}", "/a contains has no item that matches\n" },
        { "{\"properties\":{\"a\":{\"contains\":{\"const\":1},"
          "\"minContains\":2}}}", "{\"a\":[1]}",
          "/a minContains has fewer than 2 items that match\n" },
        { "{\"properties\":{\"a\":{\"contains\":{\"const\":1},"
          "\"maxContains\":1}}}", "{\"a\":[1,1]}",
          "/a maxContains has more than 1 item that matches\n" },
        { "{\"properties\":{\"a\":{\"contains\":{\"const\":1},"
          "\"minContains\":0,\"maxContains\":0}}}", "{\"a\":[1,1]}",
          "/a maxContains has more than 0 items that match\n" },
        { "{\"properties\":{\"a\":{\"prefixItems\":[{}],"
          "\"unevaluatedItems\":false}}}", "{\"a\":[1,1]}",
          "/a/1 unevaluatedItems is not allowed\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


static void
test_in_place(void **state)
{
    static const unit_schema_case_t  cases[] = {
        { "{\"not\":{\"required\":[\"a\"]}}", "{\"a\":1}",
          " not matches what is not allowed\n" },
        { "{\"properties\":{\"a\":{\"not\":{}}}}", "{\"a\":1}",
          "/a not matches what is not allowed\n" },

        /* nobody can say whether it matches */

        { "{\"properties\":{\"a\":{\"not\":{\"pattern\":"
          "\"^(?=(a+)+$)\"}}}}",
          "{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}",
          "/a pattern takes too long to match the pattern\n" },
        { "{\"properties\":{\"a\":{\"anyOf\":[{\"pattern\":"
          "\"^(?=(a+)+$)\"},true]}}}",
          "{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}",
          "/a pattern takes too long to match the pattern\n" },

        { "{\"if\":{\"required\":[\"a\"]},\"then\":{\"required\":[\"b\"]},"
          "\"else\":{\"required\":[\"c\",\"d\"]}}", "{\"a\":1}",
          "/b required is required\n" },
        { "{\"if\":{\"required\":[\"a\"]},\"then\":{\"required\":[\"b\"]},"
          "\"else\":{\"required\":[\"c\",\"d\"]}}", "{}",
          "/c required is required\n/d required is required\n" },
        { "{\"if\":true,\"then\":false}", "{}", " then is not allowed\n" },
        { "{\"if\":false,\"else\":false}", "{}", " else is not allowed\n" },

        { "{\"allOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}", "{}",
          "/a required is required\n/b required is required\n" },
        { "{\"allOf\":[{\"required\":[\"a\",\"b\"]},{\"required\":[\"b\","
          "\"a\"]}],\"required\":[\"b\"]}", "{}",
          "/a required is required\n/b required is required\n" },
        { "{\"allOf\":[{\"properties\":{\"a\":{\"minimum\":3}}},"
          "{\"properties\":{\"a\":{\"minimum\":5}}}]}", "{\"a\":1}",
          "/a minimum is less than 3\n/a minimum is less than 5\n" },
        { "{\"allOf\":[true,false]}", "{}", " allOf is not allowed\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


/* the branch that was meant, not all of them */

#define PLAY  "{\"properties\":{\"kind\":{\"const\":\"play\"},"               \
              "\"at\":{\"type\":\"integer\"}},"                               \
              "\"required\":[\"kind\",\"at\"]}"
#define VOTE  "{\"properties\":{\"kind\":{\"const\":\"vote\"},"               \
              "\"for\":{\"type\":\"string\"}},"                               \
              "\"required\":[\"kind\",\"for\"]}"
#define RATE  "{\"properties\":{\"kind\":{\"enum\":[\"rate\",\"mark\"]},"     \
              "\"stars\":{\"maximum\":5},\"of\":{\"properties\":{"            \
              "\"id\":{\"type\":\"string\"},\"type\":{\"const\":\"film\"}},"  \
              "\"required\":[\"id\"]}},"                                      \
              "\"required\":[\"kind\",\"stars\"]}"

static void
test_closest(void **state)
{
    static const unit_schema_case_t  cases[] = {

        /* by a tag */

        { "{\"oneOf\":[" PLAY "," VOTE "," RATE "]}",
          "{\"kind\":\"vote\",\"at\":1}", "/for required is required\n" },
        { "{\"anyOf\":[" PLAY "," VOTE "," RATE "]}",
          "{\"kind\":\"mark\",\"stars\":6,\"of\":{\"id\":1}}",
          "/stars maximum is greater than 5\n"
          "/of/id type must be a string\n" },
        { "{\"oneOf\":[" PLAY "," VOTE "," RATE "]}", "{\"kind\":\"play\"}",
          "/at required is required\n" },

        /* a tag that no branch has */

        { "{\"oneOf\":[" PLAY "," VOTE "," RATE "]}",
          "{\"for\":\"x\",\"kind\":\"share\"}",
          "/kind enum must be one of \"play\", \"vote\", \"rate\", "
          "\"mark\"\n" },
        { "{\"$defs\":{\"p\":" PLAY ",\"v\":" VOTE "},\"anyOf\":[{\"type\":"
          "\"null\"},{\"$ref\":\"#/$defs/p\"},{\"$ref\":\"#/$defs/v\"}]}",
          "{\"kind\":\"share\"}",
          "/kind const must be one of \"play\", \"vote\"\n" },
        { "{\"oneOf\":[{\"properties\":{\"a\":{\"const\":{}}}},"
          "{\"properties\":{\"a\":{\"const\":[]}}}]}", "{\"a\":1}",
          "/a const is not one of the allowed values\n" },

        /* no tag at all: the first of those that are as near */

        { "{\"oneOf\":[" PLAY "," VOTE "]}", "{}",
          "/kind required is required\n/at required is required\n" },
        { "{\"oneOf\":[" PLAY "," VOTE "]}", "{\"for\":\"x\"}",
          "/kind required is required\n" },

        /* a tag that lies deeper */

        { "{\"oneOf\":[{\"properties\":{\"e\":{\"properties\":{\"t\":{"
          "\"const\":\"a\"}}}},\"required\":[\"e\"]},{\"properties\":{\"e\":{"
          "\"properties\":{\"t\":{\"const\":\"b\"}},\"required\":[\"x\","
          "\"y\"]}}}]}", "{\"e\":{\"t\":\"b\"}}",
          "/e/x required is required\n/e/y required is required\n" },

        /* fewer failures, and deeper ones, are nearer */

        { "{\"anyOf\":[{\"required\":[\"a\",\"b\"]},{\"required\":[\"c\"]}]}",
          "{}", "/c required is required\n" },
        { "{\"anyOf\":[{\"required\":[\"z\"]},{\"properties\":{\"a\":{"
          "\"required\":[\"x\"]}}}]}", "{\"a\":{}}",
          "/a/x required is required\n" },

        /* the right type is nearer than anything of another */

        { "{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"object\","
          "\"required\":[\"a\",\"b\",\"c\"]}]}", "{}",
          "/a required is required\n/b required is required\n"
          "/c required is required\n" },
        { "{\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"null\"},{\"type\":"
          "\"string\",\"maxLength\":2}]}}}", "{\"a\":\"abc\"}",
          "/a maxLength is longer than 2 characters\n" },
        { "{\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"integer\"},"
          "{\"enum\":[\"x\",\"y\"]}]}}}", "{\"a\":\"abc\"}",
          "/a enum must be one of \"x\", \"y\"\n" },

        /* within one another */

        { "{\"anyOf\":[{\"type\":\"null\"},{\"oneOf\":[" PLAY "," VOTE "]}]}",
          "{\"kind\":\"vote\"}", "/for required is required\n" },
        { "{\"anyOf\":[{\"allOf\":[{\"required\":[\"a\"]},{\"required\":"
          "[\"b\"]}]},{\"oneOf\":[{\"required\":[\"c\",\"d\",\"e\"]},"
          "{\"required\":[\"f\"]}]}]}", "{}", "/f required is required\n" },
        { "{\"properties\":{\"l\":{\"items\":{\"anyOf\":[" PLAY "," VOTE
          "]}}}}", "{\"l\":[{\"kind\":\"vote\"},{\"kind\":\"play\"}]}",
          "/l/0/for required is required\n/l/1/at required is required\n" },

        /* one that is alone */

        { "{\"anyOf\":[{\"type\":\"null\"}]}", "{}", " type must be null\n" },
        { "{\"oneOf\":[false]}", "{}", " oneOf is not allowed\n" },

        /* its own "not" and "if" */

        { "{\"anyOf\":[{\"not\":{\"required\":[\"a\"]}},{\"required\":[\"b\","
          "\"c\"]}]}", "{\"a\":1}", " not matches what is not allowed\n" },
        { "{\"anyOf\":[{\"if\":{\"required\":[\"a\"]},\"then\":{\"required\":"
          "[\"b\"]}},{\"required\":[\"c\",\"d\"]}]}", "{\"a\":1}",
          "/b required is required\n" },
        { "{\"anyOf\":[{\"properties\":{\"l\":{\"contains\":{\"const\":1}}}},"
          "{\"required\":[\"c\",\"d\"]}]}", "{\"l\":[2]}",
          "/l contains has no item that matches\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


/* no branch is nearer than others: one sentence */

static void
test_alternatives(void **state)
{
    static const unit_schema_case_t  cases[] = {
        { "{\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"string\"},"
          "{\"type\":\"null\"}]}}}", "{\"a\":1}",
          "/a anyOf must be a string or null\n" },
        { "{\"properties\":{\"a\":{\"oneOf\":[{\"type\":\"string\",\"format\":"
          "\"uuid\"},{\"type\":[\"integer\",\"boolean\"]},{\"type\":"
          "\"array\"}]}}}", "{\"a\":null}",
          "/a oneOf must be a string, a boolean, an integer or an array\n" },
        { "{\"$defs\":{\"s\":{\"type\":\"string\"}},\"properties\":{\"a\":{"
          "\"anyOf\":[{\"$ref\":\"#/$defs/s\"},{\"type\":\"integer\"},"
          "{\"type\":\"number\"},false]}}}", "{\"a\":null}",
          "/a anyOf must be a string or a number\n" },
        { "{\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"integer\"},"
          "{\"type\":\"string\"}]}}}", "{\"a\":1.5}",
          "/a anyOf must be an integer or a string\n" },
        { "{\"properties\":{\"a\":{\"anyOf\":[{\"type\":\"string\"},"
          "{\"allOf\":[{\"type\":\"null\"}]}]}}}", "{\"a\":1}",
          "/a anyOf matches none of the 2 alternatives\n" },
        { "{\"oneOf\":[false,false,false]}", "{}",
          " oneOf matches none of the 3 alternatives\n" },

        { "{\"properties\":{\"a\":{\"oneOf\":[{\"const\":\"x\"},{\"const\":"
          "\"y\"},{\"enum\":[1,null]}]}}}", "{\"a\":\"z\"}",
          "/a oneOf must be one of \"x\", \"y\", 1, null\n" },
        { "{\"properties\":{\"a\":{\"oneOf\":[{\"const\":[]},{\"const\":"
          "\"y\"}]}}}", "{\"a\":\"z\"}",
          "/a oneOf is not one of the allowed values\n" },
        { "{\"anyOf\":[{\"properties\":{\"a\":{\"const\":1}}},{\"properties\":"
          "{\"b\":{\"const\":1}}}]}", "{\"a\":2,\"b\":2}",
          " anyOf matches none of the 2 alternatives\n" },

        { "{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}",
          "{\"a\":1,\"b\":1}",
          " oneOf matches more than one of the alternatives\n" },
        { "{\"anyOf\":[{\"oneOf\":[{},{}]},{\"type\":\"null\"}]}", "{}",
          " oneOf matches more than one of the alternatives\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


/* sentences have names and values of the contract, never of the client */

static void
test_no_values(void **state)
{
    static const unit_schema_case_t  cases[] = {
        { "{\"anyOf\":[{\"const\":1},{\"properties\":{\"a\":{\"const\":2}},"
          "\"required\":[\"a\"]}]}", "{\"a\":\"secret\"}",
          " anyOf matches none of the 2 alternatives\n" },
        { "{\"dependentRequired\":{\"100%s\":[\"b%n\"]}}",
          "{\"100%s\":\"secret\"}",
          "/b%n dependentRequired is required when \"100%s\" is present\n" },
        { "{\"oneOf\":[{\"properties\":{\"k\":{\"const\":\"%s\"}}},"
          "{\"properties\":{\"k\":{\"const\":\"%n\"}}}]}",
          "{\"k\":\"secret\"}",
          "/k const must be one of \"%s\", \"%n\"\n" }
    };

    unit_schema_check(cases, unit_nelts(cases));
}


/* branches that all fail for 30 members each: the list is full, and ends */

static void
test_full(void **state)
{
    char           schema[4096], *p;
    unsigned       i, k;
    unit_schema_t  unit;

    p = schema + sprintf(schema, "{\"anyOf\":[");

    for (k = 0; k < 3; k++) {
        p += sprintf(p, "%s{\"required\":[", k ? "," : "");

        for (i = 0; i < 30; i++) {
            p += sprintf(p, "%s\"%c%u\"", i ? "," : "", 'a' + k, i);
        }

        p += sprintf(p, "]}");
    }

    sprintf(p, "],\"allOf\":[{\"required\":[\"z\"]}]}");

    unit.schema = unit_schema_compile(schema);

    assert_false(unit_schema_run(&unit, "{\"b0\":1}"));
    assert_int_equal(unit.failures.nelts, EVENTS_MAX_FAILURES);
    assert_int_equal(unit.failures.truncated, 1);
    assert_memory_equal(unit.failures.elts[0].pointer, "/z", 2);
    assert_memory_equal(unit.failures.elts[1].pointer, "/b1", 3);

    events_schema_destroy(unit.schema);}


static void
test_drafts(void **state)
{
    static const unit_schema_error_t  cases[] = {
        { "{\"dependencies\":{}}", "/dependencies",
          "\"dependencies\" is a keyword of draft-07, and this file is in "
          "draft 2020-12; use \"dependentRequired\" or \"dependentSchemas\"" },
        { "{\"additionalItems\":{}}", "/additionalItems",
          "\"additionalItems\" is a keyword of draft-07, and this file is in "
          "draft 2020-12; use \"prefixItems\", and \"items\" for those after "
          "them" },
        { "{\"items\":[{}]}", "/items",
          "\"items\" must be a schema: an object or a boolean; for an array "
          "of schemas use \"prefixItems\"" },
        { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\","
          "\"prefixItems\":[{}]}", "/prefixItems",
          "\"prefixItems\" is a keyword of draft 2020-12, and this file is in "
          "draft-07; use \"items\" with an array" },
        { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\","
          "\"dependentRequired\":{}}", "/dependentRequired",
          "\"dependentRequired\" is a keyword of draft 2020-12, and this file "
          "is in draft-07; use \"dependencies\"" },
        { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\","
          "\"unevaluatedItems\":{}}", "/unevaluatedItems",
          "\"unevaluatedItems\" is a keyword of draft 2020-12, and this file "
          "is in draft-07; name the other draft in \"$schema\"" },
        { "{\"patternProperties\":{\"(\":{}}}", "/patternProperties/(",
          NULL },
        { "{\"dependentRequired\":{\"a\":\"b\"}}", "/dependentRequired/a",
          "\"dependentRequired\" must be an object of arrays of strings, each "
          "of them once" },
        { "{\"unevaluatedPropertys\":{}}", "/unevaluatedPropertys",
          "\"unevaluatedPropertys\" is not a keyword; it may be a slip for "
          "\"unevaluatedProperties\"" }
    };

    unit_schema_check_errors(cases, unit_nelts(cases));
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_items),
        cmocka_unit_test(test_in_place),
        cmocka_unit_test(test_closest),
        cmocka_unit_test(test_alternatives),
        cmocka_unit_test(test_no_values),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_drafts)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
