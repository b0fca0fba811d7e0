
#include "unit_json.h"


/* an over-read of a text shows best where strings end near a page's end */
#define SCAN_STEP  16


typedef struct {
    const char             *text;
    const char             *nodes;
} layout_t;


typedef struct {
    events_json_framing_e   framing;
    events_str_t            text;
    uint32_t                nevents;
} accepted_t;


typedef struct {
    events_json_framing_e   framing;
    events_str_t            text;
    events_error_e          error;
    size_t                  offset;
    uint32_t                index;
    const char             *message;
} refused_t;


typedef struct {
    const char             *text;
    events_json_limits_t    limits;
    events_error_e          error;
    size_t                  offset;
    uint32_t                index;
} limit_t;


typedef struct {
    const char             *text;
    unsigned                duplicate;
} duplicate_t;


typedef struct {
    char                    nodes[4096];
    size_t                  len;
    uint32_t                nevents;
    unsigned                single;
    unsigned                duplicate;
    uint32_t                nnodes;
} seen_t;


static const events_json_limits_t  wide = {
    1 << 20, 1 << 24, EVENTS_JSON_MAX_DEPTH
};


/* type offset+length, then #count >next or escaped, integer, duplicate */

static events_error_e
see(void *data, const events_json_event_t *event)
{
    seen_t                    *seen = data;
    uint32_t                   i;
    const events_json_node_t  *n;

    assert_int_equal(event->index, seen->nevents);

    seen->nevents++;
    seen->single = event->single;
    seen->duplicate = event->nodes[0].duplicate;
    seen->nnodes = event->nnodes;

#define out(...)                                                              \
    seen->len += snprintf(seen->nodes + seen->len,                            \
                          sizeof(seen->nodes) - seen->len, __VA_ARGS__)

    if (sizeof(seen->nodes) - seen->len < 1024) {
        return EVENTS_OK;
    }

    if (event->index > 0) {
        out(" |");
    }

    for (i = 0; i < event->nnodes && i < 32; i++) {
        n = &event->nodes[i];

        out("%s%c%u+%u", (seen->len > 0) ? " " : "", "nft0s[{k"[n->type],
            (unsigned) n->offset, (unsigned) n->len);

        if (n->type == EVENTS_JSON_ARRAY || n->type == EVENTS_JSON_OBJECT) {
            out("#%u>%u", (unsigned) n->count, (unsigned) n->u.next);

        } else if (n->type != EVENTS_JSON_KEY) {
            assert_int_equal(n->u.next, i + 1);
        }

        out("%s%s%s", n->escaped ? "e" : "", n->integer ? "i" : "",
            n->duplicate ? "d" : "");
    }

#undef out

    return EVENTS_OK;
}


static events_error_e
parse(const events_str_t *text, events_json_framing_e framing,
    const events_json_limits_t *limits, seen_t *seen,
    events_json_result_t *result)
{
    memset(seen, 0, sizeof(seen_t));

    return unit_json_parse(text, framing, limits, see, seen, result);
}


static void
test_layout(void **state)
{
    seen_t                seen;
    unsigned              i;
    events_str_t          text;
    events_json_result_t  result;

    static const layout_t  cases[] = {
        { "{}", "{0+2#0>1" },
        { "null", "n0+4" },
        { "true", "t0+4" },
        { "false", "f0+5" },
        { "\"\"", "s0+2" },
        { "\"a\\n\"", "s0+5e" },
        { "0", "00+1i" },
        { "-12", "00+3i" },
        { "1.5", "00+3" },
        { "1e5", "00+3" },
        { "{\"a\":[1,2]}", "{0+11#1>5 k1+3 [5+5#2>5 06+1i 08+1i" },
        { " { \"a\" : 1 , \"b\" : { } } ",
          "{1+23#2>5 k3+3 09+1i k13+3 {19+3#0>5" },
        { "{\"a\":{\"b\":[{},[]]},\"c\":null}",
          "{0+28#2>9 k1+3 {5+13#1>7 k6+3 [10+7#2>7 {11+2#0>6 [14+2#0>7 "
          "k19+3 n23+4" },
        { "{\"\\u0061\":\"\\\\\"}", "{0+15#1>3 k1+8e s10+4e" },
        { "{\"a\":1,\"a\":2}", "{0+13#2>5d k1+3 05+1i k7+3 011+1i" },
        { "{\"x\":{\"a\":1,\"a\":2}}",
          "{0+19#1>7d k1+3 {5+13#2>7d k6+3 010+1i k12+3 016+1i" },
        { "[]", "" },
        { "[1,\"a\",[2],{}]",
          "01+1i | s3+3 | [7+3#1>2 08+1i | {11+2#0>1" },
        { "[[[]]]", "[1+4#1>2 [2+2#0>2" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        text = unit_str(cases[i].text);

        assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &wide, &seen,
                               &result),
                         EVENTS_OK);
        assert_string_equal(seen.nodes, cases[i].nodes);
    }
}


