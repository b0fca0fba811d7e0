
#include "events_arena.h"

#include <stdlib.h>


/* room for the spliced events of a usual batch */
#define EVENTS_ARENA_BLOCK  (64 * 1024)

/* what any type needs */
#define EVENTS_ARENA_ALIGN  16


struct events_arena_block_s {
    events_arena_block_t  *next;
    size_t                 size;        /* of data */
    size_t                 used;
    u_char                 data[];
};


static events_arena_block_t *events_arena_add(events_arena_t *arena,
    size_t size);


u_char *
events_arena_alloc(events_arena_t *arena, size_t size)
{
    u_char                *piece;
    events_arena_block_t  *block;

    block = arena->blocks;

    if (block == NULL || block->size - block->used < size) {
        block = events_arena_add(arena, size);
        if (block == NULL) {
            return NULL;
        }
    }

    piece = block->data + block->used;
    block->used += size;

    return piece;
}


void *
events_arena_aligned(events_arena_t *arena, size_t size)
{
    u_char  *piece;

    piece = events_arena_alloc(arena, size + EVENTS_ARENA_ALIGN - 1);
    if (piece == NULL) {
        return NULL;
    }

    return piece + (-(uintptr_t) piece & (EVENTS_ARENA_ALIGN - 1));
}


static events_arena_block_t *
events_arena_add(events_arena_t *arena, size_t size)
{
    events_arena_block_t  *block;

    if (size < EVENTS_ARENA_BLOCK) {
        size = EVENTS_ARENA_BLOCK;
    }

    block = malloc(sizeof(events_arena_block_t) + size);
    if (block == NULL) {
        return NULL;
    }

    block->next = arena->blocks;
    block->size = size;
    block->used = 0;

    arena->blocks = block;
    arena->size += size;

    return block;
}


void
events_arena_reset(events_arena_t *arena, size_t max)
{
    events_arena_block_t  *block, *next, *kept;

    kept = NULL;

    for (block = arena->blocks; block != NULL; block = next) {
        next = block->next;

        if (kept == NULL && block->size <= max) {
            kept = block;
            continue;
        }

        arena->size -= block->size;
        free(block);
    }

    if (kept != NULL) {
        kept->next = NULL;
        kept->used = 0;
    }

    arena->blocks = kept;
}


void
events_arena_destroy(events_arena_t *arena)
{
    events_arena_reset(arena, 0);
}
