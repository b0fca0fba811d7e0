
/*
 * One pass, no recursion, no copy: a loop over the tokens of an event with an
 * explicit stack of open containers.  What RFC 8259 does not allow ends the
 * parse at the byte where it is seen.
 */


#include "events_json.h"
#include "events_json_names.h"
#include "events_json_scan.h"
#include "events_json_text.h"
#include "events_utf8.h"

#include <stdlib.h>


/* nodes a new parser has room for: several times a usual event */
#define EVENTS_JSON_NODES  256


struct events_json_s {
    events_json_node_t         *nodes;
    uint32_t                    nnodes;
    uint32_t                    nalloc;

    uint32_t                    open[EVENTS_JSON_MAX_DEPTH];
    uint32_t                    depth;      /* of containers in the event */

    events_json_names_t         names;      /* to sort large objects */

    u_char                     *name;       /* one unescaped, to hash it */
    size_t                      name_alloc;

    /* of the text being parsed */

    const u_char               *text;
    const u_char               *last;       /* end of the text */
    const u_char               *event;      /* start of the event */
    const u_char               *event_last; /* none of it may start here */
    uint32_t                    index;
    unsigned                    single:1;   /* the text is one bare event */
    unsigned                    duplicate:1;

    const events_json_limits_t *limits;
    events_json_handler_pt      handler;
    void                       *data;
    events_json_result_t       *result;
};


/*
 * What parses a part of the text takes the position where the part begins and
 * returns the position after it, or NULL once the result holds an error.
 */

static const u_char *events_json_value_text(events_json_t *json,
    const u_char *p);
static const u_char *events_json_array(events_json_t *json, const u_char *p);
static const u_char *events_json_lines(events_json_t *json, const u_char *p);
static const u_char *events_json_event(events_json_t *json, const u_char *p);
static const u_char *events_json_tokens(events_json_t *json, const u_char *p);

static events_inline const u_char *events_json_open(events_json_t *json,
    const u_char *p, events_json_type_e type);
static events_inline const u_char *events_json_close(events_json_t *json,
    const u_char *p);
static events_inline const u_char *events_json_next(events_json_t *json,
    const u_char *p);
static events_inline const u_char *events_json_name(events_json_t *json,
    const u_char *p);
static events_inline const u_char *events_json_scalar(events_json_t *json,
    const u_char *p);
static events_inline const u_char *events_json_string(events_json_t *json,
    const u_char *p, events_json_node_t *node);
static const u_char *events_json_special(events_json_t *json,
    const u_char *p, events_json_node_t *node);
static const u_char *events_json_unicode(events_json_t *json, const u_char *p);
static const u_char *events_json_number(events_json_t *json, const u_char *p,
    events_json_node_t *node);
static const u_char *events_json_digits(const u_char *p, const u_char *last);
static const u_char *events_json_literal(events_json_t *json, const u_char *p,
    events_json_node_t *node);

static events_inline events_json_node_t *events_json_push(events_json_t *json,
    const u_char *p, events_json_type_e type);
static int events_json_grow(events_json_t *json);
static int events_json_hash_escaped(events_json_t *json,
    events_json_node_t *node);
static const u_char *events_json_unexpected(events_json_t *json,
    const u_char *p);
static const u_char *events_json_fail(events_json_t *json, const u_char *p,
    const char *text);
static const u_char *events_json_error(events_json_t *json,
    events_error_e error, const u_char *p);


typedef struct {
    const char                 *text;
    size_t                      len;
} events_json_literal_t;


static const events_json_literal_t  events_json_literals[] = {
    { "null", 4 },          /* EVENTS_JSON_NULL */
    { "false", 5 },         /* EVENTS_JSON_FALSE */
    { "true", 4 }           /* EVENTS_JSON_TRUE */
};


static const char  events_json_truncated[] = "it ends in the middle of a value";


events_json_t *
events_json_create(void)
{
    events_json_t  *json;

    json = calloc(1, sizeof(events_json_t));
    if (json == NULL) {
        return NULL;
    }

    json->nodes = malloc(EVENTS_JSON_NODES * sizeof(events_json_node_t));
    if (json->nodes == NULL) {
        free(json);
        return NULL;
    }

    json->nalloc = EVENTS_JSON_NODES;

    return json;
}


