
#include "events_error.h"

#include <stddef.h>


typedef struct {
    unsigned              status;
    events_error_e        error;
} events_error_status_t;


static const events_error_info_t  events_errors[] = {

    /* EVENTS_OK */
    { 200, NULL, "OK", NULL, 0, 0 },

    /* EVENTS_EMPTY_BODY */
    { 400, "empty_body", "Bad Request",
      "the body is empty", 0, 0 },

    /* EVENTS_INVALID_JSON */
    { 400, "invalid_json", "Bad Request",
      "the body is not JSON", 0, 0 },

    /* EVENTS_INVALID_UTF8 */
    { 400, "invalid_utf8", "Bad Request",
      "the body is not UTF-8", 0, 0 },

    /* EVENTS_TOO_DEEP */
    { 400, "too_deep", "Bad Request",
      "an event is nested too deeply", 0, 0 },

    /* EVENTS_INVALID_ENCODING */
    { 400, "invalid_encoding", "Bad Request",
      "the body is not what Content-Encoding says", 0, 0 },

    /* EVENTS_BAD_REQUEST */
    { 400, "bad_request", "Bad Request",
      "the request is not valid HTTP", 0, 0 },

    /* EVENTS_TLS_REQUIRED */
    { 400, "tls_required", "Bad Request",
      "plain HTTP was sent to a port for HTTPS", 0, 0 },

    /* EVENTS_CERTIFICATE_REQUIRED */
    { 400, "certificate_required", "Bad Request",
      "the client has sent no certificate", 0, 0 },

    /* EVENTS_INVALID_CERTIFICATE */
    { 400, "invalid_certificate", "Bad Request",
      "the client's certificate is not valid here", 0, 0 },

    /* EVENTS_REFUSED */
    { 400, "refused", "Bad Request",
      "the request is refused", 0, 0 },

    /* EVENTS_UNAUTHORIZED */
    { 401, "unauthorized", "Unauthorized",
      "the request is not authenticated", 0, 0 },

    /* EVENTS_UNKNOWN_KEY */
    { 401, "unknown_key", "Unauthorized",
      "the API key is not known", 0, 0 },

    /* EVENTS_FORBIDDEN */
    { 403, "forbidden", "Forbidden",
      "the sender may not do this", 0, 0 },

    /* EVENTS_BRAND_NOT_ALLOWED */
    { 403, "brand_not_allowed", "Forbidden",
      "the sender may not send events of this brand; nothing was published",
      0, 0 },

    /* EVENTS_ORIGIN_NOT_ALLOWED */
    { 403, "origin_not_allowed", "Forbidden",
      "pages of this origin may not send here, or not with this key", 0, 0 },

    /* EVENTS_NOT_FOUND */
    { 404, "not_found", "Not Found",
      "there is nothing here", 0, 0 },

    /* EVENTS_METHOD_NOT_ALLOWED */
    { 405, "method_not_allowed", "Method Not Allowed",
      "events are sent with POST", 0, 0 },

    /* EVENTS_METHOD_REFUSED */
    { 405, "method_not_allowed", "Method Not Allowed",
      "the method is not allowed here", 0, 0 },

    /* EVENTS_REQUEST_TIMEOUT */
    { 408, "request_timeout", "Request Timeout",
      "the body did not arrive in time", 1, 0 },

    /* EVENTS_LENGTH_REQUIRED */
    { 411, "length_required", "Length Required",
      "the request needs Content-Length", 0, 0 },

    /* EVENTS_URI_TOO_LONG */
    { 414, "uri_too_long", "URI Too Long",
      "the URI is too long", 0, 0 },

    /* EVENTS_EXPECTATION_FAILED */
    { 417, "expectation_failed", "Expectation Failed",
      "the expectation cannot be met", 0, 0 },

    /* EVENTS_MISDIRECTED */
    { 421, "misdirected_request", "Misdirected Request",
      "the request is for another server than the connection", 0, 0 },

    /* EVENTS_HEADERS_TOO_LARGE */
    { 431, "headers_too_large", "Request Header Fields Too Large",
      "the headers are too large", 0, 0 },

    /* EVENTS_UNSUPPORTED_TYPE */
    { 415, "unsupported_type", "Unsupported Media Type",
      "Content-Type must be application/json, any +json, text/plain "
      "or application/x-ndjson", 0, 0 },

    /* EVENTS_UNSUPPORTED_ENCODING */
    { 415, "unsupported_encoding", "Unsupported Media Type",
      "Content-Encoding must be gzip, deflate or identity", 0, 0 },

    /* EVENTS_BODY_TOO_LARGE */
    { 413, "body_too_large", "Content Too Large",
      "the body is too large", 0, 0 },

    /* EVENTS_INFLATED_TOO_LARGE */
    { 413, "inflated_too_large", "Content Too Large",
      "the body is too large once inflated", 0, 0 },

    /* EVENTS_TOO_MANY_EVENTS */
    { 413, "too_many_events", "Content Too Large",
      "the batch has too many events", 0, 0 },

    /* EVENTS_EVENT_TOO_LARGE */
    { 413, "event_too_large", "Content Too Large",
      "an event is too large", 0, 0 },

    /* EVENTS_BATCH_TOO_LARGE */
    { 413, "batch_too_large", "Content Too Large",
      "the batch is larger than the queue for Kafka", 0, 0 },

    /* EVENTS_INVALID_EVENTS */
    { 422, "invalid_events", "Unprocessable Content",
      "events are invalid; nothing was published", 0, 0 },

    /* EVENTS_RATE_LIMITED */
    { 429, "rate_limited", "Too Many Requests",
      "too many requests", 1, 1 },

    /* EVENTS_NOT_IMPLEMENTED */
    { 501, "not_implemented", "Not Implemented",
      "the server does not support what the request asks for", 0, 0 },

    /* EVENTS_HTTP_VERSION */
    { 505, "version_not_supported", "HTTP Version Not Supported",
      "the server does not support this version of HTTP", 0, 0 },

    /* EVENTS_BROKER_UNREACHABLE */
    { 503, "broker_unreachable", "Service Unavailable",
      "Kafka cannot be reached; nothing was published", 1, 1 },

    /* EVENTS_BROKER_REFUSED */
    { 503, "broker_refused", "Service Unavailable",
      "Kafka did not take the events; nothing was published", 1, 1 },

    /* EVENTS_QUEUE_FULL */
    { 503, "queue_full", "Service Unavailable",
      "too many events wait for Kafka; nothing was published", 1, 1 },

    /* EVENTS_SHUTTING_DOWN */
    { 503, "shutting_down", "Service Unavailable",
      "the server is shutting down; nothing was published", 1, 1 },

    /* EVENTS_UNAVAILABLE */
    { 503, "unavailable", "Service Unavailable",
      "the server cannot take the request now", 1, 1 },

    /* EVENTS_OUTCOME_UNKNOWN */
    { 504, "outcome_unknown", "Gateway Timeout",
      "Kafka did not answer in time; events may or may not be published, "
      "send them again with the same event_id", 1, 0 },

    /* EVENTS_BAD_GATEWAY */
    { 502, "bad_gateway", "Bad Gateway",
      "another server did not answer as it should", 1, 0 },

    /* EVENTS_GATEWAY_TIMEOUT */
    { 504, "gateway_timeout", "Gateway Timeout",
      "another server did not answer in time", 1, 0 },

    /* EVENTS_NO_MEMORY */
    { 500, "internal_error", "Internal Server Error",
      "the server ran out of memory; nothing was published", 1, 0 },

    /* EVENTS_INTERNAL */
    { 500, "internal_error", "Internal Server Error",
      "the server failed; nothing was published", 1, 0 }
};


