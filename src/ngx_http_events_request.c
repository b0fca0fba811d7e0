
/*
 * The line, as one request goes through it: headers, body, batch, publish,
 * wait, answer.
 */


#include "ngx_http_events.h"


/*
 * Bytes of bodies that are parsed in one turn of the event loop (a millisecond
 * of its clock).  More wait for the next turn, so that a crowd of large
 * batches does not keep others from being accepted and answered.
 */
#define NGX_HTTP_EVENTS_TURN  (512 * 1024)


static void ngx_http_events_cleanup(void *data);
static void ngx_http_events_reading_handler(ngx_http_request_t *r);
static void ngx_http_events_body_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_events_turn_is_over(ngx_http_request_t *r);
static void ngx_http_events_defer(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
static void ngx_http_events_next_turn_handler(ngx_event_t *ev);
static void ngx_http_events_process(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
static void ngx_http_events_wait(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_ack_t *ack);
static void ngx_http_events_start_deadline(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
static void ngx_http_events_deadline_handler(ngx_event_t *ev);
static void ngx_http_events_complete(ngx_http_events_ctx_t *ctx,
    events_error_e error);
static ngx_int_t ngx_http_events_answer(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_error_e error);


ngx_int_t
ngx_http_events_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    events_error_e                error;
    ngx_http_events_ctx_t        *ctx;
    ngx_http_events_main_conf_t  *emcf;

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "events handler");

    if (r != r->main) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx = ngx_http_events_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /* what can be refused before the body spares the client the upload */

    error = ngx_http_events_check_sender(r, ctx);

    if (error == EVENTS_OK) {
        error = ngx_http_events_headers(r, ctx);
    }

    /* without a master a reload makes configurations, but starts nothing */

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    if (error == EVENTS_OK && emcf->batch == NULL) {
        error = EVENTS_SHUTTING_DOWN;
    }

    if (error != EVENTS_OK) {
        ngx_http_events_log_rejected(r, ctx, error, NULL);

        rc = ngx_http_discard_request_body(r);

        return (rc == NGX_OK) ? ngx_http_events_error(r, ctx, error) : rc;
    }

    if (ctx->sender.expects) {
        ctx->sender.expects = 0;
        r->expect_tested = 0;
    }

    rc = ngx_http_read_client_request_body(r, ngx_http_events_body_handler);

    if (rc == NGX_AGAIN) {
        ctx->read_body = r->read_event_handler;
        r->read_event_handler = ngx_http_events_reading_handler;
    }

    return (rc >= NGX_HTTP_SPECIAL_RESPONSE) ? rc : NGX_DONE;
}


/* an internal redirect forgets the context; the cleanup keeps its own */

ngx_http_events_ctx_t *
ngx_http_events_ctx(ngx_http_request_t *r)
{
    ngx_http_cleanup_t     *cln;
    ngx_http_events_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);

    if (ctx != NULL) {
        return ctx;
    }

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_events_ctx_t));
    cln = ngx_http_cleanup_add(r, 0);

    if (ctx == NULL || cln == NULL) {
        return NULL;
    }

    ctx->request = r;

    cln->handler = ngx_http_events_cleanup;
    cln->data = ctx;

    ngx_http_set_ctx(r, ctx, ngx_http_events_module);

    return ctx;
}


/* however the request ends, nobody must find it any more */

static void
ngx_http_events_cleanup(void *data)
{
    ngx_http_events_ctx_t  *ctx = data;

    if (ctx->ack != NULL) {
        ctx->ack->data = NULL;
        ctx->ack = NULL;
    }

    if (ctx->deadline.timer_set) {
        ngx_del_timer(&ctx->deadline);
    }

    if (ctx->deferred) {
        ngx_queue_remove(&ctx->queue);
        ctx->deferred = 0;
    }
}


/* nginx closes the connection of a body that is late, without a word */