static void
test_accepted(void **state)
{
    seen_t                seen;
    unsigned              i;
    const accepted_t     *c;
    events_json_result_t  result;

    static const accepted_t  cases[] = {
        { EVENTS_JSON_VALUE, events_string("{}"), 1 },
        { EVENTS_JSON_VALUE, events_string(" \t\r\n{}\n\r\t "), 1 },
        { EVENTS_JSON_VALUE, events_string("[]"), 0 },
        { EVENTS_JSON_VALUE, events_string(" [ \n ] "), 0 },
        { EVENTS_JSON_VALUE, events_string("[{},{} , {}]"), 3 },
        { EVENTS_JSON_VALUE, events_string("-0"), 1 },
        { EVENTS_JSON_VALUE, events_string("0.0e-0"), 1 },
        { EVENTS_JSON_VALUE, events_string("1E+5"), 1 },
        { EVENTS_JSON_VALUE, events_string("1e400"), 1 },
        { EVENTS_JSON_VALUE,
          events_string("123456789012345678901234567890"), 1 },
        { EVENTS_JSON_VALUE,
          events_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), 1 },
        { EVENTS_JSON_VALUE, events_string("\"\\u0000\\uFFff\\uD7FF\""), 1 },
        { EVENTS_JSON_VALUE, events_string("\"\\uD800\\uDC00\""), 1 },
        { EVENTS_JSON_VALUE, events_string("\"\\udbff\\udfff\""), 1 },
        { EVENTS_JSON_VALUE, events_string("\"\x7F\xC2\x80\""), 1 },
        { EVENTS_JSON_VALUE, events_string("\"\xF4\x8F\xBF\xBF\""), 1 },
        { EVENTS_JSON_VALUE, events_string("{\"\":{\"\":[]}}"), 1 },
        { EVENTS_JSON_VALUE, events_string("\"\xEF\xBB\xBF\""), 1 },

        { EVENTS_JSON_LINES, events_string("{}"), 1 },
        { EVENTS_JSON_LINES, events_string("{}\n"), 1 },
        { EVENTS_JSON_LINES, events_string("{}\n{}\n"), 2 },
        { EVENTS_JSON_LINES, events_string("{}\r\n{}\r\n"), 2 },
        { EVENTS_JSON_LINES, events_string("\n\n {} \n \n\t{}\n\n"), 2 },
        { EVENTS_JSON_LINES, events_string("{\"a\":\r1}"), 1 },
        { EVENTS_JSON_LINES, events_string("[1,2]\n\"a\"\n3"), 3 }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        c = &cases[i];

        if (parse(&c->text, c->framing, &wide, &seen, &result) != EVENTS_OK) {
            fail_msg("%s: byte %zu: %s", c->text.data, result.offset,
                     result.text);
        }

        assert_int_equal(seen.nevents, c->nevents);
        assert_int_equal(result.index, c->nevents);
        assert_int_equal(result.offset, 0);
        assert_null(result.text);
    }
}


