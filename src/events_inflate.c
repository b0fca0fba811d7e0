
#include "events_inflate.h"

#include <stdlib.h>
#include <zlib.h>


/* window of 32K, and 16 more where zlib is to expect a gzip header */
#define EVENTS_INFLATE_WINDOW  15
#define EVENTS_INFLATE_WRAPPER 16

/* JSON deflates to a fifth or less of its size */
#define EVENTS_INFLATE_RATIO  8


static int events_inflate_window(const u_char *body, size_t len,
    events_inflate_format_e format);
static events_error_e events_inflate_run(z_stream *z, int gzip, size_t max,
    events_buffer_t *buf);
static int events_inflate_grow(events_buffer_t *buf, size_t size,
    size_t max);


events_error_e
events_inflate(const u_char *body, size_t len, events_inflate_format_e format,
    size_t max, events_buffer_t *buf)
{
    z_stream        z;
    events_error_e  error;

    buf->len = 0;

    if (!events_inflate_grow(buf, EVENTS_INFLATE_RATIO * len, max)) {
        return EVENTS_NO_MEMORY;
    }

    memset(&z, 0, sizeof(z_stream));

    if (inflateInit2(&z, events_inflate_window(body, len, format)) != Z_OK) {
        return EVENTS_NO_MEMORY;
    }

    z.next_in = (u_char *) body;
    z.avail_in = len;

    error = events_inflate_run(&z, format == EVENTS_INFLATE_GZIP, max, buf);

    inflateEnd(&z);

    return error;
}


/* RFC 1950, section 2.2: method 8, and a header that is a multiple of 31 */

static int
events_inflate_window(const u_char *body, size_t len,
    events_inflate_format_e format)
{
    if (format == EVENTS_INFLATE_GZIP) {
        return EVENTS_INFLATE_WINDOW + EVENTS_INFLATE_WRAPPER;
    }

    if (len >= 2 && (body[0] & 0x0F) == 8
        && ((body[0] << 8) + body[1]) % 31 == 0)
    {
        return EVENTS_INFLATE_WINDOW;
    }

    return -EVENTS_INFLATE_WINDOW;
}


static events_error_e
events_inflate_run(z_stream *z, int gzip, size_t max,
    events_buffer_t *buf)
{
    int  rc;

    for ( ;; ) {

        if (buf->len == buf->size) {

            if (buf->size > max) {
                return EVENTS_INFLATED_TOO_LARGE;
            }

            if (!events_inflate_grow(buf, 2 * buf->size, max)) {
                return EVENTS_NO_MEMORY;
            }
        }

        z->next_out = buf->data + buf->len;
        z->avail_out = buf->size - buf->len;

        rc = inflate(z, Z_NO_FLUSH);

        buf->len = buf->size - z->avail_out;

        if (buf->len > max) {
            return EVENTS_INFLATED_TOO_LARGE;
        }

        if (rc == Z_MEM_ERROR) {
            return EVENTS_NO_MEMORY;
        }

        if (rc == Z_STREAM_END) {

            if (z->avail_in == 0) {
                return EVENTS_OK;
            }

            /* RFC 1952, section 2.2: a file is a series of members */

            if (!gzip || inflateReset(z) != Z_OK) {
                return EVENTS_INVALID_ENCODING;
            }

            continue;
        }

        if (rc != Z_OK && !(rc == Z_BUF_ERROR && z->avail_out == 0)) {
            return EVENTS_INVALID_ENCODING;
        }

        if (z->avail_in == 0 && z->avail_out > 0) {
            return EVENTS_INVALID_ENCODING;
        }
    }
}


/* one byte past max tells "too large" from "just fits" */

static int
events_inflate_grow(events_buffer_t *buf, size_t size, size_t max)
{
    u_char  *data;

    if (size > max + 1) {
        size = max + 1;
    }

    if (size == 0) {
        size = 1;
    }

    if (size <= buf->size) {
        return 1;
    }

    data = realloc(buf->data, size);
    if (data == NULL) {
        return 0;
    }

    buf->data = data;
    buf->size = size;

    return 1;
}
