
#include "events_schema_internal.h"
#include "events_utf8.h"


/* no JSON text of a character is longer: two \u escapes */
#define EVENTS_SCHEMA_ESCAPED_CHAR  12

/* more strings are looked up by hash, fewer are compared one by one */
#define EVENTS_SCHEMA_FEW_VALUES  8

/* digits of a number that 64 bits hold, whatever they are */
#define EVENTS_SCHEMA_SMALL  18


static int events_schema_allowed_string(events_schema_run_t *run,
    const events_schema_values_t *values, const events_json_node_t *value);
static int events_schema_length(events_schema_run_t *run,
    const events_json_node_t *value, size_t *length);
static int events_schema_order(events_schema_run_t *run,
    const events_schema_bound_t *bound, const events_json_node_t *value);


int
events_schema_check_never(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    if (run->mode == EVENTS_SCHEMA_COUNT) {
        return events_schema_count(run, path, check->code, 1);
    }

    return events_schema_fail(run, path, check->code, check->detail);
}


/* JSON Schema validation, section 6.1.1: 1.0 is an integer */

int
events_schema_check_integer(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    events_number_t  number;

    if (value->integer) {
        return 1;
    }

    events_number_parse(&number, run->event->text + value->offset, value->len);

    return events_number_is_integer(&number)
           || events_schema_fail(run, path, check->code, check->detail);
}


int
events_schema_check_values(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    uint32_t                       i;
    const events_schema_values_t  *values;

    values = check->u.values;

    if (value->type == EVENTS_JSON_STRING) {

        if (events_schema_allowed_string(run, values, value)) {
            return 1;
        }

    } else {

        for (i = 0; i < values->nothers; i++) {
            if (events_schema_equal(run, run->event, value,
                                    &run->schema->doc, values->others[i]))
            {
                return 1;
            }
        }
    }

    return run->stop
           ? 0 : events_schema_fail(run, path, check->code, check->detail);
}


static int
events_schema_allowed_string(events_schema_run_t *run,
    const events_schema_values_t *values, const events_json_node_t *value)
{
    uint32_t                      i;
    events_str_t                  str;
    const events_str_t           *elt;
    const events_schema_names_t  *strings;

    strings = &values->strings;

    if (!events_schema_string(run, run->event, value, &str)) {
        return 0;
    }

    if (strings->nelts <= EVENTS_SCHEMA_FEW_VALUES) {

        for (i = 0; i < strings->nelts; i++) {
            elt = &strings->elts[i];

            if (elt->len == str.len
                && events_schema_names_same(elt->data, str.data, str.len))
            {
                return 1;
            }
        }

        return 0;
    }

    return events_schema_names_find(strings,
                                    events_json_hash(str.data, str.len),
                                    str.data, str.len)
           < strings->nelts;
}


int
events_schema_check_ref(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    return events_schema_apply_in_place(run, check->u.ref->node, value, path);
}


/* core, section 8.2.3.2: the outermost resource that has the anchor */

int
events_schema_check_dynamic_ref(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    const events_schema_ref_t         *ref;
    const events_schema_node_t        *node;
    const events_schema_scope_t       *scope;
    const events_schema_identifier_t  *found;

    ref = check->u.ref;
    node = ref->node;

    if (ref->name.data) {

        for (scope = run->scope; scope; scope = scope->outer) {

            if (!events_schema_spend(run, 1)) {
                return 0;
            }

            found = events_schema_identifier_find(&run->schema->identifiers,
                                                  scope->resource, &ref->name,
                                                  ref->hash);
            if (found && found->dynamic) {
                node = found->node;
            }
        }
    }

    return events_schema_apply_in_place(run, node, value, path);
}


/*
 * Lengths are in code points.  Bytes are no fewer than those and at most four
 * times as many, which decides nearly always.
 */

int
events_schema_check_lengths(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    size_t                          bytes;
    const events_schema_lengths_t  *lengths;

    bytes = value->len - 2;
    lengths = check->u.lengths;

    if (bytes >= lengths->least && bytes <= lengths->most && !value->escaped) {
        return 1;
    }

    return events_schema_apply_list(run, lengths->checks, value, path);
}


int
events_schema_check_min_length(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    size_t  bytes, length, most;

    bytes = value->len - 2;
    length = check->u.limit;

    if (length == 0) {
        return 1;
    }

    most = value->escaped ? EVENTS_SCHEMA_ESCAPED_CHAR : 4;

    if (bytes > most * (length - 1)) {
        return 1;
    }

    if (bytes >= check->u.limit) {

        if (!events_schema_length(run, value, &length)) {
            return 0;
        }

        if (length >= check->u.limit) {
            return 1;
        }
    }

    return events_schema_fail(run, path, check->code, check->detail);
}


