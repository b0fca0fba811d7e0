
/*
 * What the files of patterns share: a regular expression of ECMA-262 as a
 * list of operations, and the two ways to match one.
 */


#ifndef _EVENTS_PATTERN_INTERNAL_H_INCLUDED_
#define _EVENTS_PATTERN_INTERNAL_H_INCLUDED_


#include "events_pattern.h"


#define EVENTS_ECMA_MAX_CODE   0x10FFFF

/* groups in groups; PCRE2's own limit is the same */
#define EVENTS_ECMA_MAX_DEPTH  250

#define EVENTS_ECMA_UNBOUNDED  UINT32_MAX

/* names of groups, and references to them: each is compared with each */
#define EVENTS_ECMA_MAX_NAMES  100

/* returned in place of a character: an error, a set of them */
#define EVENTS_ECMA_ERROR      (EVENTS_ECMA_MAX_CODE + 1)
#define EVENTS_ECMA_CLASS      (EVENTS_ECMA_MAX_CODE + 2)


typedef enum {
    EVENTS_ECMA_SET = 0,        /* one character: min items follow */
    EVENTS_ECMA_RANGE,          /* item: characters from min to max */
    EVENTS_ECMA_PROPERTY,       /* item: \p{}, the one of index min */
    EVENTS_ECMA_SCRIPT,         /* item: max bytes at min in the source */
    EVENTS_ECMA_OPEN,           /* a group; CAPTURE: of number min */
    EVENTS_ECMA_CLOSE,
    EVENTS_ECMA_REPEAT,         /* the set or group before it, min to max */
    EVENTS_ECMA_OR,
    EVENTS_ECMA_START,
    EVENTS_ECMA_END,
    EVENTS_ECMA_BOUNDARY,       /* \b, \B where negated */
    EVENTS_ECMA_REFERENCE       /* to the group of number min */
} events_ecma_type_e;


typedef enum {
    EVENTS_ECMA_GROUP = 0,
    EVENTS_ECMA_CAPTURE,
    EVENTS_ECMA_AHEAD,          /* negated: the negative ones */
    EVENTS_ECMA_BEHIND
} events_ecma_kind_e;


typedef struct {
    u_char                type;         /* events_ecma_type_e */
    u_char                kind;         /* of OPEN and CLOSE */
    u_char                negated;      /* SET, PROPERTY, SCRIPT, OPEN ... */
    u_char                lazy;         /* REPEAT; SCRIPT: with extensions */
    uint32_t              min;
    uint32_t              max;
} events_ecma_op_t;


typedef struct {
    events_ecma_op_t     *ops;          /* NULL: they are counted only */
    uint32_t              nops;
    const char           *error;        /* what is wrong, */
    size_t                offset;       /* and at which byte */
} events_ecma_t;


/* while an expression is parsed */

typedef struct {
    uint64_t              hash;
    uint32_t              group;        /* a name's; 0: a reference */
    size_t                offset;
} events_ecma_name_t;


typedef struct {
    const u_char         *start;
    const u_char         *p;
    const u_char         *last;
    events_ecma_t        *ecma;
    uint32_t              nops;
    uint32_t              ngroups;      /* that capture */
    uint32_t              reference;    /* the greatest, */
    size_t                reference_at;
    unsigned              depth;
    unsigned              nnames;
    unsigned              repeated;     /* what was read last is a count */
    u_char                kinds[EVENTS_ECMA_MAX_DEPTH];
    events_ecma_name_t    names[EVENTS_ECMA_MAX_NAMES];
} events_ecma_parser_t;


/* what is wrong behind "(?" or "\", by the next character */

typedef struct {
    char                  ch;
    const char           *error;
} events_ecma_hint_t;


/*
 * events_pattern_ecma.c: returns 0 and an error where source is not an
 * expression of ECMA-262 with the flag "u" (edition of 2020, section 21.2.1).
 * Takes time in proportion to source, and no memory: called without ops, then
 * with room for as many as there were.
 */

int events_ecma_parse(const events_str_t *source, events_ecma_t *ecma);

void events_ecma_emit(events_ecma_parser_t *e, unsigned type, uint32_t min,
    uint32_t max);
void events_ecma_emit_op(events_ecma_parser_t *e, const events_ecma_op_t *op);
int events_ecma_error(events_ecma_parser_t *e, const char *text,
    const u_char *at);

/*
 * events_pattern_set.c: characters and sets of them.  A character is returned;
 * CLASS, where the items of a set were emitted; or ERROR, which is filled in.
 */

uint32_t events_ecma_set_begin(events_ecma_parser_t *e);
void events_ecma_set_end(events_ecma_parser_t *e, uint32_t set,
    unsigned negated);
void events_ecma_item(events_ecma_parser_t *e, uint32_t min, uint32_t max);
void events_ecma_line_end(events_ecma_parser_t *e);
int events_ecma_class(events_ecma_parser_t *e);
uint32_t events_ecma_class_escape(events_ecma_parser_t *e);
uint32_t events_ecma_unicode(events_ecma_parser_t *e);
uint32_t events_ecma_source(events_ecma_parser_t *e);

/* events_pattern_check.c */

/*
 * Whether both PCRE2 and ECMA-262 take the back references for the same;
 * marks those that are always empty as negated.
 */

int events_ecma_references(events_ecma_t *ecma);

/* the CLOSE of an OPEN */

uint32_t events_ecma_matching(const events_ecma_t *ecma, uint32_t open);

/* groups with their counts written out; 1 for all else; UINT32_MAX: more */

uint32_t events_ecma_weight(const events_ecma_t *ecma);


/* events_pattern_property.c: what \p{name} is; value has len 0 without "=" */

typedef struct {
    const char           *names[3];     /* of ECMA-262 */
    const char           *text;         /* in PCRE2; NULL: a range */
    uint32_t              last;         /* of the range, from 0 */
    u_char                category;     /* a value of General_Category */
    u_char                negated;
} events_ecma_property_t;


extern const events_ecma_property_t  events_ecma_properties[];

const events_ecma_property_t *events_ecma_property(const events_str_t *name,
    int category);


/* events_pattern_print.c: bytes that the expression takes for PCRE2, at most */

size_t events_ecma_print_size(const events_str_t *source,
    const events_ecma_t *ecma);
size_t events_ecma_print(u_char *out, const events_str_t *source,
    const events_ecma_t *ecma);


/*
 * events_pattern_dfa.c: for expressions that are regular in the strict sense
 * and small, one step a character, whatever expression and subject are.
 */

typedef struct events_dfa_s  events_dfa_t;

/* returns 0 where there is no memory; *dfa is NULL if it is not for these */

int events_dfa_create(const events_ecma_t *ecma, events_dfa_t **dfa);
void events_dfa_destroy(events_dfa_t *dfa);
int events_dfa_match(const events_dfa_t *dfa, const events_str_t *subject);


/* events_pattern.c: as events_pattern_compile(), but always with PCRE2 */

events_pattern_t *events_pattern_compile_pcre(const events_str_t *source,
    char *errstr, size_t size);


#endif /* _EVENTS_PATTERN_INTERNAL_H_INCLUDED_ */
