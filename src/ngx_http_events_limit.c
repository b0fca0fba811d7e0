
/*
 * The limit that counts events: buckets in shared memory, one for each value
 * of a zone's key, as limit_req has them for requests.
 */


#include "ngx_http_events.h"
#include "events_limit.h"

#include <ngx_sha1.h>


/* longer keys are kept as their digests: no sender fills a zone faster */
#define NGX_HTTP_EVENTS_LIMIT_KEY  55

/* "name";q=...;w=...;qu="events", of numbers up to 15 digits, and ", " */
#define NGX_HTTP_EVENTS_LIMIT_ITEM  64


/* all of one size, so that the oldest makes room for any other */

typedef struct {
    ngx_rbtree_node_t             node;         /* its "data" is the length */
    ngx_queue_t                   queue;
    events_limit_state_t          state;
    u_char                        key[NGX_HTTP_EVENTS_LIMIT_KEY];
} ngx_http_events_limit_node_t;


typedef struct {
    ngx_rbtree_t                  rbtree;
    ngx_rbtree_node_t             sentinel;
    ngx_queue_t                   queue;        /* the oldest is the last */
} ngx_http_events_limit_shctx_t;


typedef struct {
    ngx_http_events_limit_shctx_t  *sh;
    ngx_slab_pool_t                *shpool;
    ngx_http_complex_value_t        key;
    uint64_t                        rate;       /* of events_limit_t */
    ngx_uint_t                      number;     /* the rate as configured */
    const char                     *unit;
    uint32_t                        label;      /* in metrics */
    ngx_http_events_rate_t          warnings;
} ngx_http_events_limit_zone_t;


struct ngx_http_events_limit_s {
    ngx_shm_zone_t                *shm_zone;
    ngx_uint_t                     burst;
    u_char                        *file;
    ngx_uint_t                     line;
};


/* a limit that applies to a request */

typedef struct {
    ngx_http_events_limit_t       *limit;
    ngx_http_events_limit_zone_t  *zone;
    events_limit_t                 core;

    uint32_t                       hash;
    ngx_str_t                      key;
    u_char                         digest[20];

    ngx_http_events_limit_node_t  *node;        /* while it is locked */
    events_limit_state_t           state;       /* as it was left */
    uint64_t                       retry_after;
} ngx_http_events_limit_bucket_t;


static ngx_int_t ngx_http_events_limit_buckets(ngx_http_request_t *r,
    ngx_array_t *limits, ngx_http_events_limit_bucket_t *buckets);
static void ngx_http_events_limit_key(ngx_http_events_limit_bucket_t *b,
    ngx_str_t *key);
static ngx_http_events_limit_bucket_t *ngx_http_events_limit_too_small(
    ngx_http_events_limit_bucket_t *buckets, ngx_uint_t n, ngx_uint_t events);
static ngx_int_t ngx_http_events_limit_account(
    ngx_http_events_limit_bucket_t *buckets, ngx_uint_t n, uint32_t events);
static ngx_int_t ngx_http_events_limit_check(
    ngx_http_events_limit_bucket_t *buckets, ngx_uint_t n, uint32_t events);
static ngx_http_events_limit_node_t *ngx_http_events_limit_lookup(
    ngx_http_events_limit_bucket_t *b);
static ngx_http_events_limit_node_t *ngx_http_events_limit_create(
    ngx_http_events_limit_bucket_t *b, uint64_t now);
static void ngx_http_events_limit_expire(ngx_http_events_limit_bucket_t *b,
    uint64_t now, ngx_uint_t force);
static void ngx_http_events_limit_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static ngx_http_events_limit_bucket_t *ngx_http_events_limit_refused(
    ngx_http_events_limit_bucket_t *buckets, ngx_uint_t n);
static void ngx_http_events_limit_log(ngx_http_request_t *r,
    ngx_http_events_limit_bucket_t *b, ngx_uint_t events);
static ngx_int_t ngx_http_events_limit_policy(ngx_http_request_t *r,
    ngx_http_events_limit_bucket_t *buckets, ngx_uint_t n);
static ngx_int_t ngx_http_events_limit_fields(ngx_http_request_t *r,
    ngx_http_events_limit_bucket_t *buckets, ngx_uint_t n,
    ngx_uint_t retry_after);
