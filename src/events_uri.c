
#include "events_uri.h"


/* classes of bytes: sections 2.2, 2.3 and 3.1 */

#define EVENTS_URI_UNRESERVED  1
#define EVENTS_URI_RESERVED    2
#define EVENTS_URI_SCHEME      4
#define EVENTS_URI_ALPHA       8


static events_str_t events_uri_until(const u_char **p, const u_char *last,
    const char *ends);
static int events_uri_is_scheme(const events_str_t *str);
static int events_uri_is_encoded(const events_str_t *str, unsigned allowed);
static int events_uri_hex(u_char ch);

static u_char *events_uri_path(u_char *dst, const events_uri_t *base,
    const events_uri_t *ref);
static u_char *events_uri_remove_dots(u_char *path, u_char *last);
static u_char *events_uri_remove_segment(u_char *path, u_char *last);
static int events_uri_starts(const u_char *p, const u_char *last,
    const char *text);
static u_char *events_uri_fix_path(u_char *path, u_char *last, int scheme,
    int authority);
static u_char *events_uri_authority(u_char *dst, const events_str_t *str);
static u_char *events_uri_normalise(u_char *dst, const u_char *p,
    const u_char *last, unsigned lower);
static u_char events_uri_lower(u_char ch);


static const u_char  events_uri_classes[256] = {
    ['!'] = EVENTS_URI_RESERVED,
    ['#' ... '$'] = EVENTS_URI_RESERVED,
    ['&' ... '*'] = EVENTS_URI_RESERVED,
    ['+'] = EVENTS_URI_RESERVED | EVENTS_URI_SCHEME,
    [','] = EVENTS_URI_RESERVED,
    ['-' ... '.'] = EVENTS_URI_UNRESERVED | EVENTS_URI_SCHEME,
    ['/'] = EVENTS_URI_RESERVED,
    ['0' ... '9'] = EVENTS_URI_UNRESERVED | EVENTS_URI_SCHEME,
    [':' ... ';'] = EVENTS_URI_RESERVED,
    ['='] = EVENTS_URI_RESERVED,
    ['?' ... '@'] = EVENTS_URI_RESERVED,
    ['A' ... 'Z'] = EVENTS_URI_UNRESERVED | EVENTS_URI_SCHEME
                    | EVENTS_URI_ALPHA,
    ['['] = EVENTS_URI_RESERVED,
    [']'] = EVENTS_URI_RESERVED,
    ['_'] = EVENTS_URI_UNRESERVED,
    ['a' ... 'z'] = EVENTS_URI_UNRESERVED | EVENTS_URI_SCHEME
                    | EVENTS_URI_ALPHA,
    ['~'] = EVENTS_URI_UNRESERVED
};


int
events_uri_parse(events_uri_t *uri, const events_str_t *text)
{
    events_str_t   all;
    const u_char  *p, *last;

    memset(uri, 0, sizeof(events_uri_t));

    p = text->data;
    last = p + text->len;

    all = events_uri_until(&p, last, ":/?#");

    if (p < last && *p == ':') {

        if (!events_uri_is_scheme(&all)) {
            return 0;
        }

        uri->scheme = all;
        p++;

    } else {
        p = text->data;
    }

    if (events_uri_starts(p, last, "//")) {
        p += 2;
        uri->authority = events_uri_until(&p, last, "/?#");
    }

    uri->path = events_uri_until(&p, last, "?#");

    if (p < last && *p == '?') {
        p++;
        uri->query = events_uri_until(&p, last, "#");
    }

    all.data = text->data;
    all.len = p - text->data;

    if (p < last) {
        p++;
        uri->fragment.data = p;
        uri->fragment.len = last - p;
    }

    return events_uri_is_encoded(&all, EVENTS_URI_UNRESERVED
                                       | EVENTS_URI_RESERVED)
           && events_uri_is_encoded(&uri->fragment, 0);
}


static events_str_t
events_uri_until(const u_char **p, const u_char *last, const char *ends)
{
    events_str_t  part;

    part.data = *p;

    while (*p < last && (**p == '\0' || !strchr(ends, **p))) {
        (*p)++;
    }

    part.len = *p - part.data;

    return part;
}


static int
events_uri_is_scheme(const events_str_t *str)
{
    size_t  i;

    for (i = 0; i < str->len; i++) {
        if (!(events_uri_classes[str->data[i]] & EVENTS_URI_SCHEME)) {
            return 0;
        }
    }

    return str->len && (events_uri_classes[str->data[0]] & EVENTS_URI_ALPHA);
}


/* allowed: classes of bytes that may stand for themselves; 0: any may */

static int
events_uri_is_encoded(const events_str_t *str, unsigned allowed)
{
    size_t  i;

    for (i = 0; i < str->len; i++) {

        if (str->data[i] != '%') {

            if (allowed && !(events_uri_classes[str->data[i]] & allowed)) {
                return 0;
            }

            continue;
        }

        if (str->len - i <= 2 || events_uri_hex(str->data[i + 1]) < 0
            || events_uri_hex(str->data[i + 2]) < 0)
        {
            return 0;
        }

        i += 2;
    }

    return 1;
}


static int
events_uri_hex(u_char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    ch |= 0x20;

    return (ch >= 'a' && ch <= 'f') ? ch - 'a' + 10 : -1;
}


/* names are those of section 5.2.2; what is absent has no length */

