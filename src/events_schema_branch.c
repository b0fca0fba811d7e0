
/* schemas within a schema: applied to the same value */

#include "events_schema_internal.h"


static int events_schema_count_branches(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path, unsigned one);
static int events_schema_ambiguous(events_schema_run_t *run,
    const events_schema_check_t *check, const events_path_t *path);


int
events_schema_try(events_schema_run_t *run, const events_schema_node_t *node,
    const events_json_node_t *value, const events_path_t *path,
    events_schema_mode_e mode)
{
    int                      valid;
    unsigned                 tracked, outer;
    events_schema_tracker_t  saved;

    tracked = events_schema_tracked(run, value);

    if (tracked && !events_schema_marks_save(run, &saved)) {
        return 0;
    }

    outer = run->mode;
    run->mode = mode;

    valid = events_schema_apply_in_place(run, node, value, path);

    run->mode = outer;
    run->stop = run->fatal;

    if (tracked && valid) {
        events_schema_marks_keep(run, &saved);

    } else if (tracked) {
        events_schema_marks_restore(run, &saved);
    }

    return valid && !run->stop;
}


int
events_schema_check_all_of(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int                              valid;
    uint32_t                         i;
    const events_schema_branches_t  *branches;

    branches = check->u.branches;
    valid = 1;

    for (i = 0; i < branches->nelts; i++) {

        if (!events_schema_apply_in_place(run, branches->elts[i], value,
                                          path))
        {
            valid = 0;

            if (run->stop) {
                break;
            }
        }
    }

    return valid;
}


int
events_schema_check_any_of(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int                              matched;
    uint32_t                         i;
    const events_schema_branches_t  *branches;

    if (run->mode == EVENTS_SCHEMA_COUNT) {
        return events_schema_count_branches(run, check, value, path, 0);
    }

    branches = check->u.branches;
    matched = 0;

    for (i = 0; i < branches->nelts; i++) {

        if (events_schema_try(run, branches->elts[i], value, path,
                              EVENTS_SCHEMA_QUIET))
        {
            matched = 1;

            /* others may evaluate more */

            if (!events_schema_tracked(run, value)) {
                break;
            }
        }

        if (run->stop) {
            return 0;
        }
    }

    return matched || events_schema_closest(run, check, value, path);
}


int
events_schema_check_one_of(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    uint32_t                         i;
    unsigned                         matched;
    const events_schema_branches_t  *branches;

    if (run->mode == EVENTS_SCHEMA_COUNT) {
        return events_schema_count_branches(run, check, value, path, 1);
    }

    branches = check->u.branches;
    matched = 0;

    for (i = 0; i < branches->nelts; i++) {

        matched += events_schema_try(run, branches->elts[i], value, path,
                                     EVENTS_SCHEMA_QUIET);
        if (run->stop) {
            return 0;
        }

        if (matched > 1) {
            return events_schema_ambiguous(run, check, path);
        }
    }

    return matched == 1 || events_schema_closest(run, check, value, path);
}


/* what the closest one costs is added up: a quiet look before is not needed */

static int
events_schema_count_branches(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path, unsigned one)
{
    uint32_t                         i;
    uint64_t                         cost, best;
    unsigned                         matched;
    const events_schema_branches_t  *branches;

    branches = check->u.branches;
    cost = run->cost;
    best = UINT64_MAX;
    matched = 0;

    for (i = 0; i < branches->nelts; i++) {
        run->cost = 0;

        if (events_schema_try(run, branches->elts[i], value, path,
                              EVENTS_SCHEMA_COUNT))
        {
            matched++;

            if (!one && !events_schema_tracked(run, value)) {
                break;
            }

        } else if (run->cost < best) {
            best = run->cost;
        }

        if (run->stop) {
            return 0;
        }
    }

    run->cost = cost;

    if (matched > 1 && one) {
        return events_schema_ambiguous(run, check, path);
    }

    if (matched) {
        return 1;
    }

    events_schema_mark_unsure(run, value);

    run->cost = (best > UINT64_MAX - cost) ? UINT64_MAX : cost + best;

    return 0;
}


static int
events_schema_ambiguous(events_schema_run_t *run,
    const events_schema_check_t *check, const events_path_t *path)
{
    return events_schema_fail(run, path, check->code,
                              "matches more than one of the alternatives");
}


int
events_schema_check_not(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    if (events_schema_try(run, check->u.node, value, path,
                          EVENTS_SCHEMA_QUIET))
    {
        return events_schema_fail(run, path, check->code, check->detail);
    }

    return !run->stop;
}


int
events_schema_check_if(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    const events_schema_if_t    *condition;
    const events_schema_node_t  *node;

    condition = check->u.condition;

    node = events_schema_try(run, condition->test, value, path,
                             EVENTS_SCHEMA_QUIET)
           ? condition->then : condition->otherwise;

    if (run->stop) {
        return 0;
    }

    return node == NULL
           || events_schema_apply_in_place(run, node, value, path);
}
