
/*
 * The response to the client: always JSON, whatever Accept says.
 */


#include "ngx_http_events.h"


/* clients that are told to come again come at different times */
#define NGX_HTTP_EVENTS_RETRY_MIN     1
#define NGX_HTTP_EVENTS_RETRY_SPREAD  5

/* of events_partial; nginx has no name for it */
#define NGX_HTTP_EVENTS_MULTI_STATUS  207


typedef struct {
    ngx_uint_t                   status;
    ngx_str_t                    line;
} ngx_http_events_line_t;


static ngx_int_t ngx_http_events_send(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, ngx_uint_t status, ngx_buf_t *b);
static ngx_buf_t *ngx_http_events_response_text(ngx_http_request_t *r,
    const events_response_t *response);
static void ngx_http_events_response_headers(ngx_http_request_t *r,
    ngx_buf_t *b, ngx_uint_t type);
static ngx_int_t ngx_http_events_error_headers(ngx_http_request_t *r,
    events_error_e error);


/* of statuses that nginx has no lines for */

static ngx_http_events_line_t  ngx_http_events_lines[] = {
    { NGX_HTTP_EVENTS_MULTI_STATUS, ngx_string("207 Multi-Status") },
    { 422, ngx_string("422 Unprocessable Content") },
    { 431, ngx_string("431 Request Header Fields Too Large") },
    { 0, ngx_null_string }
};


static ngx_str_t  ngx_http_events_types[] = {
    ngx_string("application/json"),             /* NGX_HTTP_EVENTS_JSON */
    ngx_string("application/problem+json")
};


ngx_int_t
ngx_http_events_accepted(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx)
{
    events_str_t                 request_id;
    events_response_t            response;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    ctx->accepted = ctx->received - ctx->rejected;

    if (ctx->partial != NULL) {
        return ngx_http_events_send(r, ctx, NGX_HTTP_EVENTS_MULTI_STATUS,
                                    ctx->partial);
    }

    ngx_http_events_request_id(r, &request_id);
    events_response_init(&response, EVENTS_OK, &request_id);

    response.ack = elcf->ack;
    response.received = ctx->received;
    response.accepted = ctx->accepted;

    return ngx_http_events_send(r, ctx, events_response_status(&response),
                                ngx_http_events_response_text(r, &response));
}


/* written before the wait: meanwhile the batch serves other requests */

events_error_e
ngx_http_events_partial(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx)
{
    events_str_t                  request_id;
    events_response_t             response;
    ngx_http_events_loc_conf_t   *elcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    ngx_http_events_request_id(r, &request_id);
    events_response_init(&response, EVENTS_OK, &request_id);
    events_response_explain(&response, emcf->batch);

    response.ack = elcf->ack;

    ctx->partial = ngx_http_events_response_text(r, &response);

    return (ctx->partial != NULL) ? EVENTS_OK : EVENTS_NO_MEMORY;
}


