
#include "unit_json.h"

#include "events_metrics.h"

#include <pthread.h>


/* bytes of the largest text below */
#define TEXT  (256 * 1024)

#define CONTRACT                                                              \
    "{\"required\":[\"id\"],\"properties\":{\"n\":{\"minimum\":3}}}"


static events_batch_t    *batch;
static events_schema_t   *contract;
static events_metrics_t   metrics;
static char               text[TEXT];


static int
setup(void **state)
{
    events_schema_error_t  error;

    batch = events_batch_create();
    contract = events_schema_compile((u_char *) CONTRACT, strlen(CONTRACT), 0,
                                     &error);

    assert_non_null(batch);
    assert_non_null(contract);

    return 0;
}


static int
teardown(void **state)
{
    events_batch_destroy(batch);
    events_schema_destroy(contract);

    return 0;
}


static int
reset(void **state)
{
    memset(&metrics, 0, sizeof(metrics));
    events_metrics_labels_init(&metrics.labels);

    return 0;
}


/* the text, whose length must be the one that was foretold */

static const char *
write_metrics(events_metrics_format_e format)
{
    size_t  len;

    len = events_metrics_len(&metrics, format);

    assert_true(len < TEXT);
    assert_ptr_equal(events_metrics_write((u_char *) text, &metrics, format),
                     text + len);

    text[len] = '\0';

    return text;
}


static void
assert_has(events_metrics_format_e format, const char *line)
{
    if (strstr(write_metrics(format), line) == NULL) {
        print_error("no \"%s\" in %s\n", line, text);
        fail();
    }
}


static void
assert_has_not(events_metrics_format_e format, const char *line)
{
    if (strstr(write_metrics(format), line) != NULL) {
        print_error("\"%s\" in %s\n", line, text);
        fail();
    }
}


static void
assert_sums(const events_counters_t *c)
{
    assert_int_equal(c->received,
                     c->accepted + events_counters_sum(c->rejected,
                                                       EVENTS_ERROR_MAX));
    assert_int_equal(c->accepted,
                     c->acknowledged + c->in_flight
                     + events_counters_sum(c->failed, EVENTS_FAILED));
}


/* reads a body and counts it; brands have labels from 2 on */

static void
count(const char *body, unsigned partial, unsigned dry_run,
    events_error_e failure)
{
    u_char                    *copy;
    uint32_t                   i, brands[EVENTS_BATCH_BRANDS + 1];
    events_batch_conf_t        conf;
    events_counters_batch_t    b;
    static const uint32_t      members[EVENTS_MAX_RENAMES];

    memset(&conf, 0, sizeof(conf));
    conf.limits.max_events = 1000;
    conf.limits.max_event_size = 1000;
    conf.limits.max_depth = 10;
    conf.schema = contract;
    conf.partial = partial;
    conf.dry_run = dry_run;
    conf.every_event = dry_run;

    /* exactly as long, so that sanitizers see what is read behind it */

    copy = malloc(strlen(body));
    memcpy(copy, body, strlen(body));

    b.batch = batch;
    b.error = events_batch_read(batch, copy, strlen(body), &conf);
    b.brands = brands;
    b.members = members;

    if (b.error == EVENTS_OK) {
        b.error = failure;
    }

    for (i = 0; i < batch->nbrands; i++) {
        brands[i] = (i == EVENTS_BATCH_BRANDS)
                    ? EVENTS_LABEL_OTHER
                    : events_labels_add(&metrics.labels.brands,
                                        &batch->brands[i].brand);
    }

    events_counters_batch(&metrics.counters, &b);

    free(copy);

    assert_sums(&metrics.counters);
}


static void
ack(uint32_t delivered, uint32_t failed, uint32_t uncertain,
    events_error_e error, uint64_t time, int given_up)
{
    events_ack_t  a;

    memset(&a, 0, sizeof(a));
    a.nrecords = delivered + failed + uncertain;
    a.delivered = delivered;
    a.uncertain = uncertain;
    a.error = error;

    events_counters_ack(&metrics.counters, &a, time, given_up);

    assert_sums(&metrics.counters);
}


