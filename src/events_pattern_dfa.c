
#include "events_pattern_internal.h"
#include "events_utf8.h"

#include <stdlib.h>


/*
 * The automaton of Glushkov: a position for each set of characters in the
 * expression, with counts written out, and what may follow each.  Then the
 * automaton of subsets, one step a character.  What exceeds these limits is
 * left to PCRE2; they bound the time of compiling to some milliseconds, and
 * are enough for {1,255}.
 */
#define EVENTS_DFA_WORDS          5
#define EVENTS_DFA_MAX_POSITIONS  (EVENTS_DFA_WORDS * 64)
#define EVENTS_DFA_MAX_DEPTH      32
#define EVENTS_DFA_MAX_BOUNDS     300
#define EVENTS_DFA_MAX_CLASSES    100
#define EVENTS_DFA_MAX_STATES     1000
#define EVENTS_DFA_MAX_ENTRIES    8192
#define EVENTS_DFA_SLOTS          2048      /* over twice as many, 2^n */

/* states that are known beforehand; the others come after these */
#define EVENTS_DFA_DEAD           0
#define EVENTS_DFA_MATCH          1
#define EVENTS_DFA_DECODE         2         /* not ASCII: see what it is */
#define EVENTS_DFA_START          3


typedef struct {
    uint64_t              words[EVENTS_DFA_WORDS];
} events_dfa_mask_t;


/* a part of the expression, and positions that it begins and ends with */

typedef struct {
    events_dfa_mask_t     first;
    events_dfa_mask_t     last;
    uint32_t              from;             /* its first position */
    unsigned              nullable:1;
} events_dfa_part_t;


/* a group that is not closed: its alternatives, and the one in work */

typedef struct {
    events_dfa_part_t     all;
    events_dfa_part_t     one;
} events_dfa_frame_t;


typedef struct {
    events_dfa_mask_t     next;             /* positions that may come */
    uint64_t              end;              /* matches if it ends here */
} events_dfa_state_t;


typedef struct {
    const events_ecma_t  *ecma;
    uint32_t              npositions;
    unsigned              depth;
    unsigned              anchored;         /* one in work: by "^" */
    unsigned              ended;            /* by "$" */

    /* of the whole: by where an alternative may begin and end */

    events_dfa_mask_t     first;
    events_dfa_mask_t     first_later;      /* not by "^" */
    events_dfa_mask_t     last;             /* not by "$" */
    events_dfa_mask_t     last_end;
    unsigned              always;           /* matches anything */
    unsigned              empty;            /* matches the empty string */

    uint32_t              sets[EVENTS_DFA_MAX_POSITIONS];
    events_dfa_mask_t     follow[EVENTS_DFA_MAX_POSITIONS];
    events_dfa_frame_t    frames[EVENTS_DFA_MAX_DEPTH];

    uint32_t              nbounds;
    uint32_t              bounds[EVENTS_DFA_MAX_BOUNDS];
    uint8_t               class_of[EVENTS_DFA_MAX_BOUNDS];
    uint32_t              nclasses;
    events_dfa_mask_t     classes[EVENTS_DFA_MAX_CLASSES];

    uint32_t              nstates;
    events_dfa_state_t    states[EVENTS_DFA_MAX_STATES];
    uint16_t              slots[EVENTS_DFA_SLOTS];
    uint16_t              table[EVENTS_DFA_MAX_ENTRIES];
} events_dfa_build_t;


struct events_dfa_s {
    uint8_t               bytes[256];       /* class of a byte */
    uint8_t              *others;           /* of a range of them */
    uint32_t             *bounds;           /* where each range begins */
    uint32_t              nbounds;
    uint32_t              match;            /* rows in the table */
    uint32_t              decode;
    uint32_t              start;
    uint32_t              width;            /* classes, and "not ASCII" */
    uint8_t              *ends;             /* by state: matches at the end */
    uint16_t             *table;            /* row + class -> row */
};


static int events_dfa_parse(events_dfa_build_t *b);
static int events_dfa_op(events_dfa_build_t *b, uint32_t *i);
static int events_dfa_open(events_dfa_build_t *b);
static void events_dfa_alternative(events_dfa_build_t *b);
static void events_dfa_top(events_dfa_build_t *b);
static int events_dfa_atom(events_dfa_build_t *b, events_dfa_part_t *part,
    uint32_t *i);
