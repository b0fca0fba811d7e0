
#include "events_batch.h"

#include <stdlib.h>


/* memory kept from batch to batch; more is given back */
#define EVENTS_BATCH_KEEP  (1024 * 1024)

/* records a new batch has room for */
#define EVENTS_BATCH_RECORDS  64


static events_error_e events_batch_event(void *data,
    const events_json_event_t *event);
static int events_batch_is_rejected(const events_batch_t *batch);
static events_error_e events_batch_rename(events_batch_t *batch,
    events_source_t *source, events_json_event_t *view);
static events_error_e events_batch_brand(events_batch_t *batch,
    events_source_t *source);
static events_batch_brand_t *events_batch_brand_of(events_batch_t *batch,
    const events_source_t *source);
static int events_batch_is_brand(const events_batch_brand_t *b,
    const events_source_t *source);
static int events_batch_allows(const events_batch_t *batch,
    const events_source_t *source);
static events_error_e events_batch_validate(events_batch_t *batch,
    const events_source_t *source);
static void events_batch_reject(events_batch_t *batch,
    const events_json_event_t *event);
static events_record_t *events_batch_push(events_batch_t *batch);
static events_error_e events_batch_build(events_batch_t *batch,
    events_record_t *record, const events_source_t *source);


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
    events_arena_destroy(&batch->scratch);
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
    batch->renamed = 0;
    memset(batch->renames, 0, sizeof(batch->renames));
    batch->brand.data = NULL;
    batch->brand.len = 0;
    batch->single = 0;
    batch->nbrands = 0;
    batch->of = NULL;
    batch->nrecords = 0;
    batch->max_size = conf->limits.max_event_size;
    batch->failures.every_event = conf->every_event || conf->partial;

    if (!events_record_prepare(&batch->conf.transform, &batch->arena)) {
        memset(&batch->result, 0, sizeof(events_json_result_t));
        batch->result.error = EVENTS_NO_MEMORY;
        return EVENTS_NO_MEMORY;
    }

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
    events_batch_t       *batch = data;
    events_error_e        error;
    events_record_t      *record;
    events_source_t       source;
    events_json_event_t   view;

    batch->received++;
    batch->single = event->single;

    source.event = event;
    source.view = event;
    source.renamed = NULL;

    error = events_batch_rename(batch, &source, &view);

    if (error == EVENTS_OK) {
        error = events_batch_brand(batch, &source);
    }

    if (error == EVENTS_OK) {
        error = events_batch_validate(batch, &source);
    }

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

    error = events_batch_build(batch, record, &source);

    if (error == EVENTS_OK && batch->conf.max_record
        && events_record_size(record, batch->conf.transform.nfields)
           > batch->conf.max_record)
    {
        batch->max_size = batch->conf.max_record;
        return EVENTS_EVENT_TOO_LARGE;
    }

    return error;
}


static events_error_e
events_batch_rename(events_batch_t *batch, events_source_t *source,
    events_json_event_t *view)
{
    uint32_t                 i;
    const events_renames_t  *renames;

    renames = batch->conf.transform.renames;

    if (renames == NULL || source->event->nodes[0].type != EVENTS_JSON_OBJECT) {
        return EVENTS_OK;
    }

    events_rename_find(&batch->found, renames, source->event);
    events_rename_check(&batch->found, source->event, &batch->failures);

    source->renamed = &batch->found;

    if (batch->found.old == 0) {
        return EVENTS_OK;
    }

    batch->renamed++;

    for (i = 0; i < renames->nelts; i++) {
        batch->renames[i] += batch->found.old >> i & 1;
    }

    events_arena_reset(&batch->scratch, EVENTS_BATCH_KEEP);

    if (!events_rename_view(&batch->found, source->event, view,
                            &batch->scratch))
    {
        return EVENTS_NO_MEMORY;
    }

    source->view = view;

    return EVENTS_OK;
}


