
#include "events_schema_internal.h"


static int events_schema_contained(events_schema_run_t *run,
    const events_schema_contains_t *contains, const events_json_node_t *value,
    const events_path_t *path, uint32_t *n);


/* "items" alone */

int
events_schema_check_items(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int                        valid;
    uint32_t                   n;
    events_path_t              step;
    const events_json_node_t  *nodes, *item;

    if (events_schema_tracked(run, value)) {
        events_schema_mark_first(run, value->count);
    }

    memset(&step, 0, sizeof(events_path_t));
    step.parent = path;

    nodes = run->event->nodes;
    item = value + 1;
    n = value->count;
    valid = 1;

    for ( /* void */ ; step.index < n; step.index++) {

        if (!events_schema_apply(run, check->u.node, item, &step)) {
            valid = 0;

            if (run->stop) {
                break;
            }
        }

        item = &nodes[item->u.next];
    }

    return valid;
}


/* with "prefixItems", or what these were called in draft-07 */

int
events_schema_check_array(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int                           valid;
    uint32_t                      n;
    events_path_t                 step;
    const events_json_node_t     *item;
    const events_schema_node_t   *schema;
    const events_schema_array_t  *array;

    array = check->u.array;

    n = value->count;

    if (n > array->nprefix && !array->all) {
        n = array->nprefix;
    }

    if (events_schema_tracked(run, value)) {
        events_schema_mark_first(run, n);
    }

    if (n > array->nprefix && array->rest == NULL) {
        n = array->nprefix;
    }

    memset(&step, 0, sizeof(events_path_t));
    step.parent = path;
    item = value + 1;
    valid = 1;

    for ( /* void */ ; step.index < n; step.index++) {
        schema = (step.index < array->nprefix) ? array->prefix[step.index]
                                               : array->rest;

        if (!events_schema_apply(run, schema, item, &step)) {
            valid = 0;

            if (run->stop) {
                break;
            }
        }

        item = &run->event->nodes[item->u.next];
    }

    return valid;
}


int
events_schema_check_contains(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    uint32_t                         n;
    const events_schema_contains_t  *contains;

    contains = check->u.contains;

    if (!events_schema_contained(run, contains, value, path, &n)) {
        return 0;
    }

    if (n < contains->min) {
        return events_schema_fail(run, path, contains->min_code,
                                  contains->min_detail);
    }

    if (n > contains->max) {
        return events_schema_fail(run, path, "maxContains",
                                  contains->max_detail);
    }

    return 1;
}


/* counts the items that match, until it is clear that they are enough */

static int
events_schema_contained(events_schema_run_t *run,
    const events_schema_contains_t *contains, const events_json_node_t *value,
    const events_path_t *path, uint32_t *n)
{
    events_path_t              step;
    const events_json_node_t  *item;

    memset(&step, 0, sizeof(events_path_t));
    step.parent = path;
    item = value + 1;
    *n = 0;

    for ( /* void */ ; step.index < value->count; step.index++) {

        if (!events_schema_tracked(run, value)
            && *n >= contains->min && contains->max == EVENTS_SCHEMA_UNLIMITED)
        {
            break;
        }

        if (events_schema_try(run, contains->schema, item, &step,
                              EVENTS_SCHEMA_QUIET))
        {
            (*n)++;

            if (events_schema_tracked(run, value)) {
                events_schema_mark(run, step.index);
            }
        }

        if (run->stop) {
            return 0;
        }

        item = &run->event->nodes[item->u.next];
    }

    return 1;
}
