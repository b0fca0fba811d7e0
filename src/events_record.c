
#include "events_record.h"
#include "events_escape.h"


static const events_str_t  events_record_brand = events_string("brand");


static int events_record_text(events_str_t *str,
    const events_json_event_t *event, const events_json_node_t *node,
    events_arena_t *arena);
static int events_record_stamp(events_str_t *value,
    const events_json_event_t *event, const events_transform_t *transform,
    events_arena_t *arena);
static size_t events_record_stamps_len(const events_transform_t *transform);
static int events_record_is_stamped(const events_json_event_t *event,
    const events_json_node_t *key, const events_transform_t *transform);
static u_char *events_record_copy_kept(u_char *dst,
    const events_json_event_t *event, const events_transform_t *transform,
    uint32_t nkept);
static uint32_t events_record_kept(const events_json_event_t *event,
    const events_transform_t *transform);


events_error_e
events_record_build(events_record_t *record, const events_json_event_t *event,
    const events_transform_t *transform, events_arena_t *arena)
{
    const events_json_node_t  *node;

    record->key = transform->key;
    record->value.data = event->text + event->nodes[0].offset;
    record->value.len = event->nodes[0].len;

    if (transform->key_lookup != NULL) {
        node = events_lookup_find(transform->key_lookup, event);

        if (!events_record_text(&record->key, event, node, arena)) {
            return EVENTS_NO_MEMORY;
        }
    }

    if (record->key.len == 0) {
        record->key.data = NULL;
    }

    node = events_json_member(event, event->nodes, &events_record_brand,
                              events_json_hash(events_record_brand.data,
                                               events_record_brand.len));

    if (node != NULL && node->type != EVENTS_JSON_STRING) {
        node = NULL;
    }

    if (!events_record_text(&record->brand, event, node, arena)) {
        return EVENTS_NO_MEMORY;
    }

    if (transform->nstamps
        && !events_record_stamp(&record->value, event, transform, arena))
    {
        return EVENTS_NO_MEMORY;
    }

    return EVENTS_OK;
}


/* a scalar as text: a string without quotes and escapes, a number as it is */

static int
events_record_text(events_str_t *str, const events_json_event_t *event,
    const events_json_node_t *node, events_arena_t *arena)
{
    u_char  *text;

    str->data = NULL;
    str->len = 0;

    if (node == NULL) {
        return 1;
    }

    switch (node->type) {

    case EVENTS_JSON_STRING:

        if (!node->escaped) {
            *str = events_json_raw(event->text, node);
            return 1;
        }

        text = events_arena_alloc(arena, node->len);
        if (text == NULL) {
            return 0;
        }

        str->data = text;
        str->len = events_json_unescape(event->text, node, text, node->len);
        return 1;

    case EVENTS_JSON_NUMBER:
    case EVENTS_JSON_TRUE:
    case EVENTS_JSON_FALSE:
        str->data = event->text + node->offset;
        str->len = node->len;
        return 1;

    default:
        return 1;
    }
}


static int
events_record_stamp(events_str_t *value, const events_json_event_t *event,
    const events_transform_t *transform, events_arena_t *arena)
{
    u_char                *p, *spliced;
    uint32_t               i, nkept;
    const events_stamp_t  *stamp;

    spliced = events_arena_alloc(arena, event->nodes[0].len
                                        + events_record_stamps_len(transform));
    if (spliced == NULL) {
        return 0;
    }

    nkept = events_record_kept(event, transform);
    p = events_record_copy_kept(spliced, event, transform, nkept);

    for (i = 0; i < transform->nstamps; i++) {
        stamp = &transform->stamps[i];

        if (nkept > 0 || i > 0) {
            *p++ = ',';
        }

        *p++ = '"';
        p = events_escape(p, &stamp->name);
        *p++ = '"';
        *p++ = ':';
        *p++ = '"';
        p = events_escape(p, &stamp->value);
        *p++ = '"';
    }

    *p++ = '}';

    value->data = spliced;
    value->len = p - spliced;

    return 1;
}


static size_t
events_record_stamps_len(const events_transform_t *transform)
{
    size_t    len;
    uint32_t  i;

    len = 0;

    for (i = 0; i < transform->nstamps; i++) {
        len += sizeof(",\"\":\"\"")
               + events_escaped_len(&transform->stamps[i].name)
               + events_escaped_len(&transform->stamps[i].value);
    }

    return len;
}


/* the number of the last member that is kept, counted from 1 */

static uint32_t
events_record_kept(const events_json_event_t *event,
    const events_transform_t *transform)
{
    uint32_t                   i, nkept;
    const events_json_node_t  *key;

    nkept = 0;
    key = event->nodes + 1;

    for (i = 1; i <= event->nodes[0].count; i++) {

        if (!events_record_is_stamped(event, key, transform)) {
            nkept = i;
        }

        key = &event->nodes[key[1].u.next];
    }

    return nkept;
}


/*
 * Copies the event up to the end of the member nkept, its spacing included,
 * without the members that stamps replace.
 */

static u_char *
events_record_copy_kept(u_char *dst, const events_json_event_t *event,
    const events_transform_t *transform, uint32_t nkept)
{
    size_t                     len;
    uint32_t                   i;
    const u_char              *from, *to;
    const events_json_node_t  *key;

    if (nkept == 0) {
        *dst++ = '{';
        return dst;
    }

    from = event->text + event->nodes[0].offset;
    to = from;
    key = event->nodes + 1;

    for (i = 1; i <= nkept; i++) {
        to = event->text + key->offset;

        if (events_record_is_stamped(event, key, transform)) {
            len = to - from;
            memcpy(dst, from, len);
            dst += len;

            /* there is a next member: the last kept one is not stamped */

            from = event->text + event->nodes[key[1].u.next].offset;
        }

        to = event->text + key[1].offset + key[1].len;
        key = &event->nodes[key[1].u.next];
    }

    len = to - from;
    memcpy(dst, from, len);

    return dst + len;
}


static int
events_record_is_stamped(const events_json_event_t *event,
    const events_json_node_t *key, const events_transform_t *transform)
{
    uint32_t               i;
    const events_stamp_t  *stamp;

    for (i = 0; i < transform->nstamps; i++) {
        stamp = &transform->stamps[i];

        if (stamp->hash == key->u.hash
            && events_json_equals(event->text, key, &stamp->name))
        {
            return 1;
        }
    }

    return 0;
}
