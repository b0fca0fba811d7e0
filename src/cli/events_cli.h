
/*
 * events-validate: a contract, tried on files of events without nginx.  The
 * parts of the program, and what they hand to each other.
 */


#ifndef _EVENTS_CLI_H_INCLUDED_
#define _EVENTS_CLI_H_INCLUDED_


#include "events_types.h"
#include "events_error.h"
#include "events_failure.h"
#include "events_json.h"
#include "events_schema.h"


#define EVENTS_CLI_VALID    0   /* exit status: every event is valid */
#define EVENTS_CLI_INVALID  1   /* an event is not, or is not JSON */
#define EVENTS_CLI_ERROR    2   /* the contract, a file or the usage is wrong */
#define EVENTS_CLI_SIGNAL   128 /* plus the signal that ended the run */


typedef enum {
    EVENTS_CLI_DETECT = 0,      /* by the name, then by the first bytes */
    EVENTS_CLI_LINES,
    EVENTS_CLI_TEXT
} events_cli_framing_e;


typedef struct {
    const char             *contract;
    char                  **files;
    unsigned                nfiles;
    events_cli_framing_e    framing;
    events_json_limits_t    limits;
    uint64_t                max_errors;     /* listed; UINT64_MAX: all */
    unsigned                quiet:1;
    unsigned                json:1;         /* output for programs */
} events_cli_options_t;


/*
 * events_cli_options.c: returns -1, or the status to exit with at once.
 */

int events_cli_options(events_cli_options_t *options, int argc, char **argv);


/* the signal that asked the program to stop, or 0 */

int events_cli_stopped(void);


/*
 * events_cli_tally.c: how often each code occurs at each place.  An array's
 * indices, and member names that are numbers, are one place: "*".  Memory is
 * bounded: what is at still another place is only counted.
 */

#define EVENTS_CLI_PLACES  1024


typedef struct {
    const char             *code;           /* constant */
    u_char                  pointer[EVENTS_MAX_POINTER];
    size_t                  len;
    uint64_t                count;
    unsigned                order;          /* of the first one */
} events_cli_place_t;


typedef struct {
    events_cli_place_t      places[EVENTS_CLI_PLACES];
    unsigned                nplaces;
    uint16_t                slots[4 * EVENTS_CLI_PLACES];   /* index + 1 */
    uint64_t                others;         /* at places beyond these */
} events_cli_tally_t;


void events_cli_tally_add(events_cli_tally_t *tally, const char *code,
    const u_char *pointer, size_t len);

/* most frequent first; nothing may be added any more */

void events_cli_tally_sort(events_cli_tally_t *tally);


/*
 * events_cli_report.c: everything that is printed.
 */

typedef struct {
    const char             *file;
    uint64_t                line;           /* from 1 */
    uint64_t                column;         /* in bytes, from 1; 0: none */
    uint64_t                index;          /* of the event in its file */
    unsigned                indexed:1;      /* as pointers are in an answer
                                             * about an array */
} events_cli_place_at_t;


typedef struct {
    const events_cli_options_t  *options;

    uint64_t                events;
    uint64_t                invalid;
    uint64_t                failures;
    uint64_t                truncated;      /* events that have more */
    uint64_t                listed;
    uint64_t                errors;         /* files that cannot be read */

    double                  start;          /* seconds */
    double                  shown;          /* when progress was */
    uint64_t                done;           /* bytes read */
    uint64_t                total;          /* of all files; 0: not known */
    unsigned                terminal:1;     /* stderr is one */
    unsigned                progress:1;     /* a line of it is there */
    int                     write_error;    /* errno */

    events_cli_tally_t      tally;
} events_cli_report_t;


void events_cli_report_init(events_cli_report_t *report,
    const events_cli_options_t *options);

/* an event that breaks the contract; a text that is no event */

void events_cli_report_invalid(events_cli_report_t *report,
    const events_cli_place_at_t *at, const events_failures_t *failures);
void events_cli_report_broken(events_cli_report_t *report,
    const events_cli_place_at_t *at, const events_json_result_t *result);

/* a file that cannot be read or has no events; a contract that is none */

void events_cli_report_error(events_cli_report_t *report, const char *file,
    const char *text);
void events_cli_report_contract(events_cli_report_t *report,
    const events_schema_error_t *error, const u_char *text);

/* a contract alone, which is valid */

void events_cli_report_fine(events_cli_report_t *report);

/* to be called often: prints a few times a second, on a terminal */

void events_cli_report_progress(events_cli_report_t *report);

/* the summary; the program's exit status */

void events_cli_report_summary(events_cli_report_t *report);
int events_cli_report_status(events_cli_report_t *report);


/*
 * events_cli_check.c: the core, as this program uses it, and nothing else
 * does.
 */

typedef struct events_cli_check_s  events_cli_check_t;

/*
 * Called for each event of a text.  failures is NULL if the event is valid.  A
 * value other than EVENTS_OK ends the parse.
 */

typedef events_error_e (*events_cli_event_pt)(void *data,
    const events_json_event_t *event, const events_failures_t *failures);


/* text may go afterwards; NULL with an error filled in */

events_cli_check_t *events_cli_check_create(const u_char *text, size_t len,
    const events_json_limits_t *limits, events_schema_error_t *error);
void events_cli_check_destroy(events_cli_check_t *check);

/*
 * One line: EVENTS_OK, EVENTS_INVALID_EVENTS with failures set, or what
 * events_json_parse() returns.
 */

events_error_e events_cli_check_line(events_cli_check_t *check,
    const u_char *text, size_t len, const events_failures_t **failures,
    events_json_result_t *result);

/* a whole text: one event, or an array */

events_error_e events_cli_check_text(events_cli_check_t *check,
    const u_char *text, size_t len, events_cli_event_pt handler, void *data,
    events_json_result_t *result);


/*
 * events_cli_input.c: files, or standard input for "-".
 */

typedef struct {
    u_char                 *data;
    size_t                  size;           /* of the buffer */
    size_t                  pos;            /* of what is not used yet */
    size_t                  last;
    unsigned                eof:1;

    int                     fd;
    const char             *name;
    uint64_t                expected;       /* bytes; 0: not known */
} events_cli_input_t;


/* what is in a file: size in bytes, 0 where that is not known */

uint64_t events_cli_input_size(const char *name);

/*
 * Opens and closes a file; the buffer is kept from file to file, and is size
 * bytes.  All of these return 0 once errno tells what is wrong.
 */

int events_cli_input_open(events_cli_input_t *input, const char *name,
    size_t size);
void events_cli_input_close(events_cli_input_t *input);

/*
 * Reads more, behind what is not used yet, as far as there is room; sets eof
 * at the end.  A signal that asks the program to stop is an end too.
 */

int events_cli_input_more(events_cli_input_t *input);

/* all of the rest, in memory that the caller frees; EFBIG beyond max bytes */

u_char *events_cli_input_rest(events_cli_input_t *input, size_t *len,
    size_t max);

/* whether the text is lines, as far as it is read */

events_cli_framing_e events_cli_input_detect(const events_cli_input_t *input);


/*
 * events_cli_run.c: one file after another.
 */

void events_cli_run(events_cli_check_t *check, events_cli_report_t *report);


#endif /* _EVENTS_CLI_H_INCLUDED_ */
