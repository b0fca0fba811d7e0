
/*
 * Transform: from an event to the record that Kafka gets.
 */


#ifndef _EVENTS_RECORD_H_INCLUDED_
#define _EVENTS_RECORD_H_INCLUDED_


#include "events_types.h"
#include "events_arena.h"
#include "events_json.h"
#include "events_lookup.h"


/* what a record takes from its own event; the rest is the batch's */

typedef struct {
    events_str_t           value;
    events_str_t           key;         /* data == NULL: none */
    events_str_t           brand;       /* data == NULL: none */
} events_record_t;


/* a member that the server adds to each event, whatever the client sent */

typedef struct {
    events_str_t           name;
    uint32_t               hash;        /* events_json_hash() of the name */
    events_str_t           value;       /* text; becomes a JSON string */
} events_stamp_t;


typedef struct {
    const events_lookup_t *key_lookup;  /* NULL: key is the same for all */
    events_str_t           key;

    const events_stamp_t  *stamps;
    uint32_t               nstamps;
} events_transform_t;


/*
 * Builds the record of an object.  Without stamps value is the event's own
 * bytes; else it is spliced together in the arena, and what is not replaced
 * stays as the client wrote it.  Returns EVENTS_OK or EVENTS_NO_MEMORY.
 */

events_error_e events_record_build(events_record_t *record,
    const events_json_event_t *event, const events_transform_t *transform,
    events_arena_t *arena);


#endif /* _EVENTS_RECORD_H_INCLUDED_ */
