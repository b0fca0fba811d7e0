
/*
 * Text that is written twice by the same code: first only counted, then into
 * a buffer of exactly that size.
 */


#ifndef _EVENTS_WRITER_H_INCLUDED_
#define _EVENTS_WRITER_H_INCLUDED_


#include "events_types.h"


typedef struct {
    u_char                   *dst;          /* NULL: only count */
    size_t                    len;
} events_writer_t;


void events_write(events_writer_t *w, const char *text);
void events_write_number(events_writer_t *w, const char *prefix,
    uint64_t number);

/* a JSON string; and what stands between its quotes */

void events_write_string(events_writer_t *w, const char *prefix,
    const u_char *data, size_t len);
void events_write_escaped(events_writer_t *w, const u_char *data, size_t len);


#endif /* _EVENTS_WRITER_H_INCLUDED_ */
