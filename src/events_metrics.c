
#include "events_metrics.h"
#include "events_writer.h"


typedef struct events_metric_s      events_metric_t;
typedef struct events_metric_set_s  events_metric_set_t;


/* what the elements of an array of counters are called */

struct events_metric_set_s {
    void                   (*name)(events_str_t *name,
                                   const events_metrics_t *metrics,
                                   const events_metric_set_t *set, uint32_t i);
    int                    (*expected)(const events_metrics_t *metrics,
                                       const events_metric_set_t *set,
                                       uint32_t i);
                                        /* whether Prometheus is told of it
                                         * while it is 0; NULL: never */
    size_t                   labels;    /* offset in events_metrics_t */
    uint32_t                 unnamed;   /* up to this index it is none of
                                         * these names */
};


typedef void (*events_metric_pt)(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric);


struct events_metric_s {
    const char                 *name;       /* NULL: only in JSON */
    const char                 *type;
    const char                 *label;
    const char                 *help;
    events_metric_pt            prometheus;

    const char                 *group;      /* object in JSON; "": none */
    const char                 *member;     /* NULL: not in JSON */
    events_metric_pt            json;

    size_t                      offset;     /* in events_metrics_t */
    uint32_t                    n;
    const events_metric_set_t  *set;
};


typedef struct {
    events_str_t                type;       /* of the text */
    void                      (*write)(events_writer_t *w,
                                       const events_metrics_t *metrics);
} events_metrics_writer_t;


static void events_prometheus(events_writer_t *w,
    const events_metrics_t *metrics);
static void events_prometheus_number(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric);
static void events_prometheus_set(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric);
static void events_prometheus_label(events_writer_t *w,
    const events_str_t *name);
static void events_prometheus_histogram(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric);

static void events_status(events_writer_t *w, const events_metrics_t *metrics);
static void events_status_number(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric);
static void events_status_map(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric);
static void events_status_object(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric);
static void events_status_members(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric, int all);
static void events_status_brands(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric);
static void events_status_histogram(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric);

static const uint64_t *events_metric_counters(const events_metrics_t *metrics,
    const events_metric_t *metric);
static void events_metric_seconds(events_writer_t *w, const char *prefix,
    uint64_t microseconds);

static void events_metric_status(events_str_t *name,
    const events_metrics_t *metrics, const events_metric_set_t *set,
    uint32_t i);
static void events_metric_error(events_str_t *name,
    const events_metrics_t *metrics, const events_metric_set_t *set,
    uint32_t i);
static int events_metric_rejects(const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i);
static int events_metric_fails(const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i);
static void events_metric_keyword(events_str_t *name,
    const events_metrics_t *metrics, const events_metric_set_t *set,
    uint32_t i);
static void events_metric_label(events_str_t *name,
    const events_metrics_t *metrics, const events_metric_set_t *set,
    uint32_t i);
static int events_metric_has_label(const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i);
static const events_labels_t *events_metric_labels(
    const events_metrics_t *metrics, const events_metric_set_t *set);
static void events_metric_result(events_str_t *name,
    const events_metrics_t *metrics, const events_metric_set_t *set,
    uint32_t i);
static void events_metric_state(events_str_t *name,
    const events_metrics_t *metrics, const events_metric_set_t *set,
    uint32_t i);
static int events_metric_always(const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i);
static void events_metric_text(events_str_t *name, const char *text);


static const events_metric_set_t  events_metric_statuses = {
    events_metric_status, NULL, 0, 0
};


static const events_metric_set_t  events_metric_reasons = {
    events_metric_error, events_metric_rejects, 0, 0
};


static const events_metric_set_t  events_metric_failures = {
    events_metric_error, events_metric_fails, 0, 0
};


static const events_metric_set_t  events_metric_keywords = {
    events_metric_keyword, NULL, 0, 0
};