int
events_schema_check_max_length(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    size_t  bytes, length;

    bytes = value->len - 2;

    if (bytes <= check->u.limit) {
        return 1;
    }

    if (value->escaped || bytes <= (size_t) 4 * check->u.limit) {

        if (!events_schema_length(run, value, &length)) {
            return 0;
        }

        if (length <= check->u.limit) {
            return 1;
        }
    }

    return events_schema_fail(run, path, check->code, check->detail);
}


static int
events_schema_length(events_schema_run_t *run,
    const events_json_node_t *value, size_t *length)
{
    events_str_t  str;

    if (!events_schema_string(run, run->event, value, &str)) {
        return 0;
    }

    *length = events_utf8_length(str.data, str.len);

    return 1;
}


/* out of steps is a mismatch that ends the run */

events_pattern_e
events_schema_match(events_schema_run_t *run, const events_pattern_t *pattern,
    const events_str_t *subject)
{
    events_pattern_e  match;

    match = events_pattern_match(pattern, subject);

    if (match != EVENTS_PATTERN_LIMIT
        && !events_schema_spend(run, events_pattern_cost(pattern)
                                     >> EVENTS_SCHEMA_MATCH_BITS))
    {
        return EVENTS_PATTERN_MISMATCH;
    }

    return match;
}


int
events_schema_check_pattern(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    events_str_t  str;

    if (!events_schema_string(run, run->event, value, &str)) {
        return 0;
    }

    switch (events_schema_match(run, check->u.pattern, &str)) {

    case EVENTS_PATTERN_MATCH:
        return 1;

    case EVENTS_PATTERN_MISMATCH:
        return run->stop
               ? 0 : events_schema_fail(run, path, check->code, check->detail);

    default: /* EVENTS_PATTERN_LIMIT */

        /* one such string in an event is enough */

        return events_schema_abort(run, path, check->code,
                                   "takes too long to match the pattern");
    }
}


int
events_schema_check_format(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    events_str_t  str;

    if (!events_schema_string(run, run->event, value, &str)) {
        return 0;
    }

    return check->u.format->match(&str)
           || events_schema_fail(run, path, check->code, check->detail);
}


int
events_schema_check_minimum(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    return events_schema_order(run, check->u.bound, value) >= 0
           || events_schema_fail(run, path, check->code, check->detail);
}


int
events_schema_check_maximum(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    return events_schema_order(run, check->u.bound, value) <= 0
           || events_schema_fail(run, path, check->code, check->detail);
}


int
events_schema_check_above(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    return events_schema_order(run, check->u.bound, value) > 0
           || events_schema_fail(run, path, check->code, check->detail);
}


int
events_schema_check_below(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    return events_schema_order(run, check->u.bound, value) < 0
           || events_schema_fail(run, path, check->code, check->detail);
}


/* value against bound, as memcmp() */

static int
events_schema_order(events_schema_run_t *run,
    const events_schema_bound_t *bound, const events_json_node_t *value)
{
    int64_t               small;
    events_number_t       number;
    const unsigned char  *p, *text, *last;

    text = run->event->text + value->offset;

    if (!bound->fits || !value->integer || value->len > EVENTS_SCHEMA_SMALL) {
        events_number_parse(&number, text, value->len);
        return events_number_compare(&number, &bound->number);
    }

    small = 0;
    last = text + value->len;

    for (p = text + (*text == '-'); p < last; p++) {
        small = small * 10 + (*p - '0');
    }

    if (*text == '-') {
        small = -small;
    }

    return (small > bound->small) - (small < bound->small);
}


int
events_schema_check_multiple(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    events_number_t  number;

    events_number_parse(&number, run->event->text + value->offset, value->len);

    return events_number_is_multiple(&number, check->u.divisor)
           || events_schema_fail(run, path, check->code, check->detail);
}


int
events_schema_check_min_count(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    return value->count >= check->u.limit
           || events_schema_fail(run, path, check->code, check->detail);
}


int
events_schema_check_max_count(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    return value->count <= check->u.limit
           || events_schema_fail(run, path, check->code, check->detail);
}


int
events_schema_check_unique(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    if (events_schema_unique(run, value)) {
        return 1;
    }

    return run->stop
           ? 0 : events_schema_fail(run, path, check->code, check->detail);
}
