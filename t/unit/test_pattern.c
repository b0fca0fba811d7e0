
#include "unit.h"

#include "events_pattern_internal.h"


#define PATTERN_LONG  (256 * 1024)


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


/* with PCRE2, whatever the expression */

static events_pattern_t *
compile_pcre(const char *text)
{
    char               errstr[128];
    events_str_t       source;
    events_pattern_t  *pattern;

    source.data = (const unsigned char *) text;
    source.len = strlen(text);

    pattern = events_pattern_compile_pcre(&source, errstr, sizeof(errstr));
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
    unsigned               i;
    events_pattern_t      *pattern;
    const pattern_case_t  *one;

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
        { "^\\$ref$", "$ref", EVENTS_PATTERN_MATCH },

        /* line ends that "." stops at, and no others */

        { "^.$", "\xe2\x80\xa8", EVENTS_PATTERN_MISMATCH },
        { "^.$", "\xe2\x80\xa9", EVENTS_PATTERN_MISMATCH },
        { "^.$", "\xc2\x85", EVENTS_PATTERN_MATCH },
        { "^.$", "\x0b", EVENTS_PATTERN_MATCH },
        { "^a$", "a\n", EVENTS_PATTERN_MISMATCH },

        /* white space is that of Unicode, and a byte order mark */

        { "^\\s$", "\xc2\xa0", EVENTS_PATTERN_MATCH },
        { "^\\s$", "\xef\xbb\xbf", EVENTS_PATTERN_MATCH },
        { "^\\s$", "\xe2\x80\x83", EVENTS_PATTERN_MATCH },
        { "^\\s$", "\x0b", EVENTS_PATTERN_MATCH },
        { "^\\s$", "\xe1\xa0\x8e", EVENTS_PATTERN_MISMATCH },
        { "^\\s$", "\xe2\x80\x8b", EVENTS_PATTERN_MISMATCH },
        { "^\\s$", "\xc2\x85", EVENTS_PATTERN_MISMATCH },
        { "^\\S$", "\xc2\xa0", EVENTS_PATTERN_MISMATCH },
        { "^\\S$", "\xc2\x85", EVENTS_PATTERN_MATCH },
        { "^[^\\S]$", "\xe3\x80\x80", EVENTS_PATTERN_MATCH },
        { "^[\\S\\s]$", "\xe3\x80\x80", EVENTS_PATTERN_MATCH },
        { "^[\\s-]$", "-", EVENTS_PATTERN_MATCH },

        /* escapes */

        { "^\\cC$", "\x03", EVENTS_PATTERN_MATCH },
        { "^\\cc$", "\x03", EVENTS_PATTERN_MATCH },
        { "^[\\b]$", "\x08", EVENTS_PATTERN_MATCH },
        { "^\\/$", "/", EVENTS_PATTERN_MATCH },
        { "^[\\-]$", "-", EVENTS_PATTERN_MATCH },
        { "^\\uD83D\\uDE00$", "\xf0\x9f\x98\x80", EVENTS_PATTERN_MATCH },
        { "^[\\uD83D\\uDE00-\\u{1F602}]$", "\xf0\x9f\x98\x81",
          EVENTS_PATTERN_MATCH },
        { "^\\uD83D$", "\xf0\x9f\x98\x80", EVENTS_PATTERN_MISMATCH },
        { "^[\\uD800-\\uE001]$", "\xee\x80\x80", EVENTS_PATTERN_MATCH },
        { "^[^\\uD83D]$", "\xf0\x9f\x98\x80", EVENTS_PATTERN_MATCH },
        { "^\\t\\v\\f$", "\t\x0b\x0c", EVENTS_PATTERN_MATCH },
        { "^[[:alph]$", ":", EVENTS_PATTERN_MATCH },
        { "^\\u{000061}$", "a", EVENTS_PATTERN_MATCH },
        { "^.\\B.$", "\xc3\xa9\xc3\xa8", EVENTS_PATTERN_MATCH },

        /* properties, with the names of ECMA-262 */

        { "^\\p{Letter}\\p{L}$", "\xc3\xa9\xce\xb1", EVENTS_PATTERN_MATCH },
        { "^\\p{digit}$", "\xe0\xa7\xaa", EVENTS_PATTERN_MATCH },
        { "^\\p{gc=Lu}$", "A", EVENTS_PATTERN_MATCH },
        { "^\\p{General_Category=Uppercase_Letter}$", "a",
          EVENTS_PATTERN_MISMATCH },
        { "^\\p{Script=Greek}$", "\xce\xb1", EVENTS_PATTERN_MATCH },
        { "^\\p{sc=Grek}$", "a", EVENTS_PATTERN_MISMATCH },
        { "^\\p{scx=Greek}$", "\xce\xb1", EVENTS_PATTERN_MATCH },
        { "^\\P{ASCII}$", "\xc3\xa9", EVENTS_PATTERN_MATCH },
        { "^\\p{ASCII}$", "\xc3\xa9", EVENTS_PATTERN_MISMATCH },
        { "^\\p{Assigned}$", "a", EVENTS_PATTERN_MATCH },
        { "^\\p{Any}$", "\n", EVENTS_PATTERN_MATCH },
        { "^[\\P{Any}]?$", "a", EVENTS_PATTERN_MISMATCH },
        { "^[^\\p{L}]$", "1", EVENTS_PATTERN_MATCH },
        { "^\\p{Alphabetic}\\p{Lowercase}$", "Aa", EVENTS_PATTERN_MATCH },
        { "^\\p{White_Space}$", " ", EVENTS_PATTERN_MATCH },

        /* groups, and references to them */

        { "^(?<year>\\d{4})-\\k<year>$", "2026-2026", EVENTS_PATTERN_MATCH },
        { "^(?<year>\\d{4})-\\k<year>$", "2026-2027", EVENTS_PATTERN_MISMATCH },
        { "^\\k<n>(?<n>a)$", "a", EVENTS_PATTERN_MATCH },
        { "^(?<$\xc3\xa9>a)\\k<$\\u00e9>$", "aa", EVENTS_PATTERN_MATCH },
        { "^(a\\1)$", "a", EVENTS_PATTERN_MATCH },
        { "^\\1(a)$", "a", EVENTS_PATTERN_MATCH },
        { "^(?:(['\"])[^'\"]*\\1,?)*$", "\"a\",'b'", EVENTS_PATTERN_MATCH },
        { "^(?:(['\"])[^'\"]*\\1,?)*$", "\"a'", EVENTS_PATTERN_MISMATCH },
        { "^(?:(a)|b)\\1{2,}$", "b", EVENTS_PATTERN_MATCH },
        { "(?<=\\$)\\d", "$5", EVENTS_PATTERN_MATCH },
        { "(?<!\\$)\\d", "$5", EVENTS_PATTERN_MISMATCH },
        { "^(){0}\\1a$", "a", EVENTS_PATTERN_MATCH },

        /* what never comes, and what comes no time */

        { "^[]{0}a$", "a", EVENTS_PATTERN_MATCH },
        { "^[]*a$", "a", EVENTS_PATTERN_MATCH },
        { "^(?:[])+$", "", EVENTS_PATTERN_MISMATCH },
        { "^a{0}b$", "b", EVENTS_PATTERN_MATCH },
        { "(?=(?:a(?<=b)|a){0}b)", "b", EVENTS_PATTERN_MATCH },
        { "^(?:a?){3}$", "aaa", EVENTS_PATTERN_MATCH },
        { "^(?:a?){3}$", "aaaa", EVENTS_PATTERN_MISMATCH },
        { "^(?:a|b?)+c$", "abc", EVENTS_PATTERN_MATCH },
        { "^a{2,3}$", "a", EVENTS_PATTERN_MISMATCH },
        { "^a{2,3}$", "aaa", EVENTS_PATTERN_MATCH },
        { "^a{2,3}$", "aaaa", EVENTS_PATTERN_MISMATCH },
        { "^a{2,}?$", "aaaa", EVENTS_PATTERN_MATCH },
        { "^(?:ab){2}$", "abab", EVENTS_PATTERN_MATCH },
        { "^(?:ab){2}$", "aba", EVENTS_PATTERN_MISMATCH },
        { "^(?:(?:a|b){2}c){2,}$", "abcbac", EVENTS_PATTERN_MATCH },

        /* anchors, wherever they are */

        { "^a|b$", "ac", EVENTS_PATTERN_MATCH },
        { "^a|b$", "cb", EVENTS_PATTERN_MATCH },
        { "^a|b$", "ca", EVENTS_PATTERN_MISMATCH },
        { "^$", "", EVENTS_PATTERN_MATCH },
        { "^$", "a", EVENTS_PATTERN_MISMATCH },
        { "a*$", "b", EVENTS_PATTERN_MATCH },
        { "^a*", "b", EVENTS_PATTERN_MATCH },
        { "(^a|b)c", "ac", EVENTS_PATTERN_MATCH },
        { "(^a|b)c", "xac", EVENTS_PATTERN_MISMATCH },
        { "a(b$|c)", "xab", EVENTS_PATTERN_MATCH },
        { "a(b$|c)", "xabd", EVENTS_PATTERN_MISMATCH },
        { "a^", "a", EVENTS_PATTERN_MISMATCH },
        { "$a", "a", EVENTS_PATTERN_MISMATCH }
    };

    for (i = 0; i < 2 * unit_nelts(cases); i++) {
        one = &cases[i / 2];
        pattern = (i % 2) ? compile_pcre(one->pattern)
                          : compile(one->pattern);

        if (match(pattern, one->subject, strlen(one->subject)) != one->result)
        {
            fail_msg("%s on \"%s\": not %d", one->pattern, one->subject,
                     one->result);
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


/* what is not of ECMA-262, or PCRE2 cannot do as it says */

static void
test_error(void **state)
{
    char          errstr[160];
    unsigned      i;
    events_str_t  source;

    static const char *patterns[][2] = {
        { "(", "at byte 1: a \")\" is missing" },
        { "a)", "at byte 1: \")\" must be escaped, or closes nothing" },
        { "a{2,1}", "at byte 1: the counts are out of order" },
        { "a{,2}", "{2}, {2,} or {2,3}" },
        { "[b-a]", "at byte 1: the range is out of order" },
        { "[\\d-z]", "escape the \"-\"" },
        { "[a", "at byte 0: a \"]\" is missing" },
        { "*", "at byte 0: there is nothing to repeat" },
        { "^*", "nothing to repeat" },
        { "(?=a)+", "nothing to repeat" },
        { "a++", "possessive" },
        { "a{2}{3}", "double counts" },
        { "(?>a)", "atomic groups" },
        { "(?i)a", "flags" },
        { "(?i:a)", "flags" },
        { "(?#a)", "comments" },
        { "(?P<a>b)", "\"(?<name>\"" },
        { "(?R)", "recursion" },
        { "(?1)", "recursion" },
        { "(?(1)a)", "conditions" },
        { "(?|a)", "branch reset" },
        { "(*FAIL)", "\"(*\"" },
        { "(?a)", "group" },
        { "(?<a", "name" },
        { "(?<1>a)", "name" },
        { "(?<a>b)(?<a>c)", "at byte 7: two groups have the same name" },
        { "\\k<a>", "refers to a group that is not there" },
        { "\\k", "<name>" },
        { "(a)\\2", "at byte 3: refers to a group that is not there" },
        { "\\A", "\"^\" is" },
        { "\\Z", "\"$\" is" },
        { "\\z", "\"$\" is" },
        { "\\G", "\\G" },
        { "\\K", "\\K" },
        { "\\Qa\\E", "\\Q" },
        { "\\C", "escape of ECMA-262" },
        { "\\_", "escape of ECMA-262" },
        { "\\01", "escape of ECMA-262" },
        { "\\c1", "escape of ECMA-262" },
        { "[\\B]", "escape of ECMA-262" },
        { "\\", "behind the \"\\\"" },
        { "\\x1", "hex digit" },
        { "\\u123", "hex digit" },
        { "\\u{110000}", "code point" },
        { "\\u{110001}", "code point" },
        { "\\u{11000011111}", "code point" },
        { "\\u{}", "code point" },
        { "\\p", "{name}" },
        { "\\p{Nonsense}", "property" },
        { "\\p{Greek}", "property" },
        { "\\p{letter}", "property" },
        { "\\p{gc=Alphabetic}", "property" },
        { "\\p{Script=greek}", "script" },
        { "\\p{Script=Nonsense}", "PCRE2 says: " },
        { "[[:alpha:]]", "[:alpha:]" },
        { "a]", "\"]\"" },
        { "{", "escaped" },
        { "\xff", "UTF-8" },
        { "\xc3", "UTF-8" },

        /* where the two would not mean the same */

        { "(?:(a)|b)*\\1", "refers back" },
        { "(a*)*\\1", "refers back" },
        { "(?:\\b(a)?\\1)*", "refers back" },
        { "(?<=(a)\\1)b", "refers back" },
        { "(?<=(a))\\1", "refers back" },
        { "(?<=a+)b", "PCRE2 says: lookbehind" },

        /* too large */

        { "(?:a{1,1000}b){1,60000}", "too large" },
        { "(?:(?:(?:a|bc){99}){99}){99}(?=a)", "too large" },
        { "a{1,65536}", "PCRE2 says: number too big" },
        { "(?=a)(?:a{4294967296}){4294967296}", "too large" }
    };

    for (i = 0; i < unit_nelts(patterns); i++) {
        source.data = (const unsigned char *) patterns[i][0];
        source.len = strlen(patterns[i][0]);
        errstr[0] = '\0';

        if (events_pattern_compile(&source, errstr, sizeof(errstr))) {
            fail_msg("%s: compiles", patterns[i][0]);
        }

        if (strstr(errstr, patterns[i][1]) == NULL) {
            fail_msg("%s: %s", patterns[i][0], errstr);
        }
    }
}


/* expressions too long, or with groups too deep */

static void
test_error_long(void **state)
{
    char           errstr[160];
    size_t         len;
    unsigned char *text;
    events_str_t   source;

    len = 1024 * 1024;

    text = malloc(len);
    assert_non_null(text);

    memset(text, 'a', len);
    source.data = text;
    source.len = len;

    assert_null(events_pattern_compile(&source, errstr, sizeof(errstr)));
    assert_non_null(strstr(errstr, "longer than"));
    assert_true(events_pattern_valid(&source));

    memset(text, '(', len);
    source.len = 1000;

    assert_null(events_pattern_compile(&source, errstr, sizeof(errstr)));
    assert_non_null(strstr(errstr, "too deep"));
    assert_false(events_pattern_valid(&source));

    free(text);
}


/* the format "regex" takes what is right, be it of use here or not */

static void
test_valid(void **state)
{
    unsigned      i;
    events_str_t  source;

    static const char *valid[] = {
        "", "a", "(?<=a+)b", "(?:(a)|b)*\\1", "a{1,99999999999999999999}",
        "\\p{Script=Xyzzy}", "(?<a>b)\\k<a>", "[]", "[^]", "\\cA"
    };

    static const char *invalid[] = {
        "(", "\\a", "(?P<a>b)", "(?#a)", "(?i)a", "^(abc]", "a**", "\\1",
        "a{2,1}", "a{99999999999,1}"
    };

    for (i = 0; i < unit_nelts(valid); i++) {
        source.data = (const unsigned char *) valid[i];
        source.len = strlen(valid[i]);

        if (!events_pattern_valid(&source)) {
            fail_msg("%s: not valid", valid[i]);
        }
    }

    for (i = 0; i < unit_nelts(invalid); i++) {
        source.data = (const unsigned char *) invalid[i];
        source.len = strlen(invalid[i]);

        if (events_pattern_valid(&source)) {
            fail_msg("%s: valid", invalid[i]);
        }
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


/* where PCRE2 would take exponential time there is an automaton */

static void
test_linear(void **state)
{
    char              *subject;
    unsigned           i;
    events_pattern_t  *pattern;

    static const char *patterns[] = {
        "^(a+)+$", "^(a|aa)+$", "^(a|a)*$", "^(?:(?:a*)*)*$", "a+a+[bc]",
        "(x+x+)+y|^(\\w+\\s?)*$", "^a*a*a*[bc]", "^(a|b)*[cd]",
        "^(?:a|a?){1,9}$", "^(([a-z])+.)+[A-Z]([a-z])+$"
    };

    subject = malloc(PATTERN_LONG);
    assert_non_null(subject);

    memset(subject, 'a', PATTERN_LONG);
    subject[PATTERN_LONG - 1] = '!';

    for (i = 0; i < unit_nelts(patterns); i++) {
        pattern = compile(patterns[i]);

        if (match(pattern, subject, PATTERN_LONG) != EVENTS_PATTERN_MISMATCH) {
            fail_msg("%s: no mismatch", patterns[i]);
        }

        events_pattern_destroy(pattern);
    }

    free(subject);
}


/*
 * With PCRE2 the limit is one on work, wherever the match began and however
 * far one step went: none of these comes to an end by itself, on subjects
 * short and long.
 */

static void
test_limit(void **state)
{
    char              *subject;
    unsigned           i, k;
    events_pattern_t  *pattern;

    static const char *patterns[] = {
        "^(?=(a+)+$)", "(?:(?=a)a+)+$", "(?!x)(a|aa)+$", "^(\\p{L}+ ?)+$",
        "^(.*a){12}(?=x)", "(?:a?){300}(?=x)", "^(?:(a)\\1?b?)*$",
        "(?=(\\w+\\s?)*$)\\p{L}", "(?:(?:a*)*)*(?=[bc])"
    };

    static const size_t  sizes[] = { 41, 1000, 20000, PATTERN_LONG };

    subject = malloc(PATTERN_LONG);
    assert_non_null(subject);

    for (i = 0; i < unit_nelts(patterns); i++) {
        pattern = compile(patterns[i]);

        for (k = 0; k < unit_nelts(sizes); k++) {
            memset(subject, 'a', PATTERN_LONG);
            subject[sizes[k] - 1] = '!';

            if (match(pattern, subject, sizes[k]) != EVENTS_PATTERN_LIMIT) {
                fail_msg("%s: no limit at %zu", patterns[i], sizes[k]);
            }
        }

        /* and it does not last */

        (void) match(pattern, "a", 1);
        assert_int_not_equal(match(pattern, "b", 1), EVENTS_PATTERN_LIMIT);

        events_pattern_destroy(pattern);
    }

    free(subject);
}


/* one place after another to begin at, each good for a long way */

static void
test_limit_starts(void **state)
{
    char              *subject;
    unsigned           i;
    events_pattern_t  *pattern;

    static const char *patterns[] = {
        "[ab]+(?=[cd])", "\\p{L}+\\d", "\\b(?:x|[ab]+)\\b[cd]|(?=a)\\w+[cd]",
        "(a+)\\1[cd]"
    };

    subject = malloc(PATTERN_LONG);
    assert_non_null(subject);
    memset(subject, 'a', PATTERN_LONG);

    for (i = 0; i < unit_nelts(patterns); i++) {
        pattern = compile(patterns[i]);

        if (match(pattern, subject, PATTERN_LONG) != EVENTS_PATTERN_LIMIT) {
            fail_msg("%s: no limit", patterns[i]);
        }

        events_pattern_destroy(pattern);
    }

    free(subject);
}


/* what is usual does not come near the limit, however long the text */

static void
test_long_subject(void **state)
{
    char              *subject;
    unsigned           i;
    events_pattern_t  *pattern;

    static const char *patterns[] = {
        "^[a-z]*$", "^.*$", "\\S", "^[^ ]+$", "^\\p{L}*$", "^(?!b)[a-z]*$",
        "a$", "\\ba", "^(?:[a-z][a-z])+$"
    };

    subject = malloc(PATTERN_LONG);
    assert_non_null(subject);
    memset(subject, 'a', PATTERN_LONG);

    for (i = 0; i < unit_nelts(patterns); i++) {
        pattern = compile(patterns[i]);

        if (match(pattern, subject, PATTERN_LONG) != EVENTS_PATTERN_MATCH) {
            fail_msg("%s does not match", patterns[i]);
        }

        events_pattern_destroy(pattern);
    }

    /* groups that repeat have to remember where they have been */

    pattern = compile("^(?:\\p{L}[a-z])+$");
    assert_int_equal(match(pattern, subject, 4 * 1024),
                     EVENTS_PATTERN_MATCH);
    events_pattern_destroy(pattern);

    free(subject);
}


/* the automaton against PCRE2: random expressions, random subjects */

static void
test_engines(void **state)
{
    char               text[256], subject[16];
    size_t             len;
    unsigned           i, k, n, nmatches, nmismatches;
    events_pattern_t  *one, *two;
    events_pattern_e   result;

    static const char *parts[] = {
        "a", "b", "[ab]", "[^a]", ".", "\\d", "\\W", "c{2}", "(?:ab|c)",
        "(?:a|)", "(?:b*a){2}", "[a-c]{1,3}", "\xc3\xa9", "[^\\x00-\\x7f]"
    };

    static const char *counts[] = {
        "", "", "", "", "*", "+", "?", "{0,2}", "{2,}", "{0}", "|"
    };

    static const char *pieces[] = {
        "a", "b", "c", "cc", "1", "\n", "\xc3\xa9", "\xe2\x80\xa8"
    };

    srand(1);
    nmatches = 0;
    nmismatches = 0;

    for (i = 0; i < 3000; i++) {
        len = sprintf(text, "%s", (rand() % 3) ? "^" : "");

        for (n = 1 + rand() % 5; n; n--) {
            k = rand() % unit_nelts(parts);
            len += sprintf(text + len, "%s", parts[k]);

            if (strchr(parts[k], '{') == NULL) {
                len += sprintf(text + len, "%s",
                               counts[rand() % unit_nelts(counts)]);
            }
        }

        sprintf(text + len, "%s", (rand() % 3) ? "$" : "");

        one = compile(text);
        two = compile_pcre(text);

        for (k = 0; k < 20; k++) {
            subject[0] = '\0';

            for (n = rand() % 5; n; n--) {
                strcat(subject, pieces[rand() % unit_nelts(pieces)]);
            }

            result = match(one, subject, strlen(subject));

            if (match(two, subject, strlen(subject)) != result) {
                fail_msg("%s on \"%s\": only one says %d", text, subject,
                         result);
            }

            nmatches += (result == EVENTS_PATTERN_MATCH);
            nmismatches += (result == EVENTS_PATTERN_MISMATCH);
        }

        events_pattern_destroy(one);
        events_pattern_destroy(two);
    }

    assert_true(nmatches > 5000);
    assert_true(nmismatches > 5000);
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
        cmocka_unit_test(test_error_long),
        cmocka_unit_test(test_error_size),
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_limit_starts),
        cmocka_unit_test(test_long_subject),
        cmocka_unit_test(test_engines),
        cmocka_unit_test(test_destroy_null)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
