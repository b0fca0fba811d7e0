
#include "events_pattern_internal.h"


/* above any count that matters */
#define EVENTS_ECMA_MAX_NUMBER  0x7FFFFFFF


static int events_ecma_run(events_ecma_parser_t *e);
static int events_ecma_term(events_ecma_parser_t *e);
static int events_ecma_open(events_ecma_parser_t *e);
static int events_ecma_open_special(events_ecma_parser_t *e,
    events_ecma_op_t *op);
static int events_ecma_close(events_ecma_parser_t *e);
static int events_ecma_repeat(events_ecma_parser_t *e);
static int events_ecma_braces(events_ecma_parser_t *e, events_ecma_op_t *op);
static uint32_t events_ecma_number(events_ecma_parser_t *e);
static int events_ecma_escape(events_ecma_parser_t *e);
static int events_ecma_decimal(events_ecma_parser_t *e);
static int events_ecma_named(events_ecma_parser_t *e);
static int events_ecma_name(events_ecma_parser_t *e, uint64_t *hash);
static uint32_t events_ecma_name_char(events_ecma_parser_t *e);
static int events_ecma_add_name(events_ecma_parser_t *e, size_t offset,
    uint64_t hash, uint32_t group);
static uint32_t events_ecma_find_name(events_ecma_parser_t *e, uint64_t hash);
static int events_ecma_resolve(events_ecma_parser_t *e);


/* what follows "(?" in other languages */

static const events_ecma_hint_t  events_ecma_group_hints[] = {
    { '#', "comments are not of ECMA-262" },
    { '>', "atomic groups are not of ECMA-262" },
    { '|', "branch reset is not of ECMA-262" },
    { '(', "conditions are not of ECMA-262" },
    { 'P', "\"(?P\" is not of ECMA-262, \"(?<name>\" and \"\\k<name>\" are" },
    { '\'', "\"(?'\" is not of ECMA-262, \"(?<name>\" is" },
    { 'R', "recursion is not of ECMA-262" },
    { '&', "recursion is not of ECMA-262" },
    { '+', "recursion is not of ECMA-262" },
    { '0', "recursion is not of ECMA-262" },
    { '1', "recursion is not of ECMA-262" },
    { 'i', "flags such as \"(?i)\" are not supported, write \"[Aa]\"" },
    { 'm', "flags such as \"(?m)\" are not supported" },
    { 's', "flags such as \"(?s)\" are not supported, \"[^]\" is any" },
    { 'x', "flags such as \"(?x)\" are not supported" },
    { '-', "flags such as \"(?-i)\" are not supported" },
    { '\0', "is not a group of ECMA-262" }
};


int
events_ecma_parse(const events_str_t *source, events_ecma_t *ecma)
{
    events_ecma_parser_t  e;

    /* the tables need not be zeroed */

    memset(&e, 0, offsetof(events_ecma_parser_t, kinds));

    e.start = source->data;
    e.p = e.start;
    e.last = e.start + source->len;
    e.ecma = ecma;

    if (!events_ecma_run(&e)) {
        return 0;
    }

    ecma->nops = e.nops;

    return events_ecma_resolve(&e);
}


static int
events_ecma_run(events_ecma_parser_t *e)
{
    while (e->p < e->last) {

        switch (*e->p) {

        case '|':
            e->p++;
            e->repeated = 0;
            events_ecma_emit(e, EVENTS_ECMA_OR, 0, 0);
            break;

        case '(':
            if (!events_ecma_open(e)) {
                return 0;
            }

            break;

        case ')':
            if (!events_ecma_close(e)) {
                return 0;
            }

            break;

        default:
            if (!events_ecma_term(e)) {
                return 0;
            }
        }
    }

    return e->depth == 0
           || events_ecma_error(e, "a \")\" is missing", e->last);
}