static ngx_int_t ngx_http_events_limit_init_zone(ngx_shm_zone_t *shm_zone,
    void *data);
static char *ngx_http_events_limit_zone_param(ngx_conf_t *cf,
    ngx_str_t *value, ngx_str_t *name, ssize_t *size,
    ngx_http_events_limit_zone_t *zone);
static char *ngx_http_events_limit_zone_name(ngx_conf_t *cf,
    ngx_str_t *value, ngx_str_t *name, ssize_t *size);
static char *ngx_http_events_limit_zone_rate(ngx_conf_t *cf,
    ngx_str_t *value, ngx_http_events_limit_zone_t *zone);
static char *ngx_http_events_limit_add(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *conf, ngx_shm_zone_t *shm_zone,
    ngx_uint_t burst);
static ngx_int_t ngx_http_events_limit_order(ngx_str_t *one, ngx_str_t *two);


/* its address tells our zones from any other */

static ngx_uint_t  ngx_http_events_limit_tag;


/*
 * Charges a batch that was read, with error or without, for all of its
 * events; or for none of them, in any zone, and tells why not.
 */

events_error_e
ngx_http_events_limit(ngx_http_request_t *r, ngx_http_events_ctx_t *ctx,
    events_error_e error)
{
    ngx_int_t                        n;
    ngx_array_t                     *limits;
    ngx_http_events_loc_conf_t      *elcf;
    ngx_http_events_limit_bucket_t  *b, *buckets;

    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);
    limits = elcf->limits;

    if (limits == NULL || ctx->received == 0
        || events_error_info(error)->status >= NGX_HTTP_INTERNAL_SERVER_ERROR)
    {
        return error;
    }

    buckets = ngx_palloc(r->pool, limits->nelts
                                  * sizeof(ngx_http_events_limit_bucket_t));
    if (buckets == NULL) {
        return EVENTS_NO_MEMORY;
    }

    n = ngx_http_events_limit_buckets(r, limits, buckets);

    if (n <= 0) {
        return (n == 0) ? error : EVENTS_NO_MEMORY;
    }

    if (elcf->limit_headers
        && ngx_http_events_limit_policy(r, buckets, n) != NGX_OK)
    {
        return EVENTS_NO_MEMORY;
    }

    b = ngx_http_events_limit_too_small(buckets, n, ctx->received);

    if (b != NULL) {

        /* a body that could not be read whole is refused in any case */

        if (error != EVENTS_OK && error != EVENTS_INVALID_EVENTS) {
            return error;
        }

        ctx->limited = b->limit;
        return EVENTS_TOO_MANY_EVENTS;
    }

    switch (ngx_http_events_limit_account(buckets, n, ctx->received)) {

    case NGX_OK:
        break;

    case NGX_BUSY:
        b = ngx_http_events_limit_refused(buckets, n);

        ctx->limited = b->limit;
        ctx->retry_after = (b->retry_after + 999) / 1000;
        error = EVENTS_RATE_LIMITED;

        ngx_http_events_limit_log(r, b, ctx->received);
        break;

    default: /* NGX_ERROR */
        return EVENTS_NO_MEMORY;
    }

    if (elcf->limit_headers
        && ngx_http_events_limit_fields(r, buckets, n, ctx->retry_after)
           != NGX_OK)
    {
        return EVENTS_NO_MEMORY;
    }

    return error;
}


/* returns how many limits apply: those whose key is not empty */

static ngx_int_t
ngx_http_events_limit_buckets(ngx_http_request_t *r, ngx_array_t *limits,
    ngx_http_events_limit_bucket_t *buckets)
{
    ngx_str_t                        key;
    ngx_uint_t                       i, n;
    ngx_http_events_limit_t         *limit;
    ngx_http_events_limit_zone_t    *zone;
    ngx_http_events_limit_bucket_t  *b;

    limit = limits->elts;
    n = 0;

    for (i = 0; i < limits->nelts; i++) {

        zone = limit[i].shm_zone->data;

        if (ngx_http_complex_value(r, &zone->key, &key) != NGX_OK) {
            return NGX_ERROR;
        }

        if (key.len == 0) {
            continue;
        }

        b = &buckets[n++];

        b->limit = &limit[i];
        b->zone = zone;
        b->core.rate = zone->rate;
        b->core.burst = limit[i].burst;

        ngx_http_events_limit_key(b, &key);
    }

    return n;
}


