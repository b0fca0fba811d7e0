
#include "unit_json.h"

#include "events_batch.h"


#define BOTH  EVENTS_RENAME_BOTH
#define OLD   EVENTS_RENAME_OLD
#define NEW   EVENTS_RENAME_NEW


typedef struct {
    events_rename_mode_e   accept;
    events_rename_mode_e   publish;
    const char            *event;
    const char            *value;       /* of the record; NULL: rejected */
    const char            *failures;    /* "pointer code detail\n" each */
} case_t;


/* old -> new, and "\"q" -> "q\n" */

static events_renames_t   renames;
static u_char             storage[2 * EVENTS_RENAME_STORAGE];
static events_schema_t   *contract;
static events_schema_t   *any;
static events_batch_t    *batch;


static const char *
add(events_renames_t *set, const char *from, const char *to)
{
    events_str_t  f, t;

    f = unit_str(from);
    t = unit_str(to);

    return events_rename_add(set, &f, &t, BOTH, BOTH,
                             storage + set->nelts % 2 * EVENTS_RENAME_STORAGE);
}


static int
setup(void **state)
{
    events_schema_error_t  error;

    static const char  text[] =
        "{\"required\":[\"new\"],\"properties\":{"
        "\"new\":{\"maxLength\":4,\"items\":{\"type\":\"integer\"}},"
        "\"q\\n\":{\"type\":\"object\",\"required\":[\"x\"],"
                  "\"properties\":{\"y\":{\"type\":\"null\"}}},"
        "\"old\":false,\"\\\"q\":false}}";

    contract = events_schema_compile((u_char *) text, sizeof(text) - 1,
                                     0, &error);
    any = events_schema_compile((u_char *) "true", 4, 0, &error);
    batch = events_batch_create();

    assert_non_null(contract);
    assert_non_null(any);
    assert_non_null(batch);

    assert_null(add(&renames, "old", "new"));
    assert_null(add(&renames, "\"q", "q\n"));

    return 0;
}


static int
teardown(void **state)
{
    events_batch_destroy(batch);
    events_schema_destroy(contract);
    events_schema_destroy(any);

    return 0;
}


static events_error_e
read_with(const events_schema_t *schema, const u_char *text, size_t len)
{
    events_batch_conf_t  conf;

    memset(&conf, 0, sizeof(events_batch_conf_t));

    conf.limits.max_events = 1000;
    conf.limits.max_event_size = 1 << 24;
    conf.limits.max_depth = 64;
    conf.schema = schema;
    conf.transform.renames = &renames;

    return events_batch_read(batch, text, len, &conf);
}


static void
check_failures(const char *expected)
{
    char                     text[4096], *p;
    uint32_t                 i;
    const events_failure_t  *failure;

    p = text;
    *p = '\0';

    for (i = 0; i < batch->failures.nelts; i++) {
        failure = &batch->failures.elts[i];

        p += sprintf(p, "%.*s %s %.*s\n",
                     (int) failure->pointer_len, failure->pointer,
                     failure->code,
                     (int) failure->detail_len, failure->detail);
    }

    assert_string_equal(text, expected ? expected : "");
}


static void
check_case(const case_t *c)
{
    u_char          *text;
    events_error_e   error;

    renames.elts[0].accept = c->accept;
    renames.elts[0].publish = c->publish;
    renames.elts[1].accept = c->accept;
    renames.elts[1].publish = c->publish;

    text = unit_copy(c->event, strlen(c->event));
    error = read_with(contract, text, strlen(c->event));

    if (error == EVENTS_OK && c->value != NULL) {
        unit_str_equal(&batch->records[0].value, c->value);
    }

    assert_int_equal(error, c->value ? EVENTS_OK : EVENTS_INVALID_EVENTS);
    check_failures(c->failures);

    free(text);
}


