
#include "events_cli.h"
#include "events_escape.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>


/* seconds between two lines of progress */
#define EVENTS_CLI_INTERVAL  0.25

/* a run this short, in seconds, tells nothing about a rate */
#define EVENTS_CLI_BRIEF  0.05

/* places in the summary */
#define EVENTS_CLI_TOP  10

/* bytes of one text; no name of a file is longer */
#define EVENTS_CLI_MAX_TEXT  4096


static void events_cli_report_code(events_cli_report_t *report,
    const events_cli_place_at_t *at, const char *code, const char *detail);
static const char *events_cli_report_detail(
    const events_cli_report_t *report, const events_json_result_t *result,
    char *buf, size_t size);
static int events_cli_report_is_listed(events_cli_report_t *report);
static void events_cli_report_failure(const events_cli_place_at_t *at,
    const events_failure_t *failure);
static void events_cli_report_failure_json(const events_cli_place_at_t *at,
    const events_failure_t *failure);
static void events_cli_report_place_json(const events_cli_place_at_t *at);
static void events_cli_report_flush(events_cli_report_t *report);
static void events_cli_report_clear(events_cli_report_t *report);
static void events_cli_report_totals(events_cli_report_t *report,
    double seconds);
static void events_cli_report_places(const events_cli_tally_t *tally);
static void events_cli_report_summary_json(events_cli_report_t *report,
    double seconds);

static void events_cli_print(const u_char *data, size_t len);
static void events_cli_print_json(const char *before, const u_char *data,
    size_t len);
static void events_cli_print_number(const char *before, uint64_t number);
static double events_cli_now(void);


void
events_cli_report_init(events_cli_report_t *report,
    const events_cli_options_t *options)
{
    memset(report, 0, sizeof(events_cli_report_t));

    report->options = options;
    report->start = events_cli_now();
    report->shown = report->start;
    report->terminal = isatty(STDERR_FILENO);
}


void
events_cli_report_invalid(events_cli_report_t *report,
    const events_cli_place_at_t *at, const events_failures_t *failures)
{
    uint32_t                 i;
    const events_failure_t  *failure;

    report->events++;
    report->invalid++;
    report->truncated += failures->truncated;

    for (i = 0; i < failures->nelts; i++) {
        failure = &failures->elts[i];
        report->failures++;

        events_cli_tally_add(&report->tally, failure->code, failure->pointer,
                             failure->pointer_len);

        if (!events_cli_report_is_listed(report)) {
            continue;
        }

        if (report->options->json) {
            events_cli_report_failure_json(at, failure);

        } else {
            events_cli_report_failure(at, failure);
        }
    }

    events_cli_report_flush(report);
}


void
events_cli_report_broken(events_cli_report_t *report,
    const events_cli_place_at_t *at, const events_json_result_t *result)
{
    char         buf[256];
    const char  *code;

    report->events++;
    report->invalid++;
    report->failures++;

    code = events_error_info(result->error)->code;

    events_cli_tally_add(&report->tally, code, NULL, 0);

    if (events_cli_report_is_listed(report)) {
        events_cli_report_code(report, at, code,
                               events_cli_report_detail(report, result, buf,
                                                        sizeof(buf)));
    }

    events_cli_report_flush(report);
}


static void
events_cli_report_code(events_cli_report_t *report,
    const events_cli_place_at_t *at, const char *code, const char *detail)
{
    if (report->options->json) {
        events_cli_report_place_json(at);
        events_cli_print_json(",\"code\":", (u_char *) code, strlen(code));
        events_cli_print_json(",\"detail\":", (u_char *) detail,
                              strlen(detail));
        printf("}\n");
        return;
    }

    printf("%s:%llu:", at->file, (unsigned long long) at->line);

    if (at->column) {
        printf("%llu:", (unsigned long long) at->column);
    }

    printf(" %s: %s\n", code, detail);
}


