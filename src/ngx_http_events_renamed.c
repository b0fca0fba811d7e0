
/*
 * Who still sends old names: counted, and told in one line a minute for each
 * location of a worker.
 */


#include "ngx_http_events.h"
#include "events_text.h"


#define NGX_HTTP_EVENTS_RENAMED_INTERVAL  60000

/* bytes of the old and new names in a line */
#define NGX_HTTP_EVENTS_RENAMED_NAMES  1024


static void ngx_http_events_renamed_handler(ngx_event_t *ev);
static void ngx_http_events_renamed_log(ngx_http_events_renames_t *renames);
static u_char *ngx_http_events_renamed_names(u_char *p, u_char *last,
    ngx_http_events_renames_t *renames);
static u_char *ngx_http_events_renamed_name(u_char *p, u_char *last,
    const events_str_t *name);


void
ngx_http_events_renamed(ngx_http_request_t *r,
    ngx_http_events_renames_t *renames, const events_batch_t *batch)
{
    ngx_str_t                 *client;
    ngx_uint_t                 i;
    ngx_table_elt_t           *agent;
    ngx_http_core_loc_conf_t  *clcf;

    renames->events += batch->renamed;

    for (i = 0; i < renames->set.nelts; i++) {
        renames->used[i] += batch->renames[i];
    }

    client = &r->connection->addr_text;
    agent = r->headers_in.user_agent;

    renames->client_len = ngx_min(client->len, sizeof(renames->client));
    ngx_memcpy(renames->client, client->data, renames->client_len);

    renames->agent_len = 0;

    if (agent != NULL) {
        renames->agent_len = ngx_min(agent->value.len, sizeof(renames->agent));
        ngx_memcpy(renames->agent, agent->value.data, renames->agent_len);
    }

    if (renames->later.event.timer_set) {
        return;
    }

    /* the location's log, which the request's may outlive */

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    renames->log = clcf->error_log;

    renames->logged = 0;

    ngx_http_events_renamed_log(renames);

    ngx_http_events_later(&renames->later, ngx_http_events_renamed_handler,
                          renames, NGX_HTTP_EVENTS_RENAMED_INTERVAL);
}


static void
ngx_http_events_renamed_handler(ngx_event_t *ev)
{
    ngx_http_events_renames_t  *renames;

    renames = ngx_http_events_later_data(ev);

    if (renames->events == 0) {
        return;
    }

    ngx_http_events_renamed_log(renames);

    ngx_add_timer(ev, NGX_HTTP_EVENTS_RENAMED_INTERVAL);
}


/* what a worker that leaves has not told yet */

void
ngx_http_events_renamed_stop(ngx_http_events_main_conf_t *emcf)
{
    ngx_uint_t                   i;
    ngx_http_events_renames_t  **renames;

    renames = emcf->renames.elts;

    for (i = 0; i < emcf->renames.nelts; i++) {
        if (renames[i]->events > 0) {
            ngx_http_events_renamed_log(renames[i]);
        }
    }
}


static void
ngx_http_events_renamed_log(ngx_http_events_renames_t *renames)
{
    char          agent[4 * NGX_HTTP_EVENTS_AGENT + 4];
    u_char       *p;
    time_t        now;
    u_char        text[NGX_HTTP_EVENTS_RENAMED_NAMES];
    u_char        since[sizeof(" in the last  s") + NGX_TIME_T_LEN];
    events_str_t  str;

    now = ngx_time();

    str.data = renames->agent;
    str.len = renames->agent_len;

    (void) events_text_escape(agent, sizeof(agent), &str);

    p = ngx_http_events_renamed_names(text, text + sizeof(text), renames);

    since[0] = '\0';

    if (renames->logged) {
        *ngx_sprintf(since, " in the last %T s", now - renames->logged)
            = '\0';
    }

    ngx_log_error(NGX_LOG_WARN, renames->log, 0,
                  "events: %ui events%s at \"%V\" used an old name, last from "
                  "client %*s, user agent \"%s\": %*s",
                  renames->events, since, &renames->location,
                  renames->client_len, renames->client, agent,
                  (size_t) (p - text), text);

    renames->logged = now;
    renames->events = 0;
    ngx_memzero(renames->used, sizeof(renames->used));
}


/* "old" of "new" (17), ... */

static u_char *
ngx_http_events_renamed_names(u_char *p, u_char *last,
    ngx_http_events_renames_t *renames)
{
    u_char           *start;
    ngx_uint_t        i;
    events_rename_t  *rename;

    start = p;

    for (i = 0; i < renames->set.nelts; i++) {

        if (renames->used[i] == 0) {
            continue;
        }

        rename = &renames->set.elts[i];

        p = ngx_slprintf(p, last, "%s\"", (p == start) ? "" : ", ");
        p = ngx_http_events_renamed_name(p, last, &rename->from.name);
        p = ngx_slprintf(p, last, "\" of \"");
        p = ngx_http_events_renamed_name(p, last, &rename->to.name);
        p = ngx_slprintf(p, last, "\" (%ui)", renames->used[i]);
    }

    return p;
}


static u_char *
ngx_http_events_renamed_name(u_char *p, u_char *last, const events_str_t *name)
{
    size_t  size;

    size = last - p;

    if (size < 4) {
        return p;
    }

    return p + events_text_escape((char *) p, size, name);
}
