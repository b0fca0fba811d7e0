
#include "events_schema_internal.h"


/* members or items that one word marks */
#define EVENTS_SCHEMA_WORD  64


static int events_schema_marks_push(events_schema_run_t *run,
    events_schema_tracker_t *tracker, size_t nwords);
static int events_schema_unevaluated(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path, unsigned members);


/* a schema with "unevaluated..." keeps marks of the value from here on */

int
events_schema_check_tracked(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int                       valid;
    size_t                    i;
    uint64_t                 *marks;
    events_schema_tracker_t   tracker, *outer;

    tracker.value = value;

    if (!events_schema_marks_push(run, &tracker,
                                  (value->count + EVENTS_SCHEMA_WORD - 1)
                                  / EVENTS_SCHEMA_WORD))
    {
        return 0;
    }

    marks = run->schema->scratch->marks;

    for (i = 0; i < tracker.nwords; i++) {
        marks[tracker.first + i] = 0;
    }

    outer = run->tracker;
    run->tracker = &tracker;

    valid = events_schema_apply_list(run, check->u.list, value, path);

    run->tracker = outer;

    /* a schema around it on the same value takes them over */

    if (events_schema_tracked(run, value)) {
        marks = run->schema->scratch->marks;

        for (i = 0; i < tracker.nwords; i++) {
            marks[outer->first + i] |= marks[tracker.first + i];
        }

        outer->unsure |= tracker.unsure;
    }

    run->nmarks = tracker.first;

    return valid;
}


static int
events_schema_marks_push(events_schema_run_t *run,
    events_schema_tracker_t *tracker, size_t nwords)
{
    size_t                    size;
    events_schema_scratch_t  *scratch;

    scratch = run->schema->scratch;

    if (!events_schema_spend(run, nwords)) {
        return 0;
    }

    /* one more, so that there is memory for an empty value too */

    size = (run->nmarks + nwords + 1) * sizeof(uint64_t);

    if (size > scratch->marks_size
        && !events_schema_grow(run, (void **) &scratch->marks,
                               &scratch->marks_size, 2 * size))
    {
        return 0;
    }

    tracker->first = run->nmarks;
    tracker->nwords = nwords;
    tracker->unsure = 0;

    run->nmarks += nwords;

    return 1;
}


void
events_schema_mark(events_schema_run_t *run, uint32_t index)
{
    uint64_t  *marks;

    marks = run->schema->scratch->marks + run->tracker->first;

    marks[index / EVENTS_SCHEMA_WORD] |= (uint64_t) 1
                                         << index % EVENTS_SCHEMA_WORD;
}


void
events_schema_mark_first(events_schema_run_t *run, uint32_t n)
{
    uint32_t   i;
    uint64_t  *marks;

    marks = run->schema->scratch->marks + run->tracker->first;

    for (i = 0; i < n / EVENTS_SCHEMA_WORD; i++) {
        marks[i] = UINT64_MAX;
    }

    if (n % EVENTS_SCHEMA_WORD) {
        marks[i] |= ((uint64_t) 1 << n % EVENTS_SCHEMA_WORD) - 1;
    }
}


void
events_schema_mark_unsure(events_schema_run_t *run,
    const events_json_node_t *value)
{
    if (events_schema_tracked(run, value)) {
        run->tracker->unsure = 1;
    }
}


int
events_schema_marks_save(events_schema_run_t *run,
    events_schema_tracker_t *saved)
{
    uint64_t  *marks;

    if (!events_schema_marks_push(run, saved, run->tracker->nwords)) {
        return 0;
    }

    saved->unsure = run->tracker->unsure;

    marks = run->schema->scratch->marks;

    memcpy(marks + saved->first, marks + run->tracker->first,
           saved->nwords * sizeof(uint64_t));

    return 1;
}


void
events_schema_marks_restore(events_schema_run_t *run,
    const events_schema_tracker_t *saved)
{
    uint64_t  *marks;

    marks = run->schema->scratch->marks;

    memcpy(marks + run->tracker->first, marks + saved->first,
           saved->nwords * sizeof(uint64_t));

    run->tracker->unsure = saved->unsure;
    run->nmarks = saved->first;
}


void
events_schema_marks_keep(events_schema_run_t *run,
    const events_schema_tracker_t *saved)
{
    run->nmarks = saved->first;
}


int
events_schema_check_unevaluated_properties(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    return events_schema_unevaluated(run, check, value, path, 1);
}


int
events_schema_check_unevaluated_items(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    return events_schema_unevaluated(run, check, value, path, 0);
}


static int
events_schema_unevaluated(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path, unsigned members)
{
    int                        valid;
    uint64_t                   marks;
    events_path_t              step;
    const events_json_node_t  *child;

    /* it has failed before, and what would fail here may be nobody's fault */

    if (run->tracker->unsure) {
        return 1;
    }

    memset(&step, 0, sizeof(events_path_t));
    step.parent = path;
    child = value + 1;
    valid = 1;

    for ( /* void */ ; step.index < value->count; step.index++) {

        if (members) {
            step.key = child++;
        }

        /* the stack of marks may move each time a schema is applied */

        marks = run->schema->scratch->marks[run->tracker->first
                                            + step.index / EVENTS_SCHEMA_WORD];

        if (!(marks & (uint64_t) 1 << step.index % EVENTS_SCHEMA_WORD)
            && !events_schema_apply(run, check->u.node, child, &step))
        {
            valid = 0;

            if (run->stop) {
                return 0;
            }
        }

        child = &run->event->nodes[child->u.next];
    }

    events_schema_mark_first(run, value->count);

    return valid;
}
