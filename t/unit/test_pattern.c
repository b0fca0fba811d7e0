
#include "unit.h"

#include "events_pattern.h"

#include <time.h>


/* of a match that is given up, with a margin for slow machines */
#define PATTERN_MAX_SECONDS  0.15


typedef struct {
    const char        *pattern;
    const char        *subject;
    events_pattern_e   result;
} pattern_case_t;


static events_pattern_t *
compile(const char *text)
{
    char               errstr[128];
    events_str_t       source;
    events_pattern_t  *pattern;

    source.data = (const unsigned char *) text;
    source.len = strlen(text);

    pattern = events_pattern_compile(&source, errstr, sizeof(errstr));
    if (pattern == NULL) {
        fail_msg("%s: %s", text, errstr);
    }

    return pattern;
}


static events_pattern_e
match(const events_pattern_t *pattern, const char *text, size_t len)
{
    events_str_t  subject;

    subject.data = (const unsigned char *) text;
    subject.len = len;

    return events_pattern_match(pattern, &subject);
}


static void
test_match(void **state)
{
    unsigned           i;
    events_pattern_t  *pattern;

    static const pattern_case_t  cases[] = {
        { "^[a-z][a-z0-9_.]*$", "video.play_started", EVENTS_PATTERN_MATCH },
        { "^[a-z][a-z0-9_.]*$", "v", EVENTS_PATTERN_MATCH },
        { "^[a-z][a-z0-9_.]*$", "", EVENTS_PATTERN_MISMATCH },
        { "^[a-z][a-z0-9_.]*$", "Video", EVENTS_PATTERN_MISMATCH },
        { "^[a-z][a-z0-9_.]*$", "video play", EVENTS_PATTERN_MISMATCH },
        { "^[a-z][a-z0-9_.]*$", "video\n", EVENTS_PATTERN_MISMATCH },
        { "", "", EVENTS_PATTERN_MATCH },
        { "", "a", EVENTS_PATTERN_MATCH },

        /* not anchored, as JSON Schema has it */

        { "b", "abc", EVENTS_PATTERN_MATCH },
        { "^b", "abc", EVENTS_PATTERN_MISMATCH },
        { "b$", "abc", EVENTS_PATTERN_MISMATCH },
        { "c$", "abc\n", EVENTS_PATTERN_MISMATCH },
        { "^b", "a\nb", EVENTS_PATTERN_MISMATCH },

        /* characters, not bytes */

        { "^.$", "\xc3\xa9", EVENTS_PATTERN_MATCH },
        { "^.$", "\xf0\x9f\x98\x80", EVENTS_PATTERN_MATCH },
        { "^..$", "\xc3\xa9", EVENTS_PATTERN_MISMATCH },
        { "^[\xc3\xa0-\xc3\xbf]+$", "\xc3\xa9\xc3\xa8", EVENTS_PATTERN_MATCH },
        { "^\\u00e9$", "\xc3\xa9", EVENTS_PATTERN_MATCH },
        { "^\\u{1F600}$", "\xf0\x9f\x98\x80", EVENTS_PATTERN_MATCH },
        { "^\\x41$", "A", EVENTS_PATTERN_MATCH },

        /* ASCII only, as in ECMA-262 */

        { "^\\d$", "5", EVENTS_PATTERN_MATCH },
        { "^\\d$", "\xd9\xa3", EVENTS_PATTERN_MISMATCH },
        { "^\\w$", "_", EVENTS_PATTERN_MATCH },
        { "^\\w$", "\xc3\xa9", EVENTS_PATTERN_MISMATCH },

        /* no line end of ASCII */

        { "^.$", "\n", EVENTS_PATTERN_MISMATCH },
        { "^.$", "\r", EVENTS_PATTERN_MISMATCH },

        { "^[]$", "a", EVENTS_PATTERN_MISMATCH },
        { "^[^]$", "\n", EVENTS_PATTERN_MATCH },
        { "^(?:(a)|b)\\1$", "b", EVENTS_PATTERN_MATCH },
        { "^(?=.*\\d)(?!.*x).{3}$", "a1b", EVENTS_PATTERN_MATCH },
        { "^(?=.*\\d)(?!.*x).{3}$", "a1x", EVENTS_PATTERN_MISMATCH },
        { "^\\$ref$", "$ref", EVENTS_PATTERN_MATCH }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        pattern = compile(cases[i].pattern);

        if (match(pattern, cases[i].subject, strlen(cases[i].subject))
            != cases[i].result)
        {
            fail_msg("%s on \"%s\": not %d", cases[i].pattern,
                     cases[i].subject, cases[i].result);
        }

        events_pattern_destroy(pattern);
    }
}


