
#include "unit.h"

#include "events_failure.h"
#include "events_format.h"


typedef struct {
    const char  *text;
    int          valid;
} format_case_t;


static void
check(const char *format, const format_case_t *cases, size_t n)
{
    size_t                  i;
    unsigned char          *copy;
    events_str_t            str;
    const events_format_t  *found;

    str.data = (const unsigned char *) format;
    str.len = strlen(format);

    found = events_format_find(&str);
    assert_non_null(found);
    assert_true(strlen(found->must) < EVENTS_MAX_DETAIL);

    for (i = 0; i < n; i++) {
        str.len = strlen(cases[i].text);

        /* of its own size, so that a sanitizer sees what is read beyond it */

        copy = malloc(str.len ? str.len : 1);
        assert_non_null(copy);
        memcpy(copy, cases[i].text, str.len);
        str.data = copy;

        if (found->match(&str) != cases[i].valid) {
            fail_msg("%s \"%s\": not %d", format, cases[i].text,
                     cases[i].valid);
        }

        free(copy);
    }
}


static void
test_uuid(void **state)
{
    static const format_case_t  cases[] = {
        { "0190a5d3-6c1e-7b3a-9f21-5d2c00000001", 1 },
        { "0190A5D3-6C1E-7B3A-9F21-5D2C00000001", 1 },
        { "0190a5D3-6c1E-7b3A-9f21-5D2cfFfFfFfF", 1 },
        { "00000000-0000-0000-0000-000000000000", 1 },
        { "ffffffff-ffff-ffff-ffff-ffffffffffff", 1 },
        { "", 0 },
        { "0190a5d3", 0 },
        { "0190a5d3-6c1e-7b3a-9f21-5d2c0000000", 0 },
        { "0190a5d3-6c1e-7b3a-9f21-5d2c000000012", 0 },
        { "0190a5d36c1e7b3a9f215d2c00000001", 0 },
        { "0190a5d36c1e7b3a9f215d2c000000010000", 0 },
        { "{190a5d3-6c1e-7b3a-9f21-5d2c0000000}", 0 },
        { "0190a5d-36c1e-7b3a-9f21-5d2c00000001", 0 },
        { "0190a5d3-6c1e-7b3a-9f215-d2c00000001", 0 },
        { "0190a5d3-6c1e-7b3a9-f21-5d2c00000001", 0 },
        { "0190a5d3-6c1-e7b3a-9f21-5d2c00000001", 0 },
        { "0190a5d3-6c1e-7b3a-9f21-5d2c0000000g", 0 },
        { "0190a5d3-6c1e-7b3a-9f21-5d2c0000000-", 0 },
        { "0190a5d3_6c1e_7b3a_9f21_5d2c00000001", 0 },
        { "0190a5d3-6c1e-7b3a-9f21-5d2c00000 01", 0 },
        { "urn:uuid:0190a5d3-6c1e-7b3a-9f21-5d2", 0 }
    };

    check("uuid", cases, unit_nelts(cases));
}


/* every digit of a uuid is looked at */

static void
test_uuid_digits(void **state)
{
    char           text[37];
    unsigned       i;
    format_case_t  one = { text, 0 };

    static const char  bad[] = "/:@G`g\x80\xff";

    for (i = 0; i < 36 * (sizeof(bad) - 1); i++) {
        strcpy(text, "0190a5d3-6c1e-7b3a-9f21-5d2c00000001");
        text[i % 36] = bad[i / 36];
        check("uuid", &one, 1);
    }
}