static const events_metric_set_t  events_metric_brands = {
    events_metric_label, events_metric_has_label,
    offsetof(events_metrics_t, labels.brands), EVENTS_BRAND_NONE
};


static const events_metric_set_t  events_metric_members = {
    events_metric_label, events_metric_has_label,
    offsetof(events_metrics_t, labels.members), EVENTS_LABEL_OTHER
};


static const events_metric_set_t  events_metric_zones = {
    events_metric_label, events_metric_has_label,
    offsetof(events_metrics_t, labels.zones), EVENTS_LABEL_OTHER
};


static const events_metric_set_t  events_metric_results = {
    events_metric_result, events_metric_always, 0, 0
};


static const events_metric_set_t  events_metric_states = {
    events_metric_state, events_metric_always, 0, 0
};


#define events_at(member)                                                     \
    offsetof(events_metrics_t, member),                                       \
    sizeof(((events_metrics_t *) NULL)->member) / sizeof(uint64_t)


/* in the order of the JSON, where members of an object are side by side */

static const events_metric_t  events_metrics[] = {

    { "events_workers", "gauge", NULL,
      "Worker processes that report.",
      events_prometheus_number,
      "", "workers", events_status_number,
      events_at(workers), NULL },

    { "events_requests_total", "counter", "status",
      "Requests to endpoints, by the final HTTP status.",
      events_prometheus_set,
      "", "requests", events_status_map,
      events_at(counters.requests), &events_metric_statuses },

    { "events_received_total", "counter", NULL,
      "Events in bodies that were read.",
      events_prometheus_number,
      "events", "received", events_status_number,
      events_at(counters.received), NULL },

    { "events_accepted_total", "counter", NULL,
      "Events that keep the contract, of senders that may send them.",
      events_prometheus_number,
      "events", "accepted", events_status_number,
      events_at(counters.accepted), NULL },

    { "events_rejected_total", "counter", "code",
      "Events not accepted, by the client's fault.",
      events_prometheus_set,
      "events", "rejected", events_status_number,
      events_at(counters.rejected), &events_metric_reasons },

    { "events_published_total", "counter", NULL,
      "Events handed to the queue of a producer.",
      events_prometheus_number,
      "events", "published", events_status_number,
      events_at(counters.published), NULL },

    { "events_acknowledged_total", "counter", NULL,
      "Events acknowledged by Kafka.",
      events_prometheus_number,
      "events", "acknowledged", events_status_number,
      events_at(counters.acknowledged), NULL },

    { "events_failed_total", "counter", "code",
      "Accepted events that are not, or not for certain, in Kafka.",
      events_prometheus_set,
      "events", "failed", events_status_number,
      events_at(counters.failed), &events_metric_failures },

    { "events_in_flight", "gauge", NULL,
      "Published events of batches without all of their delivery reports.",
      events_prometheus_number,
      "events", "in_flight", events_status_number,
      events_at(counters.in_flight), NULL },

    { "events_dry_run_rejected_total", "counter", NULL,
      "Accepted events that would be rejected but for a dry run.",
      events_prometheus_number,
      "events", "dry_run_rejected", events_status_number,
      events_at(counters.dry_run_rejected), NULL },

    { NULL, NULL, NULL, NULL, NULL,
      "", "rejected", events_status_map,
      events_at(counters.rejected), &events_metric_reasons },

    { "events_invalid_total", "counter", "keyword",
      "Failures of the contract, by JSON Schema keyword.",
      events_prometheus_set,
      "", "invalid", events_status_map,
      events_at(counters.invalid), &events_metric_keywords },

    { NULL, NULL, NULL, NULL, NULL,
      "", "failed", events_status_map,
      events_at(counters.failed), &events_metric_failures },

    { "events_brand_accepted_total", "counter", "brand",
      "Events accepted, by brand.",
      events_prometheus_set,
      "", "brands", events_status_brands,
      events_at(counters.brand_accepted), &events_metric_brands },

    { "events_brand_rejected_total", "counter", "brand",
      "Events rejected, by brand.",
      events_prometheus_set,
      "", NULL, NULL,
      events_at(counters.brand_rejected), &events_metric_brands },

    { "events_renamed_total", "counter", "member",
      "Events sent under an old name of a member.",
      events_prometheus_set,
      "", "renamed", events_status_map,
      events_at(counters.renamed), &events_metric_members },

    { "events_dead_letters_total", "counter", "result",
      "Rejected events for the dead letter topic: published, and then "
      "acknowledged by Kafka; or lost.",
      events_prometheus_set,
      "", "dead_letters", events_status_object,
      events_at(counters.dead_letters), &events_metric_results },

    { "events_limited_total", "counter", "zone",
      "Requests refused by a limit, by its zone.",
      events_prometheus_set,
      "", "limited", events_status_map,
      events_at(counters.limited), &events_metric_zones },

    { "events_ack_seconds", "histogram", NULL,
      "Time from publishing a batch to its last delivery report.",
      events_prometheus_histogram,
      "", "ack_seconds", events_status_histogram,
      events_at(counters.ack_batches), NULL },

    { "events_queue_bytes", "gauge", NULL,
      "Memory in use of events_kafka_memory, all producers.",
      events_prometheus_number,
      "queue", "bytes", events_status_number,
      events_at(counters.gauges.queue_bytes), NULL },

    { "events_queue_limit_bytes", "gauge", NULL,
      "Memory that events_kafka_memory allows, all producers.",
      events_prometheus_number,
      "queue", "limit_bytes", events_status_number,
      events_at(counters.gauges.queue_limit_bytes), NULL },

    { "events_producers", "gauge", "state",
      "Producers by their state.",
      events_prometheus_set,
      "", "producers", events_status_object,
      events_at(counters.gauges.producers), &events_metric_states },

    { "events_brokers_connected", "gauge", NULL,
      "Connections to brokers that are up, all producers.",
      events_prometheus_number,
      "", "brokers_connected", events_status_number,
      events_at(counters.gauges.brokers_connected), NULL },

    { "events_producer_restarts_total", "counter", NULL,
      "Producers replaced after a fatal error.",
      events_prometheus_number,
      "", "producer_restarts", events_status_number,
      events_at(counters.restarts), NULL },

    { "events_log_suppressed_total", "counter", NULL,
      "Rejected requests that events_log_invalid did not log.",
      events_prometheus_number,
      "", "log_suppressed", events_status_number,
      events_at(counters.log_suppressed), NULL }
};