static void
ngx_http_events_limit_key(ngx_http_events_limit_bucket_t *b, ngx_str_t *key)
{
    ngx_sha1_t  sha1;

    if (key->len <= NGX_HTTP_EVENTS_LIMIT_KEY) {
        b->key = *key;
        b->hash = ngx_crc32_short(key->data, key->len);
        return;
    }

    ngx_sha1_init(&sha1);
    ngx_sha1_update(&sha1, key->data, key->len);
    ngx_sha1_final(b->digest, &sha1);

    b->key.data = b->digest;
    b->key.len = sizeof(b->digest);

    /* another hash than a key has that happens to be these bytes */

    b->hash = ~ngx_crc32_short(b->key.data, b->key.len);
}


/* the smallest bucket that even empty has no room for so many */

static ngx_http_events_limit_bucket_t *
ngx_http_events_limit_too_small(ngx_http_events_limit_bucket_t *buckets,
    ngx_uint_t n, ngx_uint_t events)
{
    ngx_uint_t                       i;
    ngx_http_events_limit_bucket_t  *b;

    b = NULL;

    for (i = 0; i < n; i++) {
        if (events > buckets[i].core.burst
            && (b == NULL || buckets[i].core.burst < b->core.burst))
        {
            b = &buckets[i];
        }
    }

    return b;
}


/*
 * Zones are locked all at once, so that nobody sees one of them charged and
 * another not; always in the order of their names, so that nobody waits for
 * the other.
 */

static ngx_int_t
ngx_http_events_limit_account(ngx_http_events_limit_bucket_t *buckets,
    ngx_uint_t n, uint32_t events)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {
        ngx_shmtx_lock(&buckets[i].zone->shpool->mutex);
    }

    rc = ngx_http_events_limit_check(buckets, n, events);

    for (i = 0; rc != NGX_ERROR && i < n; i++) {

        if (rc == NGX_OK) {
            events_limit_charge(&buckets[i].node->state, events);
        }

        buckets[i].state = buckets[i].node->state;
    }

    for (i = n; i > 0; i--) {
        ngx_shmtx_unlock(&buckets[i - 1].zone->shpool->mutex);
    }

    return rc;
}


static ngx_int_t
ngx_http_events_limit_check(ngx_http_events_limit_bucket_t *buckets,
    ngx_uint_t n, uint32_t events)
{
    uint64_t                         now;
    ngx_int_t                        rc;
    ngx_uint_t                       i;
    events_limit_result_t            result;
    ngx_http_events_limit_bucket_t  *b;

    rc = NGX_OK;
    now = ngx_current_msec;

    for (i = 0; i < n; i++) {
        b = &buckets[i];

        b->node = ngx_http_events_limit_lookup(b);

        if (b->node == NULL) {
            b->node = ngx_http_events_limit_create(b, now);
            if (b->node == NULL) {
                return NGX_ERROR;
            }
        }

        ngx_queue_insert_head(&b->zone->sh->queue, &b->node->queue);

        events_limit_drain(&b->core, &b->node->state, now);

        result = events_limit_check(&b->core, &b->node->state, events);

        b->retry_after = result.retry_after;

        if (!result.allowed) {
            rc = NGX_BUSY;
        }
    }

    return rc;
}


/* takes what it finds out of the queue */

