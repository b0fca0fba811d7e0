
/*
 * Runs files in the format of the JSON-Schema-Test-Suite: an array of groups,
 * each a schema and data that is valid or is not.  A group may have "error", a
 * JSON Pointer, in place of "tests": its schema does not compile, and that is
 * where.
 *
 *     test_schema_vectors [-slf7] [file ...]
 *
 *     -s  skip and list schemas that do not compile, to see how far an upstream
 *         suite goes
 *     -l  ignore what has no effect: EVENTS_SCHEMA_LAX
 *     -f  "format" is an annotation: EVENTS_SCHEMA_NO_FORMAT
 *     -7  the draft is draft-07 without "$schema": EVENTS_SCHEMA_DRAFT7
 *
 * Without files: those of t/unit/schema, where a group may ask for the same by
 * "flags", a string of these letters.
 */


#include "unit.h"

#include "events_json.h"
#include "events_schema.h"

#include <glob.h>
#include <unistd.h>


#define VECTORS_GLOB  "t/unit/schema/*.json"
#define VECTORS_SIZE  (1024 * 1024)


typedef struct {
    const char                 *file;
    const events_json_event_t  *group;
    const char                 *title;      /* of the group, quoted */
    int                         title_len;
    events_schema_t            *schema;
    unsigned                    ntests;
    unsigned                    nskipped;
    unsigned                    nfailed;
} vectors_t;


static void vectors_file(vectors_t *vectors, const char *file);
static events_error_e vectors_group(void *data,
    const events_json_event_t *event);
static unsigned vectors_flags(vectors_t *vectors);
static unsigned vectors_flag(int letter);
static void vectors_compile_error(vectors_t *vectors,
    const events_json_node_t *expected, const events_schema_error_t *error);
static void vectors_test(vectors_t *vectors, const events_json_node_t *test);
static int vectors_validate(vectors_t *vectors,
    const events_json_node_t *value);
static const events_json_node_t *vectors_member(vectors_t *vectors,
    const events_json_node_t *object, const char *name);


static char      **vectors_files;
static unsigned    vectors_nfiles;
static unsigned    vectors_skip;
static unsigned    vectors_all;         /* flags of every schema */


static void
test_vectors(void **state)
{
    unsigned   i;
    vectors_t  vectors;

    memset(&vectors, 0, sizeof(vectors_t));

    for (i = 0; i < vectors_nfiles; i++) {
        vectors_file(&vectors, vectors_files[i]);
    }

    printf("%u vectors in %u files, %u groups skipped\n", vectors.ntests,
           vectors_nfiles, vectors.nskipped);

    assert_true(vectors.ntests > 0);
    assert_int_equal(vectors.nfailed, 0);
}


static void
vectors_file(vectors_t *vectors, const char *file)
{
    FILE                  *stream;
    size_t                 len;
    events_json_t         *json;
    unsigned char         *text;
    events_json_limits_t   limits = { 10000, VECTORS_SIZE, 64 };
    events_json_result_t   result;

    stream = fopen(file, "rb");
    assert_non_null(stream);

    text = malloc(VECTORS_SIZE);
    assert_non_null(text);

    len = fread(text, 1, VECTORS_SIZE, stream);
    fclose(stream);

    json = events_json_create();
    assert_non_null(json);

    vectors->file = file;

    if (events_json_parse(json, text, len, EVENTS_JSON_VALUE, &limits,
                          vectors_group, vectors, &result)
        != EVENTS_OK)
    {
        printf("%s: byte %zu: %s\n", file, result.offset,
               result.text ? result.text : "error");
        vectors->nfailed++;
    }

    events_json_destroy(json);
    free(text);
}


static events_error_e
vectors_group(void *data, const events_json_event_t *event)
{
    vectors_t *vectors = data;

    uint32_t                   i;
    events_schema_error_t      error;
    const events_json_node_t  *schema, *title, *expected, *tests, *test;

    vectors->group = event;

    title = vectors_member(vectors, event->nodes, "description");
    schema = vectors_member(vectors, event->nodes, "schema");
    expected = vectors_member(vectors, event->nodes, "error");
    tests = vectors_member(vectors, event->nodes, "tests");

    assert_non_null(title);
    assert_non_null(schema);
    assert_true((tests != NULL) != (expected != NULL));

    vectors->title = (const char *) event->text + title->offset;
    vectors->title_len = title->len;
    vectors->schema = events_schema_compile(event->text + schema->offset,
                                            schema->len,
                                            vectors_flags(vectors), &error);

    if (vectors->schema == NULL || expected) {
        vectors_compile_error(vectors, expected, &error);
        events_schema_destroy(vectors->schema);
        return EVENTS_OK;
    }

    test = tests + 1;

    for (i = 0; i < tests->count; i++) {
        vectors_test(vectors, test);
        test = &event->nodes[test->u.next];
    }

    events_schema_destroy(vectors->schema);

    return EVENTS_OK;
}