static void
test_date_time(void **state)
{
    static const format_case_t  cases[] = {
        { "2026-11-23T19:43:19Z", 1 },
        { "2026-11-23t19:43:19z", 1 },
        { "2026-11-23T19:43:19.1Z", 1 },
        { "2026-11-23T19:43:19.123456789Z", 1 },
        { "2026-11-23T19:43:19+00:00", 1 },
        { "2026-11-23T19:43:19-00:00", 1 },
        { "2026-11-23T19:43:19.000+05:30", 1 },
        { "2026-11-23T19:43:19-23:59", 1 },
        { "0000-01-01T00:00:00Z", 1 },
        { "9999-12-31T23:59:59Z", 1 },
        { "2024-02-29T00:00:00Z", 1 },
        { "2000-02-29T00:00:00Z", 1 },

        { "", 0 },
        { "2026", 0 },
        { "2026-11-23", 0 },
        { "2026-11-23T19:43:19", 0 },
        { "2026-11-23T19:43:19.", 0 },
        { "2026-11-23T19:43:19.Z", 0 },
        { "2026-11-23T19:43:19.12", 0 },
        { "2026-11-23T19:43:19,1Z", 0 },
        { "2026-11-23T19:43:19.1 Z", 0 },
        { "2026-11-23T19:43:19ZZ", 0 },
        { "2026-11-23T19:43:19Z ", 0 },
        { " 2026-11-23T19:43:19Z", 0 },
        { "2026-11-23 19:43:19Z", 0 },
        { "2026-11-23T19:43Z", 0 },
        { "2026-11-23T19:43:1Z0", 0 },
        { "2026-11-23T19:43:19+0000", 0 },
        { "2026-11-23T19:43:19+00", 0 },
        { "2026-11-23T19:43:19+00:0", 0 },
        { "2026-11-23T19:43:19+00:000", 0 },
        { "2026-11-23T19:43:19+24:00", 0 },
        { "2026-11-23T19:43:19+00:60", 0 },
        { "2026-11-23T19:43:19 00:00", 0 },
        { "2026-11-23T19:43:19+0a:00", 0 },
        { "2026-00-23T19:43:19Z", 0 },
        { "2026-13-23T19:43:19Z", 0 },
        { "2026-11-00T19:43:19Z", 0 },
        { "2026-11-31T19:43:19Z", 0 },
        { "2026-02-29T19:43:19Z", 0 },
        { "2024-02-30T19:43:19Z", 0 },
        { "1900-02-29T19:43:19Z", 0 },
        { "2026-11-23T24:00:00Z", 0 },
        { "2026-11-23T19:60:00Z", 0 },
        { "2026-11-23T19:43:61Z", 0 },
        { "2026/11/23T19:43:19Z", 0 },
        { "20261123T194319Z0000", 0 },
        { "26-11-23T19:43:19.00Z", 0 },
        { "+026-11-23T19:43:19Z", 0 },
        { "202a-11-23T19:43:19Z", 0 },
        { "2026-11-23T-9:43:19Z", 0 },
        { "2026-11-23T1 :43:19Z", 0 },
        { "1763927000", 0 },
        { "17639270001763927000", 0 }
    };

    check("date-time", cases, unit_nelts(cases));
}


static void
test_leap_second(void **state)
{
    static const format_case_t  cases[] = {
        { "2016-12-31T23:59:60Z", 1 },
        { "2015-06-30T23:59:60Z", 1 },
        { "2016-12-31T23:59:60.999Z", 1 },
        { "1998-12-31T15:59:60-08:00", 1 },
        { "1999-01-01T08:59:60+09:00", 1 },
        { "2015-07-01T05:29:60+05:30", 1 },
        { "2015-06-30T19:59:60-04:00", 1 },
        { "1998-12-30T23:59:60-00:00", 0 },
        { "1998-12-30T23:59:60+24:00", 0 },
        { "2016-12-31T23:58:60Z", 0 },
        { "2016-12-31T22:59:60Z", 0 },
        { "2016-12-31T00:00:60Z", 0 },
        { "2016-12-31T23:59:60+01:00", 0 },
        { "2016-12-31T15:59:60+08:00", 0 },
        { "2016-12-30T23:59:60Z", 0 },
        { "2016-11-30T23:59:60Z", 0 },
        { "2016-02-29T23:59:60Z", 0 },
        { "1999-01-02T08:59:60+09:00", 0 },
        { "1999-02-01T08:59:60+09:00", 0 },
        { "2016-12-30T00:59:60-23:00", 0 },
        { "2016-12-31T00:59:60-23:00", 1 },
        { "2016-12-31T23:59:61Z", 0 }
    };

    check("date-time", cases, unit_nelts(cases));
}


