
#include "events_rename.h"
#include "events_equal.h"
#include "events_escape.h"
#include "events_pointer.h"
#include "events_utf8.h"


/*
 * Comparing two values may cost so many steps, and so many more for each node
 * of the event.
 */
#define EVENTS_RENAME_STEPS           16384
#define EVENTS_RENAME_STEPS_PER_NODE  64


static const char *events_rename_check_name(const events_str_t *name);
static void events_rename_name(events_renames_t *renames,
    events_rename_name_t *name, const events_str_t *str, u_char *storage);
static void events_rename_note(events_renamed_t *renamed, uint32_t i,
    const events_json_event_t *event, const events_json_node_t *key);
static int events_rename_is(const events_rename_name_t *name,
    const events_json_event_t *event, const events_json_node_t *key);
static int events_rename_index(const events_renamed_t *renamed,
    const events_json_event_t *event, const events_json_node_t *key);
static void events_rename_nodes(const events_renamed_t *renamed,
    const events_json_event_t *event, events_json_node_t *nodes,
    const events_json_node_t *names);
static void events_rename_both(events_renamed_t *renamed, uint32_t i,
    const events_json_event_t *event, events_failures_t *failures);
static void events_rename_fail(const events_json_event_t *event,
    const events_json_node_t *key, events_failures_t *failures,
    const char *code, const char *detail, const events_rename_name_t *name);


const char *
events_rename_add(events_renames_t *renames, const events_str_t *from,
    const events_str_t *to, events_rename_mode_e accept,
    events_rename_mode_e publish, u_char *storage)
{
    const char       *err;
    events_rename_t  *rename;

    err = events_rename_check_name(from);

    if (err == NULL) {
        err = events_rename_check_name(to);
    }

    if (err != NULL) {
        return err;
    }

    if (events_str_eq(from, to)) {
        return "the old and the new name are the same";
    }

    if (events_rename_of(renames, from) || events_rename_of(renames, to)) {
        return "one of the names occurs in another rename";
    }

    if (renames->nelts == EVENTS_MAX_RENAMES) {
        return "there are more than 32 renames";
    }

    rename = &renames->elts[renames->nelts++];
    rename->accept = accept;
    rename->publish = publish;

    /* the new one, then the old one: that order is what a view needs */

    events_rename_name(renames, &rename->to, to, storage);
    events_rename_name(renames, &rename->from, from,
                       storage + rename->to.json.len);

    return NULL;
}


static const char *
events_rename_check_name(const events_str_t *name)
{
    if (name->len == 0) {
        return "a name is empty";
    }

    if (name->len > EVENTS_RENAME_NAME) {
        return "a name is longer than 255 bytes";
    }

    if (events_utf8_valid(name->data, name->len) != name->len) {
        return "a name is not UTF-8";
    }

    return NULL;
}


static void
events_rename_name(events_renames_t *renames, events_rename_name_t *name,
    const events_str_t *str, u_char *storage)
{
    u_char  *p;

    name->name = *str;
    name->hash = events_json_hash(str->data, str->len);
    renames->filter |= (uint64_t) 1 << (name->hash % 64);

    p = storage;
    *p++ = '"';
    p = events_escape(p, str);
    *p++ = '"';

    name->json.data = storage;
    name->json.len = p - storage;
    name->escaped = (name->json.len != str->len + 2);
}


const events_rename_t *
events_rename_of(const events_renames_t *renames, const events_str_t *name)
{
    uint32_t                i;
    const events_rename_t  *rename;

    for (i = 0; i < renames->nelts; i++) {
        rename = &renames->elts[i];

        if (events_str_eq(&rename->from.name, name)
            || events_str_eq(&rename->to.name, name))
        {
            return rename;
        }
    }

    return NULL;
}


void
events_rename_find(events_renamed_t *renamed, const events_renames_t *renames,
    const events_json_event_t *event)
{
    uint32_t                   i, n;
    const events_json_node_t  *key;

    renamed->renames = renames;
    renamed->old = 0;
    renamed->valid = 1;

    memset(renamed->elts, 0, renames->nelts * sizeof(events_rename_found_t));

    key = event->nodes + 1;

    for (n = event->nodes[0].count; n > 0; n--) {

        if (renames->filter >> (key->u.hash % 64) & 1) {
            for (i = 0; i < renames->nelts; i++) {
                events_rename_note(renamed, i, event, key);
            }
        }

        key = &event->nodes[key[1].u.next];
    }
}


