
/*
 * Regular expressions of the contract, over PCRE2: ECMA-262 as far as that
 * goes, UTF-8, with a match limit, so that no pattern and subject can hold
 * the worker.  Not anchored (JSON Schema validation, section 6.3.3).
 */


#ifndef _EVENTS_PATTERN_H_INCLUDED_
#define _EVENTS_PATTERN_H_INCLUDED_


#include "events_types.h"


typedef struct events_pattern_s  events_pattern_t;

typedef enum {
    EVENTS_PATTERN_MISMATCH = 0,
    EVENTS_PATTERN_MATCH = 1,
    EVENTS_PATTERN_LIMIT = -1       /* took too long to tell */
} events_pattern_e;


/* returns NULL and a text in errstr, which holds size bytes */

events_pattern_t *events_pattern_compile(const events_str_t *source,
    char *errstr, size_t size);
void events_pattern_destroy(events_pattern_t *pattern);

/* subject must be valid UTF-8; allocates nothing */

events_pattern_e events_pattern_match(const events_pattern_t *pattern,
    const events_str_t *subject);


#endif /* _EVENTS_PATTERN_H_INCLUDED_ */
