
/*
 * What every fuzz target starts with.  A target is built with libFuzzer by
 * t/tools/fuzz, and with replay.c by "make unit".
 */


#ifndef _EVENTS_FUZZ_H_INCLUDED_
#define _EVENTS_FUZZ_H_INCLUDED_


#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define fuzz_assert(condition)                                                \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            abort();                                                          \
        }                                                                     \
    } while (0)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


/* of the exact size, so that AddressSanitizer sees one byte too many */

static inline void *
fuzz_alloc(size_t size)
{
    void  *p;

    p = malloc(size ? size : 1);
    fuzz_assert(p != NULL);

    return p;
}


#endif /* _EVENTS_FUZZ_H_INCLUDED_ */
