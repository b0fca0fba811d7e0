
/*
 * From a batch of records to librdkafka's messages, whole or not at all.
 *
 * rd_kafka_produce_batch() is the fastest way in, but takes no headers, and a
 * list of headers for each message costs more than all the rest.  Most records
 * of one batch differ in their brand only, so those that have the same values
 * share a list, which the on_send interceptor attaches and the delivery report
 * detaches.
 *
 * rd_kafka_produce_batch() takes one topic: records are put in the order of
 * their topics, and each has its place among the messages as among the slots.
 */


#include "events_producer_internal.h"

#include <stdlib.h>


/* lists that are looked through for a record's; contracts name few brands */
#define EVENTS_PRODUCER_LISTS  16


/* messages of one topic, side by side */

typedef struct {
    events_topic_t           *topic;
    uint32_t                  first;
    uint32_t                  n;
} events_group_t;


typedef struct {
    uint32_t                  nelts;
    events_group_t            elts[EVENTS_PUBLISH_TOPICS];
} events_groups_t;


static events_error_e events_producer_admit(events_producer_t *producer,
    const events_publish_t *publish, size_t *cost, const char **reason);
static size_t events_producer_extra(const events_publish_t *publish,
    const events_record_t *record);
static int events_producer_room(events_producer_t *producer, uint32_t n);
static void events_producer_group(events_producer_t *producer,
    const events_publish_t *publish, events_groups_t *groups);
static void events_producer_order(events_producer_t *producer,
    const events_publish_t *publish, const uint32_t *group_of,
    events_groups_t *groups);
static events_producer_batch_t *events_producer_batch(
    const events_publish_t *publish);
static int events_producer_messages(events_producer_t *producer,
    const events_publish_t *publish, const events_groups_t *groups,
    events_producer_batch_t *batch);
static events_headers_t *events_producer_headers(
    events_producer_batch_t *batch, const events_publish_t *publish,
    const events_record_t *record, uint32_t first);
static rd_kafka_headers_t *events_producer_list(
    const events_publish_t *publish, const events_record_t *record);
static int events_producer_alike(const events_publish_t *publish,
    const events_record_t *one, const events_record_t *two);
static int events_producer_same(const events_str_t *one,
    const events_str_t *two);
static void events_producer_produce(events_producer_t *producer,
    const events_groups_t *groups, events_producer_batch_t *batch);
static events_error_e events_producer_settle(events_producer_t *producer,
    events_producer_batch_t *batch, const char **reason);
static void events_producer_lost(events_slot_t *slot);


events_error_e
events_producer_publish(events_producer_t *producer,
    const events_publish_t *publish, events_ack_t **ack, const char **reason)
{
    size_t                    cost;
    events_error_e            error;
    events_groups_t           groups;
    events_producer_batch_t  *batch;

    *reason = NULL;

    error = events_producer_admit(producer, publish, &cost, reason);
    if (error != EVENTS_OK) {
        return error;
    }

    if (!events_producer_room(producer, publish->nrecords)) {
        return EVENTS_NO_MEMORY;
    }

    batch = events_producer_batch(publish);
    if (batch == NULL) {
        return EVENTS_NO_MEMORY;
    }

    events_producer_group(producer, publish, &groups);

    if (!events_producer_messages(producer, publish, &groups, batch)) {
        events_ack_release(&batch->ack);
        return EVENTS_NO_MEMORY;
    }

    producer->memory += cost;
    producer->in_flight += publish->nrecords;

    events_producer_produce(producer, &groups, batch);

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
        *reason = "Kafka is unreachable";
        return EVENTS_BROKER_UNREACHABLE;
    }

    *cost = 0;

    for (i = 0; i < publish->nrecords; i++) {
        r = &publish->records[i];

        if (events_record_size(r, publish->nfields) > producer->max_record) {
            return EVENTS_EVENT_TOO_LARGE;
        }

        *cost += events_producer_cost(r->value.len, r->key.len);

        if (publish->nfields) {
            *cost += events_producer_extra(publish, r);
        }
    }

    if (*cost > producer->budget) {
        return EVENTS_BATCH_TOO_LARGE;
    }

    return (*cost > producer->budget - producer->memory) ? EVENTS_QUEUE_FULL
                                                         : EVENTS_OK;
}


