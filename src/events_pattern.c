
#include "events_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>


/*
 * Steps that one match may take: nested quantifiers need exponentially many.
 * Loops over single characters count as one however far they go, so a long
 * subject may have fewer; a usual pattern that is anchored takes a few.
 */
#define EVENTS_PATTERN_MAX_STEPS    50000
#define EVENTS_PATTERN_MIN_STEPS    2000
#define EVENTS_PATTERN_BYTE_STEPS   20000000

/* memory that backtracking may use */
#define EVENTS_PATTERN_STACK_MIN    (16 * 1024)
#define EVENTS_PATTERN_STACK_MAX    (512 * 1024)

/*
 * ECMA-262 in Unicode mode where PCRE2 has a switch for it: "$" is the end
 * and nothing before it, "[]" matches nothing, "\x", "\u" and back references
 * to groups that are not set as there.
 */
#define EVENTS_PATTERN_OPTIONS                                                \
    (PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX                        \
     | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF                    \
     | PCRE2_NEVER_BACKSLASH_C)


struct events_pattern_s {
    pcre2_code           *code;
    pcre2_match_data     *data;
    pcre2_match_context  *context;
    pcre2_jit_stack      *stack;
    unsigned              jit:1;
};


static pcre2_code *events_pattern_code(const events_str_t *source,
    char *errstr, size_t size);
static int events_pattern_prepare(events_pattern_t *pattern);
static int events_pattern_exec(const events_pattern_t *pattern,
    const events_str_t *subject);


events_pattern_t *
events_pattern_compile(const events_str_t *source, char *errstr, size_t size)
{
    events_pattern_t  *pattern;

    pattern = calloc(1, sizeof(events_pattern_t));
    if (pattern == NULL) {
        snprintf(errstr, size, "no memory");
        return NULL;
    }

    pattern->code = events_pattern_code(source, errstr, size);

    if (pattern->code == NULL) {
        events_pattern_destroy(pattern);
        return NULL;
    }

    if (!events_pattern_prepare(pattern)) {
        snprintf(errstr, size, "no memory");
        events_pattern_destroy(pattern);
        return NULL;
    }

    return pattern;
}


static pcre2_code *
events_pattern_code(const events_str_t *source, char *errstr, size_t size)
{
    int                     error;
    size_t                  offset, len;
    pcre2_code             *code;
    pcre2_compile_context  *context;

    context = pcre2_compile_context_create(NULL);
    if (context == NULL) {
        snprintf(errstr, size, "no memory");
        return NULL;
    }

    /* "." stops at both of ASCII's line ends, as in ECMA-262 */

    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);

    code = pcre2_compile(source->data, source->len, EVENTS_PATTERN_OPTIONS,
                         &error, &offset, context);

    pcre2_compile_context_free(context);

    if (code == NULL && size > 0) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *) errstr, size);

        len = strlen(errstr);
        snprintf(errstr + len, size - len, " at byte %zu", offset);
    }

    return code;
}


/* all that a match needs is allocated here, so that it allocates nothing */

static int
events_pattern_prepare(events_pattern_t *pattern)
{
    pattern->data = pcre2_match_data_create(1, NULL);
    pattern->context = pcre2_match_context_create(NULL);

    if (pattern->data == NULL || pattern->context == NULL) {
        return 0;
    }

    pcre2_set_match_limit(pattern->context, EVENTS_PATTERN_MAX_STEPS);
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

    pcre2_jit_stack_free(pattern->stack);
    pcre2_match_context_free(pattern->context);
    pcre2_match_data_free(pattern->data);
    pcre2_code_free(pattern->code);
    free(pattern);
}


events_pattern_e
events_pattern_match(const events_pattern_t *pattern,
    const events_str_t *subject)
{
    int     rc;
    size_t  steps;

    if (subject->len <= EVENTS_PATTERN_BYTE_STEPS / EVENTS_PATTERN_MAX_STEPS) {
        rc = events_pattern_exec(pattern, subject);

    } else {
        steps = EVENTS_PATTERN_BYTE_STEPS / subject->len;

        if (steps < EVENTS_PATTERN_MIN_STEPS) {
            steps = EVENTS_PATTERN_MIN_STEPS;
        }

        pcre2_set_match_limit(pattern->context, steps);
        rc = events_pattern_exec(pattern, subject);
        pcre2_set_match_limit(pattern->context, EVENTS_PATTERN_MAX_STEPS);
    }

    if (rc >= 0) {
        return EVENTS_PATTERN_MATCH;
    }

    return (rc == PCRE2_ERROR_NOMATCH) ? EVENTS_PATTERN_MISMATCH
                                       : EVENTS_PATTERN_LIMIT;
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
