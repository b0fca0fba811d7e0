
/*
 * Names and strings of text that was parsed: their bytes, with and without
 * escapes, and how members are found by them.
 */


#include "events_json_text.h"
#include "events_utf8.h"


uint32_t
events_json_hash(const u_char *data, size_t len)
{
    uint64_t  h, a, b;

    /* collisions only cost time, and sorting bounds that */

    h = len * 0x9E3779B97F4A7C15ULL;

    for ( ;; ) {

        if (len >= 8) {
            memcpy(&a, data, 8);
            memcpy(&b, data + (len < 16 ? len - 8 : 8), 8);

        } else if (len >= 4) {
            uint32_t  lo, hi;

            memcpy(&lo, data, 4);
            memcpy(&hi, data + len - 4, 4);
            a = lo;
            b = hi;

        } else if (len > 0) {
            a = data[0];
            b = ((uint64_t) data[len / 2] << 8) | data[len - 1];

        } else {
            break;
        }

        h = (h ^ a) * 0xBF58476D1CE4E5B9ULL;
        h = ((h ^ (h >> 29)) ^ b) * 0x94D049BB133111EBULL;

        if (len <= 16) {
            break;
        }

        data += 16;
        len -= 16;
    }

    return (uint32_t) (h ^ (h >> 32));
}


events_str_t
events_json_raw(const u_char *text, const events_json_node_t *node)
{
    events_str_t  raw;

    raw.data = text + node->offset + 1;
    raw.len = node->len - 2;

    return raw;
}


size_t
events_json_unescape(const u_char *text, const events_json_node_t *node,
    u_char *dst, size_t size)
{
    size_t         n, len;
    u_char         out[4];
    const u_char  *p, *last;

    p = text + node->offset + 1;
    last = p + node->len - 2;

    if (!node->escaped && (size_t) (last - p) <= size) {
        memcpy(dst, p, last - p);
        return last - p;
    }

    len = 0;

    while (p < last) {
        n = events_json_decode(&p, out);

        if (n > size - len) {
            break;
        }

        memcpy(dst + len, out, n);
        len += n;
    }

    return len;
}


int
events_json_equals(const u_char *text, const events_json_node_t *node,
    const events_str_t *str)
{
    size_t         n, len;
    u_char         out[4];
    const u_char  *p, *last;

    p = text + node->offset + 1;

    if (!node->escaped) {
        return node->len - 2 == str->len && memcmp(p, str->data, str->len) == 0;
    }

    last = p + node->len - 2;

    for (len = 0; p < last; len += n) {
        n = events_json_decode(&p, out);

        if (n > str->len - len || memcmp(str->data + len, out, n) != 0) {
            return 0;
        }
    }

    return len == str->len;
}


const events_json_node_t *
events_json_member(const events_json_event_t *event,
    const events_json_node_t *object, const events_str_t *name, uint32_t hash)
{
    uint32_t                   i;
    const events_json_node_t  *key;

    if (object->type != EVENTS_JSON_OBJECT) {
        return NULL;
    }

    key = object + 1;

    for (i = 0; i < object->count; i++) {

        if (key->u.hash == hash && events_json_equals(event->text, key, name)) {
            return key + 1;
        }

        key = &event->nodes[key[1].u.next];
    }

    return NULL;
}


/* one character, escaped or not, of text that was found to be valid */

size_t
events_json_decode(const u_char **pos, u_char out[4])
{
    size_t                n;
    uint32_t              code, low;
    const u_char  *p;

    p = *pos;

    if (*p != '\\') {
        n = events_utf8_size(*p);
        memcpy(out, p, n);
        *pos = p + n;
        return n;
    }

    *pos = p + 2;

    switch (p[1]) {

    case 'b':
        out[0] = '\b';
        return 1;

    case 'f':
        out[0] = '\f';
        return 1;

    case 'n':
        out[0] = '\n';
        return 1;

    case 'r':
        out[0] = '\r';
        return 1;

    case 't':
        out[0] = '\t';
        return 1;

    case 'u':
        break;

    default: /* quote, backslash, slash */
        out[0] = p[1];
        return 1;
    }

    events_json_hex4(p + 2, &code);
    *pos = p + 6;

    if (code >= 0xD800 && code <= 0xDBFF) {
        events_json_hex4(p + 8, &low);
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        *pos = p + 12;
    }

    return events_utf8_encode(out, code);
}


int
events_json_hex4(const u_char *p, uint32_t *code)
{
    unsigned       i;
    uint32_t       value;
    u_char  ch;

    value = 0;

    for (i = 0; i < 4; i++) {
        ch = p[i];

        if (ch >= '0' && ch <= '9') {
            value = (value << 4) | (ch - '0');

        } else {
            ch |= 0x20;

            if (ch < 'a' || ch > 'f') {
                return 0;
            }

            value = (value << 4) | (ch - 'a' + 10);
        }
    }

    *code = value;

    return 1;
}
