
/*
 * What nginx refuses by itself, before or beside the handler (413 for
 * Content-Length, 408 while the body is read, 429 of limit_req), gets a JSON
 * body instead of nginx's page.
 */


#include "ngx_http_events.h"


static ngx_int_t ngx_http_events_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_events_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_events_replace(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


ngx_int_t
ngx_http_events_error_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_events_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_events_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_header_filter(ngx_http_request_t *r)
{
    ngx_http_events_ctx_t       *ctx;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->topic == NULL || r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    if (ngx_http_events_cors_headers(r) != NGX_OK) {
        return NGX_ERROR;
    }

    if (r->headers_out.status < NGX_HTTP_BAD_REQUEST) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_events_ctx(r);

    /* a key is hidden from the access log even if nobody has asked for it */

    if (ctx == NULL || ngx_http_events_read_key(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    /*
     * A client that waits for 100 may leave the body out, and nobody can tell
     * where it would end.
     */

    if (ctx->sender.expects) {
        r->keepalive = 0;
    }

    if (!ctx->answered && ngx_http_events_replace(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_events_replace(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx)
{
    off_t                      max;
    events_str_t               request_id;
    events_response_t          response;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    max = clcf->client_max_body_size;

    ctx->error = events_error_of_status(r->headers_out.status);

    ngx_http_events_request_id(r, &request_id);
    events_response_init(&response, ctx->error, &request_id);

    if (ctx->error == EVENTS_BODY_TOO_LARGE && max > 0) {
        events_response_limit(&response, max, "bytes");
    }

    if (events_error_info(ctx->error)->retry_after
        && ngx_http_events_retry_after(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->replaced = ngx_alloc_chain_link(r->pool);
    if (ctx->replaced == NULL) {
        return NGX_ERROR;
    }

    if (r->headers_out.content_length) {
        r->headers_out.content_length->hash = 0;
        r->headers_out.content_length = NULL;
    }

    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    ctx->replaced->next = NULL;
    ctx->replaced->buf = ngx_http_events_response(r, &response);

    return (ctx->replaced->buf != NULL) ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_events_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_chain_t            *cl, *out;
    ngx_http_events_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);

    if (ctx == NULL || ctx->replaced == NULL || in == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    /* the page is dropped, the first time for what replaces it */

    for (cl = in; cl != NULL; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }

    out = ctx->replaced;

    if (out->buf == NULL) {
        return NGX_OK;
    }

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    *cl = *out;
    out->buf = NULL;

    return ngx_http_next_body_filter(r, cl);
}