static void
test_batches(void **state)
{
    const events_counters_t  *c;

    c = &metrics.counters;

    count("[{\"id\":1},{\"id\":2}]", 0, 0, EVENTS_OK);
    assert_int_equal(c->received, 2);
    assert_int_equal(c->published, 2);
    assert_int_equal(c->in_flight, 2);

    count("[{\"id\":1},{},{\"id\":1,\"n\":1}]", 0, 0, EVENTS_OK);
    assert_int_equal(c->rejected[EVENTS_INVALID_EVENTS], 3);
    assert_int_equal(c->invalid[events_keyword_index("required")], 1);
    assert_int_equal(c->invalid[events_keyword_index("minimum")], 1);
    assert_int_equal(c->accepted, 2);

    count("[{\"id\":1},{},7]", 1, 0, EVENTS_OK);
    assert_int_equal(c->rejected[EVENTS_INVALID_EVENTS], 5);
    assert_int_equal(c->accepted, 3);
    assert_int_equal(c->published, 3);

    /* Kafka's fault: invalid events are rejected all the same */

    count("[{\"id\":1},{},7]", 1, 0, EVENTS_QUEUE_FULL);
    assert_int_equal(c->rejected[EVENTS_INVALID_EVENTS], 7);
    assert_int_equal(c->failed[EVENTS_QUEUE_FULL], 1);
    assert_int_equal(c->published, 3);

    /* a client's: all of them are */

    count("[{\"id\":1},{}]", 1, 0, EVENTS_RATE_LIMITED);
    assert_int_equal(c->rejected[EVENTS_RATE_LIMITED], 2);
    assert_int_equal(c->invalid[events_keyword_index("required")], 3);

    count("[{\"id\":1},{\"id\":2},", 0, 0, EVENTS_OK);
    assert_int_equal(c->rejected[EVENTS_INVALID_JSON], 2);

    count("[{},{\"id\":2}]", 0, 1, EVENTS_OK);
    assert_int_equal(c->dry_run_rejected, 1);
    assert_int_equal(c->published, 5);
    assert_int_equal(c->invalid[events_keyword_index("required")], 4);

    count("[{\"id\":1}]", 0, 0, EVENTS_NO_MEMORY);
    assert_int_equal(c->failed[EVENTS_INTERNAL], 1);

    assert_int_equal(c->received, 2 + 3 + 3 + 3 + 2 + 2 + 2 + 1);
}


static void
test_acks(void **state)
{
    const events_counters_t  *c;

    c = &metrics.counters;

    count("[{\"id\":1},{\"id\":1},{\"id\":1},{\"id\":1},{\"id\":1},{\"id\":1}]",
          0, 0, EVENTS_OK);

    ack(1, 0, 0, EVENTS_OK, 1000, 0);
    assert_int_equal(c->acknowledged, 1);
    assert_int_equal(c->in_flight, 5);
    assert_int_equal(c->ack_batches[0], 1);

    /* each record has its own fate */

    ack(1, 1, 1, EVENTS_BROKER_UNREACHABLE, 1001, 0);
    assert_int_equal(c->acknowledged, 2);
    assert_int_equal(c->failed[EVENTS_BROKER_UNREACHABLE], 1);
    assert_int_equal(c->failed[EVENTS_OUTCOME_UNKNOWN], 1);
    assert_int_equal(c->ack_batches[1], 1);

    ack(0, 1, 0, EVENTS_BROKER_REFUSED, 10000001, 1);
    assert_int_equal(c->failed[EVENTS_SHUTTING_DOWN], 1);
    assert_int_equal(c->failed[EVENTS_BROKER_REFUSED], 0);
    assert_int_equal(c->ack_batches[EVENTS_ACK_BUCKETS - 1], 1);
    assert_int_equal(c->ack_time, 10000001 + 1001 + 1000);

    events_counters_lose(&metrics.counters, 1);
    assert_int_equal(c->failed[EVENTS_OUTCOME_UNKNOWN], 2);
    assert_int_equal(c->in_flight, 0);
    assert_sums(c);

    assert_has(EVENTS_METRICS_PROMETHEUS,
               "events_ack_seconds_bucket{le=\"0.001\"} 1\n"
               "events_ack_seconds_bucket{le=\"0.0025\"} 2\n");
    assert_has(EVENTS_METRICS_PROMETHEUS,
               "events_ack_seconds_bucket{le=\"10\"} 2\n"
               "events_ack_seconds_bucket{le=\"+Inf\"} 3\n"
               "events_ack_seconds_sum 10.002002\n"
               "events_ack_seconds_count 3\n");
    assert_has(EVENTS_METRICS_JSON,
               "\"ack_seconds\":{\"count\":3,\"sum\":10.002002,\"buckets\":["
               "{\"le\":0.001,\"count\":1},{\"le\":0.0025,\"count\":2},");
    assert_has(EVENTS_METRICS_JSON,
               "{\"le\":10,\"count\":2},{\"le\":null,\"count\":3}]}");
}


