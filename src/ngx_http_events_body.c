
/*
 * From the request to the bytes of a batch: what its headers say the body is,
 * and the body itself, from memory or a temporary file, inflated.
 */


#include "ngx_http_events.h"


/* a worker's buffers are kept for the next request up to this size */
#define NGX_HTTP_EVENTS_KEEP  (1024 * 1024)


typedef struct {
    ngx_str_t                    name;
    events_json_framing_e        framing;
} ngx_http_events_type_t;


typedef struct {
    ngx_str_t                    name;
    ngx_http_events_encoding_e   encoding;
} ngx_http_events_coding_t;


static ngx_int_t ngx_http_events_content_type(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
static ngx_int_t ngx_http_events_content_encoding(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
static void ngx_http_events_trim(ngx_str_t *value);
static events_error_e ngx_http_events_gather(ngx_http_request_t *r,
    events_buffer_t *to, events_str_t *body);
static ngx_int_t ngx_http_events_copy_buf(ngx_http_request_t *r, ngx_buf_t *b,
    events_buffer_t *to);
static void ngx_http_events_shrink(events_buffer_t *buf);


static ngx_http_events_type_t  ngx_http_events_types[] = {
    { ngx_string("application/json"), EVENTS_JSON_VALUE },
    { ngx_string("text/plain"), EVENTS_JSON_VALUE },
    { ngx_string("application/x-ndjson"), EVENTS_JSON_LINES },
    { ngx_null_string, 0 }
};


static ngx_http_events_coding_t  ngx_http_events_codings[] = {
    { ngx_string("identity"), NGX_HTTP_EVENTS_IDENTITY },
    { ngx_string("gzip"), NGX_HTTP_EVENTS_GZIP },
    { ngx_string("x-gzip"), NGX_HTTP_EVENTS_GZIP },
    { ngx_string("deflate"), NGX_HTTP_EVENTS_DEFLATE },
    { ngx_null_string, 0 }
};


events_error_e
ngx_http_events_headers(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx)
{
    if (r->method != NGX_HTTP_POST) {
        return EVENTS_METHOD_NOT_ALLOWED;
    }

    if (ngx_http_events_content_type(r, ctx) != NGX_OK) {
        return EVENTS_UNSUPPORTED_TYPE;
    }

    if (ngx_http_events_content_encoding(r, ctx) != NGX_OK) {
        return EVENTS_UNSUPPORTED_ENCODING;
    }

    return EVENTS_OK;
}


/* RFC 9110, section 8.3: type "/" subtype, then perhaps parameters */

static ngx_int_t
ngx_http_events_content_type(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx)
{
    u_char                  *p;
    ngx_str_t                value;
    ngx_http_events_type_t  *type;

    ctx->framing = EVENTS_JSON_VALUE;

    if (r->headers_in.content_type == NULL) {
        return NGX_OK;
    }

    value = r->headers_in.content_type->value;

    p = ngx_strlchr(value.data, value.data + value.len, ';');

    if (p != NULL) {
        value.len = p - value.data;
    }

    ngx_http_events_trim(&value);

    if (value.len == 0) {
        return NGX_OK;
    }

    for (type = ngx_http_events_types; type->name.len; type++) {
        if (type->name.len == value.len
            && ngx_strncasecmp(type->name.data, value.data, value.len) == 0)
        {
            ctx->framing = type->framing;
            return NGX_OK;
        }
    }

    /* RFC 6839, section 3.1: a "+json" subtype is JSON */

    if (value.len > 5
        && ngx_strncasecmp(value.data + value.len - 5, (u_char *) "+json", 5)
           == 0)
    {
        return NGX_OK;
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_events_content_encoding(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx)
{
    ngx_str_t                  value;
    ngx_uint_t                 i;
    ngx_list_part_t           *part;
    ngx_table_elt_t           *h;
    ngx_http_events_coding_t  *coding;

    ctx->encoding = NGX_HTTP_EVENTS_IDENTITY;

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NGX_OK;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len != sizeof("Content-Encoding") - 1
            || ngx_strcasecmp(h[i].key.data, (u_char *) "Content-Encoding")
               != 0)
        {
            continue;
        }

        value = h[i].value;
        ngx_http_events_trim(&value);

        if (value.len == 0) {
            continue;
        }

        for (coding = ngx_http_events_codings; coding->name.len; coding++) {
            if (coding->name.len == value.len
                && ngx_strncasecmp(coding->name.data, value.data, value.len)
                   == 0)
            {
                break;
            }
        }

        /* one coding at most, in one field or in several */

        if (coding->name.len == 0
            || (coding->encoding != NGX_HTTP_EVENTS_IDENTITY
                && ctx->encoding != NGX_HTTP_EVENTS_IDENTITY))
        {
            return NGX_DECLINED;
        }

        if (coding->encoding != NGX_HTTP_EVENTS_IDENTITY) {
            ctx->encoding = coding->encoding;
        }
    }
}


static void
ngx_http_events_trim(ngx_str_t *value)
{
    while (value->len && (value->data[0] == ' ' || value->data[0] == '\t')) {
        value->data++;
        value->len--;
    }

    while (value->len && (value->data[value->len - 1] == ' '
                          || value->data[value->len - 1] == '\t'))
    {
        value->len--;
    }
}


/*
 * The body in one piece: nginx's own buffer where it is one, else a buffer of
 * the worker that holds until the next request comes here.
 */

events_error_e
ngx_http_events_body(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_str_t *body)
{
    events_error_e                error;
    ngx_http_events_loc_conf_t   *elcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    ngx_http_events_shrink(&emcf->body);
    ngx_http_events_shrink(&emcf->inflated);

    emcf->inflated.len = 0;

    error = ngx_http_events_gather(r, &emcf->body, body);

    if (error == EVENTS_OK && body->len > 0
        && ctx->encoding != NGX_HTTP_EVENTS_IDENTITY)
    {
        error = events_inflate(body->data, body->len,
                               ctx->encoding == NGX_HTTP_EVENTS_GZIP
                                   ? EVENTS_INFLATE_GZIP
                                   : EVENTS_INFLATE_DEFLATE,
                               elcf->max_inflated, &emcf->inflated);

        /* what cannot be inflated stays as it came */

        if (error == EVENTS_OK) {
            body->data = emcf->inflated.data;
            body->len = emcf->inflated.len;
        }
    }

    /* what was inflated has taken its time, whatever came of it */

    emcf->turn_bytes += ngx_max(body->len, emcf->inflated.len);

    return error;
}


/*
 * Records are copies, so that nobody needs the body while Kafka is waited for:
 * many waiting requests do not hold many bodies.  Small ones, in the pool's
 * own blocks, stay.
 */

void
ngx_http_events_free_body(ngx_http_request_t *r)
{
    ngx_http_request_body_t  *rb;

    rb = r->request_body;

    if (rb == NULL || rb->buf == NULL) {
        return;
    }

    if (ngx_pfree(r->pool, rb->buf->start) == NGX_OK) {
        rb->buf = NULL;
        rb->bufs = NULL;
    }
}


static events_error_e
ngx_http_events_gather(ngx_http_request_t *r, events_buffer_t *to,
    events_str_t *body)
{
    off_t         len;
    u_char       *data;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    body->data = (u_char *) "";
    body->len = 0;

    if (r->request_body == NULL || r->request_body->bufs == NULL) {
        return EVENTS_OK;
    }

    cl = r->request_body->bufs;
    b = cl->buf;

    if (cl->next == NULL && !b->in_file) {
        body->data = b->pos;
        body->len = ngx_buf_size(b);
        return EVENTS_OK;
    }

    len = 0;

    for ( /* void */ ; cl != NULL; cl = cl->next) {
        len += ngx_buf_size(cl->buf);
    }

    if ((size_t) len > to->size) {
        data = ngx_alloc(len, r->connection->log);
        if (data == NULL) {
            return EVENTS_NO_MEMORY;
        }

        ngx_free(to->data);
        to->data = data;
        to->size = len;
    }

    to->len = 0;

    for (cl = r->request_body->bufs; cl != NULL; cl = cl->next) {
        if (ngx_http_events_copy_buf(r, cl->buf, to) != NGX_OK) {
            return EVENTS_INTERNAL;
        }
    }

    if (to->len > 0) {
        body->data = to->data;
        body->len = to->len;
    }

    return EVENTS_OK;
}


static ngx_int_t
ngx_http_events_copy_buf(ngx_http_request_t *r, ngx_buf_t *b,
    events_buffer_t *to)
{
    size_t   len;
    ssize_t  n;

    len = ngx_buf_size(b);

    if (len == 0) {
        return NGX_OK;
    }

    if (!b->in_file) {
        ngx_memcpy(to->data + to->len, b->pos, len);
        to->len += len;
        return NGX_OK;
    }

    n = ngx_read_file(b->file, to->data + to->len, len, b->file_pos);

    if (n == NGX_ERROR || (size_t) n != len) {
        ngx_log_error(NGX_LOG_CRIT, r->connection->log, 0,
                      "events: reading the body from \"%V\" failed",
                      &b->file->name);
        return NGX_ERROR;
    }

    to->len += len;

    return NGX_OK;
}


static void
ngx_http_events_shrink(events_buffer_t *buf)
{
    if (buf->size > NGX_HTTP_EVENTS_KEEP) {
        ngx_free(buf->data);
        buf->data = NULL;
        buf->size = 0;
    }
}
