
/*
 * Pages for those who operate it: counters of all workers, and whether this
 * one can publish.
 */


#include "ngx_http_events.h"


static ngx_int_t ngx_http_events_status_handler(ngx_http_request_t *r);
static events_metrics_format_e ngx_http_events_status_format(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_events_status_time(ngx_http_request_t *r,
    events_str_t *time);
static ngx_int_t ngx_http_events_health_handler(ngx_http_request_t *r);
static ngx_uint_t ngx_http_events_producers_down(
    ngx_http_events_main_conf_t *emcf);
static ngx_int_t ngx_http_events_page_refuse(ngx_http_request_t *r);
static ngx_int_t ngx_http_events_page_error(ngx_http_request_t *r,
    const events_response_t *response);
static ngx_int_t ngx_http_events_page_send(ngx_http_request_t *r,
    ngx_buf_t *b);
static char *ngx_http_events_page_slot(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *elcf, ngx_http_handler_pt handler);


char *
ngx_http_events_status_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t                    *value;
    ngx_http_events_main_conf_t  *emcf;

    if (elcf->status) {
        return "is duplicate";
    }

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);
    emcf->has_status = 1;

    value = cf->args->elts;

    if (cf->args->nelts == 1) {
        elcf->status = NGX_HTTP_EVENTS_STATUS_QUERY;

    } else if (ngx_strcmp(value[1].data, "json") == 0) {
        elcf->status = NGX_HTTP_EVENTS_STATUS_JSON;

    } else if (ngx_strcmp(value[1].data, "prometheus") == 0) {
        elcf->status = NGX_HTTP_EVENTS_STATUS_PROMETHEUS;

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\": must be \"prometheus\" "
                           "or \"json\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    return ngx_http_events_page_slot(cf, elcf, ngx_http_events_status_handler);
}


char *
ngx_http_events_health_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_http_events_main_conf_t  *emcf;

    if (elcf->health) {
        return "is duplicate";
    }

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);
    emcf->has_health = 1;

    elcf->health = 1;

    return ngx_http_events_page_slot(cf, elcf, ngx_http_events_health_handler);
}


