
/*
 * Buffers that grow, numbers in bounds, messages.
 */


#include "broker.h"

#include <errno.h>
#include <stdarg.h>


void
broker_buf_room(broker_buf_t *buf, size_t n)
{
    if (buf->size - buf->len >= n) {
        return;
    }

    buf->size = (buf->len + n) * 2;

    buf->data = realloc(buf->data, buf->size);
    if (buf->data == NULL) {
        fprintf(stderr, "broker: realloc(%zu) failed\n", buf->size);
        abort();
    }
}


void
broker_buf_add(broker_buf_t *buf, const void *data, size_t len)
{
    broker_buf_room(buf, len);
    memcpy(buf->data + buf->len, data, len);
    buf->len += len;
}


void
broker_buf_printf(broker_buf_t *buf, const char *fmt, ...)
{
    int      n;
    char     text[1024];
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    if (n >= (int) sizeof(text)) {
        n = sizeof(text) - 1;
    }

    broker_buf_add(buf, text, n);
}


int
broker_error(broker_t *b, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    vsnprintf(b->err, sizeof(b->err), fmt, args);
    va_end(args);

    return -1;
}


int
broker_kafka_error(broker_t *b, const char *what, rd_kafka_resp_err_t err)
{
    return broker_error(b, "%s: %s (%d)", what, rd_kafka_err2str(err), err);
}


int
broker_number(broker_t *b, const char *name, const char *value, long min,
    long max, int *result)
{
    long   n;
    char  *end;

    errno = 0;
    n = strtol(value, &end, 10);

    if (errno || end == value || *end != '\0' || n < min || n > max) {
        return broker_error(b, "%s \"%s\" is not a number from %ld to %ld",
                            name, value, min, max);
    }

    *result = n;

    return 0;
}
