
/*
 * Any bytes through the parser, in each framing, with wide and with narrow
 * limits.  What it accepts must be consistent in itself.
 */


#include "fuzz.h"

#include "events_json.h"
#include "events_utf8.h"


/* objects with more members are not searched for duplicates pair by pair */
#define FUZZ_PAIRWISE  64


typedef struct {
    size_t                       len;
    const events_json_limits_t  *limits;
    uint32_t                     nevents;
} fuzz_json_t;


typedef struct {
    const events_json_event_t   *event;
    uint32_t                     shift;
} fuzz_again_t;


static events_error_e fuzz_parse(const uint8_t *data, size_t size,
    events_json_framing_e framing, const events_json_limits_t *limits);
static events_error_e fuzz_event(void *data, const events_json_event_t *event);
static uint32_t fuzz_value(const events_json_event_t *event, uint32_t i,
    uint32_t depth, uint32_t max_depth, int *duplicate);
static uint32_t fuzz_members(const events_json_event_t *event, uint32_t i,
    uint32_t depth, uint32_t max_depth, int *duplicate);
static int fuzz_has_duplicate(const events_json_event_t *event, uint32_t i);
static void fuzz_string(const events_json_event_t *event, uint32_t i);
static void fuzz_number(const events_json_event_t *event, uint32_t i);
static void fuzz_again(const events_json_event_t *event);
static events_error_e fuzz_same(void *data, const events_json_event_t *event);


static const events_json_limits_t  fuzz_wide = { 1 << 20, 1 << 24, 256 };

static const events_json_limits_t  fuzz_narrow[] = {
    { 1, 1 << 24, 256 },
    { 1 << 20, 16, 256 },
    { 1 << 20, 1 << 24, 2 },
    { 2, 24, 3 }
};


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t          i, n;
    events_error_e  wide, narrow;

    for (n = 0; n < 2; n++) {
        wide = fuzz_parse(data, size, n ? EVENTS_JSON_LINES
                                        : EVENTS_JSON_VALUE, &fuzz_wide);

        for (i = 0; i < sizeof(fuzz_narrow) / sizeof(fuzz_narrow[0]); i++) {
            narrow = fuzz_parse(data, size, n ? EVENTS_JSON_LINES
                                              : EVENTS_JSON_VALUE,
                                &fuzz_narrow[i]);

            if (wide != EVENTS_OK) {
                fuzz_assert(narrow != EVENTS_OK);

            } else {
                fuzz_assert(narrow == EVENTS_OK
                            || narrow == EVENTS_TOO_DEEP
                            || narrow == EVENTS_TOO_MANY_EVENTS
                            || narrow == EVENTS_EVENT_TOO_LARGE);
            }
        }
    }

    return 0;
}


static events_error_e
fuzz_parse(const uint8_t *data, size_t size, events_json_framing_e framing,
    const events_json_limits_t *limits)
{
    fuzz_json_t            fuzz;
    events_error_e         error;
    events_json_result_t   result;
    static events_json_t  *json;

    if (json == NULL) {
        json = events_json_create();
        fuzz_assert(json != NULL);
    }

    fuzz.len = size;
    fuzz.limits = limits;
    fuzz.nevents = 0;

    error = events_json_parse(json, data, size, framing, limits, fuzz_event,
                              &fuzz, &result);

    fuzz_assert(error == result.error);
    fuzz_assert(error < EVENTS_ERROR_MAX);
    fuzz_assert(result.offset <= size);
    fuzz_assert(result.index == fuzz.nevents);
    fuzz_assert((result.text != NULL) == (error == EVENTS_INVALID_JSON));

    if (error == EVENTS_OK) {
        fuzz_assert(result.offset == 0);
        fuzz_assert(events_utf8_valid(data, size) == size);
    }

    events_json_trim(json, 64 * 1024);

    return error;
}


