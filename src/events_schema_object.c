
#include "events_schema_compile.h"


static int events_schema_object_names(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object);
static int events_schema_object_members(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object);
static int events_schema_object_required(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object);


static const events_schema_keyword_t  events_schema_object = {
    .name = events_string("properties"),
    .types = EVENTS_SCHEMA_OBJECT,
    .run = events_schema_check_object
};


int
events_schema_finish_object(events_schema_compiler_t *compiler,
    events_schema_build_t *build)
{
    events_schema_check_t   *check;
    events_schema_object_t  *object;

    if (!build->properties && !build->required && !build->additional) {
        return 1;
    }

    object = events_schema_alloc(compiler->schema,
                                 sizeof(events_schema_object_t));
    if (object == NULL) {
        return events_schema_no_memory(compiler);
    }

    if (!events_schema_object_names(compiler, build, object)
        || !events_schema_object_members(compiler, build, object)
        || !events_schema_object_required(compiler, build, object))
    {
        return 0;
    }

    if (build->additional) {
        object->additional = events_schema_compile_node(compiler,
                                 build->additional, "additionalProperties");
        if (object->additional == NULL) {
            return 0;
        }

        if (build->additional->type == EVENTS_JSON_TRUE) {
            object->additional = NULL;
        }
    }

    check = events_schema_add_check(build, &events_schema_object);
    check->u.object = object;

    return 1;
}


/* those of "properties", then those of "required", which may come twice */

static int
events_schema_object_names(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object)
{
    uint32_t                   i, n;
    events_str_t              *name;
    const events_json_node_t  *node, *nodes;

    nodes = compiler->schema->doc.nodes;

    n = build->properties ? build->properties->count : 0;
    object->names.nelts = n + (build->required ? build->required->count : 0);

    object->names.elts = events_schema_alloc(compiler->schema,
                              object->names.nelts * sizeof(events_str_t));
    object->members = events_schema_alloc(compiler->schema,
                              object->names.nelts
                              * sizeof(events_schema_member_t));

    if (object->names.elts == NULL || object->members == NULL) {
        return events_schema_no_memory(compiler);
    }

    name = object->names.elts;
    node = build->properties ? build->properties + 1 : NULL;

    for (i = 0; i < object->names.nelts; i++) {

        if (i == n) {
            node = build->required + 1;
        }

        if (!events_schema_copy_string(compiler, node, &name[i])) {
            return 0;
        }

        node = &nodes[i < n ? node[1].u.next : node->u.next];
    }

    return events_schema_names_index(compiler->schema, &object->names)
           || events_schema_no_memory(compiler);
}


static int
events_schema_object_members(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object)
{
    uint32_t                     i, n;
    const events_json_node_t    *key, *nodes;
    const events_schema_node_t  *schema;

    if (build->properties == NULL) {
        return 1;
    }

    nodes = compiler->schema->doc.nodes;
    key = build->properties + 1;
    n = build->properties->count;

    for (i = 0; i < n; i++) {
        schema = events_schema_compile_node(compiler, key + 1, "properties");
        if (schema == NULL) {
            return 0;
        }

        object->members[i].declared = 1;
        object->members[i].schema = (key[1].type == EVENTS_JSON_TRUE) ? NULL
                                                                      : schema;
        key = &nodes[key[1].u.next];
    }

    return 1;
}


static int
events_schema_object_required(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object)
{
    uint32_t                   i, n, first, member;
    const events_str_t        *name;
    const events_json_node_t  *node;

    if (build->required == NULL) {
        return 1;
    }

    n = build->required->count;
    first = object->names.nelts - n;
    node = build->required + 1;

    object->required = events_schema_alloc(compiler->schema,
                                           n * sizeof(uint32_t));
    if (object->required == NULL) {
        return events_schema_no_memory(compiler);
    }

    for (i = 0; i < n; i++) {
        name = &object->names.elts[first + i];

        member = events_schema_names_find(&object->names,
                                 events_json_hash(name->data, name->len),
                                 name);

        if (object->members[member].required) {
            return events_schema_error(compiler, &node[i],
                                       "\"required\" must be an array of "
                                       "strings, each of them once");
        }

        object->members[member].required = i + 1;
        object->required[i] = member;
    }

    object->nrequired = n;

    return 1;
}
