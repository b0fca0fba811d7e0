
/*
 * What the table of keywords refers to: compiling the value of one keyword.
 * See events_schema_keyword_pt.
 */


#ifndef _EVENTS_SCHEMA_KEYWORD_H_INCLUDED_
#define _EVENTS_SCHEMA_KEYWORD_H_INCLUDED_


#include "events_schema_compile.h"


/* events_schema_assert.c: keywords that look at one value */

int events_schema_type(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_enum(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_const(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_limit(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_bound(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_unique_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);

/* events_schema_apply.c: schemas within a schema */

int events_schema_branches(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_not(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_test(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_then(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_otherwise(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_dependent_required(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_dependent_schemas(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_dependencies(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_names(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_content(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_unevaluated_properties(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_unevaluated_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);

/* events_schema_array.c */

int events_schema_prefix(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_additional_items(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_contains(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_min_contains(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_max_contains(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);

/* events_schema_object.c */

int events_schema_properties(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_patterns(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_required_names(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);
int events_schema_additional(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value);


#endif /* _EVENTS_SCHEMA_KEYWORD_H_INCLUDED_ */