/* statuses that nginx itself ends requests with */

static const events_error_status_t  events_error_statuses[] = {
    { 400, EVENTS_BAD_REQUEST },
    { 401, EVENTS_UNAUTHORIZED },
    { 403, EVENTS_FORBIDDEN },
    { 404, EVENTS_NOT_FOUND },
    { 405, EVENTS_METHOD_REFUSED },
    { 408, EVENTS_REQUEST_TIMEOUT },
    { 411, EVENTS_LENGTH_REQUIRED },
    { 413, EVENTS_BODY_TOO_LARGE },
    { 414, EVENTS_URI_TOO_LONG },
    { 415, EVENTS_UNSUPPORTED_TYPE },
    { 417, EVENTS_EXPECTATION_FAILED },
    { 421, EVENTS_MISDIRECTED },
    { 429, EVENTS_RATE_LIMITED },
    { 431, EVENTS_HEADERS_TOO_LARGE },
    { 501, EVENTS_NOT_IMPLEMENTED },
    { 502, EVENTS_BAD_GATEWAY },
    { 503, EVENTS_UNAVAILABLE },
    { 504, EVENTS_GATEWAY_TIMEOUT },
    { 505, EVENTS_HTTP_VERSION },
    { 0, EVENTS_OK }
};


const events_error_info_t *
events_error_info(events_error_e error)
{
    if ((unsigned) error >= EVENTS_ERROR_MAX) {
        error = EVENTS_INTERNAL;
    }

    return &events_errors[error];
}


events_error_e
events_error_of_status(unsigned status)
{
    const events_error_status_t  *s;

    for (s = events_error_statuses; s->status != 0; s++) {
        if (s->status == status) {
            return s->error;
        }
    }

    return (status < 500) ? EVENTS_REFUSED : EVENTS_INTERNAL;
}
