
#include "events_schema_compile.h"

#include <stdio.h>


/* limits of lengths and counts: events are far smaller */
#define EVENTS_SCHEMA_MAX_LIMIT  2147483647

/* bytes of allowed values that a failure lists */
#define EVENTS_SCHEMA_LISTED  100

/* digits of a number that 64 bits hold, whatever they are */
#define EVENTS_SCHEMA_SMALL  18

#define EVENTS_SCHEMA_SCHEMA  (EVENTS_SCHEMA_OBJECT | EVENTS_SCHEMA_BOOLEAN)


typedef struct {
    events_str_t  name;
    unsigned      mask;
    const char   *text;
} events_schema_type_t;


static int events_schema_ignore(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_defs(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_type(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_enum(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_const(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_limit(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_pattern(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_format(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_bound(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_multiple(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_unique_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_properties(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_required_names(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_additional(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);

static const events_schema_type_t *events_schema_type_find(
    events_schema_compiler_t *compiler, const events_json_node_t *value);
static int events_schema_values(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *first, uint32_t n);
static const char *events_schema_values_detail(
    events_schema_compiler_t *compiler,
    const events_schema_keyword_t *keyword, const events_json_node_t *first,
    uint32_t n);
static int64_t events_schema_small(const unsigned char *text, size_t len);


#define EVENTS_SCHEMA_MUST_COUNT  "an integer from 0 to 2147483647"
#define EVENTS_SCHEMA_MUST_SCHEMA "a schema: an object or a boolean"


const events_schema_keyword_t  events_schema_keywords[] = {

    /* JSON Schema core, section 8 */

    { events_string("$schema"), EVENTS_SCHEMA_STRING,
      "\"https://json-schema.org/draft/2020-12/schema\" or "
      "\"http://json-schema.org/draft-07/schema#\", "
      "at the root or beside \"$id\"",
      events_schema_compile_dialect, 0, NULL, NULL, NULL, 1 },

    { events_string("$id"), EVENTS_SCHEMA_STRING,
      "a URI reference without a fragment, or \"#name\" in draft-07",
      events_schema_compile_id, 0, NULL, NULL, NULL, 1 },

    { events_string("$anchor"), EVENTS_SCHEMA_STRING,
      "a letter or \"_\", then letters, digits, \"-\", \"_\" and \".\"",
      events_schema_compile_anchor, 0, NULL, NULL, NULL, 0 },

    { events_string("$dynamicAnchor"), EVENTS_SCHEMA_STRING,
      "a letter or \"_\", then letters, digits, \"-\", \"_\" and \".\"",
      events_schema_compile_dynamic_anchor, 0, NULL, NULL, NULL, 0 },

    { events_string("$comment"), EVENTS_SCHEMA_STRING, "a string",
      events_schema_ignore, 0, NULL, NULL, NULL, 1 },

    { events_string("$defs"), EVENTS_SCHEMA_OBJECT,
      "an object of schemas",
      events_schema_defs, 0, NULL, NULL, NULL, 1 },

    { events_string("definitions"), EVENTS_SCHEMA_OBJECT,
      "an object of schemas",
      events_schema_defs, 0, NULL, NULL, NULL, 1 },

    /* validation, section 9: annotations */

    { events_string("title"), EVENTS_SCHEMA_STRING, "a string",
      events_schema_ignore, 0, NULL, NULL, NULL, 1 },

    { events_string("description"), EVENTS_SCHEMA_STRING, "a string",
      events_schema_ignore, 0, NULL, NULL, NULL, 1 },

    { events_string("default"), EVENTS_SCHEMA_ANY, NULL,
      events_schema_ignore, 0, NULL, NULL, NULL, 1 },

    { events_string("examples"), EVENTS_SCHEMA_ARRAY, "an array",
      events_schema_ignore, 0, NULL, NULL, NULL, 1 },

    { events_string("deprecated"), EVENTS_SCHEMA_BOOLEAN, "a boolean",
      events_schema_ignore, 0, NULL, NULL, NULL, 1 },

    { events_string("readOnly"), EVENTS_SCHEMA_BOOLEAN, "a boolean",
      events_schema_ignore, 0, NULL, NULL, NULL, 1 },

    { events_string("writeOnly"), EVENTS_SCHEMA_BOOLEAN, "a boolean",
      events_schema_ignore, 0, NULL, NULL, NULL, 1 },

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
      NULL, NULL, 1 },

    { events_string("$dynamicRef"), EVENTS_SCHEMA_STRING,
      "a URI reference, such as \"#name\"",
      events_schema_compile_ref, EVENTS_SCHEMA_ANY,
      events_schema_check_dynamic_ref, NULL, NULL, 0 },

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
      "\"uuid\", \"date-time\", \"date\" or \"time\"",
      events_schema_format, EVENTS_SCHEMA_STRING,
      events_schema_check_format, "is not a valid", NULL, 0 },

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
      "a number above 0, of at most 18 digits",
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

    { events_string("items"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_items, EVENTS_SCHEMA_ARRAY,
      events_schema_check_items, NULL, NULL, 0 },

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

    { events_string("additionalProperties"), EVENTS_SCHEMA_SCHEMA,
      EVENTS_SCHEMA_MUST_SCHEMA,
      events_schema_additional, 0, NULL, NULL, NULL, 0 },

    /* known, to say that they are not supported */

    { .name = events_string("$vocabulary") },
    { .name = events_string("additionalItems") },
    { .name = events_string("allOf") },
    { .name = events_string("anyOf") },
    { .name = events_string("contains") },
    { .name = events_string("contentEncoding") },
    { .name = events_string("contentMediaType") },
    { .name = events_string("contentSchema") },
    { .name = events_string("dependencies") },
    { .name = events_string("dependentRequired") },
    { .name = events_string("dependentSchemas") },
    { .name = events_string("else") },
    { .name = events_string("if") },
    { .name = events_string("maxContains") },
    { .name = events_string("minContains") },
    { .name = events_string("not") },
    { .name = events_string("oneOf") },
    { .name = events_string("patternProperties") },
    { .name = events_string("prefixItems") },
    { .name = events_string("propertyNames") },
    { .name = events_string("then") },
    { .name = events_string("unevaluatedItems") },
    { .name = events_string("unevaluatedProperties") },

    { .name = events_null_string }
};


_Static_assert(sizeof(events_schema_keywords)
               / sizeof(events_schema_keywords[0]) <= EVENTS_SCHEMA_KEYWORDS,
               "EVENTS_SCHEMA_KEYWORDS is too small");


static const events_schema_type_t  events_schema_types[] = {
    { events_string("null"),    EVENTS_SCHEMA_NULL,    "null" },
    { events_string("boolean"), EVENTS_SCHEMA_BOOLEAN, "a boolean" },
    { events_string("object"),  EVENTS_SCHEMA_OBJECT,  "an object" },
    { events_string("array"),   EVENTS_SCHEMA_ARRAY,   "an array" },
    { events_string("number"),  EVENTS_SCHEMA_NUMBER,  "a number" },
    { events_string("string"),  EVENTS_SCHEMA_STRING,  "a string" },
    { events_string("integer"), EVENTS_SCHEMA_INTEGER, "an integer" },
    { events_null_string, 0, NULL }
};


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
events_schema_type(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    uint32_t                     i, n;
    const char                  *text;
    const events_json_node_t    *name;
    const events_schema_type_t  *type;

    n = (value->type == EVENTS_JSON_ARRAY) ? value->count : 1;
    name = (value->type == EVENTS_JSON_ARRAY) ? value + 1 : value;
    build->types = 0;
    text = "must be";

    for (i = 0; i < n; i++) {
        type = events_schema_type_find(compiler, &name[i]);

        if (type == NULL || (build->types & type->mask)) {
            return events_schema_error_must(compiler, &name[i], keyword);
        }

        build->types |= type->mask;

        text = events_schema_print(compiler, "%s%s%s", text,
                                   i == 0 ? " " : i == n - 1 ? " or " : ", ",
                                   type->text);
        if (text == NULL) {
            return 0;
        }
    }

    build->types_detail = text;

    return n > 0 || events_schema_error_must(compiler, value, keyword);
}


static const events_schema_type_t *
events_schema_type_find(events_schema_compiler_t *compiler,
    const events_json_node_t *value)
{
    const events_schema_type_t  *type;

    if (value->type != EVENTS_JSON_STRING) {
        return NULL;
    }

    for (type = events_schema_types; type->text; type++) {
        if (events_json_equals(compiler->schema->doc.text, value,
                               &type->name))
        {
            return type;
        }
    }

    return NULL;
}


static int
events_schema_enum(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    if (value->count == 0) {
        return events_schema_error_must(compiler, value, keyword);
    }

    return events_schema_values(compiler, build, keyword, value + 1,
                                value->count);
}


static int
events_schema_const(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return events_schema_values(compiler, build, keyword, value, 1);
}


static int
events_schema_values(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *first, uint32_t n)
{
    uint32_t                   i;
    events_schema_check_t     *check;
    events_schema_names_t     *strings;
    events_schema_values_t    *values;
    const events_json_node_t  *node;

    values = events_schema_alloc(compiler->schema,
                                 sizeof(events_schema_values_t));
    if (values == NULL) {
        return events_schema_no_memory(compiler);
    }

    strings = &values->strings;
    strings->elts = events_schema_alloc(compiler->schema,
                                        n * sizeof(events_str_t));
    values->others = events_schema_alloc(compiler->schema,
                                         n * sizeof(events_json_node_t *));

    if (strings->elts == NULL || values->others == NULL) {
        return events_schema_no_memory(compiler);
    }

    for (node = first, i = 0; i < n; i++) {

        if (node->type != EVENTS_JSON_STRING) {
            values->others[values->nothers++] = node;

        } else if (!events_schema_copy_string(compiler, node,
                                          &strings->elts[strings->nelts++]))
        {
            return 0;
        }

        node = &compiler->schema->doc.nodes[node->u.next];
    }

    if (!events_schema_names_index(compiler->schema, strings)) {
        return events_schema_no_memory(compiler);
    }

    check = events_schema_add_check(build, keyword);
    check->u.values = values;
    check->detail = events_schema_values_detail(compiler, keyword, first, n);

    return check->detail != NULL;
}


/* lists them as the contract has them, if they are few and plain */

static const char *
events_schema_values_detail(events_schema_compiler_t *compiler,
    const events_schema_keyword_t *keyword, const events_json_node_t *first,
    uint32_t n)
{
    int                   len;
    char                  list[EVENTS_SCHEMA_LISTED];
    size_t                used;
    uint32_t              i;
    const unsigned char  *text;

    text = compiler->schema->doc.text;
    used = 0;

    for (i = 0; i < n; i++) {

        /* all before this one were scalars, of one node each */

        if (first[i].type >= EVENTS_JSON_ARRAY
            || first[i].len + sizeof(", ") > sizeof(list) - used)
        {
            return keyword->detail;
        }

        len = snprintf(list + used, sizeof(list) - used, "%s%.*s",
                       i ? ", " : "", (int) first[i].len,
                       text + first[i].offset);
        used += len;
    }

    return events_schema_print(compiler, "must be %s%s",
                               n > 1 ? "one of " : "", list);
}


static int
events_schema_limit(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    uint64_t                limit;
    events_number_t         number;
    events_schema_check_t  *check;

    events_number_parse(&number, compiler->schema->doc.text + value->offset,
                        value->len);

    if (!events_number_to_uint(&number, EVENTS_SCHEMA_MAX_LIMIT, &limit)) {
        return events_schema_error_must(compiler, value, keyword);
    }

    check = events_schema_add_check(build, keyword);

    check->u.limit = limit;
    check->detail = events_schema_print(compiler, "%s %u %s%s",
                                        keyword->detail, (unsigned) limit,
                                        keyword->unit, limit == 1 ? "" : "s");
    return check->detail != NULL;
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

    check->detail = events_schema_print(compiler, "%s %s", keyword->detail,
                                        check->u.format->name.data);
    return check->detail != NULL;
}


static int
events_schema_bound(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    const unsigned char    *text;
    events_schema_bound_t  *bound;
    events_schema_check_t  *check;

    bound = events_schema_alloc(compiler->schema,
                                sizeof(events_schema_bound_t));
    if (bound == NULL) {
        return events_schema_no_memory(compiler);
    }

    text = compiler->schema->doc.text + value->offset;

    events_number_parse(&bound->number, text, value->len);

    if (value->integer && value->len <= EVENTS_SCHEMA_SMALL) {
        bound->small = events_schema_small(text, value->len);
        bound->fits = 1;
    }

    check = events_schema_add_check(build, keyword);

    check->u.bound = bound;
    check->detail = events_schema_print(compiler, "%s %.*s", keyword->detail,
                                        (int) value->len, text);
    return check->detail != NULL;
}


static int64_t
events_schema_small(const unsigned char *text, size_t len)
{
    int64_t               small;
    const unsigned char  *p;

    small = 0;

    for (p = text + (*text == '-'); p < text + len; p++) {
        small = small * 10 + (*p - '0');
    }

    return (*text == '-') ? -small : small;
}


static int
events_schema_multiple(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_number_t         number;
    events_divisor_t       *divisor;
    const unsigned char    *text;
    events_schema_check_t  *check;

    divisor = events_schema_alloc(compiler->schema, sizeof(events_divisor_t));
    if (divisor == NULL) {
        return events_schema_no_memory(compiler);
    }

    text = compiler->schema->doc.text + value->offset;

    events_number_parse(&number, text, value->len);

    if (!events_number_to_divisor(&number, divisor)) {
        return events_schema_error_must(compiler, value, keyword);
    }

    check = events_schema_add_check(build, keyword);

    check->u.divisor = divisor;
    check->detail = events_schema_print(compiler, "%s %.*s", keyword->detail,
                                        (int) value->len, text);
    return check->detail != NULL;
}


static int
events_schema_unique_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    if (value->type == EVENTS_JSON_TRUE) {
        events_schema_add_check(build, keyword);
    }

    return 1;
}


static int
events_schema_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_schema_check_t       *check;
    const events_schema_node_t  *node;

    node = events_schema_compile_node(compiler, value, "items");
    if (node == NULL) {
        return 0;
    }

    if (value->type != EVENTS_JSON_TRUE) {
        check = events_schema_add_check(build, keyword);
        check->u.node = node;
    }

    return 1;
}


static int
events_schema_properties(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    build->properties = value;

    return 1;
}


static int
events_schema_required_names(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    uint32_t                   n;
    const events_json_node_t  *name;

    name = value + 1;

    for (n = value->count; n != 0; n--) {

        if (name->type != EVENTS_JSON_STRING) {
            return events_schema_error_must(compiler, name, keyword);
        }

        name = &compiler->schema->doc.nodes[name->u.next];
    }

    build->required = value;

    return 1;
}


static int
events_schema_additional(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    build->additional = value;

    return 1;
}