static unsigned
vectors_flags(vectors_t *vectors)
{
    uint32_t                   i;
    unsigned                   flags;
    const events_json_node_t  *letters;

    flags = vectors_all;
    letters = vectors_member(vectors, vectors->group->nodes, "flags");

    for (i = 1; letters && i < letters->len - 1; i++) {
        flags |= vectors_flag(vectors->group->text[letters->offset + i]);
    }

    return flags;
}


static unsigned
vectors_flag(int letter)
{
    switch (letter) {

    case 'l':
        return EVENTS_SCHEMA_LAX;

    case 'f':
        return EVENTS_SCHEMA_NO_FORMAT;

    case '7':
        return EVENTS_SCHEMA_DRAFT7;

    default:
        fail_msg("there is no option -%c", letter);
        return 0;
    }
}


static void
vectors_compile_error(vectors_t *vectors, const events_json_node_t *expected,
    const events_schema_error_t *error)
{
    events_str_t  pointer;

    if (expected == NULL && vectors_skip) {
        vectors->nskipped++;

        printf("%s: %.*s: skipped: at \"%s\": %s\n", vectors->file,
               vectors->title_len, vectors->title, error->pointer,
               error->text);
        return;
    }

    vectors->ntests++;

    if (expected && vectors->schema == NULL) {
        pointer.data = (const unsigned char *) error->pointer;
        pointer.len = strlen(error->pointer);

        if (error->text[0]
            && events_json_equals(vectors->group->text, expected, &pointer))
        {
            return;
        }
    }

    vectors->nfailed++;

    printf("%s: %.*s: %s\n", vectors->file, vectors->title_len,
           vectors->title, vectors->schema ? "compiles" : error->text);

    if (vectors->schema == NULL) {
        printf("    at \"%s\"\n", error->pointer);
    }
}


static void
vectors_test(vectors_t *vectors, const events_json_node_t *test)
{
    const events_json_node_t  *title, *value, *valid;

    title = vectors_member(vectors, test, "description");
    value = vectors_member(vectors, test, "data");
    valid = vectors_member(vectors, test, "valid");

    assert_non_null(title);
    assert_non_null(value);
    assert_non_null(valid);

    vectors->ntests++;

    if (vectors_validate(vectors, value) != (valid->type == EVENTS_JSON_TRUE))
    {
        vectors->nfailed++;
        printf("%s: %.*s: %.*s: not so\n", vectors->file, vectors->title_len,
               vectors->title, (int) title->len,
               vectors->group->text + title->offset);
    }
}


/* the nodes of value, as if it were an event */

static int
vectors_validate(vectors_t *vectors, const events_json_node_t *value)
{
    int                   valid;
    uint32_t              i, first;
    events_json_node_t   *nodes;
    events_json_event_t   event;
    events_failures_t     failures;

    first = value - vectors->group->nodes;

    event = *vectors->group;
    event.nnodes = value->u.next - first;

    nodes = malloc(event.nnodes * sizeof(events_json_node_t));
    assert_non_null(nodes);

    for (i = 0; i < event.nnodes; i++) {
        nodes[i] = value[i];

        if (nodes[i].type != EVENTS_JSON_KEY) {
            nodes[i].u.next -= first;
        }

        if (nodes[i].duplicate) {
            nodes[0].duplicate = 1;
        }
    }

    event.nodes = nodes;
    memset(&failures, 0, sizeof(events_failures_t));

    valid = events_schema_validate(vectors->schema, &event, &failures)
            == EVENTS_OK;

    assert_int_equal(valid, failures.nelts == 0);

    events_failures_destroy(&failures);
    free(nodes);

    return valid;
}


static const events_json_node_t *
vectors_member(vectors_t *vectors, const events_json_node_t *object,
    const char *name)
{
    events_str_t  str;

    str.data = (const unsigned char *) name;
    str.len = strlen(name);

    return events_json_member(vectors->group, object, &str,
                              events_json_hash(str.data, str.len));
}


int
main(int argc, char **argv)
{
    int     failed, letter;
    glob_t  found;

    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_vectors)
    };

    while ((letter = getopt(argc, argv, "slf7")) != -1) {

        switch (letter) {

        case '?':
            return 2;

        case 's':
            vectors_skip = 1;
            break;

        default:
            vectors_all |= vectors_flag(letter);
        }
    }

    if (optind < argc) {
        vectors_files = argv + optind;
        vectors_nfiles = argc - optind;

        return cmocka_run_group_tests(tests, NULL, NULL);
    }

    if (glob(VECTORS_GLOB, 0, NULL, &found) != 0) {
        fprintf(stderr, "no %s: run from the top of the tree\n",
                VECTORS_GLOB);
        return 1;
    }

    vectors_files = found.gl_pathv;
    vectors_nfiles = found.gl_pathc;

    failed = cmocka_run_group_tests(tests, NULL, NULL);

    globfree(&found);

    return failed;
}
