
#include "unit_json.h"

#include "events_response.h"


typedef struct {
    events_json_framing_e   framing;
    const char             *body;
    unsigned                status;
    const char             *answer;
} answer_t;


static const char  contract[] =
    "{\"required\":[\"a\"],\"additionalProperties\":false,"
    "\"properties\":{\"a\":{\"type\":\"integer\"}}}";


static void
check_answer(const events_response_t *response, const char *text)
{
    size_t        len;
    u_char       *answer;
    events_str_t  str;

    len = events_response_len(response);
    answer = malloc(len);

    assert_ptr_equal(events_response_write(answer, response), answer + len);

    str.data = answer;
    str.len = len;
    unit_str_equal(&str, text);

    free(answer);
}


static void
test_accepted(void **state)
{
    events_str_t       id;
    events_response_t  response;

    id = unit_str("4f2a");
    events_response_init(&response, EVENTS_OK, &id);
    response.received = 3;
    response.accepted = 3;

    assert_int_equal(events_response_status(&response), 200);
    check_answer(&response,
                 "{\"status\":\"accepted\",\"ack\":\"broker\",\"received\":3,"
                 "\"accepted\":3,\"request_id\":\"4f2a\"}\n");

    response.ack = EVENTS_ACK_QUEUED;

    assert_int_equal(events_response_status(&response), 202);
    check_answer(&response,
                 "{\"status\":\"accepted\",\"ack\":\"queued\",\"received\":3,"
                 "\"accepted\":3,\"request_id\":\"4f2a\"}\n");
}


static void
test_problem(void **state)
{
    events_str_t       id;
    events_response_t  response;

    id = unit_str("4f2a");
    events_response_init(&response, EVENTS_QUEUE_FULL, &id);
    response.ack = EVENTS_ACK_QUEUED;

    assert_int_equal(events_response_status(&response), 503);
    check_answer(&response,
                 "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\","
                 "\"status\":503,\"code\":\"queue_full\",\"detail\":\"too many "
                 "events wait for Kafka; nothing was published\","
                 "\"request_id\":\"4f2a\",\"retryable\":true}\n");
}


/* a client may choose the id, where it comes from a header */

static void
test_request_id_is_escaped(void **state)
{
    events_str_t       id;
    events_response_t  response;

    id = unit_str("a\"b\\\n\xFF<\xC3\xA9");
    events_response_init(&response, EVENTS_NOT_FOUND, &id);

    check_answer(&response,
                 "{\"type\":\"about:blank\",\"title\":\"Not Found\","
                 "\"status\":404,\"code\":\"not_found\",\"detail\":\"there is "
                 "nothing here\",\"request_id\":\"a\\\"b\\\\\\n\xEF\xBF\xBD<"
                 "\xC3\xA9\",\"retryable\":false}\n");

    id = unit_str(NULL);
    events_response_init(&response, EVENTS_FORBIDDEN, &id);

    check_answer(&response,
                 "{\"type\":\"about:blank\",\"title\":\"Forbidden\","
                 "\"status\":403,\"code\":\"forbidden\",\"detail\":\"the "
                 "sender may not do this\",\"request_id\":\"\","
                 "\"retryable\":false}\n");
}


static void
test_limit(void **state)
{
    events_str_t       id;
    events_response_t  response;

    id = unit_str("1");
    events_response_init(&response, EVENTS_BODY_TOO_LARGE, &id);
    events_response_limit(&response, 1048576, "bytes");

    check_answer(&response,
                 "{\"type\":\"about:blank\",\"title\":\"Content Too Large\","
                 "\"status\":413,\"code\":\"body_too_large\",\"detail\":\"the "
                 "body is too large: the limit is 1048576 bytes\","
                 "\"request_id\":\"1\",\"retryable\":false,\"limit\":1048576,"
                 "\"unit\":\"bytes\"}\n");
}


static void
test_rate(void **state)
{
    events_str_t       id;
    events_response_t  response;

    id = unit_str("1");
    events_response_init(&response, EVENTS_RATE_LIMITED, &id);
    events_response_rate(&response, 100, "events/s");

    check_answer(&response,
                 "{\"type\":\"about:blank\",\"title\":\"Too Many Requests\","
                 "\"status\":429,\"code\":\"rate_limited\",\"detail\":\"too "
                 "many events in a short time; the limit is 100 events/s, and "
                 "nothing was published\",\"request_id\":\"1\","
                 "\"retryable\":true,\"limit\":100,\"unit\":\"events/s\"}\n");
}


/* a body as it is read, and the whole answer to it */

