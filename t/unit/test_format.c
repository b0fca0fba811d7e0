
#include "unit.h"

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

    for (i = 0; i < n; i++) {
        str.len = strlen(cases[i].text);

        /* of its own size, so that a sanitizer sees what is read beyond it */

        copy = malloc(str.len + 1);
        assert_non_null(copy);
        copy = realloc(copy, str.len ? str.len : 1);
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
test_find(void **state)
{
    unsigned      i;
    events_str_t  str;

    static const char *names[] = { "", "UUID", "uuid ", "uui", "email" };

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
        cmocka_unit_test(test_find)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
