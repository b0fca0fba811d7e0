
#include "events_failure.h"
#include "events_pointer.h"
#include "events_text.h"

#include <stdio.h>
#include <stdlib.h>


/* bytes of one place in a summary: a code, and most pointers */
#define EVENTS_FAILURE_PLACE  96

/* and of " x4294967295" after it */
#define EVENTS_FAILURE_COUNT  12

/* failures that a summary looks at: a large batch may list as many as events */
#define EVENTS_FAILURE_LOOKS  1000


/* failures with one code at one pointer, for all elements of an array */

typedef struct {
    const char           *code;
    uint32_t              count;
    size_t                len;
    u_char                pointer[EVENTS_MAX_POINTER];
} events_failure_place_t;


/* the first different ones; what is past them is known to be there */

typedef struct {
    events_failure_place_t  places[EVENTS_MAX_SUMMARY];
    uint32_t                nplaces;
    int                     more;
} events_failure_places_t;


static events_failure_t *events_failures_push(events_failures_t *failures,
    uint32_t index);
static void events_failures_places(const events_failures_t *failures,
    events_failure_places_t *places);
static void events_failures_place(events_failure_places_t *places,
    const events_failure_t *failure);
static size_t events_failure_place_write(const events_failure_place_t *place,
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
    char                     one[EVENTS_FAILURE_PLACE + EVENTS_FAILURE_COUNT];
    size_t                   len, used;
    uint32_t                 i;
    events_failure_places_t  places;

    events_failures_places(failures, &places);

    used = 0;
    dst[0] = '\0';

    for (i = 0; i < places.nplaces; i++) {
        len = events_failure_place_write(&places.places[i], one, sizeof(one));

        /* there is always room left for the end */

        if (used + len + sizeof(", , ...") > size) {
            places.more = 1;
            break;
        }

        used += snprintf(dst + used, size - used, "%s%s", i ? ", " : "", one);
    }

    if (places.more) {
        snprintf(dst + used, size - used, used ? ", ..." : "...");
    }

    return dst;
}


static void
events_failures_places(const events_failures_t *failures,
    events_failure_places_t *places)
{
    uint32_t  i;

    places->nplaces = 0;
    places->more = failures->truncated;

    for (i = 0; i < failures->nelts; i++) {

        if (i == EVENTS_FAILURE_LOOKS) {
            places->more = 1;
            return;
        }

        events_failures_place(places, &failures->elts[i]);
    }
}


static void
events_failures_place(events_failure_places_t *places,
    const events_failure_t *failure)
{
    size_t                   len;
    u_char                   pointer[EVENTS_MAX_POINTER];
    uint32_t                 i;
    events_failure_place_t  *place;

    len = events_pointer_general(pointer, failure->pointer,
                                 failure->pointer_len);

    for (i = 0; i < places->nplaces; i++) {
        place = &places->places[i];

        if (strcmp(place->code, failure->code) == 0 && place->len == len
            && memcmp(place->pointer, pointer, len) == 0)
        {
            place->count++;
            return;
        }
    }

    if (places->nplaces == EVENTS_MAX_SUMMARY) {
        places->more = 1;
        return;
    }

    place = &places->places[places->nplaces++];

    place->code = failure->code;
    place->count = 1;
    place->len = len;
    memcpy(place->pointer, pointer, len);
}


/* a pointer that is too long leaves room for the count */

static size_t
events_failure_place_write(const events_failure_place_t *place, char *dst,
    size_t size)
{
    size_t        len;
    events_str_t  pointer;

    len = snprintf(dst, size, "%s%s", place->code, place->len ? " " : "");

    pointer.data = place->pointer;
    pointer.len = place->len;

    len += events_text_escape(dst + len, EVENTS_FAILURE_PLACE - len, &pointer);

    if (place->count > 1) {
        len += snprintf(dst + len, size - len, " x%u", place->count);
    }

    return len;
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