void
events_json_destroy(events_json_t *json)
{
    if (json == NULL) {
        return;
    }

    free(json->name);
    events_json_names_free(&json->names);
    free(json->nodes);
    free(json);
}


size_t
events_json_memory(const events_json_t *json)
{
    return sizeof(events_json_t)
           + json->nalloc * sizeof(events_json_node_t)
           + json->names.nalloc * sizeof(events_json_name_t)
           + json->name_alloc;
}


void
events_json_trim(events_json_t *json, size_t max)
{
    events_json_node_t  *nodes;

    if (events_json_memory(json) <= max) {
        return;
    }

    events_json_names_free(&json->names);

    free(json->name);
    json->name = NULL;
    json->name_alloc = 0;

    nodes = realloc(json->nodes,
                    EVENTS_JSON_NODES * sizeof(events_json_node_t));
    if (nodes != NULL) {
        json->nodes = nodes;
        json->nalloc = EVENTS_JSON_NODES;
    }
}


events_error_e
events_json_parse(events_json_t *json, const u_char *text, size_t len,
    events_json_framing_e framing, const events_json_limits_t *limits,
    events_json_handler_pt handler, void *data, events_json_result_t *result)
{
    memset(result, 0, sizeof(events_json_result_t));

    json->text = text;
    json->last = text + len;
    json->index = 0;
    json->single = 0;
    json->limits = limits;
    json->handler = handler;
    json->data = data;
    json->result = result;

    if (len > EVENTS_JSON_MAX_TEXT) {
        events_json_fail(json, text, "it is longer than 2 GiB");

    } else if (framing == EVENTS_JSON_LINES) {
        events_json_lines(json, text);

    } else {
        events_json_value_text(json, text);
    }

    result->index = json->index;

    return result->error;
}


static const u_char *
events_json_value_text(events_json_t *json, const u_char *p)
{
    p = events_json_skip_space(p, json->last);

    if (p == json->last) {
        return events_json_error(json, EVENTS_EMPTY_BODY, p);
    }

    if (*p == '[') {
        p = events_json_array(json, p);

    } else {
        json->single = 1;
        p = events_json_event(json, p);
    }

    if (p == NULL) {
        return NULL;
    }

    p = events_json_skip_space(p, json->last);

    if (p != json->last) {
        return events_json_fail(json, p, "there is more after the end");
    }

    return p;
}


static const u_char *
events_json_array(events_json_t *json, const u_char *p)
{
    p = events_json_skip_space(p + 1, json->last);

    if (p < json->last && *p == ']') {
        return p + 1;
    }

    for ( ;; ) {
        p = events_json_event(json, p);

        if (p == NULL) {
            return NULL;
        }

        p = events_json_skip_space(p, json->last);

        if (p == json->last) {
            return events_json_fail(json, p, events_json_truncated);
        }

        if (*p == ']') {
            return p + 1;
        }

        if (*p != ',') {
            return events_json_fail(json, p,
                             "a comma or bracket is missing after an element");
        }

        p = events_json_skip_space(p + 1, json->last);
    }
}


static const u_char *
events_json_lines(events_json_t *json, const u_char *p)
{
    const u_char  *end, *newline;

    p = events_json_skip_space(p, json->last);

    if (p == json->last) {
        return events_json_error(json, EVENTS_EMPTY_BODY, p);
    }

    while (p < json->last) {
        end = events_json_event(json, p);

        if (end == NULL) {
            return NULL;
        }

        newline = memchr(p, '\n', end - p);

        if (newline != NULL) {
            return events_json_fail(json, newline,
                                    "an event goes over several lines");
        }

        p = events_json_skip_space(end, json->last);

        if (p < json->last && memchr(end, '\n', p - end) == NULL) {
            return events_json_fail(json, p, "a line has more than one event");
        }
    }

    return p;
}