static void
test_batches(void **state)
{
    unsigned               i;
    events_str_t           id;
    events_error_e         error;
    events_batch_t        *batch;
    events_response_t      response;
    events_batch_conf_t    conf;
    events_schema_error_t  schema_error;

#define bad_request  "{\"type\":\"about:blank\",\"title\":\"Bad Request\","   \
                     "\"status\":400,"
#define too_large  "{\"type\":\"about:blank\",\"title\":\"Content Too "       \
                   "Large\",\"status\":413,"
#define unprocessable  "{\"type\":\"about:blank\",\"title\":\"Unprocessable " \
                       "Content\",\"status\":422,\"code\":\"invalid_events\","
#define not_again  "\"request_id\":\"1\",\"retryable\":false"

    static const answer_t  cases[] = {

        { EVENTS_JSON_VALUE, "", 400,
          bad_request "\"code\":\"empty_body\",\"detail\":\"the body is "
          "empty\"," not_again "}\n" },

        { EVENTS_JSON_VALUE, "[{\"a\":1},", 400,
          bad_request "\"code\":\"invalid_json\",\"detail\":\"the body is not "
          "JSON: it ends in the middle of a value, at byte 9\"," not_again
          ",\"offset\":9}\n" },

        { EVENTS_JSON_VALUE, "\"\xFF\"", 400,
          bad_request "\"code\":\"invalid_utf8\",\"detail\":\"the body is not "
          "UTF-8, at byte 1\"," not_again ",\"offset\":1}\n" },

        { EVENTS_JSON_VALUE, "[{},{\"a\":{\"a\":{}}}]", 400,
          bad_request "\"code\":\"too_deep\",\"detail\":\"event 1 is nested "
          "more than 2 levels deep\"," not_again ",\"offset\":14,\"index\":1,"
          "\"limit\":2,\"unit\":\"levels\"}\n" },

        { EVENTS_JSON_VALUE, "[{},{},{},{}]", 413,
          too_large "\"code\":\"too_many_events\",\"detail\":\"the batch has "
          "too many events: the limit is 3 events\"," not_again
          ",\"limit\":3,\"unit\":\"events\"}\n" },

        { EVENTS_JSON_VALUE, "[{},{\"a\":\"0123456789abcdef\"}]", 413,
          too_large "\"code\":\"event_too_large\",\"detail\":\"event 1 is "
          "larger than 20 bytes\"," not_again ",\"index\":1,\"limit\":20,"
          "\"unit\":\"bytes\"}\n" },

        { EVENTS_JSON_VALUE, "{\"a\":\"x\"}", 422,
          unprocessable "\"detail\":\"the event is invalid; nothing was "
          "published\"," not_again ",\"received\":1,\"accepted\":0,"
          "\"rejected\":1,\"errors\":[{\"index\":0,\"pointer\":\"/a\","
          "\"code\":\"type\",\"detail\":\"must be an integer\"}],"
          "\"errors_truncated\":false}\n" },

        { EVENTS_JSON_VALUE, "[{\"a\":\"x\"}]", 422,
          unprocessable "\"detail\":\"1 of 1 events is invalid; nothing was "
          "published\"," not_again ",\"received\":1,\"accepted\":0,"
          "\"rejected\":1,\"errors\":[{\"index\":0,\"pointer\":\"/0/a\","
          "\"code\":\"type\",\"detail\":\"must be an integer\"}],"
          "\"errors_truncated\":false}\n" },

        { EVENTS_JSON_VALUE, "[{\"a\":1,\"\\\"\":1},[],{}]", 422,
          unprocessable "\"detail\":\"3 of 3 events are invalid; nothing was "
          "published\"," not_again ",\"received\":3,\"accepted\":0,"
          "\"rejected\":3,\"errors\":[{\"index\":0,\"pointer\":\"/0/\\\"\","
          "\"code\":\"additionalProperties\",\"detail\":\"is not allowed\"},"
          "{\"index\":1,\"pointer\":\"/1\",\"code\":\"type\","
          "\"detail\":\"must be an object\"},"
          "{\"index\":2,\"pointer\":\"/2/a\",\"code\":\"required\","
          "\"detail\":\"is required\"}],"
          "\"errors_truncated\":false}\n" },

        { EVENTS_JSON_LINES, "{\"a\":\"x\"}\n", 422,
          unprocessable "\"detail\":\"1 of 1 events is invalid; nothing was "
          "published\"," not_again ",\"received\":1,\"accepted\":0,"
          "\"rejected\":1,\"errors\":[{\"index\":0,\"pointer\":\"/0/a\","
          "\"code\":\"type\",\"detail\":\"must be an integer\"}],"
          "\"errors_truncated\":false}\n" }
    };

    memset(&conf, 0, sizeof(events_batch_conf_t));

    conf.limits.max_events = 3;
    conf.limits.max_event_size = 20;
    conf.limits.max_depth = 2;
    conf.schema = events_schema_compile((u_char *) contract,
                                        sizeof(contract) - 1, 0, &schema_error);
    assert_non_null(conf.schema);

    batch = events_batch_create();
    id = unit_str("1");

    for (i = 0; i < unit_nelts(cases); i++) {
        conf.framing = cases[i].framing;

        error = events_batch_read(batch, (u_char *) cases[i].body,
                                  strlen(cases[i].body), &conf);

        events_response_init(&response, error, &id);
        events_response_explain(&response, batch);

        assert_int_equal(events_response_status(&response), cases[i].status);
        check_answer(&response, cases[i].answer);
    }

    events_batch_destroy(batch);
    events_schema_destroy((events_schema_t *) conf.schema);
}


