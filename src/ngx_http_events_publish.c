
/*
 * From a body to the producer: what the configuration says about this request
 * is evaluated here, and handed to the core.
 */


#include "ngx_http_events.h"
#include "events_text.h"


/* a longer one is not what W3C Trace Context describes */
#define NGX_HTTP_EVENTS_TRACEPARENT  128

/* a longer one is nothing to have in a log */
#define NGX_HTTP_EVENTS_BRAND  255

/* bytes of a topic that is none, escaped; legal ones have up to 249 */
#define NGX_HTTP_EVENTS_TOPIC  256


static ngx_int_t ngx_http_events_transform(ngx_http_request_t *r,
    ngx_http_events_loc_conf_t *elcf, events_transform_t *transform);
static ngx_int_t ngx_http_events_batch_brand(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, const events_batch_t *batch);
static ngx_int_t ngx_http_events_topics(ngx_http_request_t *r,
    ngx_http_events_loc_conf_t *elcf, events_publish_t *publish);
static ngx_int_t ngx_http_events_topic(ngx_http_request_t *r,
    ngx_http_events_loc_conf_t *elcf, ngx_uint_t n, events_topic_t **topic);
static ngx_int_t ngx_http_events_record_headers(ngx_http_request_t *r,
    ngx_http_events_loc_conf_t *elcf, events_publish_t *publish);
static ngx_int_t ngx_http_events_received_at(ngx_http_request_t *r,
    events_str_t *value);
static ngx_int_t ngx_http_events_sender_header(ngx_http_request_t *r,
    events_pair_t *header);
static void ngx_http_events_traceparent(ngx_http_request_t *r,
    events_str_t *value);


events_error_e
ngx_http_events_read_batch(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_str_t *body)
{
    events_batch_t               *batch;
    events_error_e                error;
    events_batch_conf_t           conf;
    ngx_http_events_loc_conf_t   *elcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    batch = emcf->batch;

    ngx_memzero(&conf, sizeof(events_batch_conf_t));

    conf.framing = ctx->framing;
    conf.limits.max_events = elcf->max_events;
    conf.limits.max_event_size = elcf->max_event_size;
    conf.limits.max_depth = elcf->max_depth;
    conf.max_record = events_producer_conf_max_record(elcf->producer->conf);
    conf.schema = elcf->schema;
    conf.partial = elcf->partial;
    conf.dry_run = elcf->dry_run;
    conf.every_event = (elcf->dry_run || elcf->dead_letter != NULL);

    if (ngx_http_events_transform(r, elcf, &conf.transform) != NGX_OK) {
        return EVENTS_NO_MEMORY;
    }

    if (ngx_http_events_sender_brands(r, ctx, &conf.brands) != NGX_OK) {
        return EVENTS_NO_MEMORY;
    }

    error = events_batch_read(batch, body->data, body->len, &conf);

    ctx->received = batch->received;
    ctx->rejected = batch->received - batch->nrecords;
    ctx->invalid = batch->rejected;
    ctx->renamed = batch->renamed;

    if (batch->renamed > 0) {
        ngx_http_events_renamed(r, elcf->renames, batch);
    }

    if ((error == EVENTS_OK || error == EVENTS_INVALID_EVENTS)
        && ngx_http_events_batch_brand(r, ctx, batch) != NGX_OK)
    {
        return EVENTS_NO_MEMORY;
    }

    return error;
}


/* the batch is another request's by the time the variable is read */

