
#include "events_origin.h"


static const u_char *events_origin_scheme(const u_char *p,
    const u_char *last);
static const u_char *events_origin_host(const u_char *p, const u_char *last);
static const char *events_origin_port(const events_str_t *origin,
    const u_char *p, const u_char *last);


typedef struct {
    events_str_t    scheme;
    events_str_t    port;
} events_origin_port_t;


/* browsers leave these out */

static const events_origin_port_t  events_origin_ports[] = {
    { events_string("http://"), events_string("80") },
    { events_string("https://"), events_string("443") },
    { events_null_string, events_null_string }
};


const char *
events_origin_check(const events_str_t *origin)
{
    const u_char  *p, *last;

    last = origin->data + origin->len;
    p = events_origin_scheme(origin->data, last);

    if (p == NULL) {
        return "an origin begins with a scheme in lower case and \"://\"";
    }

    p = events_origin_host(p, last);

    if (p == NULL) {
        return "an origin has a host, in lower case";
    }

    if (p == last) {
        return NULL;
    }

    if (*p != ':') {
        return "an origin ends after its host or port, without a \"/\"";
    }

    return events_origin_port(origin, p + 1, last);
}


/* the end of "scheme://", or NULL */

static const u_char *
events_origin_scheme(const u_char *p, const u_char *last)
{
    const u_char  *start;

    start = p;

    while (p < last
           && ((*p >= 'a' && *p <= 'z')
               || (p > start
                   && ((*p >= '0' && *p <= '9')
                       || *p == '+' || *p == '-' || *p == '.'))))
    {
        p++;
    }

    if (p == start || last - p < 3 || memcmp(p, "://", 3) != 0) {
        return NULL;
    }

    return p + 3;
}


/* the end of a name, an IPv4 or an "[IPv6]" address, or NULL */

static const u_char *
events_origin_host(const u_char *p, const u_char *last)
{
    const u_char  *start;

    start = p;

    if (p < last && *p == '[') {

        do {
            p++;
        } while (p < last
                 && ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f')
                     || *p == ':' || *p == '.'));

        return (p < last && *p == ']' && p - start > 2) ? p + 1 : NULL;
    }

    while (p < last
           && ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9')
               || *p == '-' || *p == '.' || *p == '_'))
    {
        p++;
    }

    return (p > start && (p == last || !(*p >= 'A' && *p <= 'Z'))) ? p : NULL;
}


static const char *
events_origin_port(const events_str_t *origin, const u_char *p,
    const u_char *last)
{
    unsigned                     port;
    events_str_t                 text;
    const u_char                *digit;
    const events_origin_port_t  *known;

    text.data = p;
    text.len = last - p;
    port = 0;

    for (digit = p; digit < last; digit++) {

        if (*digit < '0' || *digit > '9' || (digit == p && *digit == '0')) {
            return "the port of an origin is a number, and nothing follows";
        }

        port = port * 10 + (*digit - '0');

        if (port > 65535) {
            return "the port of an origin is between 1 and 65535";
        }
    }

    if (text.len == 0) {
        return "the port of an origin is missing";
    }

    for (known = events_origin_ports; known->scheme.len; known++) {

        if (origin->len > known->scheme.len
            && memcmp(origin->data, known->scheme.data, known->scheme.len) == 0
            && events_str_eq(&text, &known->port))
        {
            return "browsers leave the port out that belongs to the scheme";
        }
    }

    return NULL;
}
