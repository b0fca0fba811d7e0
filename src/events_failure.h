
/*
 * What is wrong with an event, as data: filled by the validator, written out
 * by the response.
 */


#ifndef _EVENTS_FAILURE_H_INCLUDED_
#define _EVENTS_FAILURE_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"


/* failures listed in one answer; more help nobody and grow the answer */
#define EVENTS_MAX_FAILURES  20

/* bytes of one pointer; a client chooses its own member names */
#define EVENTS_MAX_POINTER  256

/* bytes of one sentence; contracts choose limits, names and enums */
#define EVENTS_MAX_DETAIL  160


typedef struct {
    uint32_t              index;        /* of the event in its batch */
    const char           *code;         /* constant: the JSON Schema keyword */
    size_t                pointer_len;
    size_t                detail_len;
    u_char         pointer[EVENTS_MAX_POINTER];  /* in the event, no
                                                         * index; UTF-8 */
    u_char         detail[EVENTS_MAX_DETAIL];
} events_failure_t;


typedef struct {
    uint32_t              nelts;
    unsigned              truncated:1;  /* there were more than fit */
    events_failure_t      elts[EVENTS_MAX_FAILURES];
} events_failures_t;


/*
 * Where in an event the validator is: steps from the event down, each either
 * a KEY node, a schema's own member name (a missing member has no node) or
 * an array index.  Lives on the validator's stack.
 */

typedef struct events_path_s  events_path_t;

struct events_path_s {
    const events_path_t        *parent;     /* NULL: the event itself */
    const events_json_node_t   *key;        /* a member, or */
    const events_str_t         *name;       /* a member that is absent, or */
    uint32_t                    index;      /* an element */
};


/*
 * Appends a failure at path.  detail is a printf() format that never gets
 * bytes of the event.  Returns 0 once the list is full, which tells the
 * validator to stop looking for more.
 */

int events_failures_add(events_failures_t *failures,
    const events_json_event_t *event, const events_path_t *path,
    const char *code, const char *detail, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 5, 6)))
#endif
    ;


#endif /* _EVENTS_FAILURE_H_INCLUDED_ */
