
/*
 * UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
 */


#ifndef _EVENTS_UTF8_H_INCLUDED_
#define _EVENTS_UTF8_H_INCLUDED_


#include "events_types.h"


/* length of the valid prefix: equals len where all of the text is valid */

size_t events_utf8_valid(const u_char *text, size_t len);

/* bytes of the first character, 0 where it is not valid; len is not 0 */

size_t events_utf8_char(const u_char *text, size_t len);

/* code points in valid text */

size_t events_utf8_length(const u_char *text, size_t len);

/* bytes of the character that starts with ch, in valid text */

size_t events_utf8_size(u_char ch);

/* writes a code point that is a scalar value, returns its bytes: 1 to 4 */

size_t events_utf8_encode(u_char out[4], uint32_t code);


#endif /* _EVENTS_UTF8_H_INCLUDED_ */
