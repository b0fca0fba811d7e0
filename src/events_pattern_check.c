
#include "events_pattern_internal.h"


/* each is compared with all groups */
#define EVENTS_ECMA_MAX_REFERENCES  100


static int events_ecma_same(const events_ecma_t *ecma, uint32_t reference,
    uint32_t group);
static uint32_t events_ecma_group(const events_ecma_t *ecma,
    uint32_t number);
static int events_ecma_has_or(const events_ecma_t *ecma, uint32_t open,
    uint32_t from, uint32_t to);


/*
 * Each turn of a repeated group forgets what its groups held (ECMA-262, section
 * 21.2.2.3.1), and those in a lookbehind are matched from right to left; PCRE2
 * does neither.  It makes no difference where a group has always been matched
 * anew, in the same turn, when the reference comes.  A reference that comes
 * before its group has ended stands for the empty string.
 */

int
events_ecma_references(events_ecma_t *ecma)
{
    uint32_t  i, n, group;

    for (n = 0, i = 0; i < ecma->nops; i++) {

        if (ecma->ops[i].type != EVENTS_ECMA_REFERENCE) {
            continue;
        }

        if (++n > EVENTS_ECMA_MAX_REFERENCES) {
            return 0;
        }

        group = events_ecma_group(ecma, ecma->ops[i].min);
        ecma->ops[i].negated = (events_ecma_matching(ecma, group) > i);

        if (!events_ecma_same(ecma, i, group)) {
            return 0;
        }
    }

    return 1;
}


static int
events_ecma_same(const events_ecma_t *ecma, uint32_t reference,
    uint32_t group)
{
    uint32_t                 i, open, close, common, repeated;
    const events_ecma_op_t  *ops;

    ops = ecma->ops;
    common = 0;
    repeated = 0;

    for (i = 0; i < reference || i <= group; i++) {

        if (ops[i].type != EVENTS_ECMA_OPEN) {
            continue;
        }

        open = i;
        close = events_ecma_matching(ecma, open);

        if (ops[open].kind == EVENTS_ECMA_BEHIND
            && ((open < group && group < close)
                || (open < reference && reference < close)))
        {
            return 0;
        }

        if (ops[reference].negated || open > group || group > close) {
            continue;
        }

        /* around the group, or the group itself */

        if (open < reference && reference < close) {
            common = open + 1;
        }

        if (close + 1 < ecma->nops
            && ops[close + 1].type == EVENTS_ECMA_REPEAT)
        {
            if (ops[close + 1].max > 1) {
                repeated = 1;

                if (common != open + 1) {
                    return 0;
                }
            }

            if (repeated && ops[close + 1].min == 0 && common != open + 1) {
                return 0;
            }
        }

        if (repeated && common != open + 1 && open != group
            && (ops[open].negated || events_ecma_has_or(ecma, open, open,
                                                      close)))
        {
            return 0;
        }
    }

    return !repeated
           || !events_ecma_has_or(ecma, common - 1, group, reference);
}


static uint32_t
events_ecma_group(const events_ecma_t *ecma, uint32_t number)
{
    uint32_t  i;

    i = 0;

    while (ecma->ops[i].type != EVENTS_ECMA_OPEN
           || ecma->ops[i].kind != EVENTS_ECMA_CAPTURE
           || ecma->ops[i].min != number)
    {
        i++;
    }

    return i;
}


/* the CLOSE of an OPEN */

uint32_t
events_ecma_matching(const events_ecma_t *ecma, uint32_t open)
{
    uint32_t  i, depth;

    for (depth = 0, i = open; i < ecma->nops; i++) {

        if (ecma->ops[i].type == EVENTS_ECMA_OPEN) {
            depth++;

        } else if (ecma->ops[i].type == EVENTS_ECMA_CLOSE && --depth == 0) {
            break;
        }
    }

    return i;
}


/* whether an alternative of the group begins between from and to */

static int
events_ecma_has_or(const events_ecma_t *ecma, uint32_t open, uint32_t from,
    uint32_t to)
{
    uint32_t  i, depth;

    for (depth = 0, i = open; i < to; i++) {

        if (ecma->ops[i].type == EVENTS_ECMA_OPEN) {
            depth++;

        } else if (ecma->ops[i].type == EVENTS_ECMA_CLOSE) {
            depth--;

        } else if (ecma->ops[i].type == EVENTS_ECMA_OR && depth == 1
                   && i > from)
        {
            return 1;
        }
    }

    return 0;
}


uint32_t
events_ecma_weight(const events_ecma_t *ecma)
{
    uint32_t                 i, depth;
    uint64_t                 weight, before[EVENTS_ECMA_MAX_DEPTH], times;
    const events_ecma_op_t  *op;

    weight = 0;
    depth = 0;

    for (i = 0; i < ecma->nops; i++) {
        op = &ecma->ops[i];
        weight++;

        if (op->type == EVENTS_ECMA_OPEN) {
            before[depth++] = weight;
            weight = 0;

        } else if (op->type == EVENTS_ECMA_CLOSE) {
            times = 1;

            if (i + 1 < ecma->nops && op[1].type == EVENTS_ECMA_REPEAT) {
                times = (op[1].max == EVENTS_ECMA_UNBOUNDED) ? op[1].min
                                                             : op[1].max;
            }

            weight = before[--depth] + weight * (times ? times : 1);
        }

        if (weight >= UINT32_MAX) {
            return UINT32_MAX;
        }
    }

    return weight;
}