static int events_dfa_repeat(events_dfa_build_t *b, events_dfa_part_t *part,
    const events_ecma_op_t *op);
static void events_dfa_copy(events_dfa_build_t *b,
    const events_dfa_part_t *part, uint32_t width, uint32_t n);
static void events_dfa_append(events_dfa_build_t *b,
    const events_dfa_part_t *part);
static void events_dfa_connect(events_dfa_build_t *b,
    const events_dfa_mask_t *last, const events_dfa_mask_t *first);
static void events_dfa_begin(events_dfa_build_t *b, events_dfa_part_t *part);

static int events_dfa_classify(events_dfa_build_t *b);
static int events_dfa_add_bounds(events_dfa_build_t *b,
    const events_ecma_op_t *set);
static int events_dfa_add_bound(events_dfa_build_t *b, uint32_t code);
static int events_dfa_holds(const events_ecma_op_t *set, uint32_t code);

static int events_dfa_subsets(events_dfa_build_t *b);
static uint32_t events_dfa_step(events_dfa_build_t *b,
    const events_dfa_mask_t *next, const events_dfa_mask_t *class);
static uint32_t events_dfa_state(events_dfa_build_t *b,
    const events_dfa_state_t *state);
static events_dfa_t *events_dfa_finish(const events_dfa_build_t *b);

static uint32_t events_dfa_class(const events_dfa_t *dfa, const u_char **p);
static int events_dfa_bound_compare(const void *one, const void *two);

static void events_dfa_or(events_dfa_mask_t *mask,
    const events_dfa_mask_t *other);
static int events_dfa_any(const events_dfa_mask_t *one,
    const events_dfa_mask_t *two);
static void events_dfa_shift(events_dfa_mask_t *mask, uint32_t n);


int
events_dfa_create(const events_ecma_t *ecma, events_dfa_t **dfa)
{
    events_dfa_build_t  *b;

    *dfa = NULL;

    b = malloc(sizeof(events_dfa_build_t));
    if (b == NULL) {
        return 0;
    }

    memset(b, 0, sizeof(events_dfa_build_t));
    b->ecma = ecma;

    if (events_dfa_parse(b) && events_dfa_classify(b) && events_dfa_subsets(b))
    {
        *dfa = events_dfa_finish(b);

        if (*dfa == NULL) {
            free(b);
            return 0;
        }
    }

    free(b);

    return 1;
}


void
events_dfa_destroy(events_dfa_t *dfa)
{
    free(dfa);
}


int
events_dfa_match(const events_dfa_t *dfa, const events_str_t *subject)
{
    uint32_t         row, next;
    const u_char    *p, *last;
    const uint16_t  *table;

    p = subject->data;
    last = p + subject->len;
    row = dfa->start;

    if (row == dfa->match) {
        return 1;
    }

    for ( ;; ) {
        table = dfa->table + row;
        next = row;

        /* of these loads none waits for the one before */

        while (p < last && (next = table[dfa->bytes[*p]]) == row) {
            p++;
        }

        if (p == last) {
            return dfa->ends[row / dfa->width];
        }

        if (next == dfa->decode) {
            next = table[events_dfa_class(dfa, &p)];

        } else {
            p++;
        }

        if (next <= dfa->match) {
            return next == dfa->match;
        }

        row = next;
    }
}


/* returns 0 where the expression is not for this */

static int
events_dfa_parse(events_dfa_build_t *b)
{
    uint32_t             i;
    events_dfa_frame_t  *frame;

    frame = &b->frames[0];
    events_dfa_begin(b, &frame->one);

    for (i = 0; i < b->ecma->nops; i++) {
        if (!events_dfa_op(b, &i)) {
            return 0;
        }
    }

    events_dfa_top(b);

    return 1;
}