static ngx_int_t
ngx_http_events_batch_brand(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    const events_batch_t *batch)
{
    if (batch->brand.len == 0 || batch->brand.len > NGX_HTTP_EVENTS_BRAND) {
        return NGX_OK;
    }

    ctx->brand.data = ngx_pnalloc(r->pool, batch->brand.len);
    if (ctx->brand.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(ctx->brand.data, batch->brand.data, batch->brand.len);
    ctx->brand.len = batch->brand.len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_transform(ngx_http_request_t *r,
    ngx_http_events_loc_conf_t *elcf, events_transform_t *transform)
{
    ngx_str_t                value;
    ngx_uint_t               i;
    events_stamp_t          *stamps;
    ngx_http_events_pair_t  *pair;

    transform->key_lookup = elcf->key_lookup;

    if (elcf->renames != NULL) {
        transform->renames = &elcf->renames->set;
    }

    if (elcf->routes != NULL) {
        transform->routes.elts = elcf->routes->routes.elts;
        transform->routes.nelts = elcf->routes->routes.nelts;
        transform->routes.lookups = elcf->routes->lookups.elts;
        transform->routes.nlookups = elcf->routes->lookups.nelts;
    }

    if (elcf->fields != NULL) {
        transform->fields = elcf->fields->lookups.elts;
        transform->nfields = elcf->fields->lookups.nelts;
    }

    if (elcf->key != NULL) {

        if (ngx_http_complex_value(r, elcf->key, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        transform->key.data = value.data;
        transform->key.len = value.len;
    }

    if (elcf->stamps == NULL) {
        return NGX_OK;
    }

    stamps = ngx_palloc(r->pool, elcf->stamps->nelts * sizeof(events_stamp_t));
    if (stamps == NULL) {
        return NGX_ERROR;
    }

    pair = elcf->stamps->elts;

    for (i = 0; i < elcf->stamps->nelts; i++) {

        ngx_str_null(&value);

        if (pair[i].lookup == NULL
            && ngx_http_complex_value(r, &pair[i].value, &value) != NGX_OK)
        {
            return NGX_ERROR;
        }

        stamps[i].lookup = pair[i].lookup;
        stamps[i].name.data = pair[i].name.data;
        stamps[i].name.len = pair[i].name.len;
        stamps[i].hash = pair[i].hash;
        stamps[i].value.data = value.data;
        stamps[i].value.len = value.len;
    }

    transform->stamps = stamps;
    transform->nstamps = elcf->stamps->nelts;

    return NGX_OK;
}


events_error_e
ngx_http_events_publish(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_ack_t **ack)
{
    const char                   *reason;
    events_error_e                error;
    events_publish_t              publish;
    ngx_http_events_loc_conf_t   *elcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    /* between a producer that failed and the one that replaces it */

    if (elcf->producer->producer == NULL) {
        return EVENTS_SHUTTING_DOWN;
    }

    publish.records = emcf->batch->records;
    publish.nrecords = emcf->batch->nrecords;

    if (ngx_http_events_topics(r, elcf, &publish) != NGX_OK) {
        return EVENTS_INTERNAL;
    }

    if (ngx_http_events_record_headers(r, elcf, &publish) != NGX_OK) {
        return EVENTS_NO_MEMORY;
    }

    error = events_producer_publish(elcf->producer->producer, &publish, ack,
                                    &reason);

    if (error != EVENTS_OK) {
        ngx_http_events_failure(elcf->producer, r->connection->log,
                                "%uD events were not queued: %s",
                                publish.nrecords,
                                reason ? reason
                                       : events_error_info(error)->code);
    }

    return error;
}


/* those that the records go to, by their number */

static ngx_int_t
ngx_http_events_topics(ngx_http_request_t *r,
    ngx_http_events_loc_conf_t *elcf, events_publish_t *publish)
{
    uint32_t          i, n;
    events_topic_t  **topics;

    n = 1 + (elcf->routes ? elcf->routes->topics.nelts : 0);

    topics = ngx_pcalloc(r->pool, n * sizeof(events_topic_t *));
    if (topics == NULL) {
        return NGX_ERROR;
    }

    publish->topics = topics;
    publish->ntopics = n;

    if (n == 1) {
        return ngx_http_events_topic(r, elcf, 0, &topics[0]);
    }

    for (i = 0; i < publish->nrecords; i++) {
        n = publish->records[i].topic;

        if (topics[n] == NULL
            && ngx_http_events_topic(r, elcf, n, &topics[n]) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_topic(ngx_http_request_t *r, ngx_http_events_loc_conf_t *elcf,
    ngx_uint_t n, events_topic_t **topic)
{
    char          text[NGX_HTTP_EVENTS_TOPIC];
    ngx_str_t     value, *routed;
    events_str_t  name;

    if (n > 0) {
        routed = elcf->routes->topics.elts;
        value = routed[n - 1];

    } else if (ngx_http_complex_value(r, elcf->topic, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    name.data = value.data;
    name.len = value.len;

    *topic = events_producer_topic(elcf->producer->producer, &name);

    if (*topic == NULL) {
        (void) events_text_escape(text, sizeof(text), &name);

        ngx_http_events_failure(elcf->producer, r->connection->log,
                                "\"%s\" is not a legal topic, or one too many",
                                text);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_record_headers(ngx_http_request_t *r,
    ngx_http_events_loc_conf_t *elcf, events_publish_t *publish)
{
    ngx_str_t                value;
    ngx_uint_t               i, n;
    events_pair_t           *h;
    ngx_http_events_pair_t  *pair;

    n = (elcf->headers != NULL) ? elcf->headers->nelts : 0;

    h = ngx_palloc(r->pool,
                   (NGX_HTTP_EVENTS_HEADERS + n) * sizeof(events_pair_t));
    if (h == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_events_fixed_headers(r, h, &publish->nheaders) != NGX_OK) {
        return NGX_ERROR;
    }

    publish->headers = h;

    h += publish->nheaders;
    pair = (n > 0) ? elcf->headers->elts : NULL;

    for (i = 0; i < n; i++) {

        if (ngx_http_complex_value(r, &pair[i].value, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        h[i].name.data = pair[i].name.data;
        h[i].name.len = pair[i].name.len;
        h[i].value.data = value.data;
        h[i].value.len = value.len;
    }

    publish->nheaders += n;

    publish->fields = elcf->fields ? elcf->fields->names.elts : NULL;
    publish->nfields = elcf->fields ? elcf->fields->names.nelts : 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_events_fixed_headers(ngx_http_request_t *r, events_pair_t *h,
    uint32_t *n)
{
    static const events_pair_t  fixed[NGX_HTTP_EVENTS_HEADERS] = {
        { events_string("content-type"), events_string("application/json") },
        { events_string("request_id"), events_null_string },
        { events_string("received_at"), events_null_string },
        { events_string("principal"), events_null_string },
        { events_string("traceparent"), events_null_string }
    };

    ngx_memcpy(h, fixed, sizeof(fixed));

    ngx_http_events_request_id(r, &h[1].value);

    if (ngx_http_events_received_at(r, &h[2].value) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_events_sender_header(r, &h[3]) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_events_traceparent(r, &h[4].value);

    *n = NGX_HTTP_EVENTS_HEADERS - (h[4].value.data == NULL);

    return NGX_OK;
}


/* when the request began, in UTC, to the millisecond */

static ngx_int_t
ngx_http_events_received_at(ngx_http_request_t *r, events_str_t *value)
{
    u_char                       *p;
    ngx_tm_t                      tm;
    ngx_msec_t                    msec;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    if (emcf->received_sec != r->start_sec) {
        emcf->received_sec = r->start_sec;

        ngx_gmtime(r->start_sec, &tm);

        ngx_sprintf(emcf->received_at, "%4d-%02d-%02dT%02d:%02d:%02d.000Z",
                    tm.ngx_tm_year, tm.ngx_tm_mon, tm.ngx_tm_mday,
                    tm.ngx_tm_hour, tm.ngx_tm_min, tm.ngx_tm_sec);
    }

    p = ngx_pnalloc(r->pool, NGX_HTTP_EVENTS_TIME);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, emcf->received_at, NGX_HTTP_EVENTS_TIME);

    msec = r->start_msec;

    p[NGX_HTTP_EVENTS_TIME - 4] = '0' + msec / 100;
    p[NGX_HTTP_EVENTS_TIME - 3] = '0' + msec / 10 % 10;
    p[NGX_HTTP_EVENTS_TIME - 2] = '0' + msec % 10;

    value->data = p;
    value->len = NGX_HTTP_EVENTS_TIME;

    return NGX_OK;
}


/* "principal" with a name, or "guest" */

static ngx_int_t
ngx_http_events_sender_header(ngx_http_request_t *r, events_pair_t *header)
{
    ngx_str_t               name;
    ngx_http_events_ctx_t  *ctx;

    static const events_pair_t  guest = {
        events_string("guest"), events_string("1")
    };

    ctx = ngx_http_get_module_ctx(r, ngx_http_events_module);

    if (ngx_http_events_principal(r, ctx, &name) != NGX_OK) {
        return NGX_ERROR;
    }

    if (name.len == 0) {
        *header = guest;
        return NGX_OK;
    }

    header->value.data = name.data;
    header->value.len = name.len;

    return NGX_OK;
}


static void
ngx_http_events_traceparent(ngx_http_request_t *r, events_str_t *value)
{
    ngx_http_variable_value_t    *vv;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    vv = ngx_http_get_indexed_variable(r, emcf->traceparent);

    if (vv != NULL && !vv->not_found && vv->len > 0
        && vv->len <= NGX_HTTP_EVENTS_TRACEPARENT)
    {
        value->data = vv->data;
        value->len = vv->len;
    }
}