/* a record whose headers have values of its own may need a list of its own */

static size_t
events_producer_extra(const events_publish_t *publish,
    const events_record_t *record)
{
    size_t    extra;
    uint32_t  i;

    extra = EVENTS_PRODUCER_HEADER
            * (size_t) (publish->nheaders + publish->nfields + 1)
            + record->brand.len;

    for (i = 0; i < publish->nheaders; i++) {
        extra += publish->headers[i].name.len + publish->headers[i].value.len;
    }

    for (i = 0; i < publish->nfields; i++) {
        extra += publish->fields[i].len
                 + (record->fields ? record->fields[i].len : 0);
    }

    return extra;
}


static int
events_producer_room(events_producer_t *producer, uint32_t n)
{
    uint32_t            *order;
    rd_kafka_message_t  *messages;

    if (n <= producer->nmessages) {
        return 1;
    }

    messages = realloc(producer->messages, n * sizeof(rd_kafka_message_t));
    if (messages == NULL) {
        return 0;
    }

    producer->messages = messages;

    order = realloc(producer->order, n * sizeof(uint32_t));
    if (order == NULL) {
        return 0;
    }

    producer->order = order;
    producer->nmessages = n;

    return 1;
}


static void
events_producer_group(events_producer_t *producer,
    const events_publish_t *publish, events_groups_t *groups)
{
    uint32_t         i, g, t, group_of[EVENTS_PUBLISH_TOPICS];
    events_topic_t  *topic;

    groups->nelts = 0;

    if (publish->ntopics == 1) {
        groups->nelts = 1;
        groups->elts[0].topic = publish->topics[0];
        groups->elts[0].first = 0;
        groups->elts[0].n = publish->nrecords;
        return;
    }

    memset(group_of, 0xff, publish->ntopics * sizeof(uint32_t));

    for (i = 0; i < publish->nrecords; i++) {
        t = publish->records[i].topic;

        if (group_of[t] == UINT32_MAX) {
            topic = publish->topics[t];

            for (g = 0; g < groups->nelts; g++) {
                if (groups->elts[g].topic == topic) {
                    break;
                }
            }

            if (g == groups->nelts) {
                groups->nelts++;
                groups->elts[g].topic = topic;
                groups->elts[g].n = 0;
            }

            group_of[t] = g;
        }

        groups->elts[group_of[t]].n++;
    }

    if (groups->nelts == 1) {
        groups->elts[0].first = 0;
        return;
    }

    events_producer_order(producer, publish, group_of, groups);
}


/* of each group, the records in their order */

