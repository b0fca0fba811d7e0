
#include "events_cli.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>


/* bytes of a contract; the module's bound, and the compiler's */
#define EVENTS_CLI_CONTRACT_SIZE  (4 * 1024 * 1024)


static int events_cli_main(const events_cli_options_t *options);
static u_char *events_cli_read_contract(events_cli_report_t *report,
    size_t *len);
static void events_cli_catch(void);
static void events_cli_stop(int signo);


static volatile sig_atomic_t  events_cli_signal;


int
main(int argc, char **argv)
{
    int                   status;
    events_cli_options_t  options;

    status = events_cli_options(&options, argc, argv);

    return (status != -1) ? status : events_cli_main(&options);
}


static int
events_cli_main(const events_cli_options_t *options)
{
    int                    status;
    size_t                 len;
    u_char                *text;
    events_cli_check_t    *check;
    events_cli_report_t   *report;
    events_schema_error_t  error;

    report = malloc(sizeof(events_cli_report_t));
    if (report == NULL) {
        fprintf(stderr, "events-validate: no memory\n");
        return EVENTS_CLI_ERROR;
    }

    events_cli_report_init(report, options);

    check = NULL;
    text = events_cli_read_contract(report, &len);

    if (text != NULL) {
        check = events_cli_check_create(text, len, &options->limits, &error);

        if (check == NULL) {
            events_cli_report_contract(report, &error, text);
        }
    }

    if (check != NULL && options->nfiles == 0) {
        events_cli_report_fine(report);

    } else if (check != NULL) {
        events_cli_catch();
        events_cli_run(check, report);
        events_cli_report_summary(report);
    }

    status = events_cli_report_status(report);

    events_cli_check_destroy(check);
    free(text);
    free(report);

    return status;
}


static u_char *
events_cli_read_contract(events_cli_report_t *report, size_t *len)
{
    u_char              *text;
    const char          *name;
    events_cli_input_t   input;

    text = NULL;
    name = report->options->contract;

    memset(&input, 0, sizeof(events_cli_input_t));

    if (events_cli_input_open(&input, name, 1)) {
        text = events_cli_input_rest(&input, len, EVENTS_CLI_CONTRACT_SIZE);

        if (text == NULL) {
            events_cli_report_error(report, name,
                                    errno == EFBIG ? "it is larger than 4 MiB"
                                                   : strerror(errno));
        }

        events_cli_input_close(&input);

    } else {
        events_cli_report_error(report, name, strerror(errno));
    }

    free(input.data);

    return text;
}


int
events_cli_stopped(void)
{
    return events_cli_signal;
}


/* the first signal ends the run with a summary, the second at once */

static void
events_cli_catch(void)
{
    unsigned          i;
    struct sigaction  sa, old;

    static const int  signals[] = { SIGINT, SIGTERM, SIGHUP };

    memset(&sa, 0, sizeof(struct sigaction));
    sigemptyset(&sa.sa_mask);
    sa.sa_handler = events_cli_stop;
    sa.sa_flags = SA_RESETHAND;

    for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {

        /* nohup and background jobs of a shell ignore some */

        if (sigaction(signals[i], NULL, &old) == 0
            && old.sa_handler != SIG_IGN)
        {
            sigaction(signals[i], &sa, NULL);
        }
    }
}


static void
events_cli_stop(int signo)
{
    events_cli_signal = signo;
}
