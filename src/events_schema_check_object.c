
#include "events_schema_internal.h"


static events_inline int events_schema_value(events_schema_run_t *run,
    const events_schema_node_t *node, const events_json_node_t *value,
    const events_path_t *path);
static int events_schema_member(events_schema_run_t *run,
    const events_schema_object_t *object, const events_json_node_t *key,
    const events_path_t *path, unsigned *evaluated);
static int events_schema_patterns(events_schema_run_t *run,
    const events_schema_object_t *object, const events_json_node_t *key,
    const events_path_t *path, unsigned *evaluated);
static inline int events_schema_required(events_schema_run_t *run,
    const events_schema_object_t *object, const events_json_node_t *value,
    const events_path_t *path, uint64_t seen);
static uint64_t events_schema_window(events_schema_run_t *run,
    const events_schema_object_t *object, const events_json_node_t *value,
    uint32_t first);
static int events_schema_missing(events_schema_run_t *run,
    const events_schema_object_t *object, const events_path_t *path,
    uint32_t first, uint64_t missing);
static int events_schema_dependent(events_schema_run_t *run,
    const events_schema_check_t *check,
    const events_schema_dependent_t *dependent,
    const events_json_node_t *value, const events_path_t *path);


/* "properties", "required" and "additionalProperties" in one pass */

int
events_schema_check_object(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int                            valid;
    uint32_t                       i, n, steps;
    uint64_t                       seen;
    events_path_t                  step;
    const events_json_node_t      *nodes, *key;
    const events_schema_node_t    *schema;
    const events_schema_member_t  *member;
    const events_schema_object_t  *object;

    if (events_schema_tracked(run, value)) {
        return events_schema_check_members(run, check, value, path);
    }

    /* for looking the members up, and for applying their schemas */

    steps = 2 * value->count + (value->len >> EVENTS_SCHEMA_STEP_BITS);

    if (run->steps <= steps) {
        return events_schema_spend(run, steps);
    }

    run->steps -= steps;

    object = check->u.object;
    nodes = run->event->nodes;
    key = value + 1;
    valid = 1;
    seen = 0;

    step = (events_path_t) { .parent = path };

    for (n = value->count; n != 0; n--) {
        schema = object->additional;
        i = events_schema_names_find_key(&object->names, run->event, key);

        if (i < object->names.nelts) {
            member = &object->members[i];
            seen |= member->bit;

            if (member->declared) {
                schema = member->schema;
            }
        }

        if (schema) {
            step.key = key;

            if (!events_schema_value(run, schema, key + 1, &step)) {
                valid = 0;

                if (run->stop) {
                    return 0;
                }
            }
        }

        key = &nodes[key[1].u.next];
    }

    if (!events_schema_required(run, object, value, path, seen)) {
        return 0;
    }

    return valid;
}


/* events_schema_apply() where its steps were taken */

static events_inline int
events_schema_value(events_schema_run_t *run,
    const events_schema_node_t *node, const events_json_node_t *value,
    const events_path_t *path)
{
    if (node->resource) {
        return events_schema_apply(run, node, value, path);
    }

    return events_schema_each(run, node->checks[value->type], value, path);
}


/*
 * The same three with "patternProperties", or where it matters which members
 * were evaluated.
 */

int
events_schema_check_members(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int                            valid;
    uint32_t                       i;
    unsigned                       evaluated;
    events_path_t                  step;
    const events_json_node_t      *key;
    const events_schema_object_t  *object;

    object = check->u.object;
    key = value + 1;
    valid = 1;

    if (!events_schema_spend(run, (uint64_t) value->count
                                  * (1 + object->npatterns)))
    {
        return 0;
    }

    memset(&step, 0, sizeof(events_path_t));
    step.parent = path;

    for (i = 0; i < value->count; i++) {
        step.key = key;

        if (!events_schema_member(run, object, key, &step, &evaluated)) {
            valid = 0;

            if (run->stop) {
                return 0;
            }
        }

        if (evaluated && events_schema_tracked(run, value)) {
            events_schema_mark(run, i);
        }

        key = &run->event->nodes[key[1].u.next];
    }

    if (object->nrequired == 0) {
        return valid;
    }

    return events_schema_required(run, object, value, path,
                                  events_schema_window(run, object, value, 0))
           && valid;
}


static int
events_schema_member(events_schema_run_t *run,
    const events_schema_object_t *object, const events_json_node_t *key,
    const events_path_t *path, unsigned *evaluated)
{
    int                          valid;
    uint32_t                     i;
    const events_schema_node_t  *schema;

    i = events_schema_names_find_key(&object->names, run->event, key);

    *evaluated = i < object->names.nelts && object->members[i].declared;
    schema = *evaluated ? object->members[i].schema : NULL;

    valid = schema == NULL || events_schema_apply(run, schema, key + 1, path);

    if (object->npatterns && !run->stop
        && !events_schema_patterns(run, object, key, path, evaluated))
    {
        valid = 0;
    }

    if (run->stop || *evaluated) {
        return valid;
    }

    *evaluated = object->all;

    return object->additional == NULL
           || events_schema_apply(run, object->additional, key + 1, path);
}


