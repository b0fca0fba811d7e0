
#include "events_number.h"


/* 10^18 - 1, times ten and plus a digit, still fits 64 bits */
#define EVENTS_NUMBER_MAX_UNITS  18

/* of 32 bits, for as many digits as a divisor may have */
#define EVENTS_NUMBER_MAX_LIMBS  ((EVENTS_NUMBER_MAX_DIVISOR + 8) / 9)


static int64_t events_number_exponent(const unsigned char *p,
    const unsigned char *last);
static int events_number_sign(const events_number_t *number);
static int events_number_compare_digits(const events_number_t *a,
    const events_number_t *b);
static uint32_t events_number_limbs(uint32_t n);
static uint64_t events_number_rest(const events_number_t *number,
    uint32_t zeros, uint64_t units);
static void events_number_feed(const events_number_t *number, uint32_t zeros,
    uint32_t *limbs, uint32_t n, const events_divisor_t *divisor);
static uint64_t events_number_shift_in(uint32_t *limbs, uint32_t n,
    uint32_t power, uint64_t digits);
static void events_number_reduce(uint32_t *limbs, uint64_t top,
    const events_divisor_t *divisor);


void
events_number_parse(events_number_t *number, const unsigned char *text,
    size_t len)
{
    const unsigned char  *p, *last, *dot, *first, *end;

    last = text + len;
    first = NULL;
    end = NULL;
    dot = NULL;

    for (p = text + (*text == '-'); p < last && (*p | 0x20) != 'e'; p++) {

        if (*p == '.') {
            dot = p;

        } else if (*p != '0') {
            first = first ? first : p;
            end = p + 1;
        }
    }

    memset(number, 0, sizeof(events_number_t));

    if (first == NULL) {
        return;
    }

    dot = dot ? dot : p;

    number->negative = (*text == '-');
    number->digits = first;
    number->len = end - first;
    number->count = number->len - (first < dot && dot < end);

    /* ahead of the point, or that many zeros behind it */

    number->point = (first < dot) ? dot - first : dot + 1 - first;

    if (p < last) {
        number->point += events_number_exponent(p + 1, last);
    }
}


static int64_t
events_number_exponent(const unsigned char *p, const unsigned char *last)
{
    int      negative;
    int64_t  exponent;

    negative = (*p == '-');
    exponent = 0;

    for (p += (*p == '-' || *p == '+'); p < last; p++) {
        exponent = exponent * 10 + (*p - '0');

        if (exponent > EVENTS_NUMBER_MAX_EXPONENT) {
            exponent = EVENTS_NUMBER_MAX_EXPONENT;
        }
    }

    return negative ? -exponent : exponent;
}


int
events_number_compare(const events_number_t *a, const events_number_t *b)
{
    int  sign, order;

    sign = events_number_sign(a);

    if (sign != events_number_sign(b)) {
        return sign - events_number_sign(b);
    }

    if (a->point != b->point) {
        order = (a->point < b->point) ? -1 : 1;

    } else {
        order = events_number_compare_digits(a, b);
    }

    return sign * order;
}


static int
events_number_sign(const events_number_t *number)
{
    if (number->len == 0) {
        return 0;
    }

    return number->negative ? -1 : 1;
}


static int
events_number_compare_digits(const events_number_t *a,
    const events_number_t *b)
{
    uint32_t              i, n;
    const unsigned char  *p, *q;

    p = a->digits;
    q = b->digits;
    n = (a->count < b->count) ? a->count : b->count;

    for (i = 0; i < n; i++, p++, q++) {
        p += (*p == '.');
        q += (*q == '.');

        if (*p != *q) {
            return (*p < *q) ? -1 : 1;
        }
    }

    return (a->count > n) - (b->count > n);
}


int
events_number_is_integer(const events_number_t *number)
{
    return number->point >= (int64_t) number->count;
}


uint32_t
events_number_hash(const events_number_t *number)
{
    uint32_t              i, hash;
    const unsigned char  *p;

    hash = (uint32_t) number->point * 2 + number->negative;
    p = number->digits;

    for (i = 0; i < number->count; i++, p++) {
        p += (*p == '.');
        hash = (hash ^ *p) * 16777619;
    }

    return hash;
}


int
events_number_to_uint(const events_number_t *number, uint64_t max,
    uint64_t *value)
{
    int64_t               i;
    uint64_t              n;
    const unsigned char  *p;

    if (number->negative || !events_number_is_integer(number)
        || number->point > EVENTS_NUMBER_MAX_UNITS)
    {
        return 0;
    }

    n = 0;
    p = number->digits;

    for (i = 0; i < number->point; i++) {
        n *= 10;

        if (i < (int64_t) number->count) {
            p += (*p == '.');
            n += *p++ - '0';
        }
    }

    *value = n;

    return n <= max;
}


size_t
events_number_divisor_size(const events_number_t *number)
{
    if (number->negative || number->len == 0
        || number->count > EVENTS_NUMBER_MAX_DIVISOR)
    {
        return 0;
    }

    if (number->count <= EVENTS_NUMBER_MAX_UNITS) {
        return sizeof(events_divisor_t);
    }

    return sizeof(events_divisor_t)
           + events_number_limbs(number->count) * sizeof(uint32_t);
}


