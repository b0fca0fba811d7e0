
/*
 * A record as JSON, bytes that are not UTF-8 as \u00XX.
 */


#include "broker.h"

#include <inttypes.h>


static void broker_json_headers(broker_buf_t *out, rd_kafka_message_t *msg);
static void broker_json_string(broker_buf_t *out, const void *data,
    size_t len);
static size_t broker_utf8_len(const unsigned char *p, size_t len);


void
broker_json_record(broker_buf_t *out, rd_kafka_message_t *msg)
{
    const char                 *topic;
    rd_kafka_timestamp_type_t   type;

    topic = rd_kafka_topic_name(msg->rkt);

    broker_buf_printf(out, "{\"topic\":");
    broker_json_string(out, topic, strlen(topic));

    broker_buf_printf(out, ",\"partition\":%" PRId32 ",\"offset\":%" PRId64
                      ",\"timestamp\":%" PRId64 ",\"key\":",
                      msg->partition, msg->offset,
                      rd_kafka_message_timestamp(msg, &type));
    broker_json_string(out, msg->key, msg->key_len);

    broker_json_headers(out, msg);

    broker_buf_printf(out, ",\"value\":");
    broker_json_string(out, msg->payload, msg->len);
    broker_buf_add(out, "}\n", 2);
}


static void
broker_json_headers(broker_buf_t *out, rd_kafka_message_t *msg)
{
    size_t               i, len;
    const char          *name;
    const void          *value;
    rd_kafka_headers_t  *headers;

    broker_buf_printf(out, ",\"headers\":[");

    if (rd_kafka_message_headers(msg, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {

        for (i = 0;
             rd_kafka_header_get_all(headers, i, &name, &value, &len)
             == RD_KAFKA_RESP_ERR_NO_ERROR;
             i++)
        {
            broker_buf_printf(out, i ? ",[" : "[");
            broker_json_string(out, name, strlen(name));
            broker_buf_add(out, ",", 1);
            broker_json_string(out, value, len);
            broker_buf_add(out, "]", 1);
        }
    }

    broker_buf_add(out, "]", 1);
}


static void
broker_json_string(broker_buf_t *out, const void *data, size_t len)
{
    size_t                n;
    const unsigned char  *p, *last;

    if (data == NULL) {
        broker_buf_add(out, "null", 4);
        return;
    }

    p = data;
    last = p + len;

    broker_buf_add(out, "\"", 1);

    while (p < last) {

        n = broker_utf8_len(p, last - p);

        if (n == 0 || *p < 0x20 || *p == 0x7f) {
            broker_buf_printf(out, "\\u%04x", *p);
            p++;
            continue;
        }

        if (*p == '"' || *p == '\\') {
            broker_buf_add(out, "\\", 1);
        }

        broker_buf_add(out, p, n);
        p += n;
    }

    broker_buf_add(out, "\"", 1);
}


/* the length of the character at p, 0 if it is not UTF-8 (RFC 3629) */

static size_t
broker_utf8_len(const unsigned char *p, size_t len)
{
    size_t         i, n;
    unsigned char  min, max;

    if (*p < 0x80) {
        return 1;
    }

    if (*p < 0xc2 || *p > 0xf4) {
        return 0;
    }

    n = (*p < 0xe0) ? 2 : (*p < 0xf0) ? 3 : 4;

    if (n > len) {
        return 0;
    }

    min = (*p == 0xe0) ? 0xa0 : (*p == 0xf0) ? 0x90 : 0x80;
    max = (*p == 0xed) ? 0x9f : (*p == 0xf4) ? 0x8f : 0xbf;

    if (p[1] < min || p[1] > max) {
        return 0;
    }

    for (i = 2; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    return n;
}
