
#include "events_pointer.h"
#include "events_utf8.h"

#include <stdio.h>


typedef struct {
    unsigned char        *pos;
    unsigned char        *last;
    const unsigned char  *text;
    unsigned              full:1;   /* a step was cut off: none may follow */
} events_pointer_t;


static void events_pointer_steps(events_pointer_t *pointer,
    const events_path_t *path);
static void events_pointer_step(events_pointer_t *pointer,
    const events_path_t *path);
static void events_pointer_token(events_pointer_t *pointer,
    const unsigned char *data, size_t len);


size_t
events_pointer_write(unsigned char *dst, size_t size,
    const unsigned char *text, const events_path_t *path)
{
    events_pointer_t  pointer;

    pointer.pos = dst;
    pointer.last = dst + size;
    pointer.text = text;
    pointer.full = 0;

    events_pointer_steps(&pointer, path);

    return pointer.pos - dst;
}


static void
events_pointer_steps(events_pointer_t *pointer, const events_path_t *path)
{
    if (path == NULL || path->parent == NULL) {
        return;
    }

    events_pointer_steps(pointer, path->parent);

    if (!pointer->full) {
        events_pointer_step(pointer, path);
    }
}


static void
events_pointer_step(events_pointer_t *pointer, const events_path_t *path)
{
    int            n;
    size_t         len;
    char           index[sizeof("4294967295")];
    unsigned char  name[EVENTS_MAX_POINTER + 4];

    events_json_node_t  key;

    if (pointer->pos == pointer->last) {
        pointer->full = 1;
        return;
    }

    *pointer->pos++ = '/';

    if (path->key) {

        /* a name that is longer than the buffer is longer than any pointer */

        key = *path->key;

        if (key.renamed) {
            key.offset += key.len;
            key.len = key.count;
            key.escaped = 1;
        }

        len = events_json_unescape(pointer->text, &key, name, sizeof(name));
        events_pointer_token(pointer, name, len);

    } else if (path->name) {
        events_pointer_token(pointer, path->name->data, path->name->len);

    } else {
        n = snprintf(index, sizeof(index), "%u", (unsigned) path->index);
        events_pointer_token(pointer, (unsigned char *) index, n);
    }
}


static void
events_pointer_token(events_pointer_t *pointer, const unsigned char *data,
    size_t len)
{
    size_t                n;
    unsigned char         escape[2];
    const unsigned char  *p, *last, *from;

    last = data + len;

    for (p = data; p < last; /* void */ ) {
        from = p;
        n = events_utf8_size(*p);
        p += n;

        /* RFC 6901, section 3 */

        if (*from == '~' || *from == '/') {
            escape[0] = '~';
            escape[1] = (*from == '~') ? '0' : '1';
            from = escape;
            n = 2;
        }

        if (n > (size_t) (pointer->last - pointer->pos)) {
            pointer->full = 1;
            return;
        }

        memcpy(pointer->pos, from, n);
        pointer->pos += n;
    }
}


const events_path_t *
events_pointer_path(const events_json_event_t *event, uint32_t node,
    events_path_t *steps)
{
    uint32_t                   i, n, value, next;
    const events_json_node_t  *nodes, *key;

    nodes = event->nodes;
    memset(steps, 0, sizeof(events_path_t));
    i = 0;

    while (i != node) {
        steps++;
        memset(steps, 0, sizeof(events_path_t));
        steps->parent = steps - 1;

        /* the child that node is in, or is */

        next = i + 1;
        n = 0;

        do {
            key = (nodes[i].type == EVENTS_JSON_OBJECT) ? &nodes[next] : NULL;
            value = next + (key != NULL);
            next = nodes[value].u.next;
            steps->index = n++;

        } while (next <= node);

        steps->key = key;

        if (node < value) {
            break;
        }

        i = value;
    }

    return steps;
}


size_t
events_pointer_general(unsigned char *dst, const unsigned char *pointer,
    size_t len)
{
    unsigned char        *out;
    const unsigned char  *p, *last, *step;

    out = dst;
    p = pointer;
    last = pointer + len;

    while (p < last) {
        *out++ = *p++;
        step = p;

        while (p < last && *p >= '0' && *p <= '9') {
            p++;
        }

        if (p > step && (p == last || *p == '/')) {
            *out++ = '*';
            continue;
        }

        while (p < last && *p != '/') {
            p++;
        }

        memcpy(out, step, p - step);
        out += p - step;
    }

    return out - dst;
}