static ngx_http_events_limit_node_t *
ngx_http_events_limit_lookup(ngx_http_events_limit_bucket_t *b)
{
    ngx_int_t                      rc;
    ngx_rbtree_node_t             *node, *sentinel;
    ngx_http_events_limit_node_t  *ln;

    node = b->zone->sh->rbtree.root;
    sentinel = b->zone->sh->rbtree.sentinel;

    while (node != sentinel) {

        if (b->hash != node->key) {
            node = (b->hash < node->key) ? node->left : node->right;
            continue;
        }

        ln = (ngx_http_events_limit_node_t *) node;

        rc = ngx_memn2cmp(b->key.data, ln->key, b->key.len, node->data);

        if (rc == 0) {
            ngx_queue_remove(&ln->queue);
            return ln;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    return NULL;
}


static ngx_http_events_limit_node_t *
ngx_http_events_limit_create(ngx_http_events_limit_bucket_t *b, uint64_t now)
{
    ngx_http_events_limit_node_t  *ln;

    ngx_http_events_limit_expire(b, now, 0);

    ln = ngx_slab_alloc_locked(b->zone->shpool,
                               sizeof(ngx_http_events_limit_node_t));

    if (ln == NULL) {
        ngx_http_events_limit_expire(b, now, 1);

        ln = ngx_slab_alloc_locked(b->zone->shpool,
                                   sizeof(ngx_http_events_limit_node_t));
    }

    if (ln == NULL) {
        return NULL;
    }

    ln->node.key = b->hash;
    ln->node.data = (u_char) b->key.len;
    ngx_memcpy(ln->key, b->key.data, b->key.len);

    ln->state.level = 0;
    ln->state.time = now;

    ngx_rbtree_insert(&b->zone->sh->rbtree, &ln->node);

    return ln;
}


/*
 * Two of the oldest go if they are empty, which is as good as unknown: more
 * than come.  By force the oldest goes as it is.
 */

static void
ngx_http_events_limit_expire(ngx_http_events_limit_bucket_t *b, uint64_t now,
    ngx_uint_t force)
{
    ngx_uint_t                     i;
    ngx_queue_t                   *q;
    events_limit_state_t           state;
    ngx_http_events_limit_node_t  *ln;

    for (i = 0; i < 2; i++) {

        if (ngx_queue_empty(&b->zone->sh->queue)) {
            return;
        }

        q = ngx_queue_last(&b->zone->sh->queue);
        ln = ngx_queue_data(q, ngx_http_events_limit_node_t, queue);

        state = ln->state;
        events_limit_drain(&b->core, &state, now);

        if (state.level > 0 && !force) {
            return;
        }

        force = 0;

        ngx_queue_remove(q);
        ngx_rbtree_delete(&b->zone->sh->rbtree, &ln->node);
        ngx_slab_free_locked(b->zone->shpool, ln);
    }
}


static void
ngx_http_events_limit_insert(ngx_rbtree_node_t *temp, ngx_rbtree_node_t *node,
    ngx_rbtree_node_t *sentinel)
{
    ngx_int_t                      rc;
    ngx_rbtree_node_t            **p;
    ngx_http_events_limit_node_t  *ln, *lnt;

    for ( ;; ) {

        if (node->key != temp->key) {
            rc = (node->key < temp->key) ? -1 : 1;

        } else {
            ln = (ngx_http_events_limit_node_t *) node;
            lnt = (ngx_http_events_limit_node_t *) temp;

            rc = ngx_memn2cmp(ln->key, lnt->key, node->data, temp->data);
        }

        p = (rc < 0) ? &temp->left : &temp->right;

        if (*p == sentinel) {
            break;
        }

        temp = *p;
    }

    *p = node;
    node->parent = temp;
    node->left = sentinel;
    node->right = sentinel;
    ngx_rbt_red(node);
}


/* the one that makes the client wait longest */

static ngx_http_events_limit_bucket_t *
ngx_http_events_limit_refused(ngx_http_events_limit_bucket_t *buckets,
    ngx_uint_t n)
{
    ngx_uint_t                       i;
    ngx_http_events_limit_bucket_t  *b;

    b = &buckets[0];

    for (i = 1; i < n; i++) {
        if (buckets[i].retry_after > b->retry_after) {
            b = &buckets[i];
        }
    }

    return b;
}


/* a warning once a second, for a sender decides how many there are */

static void
ngx_http_events_limit_log(ngx_http_request_t *r,
    ngx_http_events_limit_bucket_t *b, ngx_uint_t events)
{
    ngx_uint_t  level;

    level = ngx_http_events_within_rate(&b->zone->warnings, 1) ? NGX_LOG_WARN
                                                               : NGX_LOG_INFO;

    ngx_log_error(level, r->connection->log, 0,
                  "events: limiting %ui events, by zone \"%V\", for %uL ms",
                  events, &b->limit->shm_zone->shm.name, b->retry_after);
}


/* draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4 */

static ngx_int_t
ngx_http_events_limit_policy(ngx_http_request_t *r,
    ngx_http_events_limit_bucket_t *buckets, ngx_uint_t n)
{
    u_char      *p, *text;
    size_t       len;
    uint64_t     window;
    ngx_uint_t   i;

    len = 0;

    for (i = 0; i < n; i++) {
        len += buckets[i].limit->shm_zone->shm.name.len
               + NGX_HTTP_EVENTS_LIMIT_ITEM;
    }

    text = ngx_pnalloc(r->pool, len);
    if (text == NULL) {
        return NGX_ERROR;
    }

    p = text;

    for (i = 0; i < n; i++) {
        window = events_limit_window(&buckets[i].core);

        p = ngx_sprintf(p, "%s\"%V\";q=%ui;w=%uL;qu=\"events\"",
                        i ? ", " : "", &buckets[i].limit->shm_zone->shm.name,
                        (ngx_uint_t) buckets[i].core.burst,
                        (window + 999) / 1000);
    }

    *p = '\0';

    return ngx_http_events_add_header(r, "RateLimit-Policy", (char *) text);
}


/*
 * What is left, and until when no more can be counted on: until the bucket is
 * empty, or until the client is told to come again, which may not be earlier.
 */

static ngx_int_t
ngx_http_events_limit_fields(ngx_http_request_t *r,
    ngx_http_events_limit_bucket_t *buckets, ngx_uint_t n,
    ngx_uint_t retry_after)
{
    u_char      *p, *text;
    size_t       len;
    uint64_t     reset;
    ngx_uint_t   i;

    len = 0;

    for (i = 0; i < n; i++) {
        len += buckets[i].limit->shm_zone->shm.name.len
               + NGX_HTTP_EVENTS_LIMIT_ITEM;
    }

    text = ngx_pnalloc(r->pool, len);
    if (text == NULL) {
        return NGX_ERROR;
    }

    p = text;

    for (i = 0; i < n; i++) {
        reset = (events_limit_reset(&buckets[i].core, &buckets[i].state) + 999)
                / 1000;

        if (retry_after && reset > retry_after) {
            reset = retry_after;
        }

        p = ngx_sprintf(p, "%s\"%V\";r=%uL;t=%uL", i ? ", " : "",
                        &buckets[i].limit->shm_zone->shm.name,
                        events_limit_remaining(&buckets[i].core,
                                               &buckets[i].state),
                        reset);
    }

    *p = '\0';

    return ngx_http_events_add_header(r, "RateLimit", (char *) text);
}


/* what the answer says of the limit that refused the batch */

void
ngx_http_events_limit_explain(ngx_http_events_ctx_t *ctx,
    events_response_t *response)
{
    ngx_http_events_limit_zone_t  *zone;

    if (ctx->limited == NULL) {
        return;
    }

    if (ctx->error == EVENTS_TOO_MANY_EVENTS) {
        events_response_limit(response, ctx->limited->burst, "events");
        return;
    }

    zone = ctx->limited->shm_zone->data;

    events_response_rate(response, zone->number, zone->unit);
}


uint32_t
ngx_http_events_limit_label(ngx_http_events_limit_t *limit)
{
    ngx_http_events_limit_zone_t  *zone;

    zone = limit->shm_zone->data;

    return zone->label;
}


void
ngx_http_events_limit_set_label(ngx_shm_zone_t *shm_zone, uint32_t label)
{
    ngx_http_events_limit_zone_t  *zone;

    zone = shm_zone->data;
    zone->label = label;
}


static ngx_int_t
ngx_http_events_limit_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_events_limit_zone_t  *ozone = data;

    size_t                         len;
    ngx_http_events_limit_zone_t  *zone;

    zone = shm_zone->data;

    if (ozone != NULL) {

        if (zone->key.value.len != ozone->key.value.len
            || ngx_strncmp(zone->key.value.data, ozone->key.value.data,
                           zone->key.value.len)
               != 0)
        {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "events_limit_zone \"%V\" has the key \"%V\" now, "
                          "and had \"%V\": rename it, or restart",
                          &shm_zone->shm.name, &zone->key.value,
                          &ozone->key.value);
            return NGX_ERROR;
        }

        zone->sh = ozone->sh;
        zone->shpool = ozone->shpool;

        return NGX_OK;
    }

    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        zone->sh = zone->shpool->data;
        return NGX_OK;
    }

    len = sizeof(" in events_limit_zone \"\"") + shm_zone->shm.name.len;

    zone->sh = ngx_slab_calloc(zone->shpool,
                               sizeof(ngx_http_events_limit_shctx_t));
    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);

    if (zone->sh == NULL || zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in events_limit_zone \"%V\"%Z",
                &shm_zone->shm.name);

    /* a full zone is as usual as a full cache */

    zone->shpool->log_nomem = 0;
    zone->shpool->data = zone->sh;

    ngx_rbtree_init(&zone->sh->rbtree, &zone->sh->sentinel,
                    ngx_http_events_limit_insert);
    ngx_queue_init(&zone->sh->queue);

    return NGX_OK;
}