#define EVENTS_METRICS  (sizeof(events_metrics) / sizeof(events_metrics[0]))


static const events_metrics_writer_t
    events_metrics_writers[EVENTS_METRICS_FORMATS] =
{

    /* EVENTS_METRICS_JSON */
    { events_string("application/json"), events_status },

    /* EVENTS_METRICS_PROMETHEUS */
    { events_string("text/plain; version=0.0.4; charset=utf-8"),
      events_prometheus }
};


void
events_metrics_labels_init(events_metrics_labels_t *labels)
{
    uint32_t  i;

    static const events_str_t  none = events_string("");
    static const events_str_t  zones[] = {
        events_string("limit_req"),             /* EVENTS_ZONE_REQ */
        events_string("limit_conn")             /* EVENTS_ZONE_CONN */
    };

    events_labels_init(&labels->brands, EVENTS_BRAND_LABELS);
    events_labels_init(&labels->members, EVENTS_MEMBER_LABELS);
    events_labels_init(&labels->zones, EVENTS_ZONE_LABELS);

    (void) events_labels_add(&labels->brands, &none);

    for (i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        (void) events_labels_add(&labels->zones, &zones[i]);
    }
}


void
events_metrics_labels_copy(events_metrics_labels_t *copy,
    const events_metrics_labels_t *labels)
{
    events_labels_copy(&copy->brands, &labels->brands);
    events_labels_copy(&copy->members, &labels->members);
    events_labels_copy(&copy->zones, &labels->zones);
}