static void
test_date(void **state)
{
    static const format_case_t  cases[] = {
        { "2026-11-23", 1 },
        { "2024-02-29", 1 },
        { "2023-02-29", 0 },
        { "2026-11-23Z", 0 },
        { "2026-11-2", 0 },
        { "2026-11-2a", 0 },
        { "2026-1-023", 0 },
        { "", 0 }
    };

    check("date", cases, unit_nelts(cases));
}


static void
test_time(void **state)
{
    static const format_case_t  cases[] = {
        { "19:43:19Z", 1 },
        { "19:43:19.5+01:00", 1 },
        { "23:59:60Z", 1 },
        { "00:59:60+01:00", 1 },
        { "22:59:60Z", 0 },
        { "19:43:19", 0 },
        { "19:43Z", 0 },
        { "19:43:19.", 0 },
        { "24:00:00Z", 0 },
        { "", 0 }
    };

    check("time", cases, unit_nelts(cases));
}


static void
test_duration(void **state)
{
    static const format_case_t  cases[] = {
        { "P1Y", 1 },
        { "P1Y2M3DT4H5M6S", 1 },
        { "P3W", 1 },
        { "PT36H", 1 },
        { "PT0S", 1 },
        { "P0D", 1 },
        { "P1DT1M", 1 },
        { "PT1H2M", 1 },
        { "p1dt2h", 1 },
        { "P007D", 1 },
        { "P99999999999999999999999999999999999999999999999999999999999"
          "999999999999999999999D", 1 },
        { "", 0 },
        { "P", 0 },
        { "PT", 0 },
        { "P1", 0 },
        { "P1YT", 0 },
        { "P1Y2D", 0 },
        { "PT1H2S", 0 },
        { "P1M1Y", 0 },
        { "P1D2H", 0 },
        { "P1S", 0 },
        { "PT1D", 0 },
        { "P1W2D", 0 },
        { "P1WT1H", 0 },
        { "P1Y1W", 0 },
        { "PW", 0 },
        { "P1.5D", 0 },
        { "PT0.5S", 0 },
        { "-P1D", 0 },
        { "P-1D", 0 },
        { "+P1D", 0 },
        { "P1D ", 0 },
        { "1D", 0 },
        { "T1H", 0 },
        { "PT1HT2M", 0 },
        { "P1DD", 0 },
        { "P1DT", 0 },
        { "P1H", 0 }
    };

    check("duration", cases, unit_nelts(cases));
}


static void
test_email(void **state)
{
    static const format_case_t  cases[] = {
        { "a@b", 1 },
        { "joe.bloggs@example.com", 1 },
        { "a+b_c~!#$%&'*/=?^`{|}-@example.com", 1 },
        { "\"joe bloggs\"@example.com", 1 },
        { "\"a@b..\\\"c\\\\\"@example.com", 1 },
        { "\"\"@example.com", 1 },
        { "a@[192.0.2.1]", 1 },
        { "a@[IPv6:2001:db8::1]", 1 },
        { "a@[ipv6:::]", 1 },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaa@example.com", 1 },
        { "a@1.2.3", 1 },
        { "", 0 },
        { "@", 0 },
        { "a", 0 },
        { "a@", 0 },
        { "@b", 0 },
        { "a@@b", 0 },
        { "a.@b", 0 },
        { ".a@b", 0 },
        { "a..b@c", 0 },
        { "a b@c", 0 },
        { "\"a@b", 0 },
        { "\"a\"b@c", 0 },
        { "\"a\n\"@b", 0 },
        { "\"a\\\n\"@b", 0 },
        { "\"\xc3\xa9\"@b", 0 },
        { "\xc3\xa9@b", 0 },
        { "a@b_c", 0 },
        { "a@b.", 0 },
        { "a@-b", 0 },
        { "a@[192.0.2.256]", 0 },
        { "a@[2001:db8::1]", 0 },
        { "a@[IPv6:192.0.2.1]", 0 },
        { "a@[x:y]", 0 },
        { "a@[192.0.2.1", 0 },
        { "a@[]", 0 },
        { "a@b ", 0 },
        { "a@b, c@d", 0 },
        { "A <a@b>", 0 },
        { "(a)b@c", 0 },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaa@b", 0 },
        { "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaaaaaaaaaaaa", 0 }
    };

    check("email", cases, unit_nelts(cases));
}


