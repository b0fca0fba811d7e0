
/*
 * What to say when no branch of "anyOf" or "oneOf" matches: the failures of the
 * branch that the client most likely meant.
 */

#include "events_schema_internal.h"

#include <stdarg.h>
#include <stdio.h>


/*
 * Costs of a branch's failures are added up; those of one kind outweigh any
 * number of the kinds below.  A value of the wrong type was not meant for the
 * branch, nor was one that is tagged otherwise; what else is wrong a client can
 * mend, and the deeper it lies the more of the branch was matched before.
 */
#define EVENTS_SCHEMA_COST_TYPE   ((uint64_t) 1 << 48)
#define EVENTS_SCHEMA_COST_VALUE  ((uint64_t) 1 << 32)
#define EVENTS_SCHEMA_COST_OTHER  ((uint64_t) 1 << 20)

/* beyond this they would not fit */
#define EVENTS_SCHEMA_COST_MAX    ((uint64_t) 1 << 62)

/* what a tag costs more than other members, where it lies deeper */
#define EVENTS_SCHEMA_COST_TAG    16

/* of steps that make a failure cheaper */
#define EVENTS_SCHEMA_COST_DEPTH  16


/* a list of words, such as "a string, an array or null" */

typedef struct {
    char      data[EVENTS_SCHEMA_LISTED];
    size_t    len;
    unsigned  full:1;
} events_schema_words_t;


static uint32_t events_schema_depth(events_schema_run_t *run,
    const events_path_t *path);
static int events_schema_cheapest(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path, uint32_t *found, unsigned *ties,
    uint64_t *cost);
