
/*
 * The topic of a record, by the value of a member.  Only values that are
 * listed choose one: clients cannot invent topics.
 */


#ifndef _EVENTS_ROUTE_H_INCLUDED_
#define _EVENTS_ROUTE_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"
#include "events_lookup.h"


/* pointers that routes of one configuration may look at */
#define EVENTS_ROUTE_POINTERS  16


typedef struct {
    uint32_t                lookup;     /* of events_routes_t */
    uint32_t                topic;      /* what events_route_find() returns */
    events_str_t            value;
} events_route_t;


typedef struct {
    const events_route_t   *elts;       /* in the order that they are tried */
    uint32_t                nelts;
    const events_lookup_t  *lookups;    /* EVENTS_ROUTE_POINTERS at most */
    uint32_t                nlookups;
} events_routes_t;


/*
 * The topic of the first route whose value is that of the event: a string, or
 * a number, true or false as it was written.  Returns 0 where there is none.
 */

uint32_t events_route_find(const events_routes_t *routes,
    const events_json_event_t *event);


#endif /* _EVENTS_ROUTE_H_INCLUDED_ */
