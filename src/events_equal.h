
/*
 * Equality of JSON values, as JSON Schema core, section 4.2.2, has it: numbers
 * by value, members in any order.
 */


#ifndef _EVENTS_EQUAL_H_INCLUDED_
#define _EVENTS_EQUAL_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"


/*
 * Whether n1 of e1 equals n2 of e2, which may be one event.  Returns -1 once
 * *steps, which counts down, has reached 0: members in another order cost a
 * step for each pair.
 */

int events_equal(const events_json_event_t *e1, const events_json_node_t *n1,
    const events_json_event_t *e2, const events_json_node_t *n2,
    uint64_t *steps);


#endif /* _EVENTS_EQUAL_H_INCLUDED_ */
