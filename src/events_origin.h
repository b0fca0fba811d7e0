
/*
 * Origins of web pages, as browsers send them in "Origin" (RFC 6454, section
 * 6.2): scheme://host[:port], in lower case, without the scheme's own port.
 */


#ifndef _EVENTS_ORIGIN_H_INCLUDED_
#define _EVENTS_ORIGIN_H_INCLUDED_


#include "events_types.h"


/* NULL, or why no browser would send this one */

const char *events_origin_check(const events_str_t *origin);


#endif /* _EVENTS_ORIGIN_H_INCLUDED_ */
