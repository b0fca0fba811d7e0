
#include "events_schema_keyword.h"
#include "events_text.h"

#include <stdio.h>


#define EVENTS_SCHEMA_SCHEMA  (EVENTS_SCHEMA_OBJECT | EVENTS_SCHEMA_BOOLEAN)


static int events_schema_ignore(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_defs(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_pattern(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_format(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_multiple(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);


#define EVENTS_SCHEMA_MUST_COUNT  "an integer from 0 to 2147483647"
#define EVENTS_SCHEMA_MUST_SCHEMA "a schema: an object or a boolean"
#define EVENTS_SCHEMA_MUST_SCHEMAS "an array of at least one schema"


const events_schema_keyword_t  events_schema_keywords[] = {

    /* JSON Schema core, section 8 */

    { events_string("$schema"), EVENTS_SCHEMA_STRING,
      "\"https://json-schema.org/draft/2020-12/schema\" or "
      "\"http://json-schema.org/draft-07/schema#\", "
      "at the root or beside \"$id\"",
      events_schema_compile_dialect, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("$id"), EVENTS_SCHEMA_STRING,
      "a URI reference without a fragment, or \"#name\" in draft-07",
      events_schema_compile_id, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("$anchor"), EVENTS_SCHEMA_STRING,
      "a letter or \"_\", then letters, digits, \"-\", \"_\" and \".\"",
      events_schema_compile_anchor, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_IN_2020_12 },

    { events_string("$dynamicAnchor"), EVENTS_SCHEMA_STRING,
      "a letter or \"_\", then letters, digits, \"-\", \"_\" and \".\"",
      events_schema_compile_dynamic_anchor, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_IN_2020_12 },

    { events_string("$comment"), EVENTS_SCHEMA_STRING, "a string",
      events_schema_ignore, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("$defs"), EVENTS_SCHEMA_OBJECT,
      "an object of schemas",
      events_schema_defs, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("definitions"), EVENTS_SCHEMA_OBJECT,
      "an object of schemas",
      events_schema_defs, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    /* validation, section 9: annotations */

    { events_string("title"), EVENTS_SCHEMA_STRING, "a string",
      events_schema_ignore, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("description"), EVENTS_SCHEMA_STRING, "a string",
      events_schema_ignore, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("default"), EVENTS_SCHEMA_ANY, NULL,
      events_schema_ignore, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("examples"), EVENTS_SCHEMA_ARRAY, "an array",
      events_schema_ignore, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("deprecated"), EVENTS_SCHEMA_BOOLEAN, "a boolean",
      events_schema_ignore, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("readOnly"), EVENTS_SCHEMA_BOOLEAN, "a boolean",
      events_schema_ignore, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("writeOnly"), EVENTS_SCHEMA_BOOLEAN, "a boolean",
      events_schema_ignore, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_BESIDE_REF },

    { events_string("contentEncoding"), EVENTS_SCHEMA_STRING, "a string",
      events_schema_ignore, 0, NULL, NULL, NULL, 0 },

    { events_string("contentMediaType"), EVENTS_SCHEMA_STRING, "a string",
      events_schema_ignore, 0, NULL, NULL, NULL, 0 },

    { events_string("contentSchema"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_content, 0, NULL, NULL, NULL, EVENTS_SCHEMA_IN_2020_12 },

    /* any type: validation, section 6.1 */

    { events_string("type"), EVENTS_SCHEMA_STRING | EVENTS_SCHEMA_ARRAY,
      "\"null\", \"boolean\", \"object\", \"array\", \"number\", \"string\" or "
      "\"integer\", or an array of these, each of them once",
      events_schema_type, 0, NULL, NULL, NULL, 0 },

    { events_string("const"), EVENTS_SCHEMA_ANY, NULL,
      events_schema_const, EVENTS_SCHEMA_ANY, events_schema_check_values,
      "is not the required value", NULL, 0 },

    { events_string("enum"), EVENTS_SCHEMA_ARRAY,
      "an array of at least one value",
      events_schema_enum, EVENTS_SCHEMA_ANY, events_schema_check_values,
      "is not one of the allowed values", NULL, 0 },

    { events_string("$ref"), EVENTS_SCHEMA_STRING,
      "a URI reference, such as \"#/$defs/name\"",
      events_schema_compile_ref, EVENTS_SCHEMA_ANY, events_schema_check_ref,
      NULL, NULL, EVENTS_SCHEMA_BESIDE_REF },

    { events_string("$dynamicRef"), EVENTS_SCHEMA_STRING,
      "a URI reference, such as \"#name\"",
      events_schema_compile_ref, EVENTS_SCHEMA_ANY,
      events_schema_check_dynamic_ref, NULL, NULL, EVENTS_SCHEMA_IN_2020_12 },

    /* strings: section 6.3 and 7 */

    { events_string("minLength"), EVENTS_SCHEMA_NUMBER,
      EVENTS_SCHEMA_MUST_COUNT,
      events_schema_limit, EVENTS_SCHEMA_STRING,
      events_schema_check_min_length, "is shorter than", "character", 0 },

    { events_string("maxLength"), EVENTS_SCHEMA_NUMBER,
      EVENTS_SCHEMA_MUST_COUNT,
      events_schema_limit, EVENTS_SCHEMA_STRING,
      events_schema_check_max_length, "is longer than", "character", 0 },

    { events_string("pattern"), EVENTS_SCHEMA_STRING,
      "a regular expression",
      events_schema_pattern, EVENTS_SCHEMA_STRING,
      events_schema_check_pattern, "does not match the pattern", NULL, 0 },

    { events_string("format"), EVENTS_SCHEMA_STRING,
      "\"date-time\", \"date\", \"time\", \"duration\", \"uuid\", "
      "\"email\", \"hostname\", \"ipv4\", \"ipv6\", \"uri\", "
      "\"uri-reference\", \"json-pointer\" or \"regex\"",
      events_schema_format, EVENTS_SCHEMA_STRING,
      events_schema_check_format, NULL, NULL, 0 },

    /* numbers: section 6.2 */

    { events_string("minimum"), EVENTS_SCHEMA_NUMBER, "a number",
      events_schema_bound, EVENTS_SCHEMA_NUMBER,
      events_schema_check_minimum, "is less than", NULL, 0 },

    { events_string("maximum"), EVENTS_SCHEMA_NUMBER, "a number",
      events_schema_bound, EVENTS_SCHEMA_NUMBER,
      events_schema_check_maximum, "is greater than", NULL, 0 },

    { events_string("exclusiveMinimum"), EVENTS_SCHEMA_NUMBER, "a number",
      events_schema_bound, EVENTS_SCHEMA_NUMBER,
      events_schema_check_above, "is not greater than", NULL, 0 },

    { events_string("exclusiveMaximum"), EVENTS_SCHEMA_NUMBER, "a number",
      events_schema_bound, EVENTS_SCHEMA_NUMBER,
      events_schema_check_below, "is not less than", NULL, 0 },

    { events_string("multipleOf"), EVENTS_SCHEMA_NUMBER,
      "a number above 0, of at most 1000 digits",
      events_schema_multiple, EVENTS_SCHEMA_NUMBER,
      events_schema_check_multiple, "is not a multiple of", NULL, 0 },

    /* arrays: section 6.4, and core, section 10.3.1 */

    { events_string("minItems"), EVENTS_SCHEMA_NUMBER,
      EVENTS_SCHEMA_MUST_COUNT,
      events_schema_limit, EVENTS_SCHEMA_ARRAY,
      events_schema_check_min_count, "has fewer than", "item", 0 },

    { events_string("maxItems"), EVENTS_SCHEMA_NUMBER,
      EVENTS_SCHEMA_MUST_COUNT,
      events_schema_limit, EVENTS_SCHEMA_ARRAY,
      events_schema_check_max_count, "has more than", "item", 0 },

    { events_string("uniqueItems"), EVENTS_SCHEMA_BOOLEAN, "a boolean",
      events_schema_unique_items, EVENTS_SCHEMA_ARRAY,
      events_schema_check_unique, "has an item that occurs more than once",
      NULL, 0 },

    { events_string("prefixItems"), EVENTS_SCHEMA_ARRAY,
      EVENTS_SCHEMA_MUST_SCHEMAS,
      events_schema_prefix, 0, NULL, NULL, NULL, EVENTS_SCHEMA_IN_2020_12 },

    { events_string("items"), EVENTS_SCHEMA_SCHEMA | EVENTS_SCHEMA_ARRAY,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_items, 0, NULL, NULL, NULL, 0 },

    { events_string("additionalItems"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_additional_items, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_IN_DRAFT7 },

    { events_string("contains"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_contains, 0, NULL, NULL, NULL, 0 },

    { events_string("minContains"), EVENTS_SCHEMA_NUMBER,
      EVENTS_SCHEMA_MUST_COUNT,
      events_schema_min_contains, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_IN_2020_12 },

    { events_string("maxContains"), EVENTS_SCHEMA_NUMBER,
      EVENTS_SCHEMA_MUST_COUNT,
      events_schema_max_contains, 0, NULL, NULL, NULL,
      EVENTS_SCHEMA_IN_2020_12 },

    /* objects: section 6.5, and core, section 10.3.2 */

    { events_string("minProperties"), EVENTS_SCHEMA_NUMBER,
      EVENTS_SCHEMA_MUST_COUNT,
      events_schema_limit, EVENTS_SCHEMA_OBJECT,
      events_schema_check_min_count, "has fewer than", "member", 0 },

    { events_string("maxProperties"), EVENTS_SCHEMA_NUMBER,
      EVENTS_SCHEMA_MUST_COUNT,
      events_schema_limit, EVENTS_SCHEMA_OBJECT,
      events_schema_check_max_count, "has more than", "member", 0 },

    { events_string("properties"), EVENTS_SCHEMA_OBJECT,
      "an object of schemas",
      events_schema_properties, 0, NULL, NULL, NULL, 0 },

    { events_string("required"), EVENTS_SCHEMA_ARRAY,
      "an array of strings, each of them once",
      events_schema_required_names, 0, NULL, NULL, NULL, 0 },

    { events_string("patternProperties"), EVENTS_SCHEMA_OBJECT,
      "an object of schemas",
      events_schema_patterns, 0, NULL, NULL, NULL, 0 },

    { events_string("additionalProperties"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_additional, 0, NULL, NULL, NULL, 0 },

    { events_string("propertyNames"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_names, EVENTS_SCHEMA_OBJECT,
      events_schema_check_property_names, NULL, NULL, 0 },

    { events_string("dependentRequired"), EVENTS_SCHEMA_OBJECT,
      "an object of arrays of strings, each of them once",
      events_schema_dependent_required, EVENTS_SCHEMA_OBJECT,
      events_schema_check_dependents, NULL, NULL, EVENTS_SCHEMA_IN_2020_12 },

    /* core, section 10.2 */

    { events_string("dependentSchemas"), EVENTS_SCHEMA_OBJECT,
      "an object of schemas",
      events_schema_dependent_schemas, EVENTS_SCHEMA_OBJECT,
      events_schema_check_dependents, NULL, NULL, EVENTS_SCHEMA_IN_2020_12 },

    { events_string("dependencies"), EVENTS_SCHEMA_OBJECT,
      "an object of schemas, or arrays of strings, each of them once",
      events_schema_dependencies, EVENTS_SCHEMA_OBJECT,
      events_schema_check_dependents, NULL, NULL, EVENTS_SCHEMA_IN_DRAFT7 },

    { events_string("allOf"), EVENTS_SCHEMA_ARRAY,
      EVENTS_SCHEMA_MUST_SCHEMAS,
      events_schema_branches, EVENTS_SCHEMA_ANY,
      events_schema_check_all_of, NULL, NULL, 0 },

    { events_string("anyOf"), EVENTS_SCHEMA_ARRAY,
      EVENTS_SCHEMA_MUST_SCHEMAS,
      events_schema_branches, EVENTS_SCHEMA_ANY,
      events_schema_check_any_of, NULL, NULL, 0 },

    { events_string("oneOf"), EVENTS_SCHEMA_ARRAY,
      EVENTS_SCHEMA_MUST_SCHEMAS,
      events_schema_branches, EVENTS_SCHEMA_ANY,
      events_schema_check_one_of, NULL, NULL, 0 },

    { events_string("not"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_not, EVENTS_SCHEMA_ANY,
      events_schema_check_not, "matches what is not allowed", NULL, 0 },

    { events_string("if"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_test, EVENTS_SCHEMA_ANY,
      events_schema_check_if, NULL, NULL, 0 },

    { events_string("then"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_then, 0, NULL, NULL, NULL, 0 },

    { events_string("else"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_otherwise, 0, NULL, NULL, NULL, 0 },

    /* last: core, section 11 */

    { events_string("unevaluatedItems"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_unevaluated_items, EVENTS_SCHEMA_ARRAY,
      events_schema_check_unevaluated_items, NULL, NULL,
      EVENTS_SCHEMA_IN_2020_12 },

    { events_string("unevaluatedProperties"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_unevaluated_properties, EVENTS_SCHEMA_OBJECT,
      events_schema_check_unevaluated_properties, NULL, NULL,
      EVENTS_SCHEMA_IN_2020_12 },

    /* known, to say that they are not supported */

    { .name = events_string("$recursiveAnchor") },
    { .name = events_string("$recursiveRef") },
    { .name = events_string("$vocabulary") },

    { .name = events_null_string }
};


_Static_assert(sizeof(events_schema_keywords)
               / sizeof(events_schema_keywords[0]) <= EVENTS_SCHEMA_KEYWORDS,
               "EVENTS_SCHEMA_KEYWORDS is too small");


static int
events_schema_ignore(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return 1;
}


static int
events_schema_defs(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    uint32_t                   n;
    const events_json_node_t  *key;

    key = value + 1;

    for (n = value->count; n != 0; n--) {

        if (!events_schema_compile_node(compiler, key + 1, "$ref")) {
            return 0;
        }

        key = &compiler->schema->doc.nodes[key[1].u.next];
    }

    return 1;
}


static int
events_schema_pattern(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    char                    errstr[160];
    events_str_t            source;
    events_schema_regex_t  *regex;
    events_schema_check_t  *check;

    if (!events_schema_copy_string(compiler, value, &source)) {
        return 0;
    }

    regex = events_schema_alloc(compiler->schema,
                                sizeof(events_schema_regex_t));
    if (regex == NULL) {
        return events_schema_no_memory(compiler);
    }

    regex->pattern = events_pattern_compile(&source, errstr, sizeof(errstr));

    if (regex->pattern == NULL) {
        return events_schema_error(compiler, value,
                                   "\"pattern\" must be a regular expression: "
                                   "%s", errstr);
    }

    regex->next = compiler->schema->patterns;
    compiler->schema->patterns = regex;

    check = events_schema_add_check(build, keyword);

    check->u.pattern = regex->pattern;
    check->detail = events_schema_print(compiler, "%s %.*s", keyword->detail,
                                        (int) source.len, source.data);
    return check->detail != NULL;
}


static int
events_schema_format(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_str_t            name;
    events_schema_check_t  *check;

    if (!events_schema_copy_string(compiler, value, &name)) {
        return 0;
    }

    check = events_schema_add_check(build, keyword);

    check->u.format = events_format_find(&name);

    if (check->u.format == NULL) {
        return events_schema_error_must(compiler, value, keyword);
    }

    check->detail = check->u.format->must;

    return 1;
}


static int
events_schema_multiple(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    size_t                  size;
    events_number_t         number;
    events_divisor_t       *divisor;
    const unsigned char    *text;
    events_schema_check_t  *check;

    text = compiler->schema->doc.text + value->offset;

    events_number_parse(&number, text, value->len);

    size = events_number_divisor_size(&number);
    if (size == 0) {
        return events_schema_error_must(compiler, value, keyword);
    }

    divisor = events_schema_alloc(compiler->schema, size);
    if (divisor == NULL) {
        return events_schema_no_memory(compiler);
    }

    events_number_to_divisor(&number, divisor);

    check = events_schema_add_check(build, keyword);

    check->u.divisor = divisor;
    check->detail = events_schema_print(compiler, "%s %.*s", keyword->detail,
                                        (int) value->len, text);
    return check->detail != NULL;
}


