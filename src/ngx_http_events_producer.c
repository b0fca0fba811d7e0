
/*
 * The producers of a worker.  librdkafka's threads write to an eventfd; all
 * else happens on the worker's own thread, in its event loop.
 */


#include "ngx_http_events.h"

#include <ngx_channel.h>


/* silence wakes nobody up; nor would a wake-up that is ever lost */
#define NGX_HTTP_EVENTS_POLL_INTERVAL     250

/*
 * A producer that failed is replaced at once, as no client is served
 * meanwhile; but one that fails again soon is not, for that will go on.
 */
#define NGX_HTTP_EVENTS_REBUILD_DELAY     1000
#define NGX_HTTP_EVENTS_REBUILD_INTERVAL  10000

/* the master kills a worker about 3 seconds after a fast stop */
#define NGX_HTTP_EVENTS_FAST_STOP         2000


static u_char *ngx_http_events_producer_id(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *conf, ngx_uint_t timeout, ngx_str_t *id);
static ngx_uint_t ngx_http_events_message_timeout(ngx_msec_t ack_timeout);
static void ngx_http_events_producer_conf_cleanup(void *data);
static ngx_int_t ngx_http_events_producer_start(ngx_cycle_t *cycle,
    ngx_http_events_producer_t *p);
static ngx_int_t ngx_http_events_producer_create(
    ngx_http_events_producer_t *p);
static void ngx_http_events_producer_event_handler(ngx_event_t *ev);
static void ngx_http_events_producer_poll_handler(ngx_event_t *ev);
static void ngx_http_events_producer_rebuild_handler(ngx_event_t *ev);
static void ngx_http_events_producer_serve(ngx_http_events_producer_t *p);
static void ngx_http_events_producer_reached(ngx_http_events_producer_t *p,
    events_producer_state_e state);
static ngx_msec_t ngx_http_events_producer_rebuild_delay(
    ngx_http_events_producer_t *p);
static void ngx_http_events_producer_stop(ngx_http_events_producer_t *p,
    ngx_msec_t start, ngx_msec_t timeout);
static void ngx_http_events_producer_given_up(ngx_http_events_producer_t *p,
    ngx_msec_t timeout);
static void ngx_http_events_producer_log(void *data, int level,
    const char *text);


/* the producer that a location publishes with: a new one, or a shared one */

ngx_http_events_producer_t *
ngx_http_events_producer_conf(ngx_conf_t *cf, ngx_http_events_loc_conf_t *conf)
{
    char                           errstr[512];
    ngx_str_t                      id;
    ngx_uint_t                     i, timeout;
    ngx_keyval_t                  *kv;
    ngx_pool_cleanup_t            *cln;
    ngx_http_events_producer_t    *p, **pp;
    ngx_http_events_main_conf_t   *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);

    timeout = ngx_http_events_message_timeout(conf->ack_timeout);

    if (ngx_http_events_producer_id(cf, conf, timeout, &id) == NULL) {
        return NULL;
    }

    pp = emcf->producers.elts;

    for (i = 0; i < emcf->producers.nelts; i++) {
        if (pp[i]->id.len == id.len
            && ngx_memcmp(pp[i]->id.data, id.data, id.len) == 0)
        {
            return pp[i];
        }
    }

    p = ngx_pcalloc(cf->pool, sizeof(ngx_http_events_producer_t));
    cln = ngx_pool_cleanup_add(cf->pool, 0);
    pp = ngx_array_push(&emcf->producers);

    if (p == NULL || cln == NULL || pp == NULL
        || ngx_array_init(&p->topics, cf->pool, 4, sizeof(ngx_str_t))
           != NGX_OK)
    {
        return NULL;
    }

    p->id = id;
    p->fd = NGX_INVALID_FILE;

    p->conf = events_producer_conf_create();
    if (p->conf == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_events_producer_conf_cleanup;
    cln->data = p->conf;

    *pp = p;

    events_producer_conf_set_grace(p->conf, conf->grace);

    if (conf->properties != NULL) {
        kv = conf->properties->elts;

        for (i = 0; i < conf->properties->nelts; i++) {
            if (!events_producer_conf_set(p->conf, (char *) kv[i].key.data,
                                          (char *) kv[i].value.data, errstr,
                                          sizeof(errstr)))
            {
                goto failed;
            }
        }
    }

    if (events_producer_conf_finish(p->conf, (char *) conf->brokers.data,
                                    conf->memory, timeout, errstr,
                                    sizeof(errstr)))
    {
        return p;
    }

failed:

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "invalid configuration of Kafka for \"events_publish %V\": "
                  "%s in %s:%ui", &conf->topic->value, errstr, conf->file,
                  conf->line);

    return NULL;
}


