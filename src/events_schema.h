
/*
 * The contract: a JSON Schema (draft 2020-12, or draft-07 where "$schema"
 * says so), compiled once and then shared by all events.
 */


#ifndef _EVENTS_SCHEMA_H_INCLUDED_
#define _EVENTS_SCHEMA_H_INCLUDED_


#include "events_types.h"
#include "events_json.h"
#include "events_failure.h"


typedef struct events_schema_s  events_schema_t;


/*
 * What has no effect is ignored, as the drafts say, instead of refused: unknown
 * keywords, keywords of the other draft, what is beside "$ref" in draft-07.
 */
#define EVENTS_SCHEMA_LAX        0x01

/* "format" is an annotation: it refuses nothing, and may have any value */
#define EVENTS_SCHEMA_NO_FORMAT  0x02

/* the draft of a file without "$schema" is draft-07 */
#define EVENTS_SCHEMA_DRAFT7     0x04


typedef struct {
    size_t                offset;       /* in the file, where it is not JSON */
    char                  pointer[256]; /* JSON Pointer into the schema */
    char                  text[256];    /* a sentence that quotes the keyword;
                                         * empty: the schema compiled */
} events_schema_error_t;


/*
 * Compiles a schema; flags are those above.  Returns NULL and fills error where
 * the text is not strict JSON, or has a keyword, a value or a reference that is
 * not supported.  The schema owns all of its memory; text may go.
 */

events_schema_t *events_schema_compile(const u_char *text, size_t len,
    unsigned flags, events_schema_error_t *error);
void events_schema_destroy(events_schema_t *schema);

/*
 * SHA-256 of the text that was compiled, in lower-case hexadecimal digits; it
 * lasts as long as the schema.
 */

events_str_t events_schema_digest(const events_schema_t *schema);

/*
 * Validates one event.  Returns EVENTS_OK if it is valid,
 * EVENTS_INVALID_EVENTS with its failures appended, or EVENTS_NO_MEMORY.  A
 * valid event reads no clock, and allocates nothing once the schema has seen
 * strings with escapes, and arrays that must be unique, of the same size.  Many
 * events may be validated against one schema, not by several threads at a time
 * (matching keeps scratch memory in the schema).
 *
 * Failures of anyOf and oneOf are those of the branch that came closest, which
 * all of its failures decide: a wrong type of the value itself is worst, then a
 * value that const or enum does not allow; failures of a member's members are
 * least.  A failure that several schemas ask for is listed once.
 *
 * Codes of failures are keywords, "false" where the whole contract is false,
 * "duplicate_member", or "too_complex": a bound on the work for one event was
 * reached.
 */

events_error_e events_schema_validate(const events_schema_t *schema,
    const events_json_event_t *event, events_failures_t *failures);


#endif /* _EVENTS_SCHEMA_H_INCLUDED_ */
