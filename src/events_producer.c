
/*
 * The producer's life, and what librdkafka calls back.  All callbacks run
 * within rd_kafka_poll(), rd_kafka_flush() or rd_kafka_produce_batch(), that
 * is, on the thread that owns the producer; on_new runs in rd_kafka_new().
 * What runs on the brokers' threads is in events_producer_brokers.c.
 */


#include "events_producer_internal.h"

#include <stdio.h>
#include <stdlib.h>


/* names come from the configuration, or from variables that it uses */
#define EVENTS_PRODUCER_TOPICS  256

/* Kafka's own bound on a topic's name */
#define EVENTS_TOPIC_NAME  249

/* polls of a millisecond until a purge has reported everything */
#define EVENTS_PRODUCER_DRAIN  200


typedef struct {
    rd_kafka_resp_err_t  err;
    events_error_e       error;
} events_producer_errors_t;


static rd_kafka_conf_t *events_producer_rk_conf(events_producer_t *producer,
    const events_producer_conf_t *conf);

static rd_kafka_resp_err_t events_producer_on_new(rd_kafka_t *rk,
    const rd_kafka_conf_t *conf, void *data, char *errstr, size_t size);
static void events_producer_on_delivery(rd_kafka_t *rk,
    const rd_kafka_message_t *message, void *opaque);
static void events_producer_on_error(rd_kafka_t *rk, int err,
    const char *reason, void *opaque);
static void events_producer_on_log(const rd_kafka_t *rk, int level,
    const char *facility, const char *text);


/*
 * What is not listed is the broker's own answer, or a consequence of it: only
 * a purge before the producer is replaced finds someone who still waits.
 */

static const events_producer_errors_t  events_producer_errors[] = {

    { RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, EVENTS_BROKER_UNREACHABLE },
    { RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, EVENTS_BROKER_UNREACHABLE },
    { RD_KAFKA_RESP_ERR__TIMED_OUT, EVENTS_BROKER_UNREACHABLE },
    { RD_KAFKA_RESP_ERR__TRANSPORT, EVENTS_BROKER_UNREACHABLE },
    { RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, EVENTS_BROKER_UNREACHABLE },
    { RD_KAFKA_RESP_ERR__QUEUE_FULL, EVENTS_QUEUE_FULL },
    { RD_KAFKA_RESP_ERR__DESTROY, EVENTS_SHUTTING_DOWN },
    { RD_KAFKA_RESP_ERR_NO_ERROR, EVENTS_OK }
};


events_producer_t *
events_producer_create(const events_producer_conf_t *conf, int fd,
    events_producer_log_pt log, void *data, char *errstr, size_t size)
{
    uint64_t            one;
    rd_kafka_conf_t    *rk_conf;
    events_producer_t  *producer;

    producer = calloc(1, sizeof(events_producer_t));
    if (producer == NULL) {
        snprintf(errstr, size, "no memory");
        return NULL;
    }

    producer->budget = conf->memory;
    producer->max_record = events_producer_conf_max_record(conf);
    producer->grace = conf->grace;
    producer->patience = conf->patience;
    producer->complete_last = &producer->complete;
    producer->log = log;
    producer->log_data = data;

    rk_conf = events_producer_rk_conf(producer, conf);

    producer->rk = rd_kafka_new(RD_KAFKA_PRODUCER, rk_conf, errstr, size);

    if (producer->rk == NULL) {
        rd_kafka_conf_destroy(rk_conf);
        free(producer);
        return NULL;
    }

    rd_kafka_set_log_queue(producer->rk, NULL);

    producer->queue = rd_kafka_queue_get_main(producer->rk);

    one = 1;
    rd_kafka_queue_io_event_enable(producer->queue, fd, &one, sizeof(one));

    return producer;
}


static rd_kafka_conf_t *
events_producer_rk_conf(events_producer_t *producer,
    const events_producer_conf_t *conf)
{
    rd_kafka_conf_t  *rk_conf;

    rk_conf = rd_kafka_conf_dup(conf->rk_conf);

    rd_kafka_conf_set_opaque(rk_conf, producer);
    rd_kafka_conf_set_log_cb(rk_conf, events_producer_on_log);
    rd_kafka_conf_set_error_cb(rk_conf, events_producer_on_error);
    rd_kafka_conf_set_dr_msg_cb(rk_conf, events_producer_on_delivery);
    rd_kafka_conf_interceptor_add_on_new(rk_conf, "events",
                                         events_producer_on_new, producer);

    return rk_conf;
}


events_topic_t *
events_producer_topic(events_producer_t *producer, const events_str_t *name)
{
    events_topic_t  *topic;

    for (topic = producer->topics; topic != NULL; topic = topic->next) {
        if (topic->len == name->len
            && memcmp(topic->name, name->data, name->len) == 0)
        {
            return topic;
        }
    }

    if (producer->ntopics == EVENTS_PRODUCER_TOPICS
        || !events_producer_topic_legal(name))
    {
        return NULL;
    }

    topic = malloc(sizeof(events_topic_t) + name->len + 1);
    if (topic == NULL) {
        return NULL;
    }

    topic->len = name->len;
    memcpy(topic->name, name->data, name->len);
    topic->name[name->len] = '\0';

    topic->rkt = rd_kafka_topic_new(producer->rk, topic->name, NULL);
    if (topic->rkt == NULL) {
        free(topic);
        return NULL;
    }

    topic->next = producer->topics;
    producer->topics = topic;
    producer->ntopics++;

    return topic;
}


