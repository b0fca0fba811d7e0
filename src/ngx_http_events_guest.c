
/*
 * The variables that tell principals from guests, and guests apart: keys for
 * limit_req, which skips an empty one.
 */


#include "ngx_http_events.h"


typedef enum {
    NGX_HTTP_EVENTS_PRINCIPAL = 0,
    NGX_HTTP_EVENTS_GUEST,
    NGX_HTTP_EVENTS_GUEST_KEY,
    NGX_HTTP_EVENTS_GUEST_NETWORK
} ngx_http_events_guest_variable_e;


static ngx_int_t ngx_http_events_guest_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_events_guest_texts(ngx_http_request_t *r,
    ngx_http_events_sender_t *sender);
static void ngx_http_events_guest_address(ngx_http_request_t *r,
    events_guest_network_t *network);
static ngx_int_t ngx_http_events_guest_id(ngx_http_request_t *r,
    events_str_t *id);
static ngx_int_t ngx_http_events_guest_bits(ngx_conf_t *cf, ngx_str_t *value,
    ngx_int_t max, ngx_uint_t *bits);


static ngx_http_variable_t  ngx_http_events_guest_vars[] = {

    { ngx_string("events_principal"), NULL, ngx_http_events_guest_variable,
      NGX_HTTP_EVENTS_PRINCIPAL, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_guest"), NULL, ngx_http_events_guest_variable,
      NGX_HTTP_EVENTS_GUEST, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_guest_key"), NULL, ngx_http_events_guest_variable,
      NGX_HTTP_EVENTS_GUEST_KEY, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("events_guest_network"), NULL,
      ngx_http_events_guest_variable,
      NGX_HTTP_EVENTS_GUEST_NETWORK, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static ngx_str_t  ngx_http_events_guest_header = ngx_string("x-guest-id");


ngx_int_t
ngx_http_events_add_guest_variables(ngx_conf_t *cf)
{
    return ngx_http_events_add_variable_table(cf, ngx_http_events_guest_vars);
}


/* resolved when somebody asks: limit_req does so before the access phase */

static ngx_int_t
ngx_http_events_guest_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                    name;
    ngx_http_events_ctx_t       *ctx;
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->topic == NULL || r != r->main) {
        v->not_found = 1;
        return NGX_OK;
    }

    ctx = ngx_http_events_ctx(r);

    if (ctx == NULL || ngx_http_events_principal(r, ctx, &name) != NGX_OK) {
        return NGX_ERROR;
    }

    if ((data == NGX_HTTP_EVENTS_PRINCIPAL) != (name.len > 0)) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    switch (data) {

    case NGX_HTTP_EVENTS_PRINCIPAL:
        v->data = name.data;
        v->len = name.len;
        return NGX_OK;

    case NGX_HTTP_EVENTS_GUEST:
        v->data = (u_char *) "1";
        v->len = 1;
        return NGX_OK;

    default:
        break;
    }

    if (ngx_http_events_guest_texts(r, &ctx->sender) != NGX_OK) {
        return NGX_ERROR;
    }

    v->data = (data == NGX_HTTP_EVENTS_GUEST_KEY) ? ctx->sender.guest
                                                  : ctx->sender.network;
    v->len = EVENTS_GUEST_TEXT;

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_guest_texts(ngx_http_request_t *r,
    ngx_http_events_sender_t *sender)
{
    u_char                  *p;
    events_str_t             id;
    events_guest_network_t   network;

    if (sender->guest != NULL) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, 2 * EVENTS_GUEST_TEXT);

    if (p == NULL || ngx_http_events_guest_id(r, &id) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_events_guest_address(r, &network);

    sender->guest = p;
    sender->network = p + EVENTS_GUEST_TEXT;

    events_guest_key_text(sender->guest, &network, &id);
    events_guest_network_text(sender->network, &network);

    return NGX_OK;
}


static void
ngx_http_events_guest_address(ngx_http_request_t *r,
    events_guest_network_t *network)
{
    size_t                       len;
    u_char                      *address;
    struct sockaddr_in          *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6         *sin6;
#endif
    ngx_http_events_loc_conf_t  *elcf;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    switch (r->connection->sockaddr->sa_family) {

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) r->connection->sockaddr;
        address = sin6->sin6_addr.s6_addr;
        len = 16;
        break;
#endif

    case AF_INET:
        sin = (struct sockaddr_in *) r->connection->sockaddr;
        address = (u_char *) &sin->sin_addr;
        len = 4;
        break;

    default:
        address = NULL;
        len = 0;
        break;
    }

    events_guest_network(network, address, len, elcf->access.prefix_v4,
                         elcf->access.prefix_v6);
}


static ngx_int_t
ngx_http_events_guest_id(ngx_http_request_t *r, events_str_t *id)
{
    ngx_str_t                     value;
    ngx_http_events_loc_conf_t   *elcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->access.guest_id == NULL) {
        ngx_http_events_header(r, &ngx_http_events_guest_header,
                               emcf->index.guest_id, &value);

    } else if (ngx_http_complex_value(r, elcf->access.guest_id, &value)
               != NGX_OK)
    {
        return NGX_ERROR;
    }

    id->data = value.data;
    id->len = value.len;

    return NGX_OK;
}


char *
ngx_http_events_guest_prefix(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t  *value;

    if (elcf->access.prefix_v4 != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_events_guest_bits(cf, &value[1], 32, &elcf->access.prefix_v4)
        != NGX_OK
        || ngx_http_events_guest_bits(cf, &value[2], 128,
                                      &elcf->access.prefix_v6)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_events_guest_bits(ngx_conf_t *cf, ngx_str_t *value, ngx_int_t max,
    ngx_uint_t *bits)
{
    ngx_int_t  n;

    n = ngx_atoi(value->data, value->len);

    if (n == NGX_ERROR || n < 1 || n > max) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid prefix \"%V\": must be between 1 and %i",
                           value, max);
        return NGX_ERROR;
    }

    *bits = n;

    return NGX_OK;
}
