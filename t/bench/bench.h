
/*
 * What the load of "make bench" and its plain producer share: a clock, a
 * constant rate, and what became of the latencies.
 */


#ifndef _BENCH_H_INCLUDED_
#define _BENCH_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>


/*
 * Something is due at a constant rate, whatever became of what was due before:
 * a latency begins when it was due, not when there was time for it.
 */

typedef struct {
    uint64_t              start;        /* ns; all times are of bench_now() */
    double                interval;
    uint64_t              warm;         /* so many are not recorded */
    uint64_t              n;            /* due in all */
    uint64_t              next;         /* from 0: how many were taken */
} bench_pace_t;


typedef struct {
    uint32_t             *elts;         /* us */
    size_t                nelts;
    size_t                nalloc;
    uint64_t              bad;
} bench_latencies_t;


uint64_t bench_now(void);

/* a rate a second for so many seconds, after one that is not recorded */

void bench_pace_init(bench_pace_t *pace, double rate, double seconds,
    bench_latencies_t *latencies);

/* when number n is due */

uint64_t bench_pace_due(const bench_pace_t *pace, uint64_t n);

/* number n has ended: now, well or not */

void bench_pace_end(const bench_pace_t *pace, uint64_t n, int ok,
    bench_latencies_t *latencies);

/* one line that Bench::Load reads */

void bench_latencies_print(bench_latencies_t *latencies);

/* a whole file, or the end of the program */

char *bench_read_file(const char *path, size_t *len);


#endif /* _BENCH_H_INCLUDED_ */