static void
events_rename_note(events_renamed_t *renamed, uint32_t i,
    const events_json_event_t *event, const events_json_node_t *key)
{
    const events_rename_t      *rename;
    events_rename_found_t      *found;
    const events_json_node_t  **first;

    rename = &renamed->renames->elts[i];
    found = &renamed->elts[i];

    if (events_rename_is(&rename->from, event, key)) {
        renamed->old |= (uint32_t) 1 << i;
        first = &found->from;

    } else if (events_rename_is(&rename->to, event, key)) {
        first = &found->to;

    } else {
        return;
    }

    if (*first != NULL) {
        found->repeated = 1;
        return;
    }

    *first = key;
}


static int
events_rename_is(const events_rename_name_t *name,
    const events_json_event_t *event, const events_json_node_t *key)
{
    return key->u.hash == name->hash
           && events_json_equals(event->text, key, &name->name);
}


int
events_rename_view(const events_renamed_t *renamed,
    const events_json_event_t *event, events_json_event_t *view,
    events_arena_t *arena)
{
    size_t                  len;
    u_char                 *text;
    uint32_t                i;
    events_json_node_t     *nodes, *name, names[EVENTS_MAX_RENAMES];
    const events_rename_t  *rename;

    len = event->nodes[0].len;

    for (i = 0; i < renamed->renames->nelts; i++) {
        rename = &renamed->renames->elts[i];

        if (renamed->old >> i & 1) {
            len += rename->to.json.len + rename->from.json.len;
        }
    }

    text = events_arena_alloc(arena, len);
    nodes = events_arena_aligned(arena,
                                 event->nnodes * sizeof(events_json_node_t));

    if (text == NULL || nodes == NULL) {
        return 0;
    }

    len = event->nodes[0].len;
    memcpy(text, event->text + event->nodes[0].offset, len);

    for (i = 0; i < renamed->renames->nelts; i++) {
        rename = &renamed->renames->elts[i];

        if (!(renamed->old >> i & 1)) {
            continue;
        }

        name = &names[i];

        memset(name, 0, sizeof(events_json_node_t));
        name->type = EVENTS_JSON_KEY;
        name->offset = len;
        name->len = rename->to.json.len;
        name->count = rename->from.json.len;
        name->u.hash = rename->to.hash;
        name->escaped = rename->to.escaped;
        name->renamed = 1;

        memcpy(text + len, rename->to.json.data, name->len + name->count);
        len += name->len + name->count;
    }

    *view = *event;
    view->text = text;
    view->nodes = nodes;

    events_rename_nodes(renamed, event, nodes, names);

    view->nnodes = nodes[0].u.next;

    return 1;
}


static void
events_rename_nodes(const events_renamed_t *renamed,
    const events_json_event_t *event, events_json_node_t *nodes,
    const events_json_node_t *names)
{
    int                           i;
    uint32_t                      n, base, dropped;
    events_json_node_t           *dst;
    const events_json_node_t     *key, *src, *next;
    const events_rename_found_t  *found;

    base = event->nodes[0].offset;
    dropped = 0;

    nodes[0] = event->nodes[0];
    nodes[0].offset = 0;

    dst = nodes + 1;
    key = event->nodes + 1;

    for (n = event->nodes[0].count; n > 0; n--) {
        next = &event->nodes[key[1].u.next];
        src = key;

        i = events_rename_index(renamed, event, key);

        if (i >= 0) {
            found = &renamed->elts[i];

            if (found->to != NULL && !found->repeated) {
                dropped += next - key;
                nodes[0].count--;
                key = next;
                continue;
            }

            *dst++ = names[i];
            src++;
        }

        for ( /* void */ ; src < next; src++) {
            *dst = *src;
            dst->offset -= base;

            if (dst->type != EVENTS_JSON_KEY) {
                dst->u.next -= dropped;
            }

            dst++;
        }

        key = next;
    }

    nodes[0].u.next -= dropped;
}


/* the rename whose old name a member has, or -1 */

static int
events_rename_index(const events_renamed_t *renamed,
    const events_json_event_t *event, const events_json_node_t *key)
{
    uint32_t                 i;
    const events_renames_t  *renames;

    renames = renamed->renames;

    if (renames->filter >> (key->u.hash % 64) & 1) {
        for (i = 0; i < renames->nelts; i++) {
            if (events_rename_is(&renames->elts[i].from, event, key)) {
                return i;
            }
        }
    }

    return -1;
}


void
events_rename_check(events_renamed_t *renamed,
    const events_json_event_t *event, events_failures_t *failures)
{
    uint32_t                i;
    const events_rename_t  *rename;
    events_rename_found_t  *found;

    for (i = 0; i < renamed->renames->nelts; i++) {
        rename = &renamed->renames->elts[i];
        found = &renamed->elts[i];

        if (found->from && found->to && !found->repeated) {
            events_rename_both(renamed, i, event, failures);
        }

        if (found->from && rename->accept == EVENTS_RENAME_NEW) {
            renamed->valid = 0;
            events_rename_fail(event, found->from, failures, "renamed_member",
                               "is now called \"%.*s\"", &rename->to);
        }

        if (found->to && rename->accept == EVENTS_RENAME_OLD) {
            renamed->valid = 0;
            events_rename_fail(event, found->to, failures, "renamed_member",
                               "is not accepted yet; send \"%.*s\"",
                               &rename->from);
        }
    }
}