static int events_schema_wrong_type(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
static int events_schema_wrong_value(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
static int events_schema_wrong_tag(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
static int events_schema_tag(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_json_node_t *key, const events_path_t *path);
static int events_schema_none(events_schema_run_t *run,
    const events_schema_check_t *check, const events_path_t *path);
static int events_schema_excludes(const events_schema_node_t *node,
    const events_json_node_t *value);
static const events_schema_node_t *events_schema_declared(
    events_schema_run_t *run, const events_schema_node_t *node,
    const events_json_node_t *key);
static const events_schema_check_t *events_schema_allows(
    const events_schema_node_t *node, const events_json_node_t *value);
static void events_schema_add_values(events_schema_run_t *run,
    events_schema_words_t *words, const events_schema_values_t *values);
static void events_schema_add_word(events_schema_words_t *words,
    const char *fmt, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 2, 3)))
#endif
    ;


int
events_schema_count(events_schema_run_t *run, const events_path_t *path,
    const char *code, unsigned never)
{
    uint32_t  depth;
    uint64_t  cost;
    unsigned  tag;

    depth = events_schema_depth(run, path);
    tag = strcmp(code, "const") == 0 || strcmp(code, "enum") == 0;

    if (depth == 0 && (never || strcmp(code, "type") == 0)) {
        cost = EVENTS_SCHEMA_COST_TYPE;

    } else if (depth <= 1 && tag) {
        cost = EVENTS_SCHEMA_COST_VALUE;

    } else {
        cost = EVENTS_SCHEMA_COST_OTHER >> (depth ? depth - 1 : 0);
        cost *= tag ? EVENTS_SCHEMA_COST_TAG : 1;
    }

    if (run->cost < EVENTS_SCHEMA_COST_MAX) {
        run->cost += cost;
    }

    return 0;
}


/* steps from the value that the branches are for, no more than count */

static uint32_t
events_schema_depth(events_schema_run_t *run, const events_path_t *path)
{
    uint32_t  depth;

    for (depth = 0; depth < EVENTS_SCHEMA_COST_DEPTH; depth++) {

        if (path == run->base || path == NULL) {
            break;
        }

        path = path->parent;
    }

    return depth;
}


int
events_schema_closest(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    uint32_t                         found;
    uint64_t                         cost;
    unsigned                         ties;
    const events_schema_branches_t  *branches;

    branches = check->u.branches;

    if (run->mode == EVENTS_SCHEMA_QUIET) {
        return events_schema_fail(run, path, check->code, "");
    }

    if (!events_schema_cheapest(run, check, value, path, &found, &ties, &cost))
    {
        return 0;
    }

    if (branches->nelts == 1 || cost < EVENTS_SCHEMA_COST_VALUE) {
        return events_schema_apply_in_place(run, branches->elts[found], value,
                                            path);
    }

    if (cost >= EVENTS_SCHEMA_COST_TYPE) {
        events_schema_mark_unsure(run, value);

        return events_schema_wrong_type(run, check, value, path);
    }

    if (events_schema_wrong_value(run, check, value, path)
        || events_schema_wrong_tag(run, check, value, path))
    {
        events_schema_mark_unsure(run, value);
        return 0;
    }

    if (run->stop) {
        return 0;
    }

    if (ties > 1) {
        events_schema_mark_unsure(run, value);

        return events_schema_none(run, check, path);
    }

    return events_schema_apply_in_place(run, branches->elts[found], value,
                                        path);
}


static int
events_schema_cheapest(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path, uint32_t *found, unsigned *ties,
    uint64_t *cost)
{
    uint32_t                         i;
    const events_schema_branches_t  *branches;

    branches = check->u.branches;

    run->base = path;
    *cost = UINT64_MAX;
    *found = 0;
    *ties = 0;

    for (i = 0; i < branches->nelts; i++) {
        run->cost = 0;

        (void) events_schema_try(run, branches->elts[i], value, path,
                                 EVENTS_SCHEMA_COUNT);
        if (run->stop) {
            return 0;
        }

        if (run->cost < *cost) {
            *cost = run->cost;
            *found = i;
            *ties = 0;
        }

        *ties += (run->cost == *cost);
    }

    return 1;
}


/* no branch is for values of this type: tell which types there are */

static int
events_schema_wrong_type(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    uint32_t                         i;
    unsigned                         types, all;
    const events_schema_type_t      *type;
    const events_schema_node_t      *node;
    const events_schema_branches_t  *branches;

    events_schema_words_t  words;

    branches = check->u.branches;
    all = 0;

    for (i = 0; i < branches->nelts; i++) {
        all |= branches->elts[i]->types;
    }

    if (all == 0 || (all & (1 << value->type))) {
        return events_schema_none(run, check, path);
    }

    if (all & EVENTS_SCHEMA_NUMBER) {
        all &= ~EVENTS_SCHEMA_INTEGER;
    }

    memset(&words, 0, sizeof(events_schema_words_t));

    for (i = 0; i < branches->nelts; i++) {
        node = branches->elts[i];
        types = node->types & all;

        for (type = events_schema_types; type->text; type++) {

            if ((types & type->mask) == 0) {
                continue;
            }

            all &= ~type->mask;

            events_schema_add_word(&words, "%s%s",
                                   words.len == 0 ? "must be "
                                                  : all ? ", " : " or ",
                                   type->text);
        }
    }

    return events_schema_fail(run, path, check->code, words.data);
}


/* where every branch lists values: returns 1 once it has failed */

static int
events_schema_wrong_value(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    uint32_t                         i;
    events_schema_words_t            words;
    const events_schema_node_t      *node;
    const events_schema_check_t     *allows;
    const events_schema_branches_t  *branches;

    branches = check->u.branches;
    memset(&words, 0, sizeof(events_schema_words_t));

    for (i = 0; i < branches->nelts; i++) {
        node = branches->elts[i];
        allows = events_schema_allows(node, value);

        if (allows == NULL || events_schema_excludes(node, value)) {
            return 0;
        }

        events_schema_add_values(run, &words, allows->u.values);
    }

    events_schema_fail(run, path, check->code,
                       words.full ? "is not one of the allowed values"
                                  : words.data);
    return 1;
}


/* where every branch for objects lists values of one member: the same */

static int
events_schema_wrong_tag(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    uint32_t                   n;
    events_path_t              step;
    const events_json_node_t  *key;

    if (value->type != EVENTS_JSON_OBJECT) {
        return 0;
    }

    memset(&step, 0, sizeof(events_path_t));
    step.parent = path;
    key = value + 1;

    for (n = value->count; n != 0; n--) {
        step.key = key;

        if (events_schema_tag(run, check, value, key, &step)) {
            return 1;
        }

        if (run->stop) {
            return 0;
        }

        key = &run->event->nodes[key[1].u.next];
    }

    return 0;
}


static int
events_schema_tag(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_json_node_t *key, const events_path_t *path)
{
    uint32_t                         i;
    const char                      *code;
    events_schema_words_t            words;
    const events_schema_node_t      *schema;
    const events_schema_check_t     *allows;
    const events_schema_branches_t  *branches;

    branches = check->u.branches;
    code = NULL;
    memset(&words, 0, sizeof(events_schema_words_t));

    if (!events_schema_spend(run, branches->nelts)) {
        return 0;
    }

    for (i = 0; i < branches->nelts; i++) {

        if (events_schema_excludes(branches->elts[i], value)) {
            continue;
        }

        schema = events_schema_declared(run, branches->elts[i], key);
        allows = schema ? events_schema_allows(schema, key + 1) : NULL;

        if (allows == NULL
            || events_schema_try(run, schema, key + 1, path,
                                 EVENTS_SCHEMA_QUIET)
            || run->stop)
        {
            return 0;
        }

        code = allows->code;
        events_schema_add_values(run, &words, allows->u.values);
    }

    if (code) {
        events_schema_fail(run, path, code,
                           words.full ? "is not one of the allowed values"
                                      : words.data);
    }

    return code != NULL;
}


static int
events_schema_none(events_schema_run_t *run,
    const events_schema_check_t *check, const events_path_t *path)
{
    char  detail[EVENTS_MAX_DETAIL];

    snprintf(detail, sizeof(detail), "matches none of the %u alternatives",
             (unsigned) check->u.branches->nelts);

    return events_schema_fail(run, path, check->code, detail);
}


/* whether values of this type have no business with node */

static int
events_schema_excludes(const events_schema_node_t *node,
    const events_json_node_t *value)
{
    unsigned  types;

    types = 1 << value->type;

    if (types & EVENTS_SCHEMA_NUMBER) {
        types |= EVENTS_SCHEMA_INTEGER;
    }

    return (node->types & types) == 0;
}


/* what "properties" of a branch has for a member, or NULL */

static const events_schema_node_t *
events_schema_declared(events_schema_run_t *run,
    const events_schema_node_t *node, const events_json_node_t *key)
{
    uint32_t                       i;
    const events_schema_check_t   *check;
    const events_schema_object_t  *object;

    for (check = node->checks[EVENTS_JSON_OBJECT]; check->run; check++) {

        if (check->run != events_schema_check_object
            && check->run != events_schema_check_members)
        {
            continue;
        }

        object = check->u.object;
        i = events_schema_names_find_key(&object->names, run->event, key);

        return (i < object->names.nelts) ? object->members[i].schema : NULL;
    }

    return NULL;
}


/* the check of "const" or "enum" that a value meets first, or NULL */

static const events_schema_check_t *
events_schema_allows(const events_schema_node_t *node,
    const events_json_node_t *value)
{
    const events_schema_check_t  *check;

    for (check = node->checks[value->type]; check->run; check++) {
        if (check->run == events_schema_check_values) {
            return check;
        }
    }

    return NULL;
}


/* as the contract has them, if they are plain */

static void
events_schema_add_values(events_schema_run_t *run,
    events_schema_words_t *words, const events_schema_values_t *values)
{
    uint32_t                   i;
    const events_json_node_t  *node;

    for (i = 0; i < values->n && !words->full; i++) {

        /* all before this one were scalars, of one node each */

        node = &values->text[i];

        if (node->type >= EVENTS_JSON_ARRAY) {
            words->full = 1;
            return;
        }

        events_schema_add_word(words, "%s%.*s",
                               words->len == 0 ? "must be one of " : ", ",
                               (int) node->len,
                               run->schema->doc.text + node->offset);
    }
}


/* full: it did not fit, and the words are of no use */

static void
events_schema_add_word(events_schema_words_t *words, const char *fmt, ...)
{
    int      len;
    va_list  args;

    va_start(args, fmt);
    len = vsnprintf(words->data + words->len,
                    sizeof(words->data) - words->len, fmt, args);
    va_end(args);

    if (len < 0 || (size_t) len >= sizeof(words->data) - words->len) {
        words->full = 1;
        return;
    }

    words->len += len;
}
