
/*
 * The compiled form of a contract: a graph of schema nodes, each with a list
 * of checks for every JSON type an instance may have.
 */


#ifndef _EVENTS_SCHEMA_INTERNAL_H_INCLUDED_
#define _EVENTS_SCHEMA_INTERNAL_H_INCLUDED_


#include "events_schema.h"
#include "events_schema_names.h"
#include "events_number.h"
#include "events_format.h"
#include "events_pattern.h"
#include "events_sha256.h"
#include "events_uri.h"


/* a larger contract is a mistake, and compiling would keep the master busy */
#define EVENTS_SCHEMA_MAX_SIZE  (4 * 1024 * 1024)

/* nesting of the file; compiling recurses */
#define EVENTS_SCHEMA_MAX_DEPTH  128

/* schemas and subschemas */
#define EVENTS_SCHEMA_MAX_NODES  65536

/* bytes of allowed values that a failure lists */
#define EVENTS_SCHEMA_LISTED  100

/*
 * What one event may cost: so many steps, and so many more for each of its
 * nodes, and for each schema of the contract.  Sane contracts take a few a
 * node; a recursive one that looks at a member in two ways doubles its work on
 * every level.
 */
#define EVENTS_SCHEMA_STEPS           16384
#define EVENTS_SCHEMA_STEPS_PER_NODE  256
#define EVENTS_SCHEMA_STEPS_PER_SCHEMA  16

/*
 * Applying a schema to a value is a step, and another one for each 256 bytes
 * of it; an event has as many more steps as bytes, so that 256 schemas may look
 * at its longest string.
 */
#define EVENTS_SCHEMA_STEP_BITS  8

/* what patterns cost, and steps for it: 32 to one */
#define EVENTS_SCHEMA_MATCH_BITS  5

/*
 * Schemas that are applied to a value while others are, to the same value or
 * to one that it is in.  Each takes some 500 bytes of the stack, so that all of
 * them fit a small one of 1 MB; events as deep as may be configured have four
 * on every level.
 */
#define EVENTS_SCHEMA_MAX_IN_PLACE  1024

/* required members that one word can mark */
#define EVENTS_SCHEMA_WINDOW  64

/* JSON types of values: events_json_type_e without EVENTS_JSON_KEY */
#define EVENTS_SCHEMA_TYPES  (EVENTS_JSON_OBJECT + 1)

#define EVENTS_SCHEMA_NULL     (1 << EVENTS_JSON_NULL)
#define EVENTS_SCHEMA_BOOLEAN                                                 \
    (1 << EVENTS_JSON_FALSE | 1 << EVENTS_JSON_TRUE)
#define EVENTS_SCHEMA_NUMBER   (1 << EVENTS_JSON_NUMBER)
#define EVENTS_SCHEMA_STRING   (1 << EVENTS_JSON_STRING)
#define EVENTS_SCHEMA_ARRAY    (1 << EVENTS_JSON_ARRAY)
#define EVENTS_SCHEMA_OBJECT   (1 << EVENTS_JSON_OBJECT)
#define EVENTS_SCHEMA_ANY      ((1 << EVENTS_SCHEMA_TYPES) - 1)

/* numbers, if they are integers: no JSON type of its own */
#define EVENTS_SCHEMA_INTEGER  (1 << EVENTS_SCHEMA_TYPES)


typedef struct events_schema_node_s   events_schema_node_t;
typedef struct events_schema_check_s  events_schema_check_t;


/* the file, or a part of it that "$id" makes a document of its own */

typedef struct {
    events_str_t                id;             /* a URI without a fragment */
    events_uri_t                uri;            /* its parts */
    const events_json_node_t   *text;           /* its root, in schema->doc */
    uint32_t                    seed;           /* of names in it */
    unsigned                    dynamic:1;      /* has a "$dynamicAnchor" */
} events_schema_resource_t;


/* what schemas are called */

