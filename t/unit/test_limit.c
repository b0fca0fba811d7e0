
#include "unit.h"

#include "events_limit.h"


/* a day, of a clock that began at some time */
#define DAY  86400000


static uint64_t
rate_of(const char *text)
{
    events_str_t  s;

    s.data = (const u_char *) text;
    s.len = strlen(text);

    return events_limit_rate(&s);
}


static events_limit_t
limit_of(const char *rate, uint64_t burst)
{
    events_limit_t  limit;

    limit.rate = rate_of(rate);
    limit.burst = burst;

    assert_true(limit.rate > 0);

    return limit;
}


/* drains, checks, charges if it may: milliseconds to wait, 0 if it passed */

static uint64_t
send(const events_limit_t *limit, events_limit_state_t *state, uint64_t now,
    uint32_t events)
{
    events_limit_result_t  result;

    events_limit_drain(limit, state, now);
    result = events_limit_check(limit, state, events);

    assert_int_equal(result.allowed, result.retry_after == 0);

    if (result.allowed) {
        events_limit_charge(state, events);
    }

    return result.retry_after;
}


static void
test_rates(void **state)
{
    assert_int_equal(rate_of("1e/m"), 1);
    assert_int_equal(rate_of("1e/s"), 60);
    assert_int_equal(rate_of("60e/m"), rate_of("1e/s"));
    assert_int_equal(rate_of("100e/s"), 6000);
    assert_int_equal(rate_of("1000000000e/m"), 1000000000);
    assert_int_equal(rate_of("1000000000e/s"), 60000000000);
    assert_int_equal(rate_of("007e/m"), 7);
}


static void
test_rates_that_are_none(void **state)
{
    size_t  i;

    static const char *const  rates[] = {
        "", "e/s", "1", "1e", "1e/", "1e/h", "1r/s", "1 e/s", "-1e/s", "+1e/s",
        "1.5e/s", "0e/s", "0e/m", "1e/ss", "1E/s", "1e/s ", "1000000001e/m",
        "18446744073709551617e/s", "e/m1e/s", "s", "/s"
    };

    for (i = 0; i < unit_nelts(rates); i++) {
        if (rate_of(rates[i]) != 0) {
            fail_msg("\"%s\" is taken", rates[i]);
        }
    }
}


static void
test_burst_then_rate(void **state)
{
    events_limit_t        limit = limit_of("10e/s", 100);
    events_limit_state_t  s = { 0, 0 };

    assert_int_equal(send(&limit, &s, DAY, 60), 0);
    assert_int_equal(events_limit_remaining(&limit, &s), 40);
    assert_int_equal(events_limit_reset(&limit, &s), 6000);

    assert_int_equal(send(&limit, &s, DAY, 40), 0);
    assert_int_equal(events_limit_remaining(&limit, &s), 0);

    /* one event is 100 ms of this rate */

    assert_int_equal(send(&limit, &s, DAY, 1), 100);
    assert_int_equal(send(&limit, &s, DAY + 1, 1), 99);
    assert_int_equal(send(&limit, &s, DAY + 99, 1), 1);
    assert_int_equal(send(&limit, &s, DAY + 100, 1), 0);
    assert_int_equal(send(&limit, &s, DAY + 100, 100), 10000);
}


static void
test_refused_costs_nothing(void **state)
{
    int                   i;
    events_limit_t        limit = limit_of("1e/s", 10);
    events_limit_state_t  s = { 0, 0 };

    assert_int_equal(send(&limit, &s, DAY, 8), 0);

    for (i = 0; i < 1000; i++) {
        assert_int_equal(send(&limit, &s, DAY, 5), 3000);
    }

    assert_int_equal(send(&limit, &s, DAY, 2), 0);
}


static void
test_told_time_is_the_first_at_which_it_passes(void **state)
{
    size_t                 i;
    uint64_t               wait;
    events_limit_t         limit;
    events_limit_state_t   s, copy;

    static const struct {
        const char            *rate;
        uint64_t               burst;
        uint32_t               events;
    } cases[] = {
        { "1e/m", 1, 1 },
        { "7e/m", 10, 3 },
        { "999999999e/m", 100000, 99999 },
        { "3e/s", 500, 500 },
        { "1000000000e/s", 1000000000, 100000 }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        limit = limit_of(cases[i].rate, cases[i].burst);

        s.level = limit.burst * EVENTS_LIMIT_UNITS;
        s.time = DAY;

        copy = s;
        wait = send(&limit, &copy, DAY, cases[i].events);
        assert_true(wait > 0);

        copy = s;
        assert_int_equal(send(&limit, &copy, DAY + wait - 1, cases[i].events),
                         1);

        copy = s;
        assert_int_equal(send(&limit, &copy, DAY + wait, cases[i].events), 0);
    }
}