static void
test_hostname(void **state)
{
    static const format_case_t  cases[] = {
        { "a", 1 },
        { "1", 1 },
        { "example.com", 1 },
        { "EXAMPLE.com", 1 },
        { "a--b.c", 1 },
        { "1host", 1 },
        { "xn--9n2bp8q.example", 1 },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaa.com", 1 },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaaaaaaaa", 1 },
        { "", 0 },
        { ".", 0 },
        { "a.", 0 },
        { ".a", 0 },
        { "a..b", 0 },
        { "-a", 0 },
        { "a-", 0 },
        { "a.-b", 0 },
        { "a-.b", 0 },
        { "a_b", 0 },
        { "a b", 0 },
        { "a\n", 0 },
        { "\xc3\xa9.com", 0 },
        { "\xe2\x84\xaa""elvin", 0 },
        { "a/b", 0 },
        { "a:80", 0 },
        { "[::1]", 0 },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaa.com", 0 },
        { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaaaaaaaaa", 0 }
    };

    check("hostname", cases, unit_nelts(cases));
}


static void
test_ipv4(void **state)
{
    static const format_case_t  cases[] = {
        { "0.0.0.0", 1 },
        { "255.255.255.255", 1 },
        { "192.0.2.1", 1 },
        { "", 0 },
        { "1", 0 },
        { "1.2.3", 0 },
        { "1.2.3.4.5", 0 },
        { "1.2.3.", 0 },
        { "1.2.3.4.", 0 },
        { ".1.2.3.4", 0 },
        { "1..3.4", 0 },
        { "256.1.1.1", 0 },
        { "1.1.1.1000", 0 },
        { "01.2.3.4", 0 },
        { "00.0.0.0", 0 },
        { "1.2.3.04", 0 },
        { "+1.2.3.4", 0 },
        { "1.2.3.4 ", 0 },
        { " 1.2.3.4", 0 },
        { "0x1.2.3.4", 0 },
        { "1.2.3.4/8", 0 },
        { "1.2.3.4:5", 0 },
        { "1.2.3.\xe0\xa7\xa7", 0 }
    };

    check("ipv4", cases, unit_nelts(cases));
}


static void
test_ipv6(void **state)
{
    static const format_case_t  cases[] = {
        { "::", 1 },
        { "::1", 1 },
        { "1::", 1 },
        { "1:2:3:4:5:6:7:8", 1 },
        { "ABCD:ef01::", 1 },
        { "1::8", 1 },
        { "1:2:3:4:5:6:7::", 1 },
        { "::2:3:4:5:6:7:8", 1 },
        { "::192.0.2.1", 1 },
        { "1:2:3:4:5:6:192.0.2.1", 1 },
        { "64:ff9b::192.0.2.33", 1 },
        { "::ffff:0:0", 1 },
        { "", 0 },
        { ":", 0 },
        { "1", 0 },
        { ":::", 0 },
        { "1:::2", 0 },
        { "::1::", 0 },
        { "1::2::3", 0 },
        { "1:2:3:4:5:6:7", 0 },
        { "1:2:3:4:5:6:7:8:9", 0 },
        { "1:2:3:4:5:6:7:8::", 0 },
        { "::1:2:3:4:5:6:7:8", 0 },
        { ":1:2:3:4:5:6:7", 0 },
        { "1:2:3:4:5:6:7:", 0 },
        { "12345::", 0 },
        { "g::", 0 },
        { "::1%eth0", 0 },
        { "::1/64", 0 },
        { "[::1]", 0 },
        { "::192.0.2", 0 },
        { "::192.0.2.1:1", 0 },
        { "::192.0.2.256", 0 },
        { "::192.0.2.01", 0 },
        { "1:2:3:4:5:6:7:192.0.2.1", 0 },
        { "192.0.2.1", 0 },
        { " ::1", 0 },
        { "::1 ", 0 },
        { "1:2:3:4:5:6::192.0.2.1", 0 }
    };

    check("ipv6", cases, unit_nelts(cases));
}