static void
events_producer_order(events_producer_t *producer,
    const events_publish_t *publish, const uint32_t *group_of,
    events_groups_t *groups)
{
    uint32_t         i, next;
    events_group_t  *group;

    next = 0;

    for (i = 0; i < groups->nelts; i++) {
        group = &groups->elts[i];
        group->first = next;
        next += group->n;
        group->n = 0;
    }

    for (i = 0; i < publish->nrecords; i++) {
        group = &groups->elts[group_of[publish->records[i].topic]];
        producer->order[group->first + group->n++] = i;
    }
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
    const events_publish_t *publish, const events_groups_t *groups,
    events_producer_batch_t *batch)
{
    uint32_t                i, g, first;
    events_slot_t          *slot;
    rd_kafka_message_t     *m;
    const events_record_t  *r;

    first = 0;
    g = 0;

    for (i = 0; i < publish->nrecords; i++) {

        /* a topic that is refused takes lists with it, but no other's */

        if (g < groups->nelts && i == groups->elts[g].first) {
            first = batch->nheaders;
            g++;
        }

        r = &publish->records[groups->nelts > 1 ? producer->order[i] : i];
        slot = &batch->slots[i];

        slot->batch = batch;
        slot->extra = publish->nfields ? events_producer_extra(publish, r) : 0;
        slot->sent = 0;
        slot->headers = events_producer_headers(batch, publish, r, first);

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


/* a list that the record can share with one before it, from first on */

static events_headers_t *
events_producer_headers(events_producer_batch_t *batch,
    const events_publish_t *publish, const events_record_t *record,
    uint32_t first)
{
    uint32_t             i;
    events_headers_t    *h;
    rd_kafka_headers_t  *list;

    if (batch->nheaders - first > EVENTS_PRODUCER_LISTS) {
        first = batch->nheaders - EVENTS_PRODUCER_LISTS;
    }

    for (i = first; i < batch->nheaders; i++) {
        h = &batch->headers[i];

        if (events_producer_alike(publish, h->record, record)) {
            return h;
        }
    }

    list = events_producer_list(publish, record);
    if (list == NULL) {
        return NULL;
    }

    h = &batch->headers[batch->nheaders++];
    h->record = record;
    h->list = list;

    return h;
}


static rd_kafka_headers_t *
events_producer_list(const events_publish_t *publish,
    const events_record_t *record)
{
    uint32_t             i;
    rd_kafka_headers_t  *list;

    list = rd_kafka_headers_new(publish->nheaders + publish->nfields + 1);
    if (list == NULL) {
        return NULL;
    }

    for (i = 0; i < publish->nheaders; i++) {
        rd_kafka_header_add(list, (char *) publish->headers[i].name.data,
                            publish->headers[i].name.len,
                            publish->headers[i].value.data,
                            publish->headers[i].value.len);
    }

    for (i = 0; record->fields != NULL && i < publish->nfields; i++) {
        if (record->fields[i].data != NULL) {
            rd_kafka_header_add(list, (char *) publish->fields[i].data,
                                publish->fields[i].len,
                                record->fields[i].data, record->fields[i].len);
        }
    }

    if (record->brand.data != NULL) {
        rd_kafka_header_add(list, "brand", sizeof("brand") - 1,
                            record->brand.data, record->brand.len);
    }

    return list;
}


static int
events_producer_alike(const events_publish_t *publish,
    const events_record_t *one, const events_record_t *two)
{
    uint32_t  i;

    if (!events_producer_same(&one->brand, &two->brand)) {
        return 0;
    }

    if (publish->nfields == 0) {
        return 1;
    }

    if (one->fields == NULL || two->fields == NULL) {
        return one->fields == two->fields;
    }

    for (i = 0; i < publish->nfields; i++) {
        if (!events_producer_same(&one->fields[i], &two->fields[i])) {
            return 0;
        }
    }

    return 1;
}


static int
events_producer_same(const events_str_t *one, const events_str_t *two)
{
    return one->len == two->len
           && (one->data == NULL) == (two->data == NULL)
           && (one->len == 0 || memcmp(one->data, two->data, one->len) == 0);
}


/*
 * Once a topic is refused the others are not tried: what is left out is
 * certain not to be published, and the client will send it again.
 */

static void
events_producer_produce(events_producer_t *producer,
    const events_groups_t *groups, events_producer_batch_t *batch)
{
    uint32_t               i, g, last;
    rd_kafka_resp_err_t    err;
    const events_group_t  *group;

    err = RD_KAFKA_RESP_ERR_NO_ERROR;

    for (g = 0; g < groups->nelts; g++) {
        group = &groups->elts[g];

        if (err) {
            for (i = 0; i < group->n; i++) {
                producer->messages[group->first + i].err = err;
            }

            continue;
        }

        (void) rd_kafka_produce_batch(group->topic->rkt, RD_KAFKA_PARTITION_UA,
                                      RD_KAFKA_MSG_F_COPY,
                                      producer->messages + group->first,
                                      group->n);

        last = group->first + group->n - 1;
        err = producer->messages[last].err;

        if (err) {
            events_producer_lost(&batch->slots[last]);
        }
    }
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

    for (i = 0; i < n; i++) {
        m = &producer->messages[i];

        if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            continue;
        }

        producer->in_flight--;
        producer->memory -= events_producer_cost(m->len, m->key_len)
                            + batch->slots[i].extra;

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
