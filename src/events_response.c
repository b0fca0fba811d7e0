
#include "events_response.h"
#include "events_writer.h"

#include <stdio.h>


static void events_response_verdicts(events_response_t *response,
    const events_batch_t *batch);
static void events_response_body(events_writer_t *w,
    const events_response_t *response);
static void events_response_accepted(events_writer_t *w,
    const events_response_t *response);
static void events_response_partial(events_writer_t *w,
    const events_response_t *response);
static void events_response_problem(events_writer_t *w,
    const events_response_t *response);
static const char *events_response_class(unsigned status);
static void events_response_failures(events_writer_t *w,
    const events_response_t *response, uint32_t n);
static void events_response_failure(events_writer_t *w,
    const events_response_t *response, const events_failure_t *failure);


static const char *const  events_response_acks[] = {
    "broker",               /* EVENTS_ACK_BROKER */
    "queued"                /* EVENTS_ACK_QUEUED */
};


void
events_response_init(events_response_t *response, events_error_e error,
    const events_str_t *request_id)
{
    memset(response, 0, offsetof(events_response_t, detail));

    response->error = error;
    response->request_id = *request_id;
    response->detail[0] = '\0';

    if (error != EVENTS_OK) {
        snprintf(response->detail, sizeof(response->detail), "%s",
                 events_error_info(error)->detail);
    }
}


void
events_response_explain(events_response_t *response,
    const events_batch_t *batch)
{
    const char                  *detail;
    const events_json_limits_t  *limits;

    limits = &batch->conf.limits;
    detail = events_error_info(response->error)->detail;

    response->offset = batch->result.offset;
    response->index = batch->result.index;

    switch (response->error) {

    case EVENTS_OK:
        response->accepted = batch->nrecords;
        events_response_verdicts(response, batch);
        break;

    case EVENTS_INVALID_EVENTS:
        events_response_verdicts(response, batch);

        if (batch->single) {
            snprintf(response->detail, sizeof(response->detail),
                     "the event is invalid; nothing was published");
            break;
        }

        snprintf(response->detail, sizeof(response->detail),
                 "%u of %u events %s invalid; nothing was published",
                 batch->rejected, batch->received,
                 batch->rejected == 1 ? "is" : "are");
        break;

    case EVENTS_INVALID_JSON:
    case EVENTS_INVALID_UTF8:
        response->has_offset = 1;

        snprintf(response->detail, sizeof(response->detail),
                 "%s%s%s, at byte %zu", detail,
                 batch->result.text ? ": " : "",
                 batch->result.text ? batch->result.text : "",
                 batch->result.offset);
        break;

    case EVENTS_TOO_DEEP:
        response->has_offset = 1;
        response->has_index = 1;
        events_response_limit(response, limits->max_depth, "levels");

        snprintf(response->detail, sizeof(response->detail),
                 "event %u is nested more than %u levels deep",
                 response->index, limits->max_depth);
        break;

    case EVENTS_BRAND_NOT_ALLOWED:
        response->has_index = 1;
        break;

    case EVENTS_TOO_MANY_EVENTS:
        events_response_limit(response, limits->max_events, "events");
        break;

    case EVENTS_EVENT_TOO_LARGE:
        response->has_index = 1;
        events_response_limit(response, batch->max_size, "bytes");

        snprintf(response->detail, sizeof(response->detail),
                 "event %u is larger than %zu bytes", response->index,
                 batch->max_size);
        break;

    default:
        break;
    }
}


static void
events_response_verdicts(events_response_t *response,
    const events_batch_t *batch)
{
    response->received = batch->received;

    /* a dry run has accepted what it would reject */

    if (response->accepted < response->received) {
        response->rejected = batch->rejected;
        response->failures = &batch->failures;
        response->single = batch->single;
    }
}


void
events_response_limit(events_response_t *response, size_t limit,
    const char *unit)
{
    response->limit = limit;
    response->unit = unit;

    snprintf(response->detail, sizeof(response->detail),
             "%s: the limit is %zu %s",
             events_error_info(response->error)->detail, limit, unit);
}


void
events_response_rate(events_response_t *response, size_t rate,
    const char *unit)
{
    response->limit = rate;
    response->unit = unit;

    snprintf(response->detail, sizeof(response->detail),
             "too many events in a short time; the limit is %zu %s, and "
             "nothing was published", rate, unit);
}


void
events_response_producers(events_response_t *response, uint32_t n, uint32_t of)
{
    snprintf(response->detail, sizeof(response->detail),
             (of == 1) ? "this worker cannot reach Kafka"
                       : "this worker cannot reach Kafka with %u of its %u "
                         "producers", n, of);
}


