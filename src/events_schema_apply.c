
/* keywords that have schemas: JSON Schema core, sections 10.2 and 11 */

#include "events_schema_keyword.h"
#include "events_text.h"


static int events_schema_only(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value, unsigned in_place);
static int events_schema_depend(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value, unsigned expects);
static int events_schema_depend_on(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *key, events_schema_dependent_t *dependent);
static int events_schema_by_name(const events_schema_names_t *names,
    const events_str_t *name);


/* "allOf", "anyOf" and "oneOf" */

int
events_schema_branches(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    uint32_t                   i;
    const events_json_node_t  *branch;
    events_schema_branches_t  *branches;

    branches = events_schema_alloc(compiler->schema,
                                   sizeof(events_schema_branches_t));
    if (branches == NULL) {
        return events_schema_no_memory(compiler);
    }

    branches->nelts = value->count;
    branches->elts = events_schema_compile_nodes(compiler, value, keyword);

    if (branches->elts == NULL) {
        return 0;
    }

    branch = value + 1;

    for (i = 0; i < branches->nelts; i++) {

        if (!events_schema_add_edge(compiler, build->node, branches->elts[i],
                                    branch))
        {
            return 0;
        }

        branch = &compiler->schema->doc.nodes[branch->u.next];
    }

    events_schema_add_check(build, keyword)->u.branches = branches;

    return 1;
}


const events_schema_node_t **
events_schema_compile_nodes(events_schema_compiler_t *compiler,
    const events_json_node_t *array, const events_schema_keyword_t *keyword)
{
    uint32_t                     i;
    const events_json_node_t    *value;
    const events_schema_node_t  **nodes;

    if (array->count == 0) {
        events_schema_error_must(compiler, array, keyword);
        return NULL;
    }

    nodes = events_schema_alloc(compiler->schema,
                                array->count * sizeof(events_schema_node_t *));
    if (nodes == NULL) {
        events_schema_no_memory(compiler);
        return NULL;
    }

    value = array + 1;

    for (i = 0; i < array->count; i++) {
        nodes[i] = events_schema_compile_node(compiler, value,
                                          (const char *) keyword->name.data);
        if (nodes[i] == NULL) {
            return NULL;
        }

        value = &compiler->schema->doc.nodes[value->u.next];
    }

    return nodes;
}


int
events_schema_not(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return events_schema_only(compiler, build, keyword, value, 1);
}


int
events_schema_names(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return events_schema_only(compiler, build, keyword, value, 0);
}


int
events_schema_unevaluated_properties(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return events_schema_only(compiler, build, keyword, value, 0);
}


int
events_schema_unevaluated_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return events_schema_only(compiler, build, keyword, value, 0);
}


/* a check with this schema and nothing else */

static int
events_schema_only(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value, unsigned in_place)
{
    const events_schema_node_t  *node;

    node = events_schema_compile_node(compiler, value,
                                      (const char *) keyword->name.data);
    if (node == NULL) {
        return 0;
    }

    if (in_place
        && !events_schema_add_edge(compiler, build->node, node, value))
    {
        return 0;
    }

    events_schema_add_check(build, keyword)->u.node = node;

    return 1;
}


/* "if": the table has "then" and "else" after it */

int
events_schema_test(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_schema_if_t  *condition;

    condition = events_schema_alloc(compiler->schema,
                                    sizeof(events_schema_if_t));
    if (condition == NULL) {
        return events_schema_no_memory(compiler);
    }

    condition->test = events_schema_compile_node(compiler, value, "if");

    build->condition = condition;
    events_schema_add_check(build, keyword)->u.condition = condition;

    return condition->test
           && events_schema_add_edge(compiler, build->node, condition->test,
                                     value);
}


int
events_schema_then(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    const events_schema_node_t  *node;

    node = events_schema_compile_node(compiler, value, "then");

    if (node == NULL || build->condition == NULL) {
        return node != NULL;
    }

    build->condition->then = node;

    return events_schema_add_edge(compiler, build->node, node, value);
}


int
events_schema_otherwise(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    const events_schema_node_t  *node;

    node = events_schema_compile_node(compiler, value, "else");

    if (node == NULL || build->condition == NULL) {
        return node != NULL;
    }

    build->condition->otherwise = node;

    return events_schema_add_edge(compiler, build->node, node, value);
}


/* validation, section 8.5: an annotation, but what is in it must be right */

