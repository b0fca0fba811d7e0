
#include "events_schema_ref.h"


/* "4294967295" has more digits, and no file has so many elements */
#define EVENTS_SCHEMA_INDEX_DIGITS  9


static size_t events_schema_ref_decode(const events_str_t *ref,
    unsigned char *dst);
static int events_schema_ref_hex(unsigned char ch);
static size_t events_schema_ref_token(unsigned char *token, size_t len);
static const events_json_node_t *events_schema_ref_step(
    const events_json_event_t *doc, const events_json_node_t *node,
    const events_str_t *token);
static const events_json_node_t *events_schema_ref_element(
    const events_json_event_t *doc, const events_json_node_t *array,
    const events_str_t *token);


const events_json_node_t *
events_schema_ref_find(const events_json_event_t *doc,
    const events_str_t *ref, unsigned char *scratch)
{
    size_t                     len;
    events_str_t               token;
    unsigned char             *p, *last, *end;
    const events_json_node_t  *node;

    len = events_schema_ref_decode(ref, scratch);

    p = scratch;
    last = scratch + len;
    node = doc->nodes;

    while (p < last && node) {

        if (*p++ != '/') {
            return NULL;
        }

        end = memchr(p, '/', last - p);
        end = end ? end : last;

        token.data = p;
        token.len = events_schema_ref_token(p, end - p);

        node = events_schema_ref_step(doc, node, &token);
        p = end;
    }

    return node;
}


static size_t
events_schema_ref_decode(const events_str_t *ref, unsigned char *dst)
{
    int     hi, lo;
    size_t  i, n;

    n = 0;

    for (i = 1; i < ref->len; i++) {
        dst[n] = ref->data[i];

        if (ref->data[i] == '%' && ref->len - i > 2) {
            hi = events_schema_ref_hex(ref->data[i + 1]);
            lo = events_schema_ref_hex(ref->data[i + 2]);

            if (hi >= 0 && lo >= 0) {
                dst[n] = hi * 16 + lo;
                i += 2;
            }
        }

        n++;
    }

    return n;
}


static int
events_schema_ref_hex(unsigned char ch)
{
    if (ch >= '0' && ch <= '9') {
        return ch - '0';
    }

    ch |= 0x20;

    return (ch >= 'a' && ch <= 'f') ? ch - 'a' + 10 : -1;
}


/* "~1" is a slash and "~0" a tilde; returns the length that is left */

static size_t
events_schema_ref_token(unsigned char *token, size_t len)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < len; i++) {

        if (token[i] == '~' && len - i > 1
            && (token[i + 1] == '0' || token[i + 1] == '1'))
        {
            i++;
            token[n++] = (token[i] == '0') ? '~' : '/';

        } else {
            token[n++] = token[i];
        }
    }

    return n;
}


static const events_json_node_t *
events_schema_ref_step(const events_json_event_t *doc,
    const events_json_node_t *node, const events_str_t *token)
{
    if (node->type == EVENTS_JSON_ARRAY) {
        return events_schema_ref_element(doc, node, token);
    }

    return events_json_member(doc, node, token,
                              events_json_hash(token->data, token->len));
}


static const events_json_node_t *
events_schema_ref_element(const events_json_event_t *doc,
    const events_json_node_t *array, const events_str_t *token)
{
    size_t                     i;
    uint32_t                   n;
    const events_json_node_t  *node;

    n = 0;

    if (token->len == 0 || token->len > EVENTS_SCHEMA_INDEX_DIGITS
        || (token->data[0] == '0' && token->len > 1))
    {
        return NULL;
    }

    for (i = 0; i < token->len; i++) {

        if (token->data[i] < '0' || token->data[i] > '9') {
            return NULL;
        }

        n = n * 10 + (token->data[i] - '0');
    }

    if (n >= array->count) {
        return NULL;
    }

    for (node = array + 1; n != 0; n--) {
        node = &doc->nodes[node->u.next];
    }

    return node;
}
