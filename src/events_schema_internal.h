
/*
 * The compiled form of a contract: a graph of schema nodes, each with a list
 * of checks for every JSON type an instance may have.
 */


#ifndef _EVENTS_SCHEMA_INTERNAL_H_INCLUDED_
#define _EVENTS_SCHEMA_INTERNAL_H_INCLUDED_


#include "events_schema.h"
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

/*
 * What one event may cost: so many steps, and so many more for each of its
 * nodes.  Sane contracts take a few a node; a recursive one that looks at a
 * member in two ways doubles its work on every level.
 */
#define EVENTS_SCHEMA_STEPS           16384
#define EVENTS_SCHEMA_STEPS_PER_NODE  256

/*
 * Schemas that are applied to a value while others are, to the same value or
 * to one that it is in: each takes a few hundred bytes of the stack.
 */
#define EVENTS_SCHEMA_MAX_IN_PLACE  1024

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


/* of one events_schema_validate() */

typedef struct {
    const events_schema_t      *schema;
    const events_json_event_t  *event;
    events_failures_t          *failures;
    const events_schema_scope_t *scope;         /* the innermost, or NULL */
    uint64_t                    steps;          /* left */
    uint32_t                    depth;          /* of schemas in place */
    unsigned                    stop:1;         /* the verdict is known */
    unsigned                    no_memory:1;
} events_schema_run_t;


/* returns 1 where value, which path leads to, passes, else 0 */

typedef int (*events_schema_check_pt)(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);


/* names with an index: an open-addressing table over events_json_hash() */

typedef struct {
    uint32_t                    hash;
    uint32_t                    index;          /* from 1; 0: free */
} events_schema_slot_t;


typedef struct {
    events_str_t               *elts;
    uint32_t                    nelts;
    uint32_t                    mask;
    events_schema_slot_t       *slots;
} events_schema_names_t;


typedef struct {
    const events_schema_node_t *schema;         /* NULL: anything goes */
    uint32_t                    required;       /* from 1; 0: it is not */
    unsigned                    declared:1;     /* by "properties" */
} events_schema_member_t;


typedef struct {
    events_schema_names_t       names;
    events_schema_member_t     *members;        /* as names.elts */
    const events_schema_node_t *additional;     /* NULL: anything goes */
    uint32_t                   *required;       /* indices of members */
    uint32_t                    nrequired;
} events_schema_object_t;


/* what "enum" and "const" allow */

typedef struct {
    events_schema_names_t       strings;
    const events_json_node_t  **others;         /* in schema->doc */
    uint32_t                    nothers;
} events_schema_values_t;


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
        events_pattern_t              *pattern;
        const events_format_t         *format;
        const events_schema_bound_t   *bound;
        const events_divisor_t        *divisor;
        const events_schema_values_t  *values;
        const events_schema_object_t  *object;
        const events_schema_node_t    *node;
        const events_schema_ref_t     *ref;
    } u;
};


struct events_schema_node_s {
    const events_schema_check_t *checks[EVENTS_SCHEMA_TYPES];

    /* NULL where dynamic references do not ask for it */
    events_schema_resource_t    *resource;

    uint32_t                     doc;           /* its text in schema->doc */
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
    const events_schema_node_t *root;
    events_schema_identifiers_t identifiers;
    events_schema_scratch_t    *scratch;
    events_schema_chunk_t      *chunks;
    events_schema_regex_t      *patterns;
    unsigned char               digest[EVENTS_SHA256_HEX];
};


/* events_schema.c: zeroed memory that lives as long as the schema, or NULL */

void *events_schema_alloc(events_schema_t *schema, size_t size);


/* events_schema_names.c */

int events_schema_names_index(events_schema_t *schema,
    events_schema_names_t *names);

/* returns the index of name, or nelts */

uint32_t events_schema_names_find(const events_schema_names_t *names,
    uint32_t hash, const events_str_t *name);

/* the same for a KEY of an event */

uint32_t events_schema_names_find_key(const events_schema_names_t *names,
    const events_json_event_t *event, const events_json_node_t *key);


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
    events_schema_error_t *error);


/* events_schema_value.c */

/*
 * Bytes of a string, unescaped; they last until the next call.  Returns 0,
 * which ends the run, where there is no memory to unescape it.
 */

int events_schema_string(events_schema_run_t *run,
    const events_json_event_t *event, const events_json_node_t *node,
    events_str_t *str);

/* JSON Schema core, section 4.2.2: equality of values */

int events_schema_equal(events_schema_run_t *run,
    const events_json_event_t *e1, const events_json_node_t *n1,
    const events_json_event_t *e2, const events_json_node_t *n2);

/* returns 0 where two elements of an array are equal */

int events_schema_unique(events_schema_run_t *run,
    const events_json_node_t *array);


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

/* returns 0, for the check to return */

int events_schema_fail(events_schema_run_t *run, const events_path_t *path,
    const char *code, const char *detail);


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

int events_schema_check_min_length(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_max_length(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
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
int events_schema_check_items(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);
int events_schema_check_object(events_schema_run_t *run,
    const events_schema_check_t *check, const events_json_node_t *value,
    const events_path_t *path);


#endif /* _EVENTS_SCHEMA_INTERNAL_H_INCLUDED_ */
