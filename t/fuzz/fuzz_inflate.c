
/*
 * Any bytes as gzip and as deflate, with several bounds: what comes out fits
 * the bound, and a tighter one changes nothing but where it stops.
 */


#include "fuzz.h"

#include "events_inflate.h"

#include <zlib.h>


/* what a bomb may grow to here */
#define FUZZ_MAX  (256 * 1024)


static void fuzz_bytes(const uint8_t *data, size_t size,
    events_inflate_format_e format);
static events_error_e fuzz_inflate(const uint8_t *data, size_t size,
    events_inflate_format_e format, size_t max, events_buffer_t *buf);
static void fuzz_round_trip(const uint8_t *data, size_t size, int window,
    events_inflate_format_e format);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_bytes(data, size, EVENTS_INFLATE_GZIP);
    fuzz_bytes(data, size, EVENTS_INFLATE_DEFLATE);

    fuzz_round_trip(data, size, 15 + 16, EVENTS_INFLATE_GZIP);
    fuzz_round_trip(data, size, 15, EVENTS_INFLATE_DEFLATE);
    fuzz_round_trip(data, size, -15, EVENTS_INFLATE_DEFLATE);

    return 0;
}


static void
fuzz_bytes(const uint8_t *data, size_t size, events_inflate_format_e format)
{
    size_t                       len;
    events_error_e               error;
    events_buffer_t         fresh;
    static events_buffer_t  kept;

    error = fuzz_inflate(data, size, format, FUZZ_MAX, &kept);
    len = kept.len;

    if (error != EVENTS_OK) {
        memset(&fresh, 0, sizeof(events_buffer_t));
        error = fuzz_inflate(data, size, format, 16, &fresh);
        fuzz_assert(error != EVENTS_OK);
        free(fresh.data);
        return;
    }

    memset(&fresh, 0, sizeof(events_buffer_t));
    error = fuzz_inflate(data, size, format, len, &fresh);

    fuzz_assert(error == EVENTS_OK);
    fuzz_assert(fresh.len == len);
    fuzz_assert(memcmp(fresh.data, kept.data, len) == 0);

    free(fresh.data);

    if (len > 0) {
        memset(&fresh, 0, sizeof(events_buffer_t));
        error = fuzz_inflate(data, size, format, len - 1, &fresh);
        fuzz_assert(error == EVENTS_INFLATED_TOO_LARGE);
        free(fresh.data);

        error = fuzz_inflate(data, size, format, len - 1, &kept);
        fuzz_assert(error == EVENTS_INFLATED_TOO_LARGE);
    }
}


static events_error_e
fuzz_inflate(const uint8_t *data, size_t size, events_inflate_format_e format,
    size_t max, events_buffer_t *buf)
{
    size_t          before;
    events_error_e  error;

    before = buf->size;

    error = events_inflate(data, size, format, max, buf);

    fuzz_assert(error == EVENTS_OK || error == EVENTS_INVALID_ENCODING
                || error == EVENTS_INFLATED_TOO_LARGE);
    fuzz_assert(buf->len <= buf->size);
    fuzz_assert(buf->size <= max + 1 || buf->size == before);
    fuzz_assert(error != EVENTS_OK || buf->len <= max);

    return error;
}


static void
fuzz_round_trip(const uint8_t *data, size_t size, int window,
    events_inflate_format_e format)
{
    size_t                bound;
    uint8_t              *packed;
    z_stream              z;
    events_buffer_t  buf;

    memset(&z, 0, sizeof(z_stream));
    memset(&buf, 0, sizeof(events_buffer_t));

    fuzz_assert(deflateInit2(&z, 1, Z_DEFLATED, window, 8,
                             Z_DEFAULT_STRATEGY)
                == Z_OK);

    bound = deflateBound(&z, size);
    packed = fuzz_alloc(bound);

    z.next_in = (uint8_t *) data;
    z.avail_in = size;
    z.next_out = packed;
    z.avail_out = bound;

    fuzz_assert(deflate(&z, Z_FINISH) == Z_STREAM_END);

    fuzz_assert(fuzz_inflate(packed, z.total_out, format, size, &buf)
                == EVENTS_OK);
    fuzz_assert(buf.len == size);
    fuzz_assert(size == 0 || memcmp(buf.data, data, size) == 0);

    deflateEnd(&z);
    free(packed);
    free(buf.data);
}
