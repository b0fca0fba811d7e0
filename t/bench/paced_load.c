
/*
 * Sends requests at a constant rate, and tells when answers came, from when the
 * requests were due: wrk sends the next request when an answer is there, so
 * that what is slow is asked for less often.
 *
 *     paced_load port connections rate seconds file size
 *
 * The file has requests of that size, which take turns.
 */


#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>


#define LOAD_MAX_CONNECTIONS  1024
#define LOAD_MAX_ANSWER       4096
#define LOAD_EVENTS           1024

/* latencies are so much too long at most */
#define LOAD_TICK_NS          100000

/* for the last answers */
#define LOAD_PATIENCE_NS      10000000000ull


typedef struct {
    int                   fd;
    uint64_t              number;       /* of the request under way */
    size_t                received;
    char                  answer[LOAD_MAX_ANSWER];
} load_connection_t;


typedef struct {
    bench_pace_t          pace;
    bench_latencies_t     latencies;
    const char           *requests;
    size_t                size;         /* of each */
    size_t                nrequests;
    int                   epoll;
    uint64_t              nended;
    load_connection_t    *idle[LOAD_MAX_CONNECTIONS];
    unsigned              nidle;
    load_connection_t     connections[LOAD_MAX_CONNECTIONS];
} load_t;


static void load_connect(load_t *load, load_connection_t *c, int port);
static void load_run(load_t *load);
static void load_send_due(load_t *load);
static void load_wait(load_t *load);
static void load_receive(load_t *load, load_connection_t *c);
static size_t load_answer_length(const char *answer, size_t received);
static void load_fail(const char *what);


static load_t  load;


int
main(int argc, char **argv)
{
    size_t    len;
    unsigned  i, n;

    if (argc != 7) {
        fprintf(stderr, "paced_load port connections rate seconds file "
                        "size\n");
        return 1;
    }

    n = atoi(argv[2]);

    if (n == 0 || n > LOAD_MAX_CONNECTIONS) {
        fprintf(stderr, "paced_load: up to %d connections\n",
                LOAD_MAX_CONNECTIONS);
        return 1;
    }

    /* a timer that is 50 us late by default would count as an answer's time */

    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);

    load.epoll = epoll_create1(0);
    load.requests = bench_read_file(argv[5], &len);
    load.size = atoi(argv[6]);

    if (load.size == 0 || len < load.size) {
        fprintf(stderr, "paced_load: a file of %zu bytes\n", len);
        return 1;
    }

    load.nrequests = len / load.size;

    for (i = 0; i < n; i++) {
        load_connect(&load, &load.connections[i], atoi(argv[1]));
    }

    bench_pace_init(&load.pace, atof(argv[3]), atof(argv[4]),
                    &load.latencies);
    load_run(&load);
    bench_latencies_print(&load.latencies);

    return 0;
}


static void
load_connect(load_t *load, load_connection_t *c, int port)
{
    int                  on;
    struct epoll_event   event;
    struct sockaddr_in   sin;

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_port = htons(port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);

    if (c->fd == -1
        || connect(c->fd, (struct sockaddr *) &sin, sizeof(sin)) == -1
        || setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1)
    {
        load_fail("connect()");
    }

    event.events = EPOLLIN;
    event.data.ptr = c;

    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, c->fd, &event) == -1) {
        load_fail("epoll_ctl()");
    }

    load->idle[load->nidle++] = c;
}


static void
load_run(load_t *load)
{
    uint64_t  last;

    last = bench_pace_due(&load->pace, load->pace.n) + LOAD_PATIENCE_NS;

    while (load->nended < load->pace.n && bench_now() < last) {
        load_send_due(load);
        load_wait(load);
    }

    load->latencies.bad += load->pace.n - load->nended;
}


/* where all connections are busy, requests are late, and their answers */

static void
load_send_due(load_t *load)
{
    uint64_t            now;
    const char         *request;
    load_connection_t  *c;

    now = bench_now();

    while (load->nidle > 0 && load->pace.next < load->pace.n
           && bench_pace_due(&load->pace, load->pace.next) <= now)
    {
        c = load->idle[--load->nidle];
        c->number = load->pace.next++;
        c->received = 0;

        request = load->requests + c->number % load->nrequests * load->size;

        if (write(c->fd, request, load->size) != (ssize_t) load->size) {
            load_fail("write()");
        }
    }
}


/* asleep in between, it leaves its CPU to the broker */

static void
load_wait(load_t *load)
{
    int                 i, n;
    struct timespec     tick = { 0, LOAD_TICK_NS };
    struct epoll_event  events[LOAD_EVENTS];

    nanosleep(&tick, NULL);

    n = epoll_wait(load->epoll, events, LOAD_EVENTS, 0);

    if (n == -1 && errno != EINTR) {
        load_fail("epoll_wait()");
    }

    for (i = 0; i < n; i++) {
        load_receive(load, events[i].data.ptr);
    }
}


static void
load_receive(load_t *load, load_connection_t *c)
{
    int      ok;
    size_t   len;
    ssize_t  n;

    n = read(c->fd, c->answer + c->received, LOAD_MAX_ANSWER - c->received);

    if (n <= 0) {
        load_fail("read()");
    }

    c->received += n;
    len = load_answer_length(c->answer, c->received);

    if (len == 0 || c->received < len) {
        return;
    }

    ok = (memcmp(c->answer, "HTTP/1.1 2", 10) == 0);

    if (!ok && load->latencies.bad == 0) {
        fprintf(stderr, "paced_load: %.*s\n", (int) len, c->answer);
    }

    bench_pace_end(&load->pace, c->number, ok, &load->latencies);

    load->nended++;
    load->idle[load->nidle++] = c;
}


/* 0: it is not known yet */

static size_t
load_answer_length(const char *answer, size_t received)
{
    const char  *end, *length;

    end = memmem(answer, received, "\r\n\r\n", 4);
    if (end == NULL) {
        return 0;
    }

    length = memmem(answer, end - answer, "Content-Length: ", 16);
    if (length == NULL) {
        load_fail("an answer without Content-Length");
    }

    return end + 4 - answer + strtoul(length + 16, NULL, 10);
}


static void
load_fail(const char *what)
{
    fprintf(stderr, "paced_load: %s: %s\n", what, strerror(errno));
    exit(1);
}
