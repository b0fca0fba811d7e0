
#include "events_schema_compile.h"
#include "events_pointer.h"
#include "events_text.h"

#include <stdio.h>
#include <stdlib.h>


/* of a name that an error quotes */
#define EVENTS_SCHEMA_QUOTE  64

/* names that differ in so many letters may be slips */
#define EVENTS_SCHEMA_SLIP  2


static int events_schema_compile_all(events_schema_compiler_t *compiler);
static int events_schema_check_names(events_schema_compiler_t *compiler);
static int events_schema_compile_object(events_schema_compiler_t *compiler,
    events_schema_node_t *node, const events_json_node_t *value);
static int events_schema_collect(events_schema_compiler_t *compiler,
    const events_json_node_t *object, const events_json_node_t **values);
static int events_schema_unknown(events_schema_compiler_t *compiler,
    const events_json_node_t *key);
static unsigned events_schema_distance(const events_str_t *a,
    const events_str_t *b);
static int events_schema_ignores(events_schema_compiler_t *compiler,
    const events_schema_keyword_t *keyword, const events_json_node_t *value,
    unsigned has_ref, unsigned *ignore);
static int events_schema_other_draft(events_schema_compiler_t *compiler,
    const events_schema_keyword_t *keyword, const events_json_node_t *value);
static int events_schema_finish(events_schema_compiler_t *compiler,
    events_schema_build_t *build);
static void events_schema_put_last(events_schema_build_t *build,
    events_schema_check_pt run);
static int events_schema_track(events_schema_compiler_t *compiler,
    events_schema_check_t *checks, uint32_t *n);
static int events_schema_copy_list(events_schema_compiler_t *compiler,
    const events_schema_check_t *checks, uint32_t n,
    const events_schema_check_t **list);
static int events_schema_lists(events_schema_compiler_t *compiler,
    events_schema_build_t *build);
static int events_schema_list(events_schema_compiler_t *compiler,
    events_schema_build_t *build, unsigned type);
static void events_schema_type_check(events_schema_check_t *check,
    events_schema_check_pt run, const char *code, const char *detail);


/* a keyword of one draft, and what to do in the other */

typedef struct {
    events_str_t  name;
    const char   *instead;
} events_schema_instead_t;


static const events_schema_instead_t  events_schema_instead[] = {
    { events_string("prefixItems"), "use \"items\" with an array" },
    { events_string("dependentRequired"), "use \"dependencies\"" },
    { events_string("dependentSchemas"), "use \"dependencies\"" },
    { events_string("additionalItems"),
      "use \"prefixItems\", and \"items\" for those after them" },
    { events_string("dependencies"),
      "use \"dependentRequired\" or \"dependentSchemas\"" },
    { events_null_string, NULL }
};


/* the list of an instance that nothing is asked of */

static const events_schema_check_t  events_schema_nothing[1];


const events_schema_node_t *
events_schema_compile_doc(events_schema_t *schema, unsigned flags,
    events_schema_error_t *error)
{
    int                       rc;
    events_schema_compiler_t  compiler;

    memset(&compiler, 0, sizeof(events_schema_compiler_t));

    compiler.schema = schema;
    compiler.error = error;
    compiler.flags = flags;
    compiler.draft7 = (flags & EVENTS_SCHEMA_DRAFT7) != 0;
    compiler.nodes = calloc(schema->doc.nnodes,
                            sizeof(events_schema_node_t *));

    if (compiler.nodes == NULL) {
        rc = events_schema_no_memory(&compiler);

    } else {
        rc = events_schema_compile_all(&compiler);
    }

    schema->root = rc ? compiler.nodes[0] : NULL;
    schema->nnodes = compiler.nnodes;

    free(compiler.nodes);
    free(compiler.edges);

    return schema->root;
}


static int
events_schema_compile_all(events_schema_compiler_t *compiler)
{
    return events_schema_check_names(compiler)
           && events_schema_identify_init(compiler)
           && events_schema_compile_node(compiler,
                                         compiler->schema->doc.nodes, "false")
           && events_schema_link(compiler);
}


