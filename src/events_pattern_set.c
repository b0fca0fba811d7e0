
#include "events_pattern_internal.h"
#include "events_utf8.h"


/* the longest name of a property is shorter */
#define EVENTS_ECMA_MAX_PROPERTY  64


typedef struct {
    uint32_t              min;
    uint32_t              max;
} events_ecma_range_t;


static int events_ecma_class_item(events_ecma_parser_t *e);
static uint32_t events_ecma_class_atom(events_ecma_parser_t *e);
static uint32_t events_ecma_char_escape(events_ecma_parser_t *e);
static uint32_t events_ecma_hex(events_ecma_parser_t *e, unsigned n);
static int events_ecma_set_escape(events_ecma_parser_t *e, u_char ch);
static int events_ecma_property_escape(events_ecma_parser_t *e,
    unsigned negated);
static int events_ecma_script(events_ecma_parser_t *e,
    const events_str_t *name, const events_str_t *value, unsigned negated);
static int events_ecma_is(const events_str_t *str, const char *one,
    const char *two);


/* section 21.2.2.12: WhiteSpace and LineTerminator; \d; \w; what "." is not */

static const events_ecma_range_t  events_ecma_spaces[] = {
    { 0x09, 0x0D }, { 0x20, 0x20 }, { 0xA0, 0xA0 }, { 0x1680, 0x1680 },
    { 0x2000, 0x200A }, { 0x2028, 0x2029 }, { 0x202F, 0x202F },
    { 0x205F, 0x205F }, { 0x3000, 0x3000 }, { 0xFEFF, 0xFEFF },
    { EVENTS_ECMA_MAX_CODE + 1, 0 }
};


static const events_ecma_range_t  events_ecma_digits[] = {
    { '0', '9' },
    { EVENTS_ECMA_MAX_CODE + 1, 0 }
};


