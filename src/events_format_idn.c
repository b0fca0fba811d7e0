
#include "events_format_internal.h"


/* RFC 3492, section 5 */
#define EVENTS_PUNYCODE_BASE   36
#define EVENTS_PUNYCODE_TMIN   1
#define EVENTS_PUNYCODE_TMAX   26
#define EVENTS_PUNYCODE_SKEW   38
#define EVENTS_PUNYCODE_DAMP   700
#define EVENTS_PUNYCODE_BIAS   72
#define EVENTS_PUNYCODE_FIRST  0x80

#define EVENTS_PUNYCODE_MAX    0x7FFFFFFF

/* a label has 63 bytes, "xn--" among them */
#define EVENTS_FORMAT_MAX_U_LABEL  59


typedef struct {
    uint32_t  min;
    uint32_t  max;
} events_format_range_t;


static unsigned events_punycode_decode(const u_char *p, size_t len,
    uint32_t *codes);
static uint64_t events_punycode_delta(const u_char **p, const u_char *last,
    uint32_t bias);
static uint32_t events_punycode_adapt(uint32_t delta, uint32_t n, int first);
static int events_format_u_label(const uint32_t *codes, unsigned n);
static int events_format_context(const uint32_t *codes, unsigned n,
    unsigned i);
static int events_format_some(const uint32_t *codes, unsigned n,
    const events_format_range_t *ranges);
static int events_format_in(uint32_t code,
    const events_format_range_t *ranges);


/* DISALLOWED: RFC 5892, section 2.6, and what Latin-1 has beside letters */

static const events_format_range_t  events_format_disallowed[] = {
    { 0x80, 0xB6 }, { 0xB8, 0xDE }, { 0xF7, 0xF7 }, { 0x640, 0x640 },
    { 0x7FA, 0x7FA }, { 0x302E, 0x302F }, { 0x3031, 0x3035 },
    { 0x303B, 0x303B }, { 0xD800, 0xDFFF },
    { 0, 0 }
};


/*
 * General_Category M of the blocks that have nothing else, or are of most use:
 * no table of all of Unicode is kept for this
 */

static const events_format_range_t  events_format_marks[] = {
    { 0x300, 0x36F }, { 0x483, 0x489 }, { 0x591, 0x5BD }, { 0x610, 0x61A },
    { 0x64B, 0x65F }, { 0x900, 0x903 }, { 0x93A, 0x93C }, { 0x93E, 0x94F },
    { 0x1AB0, 0x1ACE }, { 0x1DC0, 0x1DFF }, { 0x20D0, 0x20F0 },
    { 0x302A, 0x302F }, { 0x3099, 0x309A }, { 0xFE00, 0xFE0F },
    { 0xFE20, 0xFE2F },
    { 0, 0 }
};


static const events_format_range_t  events_format_greek[] = {
    { 0x370, 0x373 }, { 0x375, 0x377 }, { 0x37A, 0x37D }, { 0x37F, 0x37F },
    { 0x384, 0x384 }, { 0x386, 0x386 }, { 0x388, 0x3E1 }, { 0x3F0, 0x3FF },
    { 0x1F00, 0x1FFE }, { 0x2126, 0x2126 },
    { 0, 0 }
};


static const events_format_range_t  events_format_hebrew[] = {
    { 0x591, 0x5F4 }, { 0xFB1D, 0xFB4F },
    { 0, 0 }
};


/* Hiragana, Katakana, Han */

static const events_format_range_t  events_format_kana_han[] = {
    { 0x2E80, 0x2FD5 }, { 0x3005, 0x3005 }, { 0x3007, 0x3007 },
    { 0x3021, 0x3029 }, { 0x3038, 0x303B }, { 0x3041, 0x3096 },
    { 0x309D, 0x309F }, { 0x30A1, 0x30FA }, { 0x30FD, 0x30FF },
    { 0x31F0, 0x31FF }, { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF },
    { 0xF900, 0xFAD9 }, { 0x1B000, 0x1B167 }, { 0x20000, 0x323AF },
    { 0, 0 }
};


/* Canonical_Combining_Class 9, in ranges where they lie at the same place */

