
/*
 * Kafka that is away, or silent, and comes back.
 */


#include "unit_producer.h"


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


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_down_from_the_start),
        cmocka_unit_test(test_down_and_back),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_standstill_is_no_silence),
        cmocka_unit_test(test_silence_from_the_start),
        cmocka_unit_test(test_silence_of_one)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