static const char *
events_cli_report_detail(const events_cli_report_t *report,
    const events_json_result_t *result, char *buf, size_t size)
{
    const events_json_limits_t  *limits;

    limits = &report->options->limits;

    switch (result->error) {

    case EVENTS_INVALID_JSON:
        return result->text ? result->text : "it is not JSON";

    case EVENTS_INVALID_UTF8:
        return "it is not UTF-8";

    case EVENTS_TOO_DEEP:
        snprintf(buf, size, "the event is nested more than %u levels deep",
                 (unsigned) limits->max_depth);
        return buf;

    case EVENTS_EVENT_TOO_LARGE:
        snprintf(buf, size, "the event is larger than %zu bytes",
                 limits->max_event_size);
        return buf;

    default:
        return events_error_info(result->error)->detail;
    }
}


static int
events_cli_report_is_listed(events_cli_report_t *report)
{
    const events_cli_options_t  *options;

    options = report->options;

    if (options->quiet || report->listed > options->max_errors) {
        return 0;
    }

    events_cli_report_clear(report);

    if (report->listed++ < options->max_errors) {
        return 1;
    }

    if (!options->json) {
        printf("more failures are counted, but not listed: see "
               "--max-errors\n");
    }

    return 0;
}


static void
events_cli_report_failure(const events_cli_place_at_t *at,
    const events_failure_t *failure)
{
    printf("%s:%llu: ", at->file, (unsigned long long) at->line);

    if (at->indexed) {
        printf("/%llu", (unsigned long long) at->index);
    }

    events_cli_print(failure->pointer, failure->pointer_len);

    printf("%s%s: ", at->indexed || failure->pointer_len ? ": " : "",
           failure->code);
    events_cli_print(failure->detail, failure->detail_len);
    printf("\n");
}


static void
events_cli_report_failure_json(const events_cli_place_at_t *at,
    const events_failure_t *failure)
{
    size_t  len;
    u_char  pointer[EVENTS_MAX_POINTER + 32];

    len = 0;

    if (at->indexed) {
        len = snprintf((char *) pointer, 32, "/%llu",
                       (unsigned long long) at->index);
    }

    memcpy(pointer + len, failure->pointer, failure->pointer_len);
    len += failure->pointer_len;

    events_cli_report_place_json(at);
    events_cli_print_json(",\"pointer\":", pointer, len);
    events_cli_print_json(",\"code\":", (u_char *) failure->code,
                          strlen(failure->code));
    events_cli_print_json(",\"detail\":", failure->detail,
                          failure->detail_len);
    printf("}\n");
}


static void
events_cli_report_place_json(const events_cli_place_at_t *at)
{
    events_cli_print_json("{\"kind\":\"failure\",\"file\":",
                          (u_char *) at->file, strlen(at->file));
    events_cli_print_number(",\"line\":", at->line);

    if (at->column) {
        events_cli_print_number(",\"column\":", at->column);
    }

    events_cli_print_number(",\"index\":", at->index);
}


void
events_cli_report_error(events_cli_report_t *report, const char *file,
    const char *text)
{
    report->errors++;

    events_cli_report_clear(report);
    fprintf(stderr, "events-validate: %s: %s\n", file, text);

    if (report->options->json) {
        events_cli_print_json("{\"kind\":\"error\",\"file\":", (u_char *) file,
                              strlen(file));
        events_cli_print_json(",\"detail\":", (u_char *) text, strlen(text));
        printf("}\n");
    }

    events_cli_report_flush(report);
}