typedef struct {
    const events_schema_resource_t  *resource;  /* NULL: name is an "$id" */
    events_str_t                     name;
    const events_schema_node_t      *node;
    unsigned                         dynamic:1; /* by "$dynamicAnchor" */
    unsigned                         many:1;    /* in other resources too */
} events_schema_identifier_t;


/* "$ref" or "$dynamicRef" */

typedef struct {
    const events_schema_node_t *node;           /* unless the scope has */
    events_str_t                name;           /* a dynamic anchor; or NULL */
    uint32_t                    hash;           /* of name */
} events_schema_ref_t;


/*
 * Resources that were entered on the way to a schema, each of them once, and
 * only those with dynamic anchors: the dynamic scope (core, section 7.1).
 */

typedef struct events_schema_scope_s  events_schema_scope_t;


struct events_schema_scope_s {
    const events_schema_resource_t  *resource;
    const events_schema_scope_t     *outer;
};


/* a name that "type" may have */

typedef struct {
    events_str_t                name;
    unsigned                    mask;
    const char                 *text;           /* "a string"; NULL: the end */
} events_schema_type_t;


extern const events_schema_type_t  events_schema_types[];


typedef enum {
    EVENTS_SCHEMA_LIST = 0,     /* all failures are listed */
    EVENTS_SCHEMA_QUIET,        /* the first failure ends it, unlisted */
    EVENTS_SCHEMA_COUNT         /* costs of all failures are added up */
} events_schema_mode_e;


/*
 * Members or items of one value that were evaluated (JSON Schema core, section
 * 11): bits in the scratch memory, from 0, in the order of the text.
 */

typedef struct {
    const events_json_node_t   *value;
    size_t                      first;          /* word of the stack */
    size_t                      nwords;
    unsigned                    unsure:1;       /* a schema that might have
                                                 * marked some has failed */
} events_schema_tracker_t;


/* of one events_schema_validate() */

typedef struct {
    const events_schema_t      *schema;
    const events_json_event_t  *event;
    events_failures_t          *failures;
    const events_schema_scope_t *scope;         /* the innermost, or NULL */
    uint64_t                    steps;          /* left */
    events_schema_tracker_t    *tracker;        /* the innermost, or NULL */
    size_t                      nmarks;         /* words of marks in use */
    const events_path_t        *base;           /* costs are relative to it */
    uint64_t                    cost;
    uint32_t                    depth;          /* of schemas in place */
    unsigned                    mode:2;         /* events_schema_mode_e */
    unsigned                    stop:1;         /* go back to who tries */
    unsigned                    fatal:1;        /* and then back to the top */
    unsigned                    no_memory:1;
} events_schema_run_t;


/* whether evaluated members or items of value are of interest */

#define events_schema_tracked(run, v)                                         \
    ((run)->tracker && (run)->tracker->value == (v))


/* returns 1 where value, which path leads to, passes, else 0 */

typedef int (*events_schema_check_pt)(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);


typedef struct {
    const events_schema_node_t *schema;         /* NULL: anything goes */
    uint64_t                    bit;            /* of "required"; 0: it is
                                                 * not, or beyond the first
                                                 * EVENTS_SCHEMA_WINDOW */
    uint32_t                    required;       /* from 1; 0: it is not */
    unsigned                    declared:1;     /* by "properties" */
} events_schema_member_t;


/* of "patternProperties" */

typedef struct {
    events_pattern_t           *pattern;
    const events_schema_node_t *schema;
} events_schema_named_t;


typedef struct {
    events_schema_names_t       names;
    events_schema_member_t     *members;        /* as names.elts */
    const events_schema_node_t *additional;     /* NULL: anything goes */
    uint32_t                   *required;       /* indices of members */
    uint32_t                    nrequired;
    uint32_t                    npatterns;
    events_schema_named_t      *patterns;
    unsigned                    all:1;          /* "additionalProperties" */
} events_schema_object_t;


/* "prefixItems" and "items", or in draft-07 "items" and "additionalItems" */