const events_str_t *
events_metrics_type(events_metrics_format_e format)
{
    return &events_metrics_writers[format].type;
}


size_t
events_metrics_len(const events_metrics_t *metrics,
    events_metrics_format_e format)
{
    events_writer_t  w;

    w.dst = NULL;
    w.len = 0;

    events_metrics_writers[format].write(&w, metrics);

    return w.len;
}


u_char *
events_metrics_write(u_char *dst, const events_metrics_t *metrics,
    events_metrics_format_e format)
{
    events_writer_t  w;

    w.dst = dst;
    w.len = 0;

    events_metrics_writers[format].write(&w, metrics);

    return w.dst;
}


static void
events_prometheus(events_writer_t *w, const events_metrics_t *metrics)
{
    uint32_t                i;
    const events_metric_t  *metric;

    for (i = 0; i < EVENTS_METRICS; i++) {
        metric = &events_metrics[i];

        if (metric->name == NULL) {
            continue;
        }

        events_write(w, "# HELP ");
        events_write(w, metric->name);
        events_write(w, " ");
        events_write(w, metric->help);
        events_write(w, "\n# TYPE ");
        events_write(w, metric->name);
        events_write(w, " ");
        events_write(w, metric->type);
        events_write(w, "\n");

        metric->prometheus(w, metrics, metric);
    }
}


static void
events_prometheus_number(events_writer_t *w, const events_metrics_t *metrics,
    const events_metric_t *metric)
{
    events_write(w, metric->name);
    events_write_number(w, " ", *events_metric_counters(metrics, metric));
    events_write(w, "\n");
}


/* what will come up is there from the start, so that its rate is right */

static void
events_prometheus_set(events_writer_t *w, const events_metrics_t *metrics,
    const events_metric_t *metric)
{
    uint32_t         i;
    events_str_t     name;
    const uint64_t  *counters;

    counters = events_metric_counters(metrics, metric);

    for (i = 0; i < metric->n; i++) {

        if (counters[i] == 0
            && (metric->set->expected == NULL
                || !metric->set->expected(metrics, metric->set, i)))
        {
            continue;
        }

        metric->set->name(&name, metrics, metric->set, i);

        events_write(w, metric->name);
        events_write(w, "{");
        events_write(w, metric->label);
        events_write(w, "=\"");
        events_prometheus_label(w, &name);
        events_write_number(w, "\"} ", counters[i]);
        events_write(w, "\n");
    }
}


/* names have no line feed, see events_labels_add() */

static void
events_prometheus_label(events_writer_t *w, const events_str_t *name)
{
    size_t  i;
    char    text[3];

    for (i = 0; i < name->len; i++) {
        text[0] = name->data[i];
        text[1] = '\0';

        if (text[0] == '"' || text[0] == '\\') {
            text[1] = text[0];
            text[0] = '\\';
            text[2] = '\0';
        }

        events_write(w, text);
    }
}


static void
events_prometheus_histogram(events_writer_t *w,
    const events_metrics_t *metrics, const events_metric_t *metric)
{
    uint32_t         i;
    uint64_t         n;
    const uint64_t  *batches;

    batches = events_metric_counters(metrics, metric);
    n = 0;

    for (i = 0; i < metric->n; i++) {
        n += batches[i];

        events_write(w, metric->name);

        if (events_ack_bound(i) == 0) {
            events_write(w, "_bucket{le=\"+Inf");

        } else {
            events_metric_seconds(w, "_bucket{le=\"", events_ack_bound(i));
        }

        events_write_number(w, "\"} ", n);
        events_write(w, "\n");
    }

    events_write(w, metric->name);
    events_metric_seconds(w, "_sum ", metrics->counters.ack_time);
    events_write(w, "\n");
    events_write(w, metric->name);
    events_write_number(w, "_count ", n);
    events_write(w, "\n");
}


