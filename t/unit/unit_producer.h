
/*
 * A producer against librdkafka's mock cluster, in this process.
 */


#ifndef _EVENTS_UNIT_PRODUCER_H_INCLUDED_
#define _EVENTS_UNIT_PRODUCER_H_INCLUDED_


#include "unit_json.h"

#include "events_producer_internal.h"

#include <librdkafka/rdkafka_mock.h>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>


/* milliseconds that a test waits for what must come */
#define PATIENCE  20000

#define MEMORY   (64 * 1024 * 1024)
#define TIMEOUT  4000

/* the producer's own grace, and what a poll adds at most */
#define GRACE  2000
#define STEP   500

#define MAX_RECORDS  1000


/* Kafka's protocol number of a produce request */
#define PRODUCE  0


typedef struct {
    const char               *name;
    const char               *value;
} property_t;


typedef struct {
    rd_kafka_t               *rk;
    rd_kafka_mock_cluster_t  *mock;
    events_producer_t        *producer;
    int                       fd;
    unsigned                  nlogs;
} fixture_t;


static const events_pair_t  headers[] = {
    { events_string("content-type"), events_string("application/json") },
    { events_string("empty"), events_string("") }
};


static inline void
on_log(void *data, int level, const char *text)
{
    fixture_t *f = data;

    assert_true(level >= 0 && level <= 7);
    assert_non_null(text);

    f->nlogs++;
}


static inline rd_kafka_mock_cluster_t *
mock_cluster(rd_kafka_t **rk, int nbrokers)
{
    char                      errstr[512];
    rd_kafka_conf_t          *rk_conf;
    rd_kafka_mock_cluster_t  *mock;

    rk_conf = rd_kafka_conf_new();
    rd_kafka_conf_set(rk_conf, "log_level", "0", NULL, 0);

    *rk = rd_kafka_new(RD_KAFKA_PRODUCER, rk_conf, errstr, sizeof(errstr));
    assert_non_null(*rk);

    mock = rd_kafka_mock_cluster_new(*rk, nbrokers);
    assert_non_null(mock);

    return mock;
}


/* a cluster, where brokers is NULL, and a producer */

static inline void
start_with(fixture_t *f, const char *brokers, size_t memory,
    const property_t *properties)
{
    char                     errstr[512];
    events_producer_conf_t  *conf;

    memset(f, 0, sizeof(fixture_t));

    if (brokers == NULL) {
        f->mock = mock_cluster(&f->rk, 1);
        brokers = rd_kafka_mock_cluster_bootstraps(f->mock);
    }

    f->fd = eventfd(0, EFD_NONBLOCK);
    assert_true(f->fd >= 0);

    conf = events_producer_conf_create();
    assert_non_null(conf);

    while (properties != NULL && properties->name != NULL) {

        /* tests may set what users may not */

        if (!events_producer_conf_set(conf, properties->name,
                                      properties->value, errstr,
                                      sizeof(errstr))
            && rd_kafka_conf_set(conf->rk_conf, properties->name,
                                 properties->value, errstr, sizeof(errstr))
               != RD_KAFKA_CONF_OK)
        {
            fail_msg("%s: %s", properties->name, errstr);
        }

        properties++;
    }

    if (!events_producer_conf_finish(conf, brokers, memory, TIMEOUT, errstr,
                                     sizeof(errstr)))
    {
        fail_msg("%s", errstr);
    }

    f->producer = events_producer_create(conf, f->fd, on_log, f, errstr,
                                         sizeof(errstr));
    assert_non_null(f->producer);

    events_producer_conf_destroy(conf);
}


static inline void
start(fixture_t *f)
{
    start_with(f, NULL, MEMORY, NULL);
}


static inline void
stop(fixture_t *f)
{
    events_producer_destroy(f->producer);

    if (f->mock != NULL) {
        rd_kafka_mock_cluster_destroy(f->mock);
        rd_kafka_destroy(f->rk);
    }

    close(f->fd);
}


/* nothing listens here: bound, and not listening */

