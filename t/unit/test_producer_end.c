
/*
 * How a producer ends: flush, purge, fatal errors, destroy.
 */


#include "unit_producer.h"


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