static int
events_dfa_op(events_dfa_build_t *b, uint32_t *i)
{
    events_dfa_part_t        part;
    events_dfa_frame_t      *frame;
    const events_ecma_op_t  *op;

    op = &b->ecma->ops[*i];
    frame = &b->frames[b->depth];

    /* "$" ends an alternative, and "^" begins it, or it is for PCRE2 */

    if (b->ended && op->type != EVENTS_ECMA_OR) {
        return 0;
    }

    switch (op->type) {

    case EVENTS_ECMA_SET:
        return events_dfa_atom(b, &part, i);

    case EVENTS_ECMA_OPEN:
        return !op->negated && op->kind <= EVENTS_ECMA_CAPTURE
               && events_dfa_open(b);

    case EVENTS_ECMA_CLOSE:
        events_dfa_alternative(b);
        part = frame->all;
        b->depth--;

        if (*i + 1 < b->ecma->nops && op[1].type == EVENTS_ECMA_REPEAT) {
            (*i)++;

            if (!events_dfa_repeat(b, &part, op + 1)) {
                return 0;
            }
        }

        events_dfa_append(b, &part);
        return 1;

    case EVENTS_ECMA_OR:
        if (b->depth == 0) {
            events_dfa_top(b);

        } else {
            events_dfa_alternative(b);
        }

        events_dfa_begin(b, &frame->one);
        return 1;

    case EVENTS_ECMA_START:
        b->anchored = 1;
        return b->depth == 0 && (*i == 0 || op[-1].type == EVENTS_ECMA_OR);

    case EVENTS_ECMA_END:
        b->ended = 1;
        return b->depth == 0;

    default:
        return 0;
    }
}


static int
events_dfa_open(events_dfa_build_t *b)
{
    events_dfa_frame_t  *frame;

    if (++b->depth == EVENTS_DFA_MAX_DEPTH) {
        return 0;
    }

    frame = &b->frames[b->depth];
    events_dfa_begin(b, &frame->all);
    events_dfa_begin(b, &frame->one);

    frame->all.nullable = 0;

    return 1;
}


static void
events_dfa_alternative(events_dfa_build_t *b)
{
    events_dfa_frame_t  *frame;

    frame = &b->frames[b->depth];

    events_dfa_or(&frame->all.first, &frame->one.first);
    events_dfa_or(&frame->all.last, &frame->one.last);
    frame->all.nullable |= frame->one.nullable;
}


/* an alternative of the whole expression */

static void
events_dfa_top(events_dfa_build_t *b)
{
    events_dfa_part_t  *one;

    one = &b->frames[0].one;

    events_dfa_or(&b->first, &one->first);

    if (!b->anchored) {
        events_dfa_or(&b->first_later, &one->first);
    }

    events_dfa_or(b->ended ? &b->last_end : &b->last, &one->last);

    if (one->nullable) {

        if (!b->anchored || !b->ended) {
            b->always = 1;
        }

        b->empty = 1;
    }

    b->anchored = 0;
    b->ended = 0;
}


static int
events_dfa_atom(events_dfa_build_t *b, events_dfa_part_t *part, uint32_t *i)
{
    uint32_t                 n;
    const events_ecma_op_t  *op;

    op = &b->ecma->ops[*i];

    for (n = 1; n <= op->min; n++) {
        if (op[n].type != EVENTS_ECMA_RANGE) {
            return 0;
        }
    }

    if (b->npositions == EVENTS_DFA_MAX_POSITIONS) {
        return 0;
    }

    events_dfa_begin(b, part);
    part->nullable = 0;

    n = b->npositions++;
    b->sets[n] = *i;
    part->first.words[n / 64] |= (uint64_t) 1 << (n % 64);
    part->last = part->first;

    *i += op->min;
    op += op->min + 1;

    if (*i + 1 < b->ecma->nops && op->type == EVENTS_ECMA_REPEAT) {
        (*i)++;

        if (!events_dfa_repeat(b, part, op)) {
            return 0;
        }
    }

    events_dfa_append(b, part);

    return 1;
}


/*
 * x{2,4} is xx(x(x)?)?, x{2,} is xx+.  Of a part that may be empty only the
 * rest counts, as often as wanted.
 */

