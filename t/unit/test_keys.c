
#include "unit.h"

#include "events_keys.h"
#include "events_sha256.h"


/* digests of "a", "b" and "c" */

#define A  "sha256:"                                                          \
    "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
#define B  "sha256:"                                                          \
    "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
#define C  "sha256:"                                                          \
    "2E7D2C03A9507AE265ECF5B5356885A53393A2029D241394997265A1A25AEFC6"


typedef struct {
    const char  *text;
    unsigned     line;
    const char  *error;
} keys_case_t;


static events_keys_t *
parse(const char *text, events_keys_error_t *error)
{
    size_t          len;
    u_char         *copy;
    events_keys_t  *keys;

    /* exactly as long, so that a byte too far is found, and gone at once */

    len = strlen(text);
    copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);

    keys = events_keys_parse(copy, len, error);

    memset(copy, 'x', len);
    free(copy);

    return keys;
}


static events_keys_t *
parse_right(const char *text)
{
    events_keys_t        *keys;
    events_keys_error_t   error;

    keys = parse(text, &error);

    if (keys == NULL) {
        fail_msg("line %u: %s", error.line, error.text);
    }

    return keys;
}


static void
assert_str(const events_str_t *str, const char *text)
{
    assert_int_equal(str->len, strlen(text));
    assert_memory_equal(str->data, text, str->len);
}


static void
test_keys_are_found_by_digest(void **state)
{
    events_keys_t       *keys;
    const events_key_t  *key;

    keys = parse_right("# keys\n\n"
                       "ios-app " A "\n"
                       "\t web.1\t" B "  brand=playtv,parlor "
                       "origin=https://a.example,http://b:81 # site\r\n"
                       "   # nothing\r\n\r\n"
                       "Server_2 " C " brand=parlor");

    assert_int_equal(events_keys_count(keys), 3);

    key = events_keys_find(keys, (const u_char *) "a", 1);
    assert_non_null(key);
    assert_str(&key->name, "ios-app");
    assert_int_equal(key->brands.len, 0);
    assert_int_equal(key->origins.len, 0);

    key = events_keys_find(keys, (const u_char *) "b", 1);
    assert_non_null(key);
    assert_str(&key->name, "web.1");
    assert_str(&key->brands, "playtv,parlor");
    assert_str(&key->origins, "https://a.example,http://b:81");

    key = events_keys_find(keys, (const u_char *) "c", 1);
    assert_non_null(key);
    assert_str(&key->name, "Server_2");
    assert_str(&key->brands, "parlor");

    assert_null(events_keys_find(keys, (const u_char *) "d", 1));
    assert_null(events_keys_find(keys, (const u_char *) "", 0));
    assert_null(events_keys_find(keys, (const u_char *) A, sizeof(A) - 1));

    events_keys_destroy(keys);
}


static void
test_no_keys(void **state)
{
    size_t         i;
    events_keys_t  *keys;

    static const char *const  texts[] = { "", "\n", "# a", "\n \t\r\n#\n" };

    for (i = 0; i < unit_nelts(texts); i++) {
        keys = parse_right(texts[i]);

        assert_int_equal(events_keys_count(keys), 0);
        assert_null(events_keys_find(keys, (const u_char *) "a", 1));

        events_keys_destroy(keys);
    }
}


