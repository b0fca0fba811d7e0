
/*
 * URI references (RFC 3986): their parts, and what they name from within a
 * document that has a URI itself.
 */


#ifndef _EVENTS_URI_H_INCLUDED_
#define _EVENTS_URI_H_INCLUDED_


#include "events_types.h"


/* delimiters are left out; data is NULL where a part is absent */

typedef struct {
    events_str_t          scheme;
    events_str_t          authority;
    events_str_t          path;         /* never absent, but may be empty */
    events_str_t          query;
    events_str_t          fragment;
} events_uri_t;


/* what a resolved URI may be longer than its base and the reference together */
#define EVENTS_URI_GROWTH  2


/*
 * Splits a URI reference into parts of text (section 3 and appendix B).
 * Returns 0 where it is not one: characters that would have to be
 * percent-encoded, a "%" without two digits, or a colon before any slash in
 * what is no scheme.  In a fragment, which stays within the document, all
 * characters but such a "%" may stand as they are.
 */

int events_uri_parse(events_uri_t *uri, const events_str_t *text);

/*
 * Writes the URI that ref names in a document whose URI is base (section 5.2,
 * strict), normalised (section 6.2.2) but for its fragment: URIs that differ
 * only in dot segments, in what need not be percent-encoded, or in the case of
 * scheme and host become the same bytes.  base has been normalised itself, or
 * has no part but an empty path; what is resolved against it is a relative
 * reference again, without dot segments.
 *
 * dst has room for both texts and EVENTS_URI_GROWTH bytes more.  Returns the
 * length.
 */

size_t events_uri_resolve(u_char *dst, const events_uri_t *base,
    const events_uri_t *ref);

/*
 * Replaces each percent-encoding in a part by the byte it stands for.  dst has
 * room for part->len bytes.  Returns the length.
 */

size_t events_uri_decode(u_char *dst, const events_str_t *part);


#endif /* _EVENTS_URI_H_INCLUDED_ */