static void
test_publish(void **state)
{
    unsigned  i;

    static const case_t  cases[] = {

        /* both: what is absent is added, with the same bytes */

        { BOTH, BOTH, "{\"new\":1.50}", "{\"new\":1.50,\"old\":1.50}", NULL },
        { BOTH, BOTH, " { \"a\" : 0 , \"old\" : [ 1, 2 ] } ",
          "{ \"a\" : 0 , \"old\" : [ 1, 2 ],\"new\":[ 1, 2 ]}", NULL },
        { BOTH, BOTH, "{\"old\":1,\"a\":2,\"new\":1.0}",
          "{\"old\":1,\"a\":2,\"new\":1.0}", NULL },
        { BOTH, BOTH, "{\"n\\u0065w\":1}", "{\"n\\u0065w\":1,\"old\":1}",
          NULL },

        /* new: the name is replaced, and nothing else */

        { BOTH, NEW, "{\"new\":1}", "{\"new\":1}", NULL },
        { BOTH, NEW, "{ \"a\" : 0 , \"old\" : \"x\\u0041\" , \"b\":1 }",
          "{ \"a\" : 0 , \"new\" : \"x\\u0041\" , \"b\":1 }", NULL },
        { BOTH, NEW, "{\"\\u006fld\":1}", "{\"new\":1}", NULL },
        { BOTH, NEW, "{ \"old\" : 1 , \"new\" : 1 }", "{ \"new\" : 1 }",
          NULL },
        { BOTH, NEW, "{ \"new\" : 1 , \"old\" : 1 }", "{ \"new\" : 1}",
          NULL },
        { BOTH, NEW, "{\"new\":1,\"old\":1,\"a\":{\"old\":2}}",
          "{\"new\":1,\"a\":{\"old\":2}}", NULL },

        /* old: the other way round */

        { BOTH, OLD, "{\"old\":1}", "{\"old\":1}", NULL },
        { BOTH, OLD, "{ \"new\" :1, \"b\":2 }", "{ \"old\" :1, \"b\":2 }",
          NULL },
        { BOTH, OLD, "{\"new\":1,\"old\":1}", "{\"old\":1}", NULL },
        { BOTH, OLD, "{\"old\":1,\"a\":0,\"new\":1}", "{\"old\":1,\"a\":0}",
          NULL },

        /* whatever is accepted */

        { NEW, OLD, "{\"new\":1}", "{\"old\":1}", NULL },
        { NEW, BOTH, "{\"new\":1}", "{\"new\":1,\"old\":1}", NULL },
        { OLD, NEW, "{\"old\":1}", "{\"new\":1}", NULL },
        { OLD, BOTH, "{\"old\":1}", "{\"old\":1,\"new\":1}", NULL },
        { OLD, OLD, "{\"old\":1}", "{\"old\":1}", NULL },
        { NEW, NEW, "{\"new\":1}", "{\"new\":1}", NULL },

        /* two renames, names that JSON escapes, and members below the top */

        { BOTH, BOTH, "{\"old\":1,\"\\\"q\":{\"x\":1}}",
          "{\"old\":1,\"\\\"q\":{\"x\":1},\"new\":1,\"q\\n\":{\"x\":1}}",
          NULL },
        { BOTH, NEW, "{\"old\":1,\"\\\"q\":{\"x\":1,\"old\":2}}",
          "{\"new\":1,\"q\\n\":{\"x\":1,\"old\":2}}", NULL },
        { BOTH, OLD, "{\"q\\n\":{\"x\":1},\"new\":\"a\"}",
          "{\"\\\"q\":{\"x\":1},\"old\":\"a\"}", NULL },
        { BOTH, NEW,
          "{\"old\":1,\"\\\"q\":{\"x\":1},\"new\":1,\"q\\n\":{\"x\":1}}",
          "{\"new\":1,\"q\\n\":{\"x\":1}}", NULL },

        /* equal by value */

        { BOTH, NEW, "{\"old\":{\"a\":1,\"b\":[2,\"x\"]},"
                     "\"new\":{\"b\":[2.0,\"\\u0078\"],\"\\u0061\":10e-1}}",
          "{\"new\":{\"b\":[2.0,\"\\u0078\"],\"\\u0061\":10e-1}}", NULL }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        check_case(&cases[i]);
    }
}