/* n events, every second one invalid */

static char *
every_second(unsigned n)
{
    char      *text, *p;
    unsigned   i;

    text = malloc(n * 10 + 2);
    p = text;

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%c%s", i ? ',' : '[', i % 2 ? "{\"b\":1}"
                                                   : "{\"a\":1}");
    }

    strcpy(p, "]");

    return text;
}


static void
test_partial(void **state)
{
    char                  *text;
    u_char                *answer;
    size_t                 len;
    unsigned               i, n;
    events_str_t           id;
    const char            *p;
    events_batch_t        *batch;
    events_response_t      response;
    events_batch_conf_t    conf;
    events_schema_error_t  error;

    memset(&conf, 0, sizeof(events_batch_conf_t));

    conf.limits.max_events = 500;
    conf.limits.max_event_size = 100;
    conf.limits.max_depth = 2;
    conf.partial = 1;
    conf.schema = events_schema_compile((u_char *) contract,
                                        sizeof(contract) - 1, 0, &error);
    batch = events_batch_create();
    id = unit_str("1");

    text = "[{\"a\":1},{\"b\":1},{\"a\":2}]";
    assert_int_equal(events_batch_read(batch, (u_char *) text, strlen(text),
                                       &conf),
                     EVENTS_OK);

    events_response_init(&response, EVENTS_OK, &id);
    events_response_explain(&response, batch);

    assert_int_equal(events_response_status(&response), 207);
    check_answer(&response,
                 "{\"status\":\"partial\",\"ack\":\"broker\",\"received\":3,"
                 "\"accepted\":2,\"rejected\":1,\"errors\":[{\"index\":1,"
                 "\"pointer\":\"/1/b\",\"code\":\"additionalProperties\","
                 "\"detail\":\"is not allowed\"},{\"index\":1,"
                 "\"pointer\":\"/1/a\",\"code\":\"required\",\"detail\":"
                 "\"is required\"}],\"errors_truncated\":false,"
                 "\"request_id\":\"1\"}\n");

    response.ack = EVENTS_ACK_QUEUED;
    assert_int_equal(events_response_status(&response), 207);

    /* an entry for each rejected event */

    text = every_second(500);
    assert_int_equal(events_batch_read(batch, (u_char *) text, strlen(text),
                                       &conf),
                     EVENTS_OK);
    free(text);

    events_response_init(&response, EVENTS_OK, &id);
    events_response_explain(&response, batch);

    len = events_response_len(&response);
    answer = malloc(len + 1);
    *events_response_write(answer, &response) = '\0';

    for (i = 1, n = 0; i < 500; i += 2) {
        char  index[32];

        sprintf(index, "{\"index\":%u,", i);

        p = strstr((char *) answer, index);
        assert_non_null(p);
        n += (strstr(p + 1, index) != NULL);
    }

    /* and of the first 10 there was room for two */

    assert_int_equal(n, 10);
    assert_non_null(strstr((char *) answer,
                           "],\"errors_truncated\":true,\"request_id\":"));
    free(answer);

    /* none is rejected */

    text = "[{\"a\":1}]";
    assert_int_equal(events_batch_read(batch, (u_char *) text, strlen(text),
                                       &conf),
                     EVENTS_OK);

    events_response_init(&response, EVENTS_OK, &id);
    events_response_explain(&response, batch);
    assert_int_equal(events_response_status(&response), 200);

    events_batch_destroy(batch);
    events_schema_destroy((events_schema_t *) conf.schema);
}


/* a 422 lists at most 20, however many of them are known */

