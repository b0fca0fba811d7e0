
#include "events_labels.h"
#include "events_text.h"


static int events_labels_index(const events_labels_t *labels,
    const events_str_t *name, uint32_t *index);
static int events_label_is_clean(const events_str_t *name);


void
events_labels_init(events_labels_t *labels, uint32_t max)
{
    static const events_str_t  other = events_string("other");

    memset(labels, 0, sizeof(events_labels_t));

    labels->max = max;

    (void) events_labels_add(labels, &other);
}


uint32_t
events_labels_find(const events_labels_t *labels, const events_str_t *name)
{
    uint32_t  i;

    return events_labels_index(labels, name, &i) ? i : EVENTS_LABEL_OTHER;
}


uint32_t
events_labels_add(events_labels_t *labels, const events_str_t *name)
{
    uint32_t         i;
    events_label_t  *label;

    if (events_labels_index(labels, name, &i)) {
        return i;
    }

    if (!events_labels_has_room(labels) || !events_label_is_clean(name)) {
        return EVENTS_LABEL_OTHER;
    }

    label = &labels->elts[i];
    label->len = events_text_fit(name->data, name->len, EVENTS_LABEL_NAME);

    if (label->len > 0) {
        memcpy(label->data, name->data, label->len);
    }

    __atomic_store_n(&labels->nelts, i + 1, __ATOMIC_RELEASE);

    return i;
}


/* where a name is, or would be */

static int
events_labels_index(const events_labels_t *labels, const events_str_t *name,
    uint32_t *index)
{
    size_t                 len;
    uint32_t               i, n;
    const events_label_t  *label;

    len = events_text_fit(name->data, name->len, EVENTS_LABEL_NAME);
    n = __atomic_load_n(&labels->nelts, __ATOMIC_ACQUIRE);

    for (i = 0; i < n; i++) {
        label = &labels->elts[i];

        if (label->len == len
            && (len == 0 || memcmp(label->data, name->data, len) == 0))
        {
            break;
        }
    }

    *index = i;

    return i < n;
}


static int
events_label_is_clean(const events_str_t *name)
{
    size_t  i;

    for (i = 0; i < name->len; i++) {
        if (name->data[i] < 0x20 || name->data[i] == 0x7f) {
            return 0;
        }
    }

    return 1;
}


int
events_labels_has_room(const events_labels_t *labels)
{
    return __atomic_load_n(&labels->nelts, __ATOMIC_RELAXED) < labels->max;
}


void
events_labels_copy(events_labels_t *copy, const events_labels_t *labels)
{
    copy->max = labels->max;
    copy->nelts = __atomic_load_n(&labels->nelts, __ATOMIC_ACQUIRE);

    memcpy(copy->elts, labels->elts, copy->nelts * sizeof(events_label_t));
}