static void
test_refused(void **state)
{
    seen_t                seen;
    unsigned              i;
    const refused_t      *c;
    events_json_result_t  result;

    static const char  cut[] = "it ends in the middle of a value";
    static const char  half[] = "a \\u escape is half of a surrogate pair";
    static const char  control[] =
                               "a string has an unescaped control character";
    static const char  member[] =
                                "a comma or brace is missing after a member";
    static const char  element[] =
                             "a comma or bracket is missing after an element";
    static const char  zero[] = "a number has a leading zero";
    static const char  more[] = "there is more after the end";
    static const char  spelling[] = "true, false or null is misspelled";

#define json(text)  EVENTS_JSON_VALUE, events_string(text), EVENTS_INVALID_JSON
#define line(text)  EVENTS_JSON_LINES, events_string(text), EVENTS_INVALID_JSON
#define utf8(text)  EVENTS_JSON_VALUE, events_string(text), EVENTS_INVALID_UTF8
#define none(text)  events_string(text), EVENTS_EMPTY_BODY

    static const refused_t  cases[] = {

        { EVENTS_JSON_VALUE, none(""), 0, 0, NULL },
        { EVENTS_JSON_VALUE, none(" \r\n\t"), 4, 0, NULL },
        { EVENTS_JSON_LINES, none(""), 0, 0, NULL },
        { EVENTS_JSON_LINES, none("\n\n"), 2, 0, NULL },

        { json("{"), 1, 0, cut },
        { json("["), 1, 0, cut },
        { json("[1"), 2, 1, cut },
        { json("[1,"), 3, 1, cut },
        { json("{\"a\""), 4, 0, cut },
        { json("{\"a\":"), 5, 0, cut },
        { json("{\"a\":1"), 6, 0, cut },
        { json("{\"a\":1,"), 7, 0, cut },
        { json("{\"a"), 3, 0, cut },
        { json("\""), 1, 0, cut },
        { json("\"\\"), 2, 0, cut },
        { json("\"\\u00e"), 6, 0, cut },

        { json("\xEF\xBB\xBF{}"), 0, 0, "it starts with a byte order mark" },
        { json("[\xEF\xBB\xBF]"), 1, 0, "unexpected character" },
        { json("\xFE\xFF"), 0, 0, "unexpected character" },
        { json("'a'"), 0, 0, "unexpected character" },
        { json("NaN"), 0, 0, "unexpected character" },
        { json("+1"), 0, 0, "unexpected character" },
        { json(".5"), 0, 0, "unexpected character" },
        { json("/**/{}"), 0, 0, "unexpected character" },
        { json("[\0]"), 1, 0, "unexpected character" },
        { json("[\f1]"), 1, 0, "unexpected character" },
        { json("[\v1]"), 1, 0, "unexpected character" },

        { json("]"), 0, 0, "a value is missing" },
        { json("[,1]"), 1, 0, "a value is missing" },
        { json("[1,,2]"), 3, 1, "a value is missing" },
        { json("[1,]"), 3, 1, "a value is missing" },
        { json("{\"a\":}"), 5, 0, "a value is missing" },
        { json("{\"a\":[1,]}"), 8, 0, "a value is missing" },
        { json("[:"), 1, 0, "a value is missing" },

        { json("{\"a\" 1}"), 5, 0, "a colon is missing after a member name" },
        { json("{\"a\",1}"), 4, 0, "a colon is missing after a member name" },
        { json("{a:1}"), 1, 0, "a member name must be a string" },
        { json("{1:1}"), 1, 0, "a member name must be a string" },
        { json("{,}"), 1, 0, "a member name must be a string" },
        { json("{\"a\":1,}"), 7, 0, "a member name must be a string" },
        { json("{\"a\":1]"), 6, 0, member },
        { json("{\"a\":1 \"b\":2}"), 7, 0, member },
        { json("[{\"a\":[1}]"), 8, 0, element },
        { json("[{} {}]"), 4, 1, element },
        { json("[1}"), 2, 1, element },

        { json("{}{}"), 2, 1, more },
        { json("[]]"), 2, 0, more },
        { json("{}\0"), 2, 1, more },
        { json("1 2"), 2, 1, more },

        { json("00"), 0, 0, zero },
        { json("-01"), 1, 0, zero },
        { json("012.5"), 0, 0, zero },
        { json("-"), 1, 0, "a number needs a digit" },
        { json("-a"), 1, 0, "a number needs a digit" },
        { json("1."), 2, 0, "a number needs a digit after its point" },
        { json("1.e5"), 2, 0, "a number needs a digit after its point" },
        { json("1e"), 2, 0, "a number needs a digit in its exponent" },
        { json("1e+"), 3, 0, "a number needs a digit in its exponent" },
        { json("0x10"), 1, 1, more },
        { json("[1a]"), 2, 1, element },

        { json("tru"), 0, 0, spelling },
        { json("[nul]"), 1, 0, spelling },
        { json("False"), 0, 0, "unexpected character" },
        { json("falsy"), 0, 0, spelling },
        { json("truer"), 4, 1, more },

        { json("\"\n\""), 1, 0, control },
        { json("\"a\0\""), 2, 0, control },
        { json("\"\x1F\""), 1, 0, control },
        { json("{\"a\tb\":1}"), 3, 0, control },

        { json("\"a\\x\""), 2, 0, "a string has an invalid escape" },
        { json("\"\\\n\""), 1, 0, "a string has an invalid escape" },
        { json("\"\\U0061\""), 1, 0, "a string has an invalid escape" },
        { json("\"\\u00g0\""), 1, 0, "a \\u escape needs four hex digits" },
        { json("\"\\u 061\""), 1, 0, "a \\u escape needs four hex digits" },
        { json("\"\\u061\"  "), 1, 0, "a \\u escape needs four hex digits" },
        { json("\"\\ud800\""), 1, 0, half },
        { json("\"\\udc00\""), 1, 0, half },
        { json("\"\\uDFFF\""), 1, 0, half },
        { json("\"\\ud800\\ud800\""), 1, 0, half },
        { json("\"\\ud800\\u0061\""), 1, 0, half },
        { json("\"\\ud800\\n12345\""), 1, 0, half },
        { json("\"\\ud83d\\ude0"), 1, 0, half },
        { json("\"\\ud83d\\ude0g\""), 1, 0, half },

        { utf8("\"\xC0\xAF\""), 1, 0, NULL },
        { utf8("\"a\xED\xA0\x80\""), 2, 0, NULL },
        { utf8("\"\xF4\x90\x80\x80\""), 1, 0, NULL },
        { utf8("\"\xFF\""), 1, 0, NULL },
        { utf8("\"\xE2\x82"), 1, 0, NULL },
        { utf8("[{},{\"\x80\":1}]"), 6, 1, NULL },

        { line("{}{}\n"), 2, 1, "a line has more than one event" },
        { line("{} {}"), 3, 1, "a line has more than one event" },
        { line("{}\r{}"), 3, 1, "a line has more than one event" },
        { line("{},\n{}"), 2, 1, "a line has more than one event" },
        { line("{}\n{\n}\n"), 4, 2, "an event goes over several lines" },
        { line("{}\n\n{"), 5, 1, cut },
        { line("{}\n,"), 3, 1, "a value is missing" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        c = &cases[i];

        parse(&c->text, c->framing, &wide, &seen, &result);

        if (result.error != c->error || result.offset != c->offset
            || result.index != c->index
            || (c->message == NULL) != (result.text == NULL)
            || (c->message != NULL && strcmp(c->message, result.text) != 0))
        {
            fail_msg("%s: error %d at byte %zu of event %u: %s", c->text.data,
                     result.error, result.offset, result.index, result.text);
        }
    }
}


static void
test_limits(void **state)
{
    seen_t                seen;
    unsigned              i;
    events_str_t          text;
    const limit_t        *c;
    events_json_result_t  result;

    static const limit_t  cases[] = {

        { "[1,2,3]", { 3, 100, 9 }, EVENTS_OK, 0, 3 },
        { "[1,2,3,4]", { 3, 100, 9 }, EVENTS_TOO_MANY_EVENTS, 7, 3 },
        { "[]", { 1, 100, 9 }, EVENTS_OK, 0, 0 },
        { "{}", { 1, 100, 9 }, EVENTS_OK, 0, 1 },
        { "[ 1 , 2 ]", { 1, 100, 9 }, EVENTS_TOO_MANY_EVENTS, 6, 1 },

        { "{}", { 9, 2, 9 }, EVENTS_OK, 0, 1 },
        { "{}", { 9, 1, 9 }, EVENTS_EVENT_TOO_LARGE, 0, 0 },
        { "  {}  ", { 9, 2, 9 }, EVENTS_OK, 0, 1 },
        { "[{},{\"a\":1}]", { 9, 7, 9 }, EVENTS_OK, 0, 2 },
        { "[{},{\"a\":1}]", { 9, 6, 9 }, EVENTS_EVENT_TOO_LARGE, 4, 1 },
        { "[{},{\"a\":1}]", { 9, 5, 9 }, EVENTS_EVENT_TOO_LARGE, 4, 1 },
        { "[{},{\"a\":1}]", { 9, 4, 9 }, EVENTS_EVENT_TOO_LARGE, 4, 1 },
        { "\"abc\"", { 9, 5, 9 }, EVENTS_OK, 0, 1 },
        { "\"abc\"", { 9, 4, 9 }, EVENTS_EVENT_TOO_LARGE, 0, 0 },
        { "[[1,2]  ]", { 9, 5, 9 }, EVENTS_OK, 0, 1 },
        { "[[1,2 ]  ]", { 9, 5, 9 }, EVENTS_EVENT_TOO_LARGE, 1, 0 },
        { "1234", { 9, 4, 9 }, EVENTS_OK, 0, 1 },
        { "1234", { 9, 3, 9 }, EVENTS_EVENT_TOO_LARGE, 0, 0 },
        { "{\"a\":", { 9, 5, 9 }, EVENTS_INVALID_JSON, 5, 0 },

        { "{}", { 9, 100, 1 }, EVENTS_OK, 0, 1 },
        { "{\"a\":1}", { 9, 100, 1 }, EVENTS_OK, 0, 1 },
        { "{\"a\":{}}", { 9, 100, 1 }, EVENTS_TOO_DEEP, 5, 0 },
        { "{\"a\":[]}", { 9, 100, 2 }, EVENTS_OK, 0, 1 },
        { "[{},{\"a\":[{}]}]", { 9, 100, 2 }, EVENTS_TOO_DEEP, 10, 1 },
        { "[{},{\"a\":[{}]}]", { 9, 100, 3 }, EVENTS_OK, 0, 2 },
        { "[[[1]],[[[1]]]]", { 9, 100, 2 }, EVENTS_TOO_DEEP, 9, 1 },
        { "[1]", { 9, 100, 0 }, EVENTS_OK, 0, 1 },
        { "[[]]", { 9, 100, 0 }, EVENTS_TOO_DEEP, 1, 0 }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        c = &cases[i];
        text = unit_str(c->text);

        parse(&text, EVENTS_JSON_VALUE, &c->limits, &seen, &result);

        if (result.error != c->error || result.offset != c->offset
            || result.index != c->index)
        {
            fail_msg("case %u, %s: error %d at byte %zu of event %u", i,
                     c->text, result.error, result.offset, result.index);
        }

        assert_int_equal(seen.nevents, c->index);
    }
}


static void
test_depth_of_the_stack(void **state)
{
    char                  brackets[2 * EVENTS_JSON_MAX_DEPTH + 4];
    seen_t                seen;
    events_str_t          text;
    events_json_result_t  result;
    events_json_limits_t  limits = { 9, 1 << 20, UINT32_MAX };

    /* one of the brackets is the batch's */

    memset(brackets, '[', EVENTS_JSON_MAX_DEPTH + 2);
    memset(brackets + EVENTS_JSON_MAX_DEPTH + 2, ']',
           EVENTS_JSON_MAX_DEPTH + 2);

    text.data = (u_char *) brackets + 1;
    text.len = 2 * EVENTS_JSON_MAX_DEPTH + 2;

    assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &limits, &seen, &result),
                     EVENTS_OK);
    assert_int_equal(seen.nnodes, EVENTS_JSON_MAX_DEPTH);

    text.data--;
    text.len += 2;

    assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &limits, &seen, &result),
                     EVENTS_TOO_DEEP);
    assert_int_equal(result.offset, EVENTS_JSON_MAX_DEPTH + 1);
}