/* as every event of a batch has its brand, the sums by brand are all events */

static void
test_brands(void **state)
{
    char      body[4096], *p;
    uint32_t  i;

    const events_counters_t  *c = &metrics.counters;

    count("[{\"id\":1,\"brand\":\"a\"},{\"id\":1},{\"id\":1,\"brand\":\"b\"},"
          "{\"brand\":\"\\u0061\"},{\"brand\":\"a\",\"id\":1}]", 1, 0,
          EVENTS_OK);

    assert_int_equal(batch->nbrands, 3);
    assert_has(EVENTS_METRICS_JSON,
               "\"brands\":{\"\":{\"accepted\":1,\"rejected\":0},"
               "\"a\":{\"accepted\":2,\"rejected\":1},"
               "\"b\":{\"accepted\":1,\"rejected\":0}}");

    /* more than there is room for, in a batch and in all */

    p = body + sprintf(body, "[{\"id\":1}");

    for (i = 0; i < 20; i++) {
        p += sprintf(p, ",{\"id\":1,\"brand\":\"n%u\"}", i);
    }

    sprintf(p, ",{\"id\":1},{\"id\":1,\"brand\":\"n19\"}]");

    count(body, 0, 0, EVENTS_OK);

    assert_int_equal(batch->nbrands, EVENTS_BATCH_BRANDS + 1);
    assert_int_equal(batch->brands[0].received, 2);
    assert_int_equal(batch->brands[EVENTS_BATCH_BRANDS].received, 6);
    assert_null(batch->brands[EVENTS_BATCH_BRANDS].brand.data);

    assert_int_equal(metrics.labels.brands.nelts, EVENTS_BRAND_LABELS);
    assert_int_equal(c->brand_accepted[EVENTS_LABEL_OTHER], 7);
    assert_int_equal(events_counters_sum(c->brand_accepted,
                                         EVENTS_BRAND_LABELS),
                     c->accepted);

    /* when it is the batch that is refused, so is each of its brands */

    count("[{\"id\":1,\"brand\":\"a\"},{\"brand\":\"b\"}]", 1, 0,
          EVENTS_RATE_LIMITED);
    assert_int_equal(events_counters_sum(c->brand_rejected,
                                         EVENTS_BRAND_LABELS),
                     events_counters_sum(c->rejected, EVENTS_ERROR_MAX));
}


