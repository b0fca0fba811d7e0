
/*
 * From a body to records and to an answer, as the module does it: inflated
 * where it is gzip, in both framings, against the shipped contract and
 * against none, with a key from the event and with stamps.  What would be
 * sent, to Kafka and to the client, must be what it claims to be.
 */


#include "fuzz.h"

#include "events_batch.h"
#include "events_inflate.h"
#include "events_response.h"
#include "events_utf8.h"


/* tests and fuzzing run in the directory of the repository */
#define FUZZ_CONTRACT  "examples/contract.schema.json"

#define FUZZ_MAX  (256 * 1024)


typedef struct {
    const events_batch_conf_t  *conf;
    const events_record_t      *record;
    unsigned                    nevents;
} fuzz_record_t;


static void fuzz_init(void);
static events_schema_t *fuzz_contract(void);
static void fuzz_body(const uint8_t *data, size_t size,
    events_json_framing_e framing, const events_schema_t *schema,
    uint32_t nstamps, unsigned partial);
static void fuzz_dry_run(const uint8_t *data, size_t size,
    const events_schema_t *schema);
static void fuzz_every_event(const events_batch_t *batch);
static void fuzz_record(const events_record_t *record,
    const events_batch_conf_t *conf);
static events_error_e fuzz_value(void *data, const events_json_event_t *event);
static void fuzz_stamp(const events_json_event_t *event,
    const events_stamp_t *stamp);
static void fuzz_answer(events_error_e error, const events_batch_t *batch);
static events_error_e fuzz_answer_value(void *data,
    const events_json_event_t *event);


static events_stamp_t  fuzz_stamps[] = {
    { events_string("received_at"), 0, events_string("2026-11-23T20:00:00Z"),
      NULL },
    { events_string("session_id"), 0, events_string("\"\\\n\xFF\xC3\xA9"),
      NULL },
    { events_string("a\"b\\\n"), 0, events_string(""), NULL }
};


static const events_json_limits_t  fuzz_limits = { 100, 4096, 32 };
static const events_json_limits_t  fuzz_wide = { 100, SIZE_MAX, 256 };

static events_batch_t             *fuzz_batch;
static events_json_t              *fuzz_json;
static events_lookup_t             fuzz_key;
static events_schema_t            *fuzz_schemas[2];


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned                     i;
    static events_buffer_t  buf;

    if (fuzz_batch == NULL) {
        fuzz_init();
    }

    if (size >= 2 && data[0] == 0x1F && data[1] == 0x8B) {

        if (events_inflate(data, size, EVENTS_INFLATE_GZIP, FUZZ_MAX, &buf)
            != EVENTS_OK)
        {
            return 0;
        }

        data = buf.data;
        size = buf.len;
    }

    for (i = 0; i < 2; i++) {
        fuzz_body(data, size, EVENTS_JSON_VALUE, fuzz_schemas[i], 0, 0);
        fuzz_body(data, size, EVENTS_JSON_VALUE, fuzz_schemas[i], 3, 1);
        fuzz_body(data, size, EVENTS_JSON_LINES, fuzz_schemas[i], 1, 0);
        fuzz_body(data, size, EVENTS_JSON_LINES, fuzz_schemas[i], 0, 1);
        fuzz_dry_run(data, size, fuzz_schemas[i]);
    }

    return 0;
}


static void
fuzz_init(void)
{
    unsigned               i;
    static u_char          storage[16];
    events_schema_error_t  error;

    static const events_str_t  pointer = events_string("/entity/id");

    for (i = 0; i < sizeof(fuzz_stamps) / sizeof(fuzz_stamps[0]); i++) {
        fuzz_stamps[i].hash = events_json_hash(fuzz_stamps[i].name.data,
                                               fuzz_stamps[i].name.len);
    }

    fuzz_assert(events_lookup_compile(&fuzz_key, &pointer, storage) == NULL);

    fuzz_schemas[0] = fuzz_contract();
    fuzz_schemas[1] = events_schema_compile((u_char *) "true", 4, 0, &error);
    fuzz_batch = events_batch_create();
    fuzz_json = events_json_create();

    fuzz_assert(fuzz_schemas[0] && fuzz_schemas[1] && fuzz_batch && fuzz_json);
}


