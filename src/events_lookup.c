
#include "events_lookup.h"


/* an index that has more digits than this is past the end of any array */
#define EVENTS_LOOKUP_DIGITS  9


static const char *events_lookup_step(events_lookup_t *lookup,
    const u_char *p, const u_char *last, u_char **storage);
static void events_lookup_element(events_lookup_step_t *step);
static const events_json_node_t *events_lookup_nth(
    const events_json_event_t *event, const events_json_node_t *array,
    uint32_t n);


const char *
events_lookup_compile(events_lookup_t *lookup, const events_str_t *pointer,
    u_char *storage)
{
    const char    *err;
    const u_char  *p, *end, *last;

    lookup->nsteps = 0;

    p = pointer->data;
    last = p + pointer->len;

    if (p == last || *p != '/') {
        return "a JSON Pointer starts with \"/\"";
    }

    while (p < last) {
        p++;

        end = memchr(p, '/', last - p);
        if (end == NULL) {
            end = last;
        }

        err = events_lookup_step(lookup, p, end, &storage);
        if (err != NULL) {
            return err;
        }

        p = end;
    }

    return NULL;
}


static const char *
events_lookup_step(events_lookup_t *lookup, const u_char *p,
    const u_char *last, u_char **storage)
{
    u_char                *dst;
    events_lookup_step_t  *step;

    if (lookup->nsteps == EVENTS_LOOKUP_STEPS) {
        return "the JSON Pointer has more than 8 steps";
    }

    step = &lookup->steps[lookup->nsteps++];
    dst = *storage;
    step->name.data = dst;

    while (p < last) {

        if (*p != '~') {
            *dst++ = *p++;
            continue;
        }

        if (last - p < 2 || (p[1] != '0' && p[1] != '1')) {
            return "in a JSON Pointer \"~\" is written \"~0\"";
        }

        *dst++ = (p[1] == '0') ? '~' : '/';
        p += 2;
    }

    step->name.len = dst - step->name.data;
    step->hash = events_json_hash(step->name.data, step->name.len);

    events_lookup_element(step);

    *storage = dst;

    return NULL;
}


static void
events_lookup_element(events_lookup_step_t *step)
{
    size_t         i;
    const u_char  *name;

    name = step->name.data;
    step->is_element = 0;
    step->element = 0;

    if (step->name.len == 0 || step->name.len > EVENTS_LOOKUP_DIGITS
        || (name[0] == '0' && step->name.len > 1))
    {
        return;
    }

    for (i = 0; i < step->name.len; i++) {

        if (name[i] < '0' || name[i] > '9') {
            return;
        }

        step->element = step->element * 10 + (name[i] - '0');
    }

    step->is_element = 1;
}


const events_json_node_t *
events_lookup_find(const events_lookup_t *lookup,
    const events_json_event_t *event)
{
    uint32_t                     i;
    const events_json_node_t    *node;
    const events_lookup_step_t  *step;

    node = event->nodes;

    for (i = 0; i < lookup->nsteps && node != NULL; i++) {
        step = &lookup->steps[i];

        if (node->type == EVENTS_JSON_OBJECT) {
            node = events_json_member(event, node, &step->name, step->hash);

        } else if (node->type == EVENTS_JSON_ARRAY && step->is_element) {
            node = events_lookup_nth(event, node, step->element);

        } else {
            node = NULL;
        }
    }

    return node;
}


static const events_json_node_t *
events_lookup_nth(const events_json_event_t *event,
    const events_json_node_t *array, uint32_t n)
{
    const events_json_node_t  *node;

    if (n >= array->count) {
        return NULL;
    }

    for (node = array + 1; n > 0; n--) {
        node = &event->nodes[node->u.next];
    }

    return node;
}
