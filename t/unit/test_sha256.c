
#include "unit_json.h"

#include "events_sha256_internal.h"


typedef struct {
    size_t       len;
    const char  *hex;
} vector_t;


static void
check(const u_char *data, size_t len, const char *expected)
{
    u_char  *copy, hex[EVENTS_SHA256_HEX];

    copy = unit_copy(data, len);

    events_sha256_hex(hex, copy, len);
    assert_memory_equal(hex, expected, EVENTS_SHA256_HEX);

    free(copy);
}


/* the examples that NIST publishes for FIPS 180-4 */

static void
test_nist(void **state)
{
    u_char  *million;

    check(NULL, 0, "e3b0c44298fc1c149afbf4c8996fb924"
                   "27ae41e4649b934ca495991b7852b855");
    check((u_char *) "abc", 3, "ba7816bf8f01cfea414140de5dae2223"
                               "b00361a396177a9cb410ff61f20015ad");
    check((u_char *) "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          56, "248d6a61d20638b8e5c026930c3e6039"
              "a33ce45964ff2167f6ecedd419db06c1");
    check((u_char *) "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                     "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
          112, "cf5b16a778af8380036ce59e7b049237"
               "0b249b11e8f07a51afac45037afee9d1");

    million = malloc(1000000);
    memset(million, 'a', 1000000);
    check(million, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67"
                            "f1809a48a497200e046d39ccc7112cd0");
    free(million);
}


/* where the padding needs another block, and every value of a byte */

static void
test_lengths(void **state)
{
    size_t    i;
    u_char    data[1000];
    unsigned  n;

    static const vector_t  vectors[] = {
        { 55, "576a1bf8d4478657e6dc4af9398544765c2a92cde28478b019235cfed315fc09"
        },
        { 56, "9b20501dfd1d99161c257950f3444f3e49230c351c5c8e0943ef369f85f5205d"
        },
        { 57, "a5534a9d0694341dfde5b1bb3d8addcb38bd46f44a629dc97b3f8fb2721b0720"
        },
        { 63, "30b345906b493f06f69444b6521113511c242f30e29840462950035043682f1e"
        },
        { 64, "d8bc63b4fc1156e5e7d95a418b9bf54cd3174bedbc2db40f74895349b229b3c0"
        },
        { 65, "1ee23b0fbcaecc1aff4a9e8f1645f35ab2c8e13609cd73b68df8b5e3f63ce073"
        },
        { 119,
          "7a6589821178918ca8d9edaba5abfc1e9b2669564f4469b66885379c1530b2c8" },
        { 120,
          "655250427d56b1b0eeb8497d21428704273458a01772d6881b65c0abac0f8a98" },
        { 128,
          "54c9eb041badfd7064645067b107661fed6113197ce2dd066ba69618abd3732f" },
        { 1000,
          "89f4ff56a25dd1db06a4ce6033603775d705fb96f30f8693733fef602a1ca532" }
    };

    for (i = 0; i < sizeof(data); i++) {
        data[i] = i * 7;
    }

    for (n = 0; n < unit_nelts(vectors); n++) {
        check(data, vectors[n].len, vectors[n].hex);
    }
}


/* what the processor has must do what any compiler makes of it */

static void
test_native(void **state)
{
    u_char                  data[EVENTS_SHA256_BLOCK];
    size_t                  i;
    unsigned                n;
    uint32_t                hash[8], native[8], random;
    events_sha256_block_pt  block;

    block = events_sha256_block_native();

    if (block == NULL) {
        skip();
    }

    memset(hash, 0, sizeof(hash));
    memset(native, 0, sizeof(native));
    random = 1;

    for (n = 0; n < 1000; n++) {

        for (i = 0; i < sizeof(data); i++) {
            random = random * 1103515245 + 12345;
            data[i] = random >> 16;
        }

        events_sha256_block(hash, data);
        block(native, data);

        assert_memory_equal(native, hash, sizeof(hash));
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_nist),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_native)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