static events_schema_t *
fuzz_contract(void)
{
    FILE                   *file;
    size_t                  len;
    static u_char           text[64 * 1024];
    events_schema_error_t   error;

    file = fopen(FUZZ_CONTRACT, "rb");

    if (file == NULL) {
        perror(FUZZ_CONTRACT);
        abort();
    }

    len = fread(text, 1, sizeof(text), file);
    fclose(file);

    return events_schema_compile(text, len, 0, &error);
}


static void
fuzz_body(const uint8_t *data, size_t size, events_json_framing_e framing,
    const events_schema_t *schema, uint32_t nstamps, unsigned partial)
{
    uint32_t             i;
    events_error_e       error;
    events_batch_conf_t  conf;

    memset(&conf, 0, sizeof(events_batch_conf_t));

    conf.framing = framing;
    conf.limits = fuzz_limits;
    conf.schema = schema;
    conf.transform.key_lookup = &fuzz_key;
    conf.transform.stamps = fuzz_stamps;
    conf.transform.nstamps = nstamps;
    conf.partial = partial;

    error = events_batch_read(fuzz_batch, data, size, &conf);

    fuzz_assert(fuzz_batch->received
                == fuzz_batch->rejected + fuzz_batch->nrecords);
    fuzz_assert((fuzz_batch->rejected > 0) == (fuzz_batch->failures.nelts > 0));
    fuzz_assert(error != EVENTS_OK || fuzz_batch->rejected == 0
                || (partial && fuzz_batch->nrecords > 0));

    if (partial) {
        fuzz_every_event(fuzz_batch);
    }

    if (error == EVENTS_OK || error == EVENTS_INVALID_EVENTS) {
        for (i = 0; i < fuzz_batch->nrecords; i++) {
            fuzz_record(&fuzz_batch->records[i], &conf);
        }
    }

    fuzz_answer(error, fuzz_batch);
}


/* whatever JSON it is, there is a record of it, and a line for the log */

static void
fuzz_dry_run(const uint8_t *data, size_t size, const events_schema_t *schema)
{
    char                 text[256];
    events_error_e       error;
    events_batch_conf_t  conf;

    memset(&conf, 0, sizeof(events_batch_conf_t));

    conf.limits = fuzz_limits;
    conf.schema = schema;
    conf.transform.key_lookup = &fuzz_key;
    conf.transform.stamps = fuzz_stamps;
    conf.transform.nstamps = 3;
    conf.dry_run = 1;
    conf.every_event = 1;

    error = events_batch_read(fuzz_batch, data, size, &conf);

    fuzz_assert(error != EVENTS_INVALID_EVENTS);
    fuzz_assert(fuzz_batch->received == fuzz_batch->nrecords);
    fuzz_every_event(fuzz_batch);

    events_failures_summary(&fuzz_batch->failures, text, sizeof(text));
    fuzz_assert((text[0] == '\0') == (fuzz_batch->rejected == 0));
}


static void
fuzz_every_event(const events_batch_t *batch)
{
    uint32_t                  i, n;
    const events_failures_t  *failures;

    failures = &batch->failures;
    n = 0;

    for (i = 0; i < failures->nelts; i++) {
        n += events_failures_is_first(failures, i);
    }

    fuzz_assert(n == batch->rejected);
}


static void
fuzz_record(const events_record_t *record, const events_batch_conf_t *conf)
{
    uint8_t               *text;
    fuzz_record_t          fuzz;
    events_json_result_t   result;

    text = fuzz_alloc(record->value.len);
    memcpy(text, record->value.data, record->value.len);

    fuzz.conf = conf;
    fuzz.record = record;
    fuzz.nevents = 0;

    fuzz_assert(events_json_parse(fuzz_json, text, record->value.len,
                                  EVENTS_JSON_VALUE, &fuzz_wide, fuzz_value,
                                  &fuzz, &result)
                == EVENTS_OK);
    fuzz_assert(fuzz.nevents == 1);

    free(text);

    fuzz_assert((record->key.data == NULL) == (record->key.len == 0));
    fuzz_assert(record->key.data == NULL
                || events_utf8_valid(record->key.data, record->key.len)
                   == record->key.len);
}


