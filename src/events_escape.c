
#include "events_escape.h"
#include "events_json_scan.h"
#include "events_utf8.h"


/* the longest escape: "\u001f" */
#define EVENTS_ESCAPE_MAX  6


static size_t events_escape_char(u_char out[EVENTS_ESCAPE_MAX],
    const u_char *p, size_t len, size_t *taken);


size_t
events_escaped_len(const events_str_t *str)
{
    size_t         len, taken;
    u_char         out[EVENTS_ESCAPE_MAX];
    const u_char  *p, *last, *plain;

    if (str->len == 0) {
        return 0;
    }

    p = str->data;
    last = p + str->len;

    for (len = 0; p < last; p += taken) {
        plain = events_json_scan_string(p, last);
        len += plain - p;
        p = plain;

        if (p == last) {
            break;
        }

        len += events_escape_char(out, p, last - p, &taken);
    }

    return len;
}


u_char *
events_escape(u_char *dst, const events_str_t *str)
{
    size_t         n, taken;
    u_char         out[EVENTS_ESCAPE_MAX];
    const u_char  *p, *last, *plain;

    if (str->len == 0) {
        return dst;
    }

    p = str->data;
    last = p + str->len;

    for ( /* void */ ; p < last; p += taken) {
        plain = events_json_scan_string(p, last);
        memcpy(dst, p, plain - p);
        dst += plain - p;
        p = plain;

        if (p == last) {
            break;
        }

        n = events_escape_char(out, p, last - p, &taken);
        memcpy(dst, out, n);
        dst += n;
    }

    return dst;
}


static size_t
events_escape_char(u_char out[EVENTS_ESCAPE_MAX],
    const u_char *p, size_t len, size_t *taken)
{
    const char         *name;
    static const char   hex[] = "0123456789abcdef";
    static const char   names[] = "\"\\\b\f\n\r\t";
    static const char   letters[] = "\"\\bfnrt";

    *taken = events_utf8_char(p, len);

    if (*taken == 0) {
        *taken = 1;
        memcpy(out, "\xEF\xBF\xBD", 3);
        return 3;
    }

    if (*taken > 1) {
        memcpy(out, p, *taken);
        return *taken;
    }

    name = memchr(names, *p, sizeof(names) - 1);

    if (name != NULL) {
        out[0] = '\\';
        out[1] = letters[name - names];
        return 2;
    }

    if (*p < 0x20) {
        memcpy(out, "\\u00", 4);
        out[4] = hex[*p >> 4];
        out[5] = hex[*p & 0xF];
        return 6;
    }

    out[0] = *p;

    return 1;
}
