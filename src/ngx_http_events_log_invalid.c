
/*
 * What is rejected by the client's fault, and why: a line for each request, as
 * long as there are few of them.
 */


#include "ngx_http_events.h"
#include "events_sha256.h"
#include "events_text.h"


/* lines a second and worker, unless configured */
#define NGX_HTTP_EVENTS_LOG_RATE         10
#define NGX_HTTP_EVENTS_LOG_RATE_MAX     1000

/* milliseconds from what was not logged to the line that sums it up */
#define NGX_HTTP_EVENTS_LOG_INTERVAL     5000

/* nginx cuts a line off at 2048 bytes, and has something to add to ours */
#define NGX_HTTP_EVENTS_LOG_LINE         1536

/* parts of it; what is left is for the sample */
#define NGX_HTTP_EVENTS_LOG_SUMMARY      384
#define NGX_HTTP_EVENTS_LOG_NAME         128
#define NGX_HTTP_EVENTS_LOG_SAMPLE_MAX   1024


static char *ngx_http_events_log_invalid_param(ngx_conf_t *cf,
    ngx_str_t *value, ngx_http_events_log_invalid_t *lg);
static ngx_uint_t ngx_http_events_has_line(events_error_e error);
static void ngx_http_events_suppress(ngx_http_request_t *r,
    ngx_http_events_log_invalid_t *lg, events_error_e error);
static void ngx_http_events_suppressed_handler(ngx_event_t *ev);
static void ngx_http_events_suppressed_log(ngx_http_events_log_invalid_t *lg);
static void ngx_http_events_log_line(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_error_e error, const events_str_t *body,
    size_t sample);
static u_char *ngx_http_events_log_reason(u_char *p, u_char *last,
    ngx_http_request_t *r, ngx_http_events_ctx_t *ctx, events_error_e error);
static u_char *ngx_http_events_log_sender(u_char *p, u_char *last,
    ngx_http_request_t *r, ngx_http_events_ctx_t *ctx, events_error_e error);
static u_char *ngx_http_events_log_body(u_char *p, u_char *last,
    ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    const events_str_t *body, size_t size);
static u_char *ngx_http_events_log_name(u_char *p, u_char *last,
    const char *name, const u_char *data, size_t len);
static void ngx_http_events_mask(u_char *data, size_t len,
    const ngx_str_t *key);


char *
ngx_http_events_log_invalid(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_events_log_invalid_t  *lg;

    if (elcf->log_invalid != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        elcf->log_invalid = NULL;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value[1].data, "on") != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\": must be \"off\", "
                           "or \"on\" and parameters", &value[1], &value[0]);
        return NGX_CONF_ERROR;
    }

    lg = ngx_http_events_log_invalid_create(cf);
    if (lg == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_events_log_invalid_param(cf, &value[i], lg)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (lg->rate == 0) {
        lg->rate = NGX_HTTP_EVENTS_LOG_RATE;
    }

    elcf->log_invalid = lg;

    return NGX_CONF_OK;
}


static char *
ngx_http_events_log_invalid_param(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_events_log_invalid_t *lg)
{
    ssize_t    size;
    ngx_int_t  rate;
    ngx_str_t  str;

    if (ngx_strncmp(value->data, "sample=", 7) == 0 && lg->sample == 0) {
        str.data = value->data + 7;
        str.len = value->len - 7;
        size = ngx_parse_size(&str);

        if (size >= 1 && size <= NGX_HTTP_EVENTS_LOG_SAMPLE_MAX) {
            lg->sample = size;
            return NGX_CONF_OK;
        }
    }

    if (ngx_strncmp(value->data, "rate=", 5) == 0 && lg->rate == 0
        && value->len > 7
        && ngx_strcmp(value->data + value->len - 2, "/s") == 0)
    {
        rate = ngx_atoi(value->data + 5, value->len - 7);

        if (rate >= 1 && rate <= NGX_HTTP_EVENTS_LOG_RATE_MAX) {
            lg->rate = rate;
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\": must be \"sample=size\", "
                       "between 1 and 1k, or \"rate=number/s\", between 1 "
                       "and %d, once each", value,
                       NGX_HTTP_EVENTS_LOG_RATE_MAX);

    return NGX_CONF_ERROR;
}


ngx_http_events_log_invalid_t *
ngx_http_events_log_invalid_create(ngx_conf_t *cf)
{
    ngx_http_events_log_invalid_t  *lg, **lgp;
    ngx_http_events_main_conf_t    *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);

    lg = ngx_pcalloc(cf->pool, sizeof(ngx_http_events_log_invalid_t));
    lgp = ngx_array_push(&emcf->log_invalids);

    if (lg == NULL || lgp == NULL) {
        return NULL;
    }

    *lgp = lg;

    return lg;
}


