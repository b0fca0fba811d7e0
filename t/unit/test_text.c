
#include "unit_json.h"

#include "events_text.h"


static void
check_escape(const char *text, size_t size, const char *expected)
{
    char          *dst;
    size_t         len;
    events_str_t   str;

    dst = malloc(size);
    str = unit_str(text);
    len = events_text_escape(dst, size, &str);

    assert_string_equal(dst, expected);
    assert_int_equal(len, strlen(expected));

    free(dst);
}


static void
test_escape(void **state)
{
    check_escape("", 4, "");
    check_escape("/a b~0'<", 16, "/a b~0'<");
    check_escape("\x01\n\x1F \x7F\"\\", 64, "\\x01\\x0A\\x1F \\x7F\\x22\\x5C");

    /* also what a terminal might act on: C1 controls, changes of direction */

    check_escape("\xC2\x9B" "a\xE2\x80\xAE", 64, "\\xC2\\x9Ba\\xE2\\x80\\xAE");
}


static void
test_escape_cuts(void **state)
{
    check_escape("abcdef", 10, "abcdef");
    check_escape("abcdef", 9, "abcde...");
    check_escape("abcdef", 4, "...");
    check_escape("a\n\n", 12, "a\\x0A...");
    check_escape("a\n\n", 8, "a...");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_escape_cuts)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
