
/*
 * An object's bytes with members renamed, left out and added: what stays, its
 * order and spacing included, stays as it was written.
 */


#ifndef _EVENTS_SPLICE_H_INCLUDED_
#define _EVENTS_SPLICE_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"


typedef struct {
    const events_json_event_t  *event;
    u_char                     *dst;
    u_char                     *kept;       /* end of the last member */
    const u_char               *from;       /* not copied yet, in the event */
    const u_char               *end;        /* of the last member there;
                                             * NULL: it was dropped */
    uint32_t                    nmembers;   /* written */
    unsigned                    added:1;
} events_splice_t;


/*
 * dst has room for the event, the names that replace others, and for each
 * member added EVENTS_SPLICE_MEMBER bytes, its name in quotes and its value.
 *
 * Each member of the event is kept, renamed or dropped, in its order; then
 * others are added.
 */

#define EVENTS_SPLICE_MEMBER  2

void events_splice_start(events_splice_t *splice,
    const events_json_event_t *event, u_char *dst);

void events_splice_keep(events_splice_t *splice,
    const events_json_node_t *key);

/* name is JSON, with its quotes */

void events_splice_rename(events_splice_t *splice,
    const events_json_node_t *key, const events_str_t *name);
void events_splice_drop(events_splice_t *splice,
    const events_json_node_t *key);

/*
 * Returns where a member is to be written: its name, a colon and its value.
 * The caller sets splice->dst to their end.
 */

u_char *events_splice_add(events_splice_t *splice);

/* returns the end of the object */

u_char *events_splice_finish(events_splice_t *splice);


#endif /* _EVENTS_SPLICE_H_INCLUDED_ */
