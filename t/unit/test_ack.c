
#include "unit.h"

#include "events_ack.h"


static events_ack_t
ack_of(uint32_t nrecords)
{
    events_ack_t  ack;

    memset(&ack, 0, sizeof(events_ack_t));
    ack.nrecords = nrecords;
    ack.outstanding = nrecords;

    return ack;
}


static void
test_all_delivered(void **state)
{
    events_ack_t  ack = ack_of(2);

    assert_int_equal(events_ack_report(&ack, EVENTS_OK, NULL, 0), 0);
    assert_int_equal(events_ack_outcome(&ack), EVENTS_OUTCOME_UNKNOWN);

    /* a status of "persisted" is no failure's uncertainty */

    assert_int_equal(events_ack_report(&ack, EVENTS_OK, NULL, 1), 1);
    assert_int_equal(events_ack_outcome(&ack), EVENTS_OK);
    assert_int_equal(ack.uncertain, 0);
    assert_null(ack.reason);
}


static void
test_none_delivered_tells_the_first_error(void **state)
{
    events_ack_t  ack = ack_of(3);

    events_ack_report(&ack, EVENTS_BROKER_UNREACHABLE, "first", 0);
    events_ack_report(&ack, EVENTS_BROKER_REFUSED, "second", 0);
    assert_int_equal(events_ack_outcome(&ack), EVENTS_OUTCOME_UNKNOWN);

    assert_int_equal(events_ack_report(&ack, EVENTS_QUEUE_FULL, NULL, 0), 1);
    assert_int_equal(events_ack_outcome(&ack), EVENTS_BROKER_UNREACHABLE);
    assert_string_equal(ack.reason, "first");
}


static void
test_some_delivered_is_unknown(void **state)
{
    events_ack_t  ack = ack_of(2);

    events_ack_report(&ack, EVENTS_OK, NULL, 0);
    events_ack_report(&ack, EVENTS_BROKER_REFUSED, "no", 0);

    assert_int_equal(events_ack_outcome(&ack), EVENTS_OUTCOME_UNKNOWN);
    assert_string_equal(ack.reason, "no");
}


static void
test_uncertain_is_unknown(void **state)
{
    events_ack_t  ack = ack_of(2);

    events_ack_report(&ack, EVENTS_BROKER_UNREACHABLE, "first", 0);
    events_ack_report(&ack, EVENTS_BROKER_UNREACHABLE, "second", 1);

    assert_int_equal(events_ack_outcome(&ack), EVENTS_OUTCOME_UNKNOWN);
    assert_int_equal(ack.uncertain, 1);
}


static void
test_nothing_reported_is_unknown(void **state)
{
    events_ack_t  ack = ack_of(1);

    assert_int_equal(events_ack_outcome(&ack), EVENTS_OUTCOME_UNKNOWN);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_all_delivered),
        cmocka_unit_test(test_none_delivered_tells_the_first_error),
        cmocka_unit_test(test_some_delivered_is_unknown),
        cmocka_unit_test(test_uncertain_is_unknown),
        cmocka_unit_test(test_nothing_reported_is_unknown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
