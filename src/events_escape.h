
/*
 * Text as it stands between the quotes of a JSON string (RFC 8259, section 7).
 */


#ifndef _EVENTS_ESCAPE_H_INCLUDED_
#define _EVENTS_ESCAPE_H_INCLUDED_


#include "events_types.h"


/* bytes that events_escape() will write */

size_t events_escaped_len(const events_str_t *str);

/*
 * Writes str escaped and returns the end.  Bytes that are not UTF-8 come out
 * as U+FFFD, so that the result is always valid.
 */

u_char *events_escape(u_char *dst, const events_str_t *str);


#endif /* _EVENTS_ESCAPE_H_INCLUDED_ */