static void
test_two_million_brackets(void **state)
{
    u_char               *brackets;
    seen_t                seen;
    events_str_t          text;
    events_json_result_t  result;

    brackets = malloc(2000000);
    memset(brackets, '[', 2000000);

    text.data = brackets;
    text.len = 2000000;

    assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result),
                     EVENTS_TOO_DEEP);
    assert_int_equal(result.offset, EVENTS_JSON_MAX_DEPTH + 1);

    free(brackets);
}


static void
test_text_over_2_gib(void **state)
{
    seen_t                 seen;
    events_json_t         *json;
    events_json_result_t   result;

    memset(&seen, 0, sizeof(seen_t));
    json = events_json_create();

    /* refused by its length alone */

    assert_int_equal(events_json_parse(json, (u_char *) "{}",
                                       (size_t) EVENTS_JSON_MAX_TEXT + 1,
                                       EVENTS_JSON_VALUE, &wide, see, &seen,
                                       &result),
                     EVENTS_INVALID_JSON);
    assert_int_equal(seen.nevents, 0);

    events_json_destroy(json);
}


/* nodes count members and elements in 24 bits: more than fit wrapped to 0 */

static void
test_event_whose_count_would_wrap(void **state)
{
    u_char                *string;
    seen_t                 seen;
    events_str_t           text;
    events_json_result_t   result;
    events_json_limits_t   limits = { 9, SIZE_MAX, 9 };

    /* "[0,0]" has (5 - 1) / 2 elements */

    assert_true((EVENTS_JSON_MAX_EVENT - 1) / 2 < 1 << 24);

    string = malloc(EVENTS_JSON_MAX_EVENT + 1);
    memset(string, 'a', EVENTS_JSON_MAX_EVENT + 1);

    text.data = string;
    text.len = EVENTS_JSON_MAX_EVENT;
    string[0] = '"';
    string[text.len - 1] = '"';

    assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &limits, &seen, &result),
                     EVENTS_OK);

    string[text.len - 1] = 'a';
    string[text.len++] = '"';

    assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &limits, &seen, &result),
                     EVENTS_EVENT_TOO_LARGE);

    free(string);
}