static char *
ngx_http_events_page_slot(ngx_conf_t *cf, ngx_http_events_loc_conf_t *elcf,
    ngx_http_handler_pt handler)
{
    ngx_http_core_loc_conf_t  *clcf;

    if (elcf->topic != NULL || (elcf->status && elcf->health)) {
        return "needs a location of its own";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = handler;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_events_status_handler(ngx_http_request_t *r)
{
    ngx_buf_t                    *b;
    ngx_int_t                     rc;
    events_metrics_t             *metrics;
    const events_str_t           *type;
    events_metrics_format_e       format;
    ngx_http_events_main_conf_t  *emcf;

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "events status handler");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_events_page_refuse(r);
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    metrics = ngx_palloc(r->pool, sizeof(events_metrics_t));
    if (metrics == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_events_count_gauges();
    ngx_http_events_zone_read(&emcf->zone, metrics);

    if (ngx_http_events_status_time(r, &metrics->time) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    format = ngx_http_events_status_format(r);

    b = ngx_create_temp_buf(r->pool, events_metrics_len(metrics, format));
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->last = events_metrics_write(b->last, metrics, format);

    type = events_metrics_type(format);

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = ngx_buf_size(b);
    r->headers_out.content_type.data = (u_char *) type->data;
    r->headers_out.content_type.len = type->len;
    r->headers_out.content_type_len = type->len;

    return ngx_http_events_page_send(r, b);
}


/* JSON, unless the configuration or the request says otherwise */

static events_metrics_format_e
ngx_http_events_status_format(ngx_http_request_t *r)
{
    ngx_str_t                    value;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->status == NGX_HTTP_EVENTS_STATUS_PROMETHEUS) {
        return EVENTS_METRICS_PROMETHEUS;
    }

    if (elcf->status == NGX_HTTP_EVENTS_STATUS_QUERY
        && ngx_http_arg(r, (u_char *) "format", 6, &value) == NGX_OK
        && value.len == sizeof("prometheus") - 1
        && ngx_strncmp(value.data, "prometheus", value.len) == 0)
    {
        return EVENTS_METRICS_PROMETHEUS;
    }

    return EVENTS_METRICS_JSON;
}


static ngx_int_t
ngx_http_events_status_time(ngx_http_request_t *r, events_str_t *time)
{
    u_char      *p;
    ngx_tm_t     tm;
    ngx_time_t  *tp;

    p = ngx_pnalloc(r->pool, NGX_HTTP_EVENTS_TIME);
    if (p == NULL) {
        return NGX_ERROR;
    }

    time->data = p;
    time->len = NGX_HTTP_EVENTS_TIME;

    tp = ngx_timeofday();

    ngx_gmtime(tp->sec, &tm);

    ngx_sprintf(p, "%4d-%02d-%02dT%02d:%02d:%02d.%03MZ",
                tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec, tp->msec);

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_health_handler(ngx_http_request_t *r)
{
    ngx_buf_t                    *b;
    ngx_int_t                     rc;
    ngx_uint_t                    down;
    events_str_t                  request_id;
    events_response_t             response;
    ngx_http_events_main_conf_t  *emcf;

    static ngx_str_t  type = ngx_string("application/json");

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "events health handler");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_events_page_refuse(r);
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    ngx_http_events_request_id(r, &request_id);

    if (emcf->batch == NULL || ngx_exiting || ngx_quit || ngx_terminate) {
        events_response_init(&response, EVENTS_SHUTTING_DOWN, &request_id);

        return ngx_http_events_page_error(r, &response);
    }

    down = ngx_http_events_producers_down(emcf);

    if (down > 0) {
        events_response_init(&response, EVENTS_BROKER_UNREACHABLE,
                             &request_id);
        events_response_producers(&response, down, emcf->producers.nelts);

        return ngx_http_events_page_error(r, &response);
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = (u_char *) EVENTS_RESPONSE_UP;
    b->last = b->pos + sizeof(EVENTS_RESPONSE_UP) - 1;
    b->memory = 1;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = ngx_buf_size(b);
    r->headers_out.content_type = type;
    r->headers_out.content_type_len = type.len;

    return ngx_http_events_page_send(r, b);
}


static ngx_uint_t
ngx_http_events_producers_down(ngx_http_events_main_conf_t *emcf)
{
    ngx_uint_t                    i, n;
    ngx_http_events_producer_t  **p;

    p = emcf->producers.elts;
    n = 0;

    for (i = 0; i < emcf->producers.nelts; i++) {
        if (p[i]->producer == NULL
            || events_producer_state(p[i]->producer) != EVENTS_PRODUCER_UP)
        {
            n++;
        }
    }

    return n;
}


static ngx_int_t
ngx_http_events_page_refuse(ngx_http_request_t *r)
{
    ngx_int_t          rc;
    events_str_t       request_id;
    events_response_t  response;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_events_add_header(r, "Allow", "GET, HEAD") != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_events_request_id(r, &request_id);
    events_response_init(&response, EVENTS_METHOD_REFUSED, &request_id);

    return ngx_http_events_page_error(r, &response);
}


static ngx_int_t
ngx_http_events_page_error(ngx_http_request_t *r,
    const events_response_t *response)
{
    ngx_buf_t  *b;

    b = ngx_http_events_response(r, response);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_events_set_status(r, events_response_status(response));

    return ngx_http_events_page_send(r, b);
}


/* what it says is true only now; and it may be part of another page */

static ngx_int_t
ngx_http_events_page_send(ngx_http_request_t *r, ngx_buf_t *b)
{
    ngx_int_t    rc;
    ngx_chain_t  out;

    if (ngx_http_events_add_header(r, "Cache-Control", "no-store") != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b->last_buf = (r == r->main);
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}