static events_error_e
fuzz_event(void *data, const events_json_event_t *event)
{
    int           duplicate;
    fuzz_json_t  *fuzz = data;

    duplicate = 0;

    fuzz_assert(event->index == fuzz->nevents);
    fuzz_assert(event->index < fuzz->limits->max_events);
    fuzz_assert(event->nodes[0].len <= fuzz->limits->max_event_size);
    fuzz_assert(event->nodes[0].offset + event->nodes[0].len <= fuzz->len);
    fuzz_assert(!event->single || event->index == 0);

    fuzz_assert(fuzz_value(event, 0, 1, fuzz->limits->max_depth, &duplicate)
                == event->nnodes);
    fuzz_assert(event->nodes[0].duplicate == duplicate);

    fuzz_again(event);

    fuzz->nevents++;

    return EVENTS_OK;
}


/* checks a subtree, returns the node after it */

static uint32_t
fuzz_value(const events_json_event_t *event, uint32_t i, uint32_t depth,
    uint32_t max_depth, int *duplicate)
{
    uint8_t                    first, last;
    uint32_t                   n, next;
    const events_json_node_t  *node;

    fuzz_assert(i < event->nnodes);

    node = &event->nodes[i];
    first = event->text[node->offset];
    last = event->text[node->offset + node->len - 1];
    next = i + 1;

    fuzz_assert(node->len > 0);

    switch (node->type) {

    case EVENTS_JSON_NULL:
        fuzz_assert(memcmp(&event->text[node->offset], "null", 4) == 0);
        fuzz_assert(node->len == 4);
        break;

    case EVENTS_JSON_FALSE:
        fuzz_assert(memcmp(&event->text[node->offset], "false", 5) == 0);
        fuzz_assert(node->len == 5);
        break;

    case EVENTS_JSON_TRUE:
        fuzz_assert(memcmp(&event->text[node->offset], "true", 4) == 0);
        fuzz_assert(node->len == 4);
        break;

    case EVENTS_JSON_NUMBER:
        fuzz_number(event, i);
        break;

    case EVENTS_JSON_STRING:
        fuzz_string(event, i);
        break;

    case EVENTS_JSON_ARRAY:
        fuzz_assert(first == '[' && last == ']' && node->len >= 2);
        fuzz_assert(depth <= max_depth);

        for (n = 0; n < node->count; n++) {
            fuzz_assert(event->nodes[next].offset > node->offset);
            next = fuzz_value(event, next, depth + 1, max_depth, duplicate);
        }

        break;

    case EVENTS_JSON_OBJECT:
        fuzz_assert(first == '{' && last == '}' && node->len >= 2);
        fuzz_assert(depth <= max_depth);

        next = fuzz_members(event, i, depth, max_depth, duplicate);
        break;

    default:
        fuzz_assert(0);
    }

    fuzz_assert(node->u.next == next);

    if (next < event->nnodes) {
        fuzz_assert(event->nodes[next].offset > node->offset + node->len - 1);
    }

    return next;
}


static uint32_t
fuzz_members(const events_json_event_t *event, uint32_t i, uint32_t depth,
    uint32_t max_depth, int *duplicate)
{
    int                        has;
    uint32_t                   n, next, end;
    const events_json_node_t  *object, *value;

    object = &event->nodes[i];
    end = object->offset + object->len;
    next = i + 1;

    for (n = 0; n < object->count; n++) {
        fuzz_assert(next + 1 < event->nnodes);
        fuzz_assert(event->nodes[next].type == EVENTS_JSON_KEY);
        fuzz_assert(event->nodes[next].offset > object->offset);

        fuzz_string(event, next);

        value = &event->nodes[next + 1];

        fuzz_assert(value->offset >= event->nodes[next].offset
                                     + event->nodes[next].len + 1);
        fuzz_assert(value->offset + value->len < end);

        next = fuzz_value(event, next + 1, depth + 1, max_depth, duplicate);
    }

    if (object->count <= FUZZ_PAIRWISE) {
        has = fuzz_has_duplicate(event, i);

        /* the event itself tells of all that is in it */

        fuzz_assert(object->duplicate == has || (i == 0 && !has));
        *duplicate |= has;

    } else {
        *duplicate |= (i != 0) ? object->duplicate
                               : event->nodes[0].duplicate;
    }

    return next;
}