static void
test_single(void **state)
{
    seen_t                seen;
    events_str_t          text;
    events_json_result_t  result;

    text = unit_str("{}");
    parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result);
    assert_int_equal(seen.single, 1);

    text = unit_str("[{}]");
    parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result);
    assert_int_equal(seen.single, 0);
}


/* pointers of failures had no index, as if each line were the whole body */

static void
test_line_is_not_single(void **state)
{
    seen_t                seen;
    events_str_t          text;
    events_json_result_t  result;

    text = unit_str("{}\n{}\n");
    parse(&text, EVENTS_JSON_LINES, &wide, &seen, &result);
    assert_int_equal(seen.nevents, 2);
    assert_int_equal(seen.single, 0);

    text = unit_str("{}\n");
    parse(&text, EVENTS_JSON_LINES, &wide, &seen, &result);
    assert_int_equal(seen.single, 0);
}


static events_error_e
refuse_second(void *data, const events_json_event_t *event)
{
    unsigned *n = data;

    (*n)++;

    return (event->index == 1) ? EVENTS_BROKER_REFUSED : EVENTS_OK;
}


static void
test_handler_ends_the_parse(void **state)
{
    unsigned              n;
    events_str_t          text;
    events_json_result_t  result;

    n = 0;
    text = unit_str("[1, 2, 3]");

    assert_int_equal(unit_json_parse(&text, EVENTS_JSON_VALUE, &wide,
                                     refuse_second, &n, &result),
                     EVENTS_BROKER_REFUSED);
    assert_int_equal(n, 2);
    assert_int_equal(result.offset, 4);
    assert_int_equal(result.index, 1);
    assert_null(result.text);
}


