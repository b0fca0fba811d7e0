
#include "unit_json.h"

#include "events_escape.h"


typedef struct {
    events_str_t  text;
    const char   *escaped;
} escape_t;


static events_str_t
escape(const events_str_t *text)
{
    size_t        len;
    u_char       *in, *out;
    events_str_t  str, escaped;

    in = unit_copy(text->data, text->len);
    str.data = in;
    str.len = text->len;

    len = events_escaped_len(&str);
    out = malloc(len ? len : 1);

    assert_ptr_equal(events_escape(out, &str), out + len);
    free(in);

    escaped.data = out;
    escaped.len = len;

    return escaped;
}


static void
test_escape(void **state)
{
    unsigned      i;
    events_str_t  escaped;

    static const escape_t  cases[] = {
        { events_string(""), "" },
        { events_string("abc /~<>&'"), "abc /~<>&'" },
        { events_string("\"\\"), "\\\"\\\\" },
        { events_string("\b\f\n\r\t"), "\\b\\f\\n\\r\\t" },
        { events_string("\0\x01\x1F"), "\\u0000\\u0001\\u001f" },
        { events_string("\x7F"), "\x7F" },
        { events_string("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
          "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80" },
        { events_string("a\xFFz"), "a\xEF\xBF\xBDz" },
        { events_string("\xC3"), "\xEF\xBF\xBD" },
        { events_string("\xE2\x82z"), "\xEF\xBF\xBD\xEF\xBF\xBDz" },
        { events_string("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD" },
        { events_string("\xED\xA0\x80"),
          "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        escaped = escape(&cases[i].text);
        unit_str_equal(&escaped, cases[i].escaped);
        free((void *) escaped.data);
    }
}


/* nothing may be nowhere, and sanitizers watch what is added to that */

static void
test_escape_nothing(void **state)
{
    u_char        out;
    events_str_t  str;

    str.data = NULL;
    str.len = 0;

    assert_int_equal(events_escaped_len(&str), 0);
    assert_ptr_equal(events_escape(&out, &str), &out);
}


static events_error_e
is_text(void *data, const events_json_event_t *event)
{
    assert_true(events_json_equals(event->text, event->nodes, data));

    return EVENTS_OK;
}


/* each byte of ASCII comes back from a parser as it was */

static void
test_every_ascii_byte(void **state)
{
    char          text[16];
    u_char        ch;
    unsigned      i;
    events_str_t  str, escaped;

    for (i = 0; i < 128; i++) {
        ch = i;
        str.data = &ch;
        str.len = 1;

        escaped = escape(&str);
        snprintf(text, sizeof(text), "\"%.*s\"", (int) escaped.len,
                 escaped.data);
        unit_json_event(text, is_text, &str);

        free((void *) escaped.data);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_escape_nothing),
        cmocka_unit_test(test_every_ascii_byte)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
