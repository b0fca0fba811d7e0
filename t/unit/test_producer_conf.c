
/*
 * What the configuration of a producer takes and refuses.
 */


#include "unit_producer.h"


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


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_conf_refuses),
        cmocka_unit_test(test_conf_contradictions),
        cmocka_unit_test(test_conf_without_timeout),
        cmocka_unit_test(test_conf_max_record)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
