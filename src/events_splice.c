
#include "events_splice.h"


static void events_splice_copy(events_splice_t *splice, const u_char *to);
static void events_splice_last(events_splice_t *splice);


void
events_splice_start(events_splice_t *splice, const events_json_event_t *event,
    u_char *dst)
{
    splice->event = event;
    splice->dst = dst;
    splice->kept = dst;
    splice->from = event->text + event->nodes[0].offset;
    splice->end = splice->from + 1;
    splice->nmembers = 0;
    splice->added = 0;
}


/* what is kept is copied with what follows it, as late as possible */

void
events_splice_keep(events_splice_t *splice, const events_json_node_t *key)
{
    splice->end = splice->event->text + key[1].offset + key[1].len;
    splice->nmembers++;
}


void
events_splice_rename(events_splice_t *splice, const events_json_node_t *key,
    const events_str_t *name)
{
    events_splice_copy(splice, splice->event->text + key->offset);

    memcpy(splice->dst, name->data, name->len);
    splice->dst += name->len;
    splice->from += key->len;

    events_splice_keep(splice, key);
}


/*
 * The separator that goes is the one behind the member; if no member is kept
 * after it, the one before it goes as well.
 */

void
events_splice_drop(events_splice_t *splice, const events_json_node_t *key)
{
    uint32_t                    next;
    const events_json_event_t  *event;

    event = splice->event;
    next = key[1].u.next;

    if (splice->end != NULL) {
        events_splice_copy(splice, splice->end);
        splice->kept = splice->dst;
        splice->end = NULL;

        events_splice_copy(splice, event->text + key->offset);
    }

    if (next < event->nodes[0].u.next) {
        splice->from = event->text + event->nodes[next].offset;
    }
}


u_char *
events_splice_add(events_splice_t *splice)
{
    if (!splice->added) {
        events_splice_last(splice);
        splice->added = 1;
    }

    if (splice->nmembers > 0) {
        *splice->dst++ = ',';
    }

    splice->nmembers++;

    return splice->dst;
}


u_char *
events_splice_finish(events_splice_t *splice)
{
    const events_json_node_t  *object;

    if (!splice->added && splice->end != NULL) {
        object = splice->event->nodes;
        events_splice_copy(splice,
                           splice->event->text + object->offset + object->len);
        return splice->dst;
    }

    if (!splice->added) {
        events_splice_last(splice);
    }

    *splice->dst++ = '}';

    return splice->dst;
}


/* up to the end of the last member that is kept, without what follows it */

static void
events_splice_last(events_splice_t *splice)
{
    if (splice->end != NULL) {
        events_splice_copy(splice, splice->end);
        return;
    }

    splice->dst = splice->kept;
}


static void
events_splice_copy(events_splice_t *splice, const u_char *to)
{
    size_t  len;

    len = to - splice->from;

    memcpy(splice->dst, splice->from, len);
    splice->dst += len;
    splice->from = to;
}
