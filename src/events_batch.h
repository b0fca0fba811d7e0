
/*
 * From the bytes of a body to the verdict on each event and the records of
 * those that were accepted: parse, validate and transform, one event after
 * another.
 */


#ifndef _EVENTS_BATCH_H_INCLUDED_
#define _EVENTS_BATCH_H_INCLUDED_


#include "events_types.h"
#include "events_error.h"
#include "events_failure.h"
#include "events_json.h"
#include "events_record.h"
#include "events_schema.h"


/* brands of one batch that are told apart; contracts name few */
#define EVENTS_BATCH_BRANDS  16


/* the events of one brand */

typedef struct {
    events_str_t             brand;         /* data == NULL: they have none */
    uint32_t                 received;
    uint32_t                 rejected;      /* by the contract, of these */
} events_batch_brand_t;


typedef struct {
    events_json_framing_e    framing;
    events_json_limits_t     limits;
    size_t                   max_record;    /* bytes of value and key;
                                             * 0: any */
    const events_schema_t   *schema;        /* never NULL */
    events_transform_t       transform;
    unsigned                 partial:1;     /* one rejected event is not the
                                             * end of the others */
    unsigned                 dry_run:1;     /* nor of its own */
    unsigned                 every_event:1; /* each rejected one is listed in
                                             * failures, however many */
    events_str_t             brands;        /* that the sender may send, with
                                             * commas; empty: any */
} events_batch_conf_t;


typedef struct {
    uint32_t                 received;      /* events in the body */
    uint32_t                 rejected;      /* by the contract; dry_run: they
                                             * have records all the same */
    uint32_t                 renamed;       /* sent under an old name */
    uint32_t                 renames[EVENTS_MAX_RENAMES];   /* of these, by
                                                             * each rename */
    events_str_t             brand;         /* of all events; data == NULL:
                                             * they differ, or have none */
    unsigned                 single:1;      /* the body is one bare event */

    events_batch_brand_t     brands[EVENTS_BATCH_BRANDS + 1];
    uint32_t                 nbrands;       /* the last of that many is all
                                             * others, without a name */
    events_batch_brand_t    *of;            /* the event at hand */

    events_record_t         *records;       /* of the accepted events */
    uint32_t                 nrecords;
    uint32_t                 nalloc;

    events_failures_t        failures;      /* of the rejected events */
    size_t                   max_size;      /* that EVENTS_EVENT_TOO_LARGE is
                                             * about, in bytes */
    events_json_result_t     result;        /* of the parse */

    events_arena_t           arena;         /* what records refer to, where
                                             * it is not the body */
    events_arena_t           scratch;       /* of one event */
    events_renamed_t         found;         /* in one event */
    events_json_t           *json;

    events_batch_conf_t      conf;          /* of the last read */
} events_batch_t;


/* one batch serves a worker for all of its requests, one after another */

events_batch_t *events_batch_create(void);
void events_batch_destroy(events_batch_t *batch);

/*
 * Reads a body.  Returns EVENTS_OK where its records may be published,
 * EVENTS_INVALID_EVENTS where the batch is rejected because events are
 * invalid, or the error of a body that could not be read at all (see
 * events_json_parse()); EVENTS_BRAND_NOT_ALLOWED is that of its event
 * result.index, and brand is then that event's.  Records, failures and the
 * brand refer to the body and to the batch, and are valid as long as the body
 * is, until the next read.
 */

events_error_e events_batch_read(events_batch_t *batch, const u_char *body,
    size_t len, const events_batch_conf_t *conf);


#endif /* _EVENTS_BATCH_H_INCLUDED_ */