/* locations that nobody says anything for share one rate */

char *
ngx_http_events_log_invalid_merge(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *prev, ngx_http_events_loc_conf_t *conf)
{
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);

    if (emcf->log_invalid == NULL) {
        emcf->log_invalid = ngx_http_events_log_invalid_create(cf);
        if (emcf->log_invalid == NULL) {
            return NGX_CONF_ERROR;
        }

        emcf->log_invalid->rate = NGX_HTTP_EVENTS_LOG_RATE;
    }

    ngx_conf_merge_ptr_value(conf->log_invalid, prev->log_invalid,
                             emcf->log_invalid);

    return NGX_CONF_OK;
}


/* body is NULL where it was not read, or cannot be */

void
ngx_http_events_log_rejected(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_error_e error, const events_str_t *body)
{
    ngx_http_events_loc_conf_t     *elcf;
    ngx_http_events_log_invalid_t  *lg;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);
    lg = elcf->log_invalid;

    if (lg == NULL) {
        return;
    }

    if (error == EVENTS_OK && ctx->rejected == 0) {
        return;
    }

    if (error != EVENTS_OK && !ngx_http_events_has_line(error)) {
        return;
    }

    if (!ngx_http_events_within_rate(&lg->lines, lg->rate)) {
        ngx_http_events_suppress(r, lg, error);
        return;
    }

    ngx_http_events_log_line(r, ctx, error, body, lg->sample);
}


/*
 * Who is limited has a line already; whoever sends something else than POST
 * sends no events; what nginx refuses, and what is our own fault, nginx logs.
 */

static ngx_uint_t
ngx_http_events_has_line(events_error_e error)
{
    return events_error_info(error)->status < NGX_HTTP_INTERNAL_SERVER_ERROR
           && error != EVENTS_RATE_LIMITED
           && error != EVENTS_METHOD_NOT_ALLOWED;
}


/* the only place where a request is left out of the log */

static void
ngx_http_events_suppress(ngx_http_request_t *r,
    ngx_http_events_log_invalid_t *lg, events_error_e error)
{
    ngx_http_core_loc_conf_t  *clcf;

    lg->suppressed[(error != EVENTS_OK) ? error : EVENTS_INVALID_EVENTS]++;

    ngx_http_events_count_suppressed(1);

    if (lg->summary.event.timer_set) {
        return;
    }

    /* the location's log, which the request's may outlive */

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    lg->log = clcf->error_log;
    lg->since = ngx_current_msec;

    ngx_http_events_later(&lg->summary, ngx_http_events_suppressed_handler, lg,
                          NGX_HTTP_EVENTS_LOG_INTERVAL);
}


static void
ngx_http_events_suppressed_handler(ngx_event_t *ev)
{
    ngx_http_events_suppressed_log(ngx_http_events_later_data(ev));
}


/* what a worker that leaves has not told yet */

void
ngx_http_events_log_invalid_stop(ngx_http_events_main_conf_t *emcf)
{
    ngx_uint_t                       i;
    ngx_http_events_log_invalid_t  **lg;

    lg = emcf->log_invalids.elts;

    for (i = 0; i < emcf->log_invalids.nelts; i++) {
        if (lg[i]->lines.left_out > 0) {
            ngx_http_events_suppressed_log(lg[i]);
        }
    }
}


static void
ngx_http_events_suppressed_log(ngx_http_events_log_invalid_t *lg)
{
    u_char      *p, *last, text[NGX_HTTP_EVENTS_LOG_LINE];
    ngx_uint_t   i, n;

    p = text;
    last = text + sizeof(text);

    for (i = 0; i < EVENTS_ERROR_MAX; i++) {
        n = lg->suppressed[i];

        if (n > 0) {
            p = ngx_slprintf(p, last, "%s%s %ui", (p == text) ? "" : ", ",
                             events_error_info(i)->code, n);
        }
    }

    ngx_log_error(NGX_LOG_ERR, lg->log, 0,
                  "events: %ui rejected requests in %M s were not logged: %*s",
                  lg->lines.left_out, (ngx_current_msec - lg->since + 500)
                                      / 1000,
                  (size_t) (p - text), text);

    lg->lines.left_out = 0;
    ngx_memzero(lg->suppressed, sizeof(lg->suppressed));
}


/* the level of nginx's own lines about what clients do wrong */

