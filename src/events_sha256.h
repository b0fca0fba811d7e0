
/*
 * SHA-256 (FIPS 180-4, section 6.2), of texts that are in memory as a whole.
 * nginx may be built without a library that has it.
 */


#ifndef _EVENTS_SHA256_H_INCLUDED_
#define _EVENTS_SHA256_H_INCLUDED_


#include "events_types.h"


/* bytes of a digest, and of its text */
#define EVENTS_SHA256_SIZE  32
#define EVENTS_SHA256_HEX   (2 * EVENTS_SHA256_SIZE)


void events_sha256(u_char digest[EVENTS_SHA256_SIZE], const u_char *data,
    size_t len);

/* the digest as lower-case hexadecimal digits, without a zero byte */

void events_sha256_hex(u_char hex[EVENTS_SHA256_HEX], const u_char *data,
    size_t len);


#endif /* _EVENTS_SHA256_H_INCLUDED_ */