char *
ngx_http_events_limit_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_main_conf_t *emcf = conf;

    char                              *rv;
    ssize_t                            size;
    ngx_str_t                         *value, name;
    ngx_uint_t                         i;
    ngx_shm_zone_t                    *shm_zone, **known;
    ngx_http_events_limit_zone_t      *zone;
    ngx_http_compile_complex_value_t   ccv;

    value = cf->args->elts;

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_events_limit_zone_t));
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = &zone->key;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_str_null(&name);
    size = 0;

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_events_limit_zone_param(cf, &value[i], &name, &size,
                                              zone);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (name.len == 0) {
        return "needs the parameter \"zone=name:size\"";
    }

    if (zone->rate == 0) {
        return "needs the parameter \"rate=number\" with \"e/s\" or \"e/m\"";
    }

    shm_zone = ngx_shared_memory_add(cf, &name, size,
                                     &ngx_http_events_limit_tag);
    if (shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    if (shm_zone->data != NULL) {
        zone = shm_zone->data;

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "events_limit_zone \"%V\" is already bound to "
                           "key \"%V\"", &name, &zone->key.value);
        return NGX_CONF_ERROR;
    }

    known = ngx_array_push(&emcf->limit_zones);
    if (known == NULL) {
        return NGX_CONF_ERROR;
    }

    *known = shm_zone;

    shm_zone->init = ngx_http_events_limit_init_zone;
    shm_zone->data = zone;

    return NGX_CONF_OK;
}