static void
test_duplicates(void **state)
{
    seen_t                seen;
    unsigned              i;
    events_str_t          text;
    events_json_result_t  result;

    static const duplicate_t  cases[] = {
        { "{\"a\":1,\"b\":1}", 0 },
        { "{\"a\":1,\"b\":1,\"a\":1}", 1 },
        { "{\"a\":1,\"A\":1}", 0 },
        { "{\"\":1,\"\":1}", 1 },
        { "{\"a\":1,\"\\u0061\":1}", 1 },
        { "{\"\\u0061\":1,\"a\":1}", 1 },
        { "{\"\\u0061\":1,\"\\u0061\":1}", 1 },
        { "{\"\\n\":1,\"\\u000A\":1}", 1 },
        { "{\"/\":1,\"\\/\":1}", 1 },
        { "{\"\\n\":1,\"n\":1}", 0 },
        { "{\"\\u0000\":1,\"\":1}", 0 },
        { "{\"\\u0000\":1,\"\\u0000\":1}", 1 },
        { "{\"\xC3\xA9\":1,\"\\u00E9\":1}", 1 },
        { "{\"\xF0\x9F\x98\x80\":1,\"\\ud83d\\ude00\":1}", 1 },
        { "{\"\xC3\xA9\":1,\"e\\u0301\":1}", 0 },
        { "{\"a\":{\"a\":{\"a\":1}}}", 0 },
        { "{\"a\":[{\"a\":1},{\"a\":1}]}", 0 },
        { "{\"a\":[{\"a\":1,\"a\":1}],\"b\":1}", 1 },
        { "[[{\"a\":1,\"a\":1}]]", 1 },
        { "[{\"a\":1,\"a\":1},{}]", 0 }     /* of the last event */
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        text = unit_str(cases[i].text);
        assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &wide, &seen,
                               &result),
                         EVENTS_OK);

        if (seen.duplicate != cases[i].duplicate) {
            fail_msg("%s: %u", cases[i].text, seen.duplicate);
        }
    }
}


/* from pairwise comparison to sorting, and far beyond */

static void
test_duplicates_among_many(void **state)
{
    char                 *p, *object;
    seen_t                seen;
    unsigned              n, i, twice;
    events_str_t          text;
    events_json_result_t  result;

    static const unsigned  sizes[] = { 2, 15, 16, 17, 18, 100, 5000 };

    object = malloc(5000 * 24);

    for (n = 0; n < unit_nelts(sizes); n++) {
        for (twice = 0; twice < 2; twice++) {
            p = object;
            *p++ = '{';

            for (i = 0; i < sizes[n]; i++) {
                p += sprintf(p, "%s\"name%u\":{\"x\":%u}", i ? "," : "",
                             (twice && i == sizes[n] - 1) ? 0 : i, i);
            }

            *p++ = '}';

            text.data = (u_char *) object;
            text.len = p - object;

            assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &wide, &seen,
                                   &result),
                             EVENTS_OK);
            assert_int_equal(seen.duplicate, twice);
        }
    }

    free(object);
}


/*
 * Three names of one hash, of which the order by length is not the order by
 * bytes: sorting that mixed these orders let a duplicate with an escape slip
 * through.
 */

static const char *const  colliding[] = { "xyw360", "dz3k900", "eep64000" };


static void
collide(const char *const names[4], unsigned nothers, unsigned duplicate)
{
    char                  object[1024], *p;
    seen_t                seen;
    unsigned              i;
    events_str_t          text;
    events_json_result_t  result;

    p = object;
    *p++ = '{';

    for (i = 0; i < 4; i++) {
        if (names[i] != NULL) {
            p += sprintf(p, "\"%s\":%u,", names[i], i);
        }
    }

    for (i = 0; i < nothers; i++) {
        p += sprintf(p, "\"other%u\":%u,", i, i);
    }

    p[-1] = '}';

    text.data = (u_char *) object;
    text.len = p - object;

    assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result),
                     EVENTS_OK);

    if (seen.duplicate != duplicate) {
        fail_msg("%.*s: %u", (int) text.len, object, seen.duplicate);
    }
}


static void
test_duplicate_among_colliding_names(void **state)
{
    unsigned     i, k, m, nothers;
    const char  *names[4], *pool[4], *name;

    static const char *const  escaped[] = {
        "\\u0078yw360", "\\u0064z3k900", "\\u0065ep64000"
    };

    for (i = 0; i < 3; i++) {
        assert_int_equal(events_json_hash((u_char *) colliding[i],
                                          strlen(colliding[i])),
                         0x203C289D);
    }

    for (nothers = 0; nothers <= 20; nothers += 20) {

        for (i = 0; i < 3; i++) {
            pool[0] = colliding[0];
            pool[1] = colliding[1];
            pool[2] = colliding[2];
            pool[3] = escaped[i];

            /* all orders of the four */

            for (k = 0; k < 24; k++) {
                memcpy(names, pool, sizeof(names));

                m = k % 4;
                name = names[0]; names[0] = names[m]; names[m] = name;
                m = 1 + (k / 4) % 3;
                name = names[1]; names[1] = names[m]; names[m] = name;
                m = 2 + k / 12;
                name = names[2]; names[2] = names[m]; names[m] = name;

                collide(names, nothers, 1);
            }

            /* and none of them twice */

            pool[i] = NULL;
            collide(pool, nothers, 0);
        }
    }
}


