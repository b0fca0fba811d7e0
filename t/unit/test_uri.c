
#include "unit_json.h"

#include "events_uri.h"


/* RFC 3986, section 5.4 */
#define BASE  "http://a/b/c/d;p?q"


typedef struct {
    const char  *base;
    const char  *ref;
    const char  *target;
} resolve_case_t;


typedef struct {
    const char  *text;
    const char  *parts[5];      /* NULL: absent */
} parse_case_t;


/* buffers of the exact size, so that a sanitizer sees what goes beyond */

static events_str_t
exact(const char *text)
{
    u_char        *data;
    events_str_t   str;

    str.len = strlen(text);

    data = malloc(str.len ? str.len : 1);
    assert_non_null(data);

    memcpy(data, text, str.len);
    str.data = data;

    return str;
}


static void
check_resolve(const char *base, const char *ref, const char *target)
{
    u_char        *dst;
    size_t         len;
    events_str_t   base_text, ref_text;
    events_uri_t   base_uri, ref_uri;

    base_text = exact(base);
    ref_text = exact(ref);

    if (!events_uri_parse(&base_uri, &base_text)
        || !events_uri_parse(&ref_uri, &ref_text))
    {
        fail_msg("%s or %s does not parse", base, ref);
    }

    dst = malloc(base_text.len + ref_text.len + EVENTS_URI_GROWTH);
    assert_non_null(dst);

    len = events_uri_resolve(dst, &base_uri, &ref_uri);

    if (len != strlen(target) || memcmp(dst, target, len) != 0) {
        fail_msg("%s in %s: %.*s, not %s", ref, base, (int) len, dst, target);
    }

    free(dst);
    free((void *) base_text.data);
    free((void *) ref_text.data);
}


static void
check_resolves(const resolve_case_t *cases, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        check_resolve(cases[i].base ? cases[i].base : BASE, cases[i].ref,
                      cases[i].target);
    }
}


static void
test_parse(void **state)
{
    size_t               i, n;
    events_str_t         text;
    events_uri_t         uri;
    const events_str_t  *parts[5];

    static const parse_case_t  cases[] = {
        { "", { NULL, NULL, "", NULL, NULL } },
        { "#", { NULL, NULL, "", NULL, "" } },
        { "?", { NULL, NULL, "", "", NULL } },
        { "//", { NULL, "", "", NULL, NULL } },
        { "//h", { NULL, "h", "", NULL, NULL } },
        { "a:", { "a", NULL, "", NULL, NULL } },
        { "A+b-1.c:d:e", { "A+b-1.c", NULL, "d:e", NULL, NULL } },
        { "./a:b", { NULL, NULL, "./a:b", NULL, NULL } },
        { "http://u:p@h:80/p/q;r?s?t/u#v/w?x",
          { "http", "u:p@h:80", "/p/q;r", "s?t/u", "v/w?x" } },
        { "file:///p", { "file", "", "/p", NULL, NULL } },
        { "http://[2001:db8::7]/",
          { "http", "[2001:db8::7]", "/", NULL, NULL } },
        { "urn:example:a?=b#c",
          { "urn", NULL, "example:a", "=b", "c" } },
        { "#/a b\"#\xC3\xA9|%41", { NULL, NULL, "", NULL,
                                    "/a b\"#\xC3\xA9|%41" } },
        { "%41%7e", { NULL, NULL, "%41%7e", NULL, NULL } }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        text = exact(cases[i].text);

        if (!events_uri_parse(&uri, &text)) {
            fail_msg("%s does not parse", cases[i].text);
        }

        parts[0] = &uri.scheme;
        parts[1] = &uri.authority;
        parts[2] = &uri.path;
        parts[3] = &uri.query;
        parts[4] = &uri.fragment;

        for (n = 0; n < 5; n++) {

            if (cases[i].parts[n]) {
                unit_str_equal(parts[n], cases[i].parts[n]);

            } else {
                assert_null(parts[n]->data);
                assert_int_equal(parts[n]->len, 0);
            }
        }

        free((void *) text.data);
    }
}


static void
test_refused(void **state)
{
    size_t        i;
    events_str_t  text;
    events_uri_t  uri;

    static const char *const  cases[] = {
        ":", ":a", "1:a", "+a:b", "a_b:c", "a%41:b",
        "a b", "a\"b", "<a>", "a\\b", "a^b", "a`b", "a{b}", "a|b", "a\x7f",
        "a\xC3\xA9", "a\n", "http://h h/", "a?b c",
        "%", "%4", "%4g", "a%g4", "?%", "#%", "#a%4", "#%zz", "//%4/"
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        text = exact(cases[i]);

        if (events_uri_parse(&uri, &text)) {
            fail_msg("%s parses", cases[i]);
        }

        free((void *) text.data);
    }

    text.data = (const u_char *) "a\0b";
    text.len = 3;

    assert_false(events_uri_parse(&uri, &text));
}


