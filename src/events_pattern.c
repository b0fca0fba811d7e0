
#include "events_pattern_internal.h"

#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>


/* bytes of an expression, and of what PCRE2 makes of it */
#define EVENTS_PATTERN_MAX_LEN      32768
#define EVENTS_PATTERN_MAX_WEIGHT   65536

/*
 * The work of a match with PCRE2.  Its own match limit does not bound it: with
 * JIT it holds for each place where a match may begin, and a loop over one
 * character counts once, however far it goes.  So callouts count: the bytes
 * that the match went forward since the last one, and the callout itself. All
 * of it takes 1 to 4 milliseconds on a CPU of 2 GHz or more; usual expressions
 * need it for subjects over 100,000 bytes only.
 */
#define EVENTS_PATTERN_WORK         2500000
#define EVENTS_PATTERN_CALLOUT      8

/* a comparison with what a group holds is not seen otherwise */
#define EVENTS_PATTERN_REFERENCE    4       /* of this many bytes costs 1 */

/* between callouts, and without JIT */
#define EVENTS_PATTERN_STEPS        1000000

/* memory that backtracking may use */
#define EVENTS_PATTERN_STACK_MIN    (16 * 1024)
#define EVENTS_PATTERN_STACK_MAX    (512 * 1024)

/* "$" is the very end, "[]" and "[^]" have a meaning, \1 may be empty */
#define EVENTS_PATTERN_OPTIONS                                                \
    (PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS               \
     | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C                    \
     | PCRE2_NEVER_UCP)


typedef struct {
    size_t                position;
    size_t                left;
    size_t                callout;
} events_pattern_work_t;


struct events_pattern_s {
    events_dfa_t         *dfa;              /* or all of the following */
    pcre2_code           *code;
    pcre2_match_data     *data;
    pcre2_match_context  *context;
    pcre2_jit_stack      *stack;
    events_pattern_work_t  *work;
    unsigned              jit:1;
    unsigned              references:1;
};


static events_pattern_t *events_pattern_create(const events_str_t *source,
    int pcre, char *errstr, size_t size);
static int events_pattern_parse(const events_str_t *source,
    events_ecma_t *ecma, char *errstr, size_t size);
static int events_pattern_pcre(events_pattern_t *pattern,
    const events_str_t *source, events_ecma_t *ecma, char *errstr,
    size_t size);
static pcre2_code *events_pattern_code(const u_char *text, size_t len,
    char *errstr, size_t size);
static int events_pattern_prepare(events_pattern_t *pattern);
static int events_pattern_exec(const events_pattern_t *pattern,
    const events_str_t *subject);
static int events_pattern_callout(pcre2_callout_block *block, void *data);


events_pattern_t *
events_pattern_compile(const events_str_t *source, char *errstr, size_t size)
{
    return events_pattern_create(source, 0, errstr, size);
}


events_pattern_t *
events_pattern_compile_pcre(const events_str_t *source, char *errstr,
    size_t size)
{
    return events_pattern_create(source, 1, errstr, size);
}


static events_pattern_t *
events_pattern_create(const events_str_t *source, int pcre, char *errstr,
    size_t size)
{
    int                ok;
    events_ecma_t      ecma;
    events_pattern_t  *pattern;

    if (!events_pattern_parse(source, &ecma, errstr, size)) {
        return NULL;
    }

    ok = 0;
    pattern = calloc(1, sizeof(events_pattern_t));

    if (pattern == NULL
        || (!pcre && !events_dfa_create(&ecma, &pattern->dfa)))
    {
        snprintf(errstr, size, "no memory");

    } else {
        ok = pattern->dfa
             || events_pattern_pcre(pattern, source, &ecma, errstr, size);
    }

    free(ecma.ops);

    if (!ok) {
        events_pattern_destroy(pattern);
        return NULL;
    }

    return pattern;
}


/* the operations are the caller's to free */

static int
events_pattern_parse(const events_str_t *source, events_ecma_t *ecma,
    char *errstr, size_t size)
{
    if (source->len > EVENTS_PATTERN_MAX_LEN) {
        snprintf(errstr, size, "it is longer than %u bytes",
                 EVENTS_PATTERN_MAX_LEN);
        return 0;
    }

    memset(ecma, 0, sizeof(events_ecma_t));

    if (!events_ecma_parse(source, ecma)) {
        snprintf(errstr, size, "at byte %zu: %s", ecma->offset, ecma->error);
        return 0;
    }

    ecma->ops = malloc((ecma->nops + 1) * sizeof(events_ecma_op_t));

    if (ecma->ops == NULL) {
        snprintf(errstr, size, "no memory");
        return 0;
    }

    return events_ecma_parse(source, ecma);
}


int
events_pattern_valid(const events_str_t *source)
{
    events_ecma_t  ecma;

    memset(&ecma, 0, sizeof(events_ecma_t));

    return events_ecma_parse(source, &ecma);
}


