
/*
 * A dry run tells what a contract would reject, and rejects nothing.
 */


#include "ngx_http_events.h"


/* bytes of the failures in one line */
#define NGX_HTTP_EVENTS_SUMMARY  512


/*
 * One line a second and worker, with all that there was since the one before,
 * and what is wrong with this batch.
 */

void
ngx_http_events_dry_run(ngx_http_request_t *r)
{
    char                          summary[NGX_HTTP_EVENTS_SUMMARY];
    events_batch_t               *batch;
    ngx_http_events_loc_conf_t   *elcf;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);
    elcf = ngx_http_get_module_loc_conf(r, ngx_http_events_module);

    if (!elcf->dry_run) {
        return;
    }

    batch = emcf->batch;

    emcf->dry_received += batch->received;
    emcf->dry_rejected += batch->rejected;

    if (batch->rejected == 0
        || !ngx_http_events_within_rate(&emcf->dry_lines, 1))
    {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "events: dry run: %ui of %ui events would be rejected: %s",
                  emcf->dry_rejected, emcf->dry_received,
                  events_failures_summary(&batch->failures, summary,
                                          sizeof(summary)));

    emcf->dry_received = 0;
    emcf->dry_rejected = 0;
}