static void
test_normal_examples(void **state)
{
    static const resolve_case_t  cases[] = {
        { NULL, "g:h", "g:h" },
        { NULL, "g", "http://a/b/c/g" },
        { NULL, "./g", "http://a/b/c/g" },
        { NULL, "g/", "http://a/b/c/g/" },
        { NULL, "/g", "http://a/g" },
        { NULL, "//g", "http://g/" },
        { NULL, "?y", "http://a/b/c/d;p?y" },
        { NULL, "g?y", "http://a/b/c/g?y" },
        { NULL, "#s", "http://a/b/c/d;p?q#s" },
        { NULL, "g#s", "http://a/b/c/g#s" },
        { NULL, "g?y#s", "http://a/b/c/g?y#s" },
        { NULL, ";x", "http://a/b/c/;x" },
        { NULL, "g;x", "http://a/b/c/g;x" },
        { NULL, "g;x?y#s", "http://a/b/c/g;x?y#s" },
        { NULL, "", "http://a/b/c/d;p?q" },
        { NULL, ".", "http://a/b/c/" },
        { NULL, "./", "http://a/b/c/" },
        { NULL, "..", "http://a/b/" },
        { NULL, "../", "http://a/b/" },
        { NULL, "../g", "http://a/b/g" },
        { NULL, "../..", "http://a/" },
        { NULL, "../../", "http://a/" },
        { NULL, "../../g", "http://a/g" }
    };

    check_resolves(cases, unit_nelts(cases));
}


static void
test_abnormal_examples(void **state)
{
    static const resolve_case_t  cases[] = {
        { NULL, "../../../g", "http://a/g" },
        { NULL, "../../../../g", "http://a/g" },
        { NULL, "/./g", "http://a/g" },
        { NULL, "/../g", "http://a/g" },
        { NULL, "g.", "http://a/b/c/g." },
        { NULL, ".g", "http://a/b/c/.g" },
        { NULL, "g..", "http://a/b/c/g.." },
        { NULL, "..g", "http://a/b/c/..g" },
        { NULL, "./../g", "http://a/b/g" },
        { NULL, "./g/.", "http://a/b/c/g/" },
        { NULL, "g/./h", "http://a/b/c/g/h" },
        { NULL, "g/../h", "http://a/b/c/h" },
        { NULL, "g;x=1/./y", "http://a/b/c/g;x=1/y" },
        { NULL, "g;x=1/../y", "http://a/b/c/y" },
        { NULL, "g?y/./x", "http://a/b/c/g?y/./x" },
        { NULL, "g?y/../x", "http://a/b/c/g?y/../x" },
        { NULL, "g#s/./x", "http://a/b/c/g#s/./x" },
        { NULL, "g#s/../x", "http://a/b/c/g#s/../x" },
        { NULL, "http:g", "http:g" }
    };

    check_resolves(cases, unit_nelts(cases));
}


static void
test_bases(void **state)
{
    static const resolve_case_t  cases[] = {

        /* a document of which nothing is known */

        { "", "", "" },
        { "", "#/a", "#/a" },
        { "", "a.json", "a.json" },
        { "", "/a/../b", "/b" },
        { "", "../a", "a" },
        { "", "./a:b", "./a:b" },
        { "", "./%61:b", "./a:b" },
        { "a/b", "c", "a/c" },
        { "a/b", "../../c", "/c" },
        { "", "//h", "//h/" },

        { "urn:example:a", "#b", "urn:example:a#b" },
        { "urn:example:a?=q", "#b", "urn:example:a?=q#b" },
        { "urn:example:a", "b", "urn:b" },
        { "urn:example:a", "urn:example:b", "urn:example:b" },
        { "urn:example:a", "//h/p", "urn://h/p" },

        { "file:///a/b", "c", "file:///a/c" },
        { "http://h/", "a", "http://h/a" },
        { "//h", "a", "//h/a" },
        { "//h", "", "//h/" },

        /* no path may turn into an authority */

        { "a:/b", ".//c", "a:/.//c" },
        { "a:/b", "/.//c", "a:/.//c" },
        { "a:/.//c", "#d", "a:/.//c#d" },
        { "", "/.//c", "/.//c" }
    };

    check_resolves(cases, unit_nelts(cases));
}


static void
test_normalised(void **state)
{
    static const resolve_case_t  cases[] = {
        { "", "HTTP://EXAMPLE.Com/A", "http://example.com/A" },
        { "", "http://U%2dser:P@HOST:80/", "http://U-ser:P@host:80/" },
        { "", "http://h%41%2f/", "http://ha%2F/" },
        { "", "http://h", "http://h/" },
        { "", "http://h?Q", "http://h/?Q" },
        { "", "URN:Example:A", "urn:Example:A" },
        { "", "/%7e%41%2d/%2E%2e/%c3%a9%2f?%7E%3f#%7E",
          "/%C3%A9%2F?~%3F#%7E" },
        { "http://h/a/b", "%2E%2E/c", "http://h/c" }
    };

    check_resolves(cases, unit_nelts(cases));
}


static void
test_decode(void **state)
{
    u_char        *dst;
    size_t         i, len;
    events_str_t   text;

    static const char *const  cases[][2] = {
        { "", "" },
        { "/a", "/a" },
        { "%2f%7E1%25", "/~1%" },
        { "%C3%a9", "\xC3\xA9" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        text = exact(cases[i][0]);

        dst = malloc(text.len ? text.len : 1);
        assert_non_null(dst);

        len = events_uri_decode(dst, &text);

        assert_int_equal(len, strlen(cases[i][1]));
        assert_memory_equal(dst, cases[i][1], len);

        free(dst);
        free((void *) text.data);
    }
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_normal_examples),
        cmocka_unit_test(test_abnormal_examples),
        cmocka_unit_test(test_bases),
        cmocka_unit_test(test_normalised),
        cmocka_unit_test(test_decode)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