static int
fuzz_has_duplicate(const events_json_event_t *event, uint32_t i)
{
    int           found;
    size_t        len;
    uint8_t      *name;
    uint32_t      n, m, one, two;
    events_str_t  str;

    found = 0;
    one = i + 1;

    for (n = 0; n < event->nodes[i].count; n++) {
        name = fuzz_alloc(event->nodes[one].len);
        len = events_json_unescape(event->text, &event->nodes[one], name,
                                   event->nodes[one].len);
        str.data = name;
        str.len = len;

        fuzz_assert(events_json_member(event, &event->nodes[i], &str,
                                       events_json_hash(name, len))
                    != NULL);

        two = event->nodes[one + 1].u.next;
        one = two;

        for (m = n + 1; m < event->nodes[i].count; m++) {
            found |= events_json_equals(event->text, &event->nodes[two], &str);
            two = event->nodes[two + 1].u.next;
        }

        free(name);
    }

    return found;
}


static void
fuzz_string(const events_json_event_t *event, uint32_t i)
{
    size_t                     len, part;
    uint8_t                   *all, *some;
    events_str_t               raw, str;
    const events_json_node_t  *node;

    node = &event->nodes[i];

    fuzz_assert(node->len >= 2);
    fuzz_assert(event->text[node->offset] == '"');
    fuzz_assert(event->text[node->offset + node->len - 1] == '"');

    raw = events_json_raw(event->text, node);

    fuzz_assert(raw.len == node->len - 2);
    fuzz_assert(node->escaped == (memchr(raw.data, '\\', raw.len) != NULL));

    all = fuzz_alloc(raw.len);
    len = events_json_unescape(event->text, node, all, raw.len);
    str.data = all;
    str.len = len;

    fuzz_assert(len <= raw.len);
    fuzz_assert(node->escaped || len == raw.len);
    fuzz_assert(events_utf8_valid(all, len) == len);
    fuzz_assert(events_json_equals(event->text, node, &str));

    if (node->type == EVENTS_JSON_KEY) {
        fuzz_assert(node->u.hash == events_json_hash(all, len));
    }

    if (len > 0) {
        some = fuzz_alloc(len / 2);
        part = events_json_unescape(event->text, node, some, len / 2);

        fuzz_assert(part <= len / 2 && part + 4 > len / 2);
        fuzz_assert(memcmp(all, some, part) == 0);
        fuzz_assert(events_utf8_valid(some, part) == part);

        str.len--;
        fuzz_assert(!events_json_equals(event->text, node, &str));

        free(some);
    }

    free(all);
}


static void
fuzz_number(const events_json_event_t *event, uint32_t i)
{
    size_t                     n;
    int                        integer;
    const char                *chars;
    const events_json_node_t  *node;

    node = &event->nodes[i];
    integer = 1;

    for (n = 0; n < node->len; n++) {
        chars = "0123456789-+.eE";
        chars = memchr(chars, event->text[node->offset + n], strlen(chars));

        fuzz_assert(chars != NULL);
        integer &= (*chars != '.' && *chars != 'e' && *chars != 'E');
    }

    fuzz_assert(node->integer == integer);
}


/* a slice alone means what it means in its batch */

static void
fuzz_again(const events_json_event_t *event)
{
    uint8_t                     *text;
    fuzz_again_t                 again;
    events_json_result_t         result;
    const events_json_node_t    *node;
    static events_json_t        *json;

    if (json == NULL) {
        json = events_json_create();
        fuzz_assert(json != NULL);
    }

    node = &event->nodes[0];

    text = fuzz_alloc(node->len + 2);
    text[0] = '[';
    memcpy(text + 1, event->text + node->offset, node->len);
    text[node->len + 1] = ']';

    again.event = event;
    again.shift = node->offset - 1;

    fuzz_assert(events_json_parse(json, text, node->len + 2,
                                  EVENTS_JSON_VALUE, &fuzz_wide, fuzz_same,
                                  &again, &result)
                == EVENTS_OK);
    fuzz_assert(result.index == 1);

    free(text);
}


static events_error_e
fuzz_same(void *data, const events_json_event_t *event)
{
    uint32_t             i;
    fuzz_again_t        *again = data;
    events_json_node_t   node;

    fuzz_assert(event->nnodes == again->event->nnodes);

    for (i = 0; i < event->nnodes; i++) {
        node = event->nodes[i];
        node.offset += again->shift;

        fuzz_assert(memcmp(&node, &again->event->nodes[i],
                           sizeof(events_json_node_t))
                    == 0);
    }

    return EVENTS_OK;
}
