
#include "events_equal.h"
#include "events_json_text.h"
#include "events_number.h"


/* comparing two values is a step, and another one for each 256 bytes */
#define EVENTS_EQUAL_STEP_BITS  8


static int events_equal_strings(const u_char *t1,
    const events_json_node_t *n1, const u_char *t2,
    const events_json_node_t *n2);
static int events_equal_numbers(const u_char *t1,
    const events_json_node_t *n1, const u_char *t2,
    const events_json_node_t *n2);
static int events_equal_arrays(const events_json_event_t *e1,
    const events_json_node_t *n1, const events_json_event_t *e2,
    const events_json_node_t *n2, uint64_t *steps);
static int events_equal_objects(const events_json_event_t *e1,
    const events_json_node_t *n1, const events_json_event_t *e2,
    const events_json_node_t *n2, uint64_t *steps);


int
events_equal(const events_json_event_t *e1, const events_json_node_t *n1,
    const events_json_event_t *e2, const events_json_node_t *n2,
    uint64_t *steps)
{
    uint64_t  n;

    if (n1->type != n2->type) {
        return 0;
    }

    n = 1;

    if (n1->type < EVENTS_JSON_ARRAY) {
        n += ((uint64_t) n1->len + n2->len) >> EVENTS_EQUAL_STEP_BITS;
    }

    if (*steps < n) {
        *steps = 0;
        return -1;
    }

    *steps -= n;

    switch (n1->type) {

    case EVENTS_JSON_NUMBER:
        return events_equal_numbers(e1->text, n1, e2->text, n2);

    case EVENTS_JSON_STRING:
    case EVENTS_JSON_KEY:
        return events_equal_strings(e1->text, n1, e2->text, n2);

    case EVENTS_JSON_ARRAY:
        return events_equal_arrays(e1, n1, e2, n2, steps);

    case EVENTS_JSON_OBJECT:
        return events_equal_objects(e1, n1, e2, n2, steps);

    default: /* null, false, true */
        return 1;
    }
}


static int
events_equal_strings(const u_char *t1, const events_json_node_t *n1,
    const u_char *t2, const events_json_node_t *n2)
{
    size_t         n;
    u_char         out1[4], out2[4];
    events_str_t   str;
    const u_char  *p1, *p2, *last1, *last2;

    if (!n2->escaped) {
        str = events_json_raw(t2, n2);
        return events_json_equals(t1, n1, &str);
    }

    if (!n1->escaped) {
        str = events_json_raw(t1, n1);
        return events_json_equals(t2, n2, &str);
    }

    p1 = t1 + n1->offset + 1;
    p2 = t2 + n2->offset + 1;
    last1 = p1 + n1->len - 2;
    last2 = p2 + n2->len - 2;

    while (p1 < last1 && p2 < last2) {
        n = events_json_decode(&p1, out1);

        if (n != events_json_decode(&p2, out2) || memcmp(out1, out2, n) != 0) {
            return 0;
        }
    }

    return p1 == last1 && p2 == last2;
}


static int
events_equal_numbers(const u_char *t1, const events_json_node_t *n1,
    const u_char *t2, const events_json_node_t *n2)
{
    events_number_t  a, b;

    events_number_parse(&a, t1 + n1->offset, n1->len);
    events_number_parse(&b, t2 + n2->offset, n2->len);

    return events_number_compare(&a, &b) == 0;
}


static int
events_equal_arrays(const events_json_event_t *e1,
    const events_json_node_t *n1, const events_json_event_t *e2,
    const events_json_node_t *n2, uint64_t *steps)
{
    int                        rc;
    uint32_t                   i, n;
    const events_json_node_t  *a, *b;

    if (n1->count != n2->count) {
        return 0;
    }

    n = n1->count;
    a = n1 + 1;
    b = n2 + 1;

    for (i = 0; i < n; i++) {
        rc = events_equal(e1, a, e2, b, steps);

        if (rc != 1) {
            return rc;
        }

        a = &e1->nodes[a->u.next];
        b = &e2->nodes[b->u.next];
    }

    return 1;
}


/* the same order is found soonest */

static int
events_equal_objects(const events_json_event_t *e1,
    const events_json_node_t *n1, const events_json_event_t *e2,
    const events_json_node_t *n2, uint64_t *steps)
{
    int                        rc;
    uint32_t                   i, tried, n;
    const events_json_node_t  *a, *b;

    if (n1->count != n2->count) {
        return 0;
    }

    n = n1->count;
    a = n1 + 1;
    b = n2 + 1;

    for (i = 0; i < n; i++) {

        for (tried = 0; tried < n; tried++) {

            if (b == &e2->nodes[n2->u.next]) {
                b = n2 + 1;
            }

            if (*steps == 0) {
                return -1;
            }

            (*steps)--;

            if (a->u.hash == b->u.hash
                && events_equal_strings(e1->text, a, e2->text, b))
            {
                break;
            }

            b = &e2->nodes[b[1].u.next];
        }

        if (tried == n) {
            return 0;
        }

        rc = events_equal(e1, a + 1, e2, b + 1, steps);

        if (rc != 1) {
            return rc;
        }

        a = &e1->nodes[a[1].u.next];
        b = &e2->nodes[b[1].u.next];
    }

    return 1;
}