static inline int
closed_port(char *brokers, size_t size)
{
    int                 fd;
    socklen_t           len;
    struct sockaddr_in  addr;

    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    len = sizeof(addr);

    fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *) &addr, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *) &addr, &len), 0);

    snprintf(brokers, size, "127.0.0.1:%u", ntohs(addr.sin_port));

    return fd;
}


static inline uint64_t
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/* the next acks, in the way in which a worker's event loop gets them */

static inline events_ack_t *
wait_acks(fixture_t *f)
{
    uint64_t        end, count;
    events_ack_t   *acks;
    struct pollfd   pfd;

    end = now() + PATIENCE;

    for ( ;; ) {
        acks = events_producer_poll(f->producer, now());

        if (acks != NULL) {
            return acks;
        }

        if (now() > end) {
            fail_msg("no ack");
        }

        pfd.fd = f->fd;
        pfd.events = POLLIN;

        if (poll(&pfd, 1, 1000) == 1) {
            assert_int_equal(read(f->fd, &count, sizeof(count)),
                             sizeof(count));
        }
    }
}


static inline void
wait_state(fixture_t *f, events_producer_state_e state)
{
    uint64_t  end;

    end = now() + PATIENCE;

    while (events_producer_state(f->producer) != state) {
        assert_true(now() < end);
        assert_null(events_producer_poll(f->producer, now()));
        usleep(2000);
    }
}


static inline events_topic_t *
topic_of(fixture_t *f, const char *name)
{
    events_str_t  str;

    str = unit_str(name);

    return events_producer_topic(f->producer, &str);
}


/* records of the brands, in turns; what they refer to is gone afterwards */

static inline events_error_e
publish_to(fixture_t *f, const char *topic, uint32_t nrecords,
    const char *const *brands, unsigned nbrands, events_ack_t **ack,
    const char **reason)
{
    u_char            *copy;
    uint32_t           i;
    const char        *brand;
    events_error_e     error;
    events_topic_t    *handle;
    events_record_t   *records;
    events_publish_t   publish;

    records = calloc(nrecords, sizeof(events_record_t));

    for (i = 0; i < nrecords; i++) {
        brand = brands[i % nbrands];

        records[i].value.len = 16;
        records[i].value.data = copy = malloc(17);
        snprintf((char *) copy, 17, "{\"n\":%10u}", i);

        records[i].key = unit_str((i % 2) ? "key" : NULL);
        records[i].brand.len = brand ? strlen(brand) : 0;
        records[i].brand.data = brand ? unit_copy(brand, strlen(brand))
                                      : NULL;
    }

    handle = topic_of(f, topic);

    memset(&publish, 0, sizeof(events_publish_t));

    publish.topics = &handle;
    publish.ntopics = 1;
    publish.records = records;
    publish.nrecords = nrecords;
    publish.headers = headers;
    publish.nheaders = unit_nelts(headers);

    *ack = NULL;
    error = events_producer_publish(f->producer, &publish, ack, reason);

    for (i = 0; i < nrecords; i++) {
        free((void *) records[i].value.data);
        free((void *) records[i].brand.data);
    }

    free(records);

    assert_int_equal(error == EVENTS_OK, *ack != NULL);

    return error;
}


static inline events_error_e
publish(fixture_t *f, uint32_t nrecords, events_ack_t **ack)
{
    const char  *reason;

    static const char *const  brands[] = { "playtv", "parlor", NULL };

    return publish_to(f, "events", nrecords, brands, 3, ack, &reason);
}


static inline void
idle(fixture_t *f)
{
    assert_int_equal(events_producer_in_flight(f->producer), 0);
    assert_int_equal(events_producer_memory(f->producer), 0);
}


/* the only batch in flight ends */

static inline void
ends(fixture_t *f, events_ack_t *ack, events_error_e outcome)
{
    assert_ptr_equal(wait_acks(f), ack);
    assert_null(ack->next);
    assert_int_equal(ack->outstanding, 0);
    assert_int_equal(events_ack_outcome(ack), outcome);
    assert_int_equal(ack->reason == NULL, outcome == EVENTS_OK);

    events_ack_release(ack);
    idle(f);
}


#endif /* _EVENTS_UNIT_PRODUCER_H_INCLUDED_ */
