
/*
 * What the line counts, and where it is asked to.
 */


#include "ngx_http_events.h"


/* of limit_req_status and limit_conn_status in ngx_http_request_t */
#define NGX_HTTP_EVENTS_REQ_REJECTED   3
#define NGX_HTTP_EVENTS_CONN_REJECTED  2


static ngx_int_t ngx_http_events_log_handler(ngx_http_request_t *r);
static void ngx_http_events_count_brands(ngx_http_events_main_conf_t *emcf,
    const events_counters_batch_t *b, uint32_t *labels);
static uint64_t ngx_http_events_usec(void);
static void ngx_http_events_count_producers(events_counters_t *counters);


ngx_int_t
ngx_http_events_count_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt          *h;
    ngx_http_core_main_conf_t    *cmcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);
    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    if (emcf->has_health && emcf->producers.nelts == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"events_health\" has nothing to tell of: there is no "
                      "\"events_publish\"");
        return NGX_ERROR;
    }

    if (ngx_http_events_zone_default(cf, emcf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (emcf->producers.nelts == 0) {
        return NGX_OK;
    }

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_events_log_handler;

    return NGX_OK;
}


/* requests to endpoints, whoever has answered them */

static ngx_int_t
ngx_http_events_log_handler(ngx_http_request_t *r)
{
    ngx_uint_t                   status;
    events_counters_t           *counters;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->topic == NULL || r != r->main) {
        return NGX_OK;
    }

    counters = ngx_http_events_count_begin();

    if (counters == NULL) {
        return NGX_OK;
    }

    /* as $status has it */

    status = r->err_status ? r->err_status : r->headers_out.status;

    counters->requests[events_status_index(status)]++;

    if (r->limit_req_status == NGX_HTTP_EVENTS_REQ_REJECTED) {
        counters->limited[EVENTS_ZONE_REQ]++;
    }

    if (r->limit_conn_status == NGX_HTTP_EVENTS_CONN_REJECTED) {
        counters->limited[EVENTS_ZONE_CONN]++;
    }

    ngx_http_events_count_end();

    return NGX_OK;
}


/*
 * All events of a body, and what became of them, at once; before the body is
 * freed, as the batch refers to it.  ack: it was published.
 */

void
ngx_http_events_count_batch(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_error_e error, events_ack_t *ack)
{
    uint32_t                      brands[EVENTS_BATCH_BRANDS + 1];
    events_counters_t            *counters;
    events_counters_batch_t       b;
    ngx_http_events_loc_conf_t   *elcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (ctx->received == 0 || emcf->zone.shm_zone == NULL) {
        return;
    }

    b.batch = emcf->batch;
    b.error = error;
    b.brands = brands;
    b.members = (elcf->renames != NULL) ? elcf->renames->labels : NULL;

    ngx_http_events_count_brands(emcf, &b, brands);

    if (ack != NULL) {
        ack->published = ngx_http_events_usec();
        elcf->producer->in_flight += ack->nrecords;
    }

    counters = ngx_http_events_count_begin();

    if (counters == NULL) {
        return;
    }

    events_counters_batch(counters, &b);

    if (ctx->limited != NULL) {
        counters->limited[ngx_http_events_limit_label(ctx->limited)]++;
    }

    ngx_http_events_count_producers(counters);

    ngx_http_events_count_end();
}


/* events that are rejected make no names */

static void
ngx_http_events_count_brands(ngx_http_events_main_conf_t *emcf,
    const events_counters_batch_t *b, uint32_t *labels)
{
    uint32_t                     i;
    events_labels_t             *names;
    const events_batch_brand_t  *brand;

    names = &emcf->zone.sh->labels.brands;

    for (i = 0; i < b->batch->nbrands; i++) {
        brand = &b->batch->brands[i];

        if (i == EVENTS_BATCH_BRANDS) {
            labels[i] = EVENTS_LABEL_OTHER;

        } else if (brand->received > brand->rejected
                   && events_counters_accepted(b, brand->received,
                                               brand->rejected) > 0)
        {
            labels[i] = ngx_http_events_zone_label(&emcf->zone, names,
                                                   &brand->brand);

        } else {
            labels[i] = events_labels_find(names, &brand->brand);
        }
    }
}


/* a complete ack, dead letters too; given_up: the worker ends */

void
ngx_http_events_count_ack(ngx_http_events_producer_t *p,
    const events_ack_t *ack, ngx_uint_t given_up)
{
    uint64_t            time;
    events_counters_t  *counters;

    if (ack->dead_letter) {
        ngx_http_events_count_dead_letters(EVENTS_DEAD_ACKNOWLEDGED,
                                           ack->delivered);
        ngx_http_events_count_dead_letters(EVENTS_DEAD_LOST,
                                           ack->nrecords - ack->delivered);
        return;
    }

    time = ngx_http_events_usec() - ack->published;
    p->in_flight -= ack->nrecords;

    counters = ngx_http_events_count_begin();

    if (counters != NULL) {
        events_counters_ack(counters, ack, time, given_up);
        ngx_http_events_count_end();
    }
}


static uint64_t
ngx_http_events_usec(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}


/* a producer goes away that has not reported everything */

void
ngx_http_events_count_lost(ngx_http_events_producer_t *p)
{
    events_counters_t  *counters;

    counters = ngx_http_events_count_begin();

    if (counters != NULL) {
        events_counters_lose(counters, p->in_flight);
        ngx_http_events_count_end();
    }

    p->in_flight = 0;
}


void
ngx_http_events_count_dead_letters(ngx_uint_t result, ngx_uint_t n)
{
    events_counters_t  *counters;

    if (n == 0) {
        return;
    }

    counters = ngx_http_events_count_begin();

    if (counters != NULL) {
        counters->dead_letters[result] += n;
        ngx_http_events_count_end();
    }
}


void
ngx_http_events_count_restart(void)
{
    events_counters_t  *counters;

    counters = ngx_http_events_count_begin();

    if (counters != NULL) {
        counters->restarts++;
        ngx_http_events_count_end();
    }
}


void
ngx_http_events_count_suppressed(ngx_uint_t n)
{
    events_counters_t  *counters;

    counters = ngx_http_events_count_begin();

    if (counters != NULL) {
        counters->log_suppressed += n;
        ngx_http_events_count_end();
    }
}


void
ngx_http_events_count_gauges(void)
{
    events_counters_t  *counters;

    counters = ngx_http_events_count_begin();

    if (counters != NULL) {
        ngx_http_events_count_producers(counters);
        ngx_http_events_count_end();
    }
}


/* one that is absent has failed, and is not replaced yet */

static void
ngx_http_events_count_producers(events_counters_t *counters)
{
    ngx_uint_t                     i;
    events_producer_t             *producer;
    ngx_http_events_producer_t   **p;
    ngx_http_events_main_conf_t   *emcf;

    emcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_events_module);

    ngx_memzero(&counters->gauges, sizeof(counters->gauges));

    p = emcf->producers.elts;

    for (i = 0; i < emcf->producers.nelts; i++) {
        producer = p[i]->producer;

        if (producer == NULL) {
            counters->gauges.producers[EVENTS_PRODUCER_FATAL]++;
            continue;
        }

        counters->gauges.producers[events_producer_state(producer)]++;
        counters->gauges.queue_bytes += events_producer_memory(producer);
        counters->gauges.queue_limit_bytes
            += events_producer_memory_limit(producer);
        counters->gauges.brokers_connected
            += events_producer_connected(producer);
    }
}
