
#include "events_failure.h"
#include "events_pointer.h"
#include "events_text.h"

#include <stdio.h>
#include <stdlib.h>


/* bytes of one failure in a summary: a code, and most pointers */
#define EVENTS_FAILURE_SUMMARY  96


static events_failure_t *events_failures_push(events_failures_t *failures,
    uint32_t index);
static int events_failures_repeats(const events_failures_t *failures,
    const uint32_t *named, uint32_t n, uint32_t i);
static size_t events_failure_summary(const events_failure_t *failure,
    char *dst, size_t size);


int
events_failures_add(events_failures_t *failures,
    const events_json_event_t *event, const events_path_t *path,
    const char *code, const char *detail, ...)
{
    va_list            args;
    events_failure_t  *failure;

    failure = events_failures_push(failures, event->index);
    if (failure == NULL) {
        return 0;
    }

    failure->index = event->index;
    failure->event.data = NULL;
    failure->event.len = 0;
    failure->code = code;
    failure->pointer_len = events_pointer_write(failure->pointer,
                                                EVENTS_MAX_POINTER,
                                                event->text, path);

    va_start(args, detail);
    failure->detail_len = events_text_vprint((char *) failure->detail,
                                             EVENTS_MAX_DETAIL, detail, args);
    va_end(args);

    return 1;
}


static events_failure_t *
events_failures_push(events_failures_t *failures, uint32_t index)
{
    int                is_first;
    uint32_t           nalloc;
    events_failure_t  *elts;

    is_first = (failures->nelts == 0
                || failures->elts[failures->nelts - 1].index != index);

    if (failures->nelts >= EVENTS_MAX_FAILURES
        && !(failures->every_event && is_first))
    {
        failures->truncated = 1;
        return NULL;
    }

    if (failures->nelts == failures->nalloc) {
        nalloc = failures->nalloc ? 2 * failures->nalloc : EVENTS_MAX_FAILURES;

        elts = realloc(failures->elts, nalloc * sizeof(events_failure_t));
        if (elts == NULL) {
            failures->no_memory = 1;
            return NULL;
        }

        failures->elts = elts;
        failures->nalloc = nalloc;
    }

    return &failures->elts[failures->nelts++];
}


int
events_failures_is_first(const events_failures_t *failures, uint32_t i)
{
    return i == 0 || failures->elts[i - 1].index != failures->elts[i].index;
}


char *
events_failures_summary(const events_failures_t *failures, char *dst,
    size_t size)
{
    char      one[EVENTS_FAILURE_SUMMARY];
    size_t    len, used;
    uint32_t  i, n, named[EVENTS_MAX_SUMMARY];

    n = 0;
    used = 0;
    dst[0] = '\0';

    for (i = 0; i < failures->nelts; i++) {

        if (events_failures_repeats(failures, named, n, i)) {
            continue;
        }

        len = events_failure_summary(&failures->elts[i], one, sizeof(one));

        /* there is always room left for this end */

        if (n == EVENTS_MAX_SUMMARY
            || used + len + sizeof(", , ...") > size)
        {
            snprintf(dst + used, size - used, n ? ", ..." : "...");
            return dst;
        }

        used += snprintf(dst + used, size - used, "%s%s", n ? ", " : "", one);
        named[n++] = i;
    }

    return dst;
}


static int
events_failures_repeats(const events_failures_t *failures,
    const uint32_t *named, uint32_t n, uint32_t i)
{
    uint32_t                 k;
    const events_failure_t  *a, *b;

    a = &failures->elts[i];

    for (k = 0; k < n; k++) {
        b = &failures->elts[named[k]];

        if (strcmp(a->code, b->code) == 0 && a->pointer_len == b->pointer_len
            && memcmp(a->pointer, b->pointer, a->pointer_len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static size_t
events_failure_summary(const events_failure_t *failure, char *dst, size_t size)
{
    size_t        len;
    events_str_t  pointer;

    len = snprintf(dst, size, "%s%s", failure->code,
                   failure->pointer_len ? " " : "");

    pointer.data = failure->pointer;
    pointer.len = failure->pointer_len;

    return len + events_text_escape(dst + len, size - len, &pointer);
}


void
events_failures_reset(events_failures_t *failures, size_t max)
{
    if (failures->nalloc * sizeof(events_failure_t) > max) {
        events_failures_destroy(failures);
    }

    failures->nelts = 0;
    failures->every_event = 0;
    failures->truncated = 0;
    failures->no_memory = 0;
}


void
events_failures_destroy(events_failures_t *failures)
{
    free(failures->elts);

    memset(failures, 0, sizeof(events_failures_t));
}
