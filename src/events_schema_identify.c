
#include "events_schema_compile.h"
#include "events_text.h"


/* longest "$id", resolved: a file may hold tens of thousands of them */
#define EVENTS_SCHEMA_MAX_URI  1024

/* bytes of a name that an error quotes */
#define EVENTS_SCHEMA_QUOTED  100


static events_schema_resource_t *events_schema_resource(
    events_schema_compiler_t *compiler, const events_json_node_t *text,
    const events_str_t *id);
static int events_schema_name(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value, const events_str_t *name);
static int events_schema_plain_name(const events_str_t *name,
    unsigned draft7);
static int events_schema_identify(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value,
    const events_schema_resource_t *resource, const events_str_t *name);
static int events_schema_dynamic_name(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_str_t *name);
static const events_json_node_t *events_schema_beside(
    events_schema_compiler_t *compiler, events_schema_build_t *build,
    const events_str_t *name);


/* names of all of the file's resources: those that have dynamic anchors */

static const events_schema_resource_t  events_schema_any = { .seed = 1 };

static const events_str_t  events_schema_id_name = events_string("$id");
static const events_str_t  events_schema_ref_name = events_string("$ref");


/* counts what may turn out to be an identifier, and begins with the root */

int
events_schema_identify_init(events_schema_compiler_t *compiler)
{
    uint32_t                     i, k, n;
    events_schema_node_t        *root;
    events_schema_resource_t    *resource;
    const events_json_event_t   *doc;
    events_schema_identifier_t  *identifier;

    static const events_str_t  names[] = {
        events_string("$id"),
        events_string("$anchor"),
        events_string("$dynamicAnchor"),
        events_string("$dynamicAnchor")     /* in its resource, and in any */
    };

    doc = &compiler->schema->doc;
    n = 1;

    for (i = 0; i < doc->nnodes; i++) {

        if (doc->nodes[i].type != EVENTS_JSON_KEY) {
            continue;
        }

        for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
            n += events_json_equals(doc->text, &doc->nodes[i], &names[k]);
        }
    }

    if (!events_schema_identifiers_init(compiler->schema, n)) {
        return events_schema_no_memory(compiler);
    }

    root = events_schema_reference(compiler, doc->nodes);
    resource = events_schema_resource(compiler, doc->nodes,
                                      &(events_str_t) events_string(""));

    if (root == NULL || resource == NULL) {
        return 0;
    }

    identifier = events_schema_identifier_add(&compiler->schema->identifiers,
                                              NULL, &resource->id,
                                              events_json_hash(NULL, 0));
    identifier->node = root;
    compiler->resource = resource;

    return 1;
}


static events_schema_resource_t *
events_schema_resource(events_schema_compiler_t *compiler,
    const events_json_node_t *text, const events_str_t *id)
{
    unsigned char             *data;
    events_schema_resource_t  *resource;

    resource = events_schema_alloc(compiler->schema,
                                   sizeof(events_schema_resource_t));
    data = events_schema_alloc(compiler->schema, id->len + 1);

    if (resource == NULL || data == NULL) {
        events_schema_no_memory(compiler);
        return NULL;
    }

    memcpy(data, id->data, id->len);

    resource->id.data = data;
    resource->id.len = id->len;
    resource->text = text;
    resource->seed = (text - compiler->schema->doc.nodes + 2) * 0x9E3779B9u;

    (void) events_uri_parse(&resource->uri, &resource->id);

    return resource;
}


/* core, section 8.1.1 */

int
events_schema_compile_dialect(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    unsigned                   i, draft7;
    const unsigned char       *text;
    const events_json_node_t  *id;

    /* the empty fragment may be there or not; odd ones are of draft-07 */

    static const events_str_t  uris[] = {
        events_string("https://json-schema.org/draft/2020-12/schema"),
        events_string("http://json-schema.org/draft-07/schema#"),
        events_string("https://json-schema.org/draft/2020-12/schema#"),
        events_string("http://json-schema.org/draft-07/schema")
    };

    text = compiler->schema->doc.text;

    for (i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        if (events_json_equals(text, value, &uris[i])) {
            break;
        }
    }

    if (i == sizeof(uris) / sizeof(uris[0])) {
        return events_schema_error_must(compiler, value, keyword);
    }

    draft7 = i & 1;

    if (build->node->doc == 0) {
        compiler->draft7 = draft7;
        return 1;
    }

    id = events_schema_beside(compiler, build, &events_schema_id_name);

    if (id == NULL) {
        return events_schema_error_must(compiler, value, keyword);
    }

    return draft7 == compiler->draft7
           || events_schema_error(compiler, value,
                                  "\"$schema\" must be that of the root: "
                                  "a file has one draft");
}


/* core, section 8.2.1; draft-07, section 8.2 */

