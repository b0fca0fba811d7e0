
#include "unit_json.h"

#include "events_inflate.h"

#include <zlib.h>


#define GZIP  (15 + 16)
#define ZLIB  15
#define RAW   (-15)

#define BOMB  (64 * 1024 * 1024)


typedef struct {
    u_char   data[4096];
    size_t   len;
} packed_t;


static const char  text[] = "[{\"a\":\"one event, one event, one event\"}]";


static void
pack(packed_t *packed, int window, const void *data, size_t len)
{
    z_stream  z;

    memset(&z, 0, sizeof(z_stream));

    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 8,
                                  Z_DEFAULT_STRATEGY),
                     Z_OK);

    z.next_in = (u_char *) data;
    z.avail_in = len;
    z.next_out = packed->data + packed->len;
    z.avail_out = sizeof(packed->data) - packed->len;

    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);

    packed->len += z.total_out;

    deflateEnd(&z);
}


static events_error_e
unpack(const packed_t *packed, size_t len, events_inflate_format_e format,
    size_t max, events_buffer_t *buf)
{
    u_char          *body;
    events_error_e   error;

    body = unit_copy(packed->data, len);
    error = events_inflate(body, len, format, max, buf);
    free(body);

    return error;
}


static void
test_formats(void **state)
{
    packed_t              packed;
    events_buffer_t  buf;

    memset(&buf, 0, sizeof(events_buffer_t));

    packed.len = 0;
    pack(&packed, GZIP, text, sizeof(text));
    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP, 4096,
                            &buf),
                     EVENTS_OK);
    assert_int_equal(buf.len, sizeof(text));
    assert_memory_equal(buf.data, text, sizeof(text));
    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_DEFLATE, 4096,
                            &buf),
                     EVENTS_INVALID_ENCODING);

    packed.len = 0;
    pack(&packed, ZLIB, text, sizeof(text));
    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_DEFLATE, 4096,
                            &buf),
                     EVENTS_OK);
    assert_int_equal(buf.len, sizeof(text));
    assert_memory_equal(buf.data, text, sizeof(text));
    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP, 4096,
                            &buf),
                     EVENTS_INVALID_ENCODING);

    packed.len = 0;
    pack(&packed, RAW, text, sizeof(text));
    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_DEFLATE, 4096,
                            &buf),
                     EVENTS_OK);
    assert_int_equal(buf.len, sizeof(text));
    assert_memory_equal(buf.data, text, sizeof(text));

    free(buf.data);
}


static void
test_members_of_gzip(void **state)
{
    packed_t              packed;
    events_buffer_t  buf;

    memset(&buf, 0, sizeof(events_buffer_t));

    packed.len = 0;
    pack(&packed, GZIP, "", 0);
    pack(&packed, GZIP, "[1,", 3);
    pack(&packed, GZIP, "", 0);
    pack(&packed, GZIP, "2]", 2);
    pack(&packed, GZIP, "", 0);

    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP, 5, &buf),
                     EVENTS_OK);
    assert_int_equal(buf.len, 5);
    assert_memory_equal(buf.data, "[1,2]", 5);

    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP, 4, &buf),
                     EVENTS_INFLATED_TOO_LARGE);

    /* deflate has no members */

    packed.len = 0;
    pack(&packed, ZLIB, "1", 1);
    pack(&packed, ZLIB, "2", 1);

    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_DEFLATE, 9,
                            &buf),
                     EVENTS_INVALID_ENCODING);

    free(buf.data);
}


static void
test_cut(void **state)
{
    size_t                len;
    unsigned              i;
    packed_t              packed;
    events_buffer_t  buf;

    static const int  windows[] = { GZIP, ZLIB, RAW };

    memset(&buf, 0, sizeof(events_buffer_t));

    for (i = 0; i < unit_nelts(windows); i++) {
        packed.len = 0;
        pack(&packed, windows[i], text, sizeof(text));

        for (len = 0; len < packed.len; len++) {
            assert_int_equal(unpack(&packed, len,
                                    i ? EVENTS_INFLATE_DEFLATE
                                      : EVENTS_INFLATE_GZIP, 4096, &buf),
                             EVENTS_INVALID_ENCODING);
        }

        /* something else after it */

        packed.data[packed.len++] = 'x';

        assert_int_equal(unpack(&packed, packed.len,
                                i ? EVENTS_INFLATE_DEFLATE
                                  : EVENTS_INFLATE_GZIP, 4096, &buf),
                         EVENTS_INVALID_ENCODING);
    }

    free(buf.data);
}


