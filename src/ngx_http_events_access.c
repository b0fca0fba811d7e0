
/*
 * Who sends, and whether it may: an API key, somebody whom another part of
 * nginx knows, or a guest.
 *
 * The check is the first thing that the content handler does, not one of the
 * access phase: what auth_request sets is known by then, and "satisfy" is
 * among nginx's own modules.
 */


#include "ngx_http_events.h"


/* ten times the lines of a large company */
#define NGX_HTTP_EVENTS_MAX_KEYS_FILE  (64 * 1024 * 1024)


static ngx_int_t ngx_http_events_preaccess_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_events_key_value(ngx_http_request_t *r,
    ngx_http_events_access_conf_t *access, ngx_str_t *value);
static void ngx_http_events_strip_bearer(ngx_str_t *value);
static ngx_int_t ngx_http_events_keep_key(ngx_http_request_t *r,
    ngx_http_events_sender_t *sender, const ngx_str_t *value);
static ngx_int_t ngx_http_events_hide_others(ngx_http_request_t *r,
    ngx_http_events_access_conf_t *access);
static void ngx_http_events_hide(ngx_http_request_t *r, ngx_str_t *value);
static void ngx_http_events_hide_in(ngx_str_t *text, ngx_str_t *value);
static ngx_int_t ngx_http_events_index(ngx_conf_t *cf, const char *name,
    ngx_int_t *index);
static void ngx_http_events_keys_cleanup(void *data);


static ngx_str_t  ngx_http_events_key_header = ngx_string("x-api-key");


ngx_int_t
ngx_http_events_access_preconfiguration(ngx_conf_t *cf,
    ngx_http_events_access_index_t *index)
{
    if (ngx_http_events_index(cf, "http_x_api_key", &index->key) != NGX_OK
        || ngx_http_events_index(cf, "http_x_guest_id", &index->guest_id)
           != NGX_OK
        || ngx_http_events_index(cf, "http_origin", &index->origin) != NGX_OK
        || ngx_http_events_index(cf, "http_access_control_request_method",
                                 &index->request_method)
           != NGX_OK
        || ngx_http_events_index(cf, "http_access_control_request_headers",
                                 &index->request_headers)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_events_add_guest_variables(cf);
}


static ngx_int_t
ngx_http_events_index(ngx_conf_t *cf, const char *name, ngx_int_t *index)
{
    ngx_str_t  str;

    str.data = (u_char *) name;
    str.len = ngx_strlen(name);

    *index = ngx_http_get_variable_index(cf, &str);

    return (*index != NGX_ERROR) ? NGX_OK : NGX_ERROR;
}


/* handlers run last to first: this one comes before those of limit_req */

ngx_int_t
ngx_http_events_access_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_events_preaccess_handler;

    return NGX_OK;
}


/*
 * A preflight carries no credentials, so it is answered before anybody asks
 * for them; nor does it count as a request of a guest.  A key in the query is
 * hidden before a limit or a refusal logs the request.
 */

static ngx_int_t
ngx_http_events_preaccess_handler(ngx_http_request_t *r)
{
    ngx_http_events_ctx_t       *ctx;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->topic == NULL || r != r->main) {
        return NGX_DECLINED;
    }

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "events preaccess handler");

    ctx = ngx_http_events_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    /* whoever refuses the request drops its body, and would ask for it first */

    if (r->headers_in.expect != NULL && !r->expect_tested) {
        r->expect_tested = 1;
        ctx->sender.expects = 1;
    }

    if (ngx_http_events_cors_is_preflight(r)) {
        return ngx_http_events_cors_preflight(r, ctx);
    }

    return (ngx_http_events_read_key(r, ctx) == NGX_OK) ? NGX_DECLINED
                                                        : NGX_ERROR;
}


events_error_e
ngx_http_events_check_sender(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx)
{
    ngx_str_t                       name;
    events_str_t                    origin;
    ngx_http_events_sender_t       *sender;
    ngx_http_events_loc_conf_t     *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);
    sender = &ctx->sender;

    if (ngx_http_events_principal(r, ctx, &name) != NGX_OK) {
        return EVENTS_NO_MEMORY;
    }

    if (sender->key_sent) {

        if (sender->key == NULL) {
            return EVENTS_UNKNOWN_KEY;
        }

        ngx_http_events_cors_origin_of(r, &origin);

        return events_key_allows_origin(sender->key, &origin)
               ? EVENTS_OK : EVENTS_ORIGIN_NOT_ALLOWED;
    }

    return (name.len > 0 || elcf->access.guests) ? EVENTS_OK
                                                 : EVENTS_UNAUTHORIZED;
}


/*
 * The name of who sends, empty for a guest.  Who sends a key that nobody
 * knows is a guest, so that limits hold for those who try keys.
 */

