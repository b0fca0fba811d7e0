
/*
 * The control socket: clients, and the lines that they send.
 */


#include "broker.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>


/* a topic's name is 249 characters at most, FROM lists may be longer */
#define BROKER_MAX_LINE  16384


static int broker_stdin_closed(void);
static void broker_accept(broker_t *b);
static int broker_client_event(broker_t *b, broker_client_t *c, int revents);
static int broker_client_read(broker_client_t *c);
static int broker_client_write(broker_client_t *c);
static void broker_client_close(broker_t *b, broker_client_t *c);
static void broker_client_lines(broker_t *b, broker_client_t *c);


int
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

void
broker_close(broker_t *b)
{
    while (b->nclients) {
        broker_client_close(b, &b->clients[b->nclients - 1]);
    }

    if (b->listen_fd != -1) {
        close(b->listen_fd);
        unlink(b->path);
    }
}


int
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