static void
test_failures(void **state)
{
    unsigned  i;

    static const case_t  cases[] = {

        /* a pointer names what the client sent */

        { BOTH, BOTH, "{\"new\":\"longer\"}", NULL,
          "/new maxLength is longer than 4 characters\n" },
        { BOTH, BOTH, "{\"old\":\"longer\"}", NULL,
          "/old maxLength is longer than 4 characters\n" },
        { BOTH, BOTH, "{\"a\":1,\"\\u006fld\":[1,\"x\"]}", NULL,
          "/old/1 type must be an integer\n" },
        { BOTH, BOTH, "{\"new\":1,\"\\\"q\":{\"y\":0}}", NULL,
          "/\"q/y type must be null\n/\"q/x required is required\n" },
        { BOTH, BOTH, "{\"old\":\"longer\",\"new\":\"longer\"}", NULL,
          "/new maxLength is longer than 4 characters\n" },
        { BOTH, BOTH, "{}", NULL, "/new required is required\n" },
        { NEW, BOTH, "{}", NULL, "/new required is required\n" },
        { OLD, BOTH, "{}", NULL, "/old required is required\n" },
        { OLD, BOTH, "{\"old\":\"longer\"}", NULL,
          "/old maxLength is longer than 4 characters\n" },

        /* what may not be sent, or not any more */

        { NEW, BOTH, "{\"old\":1}", NULL,
          "/old renamed_member is now called \"new\"\n" },
        { NEW, BOTH, "{\"old\":\"longer\"}", NULL,
          "/old renamed_member is now called \"new\"\n"
          "/old maxLength is longer than 4 characters\n" },
        { NEW, BOTH, "{\"old\":1,\"new\":2}", NULL,
          "/old renamed_member is now called \"new\"\n" },
        { OLD, BOTH, "{\"new\":1}", NULL,
          "/new renamed_member is not accepted yet; send \"old\"\n" },
        { OLD, BOTH, "{\"new\":\"longer\"}", NULL,
          "/new renamed_member is not accepted yet; send \"old\"\n"
          "/new maxLength is longer than 4 characters\n" },
        { OLD, BOTH, "{\"old\":1,\"new\":1}", NULL,
          "/new renamed_member is not accepted yet; send \"old\"\n" },

        /* two values */

        { BOTH, BOTH, "{\"old\":1,\"new\":2}", NULL,
          "/old conflicting_members differs from \"new\", which it is "
          "another name of\n" },
        { BOTH, NEW, "{\"new\":[1,2],\"a\":0,\"old\":[2,1]}", NULL,
          "/old conflicting_members differs from \"new\", which it is "
          "another name of\n" },
        { BOTH, BOTH, "{\"old\":{\"a\":1},\"new\":{\"a\":1,\"b\":1}}", NULL,
          "/old conflicting_members differs from \"new\", which it is "
          "another name of\n" },
        { BOTH, BOTH, "{\"old\":{\"a\":1},\"new\":{\"b\":1}}", NULL,
          "/old conflicting_members differs from \"new\", which it is "
          "another name of\n" },
        { BOTH, BOTH, "{\"old\":\"\\u0061\",\"new\":\"\\u0062\"}", NULL,
          "/old conflicting_members differs from \"new\", which it is "
          "another name of\n" },
        { BOTH, BOTH, "{\"old\":null,\"new\":false}", NULL,
          "/old conflicting_members differs from \"new\", which it is "
          "another name of\n" },

        /* a name twice */

        { BOTH, BOTH, "{\"old\":1,\"old\":2}", NULL,
          "/old duplicate_member occurs more than once\n" },
        { BOTH, BOTH, "{\"old\":1,\"new\":1,\"old\":2}", NULL,
          "/new duplicate_member occurs more than once\n" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        check_case(&cases[i]);
    }
}


/* the names are counted in events, whatever becomes of these */

static void
test_counters(void **state)
{
    static const char  text[] =
        "[{\"new\":1},{\"old\":1},{\"old\":1,\"\\\"q\":{}},{\"old\":1,"
        "\"new\":2},{\"\\\"q\":{\"x\":1},\"new\":3},7]";

    renames.elts[0].accept = renames.elts[1].accept = BOTH;
    renames.elts[0].publish = renames.elts[1].publish = BOTH;

    assert_int_equal(read_with(contract, (u_char *) text, sizeof(text) - 1),
                     EVENTS_INVALID_EVENTS);
    assert_int_equal(batch->received, 6);
    assert_int_equal(batch->rejected, 3);
    assert_int_equal(batch->renamed, 4);
    assert_int_equal(batch->renames[0], 3);
    assert_int_equal(batch->renames[1], 2);

    assert_int_equal(read_with(contract, (u_char *) "{\"new\":1}", 9),
                     EVENTS_OK);
    assert_int_equal(batch->renamed, 0);
    assert_int_equal(batch->renames[0], 0);
}


/* members in another order take steps for each pair */

static void
test_comparing_is_bounded(void **state)
{
    char      *text, *p;
    unsigned   i, n;

    n = 20000;
    text = malloc(2 * n * 16 + 100);

    renames.elts[0].accept = BOTH;

    p = text + sprintf(text, "{\"old\":{");

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%s\"m%u\":1", i ? "," : "", i);
    }

    p += sprintf(p, "},\"new\":{");

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%s\"m%u\":1", i ? "," : "", n - 1 - i);
    }

    p += sprintf(p, "}}");

    assert_int_equal(read_with(any, (u_char *) text, p - text),
                     EVENTS_INVALID_EVENTS);
    check_failures("/old too_complex takes too many steps to compare with "
                   "\"new\"\n");

    free(text);
}


/* pieces of the arena, each of its own size */

static void
test_large(void **state)
{
    char         *text, *p;
    unsigned      i;
    const size_t  size = 300 * 1024;

    text = malloc(size + 100);

    renames.elts[0].accept = BOTH;
    renames.elts[0].publish = BOTH;

    p = text + sprintf(text, "{\"old\":\"");

    for (i = 0; i < size; i++) {
        *p++ = 'x';
    }

    p += sprintf(p, "\"}");

    assert_int_equal(read_with(any, (u_char *) text, p - text), EVENTS_OK);
    assert_int_equal(batch->records[0].value.len, 2 * size + 19);

    renames.elts[0].publish = NEW;

    assert_int_equal(read_with(any, (u_char *) text, p - text), EVENTS_OK);
    assert_int_equal(batch->records[0].value.len, size + 10);

    free(text);
}