static const u_char *
events_json_event(events_json_t *json, const u_char *p)
{
    size_t               size;
    events_error_e       error;
    events_json_event_t  event;

    if (json->index >= json->limits->max_events) {
        return events_json_error(json, EVENTS_TOO_MANY_EVENTS, p);
    }

    json->nnodes = 0;
    json->depth = 0;
    json->duplicate = 0;
    json->event = p;
    json->event_last = json->last;

    size = json->limits->max_event_size;

    if (size > EVENTS_JSON_MAX_EVENT) {
        size = EVENTS_JSON_MAX_EVENT;
    }

    if ((size_t) (json->last - p) > size) {
        json->event_last = p + size;
    }

    p = events_json_tokens(json, p);

    if (p == NULL) {
        return NULL;
    }

    if (p > json->event_last) {
        return events_json_error(json, EVENTS_EVENT_TOO_LARGE, json->event);
    }

    json->nodes[0].duplicate = json->duplicate;

    event.text = json->text;
    event.nodes = json->nodes;
    event.nnodes = json->nnodes;
    event.index = json->index;
    event.single = json->single;

    error = json->handler(json->data, &event);

    if (error != EVENTS_OK) {
        return events_json_error(json, error, json->event);
    }

    json->index++;

    return p;
}


static const u_char *
events_json_tokens(events_json_t *json, const u_char *p)
{
    do {
        p = events_json_skip_space(p, json->last);

        if (p >= json->event_last) {
            return (p == json->last)
                   ? events_json_fail(json, p, events_json_truncated)
                   : events_json_error(json, EVENTS_EVENT_TOO_LARGE,
                                       json->event);
        }

        switch (*p) {

        case '{':
            p = events_json_open(json, p, EVENTS_JSON_OBJECT);
            break;

        case '[':
            p = events_json_open(json, p, EVENTS_JSON_ARRAY);
            break;

        default:
            p = events_json_scalar(json, p);

            if (p != NULL) {
                p = events_json_next(json, p);
            }
        }

        if (p == NULL) {
            return NULL;
        }

    } while (json->depth > 0);

    return p;
}


/* returns where a value is due, or, after an empty container, what follows */

static events_inline const u_char *
events_json_open(events_json_t *json, const u_char *p, events_json_type_e type)
{
    u_char  end;

    if (json->depth == json->limits->max_depth
        || json->depth == EVENTS_JSON_MAX_DEPTH)
    {
        return events_json_error(json, EVENTS_TOO_DEEP, p);
    }

    if (events_json_push(json, p, type) == NULL) {
        return NULL;
    }

    json->open[json->depth++] = json->nnodes - 1;

    p = events_json_skip_space(p + 1, json->last);

    end = (type == EVENTS_JSON_OBJECT) ? '}' : ']';

    if (p < json->last && *p == end) {
        p = events_json_close(json, p);
        return (p != NULL) ? events_json_next(json, p) : NULL;
    }

    if (type == EVENTS_JSON_OBJECT) {
        return events_json_name(json, p);
    }

    json->nodes[json->nnodes - 1].count = 1;

    return p;
}


static events_inline const u_char *
events_json_close(events_json_t *json, const u_char *p)
{
    int                  rc;
    events_json_node_t  *node;

    node = &json->nodes[json->open[--json->depth]];
    node->u.next = json->nnodes;
    node->len = p + 1 - json->text - node->offset;

    if (node->type == EVENTS_JSON_OBJECT && node->count > 1) {
        rc = events_json_names_repeat(&json->names, json->text, json->nodes,
                                      node);
        if (rc < 0) {
            return events_json_error(json, EVENTS_NO_MEMORY, p);
        }

        node->duplicate = rc;
        json->duplicate |= rc;
    }

    return p + 1;
}


/*
 * After a value: closes the containers that it ends; returns where the next
 * value of the event is due, or the end of the event.
 */

static events_inline const u_char *
events_json_next(events_json_t *json, const u_char *p)
{
    events_json_node_t  *node;

    while (json->depth > 0) {

        p = events_json_skip_space(p, json->last);

        if (p == json->last) {
            return events_json_fail(json, p, events_json_truncated);
        }

        node = &json->nodes[json->open[json->depth - 1]];

        if (*p == ',') {
            p = events_json_skip_space(p + 1, json->last);

            if (node->type == EVENTS_JSON_OBJECT) {
                return events_json_name(json, p);
            }

            node->count++;

            return p;
        }

        if (node->type == EVENTS_JSON_OBJECT && *p != '}') {
            return events_json_fail(json, p,
                                "a comma or brace is missing after a member");
        }

        if (node->type == EVENTS_JSON_ARRAY && *p != ']') {
            return events_json_fail(json, p,
                             "a comma or bracket is missing after an element");
        }

        p = events_json_close(json, p);

        if (p == NULL) {
            return NULL;
        }
    }

    return p;
}


