
/*
 * What nginx refuses by itself, before or beside the handler (413 for
 * Content-Length, 429 of limit_req), gets a JSON body instead of nginx's page:
 * in endpoints, and wherever "events_json_errors" is on.
 */


#include "ngx_http_events.h"


static void ngx_http_events_drop_error_pages(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *prev, ngx_http_events_loc_conf_t *conf);
static ngx_int_t ngx_http_events_error_page_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_events_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_events_endpoint_headers(ngx_http_request_t *r);
static ngx_uint_t ngx_http_events_is_page(ngx_http_request_t *r);
static ngx_uint_t ngx_http_events_is_early(ngx_http_request_t *r);
static events_error_e ngx_http_events_page_error(ngx_http_request_t *r);
static ngx_uint_t ngx_http_events_is_tls_missing(ngx_http_request_t *r);
static events_error_e ngx_http_events_certificate_error(ngx_http_request_t *r);
static ngx_int_t ngx_http_events_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_events_replace(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


ngx_int_t
ngx_http_events_error_filter_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt          *h;
    ngx_http_core_main_conf_t    *cmcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);
    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_events_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_events_body_filter;

    if (!emcf->json_elsewhere) {
        return NGX_OK;
    }

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_REWRITE_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_events_error_page_handler;

    return NGX_OK;
}


void
ngx_http_events_json_errors_merge(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *prev, ngx_http_events_loc_conf_t *conf)
{
    ngx_http_events_main_conf_t  *emcf;

    if (conf->json_errors == NGX_CONF_UNSET) {
        conf->json_errors = prev->json_errors;
    }

    conf->answers_json = (conf->json_errors == NGX_CONF_UNSET)
                         ? (conf->topic != NULL)
                         : (ngx_uint_t) conf->json_errors;

    if (conf->answers_json && conf->topic == NULL) {
        emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);
        emcf->json_elsewhere = 1;
    }

    ngx_http_events_drop_error_pages(cf, prev, conf);
}


/*
 * "error_page 500 502 503 504 /50x.html", as in nginx's own configuration,
 * would put HTML before our clients; one in the location itself is meant.
 * A server's own conf is for requests whose location is not known yet.
 */

static void
ngx_http_events_drop_error_pages(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *prev, ngx_http_events_loc_conf_t *conf)
{
    ngx_uint_t                 server;
    ngx_http_core_srv_conf_t  *cscf;
    ngx_http_core_loc_conf_t  *clcf;

    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    conf->error_pages = clcf->error_pages;

    server = (clcf == cscf->ctx->loc_conf[ngx_http_core_module.ctx_index]);

    if (!conf->answers_json
        || (!server && clcf->error_pages != prev->error_pages))
    {
        return;
    }

    if (clcf->noname && !prev->no_error_pages) {
        return;
    }

    clcf->error_pages = NULL;
    conf->no_error_pages = 1;
}


/*
 * nginx sets expect_tested for its own pages, and on the way to the target of
 * an error_page.  Forgotten there, it tells the two apart; it only matters to
 * a client that expects something.
 */

