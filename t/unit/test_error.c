
#include "unit.h"

#include "events_error.h"


typedef struct {
    events_error_e  error;
    unsigned        status;
    const char     *code;
    unsigned        retryable;
    unsigned        retry_after;
} error_t;


/* what clients depend on: the order of the enum is not, this is */

static const error_t  errors[] = {
    { EVENTS_OK, 200, NULL, 0, 0 },
    { EVENTS_EMPTY_BODY, 400, "empty_body", 0, 0 },
    { EVENTS_INVALID_JSON, 400, "invalid_json", 0, 0 },
    { EVENTS_INVALID_UTF8, 400, "invalid_utf8", 0, 0 },
    { EVENTS_TOO_DEEP, 400, "too_deep", 0, 0 },
    { EVENTS_INVALID_ENCODING, 400, "invalid_encoding", 0, 0 },
    { EVENTS_BAD_REQUEST, 400, "bad_request", 0, 0 },
    { EVENTS_TLS_REQUIRED, 400, "tls_required", 0, 0 },
    { EVENTS_CERTIFICATE_REQUIRED, 400, "certificate_required", 0, 0 },
    { EVENTS_INVALID_CERTIFICATE, 400, "invalid_certificate", 0, 0 },
    { EVENTS_REFUSED, 400, "refused", 0, 0 },
    { EVENTS_UNAUTHORIZED, 401, "unauthorized", 0, 0 },
    { EVENTS_UNKNOWN_KEY, 401, "unknown_key", 0, 0 },
    { EVENTS_FORBIDDEN, 403, "forbidden", 0, 0 },
    { EVENTS_BRAND_NOT_ALLOWED, 403, "brand_not_allowed", 0, 0 },
    { EVENTS_ORIGIN_NOT_ALLOWED, 403, "origin_not_allowed", 0, 0 },
    { EVENTS_NOT_FOUND, 404, "not_found", 0, 0 },
    { EVENTS_METHOD_NOT_ALLOWED, 405, "method_not_allowed", 0, 0 },
    { EVENTS_METHOD_REFUSED, 405, "method_not_allowed", 0, 0 },
    { EVENTS_REQUEST_TIMEOUT, 408, "request_timeout", 1, 0 },
    { EVENTS_LENGTH_REQUIRED, 411, "length_required", 0, 0 },
    { EVENTS_URI_TOO_LONG, 414, "uri_too_long", 0, 0 },
    { EVENTS_EXPECTATION_FAILED, 417, "expectation_failed", 0, 0 },
    { EVENTS_MISDIRECTED, 421, "misdirected_request", 0, 0 },
    { EVENTS_HEADERS_TOO_LARGE, 431, "headers_too_large", 0, 0 },
    { EVENTS_UNSUPPORTED_TYPE, 415, "unsupported_type", 0, 0 },
    { EVENTS_UNSUPPORTED_ENCODING, 415, "unsupported_encoding", 0, 0 },
    { EVENTS_BODY_TOO_LARGE, 413, "body_too_large", 0, 0 },
    { EVENTS_INFLATED_TOO_LARGE, 413, "inflated_too_large", 0, 0 },
    { EVENTS_TOO_MANY_EVENTS, 413, "too_many_events", 0, 0 },
    { EVENTS_EVENT_TOO_LARGE, 413, "event_too_large", 0, 0 },
    { EVENTS_BATCH_TOO_LARGE, 413, "batch_too_large", 0, 0 },
    { EVENTS_INVALID_EVENTS, 422, "invalid_events", 0, 0 },
    { EVENTS_RATE_LIMITED, 429, "rate_limited", 1, 1 },
    { EVENTS_NOT_IMPLEMENTED, 501, "not_implemented", 0, 0 },
    { EVENTS_HTTP_VERSION, 505, "version_not_supported", 0, 0 },
    { EVENTS_BROKER_UNREACHABLE, 503, "broker_unreachable", 1, 1 },
    { EVENTS_BROKER_REFUSED, 503, "broker_refused", 1, 1 },
    { EVENTS_QUEUE_FULL, 503, "queue_full", 1, 1 },
    { EVENTS_SHUTTING_DOWN, 503, "shutting_down", 1, 1 },
    { EVENTS_UNAVAILABLE, 503, "unavailable", 1, 1 },
    { EVENTS_OUTCOME_UNKNOWN, 504, "outcome_unknown", 1, 0 },
    { EVENTS_BAD_GATEWAY, 502, "bad_gateway", 1, 0 },
    { EVENTS_GATEWAY_TIMEOUT, 504, "gateway_timeout", 1, 0 },
    { EVENTS_NO_MEMORY, 500, "internal_error", 1, 0 },
    { EVENTS_INTERNAL, 500, "internal_error", 1, 0 }
};


static void
test_table_is_complete(void **state)
{
    unsigned                    i;
    const events_error_info_t  *info;

    assert_int_equal(unit_nelts(errors), EVENTS_ERROR_MAX);

    for (i = 0; i < unit_nelts(errors); i++) {
        info = events_error_info(errors[i].error);

        assert_int_equal(info->status, errors[i].status);
        assert_int_equal(info->retryable, errors[i].retryable);
        assert_int_equal(info->retry_after, errors[i].retry_after);
        assert_non_null(info->title);

        if (errors[i].error == EVENTS_OK) {
            assert_null(info->code);
            continue;
        }

        assert_string_equal(info->code, errors[i].code);
        assert_non_null(info->detail);

        /* ours is retried; two of 5xx are the client's fault */

        assert_true(info->status < 500 || info->retryable
                    || info->status == 501 || info->status == 505);
    }
}


/* answers with one status have one title */

static void
test_titles(void **state)
{
    unsigned                    i, k;
    const events_error_info_t  *one, *two;

    for (i = 0; i < EVENTS_ERROR_MAX; i++) {
        for (k = 0; k < i; k++) {
            one = events_error_info(i);
            two = events_error_info(k);

            if (one->status == two->status) {
                assert_string_equal(one->title, two->title);
            }
        }
    }
}


static void
test_not_an_error(void **state)
{
    assert_ptr_equal(events_error_info(EVENTS_ERROR_MAX),
                     events_error_info(EVENTS_INTERNAL));
    assert_ptr_equal(events_error_info((events_error_e) -1),
                     events_error_info(EVENTS_INTERNAL));
}


static void
test_of_status(void **state)
{
    unsigned        status;
    events_error_e  error;

    for (status = 400; status < 600; status++) {
        error = events_error_of_status(status);

        assert_true(error != EVENTS_OK);
        assert_int_equal(events_error_info(error)->status < 500,
                         status < 500);
    }

    assert_int_equal(events_error_of_status(413), EVENTS_BODY_TOO_LARGE);
    assert_int_equal(events_error_of_status(429), EVENTS_RATE_LIMITED);
    assert_int_equal(events_error_of_status(503), EVENTS_UNAVAILABLE);
    assert_int_equal(events_error_of_status(418), EVENTS_REFUSED);
    assert_int_equal(events_error_of_status(494), EVENTS_REFUSED);
    assert_int_equal(events_error_of_status(500), EVENTS_INTERNAL);
    assert_int_equal(events_error_of_status(502), EVENTS_BAD_GATEWAY);
    assert_int_equal(events_error_of_status(504), EVENTS_GATEWAY_TIMEOUT);
    assert_int_equal(events_error_of_status(507), EVENTS_INTERNAL);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_table_is_complete),
        cmocka_unit_test(test_titles),
        cmocka_unit_test(test_not_an_error),
        cmocka_unit_test(test_of_status)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