static int
events_pattern_pcre(events_pattern_t *pattern, const events_str_t *source,
    events_ecma_t *ecma, char *errstr, size_t size)
{
    u_char    *text;
    uint32_t   i;

    if (events_ecma_weight(ecma) > EVENTS_PATTERN_MAX_WEIGHT) {
        snprintf(errstr, size, "it is too large, with all that it repeats");
        return 0;
    }

    if (!events_ecma_references(ecma)) {
        snprintf(errstr, size, "it refers back to a group that may repeat "
                 "without it, or in a lookbehind: not supported");
        return 0;
    }

    for (i = 0; i < ecma->nops; i++) {
        if (ecma->ops[i].type == EVENTS_ECMA_REFERENCE) {
            pattern->references = 1;
        }
    }

    text = malloc(events_ecma_print_size(source, ecma));
    if (text == NULL) {
        snprintf(errstr, size, "no memory");
        return 0;
    }

    pattern->code = events_pattern_code(text,
                                      events_ecma_print(text, source, ecma),
                                      errstr, size);
    free(text);

    if (pattern->code == NULL) {
        return 0;
    }

    if (!events_pattern_prepare(pattern)) {
        snprintf(errstr, size, "no memory");
        return 0;
    }

    return 1;
}


static pcre2_code *
events_pattern_code(const u_char *text, size_t len, char *errstr, size_t size)
{
    int          error;
    size_t       offset, used;
    pcre2_code  *code;

    code = pcre2_compile(text, len, EVENTS_PATTERN_OPTIONS, &error, &offset,
                         NULL);

    if (code == NULL && size > 0) {

        /* the offset is that in another text */

        used = snprintf(errstr, size, "PCRE2 says: ");

        if (used < size) {
            pcre2_get_error_message(error, (PCRE2_UCHAR *) errstr + used,
                                    size - used);
        }
    }

    return code;
}


/* all that a match needs is allocated here, so that it allocates nothing */

static int
events_pattern_prepare(events_pattern_t *pattern)
{
    pattern->data = pcre2_match_data_create(1, NULL);
    pattern->context = pcre2_match_context_create(NULL);
    pattern->work = malloc(sizeof(events_pattern_work_t));

    if (pattern->data == NULL || pattern->context == NULL
        || pattern->work == NULL)
    {
        return 0;
    }

    pcre2_set_callout(pattern->context, events_pattern_callout,
                      pattern->work);
    pcre2_set_match_limit(pattern->context, EVENTS_PATTERN_STEPS);
    pcre2_set_heap_limit(pattern->context, EVENTS_PATTERN_STACK_MAX / 1024);

    /* without a just-in-time compiler for this CPU the interpreter will do */

    if (pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) != 0) {
        return 1;
    }

    pattern->stack = pcre2_jit_stack_create(EVENTS_PATTERN_STACK_MIN,
                                            EVENTS_PATTERN_STACK_MAX, NULL);
    if (pattern->stack == NULL) {
        return 0;
    }

    pcre2_jit_stack_assign(pattern->context, NULL, pattern->stack);
    pattern->jit = 1;

    return 1;
}


void
events_pattern_destroy(events_pattern_t *pattern)
{
    if (pattern == NULL) {
        return;
    }

    events_dfa_destroy(pattern->dfa);
    pcre2_jit_stack_free(pattern->stack);
    pcre2_match_context_free(pattern->context);
    pcre2_match_data_free(pattern->data);
    pcre2_code_free(pattern->code);
    free(pattern->work);
    free(pattern);
}


events_pattern_e
events_pattern_match(const events_pattern_t *pattern,
    const events_str_t *subject)
{
    int                     rc;
    events_pattern_work_t  *work;

    if (pattern->dfa) {
        return events_dfa_match(pattern->dfa, subject)
               ? EVENTS_PATTERN_MATCH : EVENTS_PATTERN_MISMATCH;
    }

    work = pattern->work;
    work->position = 0;
    work->left = EVENTS_PATTERN_WORK;
    work->callout = EVENTS_PATTERN_CALLOUT;

    if (pattern->references) {
        work->callout += subject->len / EVENTS_PATTERN_REFERENCE;
    }

    rc = events_pattern_exec(pattern, subject);

    if (rc >= 0) {
        return EVENTS_PATTERN_MATCH;
    }

    return (rc == PCRE2_ERROR_NOMATCH) ? EVENTS_PATTERN_MISMATCH
                                       : EVENTS_PATTERN_LIMIT;
}


size_t
events_pattern_cost(const events_pattern_t *pattern)
{
    return pattern->dfa ? 0 : EVENTS_PATTERN_WORK - pattern->work->left;
}


static int
events_pattern_exec(const events_pattern_t *pattern,
    const events_str_t *subject)
{
    if (pattern->jit) {
        return pcre2_jit_match(pattern->code, subject->data, subject->len, 0,
                               PCRE2_NO_UTF_CHECK, pattern->data,
                               pattern->context);
    }

    return pcre2_match(pattern->code, subject->data, subject->len, 0,
                       PCRE2_NO_UTF_CHECK, pattern->data, pattern->context);
}


/* going back costs nothing: the way was paid for when it went forward */

static int
events_pattern_callout(pcre2_callout_block *block, void *data)
{
    events_pattern_work_t *work = data;

    size_t  cost;

    cost = work->callout;

    if (block->current_position > work->position) {
        cost += block->current_position - work->position;
    }

    work->position = block->current_position;

    if (cost > work->left) {
        return PCRE2_ERROR_MATCHLIMIT;
    }

    work->left -= cost;

    return 0;
}
