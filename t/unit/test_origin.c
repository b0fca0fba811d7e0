
#include "unit.h"

#include "events_origin.h"


typedef struct {
    const char  *origin;
    const char  *error;         /* that it contains; NULL: it is right */
} origin_case_t;


static void
test_origins(void **state)
{
    size_t        i;
    const char   *error;
    events_str_t  origin;

    static const origin_case_t  cases[] = {
        { "https://www.playtv.example", NULL },
        { "http://localhost:8080", NULL },
        { "http://127.0.0.1:3000", NULL },
        { "https://[2001:db8::1]", NULL },
        { "https://[2001:db8::1]:8443", NULL },
        { "capacitor://localhost", NULL },
        { "chrome-extension://abcdef", NULL },
        { "http://a_b.example:443", NULL },
        { "https://a.example:80", NULL },

        { "", "scheme" },
        { "*", "scheme" },
        { "null", "scheme" },
        { "www.playtv.example", "scheme" },
        { "HTTPS://a.example", "scheme" },
        { "1https://a.example", "scheme" },
        { "https:/a.example", "scheme" },
        { "https:", "scheme" },
        { "https://", "host" },
        { "https://A.example", "host" },
        { "https://a.Example", "host" },
        { "https://:80", "host" },
        { "https://[2001:db8::1", "host" },
        { "https://[]", "host" },
        { "https://a.example/", "\"/\"" },
        { "https://a.example/app", "\"/\"" },
        { "https://*.example", "host" },
        { "https://a.example:", "missing" },
        { "https://a.example:80a", "number" },
        { "https://a.example:080", "number" },
        { "https://a.example:8080/", "number" },
        { "https://a.example:0", "number" },
        { "https://a.example:65536", "65535" },
        { "https://a.example:99999999999", "65535" },
        { "https://a.example:443", "leave the port out" },
        { "http://a.example:80", "leave the port out" }
    };

    for (i = 0; i < unit_nelts(cases); i++) {
        origin.data = (const u_char *) cases[i].origin;
        origin.len = strlen(cases[i].origin);

        error = events_origin_check(&origin);

        if (cases[i].error == NULL ? error != NULL
            : error == NULL || strstr(error, cases[i].error) == NULL)
        {
            fail_msg("\"%s\": %s", cases[i].origin, error ? error : "right");
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_origins)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
