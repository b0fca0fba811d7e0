
#include "events_cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>


/* bytes read at a time, beside the one event that may be cut by that */
#define EVENTS_CLI_CHUNK  (1024 * 1024)

/* events of a text between two looks at the clock; a power of two */
#define EVENTS_CLI_TURN  1024


/* a file while it is read */

typedef struct {
    events_cli_check_t     *check;
    events_cli_report_t    *report;
    events_cli_input_t     *input;
    events_cli_place_at_t   at;

    const u_char           *text;
    const u_char           *counted;        /* line at.line begins before */
    uint64_t                done;           /* bytes, before this file */
} events_cli_run_t;


static void events_cli_run_file(events_cli_run_t *run, const char *name,
    events_cli_framing_e framing);
static int events_cli_run_detect(events_cli_run_t *run,
    events_cli_framing_e *framing);
static int events_cli_run_lines(events_cli_run_t *run);
static const u_char *events_cli_run_more(events_cli_run_t *run);
static int events_cli_run_line(events_cli_run_t *run, const u_char *line,
    size_t len);
static int events_cli_run_oversized(events_cli_run_t *run);
static int events_cli_run_text(events_cli_run_t *run);
static events_error_e events_cli_run_event(void *data,
    const events_json_event_t *event, const events_failures_t *failures);
static void events_cli_run_locate(events_cli_run_t *run, size_t offset);
static int events_cli_run_is_over(events_cli_run_t *run);


void
events_cli_run(events_cli_check_t *check, events_cli_report_t *report)
{
    uint64_t                     size;
    unsigned                     i;
    events_cli_run_t             run;
    events_cli_input_t           input;
    const events_cli_options_t  *options;

    options = report->options;

    memset(&run, 0, sizeof(events_cli_run_t));
    memset(&input, 0, sizeof(events_cli_input_t));

    run.check = check;
    run.report = report;
    run.input = &input;

    for (i = 0; i < options->nfiles; i++) {
        size = events_cli_input_size(options->files[i]);

        if (size == 0) {
            report->total = 0;
            break;
        }

        report->total += size;
    }

    for (i = 0; i < options->nfiles && !events_cli_run_is_over(&run); i++) {
        events_cli_run_file(&run, options->files[i], options->framing);
    }

    free(input.data);
}


static void
events_cli_run_file(events_cli_run_t *run, const char *name,
    events_cli_framing_e framing)
{
    int     ok;
    size_t  size;

    memset(&run->at, 0, sizeof(events_cli_place_at_t));
    run->at.file = name;
    run->at.line = 1;
    run->done = run->report->done;

    size = run->report->options->limits.max_event_size + EVENTS_CLI_CHUNK;

    if (!events_cli_input_open(run->input, name, size)) {
        events_cli_report_error(run->report, name, strerror(errno));
        return;
    }

    ok = events_cli_run_detect(run, &framing)
         && (framing == EVENTS_CLI_LINES ? events_cli_run_lines(run)
                                         : events_cli_run_text(run));

    if (!ok && !events_cli_run_is_over(run)) {
        events_cli_report_error(run->report, name, strerror(errno));
    }

    events_cli_input_close(run->input);
}


static int
events_cli_run_detect(events_cli_run_t *run, events_cli_framing_e *framing)
{
    events_cli_input_t *input = run->input;

    while (*framing == EVENTS_CLI_DETECT) {

        *framing = events_cli_input_detect(input);

        if (*framing != EVENTS_CLI_DETECT) {
            break;
        }

        if (input->eof || input->last - input->pos == input->size) {
            *framing = EVENTS_CLI_LINES;
            break;
        }

        if (events_cli_run_more(run) == NULL) {
            return 0;
        }
    }

    return 1;
}


static int
events_cli_run_lines(events_cli_run_t *run)
{
    size_t               len;
    const u_char        *line, *newline;
    events_cli_input_t  *input;

    input = run->input;

    while (!events_cli_run_is_over(run)) {
        line = input->data + input->pos;
        len = input->last - input->pos;
        newline = memchr(line, '\n', len);

        if (newline == NULL && !input->eof) {

            if (len == input->size) {
                if (!events_cli_run_oversized(run)) {
                    return 0;
                }

            } else if (events_cli_run_more(run) == NULL) {
                return 0;
            }

            continue;
        }

        if (newline != NULL) {
            len = newline - line;
            input->pos += len + 1;

        } else {
            input->pos = input->last;
        }

        if (!events_cli_run_line(run, line, len)) {
            return 0;
        }

        if (newline == NULL) {
            break;
        }

        run->at.line++;
    }

    if (run->at.index == 0 && !events_cli_run_is_over(run)) {
        events_cli_report_error(run->report, run->at.file,
                                "there are no events in it");
    }

    return 1;
}