static int
events_ecma_term(events_ecma_parser_t *e)
{
    uint32_t  code, set;

    switch (*e->p) {

    case '^':
    case '$':
        events_ecma_emit(e, *e->p == '^' ? EVENTS_ECMA_START
                                         : EVENTS_ECMA_END, 0, 0);
        e->p++;
        e->repeated = 0;
        return 1;

    case '*':
    case '+':
    case '?':
    case '{':
    case '}':
    case ']':

        if (*e->p != '}' && *e->p != ']' && e->repeated) {
            return events_ecma_error(e, "possessive and double counts are not "
                                        "of ECMA-262", e->p);
        }

        if (*e->p <= '?') {
            return events_ecma_error(e, "there is nothing to repeat", e->p);
        }

        return events_ecma_error(e, "braces and \"]\" must be escaped here "
                                    "(\"[:alpha:]\" is not of ECMA-262)",
                                 e->p);

    case '\\':
        return events_ecma_escape(e);

    case '[':
        return events_ecma_class(e) && events_ecma_repeat(e);
    }

    set = events_ecma_set_begin(e);

    if (*e->p == '.') {
        e->p++;

        events_ecma_line_end(e);
        events_ecma_set_end(e, set, 1);

        return events_ecma_repeat(e);
    }

    code = events_ecma_source(e);

    if (code == EVENTS_ECMA_ERROR) {
        return 0;
    }

    events_ecma_item(e, code, code);
    events_ecma_set_end(e, set, 0);

    return events_ecma_repeat(e);
}


static int
events_ecma_open(events_ecma_parser_t *e)
{
    events_ecma_op_t  op;

    memset(&op, 0, sizeof(events_ecma_op_t));
    op.type = EVENTS_ECMA_OPEN;

    e->p++;
    e->repeated = 0;

    if (e->depth == EVENTS_ECMA_MAX_DEPTH) {
        return events_ecma_error(e, "groups are nested too deep", e->p);
    }

    if (e->p < e->last && *e->p == '*') {
        return events_ecma_error(e, "\"(*\" is not of ECMA-262", e->p - 1);
    }

    if (e->p == e->last || *e->p != '?') {
        op.kind = EVENTS_ECMA_CAPTURE;
        op.min = ++e->ngroups;

    } else if (!events_ecma_open_special(e, &op)) {
        return 0;
    }

    e->kinds[e->depth++] = op.kind;
    events_ecma_emit_op(e, &op);

    return 1;
}


static int
events_ecma_open_special(events_ecma_parser_t *e, events_ecma_op_t *op)
{
    u_char                     one, two;
    size_t                     left;
    uint64_t                   hash;
    const u_char              *at;
    const events_ecma_hint_t  *hint;

    at = e->p - 1;
    left = e->last - e->p;
    one = (left > 1) ? e->p[1] : '\0';
    two = (left > 2) ? e->p[2] : '\0';

    if (one == ':') {
        op->kind = EVENTS_ECMA_GROUP;
        e->p += 2;
        return 1;
    }

    if (one == '=' || one == '!') {
        op->kind = EVENTS_ECMA_AHEAD;
        op->negated = (one == '!');
        e->p += 2;
        return 1;
    }

    if (one == '<' && (two == '=' || two == '!')) {
        op->kind = EVENTS_ECMA_BEHIND;
        op->negated = (two == '!');
        e->p += 3;
        return 1;
    }

    if (one == '<') {
        e->p += 2;
        op->kind = EVENTS_ECMA_CAPTURE;
        op->min = ++e->ngroups;

        return events_ecma_name(e, &hash)
               && events_ecma_add_name(e, at - e->start, hash, op->min);
    }

    hint = events_ecma_group_hints;

    while (hint->ch != '\0' && hint->ch != (char) one) {
        hint++;
    }

    return events_ecma_error(e, hint->error, at);
}


static int
events_ecma_close(events_ecma_parser_t *e)
{
    events_ecma_op_t  op;

    if (e->depth == 0) {
        return events_ecma_error(e, "\")\" must be escaped, or closes "
                                    "nothing", e->p);
    }

    memset(&op, 0, sizeof(events_ecma_op_t));
    op.type = EVENTS_ECMA_CLOSE;
    op.kind = e->kinds[--e->depth];

    events_ecma_emit_op(e, &op);
    e->p++;
    e->repeated = 0;

    /* with the flag "u" assertions do not repeat */

    return op.kind == EVENTS_ECMA_AHEAD || op.kind == EVENTS_ECMA_BEHIND
           || events_ecma_repeat(e);
}


/* a count may follow */

