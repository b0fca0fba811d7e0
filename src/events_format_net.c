
#include "events_format_internal.h"


/* RFC 1035, section 2.3.4, without the root's dot; RFC 5321, 4.5.3.1 */
#define EVENTS_FORMAT_MAX_HOSTNAME  253
#define EVENTS_FORMAT_MAX_LABEL     63
#define EVENTS_FORMAT_MAX_LOCAL     64
#define EVENTS_FORMAT_MAX_EMAIL     254

/* RFC 4291: of 16 bits each */
#define EVENTS_FORMAT_GROUPS        8


static size_t events_format_label(const u_char *p, const u_char *last);
static int events_format_literal(const u_char *p, const u_char *last);
static const u_char *events_format_local(const u_char *p,
    const u_char *last);
static const u_char *events_format_dot_string(const u_char *p,
    const u_char *last);
static const u_char *events_format_quoted_string(const u_char *p,
    const u_char *last);


/* RFC 1123, section 2.1, and RFC 5890 for what begins with "xn--" */

int
events_format_hostname(const events_str_t *str)
{
    size_t         len;
    const u_char  *p, *last;

    p = str->data;
    last = p + str->len;

    if (str->len > EVENTS_FORMAT_MAX_HOSTNAME) {
        return 0;
    }

    for ( ;; ) {
        len = events_format_label(p, last);

        if (len == 0 || len > EVENTS_FORMAT_MAX_LABEL) {
            return 0;
        }

        if (len >= 4 && (p[0] | 0x20) == 'x' && (p[1] | 0x20) == 'n'
            && p[2] == '-' && p[3] == '-'
            && !events_format_a_label(p + 4, len - 4))
        {
            return 0;
        }

        p += len;

        if (p == last) {
            return 1;
        }

        if (*p++ != '.') {
            return 0;
        }
    }
}


/* letters, digits, and hyphens between these; 0: there are none */

static size_t
events_format_label(const u_char *p, const u_char *last)
{
    const u_char  *start;

    start = p;

    while (p < last && (events_format_letter(*p) || events_format_digit(*p)
                        || (*p == '-' && p > start)))
    {
        p++;
    }

    return (p > start && p[-1] == '-') ? 0 : p - start;
}


/* RFC 2673, section 3.2, and RFC 3986, section 3.2.2: no zeros in front */

int
events_format_ipv4(const events_str_t *str)
{
    unsigned       n, value;
    const u_char  *p, *last, *start;

    p = str->data;
    last = p + str->len;

    for (n = 0; n < 4; n++) {

        if (n > 0 && (p == last || *p++ != '.')) {
            return 0;
        }

        start = p;
        value = 0;

        while (p < last && p - start < 3 && events_format_digit(*p)) {
            value = value * 10 + (*p++ - '0');
        }

        if (p == start || value > 255 || (*start == '0' && p - start > 1)) {
            return 0;
        }
    }

    return p == last;
}


/* RFC 4291, section 2.2: without a zone, which is not of an address */

int
events_format_ipv6(const events_str_t *str)
{
    unsigned       n, squeezed;
    events_str_t   ipv4;
    const u_char  *p, *last, *start;

    p = str->data;
    last = p + str->len;
    squeezed = 0;
    n = 0;

    if (str->len >= 2 && p[0] == ':' && p[1] == ':') {
        squeezed = 1;
        p += 2;
    }

    while (p < last) {
        start = p;

        while (p < last && p - start < 4 && !events_format_not_hex[*p]) {
            p++;
        }

        if (p < last && *p == '.') {
            ipv4.data = start;
            ipv4.len = last - start;
            n += 2;

            return events_format_ipv4(&ipv4)
                   && (squeezed ? n < EVENTS_FORMAT_GROUPS
                                : n == EVENTS_FORMAT_GROUPS);
        }

        if (p == start || ++n > EVENTS_FORMAT_GROUPS) {
            return 0;
        }

        if (p == last) {
            break;
        }

        if (*p++ != ':' || p == last) {
            return 0;
        }

        if (*p == ':') {

            if (squeezed++) {
                return 0;
            }

            p++;
        }
    }

    return squeezed ? n < EVENTS_FORMAT_GROUPS : n == EVENTS_FORMAT_GROUPS;
}


/* RFC 5321, section 4.1.2: Mailbox */

int
events_format_email(const events_str_t *str)
{
    events_str_t   domain;
    const u_char  *p, *last;

    last = str->data + str->len;
    p = events_format_local(str->data, last);

    if (str->len > EVENTS_FORMAT_MAX_EMAIL || p == NULL || p == last
        || *p != '@' || p - str->data > EVENTS_FORMAT_MAX_LOCAL)
    {
        return 0;
    }

    p++;

    if (p < last && *p == '[') {
        return last[-1] == ']' && events_format_literal(p + 1, last - 1);
    }

    domain.data = p;
    domain.len = last - p;

    return events_format_hostname(&domain);
}


/* section 4.1.3; tags other than IPv6 have never been registered */

static int
events_format_literal(const u_char *p, const u_char *last)
{
    size_t        i;
    events_str_t  address;

    static const char  tag[] = "ipv6:";

    address.data = p;
    address.len = last - p;

    if (address.len < sizeof(tag) - 1) {
        return 0;
    }

    for (i = 0; i < sizeof(tag) - 1; i++) {
        if ((p[i] | 0x20) != tag[i]) {
            return events_format_ipv4(&address);
        }
    }

    address.data += sizeof(tag) - 1;
    address.len -= sizeof(tag) - 1;

    return events_format_ipv6(&address);
}


/* returns its end, or NULL */

static const u_char *
events_format_local(const u_char *p, const u_char *last)
{
    if (p < last && *p == '"') {
        return events_format_quoted_string(p + 1, last);
    }

    return events_format_dot_string(p, last);
}


static const u_char *
events_format_dot_string(const u_char *p, const u_char *last)
{
    const u_char  *start;

    /* RFC 5322, section 3.2.3: what atext has beside letters and digits */

    static const char  others[] = "!#$%&'*+-/=?^_`{|}~";

    for ( ;; ) {
        start = p;

        while (p < last && *p != '\0'
               && (events_format_letter(*p) || events_format_digit(*p)
                   || strchr(others, *p)))
        {
            p++;
        }

        if (p == start) {
            return NULL;
        }

        if (p == last || *p != '.') {
            return p;
        }

        p++;
    }
}


static const u_char *
events_format_quoted_string(const u_char *p, const u_char *last)
{
    for ( /* void */ ; p < last && *p >= 0x20 && *p < 0x7F; p++) {

        if (*p == '"') {
            return p + 1;
        }

        if (*p == '\\') {
            p++;

            if (p == last || *p < 0x20 || *p >= 0x7F) {
                return NULL;
            }
        }
    }

    return NULL;
}