static void
test_labels(void **state)
{
    char          name[3 * EVENTS_LABEL_NAME];
    uint32_t      i;
    events_str_t  s;

    static events_labels_t  labels;

    events_labels_init(&labels, 4);

    s = unit_str("other");
    assert_int_equal(events_labels_add(&labels, &s), EVENTS_LABEL_OTHER);

    s = unit_str("a");
    assert_int_equal(events_labels_find(&labels, &s), EVENTS_LABEL_OTHER);
    assert_int_equal(events_labels_add(&labels, &s), 1);
    assert_int_equal(events_labels_add(&labels, &s), 1);
    assert_int_equal(events_labels_find(&labels, &s), 1);

    /* "no name" is a name, and is the same as an empty one */

    s = (events_str_t) events_null_string;
    assert_int_equal(events_labels_add(&labels, &s), 2);
    s = unit_str("");
    assert_int_equal(events_labels_add(&labels, &s), 2);

    /* control characters would break the line of a metric */

    for (i = 1; i < 0x20; i++) {
        sprintf(name, "x%cy", i);
        s = unit_str(name);
        assert_int_equal(events_labels_add(&labels, &s), EVENTS_LABEL_OTHER);
    }

    s = (events_str_t) events_string("x\0y");
    assert_int_equal(events_labels_add(&labels, &s), EVENTS_LABEL_OTHER);
    s = unit_str("x\177y");
    assert_int_equal(events_labels_add(&labels, &s), EVENTS_LABEL_OTHER);

    /* long ones are cut between characters, and found again */

    memset(name, 'l', sizeof(name));
    memcpy(name + EVENTS_LABEL_NAME - 1, "\xC3\xA4", 2);
    s.data = (u_char *) name;
    s.len = sizeof(name);
    assert_int_equal(events_labels_add(&labels, &s), 3);
    assert_int_equal(events_labels_add(&labels, &s), 3);
    assert_int_equal(labels.elts[3].len, EVENTS_LABEL_NAME - 1);

    /* then there is no room any more */

    s = unit_str("b");
    assert_int_equal(events_labels_add(&labels, &s), EVENTS_LABEL_OTHER);
    assert_int_equal(labels.nelts, 4);
}


/* whoever reads the metrics finds the names as they are, and nothing else */

static void
test_escaping(void **state)
{
    uint32_t      i;
    events_str_t  s;

    s = unit_str("q\"} 1 \\n\xC3\xA4");
    i = events_labels_add(&metrics.labels.brands, &s);
    metrics.counters.brand_accepted[i] = 7;

    assert_has(EVENTS_METRICS_PROMETHEUS,
               "events_brand_accepted_total"
               "{brand=\"q\\\"} 1 \\\\n\xC3\xA4\"} 7\n");
    assert_has(EVENTS_METRICS_JSON,
               "\"brands\":{\"q\\\"} 1 \\\\n\xC3\xA4\":{\"accepted\":7,");
}


/* JSON has what is not 0; Prometheus has what is going to be counted, too */

static void
test_zero(void **state)
{
    events_str_t  s;

    metrics.time = unit_str("2026-11-25T21:40:00.000Z");
    metrics.workers = 2;

    assert_string_equal(write_metrics(EVENTS_METRICS_JSON),
        "{\"version\":1,\"time\":\"2026-11-25T21:40:00.000Z\",\"workers\":2,"
        "\"requests\":{},"
        "\"events\":{\"received\":0,\"accepted\":0,\"rejected\":0,"
        "\"published\":0,\"acknowledged\":0,\"failed\":0,\"in_flight\":0,"
        "\"dry_run_rejected\":0},"
        "\"rejected\":{},\"invalid\":{},\"failed\":{},\"brands\":{},"
        "\"renamed\":{},"
        "\"dead_letters\":{\"published\":0,\"acknowledged\":0,\"lost\":0},"
        "\"limited\":{},"
        "\"ack_seconds\":{\"count\":0,\"sum\":0,\"buckets\":["
        "{\"le\":0.001,\"count\":0},{\"le\":0.0025,\"count\":0},"
        "{\"le\":0.005,\"count\":0},{\"le\":0.01,\"count\":0},"
        "{\"le\":0.025,\"count\":0},{\"le\":0.05,\"count\":0},"
        "{\"le\":0.1,\"count\":0},{\"le\":0.25,\"count\":0},"
        "{\"le\":0.5,\"count\":0},{\"le\":1,\"count\":0},"
        "{\"le\":2.5,\"count\":0},{\"le\":5,\"count\":0},"
        "{\"le\":10,\"count\":0},{\"le\":null,\"count\":0}]},"
        "\"queue\":{\"bytes\":0,\"limit_bytes\":0},"
        "\"producers\":{\"up\":0,\"down\":0,\"fatal\":0},"
        "\"brokers_connected\":0,\"producer_restarts\":0,"
        "\"log_suppressed\":0}\n");

    s = unit_str("guest");
    (void) events_labels_add(&metrics.labels.zones, &s);

    assert_has(EVENTS_METRICS_PROMETHEUS,
               "events_limited_total{zone=\"guest\"} 0\n");
    assert_has(EVENTS_METRICS_PROMETHEUS,
               "events_failed_total{code=\"worker_lost\"} 0\n");
    assert_has(EVENTS_METRICS_PROMETHEUS,
               "events_rejected_total{code=\"invalid_events\"} 0\n");
    assert_has_not(EVENTS_METRICS_PROMETHEUS, "{brand=");
    assert_has_not(EVENTS_METRICS_PROMETHEUS, "{status=");
    assert_has_not(EVENTS_METRICS_PROMETHEUS, "\"other\"");
}