static void
test_more_than_the_burst_never_passes(void **state)
{
    events_limit_t        limit = limit_of("1000e/s", 100);
    events_limit_state_t  s = { 0, 0 };

    assert_true(send(&limit, &s, DAY, 101) == EVENTS_LIMIT_NEVER);
    assert_int_equal(s.level, 0);
    assert_int_equal(send(&limit, &s, DAY, 100), 0);
}


/* however often it is looked at: seven events a minute are seven */

static void
test_nothing_is_rounded_away(void **state)
{
    uint32_t              ms, passed;
    events_limit_t        limit = limit_of("7e/m", 1);
    events_limit_state_t  s = { 0, 0 };

    passed = 0;

    for (ms = 0; ms < 600000; ms++) {
        passed += (send(&limit, &s, DAY + ms, 1) == 0);
    }

    assert_int_equal(passed, 70);
}


static void
test_clock_goes_back_a_little(void **state)
{
    events_limit_t        limit = limit_of("10e/s", 10);
    events_limit_state_t  s = { 0, 0 };

    assert_int_equal(send(&limit, &s, DAY, 10), 0);

    /* nothing drains twice */

    assert_int_equal(send(&limit, &s, DAY - 500, 1), 100);
    assert_int_equal(s.time, DAY);
    assert_int_equal(send(&limit, &s, DAY - EVENTS_LIMIT_SKEW, 1), 100);
    assert_int_equal(s.time, DAY);
    assert_int_equal(send(&limit, &s, DAY + 100, 1), 0);
    assert_int_equal(send(&limit, &s, DAY + 50, 1), 100);
}


static void
test_clock_goes_back_far(void **state)
{
    uint64_t              now;
    events_limit_t        limit = limit_of("10e/s", 10);
    events_limit_state_t  s = { 0, 0 };

    assert_int_equal(send(&limit, &s, DAY, 10), 0);

    /* nobody waits for a day, and nothing is given away either */

    now = DAY - EVENTS_LIMIT_SKEW - 1;

    assert_int_equal(send(&limit, &s, now, 1), 100);
    assert_int_equal(s.time, now);
    assert_int_equal(send(&limit, &s, now + 100, 1), 0);

    assert_int_equal(send(&limit, &s, 0, 1), 100);
    assert_int_equal(send(&limit, &s, 100, 1), 0);
}


static void
test_no_overflow(void **state)
{
    events_limit_t        limit = limit_of("1000000000e/s", EVENTS_LIMIT_MAX);
    events_limit_state_t  s = { 0, 0 };

    /* as late as can be, and as full */

    assert_int_equal(send(&limit, &s, UINT64_MAX, 100000), 0);
    assert_int_equal(events_limit_remaining(&limit, &s),
                     EVENTS_LIMIT_MAX - 100000);

    assert_int_equal(send(&limit, &s, UINT64_MAX, 999900000), 0);
    assert_int_equal(events_limit_remaining(&limit, &s), 0);
    assert_int_equal(events_limit_reset(&limit, &s), 1000);
    assert_int_equal(events_limit_window(&limit), 1000);

    assert_true(send(&limit, &s, UINT64_MAX, UINT32_MAX)
                == EVENTS_LIMIT_NEVER);

    /* the slowest: 1,900 years */

    limit = limit_of("1e/m", EVENTS_LIMIT_MAX);

    assert_true(events_limit_reset(&limit, &s) == 60000000000000);
    assert_int_equal(send(&limit, &s, UINT64_MAX, 1), 60000);
}


/* a reload may change rate and burst; the level is the sender's */

static void
test_other_limit_same_state(void **state)
{
    events_limit_t        limit = limit_of("10e/s", 100);
    events_limit_t        narrow = limit_of("1e/s", 10);
    events_limit_state_t  s = { 0, 0 };

    assert_int_equal(send(&limit, &s, DAY, 100), 0);

    assert_int_equal(events_limit_remaining(&narrow, &s), 0);
    assert_int_equal(send(&narrow, &s, DAY, 10), 100000);
    assert_int_equal(send(&narrow, &s, DAY + 100000, 10), 0);
}


static void
test_windows(void **state)
{
    events_limit_t  limit = limit_of("100e/s", 1000);

    assert_int_equal(events_limit_window(&limit), 10000);

    limit = limit_of("7e/m", 1);
    assert_int_equal(events_limit_window(&limit), 8572);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_rates_that_are_none),
        cmocka_unit_test(test_burst_then_rate),
        cmocka_unit_test(test_refused_costs_nothing),
        cmocka_unit_test(test_told_time_is_the_first_at_which_it_passes),
        cmocka_unit_test(test_more_than_the_burst_never_passes),
        cmocka_unit_test(test_nothing_is_rounded_away),
        cmocka_unit_test(test_clock_goes_back_a_little),
        cmocka_unit_test(test_clock_goes_back_far),
        cmocka_unit_test(test_no_overflow),
        cmocka_unit_test(test_other_limit_same_state),
        cmocka_unit_test(test_windows)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
