
/*
 * API keys: a file of digests, one key a line, and who sends a key.
 *
 *     name sha256:HEX [brand=a,b] [origin=https://...,https://...]
 *
 * "#" begins a comment, empty lines are skipped.  A key is found by its
 * digest, so that the file, and memory, hold nothing that could be sent.
 */


#ifndef _EVENTS_KEYS_H_INCLUDED_
#define _EVENTS_KEYS_H_INCLUDED_


#include "events_types.h"


/* a name goes to logs and headers of records */
#define EVENTS_KEYS_MAX_NAME  64


typedef struct events_keys_s  events_keys_t;


typedef struct {
    events_str_t          name;
    events_str_t          brands;       /* that it may send, with commas;
                                         * empty: any */
    events_str_t          origins;      /* of pages that may use it, with
                                         * commas; empty: any, and none */
} events_key_t;


typedef struct {
    unsigned              line;         /* counted from 1 */
    char                  text[160];    /* a sentence; never has a digest */
} events_keys_error_t;


/*
 * Reads a file.  Returns NULL and fills error at the first line that is
 * wrong, or repeats a name or a digest.  The result owns all of its memory;
 * text may go.
 */

events_keys_t *events_keys_parse(const u_char *text, size_t len,
    events_keys_error_t *error);
void events_keys_destroy(events_keys_t *keys);

size_t events_keys_count(const events_keys_t *keys);

/*
 * The key that was sent, or NULL if there is no such key.  Allocates nothing;
 * takes the same time whatever the number of keys.  How long a comparison of
 * digests takes tells nothing: nobody can choose the digest of a guess.
 */

const events_key_t *events_keys_find(const events_keys_t *keys,
    const u_char *data, size_t len);

/* whether a key may be used by pages of an origin; len == 0: not by a page */

int events_key_allows_origin(const events_key_t *key,
    const events_str_t *origin);

/*
 * The brands that a key may send that is bound to some, where only those of
 * the list brands may be sent anyway (empty: any): what is in both.  Returns
 * the bytes written to dst, which has room for one more than the key's own
 * list; a single comma, which is no brand, if there are none.
 */

size_t events_key_brands(const events_key_t *key, const events_str_t *brands,
    u_char *dst);


#endif /* _EVENTS_KEYS_H_INCLUDED_ */