static ngx_int_t
ngx_http_events_error_page_handler(ngx_http_request_t *r)
{
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->answers_json && elcf->topic == NULL && r->err_status != 0
        && r->headers_in.expect == NULL)
    {
        r->expect_tested = 0;
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_events_header_filter(ngx_http_request_t *r)
{
    ngx_http_events_ctx_t       *ctx;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if ((elcf->topic == NULL && !elcf->answers_json) || r != r->main) {
        return ngx_http_next_header_filter(r);
    }

    if (elcf->topic != NULL && ngx_http_events_endpoint_headers(r) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!elcf->answers_json || !ngx_http_events_is_page(r)) {
        return ngx_http_next_header_filter(r);
    }

    /* a page may want to read what is wrong before a location is known, too */

    if (elcf->topic == NULL && ngx_http_events_is_early(r)
        && ngx_http_events_cors_headers(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx = ngx_http_events_ctx(r);

    if (ctx == NULL || ngx_http_events_replace(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_events_endpoint_headers(ngx_http_request_t *r)
{
    ngx_http_events_ctx_t  *ctx;

    if (ngx_http_events_cors_headers(r) != NGX_OK) {
        return NGX_ERROR;
    }

    if (r->headers_out.status < NGX_HTTP_BAD_REQUEST) {
        return NGX_OK;
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

    return NGX_OK;
}


/*
 * Whether this is a page of nginx's own.  An endpoint has no other errors,
 * unless the module answers.  Elsewhere what a proxied server, "return" with a
 * text or the target of an error_page says is not touched.
 */

static ngx_uint_t
ngx_http_events_is_page(ngx_http_request_t *r)
{
    ngx_str_t                   *type;
    ngx_http_events_ctx_t       *ctx;
    ngx_http_events_loc_conf_t  *elcf;

    if (r->headers_out.status < NGX_HTTP_BAD_REQUEST) {
        return 0;
    }

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->topic != NULL) {
        ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);
        return !ctx->answered;
    }

    if (r->err_status < NGX_HTTP_BAD_REQUEST || !r->expect_tested
        || r->headers_out.last_modified_time != -1)
    {
        return 0;
    }

    type = &r->headers_out.content_type;

    return (type->len == 0 && r->headers_out.content_length_n == 0)
           || (type->len == sizeof("text/html") - 1
               && ngx_strncmp(type->data, "text/html", type->len) == 0);
}


/* refused while its headers were read, so that its location is not known */

static ngx_uint_t
ngx_http_events_is_early(ngx_http_request_t *r)
{
    return r->write_event_handler == NULL;
}


/* nginx knows more than its status tells: 494 to 497 are all sent as 400 */

static events_error_e
ngx_http_events_page_error(ngx_http_request_t *r)
{
    if (r->headers_out.status != NGX_HTTP_BAD_REQUEST
        || !ngx_http_events_is_early(r))
    {
        return events_error_of_status(r->headers_out.status);
    }

    if (ngx_http_events_is_tls_missing(r)) {
        return EVENTS_TLS_REQUIRED;
    }

    /* of the two, this error alone waits for the rest of the request */

    if (r->http_state == NGX_HTTP_READING_REQUEST_STATE) {
        return r->lingering_close ? EVENTS_HEADERS_TOO_LARGE
                                  : EVENTS_BAD_REQUEST;
    }

    return ngx_http_events_certificate_error(r);
}


static ngx_uint_t
ngx_http_events_is_tls_missing(ngx_http_request_t *r)
{
#if (NGX_HTTP_SSL)
    return r->http_connection->ssl && r->connection->ssl == NULL;
#else
    return 0;
#endif
}


/* in the order of ngx_http_process_request() */

static events_error_e
ngx_http_events_certificate_error(ngx_http_request_t *r)
{
#if (NGX_HTTP_SSL)
    ngx_str_t                 verify;
    ngx_http_ssl_srv_conf_t  *sscf;

    sscf = ngx_http_get_module_srv_conf(r, ngx_http_ssl_module);

    if (!sscf->verify || r->connection->ssl == NULL
        || ngx_ssl_get_client_verify(r->connection, r->pool, &verify)
           != NGX_OK)
    {
        return EVENTS_BAD_REQUEST;
    }

    if (ngx_strncmp(verify.data, "FAILED", sizeof("FAILED") - 1) == 0) {
        return EVENTS_INVALID_CERTIFICATE;
    }

    if (sscf->verify == 1 && ngx_strcmp(verify.data, "NONE") == 0) {
        return EVENTS_CERTIFICATE_REQUIRED;
    }
#endif

    return EVENTS_BAD_REQUEST;
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

    ctx->error = ngx_http_events_page_error(r);

    if (ctx->error == EVENTS_HEADERS_TOO_LARGE) {
        r->err_status = events_error_info(ctx->error)->status;
        ngx_http_events_set_status(r, r->err_status);
    }

    ngx_http_events_request_id(r, &request_id);
    events_response_init(&response, ctx->error, &request_id);
    response.status = r->headers_out.status;

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
