
/*
 * What is counted: data, and the few operations that keep its sums right.
 *
 *     received = accepted + rejected
 *     accepted = acknowledged + failed + in flight
 */


#ifndef _EVENTS_COUNTERS_H_INCLUDED_
#define _EVENTS_COUNTERS_H_INCLUDED_


#include "events_types.h"
#include "events_ack.h"
#include "events_batch.h"
#include "events_error.h"
#include "events_labels.h"


/* HTTP statuses with a counter each, see events_status_index() */
#define EVENTS_STATUSES  56

/* codes of failures, see events_keyword_index() */
#define EVENTS_KEYWORDS  51

/* names of events_labels_t: with "other", those before them, and these */

#define EVENTS_BRAND_LABELS   (1 + 1 + 16)
#define EVENTS_MEMBER_LABELS  (1 + 64)
#define EVENTS_ZONE_LABELS    (1 + 2 + 64)

/* bounds of the histogram, and the last bucket, which has none */
#define EVENTS_ACK_BUCKETS  14

/* states of a producer */
#define EVENTS_STATES  3

/* results of dead letters, in this order */

#define EVENTS_DEAD_PUBLISHED     0
#define EVENTS_DEAD_ACKNOWLEDGED  1
#define EVENTS_DEAD_LOST          2
#define EVENTS_DEAD               3

/* why accepted events failed: an error, or that their worker was killed */

#define EVENTS_WORKER_LOST  EVENTS_ERROR_MAX
#define EVENTS_FAILED       (EVENTS_ERROR_MAX + 1)


typedef struct {
    uint64_t              queue_bytes;
    uint64_t              queue_limit_bytes;
    uint64_t              producers[EVENTS_STATES];
    uint64_t              brokers_connected;
} events_gauges_t;


/* nothing but uint64_t, so that all of it can be added at once */

typedef struct {
    uint64_t              requests[EVENTS_STATUSES];

    uint64_t              received;
    uint64_t              accepted;
    uint64_t              rejected[EVENTS_ERROR_MAX];
    uint64_t              invalid[EVENTS_KEYWORDS];
    uint64_t              brand_accepted[EVENTS_BRAND_LABELS];
    uint64_t              brand_rejected[EVENTS_BRAND_LABELS];

    uint64_t              published;
    uint64_t              acknowledged;
    uint64_t              failed[EVENTS_FAILED];
    uint64_t              in_flight;        /* a gauge */

    uint64_t              renamed[EVENTS_MEMBER_LABELS];
    uint64_t              dead_letters[EVENTS_DEAD];
    uint64_t              dry_run_rejected;
    uint64_t              limited[EVENTS_ZONE_LABELS];

    uint64_t              ack_batches[EVENTS_ACK_BUCKETS];
    uint64_t              ack_time;         /* of all, in microseconds */

    uint64_t              restarts;
    uint64_t              log_suppressed;

    events_gauges_t       gauges;
} events_counters_t;


/*
 * The counters of one process, which alone writes them, in memory that others
 * read.  What is counted between begin and end is seen whole or not at all.
 */

typedef struct {
    uint32_t              sequence;         /* odd: between begin and end */
    events_counters_t     counters;
} events_counters_slot_t;


events_counters_t *events_counters_begin(events_counters_slot_t *slot);
void events_counters_end(events_counters_slot_t *slot);

/* returns 0 if the owner was writing; the copy is of no use then */

int events_counters_read(const events_counters_slot_t *slot,
    events_counters_t *copy);

void events_counters_add(events_counters_t *sum,
    const events_counters_t *counters);

/*
 * Makes sums true again that were caught in the middle: what is missing has
 * failed.  Counters never go down.
 */

void events_counters_repair(events_counters_t *counters);

/*
 * What a process leaves behind in its slot once it is gone: nothing is in
 * flight any more, and gauges are zero.  If it was killed while it wrote,
 * the sums are repaired.
 */

void events_counters_abandon(events_counters_slot_t *slot);


/* what became of a batch, once publish has taken it, or nobody will */

typedef struct {
    const events_batch_t *batch;            /* that was read */
    events_error_e        error;            /* EVENTS_OK: it was published */
    const uint32_t       *brands;           /* labels of batch->brands */
    const uint32_t       *members;          /* labels of the renames */
} events_counters_batch_t;


void events_counters_batch(events_counters_t *counters,
    const events_counters_batch_t *b);

/* of so many events, those that are accepted; the rest is rejected */

uint32_t events_counters_accepted(const events_counters_batch_t *b,
    uint32_t received, uint32_t invalid);

/*
 * A complete ack: time is that from publish to the last delivery report, in
 * microseconds.  given_up: as the process ends, what was not sent was given
 * up, and not refused by Kafka.
 */

void events_counters_ack(events_counters_t *counters, const events_ack_t *ack,
    uint64_t time, int given_up);

/* records in flight whose reports will never come */

void events_counters_lose(events_counters_t *counters, uint64_t n);


/* indexes and names of the arrays; a status of 0 or an unknown one is other */

uint32_t events_status_index(unsigned status);
const char *events_status_name(uint32_t index);

uint32_t events_keyword_index(const char *code);
const char *events_keyword_name(uint32_t index);

/* the bound of a bucket, in microseconds; 0: the last one */

uint64_t events_ack_bound(uint32_t index);


uint64_t events_counters_sum(const uint64_t *counters, uint32_t n);


#endif /* _EVENTS_COUNTERS_H_INCLUDED_ */