/* bytes that end the plain part of a string, at each place of two steps */

static void
test_string_scan(void **state)
{
    seen_t                seen;
    u_char                string[3 * SCAN_STEP + 2];
    size_t                len, i;
    events_str_t          text;
    events_json_result_t  result;

    for (len = 2; len <= sizeof(string); len++) {
        text.data = string;
        text.len = len;

        memset(string, 'a', len);
        string[0] = '"';
        string[len - 1] = '"';

        assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &wide, &seen,
                               &result),
                         EVENTS_OK);

        for (i = 1; i < len - 1; i++) {
            string[i] = 0x1F;
            parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result);
            assert_int_equal(result.error, EVENTS_INVALID_JSON);
            assert_int_equal(result.offset, i);

            string[i] = 0x80;
            parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result);
            assert_int_equal(result.error, EVENTS_INVALID_UTF8);
            assert_int_equal(result.offset, i);

            string[i] = 0x7F;
            parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result);
            assert_int_equal(result.error, EVENTS_OK);

            string[i] = '"';
            parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result);
            assert_int_equal(result.error, EVENTS_INVALID_JSON);
            assert_int_equal(result.offset, i + 1);

            string[i] = '\\';
            parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result);
            assert_int_equal(result.error, EVENTS_INVALID_JSON);
            assert_int_equal(result.offset, (i + 1 < len - 1) ? i : len);

            string[i] = 'a';
        }

        /* without its end */

        text.len = len - 1;
        parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result);
        assert_int_equal(result.error, EVENTS_INVALID_JSON);
        assert_int_equal(result.offset, len - 1);
    }
}


/* whatever a text is cut to, no byte after its end is read */

static void
test_every_prefix(void **state)
{
    size_t                len;
    seen_t                seen;
    events_str_t          text;
    events_json_result_t  result;

    static const char  whole[] =
        "[{\"a\\u00e9\\ud83d\\ude00\xF0\x9F\x98\x80\":[true,false,null,"
        "-1.5e+10,\"a string of more than sixteen bytes\"],\"b\":{}}, {}]";

    for (len = 0; len < sizeof(whole) - 1; len++) {
        text.data = (const u_char *) whole;
        text.len = len;

        assert_int_not_equal(parse(&text, EVENTS_JSON_VALUE, &wide, &seen,
                                   &result),
                             EVENTS_OK);
        assert_true(result.offset <= len);
    }

    text.len = len;
    assert_int_equal(parse(&text, EVENTS_JSON_VALUE, &wide, &seen, &result),
                     EVENTS_OK);
}


static events_error_e
check_strings(void *data, const events_json_event_t *event)
{
    size_t                     len, size;
    u_char                    *out;
    events_str_t               raw, str;
    const events_json_node_t  *node;

    node = &event->nodes[0];
    str = *(events_str_t *) data;
    raw = events_json_raw(event->text, node);

    assert_int_equal(raw.len, node->len - 2);
    assert_ptr_equal(raw.data, event->text + node->offset + 1);

    /* what does not fit ends with a whole character */

    for (size = 0; size <= raw.len; size++) {
        out = malloc(size ? size : 1);
        len = events_json_unescape(event->text, node, out, size);

        assert_true(len <= size && len <= str.len);
        assert_true(len == str.len || len + 4 > size);
        assert_memory_equal(out, str.data, len);
        assert_true(len == str.len || (str.data[len] & 0xC0) != 0x80);

        free(out);
    }

    assert_true(events_json_equals(event->text, node, &str));

    str.len--;
    assert_false(events_json_equals(event->text, node, &str));

    return EVENTS_OK;
}


static void
test_unescape_and_equals(void **state)
{
    events_str_t  str;

    str = unit_str("plain text \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80!");
    unit_json_event("\"plain text \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80!\"",
                    check_strings, &str);

    str = unit_str("\"\\/\b\f\n\r\t \xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80.");
    unit_json_event("\"\\\"\\\\\\/\\b\\f\\n\\r\\t \\u00e9\\u20AC"
                    "\\ud83d\\uDE00.\"", check_strings, &str);

    str = unit_str("\xF4\x8F\xBF\xBF\xF0\x90\x80\x80\xEE\x80\x80\xED\x9F\xBF");
    unit_json_event("\"\\udbff\\udfff\\ud800\\udc00\\ue000\\ud7ff\"",
                    check_strings, &str);

    str.data = (u_char *) "a\0b";
    str.len = 3;
    unit_json_event("\"a\\u0000b\"", check_strings, &str);
}


