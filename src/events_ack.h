
/*
 * What is known of the records of one batch, from publish to the last
 * delivery report.
 */


#ifndef _EVENTS_ACK_H_INCLUDED_
#define _EVENTS_ACK_H_INCLUDED_


#include "events_types.h"
#include "events_error.h"


typedef struct events_ack_s  events_ack_t;

struct events_ack_s {
    events_ack_t         *next;         /* in a list of complete ones */

    void                 *data;         /* who waits; NULL once nobody does.
                                         * The ack outlives the request. */
    uint64_t              published;    /* when, by the caller's clock */
    unsigned              dead_letter:1;    /* nobody ever waits */
    uint32_t              nrecords;
    uint32_t              outstanding;  /* no delivery report yet */
    uint32_t              delivered;
    uint32_t              uncertain;    /* failed, but may be in Kafka */

    events_error_e        error;        /* of the first record that failed */
    const char           *reason;       /* constant text of the broker's or
                                         * the producer's, for the log */
};


/* records one delivery report; returns 1 if it was the last */

int events_ack_report(events_ack_t *ack, events_error_e error,
    const char *reason, int uncertain);

/*
 * How the batch ended, as far as is known: EVENTS_OK if every record is
 * acknowledged; the first error if none is in Kafka; EVENTS_OUTCOME_UNKNOWN
 * in all other cases.
 */

events_error_e events_ack_outcome(const events_ack_t *ack);


#endif /* _EVENTS_ACK_H_INCLUDED_ */