/* no series may be told twice, whatever errors there are */

static void
test_series_are_unique(void **state)
{
    size_t                    len;
    char                     *line, *next, *other;
    uint32_t                  i;
    uint64_t                  n, *counters;
    events_counters_batch_t   b;

    batch->received = 1;
    batch->rejected = 0;
    batch->nbrands = 0;
    batch->failures.nelts = 0;
    b.batch = batch;

    for (i = 0; i < EVENTS_ERROR_MAX; i++) {
        b.error = i;
        events_counters_batch(&metrics.counters, &b);
    }

    n = events_counters_sum(metrics.counters.rejected, EVENTS_ERROR_MAX)
        + events_counters_sum(metrics.counters.failed, EVENTS_FAILED);

    assert_int_equal(n, EVENTS_ERROR_MAX - 1);

    /* all others, in full length */

    counters = metrics.counters.requests;

    for (i = 0; i < EVENTS_STATUSES; i++) {
        counters[i] = UINT64_MAX;
    }

    for (i = 0; i < EVENTS_KEYWORDS; i++) {
        metrics.counters.invalid[i] = i;
    }

    assert_has(EVENTS_METRICS_PROMETHEUS, " 18446744073709551615\n");

    for (line = text; line != NULL && *line != '\0'; line = next) {
        next = strchr(line, '\n') + 1;

        if (line[0] == '#') {
            continue;
        }

        len = strcspn(line, " ") + 1;

        for (other = next; *other; other = strchr(other, '\n') + 1) {
            assert_false(strncmp(line, other, len) == 0);
        }
    }
}


/* what can be wrong with an event has a name here */

static void
test_keywords(void **state)
{
    uint32_t     i;
    const char  *code;

    for (i = 1; i < EVENTS_KEYWORDS; i++) {
        code = events_keyword_name(i);

        assert_int_equal(events_keyword_index(code), i);
        assert_true(i == 1 || strcmp(events_keyword_name(i - 1), code) < 0);
    }

    assert_int_equal(events_keyword_index("nothing"), 0);
    assert_string_equal(events_keyword_name(0), "other");

    for (i = 0; i < EVENTS_STATUSES - 1; i++) {
        assert_int_equal(events_status_index(atoi(events_status_name(i))), i);
    }

    assert_string_equal(events_status_name(events_status_index(599)), "other");
    assert_string_equal(events_status_name(events_status_index(0)), "other");
}


/* killed anywhere, a process leaves sums that can be repaired, never down */

