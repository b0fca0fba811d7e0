
/*
 * The block function of SHA-256: what any compiler makes of it, and what
 * processors have instructions for.
 */


#ifndef _EVENTS_SHA256_INTERNAL_H_INCLUDED_
#define _EVENTS_SHA256_INTERNAL_H_INCLUDED_


#include "events_sha256.h"


#define EVENTS_SHA256_BLOCK   64
#define EVENTS_SHA256_ROUNDS  64

/* compilers that can ask the processor for these instructions */

#if defined(__x86_64__) && !defined(__clang__) && __GNUC__ >= 11
#define EVENTS_SHA256_X86  1
#endif


typedef void (*events_sha256_block_pt)(uint32_t hash[8], const u_char *block);


extern const uint32_t  events_sha256_k[EVENTS_SHA256_ROUNDS];


/* section 6.2.2: takes a block into the hash */

void events_sha256_block(uint32_t hash[8], const u_char *block);

/* the same for this processor, or NULL where it has nothing of its own */

events_sha256_block_pt events_sha256_block_native(void);


#endif /* _EVENTS_SHA256_INTERNAL_H_INCLUDED_ */