/* a member's name and its colon */

static events_inline const u_char *
events_json_name(events_json_t *json, const u_char *p)
{
    events_json_node_t  *node;

    if (p == json->last) {
        return events_json_fail(json, p, events_json_truncated);
    }

    if (*p != '"') {
        return events_json_fail(json, p, "a member name must be a string");
    }

    json->nodes[json->open[json->depth - 1]].count++;

    node = events_json_push(json, p, EVENTS_JSON_KEY);
    if (node == NULL) {
        return NULL;
    }

    p = events_json_string(json, p, node);

    if (p == NULL) {
        return NULL;
    }

    if (!node->escaped) {
        node->u.hash = events_json_hash(json->text + node->offset + 1,
                                        node->len - 2);

    } else if (!events_json_hash_escaped(json, node)) {
        return events_json_error(json, EVENTS_NO_MEMORY, p);
    }

    p = events_json_skip_space(p, json->last);

    if (p == json->last) {
        return events_json_fail(json, p, events_json_truncated);
    }

    if (*p != ':') {
        return events_json_fail(json, p,
                                "a colon is missing after a member name");
    }

    return p + 1;
}


static events_inline const u_char *
events_json_scalar(events_json_t *json, const u_char *p)
{
    events_json_type_e   type;
    events_json_node_t  *node;

    switch (*p) {

    case '"':
        type = EVENTS_JSON_STRING;
        break;

    case '-':
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        type = EVENTS_JSON_NUMBER;
        break;

    case 't':
        type = EVENTS_JSON_TRUE;
        break;

    case 'f':
        type = EVENTS_JSON_FALSE;
        break;

    case 'n':
        type = EVENTS_JSON_NULL;
        break;

    default:
        return events_json_unexpected(json, p);
    }

    node = events_json_push(json, p, type);
    if (node == NULL) {
        return NULL;
    }

    if (type == EVENTS_JSON_STRING) {
        return events_json_string(json, p, node);
    }

    if (type == EVENTS_JSON_NUMBER) {
        return events_json_number(json, p, node);
    }

    return events_json_literal(json, p, node);
}


static events_inline const u_char *
events_json_string(events_json_t *json, const u_char *p,
    events_json_node_t *node)
{
    const u_char  *start;

    start = p++;

    for ( ;; ) {
        p = events_json_scan_string(p, json->last);

        if (p < json->last && *p == '"') {
            node->len = p + 1 - start;
            return p + 1;
        }

        p = events_json_special(json, p, node);

        if (p == NULL) {
            return NULL;
        }
    }
}


/* what is in a string and is not plain ASCII: an escape, a character */

static const u_char *
events_json_special(events_json_t *json, const u_char *p,
    events_json_node_t *node)
{
    size_t  n;

    if (p == json->last || (*p == '\\' && json->last - p < 2)) {
        return events_json_fail(json, json->last, events_json_truncated);
    }

    if (*p < 0x20) {
        return events_json_fail(json, p,
                                "a string has an unescaped control character");
    }

    if (*p != '\\') {
        n = events_utf8_char(p, json->last - p);

        return n ? p + n : events_json_error(json, EVENTS_INVALID_UTF8, p);
    }

    node->escaped = 1;

    switch (p[1]) {

    case '"': case '\\': case '/':
    case 'b': case 'f': case 'n': case 'r': case 't':
        return p + 2;

    case 'u':
        return events_json_unicode(json, p);

    default:
        return events_json_fail(json, p, "a string has an invalid escape");
    }
}


/*
 * RFC 8259, section 7, writes characters above U+FFFF as a pair of surrogates;
 * half of a pair is no character, and no two consumers agree on it.
 */

static const u_char *
events_json_unicode(events_json_t *json, const u_char *p)
{
    uint32_t  code, low;

    if (json->last - p < 6) {
        return events_json_fail(json, json->last, events_json_truncated);
    }

    if (!events_json_hex4(p + 2, &code)) {
        return events_json_fail(json, p,
                                "a \\u escape needs four hex digits");
    }

    if (code < 0xD800 || code > 0xDFFF) {
        return p + 6;
    }

    if (code < 0xDC00 && json->last - p >= 12 && p[6] == '\\' && p[7] == 'u'
        && events_json_hex4(p + 8, &low) && low >= 0xDC00 && low <= 0xDFFF)
    {
        return p + 12;
    }

    return events_json_fail(json, p,
                            "a \\u escape is half of a surrogate pair");
}


