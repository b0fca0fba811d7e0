
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


#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>


#define BROKER_MAX_BROKERS     16
#define BROKER_MAX_PARTITIONS  1024
#define BROKER_MAX_TOPICS      64
#define BROKER_MAX_CLIENTS     64
#define BROKER_MAX_ARGS        5
#define BROKER_MAX_ERRORS      100000
#define BROKER_MAX_RTT         60000

/* a topic's name is 249 characters at most, FROM lists may be longer */
#define BROKER_MAX_LINE        16384

/* a command holds up the other clients: bounded in time */
#define BROKER_READ_TIMEOUT    30000
#define BROKER_QUERY_TIMEOUT   5000


typedef struct {
    char                      *data;
    size_t                     len;
    size_t                     size;
} broker_buf_t;


typedef struct {
    int                        fd;
    int                        eof;
    size_t                     sent;
    broker_buf_t               in;
    broker_buf_t               out;
} broker_client_t;


typedef struct {
    const char                *name;
    int                        partitions;
} broker_topic_t;


typedef struct {
    const char                *path;
    int                        brokers;
    int                        partitions;
    int                        detached;

    broker_topic_t             topics[BROKER_MAX_TOPICS];
    int                        ntopics;

    rd_kafka_t                *rk;
    rd_kafka_mock_cluster_t   *cluster;

    int                        signal_fd;
    int                        listen_fd;

    broker_client_t            clients[BROKER_MAX_CLIENTS];
    int                        nclients;

    char                       err[512];
} broker_t;


/* a topic's offsets, read when a command asks for them */

typedef struct {
    rd_kafka_t                *rk;
    const char                *topic;
    int                        partitions;
    int64_t                    low[BROKER_MAX_PARTITIONS];
    int64_t                    high[BROKER_MAX_PARTITIONS];
    int64_t                    deadline;
} broker_reader_t;


typedef struct {
    const char                *name;
    int                        min;
    int                        max;
    int                      (*handler)(broker_t *b, int argc, char **argv,
                                   broker_buf_t *out);
    const char                *usage;
} broker_command_t;


typedef struct {
    const char                *name;
    int                        key;
} broker_api_t;


static int broker_options(broker_t *b, int argc, char **argv);
static int broker_option_topic(broker_t *b, char *value);
static int broker_start(broker_t *b);
static int broker_start_cluster(broker_t *b);
static int broker_start_topics(broker_t *b);
static int broker_listen(broker_t *b);
static void broker_stop(broker_t *b);

static int broker_loop(broker_t *b);
static int broker_stdin_closed(void);
static void broker_accept(broker_t *b);
static int broker_client_event(broker_t *b, broker_client_t *c, int revents);
static int broker_client_read(broker_client_t *c);
static int broker_client_write(broker_client_t *c);
static void broker_client_close(broker_t *b, broker_client_t *c);
static void broker_client_lines(broker_t *b, broker_client_t *c);
static void broker_line(broker_t *b, char *line, broker_buf_t *out);
static int broker_command(broker_t *b, int argc, char **argv,
    broker_buf_t *out);