static const events_format_range_t  events_format_viramas[] = {
    { 0x94D, 0x94D }, { 0x9CD, 0x9CD }, { 0xA4D, 0xA4D }, { 0xACD, 0xACD },
    { 0xB4D, 0xB4D }, { 0xBCD, 0xBCD }, { 0xC4D, 0xC4D }, { 0xCCD, 0xCCD },
    { 0xD3B, 0xD3C }, { 0xD4D, 0xD4D }, { 0xDCA, 0xDCA }, { 0xE3A, 0xE3A },
    { 0xEBA, 0xEBA }, { 0xF84, 0xF84 }, { 0x1039, 0x103A },
    { 0x1714, 0x1715 }, { 0x1734, 0x1734 }, { 0x17D2, 0x17D2 },
    { 0x1A60, 0x1A60 }, { 0x1B44, 0x1B44 }, { 0x1BAA, 0x1BAB },
    { 0x1BF2, 0x1BF3 }, { 0x2D7F, 0x2D7F }, { 0xA806, 0xA806 },
    { 0xA82C, 0xA82C }, { 0xA8C4, 0xA8C4 }, { 0xA953, 0xA953 },
    { 0xA9C0, 0xA9C0 }, { 0xAAF6, 0xAAF6 }, { 0xABED, 0xABED },
    { 0x10A3F, 0x10A3F }, { 0x11046, 0x11046 }, { 0x110B9, 0x110B9 },
    { 0x11133, 0x11134 }, { 0x111C0, 0x111C0 }, { 0x11235, 0x11235 },
    { 0x112EA, 0x112EA }, { 0x1134D, 0x1134D }, { 0x11442, 0x11442 },
    { 0x114C2, 0x114C2 }, { 0x115BF, 0x115BF }, { 0x1163F, 0x1163F },
    { 0x116B6, 0x116B6 }, { 0x1172B, 0x1172B }, { 0x11839, 0x11839 },
    { 0x11C3F, 0x11C3F },
    { 0, 0 }
};


/* letters that join: Arabic, Syriac, NKo, Mandaic, Mongolian and the like */

static const events_format_range_t  events_format_joining[] = {
    { 0x620, 0x6FF }, { 0x70F, 0x77F }, { 0x7CA, 0x7F5 }, { 0x840, 0x8C9 },
    { 0x1820, 0x18AA }, { 0xA840, 0xA872 },
    { 0, 0 }
};


static const events_format_range_t  events_format_arabic_digits[] = {
    { 0x660, 0x669 },
    { 0, 0 }
};


static const events_format_range_t  events_format_extended_digits[] = {
    { 0x6F0, 0x6F9 },
    { 0, 0 }
};


/*
 * RFC 5890, section 2.3.2.1: what follows "xn--" is Punycode of something that
 * it is needed for.  Of RFC 5892 the rules of appendix A are kept and the
 * exceptions, but not which of all other characters are for labels.
 */

int
events_format_a_label(const u_char *p, size_t len)
{
    unsigned  n;
    uint32_t  codes[EVENTS_FORMAT_MAX_U_LABEL];

    n = events_punycode_decode(p, len, codes);

    return n > 0 && events_format_u_label(codes, n);
}


/* RFC 3492, section 6.2: returns the number of code points, 0 for an error */

static unsigned
events_punycode_decode(const u_char *p, size_t len, uint32_t *codes)
{
    uint32_t       n, bias, code, at;
    uint64_t       i, delta;
    const u_char  *last, *end;

    last = p + len;
    n = 0;

    if (len == 0 || len > EVENTS_FORMAT_MAX_U_LABEL || *p == '-') {
        return 0;
    }

    /* characters of ASCII come first, up to the last hyphen */

    for (end = last; end > p && end[-1] != '-'; end--) {
        /* void */
    }

    while (end > p && p < end - 1) {
        codes[n++] = *p++;
    }

    p = end;

    if (p == last) {
        return 0;
    }

    code = EVENTS_PUNYCODE_FIRST;
    bias = EVENTS_PUNYCODE_BIAS;
    i = 0;

    while (p < last) {
        delta = events_punycode_delta(&p, last, bias);
        i += delta;

        if (delta >= EVENTS_PUNYCODE_MAX || i >= EVENTS_PUNYCODE_MAX) {
            return 0;
        }

        n++;
        bias = events_punycode_adapt(delta, n, code == EVENTS_PUNYCODE_FIRST
                                               && delta == i);
        code += i / n;
        at = i % n;

        if (code > 0x10FFFF) {
            return 0;
        }

        memmove(&codes[at + 1], &codes[at], (n - 1 - at) * sizeof(uint32_t));
        codes[at] = code;
        i = at + 1;
    }

    return n;
}


