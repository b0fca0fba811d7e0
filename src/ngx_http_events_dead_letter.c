
/*
 * Rejected events go to a topic of their own, beside the batch: nobody waits
 * for them, and they never take what records need.
 */


#include "ngx_http_events.h"


/* events a second, unless configured */
#define NGX_HTTP_EVENTS_DEAD_RATE      100

/* a mistake, if it is more; and it must fit a number */
#define NGX_HTTP_EVENTS_DEAD_RATE_MAX  1000000

/* "reason", "pointer" and "contract" */
#define NGX_HTTP_EVENTS_DEAD_HEADERS   3

/* milliseconds between two lines of the log about what was not sent */
#define NGX_HTTP_EVENTS_LOST_INTERVAL  1000


typedef struct {
    events_publish_t             publish;
    events_topic_t              *topic;
    events_record_t              record;
    events_pair_t                headers[NGX_HTTP_EVENTS_HEADERS
                                         + NGX_HTTP_EVENTS_DEAD_HEADERS];
    events_pair_t               *reason;        /* of these headers */
    events_pair_t               *pointer;
} ngx_http_events_dead_record_t;


static const char *ngx_http_events_dead_record(ngx_http_request_t *r,
    ngx_http_events_loc_conf_t *elcf, ngx_http_events_dead_record_t *dead);
static const char *ngx_http_events_dead_record_send(
    ngx_http_events_loc_conf_t *elcf, ngx_http_events_dead_record_t *dead,
    const events_failure_t *failure);
static void ngx_http_events_dead_letters_lost(ngx_http_events_producer_t *p,
    ngx_uint_t n, const char *reason);
static void ngx_http_events_lost_report(ngx_http_events_producer_t *p);
static void ngx_http_events_lost_report_handler(ngx_event_t *ev);


char *
ngx_http_events_dead_letter(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_int_t                       rate;
    ngx_str_t                      *value;
    ngx_http_events_dead_letter_t  *dl;

    if (elcf->dead_letter != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        elcf->dead_letter = NULL;
        return NGX_CONF_OK;
    }

    if (ngx_http_events_check_topic(cf, &value[1]) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    rate = NGX_HTTP_EVENTS_DEAD_RATE;

    if (cf->args->nelts == 3) {
        rate = (ngx_strncmp(value[2].data, "rate=", 5) == 0)
               ? ngx_atoi(value[2].data + 5, value[2].len - 5) : NGX_ERROR;

        if (rate < 1 || rate > NGX_HTTP_EVENTS_DEAD_RATE_MAX) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\": must be "
                               "\"rate=number\", between 1 and %d", &value[2],
                               NGX_HTTP_EVENTS_DEAD_RATE_MAX);
            return NGX_CONF_ERROR;
        }
    }

    dl = ngx_pcalloc(cf->pool, sizeof(ngx_http_events_dead_letter_t));
    if (dl == NULL) {
        return NGX_CONF_ERROR;
    }

    dl->topic = value[1];
    dl->rate = rate;

    elcf->dead_letter = dl;

    return NGX_CONF_OK;
}


/* in a dry run nothing is rejected */

void
ngx_http_events_dead_letters(ngx_http_request_t *r)
{
    uint32_t                        i;
    ngx_uint_t                      lost, sent;
    const char                     *no_record, *reason, *last;
    events_failures_t              *failures;
    ngx_http_events_loc_conf_t     *elcf;
    ngx_http_events_main_conf_t    *emcf;
    ngx_http_events_dead_record_t   dead;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (elcf->dead_letter == NULL || elcf->dry_run
        || emcf->batch->rejected == 0)
    {
        return;
    }

    failures = &emcf->batch->failures;
    no_record = ngx_http_events_dead_record(r, elcf, &dead);
    last = NULL;
    lost = 0;
    sent = 0;

    for (i = 0; i < failures->nelts; i++) {

        if (!events_failures_is_first(failures, i)) {
            continue;
        }

        reason = no_record;

        if (reason == NULL) {
            reason = ngx_http_events_dead_record_send(elcf, &dead,
                                                      &failures->elts[i]);
        }

        if (reason != NULL) {
            last = reason;
            lost++;

        } else {
            sent++;
        }
    }

    ngx_http_events_count_dead_letters(EVENTS_DEAD_PUBLISHED, sent);
    ngx_http_events_count_dead_letters(EVENTS_DEAD_LOST, lost);

    if (lost > 0) {
        ngx_http_events_dead_letters_lost(elcf->producer, lost, last);
    }
}


