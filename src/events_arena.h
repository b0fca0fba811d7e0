
/*
 * Memory that is taken piece by piece and given back all at once, kept from
 * batch to batch.
 */


#ifndef _EVENTS_ARENA_H_INCLUDED_
#define _EVENTS_ARENA_H_INCLUDED_


#include "events_types.h"


typedef struct events_arena_block_s  events_arena_block_t;


typedef struct {
    events_arena_block_t  *blocks;      /* the one in use comes first */
    size_t                 size;        /* of all blocks, in bytes */
} events_arena_t;


/* an arena of zero bytes is an empty one; pieces never move */

u_char *events_arena_alloc(events_arena_t *arena, size_t size);

/* the same, for whatever is not bytes */

void *events_arena_aligned(events_arena_t *arena, size_t size);

/* forgets all pieces; keeps one block of at most max bytes */

void events_arena_reset(events_arena_t *arena, size_t max);
void events_arena_destroy(events_arena_t *arena);


#endif /* _EVENTS_ARENA_H_INCLUDED_ */
