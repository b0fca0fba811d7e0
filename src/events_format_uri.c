
#include "events_format_internal.h"


/* RFC 3986, appendix A: which characters may be where, escapes apart */

#define EVENTS_URI_NAME      0x01       /* unreserved and sub-delims */
#define EVENTS_URI_COLON     0x02
#define EVENTS_URI_AT        0x04
#define EVENTS_URI_SLASH     0x08
#define EVENTS_URI_QUESTION  0x10

#define EVENTS_URI_USERINFO  (EVENTS_URI_NAME | EVENTS_URI_COLON)
#define EVENTS_URI_PATH                                                       \
    (EVENTS_URI_NAME | EVENTS_URI_COLON | EVENTS_URI_AT | EVENTS_URI_SLASH)
#define EVENTS_URI_QUERY     (EVENTS_URI_PATH | EVENTS_URI_QUESTION)


static const u_char *events_uri_scheme(const events_str_t *str);
static int events_uri_hierarchy(const u_char *p, const u_char *last);
static int events_uri_authority(const u_char *p, const u_char *last);
static int events_uri_host(const u_char *p, const u_char *last);
static int events_uri_literal(const u_char *p, const u_char *last);
static int events_uri_port(const u_char *p, const u_char *last);
static int events_uri_all(const u_char *p, const u_char *last,
    unsigned mask);


static const u_char  events_uri_chars[256] = {
    ['a' ... 'z'] = EVENTS_URI_NAME,
    ['A' ... 'Z'] = EVENTS_URI_NAME,
    ['0' ... '9'] = EVENTS_URI_NAME,
    ['-'] = EVENTS_URI_NAME, ['.'] = EVENTS_URI_NAME,
    ['_'] = EVENTS_URI_NAME, ['~'] = EVENTS_URI_NAME,
    ['!'] = EVENTS_URI_NAME, ['$'] = EVENTS_URI_NAME,
    ['&'] = EVENTS_URI_NAME, ['\''] = EVENTS_URI_NAME,
    ['('] = EVENTS_URI_NAME, [')'] = EVENTS_URI_NAME,
    ['*'] = EVENTS_URI_NAME, ['+'] = EVENTS_URI_NAME,
    [','] = EVENTS_URI_NAME, [';'] = EVENTS_URI_NAME,
    ['='] = EVENTS_URI_NAME,
    [':'] = EVENTS_URI_COLON,
    ['@'] = EVENTS_URI_AT,
    ['/'] = EVENTS_URI_SLASH,
    ['?'] = EVENTS_URI_QUESTION
};


int
events_format_uri(const events_str_t *str)
{
    const u_char  *colon;

    colon = events_uri_scheme(str);

    return colon && events_uri_hierarchy(colon + 1, str->data + str->len);
}


/* section 4.2: without a scheme the first segment has no colon */

int
events_format_uri_reference(const events_str_t *str)
{
    const u_char  *p, *last;

    if (events_format_uri(str)) {
        return 1;
    }

    last = str->data + str->len;

    for (p = str->data; p < last && *p != '/' && *p != '?' && *p != '#'; p++) {
        if (*p == ':') {
            return 0;
        }
    }

    return events_uri_hierarchy(str->data, last);
}


/* section 3.1: the colon behind it, or NULL */

static const u_char *
events_uri_scheme(const events_str_t *str)
{
    const u_char  *p, *last;

    p = str->data;
    last = p + str->len;

    if (p == last || !events_format_letter(*p)) {
        return NULL;
    }

    while (p < last && (events_format_letter(*p) || events_format_digit(*p)
                        || *p == '+' || *p == '-' || *p == '.'))
    {
        p++;
    }

    return (p < last && *p == ':') ? p : NULL;
}


/* the same of all: [ "//" authority ] path [ "?" query ] [ "#" fragment ] */

static int
events_uri_hierarchy(const u_char *p, const u_char *last)
{
    const u_char  *start, *hash, *question;

    hash = memchr(p, '#', last - p);

    if (hash) {

        if (!events_uri_all(hash + 1, last, EVENTS_URI_QUERY)) {
            return 0;
        }

        last = hash;
    }

    question = memchr(p, '?', last - p);

    if (question) {

        if (!events_uri_all(question + 1, last, EVENTS_URI_QUERY)) {
            return 0;
        }

        last = question;
    }

    if (last - p >= 2 && p[0] == '/' && p[1] == '/') {
        start = p + 2;
        p = memchr(start, '/', last - start);
        p = p ? p : last;

        if (!events_uri_authority(start, p)) {
            return 0;
        }
    }

    return events_uri_all(p, last, EVENTS_URI_PATH);
}


/* section 3.2 */

static int
events_uri_authority(const u_char *p, const u_char *last)
{
    const u_char  *at;

    at = memchr(p, '@', last - p);

    if (at == NULL) {
        return events_uri_host(p, last);
    }

    return events_uri_all(p, at, EVENTS_URI_USERINFO)
           && events_uri_host(at + 1, last);
}


static int
events_uri_host(const u_char *p, const u_char *last)
{
    const u_char  *end;

    if (p < last && *p == '[') {
        end = memchr(p, ']', last - p);

        return end && events_uri_literal(p + 1, end)
               && events_uri_port(end + 1, last);
    }

    end = memchr(p, ':', last - p);
    end = end ? end : last;

    return events_uri_all(p, end, EVENTS_URI_NAME)
           && events_uri_port(end, last);
}


/* an IPv6 address, or one of the future: "v" hex "." anything */

static int
events_uri_literal(const u_char *p, const u_char *last)
{
    events_str_t   address;
    const u_char  *start;

    if (p == last || (*p | 0x20) != 'v') {
        address.data = p;
        address.len = last - p;

        return events_format_ipv6(&address);
    }

    start = ++p;

    while (p < last && !events_format_not_hex[*p]) {
        p++;
    }

    if (p == start || last - p < 2 || *p != '.') {
        return 0;
    }

    return memchr(p, '%', last - p) == NULL
           && events_uri_all(p + 1, last, EVENTS_URI_USERINFO);
}


/* with its colon, or nothing */

static int
events_uri_port(const u_char *p, const u_char *last)
{
    if (p == last) {
        return 1;
    }

    if (*p++ != ':') {
        return 0;
    }

    while (p < last && events_format_digit(*p)) {
        p++;
    }

    return p == last;
}


static int
events_uri_all(const u_char *p, const u_char *last, unsigned mask)
{
    while (p < last) {

        if (events_uri_chars[*p] & mask) {
            p++;

        } else if (*p == '%' && last - p > 2 && !events_format_not_hex[p[1]]
                   && !events_format_not_hex[p[2]])
        {
            p += 3;

        } else {
            return 0;
        }
    }

    return 1;
}