int
events_schema_compile_id(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_str_t               text, id;
    events_uri_t               uri;
    unsigned char              buf[2 * EVENTS_SCHEMA_MAX_URI
                                   + EVENTS_URI_GROWTH];
    events_schema_resource_t  *resource;

    if (compiler->draft7
        && events_schema_beside(compiler, build, &events_schema_ref_name))
    {
        return 1;
    }

    if (!events_schema_copy_string(compiler, value, &text)) {
        return 0;
    }

    if (!events_uri_parse(&uri, &text)) {
        return events_schema_error_must(compiler, value, keyword);
    }

    if (uri.fragment.len) {

        if (compiler->draft7 && uri.fragment.data == text.data + 1) {
            return events_schema_name(compiler, build, keyword, value,
                                      &uri.fragment);
        }

        return events_schema_error_must(compiler, value, keyword);
    }

    uri.fragment.data = NULL;
    id.data = buf;
    id.len = EVENTS_SCHEMA_MAX_URI + 1;

    if (text.len <= EVENTS_SCHEMA_MAX_URI) {
        id.len = events_uri_resolve(buf, &compiler->resource->uri, &uri);
    }

    if (id.len > EVENTS_SCHEMA_MAX_URI) {
        return events_schema_error(compiler, value,
                                   "\"$id\" is longer than %d bytes",
                                   EVENTS_SCHEMA_MAX_URI);
    }

    /* the root may say what it is anyway */

    if (build->node->doc == 0
        && events_str_eq(&id, &compiler->resource->id))
    {
        return 1;
    }

    resource = events_schema_resource(compiler, build->text, &id);
    if (resource == NULL) {
        return 0;
    }

    compiler->resource = resource;

    return events_schema_identify(compiler, build, keyword, value, NULL,
                                  &resource->id);
}


/* core, section 8.2.2 */

int
events_schema_compile_anchor(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_str_t  name;

    return events_schema_copy_string(compiler, value, &name)
           && events_schema_name(compiler, build, keyword, value, &name);
}


int
events_schema_compile_dynamic_anchor(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_str_t  name;

    return events_schema_copy_string(compiler, value, &name)
           && events_schema_name(compiler, build, keyword, value, &name)
           && events_schema_dynamic_name(compiler, build, &name);
}


static int
events_schema_name(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value, const events_str_t *name)
{
    if (!events_schema_plain_name(name, compiler->draft7)) {
        return events_schema_error_must(compiler, value, keyword);
    }

    return events_schema_identify(compiler, build, keyword, value,
                                  compiler->resource, name);
}


/* core, section 8.2.2; draft-07, section 8.2.3, has ":" but no "_" first */

static int
events_schema_plain_name(const events_str_t *name, unsigned draft7)
{
    size_t         i;
    unsigned char  ch, lower;

    for (i = 0; i < name->len; i++) {
        ch = name->data[i];
        lower = ch | 0x20;

        if ((lower >= 'a' && lower <= 'z')
            || (ch == '_' && (i > 0 || !draft7)))
        {
            continue;
        }

        if (i == 0
            || !((ch >= '0' && ch <= '9') || ch == '-' || ch == '.'
                 || (ch == ':' && draft7)))
        {
            return 0;
        }
    }

    return name->len > 0;
}


static int
events_schema_identify(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value,
    const events_schema_resource_t *resource, const events_str_t *name)
{
    uint32_t                     hash;
    events_schema_identifier_t  *identifier;

    hash = events_json_hash(name->data, name->len);

    if (events_schema_identifier_find(&compiler->schema->identifiers,
                                      resource, name, hash))
    {
        return events_schema_error(compiler, value,
                                   "\"%s\" must be unique%s, and another "
                                   "schema is \"%.*s\" already",
                                   keyword->name.data,
                                   resource ? " within its \"$id\"" : "",
                                   (int) events_text_fit(name->data, name->len,
                                                   EVENTS_SCHEMA_QUOTED),
                                   name->data);
    }

    identifier = events_schema_identifier_add(&compiler->schema->identifiers,
                                              resource, name, hash);
    identifier->node = build->node;

    return 1;
}


/* the name was identified within the resource that is current */

static int
events_schema_dynamic_name(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_str_t *name)
{
    uint32_t                      hash;
    events_schema_identifier_t   *identifier;
    events_schema_identifiers_t  *identifiers;

    identifiers = &compiler->schema->identifiers;
    hash = events_json_hash(name->data, name->len);

    identifier = events_schema_identifier_find(identifiers, compiler->resource,
                                               name, hash);
    identifier->dynamic = 1;
    compiler->resource->dynamic = 1;

    identifier = events_schema_identifier_find(identifiers,
                                               &events_schema_any, name, hash);
    if (identifier) {
        identifier->many = 1;
        return 1;
    }

    identifier = events_schema_identifier_add(identifiers, &events_schema_any,
                                              name, hash);
    identifier->node = build->node;

    return 1;
}


int
events_schema_one_dynamic(events_schema_compiler_t *compiler,
    const events_str_t *name, uint32_t hash)
{
    return !events_schema_identifier_find(&compiler->schema->identifiers,
                                          &events_schema_any, name, hash)
            ->many;
}


/* what it refers to is known when all schemas are */

int
events_schema_compile_ref(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_schema_keyword_t *keyword,
    const events_json_node_t *value)
{
    events_uri_t              uri;
    events_schema_check_t    *check;
    events_schema_pending_t  *pending;

    pending = events_schema_alloc(compiler->schema,
                                  sizeof(events_schema_pending_t));
    if (pending == NULL) {
        return events_schema_no_memory(compiler);
    }

    if (!events_schema_copy_string(compiler, value, &pending->uri)) {
        return 0;
    }

    if (!events_uri_parse(&uri, &pending->uri)) {
        return events_schema_error_must(compiler, value, keyword);
    }

    pending->from = build->node;
    pending->text = value;
    pending->keyword = keyword;
    pending->resource = compiler->resource;

    if (compiler->last_ref) {
        compiler->last_ref->next = pending;

    } else {
        compiler->refs = pending;
    }

    compiler->last_ref = pending;
    build->ref = pending;

    check = events_schema_add_check(build, keyword);
    check->u.ref = &pending->ref;

    return 1;
}


static const events_json_node_t *
events_schema_beside(events_schema_compiler_t *compiler,
    events_schema_build_t *build, const events_str_t *name)
{
    return events_json_member(&compiler->schema->doc, build->text, name,
                              events_json_hash(name->data, name->len));
}
