
#include "unit.h"

#include "events_guest.h"


static const u_char  v4[4] = { 192, 0, 2, 129 };

static const u_char  v6[16] = {
    0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
};


static const char *
network_of(const u_char *address, size_t len, unsigned bits4, unsigned bits6)
{
    events_guest_network_t  network;
    static char             text[EVENTS_GUEST_TEXT + 1];

    events_guest_network(&network, address, len, bits4, bits6);
    events_guest_network_text((u_char *) text, &network);

    return text;
}


static const char *
key_of(const u_char *address, size_t len, const char *id, size_t size)
{
    events_str_t            str;
    events_guest_network_t  network;
    static char             texts[2][EVENTS_GUEST_TEXT + 1];
    static int              turn;
    char                   *text;

    turn = !turn;
    text = texts[turn];

    str.data = (const u_char *) id;
    str.len = size;

    events_guest_network(&network, address, len, 32, 64);
    events_guest_key_text((u_char *) text, &network, &str);

    return text;
}


static void
test_ipv4_network(void **state)
{
    assert_string_equal(network_of(v4, 4, 32, 64),
                        "00000000000000000000ffffc0000281");
    assert_string_equal(network_of(v4, 4, 25, 64),
                        "00000000000000000000ffffc0000280");
    assert_string_equal(network_of(v4, 4, 24, 64),
                        "00000000000000000000ffffc0000200");
    assert_string_equal(network_of(v4, 4, 1, 64),
                        "00000000000000000000ffff80000000");
}


static void
test_ipv6_network(void **state)
{
    assert_string_equal(network_of(v6, 16, 32, 128),
                        "20010db80102030405060708090a0b0c");
    assert_string_equal(network_of(v6, 16, 32, 64),
                        "20010db8010203040000000000000000");
    assert_string_equal(network_of(v6, 16, 32, 61),
                        "20010db8010203000000000000000000");
    assert_string_equal(network_of(v6, 16, 32, 1),
                        "00000000000000000000000000000000");
}


/* or all of IPv4 were one network on "listen [::]:80 ipv6only=off" */

static void
test_a_mapped_address_is_ipv4(void **state)
{
    u_char  mapped[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

    memcpy(mapped + 12, v4, 4);

    assert_string_equal(network_of(mapped, 16, 24, 64),
                        "00000000000000000000ffffc0000200");
}


static void
test_no_address(void **state)
{
    assert_string_equal(network_of((const u_char *) "/tmp/s", 6, 32, 64),
                        "00000000000000000000000000000000");
    assert_string_equal(network_of(NULL, 0, 32, 128),
                        "00000000000000000000000000000000");
}


static void
test_keys_differ_by_id_and_network(void **state)
{
    u_char  other[4] = { 192, 0, 2, 130 };

    assert_int_equal(strlen(key_of(v4, 4, "a", 1)), EVENTS_GUEST_TEXT);
    assert_string_equal(key_of(v4, 4, "a", 1), key_of(v4, 4, "a", 1));
    assert_string_not_equal(key_of(v4, 4, "a", 1), key_of(v4, 4, "b", 1));
    assert_string_not_equal(key_of(v4, 4, "a", 1), key_of(other, 4, "a", 1));
    assert_string_not_equal(key_of(v4, 4, "a", 1), key_of(v4, 4, "", 0));
}


/* printf '\0\0\0\0\0\0\0\0\0\0\377\377\300\0\2\201a' | sha256sum */

static void
test_key_is_half_of_a_digest(void **state)
{
    assert_string_equal(key_of(v4, 4, "a", 1),
                        "9c2c87423164aac9067e356dceeb11a8");
}


static void
test_an_id_that_is_too_long_is_none(void **state)
{
    char  id[70000];

    memset(id, 'x', sizeof(id));

    assert_string_not_equal(key_of(v4, 4, id, EVENTS_GUEST_MAX_ID),
                            key_of(v4, 4, NULL, 0));
    assert_string_equal(key_of(v4, 4, id, EVENTS_GUEST_MAX_ID + 1),
                        key_of(v4, 4, NULL, 0));
    assert_string_equal(key_of(v4, 4, id, sizeof(id)),
                        key_of(v4, 4, NULL, 0));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_ipv4_network),
        cmocka_unit_test(test_ipv6_network),
        cmocka_unit_test(test_a_mapped_address_is_ipv4),
        cmocka_unit_test(test_no_address),
        cmocka_unit_test(test_keys_differ_by_id_and_network),
        cmocka_unit_test(test_key_is_half_of_a_digest),
        cmocka_unit_test(test_an_id_that_is_too_long_is_none)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
