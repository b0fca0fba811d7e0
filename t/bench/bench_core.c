
/*
 * What the core costs, without nginx and Kafka: nanoseconds an event for
 * parsing, validating and transforming.
 *
 *     bench_core [contract [events [rounds]]]
 *     bench_core contract events passes step
 *
 * events is a file with one event or an array of them; without it a batch of
 * usual ones is made.  Rounds of all steps take turns, so that a busy machine
 * slows all of them; the figures are of CPU time: the median of what a step
 * adds in its round, and what it adds to the least of all rounds.
 *
 * With a step (parse, validate or transform) the events are put through it, and
 * the steps before it, so many times, and nothing is timed: instructions are
 * counted from outside then, as the difference of two numbers of passes.
 */


#include "events_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>


#define BENCH_ROUNDS     201
#define BENCH_ROUND_NS   4000000.0
#define BENCH_EVENTS     50
#define BENCH_MAX_SIZE   (16 * 1024 * 1024)


/* each with those before it */

typedef enum {
    BENCH_PARSE = 0,
    BENCH_VALIDATE,
    BENCH_TRANSFORM,
    BENCH_STEPS
} bench_step_e;


typedef struct {
    const unsigned char    *text;
    size_t                  len;
    events_json_t          *json;
    events_batch_t         *batch;
    events_batch_conf_t     conf;
    events_failures_t       failures;
    unsigned long           nevents;        /* in one pass */
    unsigned long           nvalid;

    events_lookup_t         key;
    events_stamp_t          stamp;
    unsigned char           storage[64];
} bench_t;


static void bench_init(bench_t *bench, const unsigned char *schema,
    size_t len);
static unsigned char *bench_read(const char *path, size_t *len);
static unsigned char *bench_make(size_t *len);
static void bench_count(bench_t *bench, unsigned passes, const char *name);
static void bench_time(bench_t *bench, unsigned rounds);
static double bench_round(bench_t *bench, bench_step_e step);
static void bench_pass(bench_t *bench, bench_step_e step);
static events_error_e bench_parsed(void *data,
    const events_json_event_t *event);
static events_error_e bench_validate(void *data,
    const events_json_event_t *event);
static double bench_least(const double *times, unsigned rounds);
static double bench_median(double *times, unsigned rounds);
static double bench_now(void);
static int bench_compare(const void *one, const void *two);


static const char *const  bench_names[BENCH_STEPS] = {
    "parse", "validate", "transform"
};


int
main(int argc, char **argv)
{
    size_t          len;
    bench_t         bench;
    unsigned        n;
    unsigned char  *text, *schema;

    memset(&bench, 0, sizeof(bench_t));

    schema = bench_read(argc > 1 ? argv[1] : "examples/contract.schema.json",
                        &len);
    bench_init(&bench, schema, len);

    text = argc > 2 ? bench_read(argv[2], &bench.len) : bench_make(&bench.len);
    bench.text = text;

    n = argc > 3 ? (unsigned) atoi(argv[3]) : BENCH_ROUNDS;

    if (argc > 4) {
        bench_count(&bench, n, argv[4]);

    } else {
        bench_time(&bench, n ? n : 1);
    }

    events_batch_destroy(bench.batch);
    events_json_destroy(bench.json);
    events_schema_destroy((events_schema_t *) bench.conf.schema);
    free(schema);
    free(text);

    return 0;
}


/* a configuration as people have it: a key from the event, one stamp */

static void
bench_init(bench_t *bench, const unsigned char *schema, size_t len)
{
    events_batch_conf_t    *conf;
    events_schema_error_t   error;

    static const events_str_t  pointer = events_string("/entity/id");
    static const events_str_t  name = events_string("received_at");
    static const events_str_t  now = events_string("2026-11-23T19:20:05+00:00");

    conf = &bench->conf;
    conf->framing = EVENTS_JSON_VALUE;
    conf->limits.max_events = 1000000;
    conf->limits.max_event_size = BENCH_MAX_SIZE;
    conf->limits.max_depth = 32;
    conf->schema = events_schema_compile(schema, len, 0, &error);

    if (conf->schema == NULL) {
        fprintf(stderr, "%s: %s\n", error.pointer, error.text);
        exit(1);
    }

    bench->json = events_json_create();
    bench->batch = events_batch_create();

    if (bench->json == NULL || bench->batch == NULL) {
        exit(1);
    }

    events_lookup_compile(&bench->key, &pointer, bench->storage);
    conf->transform.key_lookup = &bench->key;

    bench->stamp.name = name;
    bench->stamp.hash = events_json_hash(name.data, name.len);
    bench->stamp.value = now;
    conf->transform.stamps = &bench->stamp;
    conf->transform.nstamps = 1;
}


static unsigned char *
bench_read(const char *path, size_t *len)
{
    FILE           *file;
    unsigned char  *text;

    file = fopen(path, "rb");
    text = malloc(BENCH_MAX_SIZE);

    if (file == NULL || text == NULL) {
        perror(path);
        exit(1);
    }

    *len = fread(text, 1, BENCH_MAX_SIZE, file);
    fclose(file);

    return text;
}


