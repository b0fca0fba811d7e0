
#include "events_writer.h"
#include "events_escape.h"


void
events_write(events_writer_t *w, const char *text)
{
    size_t  len;

    len = strlen(text);
    w->len += len;

    if (w->dst != NULL) {
        memcpy(w->dst, text, len);
        w->dst += len;
    }
}


void
events_write_number(events_writer_t *w, const char *prefix, uint64_t number)
{
    char   text[32];
    char  *p;

    p = text + sizeof(text) - 1;
    *p = '\0';

    do {
        *--p = '0' + number % 10;
        number /= 10;
    } while (number > 0);

    events_write(w, prefix);
    events_write(w, p);
}


void
events_write_string(events_writer_t *w, const char *prefix, const u_char *data,
    size_t len)
{
    events_write(w, prefix);
    events_write(w, "\"");
    events_write_escaped(w, data, len);
    events_write(w, "\"");
}


void
events_write_escaped(events_writer_t *w, const u_char *data, size_t len)
{
    events_str_t  str;

    str.data = data;
    str.len = len;

    if (w->dst == NULL) {
        w->len += events_escaped_len(&str);
        return;
    }

    w->dst = events_escape(w->dst, &str);
}
