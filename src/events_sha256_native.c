
/*
 * A request with a key is a block of SHA-256: 64 rounds by hand are more than
 * all else that finds out who sends.
 */


#include "events_sha256_internal.h"


#if (EVENTS_SHA256_X86)

#include <immintrin.h>


static void events_sha256_block_x86(uint32_t hash[8], const u_char *block);


events_sha256_block_pt
events_sha256_block_native(void)
{
    return (__builtin_cpu_supports("sha") && __builtin_cpu_supports("sse4.1"))
           ? events_sha256_block_x86 : NULL;
}


/*
 * Four rounds at a time.  The instructions want the variables in the order
 * abef and cdgh, from the highest; w holds the last 16 words of the schedule.
 */

__attribute__((target("sha,sse4.1")))
static void
events_sha256_block_x86(uint32_t hash[8], const u_char *block)
{
    int      i;
    __m128i  abcd, efgh, abef, cdgh, w[4], x;

    const __m128i  swap = _mm_set_epi64x(0x0c0d0e0f08090a0b,
                                         0x0405060700010203);

    abcd = _mm_shuffle_epi32(_mm_loadu_si128((__m128i *) hash), 0xb1);
    efgh = _mm_shuffle_epi32(_mm_loadu_si128((__m128i *) hash + 1), 0x1b);
    abef = _mm_alignr_epi8(abcd, efgh, 8);
    cdgh = _mm_blend_epi16(efgh, abcd, 0xf0);

    abcd = abef;
    efgh = cdgh;

#pragma GCC unroll 16

    for (i = 0; i < EVENTS_SHA256_ROUNDS / 4; i++) {

        if (i < 4) {
            x = _mm_loadu_si128((const __m128i *) block + i);
            w[i] = _mm_shuffle_epi8(x, swap);

        } else {
            x = _mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]);
            x = _mm_add_epi32(x, _mm_alignr_epi8(w[(i + 3) % 4],
                                                 w[(i + 2) % 4], 4));
            w[i % 4] = _mm_sha256msg2_epu32(x, w[(i + 3) % 4]);
        }

        x = _mm_loadu_si128((const __m128i *) events_sha256_k + i);
        x = _mm_add_epi32(x, w[i % 4]);

        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, x);
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(x, 0x0e));
    }

    abef = _mm_shuffle_epi32(_mm_add_epi32(abef, abcd), 0x1b);
    cdgh = _mm_shuffle_epi32(_mm_add_epi32(cdgh, efgh), 0xb1);

    _mm_storeu_si128((__m128i *) hash, _mm_blend_epi16(abef, cdgh, 0xf0));
    _mm_storeu_si128((__m128i *) hash + 1, _mm_alignr_epi8(cdgh, abef, 8));
}

#else

events_sha256_block_pt
events_sha256_block_native(void)
{
    return NULL;
}

#endif