/* brokers, properties and bounds, each ended by a line feed */

static u_char *
ngx_http_events_producer_id(ngx_conf_t *cf, ngx_http_events_loc_conf_t *conf,
    ngx_uint_t timeout, ngx_str_t *id)
{
    u_char        *p;
    size_t         len;
    ngx_uint_t     i, n;
    ngx_keyval_t  *kv;

    n = (conf->properties != NULL) ? conf->properties->nelts : 0;
    kv = (conf->properties != NULL) ? conf->properties->elts : NULL;

    len = conf->brokers.len + 3 * NGX_INT_T_LEN + 5;

    for (i = 0; i < n; i++) {
        len += kv[i].key.len + kv[i].value.len + 2;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NULL;
    }

    id->data = p;

    p = ngx_sprintf(p, "%V\n%uz\n%ui\n%M\n", &conf->brokers, conf->memory,
                    timeout, conf->grace);

    for (i = 0; i < n; i++) {
        p = ngx_sprintf(p, "%V %V\n", &kv[i].key, &kv[i].value);
    }

    id->len = p - id->data;

    return id->data;
}


/*
 * Records must have failed for certain before the client is answered, so
 * theirs is the shorter time.  librdkafka looks for expired ones once a
 * second, and not while it sleeps before it connects again.
 */

static ngx_uint_t
ngx_http_events_message_timeout(ngx_msec_t ack_timeout)
{
    return (ack_timeout >= 3000) ? ack_timeout - 1500 : ack_timeout / 2;
}


static void
ngx_http_events_producer_conf_cleanup(void *data)
{
    events_producer_conf_destroy(data);
}


/* a topic that workers ask for when they start */

ngx_int_t
ngx_http_events_producer_topic(ngx_http_events_producer_t *p, ngx_str_t *name)
{
    ngx_str_t  *topic;

    topic = ngx_array_push(&p->topics);
    if (topic == NULL) {
        return NGX_ERROR;
    }

    *topic = *name;

    return NGX_OK;
}


