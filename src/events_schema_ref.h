
/*
 * JSON Pointers (RFC 6901) into a contract, which references give as URI
 * fragments: one step at a time, without a walk over all that is beside it.
 */


#ifndef _EVENTS_SCHEMA_REF_H_INCLUDED_
#define _EVENTS_SCHEMA_REF_H_INCLUDED_


#include "events_json.h"


/*
 * Indexes of objects and arrays that references lead through, made when they
 * are first needed.  A table of zero bytes but for doc is one to start with;
 * events_schema_index_destroy() frees what it holds.
 */

typedef struct {
    const events_json_event_t  *doc;
    uint32_t                  **tables;     /* by place in doc */
} events_schema_index_t;


void events_schema_index_destroy(events_schema_index_t *index);

/*
 * Finds the child of node that a reference token names; *child is NULL where
 * there is none.  Returns 0 if there is no memory.
 */

int events_schema_index_step(events_schema_index_t *index,
    const events_json_node_t *node, const events_str_t *token,
    const events_json_node_t **child);

/*
 * "~1" is a slash and "~0" a tilde: replaces them in place; returns the length
 * that is left.
 */

size_t events_schema_ref_token(u_char *token, size_t len);


#endif /* _EVENTS_SCHEMA_REF_H_INCLUDED_ */