static int
events_ecma_repeat(events_ecma_parser_t *e)
{
    events_ecma_op_t  op;

    e->repeated = 0;

    if (e->p == e->last) {
        return 1;
    }

    memset(&op, 0, sizeof(events_ecma_op_t));
    op.type = EVENTS_ECMA_REPEAT;
    op.max = EVENTS_ECMA_UNBOUNDED;

    switch (*e->p) {

    case '*':
        e->p++;
        break;

    case '+':
        e->p++;
        op.min = 1;
        break;

    case '?':
        e->p++;
        op.max = 1;
        break;

    case '{':
        if (!events_ecma_braces(e, &op)) {
            return 0;
        }

        break;

    default:
        return 1;
    }

    if (e->p < e->last && *e->p == '?') {
        e->p++;
        op.lazy = 1;
    }

    e->repeated = 1;
    events_ecma_emit_op(e, &op);

    return 1;
}


static int
events_ecma_braces(events_ecma_parser_t *e, events_ecma_op_t *op)
{
    const u_char  *at;

    at = e->p++;

    op->min = events_ecma_number(e);
    op->max = op->min;

    if (op->min != EVENTS_ECMA_ERROR && e->p < e->last && *e->p == ',') {
        e->p++;

        if (e->p < e->last && *e->p == '}') {
            op->max = EVENTS_ECMA_UNBOUNDED;

        } else {
            op->max = events_ecma_number(e);
        }
    }

    if (op->min == EVENTS_ECMA_ERROR || op->max == EVENTS_ECMA_ERROR
        || e->p == e->last || *e->p != '}')
    {
        return events_ecma_error(e, "\"{\" must be escaped, or begin a count "
                                    "such as {2}, {2,} or {2,3}", at);
    }

    e->p++;

    return op->min <= op->max
           || events_ecma_error(e, "the counts are out of order", at);
}


/* EVENTS_ECMA_ERROR where there is none; what is far too great is less so */

static uint32_t
events_ecma_number(events_ecma_parser_t *e)
{
    uint32_t  n;

    if (e->p == e->last || (u_char) (*e->p - '0') > 9) {
        return EVENTS_ECMA_ERROR;
    }

    for (n = 0; e->p < e->last && (u_char) (*e->p - '0') <= 9; e->p++) {

        if (n < EVENTS_ECMA_MAX_NUMBER / 10) {
            n = n * 10 + (*e->p - '0');

        } else {
            n = EVENTS_ECMA_MAX_NUMBER;
        }
    }

    return (n == EVENTS_ECMA_ERROR) ? EVENTS_ECMA_MAX_NUMBER : n;
}


static int
events_ecma_escape(events_ecma_parser_t *e)
{
    u_char            ch;
    uint32_t          code, set;
    events_ecma_op_t  op;

    ch = (e->last - e->p > 1) ? e->p[1] : '\0';

    if (ch == 'b' || ch == 'B') {
        memset(&op, 0, sizeof(events_ecma_op_t));
        op.type = EVENTS_ECMA_BOUNDARY;
        op.negated = (ch == 'B');
        events_ecma_emit_op(e, &op);
        e->p += 2;
        e->repeated = 0;
        return 1;
    }

    if (ch >= '1' && ch <= '9') {
        return events_ecma_decimal(e) && events_ecma_repeat(e);
    }

    if (ch == 'k') {
        return events_ecma_named(e) && events_ecma_repeat(e);
    }

    set = events_ecma_set_begin(e);
    code = events_ecma_class_escape(e);

    if (code == EVENTS_ECMA_ERROR) {
        return 0;
    }

    if (code != EVENTS_ECMA_CLASS) {
        events_ecma_item(e, code, code);
    }

    events_ecma_set_end(e, set, 0);

    return events_ecma_repeat(e);
}


static int
events_ecma_decimal(events_ecma_parser_t *e)
{
    uint32_t       n;
    const u_char  *at;

    at = e->p++;
    n = events_ecma_number(e);

    if (n > e->reference) {
        e->reference = n;
        e->reference_at = at - e->start;
    }

    events_ecma_emit(e, EVENTS_ECMA_REFERENCE, n, 0);

    return 1;
}


static int
events_ecma_named(events_ecma_parser_t *e)
{
    uint32_t       group;
    uint64_t       hash;
    const u_char  *at;

    at = e->p;
    e->p += 2;

    if (e->p == e->last || *e->p != '<') {
        return events_ecma_error(e, "\"\\k\" must be followed by <name>", at);
    }

    e->p++;

    if (!events_ecma_name(e, &hash)) {
        return 0;
    }

    group = events_ecma_find_name(e, hash);

    if (group == 0) {

        /* of a group further on, or of none: both match the empty string */

        if (!events_ecma_add_name(e, at - e->start, hash, 0)) {
            return 0;
        }
    }

    events_ecma_emit(e, EVENTS_ECMA_REFERENCE, group, at - e->start);

    return 1;
}


