
/*
 * Respond: from what became of a request to the JSON that the client reads.
 * Errors have the shape of RFC 9457 (problem details).
 */


#ifndef _EVENTS_RESPONSE_H_INCLUDED_
#define _EVENTS_RESPONSE_H_INCLUDED_


#include "events_types.h"
#include "events_batch.h"
#include "events_error.h"
#include "events_failure.h"


/* bytes of the sentence in "detail" */
#define EVENTS_RESPONSE_DETAIL  256

/* the answer of a health check that finds nothing wrong */
#define EVENTS_RESPONSE_UP  "{\"status\":\"up\"}\n"


typedef enum {
    EVENTS_ACK_BROKER = 0,
    EVENTS_ACK_QUEUED
} events_ack_mode_e;


typedef struct {
    events_error_e            error;        /* EVENTS_OK: accepted, or partly,
                                             * where failures are listed */
    unsigned                  status;       /* HTTP; 0: that of the error */
    events_ack_mode_e         ack;
    events_str_t              request_id;

    uint32_t                  received;
    uint32_t                  accepted;
    uint32_t                  rejected;

    const events_failures_t  *failures;     /* NULL: none to list */
    unsigned                  single:1;     /* pointers have no index */
    unsigned                  has_offset:1;
    unsigned                  has_index:1;

    size_t                    offset;       /* byte of the body */
    uint32_t                  index;        /* of an event */
    size_t                    limit;        /* that was exceeded, */
    const char               *unit;         /* in these; NULL: no limit was */

    char                      detail[EVENTS_RESPONSE_DETAIL];
} events_response_t;


/* an answer that says what the table of errors says of this one */

void events_response_init(events_response_t *response, events_error_e error,
    const events_str_t *request_id);

/* makes it precise: what became of the batch's events, what was wrong where */

void events_response_explain(events_response_t *response,
    const events_batch_t *batch);

/* names the limit that was exceeded; unit is a constant text */

void events_response_limit(events_response_t *response, size_t limit,
    const char *unit);

/* the same of events in a time; unit is one of them, such as "events/s" */

void events_response_rate(events_response_t *response, size_t rate,
    const char *unit);

/* says how many producers, of all, are without Kafka */

void events_response_producers(events_response_t *response, uint32_t n,
    uint32_t of);

/* HTTP status of the answer */

unsigned events_response_status(const events_response_t *response);

/* bytes of the answer; and writes them, returning the end */

size_t events_response_len(const events_response_t *response);
u_char *events_response_write(u_char *dst, const events_response_t *response);


#endif /* _EVENTS_RESPONSE_H_INCLUDED_ */