ngx_int_t
ngx_http_events_producers_start(ngx_cycle_t *cycle,
    ngx_http_events_main_conf_t *emcf)
{
    ngx_uint_t                    i;
    ngx_http_events_producer_t  **p;

    emcf->batch = events_batch_create();
    if (emcf->batch == NULL) {
        return NGX_ERROR;
    }

    ngx_http_events_request_id_seed(emcf);

    p = emcf->producers.elts;

    for (i = 0; i < emcf->producers.nelts; i++) {
        if (ngx_http_events_producer_start(cycle, p[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_producer_start(ngx_cycle_t *cycle,
    ngx_http_events_producer_t *p)
{
    p->log = cycle->log;

    p->fd = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);

    if (p->fd == NGX_INVALID_FILE) {
        ngx_log_error(NGX_LOG_ALERT, cycle->log, ngx_errno,
                      "eventfd() failed");
        return NGX_ERROR;
    }

    if (ngx_add_channel_event(cycle, p->fd, NGX_READ_EVENT,
                              ngx_http_events_producer_event_handler)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    p->timers.data = p;
    p->timers.fd = p->fd;

    p->poll.handler = ngx_http_events_producer_poll_handler;
    p->poll.data = &p->timers;
    p->poll.log = cycle->log;
    p->poll.cancelable = 1;

    p->rebuild.handler = ngx_http_events_producer_rebuild_handler;
    p->rebuild.data = &p->timers;
    p->rebuild.log = cycle->log;
    p->rebuild.cancelable = 1;

    if (ngx_http_events_producer_create(p) != NGX_OK) {
        ngx_add_timer(&p->rebuild, NGX_HTTP_EVENTS_REBUILD_DELAY);
    }

    ngx_add_timer(&p->poll, NGX_HTTP_EVENTS_POLL_INTERVAL);

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_producer_create(ngx_http_events_producer_t *p)
{
    char           errstr[512];
    ngx_str_t     *topic;
    ngx_uint_t     i;
    events_str_t   name;

    p->producer = events_producer_create(p->conf, p->fd,
                                         ngx_http_events_producer_log, p,
                                         errstr, sizeof(errstr));
    if (p->producer == NULL) {
        ngx_log_error(NGX_LOG_ALERT, p->log, 0,
                      "events: no Kafka producer: %s", errstr);
        return NGX_ERROR;
    }

    topic = p->topics.elts;

    for (i = 0; i < p->topics.nelts; i++) {
        name.data = topic[i].data;
        name.len = topic[i].len;

        if (events_producer_topic(p->producer, &name) == NULL) {
            ngx_log_error(NGX_LOG_ERR, p->log, 0,
                          "events: no topic \"%V\"", &topic[i]);
        }
    }

    /* what was logged before the wake-up was enabled never writes to fd */

    ngx_http_events_producer_serve(p);

    return NGX_OK;
}


static void
ngx_http_events_producer_event_handler(ngx_event_t *ev)
{
    uint64_t                       n;
    ngx_uint_t                     i;
    ngx_connection_t              *c;
    ngx_http_events_producer_t   **p;
    ngx_http_events_main_conf_t   *emcf;

    c = ev->data;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, ev->log, 0,
                   "events wake-up fd:%d", c->fd);

    /* read first: what comes in while we poll wakes us up again */

    if (read(c->fd, &n, sizeof(uint64_t)) == -1 && ngx_errno != NGX_EAGAIN) {
        ngx_log_error(NGX_LOG_ALERT, ev->log, ngx_errno,
                      "read() from eventfd failed");
    }

    emcf = ngx_http_cycle_get_module_main_conf(ngx_cycle,
                                               ngx_http_events_module);
    p = emcf->producers.elts;

    for (i = 0; i < emcf->producers.nelts; i++) {
        if (p[i]->fd == c->fd) {
            ngx_http_events_producer_serve(p[i]);
            return;
        }
    }
}


static void
ngx_http_events_producer_poll_handler(ngx_event_t *ev)
{
    ngx_connection_t            *c;
    ngx_http_events_producer_t  *p;

    c = ev->data;
    p = c->data;

    ngx_http_events_producer_serve(p);

    ngx_add_timer(ev, NGX_HTTP_EVENTS_POLL_INTERVAL);
}


static void
ngx_http_events_producer_rebuild_handler(ngx_event_t *ev)
{
    ngx_connection_t            *c;
    ngx_http_events_producer_t  *p;

    c = ev->data;
    p = c->data;

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, ev->log, 0, "events producer rebuild");

    p->rebuilt = ngx_current_msec;

    if (p->producer != NULL) {
        events_producer_purge(p->producer);
        ngx_http_events_producer_serve(p);
        ngx_http_events_count_lost(p);

        /* serving may have put it off: it is being done */

        if (p->rebuild.timer_set) {
            ngx_del_timer(&p->rebuild);
        }

        events_producer_destroy(p->producer);
        p->producer = NULL;
    }

    if (ngx_http_events_producer_create(p) != NGX_OK) {
        ngx_add_timer(&p->rebuild, NGX_HTTP_EVENTS_REBUILD_DELAY);
        return;
    }

    ngx_http_events_count_restart();

    ngx_log_error(NGX_LOG_NOTICE, p->log, 0,
                  "events: the Kafka producer was replaced");
}


static void
ngx_http_events_producer_serve(ngx_http_events_producer_t *p)
{
    events_ack_t             *ack, *next;
    events_producer_state_e   state;

    if (p->producer == NULL) {
        return;
    }

    ack = events_producer_poll(p->producer, ngx_current_msec);

    for ( /* void */ ; ack != NULL; ack = next) {
        next = ack->next;
        ngx_http_events_ack_handler(p, ack);
    }

    state = events_producer_state(p->producer);

    ngx_http_events_producer_reached(p, state);
    ngx_http_events_count_gauges();

    if (state == EVENTS_PRODUCER_FATAL && !p->rebuild.timer_set
        && !ngx_exiting)
    {
        ngx_add_timer(&p->rebuild,
                      ngx_http_events_producer_rebuild_delay(p));
    }
}


/*
 * One line when Kafka goes away, and one when it is back.  A new producer is
 * up until its grace is over, whether there is a Kafka or not.
 */

static void
ngx_http_events_producer_reached(ngx_http_events_producer_t *p,
    events_producer_state_e state)
{
    if (state == EVENTS_PRODUCER_DOWN && !p->is_down) {
        p->is_down = 1;
        p->down = ngx_current_msec;

        ngx_log_error(NGX_LOG_ERR, p->log, 0,
                      "events: Kafka is unreachable: %s",
                      events_producer_reason(p->producer));

    } else if (state == EVENTS_PRODUCER_UP && p->is_down
               && events_producer_connected(p->producer) > 0)
    {
        p->is_down = 0;

        ngx_log_error(NGX_LOG_NOTICE, p->log, 0,
                      "events: Kafka is reachable again after %M s",
                      (ngx_current_msec - p->down) / 1000);
    }
}


static ngx_msec_t
ngx_http_events_producer_rebuild_delay(ngx_http_events_producer_t *p)
{
    if (p->rebuilt == 0
        || ngx_current_msec - p->rebuilt > NGX_HTTP_EVENTS_REBUILD_INTERVAL)
    {
        return 1;
    }

    return NGX_HTTP_EVENTS_REBUILD_DELAY;
}


void
ngx_http_events_producers_stop(ngx_cycle_t *cycle,
    ngx_http_events_main_conf_t *emcf)
{
    ngx_msec_t                    start, timeout;
    ngx_uint_t                    i;
    ngx_http_events_producer_t  **p;

    timeout = emcf->shutdown_timeout;

    if (ngx_terminate) {
        timeout = ngx_min(timeout, NGX_HTTP_EVENTS_FAST_STOP);
    }

    /* the time is the worker's: all producers share it */

    ngx_time_update();
    start = ngx_current_msec;

    p = emcf->producers.elts;

    for (i = 0; i < emcf->producers.nelts; i++) {
        if (p[i]->producer != NULL) {
            ngx_http_events_producer_stop(p[i], start, timeout);
        }
    }

    events_batch_destroy(emcf->batch);
    ngx_free(emcf->inflated.data);
    ngx_free(emcf->body.data);
}


/* no event is handled any more, and requests may still be alive */

static void
ngx_http_events_producer_stop(ngx_http_events_producer_t *p, ngx_msec_t start,
    ngx_msec_t timeout)
{
    ngx_msec_t  passed;

    ngx_time_update();
    passed = ngx_current_msec - start;

    events_producer_flush(p->producer,
                          (passed < timeout) ? timeout - passed : 0);
    events_producer_purge(p->producer);

    ngx_http_events_producer_given_up(p, timeout);
    ngx_http_events_count_lost(p);

    events_producer_destroy(p->producer);
    p->producer = NULL;
}


/* what failed during the flush, and what was still in the queue after it */

static void
ngx_http_events_producer_given_up(ngx_http_events_producer_t *p,
    ngx_msec_t timeout)
{
    uint32_t       n, failed;
    const char    *reason;
    events_ack_t  *ack, *next;

    n = events_producer_in_flight(p->producer);
    reason = "there is no delivery report";

    ack = events_producer_poll(p->producer, ngx_current_msec);

    for ( /* void */ ; ack != NULL; ack = next) {
        next = ack->next;
        failed = ack->nrecords - ack->delivered;

        ngx_http_events_count_ack(p, ack, 1);

        if (failed > 0 && ack->dead_letter) {
            p->lost += failed;
            p->lost_reason = ack->reason;

        } else if (failed > 0) {
            n += failed;
            reason = ack->reason;
        }

        events_ack_release(ack);
    }

    if (n > 0) {
        ngx_log_error(NGX_LOG_ERR, p->log, 0,
                      "events: %uD events were not acknowledged within %M ms "
                      "and are given up: %s", n, timeout, reason);
    }

    if (p->lost > 0) {
        ngx_http_events_lost_log(p);
    }

    if (p->failures.left_out > 0) {
        ngx_log_error(NGX_LOG_ERR, p->log, 0,
                      "events: and %ui failures since the last such line",
                      p->failures.left_out);
    }
}


static void
ngx_http_events_producer_log(void *data, int level, const char *text)
{
    ngx_http_events_producer_t  *p = data;

    static const ngx_uint_t  levels[] = {
        NGX_LOG_EMERG, NGX_LOG_ALERT, NGX_LOG_CRIT, NGX_LOG_ERR,
        NGX_LOG_WARN, NGX_LOG_NOTICE, NGX_LOG_INFO, NGX_LOG_DEBUG
    };

    /* a broker's fault is never an alert of nginx's own */

    ngx_log_error(levels[ngx_max(level, 2) & 7], p->log, 0,
                  "events: Kafka: %s", text);
}
