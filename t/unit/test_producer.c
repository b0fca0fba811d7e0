
/*
 * The producer against librdkafka's mock cluster, in this process.
 */


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


static void
on_log(void *data, int level, const char *text)
{
    fixture_t *f = data;

    assert_true(level >= 0 && level <= 7);
    assert_non_null(text);

    f->nlogs++;
}


static rd_kafka_mock_cluster_t *
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

static void
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


static void
start(fixture_t *f)
{
    start_with(f, NULL, MEMORY, NULL);
}


static void
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

static int
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


static uint64_t
now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/* the next acks, in the way in which a worker's event loop gets them */

static events_ack_t *
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


static void
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


static events_topic_t *
topic_of(fixture_t *f, const char *name)
{
    events_str_t  str;

    str = unit_str(name);

    return events_producer_topic(f->producer, &str);
}


/* records of the brands, in turns; what they refer to is gone afterwards */

static events_error_e
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


static events_error_e
publish(fixture_t *f, uint32_t nrecords, events_ack_t **ack)
{
    const char  *reason;

    static const char *const  brands[] = { "playtv", "parlor", NULL };

    return publish_to(f, "events", nrecords, brands, 3, ack, &reason);
}


static void
idle(fixture_t *f)
{
    assert_int_equal(events_producer_in_flight(f->producer), 0);
    assert_int_equal(events_producer_memory(f->producer), 0);
}


/* the only batch in flight ends */

static void
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


static void
test_conf_refuses(void **state)
{
    char                     errstr[512];
    unsigned                 i;
    events_producer_conf_t  *conf;

    static const property_t  cases[] = {
        { "acks.typo", "No such configuration property: \"acks.typo\"" },
        { "bootstrap.servers", "property \"bootstrap.servers\" is set by "
          "\"events_kafka_brokers\"" },
        { "metadata.broker.list", "property \"metadata.broker.list\" is set "
          "by \"events_kafka_brokers\"" },
        { "queue.buffering.max.kbytes", "property "
          "\"queue.buffering.max.kbytes\" is set by "
          "\"events_kafka_memory\"" },
        { "queue.buffering.max.messages", "property "
          "\"queue.buffering.max.messages\" is set by "
          "\"events_kafka_memory\"" },
        { "transactional.id", "property \"transactional.id\" does not go with "
          "concurrent batches" },
        { "delivery.report.only.error", "property "
          "\"delivery.report.only.error\" would leave every request without "
          "an answer" },
        { "log.queue", "property \"log.queue\" is the module's own" },
        { "interceptors", "property \"interceptors\" is the module's own" }
    };

    conf = events_producer_conf_create();
    assert_non_null(conf);

    for (i = 0; i < unit_nelts(cases); i++) {
        errstr[0] = '\0';
        assert_false(events_producer_conf_set(conf, cases[i].name, "1",
                                              errstr, sizeof(errstr)));
        assert_string_equal(errstr, cases[i].value);
    }

    errstr[0] = '\0';
    assert_false(events_producer_conf_set(conf, "linger.ms", "soon", errstr,
                                          sizeof(errstr)));
    assert_string_not_equal(errstr, "");

    assert_false(events_producer_conf_set(conf, "compression.type", "rar",
                                          errstr, sizeof(errstr)));
    assert_non_null(strstr(errstr, "rar"));

    assert_true(events_producer_conf_set(conf, "compression.type", "gzip",
                                         errstr, sizeof(errstr)));

    events_producer_conf_destroy(conf);
    events_producer_conf_destroy(NULL);
}


static int
finish(const char *name, const char *value, size_t memory, char *errstr,
    size_t size)
{
    int                      rc;
    events_producer_conf_t  *conf;

    errstr[0] = '\0';
    conf = events_producer_conf_create();
    assert_non_null(conf);

    if (name != NULL
        && !events_producer_conf_set(conf, name, value, errstr, size))
    {
        fail_msg("%s: %s", name, errstr);
    }

    rc = events_producer_conf_finish(conf, "127.0.0.1:9", memory, 3000,
                                     errstr, size);

    events_producer_conf_destroy(conf);

    return rc;
}


static void
test_conf_contradictions(void **state)
{
    char  errstr[512];

    assert_true(finish(NULL, NULL, MEMORY, errstr, sizeof(errstr)));
    assert_true(finish("message.timeout.ms", "3000", MEMORY, errstr,
                       sizeof(errstr)));
    assert_true(finish("linger.ms", "3000", MEMORY, errstr, sizeof(errstr)));

    assert_false(finish("message.timeout.ms", "3001", MEMORY, errstr,
                        sizeof(errstr)));
    assert_string_equal(errstr, "property \"message.timeout.ms\" must be at "
                        "most 3000, below \"events_ack_timeout\"");

    assert_false(finish("delivery.timeout.ms", "3001", MEMORY, errstr,
                        sizeof(errstr)));
    assert_string_equal(errstr, "property \"message.timeout.ms\" must be at "
                        "most 3000, below \"events_ack_timeout\"");

    assert_false(finish("acks", "1", MEMORY, errstr, sizeof(errstr)));
    assert_non_null(strstr(errstr, "acks"));

    assert_false(finish("linger.ms", "3001", MEMORY, errstr, sizeof(errstr)));
    assert_string_equal(errstr, "property \"linger.ms\" must be at most 3000, "
                        "below \"events_ack_timeout\"");
}


/* 0 means "never" to librdkafka: no failure of a record would be definite */