static int
events_dfa_repeat(events_dfa_build_t *b, events_dfa_part_t *part,
    const events_ecma_op_t *op)
{
    uint32_t           i, n, min, width;
    events_dfa_mask_t  first, last, all;

    width = b->npositions - part->from;
    min = part->nullable ? 0 : op->min;
    n = (op->max == EVENTS_ECMA_UNBOUNDED) ? (min ? min : 1) : op->max;

    if (n == 0) {
        events_dfa_begin(b, part);
        return 1;
    }

    if (width == 0) {
        return 1;
    }

    if (n > EVENTS_DFA_MAX_POSITIONS
        || n * width > EVENTS_DFA_MAX_POSITIONS - part->from)
    {
        return 0;
    }

    events_dfa_copy(b, part, width, n);

    memset(&all, 0, sizeof(events_dfa_mask_t));
    first = part->first;
    last = part->last;

    for (i = 1; /* void */ ; i++) {

        if (i >= min) {
            events_dfa_or(&all, &last);
        }

        if (i == n) {
            break;
        }

        events_dfa_shift(&first, width);
        events_dfa_connect(b, &last, &first);
        events_dfa_shift(&last, width);
    }

    if (op->max == EVENTS_ECMA_UNBOUNDED) {
        events_dfa_connect(b, &last, &first);
    }

    part->last = all;
    part->nullable = (min == 0);

    return 1;
}


static void
events_dfa_copy(events_dfa_build_t *b, const events_dfa_part_t *part,
    uint32_t width, uint32_t n)
{
    uint32_t  i, end;

    end = part->from + width * n;

    for (i = part->from + width; i < end; i++) {
        b->sets[i] = b->sets[i - width];
        b->follow[i] = b->follow[i - width];
        events_dfa_shift(&b->follow[i], width);
    }

    b->npositions = end;
}


static void
events_dfa_append(events_dfa_build_t *b, const events_dfa_part_t *part)
{
    events_dfa_part_t  *one;

    one = &b->frames[b->depth].one;

    events_dfa_connect(b, &one->last, &part->first);

    if (one->nullable) {
        events_dfa_or(&one->first, &part->first);
    }

    if (part->nullable) {
        events_dfa_or(&one->last, &part->last);

    } else {
        one->last = part->last;
        one->nullable = 0;
    }
}


static void
events_dfa_connect(events_dfa_build_t *b, const events_dfa_mask_t *last,
    const events_dfa_mask_t *first)
{
    uint32_t  i;

    for (i = 0; i < b->npositions; i++) {
        if (last->words[i / 64] >> (i % 64) & 1) {
            events_dfa_or(&b->follow[i], first);
        }
    }
}


/* the empty string */

static void
events_dfa_begin(events_dfa_build_t *b, events_dfa_part_t *part)
{
    memset(part, 0, sizeof(events_dfa_part_t));

    part->from = b->npositions;
    part->nullable = 1;
}


/* characters that all sets of the expression hold, or leave out, alike */

static int
events_dfa_classify(events_dfa_build_t *b)
{
    uint32_t                 i, n, k;
    events_dfa_mask_t        class;
    const events_ecma_op_t  *op;

    if (!events_dfa_add_bound(b, 0)) {
        return 0;
    }

    for (i = 0; i < b->ecma->nops; i++) {
        op = &b->ecma->ops[i];

        if (op->type == EVENTS_ECMA_SET && !events_dfa_add_bounds(b, op)) {
            return 0;
        }
    }

    qsort(b->bounds, b->nbounds, sizeof(uint32_t), events_dfa_bound_compare);

    for (n = 0, i = 0; i < b->nbounds; i++) {
        if (i == 0 || b->bounds[i] != b->bounds[n - 1]) {
            b->bounds[n++] = b->bounds[i];
        }
    }

    b->nbounds = n;

    for (i = 0; i < b->nbounds; i++) {
        memset(&class, 0, sizeof(events_dfa_mask_t));

        for (k = 0; k < b->npositions; k++) {

            if (events_dfa_holds(&b->ecma->ops[b->sets[k]], b->bounds[i])) {
                class.words[k / 64] |= (uint64_t) 1 << (k % 64);
            }
        }

        for (k = 0; k < b->nclasses; k++) {
            if (memcmp(&b->classes[k], &class, sizeof(class)) == 0) {
                break;
            }
        }

        if (k == EVENTS_DFA_MAX_CLASSES) {
            return 0;
        }

        if (k == b->nclasses) {
            b->classes[b->nclasses++] = class;
        }

        b->class_of[i] = k;
    }

    return 1;
}


