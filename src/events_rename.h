
/*
 * Members in transition from an old name to a new one.  Contract, routes, keys
 * and brands speak the new name; clients send either, consumers get either, or
 * both.
 */


#ifndef _EVENTS_RENAME_H_INCLUDED_
#define _EVENTS_RENAME_H_INCLUDED_


#include "events_types.h"
#include "events_arena.h"
#include "events_failure.h"
#include "events_json.h"


/* of one configuration; a set of them fits 32 bits */
#define EVENTS_MAX_RENAMES  32

/* bytes of a name */
#define EVENTS_RENAME_NAME  255

/* memory that events_rename_add() takes: each byte escaped, and quotes */
#define EVENTS_RENAME_STORAGE  (2 * (6 * EVENTS_RENAME_NAME + 2))


typedef enum {
    EVENTS_RENAME_BOTH = 0,
    EVENTS_RENAME_OLD,
    EVENTS_RENAME_NEW
} events_rename_mode_e;


typedef enum {
    EVENTS_RENAME_KEEP = 0,
    EVENTS_RENAME_REPLACE,      /* the name */
    EVENTS_RENAME_DROP          /* the member */
} events_rename_action_e;


typedef struct {
    events_str_t                name;
    events_str_t                json;       /* as JSON has it, quotes too */
    uint32_t                    hash;       /* events_json_hash() */
    unsigned                    escaped:1;  /* json has a backslash */
} events_rename_name_t;


typedef struct {
    events_rename_name_t        from;       /* the old name */
    events_rename_name_t        to;         /* the new one */
    events_rename_mode_e        accept;     /* what clients may send */
    events_rename_mode_e        publish;    /* what records have */
} events_rename_t;


typedef struct {
    uint64_t                    filter;     /* bit hash % 64 of each name */
    uint32_t                    nelts;
    events_rename_t             elts[EVENTS_MAX_RENAMES];
} events_renames_t;


/* what an event has of one rename */

typedef struct {
    const events_json_node_t   *from;       /* KEY; NULL: it was not sent */
    const events_json_node_t   *to;
    unsigned                    repeated:1; /* one of them occurs twice */
    unsigned                    unequal:1;  /* both occur, and differ */
} events_rename_found_t;


/* what an event has of all of them; refers to it */

typedef struct {
    const events_renames_t     *renames;
    uint32_t                    old;        /* bit i: elts[i].from was sent */
    unsigned                    valid:1;    /* events_rename_check() says */
    events_rename_found_t       elts[EVENTS_MAX_RENAMES];
} events_renamed_t;


/*
 * Adds a rename to a set that starts as zero bytes.  The set refers to from,
 * to and storage, which has EVENTS_RENAME_STORAGE bytes.  Returns NULL, or what
 * is wrong.
 */

const char *events_rename_add(events_renames_t *renames,
    const events_str_t *from, const events_str_t *to,
    events_rename_mode_e accept, events_rename_mode_e publish,
    u_char *storage);

/* the rename that has the name, as the old or the new one; or NULL */

const events_rename_t *events_rename_of(const events_renames_t *renames,
    const events_str_t *name);

/* looks at the members of an object: a hash each, unless it is one of ours */

void events_rename_find(events_renamed_t *renamed,
    const events_renames_t *renames, const events_json_event_t *event);

/*
 * The event with old names replaced, or left out where the new one was sent
 * too, for whatever speaks the new names.  Values have the offsets of the
 * event's own text, counted from the first byte of the event.  Returns 0 where
 * there is no memory.
 */

int events_rename_view(const events_renamed_t *renamed,
    const events_json_event_t *event, events_json_event_t *view,
    events_arena_t *arena);

/*
 * Finds out whether every name may be sent, and two names of one member have
 * equal values.  If not, appends failures: "conflicting_members",
 * "renamed_member" or "too_complex".
 */

void events_rename_check(events_renamed_t *renamed,
    const events_json_event_t *event, events_failures_t *failures);

/*
 * Failures from the first on, of a view, name the member to send: a missing
 * one whose new name is not accepted yet has the old one.
 */

void events_rename_correct(const events_renamed_t *renamed,
    events_failures_t *failures, uint32_t first);

/*
 * What becomes of a member in the record; json is the name it gets.  What is
 * repeated or unequal, which no valid event has, stays as it is.
 */

events_rename_action_e events_rename_action(const events_renamed_t *renamed,
    const events_json_node_t *key, const events_str_t **json);

/* the value to add under another name, json, for rename i; or NULL */

const events_json_node_t *events_rename_mirror(
    const events_renamed_t *renamed, uint32_t i, const events_str_t **json);


#endif /* _EVENTS_RENAME_H_INCLUDED_ */
