
/*
 * Compiling a contract: one walk over the file, keyword by keyword.
 */


#ifndef _EVENTS_SCHEMA_COMPILE_H_INCLUDED_
#define _EVENTS_SCHEMA_COMPILE_H_INCLUDED_


#include "events_schema_internal.h"


/* room for all keywords, which the table's own size is checked against */
#define EVENTS_SCHEMA_KEYWORDS  80

/* a schema has no more checks than keywords */
#define EVENTS_SCHEMA_MAX_CHECKS  EVENTS_SCHEMA_KEYWORDS

/* of a keyword: it is known to one draft alone, else to both */
#define EVENTS_SCHEMA_IN_2020_12   0x02
#define EVENTS_SCHEMA_IN_DRAFT7    0x04

/* of a keyword: draft-07 has it beside "$ref" */
#define EVENTS_SCHEMA_BESIDE_REF   0x01


typedef struct events_schema_keyword_s  events_schema_keyword_t;


/* both are applied to the same value: a circle of these would never end */

typedef struct {
    const events_schema_node_t     *from;
    const events_schema_node_t     *to;
    const events_json_node_t       *text;       /* of the keyword's value */
} events_schema_edge_t;


typedef struct events_schema_pending_s  events_schema_pending_t;


/* a reference while it is not known what it refers to */

struct events_schema_pending_s {
    events_schema_ref_t             ref;
    events_schema_pending_t        *next;
    events_str_t                    uri;
    events_schema_node_t           *from;
    const events_schema_keyword_t  *keyword;
    const events_json_node_t       *text;       /* of the keyword's value */
    const events_schema_resource_t *resource;   /* that it is in */
    unsigned                        alone:1;    /* all its schema says */
};


typedef struct {
    events_schema_t                *schema;
    events_schema_error_t          *error;
    events_schema_node_t          **nodes;      /* by their index in doc */
    uint32_t                        nnodes;     /* that exist */
    events_schema_resource_t       *resource;   /* that the walk is in */
    events_schema_pending_t        *refs;
    events_schema_pending_t        *last_ref;
    events_schema_edge_t           *edges;
    uint32_t                        nedges;
    uint32_t                        nedges_alloc;
    unsigned                        flags;      /* EVENTS_SCHEMA_... */
    unsigned                        draft7:1;
    unsigned                        dynamic:1;  /* "$dynamicRef" is in use */
} events_schema_compiler_t;


/* a check, and the instances it looks at */

typedef struct {
    events_schema_check_t           check;
    unsigned                        types;
} events_schema_typed_t;


/* a schema object while its keywords are compiled */

typedef struct {
    events_schema_node_t           *node;
    const events_json_node_t       *text;
    unsigned                        types;      /* that "type" allows */
    const char                     *types_detail;
    const events_json_node_t       *properties;
    const events_json_node_t       *required;
    const events_json_node_t       *additional;
    events_schema_pending_t        *ref;
    const events_json_node_t       *patterns;
    events_schema_array_t          *array;
    events_schema_contains_t       *contains;
    events_schema_if_t             *condition;
    uint32_t                        nchecks;
    events_schema_typed_t           checks[EVENTS_SCHEMA_MAX_CHECKS];
} events_schema_build_t;


/* value is that of the keyword, of a type that the keyword expects */

typedef int (*events_schema_keyword_pt)(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);


struct events_schema_keyword_s {
    events_str_t                    name;
    unsigned                        expects;    /* types of the value */
    const char                     *must;       /* be so */
    events_schema_keyword_pt        compile;    /* NULL: not supported */
    unsigned                        types;      /* of instances it checks */
    events_schema_check_pt          run;
    const char                     *detail;     /* of failures: "detail n */
    const char                     *unit;       /* units" */
    unsigned                        flags;      /* EVENTS_SCHEMA_IN_... */
};


/* in the order in which checks are to run; the last one has no name */

extern const events_schema_keyword_t  events_schema_keywords[];


/*
 * All of these return 0, or NULL, once the error is filled in.  node is where
 * the error is.
 */

int events_schema_error(events_schema_compiler_t *compiler,
    const events_json_node_t *node, const char *fmt, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 3, 4)))
#endif
    ;
int events_schema_error_must(events_schema_compiler_t *compiler,
    const events_json_node_t *node, const events_schema_keyword_t *keyword);
int events_schema_no_memory(events_schema_compiler_t *compiler);

/* code is the keyword that a false schema here stands for */

events_schema_node_t *events_schema_compile_node(
    events_schema_compiler_t *compiler, const events_json_node_t *value,
    const char *code);

/* the node for value, which is compiled already, or will be */

events_schema_node_t *events_schema_reference(
    events_schema_compiler_t *compiler, const events_json_node_t *value);

/* to be filled in by the caller */

events_schema_check_t *events_schema_add_check(events_schema_build_t *build,
    const events_schema_keyword_t *keyword);

char *events_schema_print(events_schema_compiler_t *compiler, const char *fmt,
    ...)
#ifdef __GNUC__
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* a KEY or STRING, unescaped, for as long as the schema lives */

int events_schema_copy_string(events_schema_compiler_t *compiler,
    const events_json_node_t *node, events_str_t *str);

/*
 * events_schema_identify.c: what schemas are called, and what they call others.
 * A schema is in the resource of the schema around it, unless it has an "$id".
 */

int events_schema_identify_init(events_schema_compiler_t *compiler);

int events_schema_compile_dialect(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_compile_id(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_compile_anchor(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_compile_dynamic_anchor(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_compile_ref(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);

/* whether the dynamic anchor, which there is, is in one resource alone */

int events_schema_one_dynamic(events_schema_compiler_t *compiler,
    const events_str_t *name, uint32_t hash);

/*
 * events_schema_link.c: what connects schemas.  Every keyword whose subschema
 * looks at the same value as the schema itself adds an edge; linking runs once
 * all schemas are known.
 */

int events_schema_add_edge(events_schema_compiler_t *compiler,
    const events_schema_node_t *from, const events_schema_node_t *to,
    const events_json_node_t *text);
int events_schema_link(events_schema_compiler_t *compiler);

/*
 * events_schema_object.c, events_schema_array.c: checks that several keywords
 * make, once all are known
 */

int events_schema_finish_object(events_schema_compiler_t *compiler,
    events_schema_build_t *build);
int events_schema_finish_array(events_schema_compiler_t *compiler,
    events_schema_build_t *build);

/* events_schema_assert.c: the same */

int events_schema_finish_lengths(events_schema_compiler_t *compiler,
    events_schema_build_t *build);

/* events_schema_apply.c */

/* the schemas of an array, which must not be empty */

const events_schema_node_t **events_schema_compile_nodes(
    events_schema_compiler_t *compiler, const events_json_node_t *array,
    const events_schema_keyword_t *keyword);

/* strings of an array, each of them once; returns NULL where they are not */

events_str_t *events_schema_copy_names(events_schema_compiler_t *compiler,
    const events_json_node_t *array, const events_schema_keyword_t *keyword);

/* events_schema_assert.c: value is a number, and must be a count */

int events_schema_copy_count(events_schema_compiler_t *compiler,
    const events_schema_keyword_t *keyword, const events_json_node_t *value,
    uint32_t *count);


#endif /* _EVENTS_SCHEMA_COMPILE_H_INCLUDED_ */