int
events_producer_topic_legal(const events_str_t *name)
{
    size_t  i;
    u_char  ch;

    if (name->len == 0 || name->len > EVENTS_TOPIC_NAME
        || (name->data[0] == '.' && name->len == 1)
        || (name->len == 2 && memcmp(name->data, "..", 2) == 0))
    {
        return 0;
    }

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
              || (ch >= '0' && ch <= '9')
              || ch == '.' || ch == '_' || ch == '-'))
        {
            return 0;
        }
    }

    return 1;
}


events_ack_t *
events_producer_poll(events_producer_t *producer, uint64_t now)
{
    events_ack_t  *complete;

    rd_kafka_poll(producer->rk, 0);

    events_producer_listen(producer, now);

    complete = producer->complete;
    producer->complete = NULL;
    producer->complete_last = &producer->complete;

    return complete;
}


uint32_t
events_producer_in_flight(const events_producer_t *producer)
{
    return producer->in_flight;
}


size_t
events_producer_memory(const events_producer_t *producer)
{
    return producer->memory;
}


size_t
events_producer_memory_limit(const events_producer_t *producer)
{
    return producer->budget;
}


unsigned
events_producer_connected(const events_producer_t *producer)
{
    return __atomic_load_n(&producer->connected, __ATOMIC_RELAXED);
}


uint32_t
events_producer_flush(events_producer_t *producer, unsigned timeout)
{
    producer->closing = 1;

    rd_kafka_flush(producer->rk, timeout);

    return producer->in_flight;
}


void
events_producer_purge(events_producer_t *producer)
{
    unsigned  i;

    producer->closing = 1;

    if (producer->in_flight == 0) {
        return;
    }

    rd_kafka_purge(producer->rk, RD_KAFKA_PURGE_F_QUEUE
                                 |RD_KAFKA_PURGE_F_INFLIGHT);

    for (i = 0; i < EVENTS_PRODUCER_DRAIN && producer->in_flight; i++) {
        rd_kafka_poll(producer->rk, 1);
    }
}


void
events_producer_destroy(events_producer_t *producer)
{
    events_topic_t  *topic, *next;

    rd_kafka_queue_io_event_enable(producer->queue, -1, NULL, 0);
    rd_kafka_queue_destroy(producer->queue);

    for (topic = producer->topics; topic != NULL; topic = next) {
        next = topic->next;
        rd_kafka_topic_destroy(topic->rkt);
        free(topic);
    }

    free(producer->messages);
    free(producer->order);

    /*
     * A message that was not reported holds headers that others share, and
     * librdkafka would free them once for each: leave such a handle alone,
     * and the producer with it, as the handle's threads still refer to it.
     */

    if (producer->in_flight > 0) {
        return;
    }

    rd_kafka_destroy(producer->rk);

    free(producer);
}


size_t
events_producer_cost(size_t value_len, size_t key_len)
{
    return value_len + key_len + EVENTS_PRODUCER_RECORD;
}


events_error_e
events_producer_error(rd_kafka_resp_err_t err)
{
    const events_producer_errors_t  *e;

    for (e = events_producer_errors; e->err != RD_KAFKA_RESP_ERR_NO_ERROR;
         e++)
    {
        if (e->err == err) {
            return e->error;
        }
    }

    return (err == RD_KAFKA_RESP_ERR_NO_ERROR) ? EVENTS_OK
                                               : EVENTS_BROKER_REFUSED;
}


static rd_kafka_resp_err_t
events_producer_on_new(rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *data,
    char *errstr, size_t size)
{
    rd_kafka_resp_err_t  err;

    err = events_producer_watch_brokers(data, rk);
    if (err) {
        return err;
    }

    return rd_kafka_interceptor_add_on_send(rk, "events",
                                            events_producer_on_send, data);
}


static void
events_producer_on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message,
    void *opaque)
{
    int                       uncertain;
    events_slot_t            *slot;
    events_error_e            error;
    events_producer_t        *producer = opaque;
    rd_kafka_headers_t       *headers;

    slot = message->_private;

    /* the list is the batch's, not to be freed with this message */

    rd_kafka_message_detach_headers((rd_kafka_message_t *) message, &headers);

    producer->in_flight--;
    producer->memory -= events_producer_cost(message->len, message->key_len)
                        + slot->extra;

    error = events_producer_error(message->err);

    uncertain = rd_kafka_message_status(message)
                != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;

    if (events_ack_report(&slot->batch->ack, error,
                          message->err ? rd_kafka_err2name(message->err)
                                       : NULL,
                          uncertain))
    {
        *producer->complete_last = &slot->batch->ack;
        producer->complete_last = &slot->batch->ack.next;
    }
}


static void
events_producer_on_error(rd_kafka_t *rk, int err, const char *reason,
    void *opaque)
{
    int                 level;
    char                errstr[512];
    events_producer_t  *producer = opaque;

    level = 3;

    switch (err) {

    case RD_KAFKA_RESP_ERR__FATAL:
        producer->fatal = 1;

        if (rd_kafka_fatal_error(rk, errstr, sizeof(errstr))
            != RD_KAFKA_RESP_ERR_NO_ERROR)
        {
            producer->log(producer->log_data, 2, errstr);
            return;
        }

        break;

    /* of one broker, and the others may be well */

    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
        level = 4;
        break;

    /* says less than what it follows from */

    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
        producer->log(producer->log_data, 4, reason);
        return;

    default:
        break;
    }

    snprintf(producer->reason, sizeof(producer->reason), "%s", reason);

    producer->log(producer->log_data, level, reason);
}


static void
events_producer_on_log(const rd_kafka_t *rk, int level, const char *facility,
    const char *text)
{
    events_producer_t  *producer;

    producer = rd_kafka_opaque(rk);

    /* errors come through events_producer_on_error() too, in better words */

    producer->log(producer->log_data, level < 6 ? 6 : level, text);
}
