
#include "events_pattern_internal.h"

#include <stdio.h>


/* the longest that one operation prints, but the name of a script */
#define EVENTS_ECMA_PRINTED  sizeof("\\p{Changes_When_NFKC_Casefolded}(?C1)")


static uint32_t events_ecma_never(const events_ecma_t *ecma, uint32_t i);
static u_char *events_ecma_print_op(u_char *p, const events_str_t *source,
    const events_ecma_op_t *op);
static u_char *events_ecma_print_open(u_char *p, const events_ecma_op_t *op);
static u_char *events_ecma_print_set(u_char *p, const events_str_t *source,
    const events_ecma_op_t *op);
static u_char *events_ecma_print_repeat(u_char *p,
    const events_ecma_op_t *op);
static u_char *events_ecma_print_char(u_char *p, uint32_t code);
static u_char *events_ecma_print_text(u_char *p, const char *text);


size_t
events_ecma_print_size(const events_str_t *source, const events_ecma_t *ecma)
{
    return (ecma->nops + 2) * EVENTS_ECMA_PRINTED + source->len;
}


/*
 * Nothing here depends on what PCRE2 makes of a letter or of punctuation.
 * Callouts, "(?C1)", stand wherever a match may come by again and again: what
 * lies between two of them is loops over one character, and no longer than the
 * expression otherwise.
 */

size_t
events_ecma_print(u_char *out, const events_str_t *source,
    const events_ecma_t *ecma)
{
    u_char                  *p;
    uint32_t                 i, last;
    const events_ecma_op_t  *op;

    p = events_ecma_print_text(out, "(?C1)");
    last = 0;

    for (i = 0; i < ecma->nops; i++) {
        op = &ecma->ops[i];

        if (i >= last) {
            last = events_ecma_never(ecma, i);
        }

        if (i < last) {

            if (op->type == EVENTS_ECMA_OPEN
                && op->kind == EVENTS_ECMA_CAPTURE)
            {
                p = events_ecma_print_text(p, "()");
            }

            continue;
        }

        p = events_ecma_print_op(p, source, op);

        if (op->type == EVENTS_ECMA_SET) {
            i += op->min;
        }
    }

    return p - out;
}


/*
 * Returns the end of what begins at i and is repeated no times, else 0.  PCRE2
 * 10.42 sees lookbehinds in it when it looks for a place to start.  Only its
 * groups stay, for their numbers.
 */

static uint32_t
events_ecma_never(const events_ecma_t *ecma, uint32_t i)
{
    uint32_t                 end;
    const events_ecma_op_t  *op;

    op = &ecma->ops[i];

    switch (op->type) {

    case EVENTS_ECMA_SET:
        end = i + op->min + 1;
        break;

    case EVENTS_ECMA_OPEN:
        end = events_ecma_matching(ecma, i) + 1;
        break;

    case EVENTS_ECMA_REFERENCE:
        end = i + 1;
        break;

    default:
        return 0;
    }

    op = &ecma->ops[end];

    return (end < ecma->nops && op->type == EVENTS_ECMA_REPEAT && op->max == 0)
           ? end + 1 : 0;
}


static u_char *
events_ecma_print_op(u_char *p, const events_str_t *source,
    const events_ecma_op_t *op)
{
    switch (op->type) {

    case EVENTS_ECMA_SET:
        return events_ecma_print_set(p, source, op);

    case EVENTS_ECMA_OPEN:
        return events_ecma_print_open(p, op);

    case EVENTS_ECMA_CLOSE:
        return events_ecma_print_text(p, ")");

    case EVENTS_ECMA_REPEAT:
        return events_ecma_print_repeat(p, op);

    case EVENTS_ECMA_OR:
        return events_ecma_print_text(p, "|(?C1)");

    case EVENTS_ECMA_START:
        return events_ecma_print_text(p, "^");

    case EVENTS_ECMA_END:
        return events_ecma_print_text(p, "$");

    case EVENTS_ECMA_BOUNDARY:
        return events_ecma_print_text(p, op->negated ? "\\B" : "\\b");

    default: /* EVENTS_ECMA_REFERENCE */

        /* to a group that is not closed yet: the empty string */

        if (op->negated) {
            return events_ecma_print_text(p, "(?:)");
        }

        /* PCRE2 does not repeat one to an unset group as it does others */

        return p + sprintf((char *) p, "(?:\\g{%u})", op->min);
    }
}


static u_char *
events_ecma_print_open(u_char *p, const events_ecma_op_t *op)
{
    switch (op->kind) {

    case EVENTS_ECMA_CAPTURE:
        p = events_ecma_print_text(p, "(");
        break;

    case EVENTS_ECMA_AHEAD:
        p = events_ecma_print_text(p, op->negated ? "(?!" : "(?=");
        break;

    case EVENTS_ECMA_BEHIND:
        p = events_ecma_print_text(p, op->negated ? "(?<!" : "(?<=");
        break;

    default: /* EVENTS_ECMA_GROUP */
        p = events_ecma_print_text(p, "(?:");
    }

    return events_ecma_print_text(p, "(?C1)");
}


static u_char *
events_ecma_print_set(u_char *p, const events_str_t *source,
    const events_ecma_op_t *op)
{
    uint32_t                 n;
    const char              *text;
    const events_ecma_op_t  *item;

    item = op + 1;

    /* PCRE2 does not repeat "[]" as it does other classes */

    if (op->min == 0 && !op->negated) {
        return events_ecma_print_text(p, "(?:(?!))");
    }

    if (op->min == 1 && !op->negated && item->type == EVENTS_ECMA_RANGE
        && item->min == item->max)
    {
        return events_ecma_print_char(p, item->min);
    }

    p = events_ecma_print_text(p, op->negated ? "[^" : "[");

    for (n = op->min; n; n--, item++) {

        switch (item->type) {

        case EVENTS_ECMA_RANGE:
            p = events_ecma_print_char(p, item->min);

            if (item->max > item->min) {
                *p++ = '-';
                p = events_ecma_print_char(p, item->max);
            }

            break;

        case EVENTS_ECMA_PROPERTY:
            text = events_ecma_properties[item->min].text;
            p += sprintf((char *) p, "\\%c{%s}", item->negated ? 'P' : 'p',
                         text);
            break;

        default: /* EVENTS_ECMA_SCRIPT */
            p += sprintf((char *) p, "\\%c{%s:%.*s}",
                         item->negated ? 'P' : 'p',
                         item->lazy ? "scx" : "sc", (int) item->max,
                         source->data + item->min);
        }
    }

    return events_ecma_print_text(p, "]");
}


static u_char *
events_ecma_print_repeat(u_char *p, const events_ecma_op_t *op)
{
    if (op->max == EVENTS_ECMA_UNBOUNDED) {
        p += sprintf((char *) p, "{%u,}", op->min);

    } else {
        p += sprintf((char *) p, "{%u,%u}", op->min, op->max);
    }

    return events_ecma_print_text(p, op->lazy ? "?(?C1)" : "(?C1)");
}


static u_char *
events_ecma_print_char(u_char *p, uint32_t code)
{
    if ((code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z')
        || (code >= 'a' && code <= 'z'))
    {
        *p++ = code;
        return p;
    }

    return p + sprintf((char *) p, "\\x{%x}", code);
}


static u_char *
events_ecma_print_text(u_char *p, const char *text)
{
    size_t  len;

    len = strlen(text);
    memcpy(p, text, len);

    return p + len;
}
