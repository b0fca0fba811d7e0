
#include "events_record.h"
#include "events_escape.h"
#include "events_splice.h"


/* stamped: by each stamp, what its pointer has found; data == NULL: nothing */

typedef struct {
    const events_source_t     *source;
    const events_transform_t  *transform;
    const events_str_t        *stamped;     /* NULL: no stamp has a pointer */
} events_record_splice_t;


static int events_record_stamp_text(events_str_t *text,
    const events_stamp_t *stamp, events_arena_t *arena);
static int events_record_fields(events_record_t *record,
    const events_source_t *source, const events_transform_t *transform,
    events_arena_t *arena);
static int events_record_is_changed(const events_source_t *source,
    const events_transform_t *transform);
static int events_record_splice(events_str_t *value,
    const events_source_t *source, const events_transform_t *transform,
    events_arena_t *arena);
static int events_record_stamped(events_record_splice_t *rs,
    events_arena_t *arena);
static size_t events_record_splice_len(const events_record_splice_t *rs);
static void events_record_members(const events_record_splice_t *rs,
    events_splice_t *splice);
static void events_record_mirror(const events_record_splice_t *rs,
    events_splice_t *splice);
static void events_record_stamp(const events_record_splice_t *rs, uint32_t i,
    events_splice_t *splice);
static int events_record_is_stamped(const events_record_splice_t *rs,
    const events_json_node_t *key);
static int events_record_applies(const events_record_splice_t *rs, uint32_t i);
static const u_char *events_record_source_text(const events_source_t *source);


static const events_str_t  events_record_brand_name = events_string("brand");


const events_json_node_t *
events_record_brand(const events_json_event_t *view)
{
    const events_json_node_t  *node;

    node = events_json_member(view, view->nodes, &events_record_brand_name,
                              events_json_hash(events_record_brand_name.data,
                                               events_record_brand_name.len));

    return (node != NULL && node->type == EVENTS_JSON_STRING) ? node : NULL;
}


int
events_record_brand_is_ambiguous(const events_source_t *source,
    const events_transform_t *transform)
{
    uint32_t                      i, n;
    const events_json_node_t     *key;
    const events_json_event_t    *view;
    const events_rename_found_t  *found;

    if (source->renamed != NULL) {
        for (i = 0; i < transform->renames->nelts; i++) {
            found = &source->renamed->elts[i];

            if (found->unequal
                && events_str_eq(&transform->renames->elts[i].to.name,
                                 &events_record_brand_name))
            {
                return 1;
            }
        }
    }

    view = source->view;

    if (!view->nodes[0].duplicate) {
        return 0;
    }

    key = view->nodes + 1;
    n = 0;

    for (i = 0; i < view->nodes[0].count; i++) {
        n += events_json_equals(view->text, key, &events_record_brand_name);
        key = &view->nodes[key[1].u.next];
    }

    return n > 1;
}


int
events_record_prepare(events_transform_t *transform, events_arena_t *arena)
{
    uint32_t       i;
    events_str_t  *texts;

    if (transform->nstamps == 0) {
        return 1;
    }

    texts = events_arena_aligned(arena,
                                 transform->nstamps * sizeof(events_str_t));
    if (texts == NULL) {
        return 0;
    }

    for (i = 0; i < transform->nstamps; i++) {
        if (!events_record_stamp_text(&texts[i], &transform->stamps[i],
                                      arena))
        {
            return 0;
        }
    }

    transform->stamp_texts = texts;

    return 1;
}


/* "name":"value", or "name": where the value is that of another member */

static int
events_record_stamp_text(events_str_t *text, const events_stamp_t *stamp,
    events_arena_t *arena)
{
    u_char  *p, *start;

    start = events_arena_alloc(arena, sizeof("\"\":\"\"") - 1
                                      + events_escaped_len(&stamp->name)
                                      + events_escaped_len(&stamp->value));
    if (start == NULL) {
        return 0;
    }

    p = start;
    *p++ = '"';
    p = events_escape(p, &stamp->name);
    *p++ = '"';
    *p++ = ':';

    if (stamp->lookup == NULL) {
        *p++ = '"';
        p = events_escape(p, &stamp->value);
        *p++ = '"';
    }

    text->data = start;
    text->len = p - start;

    return 1;
}


