
/*
 * The two loops that see every byte of a text: over white space and over the
 * plain part of strings.  Inline because both usually end within one step.
 */


#ifndef _EVENTS_JSON_SCAN_H_INCLUDED_
#define _EVENTS_JSON_SCAN_H_INCLUDED_


#include "events_types.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


/* RFC 8259, section 2: space, tab, line feed, carriage return */

static events_inline const u_char *
events_json_skip_space(const u_char *p, const u_char *last)
{
    while (p < last
           && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    {
        p++;
    }

    return p;
}


/*
 * The first byte that needs a look: quote, backslash, control character, or
 * the start of a character that is not ASCII; last where there is none.
 */

static events_inline const u_char *
events_json_scan_string(const u_char *p, const u_char *last)
{
#if defined(__SSE2__)

    unsigned  mask;
    __m128i   bytes, found;

    while (last - p >= 16) {
        bytes = _mm_loadu_si128((const __m128i *) p);

        /* as signed bytes, what is not ASCII is below space too */

        found = _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)),
                    _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                 _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));

        mask = _mm_movemask_epi8(found);

        if (mask) {
            return p + __builtin_ctz(mask);
        }

        p += 16;
    }

#endif

    while (p < last
           && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
    {
        p++;
    }

    return p;
}


#endif /* _EVENTS_JSON_SCAN_H_INCLUDED_ */
