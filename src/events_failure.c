
#include "events_failure.h"
#include "events_pointer.h"
#include "events_text.h"


int
events_failures_add(events_failures_t *failures,
    const events_json_event_t *event, const events_path_t *path,
    const char *code, const char *detail, ...)
{
    va_list            args;
    events_failure_t  *failure;

    if (failures->nelts == EVENTS_MAX_FAILURES) {
        failures->truncated = 1;
        return 0;
    }

    failure = &failures->elts[failures->nelts++];

    failure->index = event->index;
    failure->code = code;
    failure->pointer_len = events_pointer_write(failure->pointer,
                                                EVENTS_MAX_POINTER,
                                                event->text, path);

    va_start(args, detail);
    failure->detail_len = events_text_vprint((char *) failure->detail,
                                             EVENTS_MAX_DETAIL, detail, args);
    va_end(args);

    return 1;
}
