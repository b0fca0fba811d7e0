
/*
 * Whether Kafka can be reached.  librdkafka tells when all brokers are down,
 * but neither when one is back, nor when those that it is connected to answer
 * no more.  So the brokers' threads count what goes out and what comes in, and
 * the producer looks at the counts with each poll.
 *
 * Kafka is unreachable when nothing was heard for the grace, though something
 * should have been: records are outstanding, or no broker is connected.  Only
 * an answer ends that.  It takes no client who waits for it: librdkafka
 * connects again by itself, and a connected broker is asked once a second.
 */


#include "events_producer_internal.h"

#include <stdio.h>


/*
 * The most milliseconds that one poll adds to the silence: of a process that
 * stood still, the brokers' threads have not been heard either.
 */
#define EVENTS_PRODUCER_STEP  500

/* milliseconds from one question to the next */
#define EVENTS_PRODUCER_PROBE  1000


/* what the thread of a broker knows of it */

typedef struct {
    uint32_t  owed;             /* answers */
    unsigned  up:1;
    unsigned  idle:1;           /* counted as such */
} events_broker_t;


static rd_kafka_resp_err_t events_producer_on_broker(rd_kafka_t *rk,
    int32_t id, const char *proto, const char *name, int port,
    const char *state, void *data);
static rd_kafka_resp_err_t events_producer_on_request(rd_kafka_t *rk,
    int socket, const char *name, int32_t id, int16_t key, int16_t version,
    int32_t correlation, size_t size, void *data);
static rd_kafka_resp_err_t events_producer_on_response(rd_kafka_t *rk,
    int socket, const char *name, int32_t id, int16_t key, int16_t version,
    int32_t correlation, size_t size, int64_t rtt, rd_kafka_resp_err_t err,
    void *data);
static void events_producer_count_idle(events_producer_t *producer,
    int32_t id);
static unsigned events_producer_load(const unsigned *counter);
static int events_producer_is_silent(const events_producer_t *producer);
static void events_producer_probe(events_producer_t *producer);


/* a broker has one thread, and that thread no other */

static __thread events_broker_t  events_broker;


rd_kafka_resp_err_t
events_producer_watch_brokers(events_producer_t *producer, rd_kafka_t *rk)
{
    rd_kafka_resp_err_t  err;

    err = rd_kafka_interceptor_add_on_broker_state_change(rk, "events",
              events_producer_on_broker, producer);
    if (err) {
        return err;
    }

    err = rd_kafka_interceptor_add_on_request_sent(rk, "events",
              events_producer_on_request, producer);
    if (err) {
        return err;
    }

    return rd_kafka_interceptor_add_on_response_received(rk, "events",
               events_producer_on_response, producer);
}


events_producer_state_e
events_producer_state(const events_producer_t *producer)
{
    if (producer->fatal) {
        return EVENTS_PRODUCER_FATAL;
    }

    if (producer->down
        && events_producer_load(&producer->answers) == producer->heard)
    {
        return EVENTS_PRODUCER_DOWN;
    }

    return EVENTS_PRODUCER_UP;
}


const char *
events_producer_reason(const events_producer_t *producer)
{
    return producer->reason[0] ? producer->reason : "no broker answers";
}


void
events_producer_listen(events_producer_t *producer, uint64_t now)
{
    uint64_t  step;
    unsigned  answers;

    step = now - producer->polled;
    producer->polled = now;

    if (step > EVENTS_PRODUCER_STEP) {
        step = EVENTS_PRODUCER_STEP;
    }

    answers = events_producer_load(&producer->answers);

    if (answers != producer->heard) {
        producer->heard = answers;
        producer->silence = 0;
        producer->probed = 0;
        producer->listens = 0;
        producer->down = 0;
        producer->reason[0] = '\0';
    }

    if (!producer->down && producer->in_flight == 0
        && events_producer_load(&producer->connected) > 0)
    {
        producer->silence = 0;
        producer->listens = 0;
        return;
    }

    /* what is expected since some time after the last poll counts from now */

    if (!producer->listens) {
        producer->listens = 1;
        return;
    }

    producer->silence += step;

    if (producer->down || events_producer_is_silent(producer)) {
        producer->down = 1;
        events_producer_probe(producer);
    }
}