void
events_cli_report_contract(events_cli_report_t *report,
    const events_schema_error_t *error, const u_char *text)
{
    char         where[64];
    size_t       i, line, column;
    const char  *file;

    file = report->options->contract;
    where[0] = '\0';
    line = 1;
    column = 1;

    for (i = 0; i < error->offset; i++) {
        column = (text[i] == '\n') ? 1 : column + 1;
        line += (text[i] == '\n');
    }

    if (error->offset) {
        snprintf(where, sizeof(where), ", at line %zu, column %zu", line,
                 column);
    }

    report->errors++;

    fprintf(stderr, "events-validate: invalid contract \"%s\" at \"%s\": "
            "%s%s\n", file, error->pointer, error->text, where);

    if (report->options->json) {
        events_cli_print_json("{\"kind\":\"contract\",\"file\":",
                              (u_char *) file, strlen(file));

        if (error->offset) {
            events_cli_print_number(",\"line\":", line);
            events_cli_print_number(",\"column\":", column);
        }

        events_cli_print_json(",\"pointer\":", (u_char *) error->pointer,
                              strlen(error->pointer));
        events_cli_print_json(",\"detail\":", (u_char *) error->text,
                              strlen(error->text));
        printf("}\n");
    }

    events_cli_report_flush(report);
}


void
events_cli_report_fine(events_cli_report_t *report)
{
    if (report->options->json) {
        events_cli_report_summary(report);

    } else {
        printf("%s: is a valid contract\n", report->options->contract);
    }

    events_cli_report_flush(report);
}


/* what could not be printed stays unknown otherwise: a disk may be full */

static void
events_cli_report_flush(events_cli_report_t *report)
{
    if (ferror(stdout) && report->write_error == 0) {
        report->write_error = errno ? errno : EIO;
    }
}


void
events_cli_report_progress(events_cli_report_t *report)
{
    double  now, seconds;

    if (!report->terminal) {
        return;
    }

    now = events_cli_now();

    if (now - report->shown < EVENTS_CLI_INTERVAL) {
        return;
    }

    report->shown = now;
    report->progress = 1;
    seconds = now - report->start;

    fprintf(stderr, "\r\033[K%llu events, %llu invalid, %.0f a second",
            (unsigned long long) report->events,
            (unsigned long long) report->invalid, report->events / seconds);

    if (report->total && report->done <= report->total) {
        fprintf(stderr, ", %.0f%%", 100.0 * report->done / report->total);
    }

    fflush(stderr);
}


/* takes the line of progress away, before something else is printed */

static void
events_cli_report_clear(events_cli_report_t *report)
{
    if (report->progress) {
        report->progress = 0;
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
    }
}


void
events_cli_report_summary(events_cli_report_t *report)
{
    double  seconds;

    seconds = events_cli_now() - report->start;

    events_cli_report_clear(report);
    events_cli_tally_sort(&report->tally);

    if (report->options->json) {
        events_cli_report_summary_json(report, seconds);

    } else if (report->events || report->errors == 0) {
        events_cli_report_totals(report, seconds);
        events_cli_report_places(&report->tally);

        if (report->truncated) {
            printf("\n%llu event%s more failures than the %d that are "
                   "counted of one\n",
                   (unsigned long long) report->truncated,
                   report->truncated == 1 ? " has" : "s have",
                   EVENTS_MAX_FAILURES);
        }
    }

    events_cli_report_flush(report);
}


static void
events_cli_report_totals(events_cli_report_t *report, double seconds)
{
    printf("%s%llu event%s: %llu valid, %llu invalid, in %.2f s",
           events_cli_stopped() ? "interrupted after " : "",
           (unsigned long long) report->events,
           report->events == 1 ? "" : "s",
           (unsigned long long) (report->events - report->invalid),
           (unsigned long long) report->invalid, seconds);

    if (seconds >= EVENTS_CLI_BRIEF) {
        printf(", %.0f a second", report->events / seconds);
    }

    printf("\n");
}