void
events_number_to_divisor(const events_number_t *number,
    events_divisor_t *divisor)
{
    uint32_t         i, low, *limbs;
    events_number_t  units;

    memset(divisor, 0, sizeof(events_divisor_t));
    divisor->scale = number->point - number->count;

    if (number->count <= EVENTS_NUMBER_MAX_UNITS) {
        units = *number;
        units.point = number->count;
        events_number_to_uint(&units, UINT64_MAX, &divisor->units);
        return;
    }

    limbs = divisor->limbs;
    i = events_number_limbs(number->count);
    memset(limbs, 0, i * sizeof(uint32_t));

    events_number_feed(number, 0, limbs, i, NULL);

    while (limbs[i - 1] == 0) {
        i--;
    }

    divisor->nlimbs = i;

    /* Knuth, The Art of Computer Programming, 4.3.1: the top bit is set */

    while (!(limbs[i - 1] << divisor->shift & 0x80000000)) {
        divisor->shift++;
    }

    while (divisor->shift && i-- != 0) {
        low = i ? limbs[i - 1] >> (32 - divisor->shift) : 0;
        limbs[i] = limbs[i] << divisor->shift | low;
    }
}


/* enough for n digits: 10^9 takes 30 bits */

static uint32_t
events_number_limbs(uint32_t n)
{
    return (n + 8) / 9;
}


/*
 * With both as integers times a power of ten, D * 10^e over d * 10^f.  D does
 * not end in 0, so no d * 10^(f - e) with f above e divides it.  And of 10^(e -
 * f) only the factors 2 and 5 that d has count, of which a digit of d stands
 * for less than four.
 */

int
events_number_is_multiple(const events_number_t *number,
    const events_divisor_t *divisor)
{
    int64_t   shift, max;
    uint32_t  i, rest[EVENTS_NUMBER_MAX_LIMBS];

    if (number->len == 0) {
        return 1;
    }

    shift = number->point - number->count - divisor->scale;

    if (shift < 0) {
        return 0;
    }

    max = divisor->nlimbs ? 32 * (int64_t) divisor->nlimbs
                          : 4 * EVENTS_NUMBER_MAX_UNITS;

    shift = (shift < max) ? shift : max;

    if (divisor->nlimbs == 0) {
        return events_number_rest(number, shift, divisor->units) == 0;
    }

    memset(rest, 0, divisor->nlimbs * sizeof(uint32_t));
    events_number_feed(number, shift, rest, divisor->nlimbs, divisor);

    for (i = 0; i < divisor->nlimbs; i++) {
        if (rest[i] != 0) {
            return 0;
        }
    }

    return 1;
}


/* the digits of number, then zeros, over units */

static uint64_t
events_number_rest(const events_number_t *number, uint32_t zeros,
    uint64_t units)
{
    uint32_t              i;
    uint64_t              rest;
    const unsigned char  *p;

    rest = 0;
    p = number->digits;

    for (i = 0; i < number->count; i++, p++) {
        p += (*p == '.');
        rest = (rest * 10 + (*p - '0')) % units;
    }

    for (i = 0; i < zeros && rest; i++) {
        rest = rest * 10 % units;
    }

    return rest;
}


/*
 * The same in limbs, which are 0 at first, nine digits a step.  Without a
 * divisor limbs are enough for all of it.
 */

static void
events_number_feed(const events_number_t *number, uint32_t zeros,
    uint32_t *limbs, uint32_t n, const events_divisor_t *divisor)
{
    uint32_t              i, last, digits, power;
    uint64_t              carry;
    const unsigned char  *p;

    p = number->digits;
    last = number->count + zeros;
    digits = 0;
    power = 1;

    for (i = 1; i <= last; i++) {
        digits *= 10;
        power *= 10;

        if (i <= number->count) {
            p += (*p == '.');
            digits += *p++ - '0';
        }

        if (i < last && power < 1000000000) {
            continue;
        }

        if (divisor) {
            carry = events_number_shift_in(limbs, n, power,
                                     (uint64_t) digits << divisor->shift);
            events_number_reduce(limbs, carry, divisor);

        } else {
            (void) events_number_shift_in(limbs, n, power, digits);
        }

        digits = 0;
        power = 1;
    }
}


/* limbs * power + digits; returns what is above the limbs */

static uint64_t
events_number_shift_in(uint32_t *limbs, uint32_t n, uint32_t power,
    uint64_t digits)
{
    uint32_t  i;
    uint64_t  carry;

    carry = digits;

    for (i = 0; i < n; i++) {
        carry += (uint64_t) limbs[i] * power;
        limbs[i] = (uint32_t) carry;
        carry >>= 32;
    }

    return carry;
}


/* limbs, with top above them, over divisor; the quotient is below 10^9 */

static void
events_number_reduce(uint32_t *limbs, uint64_t top,
    const events_divisor_t *divisor)
{
    int64_t   left;
    uint32_t  i, n;
    uint64_t  carry, q, t;

    n = divisor->nlimbs;

    /* right, or too great by 1 or 2: the divisor's top bit is set */

    q = (top << 32 | limbs[n - 1]) / divisor->limbs[n - 1];
    carry = 0;

    for (i = 0; i < n; i++) {
        carry += q * divisor->limbs[i];
        t = (uint64_t) limbs[i] - (uint32_t) carry;
        limbs[i] = (uint32_t) t;
        carry = (carry >> 32) + (t >> 63);
    }

    for (left = (int64_t) top - (int64_t) carry; left < 0; left += carry) {

        for (carry = 0, i = 0; i < n; i++) {
            carry += (uint64_t) limbs[i] + divisor->limbs[i];
            limbs[i] = (uint32_t) carry;
            carry >>= 32;
        }
    }
}