static void
test_conf_without_timeout(void **state)
{
    char  errstr[512];

    assert_false(finish("message.timeout.ms", "0", MEMORY, errstr,
                        sizeof(errstr)));
    assert_string_equal(errstr, "property \"message.timeout.ms\" must not be "
                        "0, which is no limit");
}


static void
test_conf_max_record(void **state)
{
    char                     errstr[512];
    events_producer_conf_t  *conf;

    conf = events_producer_conf_create();
    assert_true(events_producer_conf_finish(conf, "a:1", MEMORY, TIMEOUT,
                                            errstr, sizeof(errstr)));
    assert_int_equal(events_producer_conf_max_record(conf),
                     1000000 - EVENTS_PRODUCER_WIRE);
    events_producer_conf_destroy(conf);

    conf = events_producer_conf_create();
    assert_true(events_producer_conf_set(conf, "message.max.bytes", "2000",
                                         errstr, sizeof(errstr)));
    assert_true(events_producer_conf_finish(conf, "a:1", MEMORY, TIMEOUT,
                                            errstr, sizeof(errstr)));
    assert_int_equal(events_producer_conf_max_record(conf), 0);
    events_producer_conf_destroy(conf);
}


static void
test_topics(void **state)
{
    char         name[300];
    unsigned     i;
    fixture_t    f;

    static const char *const  illegal[] = {
        "", ".", "..", "a b", "a/b", "a\n", "\xC3\xA9", "a:b", "a\"", "a*"
    };

    static const char *const  legal[] = {
        "a", "...", ".a", "A-Z_a.z-09", "-"
    };

    start(&f);

    for (i = 0; i < unit_nelts(illegal); i++) {
        assert_null(topic_of(&f, illegal[i]));
    }

    for (i = 0; i < unit_nelts(legal); i++) {
        assert_non_null(topic_of(&f, legal[i]));
        assert_ptr_equal(topic_of(&f, legal[i]), topic_of(&f, legal[i]));
    }

    memset(name, 'a', sizeof(name));
    name[250] = '\0';
    assert_null(topic_of(&f, name));
    name[249] = '\0';
    assert_non_null(topic_of(&f, name));

    /* a client that invents topics is stopped */

    for (i = unit_nelts(legal) + 1; i < 256; i++) {
        snprintf(name, sizeof(name), "topic%u", i);
        assert_non_null(topic_of(&f, name));
    }

    assert_null(topic_of(&f, "one.more"));
    assert_non_null(topic_of(&f, "topic99"));

    stop(&f);
}


static rd_kafka_t *
consumer_of(fixture_t *f, const char *topic, int partitions)
{
    int                               i;
    char                              errstr[512];
    rd_kafka_t                       *rk;
    rd_kafka_conf_t                  *conf;
    rd_kafka_topic_partition_list_t  *list;

    conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers",
                      rd_kafka_mock_cluster_bootstraps(f->mock), NULL, 0);
    rd_kafka_conf_set(conf, "group.id", "unit", NULL, 0);
    rd_kafka_conf_set(conf, "enable.auto.commit", "false", NULL, 0);

    rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, errstr, sizeof(errstr));
    assert_non_null(rk);
    rd_kafka_poll_set_consumer(rk);

    list = rd_kafka_topic_partition_list_new(partitions);

    for (i = 0; i < partitions; i++) {
        rd_kafka_topic_partition_list_add(list, topic, i)->offset =
                                                    RD_KAFKA_OFFSET_BEGINNING;
    }

    assert_int_equal(rd_kafka_assign(rk, list), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(list);

    return rk;
}


/* headers of the record n, as publish() made it */

static void
check_record(const rd_kafka_message_t *message, unsigned n)
{
    char                 value[32];
    size_t               i, size;
    const char          *name;
    const void          *data;
    const char          *brand;
    rd_kafka_headers_t  *list;

    snprintf(value, sizeof(value), "{\"n\":%10u}", n);
    assert_int_equal(message->len, 16);
    assert_memory_equal(message->payload, value, 16);

    assert_int_equal(message->key_len, (n % 2) ? 3 : 0);
    assert_int_equal(message->key == NULL, n % 2 == 0);

    brand = (n % 3 == 0) ? "playtv" : (n % 3 == 1) ? "parlor" : NULL;

    assert_int_equal(rd_kafka_message_headers(message, &list),
                     RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(rd_kafka_header_cnt(list), brand ? 3 : 2);

    for (i = 0; i < unit_nelts(headers); i++) {
        assert_int_equal(rd_kafka_header_get_all(list, i, &name, &data,
                                                 &size),
                         RD_KAFKA_RESP_ERR_NO_ERROR);
        assert_string_equal(name, (char *) headers[i].name.data);
        assert_int_equal(size, headers[i].value.len);
        assert_memory_equal(data, headers[i].value.data, size);
    }

    if (brand != NULL) {
        rd_kafka_header_get_all(list, 2, &name, &data, &size);
        assert_string_equal(name, "brand");
        assert_int_equal(size, strlen(brand));
        assert_memory_equal(data, brand, size);
    }
}


static void
test_publish_and_read_back(void **state)
{
    unsigned             n, seen[30];
    uint64_t             end;
    fixture_t            f;
    rd_kafka_t          *consumer;
    events_ack_t        *ack;
    rd_kafka_message_t  *message;

    start(&f);
    rd_kafka_mock_topic_create(f.mock, "events", 2, 1);

    assert_int_equal(events_producer_state(f.producer), EVENTS_PRODUCER_UP);
    assert_int_equal(publish(&f, 30, &ack), EVENTS_OK);

    assert_int_equal(events_producer_in_flight(f.producer), 30);
    assert_int_equal(events_producer_memory(f.producer),
                     30 * (16 + EVENTS_PRODUCER_RECORD) + 15 * 3);
    assert_int_equal(ack->nrecords, 30);

    ends(&f, ack, EVENTS_OK);

    consumer = consumer_of(&f, "events", 2);
    memset(seen, 0, sizeof(seen));
    end = now() + PATIENCE;

    for (n = 0; n < 30; /* void */ ) {
        assert_true(now() < end);
        message = rd_kafka_consumer_poll(consumer, 1000);

        if (message == NULL) {
            continue;
        }

        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            unsigned  k = atoi((char *) message->payload + 5);

            assert_true(k < 30);
            check_record(message, k);
            assert_int_equal(seen[k]++, 0);
            n++;
        }

        rd_kafka_message_destroy(message);
    }

    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    stop(&f);
}


