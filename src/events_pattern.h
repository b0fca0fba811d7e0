
/*
 * Regular expressions of the contract: ECMA-262 with the flag "u" (JSON Schema
 * core, section 6.4).  What is regular in the strict sense and small has an
 * automaton, one step a character; the rest is matched by PCRE2, with a limit
 * on the work, so that no expression and subject can hold the worker.  What
 * the two languages do not share is an error, never of another meaning.  Not
 * anchored (JSON Schema validation, section 6.3.3).
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

/*
 * What the last match took, of the limit on it: some nanoseconds each.  Many
 * matches, each below the limit, may hold the worker as one may not.
 */

size_t events_pattern_cost(const events_pattern_t *pattern);

/*
 * Whether source is an expression of ECMA-262, edition of 2020, with the flag
 * "u"; it need not be one that events_pattern_compile() takes.  Linear time,
 * no memory.  Groups may nest 250 deep and have 100 names.
 */

int events_pattern_valid(const events_str_t *source);


#endif /* _EVENTS_PATTERN_H_INCLUDED_ */