events_error_e
events_record_build(events_record_t *record, const events_source_t *source,
    const events_transform_t *transform, events_arena_t *arena)
{
    const events_json_node_t  *node;

    record->key = transform->key;
    record->value.data = source->event->text + source->event->nodes[0].offset;
    record->value.len = source->event->nodes[0].len;
    record->fields = NULL;
    record->topic = 0;

    if (transform->key_lookup != NULL) {
        node = events_lookup_find(transform->key_lookup, source->view);

        if (!events_record_text(&record->key, source, node, arena)) {
            return EVENTS_NO_MEMORY;
        }
    }

    if (record->key.len == 0) {
        record->key.data = NULL;
    }

    if (!events_record_text(&record->brand, source, source->brand, arena)) {
        return EVENTS_NO_MEMORY;
    }

    if (transform->nfields
        && !events_record_fields(record, source, transform, arena))
    {
        return EVENTS_NO_MEMORY;
    }

    if (transform->routes.nelts) {
        record->topic = events_route_find(&transform->routes, source->view);
    }

    if (events_record_is_changed(source, transform)
        && !events_record_splice(&record->value, source, transform, arena))
    {
        return EVENTS_NO_MEMORY;
    }

    return EVENTS_OK;
}


static int
events_record_fields(events_record_t *record, const events_source_t *source,
    const events_transform_t *transform, events_arena_t *arena)
{
    uint32_t                   i;
    events_str_t              *fields;
    const events_json_node_t  *node;

    fields = events_arena_aligned(arena,
                                  transform->nfields * sizeof(events_str_t));
    if (fields == NULL) {
        return 0;
    }

    for (i = 0; i < transform->nfields; i++) {
        node = events_lookup_find(&transform->fields[i], source->view);

        if (!events_record_text(&fields[i], source, node, arena)) {
            return 0;
        }
    }

    record->fields = fields;

    return 1;
}


size_t
events_record_size(const events_record_t *record, uint32_t nfields)
{
    size_t    size;
    uint32_t  i;

    size = record->value.len + record->key.len;

    for (i = 0; record->fields != NULL && i < nfields; i++) {
        size += record->fields[i].len;
    }

    return size;
}


int
events_record_text(events_str_t *str, const events_source_t *source,
    const events_json_node_t *node, events_arena_t *arena)
{
    u_char        *copy;
    const u_char  *text;

    str->data = NULL;
    str->len = 0;

    if (node == NULL) {
        return 1;
    }

    text = events_record_source_text(source);

    switch (node->type) {

    case EVENTS_JSON_STRING:

        if (!node->escaped) {
            *str = events_json_raw(text, node);
            return 1;
        }

        copy = events_arena_alloc(arena, node->len);
        if (copy == NULL) {
            return 0;
        }

        str->data = copy;
        str->len = events_json_unescape(text, node, copy, node->len);
        return 1;

    case EVENTS_JSON_NUMBER:
    case EVENTS_JSON_TRUE:
    case EVENTS_JSON_FALSE:
        str->data = text + node->offset;
        str->len = node->len;
        return 1;

    default:
        return 1;
    }
}


/* a record outlives the view, whose values are the event's */

static const u_char *
events_record_source_text(const events_source_t *source)
{
    return source->event->text
           + (source->event->nodes[0].offset - source->view->nodes[0].offset);
}


static int
events_record_is_changed(const events_source_t *source,
    const events_transform_t *transform)
{
    uint32_t                      i;
    const events_str_t           *name;
    const events_rename_found_t  *found;

    if (transform->nstamps) {
        return 1;
    }

    if (source->renamed == NULL) {
        return 0;
    }

    for (i = 0; i < transform->renames->nelts; i++) {
        found = &source->renamed->elts[i];

        if ((found->from
             && events_rename_action(source->renamed, found->from, &name)
                != EVENTS_RENAME_KEEP)
            || (found->to
                && events_rename_action(source->renamed, found->to, &name)
                   != EVENTS_RENAME_KEEP)
            || events_rename_mirror(source->renamed, i, &name) != NULL)
        {
            return 1;
        }
    }

    return 0;
}


static int
events_record_splice(events_str_t *value, const events_source_t *source,
    const events_transform_t *transform, events_arena_t *arena)
{
    u_char                  *spliced;
    uint32_t                 i;
    events_splice_t          splice;
    events_record_splice_t   rs;

    rs.source = source;
    rs.transform = transform;

    if (!events_record_stamped(&rs, arena)) {
        return 0;
    }

    spliced = events_arena_alloc(arena, events_record_splice_len(&rs));
    if (spliced == NULL) {
        return 0;
    }

    events_splice_start(&splice, source->event, spliced);

    events_record_members(&rs, &splice);
    events_record_mirror(&rs, &splice);

    for (i = 0; i < transform->nstamps; i++) {
        if (events_record_applies(&rs, i)) {
            events_record_stamp(&rs, i, &splice);
        }
    }

    value->data = spliced;
    value->len = events_splice_finish(&splice) - spliced;

    return 1;
}


/* what the stamps that have a pointer copy */

