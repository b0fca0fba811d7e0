
/* JSON Schema core, section 10.3.1; draft-07, section 6.4 */

#include "events_schema_keyword.h"


static events_schema_array_t *events_schema_array(
    events_schema_compiler_t *compiler, events_schema_build_t *build);
static int events_schema_rest(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
static int events_schema_finish_contains(events_schema_compiler_t *compiler,
    events_schema_build_t *build);


static const events_schema_keyword_t  events_schema_some_items = {
    .name = events_string("items"),
    .must = "a schema, or an array of at least one schema"
};


static const events_schema_keyword_t  events_schema_all_items = {
    .name = events_string("items"),
    .types = EVENTS_SCHEMA_ARRAY,
    .run = events_schema_check_items
};


static const events_schema_keyword_t  events_schema_each_item = {
    .name = events_string("items"),
    .types = EVENTS_SCHEMA_ARRAY,
    .run = events_schema_check_array
};


static const events_schema_keyword_t  events_schema_contained_items = {
    .name = events_string("contains"),
    .types = EVENTS_SCHEMA_ARRAY,
    .run = events_schema_check_contains
};


int
events_schema_prefix(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_schema_array_t  *array;

    array = events_schema_array(compiler, build);
    if (array == NULL) {
        return 0;
    }

    array->nprefix = value->count;
    array->prefix = events_schema_compile_nodes(compiler, value, keyword);

    return array->prefix != NULL;
}


static events_schema_array_t *
events_schema_array(events_schema_compiler_t *compiler,
    events_schema_build_t *build)
{
    if (build->array == NULL) {
        build->array = events_schema_alloc(compiler->schema,
                                           sizeof(events_schema_array_t));
        if (build->array == NULL) {
            events_schema_no_memory(compiler);
        }
    }

    return build->array;
}


int
events_schema_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    if (value->type != EVENTS_JSON_ARRAY) {
        return events_schema_rest(compiler, build, keyword, value);
    }

    if (!compiler->draft7) {
        return events_schema_error(compiler, value,
                                   "\"items\" must be a schema: an object or "
                                   "a boolean; for an array of schemas use "
                                   "\"prefixItems\"");
    }

    return events_schema_prefix(compiler, build, &events_schema_some_items,
                                value);
}


/* draft-07, section 6.4.2: without an array in "items" it has no effect */

int
events_schema_additional_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    if (build->array == NULL || build->array->nprefix == 0) {
        return events_schema_compile_node(compiler, value, "additionalItems")
               != NULL;
    }

    return events_schema_rest(compiler, build, keyword, value);
}


static int
events_schema_rest(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_schema_array_t       *array;
    const events_schema_node_t  *node;

    node = events_schema_compile_node(compiler, value,
                                      (const char *) keyword->name.data);
    array = events_schema_array(compiler, build);

    if (node == NULL || array == NULL) {
        return 0;
    }

    array->rest = (value->type == EVENTS_JSON_TRUE) ? NULL : node;
    array->all = 1;

    return 1;
}


int
events_schema_contains(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_schema_contains_t  *contains;

    contains = events_schema_alloc(compiler->schema,
                                   sizeof(events_schema_contains_t));
    if (contains == NULL) {
        return events_schema_no_memory(compiler);
    }

    contains->schema = events_schema_compile_node(compiler, value, "contains");
    contains->min = 1;
    contains->max = EVENTS_SCHEMA_UNLIMITED;
    contains->min_code = "contains";

    build->contains = contains;

    return contains->schema != NULL;
}


int
events_schema_min_contains(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    uint32_t  count;

    if (!events_schema_copy_count(compiler, keyword, value, &count)) {
        return 0;
    }

    if (build->contains) {
        build->contains->min = count;
        build->contains->min_code = "minContains";
    }

    return 1;
}


int
events_schema_max_contains(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    uint32_t  count;

    if (!events_schema_copy_count(compiler, keyword, value, &count)) {
        return 0;
    }

    if (build->contains) {
        build->contains->max = count;
    }

    return 1;
}


int
events_schema_finish_array(events_schema_compiler_t *compiler,
    events_schema_build_t *build)
{
    events_schema_array_t  *array;

    array = build->array;

    if (array && array->nprefix == 0 && array->rest) {
        events_schema_add_check(build, &events_schema_all_items)->u.node =
                                                                  array->rest;

    } else if (array) {
        events_schema_add_check(build, &events_schema_each_item)->u.array =
                                                                        array;
    }

    return build->contains == NULL
           || events_schema_finish_contains(compiler, build);
}


static int
events_schema_finish_contains(events_schema_compiler_t *compiler,
    events_schema_build_t *build)
{
    events_schema_contains_t  *contains;

    contains = build->contains;

    contains->min_detail = "has no item that matches";

    if (contains->min > 1) {
        contains->min_detail = events_schema_print(compiler,
                                       "has fewer than %u items that match",
                                       (unsigned) contains->min);
    }

    contains->max_detail = events_schema_print(compiler,
                                       "has more than %u item%s that match%s",
                                       (unsigned) contains->max,
                                       contains->max == 1 ? "" : "s",
                                       contains->max == 1 ? "es" : "");

    events_schema_add_check(build, &events_schema_contained_items)
        ->u.contains = contains;

    return contains->min_detail && contains->max_detail;
}