static int
events_schema_check_names(events_schema_compiler_t *compiler)
{
    uint32_t                    i, found;
    const events_json_event_t  *doc;

    doc = &compiler->schema->doc;

    if (!doc->nodes[0].duplicate) {
        return 1;
    }

    for (i = 0; i < doc->nnodes; i++) {

        if (doc->nodes[i].type == EVENTS_JSON_OBJECT
            && doc->nodes[i].duplicate
            && events_schema_duplicates(doc, i, &found, 1))
        {
            return events_schema_error(compiler, &doc->nodes[found],
                                       "a member occurs more than once; "
                                       "keep one of them");
        }
    }

    return events_schema_error(compiler, doc->nodes,
                               "a member occurs more than once");
}


int
events_schema_error(events_schema_compiler_t *compiler,
    const events_json_node_t *node, const char *fmt, ...)
{
    size_t                  len;
    va_list                 args;
    events_path_t           steps[EVENTS_POINTER_STEPS];
    const events_path_t    *path;
    events_schema_error_t  *error;

    error = compiler->error;

    path = events_pointer_path(&compiler->schema->doc,
                               node - compiler->schema->doc.nodes, steps);

    len = events_pointer_write((unsigned char *) error->pointer,
                               sizeof(error->pointer) - 1,
                               compiler->schema->doc.text, path);
    error->pointer[len] = '\0';
    error->offset = node->offset;

    va_start(args, fmt);
    events_text_vprint(error->text, sizeof(error->text), fmt, args);
    va_end(args);

    return 0;
}


int
events_schema_error_must(events_schema_compiler_t *compiler,
    const events_json_node_t *node, const events_schema_keyword_t *keyword)
{
    return events_schema_error(compiler, node, "\"%s\" must be %s",
                               keyword->name.data, keyword->must);
}


int
events_schema_no_memory(events_schema_compiler_t *compiler)
{
    snprintf(compiler->error->text, sizeof(compiler->error->text),
             "no memory");
    return 0;
}


char *
events_schema_print(events_schema_compiler_t *compiler, const char *fmt, ...)
{
    char    *text, buf[EVENTS_MAX_DETAIL];
    size_t   len;
    va_list  args;

    va_start(args, fmt);
    len = events_text_vprint(buf, sizeof(buf), fmt, args);
    va_end(args);

    text = events_schema_alloc(compiler->schema, len + 1);
    if (text == NULL) {
        events_schema_no_memory(compiler);
        return NULL;
    }

    memcpy(text, buf, len);

    return text;
}


int
events_schema_copy_string(events_schema_compiler_t *compiler,
    const events_json_node_t *node, events_str_t *str)
{
    unsigned char  *data;

    if (!node->escaped) {
        *str = events_json_raw(compiler->schema->doc.text, node);
        return 1;
    }

    data = events_schema_alloc(compiler->schema, node->len);
    if (data == NULL) {
        return events_schema_no_memory(compiler);
    }

    str->data = data;
    str->len = events_json_unescape(compiler->schema->doc.text, node, data,
                                    node->len);
    return 1;
}


/* a reference may have asked for the node before the walk came to it */

events_schema_node_t *
events_schema_reference(events_schema_compiler_t *compiler,
    const events_json_node_t *value)
{
    uint32_t               i, type;
    events_schema_node_t  *node;

    i = value - compiler->schema->doc.nodes;

    if (compiler->nodes[i]) {
        return compiler->nodes[i];
    }

    if (compiler->nnodes++ == EVENTS_SCHEMA_MAX_NODES) {
        events_schema_error(compiler, value, "there are more than %d schemas",
                            EVENTS_SCHEMA_MAX_NODES);
        return NULL;
    }

    node = events_schema_alloc(compiler->schema, sizeof(events_schema_node_t));
    if (node == NULL) {
        events_schema_no_memory(compiler);
        return NULL;
    }

    for (type = 0; type < EVENTS_SCHEMA_TYPES; type++) {
        node->checks[type] = events_schema_nothing;
    }

    node->doc = i;
    node->types = EVENTS_SCHEMA_ANY;
    compiler->nodes[i] = node;

    return node;
}