static int
events_dfa_add_bounds(events_dfa_build_t *b, const events_ecma_op_t *set)
{
    uint32_t  n;

    for (n = 1; n <= set->min; n++) {
        if (!events_dfa_add_bound(b, set[n].min)
            || !events_dfa_add_bound(b, set[n].max + 1))
        {
            return 0;
        }
    }

    return 1;
}


static int
events_dfa_add_bound(events_dfa_build_t *b, uint32_t code)
{
    if (b->nbounds == EVENTS_DFA_MAX_BOUNDS) {
        return 0;
    }

    b->bounds[b->nbounds++] = code;

    return 1;
}


static int
events_dfa_holds(const events_ecma_op_t *set, uint32_t code)
{
    uint32_t  n;

    for (n = 1; n <= set->min; n++) {
        if (code >= set[n].min && code <= set[n].max) {
            return !set->negated;
        }
    }

    return set->negated;
}


static int
events_dfa_subsets(events_dfa_build_t *b)
{
    uint32_t            i, k, to, width;
    events_dfa_state_t  start;

    width = b->nclasses + 1;

    /* states that no subset may be taken for */

    b->nstates = EVENTS_DFA_START;

    memset(&start, 0, sizeof(events_dfa_state_t));
    start.next = b->first;
    start.end = b->empty;

    if (events_dfa_state(b, &start) == EVENTS_DFA_MAX_STATES) {
        return 0;
    }

    for (i = EVENTS_DFA_START; i < b->nstates; i++) {

        if ((i + 1) * width > EVENTS_DFA_MAX_ENTRIES) {
            return 0;
        }

        for (k = 0; k < b->nclasses; k++) {
            to = events_dfa_step(b, &b->states[i].next, &b->classes[k]);

            if (to == EVENTS_DFA_MAX_STATES) {
                return 0;
            }

            b->table[i * width + k] = to * width;
        }

        b->table[i * width + k] = EVENTS_DFA_DECODE * width;
    }

    return 1;
}


static uint32_t
events_dfa_step(events_dfa_build_t *b, const events_dfa_mask_t *next,
    const events_dfa_mask_t *class)
{
    uint32_t            i, k;
    uint64_t            word;
    events_dfa_mask_t   now;
    events_dfa_state_t  state;

    for (i = 0; i < EVENTS_DFA_WORDS; i++) {
        now.words[i] = next->words[i] & class->words[i];
    }

    if (b->always || events_dfa_any(&now, &b->last)) {
        return EVENTS_DFA_MATCH;
    }

    memset(&state, 0, sizeof(events_dfa_state_t));
    state.next = b->first_later;
    state.end = events_dfa_any(&now, &b->last_end);

    for (i = 0; i < EVENTS_DFA_WORDS; i++) {
        for (word = now.words[i], k = i * 64; word; word >>= 1, k++) {
            if (word & 1) {
                events_dfa_or(&state.next, &b->follow[k]);
            }
        }
    }

    if (!state.end && !events_dfa_any(&state.next, &state.next)) {
        return EVENTS_DFA_DEAD;
    }

    return events_dfa_state(b, &state);
}


/* the index of state, which is added if it is new, or MAX_STATES */

static uint32_t
events_dfa_state(events_dfa_build_t *b, const events_dfa_state_t *state)
{
    uint32_t  i, slot;
    uint64_t  hash;

    hash = state->end;

    for (i = 0; i < EVENTS_DFA_WORDS; i++) {
        hash = (hash ^ state->next.words[i]) * 0x9E3779B97F4A7C15ULL;
        hash ^= hash >> 32;
    }

    slot = hash % EVENTS_DFA_SLOTS;

    while (b->slots[slot]) {
        i = b->slots[slot];

        if (memcmp(&b->states[i], state, sizeof(events_dfa_state_t)) == 0) {
            return i;
        }

        slot = (slot + 1) % EVENTS_DFA_SLOTS;
    }

    if (b->nstates == EVENTS_DFA_MAX_STATES) {
        return EVENTS_DFA_MAX_STATES;
    }

    b->states[b->nstates] = *state;
    b->slots[slot] = b->nstates;

    return b->nstates++;
}