static char *
ngx_http_events_limit_zone_param(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *name, ssize_t *size, ngx_http_events_limit_zone_t *zone)
{
    if (ngx_strncmp(value->data, "zone=", 5) == 0) {
        return ngx_http_events_limit_zone_name(cf, value, name, size);
    }

    if (ngx_strncmp(value->data, "rate=", 5) == 0) {
        return ngx_http_events_limit_zone_rate(cf, value, zone);
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", value);

    return NGX_CONF_ERROR;
}


/* names become strings of structured fields as they are */

static char *
ngx_http_events_limit_zone_name(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *name, ssize_t *size)
{
    u_char     *p, *last, ch;
    ngx_str_t   s;

    p = value->data + 5;
    last = value->data + value->len;

    name->data = p;

    while (p < last && *p != ':') {
        ch = *p | 0x20;

        if (!((ch >= 'a' && ch <= 'z') || (*p >= '0' && *p <= '9')
              || *p == '_' || *p == '-' || *p == '.'))
        {
            break;
        }

        p++;
    }

    name->len = p - name->data;

    if (name->len == 0 || p == last || *p != ':') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone \"%V\": must be \"zone=name:size\", "
                           "the name of letters, digits, \"_\", \"-\", \".\"",
                           value);
        return NGX_CONF_ERROR;
    }

    s.data = p + 1;
    s.len = last - s.data;

    *size = ngx_parse_size(&s);

    if (*size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid zone size \"%V\"",
                           value);
        return NGX_CONF_ERROR;
    }

    if (*size < (ssize_t) (8 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is too small: must be at least %uzk",
                           value, (size_t) 8 * ngx_pagesize / 1024);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_events_limit_zone_rate(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_events_limit_zone_t *zone)
{
    events_str_t  rate;

    rate.data = value->data + 5;
    rate.len = value->len - 5;

    zone->rate = events_limit_rate(&rate);

    if (zone->rate == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid rate \"%V\": must be between 1 and "
                           "1000000000, with \"e/s\" or \"e/m\"", value);
        return NGX_CONF_ERROR;
    }

    zone->number = ngx_atoi(value->data + 5, rate.len - 3);
    zone->unit = (value->data[value->len - 1] == 's') ? "events/s"
                                                      : "events/min";

    return NGX_CONF_OK;
}


