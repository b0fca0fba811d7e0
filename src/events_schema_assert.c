
/* keywords that look at one value: JSON Schema validation, section 6 */

#include "events_schema_keyword.h"

#include <stdio.h>


/* limits of lengths and counts: events are far smaller */
#define EVENTS_SCHEMA_MAX_LIMIT  2147483647

/* digits of a number that 64 bits hold, whatever they are */
#define EVENTS_SCHEMA_SMALL  18


static const events_schema_type_t *events_schema_type_find(
    events_schema_compiler_t *compiler, const events_json_node_t *value);
static int events_schema_values(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *first, uint32_t n);
static const char *events_schema_values_detail(
    events_schema_compiler_t *compiler,
    const events_schema_keyword_t *keyword, const events_json_node_t *first,
    uint32_t n);
static int events_schema_is_length(const events_schema_check_t *check);
static void events_schema_limit_bytes(events_schema_lengths_t *lengths,
    const events_schema_check_t *check);
static int64_t events_schema_small(const unsigned char *text, size_t len);


const events_schema_type_t  events_schema_types[] = {
    { events_string("null"),    EVENTS_SCHEMA_NULL,    "null" },
    { events_string("boolean"), EVENTS_SCHEMA_BOOLEAN, "a boolean" },
    { events_string("object"),  EVENTS_SCHEMA_OBJECT,  "an object" },
    { events_string("array"),   EVENTS_SCHEMA_ARRAY,   "an array" },
    { events_string("number"),  EVENTS_SCHEMA_NUMBER,  "a number" },
    { events_string("string"),  EVENTS_SCHEMA_STRING,  "a string" },
    { events_string("integer"), EVENTS_SCHEMA_INTEGER, "an integer" },
    { events_null_string, 0, NULL }
};


int
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


int
events_schema_enum(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    /* section 6.1.2: it should not be, and nothing is valid then */

    if (value->count == 0 && !(compiler->flags & EVENTS_SCHEMA_LAX)) {
        return events_schema_error_must(compiler, value, keyword);
    }

    return events_schema_values(compiler, build, keyword, value + 1,
                                value->count);
}


int
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

    values->text = first;
    values->n = n;

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

    if (n == 0) {
        return keyword->detail;
    }

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


int
events_schema_limit(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    uint32_t                limit;
    events_schema_check_t  *check;

    if (!events_schema_copy_count(compiler, keyword, value, &limit)) {
        return 0;
    }

    check = events_schema_add_check(build, keyword);

    check->u.limit = limit;
    check->detail = events_schema_print(compiler, "%s %u %s%s",
                                        keyword->detail, (unsigned) limit,
                                        keyword->unit, limit == 1 ? "" : "s");
    return check->detail != NULL;
}


/* puts "minLength" and "maxLength", one behind the other, into one check */

int
events_schema_finish_lengths(events_schema_compiler_t *compiler,
    events_schema_build_t *build)
{
    uint32_t                  i, n;
    events_schema_typed_t    *typed;
    events_schema_lengths_t  *lengths;

    typed = build->checks;

    for (i = 0; i < build->nchecks; i++) {
        if (events_schema_is_length(&typed[i].check)) {
            break;
        }
    }

    if (i == build->nchecks) {
        return 1;
    }

    lengths = events_schema_alloc(compiler->schema,
                                  sizeof(events_schema_lengths_t));
    if (lengths == NULL) {
        return events_schema_no_memory(compiler);
    }

    lengths->most = SIZE_MAX;

    for (n = 0;
         i + n < build->nchecks && events_schema_is_length(&typed[i + n].check);
         n++)
    {
        lengths->checks[n] = typed[i + n].check;
        events_schema_limit_bytes(lengths, &typed[i + n].check);
    }

    memset(&typed[i].check, 0, sizeof(events_schema_check_t));

    typed[i].check.run = events_schema_check_lengths;
    typed[i].check.u.lengths = lengths;

    build->nchecks -= n - 1;
    memmove(&typed[i + 1], &typed[i + n],
            (build->nchecks - i - 1) * sizeof(events_schema_typed_t));

    return 1;
}


static int
events_schema_is_length(const events_schema_check_t *check)
{
    return check->run == events_schema_check_min_length
           || check->run == events_schema_check_max_length;
}


/* a character has at most four bytes, and at least one */

static void
events_schema_limit_bytes(events_schema_lengths_t *lengths,
    const events_schema_check_t *check)
{
    if (check->run == events_schema_check_max_length) {
        lengths->most = check->u.limit;

    } else if (check->u.limit > 0) {
        lengths->least = (size_t) 4 * (check->u.limit - 1) + 1;
    }
}


int
events_schema_copy_count(events_schema_compiler_t *compiler,
    const events_schema_keyword_t *keyword, const events_json_node_t *value,
    uint32_t *count)
{
    uint64_t         limit;
    events_number_t  number;

    events_number_parse(&number, compiler->schema->doc.text + value->offset,
                        value->len);

    if (!events_number_to_uint(&number, EVENTS_SCHEMA_MAX_LIMIT, &limit)) {
        return events_schema_error_must(compiler, value, keyword);
    }

    *count = limit;

    return 1;
}


int
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


int
events_schema_unique_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    if (value->type == EVENTS_JSON_TRUE) {
        events_schema_add_check(build, keyword);
    }

    return 1;
}