static void
test_uri(void **state)
{
    static const format_case_t  cases[] = {
        { "a:", 1 },
        { "a:b", 1 },
        { "a+-.1:b", 1 },
        { "http://example.com", 1 },
        { "http://u:p%40@h:80/p;a=1/@:?q=/?#f/?", 1 },
        { "http://", 1 },
        { "file:///etc", 1 },
        { "http://h:", 1 },
        { "http://[2001:db8::1]:8080/", 1 },
        { "http://[v1.a:b]", 1 },
        { "http://[::192.0.2.1]/", 1 },
        { "urn:uuid:0190a5d3", 1 },
        { "mailto:a@b", 1 },
        { "tel:+1", 1 },
        { "a:/b//c", 1 },
        { "a://b//c", 1 },
        { "http://999.1.1.1", 1 },
        { "http://%41/", 1 },
        { "x:?", 1 },
        { "x:#", 1 },
        { "data:,a%20b", 1 },
        { "", 0 },
        { "a", 0 },
        { "/a", 0 },
        { "//a/b", 0 },
        { "1a:b", 0 },
        { ":a", 0 },
        { "a_b:c", 0 },
        { "http://a b", 0 },
        { "http://a/%", 0 },
        { "http://a/%4", 0 },
        { "http://a/%4g", 0 },
        { "http://a/\xc3\xa9", 0 },
        { "http://a/<b>", 0 },
        { "http://a/\"", 0 },
        { "http://a/\\", 0 },
        { "http://a/^", 0 },
        { "http://a/`", 0 },
        { "http://a/{b}", 0 },
        { "http://a/|", 0 },
        { "http://a:b", 0 },
        { "http://a:1a", 0 },
        { "http://a@b@c", 0 },
        { "http://[::1", 0 },
        { "http://[::1]a", 0 },
        { "http://[1.2.3.4]", 0 },
        { "http://[]", 0 },
        { "http://[v1]", 0 },
        { "http://[v.a]", 0 },
        { "http://[v1.]", 0 },
        { "http://[v1.a%41]", 0 },
        { "http://[::1%25eth0]", 0 },
        { "http://a/[b]", 0 },
        { "http://a/#b#c", 0 },
        { "http://a/?[b]", 0 },
        { "a:b\n", 0 }
    };

    check("uri", cases, unit_nelts(cases));
}


static void
test_uri_reference(void **state)
{
    static const format_case_t  cases[] = {
        { "", 1 },
        { "a", 1 },
        { "/a", 1 },
        { "//", 1 },
        { "//a", 1 },
        { "//a:1/b", 1 },
        { "?a", 1 },
        { "#a", 1 },
        { "a/b:c", 1 },
        { "./a:b", 1 },
        { "../a", 1 },
        { "/a//b", 1 },
        { "a?b:c", 1 },
        { "a#b:c", 1 },
        { "http://a", 1 },
        { "%41", 1 },
        { "@", 1 },
        { "a@b", 1 },
        { "*", 1 },
        { "1:b", 0 },
        { ":a", 0 },
        { "a b:c", 0 },
        { "a b", 0 },
        { "/%4", 0 },
        { "\\a", 0 },
        { "/a\\b", 0 },
        { "//a:b/", 0 },
        { "//a@b@c", 0 },
        { "//[1]/", 0 },
        { "/[a]", 0 },
        { "#a#b", 0 },
        { "/\xc3\xa9", 0 },
        { "<a>", 0 },
        { "a_b:c", 0 }
    };

    check("uri-reference", cases, unit_nelts(cases));
}