static void
events_status(events_writer_t *w, const events_metrics_t *metrics)
{
    int                     is_new;
    uint32_t                i;
    const char             *group;
    const events_metric_t  *metric;

    events_write_string(w, "{\"version\":1,\"time\":", metrics->time.data,
                        metrics->time.len);
    group = "";

    for (i = 0; i < EVENTS_METRICS; i++) {
        metric = &events_metrics[i];

        if (metric->member == NULL) {
            continue;
        }

        is_new = (strcmp(metric->group, group) != 0);

        if (is_new && group[0] != '\0') {
            events_write(w, "}");
        }

        events_write(w, ",");

        if (is_new && metric->group[0] != '\0') {
            events_write(w, "\"");
            events_write(w, metric->group);
            events_write(w, "\":{");
        }

        group = metric->group;

        events_write(w, "\"");
        events_write(w, metric->member);
        events_write(w, "\":");

        metric->json(w, metrics, metric);
    }

    events_write(w, "}\n");
}


/* a number, or the sum of all elements */

static void
events_status_number(events_writer_t *w, const events_metrics_t *metrics,
    const events_metric_t *metric)
{
    events_write_number(w, "",
                        events_counters_sum(events_metric_counters(metrics,
                                                                   metric),
                                            metric->n));
}


static void
events_status_map(events_writer_t *w, const events_metrics_t *metrics,
    const events_metric_t *metric)
{
    events_status_members(w, metrics, metric, 0);
}


static void
events_status_object(events_writer_t *w, const events_metrics_t *metrics,
    const events_metric_t *metric)
{
    events_status_members(w, metrics, metric, 1);
}


static void
events_status_members(events_writer_t *w, const events_metrics_t *metrics,
    const events_metric_t *metric, int all)
{
    uint32_t         i;
    const char      *prefix;
    events_str_t     name;
    const uint64_t  *counters;

    counters = events_metric_counters(metrics, metric);
    prefix = "{";

    for (i = 0; i < metric->n; i++) {

        if (counters[i] == 0 && !all) {
            continue;
        }

        metric->set->name(&name, metrics, metric->set, i);

        events_write_string(w, prefix, name.data, name.len);
        events_write_number(w, ":", counters[i]);

        prefix = ",";
    }

    events_write(w, (prefix[0] == '{') ? "{}" : "}");
}


static void
events_status_brands(events_writer_t *w, const events_metrics_t *metrics,
    const events_metric_t *metric)
{
    uint32_t         i;
    const char      *prefix;
    events_str_t     name;
    const uint64_t  *accepted, *rejected;

    accepted = metrics->counters.brand_accepted;
    rejected = metrics->counters.brand_rejected;
    prefix = "{";

    for (i = 0; i < metric->n; i++) {

        if (accepted[i] == 0 && rejected[i] == 0) {
            continue;
        }

        metric->set->name(&name, metrics, metric->set, i);

        events_write_string(w, prefix, name.data, name.len);
        events_write_number(w, ":{\"accepted\":", accepted[i]);
        events_write_number(w, ",\"rejected\":", rejected[i]);
        events_write(w, "}");

        prefix = ",";
    }

    events_write(w, (prefix[0] == '{') ? "{}" : "}");
}


static void
events_status_histogram(events_writer_t *w, const events_metrics_t *metrics,
    const events_metric_t *metric)
{
    uint32_t         i;
    uint64_t         n;
    const uint64_t  *batches;

    batches = events_metric_counters(metrics, metric);
    n = 0;

    events_write_number(w, "{\"count\":", events_counters_sum(batches,
                                                              metric->n));
    events_metric_seconds(w, ",\"sum\":", metrics->counters.ack_time);
    events_write(w, ",\"buckets\":[");

    for (i = 0; i < metric->n; i++) {
        n += batches[i];

        events_write(w, (i > 0) ? ",{\"le\":" : "{\"le\":");

        if (events_ack_bound(i) == 0) {
            events_write(w, "null");

        } else {
            events_metric_seconds(w, "", events_ack_bound(i));
        }

        events_write_number(w, ",\"count\":", n);
        events_write(w, "}");
    }

    events_write(w, "]}");
}