/* what all of a request have in common; returns NULL, or why there are none */

static const char *
ngx_http_events_dead_record(ngx_http_request_t *r,
    ngx_http_events_loc_conf_t *elcf, ngx_http_events_dead_record_t *dead)
{
    events_str_t    name;
    events_pair_t  *h;

    if (elcf->producer->producer == NULL) {
        return "there is no producer";
    }

    ngx_memzero(dead, sizeof(ngx_http_events_dead_record_t));

    if (ngx_http_events_fixed_headers(r, dead->headers, &dead->publish.nheaders)
        != NGX_OK)
    {
        return "no memory";
    }

    name.data = elcf->dead_letter->topic.data;
    name.len = elcf->dead_letter->topic.len;

    dead->topic = events_producer_topic(elcf->producer->producer, &name);

    if (dead->topic == NULL) {
        return "there is no such topic";
    }

    dead->publish.topics = &dead->topic;
    dead->publish.ntopics = 1;

    h = dead->headers + dead->publish.nheaders;

    h->name = (events_str_t) events_string("reason");
    dead->reason = h++;

    h->name = (events_str_t) events_string("pointer");
    dead->pointer = h++;

    if (elcf->contract.data != NULL) {
        h->name = (events_str_t) events_string("contract");
        h->value = elcf->contract;
        h++;
    }

    dead->publish.headers = dead->headers;
    dead->publish.nheaders = h - dead->headers;
    dead->publish.records = &dead->record;
    dead->publish.nrecords = 1;

    return NULL;
}


/* headers differ, so each is published by itself; returns NULL, or why not */

static const char *
ngx_http_events_dead_record_send(ngx_http_events_loc_conf_t *elcf,
    ngx_http_events_dead_record_t *dead, const events_failure_t *failure)
{
    size_t              memory;
    const char         *reason;
    events_ack_t       *ack;
    events_error_e      error;
    events_producer_t  *producer;

    if (!ngx_http_events_within_rate(&elcf->dead_letter->sent,
                                     elcf->dead_letter->rate))
    {
        return "over the rate";
    }

    producer = elcf->producer->producer;
    memory = events_producer_memory(producer);

    if (memory + failure->event.len > elcf->memory / 2) {
        return "the queue is half full";
    }

    dead->record.value = failure->event;

    dead->reason->value.data = (u_char *) failure->code;
    dead->reason->value.len = ngx_strlen(failure->code);

    dead->pointer->value.data = failure->pointer;
    dead->pointer->value.len = failure->pointer_len;

    error = events_producer_publish(producer, &dead->publish, &ack, &reason);

    if (error != EVENTS_OK) {
        return reason ? reason : events_error_info(error)->code;
    }

    ack->dead_letter = 1;

    return NULL;
}


/* takes a complete ack over from the producer */

void
ngx_http_events_dead_letter_handler(ngx_http_events_producer_t *p,
    events_ack_t *ack)
{
    if (ack->delivered < ack->nrecords) {
        ngx_http_events_dead_letters_lost(p, ack->nrecords - ack->delivered,
                                          ack->reason);
    }

    events_ack_release(ack);
}


static void
ngx_http_events_dead_letters_lost(ngx_http_events_producer_t *p, ngx_uint_t n,
    const char *reason)
{
    p->lost += n;
    p->lost_reason = reason;

    if (!p->lost_report.event.timer_set) {
        ngx_http_events_lost_report(p);
    }
}


/* now, and what there is within a second then */

static void
ngx_http_events_lost_report(ngx_http_events_producer_t *p)
{
    ngx_http_events_lost_log(p);

    ngx_http_events_later(&p->lost_report, ngx_http_events_lost_report_handler,
                          p, NGX_HTTP_EVENTS_LOST_INTERVAL);
}


void
ngx_http_events_lost_log(ngx_http_events_producer_t *p)
{
    ngx_log_error(NGX_LOG_ERR, p->log, 0,
                  "events: %ui rejected events were not sent to the dead "
                  "letter topic: %s", p->lost, p->lost_reason);

    p->lost = 0;
}


static void
ngx_http_events_lost_report_handler(ngx_event_t *ev)
{
    ngx_http_events_producer_t  *p;

    p = ngx_http_events_later_data(ev);

    if (p->lost > 0) {
        ngx_http_events_lost_report(p);
    }
}
