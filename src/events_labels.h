
/*
 * Values of a metric's label: names that come up while the server runs, and
 * whose number is bounded.  A name keeps its index for good, so that counters
 * are elements of arrays.
 */


#ifndef _EVENTS_LABELS_H_INCLUDED_
#define _EVENTS_LABELS_H_INCLUDED_


#include "events_types.h"


/* names of one label, with those that are there from the start */
#define EVENTS_LABELS  67

/* bytes of a name; what is longer is cut */
#define EVENTS_LABEL_NAME  64

/* the index of "other": whatever has no index of its own */
#define EVENTS_LABEL_OTHER  0


typedef struct {
    uint32_t              len;
    u_char                data[EVENTS_LABEL_NAME];
} events_label_t;


/*
 * One process at a time adds names, while others may look them up: those that
 * are there never change.
 */

typedef struct {
    uint32_t              nelts;
    uint32_t              max;          /* at most EVENTS_LABELS */
    events_label_t        elts[EVENTS_LABELS];
} events_labels_t;


/* "other", and room for max names in all */

void events_labels_init(events_labels_t *labels, uint32_t max);

/*
 * The index of a name, EVENTS_LABEL_OTHER where it has none.  The second one
 * gives it one, if there is room.  What has control characters never gets one:
 * no name of anything looks like that, and readers of metrics stumble over it.
 */

uint32_t events_labels_find(const events_labels_t *labels,
    const events_str_t *name);
uint32_t events_labels_add(events_labels_t *labels, const events_str_t *name);

/* whether events_labels_add() may have something to do */

int events_labels_has_room(const events_labels_t *labels);

/* what is there now; where names are being added, those that were before */

void events_labels_copy(events_labels_t *copy, const events_labels_t *labels);


#endif /* _EVENTS_LABELS_H_INCLUDED_ */
