
/*
 * Every way in which a request can end other than well, and what it means
 * for the client.  One enum, one table.
 */


#ifndef _EVENTS_ERROR_H_INCLUDED_
#define _EVENTS_ERROR_H_INCLUDED_


typedef enum {
    EVENTS_OK = 0,

    /* the client's: sending the same again ends the same way */

    EVENTS_EMPTY_BODY,
    EVENTS_INVALID_JSON,
    EVENTS_INVALID_UTF8,
    EVENTS_TOO_DEEP,
    EVENTS_INVALID_ENCODING,        /* broken gzip or deflate */
    EVENTS_BAD_REQUEST,             /* not HTTP as it should be */
    EVENTS_TLS_REQUIRED,
    EVENTS_CERTIFICATE_REQUIRED,
    EVENTS_INVALID_CERTIFICATE,
    EVENTS_REFUSED,                 /* nginx said so, for another reason */
    EVENTS_UNAUTHORIZED,
    EVENTS_UNKNOWN_KEY,
    EVENTS_FORBIDDEN,
    EVENTS_BRAND_NOT_ALLOWED,
    EVENTS_ORIGIN_NOT_ALLOWED,
    EVENTS_NOT_FOUND,
    EVENTS_METHOD_NOT_ALLOWED,
    EVENTS_METHOD_REFUSED,          /* by nginx, not the module */
    EVENTS_REQUEST_TIMEOUT,
    EVENTS_LENGTH_REQUIRED,
    EVENTS_URI_TOO_LONG,
    EVENTS_EXPECTATION_FAILED,
    EVENTS_MISDIRECTED,
    EVENTS_HEADERS_TOO_LARGE,
    EVENTS_UNSUPPORTED_TYPE,
    EVENTS_UNSUPPORTED_ENCODING,
    EVENTS_BODY_TOO_LARGE,
    EVENTS_INFLATED_TOO_LARGE,
    EVENTS_TOO_MANY_EVENTS,
    EVENTS_EVENT_TOO_LARGE,
    EVENTS_BATCH_TOO_LARGE,         /* for the queue, even an empty one */
    EVENTS_INVALID_EVENTS,
    EVENTS_RATE_LIMITED,
    EVENTS_NOT_IMPLEMENTED,
    EVENTS_HTTP_VERSION,

    /* ours, or the broker's: sending the same again may work */

    EVENTS_BROKER_UNREACHABLE,
    EVENTS_BROKER_REFUSED,          /* the broker answered, with an error */
    EVENTS_QUEUE_FULL,
    EVENTS_SHUTTING_DOWN,
    EVENTS_UNAVAILABLE,             /* nginx said so, not the module */
    EVENTS_OUTCOME_UNKNOWN,
    EVENTS_BAD_GATEWAY,             /* of other modules of nginx */
    EVENTS_GATEWAY_TIMEOUT,
    EVENTS_NO_MEMORY,
    EVENTS_INTERNAL,

    EVENTS_ERROR_MAX
} events_error_e;


typedef struct {
    unsigned              status;       /* HTTP */
    const char           *code;         /* stable, for programs */
    const char           *title;        /* the status's phrase */
    const char           *detail;       /* one sentence; may be made more
                                         * precise by whoever answers */
    unsigned              retryable:1;
    unsigned              retry_after:1;    /* and it is told when */
} events_error_info_t;


const events_error_info_t *events_error_info(events_error_e error);

/*
 * The error that stands for a status of the server's own.  Of a status that
 * has none, another of its class, whose status differs.
 */

events_error_e events_error_of_status(unsigned status);


#endif /* _EVENTS_ERROR_H_INCLUDED_ */
