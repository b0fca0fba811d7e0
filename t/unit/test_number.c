
#include "unit.h"

#include "events_number.h"


typedef struct {
    const char  *a;
    const char  *b;
    int          order;
} compare_t;


typedef struct {
    const char  *number;
    const char  *divisor;
    int          multiple;
} multiple_t;


typedef struct {
    const char  *number;
    int          result;
} number_case_t;


typedef struct {
    const char  *number;
    uint64_t     max;
    int          fits;
    uint64_t     value;
} to_uint_t;


static events_number_t
parse(const char *text)
{
    events_number_t  number;

    events_number_parse(&number, (const unsigned char *) text, strlen(text));

    return number;
}


static int
sign(int n)
{
    return (n > 0) - (n < 0);
}


static void
test_compare(void **state)
{
    unsigned         i;
    events_number_t  a, b;

    static const compare_t  cases[] = {
        { "0", "0", 0 },
        { "0", "-0", 0 },
        { "0", "0.000", 0 },
        { "0", "0e999", 0 },
        { "-0.0e-9", "0", 0 },
        { "1", "1.0", 0 },
        { "1", "1e0", 0 },
        { "1", "10e-1", 0 },
        { "1", "0.1E+1", 0 },
        { "1", "0.00001e5", 0 },
        { "100", "1e2", 0 },
        { "100", "1.00e2", 0 },
        { "1200", "12e2", 0 },
        { "12.50", "1.25e1", 0 },
        { "10.01", "1001e-2", 0 },
        { "1e400", "10e399", 0 },
        { "1e-400", "0.1e-399", 0 },
        { "-1.5", "-15e-1", 0 },
        { "123456789012345678901234567890",
          "1.2345678901234567890123456789e29", 0 },

        { "0", "1", -1 },
        { "0", "-1", 1 },
        { "0", "1e-999", -1 },
        { "0", "-1e-999", 1 },
        { "-1", "1", -1 },
        { "-2", "-1", -1 },
        { "-1e400", "-1e399", -1 },
        { "1", "2", -1 },
        { "2", "10", -1 },
        { "9", "10", -1 },
        { "99", "100", -1 },
        { "0.9", "1", -1 },
        { "0.09", "0.1", -1 },
        { "1.1", "1.10001", -1 },
        { "1", "1.00000000000000000000000000000000001", -1 },
        { "-1", "-1.00000000000000000000000000000000001", 1 },
        { "9007199254740992", "9007199254740993", -1 },
        { "9007199254740993", "9007199254740993.0", 0 },
        { "9007199254740992.5", "9007199254740993", -1 },
        { "18446744073709551615", "18446744073709551616", -1 },
        { "1e399", "1e400", -1 },
        { "9.99e399", "1e400", -1 },
        { "1e-400", "1e-399", -1 },
        { "1e400", "1e-400", 1 },
        { "0.30000000000000004", "0.3", 1 },
        { "1e99999999999999999", "1e99999999999999998", 1 },
        { "1e99999999999999999999999999", "1", 1 },
        { "1e-99999999999999999999999999", "1", -1 },
        { "1e-99999999999999999999999999", "0", 1 },
        { "0e99999999999999999999999999", "0", 0 }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        a = parse(cases[i].a);
        b = parse(cases[i].b);

        if (sign(events_number_compare(&a, &b)) != cases[i].order
            || sign(events_number_compare(&b, &a)) != -cases[i].order)
        {
            fail_msg("%s and %s: not %d", cases[i].a, cases[i].b,
                     cases[i].order);
        }

        if (cases[i].order == 0) {
            assert_int_equal(events_number_hash(&a), events_number_hash(&b));
        }
    }
}


/* a total order, whatever the spelling: against the integers it stands for */

static void
test_compare_spellings(void **state)
{
    int              i, j;
    char             one[32], two[32];
    events_number_t  a, b;

    for (i = -210; i <= 210; i++) {
        for (j = -210; j <= 210; j += 7) {
            snprintf(one, sizeof(one), "%de-1", i);
            snprintf(two, sizeof(two), "%s%d.%d00", j < 0 ? "-" : "",
                     abs(j) / 10, abs(j) % 10);

            a = parse(one);
            b = parse(two);

            assert_int_equal(sign(events_number_compare(&a, &b)),
                             (i > j) - (i < j));
        }
    }
}