ngx_int_t
ngx_http_events_error(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_error_e error)
{
    events_str_t       request_id;
    events_response_t  response;

    ctx->error = error;

    /* nothing was published: by the client's fault, or by another */

    ctx->rejected = (events_error_info(error)->status
                     < NGX_HTTP_INTERNAL_SERVER_ERROR)
                    ? ctx->received : 0;

    ngx_http_events_request_id(r, &request_id);
    events_response_init(&response, error, &request_id);

    ngx_http_events_explain(r, ctx, &response);

    if (ngx_http_events_error_headers(r, error) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_events_send(r, ctx, events_response_status(&response),
                                ngx_http_events_response_text(r, &response));
}


/* what is known about an error beyond its code */

void
ngx_http_events_explain(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_response_t *response)
{
    ngx_http_events_loc_conf_t   *elcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    switch (response->error) {

    case EVENTS_INFLATED_TOO_LARGE:
        events_response_limit(response, elcf->max_inflated, "bytes");
        break;

    case EVENTS_BATCH_TOO_LARGE:
        events_response_limit(response, elcf->memory, "bytes");
        break;

    case EVENTS_INVALID_JSON:
    case EVENTS_INVALID_UTF8:
    case EVENTS_TOO_DEEP:
    case EVENTS_TOO_MANY_EVENTS:
    case EVENTS_EVENT_TOO_LARGE:
    case EVENTS_INVALID_EVENTS:
    case EVENTS_BRAND_NOT_ALLOWED:
        events_response_explain(response, emcf->batch);
        break;

    default:
        break;
    }

    ngx_http_events_limit_explain(ctx, response);
}


static ngx_int_t
ngx_http_events_error_headers(ngx_http_request_t *r, events_error_e error)
{
    switch (error) {

    case EVENTS_UNAUTHORIZED:
        return ngx_http_events_add_header(r, "WWW-Authenticate",
                                          "Bearer realm=\"events\"");

    case EVENTS_UNKNOWN_KEY:
        return ngx_http_events_add_header(r, "WWW-Authenticate",
                                          "Bearer realm=\"events\", "
                                          "error=\"invalid_token\"");

    case EVENTS_METHOD_NOT_ALLOWED:
        return ngx_http_events_add_header(r, "Allow", "POST");

    case EVENTS_UNSUPPORTED_TYPE:
        return ngx_http_events_add_header(r, "Accept",
                                          "application/json, "
                                          "application/x-ndjson, text/plain");

    case EVENTS_UNSUPPORTED_ENCODING:
        return ngx_http_events_add_header(r, "Accept-Encoding",
                                          "gzip, deflate, identity");

    default:
        break;
    }

    return events_error_info(error)->retry_after
           ? ngx_http_events_retry_after(r) : NGX_OK;
}


static ngx_int_t
ngx_http_events_send(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    ngx_uint_t status, ngx_buf_t *b)
{
    ngx_int_t                    rc;
    ngx_chain_t                  out;
    ngx_http_events_loc_conf_t  *elcf;

    ctx->answered = 1;

    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    ngx_http_events_response_headers(r, b, (ctx->error != EVENTS_OK)
                                           ? elcf->error_type
                                           : NGX_HTTP_EVENTS_JSON);
    ngx_http_events_set_status(r, status);

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


/* instead of a page of nginx's */

ngx_buf_t *
ngx_http_events_response(ngx_http_request_t *r,
    const events_response_t *response)
{
    ngx_buf_t                   *b;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    b = ngx_http_events_response_text(r, response);

    if (b != NULL) {
        ngx_http_events_response_headers(r, b, elcf->error_type);
    }

    return b;
}


/* one buffer, of exactly the right size */

static ngx_buf_t *
ngx_http_events_response_text(ngx_http_request_t *r,
    const events_response_t *response)
{
    ngx_buf_t  *b;

    b = ngx_create_temp_buf(r->pool, events_response_len(response));
    if (b == NULL) {
        return NULL;
    }

    b->last = events_response_write(b->last, response);
    b->last_buf = 1;
    b->last_in_chain = 1;

    return b;
}


static void
ngx_http_events_response_headers(ngx_http_request_t *r, ngx_buf_t *b,
    ngx_uint_t type)
{
    r->headers_out.content_length_n = ngx_buf_size(b);

    r->headers_out.content_type = ngx_http_events_types[type];
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    ngx_str_null(&r->headers_out.charset);
}


void
ngx_http_events_set_status(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_http_events_line_t  *line;

    r->headers_out.status = status;

    for (line = ngx_http_events_lines; line->status != 0; line++) {
        if (line->status == status) {
            r->headers_out.status_line = line->line;
        }
    }
}


ngx_int_t
ngx_http_events_add_header(ngx_http_request_t *r, const char *name,
    const char *value)
{
    ngx_str_t  str;

    str.data = (u_char *) value;
    str.len = ngx_strlen(value);

    return ngx_http_events_add_header_value(r, name, &str);
}


ngx_int_t
ngx_http_events_add_header_value(ngx_http_request_t *r, const char *name,
    const ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return NGX_OK;
}


ngx_int_t
ngx_http_events_retry_after(ngx_http_request_t *r)
{
    u_char                 *p;
    ngx_uint_t              seconds;
    ngx_http_events_ctx_t  *ctx;

    p = ngx_pnalloc(r->pool, NGX_INT_T_LEN + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);

    seconds = (ctx->retry_after > 0)
              ? ctx->retry_after
              : (ngx_uint_t) NGX_HTTP_EVENTS_RETRY_MIN
                + ngx_random() % NGX_HTTP_EVENTS_RETRY_SPREAD;

    *ngx_sprintf(p, "%ui", seconds) = '\0';

    return ngx_http_events_add_header(r, "Retry-After", (char *) p);
}