static void
test_zero_byte(void **state)
{
    events_pattern_t  *pattern;

    pattern = compile("^a.b$");

    assert_int_equal(match(pattern, "a\0b", 3), EVENTS_PATTERN_MATCH);
    assert_int_equal(match(pattern, "a\0c", 3), EVENTS_PATTERN_MISMATCH);

    events_pattern_destroy(pattern);
}


static void
test_error(void **state)
{
    char          errstr[128];
    unsigned      i;
    events_str_t  source;

    static const char *patterns[] = {
        "(", "a{2,1}", "[b-a]", "*", "(?<a", "\\C", "a)", "\\p{Nonsense}",
        "\xff"
    };

    for (i = 0; i < unit_nelts(patterns); i++) {
        source.data = (const unsigned char *) patterns[i];
        source.len = strlen(patterns[i]);
        errstr[0] = '\0';

        if (events_pattern_compile(&source, errstr, sizeof(errstr))) {
            fail_msg("%s: compiles", patterns[i]);
        }

        assert_string_not_equal(errstr, "");
    }
}


/* a short buffer for the message is filled and not overrun */

static void
test_error_size(void **state)
{
    char          *errstr;
    size_t         size;
    events_str_t   source = events_string("a(");

    for (size = 1; size < 80; size++) {
        errstr = malloc(size);
        assert_non_null(errstr);
        memset(errstr, 'x', size);

        assert_null(events_pattern_compile(&source, errstr, size));
        assert_non_null(memchr(errstr, '\0', size));

        free(errstr);
    }
}


/* patterns that take exponential time are given up soon */

static void
test_limit(void **state)
{
    char              *subject;
    size_t             len;
    clock_t            start;
    unsigned           i;
    events_pattern_t  *pattern;

    static const char *patterns[] = {
        "^(a+)+$", "^(a|aa)+$", "^(a|a)*$", "(a*)*b", "a+a+[bc]",
        "(x+x+)+y|^(\\w+\\s?)*$", "^a*a*a*[bc]", "(a|b)*[cd]"
    };

    len = 256 * 1024;

    subject = malloc(len);
    assert_non_null(subject);

    for (i = 0; i < unit_nelts(patterns); i++) {
        pattern = compile(patterns[i]);

        memset(subject, 'a', len);
        subject[40] = '!';

        start = clock();
        assert_int_not_equal(match(pattern, subject, 41),
                             EVENTS_PATTERN_MATCH);
        assert_true(clock() - start < PATTERN_MAX_SECONDS * CLOCKS_PER_SEC);

        subject[40] = 'a';
        subject[len - 1] = '!';

        start = clock();
        (void) match(pattern, subject, len);
        assert_true(clock() - start < PATTERN_MAX_SECONDS * CLOCKS_PER_SEC);

        events_pattern_destroy(pattern);
    }

    pattern = compile("^(a+)+$");
    assert_int_equal(match(pattern, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
                           40),
                     EVENTS_PATTERN_LIMIT);
    assert_int_equal(match(pattern, "aaaa", 4), EVENTS_PATTERN_MATCH);
    events_pattern_destroy(pattern);

    free(subject);
}


/* what is usual does not come near the limit, however long the text */

static void
test_long_subject(void **state)
{
    char              *subject;
    size_t             len;
    unsigned           i;
    events_pattern_t  *pattern;

    static const char *patterns[] = {
        "^[a-z]*$", "^.*$", "\\S", "^[^ ]+$"
    };

    len = 256 * 1024;

    subject = malloc(len);
    assert_non_null(subject);
    memset(subject, 'a', len);

    for (i = 0; i < unit_nelts(patterns); i++) {
        pattern = compile(patterns[i]);

        if (match(pattern, subject, len) != EVENTS_PATTERN_MATCH) {
            fail_msg("%s does not match", patterns[i]);
        }

        events_pattern_destroy(pattern);
    }

    /* groups that repeat have to remember where they have been */

    pattern = compile("^(?:[a-z][a-z])+$");
    assert_int_equal(match(pattern, subject, 4 * 1024),
                     EVENTS_PATTERN_MATCH);
    events_pattern_destroy(pattern);

    free(subject);
}


static void
test_destroy_null(void **state)
{
    events_pattern_destroy(NULL);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_zero_byte),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_error_size),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_long_subject),
        cmocka_unit_test(test_destroy_null)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