/* all in one piece of memory */

static events_dfa_t *
events_dfa_finish(const events_dfa_build_t *b)
{
    size_t         entries;
    uint32_t       i, k, width;
    events_dfa_t  *dfa;

    width = b->nclasses + 1;
    entries = b->nstates * width;

    dfa = malloc(sizeof(events_dfa_t)
                 + b->nbounds * (sizeof(uint32_t) + sizeof(uint8_t))
                 + entries * sizeof(uint16_t) + b->nstates);
    if (dfa == NULL) {
        return NULL;
    }

    dfa->bounds = (uint32_t *) (dfa + 1);
    dfa->table = (uint16_t *) (dfa->bounds + b->nbounds);
    dfa->others = (uint8_t *) (dfa->table + entries);
    dfa->ends = dfa->others + b->nbounds;

    dfa->nbounds = b->nbounds;
    dfa->width = width;
    dfa->match = EVENTS_DFA_MATCH * width;
    dfa->decode = EVENTS_DFA_DECODE * width;
    dfa->start = b->always ? dfa->match : EVENTS_DFA_START * width;

    memcpy(dfa->bounds, b->bounds, b->nbounds * sizeof(uint32_t));
    memcpy(dfa->others, b->class_of, b->nbounds);
    memcpy(dfa->table, b->table, entries * sizeof(uint16_t));

    for (i = 0; i < b->nstates; i++) {
        dfa->ends[i] = b->states[i].end;
    }

    for (i = 0, k = 0; i < sizeof(dfa->bytes); i++) {

        if (k + 1 < b->nbounds && b->bounds[k + 1] == i) {
            k++;
        }

        dfa->bytes[i] = (i < 0x80) ? b->class_of[k] : b->nclasses;
    }

    return dfa;
}


/* of a character that is not ASCII, which is skipped */

static uint32_t
events_dfa_class(const events_dfa_t *dfa, const u_char **p)
{
    size_t    n;
    uint32_t  code, low, high, middle;

    n = events_utf8_size(**p);
    code = *(*p)++ & (0x7F >> n);

    while (--n) {
        code = (code << 6) | (*(*p)++ & 0x3F);
    }

    low = 0;
    high = dfa->nbounds;

    /* bounds[low] <= code < bounds[high] */

    while (high - low > 1) {
        middle = (low + high) / 2;

        if (dfa->bounds[middle] <= code) {
            low = middle;

        } else {
            high = middle;
        }
    }

    return dfa->others[low];
}


static int
events_dfa_bound_compare(const void *one, const void *two)
{
    const uint32_t *a = one;
    const uint32_t *b = two;

    return (*a > *b) - (*a < *b);
}


static void
events_dfa_or(events_dfa_mask_t *mask, const events_dfa_mask_t *other)
{
    unsigned  i;

    for (i = 0; i < EVENTS_DFA_WORDS; i++) {
        mask->words[i] |= other->words[i];
    }
}


static int
events_dfa_any(const events_dfa_mask_t *one, const events_dfa_mask_t *two)
{
    uint64_t  any;
    unsigned  i;

    for (any = 0, i = 0; i < EVENTS_DFA_WORDS; i++) {
        any |= one->words[i] & two->words[i];
    }

    return any != 0;
}


/* positions move up by n */

static void
events_dfa_shift(events_dfa_mask_t *mask, uint32_t n)
{
    unsigned           i, words, bits;
    events_dfa_mask_t  from;

    from = *mask;
    words = n / 64;
    bits = n % 64;

    for (i = 0; i < EVENTS_DFA_WORDS; i++) {
        mask->words[i] = 0;

        if (i >= words) {
            mask->words[i] = from.words[i - words] << bits;

            if (bits && i > words) {
                mask->words[i] |= from.words[i - words - 1] >> (64 - bits);
            }
        }
    }
}
