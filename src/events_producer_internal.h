
/*
 * What the producer's files share.  The only header that includes librdkafka.
 */


#ifndef _EVENTS_PRODUCER_INTERNAL_H_INCLUDED_
#define _EVENTS_PRODUCER_INTERNAL_H_INCLUDED_


#include "events_producer.h"

#include <librdkafka/rdkafka.h>


/* memory of one header, besides its name and its value */
#define EVENTS_PRODUCER_HEADER  64

/* bytes of framing and headers that a record may add to value and key */
#define EVENTS_PRODUCER_WIRE  4096

/* bytes of what librdkafka says about a broker */
#define EVENTS_PRODUCER_REASON  256

/*
 * Memory that a queued record takes besides its value and key: librdkafka's
 * message, our slot, what malloc() adds.
 */
#define EVENTS_PRODUCER_RECORD  384


struct events_producer_conf_s {
    rd_kafka_conf_t          *rk_conf;
    size_t                    memory;
    size_t                    max_record;   /* message.max.bytes */
    unsigned                  grace;
    unsigned                  patience;     /* with a request on its way */
    unsigned                  timeout_set:1;
};


struct events_topic_s {
    events_topic_t           *next;
    rd_kafka_topic_t         *rkt;
    size_t                    len;
    char                      name[];
};


/*
 * Headers that many records share.  librdkafka frees a message's headers with
 * the message, so each is detached in its delivery report, and the list goes
 * with its batch.
 */

typedef struct {
    const events_record_t    *record;       /* the first one that has it; for
                                             * events_producer_publish() */
    rd_kafka_headers_t       *list;         /* NULL: gone with a message */
} events_headers_t;


typedef struct events_producer_batch_s  events_producer_batch_t;


/* the opaque of one message */

typedef struct {
    events_producer_batch_t  *batch;
    events_headers_t         *headers;
    unsigned                  extra:31;     /* bytes of headers of its own */
    unsigned                  sent:1;       /* on_send has run */
} events_slot_t;


struct events_producer_batch_s {
    events_ack_t              ack;          /* first: it is what others see */
    uint32_t                  nslots;
    uint32_t                  nheaders;
    events_headers_t         *headers;      /* nslots of them */
    events_slot_t             slots[];
};


struct events_producer_s {
    rd_kafka_t               *rk;
    rd_kafka_queue_t         *queue;
    events_topic_t           *topics;
    uint32_t                  ntopics;

    size_t                    memory;       /* in use, of the budget */
    size_t                    budget;
    size_t                    max_record;
    uint32_t                  in_flight;    /* records not reported yet */

    events_ack_t             *complete;     /* in the order of completion */
    events_ack_t            **complete_last;

    rd_kafka_message_t       *messages;     /* to be produced */
    uint32_t                 *order;        /* of records, by topic */
    uint32_t                  nmessages;    /* that there is room for */

    events_producer_log_pt    log;
    void                     *log_data;

    /* atomic, because the brokers' threads count them */

    unsigned                  connected;    /* brokers */
    unsigned                  idle;         /* of these, that owe nothing */
    unsigned                  answers;      /* a change is a sign of life */

    unsigned                  heard;        /* answers, at the last poll */
    unsigned                  grace;
    unsigned                  patience;
    uint64_t                  polled;       /* when */
    uint64_t                  silence;      /* milliseconds */
    uint64_t                  probed;       /* into the silence; 0: not yet */
    char                      reason[EVENTS_PRODUCER_REASON];

    unsigned                  listens:1;    /* something is expected */
    unsigned                  down:1;       /* until something is heard */
    unsigned                  fatal:1;
    unsigned                  closing:1;
};


size_t events_producer_cost(size_t value_len, size_t key_len);
events_error_e events_producer_error(rd_kafka_resp_err_t err);

/* events_producer_brokers.c: with a new handle, and with each poll */

rd_kafka_resp_err_t events_producer_watch_brokers(events_producer_t *producer,
    rd_kafka_t *rk);
void events_producer_listen(events_producer_t *producer, uint64_t now);

/* called by librdkafka within rd_kafka_produce_batch(), on our thread */

rd_kafka_resp_err_t events_producer_on_send(rd_kafka_t *rk,
    rd_kafka_message_t *message, void *data);


#endif /* _EVENTS_PRODUCER_INTERNAL_H_INCLUDED_ */
