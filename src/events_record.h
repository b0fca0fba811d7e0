
/*
 * Transform: from an event to the record that Kafka gets.
 */


#ifndef _EVENTS_RECORD_H_INCLUDED_
#define _EVENTS_RECORD_H_INCLUDED_


#include "events_types.h"
#include "events_arena.h"
#include "events_json.h"
#include "events_lookup.h"
#include "events_rename.h"
#include "events_route.h"


/* what a record takes from its own event; the rest is the batch's */

typedef struct {
    events_str_t               value;
    events_str_t               key;     /* data == NULL: none */
    events_str_t               brand;   /* data == NULL: none */
    const events_str_t        *fields;  /* values of further headers, as
                                         * many as the transform has; data ==
                                         * NULL: not this one */
    uint32_t                   topic;   /* that a route chose; 0: none did */
} events_record_t;


/* a member that the server adds to each event, in place of the client's */

typedef struct {
    events_str_t               name;
    uint32_t                   hash;    /* events_json_hash() of the name */
    events_str_t               value;   /* text; becomes a JSON string */
    const events_lookup_t     *lookup;  /* not NULL: what it copies instead,
                                         * if the event has it */
} events_stamp_t;


typedef struct {
    const events_lookup_t     *key_lookup;  /* NULL: the same for all */
    events_str_t               key;

    const events_stamp_t      *stamps;
    uint32_t                   nstamps;
    const events_str_t        *stamp_texts; /* events_record_prepare() */

    const events_lookup_t     *fields;      /* of further headers */
    uint32_t                   nfields;

    const events_renames_t    *renames;     /* NULL: none */
    events_routes_t            routes;
} events_transform_t;


/* an event as it came, and as the contract sees it */

typedef struct {
    const events_json_event_t *event;
    const events_json_event_t *view;        /* event, or one that
                                             * events_rename_view() made */
    const events_renamed_t    *renamed;     /* NULL: there are no renames */
    const events_json_node_t  *brand;       /* of view; NULL: none */
} events_source_t;


/* "/brand" of an object if it is a string, else NULL */

const events_json_node_t *events_record_brand(
    const events_json_event_t *view);

/* whether another reader may find another brand: invalid, as events go */

int events_record_brand_is_ambiguous(const events_source_t *source,
    const events_transform_t *transform);

/*
 * A scalar as text: a string without quotes and escapes, a number as it is;
 * data is NULL for others, and where node is.  Refers to the event's text or
 * to the arena.  Returns 0 where there is no memory.
 */

int events_record_text(events_str_t *str, const events_source_t *source,
    const events_json_node_t *node, events_arena_t *arena);

/*
 * Before the first record of a batch: has what stamps add to each of them, as
 * JSON, in the arena.  Returns 0 where there is no memory.
 */

int events_record_prepare(events_transform_t *transform,
    events_arena_t *arena);

/*
 * Builds the record of an object.  Without stamps and renames value is the
 * event's own bytes; else it is spliced together in the arena, and what is not
 * replaced stays as the client wrote it.  Returns EVENTS_OK or
 * EVENTS_NO_MEMORY.
 */

events_error_e events_record_build(events_record_t *record,
    const events_source_t *source, const events_transform_t *transform,
    events_arena_t *arena);

/* bytes that max_record bounds: value, key and what headers have of them */

size_t events_record_size(const events_record_t *record, uint32_t nfields);


#endif /* _EVENTS_RECORD_H_INCLUDED_ */