/* records that go to the topics in turns, and have fields where told so */

static events_error_e
publish_routed(fixture_t *f, const char *const *topics, uint32_t ntopics,
    uint32_t nrecords, uint32_t nfields, events_ack_t **ack)
{
    char              (*text)[12];
    uint32_t            i;
    const char         *reason;
    events_str_t       *fields;
    events_error_e      error;
    events_topic_t     *handles[EVENTS_PUBLISH_TOPICS];
    events_record_t    *records;
    events_publish_t    publish;

    static const events_str_t  names[] = {
        events_string("parity"), events_string("number")
    };

    for (i = 0; i < ntopics; i++) {
        handles[i] = topic_of(f, topics[i]);
        assert_non_null(handles[i]);
    }

    records = calloc(nrecords, sizeof(events_record_t));
    fields = calloc(2 * nrecords, sizeof(events_str_t));
    text = malloc(nrecords * 12);

    for (i = 0; i < nrecords; i++) {
        snprintf(text[i], 12, "%u", i);
        records[i].value = unit_str(text[i]);
        records[i].topic = i % ntopics;
        records[i].fields = nfields ? &fields[2 * i] : NULL;
        fields[2 * i] = unit_str(i % 2 ? NULL : i % 4 ? "" : "even");
        fields[2 * i + 1] = records[i].value;
    }

    memset(&publish, 0, sizeof(events_publish_t));

    publish.topics = handles;
    publish.ntopics = ntopics;
    publish.records = records;
    publish.nrecords = nrecords;
    publish.headers = headers;
    publish.nheaders = unit_nelts(headers);
    publish.fields = names;
    publish.nfields = nfields;

    *ack = NULL;
    error = events_producer_publish(f->producer, &publish, ack, &reason);

    free(records);
    free(fields);
    free(text);

    return error;
}


/* the numbers that a topic of one partition has, and the headers of each */

static void
read_routed(fixture_t *f, const char *topic, unsigned nrecords,
    unsigned *numbers, char (*list)[64])
{
    size_t               i, size;
    unsigned             n;
    uint64_t             end;
    const char          *name;
    const void          *data;
    rd_kafka_t          *consumer;
    rd_kafka_message_t  *message;
    rd_kafka_headers_t  *found;

    consumer = consumer_of(f, topic, 1);
    end = now() + PATIENCE;

    for (n = 0; n < nrecords; /* void */ ) {
        assert_true(now() < end);
        message = rd_kafka_consumer_poll(consumer, 1000);

        if (message == NULL) {
            continue;
        }

        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            numbers[n] = atoi((char *) message->payload);
            list[n][0] = '\0';

            assert_int_equal(rd_kafka_message_headers(message, &found),
                             RD_KAFKA_RESP_ERR_NO_ERROR);

            for (i = unit_nelts(headers); i < rd_kafka_header_cnt(found); i++)
            {
                rd_kafka_header_get_all(found, i, &name, &data, &size);
                snprintf(list[n] + strlen(list[n]), 64 - strlen(list[n]),
                         "%s=%.*s ", name, (int) size, (char *) data);
            }

            n++;
        }

        rd_kafka_message_destroy(message);
    }

    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
}


static uint32_t
lists_of(const events_ack_t *ack)
{
    return ((events_producer_batch_t *) ack)->nheaders;
}


static void
test_topics_of_one_batch(void **state)
{
    char           list[20][64];
    unsigned       i, numbers[20];
    fixture_t      f;
    events_ack_t  *ack;

    /* two of a worker's names may be one topic */

    static const char *const  topics[] = { "one", "two", "one" };

    start(&f);
    rd_kafka_mock_topic_create(f.mock, "one", 1, 1);
    rd_kafka_mock_topic_create(f.mock, "two", 1, 1);

    assert_int_equal(publish_routed(&f, topics, 3, 30, 0, &ack), EVENTS_OK);
    assert_int_equal(lists_of(ack), 2);
    assert_int_equal(events_producer_in_flight(f.producer), 30);
    ends(&f, ack, EVENTS_OK);

    read_routed(&f, "one", 20, numbers, list);

    for (i = 0; i < 20; i++) {
        assert_int_equal(numbers[i], i / 2 * 3 + i % 2 * 2);
        assert_string_equal(list[i], "");
    }

    read_routed(&f, "two", 10, numbers, list);

    for (i = 0; i < 10; i++) {
        assert_int_equal(numbers[i], i * 3 + 1);
    }

    /* all of them to the same one */

    assert_int_equal(publish_routed(&f, topics, 3, 1, 0, &ack), EVENTS_OK);
    assert_int_equal(lists_of(ack), 1);
    ends(&f, ack, EVENTS_OK);

    stop(&f);
}