static void
ngx_http_events_log_line(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_error_e error, const events_str_t *body, size_t sample)
{
    u_char  *p, *last, line[NGX_HTTP_EVENTS_LOG_LINE];

    last = line + sizeof(line);

    p = ngx_http_events_log_reason(line, last, r, ctx, error);
    p = ngx_http_events_log_sender(p, last, r, ctx, error);

    if (body != NULL) {
        p = ngx_http_events_log_body(p, last, r, ctx, body, sample);
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "events: rejected%*s",
                  (size_t) (p - line), line);
}


static u_char *
ngx_http_events_log_reason(u_char *p, u_char *last, ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_error_e error)
{
    char                          summary[NGX_HTTP_EVENTS_LOG_SUMMARY];
    events_str_t                  id;
    events_response_t             response;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    if (error == EVENTS_OK || error == EVENTS_INVALID_EVENTS) {
        return ngx_slprintf(p, last, "%s invalid_events: %ui of %ui events, "
                            "errors: \"%s\"",
                            (error == EVENTS_OK) ? " in part, 207" : ", 422",
                            ctx->invalid, ctx->received,
                            events_failures_summary(&emcf->batch->failures,
                                                    summary, sizeof(summary)));
    }

    ngx_http_events_request_id(r, &id);
    events_response_init(&response, error, &id);

    ngx_http_events_explain(r, ctx, &response);

    p = ngx_slprintf(p, last, ", %ud %s: %s",
                     events_error_info(error)->status,
                     events_error_info(error)->code, response.detail);

    if (ctx->received > 0) {
        p = ngx_slprintf(p, last, ", received: %ui", ctx->received);
    }

    return p;
}


static u_char *
ngx_http_events_log_sender(u_char *p, u_char *last, ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_error_e error)
{
    ngx_str_t                     name, brand;
    events_str_t                  id;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    if (ngx_http_events_principal(r, ctx, &name) == NGX_OK && name.len > 0) {
        p = ngx_http_events_log_name(p, last, "principal", name.data,
                                     name.len);

    } else {
        p = ngx_slprintf(p, last, ", guest");
    }

    brand = ctx->brand;

    if (error == EVENTS_BRAND_NOT_ALLOWED) {
        brand.data = (u_char *) emcf->batch->brand.data;
        brand.len = emcf->batch->brand.len;
    }

    if (brand.len > 0) {
        p = ngx_http_events_log_name(p, last, "brand", brand.data, brand.len);
    }

    ngx_http_events_request_id(r, &id);

    return ngx_http_events_log_name(p, last, "request_id", id.data, id.len);
}


static u_char *
ngx_http_events_log_body(u_char *p, u_char *last, ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, const events_str_t *body, size_t size)
{
    size_t        len;
    u_char        hex[EVENTS_SHA256_HEX];
    ngx_str_t    *key;
    events_str_t  sample;

    events_sha256_hex(hex, body->data, body->len);

    p = ngx_slprintf(p, last, ", bytes: %uz, sha256: %*s", body->len,
                     sizeof(hex), hex);

    if (size == 0 || body->len == 0) {
        return p;
    }

    /* a key that begins in what is shown may end behind it */

    key = &ctx->sender.key_value;
    len = ngx_min(body->len, size + 1 + key->len);

    sample.data = ngx_pnalloc(r->pool, len);
    if (sample.data == NULL) {
        return p;
    }

    ngx_memcpy((u_char *) sample.data, body->data, len);
    ngx_http_events_mask((u_char *) sample.data, len, key);

    sample.len = ngx_min(len, size + 1);

    p = ngx_slprintf(p, last, ", sample: \"");

    /* the end needs room for the quote, "..." and a zero byte need 4 */

    size = ngx_min(size + 4, (size_t) (last - p) - 1);

    p += events_text_escape((char *) p, size, &sample);
    *p++ = '"';

    return p;
}


static u_char *
ngx_http_events_log_name(u_char *p, u_char *last, const char *name,
    const u_char *data, size_t len)
{
    char          text[NGX_HTTP_EVENTS_LOG_NAME];
    events_str_t  str;

    str.data = data;
    str.len = len;

    (void) events_text_escape(text, sizeof(text), &str);

    return ngx_slprintf(p, last, ", %s: \"%s\"", name, text);
}


static void
ngx_http_events_mask(u_char *data, size_t len, const ngx_str_t *key)
{
    u_char  *p, *last;

    if (key->len == 0) {
        return;
    }

    last = data + len;

    for (p = data; (size_t) (last - p) >= key->len; p++) {
        if (ngx_memcmp(p, key->data, key->len) == 0) {
            ngx_memset(p, '*', key->len);
        }
    }
}
