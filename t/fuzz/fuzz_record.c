/*
 * One event with renames and stamps, in all of their modes.  The first byte of
 * an input chooses the modes, the rest is the event.  What becomes of it must
 * be JSON again, and have each member once, with the bytes it came with.
 */


#include "fuzz.h"

#include "events_batch.h"


#define FUZZ_RENAMES  3
#define FUZZ_STAMPS   3


typedef struct {
    const events_json_event_t  *event;      /* as it came */
    const events_batch_conf_t  *conf;
} fuzz_sent_t;


static void fuzz_init(void);
static events_error_e fuzz_sent(void *data, const events_json_event_t *event);
static events_error_e fuzz_record(void *data,
    const events_json_event_t *record);
static uint32_t fuzz_renamed(const fuzz_sent_t *sent,
    const events_json_event_t *record, const events_rename_t *rename);
static uint32_t fuzz_stamped(const fuzz_sent_t *sent,
    const events_json_event_t *record, const events_stamp_t *stamp);
static uint32_t fuzz_kept(const fuzz_sent_t *sent,
    const events_json_event_t *record);
static int fuzz_is_changed(const fuzz_sent_t *sent,
    const events_json_node_t *key);
static const events_json_node_t *fuzz_member(const events_json_event_t *event,
    const events_str_t *name);
static void fuzz_same(const events_json_event_t *e1,
    const events_json_node_t *n1, const events_json_event_t *e2,
    const events_json_node_t *n2);


static const events_str_t  fuzz_names[FUZZ_RENAMES][2] = {
    { events_string("a"), events_string("b") },
    { events_string("c\""), events_string("d\n\xC3\xA9") },
    { events_string("tenant"), events_string("brand") }
};


static events_stamp_t  fuzz_stamps[FUZZ_STAMPS] = {
    { events_string("s"), 0, events_string("\"\xFF"), NULL },
    { events_string("t"), 0, events_null_string, NULL },
    { events_string("\\u"), 0, events_null_string, NULL }
};


static const events_json_limits_t  fuzz_limits = { 1, 4096, 32 };
static const events_json_limits_t  fuzz_wide = { 1, SIZE_MAX, 32 };

static u_char            fuzz_storage[FUZZ_RENAMES][EVENTS_RENAME_STORAGE];
static events_renames_t  fuzz_renames;
static events_lookup_t   fuzz_lookups[2];
static events_batch_t   *fuzz_batch;
static events_json_t    *fuzz_jsons[2];
static events_schema_t  *fuzz_schema;


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t               *text, modes;
    unsigned               i;
    fuzz_sent_t            sent;
    events_error_e         error;
    events_batch_conf_t    conf;
    events_json_result_t   result;

    if (fuzz_batch == NULL) {
        fuzz_init();
    }

    if (size == 0) {
        return 0;
    }

    modes = data[0];

    for (i = 0; i < FUZZ_RENAMES; i++) {
        fuzz_renames.elts[i].publish = (modes + i) % 3;
        fuzz_renames.elts[i].accept = (modes / 3 + i) % 3;
    }

    memset(&conf, 0, sizeof(events_batch_conf_t));

    conf.framing = EVENTS_JSON_LINES;
    conf.limits = fuzz_limits;
    conf.schema = fuzz_schema;
    conf.transform.renames = &fuzz_renames;
    conf.transform.stamps = fuzz_stamps;
    conf.transform.nstamps = modes / 9 % (FUZZ_STAMPS + 1);
    conf.transform.key_lookup = &fuzz_lookups[0];
    conf.transform.fields = fuzz_lookups;
    conf.transform.nfields = modes & 1;

    size--;
    text = fuzz_alloc(size);
    memcpy(text, data + 1, size);

    error = events_batch_read(fuzz_batch, text, size, &conf);

    if (error == EVENTS_OK && fuzz_batch->nrecords == 1) {
        sent.conf = &conf;

        fuzz_assert(events_json_parse(fuzz_jsons[0], text, size,
                                      EVENTS_JSON_LINES, &fuzz_limits,
                                      fuzz_sent, &sent, &result)
                    == EVENTS_OK);
    }

    free(text);

    return 0;
}


static void
fuzz_init(void)
{
    unsigned               i;
    events_schema_error_t  error;

    static u_char              pointers[2][8];
    static const events_str_t  texts[2] = {
        events_string("/b/0"), events_string("/x")
    };

    for (i = 0; i < FUZZ_RENAMES; i++) {
        fuzz_assert(events_rename_add(&fuzz_renames, &fuzz_names[i][0],
                                      &fuzz_names[i][1], EVENTS_RENAME_BOTH,
                                      EVENTS_RENAME_BOTH, fuzz_storage[i])
                    == NULL);
    }

    for (i = 0; i < FUZZ_STAMPS; i++) {
        fuzz_stamps[i].hash = events_json_hash(fuzz_stamps[i].name.data,
                                               fuzz_stamps[i].name.len);
    }

    for (i = 0; i < 2; i++) {
        fuzz_assert(events_lookup_compile(&fuzz_lookups[i], &texts[i],
                                          pointers[i])
                    == NULL);
        fuzz_stamps[i + 1].lookup = &fuzz_lookups[i];
        fuzz_jsons[i] = events_json_create();
        fuzz_assert(fuzz_jsons[i] != NULL);
    }

    fuzz_schema = events_schema_compile((u_char *) "true", 4, 0, &error);
    fuzz_batch = events_batch_create();

    fuzz_assert(fuzz_schema && fuzz_batch);
}