unsigned
events_response_status(const events_response_t *response)
{
    if (response->error == EVENTS_OK && response->failures != NULL) {
        return 207;
    }

    if (response->error == EVENTS_OK && response->ack == EVENTS_ACK_QUEUED) {
        return 202;
    }

    return (response->status != 0) ? response->status
                                   : events_error_info(response->error)->status;
}


size_t
events_response_len(const events_response_t *response)
{
    events_writer_t  w;

    w.dst = NULL;
    w.len = 0;

    events_response_body(&w, response);

    return w.len;
}


u_char *
events_response_write(u_char *dst, const events_response_t *response)
{
    events_writer_t  w;

    w.dst = dst;
    w.len = 0;

    events_response_body(&w, response);

    return w.dst;
}


static void
events_response_body(events_writer_t *w, const events_response_t *response)
{
    if (response->error != EVENTS_OK) {
        events_response_problem(w, response);

    } else if (response->failures != NULL) {
        events_response_partial(w, response);

    } else {
        events_response_accepted(w, response);
    }
}


static void
events_response_accepted(events_writer_t *w, const events_response_t *response)
{
    events_write(w, "{\"status\":\"accepted\",\"ack\":\"");
    events_write(w, events_response_acks[response->ack]);
    events_write_number(w, "\",\"received\":", response->received);
    events_write_number(w, ",\"accepted\":", response->accepted);
    events_write_string(w, ",\"request_id\":", response->request_id.data,
                        response->request_id.len);
    events_write(w, "}\n");
}


/* each rejected event is listed: the others are published */

static void
events_response_partial(events_writer_t *w, const events_response_t *response)
{
    events_write(w, "{\"status\":\"partial\",\"ack\":\"");
    events_write(w, events_response_acks[response->ack]);
    events_write(w, "\"");
    events_response_failures(w, response, response->failures->nelts);
    events_write_string(w, ",\"request_id\":", response->request_id.data,
                        response->request_id.len);
    events_write(w, "}\n");
}


static void
events_response_problem(events_writer_t *w, const events_response_t *response)
{
    unsigned                    status;
    const events_error_info_t  *info;

    info = events_error_info(response->error);
    status = events_response_status(response);

    events_write(w, "{\"type\":\"about:blank\",\"title\":\"");
    events_write(w, (status == info->status) ? info->title
                                             : events_response_class(status));
    events_write_number(w, "\",\"status\":", status);
    events_write(w, ",\"code\":\"");
    events_write(w, info->code);
    events_write_string(w, "\",\"detail\":", (u_char *) response->detail,
                        strlen(response->detail));
    events_write_string(w, ",\"request_id\":", response->request_id.data,
                        response->request_id.len);
    events_write(w, ",\"retryable\":");
    events_write(w, info->retryable ? "true" : "false");

    if (response->has_offset) {
        events_write_number(w, ",\"offset\":", response->offset);
    }

    if (response->has_index) {
        events_write_number(w, ",\"index\":", response->index);
    }

    if (response->unit != NULL) {
        events_write_number(w, ",\"limit\":", response->limit);
        events_write(w, ",\"unit\":\"");
        events_write(w, response->unit);
        events_write(w, "\"");
    }

    if (response->failures != NULL) {
        events_response_failures(w, response, EVENTS_MAX_FAILURES);
    }

    events_write(w, "}\n");
}


/* of a status that has no name here (RFC 9110, section 15) */

static const char *
events_response_class(unsigned status)
{
    return (status < 500) ? "Client Error" : "Server Error";
}


/* the counts, and what is wrong: at most n of it */

static void
events_response_failures(events_writer_t *w, const events_response_t *response,
    uint32_t n)
{
    uint32_t                  i;
    const events_failures_t  *failures;

    failures = response->failures;

    events_write_number(w, ",\"received\":", response->received);
    events_write_number(w, ",\"accepted\":", response->accepted);
    events_write_number(w, ",\"rejected\":", response->rejected);
    events_write(w, ",\"errors\":[");

    for (i = 0; i < failures->nelts && i < n; i++) {
        events_write(w, i ? "," : "");
        events_response_failure(w, response, &failures->elts[i]);
    }

    events_write(w, "],\"errors_truncated\":");
    events_write(w, (failures->truncated || failures->nelts > n) ? "true"
                                                                 : "false");
}


static void
events_response_failure(events_writer_t *w, const events_response_t *response,
    const events_failure_t *failure)
{
    events_write_number(w, "{\"index\":", failure->index);

    if (response->single) {
        events_write(w, ",\"pointer\":\"");

    } else {
        events_write_number(w, ",\"pointer\":\"/", failure->index);
    }

    events_write_escaped(w, failure->pointer, failure->pointer_len);
    events_write(w, "\",\"code\":\"");
    events_write(w, failure->code);
    events_write_string(w, "\",\"detail\":", failure->detail,
                        failure->detail_len);
    events_write(w, "}");
}
