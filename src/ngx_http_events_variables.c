
#include "ngx_http_events.h"


typedef enum {
    NGX_HTTP_EVENTS_RECEIVED = 0,
    NGX_HTTP_EVENTS_ACCEPTED,
    NGX_HTTP_EVENTS_REJECTED,
    NGX_HTTP_EVENTS_INVALID,
    NGX_HTTP_EVENTS_RENAMED,
    NGX_HTTP_EVENTS_OF_BRAND,
    NGX_HTTP_EVENTS_ERROR,
    NGX_HTTP_EVENTS_ACK_TIME,
    NGX_HTTP_EVENTS_STATUS
} ngx_http_events_variable_e;


static ngx_int_t ngx_http_events_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_events_variable_text(ngx_http_variable_value_t *v,
    const char *text);
static const char *ngx_http_events_verdict(ngx_http_events_ctx_t *ctx);


static ngx_http_variable_t  ngx_http_events_vars[] = {

    { ngx_string("events_received"), NULL, ngx_http_events_variable,
      NGX_HTTP_EVENTS_RECEIVED, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_accepted"), NULL, ngx_http_events_variable,
      NGX_HTTP_EVENTS_ACCEPTED, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_rejected"), NULL, ngx_http_events_variable,
      NGX_HTTP_EVENTS_REJECTED, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_invalid"), NULL, ngx_http_events_variable,
      NGX_HTTP_EVENTS_INVALID, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_renamed"), NULL, ngx_http_events_variable,
      NGX_HTTP_EVENTS_RENAMED, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_brand"), NULL, ngx_http_events_variable,
      NGX_HTTP_EVENTS_OF_BRAND, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_error"), NULL, ngx_http_events_variable,
      NGX_HTTP_EVENTS_ERROR, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_ack_time"), NULL, ngx_http_events_variable,
      NGX_HTTP_EVENTS_ACK_TIME, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_status"), NULL, ngx_http_events_variable,
      NGX_HTTP_EVENTS_STATUS, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_events_add_variables(ngx_conf_t *cf)
{
    return ngx_http_events_add_variable_table(cf, ngx_http_events_vars);
}


ngx_int_t
ngx_http_events_add_variable_table(ngx_conf_t *cf, ngx_http_variable_t *v)
{
    ngx_http_variable_t  *var;

    for ( /* void */ ; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    u_char                 *p;
    ngx_uint_t              n;
    ngx_http_events_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);

    if (ctx == NULL || (data == NGX_HTTP_EVENTS_ACK_TIME && !ctx->waited)) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_EVENTS_ERROR:
        return ngx_http_events_variable_text(v,
                                         events_error_info(ctx->error)->code);

    case NGX_HTTP_EVENTS_STATUS:
        return ngx_http_events_variable_text(v, ngx_http_events_verdict(ctx));

    case NGX_HTTP_EVENTS_OF_BRAND:
        v->data = ctx->brand.data;
        v->len = ctx->brand.len;
        v->valid = 1;
        v->no_cacheable = 0;
        v->not_found = 0;

        return NGX_OK;

    case NGX_HTTP_EVENTS_RENAMED:
        n = ctx->renamed;
        break;

    case NGX_HTTP_EVENTS_RECEIVED:
        n = ctx->received;
        break;

    case NGX_HTTP_EVENTS_ACCEPTED:
        n = ctx->accepted;
        break;

    case NGX_HTTP_EVENTS_INVALID:
        n = ctx->invalid;
        break;

    default:
        n = ctx->rejected;
        break;
    }

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + 4);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->data = p;

    if (data == NGX_HTTP_EVENTS_ACK_TIME) {
        v->len = ngx_sprintf(p, "%T.%03M", (time_t) ctx->ack_time / 1000,
                             ctx->ack_time % 1000)
                 - p;

    } else {
        v->len = ngx_sprintf(p, "%ui", n) - p;
    }

    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_variable_text(ngx_http_variable_value_t *v, const char *text)
{
    if (text == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = (u_char *) text;
    v->len = ngx_strlen(text);
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static const char *
ngx_http_events_verdict(ngx_http_events_ctx_t *ctx)
{
    if (ctx->error != EVENTS_OK) {
        return (events_error_info(ctx->error)->status < 500) ? "rejected"
                                                             : "failed";
    }

    if (!ctx->answered) {
        return NULL;
    }

    return (ctx->partial != NULL) ? "partial" : "accepted";
}
