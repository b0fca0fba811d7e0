
#include "events_sha256_internal.h"


/* the length that ends the last block, in bits */
#define EVENTS_SHA256_LENGTH  8

#define events_sha256_rotate(x, n)  ((x) >> (n) | (x) << (32 - (n)))

/* one round, but for the renaming of variables at its end */

#define events_sha256_round(a, b, c, d, e, f, g, h, i)                        \
    h += events_sha256_k[i] + w[i]                                            \
         + (events_sha256_rotate(e, 6) ^ events_sha256_rotate(e, 11)          \
            ^ events_sha256_rotate(e, 25))                                    \
         + (g ^ (e & (f ^ g)));                                               \
    d += h;                                                                   \
    h += (events_sha256_rotate(a, 2) ^ events_sha256_rotate(a, 13)            \
          ^ events_sha256_rotate(a, 22))                                      \
         + ((a & b) | (c & (a | b)))


static void events_sha256_schedule(uint32_t w[EVENTS_SHA256_ROUNDS],
    const u_char *block);
static inline void events_sha256_put(u_char *p, uint32_t value);
static void events_sha256_last(uint32_t hash[8], const u_char *rest,
    size_t len, uint64_t total, events_sha256_block_pt block);


/* section 4.2.2: cube roots of the first 64 primes */

const uint32_t  events_sha256_k[EVENTS_SHA256_ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
    0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
    0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};


/* section 5.3.3: square roots of the first 8 primes */

static const uint32_t  events_sha256_h0[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
};


void
events_sha256(u_char digest[EVENTS_SHA256_SIZE], const u_char *data,
    size_t len)
{
    size_t                  rest;
    unsigned                i;
    uint32_t                hash[8];
    events_sha256_block_pt  block;

    block = events_sha256_block_native();

    if (block == NULL) {
        block = events_sha256_block;
    }

    memcpy(hash, events_sha256_h0, sizeof(hash));

    for (rest = len; rest >= EVENTS_SHA256_BLOCK; rest -= EVENTS_SHA256_BLOCK) {
        block(hash, data);
        data += EVENTS_SHA256_BLOCK;
    }

    events_sha256_last(hash, data, rest, len, block);

    for (i = 0; i < EVENTS_SHA256_SIZE / 4; i++) {
        events_sha256_put(digest + 4 * i, hash[i]);
    }
}


void
events_sha256_hex(u_char hex[EVENTS_SHA256_HEX], const u_char *data,
    size_t len)
{
    unsigned           i;
    u_char             digest[EVENTS_SHA256_SIZE];
    static const char  digits[] = "0123456789abcdef";

    events_sha256(digest, data, len);

    for (i = 0; i < EVENTS_SHA256_SIZE; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 0xf];
    }
}


/* section 5.1.1: a bit, zeroes, and the length, in one block or in two */

static void
events_sha256_last(uint32_t hash[8], const u_char *rest, size_t len,
    uint64_t total, events_sha256_block_pt block)
{
    u_char  last[EVENTS_SHA256_BLOCK];

    memset(last, 0, sizeof(last));

    if (len > 0) {
        memcpy(last, rest, len);
    }

    last[len] = 0x80;

    if (len + 1 + EVENTS_SHA256_LENGTH > EVENTS_SHA256_BLOCK) {
        block(hash, last);
        memset(last, 0, sizeof(last));
    }

    events_sha256_put(last + EVENTS_SHA256_BLOCK - 8, total >> 29);
    events_sha256_put(last + EVENTS_SHA256_BLOCK - 4, total << 3);

    block(hash, last);
}


/* from the highest byte to the lowest; compilers know this for one swap */

static inline void
events_sha256_put(u_char *p, uint32_t value)
{
    p[0] = value >> 24;
    p[1] = value >> 16;
    p[2] = value >> 8;
    p[3] = value;
}


/*
 * Section 6.2.2.  In eight rounds each variable is back in its place: none is
 * moved, and all stay in registers.
 */

void
events_sha256_block(uint32_t hash[8], const u_char *block)
{
    unsigned  i;
    uint32_t  a, b, c, d, e, f, g, h, w[EVENTS_SHA256_ROUNDS];

    events_sha256_schedule(w, block);

    a = hash[0];
    b = hash[1];
    c = hash[2];
    d = hash[3];
    e = hash[4];
    f = hash[5];
    g = hash[6];
    h = hash[7];

    for (i = 0; i < EVENTS_SHA256_ROUNDS; i += 8) {
        events_sha256_round(a, b, c, d, e, f, g, h, i);
        events_sha256_round(h, a, b, c, d, e, f, g, i + 1);
        events_sha256_round(g, h, a, b, c, d, e, f, i + 2);
        events_sha256_round(f, g, h, a, b, c, d, e, i + 3);
        events_sha256_round(e, f, g, h, a, b, c, d, i + 4);
        events_sha256_round(d, e, f, g, h, a, b, c, i + 5);
        events_sha256_round(c, d, e, f, g, h, a, b, i + 6);
        events_sha256_round(b, c, d, e, f, g, h, a, i + 7);
    }

    hash[0] += a;
    hash[1] += b;
    hash[2] += c;
    hash[3] += d;
    hash[4] += e;
    hash[5] += f;
    hash[6] += g;
    hash[7] += h;
}


static void
events_sha256_schedule(uint32_t w[EVENTS_SHA256_ROUNDS], const u_char *block)
{
    unsigned  i;
    uint32_t  s0, s1;

    for (i = 0; i < 16; i++) {
        w[i] = (uint32_t) block[4 * i] << 24 | block[4 * i + 1] << 16
               | block[4 * i + 2] << 8 | block[4 * i + 3];
    }

    for ( /* void */ ; i < EVENTS_SHA256_ROUNDS; i++) {
        s0 = events_sha256_rotate(w[i - 15], 7)
             ^ events_sha256_rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
        s1 = events_sha256_rotate(w[i - 2], 17)
             ^ events_sha256_rotate(w[i - 2], 19) ^ w[i - 2] >> 10;

        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}