size_t
events_uri_resolve(u_char *dst, const events_uri_t *base,
    const events_uri_t *ref)
{
    size_t               i;
    u_char              *p, *path;
    const events_uri_t  *scheme, *owner, *query;

    scheme = ref->scheme.data ? ref : base;
    owner = (ref->scheme.data || ref->authority.data) ? ref : base;
    query = (owner == ref || ref->path.len || ref->query.data) ? ref : base;

    p = dst;

    if (scheme->scheme.data) {

        for (i = 0; i < scheme->scheme.len; i++) {
            *p++ = events_uri_lower(scheme->scheme.data[i]);
        }

        *p++ = ':';
    }

    if (owner->authority.data) {
        *p++ = '/';
        *p++ = '/';
        p = events_uri_authority(p, &owner->authority);
    }

    path = p;

    p = events_uri_path(p, owner == ref ? NULL : base, ref);
    p = events_uri_fix_path(path, p, scheme->scheme.data != NULL,
                            owner->authority.data != NULL);

    if (query->query.data) {
        *p++ = '?';
        p = events_uri_normalise(p, query->query.data,
                                 query->query.data + query->query.len, 0);
    }

    if (ref->fragment.data) {
        *p++ = '#';
        memcpy(p, ref->fragment.data, ref->fragment.len);
        p += ref->fragment.len;
    }

    return p - dst;
}


/* base: NULL where its path does not count */

static u_char *
events_uri_path(u_char *dst, const events_uri_t *base,
    const events_uri_t *ref)
{
    u_char        *p;
    const u_char  *end;

    p = dst;

    if (base && ref->path.len == 0) {
        return events_uri_normalise(p, base->path.data,
                                    base->path.data + base->path.len, 0);
    }

    /* section 5.2.3 */

    if (base && ref->path.data[0] != '/') {

        if (base->authority.data && base->path.len == 0) {
            *p++ = '/';
        }

        end = base->path.data + base->path.len;

        while (end > base->path.data && end[-1] != '/') {
            end--;
        }

        p = events_uri_normalise(p, base->path.data, end, 0);
    }

    p = events_uri_normalise(p, ref->path.data,
                             ref->path.data + ref->path.len, 0);

    return events_uri_remove_dots(dst, p);
}


/* section 5.2.4, in place; returns the new end */

static u_char *
events_uri_remove_dots(u_char *path, u_char *last)
{
    u_char  *p, *out;

    p = path;
    out = path;

    while (p < last) {

        if (events_uri_starts(p, last, "../")) {
            p += 3;

        } else if (events_uri_starts(p, last, "./")) {
            p += 2;

        } else if (events_uri_starts(p, last, "/./")) {
            p += 2;

        } else if (last - p == 2 && p[0] == '/' && p[1] == '.') {
            last = p + 1;

        } else if (events_uri_starts(p, last, "/../")) {
            p += 3;
            out = events_uri_remove_segment(path, out);

        } else if (last - p == 3 && events_uri_starts(p, last, "/..")) {
            last = p + 1;
            out = events_uri_remove_segment(path, out);

        } else if ((last - p == 1 && p[0] == '.')
                   || (last - p == 2 && p[0] == '.' && p[1] == '.'))
        {
            p = last;

        } else {

            do {
                *out++ = *p++;
            } while (p < last && *p != '/');
        }
    }

    return out;
}


static u_char *
events_uri_remove_segment(u_char *path, u_char *last)
{
    while (last > path) {
        last--;

        if (*last == '/') {
            break;
        }
    }

    return last;
}


static int
events_uri_starts(const u_char *p, const u_char *last, const char *text)
{
    size_t  len;

    len = strlen(text);

    return (size_t) (last - p) >= len && memcmp(p, text, len) == 0;
}


/* what is written must have the parts that it was written from */

static u_char *
events_uri_fix_path(u_char *path, u_char *last, int scheme, int authority)
{
    const char    *prefix;
    const u_char  *p;

    if (authority) {

        /* section 6.2.3 */

        if (path == last) {
            *last++ = '/';
        }

        return last;
    }

    prefix = NULL;

    if (events_uri_starts(path, last, "//")) {
        prefix = "/.";

    } else if (!scheme) {

        for (p = path; p < last && *p != '/'; p++) {
            if (*p == ':') {
                prefix = "./";
            }
        }
    }

    if (prefix) {
        memmove(path + 2, path, last - path);
        memcpy(path, prefix, 2);
        last += 2;
    }

    return last;
}


/* a host has no case, but a user before it may have */

static u_char *
events_uri_authority(u_char *dst, const events_str_t *str)
{
    const u_char  *host, *last;

    last = str->data + str->len;
    host = memchr(str->data, '@', str->len);
    host = host ? host : str->data;

    dst = events_uri_normalise(dst, str->data, host, 0);

    return events_uri_normalise(dst, host, last, 1);
}


static u_char *
events_uri_normalise(u_char *dst, const u_char *p, const u_char *last,
    unsigned lower)
{
    u_char  ch;

    static const u_char  hex[] = "0123456789ABCDEF";

    while (p < last) {

        if (*p != '%') {
            *dst++ = lower ? events_uri_lower(*p) : *p;
            p++;
            continue;
        }

        ch = events_uri_hex(p[1]) * 16 + events_uri_hex(p[2]);
        p += 3;

        if (events_uri_classes[ch] & EVENTS_URI_UNRESERVED) {
            *dst++ = lower ? events_uri_lower(ch) : ch;
            continue;
        }

        *dst++ = '%';
        *dst++ = hex[ch >> 4];
        *dst++ = hex[ch & 15];
    }

    return dst;
}


static u_char
events_uri_lower(u_char ch)
{
    return (ch >= 'A' && ch <= 'Z') ? (ch | 0x20) : ch;
}


size_t
events_uri_decode(u_char *dst, const events_str_t *part)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < part->len; i++) {
        dst[n] = part->data[i];

        if (part->data[i] == '%') {
            dst[n] = events_uri_hex(part->data[i + 1]) * 16
                     + events_uri_hex(part->data[i + 2]);
            i += 2;
        }

        n++;
    }

    return n;
}
