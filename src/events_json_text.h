
/*
 * Names and strings, character by character; for the other files of the
 * parser.
 */


#ifndef _EVENTS_JSON_TEXT_H_INCLUDED_
#define _EVENTS_JSON_TEXT_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"


/*
 * Writes the character at *pos, escaped or not, and moves *pos past it;
 * returns its bytes, 1 to 4.  The text was found to be valid.
 */

size_t events_json_decode(const u_char **pos, u_char out[4]);

/* four hex digits; returns 0 where they are not */

int events_json_hex4(const u_char *p, uint32_t *code);


#endif /* _EVENTS_JSON_TEXT_H_INCLUDED_ */
