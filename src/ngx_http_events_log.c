
/*
 * Lines of the log whose number clients or Kafka choose: so many a second, and
 * what was left out is counted.  And the end that nginx gives to each line.
 */


#include "ngx_http_events.h"


/* bytes of what failed in a line */
#define NGX_HTTP_EVENTS_FAILURE  512


static ngx_int_t ngx_http_events_post_read_handler(ngx_http_request_t *r);
static u_char *ngx_http_events_log_handler(ngx_http_request_t *r,
    ngx_http_request_t *sr, u_char *buf, size_t len);


static ngx_http_log_handler_pt  ngx_http_events_next_log_handler;


ngx_uint_t
ngx_http_events_within_rate(ngx_http_events_rate_t *rate, ngx_uint_t n)
{
    if (rate->second != ngx_time()) {
        rate->second = ngx_time();
        rate->used = 0;
    }

    if (rate->used >= n) {
        rate->left_out++;
        return 0;
    }

    rate->used++;

    return 1;
}


/*
 * Of what fails while Kafka is away, one line a second is an error: enough to
 * see the reason, and no flood.  All lines are there at the level "info".
 */

void
ngx_http_events_failure(ngx_http_events_producer_t *p, ngx_log_t *log,
    const char *fmt, ...)
{
    u_char      *last, text[NGX_HTTP_EVENTS_FAILURE];
    va_list      args;
    ngx_uint_t   level;

    level = NGX_LOG_INFO;

    va_start(args, fmt);
    last = ngx_vslprintf(text, text + sizeof(text), fmt, args);
    va_end(args);

    if (ngx_http_events_within_rate(&p->failures, 1)) {
        level = NGX_LOG_ERR;

        if (p->failures.left_out > 0) {
            last = ngx_slprintf(last, text + sizeof(text),
                                "; and %ui failures since the last such line",
                                p->failures.left_out);
            p->failures.left_out = 0;
        }
    }

    ngx_log_error(level, log, 0, "events: %*s", (size_t) (last - text), text);
}


/* a timer that no exit waits for */

void
ngx_http_events_later(ngx_http_events_later_t *later,
    ngx_event_handler_pt handler, void *data, ngx_msec_t msec)
{
    later->connection.fd = (ngx_socket_t) -1;
    later->connection.data = data;

    later->event.handler = handler;
    later->event.data = &later->connection;
    later->event.log = ngx_cycle->log;
    later->event.cancelable = 1;

    ngx_add_timer(&later->event, msec);
}


void *
ngx_http_events_later_data(ngx_event_t *ev)
{
    ngx_connection_t  *c;

    c = ev->data;

    return c->data;
}


ngx_int_t
ngx_http_events_log_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt          *h;
    ngx_http_core_main_conf_t    *cmcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);
    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    if (emcf->producers.nelts == 0) {
        return NGX_OK;
    }

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_events_post_read_handler;

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_post_read_handler(ngx_http_request_t *r)
{
    if (r->log_handler != ngx_http_events_log_handler) {
        ngx_http_events_next_log_handler = r->log_handler;
        r->log_handler = ngx_http_events_log_handler;
    }

    return NGX_DECLINED;
}


/*
 * nginx logs a body that is too large as soon as it knows the location, with
 * the request line: the last moment to hide a key is when it logs.  And it
 * repeats headers as they came, with any byte that a terminal may act on.
 */

static u_char *
ngx_http_events_log_handler(ngx_http_request_t *r, ngx_http_request_t *sr,
    u_char *buf, size_t len)
{
    u_char                      *p, *last;
    ngx_http_events_ctx_t       *ctx;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->topic == NULL) {
        return ngx_http_events_next_log_handler(r, sr, buf, len);
    }

    /* what happens while the key is read may be logged as well */

    r->log_handler = ngx_http_events_next_log_handler;

    ctx = (elcf->access.keys != NULL) ? ngx_http_events_ctx(r) : NULL;

    if (ctx != NULL) {
        (void) ngx_http_events_read_key(r, ctx);
    }

    r->log_handler = ngx_http_events_log_handler;

    last = ngx_http_events_next_log_handler(r, sr, buf, len);

    for (p = buf; p < last; p++) {
        if (*p < 0x20 || *p > 0x7e) {
            *p = '?';
        }
    }

    return last;
}
