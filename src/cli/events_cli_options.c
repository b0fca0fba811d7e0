
#include "events_cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>


/* as the directives events_max_event_size and events_max_depth have it */
#define EVENTS_CLI_EVENT_SIZE  (256 * 1024)
#define EVENTS_CLI_DEPTH       32

/* told by the Makefile */
#ifndef EVENTS_CLI_RELEASE
#define EVENTS_CLI_RELEASE  "unreleased"
#endif

/* listed failures, as many as an answer lists */
#define EVENTS_CLI_ERRORS  20


enum {
    EVENTS_CLI_NDJSON = 256,
    EVENTS_CLI_NO_NDJSON,
    EVENTS_CLI_MAX_ERRORS,
    EVENTS_CLI_MAX_EVENT_SIZE,
    EVENTS_CLI_MAX_DEPTH,
    EVENTS_CLI_JSON,
    EVENTS_CLI_VERSION
};


static int events_cli_options_one(events_cli_options_t *options, int option);
static int events_cli_options_number(const char *name, int is_size,
    uint64_t low, uint64_t high, uint64_t *number);
static int events_cli_options_usage(void);


static const struct option  events_cli_options_long[] = {
    { "ndjson", no_argument, NULL, EVENTS_CLI_NDJSON },
    { "no-ndjson", no_argument, NULL, EVENTS_CLI_NO_NDJSON },
    { "quiet", no_argument, NULL, 'q' },
    { "json", no_argument, NULL, EVENTS_CLI_JSON },
    { "max-errors", required_argument, NULL, EVENTS_CLI_MAX_ERRORS },
    { "max-event-size", required_argument, NULL, EVENTS_CLI_MAX_EVENT_SIZE },
    { "max-depth", required_argument, NULL, EVENTS_CLI_MAX_DEPTH },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, EVENTS_CLI_VERSION },
    { NULL, 0, NULL, 0 }
};


static const char  events_cli_options_help[] =
"Usage: events-validate [OPTION ...] CONTRACT [EVENTS ...]\n"
"\n"
"Checks CONTRACT, a JSON Schema, and each event in the files EVENTS (\"-\" is\n"
"standard input) against it, as the nginx module does.  Files hold an event\n"
"a line (NDJSON), of any size, or JSON: an event or an array of events, up to\n"
"2 GiB in memory.\n"
"\n"
"  --ndjson               files hold an event a line, --no-ndjson: JSON; told\n"
"                         by the name or the first event otherwise\n"
"  -q, --quiet            list no failures, only sum them up\n"
"  --json                 print JSON, an object a line: failures, summary\n"
"  --max-errors N|all     failures to list (20)\n"
"  --max-event-size SIZE  bytes of one event, with k or m (256k)\n"
"  --max-depth N          nesting of one event (32)\n"
"  -h, --help             print this\n"
"  --version              print the version\n"
"\n"
"Exit status: 0 every event is valid; 1 some are not; 2 the contract, a file\n"
"or the usage is wrong; 128 + N after the signal N.\n";


int
events_cli_options(events_cli_options_t *options, int argc, char **argv)
{
    int  option, status;

    memset(options, 0, sizeof(events_cli_options_t));

    options->limits.max_events = UINT32_MAX;
    options->limits.max_event_size = EVENTS_CLI_EVENT_SIZE;
    options->limits.max_depth = EVENTS_CLI_DEPTH;
    options->max_errors = EVENTS_CLI_ERRORS;

    for ( ;; ) {
        option = getopt_long(argc, argv, "qh", events_cli_options_long, NULL);

        if (option == -1) {
            break;
        }

        status = events_cli_options_one(options, option);

        if (status != -1) {
            return status;
        }
    }

    if (optind == argc) {
        fprintf(stderr, "events-validate: no contract is given\n");
        return events_cli_options_usage();
    }

    options->contract = argv[optind];
    options->files = argv + optind + 1;
    options->nfiles = argc - optind - 1;

    return -1;
}


static int
events_cli_options_one(events_cli_options_t *options, int option)
{
    uint64_t  n;

    switch (option) {

    case EVENTS_CLI_NDJSON:
        options->framing = EVENTS_CLI_LINES;
        return -1;

    case EVENTS_CLI_NO_NDJSON:
        options->framing = EVENTS_CLI_TEXT;
        return -1;

    case 'q':
        options->quiet = 1;
        return -1;

    case EVENTS_CLI_JSON:
        options->json = 1;
        return -1;

    case EVENTS_CLI_MAX_ERRORS:
        if (strcmp(optarg, "all") == 0) {
            options->max_errors = UINT64_MAX;
            return -1;
        }

        return events_cli_options_number("--max-errors", 0, 0, 1000000000,
                                         &options->max_errors);

    case EVENTS_CLI_MAX_EVENT_SIZE:
        if (events_cli_options_number("--max-event-size", 1, 2,
                                      EVENTS_JSON_MAX_EVENT, &n) != -1)
        {
            return EVENTS_CLI_ERROR;
        }

        options->limits.max_event_size = n;
        return -1;

    case EVENTS_CLI_MAX_DEPTH:
        if (events_cli_options_number("--max-depth", 0, 1,
                                      EVENTS_JSON_MAX_DEPTH, &n) != -1)
        {
            return EVENTS_CLI_ERROR;
        }

        options->limits.max_depth = n;
        return -1;

    case 'h':
        fputs(events_cli_options_help, stdout);
        return fflush(stdout) ? EVENTS_CLI_ERROR : EVENTS_CLI_VALID;

    case EVENTS_CLI_VERSION:
        printf("events-validate " EVENTS_CLI_RELEASE "\n");
        return fflush(stdout) ? EVENTS_CLI_ERROR : EVENTS_CLI_VALID;

    default:

        /* getopt_long() has told what is wrong */

        return events_cli_options_usage();
    }
}


/* as in nginx: digits, and for sizes "k" or "m" behind them */

static int
events_cli_options_number(const char *name, int is_size, uint64_t low,
    uint64_t high, uint64_t *number)
{
    char      *end;
    unsigned   shift;

    shift = 0;
    errno = 0;

    *number = strtoull(optarg, &end, 10);

    if (is_size && (*end == 'k' || *end == 'K')) {
        shift = 10;

    } else if (is_size && (*end == 'm' || *end == 'M')) {
        shift = 20;
    }

    if (optarg[0] >= '0' && optarg[0] <= '9' && errno == 0
        && end[shift ? 1 : 0] == '\0' && *number <= high >> shift
        && *number << shift >= low)
    {
        *number <<= shift;
        return -1;
    }

    fprintf(stderr, "events-validate: invalid value \"%s\" of %s, it must be "
            "between %llu and %llu\n", optarg, name, (unsigned long long) low,
            (unsigned long long) high);

    return EVENTS_CLI_ERROR;
}


static int
events_cli_options_usage(void)
{
    fprintf(stderr, "Usage: events-validate [OPTION ...] CONTRACT "
            "[EVENTS ...]; see --help\n");

    return EVENTS_CLI_ERROR;
}
