
#include "unit.h"

#include "events_arena.h"


#define BLOCK  (64 * 1024)


static void
test_pieces_do_not_move_or_overlap(void **state)
{
    u_char          *pieces[2000];
    size_t           size;
    unsigned         i, k;
    events_arena_t   arena = { NULL, 0 };

    for (i = 0; i < unit_nelts(pieces); i++) {
        size = 1 + i % 301;
        pieces[i] = events_arena_alloc(&arena, size);
        assert_non_null(pieces[i]);
        memset(pieces[i], i % 251, size);
    }

    for (i = 0; i < unit_nelts(pieces); i++) {
        for (k = 0; k < 1 + i % 301; k++) {
            assert_int_equal(pieces[i][k], i % 251);
        }
    }

    assert_true(arena.size >= 2000 * 150);

    events_arena_destroy(&arena);
    assert_int_equal(arena.size, 0);
    assert_null(arena.blocks);
}


static void
test_piece_larger_than_a_block(void **state)
{
    u_char          *small, *large;
    events_arena_t   arena = { NULL, 0 };

    small = events_arena_alloc(&arena, 1);
    large = events_arena_alloc(&arena, 3 * BLOCK);

    assert_non_null(small);
    assert_non_null(large);

    memset(large, 'x', 3 * BLOCK);
    *small = 'y';

    assert_int_equal(arena.size, 4 * BLOCK);

    events_arena_destroy(&arena);
}


static void
test_piece_that_just_fits(void **state)
{
    events_arena_t  arena = { NULL, 0 };

    assert_non_null(events_arena_alloc(&arena, BLOCK - 1));
    assert_non_null(events_arena_alloc(&arena, 1));
    assert_int_equal(arena.size, BLOCK);

    assert_non_null(events_arena_alloc(&arena, 0));
    assert_int_equal(arena.size, BLOCK);

    assert_non_null(events_arena_alloc(&arena, 1));
    assert_int_equal(arena.size, 2 * BLOCK);

    events_arena_destroy(&arena);
}


static void
test_reset_keeps_one_block(void **state)
{
    u_char          *piece;
    events_arena_t   arena = { NULL, 0 };

    events_arena_alloc(&arena, BLOCK);
    events_arena_alloc(&arena, BLOCK);
    events_arena_alloc(&arena, 5 * BLOCK);

    events_arena_reset(&arena, 2 * BLOCK);
    assert_int_equal(arena.size, BLOCK);

    piece = events_arena_alloc(&arena, BLOCK);
    assert_non_null(piece);
    assert_int_equal(arena.size, BLOCK);

    events_arena_reset(&arena, 2 * BLOCK);
    assert_ptr_equal(events_arena_alloc(&arena, 8), piece);

    events_arena_reset(&arena, BLOCK - 1);
    assert_int_equal(arena.size, 0);
    assert_null(arena.blocks);

    events_arena_reset(&arena, BLOCK);
    events_arena_destroy(&arena);
}


static void
test_no_memory(void **state)
{
    events_arena_t  arena = { NULL, 0 };

    assert_non_null(events_arena_alloc(&arena, 1));
    assert_null(events_arena_alloc(&arena, SIZE_MAX / 2));
    assert_int_equal(arena.size, BLOCK);
    assert_non_null(events_arena_alloc(&arena, 1));

    events_arena_destroy(&arena);
}


static void
test_aligned(void **state)
{
    unsigned         i;
    uint64_t        *numbers;
    events_arena_t   arena;

    memset(&arena, 0, sizeof(events_arena_t));

    for (i = 0; i < 5000; i++) {
        memset(events_arena_alloc(&arena, i % 7), 0, i % 7);

        numbers = events_arena_aligned(&arena, 3 * sizeof(uint64_t));
        assert_non_null(numbers);
        assert_int_equal((uintptr_t) numbers % 16, 0);
        numbers[0] = numbers[2] = i;
    }

    events_arena_destroy(&arena);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_pieces_do_not_move_or_overlap),
        cmocka_unit_test(test_piece_larger_than_a_block),
        cmocka_unit_test(test_piece_that_just_fits),
        cmocka_unit_test(test_reset_keeps_one_block),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_aligned)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
