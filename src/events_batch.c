
#include "events_batch.h"

#include <stdlib.h>


/* memory kept from batch to batch; more is given back */
#define EVENTS_BATCH_KEEP  (1024 * 1024)

/* records a new batch has room for */
#define EVENTS_BATCH_RECORDS  64


static events_error_e events_batch_event(void *data,
    const events_json_event_t *event);
static int events_batch_is_rejected(const events_batch_t *batch);
static events_error_e events_batch_validate(events_batch_t *batch,
    const events_json_event_t *event);
static void events_batch_reject(events_batch_t *batch,
    const events_json_event_t *event);
static events_record_t *events_batch_push(events_batch_t *batch);
static events_error_e events_batch_build(events_batch_t *batch,
    events_record_t *record, const events_json_event_t *event);


events_batch_t *
events_batch_create(void)
{
    events_batch_t  *batch;

    batch = calloc(1, sizeof(events_batch_t));
    if (batch == NULL) {
        return NULL;
    }

    batch->json = events_json_create();
    if (batch->json == NULL) {
        free(batch);
        return NULL;
    }

    return batch;
}


void
events_batch_destroy(events_batch_t *batch)
{
    if (batch == NULL) {
        return;
    }

    events_arena_destroy(&batch->arena);
    events_failures_destroy(&batch->failures);
    events_json_destroy(batch->json);
    free(batch->records);
    free(batch);
}


events_error_e
events_batch_read(events_batch_t *batch, const u_char *body, size_t len,
    const events_batch_conf_t *conf)
{
    events_error_e  error;

    events_arena_reset(&batch->arena, EVENTS_BATCH_KEEP);
    events_json_trim(batch->json, EVENTS_BATCH_KEEP);
    events_failures_reset(&batch->failures, EVENTS_BATCH_KEEP);

    batch->conf = *conf;
    batch->received = 0;
    batch->rejected = 0;
    batch->single = 0;
    batch->nrecords = 0;
    batch->max_size = conf->limits.max_event_size;
    batch->failures.every_event = conf->every_event || conf->partial;

    error = events_json_parse(batch->json, body, len, conf->framing,
                              &conf->limits, events_batch_event, batch,
                              &batch->result);

    if (error == EVENTS_OK && events_batch_is_rejected(batch)) {
        return EVENTS_INVALID_EVENTS;
    }

    return error;
}


static int
events_batch_is_rejected(const events_batch_t *batch)
{
    if (batch->rejected == 0 || batch->conf.dry_run) {
        return 0;
    }

    return !batch->conf.partial || batch->nrecords == 0;
}


static events_error_e
events_batch_event(void *data, const events_json_event_t *event)
{
    events_batch_t   *batch = data;
    events_error_e    error;
    events_record_t  *record;

    batch->received++;
    batch->single = event->single;

    error = events_batch_validate(batch, event);

    if (error == EVENTS_INVALID_EVENTS) {
        events_batch_reject(batch, event);

        if (!batch->conf.dry_run) {
            return EVENTS_OK;
        }

    } else if (error != EVENTS_OK) {
        return error;
    }

    record = events_batch_push(batch);
    if (record == NULL) {
        return EVENTS_NO_MEMORY;
    }

    error = events_batch_build(batch, record, event);

    if (error == EVENTS_OK && batch->conf.max_record
        && record->value.len + record->key.len > batch->conf.max_record)
    {
        batch->max_size = batch->conf.max_record;
        return EVENTS_EVENT_TOO_LARGE;
    }

    return error;
}


static events_error_e
events_batch_validate(events_batch_t *batch, const events_json_event_t *event)
{
    if (event->nodes[0].type != EVENTS_JSON_OBJECT) {
        events_failures_add(&batch->failures, event, NULL, "type",
                            "must be an object");

        return batch->failures.no_memory ? EVENTS_NO_MEMORY
                                         : EVENTS_INVALID_EVENTS;
    }

    return events_schema_validate(batch->conf.schema, event,
                                  &batch->failures);
}


/* its failures get to know its bytes, as they came */

static void
events_batch_reject(events_batch_t *batch, const events_json_event_t *event)
{
    uint32_t           i;
    events_failure_t  *failure;

    batch->rejected++;

    for (i = batch->failures.nelts; i > 0; i--) {
        failure = &batch->failures.elts[i - 1];

        if (failure->index != event->index) {
            break;
        }

        failure->event.data = event->text + event->nodes[0].offset;
        failure->event.len = event->nodes[0].len;
    }
}


static events_record_t *
events_batch_push(events_batch_t *batch)
{
    uint32_t          nalloc;
    events_record_t  *records;

    if (batch->nrecords == batch->nalloc) {
        nalloc = batch->nalloc ? 2 * batch->nalloc : EVENTS_BATCH_RECORDS;

        records = realloc(batch->records, nalloc * sizeof(events_record_t));
        if (records == NULL) {
            return NULL;
        }

        batch->records = records;
        batch->nalloc = nalloc;
    }

    return &batch->records[batch->nrecords++];
}


/* what is no object has no members to be keyed by, and none can be added */

static events_error_e
events_batch_build(events_batch_t *batch, events_record_t *record,
    const events_json_event_t *event)
{
    if (event->nodes[0].type == EVENTS_JSON_OBJECT) {
        return events_record_build(record, event, &batch->conf.transform,
                                   &batch->arena);
    }

    memset(record, 0, sizeof(events_record_t));

    record->value.data = event->text + event->nodes[0].offset;
    record->value.len = event->nodes[0].len;

    return EVENTS_OK;
}
