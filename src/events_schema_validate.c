
#include "events_schema_internal.h"
#include "events_pointer.h"


static int events_schema_in_scope(events_schema_run_t *run,
    const events_schema_resource_t *resource);
static int events_schema_report_duplicates(events_schema_run_t *run);
static void events_schema_report_members(events_schema_run_t *run,
    uint32_t object, uint32_t *reported);


events_error_e
events_schema_validate(const events_schema_t *schema,
    const events_json_event_t *event, events_failures_t *failures)
{
    int                  valid;
    events_path_t        root;
    events_schema_run_t  run;

    run.schema = schema;
    run.event = event;
    run.failures = failures;
    run.scope = NULL;
    run.depth = 0;
    run.steps = EVENTS_SCHEMA_STEPS
                + (uint64_t) EVENTS_SCHEMA_STEPS_PER_NODE * event->nnodes;
    run.stop = 0;
    run.no_memory = 0;

    memset(&root, 0, sizeof(events_path_t));

    valid = !event->nodes[0].duplicate || events_schema_report_duplicates(&run);

    if (!run.stop && !events_schema_apply(&run, schema->root, event->nodes,
                                          &root))
    {
        valid = 0;
    }

    if (run.steps == 0) {
        valid = events_schema_fail(&run, &root, "too_complex",
                                   "takes too many steps to check");
    }

    if (run.no_memory || failures->no_memory) {
        return EVENTS_NO_MEMORY;
    }

    return valid ? EVENTS_OK : EVENTS_INVALID_EVENTS;
}


int
events_schema_apply(events_schema_run_t *run,
    const events_schema_node_t *node, const events_json_node_t *value,
    const events_path_t *path)
{
    int                           valid;
    events_schema_scope_t         scope;
    const events_schema_check_t  *check;

    if (run->steps == 0) {
        run->stop = 1;
        return 0;
    }

    run->steps--;
    valid = 1;

    scope.outer = run->scope;

    if (node->resource && !events_schema_in_scope(run, node->resource)) {
        scope.resource = node->resource;
        run->scope = &scope;
    }

    for (check = node->checks[value->type]; check->run; check++) {

        if (!check->run(run, check, value, path)) {
            valid = 0;

            if (run->stop) {
                break;
            }
        }
    }

    run->scope = scope.outer;

    return valid;
}


/* the outermost one counts: a resource that is there needs no other entry */

static int
events_schema_in_scope(events_schema_run_t *run,
    const events_schema_resource_t *resource)
{
    const events_schema_scope_t  *scope;

    for (scope = run->scope; scope; scope = scope->outer) {
        if (scope->resource == resource) {
            return 1;
        }
    }

    return 0;
}


int
events_schema_apply_in_place(events_schema_run_t *run,
    const events_schema_node_t *node, const events_json_node_t *value,
    const events_path_t *path)
{
    int  valid;

    if (run->depth == EVENTS_SCHEMA_MAX_IN_PLACE) {
        run->steps = 0;
        run->stop = 1;
        return 0;
    }

    run->depth++;
    valid = events_schema_apply(run, node, value, path);
    run->depth--;

    return valid;
}


int
events_schema_fail(events_schema_run_t *run, const events_path_t *path,
    const char *code, const char *detail)
{
    if (!events_failures_add(run->failures, run->event, path, code, "%s",
                             detail))
    {
        run->stop = 1;
    }

    return 0;
}


static int
events_schema_report_duplicates(events_schema_run_t *run)
{
    uint32_t                   i, reported;
    events_path_t              root;
    const events_json_node_t  *nodes;

    nodes = run->event->nodes;
    reported = 0;

    for (i = 0; i < run->event->nnodes && !run->stop; i++) {

        if (nodes[i].type == EVENTS_JSON_OBJECT && nodes[i].duplicate) {
            events_schema_report_members(run, i, &reported);
        }
    }

    if (reported) {
        return 0;
    }

    memset(&root, 0, sizeof(events_path_t));

    return events_schema_fail(run, &root, "duplicate_member",
                              "has a member that occurs more than once");
}


static void
events_schema_report_members(events_schema_run_t *run, uint32_t object,
    uint32_t *reported)
{
    uint32_t       i, n, found[EVENTS_MAX_FAILURES + 1];
    events_path_t  steps[EVENTS_POINTER_STEPS];

    n = events_schema_duplicates(run->event, object, found,
                                 EVENTS_MAX_FAILURES + 1);

    for (i = 0; i < n && !run->stop; i++) {
        (*reported)++;

        events_schema_fail(run,
                           events_pointer_path(run->event, found[i], steps),
                           "duplicate_member",
                           (found[i] == object)
                               ? "has a member that occurs more than once"
                               : "occurs more than once");
    }
}
