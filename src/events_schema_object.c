
#include "events_schema_keyword.h"


static int events_schema_object_names(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object);
static int events_schema_object_members(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object);
static int events_schema_object_patterns(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object);
static events_pattern_t *events_schema_object_pattern(
    events_schema_compiler_t *compiler, const events_json_node_t *key);
static int events_schema_object_required(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object);


static const events_schema_keyword_t  events_schema_object = {
    .name = events_string("properties"),
    .types = EVENTS_SCHEMA_OBJECT,
    .run = events_schema_check_object
};


static const events_schema_keyword_t  events_schema_object_by_pattern = {
    .name = events_string("patternProperties"),
    .types = EVENTS_SCHEMA_OBJECT,
    .run = events_schema_check_members
};


int
events_schema_properties(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    build->properties = value;

    return 1;
}


int
events_schema_patterns(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    build->patterns = value;

    return 1;
}


int
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


int
events_schema_additional(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    build->additional = value;

    return 1;
}


int
events_schema_finish_object(events_schema_compiler_t *compiler,
    events_schema_build_t *build)
{
    events_schema_check_t   *check;
    events_schema_object_t  *object;

    if (!build->properties && !build->required && !build->additional
        && !build->patterns)
    {
        return 1;
    }

    object = events_schema_alloc(compiler->schema,
                                 sizeof(events_schema_object_t));
    if (object == NULL) {
        return events_schema_no_memory(compiler);
    }

    if (!events_schema_object_names(compiler, build, object)
        || !events_schema_object_members(compiler, build, object)
        || !events_schema_object_patterns(compiler, build, object)
        || !events_schema_object_required(compiler, build, object))
    {
        return 0;
    }

    if (build->additional) {
        object->all = 1;
        object->additional = events_schema_compile_node(compiler,
                                 build->additional, "additionalProperties");
        if (object->additional == NULL) {
            return 0;
        }

        if (build->additional->type == EVENTS_JSON_TRUE) {
            object->additional = NULL;
        }
    }

    check = events_schema_add_check(build, object->npatterns
                                           ? &events_schema_object_by_pattern
                                           : &events_schema_object);
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
events_schema_object_patterns(events_schema_compiler_t *compiler,
    events_schema_build_t *build, events_schema_object_t *object)
{
    uint32_t                   i;
    events_schema_named_t     *named;
    const events_json_node_t  *key;

    if (build->patterns == NULL) {
        return 1;
    }

    object->npatterns = build->patterns->count;
    object->patterns = events_schema_alloc(compiler->schema,
                                           object->npatterns
                                           * sizeof(events_schema_named_t));
    if (object->patterns == NULL) {
        return events_schema_no_memory(compiler);
    }

    key = build->patterns + 1;

    for (i = 0; i < object->npatterns; i++) {
        named = &object->patterns[i];

        named->pattern = events_schema_object_pattern(compiler, key);
        if (named->pattern == NULL) {
            return 0;
        }

        named->schema = events_schema_compile_node(compiler, key + 1,
                                                   "patternProperties");
        if (named->schema == NULL) {
            return 0;
        }

        key = &compiler->schema->doc.nodes[key[1].u.next];
    }

    return 1;
}


static events_pattern_t *
events_schema_object_pattern(events_schema_compiler_t *compiler,
    const events_json_node_t *key)
{
    char                    errstr[160];
    events_str_t            source;
    events_schema_regex_t  *regex;

    if (!events_schema_copy_string(compiler, key, &source)) {
        return NULL;
    }

    regex = events_schema_alloc(compiler->schema,
                                sizeof(events_schema_regex_t));
    if (regex == NULL) {
        events_schema_no_memory(compiler);
        return NULL;
    }

    regex->pattern = events_pattern_compile(&source, errstr, sizeof(errstr));

    if (regex->pattern == NULL) {
        events_schema_error(compiler, key,
                            "a name in \"patternProperties\" must be a "
                            "regular expression: %s", errstr);
        return NULL;
    }

    regex->next = compiler->schema->patterns;
    compiler->schema->patterns = regex;

    return regex->pattern;
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
                                 name->data, name->len);

        if (object->members[member].required) {
            return events_schema_error(compiler, &node[i],
                                       "\"required\" must be an array of "
                                       "strings, each of them once");
        }

        object->members[member].required = i + 1;

        if (i < EVENTS_SCHEMA_WINDOW) {
            object->members[member].bit = (uint64_t) 1 << i;
        }

        object->required[i] = member;
    }

    object->nrequired = n;

    return 1;
}
