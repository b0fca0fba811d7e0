
/*
 * A producer and nothing around it: messages at a constant rate, in bursts as
 * requests have events, and when the broker has acknowledged each burst, from
 * when it was due.
 *
 *     plain_producer topic rate seconds burst file [property=value ...]
 */


#include "bench.h"

#include <librdkafka/rdkafka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>


/* for the last acknowledgements */
#define PLAIN_PATIENCE_NS  10000000000ull


typedef struct {
    bench_pace_t          pace;
    bench_latencies_t     latencies;    /* of the thread that polls */
    unsigned              burst;
    unsigned char        *left;         /* of each burst; the same */
    atomic_ullong         nended;
    atomic_int            stop;
    rd_kafka_t           *rk;
    rd_kafka_topic_t     *topic;
} plain_t;


static void plain_create(plain_t *plain, const char *topic, char **properties);
static void plain_report(rd_kafka_t *rk, const rd_kafka_message_t *message,
    void *opaque);
static void *plain_poll(void *data);
static void plain_run(plain_t *plain, const char *text, size_t len);
static void plain_burst(plain_t *plain, const char *text, size_t len);
static void plain_sleep(uint64_t until);
static void plain_fail(const char *what);


static plain_t  plain;


int
main(int argc, char **argv)
{
    char       *text;
    size_t      len;
    pthread_t   thread;

    if (argc < 6) {
        fprintf(stderr, "plain_producer topic rate seconds burst file "
                        "[property=value ...]\n");
        return 1;
    }

    /* as in paced_load.c */

    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);

    text = bench_read_file(argv[5], &len);
    plain.burst = atoi(argv[4]);

    if (plain.burst == 0 || plain.burst > 255) {
        plain_fail("up to 255 messages in a burst");
    }

    plain_create(&plain, argv[1], argv + 6);

    bench_pace_init(&plain.pace, atof(argv[2]), atof(argv[3]),
                    &plain.latencies);

    plain.left = malloc(plain.pace.n);
    if (plain.left == NULL) {
        plain_fail("no memory");
    }

    memset(plain.left, plain.burst, plain.pace.n);

    if (pthread_create(&thread, NULL, plain_poll, &plain) != 0) {
        plain_fail("no thread");
    }

    plain_run(&plain, text, len);

    plain.stop = 1;
    pthread_join(thread, NULL);

    plain.latencies.bad += plain.pace.n - plain.nended;
    bench_latencies_print(&plain.latencies);

    return 0;
}


/* with metadata of the topic, which the first message would wait for */

static void
plain_create(plain_t *plain, const char *topic, char **properties)
{
    char                            errstr[512], *value;
    rd_kafka_conf_t                *conf;
    rd_kafka_resp_err_t             err;
    const struct rd_kafka_metadata *metadata;

    conf = rd_kafka_conf_new();
    rd_kafka_conf_set_dr_msg_cb(conf, plain_report);
    rd_kafka_conf_set_opaque(conf, plain);

    for ( /* void */ ; *properties; properties++) {
        value = strchr(*properties, '=');

        if (value == NULL) {
            plain_fail(*properties);
        }

        *value++ = '\0';

        if (rd_kafka_conf_set(conf, *properties, value, errstr, sizeof(errstr))
            != RD_KAFKA_CONF_OK)
        {
            plain_fail(errstr);
        }
    }

    plain->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, errstr, sizeof(errstr));
    if (plain->rk == NULL) {
        plain_fail(errstr);
    }

    plain->topic = rd_kafka_topic_new(plain->rk, topic, NULL);

    err = rd_kafka_metadata(plain->rk, 0, plain->topic, &metadata, 10000);

    if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        plain_fail(rd_kafka_err2str(err));
    }

    rd_kafka_metadata_destroy(metadata);
}


/* called by the thread that polls; a burst ends with its last message */

static void
plain_report(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    plain_t *plain = opaque;

    uint64_t  n;

    n = (uintptr_t) message->_private;

    if (message->err || --plain->left[n] > 0) {
        return;
    }

    bench_pace_end(&plain->pace, n, 1, &plain->latencies);
    plain->nended++;
}


static void *
plain_poll(void *data)
{
    plain_t *plain = data;

    while (!plain->stop) {
        rd_kafka_poll(plain->rk, 100);
    }

    return NULL;
}


static void
plain_run(plain_t *plain, const char *text, size_t len)
{
    uint64_t  last;

    while (plain->pace.next < plain->pace.n) {
        plain_sleep(bench_pace_due(&plain->pace, plain->pace.next));
        plain_burst(plain, text, len);
        plain->pace.next++;
    }

    last = bench_now() + PLAIN_PATIENCE_NS;

    while (plain->nended < plain->pace.n && bench_now() < last) {
        plain_sleep(bench_now() + 1000000);
    }
}


/* without a key: librdkafka keeps to a partition for some milliseconds */

static void
plain_burst(plain_t *plain, const char *text, size_t len)
{
    unsigned  i;

    for (i = 0; i < plain->burst; i++) {

        if (rd_kafka_produce(plain->topic, RD_KAFKA_PARTITION_UA,
                             RD_KAFKA_MSG_F_COPY, (void *) text, len, NULL, 0,
                             (void *) (uintptr_t) plain->pace.next)
            == -1)
        {
            plain_fail(rd_kafka_err2str(rd_kafka_last_error()));
        }
    }
}


static void
plain_sleep(uint64_t until)
{
    struct timespec  ts;

    ts.tv_sec = until / 1000000000;
    ts.tv_nsec = until % 1000000000;

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0) {
        /* void */
    }
}


static void
plain_fail(const char *what)
{
    fprintf(stderr, "plain_producer: %s\n", what);
    exit(1);
}
