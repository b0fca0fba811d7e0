
/*
 * The formats that a contract may demand (JSON Schema validation, section 7),
 * each asserted: an event that breaks one is invalid.  All take linear time and
 * no memory.
 */


#ifndef _EVENTS_FORMAT_H_INCLUDED_
#define _EVENTS_FORMAT_H_INCLUDED_


#include "events_types.h"


typedef int (*events_format_pt)(const events_str_t *str);


typedef struct {
    events_str_t          name;
    events_format_pt      match;        /* str is UTF-8, without escapes */
    const char           *must;         /* what to say of one that is not */
} events_format_t;


/* the known formats; the last one has no name */

extern const events_format_t  events_formats[];

/* returns NULL where the format is not known */

const events_format_t *events_format_find(const events_str_t *name);


#endif /* _EVENTS_FORMAT_H_INCLUDED_ */