static void
test_lines_that_are_wrong(void **state)
{
    size_t               i;
    events_keys_error_t  error;

    static const keys_case_t  cases[] = {
        { "app", 1, "missing" },
        { "\n\napp # " A, 3, "missing" },
        { "app ca978112", 1, "missing" },
        { "app md5:ca978112", 1, "missing" },
        { "app SHA256:ca978112", 1, "missing" },
        { A, 1, "64" },
        { "app sha256:", 1, "64 hexadecimal" },
        { "app sha256:ca97", 1, "64 hexadecimal" },
        { "app " A "0", 1, "64 hexadecimal" },
        { "app sha256:"
          "ga978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
          1, "64 hexadecimal" },
        { "app " A "\napp/2 " B, 2, "letters" },
        { "\xef\xbb\xbf" "app " A, 1, "letters" },
        { "a\tb " A, 1, "missing" },
        { "0123456789012345678901234567890123456789012345678901234567890123x "
          A, 1, "longer" },
        { "app " A " " B, 1, "\"brand=\"" },
        { "app " A " brands=a", 1, "\"brand=\"" },
        { "app " A " brand", 1, "\"brand=\"" },
        { "app " A " brand=", 1, "empty" },
        { "app " A " brand=a,", 1, "empty" },
        { "app " A " brand=,a", 1, "empty" },
        { "app " A " brand=a,,b", 1, "empty" },
        { "app " A " brand=a, b", 1, "empty" },
        { "app " A " brand=a brand=b", 1, "once" },
        { "app " A " origin=https://a origin=https://b", 1, "once" },
        { "app " A " origin=", 1, "scheme" },
        { "app " A " origin=*", 1, "scheme" },
        { "app " A " origin=https://a.example/", 1, "\"/\"" },
        { "app " A " origin=https://a.example,https://B.example", 1, "host" },
        { "app " A "\n#\napp " B, 3, "the name is that of line 1" },
        { "\na " A "\nb " B "\n\nc " A, 5, "the digest is that of line 2" },
        { "a " C "\nb sha256:"
          "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6",
          2, "the digest is that of line 1" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {

        if (parse(cases[i].text, &error) != NULL) {
            fail_msg("\"%s\" is taken", cases[i].text);
        }

        if (error.line != cases[i].line
            || strstr(error.text, cases[i].error) == NULL)
        {
            fail_msg("\"%s\": line %u: %s", cases[i].text, error.line,
                     error.text);
        }

        /* a key written where a digest belongs must not reach the log */

        assert_null(strstr(error.text, "ca97"));
    }
}


static void
test_ten_thousand_keys(void **state)
{
    char                 *text, *p, name[32];
    int                   i, n;
    u_char                hex[EVENTS_SHA256_HEX + 1];
    events_keys_t        *keys;
    const events_key_t   *key;

    n = 10000;
    hex[EVENTS_SHA256_HEX] = '\0';

    text = malloc(n * 128);
    assert_non_null(text);
    p = text;

    for (i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "secret-%d", i);
        events_sha256_hex(hex, (u_char *) name, strlen(name));
        p += sprintf(p, "key-%d sha256:%s\n", i, (char *) hex);
    }

    keys = parse_right(text);
    free(text);

    assert_int_equal(events_keys_count(keys), n);

    for (i = 0; i < n; i++) {
        snprintf(name, sizeof(name), "secret-%d", i);
        key = events_keys_find(keys, (u_char *) name, strlen(name));
        assert_non_null(key);

        snprintf(name, sizeof(name), "key-%d", i);
        assert_str(&key->name, name);
    }

    for (i = n; i < 2 * n; i++) {
        snprintf(name, sizeof(name), "secret-%d", i);
        assert_null(events_keys_find(keys, (u_char *) name, strlen(name)));
    }

    events_keys_destroy(keys);
}


static int
allows(const events_keys_t *keys, const char *sent, const char *origin)
{
    events_str_t  str;

    str.data = (const u_char *) origin;
    str.len = strlen(origin);

    return events_key_allows_origin(
        events_keys_find(keys, (const u_char *) sent, 1), &str);
}


static void
test_origins_of_a_key(void **state)
{
    events_keys_t  *keys;

    keys = parse_right("any " A "\n"
                       "one " B " origin=https://a.example\n"
                       "two " C " origin=https://a.example,http://b:81\n");

    assert_true(allows(keys, "a", ""));
    assert_true(allows(keys, "a", "https://x.example"));

    assert_true(allows(keys, "b", "https://a.example"));
    assert_false(allows(keys, "b", "https://a.example.net"));
    assert_false(allows(keys, "b", "https://a.exampl"));
    assert_false(allows(keys, "b", "http://a.example"));
    assert_false(allows(keys, "b", "null"));
    assert_false(allows(keys, "b", ""));

    assert_true(allows(keys, "c", "https://a.example"));
    assert_true(allows(keys, "c", "http://b:81"));
    assert_false(allows(keys, "c", "http://b"));
    assert_false(allows(keys, "c", "https://a.example,http://b:81"));

    events_keys_destroy(keys);
}


static void
assert_brands(const events_keys_t *keys, const char *sent, const char *list,
    const char *expected)
{
    size_t               len;
    u_char               dst[sizeof("playtv,parlor")];
    events_str_t         brands;
    const events_key_t  *key;

    key = events_keys_find(keys, (const u_char *) sent, 1);
    assert_non_null(key);

    brands.data = (const u_char *) list;
    brands.len = strlen(list);

    len = events_key_brands(key, &brands, dst);

    assert_int_equal(len, strlen(expected));
    assert_memory_equal(dst, expected, len);
}


static void
test_brands_of_a_key(void **state)
{
    events_keys_t  *keys;

    keys = parse_right("one " A " brand=playtv\n"
                       "two " B " brand=playtv,parlor\n");

    assert_brands(keys, "a", "", "playtv,");
    assert_brands(keys, "b", "", "playtv,parlor,");

    assert_brands(keys, "a", "playtv", "playtv,");
    assert_brands(keys, "b", "playtv", "playtv,");
    assert_brands(keys, "b", "x,  parlor , y", "parlor,");
    assert_brands(keys, "b", "parlor,playtv", "playtv,parlor,");

    /* an empty list would be any brand */

    assert_brands(keys, "a", "parlor", ",");
    assert_brands(keys, "a", "-", ",");
    assert_brands(keys, "a", "play,tv,playtv1", ",");
    assert_brands(keys, "b", ",", ",");

    events_keys_destroy(keys);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_keys_are_found_by_digest),
        cmocka_unit_test(test_no_keys),
        cmocka_unit_test(test_lines_that_are_wrong),
        cmocka_unit_test(test_ten_thousand_keys),
        cmocka_unit_test(test_origins_of_a_key),
        cmocka_unit_test(test_brands_of_a_key)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