/* a number of digits of varying weight; MAX for an error */

static uint64_t
events_punycode_delta(const u_char **p, const u_char *last, uint32_t bias)
{
    uint32_t  k, t, digit;
    uint64_t  delta, weight;

    delta = 0;
    weight = 1;

    for (k = EVENTS_PUNYCODE_BASE; *p < last; k += EVENTS_PUNYCODE_BASE) {
        digit = *(*p)++;

        if (events_format_digit(digit)) {
            digit = digit - '0' + 26;

        } else if (events_format_letter(digit)) {
            digit = (digit | 0x20) - 'a';

        } else {
            break;
        }

        delta += digit * weight;

        t = (k <= bias) ? EVENTS_PUNYCODE_TMIN
            : (k >= bias + EVENTS_PUNYCODE_TMAX) ? EVENTS_PUNYCODE_TMAX
                                                 : k - bias;

        if (digit < t) {
            return (delta < EVENTS_PUNYCODE_MAX) ? delta
                                                 : EVENTS_PUNYCODE_MAX;
        }

        weight *= EVENTS_PUNYCODE_BASE - t;

        if (delta >= EVENTS_PUNYCODE_MAX || weight >= EVENTS_PUNYCODE_MAX) {
            break;
        }
    }

    return EVENTS_PUNYCODE_MAX;
}


/* section 6.1 */

static uint32_t
events_punycode_adapt(uint32_t delta, uint32_t n, int first)
{
    uint32_t  k;

    delta /= first ? EVENTS_PUNYCODE_DAMP : 2;
    delta += delta / n;

    for (k = 0;
         delta > (EVENTS_PUNYCODE_BASE - EVENTS_PUNYCODE_TMIN)
                 * EVENTS_PUNYCODE_TMAX / 2;
         k += EVENTS_PUNYCODE_BASE)
    {
        delta /= EVENTS_PUNYCODE_BASE - EVENTS_PUNYCODE_TMIN;
    }

    return k + (EVENTS_PUNYCODE_BASE - EVENTS_PUNYCODE_TMIN + 1) * delta
               / (delta + EVENTS_PUNYCODE_SKEW);
}


/* RFC 5891, section 4.2.3 */

static int
events_format_u_label(const uint32_t *codes, unsigned n)
{
    unsigned  i;

    if (codes[0] == '-' || codes[n - 1] == '-'
        || (n > 3 && codes[2] == '-' && codes[3] == '-')
        || events_format_in(codes[0], events_format_marks))
    {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if (events_format_in(codes[i], events_format_disallowed)
            || !events_format_context(codes, n, i))
        {
            return 0;
        }
    }

    return 1;
}


/* RFC 5892, appendix A: what some characters want to be beside */

static int
events_format_context(const uint32_t *codes, unsigned n, unsigned i)
{
    uint32_t  before, after;

    before = (i > 0) ? codes[i - 1] : 0;
    after = (i + 1 < n) ? codes[i + 1] : 0;

    switch (codes[i]) {

    case 0xB7:      /* middle dot, of Catalan */
        return before == 'l' && after == 'l';

    case 0x375:     /* Greek keraia */
        return events_format_in(after, events_format_greek);

    case 0x5F3:     /* Hebrew geresh and gershayim */
    case 0x5F4:
        return events_format_in(before, events_format_hebrew);

    case 0x30FB:    /* Katakana middle dot */
        return events_format_some(codes, n, events_format_kana_han);

    case 0x200C:    /* zero width non-joiner: joining types are not told */
        return events_format_in(before, events_format_viramas)
               || (events_format_in(before, events_format_joining)
                   && events_format_in(after, events_format_joining));

    case 0x200D:    /* zero width joiner */
        return events_format_in(before, events_format_viramas);
    }

    return !events_format_in(codes[i], events_format_arabic_digits)
           || !events_format_some(codes, n, events_format_extended_digits);
}


static int
events_format_some(const uint32_t *codes, unsigned n,
    const events_format_range_t *ranges)
{
    unsigned  i;

    for (i = 0; i < n; i++) {
        if (events_format_in(codes[i], ranges)) {
            return 1;
        }
    }

    return 0;
}


static int
events_format_in(uint32_t code, const events_format_range_t *ranges)
{
    for ( /* void */ ; ranges->max; ranges++) {
        if (code >= ranges->min && code <= ranges->max) {
            return 1;
        }
    }

    return 0;
}
