
/*
 * Base types of the core.  Nothing here or in any other src/events_*.h
 * depends on nginx.
 */


#ifndef _EVENTS_TYPES_H_INCLUDED_
#define _EVENTS_TYPES_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>


/*
 * Bytes that somebody else owns, not terminated by a zero byte.
 * data == NULL means "absent", which differs from empty.
 */

typedef struct {
    const u_char  *data;
    size_t                len;
} events_str_t;


typedef struct {
    events_str_t          name;
    events_str_t          value;
} events_pair_t;


/* memory from malloc() that is kept from request to request and may grow */

typedef struct {
    u_char               *data;
    size_t                len;
    size_t                size;
} events_buffer_t;


/*
 * For loops that are written as several functions, because they read better so:
 * compilers do not see that by themselves, and calls cost a quarter of a parse.
 */

#if defined(__GNUC__)
#define events_inline  inline __attribute__((always_inline))
#else
#define events_inline  inline
#endif


#define events_string(text)  { (const u_char *) text, sizeof(text) - 1 }
#define events_null_string   { NULL, 0 }


#define events_str_eq(s, t)                                                   \
    ((s)->len == (t)->len && memcmp((s)->data, (t)->data, (s)->len) == 0)


#endif /* _EVENTS_TYPES_H_INCLUDED_ */
