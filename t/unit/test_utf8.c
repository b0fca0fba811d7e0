
#include "unit_json.h"

#include "events_utf8.h"


typedef struct {
    const char  *text;
    size_t       valid;     /* bytes of it */
} valid_t;


typedef struct {
    uint32_t     code;
    const char  *text;
} encode_t;


/* bytes of the valid prefix, by RFC 3629's own grammar of one character */

static size_t
by_grammar(const u_char *p, size_t len)
{
#define tail(i)  (len > i && p[i] >= 0x80 && p[i] <= 0xBF)
#define in(i, a, b)  (len > i && p[i] >= a && p[i] <= b)

    return in(0, 0x00, 0x7F) ? 1
           : (in(0, 0xC2, 0xDF) && tail(1)) ? 2
           : (in(0, 0xE0, 0xE0) && in(1, 0xA0, 0xBF) && tail(2)) ? 3
           : (in(0, 0xE1, 0xEC) && tail(1) && tail(2)) ? 3
           : (in(0, 0xED, 0xED) && in(1, 0x80, 0x9F) && tail(2)) ? 3
           : (in(0, 0xEE, 0xEF) && tail(1) && tail(2)) ? 3
           : (in(0, 0xF0, 0xF0) && in(1, 0x90, 0xBF) && tail(2) && tail(3)) ? 4
           : (in(0, 0xF1, 0xF3) && tail(1) && tail(2) && tail(3)) ? 4
           : (in(0, 0xF4, 0xF4) && in(1, 0x80, 0x8F) && tail(2) && tail(3)) ? 4
           : 0;
}


static void
test_char_against_grammar(void **state)
{
    u_char    p[4];
    unsigned  a, b, c, n;

    /* the third and fourth bytes matter by their class alone */

    static const u_char  classes[] = {
        0x00, 0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF
    };

    for (a = 0; a < 256; a++) {
        for (b = 0; b < 256; b++) {
            for (c = 0; c < unit_nelts(classes) * unit_nelts(classes); c++) {
                p[0] = a;
                p[1] = b;
                p[2] = classes[c % unit_nelts(classes)];
                p[3] = classes[c / unit_nelts(classes)];

                for (n = 1; n <= 4; n++) {
                    if (events_utf8_char(p, n) != by_grammar(p, n)) {
                        fail_msg("%02x %02x %02x %02x, %u bytes", a, b, p[2],
                                 p[3], n);
                    }
                }
            }
        }
    }
}


static void
test_valid(void **state)
{
    size_t    len, valid;
    u_char   *text;
    unsigned  i;

    static const valid_t  cases[] = {
        { "", 0 },
        { "a", 1 },
        { "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9 },
        { "ab\xC0\xAF", 2 },
        { "ab\xC1\xBF", 2 },
        { "\xE0\x9F\xBF", 0 },
        { "\xED\xA0\x80", 0 },
        { "\xED\x9F\xBF\xEE\x80\x80", 6 },
        { "\xF0\x8F\xBF\xBF", 0 },
        { "\xF4\x8F\xBF\xBF", 4 },
        { "\xF4\x90\x80\x80", 0 },
        { "\xF5\x80\x80\x80", 0 },
        { "a\x80", 1 },
        { "a\xFF", 1 },
        { "a\xC3", 1 },
        { "a\xE2\x82", 1 },
        { "a\xF0\x9F\x98", 1 },
        { "a\xC3(", 1 }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        len = strlen(cases[i].text);
        text = unit_copy(cases[i].text, len);
        valid = events_utf8_valid(text, len);

        if (valid != cases[i].valid) {
            fail_msg("case %u: %zu bytes", i, valid);
        }

        free(text);
    }
}


/* 32 bytes a step: the odd byte stands at each place of two steps */

static void
test_valid_at_each_place(void **state)
{
    size_t   len, i;
    u_char  *text;

    for (len = 1; len <= 70; len++) {
        for (i = 0; i < len; i++) {
            text = malloc(len);
            memset(text, 'a', len);

            text[i] = 0x80;
            assert_int_equal(events_utf8_valid(text, len), i);

            text[i] = 0xC3;

            if (i + 1 < len) {
                text[i + 1] = 0xA9;
                assert_int_equal(events_utf8_valid(text, len), len);

            } else {
                assert_int_equal(events_utf8_valid(text, len), i);
            }

            free(text);
        }
    }
}


static void
test_length_and_size(void **state)
{
    const char  *text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";

    assert_int_equal(events_utf8_length((const u_char *) text, 10), 4);
    assert_int_equal(events_utf8_length((const u_char *) text, 0), 0);

    assert_int_equal(events_utf8_size('a'), 1);
    assert_int_equal(events_utf8_size(0x7F), 1);
    assert_int_equal(events_utf8_size(0xC3), 2);
    assert_int_equal(events_utf8_size(0xE2), 3);
    assert_int_equal(events_utf8_size(0xF0), 4);
}


static void
test_encode(void **state)
{
    size_t    len;
    u_char    out[4];
    unsigned  i;

    static const encode_t  cases[] = {
        { 0x01, "\x01" },
        { 0x7F, "\x7F" },
        { 0x80, "\xC2\x80" },
        { 0x7FF, "\xDF\xBF" },
        { 0x800, "\xE0\xA0\x80" },
        { 0xD7FF, "\xED\x9F\xBF" },
        { 0xE000, "\xEE\x80\x80" },
        { 0xFFFF, "\xEF\xBF\xBF" },
        { 0x10000, "\xF0\x90\x80\x80" },
        { 0x10FFFF, "\xF4\x8F\xBF\xBF" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        len = events_utf8_encode(out, cases[i].code);

        assert_int_equal(len, strlen(cases[i].text));
        assert_memory_equal(out, cases[i].text, len);
        assert_int_equal(events_utf8_char(out, len), len);
        assert_int_equal(events_utf8_size(out[0]), len);
    }

    assert_int_equal(events_utf8_encode(out, 0), 1);
    assert_int_equal(out[0], 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_char_against_grammar),
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_valid_at_each_place),
        cmocka_unit_test(test_length_and_size),
        cmocka_unit_test(test_encode)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
