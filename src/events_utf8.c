
#include "events_utf8.h"


static size_t events_utf8_ascii(const u_char *p, size_t len);


size_t
events_utf8_valid(const u_char *text, size_t len)
{
    size_t  i, n;

    i = 0;

    for ( ;; ) {
        i += events_utf8_ascii(text + i, len - i);

        if (i == len) {
            return len;
        }

        n = events_utf8_char(text + i, len - i);

        if (n == 0) {
            return i;
        }

        i += n;
    }
}


/* most of what clients send is ASCII: 32 bytes a step */

static size_t
events_utf8_ascii(const u_char *p, size_t len)
{
    size_t    i;
    uint64_t  w[4];

    i = 0;

    while (len - i >= sizeof(w)) {
        memcpy(w, p + i, sizeof(w));

        if ((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080ULL) {
            break;
        }

        i += sizeof(w);
    }

    while (i < len && p[i] < 0x80) {
        i++;
    }

    return i;
}


/* RFC 3629, section 4: the bytes of one character, 0 if they are not one */

size_t
events_utf8_char(const u_char *text, size_t len)
{
    size_t         i, n;
    u_char  min, max;

    if (text[0] < 0x80) {
        return 1;
    }

    n = 0;
    min = 0x80;
    max = 0xBF;

    if (text[0] >= 0xC2 && text[0] <= 0xDF) {
        n = 2;

    } else if (text[0] >= 0xE0 && text[0] <= 0xEF) {
        n = 3;
        min = (text[0] == 0xE0) ? 0xA0 : 0x80;     /* overlong */
        max = (text[0] == 0xED) ? 0x9F : 0xBF;     /* surrogates */

    } else if (text[0] >= 0xF0 && text[0] <= 0xF4) {
        n = 4;
        min = (text[0] == 0xF0) ? 0x90 : 0x80;     /* overlong */
        max = (text[0] == 0xF4) ? 0x8F : 0xBF;     /* above U+10FFFF */
    }

    if (n == 0 || n > len || text[1] < min || text[1] > max) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
    }

    return n;
}


size_t
events_utf8_length(const u_char *text, size_t len)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < len; i++) {
        n += (text[i] & 0xC0) != 0x80;
    }

    return n;
}


size_t
events_utf8_size(u_char ch)
{
    if (ch < 0x80) {
        return 1;
    }

    return (ch < 0xE0) ? 2 : (ch < 0xF0) ? 3 : 4;
}


size_t
events_utf8_encode(u_char out[4], uint32_t code)
{
    if (code < 0x80) {
        out[0] = (u_char) code;
        return 1;
    }

    if (code < 0x800) {
        out[0] = 0xC0 | (code >> 6);
        out[1] = 0x80 | (code & 0x3F);
        return 2;
    }

    if (code < 0x10000) {
        out[0] = 0xE0 | (code >> 12);
        out[1] = 0x80 | ((code >> 6) & 0x3F);
        out[2] = 0x80 | (code & 0x3F);
        return 3;
    }

    out[0] = 0xF0 | (code >> 18);
    out[1] = 0x80 | ((code >> 12) & 0x3F);
    out[2] = 0x80 | ((code >> 6) & 0x3F);
    out[3] = 0x80 | (code & 0x3F);

    return 4;
}