static void
test_at_most_20(void **state)
{
    char                  *text, *answer, *p;
    size_t                 len;
    unsigned               n;
    events_str_t           id;
    events_batch_t        *batch;
    events_response_t      response;
    events_batch_conf_t    conf;
    events_schema_error_t  error;

    memset(&conf, 0, sizeof(events_batch_conf_t));

    conf.limits.max_events = 500;
    conf.limits.max_event_size = 100;
    conf.limits.max_depth = 2;
    conf.every_event = 1;
    conf.schema = events_schema_compile((u_char *) "{\"required\":[\"a\"]}", 18,
                                        0, &error);
    batch = events_batch_create();
    id = unit_str("1");

    text = every_second(500);
    assert_int_equal(events_batch_read(batch, (u_char *) text, strlen(text),
                                       &conf),
                     EVENTS_INVALID_EVENTS);
    free(text);

    events_response_init(&response, EVENTS_INVALID_EVENTS, &id);
    events_response_explain(&response, batch);

    len = events_response_len(&response);
    answer = malloc(len + 1);
    *events_response_write((u_char *) answer, &response) = '\0';

    for (n = 0, p = answer; (p = strstr(p, "{\"index\":")) != NULL; p++) {
        n++;
    }

    assert_int_equal(n, 20);
    assert_non_null(strstr(answer, "\"rejected\":250,"));
    assert_non_null(strstr(answer, "],\"errors_truncated\":true}\n"));

    free(answer);
    events_batch_destroy(batch);
    events_schema_destroy((events_schema_t *) conf.schema);
}


/* the longest of everything, of which each byte grows when escaped */

static void
test_largest_answer(void **state)
{
    size_t              len;
    unsigned            i;
    u_char             *answer;
    events_str_t        id;
    events_failure_t   *failure;
    events_failures_t   failures;
    events_response_t   response;

    memset(&failures, 0, sizeof(events_failures_t));
    failures.elts = calloc(EVENTS_MAX_FAILURES, sizeof(events_failure_t));
    failures.nelts = EVENTS_MAX_FAILURES;
    failures.truncated = 1;

    for (i = 0; i < EVENTS_MAX_FAILURES; i++) {
        failure = &failures.elts[i];
        failure->index = UINT32_MAX;
        failure->code = "additionalProperties";
        failure->pointer_len = EVENTS_MAX_POINTER;
        failure->detail_len = EVENTS_MAX_DETAIL;
        memset(failure->pointer, 0x01, EVENTS_MAX_POINTER);
        memset(failure->detail, 0x1F, EVENTS_MAX_DETAIL);
    }

    id = unit_str("1");
    events_response_init(&response, EVENTS_INVALID_EVENTS, &id);
    response.failures = &failures;
    response.received = UINT32_MAX;
    response.rejected = UINT32_MAX;

    len = events_response_len(&response);
    answer = malloc(len);

    assert_ptr_equal(events_response_write(answer, &response), answer + len);
    assert_true(len > EVENTS_MAX_FAILURES
                      * 6 * (EVENTS_MAX_POINTER + EVENTS_MAX_DETAIL));
    assert_memory_equal(answer + len - 26, ",\"errors_truncated\":true}\n",
                        26);

    free(answer);
    events_failures_destroy(&failures);
}


/* an answer to each error is one object, whatever the table says */

static void
test_every_error(void **state)
{
    unsigned           i;
    char               text[1024];
    events_str_t       id;
    events_response_t  response;

    id = unit_str("1");

    for (i = 1; i < EVENTS_ERROR_MAX; i++) {
        events_response_init(&response, i, &id);

        snprintf(text, sizeof(text),
                 "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,"
                 "\"code\":\"%s\",\"detail\":\"%s\",\"request_id\":\"1\","
                 "\"retryable\":%s}\n", events_error_info(i)->title,
                 events_error_info(i)->status, events_error_info(i)->code,
                 events_error_info(i)->detail,
                 events_error_info(i)->retryable ? "true" : "false");

        assert_int_equal(events_response_status(&response),
                         events_error_info(i)->status);
        check_answer(&response, text);
    }
}


/* a status that the table has no row for */

static void
test_other_status(void **state)
{
    events_str_t       id;
    events_response_t  response;

    id = unit_str("1");
    events_response_init(&response, EVENTS_REFUSED, &id);
    response.status = 418;

    assert_int_equal(events_response_status(&response), 418);
    check_answer(&response,
                 "{\"type\":\"about:blank\",\"title\":\"Client Error\","
                 "\"status\":418,\"code\":\"refused\",\"detail\":\"the "
                 "request is refused\",\"request_id\":\"1\","
                 "\"retryable\":false}\n");

    events_response_init(&response, EVENTS_INTERNAL, &id);
    response.status = 507;

    assert_int_equal(events_response_status(&response), 507);
    check_answer(&response,
                 "{\"type\":\"about:blank\",\"title\":\"Server Error\","
                 "\"status\":507,\"code\":\"internal_error\","
                 "\"detail\":\"the server failed; nothing was published\","
                 "\"request_id\":\"1\",\"retryable\":true}\n");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_problem),
        cmocka_unit_test(test_request_id_is_escaped),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_partial),
        cmocka_unit_test(test_at_most_20),
        cmocka_unit_test(test_largest_answer),
        cmocka_unit_test(test_every_error),
        cmocka_unit_test(test_other_status)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
