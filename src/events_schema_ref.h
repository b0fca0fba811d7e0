
/*
 * Local references: a URI fragment (RFC 3986, section 3.5) that is a JSON
 * Pointer (RFC 6901, section 6) into the same file.
 */


#ifndef _EVENTS_SCHEMA_REF_H_INCLUDED_
#define _EVENTS_SCHEMA_REF_H_INCLUDED_


#include "events_json.h"


/*
 * ref starts with "#".  Returns NULL where it leads nowhere.  scratch has room
 * for ref->len bytes.
 */

const events_json_node_t *events_schema_ref_find(
    const events_json_event_t *doc, const events_str_t *ref,
    unsigned char *scratch);


#endif /* _EVENTS_SCHEMA_REF_H_INCLUDED_ */