static void
events_cli_report_places(const events_cli_tally_t *tally)
{
    int                        len, width;
    uint64_t                   rest;
    unsigned                   i;
    const events_cli_place_t  *place;

    if (tally->nplaces == 0) {
        return;
    }

    width = sizeof("code") - 1;
    rest = tally->others;

    for (i = 0; i < tally->nplaces; i++) {
        place = &tally->places[i];
        len = strlen(place->code);

        if (i >= EVENTS_CLI_TOP) {
            rest += place->count;

        } else if (len > width) {
            width = len;
        }
    }

    printf("\n%10s  %-*s  %s\n", "failures", width, "code", "pointer");

    for (i = 0; i < tally->nplaces && i < EVENTS_CLI_TOP; i++) {
        place = &tally->places[i];

        printf("%10llu  %-*s", (unsigned long long) place->count,
               place->len ? width : 0, place->code);

        if (place->len) {
            printf("  ");
            events_cli_print(place->pointer, place->len);
        }

        printf("\n");
    }

    if (rest) {
        printf("%10llu  at other places\n", (unsigned long long) rest);
    }
}


static void
events_cli_report_summary_json(events_cli_report_t *report, double seconds)
{
    unsigned                   i;
    const char                *file;
    const events_cli_place_t  *place;

    file = report->options->contract;

    events_cli_print_json("{\"kind\":\"summary\",\"contract\":",
                          (u_char *) file, strlen(file));
    events_cli_print_number(",\"events\":", report->events);
    events_cli_print_number(",\"valid\":", report->events - report->invalid);
    events_cli_print_number(",\"invalid\":", report->invalid);
    events_cli_print_number(",\"failures\":", report->failures);
    events_cli_print_number(",\"truncated\":", report->truncated);
    events_cli_print_number(",\"errors\":", report->errors);
    printf(",\"seconds\":%.3f,\"interrupted\":%s,\"places\":[", seconds,
           events_cli_stopped() ? "true" : "false");

    for (i = 0; i < report->tally.nplaces; i++) {
        place = &report->tally.places[i];

        events_cli_print_json(i ? ",{\"code\":" : "{\"code\":",
                              (u_char *) place->code, strlen(place->code));
        events_cli_print_json(",\"pointer\":", place->pointer, place->len);
        events_cli_print_number(",\"count\":", place->count);
        printf("}");
    }

    events_cli_print_number("],\"elsewhere\":", report->tally.others);
    printf("}\n");
}


int
events_cli_report_status(events_cli_report_t *report)
{
    if (fflush(stdout) != 0 && report->write_error == 0) {
        report->write_error = errno;
    }

    if (report->write_error) {
        fprintf(stderr, "events-validate: standard output: %s\n",
                strerror(report->write_error));
        return EVENTS_CLI_ERROR;
    }

    if (events_cli_stopped()) {
        return EVENTS_CLI_SIGNAL + events_cli_stopped();
    }

    if (report->errors) {
        return EVENTS_CLI_ERROR;
    }

    return report->invalid ? EVENTS_CLI_INVALID : EVENTS_CLI_VALID;
}


/*
 * UTF-8 for a person: senders choose the names of members, and none may
 * talk to the terminal.  These are C0, DEL and C1.
 */

static void
events_cli_print(const u_char *data, size_t len)
{
    const u_char  *p, *last;

    last = data + len;

    for (p = data; p < last; p++) {

        if (*p < 0x20 || *p == 0x7F) {
            printf("\\u%04x", *p);

        } else if (*p == 0xC2 && p + 1 < last && p[1] < 0xA0) {
            printf("\\u%04x", *++p);

        } else {
            putchar(*p);
        }
    }
}


/* UTF-8 for a program, between quotes */

static void
events_cli_print_json(const char *before, const u_char *data, size_t len)
{
    u_char        out[6 * EVENTS_CLI_MAX_TEXT];
    events_str_t  str;

    str.data = data;
    str.len = (len < EVENTS_CLI_MAX_TEXT) ? len : EVENTS_CLI_MAX_TEXT;

    printf("%s\"", before);
    fwrite(out, 1, events_escape(out, &str) - out, stdout);
    printf("\"");
}


static void
events_cli_print_number(const char *before, uint64_t number)
{
    printf("%s%llu", before, (unsigned long long) number);
}


static double
events_cli_now(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec + ts.tv_nsec / 1e9;
}