static void
test_json_pointer(void **state)
{
    static const format_case_t  cases[] = {
        { "", 1 },
        { "/", 1 },
        { "/a", 1 },
        { "/a/b", 1 },
        { "//", 1 },
        { "/~0~1", 1 },
        { "/a~1b/c~0", 1 },
        { "/\xc3\xa9", 1 },
        { "/ ", 1 },
        { "/\"\\", 1 },
        { "/-", 1 },
        { "/0/01", 1 },
        { "a", 0 },
        { "#", 0 },
        { "#/a", 0 },
        { " /a", 0 },
        { "/~", 0 },
        { "/~2", 0 },
        { "/a~", 0 },
        { "/a~/b", 0 },
        { "/~a", 0 },
        { "~0", 0 },
        { "0/a", 0 }
    };

    check("json-pointer", cases, unit_nelts(cases));
}


static void
test_regex(void **state)
{
    static const format_case_t  cases[] = {
        { "", 1 },
        { "^[a-z]+$", 1 },
        { "(?<=a+)b", 1 },
        { "(?<n>a)\\k<n>", 1 },
        { "\\p{L}", 1 },
        { "[]", 1 },
        { "(", 0 },
        { "^(abc]", 0 },
        { "a**", 0 },
        { "\\a", 0 },
        { "(?i)a", 0 },
        { "(?P<n>a)", 0 },
        { "[b-a]", 0 },
        { "{", 0 }
    };

    check("regex", cases, unit_nelts(cases));
}


static void
test_hostname_a_label(void **state)
{
    static const format_case_t  cases[] = {
        { "xn--bcher-kva.example", 1 },
        { "XN--BCHER-KVA.example", 1 },
        { "www.xn--fsqu00a.xn--0zwm56d", 1 },
        { "xn--ll-0ea", 1 },
        { "xn--wva3je", 1 },
        { "xn--4dbc5h", 1 },
        { "xn--vek778f", 1 },
        { "xn--11b2ezcw70k", 1 },
        { "xn--ngba1o", 1 },
        { "xn--", 0 },
        { "xn--a", 0 },
        { "xn--a-", 0 },
        { "xn---a", 0 },
        { "xn--abc-", 0 },
        { "xn--99999999999999999999", 0 },
        { "xn--zzzzzzzzzzzzzzzzzzzz", 0 },
        { "xn--bcher-kv", 0 },
        { "xn--aa---o47jg78q", 0 },
        { "xn--hello-zed", 0 },
        { "xn--l-gda", 0 },
        { "xn--wva3j", 0 },
        { "xn--5db1e", 0 },
        { "xn--vek", 0 },
        { "xn--11b2er09f", 0 },
        { "xn--ngb6iyr", 0 },
        { "xn--chb89f", 0 }
    };

    check("hostname", cases, unit_nelts(cases));
}


static void
test_find(void **state)
{
    unsigned      i;
    events_str_t  str;

    static const char *names[] = { "", "UUID", "uuid ", "uui", "e-mail" };

    for (i = 0; i < unit_nelts(names); i++) {
        str.data = (const unsigned char *) names[i];
        str.len = strlen(names[i]);
        assert_null(events_format_find(&str));
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_uuid),
        cmocka_unit_test(test_uuid_digits),
        cmocka_unit_test(test_date_time),
        cmocka_unit_test(test_leap_second),
        cmocka_unit_test(test_date),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_duration),
        cmocka_unit_test(test_email),
        cmocka_unit_test(test_hostname),
        cmocka_unit_test(test_hostname_a_label),
        cmocka_unit_test(test_ipv4),
        cmocka_unit_test(test_ipv6),
        cmocka_unit_test(test_uri),
        cmocka_unit_test(test_uri_reference),
        cmocka_unit_test(test_json_pointer),
        cmocka_unit_test(test_regex),
        cmocka_unit_test(test_find)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
