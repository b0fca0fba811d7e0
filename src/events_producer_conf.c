
/*
 * The producer's configuration: what the module needs, what its users may
 * change, and what they may not because the module's promises rest on it.
 */


#include "events_producer_internal.h"

#include <stdio.h>
#include <stdlib.h>


/* milliseconds; brokers that are slow are heard before */
#define EVENTS_PRODUCER_GRACE  2000


typedef struct {
    const char  *name;
    const char  *value;
} events_producer_property_t;


typedef struct {
    const char  *name;
    const char  *text;
} events_producer_refused_t;


static const char *events_producer_refused(const char *name);
static int events_producer_conf_timeout(events_producer_conf_t *conf,
    unsigned timeout, char *errstr, size_t size);
static int events_producer_conf_patience(events_producer_conf_t *conf,
    char *errstr, size_t size);
static int events_producer_conf_try(const events_producer_conf_t *conf,
    char *errstr, size_t size);
static int events_producer_conf_number(const events_producer_conf_t *conf,
    const char *name, size_t *number);
static int events_producer_conf_set_number(events_producer_conf_t *conf,
    const char *name, size_t number, char *errstr, size_t size);


static const events_producer_property_t  events_producer_defaults[] = {

    { "client.id", "nginx-events" },
    { "acks", "all" },
    { "enable.idempotence", "true" },

    /*
     * Five milliseconds of patience.  With idempotence librdkafka keeps at
     * most 5 requests in flight for a partition, and spins while more is
     * ready to go: a linger at or above the brokers' round trip prevents it.
     */

    { "linger.ms", "5" },

    { "socket.nagle.disable", "true" },
    { "socket.keepalive.enable", "true" },

    /*
     * Expired messages are looked for between two attempts to connect, so
     * that these bound both the recovery and the time to a failure.
     */

    { "reconnect.backoff.ms", "50" },
    { "reconnect.backoff.max.ms", "200" },

    /*
     * A connection that hangs is given up for another.  Within the second
     * one TCP tries three times, at 0, 1 and 3 seconds.
     */

    { "socket.timeout.ms", "10000" },
    { "socket.connection.setup.timeout.ms", "5000" },

    /* log lines come with the poll, on the producer's own thread */

    { "log.queue", "true" },

    /* the budget counts bytes; this is the most that librdkafka takes */

    { "queue.buffering.max.messages", "10000000" },

    { NULL, NULL }
};


static const events_producer_refused_t  events_producer_refusals[] = {

    { "bootstrap.servers", "is set by \"events_kafka_brokers\"" },
    { "metadata.broker.list", "is set by \"events_kafka_brokers\"" },
    { "queue.buffering.max.messages", "is set by \"events_kafka_memory\"" },
    { "queue.buffering.max.kbytes", "is set by \"events_kafka_memory\"" },
    { "transactional.id", "does not go with concurrent batches" },
    { "delivery.report.only.error",
      "would leave every request without an answer" },
    { "log.queue", "is the module's own" },
    { "log_cb", "is the module's own" },
    { "dr_cb", "is the module's own" },
    { "dr_msg_cb", "is the module's own" },
    { "error_cb", "is the module's own" },
    { "opaque", "is the module's own" },
    { "interceptors", "is the module's own" },
    { "default_topic_conf", "is the module's own" },

    { NULL, NULL }
};


