
#include "events_format_internal.h"
#include "events_pattern.h"


static int events_format_uuid(const events_str_t *str);
static int events_format_json_pointer(const events_str_t *str);


const events_format_t  events_formats[] = {

    { events_string("uuid"), events_format_uuid,
      "must be a UUID, such as 0190a5d3-6c1e-7b3a-9f21-5d2c00000001" },

    { events_string("date-time"), events_format_date_time,
      "must be an RFC 3339 date and time, such as 2026-01-31T12:00:00Z" },

    { events_string("date"), events_format_date,
      "must be an RFC 3339 date, such as 2026-01-31" },

    { events_string("time"), events_format_time,
      "must be an RFC 3339 time with its offset, such as 12:00:00Z" },

    { events_string("duration"), events_format_duration,
      "must be an RFC 3339 duration, such as P3D or PT1H30M" },

    { events_string("email"), events_format_email,
      "must be an e-mail address, such as name@example.com" },

    { events_string("hostname"), events_format_hostname,
      "must be a host name, such as www.example.com" },

    { events_string("ipv4"), events_format_ipv4,
      "must be an IPv4 address, such as 192.0.2.1" },

    { events_string("ipv6"), events_format_ipv6,
      "must be an IPv6 address, such as 2001:db8::1" },

    { events_string("uri"), events_format_uri,
      "must be an absolute URI (RFC 3986), such as https://example.com/a" },

    { events_string("uri-reference"), events_format_uri_reference,
      "must be a URI or a relative reference (RFC 3986), such as /a?b=c" },

    { events_string("json-pointer"), events_format_json_pointer,
      "must be a JSON Pointer (RFC 6901), such as /entity/id" },

    { events_string("regex"), events_pattern_valid,
      "must be a regular expression (ECMA-262), such as ^[a-z]+$" },

    { events_null_string, NULL, NULL }
};


const u_char  events_format_not_hex[256] = {
    [0 ... '0' - 1] = 1,
    ['9' + 1 ... 'A' - 1] = 1,
    ['F' + 1 ... 'a' - 1] = 1,
    ['f' + 1 ... 255] = 1
};


const events_format_t *
events_format_find(const events_str_t *name)
{
    const events_format_t  *format;

    for (format = events_formats; format->match; format++) {
        if (events_str_eq(&format->name, name)) {
            return format;
        }
    }

    return NULL;
}


/* RFC 9562, section 4: any version, any variant, digits of either case */

static int
events_format_uuid(const events_str_t *str)
{
    unsigned              i, bad;
    const unsigned char  *p;

    p = str->data;

    if (str->len != 36
        || p[8] != '-' || p[13] != '-' || p[18] != '-' || p[23] != '-')
    {
        return 0;
    }

    bad = 0;

    for (i = 0; i < 4; i++) {
        bad |= events_format_not_hex[p[i]]
               | events_format_not_hex[p[i + 4]]
               | events_format_not_hex[p[i + 9]]
               | events_format_not_hex[p[i + 14]]
               | events_format_not_hex[p[i + 19]]
               | events_format_not_hex[p[i + 24]]
               | events_format_not_hex[p[i + 28]]
               | events_format_not_hex[p[i + 32]];
    }

    return !bad;
}


/* RFC 6901, section 3 */

static int
events_format_json_pointer(const events_str_t *str)
{
    const u_char  *p, *last;

    p = str->data;
    last = p + str->len;

    if (p < last && *p != '/') {
        return 0;
    }

    for ( /* void */ ; p < last; p++) {

        if (*p != '~') {
            continue;
        }

        p++;

        if (p == last || (*p != '0' && *p != '1')) {
            return 0;
        }
    }

    return 1;
}