static void
ngx_http_events_reading_handler(ngx_http_request_t *r)
{
    ngx_connection_t            *c;
    ngx_http_events_ctx_t       *ctx;
    ngx_http_events_loc_conf_t  *elcf;

    c = r->connection;
    ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (!c->read->timedout || !elcf->answers_json) {
        ctx->read_body(r);
        return;
    }

    ngx_log_error(NGX_LOG_INFO, c->log, NGX_ETIMEDOUT, "client timed out");

    c->read->timedout = 0;
    r->keepalive = 0;

#if (NGX_HTTP_V2)
    if (r->stream != NULL) {
        r->stream->skip_data = 1;
    }
#endif

    ngx_http_finalize_request(r, ngx_http_events_error(r, ctx,
                                                     EVENTS_REQUEST_TIMEOUT));
}


static void
ngx_http_events_body_handler(ngx_http_request_t *r)
{
    ngx_http_events_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);

    if (ngx_http_events_turn_is_over(r)) {
        ngx_http_events_defer(r, ctx);
        return;
    }

    ngx_http_events_process(r, ctx);
}


static ngx_int_t
ngx_http_events_turn_is_over(ngx_http_request_t *r)
{
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    if (!ngx_queue_empty(&emcf->deferred)) {
        return 1;
    }

    if (emcf->turn != ngx_current_msec) {
        emcf->turn = ngx_current_msec;
        emcf->turn_bytes = 0;
    }

    return emcf->turn_bytes > NGX_HTTP_EVENTS_TURN;
}


static void
ngx_http_events_defer(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx)
{
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    ctx->deferred = 1;
    ngx_queue_insert_tail(&emcf->deferred, &ctx->queue);

    ngx_http_events_start_deadline(r, ctx);

    emcf->next_turn.handler = ngx_http_events_next_turn_handler;
    emcf->next_turn.data = emcf;
    emcf->next_turn.log = ngx_cycle->log;

    if (!emcf->next_turn.posted) {
        ngx_post_event(&emcf->next_turn, &ngx_posted_next_events);
    }
}


static void
ngx_http_events_next_turn_handler(ngx_event_t *ev)
{
    ngx_queue_t                  *q;
    ngx_connection_t             *c;
    ngx_http_request_t           *r;
    ngx_http_events_ctx_t        *ctx;
    ngx_http_events_main_conf_t  *emcf = ev->data;

    emcf->turn_bytes = 0;

    while (!ngx_queue_empty(&emcf->deferred)
           && emcf->turn_bytes <= NGX_HTTP_EVENTS_TURN)
    {
        q = ngx_queue_head(&emcf->deferred);
        ngx_queue_remove(q);

        ctx = ngx_queue_data(q, ngx_http_events_ctx_t, queue);
        ctx->deferred = 0;

        ngx_del_timer(&ctx->deadline);

        r = ctx->request;
        c = r->connection;

        ngx_http_set_log_request(c->log, r);

        ngx_http_events_process(r, ctx);

        ngx_http_run_posted_requests(c);
    }

    emcf->turn = ngx_current_msec;

    if (!ngx_queue_empty(&emcf->deferred)) {
        ngx_post_event(ev, &ngx_posted_next_events);
    }
}


static void
ngx_http_events_process(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx)
{
    events_ack_t    *ack;
    events_str_t     body;
    events_error_e   error;

    ack = NULL;

    error = ngx_http_events_body(r, ctx, &body);

    if (error == EVENTS_OK) {
        error = ngx_http_events_read_batch(r, ctx, &body);
        error = ngx_http_events_limit(r, ctx, error);
    }

    if (error == EVENTS_OK && ctx->rejected > 0) {
        error = ngx_http_events_partial(r, ctx);
    }

    if (error == EVENTS_OK && ctx->received > 0) {
        error = ngx_http_events_publish(r, ctx, &ack);
    }

    ngx_http_events_count_batch(r, ctx, error, ack);

    /* what is to be sent again is judged again, too */

    if (error == EVENTS_OK || error == EVENTS_INVALID_EVENTS) {
        ngx_http_events_dry_run(r);
        ngx_http_events_dead_letters(r);
    }

    ngx_http_events_log_rejected(r, ctx, error, &body);
    ngx_http_events_free_body(r);

    if (error == EVENTS_OK && ack != NULL) {
        ngx_http_events_wait(r, ctx, ack);
        return;
    }

    ngx_http_finalize_request(r, ngx_http_events_answer(r, ctx, error));
}


