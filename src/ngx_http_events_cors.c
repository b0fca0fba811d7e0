
/*
 * Pages of other origins: the preflight that their browsers ask first, and
 * the headers without which they may not read an answer (Fetch, section
 * "CORS protocol").
 */


#include "ngx_http_events.h"

#include "events_origin.h"


/* browsers keep a preflight for two hours at most, or cut it to that */
#define NGX_HTTP_EVENTS_CORS_MAX_AGE  "7200"

/* a longer list of headers is not echoed */
#define NGX_HTTP_EVENTS_CORS_HEADERS  1024

/* what a page asks for that asks for nothing by name */
#define NGX_HTTP_EVENTS_CORS_USUAL                                            \
    "Authorization, Content-Encoding, Content-Type, X-API-Key, X-Guest-Id"


static ngx_str_t *ngx_http_events_cors_allowed(ngx_http_request_t *r);
static ngx_int_t ngx_http_events_cors_preflight_headers(ngx_http_request_t *r);
static void ngx_http_events_cors_value(ngx_http_request_t *r, ngx_int_t index,
    ngx_str_t *value);


/* OPTIONS alone is a method like others, that is not allowed */

ngx_uint_t
ngx_http_events_cors_is_preflight(ngx_http_request_t *r)
{
    ngx_str_t                     origin, method;
    ngx_http_events_loc_conf_t   *elcf;
    ngx_http_events_main_conf_t  *emcf;

    if (r->method != NGX_HTTP_OPTIONS) {
        return 0;
    }

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->access.cors_origins == NULL) {
        return 0;
    }

    ngx_http_events_cors_value(r, emcf->index.origin, &origin);
    ngx_http_events_cors_value(r, emcf->index.request_method, &method);

    return origin.len > 0 && method.len > 0;
}


/* what a phase handler returns that ends the request */

ngx_int_t
ngx_http_events_cors_preflight(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx)
{
    ngx_int_t  rc;

    if (ngx_http_events_cors_allowed(r) != NULL) {
        ctx->sender.preflight = 1;
        return NGX_HTTP_NO_CONTENT;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc == NGX_OK) {
        rc = ngx_http_events_error(r, ctx, EVENTS_ORIGIN_NOT_ALLOWED);
    }

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


/* of any answer of an endpoint, nginx's own too */

ngx_int_t
ngx_http_events_cors_headers(ngx_http_request_t *r)
{
    ngx_str_t                   *allowed;
    ngx_http_events_ctx_t       *ctx;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->access.cors_origins == NULL) {
        return NGX_OK;
    }

    if (ngx_http_events_add_header(r, "Vary", "Origin") != NGX_OK) {
        return NGX_ERROR;
    }

    allowed = ngx_http_events_cors_allowed(r);

    if (allowed == NULL) {
        return NGX_OK;
    }

    if (ngx_http_events_add_header_value(r, "Access-Control-Allow-Origin",
                                         allowed)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);

    if (ctx != NULL && ctx->sender.preflight) {
        return ngx_http_events_cors_preflight_headers(r);
    }

    return ngx_http_events_add_header(r, "Access-Control-Expose-Headers",
                                      "Retry-After, RateLimit, "
                                      "RateLimit-Policy");
}


/* the configured origin that is the request's, or "*" */

static ngx_str_t *
ngx_http_events_cors_allowed(ngx_http_request_t *r)
{
    ngx_str_t                   *allowed;
    ngx_uint_t                   i;
    events_str_t                 origin;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);
    allowed = elcf->access.cors_origins->elts;

    if (allowed[0].len == 1) {
        return &allowed[0];
    }

    ngx_http_events_cors_origin_of(r, &origin);

    for (i = 0; i < elcf->access.cors_origins->nelts; i++) {
        if (allowed[i].len == origin.len
            && ngx_memcmp(allowed[i].data, origin.data, origin.len) == 0)
        {
            return &allowed[i];
        }
    }

    return NULL;
}


/*
 * Whatever headers a page wants to send, it may: the module takes no cookies
 * that a browser adds by itself, so that there is nothing to protect.
 */

static ngx_int_t
ngx_http_events_cors_preflight_headers(ngx_http_request_t *r)
{
    ngx_str_t                     headers;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    ngx_http_events_cors_value(r, emcf->index.request_headers, &headers);

    if (headers.len == 0 || headers.len > NGX_HTTP_EVENTS_CORS_HEADERS) {
        ngx_str_set(&headers, NGX_HTTP_EVENTS_CORS_USUAL);
    }

    if (ngx_http_events_add_header(r, "Access-Control-Allow-Methods", "POST")
        != NGX_OK
        || ngx_http_events_add_header_value(r, "Access-Control-Allow-Headers",
                                            &headers)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_events_add_header(r, "Access-Control-Max-Age",
                                      NGX_HTTP_EVENTS_CORS_MAX_AGE);
}


void
ngx_http_events_cors_origin_of(ngx_http_request_t *r, events_str_t *origin)
{
    ngx_str_t                     value;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    ngx_http_events_cors_value(r, emcf->index.origin, &value);

    origin->data = value.data;
    origin->len = value.len;
}


static void
ngx_http_events_cors_value(ngx_http_request_t *r, ngx_int_t index,
    ngx_str_t *value)
{
    ngx_http_variable_value_t  *vv;

    vv = ngx_http_get_indexed_variable(r, index);

    if (vv == NULL || vv->not_found) {
        ngx_str_set(value, "");
        return;
    }

    value->data = vv->data;
    value->len = vv->len;
}


char *
ngx_http_events_cors_origin(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t     *value, *origin;
    ngx_uint_t     i;
    const char    *err;
    events_str_t   str;

    if (elcf->access.cors_origins != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    elcf->access.cors_origins = ngx_array_create(cf->pool, cf->args->nelts - 1,
                                                 sizeof(ngx_str_t));
    if (elcf->access.cors_origins == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        origin = ngx_array_push(elcf->access.cors_origins);
        if (origin == NULL) {
            return NGX_CONF_ERROR;
        }

        *origin = value[i];

        if (cf->args->nelts == 2 && ngx_strcmp(value[i].data, "*") == 0) {
            break;
        }

        str.data = value[i].data;
        str.len = value[i].len;

        err = events_origin_check(&str);

        if (err != NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid origin \"%V\": %s", &value[i], err);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}
