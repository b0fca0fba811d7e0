
/*
 * Publish: a Kafka producer that takes a batch whole or not at all and tells
 * when all of it is acknowledged.
 *
 * A producer belongs to one thread: every function here is called by it, and
 * calls back on it.  librdkafka's own threads only wake it up, through a file
 * descriptor.
 */


#ifndef _EVENTS_PRODUCER_H_INCLUDED_
#define _EVENTS_PRODUCER_H_INCLUDED_


#include "events_types.h"
#include "events_ack.h"
#include "events_error.h"
#include "events_record.h"


typedef struct events_producer_conf_s  events_producer_conf_t;
typedef struct events_producer_s       events_producer_t;
typedef struct events_topic_s          events_topic_t;


/* syslog(3) level, as librdkafka has it, and a line of its own */

typedef void (*events_producer_log_pt)(void *data, int level,
    const char *text);


typedef enum {
    EVENTS_PRODUCER_UP = 0,
    EVENTS_PRODUCER_DOWN,       /* no broker was heard within the grace */
    EVENTS_PRODUCER_FATAL       /* for good: make another producer */
} events_producer_state_e;


/* topics that the records of one batch may go to */
#define EVENTS_PUBLISH_TOPICS  256


/* a batch of records, and what they have in common */

typedef struct {
    events_topic_t *const   *topics;    /* by a record's topic; may repeat */
    uint32_t                 ntopics;   /* 1 to EVENTS_PUBLISH_TOPICS */
    const events_record_t   *records;
    uint32_t                 nrecords;
    const events_pair_t     *headers;   /* added to every record */
    uint32_t                 nheaders;
    const events_str_t      *fields;    /* names of headers whose values are
                                         * records' fields */
    uint32_t                 nfields;
} events_publish_t;


/*
 * A configuration connects to nothing and leaves no thread behind: it is built
 * and checked by the master, and lives across fork().  brokers is
 * "host:port,host:port"; memory is the queue's budget in bytes; timeout, in
 * milliseconds, is when an undelivered record fails for good.
 */

events_producer_conf_t *events_producer_conf_create(void);
void events_producer_conf_destroy(events_producer_conf_t *conf);

/*
 * Milliseconds without a sign of life from any broker, after which batches are
 * refused at once; it counts as at most the timeout.  2000 where it is not
 * set.
 */

void events_producer_conf_set_grace(events_producer_conf_t *conf,
    unsigned grace);

/* returns 0 and fills errstr where the property or its value is not known */

int events_producer_conf_set(events_producer_conf_t *conf, const char *name,
    const char *value, char *errstr, size_t size);

/* completes a configuration; returns 0 and fills errstr on a contradiction */

int events_producer_conf_finish(events_producer_conf_t *conf,
    const char *brokers, size_t memory, unsigned timeout, char *errstr,
    size_t size);

/* largest record, value and key together, in bytes, of a finished one */

size_t events_producer_conf_max_record(const events_producer_conf_t *conf);


/*
 * Creates a producer and its threads.  Whenever there is something to poll,
 * 8 bytes are written to fd, which must not block.  Returns NULL and fills
 * errstr on failure; a broker that is down is none.
 */

events_producer_t *events_producer_create(const events_producer_conf_t *conf,
    int fd, events_producer_log_pt log, void *data, char *errstr,
    size_t size);

/* whether Kafka takes a topic of that name */

int events_producer_topic_legal(const events_str_t *name);

/*
 * The handle of a topic, made once and kept by the producer.  Making it
 * before the first publish saves that one a round trip.  Returns NULL where
 * the name is not a legal one, or too many topics were asked for.
 */

events_topic_t *events_producer_topic(events_producer_t *producer,
    const events_str_t *name);

/*
 * Queues a batch, copying what the records refer to.  On EVENTS_OK *ack is
 * set, to be returned by events_producer_poll() once complete, and released
 * by the caller then.  Otherwise nothing is queued: EVENTS_QUEUE_FULL,
 * EVENTS_BATCH_TOO_LARGE, EVENTS_EVENT_TOO_LARGE, EVENTS_BROKER_UNREACHABLE,
 * EVENTS_BROKER_REFUSED, EVENTS_NO_MEMORY; *reason is a constant text for the
 * log, or NULL.  A batch has at least one record.  Records of one topic keep
 * their order.
 */

events_error_e events_producer_publish(events_producer_t *producer,
    const events_publish_t *publish, events_ack_t **ack, const char **reason);

/*
 * Serves what has come in; returns the list of the acks that are complete.
 * now, in milliseconds of any clock, is what the grace is measured with: a
 * producer that is not polled several times within it is found down later.
 */

events_ack_t *events_producer_poll(events_producer_t *producer, uint64_t now);
void events_ack_release(events_ack_t *ack);

/* down since a poll, up as soon as a broker is heard */

events_producer_state_e events_producer_state(
    const events_producer_t *producer);

/* why it is down, for the log; until the next poll */

const char *events_producer_reason(const events_producer_t *producer);
uint32_t events_producer_in_flight(const events_producer_t *producer);
size_t events_producer_memory(const events_producer_t *producer);
size_t events_producer_memory_limit(const events_producer_t *producer);

/* connections to brokers that are up */

unsigned events_producer_connected(const events_producer_t *producer);

/*
 * Waits up to timeout milliseconds for what is queued; returns the number of
 * records that are still not acknowledged.
 */

uint32_t events_producer_flush(events_producer_t *producer, unsigned timeout);

/*
 * Gives up what is still queued, so that a last events_producer_poll()
 * returns all acks, failed where they have to be.
 */

void events_producer_purge(events_producer_t *producer);

/* to be called after the purge; joins librdkafka's threads */

void events_producer_destroy(events_producer_t *producer);


#endif /* _EVENTS_PRODUCER_H_INCLUDED_ */
