
/*
 * The embedded broker: what its files share.
 */


#ifndef _BROKER_H_INCLUDED_
#define _BROKER_H_INCLUDED_


#define _GNU_SOURCE

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>


#define BROKER_MAX_PARTITIONS  1024
#define BROKER_MAX_TOPICS      64
#define BROKER_MAX_CLIENTS     64


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


/* control.c: the control socket */

int broker_listen(broker_t *b);
int broker_loop(broker_t *b);
void broker_close(broker_t *b);

/* command.c: one line of it */

void broker_line(broker_t *b, char *line, broker_buf_t *out);

/* reader.c: what a topic holds, read as any consumer does */

int broker_reader_open(broker_t *b, broker_reader_t *r, const char *topic);
void broker_reader_close(broker_reader_t *r);
int broker_reader_from(broker_t *b, broker_reader_t *r, char *from);
int broker_reader_dump(broker_t *b, broker_reader_t *r, broker_buf_t *out);

/* json.c: a record, a line */

void broker_json_record(broker_buf_t *out, rd_kafka_message_t *msg);

/* text.c: buffers, numbers, messages */

void broker_buf_room(broker_buf_t *buf, size_t n);
void broker_buf_add(broker_buf_t *buf, const void *data, size_t len);
void broker_buf_printf(broker_buf_t *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int broker_error(broker_t *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
int broker_kafka_error(broker_t *b, const char *what, rd_kafka_resp_err_t err);
int broker_number(broker_t *b, const char *name, const char *value,
    long min, long max, int *result);


#endif /* _BROKER_H_INCLUDED_ */