/* where only one of them may be sent, that is what the client is told */

static void
events_rename_both(events_renamed_t *renamed, uint32_t i,
    const events_json_event_t *event, events_failures_t *failures)
{
    int                     rc;
    uint64_t                steps;
    const events_rename_t  *rename;
    events_rename_found_t  *found;

    rename = &renamed->renames->elts[i];
    found = &renamed->elts[i];

    steps = EVENTS_RENAME_STEPS
            + (uint64_t) EVENTS_RENAME_STEPS_PER_NODE * event->nnodes;

    rc = events_equal(event, found->from + 1, event, found->to + 1, &steps);

    if (rc == 1) {
        return;
    }

    found->unequal = 1;

    if (rename->accept != EVENTS_RENAME_BOTH) {
        return;
    }

    renamed->valid = 0;

    if (rc < 0) {
        events_rename_fail(event, found->from, failures, "too_complex",
                           "takes too many steps to compare with \"%.*s\"",
                           &rename->to);
        return;
    }

    events_rename_fail(event, found->from, failures, "conflicting_members",
                       "differs from \"%.*s\", which it is another name of",
                       &rename->to);
}


static void
events_rename_fail(const events_json_event_t *event,
    const events_json_node_t *key, events_failures_t *failures,
    const char *code, const char *detail, const events_rename_name_t *name)
{
    events_path_t  root, path;

    memset(&root, 0, sizeof(events_path_t));
    memset(&path, 0, sizeof(events_path_t));

    path.parent = &root;
    path.key = key;

    events_failures_add(failures, event, &path, code, detail,
                        (int) name->name.len, name->name.data);
}


void
events_rename_correct(const events_renamed_t *renamed,
    events_failures_t *failures, uint32_t first)
{
    size_t                        len;
    u_char                        pointer[EVENTS_MAX_POINTER];
    uint32_t                      i, n;
    events_path_t                 root, path;
    events_failure_t             *failure;
    const events_rename_t        *rename;
    const events_rename_found_t  *found;

    memset(&root, 0, sizeof(events_path_t));
    memset(&path, 0, sizeof(events_path_t));

    path.parent = &root;

    for (i = 0; i < renamed->renames->nelts; i++) {
        rename = &renamed->renames->elts[i];
        found = &renamed->elts[i];

        if (rename->accept != EVENTS_RENAME_OLD || found->from || found->to) {
            continue;
        }

        path.name = &rename->to.name;
        len = events_pointer_write(pointer, sizeof(pointer), NULL, &path);

        path.name = &rename->from.name;

        for (n = first; n < failures->nelts; n++) {
            failure = &failures->elts[n];

            if (failure->pointer_len == len
                && memcmp(failure->pointer, pointer, len) == 0)
            {
                failure->pointer_len = events_pointer_write(failure->pointer,
                                                   EVENTS_MAX_POINTER, NULL,
                                                   &path);
            }
        }
    }
}


events_rename_action_e
events_rename_action(const events_renamed_t *renamed,
    const events_json_node_t *key, const events_str_t **json)
{
    uint32_t                      i;
    const events_rename_t        *rename;
    const events_rename_found_t  *found;

    for (i = 0; i < renamed->renames->nelts; i++) {
        rename = &renamed->renames->elts[i];
        found = &renamed->elts[i];

        if (found->repeated || found->unequal) {
            continue;
        }

        if (key == found->from && rename->publish == EVENTS_RENAME_NEW) {
            *json = &rename->to.json;
            return found->to ? EVENTS_RENAME_DROP : EVENTS_RENAME_REPLACE;
        }

        if (key == found->to && rename->publish == EVENTS_RENAME_OLD) {
            *json = &rename->from.json;
            return found->from ? EVENTS_RENAME_DROP : EVENTS_RENAME_REPLACE;
        }
    }

    return EVENTS_RENAME_KEEP;
}


const events_json_node_t *
events_rename_mirror(const events_renamed_t *renamed, uint32_t i,
    const events_str_t **json)
{
    const events_rename_t        *rename;
    const events_rename_found_t  *found;

    rename = &renamed->renames->elts[i];
    found = &renamed->elts[i];

    if (rename->publish != EVENTS_RENAME_BOTH || found->repeated
        || (found->from == NULL) == (found->to == NULL))
    {
        return NULL;
    }

    *json = found->from ? &rename->to.json : &rename->from.json;

    return (found->from ? found->from : found->to) + 1;
}
