
/*
 * Counters as text: in Prometheus's format, and as JSON.
 */


#ifndef _EVENTS_METRICS_H_INCLUDED_
#define _EVENTS_METRICS_H_INCLUDED_


#include "events_types.h"
#include "events_counters.h"
#include "events_labels.h"


/* what the arrays of counters have their names from */

typedef struct {
    events_labels_t       brands;
    events_labels_t       members;
    events_labels_t       zones;
} events_metrics_labels_t;


/* the sum of all processes, at one moment */

typedef struct {
    events_counters_t        counters;
    events_metrics_labels_t  labels;        /* copied after the counters */
    uint64_t                 workers;       /* processes that count */
    events_str_t             time;          /* of the copy, RFC 3339 */
} events_metrics_t;


typedef enum {
    EVENTS_METRICS_JSON = 0,
    EVENTS_METRICS_PROMETHEUS,

    EVENTS_METRICS_FORMATS
} events_metrics_format_e;


/* the names that are there before any comes up */

void events_metrics_labels_init(events_metrics_labels_t *labels);

void events_metrics_labels_copy(events_metrics_labels_t *copy,
    const events_metrics_labels_t *labels);

#define EVENTS_BRAND_NONE  1        /* the label of events without a brand */
#define EVENTS_ZONE_REQ    1        /* of limit_req */
#define EVENTS_ZONE_CONN   2        /* of limit_conn */


const events_str_t *events_metrics_type(events_metrics_format_e format);

/* bytes of the text; and writes them, returning the end */

size_t events_metrics_len(const events_metrics_t *metrics,
    events_metrics_format_e format);
u_char *events_metrics_write(u_char *dst, const events_metrics_t *metrics,
    events_metrics_format_e format);


#endif /* _EVENTS_METRICS_H_INCLUDED_ */
