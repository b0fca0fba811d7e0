
/*
 * The ceiling of "make bench": what nginx can do at most on this machine when
 * a location reads the whole body and answers, and does nothing else.
 *
 *     location = /events { bench_ceiling on; }
 *
 * The answer has the size, the status and the header fields of the events
 * module's own, so that the kernel and wrk have the same work.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


static char *ngx_http_bench_ceiling(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_bench_ceiling_handler(ngx_http_request_t *r);
static void ngx_http_bench_ceiling_answer(ngx_http_request_t *r);
static ngx_int_t ngx_http_bench_ceiling_send(ngx_http_request_t *r);


static ngx_command_t  ngx_http_bench_ceiling_commands[] = {

    { ngx_string("bench_ceiling"),
      NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_http_bench_ceiling,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_bench_ceiling_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_bench_ceiling_module = {
    NGX_MODULE_V1,
    &ngx_http_bench_ceiling_module_ctx,    /* module context */
    ngx_http_bench_ceiling_commands,       /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_str_t  ngx_http_bench_ceiling_text = ngx_string(
    "{\"status\":\"accepted\",\"ack\":\"broker\",\"received\":50,"
    "\"accepted\":50,\"request_id\":\"0123456789abcdef0123456789abcdef\"}");

static ngx_str_t  ngx_http_bench_ceiling_type =
    ngx_string("application/json");


static char *
ngx_http_bench_ceiling(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "on") == 0) {
        clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
        clcf->handler = ngx_http_bench_ceiling_handler;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_bench_ceiling_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    rc = ngx_http_read_client_request_body(r, ngx_http_bench_ceiling_answer);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


static void
ngx_http_bench_ceiling_answer(ngx_http_request_t *r)
{
    ngx_http_finalize_request(r, ngx_http_bench_ceiling_send(r));
}


static ngx_int_t
ngx_http_bench_ceiling_send(ngx_http_request_t *r)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = ngx_http_bench_ceiling_text.len;
    r->headers_out.content_type = ngx_http_bench_ceiling_type;
    r->headers_out.content_type_len = ngx_http_bench_ceiling_type.len;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = ngx_http_bench_ceiling_text.data;
    b->last = b->pos + ngx_http_bench_ceiling_text.len;
    b->memory = 1;
    b->last_buf = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}