static const events_ecma_range_t  events_ecma_words[] = {
    { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' },
    { EVENTS_ECMA_MAX_CODE + 1, 0 }
};


static const events_ecma_range_t  events_ecma_line_ends[] = {
    { 0x0A, 0x0A }, { 0x0D, 0x0D }, { 0x2028, 0x2029 },
    { EVENTS_ECMA_MAX_CODE + 1, 0 }
};


/* what follows "\" in other languages */

static const events_ecma_hint_t  events_ecma_escape_hints[] = {
    { 'A', "\"\\A\" is not of ECMA-262, \"^\" is" },
    { 'Z', "\"\\Z\" is not of ECMA-262, \"$\" is the very end" },
    { 'z', "\"\\z\" is not of ECMA-262, \"$\" is the very end" },
    { 'G', "\"\\G\" is not of ECMA-262" },
    { 'K', "\"\\K\" is not of ECMA-262" },
    { 'Q', "\"\\Q\" is not of ECMA-262" },
    { 'E', "\"\\E\" is not of ECMA-262" },
    { 'h', "\"\\h\" is not of ECMA-262, \"\\s\" is" },
    { 'R', "\"\\R\" is not of ECMA-262" },
    { 'a', "\"\\a\" is not of ECMA-262" },
    { 'e', "\"\\e\" is not of ECMA-262, \"\\x1B\" is" },
    { '\0', "is not an escape of ECMA-262: only ^ $ \\ . * + ? ( ) [ ] { } | /"
            " may be escaped to stand for themselves" }
};


int
events_ecma_class(events_ecma_parser_t *e)
{
    uint32_t       set;
    unsigned       negated;
    const u_char  *at;

    at = e->p++;
    set = events_ecma_set_begin(e);
    negated = (e->p < e->last && *e->p == '^');
    e->p += negated;

    while (e->p < e->last && *e->p != ']') {
        if (!events_ecma_class_item(e)) {
            return 0;
        }
    }

    if (e->p == e->last) {
        return events_ecma_error(e, "a \"]\" is missing", at);
    }

    e->p++;
    events_ecma_set_end(e, set, negated);

    return 1;
}


/* a character, a range of them or an escape for a set */

static int
events_ecma_class_item(events_ecma_parser_t *e)
{
    uint32_t       min, max;
    const u_char  *at;

    at = e->p;
    min = events_ecma_class_atom(e);
    max = min;

    if (min == EVENTS_ECMA_ERROR) {
        return 0;
    }

    if (e->last - e->p > 1 && e->p[0] == '-' && e->p[1] != ']') {
        e->p++;
        max = events_ecma_class_atom(e);

        if (max == EVENTS_ECMA_ERROR) {
            return 0;
        }

        if (min == EVENTS_ECMA_CLASS || max == EVENTS_ECMA_CLASS) {
            return events_ecma_error(e, "a range begins and ends with a "
                                        "character; escape the \"-\"", at);
        }

        if (min > max) {
            return events_ecma_error(e, "the range is out of order", at);
        }
    }

    if (min != EVENTS_ECMA_CLASS) {
        events_ecma_item(e, min, max);
    }

    return 1;
}


static uint32_t
events_ecma_class_atom(events_ecma_parser_t *e)
{
    if (*e->p != '\\') {
        return events_ecma_source(e);
    }

    if (e->last - e->p > 1 && (e->p[1] == 'b' || e->p[1] == '-')) {
        e->p += 2;
        return (e->p[-1] == 'b') ? '\b' : '-';
    }

    return events_ecma_class_escape(e);
}


/* a set's items are emitted here */

uint32_t
events_ecma_class_escape(events_ecma_parser_t *e)
{
    u_char  ch;

    ch = (e->last - e->p > 1) ? e->p[1] : '\0';

    switch (ch) {

    case 'd':
    case 'D':
    case 's':
    case 'S':
    case 'w':
    case 'W':
        e->p += 2;
        return events_ecma_set_escape(e, ch) ? EVENTS_ECMA_CLASS
                                             : EVENTS_ECMA_ERROR;

    case 'p':
    case 'P':
        return events_ecma_property_escape(e, ch == 'P') ? EVENTS_ECMA_CLASS
                                                         : EVENTS_ECMA_ERROR;
    }

    return events_ecma_char_escape(e);
}


static uint32_t
events_ecma_char_escape(events_ecma_parser_t *e)
{
    u_char                     ch;
    const u_char              *at;
    const events_ecma_hint_t  *hint;

    static const char  letters[] = "f\fn\nr\rt\tv\v";
    static const char  syntax[] = "^$\\.*+?()[]{}|/";

    at = e->p;

    if (e->last - e->p < 2) {
        events_ecma_error(e, "there is nothing behind the \"\\\"", at);
        return EVENTS_ECMA_ERROR;
    }

    ch = e->p[1];
    e->p += 2;

    if (ch == 'u') {
        return events_ecma_unicode(e);
    }

    if (ch == 'x') {
        return events_ecma_hex(e, 2);
    }

    if (ch == 'c' && e->p < e->last && (u_char) ((*e->p | 0x20) - 'a') < 26) {
        return *e->p++ & 0x1F;
    }

    if (ch == '0' && (e->p == e->last || (u_char) (*e->p - '0') > 9)) {
        return 0;
    }

    if (ch && strchr("fnrtv", ch)) {
        return strchr(letters, ch)[1];
    }

    if (ch && strchr(syntax, ch)) {
        return ch;
    }

    hint = events_ecma_escape_hints;

    while (hint->ch != '\0' && hint->ch != (char) ch) {
        hint++;
    }

    events_ecma_error(e, hint->error, at);

    return EVENTS_ECMA_ERROR;
}


/* behind "\u"; two halves of a surrogate pair are one character */

uint32_t
events_ecma_unicode(events_ecma_parser_t *e)
{
    uint32_t       code, low;
    const u_char  *at;

    at = e->p;

    if (at < e->last && *at == '{') {

        for (code = 0, e->p++; e->p < e->last && *e->p != '}'; /* void */ ) {
            low = events_ecma_hex(e, 1);

            if (low == EVENTS_ECMA_ERROR) {
                return EVENTS_ECMA_ERROR;
            }

            code = code * 16 + low;

            if (code > EVENTS_ECMA_MAX_CODE) {
                break;
            }
        }

        if (code > EVENTS_ECMA_MAX_CODE || e->p == e->last || *e->p != '}'
            || e->p == at + 1)
        {
            events_ecma_error(e, "is not a code point", at);
            return EVENTS_ECMA_ERROR;
        }

        e->p++;

        return code;
    }

    code = events_ecma_hex(e, 4);

    if (code < 0xD800 || code > 0xDBFF || e->last - e->p < 6
        || e->p[0] != '\\' || e->p[1] != 'u' || (e->p[2] | 0x20) != 'd'
        || (e->p[3] | 0x20) < 'c')
    {
        return code;
    }

    e->p += 2;
    low = events_ecma_hex(e, 4);

    return (low == EVENTS_ECMA_ERROR)
           ? low : 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}


static uint32_t
events_ecma_hex(events_ecma_parser_t *e, unsigned n)
{
    u_char    ch;
    uint32_t  code;

    for (code = 0; n; n--) {
        ch = (e->p < e->last) ? *e->p : '\0';

        if ((u_char) (ch - '0') <= 9) {
            code = code * 16 + (ch - '0');

        } else if ((u_char) ((ch | 0x20) - 'a') < 6) {
            code = code * 16 + ((ch | 0x20) - 'a' + 10);

        } else {
            events_ecma_error(e, "a hex digit belongs here", e->p);
            return EVENTS_ECMA_ERROR;
        }

        e->p++;
    }

    return code;
}


void
events_ecma_line_end(events_ecma_parser_t *e)
{
    const events_ecma_range_t  *range;

    for (range = events_ecma_line_ends; range->max; range++) {
        events_ecma_item(e, range->min, range->max);
    }
}


/* all between the ranges for the escape's capital letter */

static int
events_ecma_set_escape(events_ecma_parser_t *e, u_char ch)
{
    uint32_t                    from;
    const events_ecma_range_t  *range;

    from = 0;
    range = ((ch | 0x20) == 'd') ? events_ecma_digits
            : ((ch | 0x20) == 's') ? events_ecma_spaces : events_ecma_words;

    for ( /* void */ ; range->max; range++) {

        if (ch & 0x20) {
            events_ecma_item(e, range->min, range->max);

        } else {
            events_ecma_item(e, from, range->min - 1);
            from = range->max + 1;
        }
    }

    if (!(ch & 0x20)) {
        events_ecma_item(e, from, EVENTS_ECMA_MAX_CODE);
    }

    return 1;
}


static int
events_ecma_property_escape(events_ecma_parser_t *e, unsigned negated)
{
    events_str_t                   name, value;
    const u_char                  *at, *end, *equals;
    events_ecma_op_t               op;
    const events_ecma_property_t  *property;

    at = e->p;
    end = NULL;

    if (e->last - at > 2 && at[2] == '{') {
        end = memchr(at, '}', e->last - at < EVENTS_ECMA_MAX_PROPERTY
                              ? e->last - at : EVENTS_ECMA_MAX_PROPERTY);
    }

    if (end == NULL) {
        return events_ecma_error(e, "\"\\p\" must be followed by {name} or "
                                    "{name=value}", at);
    }

    e->p = end + 1;
    equals = memchr(at, '=', end - at);

    name.data = at + 3;
    name.len = (equals ? equals : end) - name.data;
    value.data = equals ? equals + 1 : end;
    value.len = end - value.data;

    if (equals && !events_ecma_is(&name, "General_Category", "gc")) {
        return events_ecma_script(e, &name, &value, negated);
    }

    property = events_ecma_property(equals ? &value : &name, equals != NULL);

    if (property == NULL) {
        return events_ecma_error(e, "is not a property of ECMA-262", at);
    }

    if (property->text == NULL) {

        if (!negated) {
            events_ecma_item(e, 0, property->last);

        } else if (property->last < EVENTS_ECMA_MAX_CODE) {
            events_ecma_item(e, property->last + 1, EVENTS_ECMA_MAX_CODE);
        }

        return 1;
    }

    memset(&op, 0, sizeof(events_ecma_op_t));
    op.type = EVENTS_ECMA_PROPERTY;
    op.negated = negated ^ property->negated;
    op.min = property - events_ecma_properties;
    events_ecma_emit_op(e, &op);

    return 1;
}


/* their names are left to PCRE2, which has a table of them */

static int
events_ecma_script(events_ecma_parser_t *e, const events_str_t *name,
    const events_str_t *value, unsigned negated)
{
    size_t            i;
    events_ecma_op_t  op;

    memset(&op, 0, sizeof(events_ecma_op_t));
    op.type = EVENTS_ECMA_SCRIPT;
    op.negated = negated;
    op.min = value->data - e->start;
    op.max = value->len;

    if (events_ecma_is(name, "Script_Extensions", "scx")) {
        op.lazy = 1;

    } else if (!events_ecma_is(name, "Script", "sc")) {
        return events_ecma_error(e, "is not a property of ECMA-262",
                                 name->data);
    }

    for (i = 0; i < value->len; i++) {
        if (value->data[i] != '_'
            && (u_char) ((value->data[i] | 0x20) - 'a') > 25)
        {
            break;
        }
    }

    if (i == 0 || i < value->len || value->data[0] < 'A'
        || value->data[0] > 'Z')
    {
        return events_ecma_error(e, "is not a script, such as Latin",
                                 value->data);
    }

    events_ecma_emit_op(e, &op);

    return 1;
}


static int
events_ecma_is(const events_str_t *str, const char *one, const char *two)
{
    return (str->len == strlen(one) && memcmp(str->data, one, str->len) == 0)
           || (str->len == strlen(two)
               && memcmp(str->data, two, str->len) == 0);
}


/* the next character of the expression itself */

uint32_t
events_ecma_source(events_ecma_parser_t *e)
{
    size_t         i, n;
    uint32_t       code;
    const u_char  *p;

    p = e->p;
    n = events_utf8_char(p, e->last - p);

    if (n == 0) {
        events_ecma_error(e, "is not UTF-8", p);
        return EVENTS_ECMA_ERROR;
    }

    e->p += n;

    if (n == 1) {
        return *p;
    }

    code = *p & (0x7F >> n);

    for (i = 1; i < n; i++) {
        code = (code << 6) | (p[i] & 0x3F);
    }

    return code;
}


uint32_t
events_ecma_set_begin(events_ecma_parser_t *e)
{
    events_ecma_emit(e, EVENTS_ECMA_SET, 0, 0);

    return e->nops - 1;
}


void
events_ecma_set_end(events_ecma_parser_t *e, uint32_t set, unsigned negated)
{
    if (e->ecma->ops) {
        e->ecma->ops[set].min = e->nops - set - 1;
        e->ecma->ops[set].negated = negated;
    }
}


/* no text in UTF-8 has surrogates, so a set does without them */

void
events_ecma_item(events_ecma_parser_t *e, uint32_t min, uint32_t max)
{
    if (min >= 0xD800 && min <= 0xDFFF) {
        min = 0xE000;
    }

    if (max >= 0xD800 && max <= 0xDFFF) {
        max = 0xD7FF;
    }

    if (min <= max) {
        events_ecma_emit(e, EVENTS_ECMA_RANGE, min, max);
    }
}