static void
test_is_integer(void **state)
{
    unsigned         i;
    events_number_t  number;

    static const number_case_t  cases[] = {
        { "0", 1 }, { "-0", 1 }, { "0.0", 1 }, { "0e-5", 1 }, { "1", 1 },
        { "-1", 1 }, { "1.0", 1 }, { "1.000", 1 }, { "10e-1", 1 },
        { "1.5e1", 1 }, { "1e400", 1 }, { "12300e-2", 1 },
        { "9007199254740993.0", 1 }, { "1.5", 0 }, { "0.1", 0 },
        { "10e-2", 0 }, { "1e-400", 0 }, { "1.55e1", 0 },
        { "9007199254740993.5", 0 }, { "123e-3", 0 }, { "100.01", 0 }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        number = parse(cases[i].number);

        if (events_number_is_integer(&number) != cases[i].result) {
            fail_msg("%s: not %d", cases[i].number, cases[i].result);
        }
    }
}


static void
test_is_multiple(void **state)
{
    unsigned          i;
    events_number_t   number;
    events_divisor_t  divisor;

    static const multiple_t  cases[] = {
        { "0", "7", 1 },
        { "14", "7", 1 },
        { "15", "7", 0 },
        { "-14", "7", 1 },
        { "7.5", "2.5", 1 },
        { "7.6", "2.5", 0 },
        { "0.0075", "0.0001", 1 },
        { "0.00751", "0.0001", 0 },
        { "1.1", "0.1", 1 },
        { "0.3", "0.1", 1 },
        { "19.99", "0.01", 1 },
        { "1e308", "0.5", 1 },
        { "1e308", "0.123456789", 0 },
        { "12391239123", "1e-8", 1 },
        { "1e-8", "1e-8", 1 },
        { "1e-9", "1e-8", 0 },
        { "1000", "1e3", 1 },
        { "1100", "1e3", 0 },
        { "5", "10", 0 },
        { "20", "10", 1 },
        { "1e1000", "3", 0 },
        { "3e1000", "3", 1 },
        { "1e1000", "1024", 1 },
        { "1e9", "1024", 0 },
        { "1e10", "1024", 1 },
        { "1e99999999999999999999", "1024", 1 },
        { "1e99999999999999999999", "7", 0 },
        { "999999999999999998000000000000000001", "999999999999999999", 1 },
        { "999999999999999998000000000000000002", "999999999999999999", 0 },
        { "123.456", "0.001", 1 }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        number = parse(cases[i].divisor);
        assert_true(events_number_to_divisor(&number, &divisor));

        number = parse(cases[i].number);

        if (events_number_is_multiple(&number, &divisor)
            != cases[i].multiple)
        {
            fail_msg("%s of %s: not %d", cases[i].number, cases[i].divisor,
                     cases[i].multiple);
        }
    }
}


static void
test_to_divisor(void **state)
{
    unsigned          i;
    events_number_t   number;
    events_divisor_t  divisor;

    static const number_case_t  cases[] = {
        { "1", 1 }, { "0.01", 1 }, { "999999999999999999", 1 },
        { "1e400", 1 }, { "100000000000000000000000", 1 },
        { "0", 0 }, { "-1", 0 }, { "0.0", 0 }, { "1234567890123456789", 0 },
        { "1000000000000000001", 0 }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        number = parse(cases[i].number);

        if (events_number_to_divisor(&number, &divisor) != cases[i].result) {
            fail_msg("%s: not %d", cases[i].number, cases[i].result);
        }
    }
}


static void
test_to_uint(void **state)
{
    int              fits;
    unsigned         i;
    uint64_t         value;
    events_number_t  number;

    static const to_uint_t  cases[] = {
        { "0", 10, 1, 0 },
        { "-0", 10, 1, 0 },
        { "1", 10, 1, 1 },
        { "10", 10, 1, 10 },
        { "1e1", 10, 1, 10 },
        { "1.0", 10, 1, 1 },
        { "1.20e2", 200, 1, 120 },
        { "11", 10, 0, 0 },
        { "1.5", 10, 0, 0 },
        { "-1", 10, 0, 0 },
        { "999999999999999999", UINT64_MAX, 1, 999999999999999999ULL },
        { "1e18", UINT64_MAX, 0, 0 },
        { "1e400", UINT64_MAX, 0, 0 },
        { "1e99999999999999999999", UINT64_MAX, 0, 0 },
        { "1e-99999999999999999999", UINT64_MAX, 0, 0 }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        number = parse(cases[i].number);
        fits = events_number_to_uint(&number, cases[i].max, &value);

        if (fits != cases[i].fits || (fits && value != cases[i].value)) {
            fail_msg("%s: not so", cases[i].number);
        }
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_compare_spellings),
        cmocka_unit_test(test_is_integer),
        cmocka_unit_test(test_is_multiple),
        cmocka_unit_test(test_to_divisor),
        cmocka_unit_test(test_to_uint)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