static unsigned char *
bench_make(size_t *len)
{
    unsigned        i;
    unsigned char  *text;

    static const char  event[] =
        "{\"event_id\":\"0190a5d3-6c1e-7b3a-9f21-5d2c%08x\","
        "\"brand\":\"playtv\",\"action_type\":\"video.play_started\","
        "\"entity\":{\"type\":\"video\",\"id\":\"v-%u\"},"
        "\"occurred_at\":\"2026-11-23T19:43:19.123Z\","
        "\"session_id\":\"s-7f3c2a9be1\",\"user_id\":\"u-1029384756\","
        "\"properties\":{\"position_ms\":0,\"quality\":\"1080p\","
        "\"player\":\"web/5.2.1\",\"autoplay\":true,"
        "\"referrer\":\"home/row/3\",\"bitrate_kbps\":5800}}";

    text = malloc(BENCH_EVENTS * (sizeof(event) + 32));
    if (text == NULL) {
        exit(1);
    }

    *len = 0;

    for (i = 0; i < BENCH_EVENTS; i++) {
        text[(*len)++] = i ? ',' : '[';
        *len += sprintf((char *) text + *len, event, i, 7731000 + i);
    }

    text[(*len)++] = ']';

    return text;
}


static void
bench_count(bench_t *bench, unsigned passes, const char *name)
{
    unsigned  i, step;

    for (step = 0; step < BENCH_STEPS; step++) {
        if (strcmp(bench_names[step], name) == 0) {
            break;
        }
    }

    if (step == BENCH_STEPS) {
        fprintf(stderr, "no step \"%s\"\n", name);
        exit(1);
    }

    for (i = 0; i < passes; i++) {
        bench_pass(bench, step);
    }

    printf("%lu events, %u passes\n", bench->nevents, passes);
}


static void
bench_time(bench_t *bench, unsigned rounds)
{
    double   *times, *added, *ratio, *t, least;
    unsigned  i, step;

    times = calloc((BENCH_STEPS + 2) * rounds, sizeof(double));
    if (times == NULL) {
        exit(1);
    }

    for (i = 0; i < rounds; i++) {
        for (step = 0; step < BENCH_STEPS; step++) {
            times[step * rounds + i] = bench_round(bench, step);
        }
    }

    bench_pass(bench, BENCH_VALIDATE);
    printf("%zu bytes, %lu events, %lu of them valid\n", bench->len,
           bench->nevents, bench->nvalid);

    added = times + BENCH_STEPS * rounds;
    ratio = added + rounds;

    for (step = 0; step < BENCH_STEPS; step++) {
        t = times + step * rounds;
        least = bench_least(t, rounds);
        memcpy(added, t, rounds * sizeof(double));

        if (step > 0) {
            least -= bench_least(t - rounds, rounds);

            for (i = 0; i < rounds; i++) {
                added[i] -= times[(step - 1) * rounds + i];
            }
        }

        if (step == BENCH_VALIDATE) {
            for (i = 0; i < rounds; i++) {
                ratio[i] = added[i] / times[i];
            }
        }

        printf("%-10s %7.1f ns an event, least %7.1f\n", bench_names[step],
               bench_median(added, rounds), least);
    }

    t = times + (BENCH_STEPS - 1) * rounds;
    least = bench_least(t, rounds);

    printf("%-10s %7.1f ns an event, least %7.1f\n", "all",
           bench_median(t, rounds), least);
    printf("validate / parse %.3f\n", bench_median(ratio, rounds));

    free(times);
}


static double
bench_round(bench_t *bench, bench_step_e step)
{
    double         start, elapsed;
    unsigned       n;
    unsigned long  nevents;

    nevents = 0;
    n = 0;
    start = bench_now();

    do {
        bench_pass(bench, step);

        nevents += bench->nevents;
        elapsed = bench_now() - start;

    } while (++n % 8 || elapsed < BENCH_ROUND_NS);

    return elapsed / (nevents ? nevents : 1);
}


static void
bench_pass(bench_t *bench, bench_step_e step)
{
    events_error_e         error;
    events_json_result_t   result;
    events_batch_conf_t   *conf;

    conf = &bench->conf;
    bench->nevents = 0;
    bench->nvalid = 0;

    if (step == BENCH_TRANSFORM) {
        error = events_batch_read(bench->batch, bench->text, bench->len, conf);
        result = bench->batch->result;
        bench->nevents = bench->batch->received;
        bench->nvalid = bench->batch->nrecords;

    } else {
        error = events_json_parse(bench->json, bench->text, bench->len,
                                  conf->framing, &conf->limits,
                                  step == BENCH_PARSE ? bench_parsed
                                                      : bench_validate,
                                  bench, &result);
    }

    if (error != EVENTS_OK && error != EVENTS_INVALID_EVENTS) {
        fprintf(stderr, "byte %zu: %s\n", result.offset,
                result.text ? result.text : "error");
        exit(1);
    }
}


static events_error_e
bench_parsed(void *data, const events_json_event_t *event)
{
    bench_t *bench = data;

    bench->nevents++;

    return EVENTS_OK;
}


static events_error_e
bench_validate(void *data, const events_json_event_t *event)
{
    bench_t *bench = data;

    bench->nevents++;
    bench->failures.nelts = 0;
    bench->nvalid += events_schema_validate(bench->conf.schema, event,
                                            &bench->failures)
                     == EVENTS_OK;
    return EVENTS_OK;
}


static double
bench_least(const double *times, unsigned rounds)
{
    double    least;
    unsigned  i;

    least = times[0];

    for (i = 1; i < rounds; i++) {
        least = (times[i] < least) ? times[i] : least;
    }

    return least;
}


/* sorts the times */

static double
bench_median(double *times, unsigned rounds)
{
    qsort(times, rounds, sizeof(double), bench_compare);

    return times[rounds / 2];
}


static double
bench_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);

    return ts.tv_sec * 1e9 + ts.tv_nsec;
}


static int
bench_compare(const void *one, const void *two)
{
    const double *a = one;
    const double *b = two;

    return (*a > *b) - (*a < *b);
}