/* up to ">", which is skipped; a name is told by its hash */

static int
events_ecma_name(events_ecma_parser_t *e, uint64_t *hash)
{
    unsigned       n;
    uint32_t       code;
    const u_char  *at;

    at = e->p;
    *hash = 14695981039346656037ULL;

    for (n = 0; e->p < e->last && *e->p != '>'; n++) {
        code = events_ecma_name_char(e);

        if (code == EVENTS_ECMA_ERROR) {
            return 0;
        }

        /* letters of other alphabets are taken as they are */

        if (code < 0x80 && code != '$' && code != '_'
            && (u_char) ((code | 0x20) - 'a') > 25
            && (n == 0 || (u_char) (code - '0') > 9))
        {
            return events_ecma_error(e, "is not a name of a group", at);
        }

        *hash = (*hash ^ code) * 1099511628211ULL;
    }

    if (n == 0 || e->p == e->last) {
        return events_ecma_error(e, "is not a name of a group", at);
    }

    e->p++;

    return 1;
}


static uint32_t
events_ecma_name_char(events_ecma_parser_t *e)
{
    const u_char  *at;

    if (*e->p != '\\') {
        return events_ecma_source(e);
    }

    at = e->p++;

    if (e->p == e->last || *e->p != 'u') {
        events_ecma_error(e, "is not a name of a group", at);
        return EVENTS_ECMA_ERROR;
    }

    e->p++;

    return events_ecma_unicode(e);
}


static int
events_ecma_add_name(events_ecma_parser_t *e, size_t offset, uint64_t hash,
    uint32_t group)
{
    events_ecma_name_t  *name;

    if (group && events_ecma_find_name(e, hash)) {
        return events_ecma_error(e, "two groups have the same name",
                                 e->start + offset);
    }

    if (e->nnames == EVENTS_ECMA_MAX_NAMES) {
        return events_ecma_error(e, "there are too many names of groups",
                                 e->start + offset);
    }

    name = &e->names[e->nnames++];
    name->hash = hash;
    name->group = group;
    name->offset = offset;

    return 1;
}


static uint32_t
events_ecma_find_name(events_ecma_parser_t *e, uint64_t hash)
{
    unsigned  i;

    for (i = 0; i < e->nnames; i++) {
        if (e->names[i].hash == hash && e->names[i].group) {
            return e->names[i].group;
        }
    }

    return 0;
}


/* whether all that is referred to is there; forward references get numbers */

static int
events_ecma_resolve(events_ecma_parser_t *e)
{
    uint32_t           i, group;
    unsigned           n;
    events_ecma_op_t  *op;

    if (e->reference > e->ngroups) {
        return events_ecma_error(e, "refers to a group that is not there",
                                 e->start + e->reference_at);
    }

    for (n = 0; n < e->nnames; n++) {

        if (e->names[n].group) {
            continue;
        }

        group = events_ecma_find_name(e, e->names[n].hash);

        if (group == 0) {
            return events_ecma_error(e, "refers to a group that is not there",
                                     e->start + e->names[n].offset);
        }

        for (i = 0; e->ecma->ops && i < e->nops; i++) {
            op = &e->ecma->ops[i];

            if (op->type == EVENTS_ECMA_REFERENCE && op->min == 0
                && op->max == e->names[n].offset)
            {
                op->min = group;
            }
        }
    }

    return 1;
}


void
events_ecma_emit(events_ecma_parser_t *e, unsigned type, uint32_t min,
    uint32_t max)
{
    events_ecma_op_t  op;

    memset(&op, 0, sizeof(events_ecma_op_t));
    op.type = type;
    op.min = min;
    op.max = max;

    events_ecma_emit_op(e, &op);
}


void
events_ecma_emit_op(events_ecma_parser_t *e, const events_ecma_op_t *op)
{
    if (e->ecma->ops) {
        e->ecma->ops[e->nops] = *op;
    }

    e->nops++;
}


int
events_ecma_error(events_ecma_parser_t *e, const char *text,
    const u_char *at)
{
    e->ecma->error = text;
    e->ecma->offset = at - e->start;

    return 0;
}
