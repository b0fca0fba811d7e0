
/*
 * From a batch of records to librdkafka's messages, whole or not at all.
 *
 * rd_kafka_produce_batch() is the fastest way in, but takes no headers, and a
 * list of headers for each message costs more than all the rest.  Records of
 * one batch differ in their brand only, so they share a list for each brand,
 * which the on_send interceptor attaches and the delivery report detaches.
 */


#include "events_producer_internal.h"

#include <stdlib.h>


/* lists that are looked through for a record's brand; contracts name few */
#define EVENTS_PRODUCER_BRANDS  16


static events_error_e events_producer_admit(events_producer_t *producer,
    const events_publish_t *publish, size_t *cost, const char **reason);
static events_producer_batch_t *events_producer_batch(
    const events_publish_t *publish);
static int events_producer_messages(events_producer_t *producer,
    const events_publish_t *publish, events_producer_batch_t *batch);
static events_headers_t *events_producer_headers(
    events_producer_batch_t *batch, const events_publish_t *publish,
    const events_str_t *brand);
static events_error_e events_producer_settle(events_producer_t *producer,
    events_producer_batch_t *batch, const char **reason);
static void events_producer_lost(events_slot_t *slot);


events_error_e
events_producer_publish(events_producer_t *producer,
    const events_publish_t *publish, events_ack_t **ack, const char **reason)
{
    size_t                    cost;
    events_error_e            error;
    events_producer_batch_t  *batch;

    *reason = NULL;

    error = events_producer_admit(producer, publish, &cost, reason);
    if (error != EVENTS_OK) {
        return error;
    }

    batch = events_producer_batch(publish);
    if (batch == NULL) {
        return EVENTS_NO_MEMORY;
    }

    if (!events_producer_messages(producer, publish, batch)) {
        events_ack_release(&batch->ack);
        return EVENTS_NO_MEMORY;
    }

    producer->memory += cost;
    producer->in_flight += publish->nrecords;

    (void) rd_kafka_produce_batch(publish->topic->rkt, RD_KAFKA_PARTITION_UA,
                                  RD_KAFKA_MSG_F_COPY, producer->messages,
                                  publish->nrecords);

    error = events_producer_settle(producer, batch, reason);

    if (error == EVENTS_OK) {
        *ack = &batch->ack;
    }

    return error;
}


void
events_ack_release(events_ack_t *ack)
{
    uint32_t                  i;
    events_producer_batch_t  *batch;

    batch = (events_producer_batch_t *) ack;

    for (i = 0; i < batch->nheaders; i++) {
        if (batch->headers[i].list != NULL) {
            rd_kafka_headers_destroy(batch->headers[i].list);
        }
    }

    free(batch->headers);
    free(batch);
}


static events_error_e
events_producer_admit(events_producer_t *producer,
    const events_publish_t *publish, size_t *cost, const char **reason)
{
    uint32_t                i;
    const events_record_t  *r;

    if (producer->closing) {
        return EVENTS_SHUTTING_DOWN;
    }

    if (producer->fatal) {
        *reason = "the producer has a fatal error";
        return EVENTS_BROKER_REFUSED;
    }

    if (events_producer_state(producer) == EVENTS_PRODUCER_DOWN) {
        *reason = "all brokers are down";
        return EVENTS_BROKER_UNREACHABLE;
    }

    *cost = 0;

    for (i = 0; i < publish->nrecords; i++) {
        r = &publish->records[i];

        if (r->value.len + r->key.len > producer->max_record) {
            return EVENTS_EVENT_TOO_LARGE;
        }

        *cost += events_producer_cost(r->value.len, r->key.len);
    }

    if (*cost > producer->budget) {
        return EVENTS_BATCH_TOO_LARGE;
    }

    return (*cost > producer->budget - producer->memory) ? EVENTS_QUEUE_FULL
                                                         : EVENTS_OK;
}


static events_producer_batch_t *
events_producer_batch(const events_publish_t *publish)
{
    uint32_t                  n;
    events_producer_batch_t  *batch;

    n = publish->nrecords;

    batch = malloc(sizeof(events_producer_batch_t) + n * sizeof(events_slot_t));
    if (batch == NULL) {
        return NULL;
    }

    memset(batch, 0, sizeof(events_producer_batch_t));

    batch->headers = malloc(n * sizeof(events_headers_t));
    if (batch->headers == NULL) {
        free(batch);
        return NULL;
    }

    batch->nslots = n;
    batch->ack.nrecords = n;
    batch->ack.outstanding = n;

    return batch;
}


