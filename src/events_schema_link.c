
#include "events_schema_compile.h"

#include <stdlib.h>


/* edges that there is room for at first */
#define EVENTS_SCHEMA_EDGES  64


static const events_json_node_t *events_schema_ref_text(
    events_schema_compiler_t *compiler, const events_schema_node_t *node);


int
events_schema_add_edge(events_schema_compiler_t *compiler,
    const events_schema_node_t *from, const events_schema_node_t *to,
    const events_json_node_t *text)
{
    uint32_t               nalloc;
    events_schema_edge_t  *edges;

    if (compiler->nedges == compiler->nedges_alloc) {
        nalloc = compiler->nedges_alloc ? 2 * compiler->nedges_alloc
                                        : EVENTS_SCHEMA_EDGES;

        edges = realloc(compiler->edges,
                        nalloc * sizeof(events_schema_edge_t));
        if (edges == NULL) {
            return events_schema_no_memory(compiler);
        }

        compiler->edges = edges;
        compiler->nedges_alloc = nalloc;
    }

    compiler->edges[compiler->nedges].from = from;
    compiler->edges[compiler->nedges].to = to;
    compiler->edges[compiler->nedges].text = text;
    compiler->nedges++;

    return 1;
}


/* all schemas are known: see what the references refer to */

int
events_schema_link(events_schema_compiler_t *compiler)
{
    uint32_t                     i, n;
    events_schema_node_t        *node, **nodes;
    const events_schema_node_t  *target;

    nodes = compiler->nodes;

    for (i = 0; i < compiler->nrefs; i++) {
        node = nodes[compiler->refs[i]];
        target = node;

        for (n = 0; target->ref; n++) {
            target = target->ref;

            if (!target->compiled) {
                return events_schema_error(compiler,
                               events_schema_ref_text(compiler, node),
                               "\"$ref\" must name a schema, such as "
                               "\"#/$defs/name\"");
            }

            if (n == EVENTS_SCHEMA_MAX_REFS) {
                return events_schema_error(compiler,
                               events_schema_ref_text(compiler, node),
                               "\"$ref\" leads in a circle, or over more than "
                               "%d others; let it name a schema that ends",
                               EVENTS_SCHEMA_MAX_REFS);
            }
        }
    }

    /* a reference and nothing else costs nothing */

    for (i = 0; i < compiler->nrefs; i++) {
        node = nodes[compiler->refs[i]];

        for (target = node; target->alias; target = target->ref) {
            /* void */
        }

        if (target != node) {
            memcpy(node->checks, target->checks, sizeof(node->checks));
        }
    }

    return 1;
}


static const events_json_node_t *
events_schema_ref_text(events_schema_compiler_t *compiler,
    const events_schema_node_t *node)
{
    const events_json_node_t  *value;

    static const events_str_t  name = events_string("$ref");

    value = events_json_member(&compiler->schema->doc,
                               &compiler->schema->doc.nodes[node->doc], &name,
                               events_json_hash(name.data, name.len));

    return value ? value : compiler->schema->doc.nodes;
}
