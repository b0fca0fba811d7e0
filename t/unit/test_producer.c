
/*
 * Batches, from publish to their acks.
 */


#include "unit_producer.h"


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


int
main(void)
{
    const struct CMUnitTest  tests[] = {
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
        cmocka_unit_test(test_broker_asks_to_try_again)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
