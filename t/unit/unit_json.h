
/*
 * Events from string literals.  Texts stand in memory of their exact size, so
 * that AddressSanitizer and valgrind see a byte that is read past the end.
 */


#ifndef _EVENTS_UNIT_JSON_H_INCLUDED_
#define _EVENTS_UNIT_JSON_H_INCLUDED_


#include "unit.h"

#include "events_json.h"


static inline u_char *
unit_copy(const void *data, size_t len)
{
    u_char  *copy;

    copy = malloc(len ? len : 1);
    assert_non_null(copy);

    if (len) {
        memcpy(copy, data, len);
    }

    return copy;
}


static inline events_error_e
unit_json_parse(const events_str_t *text, events_json_framing_e framing,
    const events_json_limits_t *limits, events_json_handler_pt handler,
    void *data, events_json_result_t *result)
{
    u_char          *copy;
    events_json_t   *json;
    events_error_e   error;

    json = events_json_create();
    assert_non_null(json);

    copy = unit_copy(text->data, text->len);

    error = events_json_parse(json, copy, text->len, framing, limits, handler,
                              data, result);
    assert_int_equal(error, result->error);

    free(copy);
    events_json_destroy(json);

    return error;
}


/* one event that must be good */

static inline void
unit_json_event(const char *text, events_json_handler_pt handler, void *data)
{
    events_str_t          str;
    events_json_result_t  result;

    static const events_json_limits_t  limits = { 1, 1 << 24, 256 };

    str.data = (const u_char *) text;
    str.len = strlen(text);

    if (unit_json_parse(&str, EVENTS_JSON_LINES, &limits, handler, data,
                        &result)
        != EVENTS_OK)
    {
        fail_msg("%s: byte %zu: %s", text, result.offset,
                 result.text ? result.text : "no event");
    }
}


static inline events_str_t
unit_str(const char *text)
{
    events_str_t  str;

    str.data = (const u_char *) text;
    str.len = text ? strlen(text) : 0;

    return str;
}


static inline void
unit_str_equal(const events_str_t *str, const char *text)
{
    if (text == NULL) {
        assert_null(str->data);
        assert_int_equal(str->len, 0);
        return;
    }

    if (str->data == NULL || str->len != strlen(text)
        || memcmp(str->data, text, str->len) != 0)
    {
        fail_msg("\"%.*s\" is not \"%s\"", (int) str->len,
                 str->data ? (const char *) str->data : "", text);
    }
}


#endif /* _EVENTS_UNIT_JSON_H_INCLUDED_ */
