
#include "events_schema_internal.h"
#include "events_pointer.h"


static int events_schema_in_scope(events_schema_run_t *run,
    const events_schema_resource_t *resource);
static int events_schema_list_failure(events_schema_run_t *run,
    const events_path_t *path, const char *code, const char *detail);
static int events_schema_is_listed(events_schema_run_t *run,
    const events_path_t *path, const char *code, const char *detail);
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

    memset(&run, 0, sizeof(events_schema_run_t));

    run.schema = schema;
    run.event = event;
    run.failures = failures;
    run.steps = EVENTS_SCHEMA_STEPS
                + event->nodes[0].len
                + (uint64_t) EVENTS_SCHEMA_STEPS_PER_NODE * event->nnodes
                + (uint64_t) EVENTS_SCHEMA_STEPS_PER_SCHEMA * schema->nnodes;

    memset(&root, 0, sizeof(events_path_t));

    valid = !event->nodes[0].duplicate || events_schema_report_duplicates(&run);

    if (!run.stop && !events_schema_apply(&run, schema->root, event->nodes,
                                          &root))
    {
        valid = 0;
    }

    if (run.steps == 0) {
        valid = events_schema_abort(&run, &root, "too_complex",
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
    int                    valid;
    uint32_t               n;
    events_schema_scope_t  scope;

    /* a long string is no work for once, but may be for ever so many schemas */

    n = 1 + (value->len >> EVENTS_SCHEMA_STEP_BITS);

    if (run->steps <= n) {
        run->steps = 0;
        return events_schema_end(run);
    }

    run->steps -= n;

    if (node->resource == NULL || events_schema_in_scope(run, node->resource)) {
        return events_schema_each(run, node->checks[value->type], value, path);
    }

    scope.resource = node->resource;
    scope.outer = run->scope;

    run->scope = &scope;
    valid = events_schema_each(run, node->checks[value->type], value, path);
    run->scope = scope.outer;

    return valid;
}


int
events_schema_apply_in_place(events_schema_run_t *run,
    const events_schema_node_t *node, const events_json_node_t *value,
    const events_path_t *path)
{
    int  valid;

    if (run->depth == EVENTS_SCHEMA_MAX_IN_PLACE) {
        run->steps = 0;
        return events_schema_end(run);
    }

    run->depth++;
    valid = events_schema_apply(run, node, value, path);
    run->depth--;

    return valid;
}


int
events_schema_apply_list(events_schema_run_t *run,
    const events_schema_check_t *list, const events_json_node_t *value,
    const events_path_t *path)
{
    return events_schema_each(run, list, value, path);
}


/* the outermost one counts: a resource that is there needs no other entry */

static int
events_schema_in_scope(events_schema_run_t *run,
    const events_schema_resource_t *resource)
{
    uint64_t                      n;
    const events_schema_scope_t  *scope;

    n = 1;

    for (scope = run->scope; scope; scope = scope->outer) {
        if (scope->resource == resource) {
            break;
        }

        n++;
    }

    /* a long scope is looked through for every value */

    (void) events_schema_spend(run, n);

    return scope != NULL;
}


int
events_schema_fail(events_schema_run_t *run, const events_path_t *path,
    const char *code, const char *detail)
{
    switch (run->mode) {

    case EVENTS_SCHEMA_QUIET:
        run->stop = 1;
        return 0;

    case EVENTS_SCHEMA_COUNT:
        return events_schema_count(run, path, code, 0);

    default: /* EVENTS_SCHEMA_LIST */
        return events_schema_list_failure(run, path, code, detail);
    }
}


int
events_schema_abort(events_schema_run_t *run, const events_path_t *path,
    const char *code, const char *detail)
{
    (void) events_schema_list_failure(run, path, code, detail);

    return events_schema_end(run);
}


int
events_schema_end(events_schema_run_t *run)
{
    run->stop = 1;
    run->fatal = 1;

    return 0;
}


int
events_schema_spend(events_schema_run_t *run, uint64_t n)
{
    if (run->steps <= n) {
        run->steps = 0;
        return events_schema_end(run);
    }

    run->steps -= n;

    return 1;
}


static int
events_schema_list_failure(events_schema_run_t *run,
    const events_path_t *path, const char *code, const char *detail)
{
    if (!events_schema_is_listed(run, path, code, detail)
        && !events_failures_add(run->failures, run->event, path, code, "%s",
                                detail))
    {
        return events_schema_end(run);
    }

    return 0;
}


/* several branches of "allOf" may ask for the same */

static int
events_schema_is_listed(events_schema_run_t *run, const events_path_t *path,
    const char *code, const char *detail)
{
    size_t                   len;
    uint32_t                 i;
    unsigned char            pointer[EVENTS_MAX_POINTER];
    const events_failure_t  *failure;

    if (run->failures->nelts == 0) {
        return 0;
    }

    len = events_pointer_write(pointer, EVENTS_MAX_POINTER, run->event->text,
                               path);

    for (i = run->failures->nelts; i-- > 0; /* void */ ) {
        failure = &run->failures->elts[i];

        if (failure->index != run->event->index) {
            break;
        }

        /* a pointer that was cut off may be that of another member */

        if (failure->pointer_len == len && len + 4 < EVENTS_MAX_POINTER
            && memcmp(failure->pointer, pointer, len) == 0
            && strcmp(failure->code, code) == 0
            && strlen(detail) == failure->detail_len
            && memcmp(failure->detail, detail, failure->detail_len) == 0)
        {
            return 1;
        }
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
