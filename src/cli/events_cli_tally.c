
#include "events_cli.h"
#include "events_pointer.h"

#include <stdlib.h>


static uint16_t *events_cli_tally_slot(events_cli_tally_t *tally,
    const char *code, const u_char *pointer, size_t len);
static int events_cli_tally_compare(const void *one, const void *two);


void
events_cli_tally_add(events_cli_tally_t *tally, const char *code,
    const u_char *pointer, size_t len)
{
    u_char               general[EVENTS_MAX_POINTER];
    uint16_t            *slot;
    events_cli_place_t  *place;

    len = events_pointer_general(general, pointer, len);
    slot = events_cli_tally_slot(tally, code, general, len);

    if (*slot != 0) {
        tally->places[*slot - 1].count++;
        return;
    }

    if (tally->nplaces == EVENTS_CLI_PLACES) {
        tally->others++;
        return;
    }

    place = &tally->places[tally->nplaces];
    place->code = code;
    place->len = len;
    place->count = 1;
    place->order = tally->nplaces;
    memcpy(place->pointer, general, len);

    *slot = ++tally->nplaces;
}


/* the slot of the place, or the empty one for it: never are all in use */

static uint16_t *
events_cli_tally_slot(events_cli_tally_t *tally, const char *code,
    const u_char *pointer, size_t len)
{
    uint32_t             i, n;
    uint16_t            *slot;
    events_cli_place_t  *place;

    n = sizeof(tally->slots) / sizeof(tally->slots[0]);

    i = events_json_hash(pointer, len)
        + 31 * events_json_hash((const u_char *) code, strlen(code));

    for ( ;; i++) {
        slot = &tally->slots[i % n];

        if (*slot == 0) {
            return slot;
        }

        place = &tally->places[*slot - 1];

        if (place->len == len && memcmp(place->pointer, pointer, len) == 0
            && strcmp(place->code, code) == 0)
        {
            return slot;
        }
    }
}


void
events_cli_tally_sort(events_cli_tally_t *tally)
{
    qsort(tally->places, tally->nplaces, sizeof(events_cli_place_t),
          events_cli_tally_compare);
}


static int
events_cli_tally_compare(const void *one, const void *two)
{
    const events_cli_place_t *a = one;
    const events_cli_place_t *b = two;

    if (a->count != b->count) {
        return (a->count < b->count) ? 1 : -1;
    }

    return (a->order > b->order) ? 1 : -1;
}
