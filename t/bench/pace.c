
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>


static int bench_compare(const void *one, const void *two);


uint64_t
bench_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}


void
bench_pace_init(bench_pace_t *pace, double rate, double seconds,
    bench_latencies_t *latencies)
{
    pace->interval = 1e9 / rate;
    pace->warm = rate;
    pace->n = rate * (1 + seconds);
    pace->next = 0;
    pace->start = bench_now();

    latencies->nelts = 0;
    latencies->bad = 0;
    latencies->nalloc = pace->n;
    latencies->elts = malloc(pace->n * sizeof(uint32_t));

    if (latencies->elts == NULL) {
        exit(1);
    }
}


uint64_t
bench_pace_due(const bench_pace_t *pace, uint64_t n)
{
    return pace->start + (uint64_t) (n * pace->interval);
}


void
bench_pace_end(const bench_pace_t *pace, uint64_t n, int ok,
    bench_latencies_t *latencies)
{
    if (!ok) {
        latencies->bad++;

    } else if (n >= pace->warm && latencies->nelts < latencies->nalloc) {
        latencies->elts[latencies->nelts++] = (bench_now()
                                               - bench_pace_due(pace, n))
                                              / 1000;
    }
}


void
bench_latencies_print(bench_latencies_t *latencies)
{
    size_t  n;

    n = latencies->nelts;

    if (n == 0) {
        fprintf(stderr, "nothing was answered, %llu failed\n",
                (unsigned long long) latencies->bad);
        exit(1);
    }

    qsort(latencies->elts, n, sizeof(uint32_t), bench_compare);

    printf("bench requests=%zu sent=%zu p50=%u p99=%u max=%u bad=%llu\n",
           n, latencies->nalloc, latencies->elts[n / 2],
           latencies->elts[n - 1 - n / 100], latencies->elts[n - 1],
           (unsigned long long) latencies->bad);
}


static int
bench_compare(const void *one, const void *two)
{
    const uint32_t *a = one;
    const uint32_t *b = two;

    return (*a > *b) - (*a < *b);
}


char *
bench_read_file(const char *path, size_t *len)
{
    FILE   *file;
    char   *text;
    long    size;

    file = fopen(path, "rb");

    if (file == NULL || fseek(file, 0, SEEK_END) != 0
        || (size = ftell(file)) < 0)
    {
        perror(path);
        exit(1);
    }

    rewind(file);

    text = malloc(size + 1);
    if (text == NULL || fread(text, 1, size, file) != (size_t) size) {
        perror(path);
        exit(1);
    }

    fclose(file);
    *len = size;

    return text;
}