static void
test_abandon(void **state)
{
    unsigned                 i;
    events_counters_t        before, *c;
    events_counters_slot_t   slot;

    static const struct {
        uint64_t  received, accepted, rejected, acknowledged, in_flight;
    } cases[] = {
        { 10, 8, 2, 5, 3 },
        { 12, 8, 2, 5, 3 },
        { 10, 9, 2, 5, 3 },
        { 10, 8, 3, 5, 3 },
        { 10, 8, 2, 6, 3 },
        { 10, 8, 2, 5, 4 },
        { 10, 8, 2, 5, 0 },
        { 10, 10, 2, 10, 3 },
        { 0, 0, 0, 0, 0 }
    };

    for (i = 0; i < 2 * unit_nelts(cases); i++) {
        memset(&slot, 0, sizeof(slot));

        c = events_counters_begin(&slot);
        c->received = cases[i / 2].received;
        c->accepted = cases[i / 2].accepted;
        c->rejected[EVENTS_INVALID_EVENTS] = cases[i / 2].rejected;
        c->acknowledged = cases[i / 2].acknowledged;
        c->in_flight = cases[i / 2].in_flight;
        c->gauges.queue_bytes = 7;

        before = *c;

        if (i % 2) {
            events_counters_end(&slot);
        }

        events_counters_abandon(&slot);

        assert_sums(c);
        assert_int_equal(slot.sequence % 2, 0);
        assert_int_equal(c->in_flight, 0);
        assert_int_equal(c->gauges.queue_bytes, 0);
        assert_true(c->received >= before.received);
        assert_true(c->accepted >= before.accepted);
        assert_int_equal(c->acknowledged, before.acknowledged);
        assert_int_equal(c->rejected[EVENTS_INVALID_EVENTS],
                         before.rejected[EVENTS_INVALID_EVENTS]);
    }

    assert_int_equal(c->failed[EVENTS_WORKER_LOST], 0);
}


typedef struct {
    events_counters_slot_t   slot;
    int                      stop;
} shared_t;


static void *
writer(void *data)
{
    shared_t           *shared = data;
    events_counters_t  *c;

    while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
        c = events_counters_begin(&shared->slot);
        c->received++;
        c->gauges.brokers_connected++;
        c->accepted++;
        c->in_flight++;
        events_counters_end(&shared->slot);
    }

    return NULL;
}


/* who reads while another writes sees all of it, or is told to try again */

static void
test_reads_are_whole(void **state)
{
    uint64_t            n;
    pthread_t           thread;
    events_counters_t   copy;

    static shared_t     shared;

    assert_int_equal(events_counters_read(&shared.slot, &copy), 1);

    (void) events_counters_begin(&shared.slot);
    assert_int_equal(events_counters_read(&shared.slot, &copy), 0);
    events_counters_end(&shared.slot);

    assert_int_equal(pthread_create(&thread, NULL, writer, &shared), 0);

    /* until the writer was seen to write many times */

    for (n = 0; n < 100000; /* void */ ) {

        if (!events_counters_read(&shared.slot, &copy)) {
            continue;
        }

        assert_sums(&copy);
        assert_int_equal(copy.received, copy.gauges.brokers_connected);
        n = copy.received;
    }

    __atomic_store_n(&shared.stop, 1, __ATOMIC_RELAXED);
    pthread_join(thread, NULL);
}


static void
test_add(void **state)
{
    static events_counters_t  sum, one;

    one.requests[0] = 1;
    one.received = 2;
    one.gauges.brokers_connected = 3;

    events_counters_add(&sum, &one);
    events_counters_add(&sum, &one);

    assert_int_equal(sum.requests[0], 2);
    assert_int_equal(sum.received, 4);
    assert_int_equal(sum.gauges.brokers_connected, 6);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup(test_batches, reset),
        cmocka_unit_test_setup(test_acks, reset),
        cmocka_unit_test_setup(test_brands, reset),
        cmocka_unit_test(test_labels),
        cmocka_unit_test_setup(test_escaping, reset),
        cmocka_unit_test_setup(test_zero, reset),
        cmocka_unit_test_setup(test_series_are_unique, reset),
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_abandon),
        cmocka_unit_test(test_reads_are_whole),
        cmocka_unit_test(test_add)
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