static const uint64_t *
events_metric_counters(const events_metrics_t *metrics,
    const events_metric_t *metric)
{
    return (const uint64_t *) ((const u_char *) metrics + metric->offset);
}


/* without zeroes at the end, as other clients of Prometheus write "le" */

static void
events_metric_seconds(events_writer_t *w, const char *prefix,
    uint64_t microseconds)
{
    char      text[8];
    int       i;
    uint64_t  rest;

    events_write_number(w, prefix, microseconds / 1000000);

    rest = microseconds % 1000000;

    if (rest == 0) {
        return;
    }

    for (i = 6; i > 0; i--) {
        text[i] = '0' + rest % 10;
        rest /= 10;
    }

    for (i = 6; text[i] == '0'; i--) { /* void */ }

    text[0] = '.';
    text[i + 1] = '\0';

    events_write(w, text);
}


static void
events_metric_status(events_str_t *name, const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    events_metric_text(name, events_status_name(i));
}


static void
events_metric_error(events_str_t *name, const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    events_metric_text(name, (i == EVENTS_WORKER_LOST)
                             ? "worker_lost" : events_error_info(i)->code);
}


/* errors of bodies that were read */

static int
events_metric_rejects(const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    switch (i) {

    case EVENTS_INVALID_JSON:
    case EVENTS_INVALID_UTF8:
    case EVENTS_TOO_DEEP:
    case EVENTS_BRAND_NOT_ALLOWED:
    case EVENTS_TOO_MANY_EVENTS:
    case EVENTS_EVENT_TOO_LARGE:
    case EVENTS_BATCH_TOO_LARGE:
    case EVENTS_INVALID_EVENTS:
    case EVENTS_RATE_LIMITED:
        return 1;

    default:
        return 0;
    }
}


static int
events_metric_fails(const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    switch (i) {

    case EVENTS_BROKER_UNREACHABLE:
    case EVENTS_BROKER_REFUSED:
    case EVENTS_QUEUE_FULL:
    case EVENTS_SHUTTING_DOWN:
    case EVENTS_OUTCOME_UNKNOWN:
    case EVENTS_INTERNAL:
    case EVENTS_WORKER_LOST:
        return 1;

    default:
        return 0;
    }
}


static void
events_metric_keyword(events_str_t *name, const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    events_metric_text(name, events_keyword_name(i));
}


static void
events_metric_label(events_str_t *name, const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    const events_labels_t  *labels;

    labels = events_metric_labels(metrics, set);

    name->data = labels->elts[i].data;
    name->len = labels->elts[i].len;
}


static int
events_metric_has_label(const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    return i > set->unnamed && i < events_metric_labels(metrics, set)->nelts;
}


static const events_labels_t *
events_metric_labels(const events_metrics_t *metrics,
    const events_metric_set_t *set)
{
    return (const events_labels_t *) ((const u_char *) metrics + set->labels);
}


static void
events_metric_result(events_str_t *name, const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    static const char *const  results[EVENTS_DEAD] = {
        "published", "acknowledged", "lost"
    };

    events_metric_text(name, results[i]);
}


static void
events_metric_state(events_str_t *name, const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    /* of events_producer_state_e */

    static const char *const  states[EVENTS_STATES] = { "up", "down", "fatal" };

    events_metric_text(name, states[i]);
}


static int
events_metric_always(const events_metrics_t *metrics,
    const events_metric_set_t *set, uint32_t i)
{
    return 1;
}


static void
events_metric_text(events_str_t *name, const char *text)
{
    name->data = (const u_char *) text;
    name->len = strlen(text);
}