static events_error_e
fuzz_value(void *data, const events_json_event_t *event)
{
    uint32_t                   i;
    events_str_t               raw;
    fuzz_record_t             *fuzz = data;
    const events_json_node_t  *node;

    static const events_str_t  brand = events_string("brand");

    fuzz->nevents++;

    fuzz_assert(event->single);
    fuzz_assert(event->nodes[0].type == EVENTS_JSON_OBJECT);
    fuzz_assert(!event->nodes[0].duplicate);
    fuzz_assert(event->nodes[0].count >= fuzz->conf->transform.nstamps);

    for (i = 0; i < fuzz->conf->transform.nstamps; i++) {
        fuzz_stamp(event, &fuzz->conf->transform.stamps[i]);
    }

    node = events_json_member(event, event->nodes, &brand,
                              events_json_hash(brand.data, brand.len));

    if (node == NULL || node->type != EVENTS_JSON_STRING) {
        fuzz_assert(fuzz->record->brand.data == NULL);

    } else {
        fuzz_assert(events_json_equals(event->text, node,
                                       &fuzz->record->brand));
    }

    node = events_lookup_find(&fuzz_key, event);

    if (node == NULL || node->type == EVENTS_JSON_NULL
        || node->type == EVENTS_JSON_ARRAY
        || node->type == EVENTS_JSON_OBJECT || node->len == 2)
    {
        fuzz_assert(node != NULL && node->type == EVENTS_JSON_NUMBER
                    ? fuzz->record->key.len == 2
                    : fuzz->record->key.data == NULL);

    } else if (node->type == EVENTS_JSON_STRING) {
        fuzz_assert(events_json_equals(event->text, node,
                                       &fuzz->record->key));
    } else {
        raw.data = event->text + node->offset;
        raw.len = node->len;
        fuzz_assert(events_str_eq(&raw, &fuzz->record->key));
    }

    return EVENTS_OK;
}


static void
fuzz_stamp(const events_json_event_t *event, const events_stamp_t *stamp)
{
    events_str_t               fixed;
    const events_json_node_t  *node;

    static const events_str_t  odd =
                                 events_string("\"\\\n\xEF\xBF\xBD\xC3\xA9");

    node = events_json_member(event, event->nodes, &stamp->name, stamp->hash);

    /* what is not UTF-8 in a variable's value becomes U+FFFD */

    fixed = (stamp == &fuzz_stamps[1]) ? odd : stamp->value;

    fuzz_assert(node != NULL);
    fuzz_assert(node->type == EVENTS_JSON_STRING);
    fuzz_assert(events_json_equals(event->text, node, &fixed));
}


static void
fuzz_answer(events_error_e error, const events_batch_t *batch)
{
    size_t                len;
    unsigned              n;
    u_char               *text;
    events_response_t     response;
    events_json_result_t  result;

    static const events_str_t  request_id = events_string("\xFF\"id");

    events_response_init(&response, error, &request_id);

    events_response_explain(&response, batch);

    len = events_response_len(&response);
    text = fuzz_alloc(len);

    fuzz_assert(events_response_write(text, &response) == text + len);

    n = 0;

    fuzz_assert(events_json_parse(fuzz_json, text, len, EVENTS_JSON_LINES,
                                  &fuzz_wide, fuzz_answer_value, &n, &result)
                == EVENTS_OK);
    fuzz_assert(n == 1);

    free(text);
}


static events_error_e
fuzz_answer_value(void *data, const events_json_event_t *event)
{
    unsigned *n = data;

    fuzz_assert(event->nodes[0].type == EVENTS_JSON_OBJECT);
    fuzz_assert(!event->nodes[0].duplicate);

    (*n)++;

    return EVENTS_OK;
}