static void
test_broken(void **state)
{
    size_t                i;
    packed_t              packed;
    events_buffer_t  buf;

    memset(&buf, 0, sizeof(events_buffer_t));

    /* the sum, the length, the data */

    packed.len = 0;
    pack(&packed, GZIP, text, sizeof(text));

    for (i = 1; i < 16; i++) {
        packed.data[packed.len - i] ^= 0xFF;
        assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP,
                                4096, &buf),
                         EVENTS_INVALID_ENCODING);
        packed.data[packed.len - i] ^= 0xFF;
    }

    /* RFC 1950: a dictionary that nobody has told us */

    memcpy(packed.data, "\x78\xBB\x00\x00\x00\x01", 6);
    assert_int_equal(unpack(&packed, 6, EVENTS_INFLATE_DEFLATE, 4096, &buf),
                     EVENTS_INVALID_ENCODING);

    free(buf.data);
}


static void
test_empty(void **state)
{
    packed_t              packed;
    events_buffer_t  buf;

    memset(&buf, 0, sizeof(events_buffer_t));
    memset(&packed, 0, sizeof(packed_t));

    assert_int_equal(unpack(&packed, 0, EVENTS_INFLATE_GZIP, 9, &buf),
                     EVENTS_INVALID_ENCODING);
    assert_int_equal(unpack(&packed, 0, EVENTS_INFLATE_DEFLATE, 9, &buf),
                     EVENTS_INVALID_ENCODING);

    packed.len = 0;
    pack(&packed, GZIP, "", 0);

    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP, 9, &buf),
                     EVENTS_OK);
    assert_int_equal(buf.len, 0);

    /* nothing fits no bytes at all */

    assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP, 0, &buf),
                     EVENTS_OK);

    free(buf.data);
}


static void
test_max(void **state)
{
    u_char                zeros[3000];
    size_t                len;
    packed_t              packed;
    events_buffer_t  fresh, kept;

    memset(zeros, '0', sizeof(zeros));
    memset(&kept, 0, sizeof(events_buffer_t));

    /* also where the buffer was grown for another one before */

    for (len = 1; len <= sizeof(zeros); len += 1 + len / 7) {
        packed.len = 0;
        pack(&packed, GZIP, zeros, len);

        memset(&fresh, 0, sizeof(events_buffer_t));

        assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP, len,
                                &fresh),
                         EVENTS_OK);
        assert_int_equal(fresh.len, len);
        assert_true(fresh.size <= len + 1);

        assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP,
                                len - 1, &fresh),
                         EVENTS_INFLATED_TOO_LARGE);

        assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP,
                                100000, &kept),
                         EVENTS_OK);
        assert_int_equal(kept.len, len);

        assert_int_equal(unpack(&packed, packed.len, EVENTS_INFLATE_GZIP,
                                len - 1, &kept),
                         EVENTS_INFLATED_TOO_LARGE);

        free(fresh.data);
    }

    free(kept.data);
}


static void
test_bomb(void **state)
{
    size_t                bound;
    u_char               *zeros, *body;
    z_stream              z;
    events_buffer_t  buf;

    memset(&buf, 0, sizeof(events_buffer_t));
    memset(&z, 0, sizeof(z_stream));

    zeros = calloc(1, BOMB);
    assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, GZIP, 8,
                                  Z_DEFAULT_STRATEGY),
                     Z_OK);

    bound = deflateBound(&z, BOMB);
    body = malloc(bound);

    z.next_in = zeros;
    z.avail_in = BOMB;
    z.next_out = body;
    z.avail_out = bound;

    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);

    assert_int_equal(events_inflate(body, z.total_out, EVENTS_INFLATE_GZIP,
                                    1 << 20, &buf),
                     EVENTS_INFLATED_TOO_LARGE);
    assert_true(buf.size <= (1 << 20) + 1);

    deflateEnd(&z);
    free(zeros);
    free(body);
    free(buf.data);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_members_of_gzip),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_max),
        cmocka_unit_test(test_bomb)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