static void
test_headers_of_their_own(void **state)
{
    char           list[10][64], expected[64];
    unsigned       i, numbers[10];
    fixture_t      f;
    events_ack_t  *ack;

    static const char *const  topics[] = { "one" };

    start(&f);
    rd_kafka_mock_topic_create(f.mock, "one", 1, 1);

    /* what is the same is shared */

    assert_int_equal(publish_routed(&f, topics, 1, 100, 1, &ack), EVENTS_OK);
    assert_int_equal(lists_of(ack), 3);
    ends(&f, ack, EVENTS_OK);

    stop(&f);
    start(&f);
    rd_kafka_mock_topic_create(f.mock, "one", 1, 1);

    assert_int_equal(publish_routed(&f, topics, 1, 10, 2, &ack), EVENTS_OK);
    assert_int_equal(lists_of(ack), 10);

    /* and counted as if nothing were */

    assert_true(events_producer_memory(f.producer)
                > 10 * (EVENTS_PRODUCER_RECORD + 4 * EVENTS_PRODUCER_HEADER));
    ends(&f, ack, EVENTS_OK);

    read_routed(&f, "one", 10, numbers, list);

    for (i = 0; i < 10; i++) {
        snprintf(expected, sizeof(expected), "%snumber=%u ",
                 i % 2 ? "" : i % 4 ? "parity= " : "parity=even ", i);
        assert_int_equal(numbers[i], i);
        assert_string_equal(list[i], expected);
    }

    stop(&f);
}


/*
 * A refused topic's messages take their headers with them.  The next topic's
 * have theirs, and what can still be held back is.
 */

