
#include "events_number.h"


/* 10^18 - 1, times ten and plus a digit, still fits 64 bits */
#define EVENTS_NUMBER_MAX_UNITS  18


static int64_t events_number_exponent(const unsigned char *p,
    const unsigned char *last);
static int events_number_sign(const events_number_t *number);
static int events_number_compare_digits(const events_number_t *a,
    const events_number_t *b);
static uint64_t events_number_multiply(uint64_t a, uint64_t b, uint64_t mod);
static uint64_t events_number_power10(uint64_t exponent, uint64_t mod);


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


int
events_number_to_divisor(const events_number_t *number,
    events_divisor_t *divisor)
{
    events_number_t  units;

    if (number->negative || number->len == 0
        || number->count > EVENTS_NUMBER_MAX_UNITS)
    {
        return 0;
    }

    units = *number;
    units.point = number->count;

    divisor->scale = number->point - number->count;

    return events_number_to_uint(&units, UINT64_MAX, &divisor->units);
}


/*
 * With both as integers times a power of ten, D * 10^e over d * 10^f.  D does
 * not end in 0, so no d * 10^(f - e) with f above e divides it.
 */

int
events_number_is_multiple(const events_number_t *number,
    const events_divisor_t *divisor)
{
    int64_t               shift;
    uint32_t              i;
    uint64_t              rest;
    const unsigned char  *p;

    if (number->len == 0) {
        return 1;
    }

    shift = number->point - number->count - divisor->scale;

    if (shift < 0) {
        return 0;
    }

    rest = 0;
    p = number->digits;

    for (i = 0; i < number->count; i++, p++) {
        p += (*p == '.');
        rest = (rest * 10 + (*p - '0')) % divisor->units;
    }

    return events_number_multiply(rest,
                               events_number_power10(shift, divisor->units),
                               divisor->units) == 0;
}


/* by doubling: there are no 128 bits everywhere */

static uint64_t
events_number_multiply(uint64_t a, uint64_t b, uint64_t mod)
{
    uint64_t  product;

    product = 0;

    for (a %= mod; b != 0; b >>= 1) {

        if (b & 1) {
            product = (product + a) % mod;
        }

        a = (a + a) % mod;
    }

    return product;
}


static uint64_t
events_number_power10(uint64_t exponent, uint64_t mod)
{
    uint64_t  power, base;

    power = 1 % mod;
    base = 10 % mod;

    for ( /* void */ ; exponent != 0; exponent >>= 1) {

        if (exponent & 1) {
            power = events_number_multiply(power, base, mod);
        }

        base = events_number_multiply(base, base, mod);
    }

    return power;
}