static int
events_record_stamped(events_record_splice_t *rs, events_arena_t *arena)
{
    uint32_t                   i;
    events_str_t              *stamped;
    const u_char              *text;
    const events_lookup_t     *lookup;
    const events_json_node_t  *node;

    stamped = NULL;
    text = events_record_source_text(rs->source);

    for (i = 0; i < rs->transform->nstamps; i++) {
        lookup = rs->transform->stamps[i].lookup;

        if (lookup == NULL) {
            continue;
        }

        if (stamped == NULL) {
            stamped = events_arena_aligned(arena, rs->transform->nstamps
                                                  * sizeof(events_str_t));
            if (stamped == NULL) {
                return 0;
            }
        }

        node = events_lookup_find(lookup, rs->source->view);

        stamped[i].data = node ? text + node->offset : NULL;
        stamped[i].len = node ? node->len : 0;
    }

    rs->stamped = stamped;

    return 1;
}


/* a bound: what is left out is counted too */

static size_t
events_record_splice_len(const events_record_splice_t *rs)
{
    size_t                     len;
    uint32_t                   i;
    const events_str_t        *name;
    const events_stamp_t      *stamp;
    const events_renamed_t    *renamed;
    const events_json_node_t  *node;

    renamed = rs->source->renamed;
    len = rs->source->event->nodes[0].len;

    for (i = 0; i < rs->transform->nstamps; i++) {
        stamp = &rs->transform->stamps[i];

        len += EVENTS_SPLICE_MEMBER + rs->transform->stamp_texts[i].len
               + (stamp->lookup ? rs->stamped[i].len : 0);
    }

    for (i = 0; renamed != NULL && i < renamed->renames->nelts; i++) {
        node = events_rename_mirror(renamed, i, &name);

        if (node != NULL) {
            len += EVENTS_SPLICE_MEMBER + name->len + node->len;
        }

        /* at most one of its names is replaced, once */

        len += renamed->renames->elts[i].from.json.len
               + renamed->renames->elts[i].to.json.len;
    }

    return len;
}


static void
events_record_members(const events_record_splice_t *rs,
    events_splice_t *splice)
{
    uint32_t                    n;
    const events_str_t         *name;
    events_rename_action_e      action;
    const events_json_node_t   *key;
    const events_json_event_t  *event;

    event = rs->source->event;
    key = event->nodes + 1;

    for (n = event->nodes[0].count; n > 0; n--) {
        action = EVENTS_RENAME_KEEP;

        if (events_record_is_stamped(rs, key)) {
            action = EVENTS_RENAME_DROP;

        } else if (rs->source->renamed != NULL) {
            action = events_rename_action(rs->source->renamed, key, &name);
        }

        switch (action) {

        case EVENTS_RENAME_DROP:
            events_splice_drop(splice, key);
            break;

        case EVENTS_RENAME_REPLACE:
            events_splice_rename(splice, key, name);
            break;

        default:
            events_splice_keep(splice, key);
            break;
        }

        key = &event->nodes[key[1].u.next];
    }
}


static void
events_record_mirror(const events_record_splice_t *rs,
    events_splice_t *splice)
{
    u_char                    *p;
    uint32_t                   i;
    const events_str_t        *name;
    const events_renamed_t    *renamed;
    const events_json_node_t  *node;

    renamed = rs->source->renamed;

    for (i = 0; renamed != NULL && i < renamed->renames->nelts; i++) {
        node = events_rename_mirror(renamed, i, &name);

        if (node != NULL) {
            p = events_splice_add(splice);
            memcpy(p, name->data, name->len);
            p += name->len;
            *p++ = ':';

            memcpy(p, rs->source->event->text + node->offset, node->len);
            splice->dst = p + node->len;
        }
    }
}


static void
events_record_stamp(const events_record_splice_t *rs, uint32_t i,
    events_splice_t *splice)
{
    u_char              *p;
    const events_str_t  *text;

    text = &rs->transform->stamp_texts[i];

    p = events_splice_add(splice);
    memcpy(p, text->data, text->len);
    p += text->len;

    if (rs->transform->stamps[i].lookup != NULL) {
        memcpy(p, rs->stamped[i].data, rs->stamped[i].len);
        p += rs->stamped[i].len;
    }

    splice->dst = p;
}


static int
events_record_is_stamped(const events_record_splice_t *rs,
    const events_json_node_t *key)
{
    uint32_t               i;
    const events_stamp_t  *stamp;

    for (i = 0; i < rs->transform->nstamps; i++) {
        stamp = &rs->transform->stamps[i];

        if (stamp->hash == key->u.hash
            && events_json_equals(rs->source->event->text, key, &stamp->name)
            && events_record_applies(rs, i))
        {
            return 1;
        }
    }

    return 0;
}


/* a stamp whose pointer finds nothing leaves the event alone */

static int
events_record_applies(const events_record_splice_t *rs, uint32_t i)
{
    return rs->transform->stamps[i].lookup == NULL
           || rs->stamped[i].data != NULL;
}