events_schema_node_t *
events_schema_compile_node(events_schema_compiler_t *compiler,
    const events_json_node_t *value, const char *code)
{
    int                        rc;
    uint32_t                   type;
    events_schema_node_t      *node;
    events_schema_check_t     *check;
    events_schema_resource_t  *resource;

    if (value->type != EVENTS_JSON_OBJECT
        && value->type != EVENTS_JSON_TRUE && value->type != EVENTS_JSON_FALSE)
    {
        events_schema_error(compiler, value,
                            "a schema must be an object or a boolean");
        return NULL;
    }

    node = events_schema_reference(compiler, value);
    if (node == NULL) {
        return NULL;
    }

    if (node->compiled) {
        return node;
    }

    node->compiled = 1;
    node->resource = compiler->resource;

    if (value->type == EVENTS_JSON_OBJECT) {
        resource = compiler->resource;

        rc = events_schema_compile_object(compiler, node, value);

        node->resource = compiler->resource;
        compiler->resource = resource;

        return rc ? node : NULL;
    }

    if (value->type == EVENTS_JSON_TRUE) {
        return node;
    }

    check = events_schema_alloc(compiler->schema,
                                2 * sizeof(events_schema_check_t));
    if (check == NULL) {
        events_schema_no_memory(compiler);
        return NULL;
    }

    events_schema_type_check(check, events_schema_check_never, code,
                             "is not allowed");

    for (type = 0; type < EVENTS_SCHEMA_TYPES; type++) {
        node->checks[type] = check;
    }

    node->types = 0;

    return node;
}


static int
events_schema_compile_object(events_schema_compiler_t *compiler,
    events_schema_node_t *node, const events_json_node_t *value)
{
    uint32_t                        i;
    unsigned                        ignore, has_ref;
    events_schema_build_t           build;
    const events_json_node_t       *values[EVENTS_SCHEMA_KEYWORDS];
    const events_schema_keyword_t  *keyword;

    static const events_str_t  ref = events_string("$ref");

    if (!events_schema_collect(compiler, value, values)) {
        return 0;
    }

    memset(&build, 0, sizeof(events_schema_build_t));
    build.node = node;
    build.text = value;
    build.types = EVENTS_SCHEMA_ANY;

    has_ref = events_json_member(&compiler->schema->doc, value, &ref,
                                 events_json_hash(ref.data, ref.len))
              != NULL;

    for (i = 0; events_schema_keywords[i].name.data; i++) {
        keyword = &events_schema_keywords[i];

        if (values[i] == NULL) {
            continue;
        }

        if (!events_schema_ignores(compiler, keyword, values[i], has_ref,
                                   &ignore))
        {
            return 0;
        }

        if (ignore) {
            continue;
        }

        if (!((1 << values[i]->type) & keyword->expects)) {
            return events_schema_error_must(compiler, values[i], keyword);
        }

        if (!keyword->compile(compiler, &build, keyword, values[i])) {
            return 0;
        }
    }

    return events_schema_finish(compiler, &build);
}


/* from the order of the file to the order of the table */

static int
events_schema_collect(events_schema_compiler_t *compiler,
    const events_json_node_t *object, const events_json_node_t **values)
{
    uint32_t                        i, n;
    const events_json_node_t       *key, *nodes;
    const events_schema_keyword_t  *keyword;

    memset(values, 0, EVENTS_SCHEMA_KEYWORDS * sizeof(values[0]));

    nodes = compiler->schema->doc.nodes;
    key = object + 1;

    for (n = object->count; n != 0; n--) {

        for (i = 0; events_schema_keywords[i].name.data; i++) {
            keyword = &events_schema_keywords[i];

            if (events_json_equals(compiler->schema->doc.text, key,
                                   &keyword->name))
            {
                break;
            }
        }

        if (events_schema_keywords[i].name.data) {
            values[i] = key + 1;

        } else if (!(compiler->flags & EVENTS_SCHEMA_LAX)) {
            return events_schema_unknown(compiler, key);
        }

        key = &nodes[key[1].u.next];
    }

    return 1;
}