typedef struct {
    const events_schema_node_t **prefix;
    uint32_t                    nprefix;
    const events_schema_node_t *rest;           /* NULL: anything goes */
    unsigned                    all:1;          /* there is one for the rest */
} events_schema_array_t;


/* of "contains", a number that has no limit */
#define EVENTS_SCHEMA_UNLIMITED  UINT32_MAX


typedef struct {
    const events_schema_node_t *schema;
    uint32_t                    min;
    uint32_t                    max;
    const char                 *min_code;
    const char                 *min_detail;
    const char                 *max_detail;
} events_schema_contains_t;


/* one that a member's presence asks for: a schema, or other members */

typedef struct {
    events_str_t                name;
    uint32_t                    hash;
    const events_schema_node_t *schema;
    events_str_t               *names;
    uint32_t                    nnames;
    const char                 *detail;         /* of an absent member */
} events_schema_dependent_t;


typedef struct {
    events_schema_dependent_t  *elts;
    uint32_t                    nelts;
} events_schema_dependents_t;


/* "allOf", "anyOf" or "oneOf" */

typedef struct {
    const events_schema_node_t **elts;
    uint32_t                    nelts;
} events_schema_branches_t;


typedef struct {
    const events_schema_node_t *test;
    const events_schema_node_t *then;           /* NULL: anything goes */
    const events_schema_node_t *otherwise;
} events_schema_if_t;


/* what "enum" and "const" allow */

typedef struct {
    events_schema_names_t       strings;
    const events_json_node_t  **others;         /* in schema->doc */
    uint32_t                    nothers;
    const events_json_node_t   *text;           /* of the first; the others */
    uint32_t                    n;              /* follow it */
} events_schema_values_t;


typedef struct events_schema_lengths_s  events_schema_lengths_t;


typedef struct {
    events_number_t             number;
    int64_t                     small;          /* the same, */
    unsigned                    fits:1;         /* if this is set */
} events_schema_bound_t;


struct events_schema_check_s {
    events_schema_check_pt             run;     /* NULL: end of the list */
    const char                        *code;    /* of its failure */
    const char                        *detail;

    union {
        uint32_t                       limit;
        const events_schema_lengths_t *lengths;
        events_pattern_t              *pattern;
        const events_format_t         *format;
        const events_schema_bound_t   *bound;
        const events_divisor_t        *divisor;
        const events_schema_values_t  *values;
        const events_schema_object_t  *object;
        const events_schema_array_t   *array;
        const events_schema_contains_t    *contains;
        const events_schema_dependents_t  *dependents;
        const events_schema_branches_t    *branches;
        const events_schema_if_t      *condition;
        const events_schema_check_t   *list;
        const events_schema_node_t    *node;
        const events_schema_ref_t     *ref;
    } u;
};


/* "minLength" and "maxLength" */

struct events_schema_lengths_s {
    size_t                       least;         /* bytes of strings that pass */
    size_t                       most;          /* whatever is in them */
    events_schema_check_t        checks[3];     /* of all others */
};


struct events_schema_node_s {
    const events_schema_check_t *checks[EVENTS_SCHEMA_TYPES];

    /* NULL where dynamic references do not ask for it */
    events_schema_resource_t    *resource;

    uint32_t                     doc;           /* its text in schema->doc */
    unsigned                     types:10;      /* that "type" allows */
    unsigned                     compiled:1;
    unsigned                     alias:1;       /* a "$ref" and nothing else */
};


typedef struct {
    uint32_t                    hash;
    uint32_t                    node;
} events_schema_item_t;


/* grows on demand; kept from event to event */

typedef struct {
    unsigned char              *text;           /* an unescaped string */
    size_t                      text_size;
    events_schema_item_t       *items;          /* of an array, to sort */
    size_t                      items_size;
    uint64_t                   *marks;          /* a stack of bit sets */
    size_t                      marks_size;
} events_schema_scratch_t;


typedef struct events_schema_chunk_s  events_schema_chunk_t;
typedef struct events_schema_regex_s  events_schema_regex_t;


struct events_schema_chunk_s {
    events_schema_chunk_t      *next;
    size_t                      used;
    size_t                      size;
};