static int
events_schema_patterns(events_schema_run_t *run,
    const events_schema_object_t *object, const events_json_node_t *key,
    const events_path_t *path, unsigned *evaluated)
{
    int                           valid;
    uint32_t                      i;
    events_str_t                  name;
    events_pattern_e              match;
    const events_schema_named_t  *named;

    valid = 1;

    for (i = 0; i < object->npatterns && !run->stop; i++) {
        named = &object->patterns[i];

        /* what was applied before has used the same scratch memory */

        if (!events_schema_string(run, run->event, key, &name)) {
            return 0;
        }

        match = events_schema_match(run, named->pattern, &name);

        if (match == EVENTS_PATTERN_MISMATCH) {
            continue;
        }

        if (match != EVENTS_PATTERN_MATCH) {
            return events_schema_abort(run, path, "patternProperties",
                                   "has a name that takes too long to match "
                                   "a pattern");
        }

        *evaluated = 1;

        if (!events_schema_apply(run, named->schema, key + 1, path)) {
            valid = 0;
        }
    }

    return valid;
}


/* seen marks the first ones; the others take another pass for each word */

static inline int
events_schema_required(events_schema_run_t *run,
    const events_schema_object_t *object, const events_json_node_t *value,
    const events_path_t *path, uint64_t seen)
{
    int       valid;
    uint32_t  first, n;
    uint64_t  missing;

    valid = 1;

    for (first = 0; first < object->nrequired; first += EVENTS_SCHEMA_WINDOW) {

        if (first > 0) {

            if (!events_schema_spend(run, value->count
                                          + EVENTS_SCHEMA_WINDOW))
            {
                return 0;
            }

            seen = events_schema_window(run, object, value, first);
        }

        n = object->nrequired - first;

        missing = ~seen;

        if (n < EVENTS_SCHEMA_WINDOW) {
            missing &= ((uint64_t) 1 << n) - 1;
        }

        if (missing
            && !events_schema_missing(run, object, path, first, missing))
        {
            valid = 0;

            if (run->stop) {
                break;
            }
        }
    }

    return valid;
}


static uint64_t
events_schema_window(events_schema_run_t *run,
    const events_schema_object_t *object, const events_json_node_t *value,
    uint32_t first)
{
    uint32_t                   i, n, bit;
    uint64_t                   seen;
    const events_json_node_t  *key;

    seen = 0;
    key = value + 1;

    for (n = value->count; n != 0; n--) {
        i = events_schema_names_find_key(&object->names, run->event, key);

        if (i < object->names.nelts) {
            bit = object->members[i].required - 1 - first;

            if (bit < EVENTS_SCHEMA_WINDOW) {
                seen |= (uint64_t) 1 << bit;
            }
        }

        key = &run->event->nodes[key[1].u.next];
    }

    return seen;
}


static int
events_schema_missing(events_schema_run_t *run,
    const events_schema_object_t *object, const events_path_t *path,
    uint32_t first, uint64_t missing)
{
    uint32_t       i;
    events_path_t  step;

    memset(&step, 0, sizeof(events_path_t));
    step.parent = path;

    for (i = first; missing != 0 && !run->stop; i++, missing >>= 1) {

        if (missing & 1) {
            step.name = &object->names.elts[object->required[i]];
            events_schema_fail(run, &step, "required", "is required");
        }
    }

    return 0;
}


/* "dependentRequired", "dependentSchemas" and "dependencies" */

int
events_schema_check_dependents(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int                               valid;
    uint32_t                          i;
    const events_schema_dependent_t  *dependent;

    valid = 1;

    for (i = 0; i < check->u.dependents->nelts && !run->stop; i++) {
        dependent = &check->u.dependents->elts[i];

        if (!events_schema_spend(run, value->count + 1)) {
            return 0;
        }

        if (events_json_member(run->event, value, &dependent->name,
                               dependent->hash)
            && !events_schema_dependent(run, check, dependent, value, path))
        {
            valid = 0;
        }
    }

    return valid;
}


static int
events_schema_dependent(events_schema_run_t *run,
    const events_schema_check_t *check,
    const events_schema_dependent_t *dependent,
    const events_json_node_t *value, const events_path_t *path)
{
    int                  valid;
    uint32_t             i;
    events_path_t        step;
    const events_str_t  *name;

    if (dependent->schema) {
        return events_schema_apply_in_place(run, dependent->schema, value,
                                            path);
    }

    memset(&step, 0, sizeof(events_path_t));
    step.parent = path;
    valid = 1;

    for (i = 0; i < dependent->nnames && !run->stop; i++) {
        name = &dependent->names[i];

        if (!events_schema_spend(run, value->count + 1)) {
            return 0;
        }

        if (events_json_member(run->event, value, name,
                               events_json_hash(name->data, name->len))
            == NULL)
        {
            step.name = name;
            valid = events_schema_fail(run, &step, check->code,
                                       dependent->detail);
        }
    }

    return valid;
}


/* "propertyNames": each name as if it were a value */

int
events_schema_check_property_names(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int                        valid;
    uint32_t                   n;
    events_path_t              step;
    events_json_node_t         name;
    const events_json_node_t  *key;

    memset(&step, 0, sizeof(events_path_t));
    step.parent = path;
    key = value + 1;
    valid = 1;

    for (n = value->count; n != 0; n--) {
        step.key = key;

        name = *key;
        name.type = EVENTS_JSON_STRING;

        if (!events_schema_apply(run, check->u.node, &name, &step)) {
            valid = 0;

            if (run->stop) {
                break;
            }
        }

        key = &run->event->nodes[key[1].u.next];
    }

    return valid;
}