int
events_schema_content(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return events_schema_compile_node(compiler, value, "contentSchema")
           != NULL;
}


int
events_schema_dependent_required(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return events_schema_depend(compiler, build, keyword, value,
                                EVENTS_SCHEMA_ARRAY);
}


int
events_schema_dependent_schemas(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return events_schema_depend(compiler, build, keyword, value,
                                EVENTS_SCHEMA_OBJECT | EVENTS_SCHEMA_BOOLEAN);
}


int
events_schema_dependencies(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    return events_schema_depend(compiler, build, keyword, value,
                                EVENTS_SCHEMA_ARRAY | EVENTS_SCHEMA_OBJECT
                                | EVENTS_SCHEMA_BOOLEAN);
}


static int
events_schema_depend(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value, unsigned expects)
{
    uint32_t                     i;
    const events_json_node_t    *key;
    events_schema_dependents_t  *dependents;

    dependents = events_schema_alloc(compiler->schema,
                                     sizeof(events_schema_dependents_t));
    if (dependents == NULL) {
        return events_schema_no_memory(compiler);
    }

    dependents->nelts = value->count;
    dependents->elts = events_schema_alloc(compiler->schema,
                                           value->count
                                           * sizeof(events_schema_dependent_t));
    if (dependents->elts == NULL) {
        return events_schema_no_memory(compiler);
    }

    key = value + 1;

    for (i = 0; i < dependents->nelts; i++) {

        if (!((1 << key[1].type) & expects)) {
            return events_schema_error_must(compiler, key + 1, keyword);
        }

        if (!events_schema_depend_on(compiler, build, keyword, key,
                                     &dependents->elts[i]))
        {
            return 0;
        }

        key = &compiler->schema->doc.nodes[key[1].u.next];
    }

    events_schema_add_check(build, keyword)->u.dependents = dependents;

    return 1;
}


static int
events_schema_depend_on(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *key, events_schema_dependent_t *dependent)
{
    if (!events_schema_copy_string(compiler, key, &dependent->name)) {
        return 0;
    }

    dependent->hash = events_json_hash(dependent->name.data,
                                       dependent->name.len);

    if (key[1].type != EVENTS_JSON_ARRAY) {
        dependent->schema = events_schema_compile_node(compiler, key + 1,
                                          (const char *) keyword->name.data);
        return dependent->schema
               && events_schema_add_edge(compiler, build->node,
                                         dependent->schema, key + 1);
    }

    dependent->nnames = key[1].count;
    dependent->names = events_schema_copy_names(compiler, key + 1, keyword);
    dependent->detail = events_schema_print(compiler,
                               "is required when \"%.*s\" is present",
                               (int) events_text_fit(dependent->name.data,
                                                     dependent->name.len,
                                                     EVENTS_SCHEMA_LISTED),
                               dependent->name.data);

    return dependent->names && dependent->detail;
}


events_str_t *
events_schema_copy_names(events_schema_compiler_t *compiler,
    const events_json_node_t *array, const events_schema_keyword_t *keyword)
{
    uint32_t                i;
    events_str_t           *elts;
    events_schema_names_t   names;

    elts = events_schema_alloc(compiler->schema,
                               array->count * sizeof(events_str_t));
    if (elts == NULL) {
        events_schema_no_memory(compiler);
        return NULL;
    }

    for (i = 0; i < array->count; i++) {

        if (array[i + 1].type != EVENTS_JSON_STRING) {
            events_schema_error_must(compiler, &array[i + 1], keyword);
            return NULL;
        }

        if (!events_schema_copy_string(compiler, &array[i + 1], &elts[i])) {
            return NULL;
        }
    }

    memset(&names, 0, sizeof(events_schema_names_t));
    names.elts = elts;
    names.nelts = array->count;

    if (!events_schema_names_index(compiler->schema, &names)) {
        events_schema_no_memory(compiler);
        return NULL;
    }

    for (i = 0; i < array->count; i++) {

        /* the first of several is found */

        if (events_schema_by_name(&names, &elts[i]) != (int) i) {
            events_schema_error_must(compiler, &array[i + 1], keyword);
            return NULL;
        }
    }

    return elts;
}


static int
events_schema_by_name(const events_schema_names_t *names,
    const events_str_t *name)
{
    return events_schema_names_find(names,
                                    events_json_hash(name->data, name->len),
                                    name->data, name->len);
}
