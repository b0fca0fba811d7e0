
#include "events_text.h"

#include <stdio.h>


/* "\xHH" */
#define EVENTS_TEXT_ESCAPE  4

/* "..." and the zero byte */
#define EVENTS_TEXT_CUT  4


size_t
events_text_fit(const unsigned char *data, size_t len, size_t size)
{
    if (len <= size) {
        return len;
    }

    /* data[size] exists, and starts a character or continues one */

    while (size > 0 && (data[size] & 0xC0) == 0x80) {
        size--;
    }

    return size;
}


size_t
events_text_vprint(char *dst, size_t size, const char *fmt, va_list args)
{
    int             n;
    size_t          len, tail;
    unsigned char  *last;

    n = vsnprintf(dst, size, fmt, args);

    if (n < 0) {
        dst[0] = '\0';
        return 0;
    }

    if ((size_t) n < size) {
        return n;
    }

    /* the last character may have lost its end */

    len = size - 1;
    tail = 1;

    while (tail < len && tail < 4
           && ((unsigned char) dst[len - tail] & 0xC0) == 0x80)
    {
        tail++;
    }

    last = (unsigned char *) dst + len - tail;

    if (*last >= 0xC0 && tail < (*last < 0xE0 ? 2u : *last < 0xF0 ? 3u : 4u)) {
        len -= tail;
    }

    dst[len] = '\0';

    return len;
}


size_t
events_text_escape(char *dst, size_t size, const events_str_t *str)
{
    char              *p;
    size_t             i, len;
    u_char             ch;
    static const char  hex[] = "0123456789ABCDEF";

    p = dst;

    for (i = 0; i < str->len; i++) {
        ch = str->data[i];
        len = (ch < 0x20 || ch > 0x7e || ch == '"' || ch == '\\')
              ? EVENTS_TEXT_ESCAPE : 1;

        if ((size_t) (p - dst) + len + EVENTS_TEXT_CUT > size) {
            memcpy(p, "...", EVENTS_TEXT_CUT - 1);
            p += EVENTS_TEXT_CUT - 1;
            break;
        }

        if (len == 1) {
            *p++ = ch;
            continue;
        }

        *p++ = '\\';
        *p++ = 'x';
        *p++ = hex[ch >> 4];
        *p++ = hex[ch & 0xf];
    }

    *p = '\0';

    return p - dst;
}
