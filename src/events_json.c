
/*
 * One pass, no recursion, no copy: a loop over the tokens of an event with an
 * explicit stack of open containers.  What RFC 8259 does not allow ends the
 * parse at the byte where it is seen.
 */


#include "events_json.h"
#include "events_json_scan.h"
#include "events_utf8.h"

#include <stdlib.h>


/* up to so many members are compared pair by pair, which beats sorting */
#define EVENTS_JSON_PAIRWISE  16

/* nodes a new parser has room for: several times a usual event */
#define EVENTS_JSON_NODES  256


typedef struct {
    const u_char               *text;
    const events_json_node_t   *node;
} events_json_name_t;


struct events_json_s {
    events_json_node_t         *nodes;
    uint32_t                    nnodes;
    uint32_t                    nalloc;

    uint32_t                    open[EVENTS_JSON_MAX_DEPTH];
    uint32_t                    depth;      /* of containers in the event */

    events_json_name_t         *names;      /* to sort large objects */
    uint32_t                    names_alloc;

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

static inline const u_char *events_json_open(events_json_t *json,
    const u_char *p, events_json_type_e type);
static inline const u_char *events_json_close(events_json_t *json,
    const u_char *p);
static inline const u_char *events_json_next(events_json_t *json,
    const u_char *p);
static inline const u_char *events_json_name(events_json_t *json,
    const u_char *p);
static inline const u_char *events_json_scalar(events_json_t *json,
    const u_char *p);
static inline const u_char *events_json_string(events_json_t *json,
    const u_char *p, events_json_node_t *node);
static const u_char *events_json_special(events_json_t *json,
    const u_char *p, events_json_node_t *node);
static const u_char *events_json_unicode(events_json_t *json, const u_char *p);
static const u_char *events_json_number(events_json_t *json, const u_char *p,
    events_json_node_t *node);
static const u_char *events_json_digits(const u_char *p, const u_char *last);
static const u_char *events_json_literal(events_json_t *json, const u_char *p,
    events_json_node_t *node);

static inline events_json_node_t *events_json_push(events_json_t *json,
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

static int events_json_check_names(events_json_t *json,
    events_json_node_t *object);
static int events_json_is_among(events_json_t *json,
    const events_json_node_t *key, events_json_node_t **keys, uint32_t n);
static int events_json_sort_names(events_json_t *json,
    events_json_node_t *object);
static int events_json_compare_names(const void *one, const void *two);

static size_t events_json_decode(const u_char **pos,
    u_char out[4]);
static int events_json_hex4(const u_char *p, uint32_t *code);


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
    free(json->names);
    free(json->nodes);
    free(json);
}


size_t
events_json_memory(const events_json_t *json)
{
    return sizeof(events_json_t)
           + json->nalloc * sizeof(events_json_node_t)
           + json->names_alloc * sizeof(events_json_name_t)
           + json->name_alloc;
}


void
events_json_trim(events_json_t *json, size_t max)
{
    events_json_node_t  *nodes;

    if (events_json_memory(json) <= max) {
        return;
    }

    free(json->names);
    json->names = NULL;
    json->names_alloc = 0;

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

static inline const u_char *
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


static inline const u_char *
events_json_close(events_json_t *json, const u_char *p)
{
    events_json_node_t  *node;

    node = &json->nodes[json->open[--json->depth]];
    node->u.next = json->nnodes;
    node->len = p + 1 - json->text - node->offset;

    if (node->type == EVENTS_JSON_OBJECT && node->count > 1
        && !events_json_check_names(json, node))
    {
        return events_json_error(json, EVENTS_NO_MEMORY, p);
    }

    return p + 1;
}


/*
 * After a value: closes the containers that it ends; returns where the next
 * value of the event is due, or the end of the event.
 */

static inline const u_char *
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

static inline const u_char *
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


static inline const u_char *
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


static inline const u_char *
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


static inline events_json_node_t *
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


/*
 * Most names differ in what a filter of 64 bits sees of their hashes: few are
 * compared with those before them.
 */

static int
events_json_check_names(events_json_t *json, events_json_node_t *object)
{
    uint32_t             n;
    uint64_t             seen, bit;
    events_json_node_t  *key, *keys[EVENTS_JSON_PAIRWISE];

    if (object->count > EVENTS_JSON_PAIRWISE) {
        return events_json_sort_names(json, object);
    }

    seen = 0;
    key = object + 1;

    for (n = 0; n < object->count; n++) {
        bit = (uint64_t) 1 << (key->u.hash % 64);

        if ((seen & bit) && events_json_is_among(json, key, keys, n)) {
            object->duplicate = 1;
            json->duplicate = 1;
            break;
        }

        seen |= bit;
        keys[n] = key;
        key = &json->nodes[key[1].u.next];
    }

    return 1;
}


static int
events_json_is_among(events_json_t *json, const events_json_node_t *key,
    events_json_node_t **keys, uint32_t n)
{
    uint32_t            i;
    events_json_name_t  one, two;

    one.text = json->text;
    one.node = key;
    two.text = json->text;

    for (i = 0; i < n; i++) {
        two.node = keys[i];

        if (keys[i]->u.hash == key->u.hash
            && events_json_compare_names(&one, &two) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* n log n however the names were chosen */

static int
events_json_sort_names(events_json_t *json, events_json_node_t *object)
{
    uint32_t             i, n;
    events_json_node_t  *key;
    events_json_name_t  *names;

    n = object->count;

    if (n > json->names_alloc) {
        names = realloc(json->names, n * sizeof(events_json_name_t));
        if (names == NULL) {
            return 0;
        }

        json->names = names;
        json->names_alloc = n;
    }

    names = json->names;
    key = object + 1;

    for (i = 0; i < n; i++) {
        names[i].text = json->text;
        names[i].node = key;
        key = &json->nodes[key[1].u.next];
    }

    qsort(names, n, sizeof(events_json_name_t), events_json_compare_names);

    for (i = 1; i < n; i++) {
        if (events_json_compare_names(&names[i - 1], &names[i]) == 0) {
            object->duplicate = 1;
            json->duplicate = 1;
            break;
        }
    }

    return 1;
}


/*
 * Names of one hash are in the order of their bytes, unescaped: an order of
 * lengths, for those without escapes, would not go with it.
 */

static int
events_json_compare_names(const void *one, const void *two)
{
    int                        rc;
    size_t                     n, m;
    u_char                     out1[4], out2[4];
    const u_char              *p1, *p2, *last1, *last2;
    const events_json_name_t  *first = one;
    const events_json_name_t  *second = two;
    const events_json_node_t  *a = first->node;
    const events_json_node_t  *b = second->node;

    if (a->u.hash != b->u.hash) {
        return (a->u.hash < b->u.hash) ? -1 : 1;
    }

    p1 = first->text + a->offset + 1;
    p2 = second->text + b->offset + 1;

    if (!a->escaped && !b->escaped) {
        rc = memcmp(p1, p2, (a->len < b->len ? a->len : b->len) - 2);

        return rc ? rc : (a->len > b->len) - (a->len < b->len);
    }

    last1 = p1 + a->len - 2;
    last2 = p2 + b->len - 2;

    while (p1 < last1 && p2 < last2) {
        n = events_json_decode(&p1, out1);
        m = events_json_decode(&p2, out2);

        rc = memcmp(out1, out2, n < m ? n : m);

        if (rc != 0) {
            return rc;
        }
    }

    return (p1 < last1) - (p2 < last2);
}


uint32_t
events_json_hash(const u_char *data, size_t len)
{
    uint64_t  h, a, b;

    /* collisions only cost time, and sorting bounds that */

    h = len * 0x9E3779B97F4A7C15ULL;

    for ( ;; ) {

        if (len >= 8) {
            memcpy(&a, data, 8);
            memcpy(&b, data + (len < 16 ? len - 8 : 8), 8);

        } else if (len >= 4) {
            uint32_t  lo, hi;

            memcpy(&lo, data, 4);
            memcpy(&hi, data + len - 4, 4);
            a = lo;
            b = hi;

        } else if (len > 0) {
            a = data[0];
            b = ((uint64_t) data[len / 2] << 8) | data[len - 1];

        } else {
            break;
        }

        h = (h ^ a) * 0xBF58476D1CE4E5B9ULL;
        h = ((h ^ (h >> 29)) ^ b) * 0x94D049BB133111EBULL;

        if (len <= 16) {
            break;
        }

        data += 16;
        len -= 16;
    }

    return (uint32_t) (h ^ (h >> 32));
}


events_str_t
events_json_raw(const u_char *text, const events_json_node_t *node)
{
    events_str_t  raw;

    raw.data = text + node->offset + 1;
    raw.len = node->len - 2;

    return raw;
}


size_t
events_json_unescape(const u_char *text, const events_json_node_t *node,
    u_char *dst, size_t size)
{
    size_t         n, len;
    u_char         out[4];
    const u_char  *p, *last;

    p = text + node->offset + 1;
    last = p + node->len - 2;

    if (!node->escaped && (size_t) (last - p) <= size) {
        memcpy(dst, p, last - p);
        return last - p;
    }

    len = 0;

    while (p < last) {
        n = events_json_decode(&p, out);

        if (n > size - len) {
            break;
        }

        memcpy(dst + len, out, n);
        len += n;
    }

    return len;
}


int
events_json_equals(const u_char *text, const events_json_node_t *node,
    const events_str_t *str)
{
    size_t         n, len;
    u_char         out[4];
    const u_char  *p, *last;

    p = text + node->offset + 1;

    if (!node->escaped) {
        return node->len - 2 == str->len && memcmp(p, str->data, str->len) == 0;
    }

    last = p + node->len - 2;

    for (len = 0; p < last; len += n) {
        n = events_json_decode(&p, out);

        if (n > str->len - len || memcmp(str->data + len, out, n) != 0) {
            return 0;
        }
    }

    return len == str->len;
}


const events_json_node_t *
events_json_member(const events_json_event_t *event,
    const events_json_node_t *object, const events_str_t *name, uint32_t hash)
{
    uint32_t                   i;
    const events_json_node_t  *key;

    if (object->type != EVENTS_JSON_OBJECT) {
        return NULL;
    }

    key = object + 1;

    for (i = 0; i < object->count; i++) {

        if (key->u.hash == hash && events_json_equals(event->text, key, name)) {
            return key + 1;
        }

        key = &event->nodes[key[1].u.next];
    }

    return NULL;
}


/* one character, escaped or not, of text that was found to be valid */

static size_t
events_json_decode(const u_char **pos, u_char out[4])
{
    size_t                n;
    uint32_t              code, low;
    const u_char  *p;

    p = *pos;

    if (*p != '\\') {
        n = events_utf8_size(*p);
        memcpy(out, p, n);
        *pos = p + n;
        return n;
    }

    *pos = p + 2;

    switch (p[1]) {

    case 'b':
        out[0] = '\b';
        return 1;

    case 'f':
        out[0] = '\f';
        return 1;

    case 'n':
        out[0] = '\n';
        return 1;

    case 'r':
        out[0] = '\r';
        return 1;

    case 't':
        out[0] = '\t';
        return 1;

    case 'u':
        break;

    default: /* quote, backslash, slash */
        out[0] = p[1];
        return 1;
    }

    events_json_hex4(p + 2, &code);
    *pos = p + 6;

    if (code >= 0xD800 && code <= 0xDBFF) {
        events_json_hex4(p + 8, &low);
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        *pos = p + 12;
    }

    return events_utf8_encode(out, code);
}


static int
events_json_hex4(const u_char *p, uint32_t *code)
{
    unsigned       i;
    uint32_t       value;
    u_char  ch;

    value = 0;

    for (i = 0; i < 4; i++) {
        ch = p[i];

        if (ch >= '0' && ch <= '9') {
            value = (value << 4) | (ch - '0');

        } else {
            ch |= 0x20;

            if (ch < 'a' || ch > 'f') {
                return 0;
            }

            value = (value << 4) | (ch - 'a' + 10);
        }
    }

    *code = value;

    return 1;
}