/* RFC 8259, section 6: [ minus ] int [ frac ] [ exp ] */

static const u_char *
events_json_number(events_json_t *json, const u_char *p,
    events_json_node_t *node)
{
    const u_char  *start, *digits;

    start = p;
    digits = p + (*p == '-');

    p = events_json_digits(digits, json->last);

    if (p == digits) {
        return events_json_fail(json, p, "a number needs a digit");
    }

    if (*digits == '0' && p - digits > 1) {
        return events_json_fail(json, digits, "a number has a leading zero");
    }

    node->integer = 1;

    if (p < json->last && *p == '.') {
        node->integer = 0;
        digits = p + 1;
        p = events_json_digits(digits, json->last);

        if (p == digits) {
            return events_json_fail(json, p,
                                    "a number needs a digit after its point");
        }
    }

    if (p < json->last && (*p | 0x20) == 'e') {
        node->integer = 0;
        digits = p + 1;

        if (digits < json->last && (*digits == '+' || *digits == '-')) {
            digits++;
        }

        p = events_json_digits(digits, json->last);

        if (p == digits) {
            return events_json_fail(json, p,
                                    "a number needs a digit in its exponent");
        }
    }

    node->len = p - start;

    return p;
}


static const u_char *
events_json_digits(const u_char *p, const u_char *last)
{
    while (p < last && (u_char) (*p - '0') < 10) {
        p++;
    }

    return p;
}


static const u_char *
events_json_literal(events_json_t *json, const u_char *p,
    events_json_node_t *node)
{
    const events_json_literal_t  *literal;

    literal = &events_json_literals[node->type];

    if ((size_t) (json->last - p) < literal->len
        || memcmp(p, literal->text, literal->len) != 0)
    {
        return events_json_fail(json, p, "true, false or null is misspelled");
    }

    node->len = literal->len;

    return p + literal->len;
}


static events_inline events_json_node_t *
events_json_push(events_json_t *json, const u_char *p, events_json_type_e type)
{
    events_json_node_t  *node;

    if (json->nnodes == json->nalloc && !events_json_grow(json)) {
        events_json_error(json, EVENTS_NO_MEMORY, p);
        return NULL;
    }

    node = &json->nodes[json->nnodes++];

    *node = (events_json_node_t) {
        .offset = p - json->text,
        .u.next = json->nnodes,
        .type = type
    };

    return node;
}


static int
events_json_grow(events_json_t *json)
{
    events_json_node_t  *nodes;

    nodes = realloc(json->nodes,
                    2 * json->nalloc * sizeof(events_json_node_t));
    if (nodes == NULL) {
        return 0;
    }

    json->nodes = nodes;
    json->nalloc *= 2;

    return 1;
}


static int
events_json_hash_escaped(events_json_t *json, events_json_node_t *node)
{
    size_t   len;
    u_char  *name;

    if (node->len > json->name_alloc) {
        name = realloc(json->name, node->len);
        if (name == NULL) {
            return 0;
        }

        json->name = name;
        json->name_alloc = node->len;
    }

    len = events_json_unescape(json->text, node, json->name, json->name_alloc);
    node->u.hash = events_json_hash(json->name, len);

    return 1;
}


static const u_char *
events_json_unexpected(events_json_t *json, const u_char *p)
{
    switch (*p) {

    case ',': case ':': case ']': case '}':
        return events_json_fail(json, p, "a value is missing");

    case 0xEF:
        if (p == json->text) {
            return events_json_fail(json, p,
                                    "it starts with a byte order mark");
        }
    }

    return events_json_fail(json, p, "unexpected character");
}


static const u_char *
events_json_fail(events_json_t *json, const u_char *p, const char *text)
{
    json->result->text = text;

    return events_json_error(json, EVENTS_INVALID_JSON, p);
}


static const u_char *
events_json_error(events_json_t *json, events_error_e error, const u_char *p)
{
    json->result->error = error;
    json->result->offset = p - json->text;

    return NULL;
}
