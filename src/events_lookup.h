
/*
 * A JSON Pointer (RFC 6901) of the configuration, looked up in many events.
 */


#ifndef _EVENTS_LOOKUP_H_INCLUDED_
#define _EVENTS_LOOKUP_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"


/* "/entity/id" has two; nobody has needed more than a handful */
#define EVENTS_LOOKUP_STEPS  8


typedef struct {
    events_str_t          name;
    uint32_t              hash;         /* events_json_hash() of the name */
    uint32_t              element;      /* the name as an array index, */
    unsigned              is_element:1; /* where it is one */
} events_lookup_step_t;


typedef struct {
    uint32_t              nsteps;
    events_lookup_step_t  steps[EVENTS_LOOKUP_STEPS];
} events_lookup_t;


/*
 * Compiles a pointer.  The lookup refers to storage, which has room for
 * pointer->len bytes and lives as long.  Returns NULL, or what is wrong.
 */

const char *events_lookup_compile(events_lookup_t *lookup,
    const events_str_t *pointer, u_char *storage);

/* the value the pointer names, or NULL where the event has none */

const events_json_node_t *events_lookup_find(const events_lookup_t *lookup,
    const events_json_event_t *event);


#endif /* _EVENTS_LOOKUP_H_INCLUDED_ */
