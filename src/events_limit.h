
/*
 * How many events a sender may send: a leaky bucket that every event fills by
 * one and that drains at a constant rate.  A batch passes as a whole if it
 * still fits.
 */


#ifndef _EVENTS_LIMIT_H_INCLUDED_
#define _EVENTS_LIMIT_H_INCLUDED_


#include "events_types.h"


/*
 * Levels are counted in units of 1/60000 event: what a rate of one event a
 * minute drains in a millisecond.  So any whole rate, a second or a minute, is
 * a whole number of units, and nothing is rounded, however often a bucket is
 * looked at.
 */
#define EVENTS_LIMIT_UNITS  60000

/* below this, no product here exceeds 63 bits */
#define EVENTS_LIMIT_MAX  1000000000

/* a clock that goes back farther was set, and is not just another worker's */
#define EVENTS_LIMIT_SKEW  60000

/* retry_after of what can never pass */
#define EVENTS_LIMIT_NEVER  UINT64_MAX


typedef struct {
    uint64_t              rate;         /* units a millisecond, at least 1 */
    uint64_t              burst;        /* events that fit, at least 1 */
} events_limit_t;


/* what is kept of a sender; zeroed: one that has not been seen */

typedef struct {
    uint64_t              level;        /* units, at */
    uint64_t              time;         /* milliseconds, of any clock */
} events_limit_state_t;


typedef struct {
    unsigned              allowed:1;
    uint64_t              retry_after;  /* milliseconds until the same would
                                         * pass, if nothing else is sent */
} events_limit_result_t;


/*
 * Parses "100e/s" or "600e/m" into units a millisecond; 0 if it is neither,
 * or not between 1 and EVENTS_LIMIT_MAX.
 */

uint64_t events_limit_rate(const events_str_t *text);

/* lets drain what has drained since the state's time, and sets that time */

void events_limit_drain(const events_limit_t *limit,
    events_limit_state_t *state, uint64_t now);

/* whether so many events fit; the state is drained, and is not changed */

events_limit_result_t events_limit_check(const events_limit_t *limit,
    const events_limit_state_t *state, uint32_t events);

/* fills it with them; only what events_limit_check() allows */

void events_limit_charge(events_limit_state_t *state, uint32_t events);

/* events that would pass now; milliseconds until the bucket is empty */

uint64_t events_limit_remaining(const events_limit_t *limit,
    const events_limit_state_t *state);
uint64_t events_limit_reset(const events_limit_t *limit,
    const events_limit_state_t *state);

/* milliseconds in which an empty bucket drains what fills it */

uint64_t events_limit_window(const events_limit_t *limit);


#endif /* _EVENTS_LIMIT_H_INCLUDED_ */