static int broker_cmd_topic(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_dump(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_count(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_watermarks(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_rtt(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_down(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_error(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_topic_error(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_leader(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_ping(broker_t *b, int argc, char **argv,
    broker_buf_t *out);

static int broker_reader_open(broker_t *b, broker_reader_t *r,
    const char *topic);
static void broker_reader_close(broker_reader_t *r);
static int broker_reader_partitions(broker_t *b, broker_reader_t *r);
static int broker_reader_offsets(broker_t *b, broker_reader_t *r,
    int64_t which, int64_t *offsets);
static int broker_reader_from(broker_t *b, broker_reader_t *r, char *from);
static int broker_reader_dump(broker_t *b, broker_reader_t *r,
    broker_buf_t *out);
static int broker_reader_partition(broker_t *b, broker_reader_t *r,
    rd_kafka_topic_t *rkt, int partition, broker_buf_t *out);

static void broker_json_record(broker_buf_t *out, rd_kafka_message_t *msg);
static void broker_json_headers(broker_buf_t *out, rd_kafka_message_t *msg);
static void broker_json_string(broker_buf_t *out, const void *data,
    size_t len);
static size_t broker_utf8_len(const unsigned char *p, size_t len);

static void broker_buf_room(broker_buf_t *buf, size_t n);
static void broker_buf_add(broker_buf_t *buf, const void *data, size_t len);
static void broker_buf_printf(broker_buf_t *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static int broker_error(broker_t *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static int broker_kafka_error(broker_t *b, const char *what,
    rd_kafka_resp_err_t err);
static int broker_number(broker_t *b, const char *name, const char *value,
    long min, long max, int *result);
static int broker_id(broker_t *b, const char *value, int *id);
static int broker_api_key(broker_t *b, const char *value, int *key);
static int64_t broker_msec(void);


static broker_command_t  broker_commands[] = {
    { "topic",       2, 3, broker_cmd_topic, "NAME PARTITIONS [REPLICATION]" },
    { "dump",        1, 2, broker_cmd_dump, "TOPIC [FROM]" },
    { "count",       1, 1, broker_cmd_count, "TOPIC" },
    { "watermarks",  1, 1, broker_cmd_watermarks, "TOPIC" },
    { "rtt",         1, 1, broker_cmd_rtt, "MS" },
    { "down",        1, 1, broker_cmd_down, "N|all" },
    { "up",          1, 1, broker_cmd_down, "N|all" },
    { "error",       3, 3, broker_cmd_error, "API CODE COUNT" },
    { "topic_error", 2, 2, broker_cmd_topic_error, "TOPIC CODE" },
    { "leader",      3, 3, broker_cmd_leader, "TOPIC PARTITION BROKER" },
    { "ping",        0, 0, broker_cmd_ping, "" },
    { NULL,          0, 0, NULL, NULL }
};


/* the requests that the mock answers */

static broker_api_t  broker_apis[] = {
    { "Produce",             0 },
    { "Fetch",               1 },
    { "ListOffsets",         2 },
    { "Metadata",            3 },
    { "OffsetCommit",        8 },
    { "OffsetFetch",         9 },
    { "FindCoordinator",    10 },
    { "JoinGroup",          11 },
    { "Heartbeat",          12 },
    { "LeaveGroup",         13 },
    { "SyncGroup",          14 },
    { "ApiVersions",        18 },
    { "InitProducerId",     22 },
    { "AddPartitionsToTxn", 24 },
    { "AddOffsetsToTxn",    25 },
    { "EndTxn",             26 },
    { "TxnOffsetCommit",    28 },
    { NULL,                  0 }
};


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
        broker_stop(&b);
        return 1;
    }

    printf("bootstrap %s\n", rd_kafka_mock_cluster_bootstraps(b.cluster));
    fflush(stdout);

    rc = broker_loop(&b);
    if (rc != 0) {
        fprintf(stderr, "broker: %s\n", b.err);
    }

    broker_stop(&b);

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


static int
broker_listen(broker_t *b)
{
    struct sockaddr_un  sun;

    if (strlen(b->path) >= sizeof(sun.sun_path)) {
        return broker_error(b, "\"%s\" is longer than %zu characters",
                            b->path, sizeof(sun.sun_path) - 1);
    }

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    strcpy(sun.sun_path, b->path);

    b->listen_fd = socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK|SOCK_CLOEXEC, 0);
    if (b->listen_fd == -1) {
        return broker_error(b, "socket() failed: %s", strerror(errno));
    }

    unlink(b->path);

    if (bind(b->listen_fd, (struct sockaddr *) &sun, sizeof(sun)) == -1
        || listen(b->listen_fd, BROKER_MAX_CLIENTS) == -1)
    {
        return broker_error(b, "cannot listen on \"%s\": %s", b->path,
                            strerror(errno));
    }

    return 0;
}


/*
 * The cluster goes with the process: to destroy it takes up to a second, and
 * whoever stops a broker waits for that.
 */

static void
broker_stop(broker_t *b)
{
    while (b->nclients) {
        broker_client_close(b, &b->clients[b->nclients - 1]);
    }

    if (b->listen_fd != -1) {
        close(b->listen_fd);
        unlink(b->path);
    }
}


static int
broker_loop(broker_t *b)
{
    int            i, n;
    struct pollfd  pfd[3 + BROKER_MAX_CLIENTS];

    for ( ;; ) {
        pfd[0].fd = b->signal_fd;
        pfd[0].events = POLLIN;

        pfd[1].fd = b->detached ? -1 : STDIN_FILENO;
        pfd[1].events = POLLIN;

        pfd[2].fd = b->nclients < BROKER_MAX_CLIENTS ? b->listen_fd : -1;
        pfd[2].events = POLLIN;

        n = b->nclients;

        for (i = 0; i < n; i++) {
            pfd[3 + i].fd = b->clients[i].fd;
            pfd[3 + i].events = b->clients[i].out.len ? POLLOUT : POLLIN;
        }

        if (poll(pfd, 3 + n, -1) == -1) {

            /* a SIGCONT after a SIGSTOP */

            if (errno == EINTR) {
                continue;
            }

            return broker_error(b, "poll() failed: %s", strerror(errno));
        }

        if (pfd[0].revents || (pfd[1].revents && broker_stdin_closed())) {
            return 0;
        }

        /* backwards: closing a client moves the last one into its place */

        for (i = n - 1; i >= 0; i--) {
            if (pfd[3 + i].revents
                && broker_client_event(b, &b->clients[i], pfd[3 + i].revents)
                   != 0)
            {
                broker_client_close(b, &b->clients[i]);
            }
        }

        if (pfd[2].revents) {
            broker_accept(b);
        }
    }
}


static int
broker_stdin_closed(void)
{
    char     buf[512];
    ssize_t  n;

    n = read(STDIN_FILENO, buf, sizeof(buf));

    return n == 0 || (n == -1 && errno != EINTR && errno != EAGAIN);
}


static void
broker_accept(broker_t *b)
{
    int               fd;
    broker_client_t  *c;

    fd = accept4(b->listen_fd, NULL, NULL, SOCK_NONBLOCK|SOCK_CLOEXEC);
    if (fd == -1) {
        return;
    }

    c = &b->clients[b->nclients++];

    memset(c, 0, sizeof(broker_client_t));
    c->fd = fd;
}


static int
broker_client_event(broker_t *b, broker_client_t *c, int revents)
{
    if ((revents & (POLLIN|POLLHUP|POLLERR)) && c->out.len == 0) {
        if (broker_client_read(c) != 0) {
            return -1;
        }

        broker_client_lines(b, c);
    }

    if (broker_client_write(c) != 0) {
        return -1;
    }

    return (c->eof && c->out.len == 0) ? -1 : 0;
}


static int
broker_client_read(broker_client_t *c)
{
    ssize_t  n;

    broker_buf_room(&c->in, BROKER_MAX_LINE);

    n = read(c->fd, c->in.data + c->in.len, BROKER_MAX_LINE);

    if (n == -1) {
        return (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    }

    if (n == 0) {
        c->eof = 1;
    }

    c->in.len += n;

    return 0;
}


static int
broker_client_write(broker_client_t *c)
{
    ssize_t  n;

    while (c->sent < c->out.len) {
        n = write(c->fd, c->out.data + c->sent, c->out.len - c->sent);

        if (n == -1) {
            return (errno == EAGAIN || errno == EINTR) ? 0 : -1;
        }

        c->sent += n;
    }

    c->sent = 0;
    c->out.len = 0;

    return 0;
}


static void
broker_client_close(broker_t *b, broker_client_t *c)
{
    close(c->fd);
    free(c->in.data);
    free(c->out.data);

    *c = b->clients[--b->nclients];
}


static void
broker_client_lines(broker_t *b, broker_client_t *c)
{
    char  *line, *end, *last;

    line = c->in.data;
    last = line + c->in.len;

    while ((end = memchr(line, '\n', last - line)) != NULL) {
        *end = '\0';
        broker_line(b, line, &c->out);
        line = end + 1;
    }

    c->in.len = last - line;
    memmove(c->in.data, line, c->in.len);

    if (c->in.len > BROKER_MAX_LINE) {
        broker_buf_printf(&c->out, "! line longer than %d bytes\n.\n",
                          BROKER_MAX_LINE);
        c->eof = 1;
    }
}


static void
broker_line(broker_t *b, char *line, broker_buf_t *out)
{
    int      argc;
    char    *argv[BROKER_MAX_ARGS + 1], *arg, *next;
    size_t   mark;

    argc = 0;
    mark = out->len;

    for (arg = strtok_r(line, " \t\r", &next);
         arg != NULL && argc <= BROKER_MAX_ARGS;
         arg = strtok_r(NULL, " \t\r", &next))
    {
        argv[argc++] = arg;
    }

    if (broker_command(b, argc, argv, out) != 0) {
        out->len = mark;
        broker_buf_printf(out, "! %s\n", b->err);
    }

    broker_buf_add(out, ".\n", 2);
}


static int
broker_command(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    broker_command_t  *cmd;

    if (argc == 0) {
        return broker_error(b, "empty command");
    }

    for (cmd = broker_commands; cmd->name; cmd++) {

        if (strcmp(cmd->name, argv[0]) != 0) {
            continue;
        }

        if (argc - 1 < cmd->min || argc - 1 > cmd->max) {
            return broker_error(b, "usage: %s %s", cmd->name, cmd->usage);
        }

        return cmd->handler(b, argc, argv, out);
    }

    return broker_error(b, "unknown command \"%s\"", argv[0]);
}


static int
broker_cmd_topic(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                  partitions, replication;
    rd_kafka_resp_err_t  err;

    replication = 1;

    if (broker_number(b, "PARTITIONS", argv[2], 1, BROKER_MAX_PARTITIONS,
                      &partitions)
        != 0)
    {
        return -1;
    }

    if (argc == 4
        && broker_number(b, "REPLICATION", argv[3], 1, b->brokers,
                         &replication)
           != 0)
    {
        return -1;
    }

    err = rd_kafka_mock_topic_create(b->cluster, argv[1], partitions,
                                     replication);

    return err ? broker_kafka_error(b, argv[1], err) : 0;
}


static int
broker_cmd_dump(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int              rc;
    broker_reader_t  r;

    rc = broker_reader_open(b, &r, argv[1]);

    if (rc == 0 && argc == 3) {
        rc = broker_reader_from(b, &r, argv[2]);
    }

    if (rc == 0) {
        rc = broker_reader_dump(b, &r, out);
    }

    broker_reader_close(&r);

    return rc;
}


static int
broker_cmd_count(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int              i, rc;
    int64_t          count;
    broker_reader_t  r;

    count = 0;

    rc = broker_reader_open(b, &r, argv[1]);

    if (rc == 0) {
        for (i = 0; i < r.partitions; i++) {
            count += r.high[i];
        }

        broker_buf_printf(out, "%" PRId64 "\n", count);
    }

    broker_reader_close(&r);

    return rc;
}


static int
broker_cmd_watermarks(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int              i, rc;
    broker_reader_t  r;

    rc = broker_reader_open(b, &r, argv[1]);

    if (rc == 0) {
        for (i = 0; i < r.partitions; i++) {
            broker_buf_printf(out, "%d %" PRId64 " %" PRId64 "\n", i,
                              r.low[i], r.high[i]);
        }
    }

    broker_reader_close(&r);

    return rc;
}


static int
broker_cmd_rtt(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                  ms;
    rd_kafka_resp_err_t  err;

    if (broker_number(b, "MS", argv[1], 0, BROKER_MAX_RTT, &ms) != 0) {
        return -1;
    }

    err = rd_kafka_mock_broker_set_rtt(b->cluster, -1, ms);

    return err ? broker_kafka_error(b, argv[0], err) : 0;
}


/* the command "up", too */

static int
broker_cmd_down(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                  id;
    rd_kafka_resp_err_t  err;

    if (broker_id(b, argv[1], &id) != 0) {
        return -1;
    }

    if (argv[0][0] == 'd') {
        err = rd_kafka_mock_broker_set_down(b->cluster, id);

    } else {
        err = rd_kafka_mock_broker_set_up(b->cluster, id);
    }

    return err ? broker_kafka_error(b, argv[0], err) : 0;
}


static int
broker_cmd_error(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                   i, key, code, count;
    rd_kafka_resp_err_t  *errors;

    if (broker_api_key(b, argv[1], &key) != 0
        || broker_number(b, "CODE", argv[2], -200, 1000, &code) != 0
        || broker_number(b, "COUNT", argv[3], 0, BROKER_MAX_ERRORS, &count)
           != 0)
    {
        return -1;
    }

    if (count == 0) {
        rd_kafka_mock_clear_request_errors(b->cluster, key);
        return 0;
    }

    errors = malloc(count * sizeof(rd_kafka_resp_err_t));
    if (errors == NULL) {
        return broker_error(b, "malloc() failed");
    }

    for (i = 0; i < count; i++) {
        errors[i] = code;
    }

    rd_kafka_mock_push_request_errors_array(b->cluster, key, count, errors);

    free(errors);

    return 0;
}


static int
broker_cmd_topic_error(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int  code;

    if (broker_number(b, "CODE", argv[2], -200, 1000, &code) != 0) {
        return -1;
    }

    rd_kafka_mock_topic_set_error(b->cluster, argv[1], code);

    return 0;
}


static int
broker_cmd_leader(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                  partition, id;
    rd_kafka_resp_err_t  err;

    if (broker_number(b, "PARTITION", argv[2], 0, BROKER_MAX_PARTITIONS - 1,
                      &partition)
        != 0
        || broker_number(b, "BROKER", argv[3], -1, b->brokers, &id) != 0)
    {
        return -1;
    }

    err = rd_kafka_mock_partition_set_leader(b->cluster, argv[1], partition,
                                             id);

    return err ? broker_kafka_error(b, argv[1], err) : 0;
}


static int
broker_cmd_ping(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    return 0;
}


/*
 * A consumer for each command: one that is kept has metadata and
 * connections from before the outages that tests make.
 */

static int
broker_reader_open(broker_t *b, broker_reader_t *r, const char *topic)
{
    char              err[256];
    size_t            i;
    rd_kafka_conf_t  *conf;

    static const char  *props[][2] = {
        { "bootstrap.servers", NULL },
        { "socket.nagle.disable", "true" },
        { "enable.auto.commit", "false" },
        { "auto.offset.reset", "error" },
        { "check.crcs", "true" },
        { "fetch.wait.max.ms", "10" },
        { "fetch.error.backoff.ms", "10" },
        { "reconnect.backoff.ms", "20" },
        { "reconnect.backoff.max.ms", "100" },
        { "log_level", "2" }
    };

    memset(r, 0, sizeof(broker_reader_t));
    r->topic = topic;
    r->deadline = broker_msec() + BROKER_READ_TIMEOUT;

    props[0][1] = rd_kafka_mock_cluster_bootstraps(b->cluster);

    conf = rd_kafka_conf_new();

    for (i = 0; i < sizeof(props) / sizeof(props[0]); i++) {
        if (rd_kafka_conf_set(conf, props[i][0], props[i][1], err,
                              sizeof(err))
            != RD_KAFKA_CONF_OK)
        {
            rd_kafka_conf_destroy(conf);
            return broker_error(b, "%s", err);
        }
    }

    r->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, err, sizeof(err));
    if (r->rk == NULL) {
        rd_kafka_conf_destroy(conf);
        return broker_error(b, "%s", err);
    }

    if (broker_reader_partitions(b, r) != 0) {
        return -1;
    }

    if (broker_reader_offsets(b, r, RD_KAFKA_OFFSET_BEGINNING, r->low) != 0) {
        return -1;
    }

    return broker_reader_offsets(b, r, RD_KAFKA_OFFSET_END, r->high);
}


static void
broker_reader_close(broker_reader_t *r)
{
    if (r->rk) {
        rd_kafka_destroy(r->rk);
    }
}


/*
 * The metadata of all topics, because asking for one creates it: the mock
 * speaks no version of the request that says not to.
 */

static int
broker_reader_partitions(broker_t *b, broker_reader_t *r)
{
    int                         i, rc;
    rd_kafka_resp_err_t         err;
    const rd_kafka_metadata_t  *md;

    err = rd_kafka_metadata(r->rk, 1, NULL, &md, BROKER_QUERY_TIMEOUT);
    if (err) {
        return broker_kafka_error(b, "metadata", err);
    }

    rc = 0;

    for (i = 0; i < md->topic_cnt; i++) {

        if (strcmp(md->topics[i].topic, r->topic) != 0) {
            continue;
        }

        r->partitions = md->topics[i].partition_cnt;

        if (md->topics[i].err) {
            rc = broker_kafka_error(b, r->topic, md->topics[i].err);
        }

        if (r->partitions > BROKER_MAX_PARTITIONS) {
            rc = broker_error(b, "\"%s\" has more than %d partitions",
                              r->topic, BROKER_MAX_PARTITIONS);
        }
    }

    rd_kafka_metadata_destroy(md);

    return rc;
}


/*
 * A time of -2 or -1 asks the broker for the first or the next offset: one
 * request for all partitions instead of one for each.
 */

static int
broker_reader_offsets(broker_t *b, broker_reader_t *r, int64_t which,
    int64_t *offsets)
{
    int                               i, rc;
    rd_kafka_resp_err_t               err;
    rd_kafka_topic_partition_t       *p;
    rd_kafka_topic_partition_list_t  *list;

    if (r->partitions == 0) {
        return 0;
    }

    rc = 0;
    list = rd_kafka_topic_partition_list_new(r->partitions);

    for (i = 0; i < r->partitions; i++) {
        p = rd_kafka_topic_partition_list_add(list, r->topic, i);
        p->offset = which;
    }

    err = rd_kafka_offsets_for_times(r->rk, list, BROKER_QUERY_TIMEOUT);
    if (err) {
        rc = broker_kafka_error(b, "offsets", err);
    }

    for (i = 0; rc == 0 && i < list->cnt; i++) {
        p = &list->elems[i];

        if (p->err) {
            rc = broker_kafka_error(b, "offsets", p->err);
            break;
        }

        offsets[p->partition] = p->offset;
    }

    rd_kafka_topic_partition_list_destroy(list);

    return rc;
}


static int
broker_reader_from(broker_t *b, broker_reader_t *r, char *from)
{
    int       i, list;
    char     *end;
    int64_t   offset;

    end = from;
    offset = 0;
    list = (strchr(from, ',') != NULL);

    for (i = 0; i < r->partitions; i++) {

        if (i == 0 || list) {
            errno = 0;
            offset = strtoll(from, &end, 10);

            if (errno || end == from || offset < 0
                || *end != (list && i + 1 < r->partitions ? ',' : '\0'))
            {
                return broker_error(b, "FROM is neither an offset nor a list "
                                    "of %d of them", r->partitions);
            }

            from = end + 1;
        }

        if (offset < r->low[i]) {
            return broker_error(b, "partition %d of \"%s\" begins at %" PRId64
                                " by now, older records were evicted",
                                i, r->topic, r->low[i]);
        }

        r->low[i] = offset;
    }

    return 0;
}


static int
broker_reader_dump(broker_t *b, broker_reader_t *r, broker_buf_t *out)
{
    int                i, rc;
    rd_kafka_topic_t  *rkt;

    if (r->partitions == 0) {
        return 0;
    }

    rkt = rd_kafka_topic_new(r->rk, r->topic, NULL);
    if (rkt == NULL) {
        return broker_kafka_error(b, r->topic, rd_kafka_last_error());
    }

    rc = 0;

    for (i = 0; rc == 0 && i < r->partitions; i++) {
        if (r->low[i] < r->high[i]) {
            rc = broker_reader_partition(b, r, rkt, i, out);
        }
    }

    rd_kafka_topic_destroy(rkt);

    return rc;
}


static int
broker_reader_partition(broker_t *b, broker_reader_t *r, rd_kafka_topic_t *rkt,
    int partition, broker_buf_t *out)
{
    int                  rc;
    int64_t              offset;
    rd_kafka_message_t  *msg;

    if (rd_kafka_consume_start(rkt, partition, r->low[partition]) == -1) {
        return broker_kafka_error(b, r->topic, rd_kafka_last_error());
    }

    rc = 0;
    offset = r->low[partition];

    while (rc == 0 && offset < r->high[partition]) {

        if (broker_msec() > r->deadline) {
            rc = broker_error(b, "read of \"%s\" [%d] stopped at %" PRId64
                              " of %" PRId64 ": timed out", r->topic,
                              partition, offset, r->high[partition]);
            break;
        }

        msg = rd_kafka_consume(rkt, partition, 100);
        if (msg == NULL) {
            continue;
        }

        if (msg->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
            rc = broker_kafka_error(b, "evicted while it was read", msg->err);

        } else if (msg->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (msg->offset < r->high[partition]) {
                broker_json_record(out, msg);
            }

            offset = msg->offset + 1;
        }

        rd_kafka_message_destroy(msg);
    }

    rd_kafka_consume_stop(rkt, partition);

    return rc;
}


static void
broker_json_record(broker_buf_t *out, rd_kafka_message_t *msg)
{
    const char                 *topic;
    rd_kafka_timestamp_type_t   type;

    topic = rd_kafka_topic_name(msg->rkt);

    broker_buf_printf(out, "{\"topic\":");
    broker_json_string(out, topic, strlen(topic));

    broker_buf_printf(out, ",\"partition\":%" PRId32 ",\"offset\":%" PRId64
                      ",\"timestamp\":%" PRId64 ",\"key\":",
                      msg->partition, msg->offset,
                      rd_kafka_message_timestamp(msg, &type));
    broker_json_string(out, msg->key, msg->key_len);

    broker_json_headers(out, msg);

    broker_buf_printf(out, ",\"value\":");
    broker_json_string(out, msg->payload, msg->len);
    broker_buf_add(out, "}\n", 2);
}


static void
broker_json_headers(broker_buf_t *out, rd_kafka_message_t *msg)
{
    size_t               i, len;
    const char          *name;
    const void          *value;
    rd_kafka_headers_t  *headers;

    broker_buf_printf(out, ",\"headers\":[");

    if (rd_kafka_message_headers(msg, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {

        for (i = 0;
             rd_kafka_header_get_all(headers, i, &name, &value, &len)
             == RD_KAFKA_RESP_ERR_NO_ERROR;
             i++)
        {
            broker_buf_printf(out, i ? ",[" : "[");
            broker_json_string(out, name, strlen(name));
            broker_buf_add(out, ",", 1);
            broker_json_string(out, value, len);
            broker_buf_add(out, "]", 1);
        }
    }

    broker_buf_add(out, "]", 1);
}


static void
broker_json_string(broker_buf_t *out, const void *data, size_t len)
{
    size_t                n;
    const unsigned char  *p, *last;

    if (data == NULL) {
        broker_buf_add(out, "null", 4);
        return;
    }

    p = data;
    last = p + len;

    broker_buf_add(out, "\"", 1);

    while (p < last) {

        n = broker_utf8_len(p, last - p);

        if (n == 0 || *p < 0x20 || *p == 0x7f) {
            broker_buf_printf(out, "\\u%04x", *p);
            p++;
            continue;
        }

        if (*p == '"' || *p == '\\') {
            broker_buf_add(out, "\\", 1);
        }

        broker_buf_add(out, p, n);
        p += n;
    }

    broker_buf_add(out, "\"", 1);
}


/* the length of the character at p, 0 if it is not UTF-8 (RFC 3629) */

static size_t
broker_utf8_len(const unsigned char *p, size_t len)
{
    size_t         i, n;
    unsigned char  min, max;

    if (*p < 0x80) {
        return 1;
    }

    if (*p < 0xc2 || *p > 0xf4) {
        return 0;
    }

    n = (*p < 0xe0) ? 2 : (*p < 0xf0) ? 3 : 4;

    if (n > len) {
        return 0;
    }

    min = (*p == 0xe0) ? 0xa0 : (*p == 0xf0) ? 0x90 : 0x80;
    max = (*p == 0xed) ? 0x9f : (*p == 0xf4) ? 0x8f : 0xbf;

    if (p[1] < min || p[1] > max) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    return n;
}


static void
broker_buf_room(broker_buf_t *buf, size_t n)
{
    if (buf->size - buf->len >= n) {
        return;
    }

    buf->size = (buf->len + n) * 2;

    buf->data = realloc(buf->data, buf->size);
    if (buf->data == NULL) {
        fprintf(stderr, "broker: realloc(%zu) failed\n", buf->size);
        abort();
    }
}


static void
broker_buf_add(broker_buf_t *buf, const void *data, size_t len)
{
    broker_buf_room(buf, len);
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
}


static void
broker_buf_printf(broker_buf_t *buf, const char *fmt, ...)
{
    int      n;
    char     text[1024];
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    if (n >= (int) sizeof(text)) {
        n = sizeof(text) - 1;
    }

    broker_buf_add(buf, text, n);
}


static int
broker_error(broker_t *b, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    vsnprintf(b->err, sizeof(b->err), fmt, args);
    va_end(args);

    return -1;
}


static int
broker_kafka_error(broker_t *b, const char *what, rd_kafka_resp_err_t err)
{
    return broker_error(b, "%s: %s (%d)", what, rd_kafka_err2str(err), err);
}


static int
broker_number(broker_t *b, const char *name, const char *value, long min,
    long max, int *result)
{
    long   n;
    char  *end;

    errno = 0;
    n = strtol(value, &end, 10);

    if (errno || end == value || *end != '\0' || n < min || n > max) {
        return broker_error(b, "%s \"%s\" is not a number from %ld to %ld",
                            name, value, min, max);
    }

    *result = n;

    return 0;
}


static int
broker_id(broker_t *b, const char *value, int *id)
{
    if (strcmp(value, "all") == 0) {
        *id = -1;
        return 0;
    }

    return broker_number(b, "broker", value, 1, b->brokers, id);
}


static int
broker_api_key(broker_t *b, const char *value, int *key)
{
    broker_api_t  *api;

    for (api = broker_apis; api->name; api++) {
        if (strcmp(api->name, value) == 0) {
            *key = api->key;
            return 0;
        }
    }

    return broker_number(b, "API", value, 0, 100, key);
}


static int64_t
broker_msec(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