static int
events_schema_unknown(events_schema_compiler_t *compiler,
    const events_json_node_t *key)
{
    size_t                          len;
    unsigned                        distance, best;
    events_str_t                    name;
    const events_schema_keyword_t  *keyword, *near;

    name = events_json_raw(compiler->schema->doc.text, key);
    len = events_text_fit(name.data, name.len, EVENTS_SCHEMA_QUOTE);

    near = NULL;
    best = EVENTS_SCHEMA_SLIP + 1;

    for (keyword = events_schema_keywords; keyword->name.data; keyword++) {
        distance = events_schema_distance(&name, &keyword->name);

        if (distance < best) {
            best = distance;
            near = keyword;
        }
    }

    if (near) {
        return events_schema_error(compiler, key,
                                   "\"%.*s\" is not a keyword; "
                                   "it may be a slip for \"%s\"",
                                   (int) len, name.data, near->name.data);
    }

    return events_schema_error(compiler, key,
                               "\"%.*s\" is not a keyword; remove it, "
                               "or put it into \"$comment\" or \"examples\"",
                               (int) len, name.data);
}


/* letters to insert, delete or replace, upper and lower case alike */

static unsigned
events_schema_distance(const events_str_t *a, const events_str_t *b)
{
    size_t         i, j;
    unsigned       above, left, best;
    unsigned char  row[EVENTS_SCHEMA_QUOTE + 1];

    if (a->len > EVENTS_SCHEMA_QUOTE || b->len > EVENTS_SCHEMA_QUOTE) {
        return EVENTS_SCHEMA_QUOTE;
    }

    for (j = 0; j <= b->len; j++) {
        row[j] = j;
    }

    for (i = 0; i < a->len; i++) {
        left = row[0];
        row[0] = i + 1;

        for (j = 0; j < b->len; j++) {
            above = row[j + 1];
            best = left + ((a->data[i] | 0x20) != (b->data[j] | 0x20));

            if (above + 1 < best) {
                best = above + 1;
            }

            if (row[j] + 1u < best) {
                best = row[j] + 1;
            }

            row[j + 1] = best;
            left = above;
        }
    }

    return row[b->len];
}


/*
 * What has no effect is a mistake of who wrote it, or a contract for another
 * draft; it is ignored only if that is asked for.
 */

static int
events_schema_ignores(events_schema_compiler_t *compiler,
    const events_schema_keyword_t *keyword, const events_json_node_t *value,
    unsigned has_ref, unsigned *ignore)
{
    unsigned  other, lax;

    lax = compiler->flags & EVENTS_SCHEMA_LAX;
    other = compiler->draft7 ? EVENTS_SCHEMA_IN_2020_12
                             : EVENTS_SCHEMA_IN_DRAFT7;

    *ignore = (keyword->run == events_schema_check_format)
              && (compiler->flags & EVENTS_SCHEMA_NO_FORMAT);

    if (keyword->flags & other) {
        *ignore = 1;
        return lax || events_schema_other_draft(compiler, keyword, value);
    }

    /* draft-07, section 8.3 */

    if (has_ref && compiler->draft7
        && !(keyword->flags & EVENTS_SCHEMA_BESIDE_REF))
    {
        *ignore = 1;
        return lax
               || events_schema_error(compiler, value,
                           "\"%s\" has no effect beside \"$ref\" in draft-07; "
                           "move it to the schema referred to",
                           keyword->name.data);
    }

    if (keyword->compile == NULL) {
        return events_schema_error(compiler, value,
                                   "\"%s\" is not supported; "
                                   "say it with the keywords that are",
                                   keyword->name.data);
    }

    return 1;
}


static int
events_schema_other_draft(events_schema_compiler_t *compiler,
    const events_schema_keyword_t *keyword, const events_json_node_t *value)
{
    const char                     *instead;
    const events_schema_instead_t  *row;

    instead = "name the other draft in \"$schema\"";

    for (row = events_schema_instead; row->instead; row++) {
        if (events_str_eq(&row->name, &keyword->name)) {
            instead = row->instead;
        }
    }

    return events_schema_error(compiler, value, "\"%s\" is a keyword of %s, "
                               "and this file is in %s; %s",
                               keyword->name.data,
                               compiler->draft7 ? "draft 2020-12" : "draft-07",
                               compiler->draft7 ? "draft-07" : "draft 2020-12",
                               instead);
}


static int
events_schema_finish(events_schema_compiler_t *compiler,
    events_schema_build_t *build)
{
    if (!events_schema_finish_lengths(compiler, build)
        || !events_schema_finish_object(compiler, build)
        || !events_schema_finish_array(compiler, build))
    {
        return 0;
    }

    build->node->types = build->types;

    events_schema_put_last(build, events_schema_check_unevaluated_items);
    events_schema_put_last(build, events_schema_check_unevaluated_properties);

    return events_schema_lists(compiler, build);
}


