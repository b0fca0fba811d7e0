
/*
 * Sentences in buffers of a fixed size: what does not fit is cut off between
 * two characters, never within one.
 */


#ifndef _EVENTS_TEXT_H_INCLUDED_
#define _EVENTS_TEXT_H_INCLUDED_


#include "events_types.h"

#include <stdarg.h>


/* longest prefix of valid UTF-8 that has whole characters and fits size */

size_t events_text_fit(const unsigned char *data, size_t len, size_t size);

/* as vsnprintf(); returns the bytes in dst, without the zero byte */

size_t events_text_vprint(char *dst, size_t size, const char *fmt,
    va_list args)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 0)))
#endif
    ;

/*
 * Text of a client's in a line of a log, as nginx writes such: what is not
 * printable ASCII, a quote or a backslash becomes \xHH.  Ends in "..." where
 * it does not fit, and in a zero byte; returns the bytes in dst without that.
 * size is at least 4.
 */

size_t events_text_escape(char *dst, size_t size, const events_str_t *str);


#endif /* _EVENTS_TEXT_H_INCLUDED_ */