static events_error_e
fuzz_sent(void *data, const events_json_event_t *event)
{
    uint8_t                *text;
    fuzz_sent_t            *sent = data;
    events_record_t        *record;
    events_json_result_t    result;

    record = fuzz_batch->records;
    sent->event = event;

    text = fuzz_alloc(record->value.len);
    memcpy(text, record->value.data, record->value.len);

    fuzz_assert(events_json_parse(fuzz_jsons[1], text, record->value.len,
                                  EVENTS_JSON_LINES, &fuzz_wide, fuzz_record,
                                  sent, &result)
                == EVENTS_OK);
    free(text);

    return EVENTS_OK;
}


static events_error_e
fuzz_record(void *data, const events_json_event_t *record)
{
    uint32_t      i, n;
    fuzz_sent_t  *sent = data;

    fuzz_assert(record->nodes[0].type == EVENTS_JSON_OBJECT);
    fuzz_assert(!record->nodes[0].duplicate);

    n = fuzz_kept(sent, record);

    for (i = 0; i < FUZZ_RENAMES; i++) {
        n += fuzz_renamed(sent, record, &fuzz_renames.elts[i]);
    }

    for (i = 0; i < sent->conf->transform.nstamps; i++) {
        n += fuzz_stamped(sent, record, &fuzz_stamps[i]);
    }

    fuzz_assert(record->nodes[0].count == n);

    return EVENTS_OK;
}


/* these return how many members the record has of what they looked at */

static uint32_t
fuzz_renamed(const fuzz_sent_t *sent, const events_json_event_t *record,
    const events_rename_t *rename)
{
    const events_json_node_t  *from, *to, *old, *new;

    from = fuzz_member(sent->event, &rename->from.name);
    to = fuzz_member(sent->event, &rename->to.name);
    old = fuzz_member(record, &rename->from.name);
    new = fuzz_member(record, &rename->to.name);

    fuzz_assert(from == NULL || rename->accept != EVENTS_RENAME_NEW);
    fuzz_assert(to == NULL || rename->accept != EVENTS_RENAME_OLD);

    if (from == NULL && to == NULL) {
        fuzz_assert(old == NULL && new == NULL);
        return 0;
    }

    fuzz_assert((old != NULL) == (rename->publish != EVENTS_RENAME_NEW));
    fuzz_assert((new != NULL) == (rename->publish != EVENTS_RENAME_OLD));

    if (old != NULL) {
        fuzz_same(sent->event, from ? from : to, record, old);
    }

    if (new != NULL) {
        fuzz_same(sent->event, to ? to : from, record, new);
    }

    return (old != NULL) + (new != NULL);
}


static uint32_t
fuzz_stamped(const fuzz_sent_t *sent, const events_json_event_t *record,
    const events_stamp_t *stamp)
{
    events_lookup_t            lookup;
    const events_json_node_t  *node, *value;

    static const events_str_t  fixed = events_string("\"\xEF\xBF\xBD");
    static const events_str_t  old = events_string("a");

    node = fuzz_member(record, &stamp->name);

    if (stamp->lookup == NULL) {
        fuzz_assert(node != NULL && node->type == EVENTS_JSON_STRING);
        fuzz_assert(events_json_equals(record->text, node, &fixed));
        return 1;
    }

    value = events_lookup_find(stamp->lookup, sent->event);

    if (value == NULL && stamp->lookup == &fuzz_lookups[0]
        && fuzz_member(sent->event, &fuzz_names[0][1]) == NULL)
    {
        lookup = *stamp->lookup;
        lookup.steps[0].name = old;
        lookup.steps[0].hash = events_json_hash(old.data, old.len);
        value = events_lookup_find(&lookup, sent->event);
    }

    if (value == NULL) {
        value = fuzz_member(sent->event, &stamp->name);
    }

    fuzz_assert((value == NULL) == (node == NULL));

    if (value != NULL) {
        fuzz_same(sent->event, value, record, node);
    }

    return value != NULL;
}


static uint32_t
fuzz_kept(const fuzz_sent_t *sent, const events_json_event_t *record)
{
    u_char                     name[4096];
    uint32_t                   i, n;
    events_str_t               str;
    const events_json_node_t  *key, *node;

    key = sent->event->nodes + 1;
    n = 0;

    for (i = 0; i < sent->event->nodes[0].count; i++) {

        if (!fuzz_is_changed(sent, key)) {
            str.data = name;
            str.len = events_json_unescape(sent->event->text, key, name,
                                           sizeof(name));

            node = fuzz_member(record, &str);
            fuzz_assert(node != NULL);
            fuzz_same(sent->event, key + 1, record, node);
            n++;
        }

        key = &sent->event->nodes[key[1].u.next];
    }

    return n;
}


static int
fuzz_is_changed(const fuzz_sent_t *sent, const events_json_node_t *key)
{
    uint32_t  i;

    for (i = 0; i < 2 * FUZZ_RENAMES; i++) {
        if (events_json_equals(sent->event->text, key,
                               &fuzz_names[i / 2][i % 2]))
        {
            return 1;
        }
    }

    for (i = 0; i < sent->conf->transform.nstamps; i++) {
        if (events_json_equals(sent->event->text, key, &fuzz_stamps[i].name)) {
            return 1;
        }
    }

    return 0;
}


static const events_json_node_t *
fuzz_member(const events_json_event_t *event, const events_str_t *name)
{
    return events_json_member(event, event->nodes, name,
                              events_json_hash(name->data, name->len));
}


/* byte for byte */

static void
fuzz_same(const events_json_event_t *e1, const events_json_node_t *n1,
    const events_json_event_t *e2, const events_json_node_t *n2)
{
    fuzz_assert(n1->len == n2->len);
    fuzz_assert(memcmp(e1->text + n1->offset, e2->text + n2->offset, n1->len)
                == 0);
}
