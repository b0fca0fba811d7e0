
/*
 * JSON Pointers (RFC 6901) from paths into an event, or into a contract.
 */


#ifndef _EVENTS_POINTER_H_INCLUDED_
#define _EVENTS_POINTER_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"
#include "events_failure.h"


/* steps from the root to a node, the root included, and an absent member */
#define EVENTS_POINTER_STEPS  (EVENTS_JSON_MAX_DEPTH + 2)


/*
 * Writes at most size bytes and returns their number.  A pointer that does not
 * fit ends after the last whole character that does.
 */

size_t events_pointer_write(unsigned char *dst, size_t size,
    const unsigned char *text, const events_path_t *path);

/*
 * The path to nodes[node], a value or a KEY, built in steps, which has room
 * for EVENTS_POINTER_STEPS.
 */

const events_path_t *events_pointer_path(const events_json_event_t *event,
    uint32_t node, events_path_t *steps);

/*
 * Writes a pointer with "*" for each step that is a number, as an array's
 * index is; never longer than the pointer.  Returns the bytes written.
 */

size_t events_pointer_general(unsigned char *dst, const unsigned char *pointer,
    size_t len);


#endif /* _EVENTS_POINTER_H_INCLUDED_ */
