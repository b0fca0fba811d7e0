
/*
 * Content-Encoding gzip and deflate: from the bytes of a body to the bytes
 * of a batch.  The only file that knows zlib.
 */


#ifndef _EVENTS_INFLATE_H_INCLUDED_
#define _EVENTS_INFLATE_H_INCLUDED_


#include "events_types.h"
#include "events_error.h"


typedef enum {
    EVENTS_INFLATE_GZIP = 0,        /* RFC 1952 */
    EVENTS_INFLATE_DEFLATE          /* RFC 1950, or, as some clients send
                                     * it, RFC 1951 without its wrapper */
} events_inflate_format_e;


/*
 * Inflates all of a body into buf, and stops at max bytes.  Returns EVENTS_OK,
 * EVENTS_INVALID_ENCODING (broken, cut short, or followed by something else),
 * EVENTS_INFLATED_TOO_LARGE or EVENTS_NO_MEMORY.
 */

events_error_e events_inflate(const u_char *body, size_t len,
    events_inflate_format_e format, size_t max, events_buffer_t *buf);


#endif /* _EVENTS_INFLATE_H_INCLUDED_ */
