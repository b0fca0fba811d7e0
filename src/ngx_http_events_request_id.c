
/*
 * $request_id, which ties an answer, the headers of its records and the log
 * together.  nginx makes it with RAND_bytes(), which costs more than parsing a
 * small batch; ids need not be secret, only different.  So the module makes it
 * where nobody has asked for it yet, and nginx's variable then has this value.
 */


#include "ngx_http_events.h"

#include <sys/random.h>


#define NGX_HTTP_EVENTS_REQUEST_ID  32


static uint64_t ngx_http_events_random(uint64_t *state);


/* without a seed nginx's own ids are used */

void
ngx_http_events_request_id_seed(ngx_http_events_main_conf_t *emcf)
{
    ssize_t  n;

    n = getrandom(emcf->random, sizeof(emcf->random), GRND_NONBLOCK);

    emcf->seeded = (n == (ssize_t) sizeof(emcf->random));
}


void
ngx_http_events_request_id(ngx_http_request_t *r, events_str_t *id)
{
    u_char                       *p;
    uint64_t                      random[2];
    ngx_http_variable_value_t    *vv;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_get_module_main_conf(r, ngx_http_events_module);

    vv = &r->variables[emcf->request_id];

    if (!vv->valid && emcf->seeded) {

        p = ngx_pnalloc(r->pool, NGX_HTTP_EVENTS_REQUEST_ID);

        if (p != NULL) {
            random[0] = ngx_http_events_random(emcf->random);
            random[1] = ngx_http_events_random(emcf->random);

            ngx_hex_dump(p, (u_char *) random, sizeof(random));

            vv->data = p;
            vv->len = NGX_HTTP_EVENTS_REQUEST_ID;
            vv->valid = 1;
            vv->no_cacheable = 0;
            vv->not_found = 0;
        }
    }

    vv = ngx_http_get_indexed_variable(r, emcf->request_id);

    if (vv == NULL || vv->not_found) {
        id->data = (u_char *) "";
        id->len = 0;
        return;
    }

    id->data = vv->data;
    id->len = vv->len;
}


/* xoshiro256++ (Blackman, Vigna: Scrambled linear pseudorandom generators) */

static uint64_t
ngx_http_events_random(uint64_t *state)
{
    uint64_t  sum, result, t;

    sum = state[0] + state[3];
    result = ((sum << 23) | (sum >> 41)) + state[0];
    t = state[1] << 17;

    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= t;
    state[3] = (state[3] << 45) | (state[3] >> 19);

    return result;
}