ngx_int_t
ngx_http_events_principal(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    ngx_str_t *name)
{
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    ngx_str_null(name);

    if (ngx_http_events_read_key(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->sender.key != NULL) {
        name->data = (u_char *) ctx->sender.key->name.data;
        name->len = ctx->sender.key->name.len;
        return NGX_OK;
    }

    if (ctx->sender.key_sent || elcf->access.principal == NULL) {
        return NGX_OK;
    }

    if (ctx->sender.principal.len == 0
        && ngx_http_complex_value(r, elcf->access.principal,
                                  &ctx->sender.principal)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    *name = ctx->sender.principal;

    return NGX_OK;
}


/* what the location allows and the key allows; empty: any */

ngx_int_t
ngx_http_events_sender_brands(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_str_t *brands)
{
    u_char                      *p;
    ngx_str_t                    value;
    const events_key_t          *key;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);
    key = ctx->sender.key;

    ngx_str_null(&value);

    if (elcf->brands != NULL
        && ngx_http_complex_value(r, elcf->brands, &value) != NGX_OK)
    {
        return NGX_ERROR;
    }

    brands->data = value.data;
    brands->len = value.len;

    if (key == NULL || key->brands.len == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, key->brands.len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    brands->len = events_key_brands(key, brands, p);
    brands->data = p;

    return NGX_OK;
}


/* once for a request: afterwards the query does not have it any more */

ngx_int_t
ngx_http_events_read_key(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx)
{
    ngx_str_t                    value;
    ngx_http_events_sender_t    *sender;
    ngx_http_events_loc_conf_t  *elcf;

    sender = &ctx->sender;
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (sender->key_read || elcf->access.keys == NULL) {
        return NGX_OK;
    }

    if (ngx_http_events_key_value(r, &elcf->access, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    sender->key_read = 1;

    if (value.len > 0) {
        sender->key_sent = 1;
        sender->key = events_keys_find(elcf->access.keys, value.data,
                                       value.len);

        if (elcf->log_invalid != NULL && elcf->log_invalid->sample > 0
            && ngx_http_events_keep_key(r, sender, &value) != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_http_events_hide(r, &value);

        return ngx_http_events_hide_others(r, &elcf->access);
    }

    return NGX_OK;
}


/* a key in the query is one even if a header has another */

static ngx_int_t
ngx_http_events_hide_others(ngx_http_request_t *r,
    ngx_http_events_access_conf_t *access)
{
    ngx_str_t                  value;
    ngx_uint_t                 i;
    ngx_http_complex_value_t  *cv;

    if (access->key_values == NULL || r->args.len == 0) {
        return NGX_OK;
    }

    cv = access->key_values->elts;

    for (i = 0; i < access->key_values->nelts; i++) {

        if (ngx_http_complex_value(r, &cv[i], &value) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_http_events_strip_bearer(&value);

        if (value.len > 0) {
            ngx_http_events_hide(r, &value);
        }
    }

    return NGX_OK;
}


/* a sample of the body may have it, too */

static ngx_int_t
ngx_http_events_keep_key(ngx_http_request_t *r,
    ngx_http_events_sender_t *sender, const ngx_str_t *value)
{
    sender->key_value.data = ngx_pnalloc(r->pool, value->len);
    if (sender->key_value.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(sender->key_value.data, value->data, value->len);
    sender->key_value.len = value->len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_key_value(ngx_http_request_t *r,
    ngx_http_events_access_conf_t *access, ngx_str_t *value)
{
    ngx_uint_t                    i;
    ngx_http_complex_value_t     *cv;
    ngx_http_events_main_conf_t  *emcf;

    ngx_str_null(value);

    if (access->key_values != NULL) {

        cv = access->key_values->elts;

        for (i = 0; i < access->key_values->nelts && value->len == 0; i++) {

            if (ngx_http_complex_value(r, &cv[i], value) != NGX_OK) {
                return NGX_ERROR;
            }

            ngx_http_events_strip_bearer(value);
        }

        return NGX_OK;
    }

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    ngx_http_events_header(r, &ngx_http_events_key_header, emcf->index.key,
                           value);

    if (value->len > 0) {
        return NGX_OK;
    }

    /* another scheme is another module's */

    if (r->headers_in.authorization != NULL) {
        *value = r->headers_in.authorization->value;
        ngx_http_events_strip_bearer(value);

        if (value->data == r->headers_in.authorization->value.data) {
            value->len = 0;
        }
    }

    return NGX_OK;
}


/*
 * A field of the request; value is empty where there is none.  nginx compares
 * its variables' names with those of all fields, byte by byte; what it makes of
 * a field that occurs twice is left to it.
 */

void
ngx_http_events_header(ngx_http_request_t *r, ngx_str_t *name, ngx_int_t index,
    ngx_str_t *value)
{
    ngx_uint_t                  i, n;
    ngx_list_part_t            *part;
    ngx_table_elt_t            *h;
    ngx_http_variable_value_t  *vv;

    ngx_str_null(value);
    n = 0;

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len == name->len && h[i].hash != 0
                && ngx_memcmp(h[i].lowcase_key, name->data, name->len) == 0)
            {
                *value = h[i].value;
                n++;
            }
        }
    }

    if (n < 2) {
        return;
    }

    vv = ngx_http_get_indexed_variable(r, index);

    if (vv != NULL && !vv->not_found) {
        value->data = vv->data;
        value->len = vv->len;
    }
}


/* RFC 6750, section 2.1 */

static void
ngx_http_events_strip_bearer(ngx_str_t *value)
{
    size_t  len;

    len = sizeof("Bearer ") - 1;

    if (value->len < len
        || ngx_strncasecmp(value->data, (u_char *) "Bearer ", len) != 0)
    {
        return;
    }

    value->data += len;
    value->len -= len;

    while (value->len > 0 && value->data[0] == ' ') {
        value->data++;
        value->len--;
    }
}


/*
 * Logs hold the request line, and so do many variables.  All of them refer to
 * bytes of this request.
 */

static void
ngx_http_events_hide(ngx_http_request_t *r, ngx_str_t *value)
{
    ngx_http_events_hide_in(&r->args, value);
    ngx_http_events_hide_in(&r->unparsed_uri, value);
    ngx_http_events_hide_in(&r->request_line, value);

    if (r->headers_in.referer != NULL) {
        ngx_http_events_hide_in(&r->headers_in.referer->value, value);
    }
}


static void
ngx_http_events_hide_in(ngx_str_t *text, ngx_str_t *value)
{
    u_char  *p, *last, *end;

    p = text->data;
    last = text->data + text->len;

    while (p != NULL && p < last) {

        p = memchr(p, '=', last - p);

        if (p == NULL) {
            break;
        }

        end = ++p + value->len;

        if (end > last || ngx_memcmp(p, value->data, value->len) != 0) {
            continue;
        }

        if (end == last || *end == '&' || *end == ' ' || *end == '#') {
            ngx_memset(p, '*', value->len);
        }
    }
}


char *
ngx_http_events_access_merge(ngx_conf_t *cf,
    ngx_http_events_access_conf_t *prev, ngx_http_events_access_conf_t *conf)
{
    if (conf->keys == NULL) {
        conf->keys = prev->keys;
    }

    if (conf->principal == NULL) {
        conf->principal = prev->principal;
    }

    if (conf->guest_id == NULL) {
        conf->guest_id = prev->guest_id;
    }

    ngx_conf_merge_ptr_value(conf->key_values, prev->key_values, NULL);
    ngx_conf_merge_ptr_value(conf->cors_origins, prev->cors_origins, NULL);
    ngx_conf_merge_value(conf->guests, prev->guests, 0);
    ngx_conf_merge_uint_value(conf->prefix_v4, prev->prefix_v4, 32);
    ngx_conf_merge_uint_value(conf->prefix_v6, prev->prefix_v6, 64);

    return NGX_CONF_OK;
}


void
ngx_http_events_access_create(ngx_http_events_access_conf_t *conf)
{
    conf->key_values = NGX_CONF_UNSET_PTR;
    conf->cors_origins = NGX_CONF_UNSET_PTR;
    conf->guests = NGX_CONF_UNSET;
    conf->prefix_v4 = NGX_CONF_UNSET_UINT;
    conf->prefix_v6 = NGX_CONF_UNSET_UINT;
}


char *
ngx_http_events_api_keys(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t            *value, text;
    ngx_pool_cleanup_t   *cln;
    events_keys_error_t   error;

    if (elcf->access.keys != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_events_read_file(cf, &value[1], NGX_HTTP_EVENTS_MAX_KEYS_FILE,
                                  &text)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    elcf->access.keys = events_keys_parse(text.data, text.len, &error);

    ngx_pfree(cf->pool, text.data);

    if (elcf->access.keys == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid API keys in \"%V\", line %ui: %s",
                           &value[1], (ngx_uint_t) error.line, error.text);
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_events_keys_cleanup;
    cln->data = elcf->access.keys;

    return NGX_CONF_OK;
}


static void
ngx_http_events_keys_cleanup(void *data)
{
    events_keys_destroy(data);
}


char *
ngx_http_events_api_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t                         *value;
    ngx_uint_t                         i;
    ngx_array_t                       *values;
    ngx_http_compile_complex_value_t   ccv;

    if (elcf->access.key_values != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    values = ngx_array_create(cf->pool, cf->args->nelts - 1,
                              sizeof(ngx_http_complex_value_t));
    if (values == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

        ccv.cf = cf;
        ccv.value = &value[i];
        ccv.complex_value = ngx_array_push(values);

        if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    elcf->access.key_values = values;

    return NGX_CONF_OK;
}
