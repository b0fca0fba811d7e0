
/*
 * JSON numbers by value, at any size: 1, 1.0 and 10e-1 are equal, 2^53 + 1 is
 * not 2^53, and 1e400 is a number like others.  No floating point anywhere.
 */


#ifndef _EVENTS_NUMBER_H_INCLUDED_
#define _EVENTS_NUMBER_H_INCLUDED_


#include "events_types.h"


/*
 * Exponents beyond this are taken as this.  It takes a contract and an event
 * that both go there to tell the difference.
 */
#define EVENTS_NUMBER_MAX_EXPONENT  100000000000000000LL


/* of a divisor: what divides by it works on the stack */
#define EVENTS_NUMBER_MAX_DIVISOR   1000


/* refers to the text it was parsed from; its value is 0.DIGITS * 10^point */

typedef struct {
    const unsigned char  *digits;   /* first digit that is not 0 */
    uint32_t              len;      /* up to the last one; 0: it is zero */
    uint32_t              count;    /* digits, which a point may interrupt */
    int64_t               point;
    unsigned              negative:1;
} events_number_t;


/*
 * What multipleOf divides by: an integer times 10^scale.  Up to 18 digits it is
 * in units, else nlimbs is not 0.
 */

typedef struct {
    int64_t               scale;
    uint64_t              units;
    uint32_t              nlimbs;
    unsigned              shift;        /* limbs begin with this many 0 bits */
    uint32_t              limbs[];      /* of 32 bits, the lowest first */
} events_divisor_t;


/* text must be a number as RFC 8259, section 6, has it */

void events_number_parse(events_number_t *number, const unsigned char *text,
    size_t len);

/* less than, equal to or greater than 0, as memcmp() */

int events_number_compare(const events_number_t *a, const events_number_t *b);

int events_number_is_integer(const events_number_t *number);
uint32_t events_number_hash(const events_number_t *number);

/* returns 0 where number is not an integer from 0 to max */

int events_number_to_uint(const events_number_t *number, uint64_t max,
    uint64_t *value);

/*
 * Bytes of the divisor for number, or 0 where it is not above 0, or has more
 * than MAX_DIVISOR digits between its first and its last that are not 0.
 */

size_t events_number_divisor_size(const events_number_t *number);
void events_number_to_divisor(const events_number_t *number,
    events_divisor_t *divisor);

/* takes time in proportion to the digits of one times those of the other */

int events_number_is_multiple(const events_number_t *number,
    const events_divisor_t *divisor);


#endif /* _EVENTS_NUMBER_H_INCLUDED_ */