static events_error_e
events_batch_brand(events_batch_t *batch, events_source_t *source)
{
    source->brand = events_record_brand(source->view);

    batch->of = events_batch_brand_of(batch, source);

    if (batch->of == NULL) {
        return EVENTS_NO_MEMORY;
    }

    batch->of->received++;

    /* what is no object is rejected for that, unless in a dry run */

    if (batch->conf.brands.len
        && (batch->conf.dry_run
            || source->view->nodes[0].type == EVENTS_JSON_OBJECT)
        && !events_batch_allows(batch, source))
    {
        return events_record_text(&batch->brand, source, source->brand,
                                  &batch->arena)
               ? EVENTS_BRAND_NOT_ALLOWED : EVENTS_NO_MEMORY;
    }

    if (batch->received == 1) {
        batch->brand = batch->of->brand;

    } else if (batch->of != batch->brands) {
        batch->brand.data = NULL;
        batch->brand.len = 0;
    }

    return EVENTS_OK;
}


/* most events have the brand of the one before */

static events_batch_brand_t *
events_batch_brand_of(events_batch_t *batch, const events_source_t *source)
{
    uint32_t               i;
    events_batch_brand_t  *b, *others;

    others = &batch->brands[EVENTS_BATCH_BRANDS];

    if (batch->of != NULL && batch->of != others
        && events_batch_is_brand(batch->of, source))
    {
        return batch->of;
    }

    for (i = 0; i < batch->nbrands && i < EVENTS_BATCH_BRANDS; i++) {
        if (events_batch_is_brand(&batch->brands[i], source)) {
            return &batch->brands[i];
        }
    }

    b = &batch->brands[i];

    if (i == batch->nbrands) {
        batch->nbrands++;
        memset(b, 0, sizeof(events_batch_brand_t));

        if (b != others
            && !events_record_text(&b->brand, source, source->brand,
                                   &batch->arena))
        {
            return NULL;
        }
    }

    return b;
}


static int
events_batch_is_brand(const events_batch_brand_t *b,
    const events_source_t *source)
{
    if (source->brand == NULL || b->brand.data == NULL) {
        return source->brand == NULL && b->brand.data == NULL;
    }

    return events_json_equals(source->view->text, source->brand, &b->brand);
}


static int
events_batch_allows(const events_batch_t *batch, const events_source_t *source)
{
    events_str_t   brand;
    const u_char  *p, *last, *comma;

    if (source->brand == NULL
        || events_record_brand_is_ambiguous(source, &batch->conf.transform))
    {
        return 0;
    }

    p = batch->conf.brands.data;
    last = p + batch->conf.brands.len;

    for ( /* void */ ; p < last; p = comma + 1) {

        comma = memchr(p, ',', last - p);
        if (comma == NULL) {
            comma = last;
        }

        brand.data = p;
        brand.len = comma - p;

        while (brand.len && *brand.data == ' ') {
            brand.data++;
            brand.len--;
        }

        while (brand.len && brand.data[brand.len - 1] == ' ') {
            brand.len--;
        }

        if (events_json_equals(source->view->text, source->brand, &brand)) {
            return brand.len > 0;
        }
    }

    return 0;
}


static events_error_e
events_batch_validate(events_batch_t *batch, const events_source_t *source)
{
    uint32_t                    first;
    events_error_e              error;
    const events_json_event_t  *event;

    event = source->event;

    if (event->nodes[0].type != EVENTS_JSON_OBJECT) {
        events_failures_add(&batch->failures, event, NULL, "type",
                            "must be an object");

        return batch->failures.no_memory ? EVENTS_NO_MEMORY
                                         : EVENTS_INVALID_EVENTS;
    }

    first = batch->failures.nelts;

    error = events_schema_validate(batch->conf.schema, source->view,
                                   &batch->failures);

    if (source->renamed == NULL || error == EVENTS_NO_MEMORY) {
        return error;
    }

    events_rename_correct(source->renamed, &batch->failures, first);

    if (source->renamed->valid) {
        return error;
    }

    return batch->failures.no_memory ? EVENTS_NO_MEMORY
                                     : EVENTS_INVALID_EVENTS;
}


/* its failures get to know its bytes, as they came */

static void
events_batch_reject(events_batch_t *batch, const events_json_event_t *event)
{
    uint32_t           i;
    events_failure_t  *failure;

    batch->rejected++;
    batch->of->rejected++;

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
    const events_source_t *source)
{
    const events_json_event_t  *event;

    event = source->event;

    if (event->nodes[0].type == EVENTS_JSON_OBJECT) {
        return events_record_build(record, source, &batch->conf.transform,
                                   &batch->arena);
    }

    memset(record, 0, sizeof(events_record_t));

    record->value.data = event->text + event->nodes[0].offset;
    record->value.len = event->nodes[0].len;

    return EVENTS_OK;
}