/*
 * A broker that was not asked may be well, while all that is outstanding is
 * another's.  It is asked once librdkafka gives that one up, and then it has
 * the grace, too.
 */

static int
events_producer_is_silent(const events_producer_t *producer)
{
    return producer->silence
           >= producer->grace
              + (events_producer_load(&producer->idle) ? producer->patience
                                                       : 0);
}


/* asks and does not wait: the answer is heard as any other */

static void
events_producer_probe(events_producer_t *producer)
{
    const struct rd_kafka_metadata  *metadata;

    if (producer->probed
        && producer->silence - producer->probed < EVENTS_PRODUCER_PROBE)
    {
        return;
    }

    producer->probed = producer->silence;

    if (rd_kafka_metadata(producer->rk, 0, NULL, &metadata, 0)
        == RD_KAFKA_RESP_ERR_NO_ERROR)
    {
        rd_kafka_metadata_destroy(metadata);
    }
}


static rd_kafka_resp_err_t
events_producer_on_broker(rd_kafka_t *rk, int32_t id, const char *proto,
    const char *name, int port, const char *state, void *data)
{
    events_producer_t  *producer = data;

    /* librdkafka's internal broker, which is always up, has no name */

    if (name[0] == '\0') {
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }

    if (strcmp(state, "UP") == 0 && !events_broker.up) {
        events_broker.up = 1;
        __atomic_add_fetch(&producer->connected, 1, __ATOMIC_RELAXED);
        __atomic_add_fetch(&producer->answers, 1, __ATOMIC_RELAXED);

    } else if (strcmp(state, "DOWN") == 0 && events_broker.up) {
        events_broker.up = 0;
        __atomic_sub_fetch(&producer->connected, 1, __ATOMIC_RELAXED);
    }

    if (!events_broker.up) {
        events_broker.owed = 0;
    }

    events_producer_count_idle(producer, id);

    return RD_KAFKA_RESP_ERR_NO_ERROR;
}


static rd_kafka_resp_err_t
events_producer_on_request(rd_kafka_t *rk, int socket, const char *name,
    int32_t id, int16_t key, int16_t version, int32_t correlation, size_t size,
    void *data)
{
    events_broker.owed++;
    events_producer_count_idle(data, id);

    return RD_KAFKA_RESP_ERR_NO_ERROR;
}


/*
 * A request that fails comes here too, without an answer; an answer comes a
 * second time where another thread handles it.  What a broker says before it
 * is up is no sign of life, as it may refuse to let us in.
 */

static rd_kafka_resp_err_t
events_producer_on_response(rd_kafka_t *rk, int socket, const char *name,
    int32_t id, int16_t key, int16_t version, int32_t correlation, size_t size,
    int64_t rtt, rd_kafka_resp_err_t err, void *data)
{
    events_producer_t  *producer = data;

    if (events_broker.owed > 0) {
        events_broker.owed--;
    }

    if (events_broker.up && size > 0) {
        __atomic_add_fetch(&producer->answers, 1, __ATOMIC_RELAXED);
    }

    events_producer_count_idle(producer, id);

    return RD_KAFKA_RESP_ERR_NO_ERROR;
}


/*
 * The connection to a bootstrap server that goes by another name in Kafka's
 * metadata is idle for good: it tells nothing.
 */

static void
events_producer_count_idle(events_producer_t *producer, int32_t id)
{
    unsigned  idle;

    idle = (events_broker.up && events_broker.owed == 0 && id >= 0);

    if (idle == events_broker.idle) {
        return;
    }

    events_broker.idle = idle;

    if (idle) {
        __atomic_add_fetch(&producer->idle, 1, __ATOMIC_RELAXED);

    } else {
        __atomic_sub_fetch(&producer->idle, 1, __ATOMIC_RELAXED);
    }
}


static unsigned
events_producer_load(const unsigned *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}