static int
events_producer_messages(events_producer_t *producer,
    const events_publish_t *publish, events_producer_batch_t *batch)
{
    uint32_t                i;
    events_slot_t          *slot;
    rd_kafka_message_t     *m;
    const events_record_t  *r;

    if (publish->nrecords > producer->nmessages) {
        m = realloc(producer->messages,
                    publish->nrecords * sizeof(rd_kafka_message_t));
        if (m == NULL) {
            return 0;
        }

        producer->messages = m;
        producer->nmessages = publish->nrecords;
    }

    for (i = 0; i < publish->nrecords; i++) {
        r = &publish->records[i];
        slot = &batch->slots[i];

        slot->batch = batch;
        slot->sent = 0;
        slot->headers = events_producer_headers(batch, publish, &r->brand);

        if (slot->headers == NULL) {
            return 0;
        }

        m = &producer->messages[i];

        memset(m, 0, sizeof(rd_kafka_message_t));
        m->payload = (void *) r->value.data;
        m->len = r->value.len;
        m->key = (void *) r->key.data;
        m->key_len = r->key.len;
        m->_private = slot;
    }

    return 1;
}


static events_headers_t *
events_producer_headers(events_producer_batch_t *batch,
    const events_publish_t *publish, const events_str_t *brand)
{
    uint32_t             i, first;
    events_headers_t    *h;
    rd_kafka_headers_t  *list;

    first = (batch->nheaders > EVENTS_PRODUCER_BRANDS)
            ? batch->nheaders - EVENTS_PRODUCER_BRANDS : 0;

    for (i = first; i < batch->nheaders; i++) {
        h = &batch->headers[i];

        if (h->brand.len == brand->len
            && (h->brand.data == NULL) == (brand->data == NULL)
            && (brand->len == 0
                || memcmp(h->brand.data, brand->data, brand->len) == 0))
        {
            return h;
        }
    }

    list = rd_kafka_headers_new(publish->nheaders + 1);
    if (list == NULL) {
        return NULL;
    }

    for (i = 0; i < publish->nheaders; i++) {
        rd_kafka_header_add(list, (char *) publish->headers[i].name.data,
                            publish->headers[i].name.len,
                            publish->headers[i].value.data,
                            publish->headers[i].value.len);
    }

    if (brand->data != NULL) {
        rd_kafka_header_add(list, "brand", sizeof("brand") - 1, brand->data,
                            brand->len);
    }

    h = &batch->headers[batch->nheaders++];
    h->brand = *brand;
    h->list = list;

    return h;
}


rd_kafka_resp_err_t
events_producer_on_send(rd_kafka_t *rk, rd_kafka_message_t *message,
    void *data)
{
    events_slot_t      *slot;
    events_producer_t  *producer = data;

    slot = message->_private;
    slot->sent = 1;

    /* what was refused a moment ago took its list of headers with it */

    if (slot > slot->batch->slots
        && producer->messages[slot - slot->batch->slots - 1].err)
    {
        events_producer_lost(slot - 1);
    }

    if (slot->headers->list != NULL) {
        rd_kafka_message_set_headers(message, slot->headers->list);
    }

    return RD_KAFKA_RESP_ERR_NO_ERROR;
}


/* the admission has made sure that usually there is nothing to do here */

static events_error_e
events_producer_settle(events_producer_t *producer,
    events_producer_batch_t *batch, const char **reason)
{
    uint32_t             i, n;
    events_error_e       error;
    rd_kafka_message_t  *m;

    n = batch->nslots;

    if (producer->messages[n - 1].err) {
        events_producer_lost(&batch->slots[n - 1]);
    }

    for (i = 0; i < n; i++) {
        m = &producer->messages[i];

        if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            continue;
        }

        producer->in_flight--;
        producer->memory -= events_producer_cost(m->len, m->key_len);

        events_ack_report(&batch->ack, events_producer_error(m->err),
                          rd_kafka_err2name(m->err), 0);
    }

    if (batch->ack.outstanding > 0) {
        return EVENTS_OK;
    }

    error = events_ack_outcome(&batch->ack);
    *reason = batch->ack.reason;

    events_ack_release(&batch->ack);

    return error;
}


static void
events_producer_lost(events_slot_t *slot)
{
    if (slot->sent) {
        slot->headers->list = NULL;
    }
}