static events_error_e
check_equals(void *data, const events_json_event_t *event)
{
    unsigned      i;
    events_str_t  str;

    static const char *const  others[] = {
        "", "a", "ab", "abcd", "abd", "\xC3\xA9", "abc\xC3\xA9"
    };

    for (i = 0; i < unit_nelts(others); i++) {
        str = unit_str(others[i]);
        assert_false(events_json_equals(event->text, event->nodes, &str));
    }

    str = unit_str("abc");
    assert_true(events_json_equals(event->text, event->nodes, &str));

    return EVENTS_OK;
}


static void
test_equals(void **state)
{
    unit_json_event("\"abc\"", check_equals, NULL);
    unit_json_event("\"\\u0061bc\"", check_equals, NULL);
    unit_json_event("\"ab\\u0063\"", check_equals, NULL);
}


static void
test_hash(void **state)
{
    size_t    len, i;
    u_char   *name;
    uint32_t  hash;

    /* each byte counts, whatever the length */

    for (len = 1; len <= 40; len++) {
        name = malloc(len);
        memset(name, 'a', len);
        hash = events_json_hash(name, len);

        assert_int_equal(hash, events_json_hash(name, len));

        for (i = 0; i < len; i++) {
            name[i] = 'b';
            assert_int_not_equal(events_json_hash(name, len), hash);
            name[i] = 'a';
        }

        assert_int_not_equal(events_json_hash(name, len - 1), hash);
        free(name);
    }
}


static const events_json_node_t *
member(const events_json_event_t *event, const events_json_node_t *object,
    const char *name)
{
    events_str_t  str;

    str = unit_str(name);

    return events_json_member(event, object, &str,
                              events_json_hash(str.data, str.len));
}


static events_error_e
check_members(void *data, const events_json_event_t *event)
{
    const events_json_node_t  *node;

    node = event->nodes;

    assert_int_equal(event->text[member(event, node, "a")->offset], '1');
    assert_int_equal(event->text[member(event, node, "c")->offset], '3');
    assert_int_equal(event->text[member(event, node, "")->offset], '4');
    assert_int_equal(member(event, node, "b")->type, EVENTS_JSON_OBJECT);
    assert_null(member(event, node, "x"));
    assert_null(member(event, node, "d"));
    assert_int_equal(
        event->text[member(event, member(event, node, "b"), "x")->offset],
        '2');
    assert_null(member(event, member(event, node, "b"), "a"));
    assert_null(member(event, member(event, node, "a"), "a"));

    /* of one hash, each by its own name; what is not there is not found */

    node = member(event, node, "same");
    assert_int_equal(event->text[member(event, node, colliding[0])->offset],
                     '5');
    assert_int_equal(event->text[member(event, node, colliding[1])->offset],
                     '6');
    assert_null(member(event, node, colliding[2]));

    return EVENTS_OK;
}


static void
test_member(void **state)
{
    unit_json_event("{\"a\":1,\"b\":{\"x\":2},\"\\u0063\":3,\"\":4,"
                    "\"same\":{\"xyw360\":5,\"dz3k900\":6},\"d \":0}",
                    check_members, NULL);
}


static void
test_memory_is_kept_and_trimmed(void **state)
{
    char                  *p, *text;
    size_t                 before, after;
    seen_t                 seen;
    unsigned               i, n;
    events_json_t         *json;
    events_json_result_t   result;

    json = events_json_create();
    before = events_json_memory(json);

    text = malloc(3000 * 16);

    for (n = 0; n < 3; n++) {
        p = text;
        *p++ = '{';

        for (i = 0; i < 2000; i++) {
            p += sprintf(p, "%s\"\\u0061%u\":1", i ? "," : "", i);
        }

        *p++ = '}';

        memset(&seen, 0, sizeof(seen_t));
        assert_int_equal(events_json_parse(json, (u_char *) text, p - text,
                                           EVENTS_JSON_VALUE, &wide, see,
                                           &seen, &result),
                         EVENTS_OK);
        assert_int_equal(seen.nnodes, 4001);

        after = events_json_memory(json);
        assert_true(after > before);

        events_json_trim(json, after);
        assert_int_equal(events_json_memory(json), after);

        if (n == 1) {
            events_json_trim(json, after - 1);
            assert_int_equal(events_json_memory(json), before);
        }
    }

    events_json_destroy(json);
    events_json_destroy(NULL);
    free(text);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_depth_of_the_stack),
        cmocka_unit_test(test_two_million_brackets),
        cmocka_unit_test(test_text_over_2_gib),
        cmocka_unit_test(test_event_whose_count_would_wrap),
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_line_is_not_single),
        cmocka_unit_test(test_handler_ends_the_parse),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_duplicates_among_many),
        cmocka_unit_test(test_duplicate_among_colliding_names),
        cmocka_unit_test(test_string_scan),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_unescape_and_equals),
        cmocka_unit_test(test_equals),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_member),
        cmocka_unit_test(test_memory_is_kept_and_trimmed)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
