
/*
 * Whether a name occurs twice in an object, in time that no choice of names
 * can blow up.
 */


#ifndef _EVENTS_JSON_NAMES_H_INCLUDED_
#define _EVENTS_JSON_NAMES_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"


typedef struct {
    const u_char              *text;
    const events_json_node_t  *node;        /* a KEY */
} events_json_name_t;


/* memory kept from object to object; starts as zero bytes */

typedef struct {
    events_json_name_t        *elts;
    uint32_t                   nalloc;
} events_json_names_t;


/* returns 1 if one does, 0 if none does, -1 where there is no memory */

int events_json_names_repeat(events_json_names_t *names, const u_char *text,
    const events_json_node_t *nodes, const events_json_node_t *object);
void events_json_names_free(events_json_names_t *names);


#endif /* _EVENTS_JSON_NAMES_H_INCLUDED_ */