struct events_schema_regex_s {
    events_schema_regex_t      *next;
    events_pattern_t           *pattern;
};


/* an open-addressing table */

typedef struct {
    events_schema_identifier_t *elts;
    uint32_t                    nelts;
    uint32_t                    mask;
    events_schema_slot_t       *slots;
} events_schema_identifiers_t;


struct events_schema_s {
    events_json_event_t         doc;            /* the file, copied */
    uint32_t                    nnodes;         /* schemas in it */
    const events_schema_node_t *root;
    events_schema_identifiers_t identifiers;
    events_schema_scratch_t    *scratch;
    events_schema_chunk_t      *chunks;
    events_schema_regex_t      *patterns;
    unsigned char               digest[EVENTS_SHA256_HEX];
};


/* events_schema_value.c: events_schema_string() of one with escapes */

int events_schema_unescape(events_schema_run_t *run,
    const events_json_event_t *event, const events_json_node_t *node,
    events_str_t *str);


/* inline: most lists have one check or two, most strings no escape */

static events_inline int
events_schema_each(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path)
{
    int  valid;

    valid = 1;

    for ( /* void */ ; check->run; check++) {

        if (!check->run(run, check, value, path)) {
            valid = 0;

            if (run->stop) {
                break;
            }
        }
    }

    return valid;
}


/*
 * Bytes of a string, unescaped; they last until the next call.  Returns 0,
 * which ends the run, where there is no memory to unescape it.
 */

static events_inline int
events_schema_string(events_schema_run_t *run,
    const events_json_event_t *event, const events_json_node_t *node,
    events_str_t *str)
{
    if (node->escaped) {
        return events_schema_unescape(run, event, node, str);
    }

    str->data = event->text + node->offset + 1;
    str->len = node->len - 2;

    return 1;
}


/* events_schema.c: zeroed memory that lives as long as the schema, or NULL */

void *events_schema_alloc(events_schema_t *schema, size_t size);


/* events_schema_names.c */

int events_schema_names_index(events_schema_t *schema,
    events_schema_names_t *names);


/*
 * events_schema_identifier.c.  Room is for n, and has to suffice.  Names are of
 * resource, or "$id"s where it is NULL; hash is events_json_hash() of the name.
 */

int events_schema_identifiers_init(events_schema_t *schema, uint32_t n);
events_schema_identifier_t *events_schema_identifier_find(
    const events_schema_identifiers_t *identifiers,
    const events_schema_resource_t *resource, const events_str_t *name,
    uint32_t hash);

/* the name must not be there */

events_schema_identifier_t *events_schema_identifier_add(
    events_schema_identifiers_t *identifiers,
    const events_schema_resource_t *resource, const events_str_t *name,
    uint32_t hash);


/* events_schema_compile.c: returns NULL and fills error */

const events_schema_node_t *events_schema_compile_doc(events_schema_t *schema,
    unsigned flags, events_schema_error_t *error);


/* events_schema_value.c */

/* JSON Schema core, section 4.2.2: equality of values */

int events_schema_equal(events_schema_run_t *run,
    const events_json_event_t *e1, const events_json_node_t *n1,
    const events_json_event_t *e2, const events_json_node_t *n2);

/* returns 0 where two elements of an array are equal */

int events_schema_unique(events_schema_run_t *run,
    const events_json_node_t *array);

/*
 * Makes room for need bytes at *data, *size of which are there; returns 0,
 * which ends the run, where there is no memory.
 */

int events_schema_grow(events_schema_run_t *run, void **data, size_t *size,
    size_t need);


/* events_schema_duplicate.c */

/*
 * Indices of up to size KEY nodes that repeat the name of an earlier one of
 * object, in the order of the text; or just the index of object where there is
 * no memory to find them.  Returns their number.
 */

uint32_t events_schema_duplicates(const events_json_event_t *event,
    uint32_t object, uint32_t *found, uint32_t size);


/* events_schema_validate.c: whether value is valid against node */