char *
ngx_http_events_limit_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_int_t        burst;
    ngx_str_t       *value, name;
    ngx_uint_t       i;
    ngx_shm_zone_t  *shm_zone;

    value = cf->args->elts;

    shm_zone = NULL;
    burst = 0;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "zone=", 5) == 0) {
            name.data = value[i].data + 5;
            name.len = value[i].len - 5;

            if (name.len == 0) {
                return "needs the name of a zone";
            }

            shm_zone = ngx_shared_memory_add(cf, &name, 0,
                                             &ngx_http_events_limit_tag);
            if (shm_zone == NULL) {
                return NGX_CONF_ERROR;
            }

            continue;
        }

        if (ngx_strncmp(value[i].data, "burst=", 6) == 0) {
            burst = ngx_atoi(value[i].data + 6, value[i].len - 6);

            if (burst < 1 || burst > EVENTS_LIMIT_MAX) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid burst \"%V\": must be between 1 "
                                   "and 1000000000", &value[i]);
                return NGX_CONF_ERROR;
            }

            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    if (shm_zone == NULL || burst == 0) {
        return "needs the parameters \"zone=name\" and \"burst=number\"";
    }

    return ngx_http_events_limit_add(cf, elcf, shm_zone, burst);
}


/* in the order of the names, in which zones are locked */

static char *
ngx_http_events_limit_add(ngx_conf_t *cf, ngx_http_events_loc_conf_t *conf,
    ngx_shm_zone_t *shm_zone, ngx_uint_t burst)
{
    ngx_uint_t                i;
    ngx_http_events_limit_t  *limit;

    if (conf->limits == NULL) {
        conf->limits = ngx_array_create(cf->pool, 2,
                                        sizeof(ngx_http_events_limit_t));
        if (conf->limits == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    limit = conf->limits->elts;

    for (i = 0; i < conf->limits->nelts; i++) {
        if (limit[i].shm_zone == shm_zone) {
            return "is duplicate";
        }
    }

    if (ngx_array_push(conf->limits) == NULL) {
        return NGX_CONF_ERROR;
    }

    limit = conf->limits->elts;

    for (i = conf->limits->nelts - 1; i > 0; i--) {

        if (ngx_http_events_limit_order(&limit[i - 1].shm_zone->shm.name,
                                        &shm_zone->shm.name)
            < 0)
        {
            break;
        }

        limit[i] = limit[i - 1];
    }

    limit[i].shm_zone = shm_zone;
    limit[i].burst = burst;
    limit[i].file = cf->conf_file->file.name.data;
    limit[i].line = cf->conf_file->line;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_events_limit_order(ngx_str_t *one, ngx_str_t *two)
{
    return ngx_memn2cmp(one->data, two->data, one->len, two->len);
}


/* all zones are known only once everything was read */

char *
ngx_http_events_limit_merge(ngx_conf_t *cf, ngx_http_events_loc_conf_t *prev,
    ngx_http_events_loc_conf_t *conf)
{
    ngx_uint_t                i;
    ngx_http_events_limit_t  *limit;

    ngx_conf_merge_value(conf->limit_headers, prev->limit_headers, 0);

    if (conf->limits == NULL) {
        conf->limits = prev->limits;
    }

    if (conf->limits == NULL) {
        return NGX_CONF_OK;
    }

    limit = conf->limits->elts;

    for (i = 0; i < conf->limits->nelts; i++) {

        if (limit[i].shm_zone->data == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown zone \"%V\" in \"events_limit\": there is "
                          "no \"events_limit_zone\" of this name in %s:%ui",
                          &limit[i].shm_zone->shm.name, limit[i].file,
                          limit[i].line);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}