static void
test_one_topic_of_two_does_not_exist(void **state)
{
    char             list[30][64];
    unsigned         n, numbers[30];
    fixture_t        f;
    events_ack_t    *ack;
    events_error_e   error;

    static const char *const  first[] = { "gone", "here" };
    static const char *const  last[] = { "here", "gone" };
    static const char *const  alone[] = { "gone" };

    static const property_t  properties[] = {
        { "allow.auto.create.topics", "false" },
        { "topic.metadata.propagation.max.ms", "1" },
        { "topic.metadata.refresh.fast.interval.ms", "20" },
        { NULL, NULL }
    };

    start_with(&f, NULL, MEMORY, properties);
    rd_kafka_mock_topic_create(f.mock, "here", 1, 1);
    rd_kafka_mock_topic_set_error(f.mock, "gone",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);

    assert_int_equal(publish_routed(&f, alone, 1, 1, 0, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_BROKER_REFUSED);

    for (n = 1; n <= 30; n++) {
        assert_int_equal(publish_routed(&f, first, 2, n, n % 3, &ack),
                         EVENTS_BROKER_REFUSED);
        idle(&f);
    }

    error = publish_routed(&f, last, 2, 30, 2, &ack);
    assert_int_equal(error, EVENTS_OK);
    assert_int_equal(events_producer_in_flight(f.producer), 15);
    ends(&f, ack, EVENTS_OUTCOME_UNKNOWN);

    read_routed(&f, "here", 15, numbers, list);

    for (n = 0; n < 15; n++) {
        assert_int_equal(numbers[n], 2 * n);
        assert_non_null(strstr(list[n], "number="));
    }

    stop(&f);
}


/* the cluster that librdkafka makes for itself */

static void
test_mock_property(void **state)
{
    fixture_t     f;
    events_ack_t  *ack;

    static const property_t  properties[] = {
        { "test.mock.num.brokers", "2" },
        { NULL, NULL }
    };

    start_with(&f, "127.0.0.1:9", MEMORY, properties);

    assert_int_equal(publish(&f, 3, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    stop(&f);
}


/* more brands than are looked for, and batches that complete together */

static void
test_many_batches(void **state)
{
    char           brands[40][8];
    unsigned       i, n;
    fixture_t      f;
    const char    *names[40], *reason;
    events_ack_t  *ack, *next, *acks[200];

    start(&f);

    for (i = 0; i < 40; i++) {
        snprintf(brands[i], sizeof(brands[i]), "b%u", i);
        names[i] = brands[i];
    }

    names[7] = "";
    names[8] = NULL;

    for (i = 0; i < unit_nelts(acks); i++) {
        assert_int_equal(publish_to(&f, (i % 3) ? "events" : "others",
                                    1 + i % 90, names, 1 + i % 40, &acks[i],
                                    &reason),
                         EVENTS_OK);
    }

    for (n = 0; n < unit_nelts(acks); /* void */ ) {
        for (ack = wait_acks(&f); ack != NULL; ack = next) {
            next = ack->next;
            assert_int_equal(events_ack_outcome(ack), EVENTS_OK);
            events_ack_release(ack);
            n++;
        }
    }

    idle(&f);
    stop(&f);
}


static void
test_batch_that_no_queue_would_take(void **state)
{
    fixture_t      f;
    events_ack_t  *ack;

    start_with(&f, NULL, 2 * (16 + EVENTS_PRODUCER_RECORD) + 3, NULL);

    assert_int_equal(publish(&f, 3, &ack), EVENTS_BATCH_TOO_LARGE);
    idle(&f);

    assert_int_equal(publish(&f, 2, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    stop(&f);
}


static void
test_second_batch_finds_the_queue_full(void **state)
{
    fixture_t      f;
    events_ack_t  *ack, *second;

    start_with(&f, NULL, 4 * (16 + EVENTS_PRODUCER_RECORD), NULL);

    assert_int_equal(publish(&f, 3, &ack), EVENTS_OK);
    assert_int_equal(publish(&f, 3, &second), EVENTS_QUEUE_FULL);
    assert_int_equal(events_producer_in_flight(f.producer), 3);
    assert_int_equal(events_producer_memory(f.producer),
                     3 * (16 + EVENTS_PRODUCER_RECORD) + 3);

    ends(&f, ack, EVENTS_OK);

    stop(&f);
}


/*
 * The budget is there to prevent it: messages are refused one by one, before
 * they have headers.
 */

static void
test_librdkafka_queue_full(void **state)
{
    fixture_t      f;
    const char    *reason;
    events_ack_t  *ack, *second;

    static const char *const  one[] = { "playtv" };

    static const property_t  properties[] = {
        { "queue.buffering.max.messages", "3" },
        { "linger.ms", "200" },
        { NULL, NULL }
    };

    start_with(&f, NULL, MEMORY, properties);

    assert_int_equal(publish_to(&f, "events", 5, one, 1, &ack, &reason),
                     EVENTS_OK);
    assert_int_equal(events_producer_in_flight(f.producer), 3);
    assert_int_equal(ack->outstanding, 3);

    assert_int_equal(publish_to(&f, "events", 2, one, 1, &second, &reason),
                     EVENTS_QUEUE_FULL);
    assert_non_null(reason);
    assert_int_equal(events_producer_in_flight(f.producer), 3);

    ends(&f, ack, EVENTS_OUTCOME_UNKNOWN);

    stop(&f);
}


static void
test_record_too_large(void **state)
{
    size_t             max;
    u_char            *value;
    fixture_t          f;
    const char        *reason;
    events_ack_t      *ack;
    events_topic_t    *topic;
    events_record_t    records[3];
    events_publish_t   publish;

    start(&f);

    max = 1000000 - EVENTS_PRODUCER_WIRE;
    value = malloc(1000001);
    memset(value, 'x', 1000001);
    memset(records, 0, sizeof(records));

    records[0].value.data = value;
    records[0].value.len = 1;
    records[1].value.data = value;
    records[1].value.len = max + 1;
    records[2] = records[0];

    topic = topic_of(&f, "events");

    memset(&publish, 0, sizeof(events_publish_t));

    publish.topics = &topic;
    publish.ntopics = 1;
    publish.records = records;
    publish.nrecords = 3;
    publish.headers = headers;
    publish.nheaders = 2;

    assert_int_equal(events_producer_publish(f.producer, &publish, &ack,
                                             &reason),
                     EVENTS_EVENT_TOO_LARGE);

    /* key and value together */

    records[1].value.len = max - 2;
    records[1].key = unit_str("key");

    assert_int_equal(events_producer_publish(f.producer, &publish, &ack,
                                             &reason),
                     EVENTS_EVENT_TOO_LARGE);
    idle(&f);

    records[1].value.len = max - 3;

    assert_int_equal(events_producer_publish(f.producer, &publish, &ack,
                                             &reason),
                     EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    /* what slips through is refused in the middle of the batch */

    f.producer->max_record = SIZE_MAX;
    records[1].value.len = 1000001;

    assert_int_equal(events_producer_publish(f.producer, &publish, &ack,
                                             &reason),
                     EVENTS_OK);
    assert_int_equal(events_producer_in_flight(f.producer), 2);
    ends(&f, ack, EVENTS_OUTCOME_UNKNOWN);

    free(value);
    stop(&f);
}


/*
 * Once a topic is known not to exist librdkafka refuses messages after it has
 * run the interceptor, and frees them with their headers.
 */

static void
test_topic_does_not_exist(void **state)
{
    uint32_t       n;
    unsigned       i;
    fixture_t      f;
    const char    *reason;
    events_ack_t  *ack;

    static const char *const  brands[] = {
        "a", "a", "b", "a", "b", "b", "c", NULL, "", "a"
    };

    static const property_t  properties[] = {
        { "allow.auto.create.topics", "false" },
        { "topic.metadata.propagation.max.ms", "1" },
        { "topic.metadata.refresh.fast.interval.ms", "20" },
        { NULL, NULL }
    };

    start_with(&f, NULL, MEMORY, properties);
    rd_kafka_mock_topic_set_error(f.mock, "gone",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);

    assert_int_equal(publish_to(&f, "gone", 10, brands, 10, &ack, &reason),
                     EVENTS_OK);
    ends(&f, ack, EVENTS_BROKER_REFUSED);

    for (n = 1; n <= 30; n++) {
        for (i = 1; i <= 10; i++) {
            assert_int_equal(publish_to(&f, "gone", n, brands, i, &ack,
                                        &reason),
                             EVENTS_BROKER_REFUSED);
            assert_non_null(reason);
            idle(&f);
        }
    }

    /* other topics are not touched */

    assert_int_equal(publish(&f, 10, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    stop(&f);
}


/* the topic is known to be forbidden then, until its metadata is refreshed */

static void
test_broker_refuses(void **state)
{
    uint32_t       n;
    fixture_t      f;
    const char    *reason;
    events_ack_t  *ack;

    static const char *const  brands[] = { "a", "b", "b", NULL };

    start(&f);

    rd_kafka_mock_push_request_errors(
                         f.mock, PRODUCE, 1,
                         RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);

    assert_int_equal(publish(&f, 1, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_BROKER_REFUSED);

    for (n = 1; n < 20; n++) {
        assert_int_equal(publish_to(&f, "events", n, brands, 4, &ack,
                                    &reason),
                         EVENTS_BROKER_REFUSED);
        assert_string_equal(reason, "TOPIC_AUTHORIZATION_FAILED");
        idle(&f);
    }

    stop(&f);
}


static void
test_broker_asks_to_try_again(void **state)
{
    fixture_t      f;
    events_ack_t  *ack;

    start(&f);

    rd_kafka_mock_push_request_errors(
                         f.mock, PRODUCE, 2,
                         RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                         RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);

    assert_int_equal(publish(&f, 10, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    stop(&f);
}


static void
test_down_from_the_start(void **state)
{
    int            fd;
    char           brokers[64];
    fixture_t      f;
    const char    *reason;
    events_ack_t  *ack, *second;

    static const char *const  one[] = { "playtv" };

    static const property_t  properties[] = {
        { "message.timeout.ms", "600" },
        { NULL, NULL }
    };

    fd = closed_port(brokers, sizeof(brokers));
    start_with(&f, brokers, MEMORY, properties);

    /* it takes a moment until that is known */

    assert_int_equal(publish(&f, 5, &ack), EVENTS_OK);

    while (events_producer_state(f.producer) != EVENTS_PRODUCER_DOWN) {
        assert_null(events_producer_poll(f.producer, now()));
        usleep(2000);
    }

    assert_true(f.nlogs > 0);

    assert_int_equal(publish_to(&f, "events", 2, one, 1, &second, &reason),
                     EVENTS_BROKER_UNREACHABLE);
    assert_string_equal(reason, "Kafka is unreachable");
    assert_int_equal(events_producer_in_flight(f.producer), 5);

    /* nothing was sent: the failure is definite */

    ends(&f, ack, EVENTS_BROKER_UNREACHABLE);
    assert_int_equal(events_producer_state(f.producer), EVENTS_PRODUCER_DOWN);

    stop(&f);
    close(fd);
}


static void
test_down_and_back(void **state)
{
    fixture_t      f;
    events_ack_t  *ack;

    start(&f);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    rd_kafka_mock_broker_set_down(f.mock, 1);
    wait_state(&f, EVENTS_PRODUCER_DOWN);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_BROKER_UNREACHABLE);
    idle(&f);

    /* nobody has to publish to find out */

    rd_kafka_mock_broker_set_up(f.mock, 1);
    wait_state(&f, EVENTS_PRODUCER_UP);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    stop(&f);
}


/* a broker has been asked, and does not answer */

static void
wait_owed(fixture_t *f)
{
    uint64_t  end;

    end = now() + PATIENCE;

    while (__atomic_load_n(&f->producer->idle, __ATOMIC_RELAXED)
           == __atomic_load_n(&f->producer->connected, __ATOMIC_RELAXED))
    {
        assert_true(now() < end);
        usleep(1000);
    }
}


/* polls, as often as a worker does, for a time that does not really pass */

static events_producer_state_e
pass(fixture_t *f, uint64_t *clock, unsigned msec)
{
    unsigned  i;

    for (i = 0; i < msec; i += STEP) {
        *clock += STEP;
        assert_null(events_producer_poll(f->producer, *clock));
    }

    return events_producer_state(f->producer);
}


/* an answer that was on its way may put it off */

static void
pass_until_down(fixture_t *f, uint64_t *clock)
{
    uint64_t  end;

    end = now() + PATIENCE;

    while (pass(f, clock, STEP) != EVENTS_PRODUCER_DOWN) {
        assert_true(now() < end);
    }
}


static void
test_silence(void **state)
{
    uint64_t       clock;
    fixture_t      f;
    const char    *reason;
    events_ack_t  *ack, *second;

    static const char *const  one[] = { "playtv" };

    start(&f);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    rd_kafka_mock_broker_set_rtt(f.mock, 1, 60000);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_OK);
    wait_owed(&f);

    clock = now();
    assert_int_equal(pass(&f, &clock, GRACE), EVENTS_PRODUCER_UP);
    pass_until_down(&f, &clock);
    assert_string_equal(events_producer_reason(f.producer),
                        "no broker answers");

    assert_int_equal(publish_to(&f, "events", 2, one, 1, &second, &reason),
                     EVENTS_BROKER_UNREACHABLE);
    assert_string_equal(reason, "Kafka is unreachable");
    assert_int_equal(events_producer_in_flight(f.producer), 5);

    /* what was sent has its own outcome, and does not make it up again */

    ends(&f, ack, EVENTS_OUTCOME_UNKNOWN);
    assert_int_equal(pass(&f, &clock, GRACE), EVENTS_PRODUCER_DOWN);

    rd_kafka_mock_broker_set_rtt(f.mock, 1, 0);
    wait_state(&f, EVENTS_PRODUCER_UP);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    stop(&f);
}


/* a worker that was stopped, a machine that slept */

static void
test_standstill_is_no_silence(void **state)
{
    uint64_t       clock;
    fixture_t      f;
    events_ack_t  *ack;

    start(&f);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    rd_kafka_mock_broker_set_rtt(f.mock, 1, 1000);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_OK);
    wait_owed(&f);

    clock = now();
    assert_int_equal(pass(&f, &clock, STEP), EVENTS_PRODUCER_UP);
    clock += 3600 * 1000;
    assert_int_equal(pass(&f, &clock, STEP), EVENTS_PRODUCER_UP);

    ends(&f, ack, EVENTS_OK);

    /* nor is it when there is nothing to be said */

    assert_int_equal(pass(&f, &clock, 100 * GRACE), EVENTS_PRODUCER_UP);

    stop(&f);
}


/* connections are taken, and nothing more, since before the start */

static void
test_silence_from_the_start(void **state)
{
    int            fd;
    char           brokers[64];
    uint64_t       clock;
    fixture_t      f;
    events_ack_t  *ack;

    fd = closed_port(brokers, sizeof(brokers));
    assert_int_equal(listen(fd, 64), 0);

    start_with(&f, brokers, MEMORY, NULL);

    clock = now();
    assert_int_equal(pass(&f, &clock, GRACE), EVENTS_PRODUCER_UP);
    pass_until_down(&f, &clock);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_BROKER_UNREACHABLE);
    idle(&f);

    stop(&f);
    close(fd);
}


static void
test_silence_of_one(void **state)
{
    uint64_t                  clock;
    fixture_t                 f;
    rd_kafka_t               *rk;
    const char               *reason;
    events_ack_t             *ack, *second;
    rd_kafka_mock_cluster_t  *mock;

    static const char *const  one[] = { "playtv" };

    mock = mock_cluster(&rk, 3);

    rd_kafka_mock_topic_create(mock, "first", 1, 1);
    rd_kafka_mock_topic_create(mock, "second", 1, 1);
    rd_kafka_mock_partition_set_leader(mock, "first", 0, 1);
    rd_kafka_mock_partition_set_leader(mock, "second", 0, 2);

    start_with(&f, rd_kafka_mock_cluster_bootstraps(mock), MEMORY, NULL);

    assert_int_equal(publish_to(&f, "first", 1, one, 1, &ack, &reason),
                     EVENTS_OK);
    ends(&f, ack, EVENTS_OK);
    assert_int_equal(publish_to(&f, "second", 1, one, 1, &ack, &reason),
                     EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    rd_kafka_mock_broker_set_rtt(mock, 1, 60000);

    assert_int_equal(publish_to(&f, "first", 1, one, 1, &ack, &reason),
                     EVENTS_OK);
    wait_owed(&f);

    clock = now();
    assert_int_equal(pass(&f, &clock, 2 * GRACE), EVENTS_PRODUCER_UP);

    assert_int_equal(publish_to(&f, "second", 1, one, 1, &second, &reason),
                     EVENTS_OK);
    assert_ptr_equal(wait_acks(&f), second);
    assert_int_equal(events_ack_outcome(second), EVENTS_OK);
    events_ack_release(second);

    /* the others were not asked in all that time: they are now, and answer */

    assert_int_equal(pass(&f, &clock, TIMEOUT + GRACE - 2 * STEP),
                     EVENTS_PRODUCER_UP);
    pass_until_down(&f, &clock);

    ends(&f, ack, EVENTS_OUTCOME_UNKNOWN);
    wait_state(&f, EVENTS_PRODUCER_UP);

    stop(&f);
    rd_kafka_mock_cluster_destroy(mock);
    rd_kafka_destroy(rk);
}


static void
test_flush(void **state)
{
    fixture_t      f;
    events_ack_t  *ack, *second;

    start(&f);

    assert_int_equal(publish(&f, 50, &ack), EVENTS_OK);
    assert_int_equal(events_producer_flush(f.producer, PATIENCE), 0);

    /* acks of a flush wait for a poll; nothing new is taken */

    assert_int_equal(publish(&f, 1, &second), EVENTS_SHUTTING_DOWN);
    ends(&f, ack, EVENTS_OK);

    assert_null(events_producer_poll(f.producer, now()));

    stop(&f);
}


static void
test_flush_in_vain(void **state)
{
    int            fd;
    char           brokers[64];
    uint64_t       begin;
    fixture_t      f;
    events_ack_t  *ack;

    fd = closed_port(brokers, sizeof(brokers));
    start_with(&f, brokers, MEMORY, NULL);

    assert_int_equal(publish(&f, 50, &ack), EVENTS_OK);

    begin = now();
    assert_int_equal(events_producer_flush(f.producer, 200), 50);
    assert_true(now() - begin < 2000);

    events_producer_purge(f.producer);
    ends(&f, ack, EVENTS_BROKER_REFUSED);

    stop(&f);
    close(fd);
}


/* sent, and not answered: nobody knows */

static void
test_purge_in_flight(void **state)
{
    unsigned       i, n;
    fixture_t      f;
    events_ack_t  *ack, *next, *acks[20];

    start(&f);

    assert_int_equal(publish(&f, 1, &ack), EVENTS_OK);
    ends(&f, ack, EVENTS_OK);

    rd_kafka_mock_broker_set_rtt(f.mock, 1, 60000);

    for (i = 0; i < unit_nelts(acks); i++) {
        assert_int_equal(publish(&f, 40, &acks[i]), EVENTS_OK);
        usleep(i < 5 ? 20000 : 0);
    }

    events_producer_purge(f.producer);
    idle(&f);

    n = 0;

    ack = events_producer_poll(f.producer, now());

    for ( /* void */ ; ack != NULL; ack = next) {
        next = ack->next;
        assert_int_equal(ack->outstanding, 0);
        assert_int_not_equal(events_ack_outcome(ack), EVENTS_OK);
        n += (events_ack_outcome(ack) == EVENTS_OUTCOME_UNKNOWN);
        events_ack_release(ack);
    }

    assert_true(n > 0);

    events_producer_purge(f.producer);
    assert_null(events_producer_poll(f.producer, now()));

    stop(&f);
}


/* requests whose answers come while the purge goes on */

static void
test_purge_races_with_answers(void **state)
{
    unsigned       i, n;
    fixture_t      f;
    events_ack_t  *ack, *next;

    for (n = 0; n < 20; n++) {
        start(&f);

        for (i = 0; i < 20; i++) {
            assert_int_equal(publish(&f, 20, &ack), EVENTS_OK);
        }

        usleep(n * 1500);
        events_producer_purge(f.producer);
        idle(&f);

        i = 0;

        ack = events_producer_poll(f.producer, now());

        for ( /* void */ ; ack != NULL; ack = next) {
            next = ack->next;
            events_ack_release(ack);
            i++;
        }

        assert_int_equal(i, 20);

        stop(&f);
    }
}


static void
test_fatal(void **state)
{
    fixture_t      f;
    const char    *reason;
    events_ack_t  *ack, *second;

    static const char *const  one[] = { "playtv" };

    start(&f);

    assert_int_equal(publish(&f, 5, &ack), EVENTS_OK);

    rd_kafka_test_fatal_error(f.producer->rk,
                              RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                              "a test");

    while (events_producer_state(f.producer) != EVENTS_PRODUCER_FATAL) {
        second = events_producer_poll(f.producer, now());

        if (second != NULL) {
            events_ack_release(second);
            ack = NULL;
        }
    }

    assert_int_equal(publish_to(&f, "events", 5, one, 1, &second, &reason),
                     EVENTS_BROKER_REFUSED);
    assert_string_equal(reason, "the producer has a fatal error");

    events_producer_purge(f.producer);

    if (ack != NULL) {
        assert_ptr_equal(events_producer_poll(f.producer, now()), ack);
        events_ack_release(ack);
    }

    idle(&f);
    stop(&f);
}


/* the error comes between the publish and the poll that would tell of it */

static void
test_fatal_before_it_is_known(void **state)
{
    uint32_t       n;
    fixture_t      f;
    events_ack_t  *ack;

    start(&f);

    rd_kafka_test_fatal_error(f.producer->rk,
                              RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                              "a test");

    for (n = 1; n < 10; n++) {
        assert_int_equal(publish(&f, n, &ack), EVENTS_BROKER_REFUSED);
        idle(&f);
    }

    stop(&f);
}


/*
 * Without a purge, or where it did not report everything in time: the handle
 * stays, for good, and nothing of it may be freed or called.
 */

static void
test_destroy_in_flight(void **state)
{
    fixture_t      f;
    events_ack_t  *ack;

    start(&f);
    rd_kafka_mock_broker_set_rtt(f.mock, 1, 300);

    assert_int_equal(publish(&f, 50, &ack), EVENTS_OK);
    usleep(50000);

    events_producer_destroy(f.producer);

    /* its threads go on */

    usleep(500000);

    rd_kafka_mock_cluster_destroy(f.mock);
    usleep(500000);

    rd_kafka_destroy(f.rk);
    close(f.fd);
}


static void
test_create_fails(void **state)
{
    char                     errstr[512];
    events_producer_conf_t  *conf;

    conf = events_producer_conf_create();
    assert_true(events_producer_conf_finish(conf, "a:1", MEMORY, TIMEOUT,
                                            errstr, sizeof(errstr)));

    rd_kafka_conf_set(conf->rk_conf, "acks", "1", NULL, 0);

    errstr[0] = '\0';
    assert_null(events_producer_create(conf, -1, on_log, NULL, errstr,
                                       sizeof(errstr)));
    assert_non_null(strstr(errstr, "acks"));

    events_producer_conf_destroy(conf);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_conf_refuses),
        cmocka_unit_test(test_conf_contradictions),
        cmocka_unit_test(test_conf_without_timeout),
        cmocka_unit_test(test_conf_max_record),
        cmocka_unit_test(test_topics),
        cmocka_unit_test(test_publish_and_read_back),
        cmocka_unit_test(test_mock_property),
        cmocka_unit_test(test_many_batches),
        cmocka_unit_test(test_batch_that_no_queue_would_take),
        cmocka_unit_test(test_second_batch_finds_the_queue_full),
        cmocka_unit_test(test_librdkafka_queue_full),
        cmocka_unit_test(test_record_too_large),
        cmocka_unit_test(test_topic_does_not_exist),
        cmocka_unit_test(test_one_topic_of_two_does_not_exist),
        cmocka_unit_test(test_topics_of_one_batch),
        cmocka_unit_test(test_headers_of_their_own),
        cmocka_unit_test(test_broker_refuses),
        cmocka_unit_test(test_broker_asks_to_try_again),
        cmocka_unit_test(test_down_from_the_start),
        cmocka_unit_test(test_down_and_back),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_standstill_is_no_silence),
        cmocka_unit_test(test_silence_from_the_start),
        cmocka_unit_test(test_silence_of_one),
        cmocka_unit_test(test_flush),
        cmocka_unit_test(test_flush_in_vain),
        cmocka_unit_test(test_purge_in_flight),
        cmocka_unit_test(test_purge_races_with_answers),
        cmocka_unit_test(test_fatal),
        cmocka_unit_test(test_fatal_before_it_is_known),
        cmocka_unit_test(test_create_fails),
        cmocka_unit_test(test_destroy_in_flight)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