events_producer_conf_t *
events_producer_conf_create(void)
{
    char                               errstr[256];
    events_producer_conf_t            *conf;
    const events_producer_property_t  *p;

    conf = calloc(1, sizeof(events_producer_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->rk_conf = rd_kafka_conf_new();
    conf->grace = EVENTS_PRODUCER_GRACE;

    for (p = events_producer_defaults; p->name != NULL; p++) {
        if (rd_kafka_conf_set(conf->rk_conf, p->name, p->value, errstr,
                              sizeof(errstr))
            != RD_KAFKA_CONF_OK)
        {
            events_producer_conf_destroy(conf);
            return NULL;
        }
    }

    return conf;
}


void
events_producer_conf_destroy(events_producer_conf_t *conf)
{
    if (conf == NULL) {
        return;
    }

    rd_kafka_conf_destroy(conf->rk_conf);
    free(conf);
}


void
events_producer_conf_set_grace(events_producer_conf_t *conf, unsigned grace)
{
    conf->grace = grace;
}


int
events_producer_conf_set(events_producer_conf_t *conf, const char *name,
    const char *value, char *errstr, size_t size)
{
    const char  *text;

    text = events_producer_refused(name);

    if (text != NULL) {
        snprintf(errstr, size, "property \"%s\" %s", name, text);
        return 0;
    }

    if (strcmp(name, "message.timeout.ms") == 0
        || strcmp(name, "delivery.timeout.ms") == 0)
    {
        conf->timeout_set = 1;
    }

    return rd_kafka_conf_set(conf->rk_conf, name, value, errstr, size)
           == RD_KAFKA_CONF_OK;
}


static const char *
events_producer_refused(const char *name)
{
    const events_producer_refused_t  *r;

    for (r = events_producer_refusals; r->name != NULL; r++) {
        if (strcmp(r->name, name) == 0) {
            return r->text;
        }
    }

    return NULL;
}


int
events_producer_conf_finish(events_producer_conf_t *conf, const char *brokers,
    size_t memory, unsigned timeout, char *errstr, size_t size)
{
    if (!events_producer_conf_try(conf, errstr, size)) {
        return 0;
    }

    if (rd_kafka_conf_set(conf->rk_conf, "bootstrap.servers", brokers, errstr,
                          size)
        != RD_KAFKA_CONF_OK)
    {
        return 0;
    }

    /* the budget counts more than librdkafka does, so that it comes first */

    if (!events_producer_conf_set_number(conf, "queue.buffering.max.kbytes",
                                         memory / 1024 + 1, errstr, size))
    {
        return 0;
    }

    if (!events_producer_conf_number(conf, "message.max.bytes",
                                     &conf->max_record))
    {
        snprintf(errstr, size, "a property of librdkafka cannot be read");
        return 0;
    }

    conf->memory = memory;

    return events_producer_conf_timeout(conf, timeout, errstr, size)
           && events_producer_conf_patience(conf, errstr, size);
}


static int
events_producer_conf_timeout(events_producer_conf_t *conf, unsigned timeout,
    char *errstr, size_t size)
{
    size_t  linger, number;

    if (conf->timeout_set) {

        if (!events_producer_conf_number(conf, "message.timeout.ms", &number)
            || number == 0)
        {
            snprintf(errstr, size, "property \"message.timeout.ms\" must not "
                     "be 0, which is no limit");
            return 0;
        }

        if (number > timeout) {
            snprintf(errstr, size, "property \"message.timeout.ms\" must be "
                     "at most %u, below \"events_ack_timeout\"", timeout);
            return 0;
        }

        return 1;
    }

    if (!events_producer_conf_number(conf, "linger.ms", &linger)
        || linger > timeout)
    {
        snprintf(errstr, size, "property \"linger.ms\" must be at most %u, "
                 "below \"events_ack_timeout\"", timeout);
        return 0;
    }

    return events_producer_conf_set_number(conf, "message.timeout.ms",
                                           timeout, errstr, size);
}


/* a request fails with its records, or when its connection is given up */

static int
events_producer_conf_patience(events_producer_conf_t *conf, char *errstr,
    size_t size)
{
    size_t  message, request;

    if (!events_producer_conf_number(conf, "message.timeout.ms", &message)
        || !events_producer_conf_number(conf, "socket.timeout.ms", &request))
    {
        snprintf(errstr, size, "a property of librdkafka cannot be read");
        return 0;
    }

    conf->patience = (message < request) ? message : request;

    if (conf->grace > message) {
        conf->grace = message;
    }

    return 1;
}


/*
 * Properties that do not go together, keys and certificates that cannot be
 * read, are only found by a producer.  This one knows no brokers, and its
 * threads are gone when the function returns.
 */

static int
events_producer_conf_try(const events_producer_conf_t *conf, char *errstr,
    size_t size)
{
    rd_kafka_t       *rk;
    rd_kafka_conf_t  *dup;

    dup = rd_kafka_conf_dup(conf->rk_conf);

    rk = rd_kafka_new(RD_KAFKA_PRODUCER, dup, errstr, size);

    if (rk == NULL) {
        rd_kafka_conf_destroy(dup);
        return 0;
    }

    rd_kafka_destroy(rk);

    return 1;
}


size_t
events_producer_conf_max_record(const events_producer_conf_t *conf)
{
    return (conf->max_record > EVENTS_PRODUCER_WIRE)
           ? conf->max_record - EVENTS_PRODUCER_WIRE : 0;
}


static int
events_producer_conf_number(const events_producer_conf_t *conf,
    const char *name, size_t *number)
{
    char    value[64];
    size_t  size;

    size = sizeof(value);

    if (rd_kafka_conf_get(conf->rk_conf, name, value, &size)
        != RD_KAFKA_CONF_OK
        && rd_kafka_topic_conf_get(
               rd_kafka_conf_get_default_topic_conf(conf->rk_conf), name,
               value, &size)
           != RD_KAFKA_CONF_OK)
    {
        return 0;
    }

    *number = strtoul(value, NULL, 10);

    return 1;
}


static int
events_producer_conf_set_number(events_producer_conf_t *conf,
    const char *name, size_t number, char *errstr, size_t size)
{
    char  value[32];

    snprintf(value, sizeof(value), "%zu", number);

    return rd_kafka_conf_set(conf->rk_conf, name, value, errstr, size)
           == RD_KAFKA_CONF_OK;
}
