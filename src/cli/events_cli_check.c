
#include "events_cli.h"

#include <stdlib.h>


struct events_cli_check_s {
    events_json_t          *json;
    events_schema_t        *schema;
    events_json_limits_t    limits;
    events_failures_t       failures;       /* of the event in hand */
    unsigned                invalid:1;
};


typedef struct {
    events_cli_check_t     *check;
    events_cli_event_pt     handler;
    void                   *data;
} events_cli_text_t;


static events_error_e events_cli_check_event(void *data,
    const events_json_event_t *event);
static events_error_e events_cli_check_element(void *data,
    const events_json_event_t *event);


events_cli_check_t *
events_cli_check_create(const u_char *text, size_t len,
    const events_json_limits_t *limits, events_schema_error_t *error)
{
    events_cli_check_t  *check;

    check = calloc(1, sizeof(events_cli_check_t));

    if (check != NULL) {
        check->json = events_json_create();
    }

    if (check == NULL || check->json == NULL) {
        memset(error, 0, sizeof(events_schema_error_t));
        memcpy(error->text, "no memory", sizeof("no memory"));
        free(check);
        return NULL;
    }

    check->limits = *limits;
    check->schema = events_schema_compile(text, len, 0, error);

    if (check->schema == NULL) {
        events_cli_check_destroy(check);
        return NULL;
    }

    return check;
}


void
events_cli_check_destroy(events_cli_check_t *check)
{
    if (check == NULL) {
        return;
    }

    events_failures_destroy(&check->failures);
    events_schema_destroy(check->schema);
    events_json_destroy(check->json);
    free(check);
}


events_error_e
events_cli_check_line(events_cli_check_t *check, const u_char *text,
    size_t len, const events_failures_t **failures,
    events_json_result_t *result)
{
    events_error_e  error;

    check->invalid = 0;

    error = events_json_parse(check->json, text, len, EVENTS_JSON_LINES,
                              &check->limits, events_cli_check_event, check,
                              result);

    if (error == EVENTS_OK && check->invalid) {
        *failures = &check->failures;
        return EVENTS_INVALID_EVENTS;
    }

    return error;
}


events_error_e
events_cli_check_text(events_cli_check_t *check, const u_char *text,
    size_t len, events_cli_event_pt handler, void *data,
    events_json_result_t *result)
{
    events_cli_text_t  ctx;

    ctx.check = check;
    ctx.handler = handler;
    ctx.data = data;

    return events_json_parse(check->json, text, len, EVENTS_JSON_VALUE,
                             &check->limits, events_cli_check_element, &ctx,
                             result);
}


static events_error_e
events_cli_check_event(void *data, const events_json_event_t *event)
{
    events_cli_check_t *check = data;

    events_error_e  error;

    events_failures_reset(&check->failures, SIZE_MAX);
    check->invalid = 0;

    if (event->nodes[0].type != EVENTS_JSON_OBJECT) {
        events_failures_add(&check->failures, event, NULL, "type",
                            "must be an object");
        error = check->failures.no_memory ? EVENTS_NO_MEMORY
                                          : EVENTS_INVALID_EVENTS;

    } else {
        error = events_schema_validate(check->schema, event,
                                       &check->failures);
    }

    if (error == EVENTS_INVALID_EVENTS) {
        check->invalid = 1;
        return EVENTS_OK;
    }

    return error;
}


static events_error_e
events_cli_check_element(void *data, const events_json_event_t *event)
{
    events_cli_text_t *ctx = data;

    events_error_e  error;

    error = events_cli_check_event(ctx->check, event);

    if (error != EVENTS_OK) {
        return error;
    }

    return ctx->handler(ctx->data, event,
                        ctx->check->invalid ? &ctx->check->failures : NULL);
}
