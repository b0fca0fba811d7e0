
/*
 * What the core costs, without nginx and Kafka: nanoseconds an event for
 * parsing, and for parsing and validating.
 *
 *     bench_core [contract [events [rounds]]]
 *
 * events is a file with one event or an array of them; without it a batch of
 * usual ones is made.  Rounds of both kinds take turns, so that a busy machine
 * slows both; the figures are the median and the least, of CPU time.
 */


#include "events_json.h"
#include "events_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>


#define BENCH_ROUNDS     201
#define BENCH_ROUND_NS   4000000.0
#define BENCH_EVENTS     50
#define BENCH_MAX_SIZE   (16 * 1024 * 1024)


typedef struct {
    const events_schema_t  *schema;
    events_failures_t      *failures;
    unsigned long           nevents;
    unsigned long           nvalid;
} bench_t;


static unsigned char *bench_read(const char *path, size_t *len);
static unsigned char *bench_make(size_t *len);
static events_error_e bench_parsed(void *data,
    const events_json_event_t *event);
static events_error_e bench_validate(void *data,
    const events_json_event_t *event);
static double bench_round(events_json_t *json, const unsigned char *text,
    size_t len, events_json_handler_pt handler, bench_t *bench);
static void bench_print(const char *what, double *times, unsigned rounds);
static double bench_now(void);
static int bench_compare(const void *one, const void *two);


int
main(int argc, char **argv)
{
    size_t                 len, schema_len;
    double                *parse, *both, *validate;
    bench_t                bench;
    unsigned               i, rounds;
    events_json_t         *json;
    unsigned char         *text, *schema_text;
    events_failures_t      failures;
    events_schema_error_t  error;

    schema_text = bench_read(argc > 1 ? argv[1]
                                      : "examples/contract.schema.json",
                             &schema_len);
    text = argc > 2 ? bench_read(argv[2], &len) : bench_make(&len);
    rounds = argc > 3 ? (unsigned) atoi(argv[3]) : BENCH_ROUNDS;

    memset(&bench, 0, sizeof(bench_t));
    memset(&failures, 0, sizeof(events_failures_t));

    bench.failures = &failures;
    bench.schema = events_schema_compile(schema_text, schema_len, &error);

    if (bench.schema == NULL) {
        fprintf(stderr, "%s: %s\n", error.pointer, error.text);
        return 1;
    }

    json = events_json_create();
    parse = calloc(3 * rounds, sizeof(double));
    both = parse + rounds;
    validate = both + rounds;

    for (i = 0; i < rounds; i++) {
        parse[i] = bench_round(json, text, len, bench_parsed, &bench);
        both[i] = bench_round(json, text, len, bench_validate, &bench);
        validate[i] = both[i] - parse[i];
    }

    printf("%zu bytes, %lu events, %lu of them valid\n", len, bench.nevents,
           bench.nvalid);
    bench_print("parse", parse, rounds);
    bench_print("parse and validate", both, rounds);
    bench_print("validate", validate, rounds);

    events_json_destroy(json);
    events_schema_destroy((events_schema_t *) bench.schema);
    free(parse);
    free(schema_text);
    free(text);

    return 0;
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
    bench->failures->nelts = 0;
    bench->nvalid += events_schema_validate(bench->schema, event,
                                            bench->failures)
                     == EVENTS_OK;
    return EVENTS_OK;
}


static double
bench_round(events_json_t *json, const unsigned char *text, size_t len,
    events_json_handler_pt handler, bench_t *bench)
{
    double                start, elapsed;
    unsigned              n;
    unsigned long         nevents;
    events_json_limits_t  limits;
    events_json_result_t  result;

    limits.max_events = 1000000;
    limits.max_event_size = BENCH_MAX_SIZE;
    limits.max_depth = 32;

    nevents = 0;
    n = 0;
    start = bench_now();

    do {
        bench->nevents = 0;
        bench->nvalid = 0;

        if (events_json_parse(json, text, len, EVENTS_JSON_VALUE, &limits,
                              handler, bench, &result)
            != EVENTS_OK)
        {
            fprintf(stderr, "byte %zu: %s\n", result.offset,
                    result.text ? result.text : "error");
            exit(1);
        }

        nevents += bench->nevents;
        elapsed = bench_now() - start;

    } while (++n % 8 || elapsed < BENCH_ROUND_NS);

    return elapsed / (nevents ? nevents : 1);
}


static void
bench_print(const char *what, double *times, unsigned rounds)
{
    qsort(times, rounds, sizeof(double), bench_compare);

    printf("%-20s %7.1f ns an event, least %7.1f\n", what, times[rounds / 2],
           times[0]);
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