/* the bytes that are there then, or NULL once errno is set */

static const u_char *
events_cli_run_more(events_cli_run_t *run)
{
    size_t               before;
    events_cli_input_t  *input;

    input = run->input;
    before = input->last - input->pos;

    events_cli_report_progress(run->report);

    if (!events_cli_input_more(input)) {
        return NULL;
    }

    run->report->done += input->last - input->pos - before;

    return input->data;
}


static int
events_cli_run_line(events_cli_run_t *run, const u_char *line, size_t len)
{
    events_error_e            error;
    events_json_result_t      result;
    const events_failures_t  *failures;

    error = events_cli_check_line(run->check, line, len, &failures, &result);

    switch (error) {

    case EVENTS_EMPTY_BODY:         /* a blank line */
        return 1;

    case EVENTS_OK:
        run->report->events++;
        break;

    case EVENTS_INVALID_EVENTS:
        events_cli_report_invalid(run->report, &run->at, failures);
        break;

    case EVENTS_NO_MEMORY:
        errno = ENOMEM;
        return 0;

    default:
        run->at.column = result.offset + 1;
        events_cli_report_broken(run->report, &run->at, &result);
        run->at.column = 0;
    }

    run->at.index++;

    return 1;
}


/* a line that is longer than any event may be: nobody has to hold it */

static int
events_cli_run_oversized(events_cli_run_t *run)
{
    const u_char          *newline;
    events_cli_input_t    *input;
    events_json_result_t   result;

    input = run->input;

    memset(&result, 0, sizeof(events_json_result_t));
    result.error = EVENTS_EVENT_TOO_LARGE;

    events_cli_report_broken(run->report, &run->at, &result);
    run->at.index++;

    do {
        input->pos = input->last;

        if (events_cli_run_more(run) == NULL) {
            return 0;
        }

        newline = memchr(input->data, '\n', input->last);

    } while (newline == NULL && !input->eof);

    input->pos = newline ? (size_t) (newline + 1 - input->data) : input->last;
    run->at.line++;

    return 1;
}


static int
events_cli_run_text(events_cli_run_t *run)
{
    size_t                 len;
    u_char                *text;
    events_error_e         error;
    events_json_result_t   result;

    text = events_cli_input_rest(run->input, &len, EVENTS_JSON_MAX_TEXT);

    if (events_cli_stopped()) {
        free(text);
        return 1;
    }

    if (text == NULL) {

        if (errno == EFBIG) {
            events_cli_report_error(run->report, run->at.file,
                                    "it is longer than 2 GiB: as lines "
                                    "(NDJSON) it could be");
            return 1;
        }

        return 0;
    }

    run->text = text;
    run->counted = text;

    error = events_cli_check_text(run->check, text, len, events_cli_run_event,
                                  run, &result);

    run->report->done = run->done + len;

    if (error == EVENTS_EMPTY_BODY) {
        events_cli_report_error(run->report, run->at.file,
                                "there are no events in it");

    } else if (error == EVENTS_NO_MEMORY) {
        events_cli_report_error(run->report, run->at.file, strerror(ENOMEM));

    } else if (error != EVENTS_OK && !events_cli_run_is_over(run)) {
        run->at.index = result.index;
        events_cli_run_locate(run, result.offset);
        events_cli_report_broken(run->report, &run->at, &result);
    }

    free(text);

    return 1;
}


static events_error_e
events_cli_run_event(void *data, const events_json_event_t *event,
    const events_failures_t *failures)
{
    events_cli_run_t *run = data;

    run->at.index = event->index;
    run->at.indexed = !event->single;

    if (failures != NULL) {
        events_cli_run_locate(run, event->nodes[0].offset);
        run->at.column = 0;
        events_cli_report_invalid(run->report, &run->at, failures);

    } else {
        run->report->events++;
    }

    if ((event->index & (EVENTS_CLI_TURN - 1)) == 0) {
        run->report->done = run->done + event->nodes[0].offset;
        events_cli_report_progress(run->report);
    }

    /* any error ends the parse; nobody is told of this one */

    return events_cli_run_is_over(run) ? EVENTS_INTERNAL : EVENTS_OK;
}


/* the line and column of a byte, which is not before the last one asked for */

static void
events_cli_run_locate(events_cli_run_t *run, size_t offset)
{
    const u_char  *p, *newline;

    p = run->text + offset;

    for ( ;; ) {
        newline = memchr(run->counted, '\n', p - run->counted);

        if (newline == NULL) {
            break;
        }

        run->counted = newline + 1;
        run->at.line++;
    }

    run->at.column = p - run->counted + 1;
}


/* whether the run is to end before its files do */

static int
events_cli_run_is_over(events_cli_run_t *run)
{
    return events_cli_stopped() || run->report->write_error;
}