/* key, route, brand and headers speak the new names */

static void
test_view(void **state)
{
    events_str_t          str;
    events_route_t        route;
    events_renames_t      set;
    events_lookup_t       lookups[2];
    events_batch_conf_t   conf;
    u_char                names[EVENTS_RENAME_STORAGE * 2];

    static u_char      pointers[2][16];
    static const char  text[] =
        "  [ {\"x\":0,\"tenant\":\"pl\\u0061y\",\"subject\":{\"id\":\"k\"}} ]";

    memset(&conf, 0, sizeof(events_batch_conf_t));
    memset(&set, 0, sizeof(events_renames_t));

    conf.limits.max_events = 10;
    conf.limits.max_event_size = 1000;
    conf.limits.max_depth = 8;
    conf.schema = any;
    conf.transform.renames = &set;

    events_rename_add(&set, &(events_str_t) events_string("subject"),
                      &(events_str_t) events_string("entity"), BOTH, OLD,
                      names);
    events_rename_add(&set, &(events_str_t) events_string("tenant"),
                      &(events_str_t) events_string("brand"), BOTH, OLD,
                      names + EVENTS_RENAME_STORAGE);
    assert_int_equal(set.nelts, 2);

    str = unit_str("/entity/id");
    assert_null(events_lookup_compile(&lookups[0], &str, pointers[0]));
    str = unit_str("/brand");
    assert_null(events_lookup_compile(&lookups[1], &str, pointers[1]));

    conf.transform.key_lookup = &lookups[0];
    conf.transform.fields = lookups;
    conf.transform.nfields = 2;

    route.lookup = 0;
    route.topic = 7;
    route.value = unit_str("play");

    conf.transform.routes.elts = &route;
    conf.transform.routes.nelts = 1;
    conf.transform.routes.lookups = &lookups[1];
    conf.transform.routes.nlookups = 1;

    conf.brands = unit_str("other, play");

    assert_int_equal(events_batch_read(batch, (u_char *) text,
                                       sizeof(text) - 1, &conf),
                     EVENTS_OK);
    unit_str_equal(&batch->records[0].key, "k");
    unit_str_equal(&batch->records[0].brand, "play");
    unit_str_equal(&batch->records[0].fields[0], "k");
    unit_str_equal(&batch->records[0].fields[1], "play");
    unit_str_equal(&batch->brand, "play");
    assert_int_equal(batch->records[0].topic, 7);
    unit_str_equal(&batch->records[0].value,
                   "{\"x\":0,\"tenant\":\"pl\\u0061y\","
                   "\"subject\":{\"id\":\"k\"}}");
}


static void
test_configuration(void **state)
{
    char              text[300];
    unsigned          i;
    events_str_t      name;
    events_renames_t  set;

    memset(&set, 0, sizeof(events_renames_t));

    assert_string_equal(add(&set, "", "b"), "a name is empty");
    assert_string_equal(add(&set, "a", ""), "a name is empty");
    assert_string_equal(add(&set, "a", "\xC3"), "a name is not UTF-8");
    assert_string_equal(add(&set, "a", "a"),
                        "the old and the new name are the same");

    memset(text, 'x', sizeof(text));
    text[256] = '\0';
    assert_string_equal(add(&set, text, "b"),
                        "a name is longer than 255 bytes");

    text[255] = '\0';
    memset(text, 1, 255);
    assert_null(add(&set, text, "b"));

    assert_string_equal(add(&set, "b", "c"),
                        "one of the names occurs in another rename");
    assert_string_equal(add(&set, "c", "b"),
                        "one of the names occurs in another rename");
    assert_string_equal(add(&set, text, "c"),
                        "one of the names occurs in another rename");
    assert_string_equal(add(&set, "c", text),
                        "one of the names occurs in another rename");

    name = unit_str("b");
    assert_ptr_equal(events_rename_of(&set, &name), &set.elts[0]);
    name = unit_str("c");
    assert_null(events_rename_of(&set, &name));

    for (i = 1; i < EVENTS_MAX_RENAMES; i++) {
        set.elts[i] = set.elts[0];
        set.nelts++;
    }

    assert_string_equal(add(&set, "y", "z"),
                        "there are more than 32 renames");

    /* the storage was used again */

    memset(&renames, 0, sizeof(events_renames_t));
    assert_null(add(&renames, "old", "new"));
    assert_null(add(&renames, "\"q", "q\n"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_publish),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_counters),
        cmocka_unit_test(test_comparing_is_bounded),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_configuration)
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
