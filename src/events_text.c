
#include "events_text.h"

#include <stdio.h>


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