/* what is unevaluated is known when all others have run */

static void
events_schema_put_last(events_schema_build_t *build,
    events_schema_check_pt run)
{
    uint32_t               i;
    events_schema_typed_t  typed;

    for (i = 0; i < build->nchecks; i++) {

        if (build->checks[i].check.run == run) {
            typed = build->checks[i];
            build->nchecks--;

            memmove(&build->checks[i], &build->checks[i + 1],
                    (build->nchecks - i) * sizeof(events_schema_typed_t));

            build->checks[build->nchecks++] = typed;
            return;
        }
    }
}


events_schema_check_t *
events_schema_add_check(events_schema_build_t *build,
    const events_schema_keyword_t *keyword)
{
    events_schema_typed_t  *typed;

    typed = &build->checks[build->nchecks++];

    typed->types = keyword->types;
    events_schema_type_check(&typed->check, keyword->run,
                             (const char *) keyword->name.data,
                             keyword->detail);
    return &typed->check;
}


static void
events_schema_type_check(events_schema_check_t *check,
    events_schema_check_pt run, const char *code, const char *detail)
{
    memset(check, 0, sizeof(events_schema_check_t));

    check->run = run;
    check->code = code;
    check->detail = detail;
}


static int
events_schema_lists(events_schema_compiler_t *compiler,
    events_schema_build_t *build)
{
    unsigned  type;

    for (type = 0; type < EVENTS_SCHEMA_TYPES; type++) {
        if (!events_schema_list(compiler, build, type)) {
            return 0;
        }
    }

    if (build->ref) {
        build->ref->alone = build->nchecks == 1
                            && build->types == EVENTS_SCHEMA_ANY;
    }

    return 1;
}


/*
 * What an instance of the wrong type would fail beyond that is of no interest
 * to anybody: its list has the type alone.
 */

static int
events_schema_list(events_schema_compiler_t *compiler,
    events_schema_build_t *build, unsigned type)
{
    unsigned               integer;
    uint32_t               i, n;
    events_schema_check_t  checks[EVENTS_SCHEMA_MAX_CHECKS + 2];

    n = 0;
    integer = (type == EVENTS_JSON_NUMBER)
              && (build->types & EVENTS_SCHEMA_INTEGER);

    if (!(build->types & (1 << type))) {
        events_schema_type_check(&checks[n++],
                                 integer ? events_schema_check_integer
                                         : events_schema_check_never,
                                 "type", build->types_detail);
    }

    if (n == 0 || integer) {
        for (i = 0; i < build->nchecks; i++) {
            if (build->checks[i].types & (1 << type)) {
                checks[n++] = build->checks[i].check;
            }
        }
    }

    if (n == 0) {
        return 1;
    }

    return events_schema_track(compiler, checks, &n)
           && events_schema_copy_list(compiler, checks, n,
                                      &build->node->checks[type]);
}


/* puts a list that needs marks into one check that keeps them */

static int
events_schema_track(events_schema_compiler_t *compiler,
    events_schema_check_t *checks, uint32_t *n)
{
    const events_schema_check_t  *list = NULL;

    if (checks[*n - 1].run != events_schema_check_unevaluated_items
        && checks[*n - 1].run != events_schema_check_unevaluated_properties)
    {
        return 1;
    }

    if (!events_schema_copy_list(compiler, checks, *n, &list)) {
        return 0;
    }

    events_schema_type_check(&checks[0], events_schema_check_tracked, NULL,
                             NULL);
    checks[0].u.list = list;
    *n = 1;

    return 1;
}


static int
events_schema_copy_list(events_schema_compiler_t *compiler,
    const events_schema_check_t *checks, uint32_t n,
    const events_schema_check_t **list)
{
    events_schema_check_t  *copy;

    copy = events_schema_alloc(compiler->schema,
                               (n + 1) * sizeof(events_schema_check_t));
    if (copy == NULL) {
        return events_schema_no_memory(compiler);
    }

    memcpy(copy, checks, n * sizeof(events_schema_check_t));
    *list = copy;

    return 1;
}
