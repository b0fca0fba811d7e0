
/*
 * Strict JSON (RFC 8259): from bytes to the nodes of one event after another.
 *
 * The parser walks the whole text once.  Each time an event is complete its
 * nodes are handed to a handler, and are forgotten when the handler returns:
 * memory is bounded by the largest event, not by the batch.
 */


#ifndef _EVENTS_JSON_H_INCLUDED_
#define _EVENTS_JSON_H_INCLUDED_


#include "events_types.h"
#include "events_error.h"


/* offsets and lengths are 32 bits wide; a longer text is refused */
#define EVENTS_JSON_MAX_TEXT  0x7fffffff

/*
 * Largest event, in bytes, whatever a configuration allows: its members and
 * elements can be counted in 24 bits then.
 */
#define EVENTS_JSON_MAX_EVENT  (32 * 1024 * 1024)

/* deepest nesting that a configuration may allow; handlers may recurse */
#define EVENTS_JSON_MAX_DEPTH  256


typedef enum {
    EVENTS_JSON_NULL = 0,
    EVENTS_JSON_FALSE,
    EVENTS_JSON_TRUE,
    EVENTS_JSON_NUMBER,
    EVENTS_JSON_STRING,
    EVENTS_JSON_ARRAY,
    EVENTS_JSON_OBJECT,
    EVENTS_JSON_KEY
} events_json_type_e;


/*
 * A value or a member name.  Nodes stand in the order of the text:
 *
 *     {"a":[1,2]}  =>  OBJECT  KEY "a"  ARRAY  NUMBER 1  NUMBER 2
 *
 * A value's subtree is the nodes [i, nodes[i].next); the value of a KEY is
 * the node that follows it.
 */

typedef struct {
    uint32_t              offset;   /* of the first byte, in the text */
    uint32_t              len;      /* in bytes, quotes and brackets included */

    union {
        uint32_t          next;     /* values: index of the node after it */
        uint32_t          hash;     /* KEY: events_json_hash() of the name */
    } u;

    uint32_t              count:24; /* ARRAY: elements, OBJECT: members */
    uint32_t              type:4;   /* events_json_type_e */
    uint32_t              escaped:1;    /* KEY, STRING: has a backslash */
    uint32_t              integer:1;    /* NUMBER: no fraction, no exponent */
    uint32_t              duplicate:1;  /* OBJECT: a name occurs twice in it;
                                         * EVENT ROOT: in it or below it */
    uint32_t              renamed:1;    /* KEY: the name that was sent stands
                                         * right behind, count bytes long */
} events_json_node_t;


/* one event, valid while its handler runs */

typedef struct {
    const u_char              *text;    /* the whole text, not the event */
    const events_json_node_t  *nodes;   /* nodes[0] is the event */
    uint32_t                   nnodes;
    uint32_t                   index;   /* of the event in its batch, from 0 */
    unsigned                   single:1;    /* the text is one bare event */
} events_json_event_t;


typedef struct {
    uint32_t              max_events;       /* in one text */
    size_t                max_event_size;   /* bytes of one event */
    uint32_t              max_depth;        /* an event itself is depth 1 */
} events_json_limits_t;


typedef enum {
    EVENTS_JSON_VALUE = 0,      /* one array of events, or one event */
    EVENTS_JSON_LINES           /* one event a line (NDJSON) */
} events_json_framing_e;


typedef struct {
    events_error_e        error;    /* EVENTS_OK where the parse succeeded */
    const char           *text;     /* constant, one clause, or NULL */
    size_t                offset;   /* byte at which the text went wrong */
    uint32_t              index;    /* event it happened in */
} events_json_result_t;


/*
 * Called once an event.  A value other than EVENTS_OK ends the parse with
 * that error.
 */

typedef events_error_e (*events_json_handler_pt)(void *data,
    const events_json_event_t *event);


typedef struct events_json_s  events_json_t;


/*
 * A parser keeps its memory from text to text.  events_json_create() returns
 * NULL when there is no memory.
 */

events_json_t *events_json_create(void);
void events_json_destroy(events_json_t *json);

/*
 * Parses a whole text.  Errors: EVENTS_EMPTY_BODY, EVENTS_INVALID_JSON,
 * EVENTS_INVALID_UTF8, EVENTS_TOO_DEEP, EVENTS_TOO_MANY_EVENTS,
 * EVENTS_EVENT_TOO_LARGE, EVENTS_NO_MEMORY and whatever the handler returns.
 */

events_error_e events_json_parse(events_json_t *json, const u_char *text,
    size_t len, events_json_framing_e framing,
    const events_json_limits_t *limits, events_json_handler_pt handler,
    void *data, events_json_result_t *result);


/* memory the parser holds, in bytes; trimmed below max by the second */

size_t events_json_memory(const events_json_t *json);
void events_json_trim(events_json_t *json, size_t max);


/* hash of a member name, over its unescaped bytes */

uint32_t events_json_hash(const u_char *data, size_t len);

/* bytes between the quotes of a KEY or STRING, escapes still in place */

events_str_t events_json_raw(const u_char *text,
    const events_json_node_t *node);

/*
 * Unescapes a KEY or STRING into dst, at most size bytes, never splitting
 * a character; returns the number of bytes written.  Unescaped text is never
 * longer than node->len - 2.
 */

size_t events_json_unescape(const u_char *text,
    const events_json_node_t *node, u_char *dst, size_t size);

/* whether a KEY or STRING, unescaped, equals str */

int events_json_equals(const u_char *text,
    const events_json_node_t *node, const events_str_t *str);

/*
 * The value of an object's member, or NULL.  hash is events_json_hash() of
 * the name.
 */

const events_json_node_t *events_json_member(const events_json_event_t *event,
    const events_json_node_t *object, const events_str_t *name, uint32_t hash);


#endif /* _EVENTS_JSON_H_INCLUDED_ */
