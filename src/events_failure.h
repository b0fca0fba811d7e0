
/*
 * What is wrong with an event, as data: filled by the validator, written out
 * by the response.
 */


#ifndef _EVENTS_FAILURE_H_INCLUDED_
#define _EVENTS_FAILURE_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"


/*
 * Failures listed of one batch; more help nobody and grow the answer.  Only
 * where rejected events must be told apart is the first one of each event kept
 * past that.
 */
#define EVENTS_MAX_FAILURES  20

/* bytes of one pointer; a client chooses its own member names */
#define EVENTS_MAX_POINTER  256

/* bytes of one sentence; contracts choose limits, names and enums */
#define EVENTS_MAX_DETAIL  160

/* different failures named in one line of a log */
#define EVENTS_MAX_SUMMARY  5


typedef struct {
    uint32_t              index;        /* of the event in its batch */
    events_str_t          event;        /* its bytes, as long as the body is;
                                         * where a batch has read it */
    const char           *code;         /* constant: the JSON Schema keyword */
    size_t                pointer_len;
    size_t                detail_len;
    u_char                pointer[EVENTS_MAX_POINTER];  /* in the event, no
                                                         * index; UTF-8 */
    u_char                detail[EVENTS_MAX_DETAIL];
} events_failure_t;


/*
 * In the order of the events, those of an event side by side.  All zeroes is
 * an empty list; it grows on the heap, by what the batch may have of events.
 */

typedef struct {
    events_failure_t     *elts;
    uint32_t              nelts;
    uint32_t              nalloc;
    unsigned              every_event:1;    /* the first one of each event is
                                             * kept, whatever the limit */
    unsigned              truncated:1;      /* there were more */
    unsigned              no_memory:1;      /* one could not be kept */
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
 * bytes of the event.  Returns 0 once nothing more of this event is listed,
 * which tells the validator to stop looking, or once there is no memory.
 */

int events_failures_add(events_failures_t *failures,
    const events_json_event_t *event, const events_path_t *path,
    const char *code, const char *detail, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 5, 6)))
#endif
    ;

/* whether elts[i] is the first failure of its event */

int events_failures_is_first(const events_failures_t *failures, uint32_t i);

/*
 * Codes and pointers of the first EVENTS_MAX_SUMMARY different failures, with
 * how often each of them is listed, for a log: "required /brand x12, enum
 * /a/b, ...".  Indices of arrays are "*"; what clients choose is
 * escaped; the end tells that there were more, of these or others.  Writes a
 * zero byte, and at most size bytes; returns dst.
 */

char *events_failures_summary(const events_failures_t *failures, char *dst,
    size_t size);

/* empties the list, and gives its memory back where that is more than max */

void events_failures_reset(events_failures_t *failures, size_t max);
void events_failures_destroy(events_failures_t *failures);


#endif /* _EVENTS_FAILURE_H_INCLUDED_ */
