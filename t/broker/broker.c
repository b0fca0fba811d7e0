
/*
 * The embedded broker: librdkafka's mock cluster in a process of its own.
 *
 *     broker -s SOCKET [-b BROKERS] [-p PARTITIONS]
 *            [-t TOPIC[:PARTITIONS]]... [-d]
 *
 * prints "bootstrap HOST:PORT[,HOST:PORT]" when it is ready and leaves on
 * SIGTERM, on SIGINT and, unless -d is given, at the end of stdin, so that
 * it does not outlive the process that started it.  The control socket
 * speaks lines: one command a line; an answer is zero or more lines, then
 * ".", and a command that failed has "! message" before its ".".
 *
 *     topic NAME PARTITIONS [REPLICATION]   create a topic
 *     dump TOPIC [FROM]       its records, one line of JSON each
 *     count TOPIC             records ever appended, evicted ones included
 *     watermarks TOPIC        "PARTITION LOW HIGH" of each partition
 *     rtt MS                  round trip of all brokers
 *     down N|all              refuse connections, up N|all undoes it
 *     error API CODE COUNT    fail the next COUNT requests, 0 clears;
 *                             CODE -195 closes the connection
 *     topic_error TOPIC CODE  fail metadata of the topic, 0 clears
 *     leader TOPIC PARTITION N
 *     ping
 *
 * FROM is an offset, or a list of them by partition, "3,0,7".  Without it
 * dump starts at whatever is left; with it, an offset that was evicted is
 * an error.
 *
 * What the mock of librdkafka 2.0 does not do:
 *
 * It keeps 5 MB and 100,000 message sets a partition, counted as they were
 * sent (that is, compressed), and evicts the oldest.  Nothing in its API
 * raises that, so a test that reads back more takes more partitions.
 *
 * Topics that a client's metadata request creates have 4 partitions
 * whatever -p says, which holds for -t and for the command "topic".
 *
 * Sequence numbers are checked for transactional producers only: a batch
 * that an idempotent one sends again, because the connection was closed
 * after the append, is there twice.
 *
 * dump, count and watermarks read as any consumer does: they fail while a
 * leader is down or the topic has an error, they wait for the round trip,
 * and they use up injected errors of ListOffsets, Metadata and Fetch.
 */


#include "broker.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>


#define BROKER_MAX_BROKERS  16


static int broker_options(broker_t *b, int argc, char **argv);
static int broker_option_topic(broker_t *b, char *value);
static int broker_start(broker_t *b);
static int broker_start_cluster(broker_t *b);
static int broker_start_topics(broker_t *b);


int
main(int argc, char **argv)
{
    int              rc;
    static broker_t  b;

    b.brokers = 1;
    b.partitions = 4;
    b.signal_fd = -1;
    b.listen_fd = -1;

    if (broker_options(&b, argc, argv) != 0 || broker_start(&b) != 0) {
        fprintf(stderr, "broker: %s\n", b.err);
        broker_close(&b);
        return 1;
    }

    printf("bootstrap %s\n", rd_kafka_mock_cluster_bootstraps(b.cluster));
    fflush(stdout);

    rc = broker_loop(&b);
    if (rc != 0) {
        fprintf(stderr, "broker: %s\n", b.err);
    }

    broker_close(&b);

    return rc == 0 ? 0 : 1;
}


static int
broker_options(broker_t *b, int argc, char **argv)
{
    int  ch, rc;

    rc = 0;

    while (rc == 0 && (ch = getopt(argc, argv, "s:b:p:t:d")) != -1) {

        switch (ch) {

        case 's':
            b->path = optarg;
            break;

        case 'b':
            rc = broker_number(b, "-b", optarg, 1, BROKER_MAX_BROKERS,
                               &b->brokers);
            break;

        case 'p':
            rc = broker_number(b, "-p", optarg, 1, BROKER_MAX_PARTITIONS,
                               &b->partitions);
            break;

        case 't':
            rc = broker_option_topic(b, optarg);
            break;

        case 'd':
            b->detached = 1;
            break;

        default:
            return broker_error(b, "unknown option");
        }
    }

    if (rc == 0 && (b->path == NULL || optind != argc)) {
        return broker_error(b, "usage: broker -s SOCKET [-b BROKERS] "
                            "[-p PARTITIONS] [-t TOPIC[:PARTITIONS]]... [-d]");
    }

    return rc;
}


static int
broker_option_topic(broker_t *b, char *value)
{
    char            *colon;
    broker_topic_t  *topic;

    if (b->ntopics == BROKER_MAX_TOPICS) {
        return broker_error(b, "more than %d topics", BROKER_MAX_TOPICS);
    }

    topic = &b->topics[b->ntopics++];
    topic->name = value;

    colon = strchr(value, ':');
    if (colon == NULL) {
        return 0;
    }

    *colon = '\0';

    return broker_number(b, "-t", colon + 1, 1, BROKER_MAX_PARTITIONS,
                         &topic->partitions);
}


static int
broker_start(broker_t *b)
{
    sigset_t  set;

    signal(SIGPIPE, SIG_IGN);

    /* before the first thread is made: all of them inherit the mask */

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);

    b->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (b->signal_fd == -1) {
        return broker_error(b, "signalfd() failed: %s", strerror(errno));
    }

    /*
     * The mock allocates each message set and frees it at eviction: without
     * these it gives the pages back and faults them in again all the time.
     */

    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
    mallopt(M_TRIM_THRESHOLD, 1024 * 1024 * 1024);

    if (broker_start_cluster(b) != 0 || broker_start_topics(b) != 0) {
        return -1;
    }

    return broker_listen(b);
}


static int
broker_start_cluster(broker_t *b)
{
    char              err[256];
    rd_kafka_conf_t  *conf;

    conf = rd_kafka_conf_new();

    /*
     * The sockets that the mock accepts take their options from the handle
     * it lives on, which itself has nothing to connect to and says so.
     */

    if (rd_kafka_conf_set(conf, "socket.nagle.disable", "true", err,
                          sizeof(err))
        != RD_KAFKA_CONF_OK
        || rd_kafka_conf_set(conf, "log_level", "4", err, sizeof(err))
           != RD_KAFKA_CONF_OK)
    {
        rd_kafka_conf_destroy(conf);
        return broker_error(b, "%s", err);
    }

    b->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, err, sizeof(err));
    if (b->rk == NULL) {
        rd_kafka_conf_destroy(conf);
        return broker_error(b, "%s", err);
    }

    b->cluster = rd_kafka_mock_cluster_new(b->rk, b->brokers);
    if (b->cluster == NULL) {
        return broker_error(b, "rd_kafka_mock_cluster_new() failed");
    }

    return 0;
}


static int
broker_start_topics(broker_t *b)
{
    int                  i, n;
    rd_kafka_resp_err_t  err;

    for (i = 0; i < b->ntopics; i++) {
        n = b->topics[i].partitions ? b->topics[i].partitions : b->partitions;

        err = rd_kafka_mock_topic_create(b->cluster, b->topics[i].name, n,
                                         b->brokers);
        if (err) {
            return broker_kafka_error(b, b->topics[i].name, err);
        }
    }

    return 0;
}