int events_schema_apply(events_schema_run_t *run,
    const events_schema_node_t *node, const events_json_node_t *value,
    const events_path_t *path);

/* the same for a schema that is part of one that is applied to value */

int events_schema_apply_in_place(events_schema_run_t *run,
    const events_schema_node_t *node, const events_json_node_t *value,
    const events_path_t *path);

/* the same for a list of checks */

int events_schema_apply_list(events_schema_run_t *run,
    const events_schema_check_t *list, const events_json_node_t *value,
    const events_path_t *path);

/*
 * The check has failed: does with it what the mode says.  Returns 0, for the
 * check to return.  Code is a constant, detail is copied.
 */

int events_schema_fail(events_schema_run_t *run, const events_path_t *path,
    const char *code, const char *detail);

/* the same, and nothing more is looked at: lists it in any mode */

int events_schema_abort(events_schema_run_t *run, const events_path_t *path,
    const char *code, const char *detail);

/* ends the run; returns 0 */

int events_schema_end(events_schema_run_t *run);

/* takes n steps; returns 0, which ends the run, where so many are not left */

int events_schema_spend(events_schema_run_t *run, uint64_t n);


/* events_schema_branch.c */

/*
 * Applies node in place, in that mode, and forgets what it has evaluated where
 * it fails.  A stop that is not fatal ends here.  In EVENTS_SCHEMA_COUNT costs
 * are added to run->cost.
 */

int events_schema_try(events_schema_run_t *run,
    const events_schema_node_t *node, const events_json_node_t *value,
    const events_path_t *path, events_schema_mode_e mode);


/* events_schema_closest.c */

/* adds up what a failure at path costs; returns 0 */

int events_schema_count(events_schema_run_t *run, const events_path_t *path,
    const char *code, unsigned never);

/*
 * None of the branches matches: lists the failures of the one that came
 * closest, or one sentence for all.  Returns 0.
 */

int events_schema_closest(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);


/*
 * events_schema_evaluated.c.  Marking is for values that
 * events_schema_tracked() tells of.
 */

void events_schema_mark(events_schema_run_t *run, uint32_t index);

/* the first n members or items */

void events_schema_mark_first(events_schema_run_t *run, uint32_t n);

/*
 * A schema that might have marked some has failed, and another failure will be
 * listed: there is no point in listing members that it would have marked.
 */

void events_schema_mark_unsure(events_schema_run_t *run,
    const events_json_node_t *value);

/*
 * Remembers the marks of a tracked value in *saved; returns 0, which ends the
 * run, where there is no memory.  The other two bring them back, or let them
 * be, and forget *saved.
 */

int events_schema_marks_save(events_schema_run_t *run,
    events_schema_tracker_t *saved);
void events_schema_marks_restore(events_schema_run_t *run,
    const events_schema_tracker_t *saved);
void events_schema_marks_keep(events_schema_run_t *run,
    const events_schema_tracker_t *saved);


/* events_schema_check.c: by keyword */

int events_schema_check_never(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_integer(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_values(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_ref(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_dynamic_ref(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);

int events_schema_check_lengths(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_min_length(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_max_length(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
events_pattern_e events_schema_match(events_schema_run_t *run,
    const events_pattern_t *pattern, const events_str_t *subject);
int events_schema_check_pattern(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_format(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);

int events_schema_check_minimum(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_maximum(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_above(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_below(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_multiple(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);

int events_schema_check_min_count(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_max_count(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_unique(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);

/* events_schema_check_array.c */

int events_schema_check_items(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_array(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_contains(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);

/* events_schema_check_object.c */

int events_schema_check_object(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_members(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_dependents(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_property_names(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);

/* events_schema_branch.c */

int events_schema_check_all_of(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_any_of(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_one_of(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_not(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_if(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);

/* events_schema_evaluated.c */

int events_schema_check_tracked(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_unevaluated_properties(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_unevaluated_items(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);


#endif /* _EVENTS_SCHEMA_INTERNAL_H_INCLUDED_ */