static void
ngx_http_events_wait(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_ack_t *ack)
{
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    ctx->published = ngx_current_msec;

    if (elcf->ack == EVENTS_ACK_QUEUED) {
        ngx_http_finalize_request(r, ngx_http_events_answer(r, ctx,
                                                            EVENTS_OK));
        return;
    }

    ctx->ack = ack;
    ack->data = ctx;

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    ngx_http_events_start_deadline(r, ctx);
}


/* not cancelable: a graceful exit waits for the answer */

static void
ngx_http_events_start_deadline(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx)
{
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    ctx->deadline.handler = ngx_http_events_deadline_handler;
    ctx->deadline.data = r->connection;
    ctx->deadline.log = r->connection->log;

    ngx_add_timer(&ctx->deadline, elcf->ack_timeout);
}


static void
ngx_http_events_deadline_handler(ngx_event_t *ev)
{
    ngx_connection_t            *c;
    ngx_http_request_t          *r;
    ngx_http_events_ctx_t       *ctx;
    ngx_http_events_loc_conf_t  *elcf;

    c = ev->data;
    r = c->data;

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, c->log, 0, "events ack deadline");

    ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (ctx->deferred) {
        ngx_queue_remove(&ctx->queue);
        ctx->deferred = 0;

        ngx_http_events_complete(ctx, EVENTS_QUEUE_FULL);
        return;
    }

    ngx_http_events_failure(elcf->producer, c->log,
                            "%uD of %uD events were not acknowledged in time",
                            ctx->ack->outstanding, ctx->ack->nrecords);

    ctx->ack->data = NULL;
    ctx->ack = NULL;

    ngx_http_events_complete(ctx, EVENTS_OUTCOME_UNKNOWN);
}


/* takes a complete ack over from the producer */

void
ngx_http_events_ack_handler(ngx_http_events_producer_t *p, events_ack_t *ack)
{
    ngx_log_t              *log;
    events_error_e          error;
    ngx_http_events_ctx_t  *ctx;

    ngx_http_events_count_ack(p, ack, 0);

    if (ack->dead_letter) {
        ngx_http_events_dead_letter_handler(p, ack);
        return;
    }

    ctx = ack->data;
    error = events_ack_outcome(ack);

    if (error != EVENTS_OK) {
        log = (ctx != NULL) ? ctx->request->connection->log : ngx_cycle->log;

        ngx_http_events_failure(p, log,
                                "%uD of %uD events were not published%s: %s",
                                ack->nrecords - ack->delivered, ack->nrecords,
                                (ctx != NULL) ? ""
                                              : ", and nobody waits for them",
                                ack->reason);
    }

    events_ack_release(ack);

    if (ctx != NULL) {
        ctx->ack = NULL;
        ngx_http_events_complete(ctx, error);
    }
}


/* called from outside the connection's own events */

static void
ngx_http_events_complete(ngx_http_events_ctx_t *ctx, events_error_e error)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    if (ctx->deadline.timer_set) {
        ngx_del_timer(&ctx->deadline);
    }

    if (ctx->published) {
        ctx->ack_time = ngx_current_msec - ctx->published;
        ctx->waited = 1;
    }

    ngx_http_finalize_request(r, ngx_http_events_answer(r, ctx, error));

    ngx_http_run_posted_requests(c);
}


static ngx_int_t
ngx_http_events_answer(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_error_e error)
{
    return (error == EVENTS_OK) ? ngx_http_events_accepted(r, ctx)
                                : ngx_http_events_error(r, ctx, error);
}
