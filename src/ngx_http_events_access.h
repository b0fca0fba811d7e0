
#ifndef _NGX_HTTP_EVENTS_ACCESS_H_INCLUDED_
#define _NGX_HTTP_EVENTS_ACCESS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "events_guest.h"
#include "events_keys.h"


/* who may send: of a location, inherited */

typedef struct {
    events_keys_t               *keys;          /* NULL: none are known */
    ngx_array_t                 *key_values;    /* ngx_http_complex_value_t;
                                                 * NULL: the usual headers */
    ngx_http_complex_value_t    *principal;
    ngx_flag_t                   guests;
    ngx_http_complex_value_t    *guest_id;      /* NULL: the usual header */
    ngx_uint_t                   prefix_v4;
    ngx_uint_t                   prefix_v6;

    ngx_array_t                 *cors_origins;  /* ngx_str_t; one that is "*"
                                                 * stands alone */
} ngx_http_events_access_conf_t;


/* who sends: of a request */

typedef struct {
    const events_key_t          *key;           /* NULL: none that is known */
    ngx_str_t                    key_value;     /* where samples are logged */
    ngx_str_t                    principal;     /* that somebody else knows */
    u_char                      *guest;         /* texts for the variables, */
    u_char                      *network;       /* once they were needed */

    unsigned                     key_read:1;
    unsigned                     key_sent:1;    /* known or not */
    unsigned                     preflight:1;
    unsigned                     expects:1;     /* 100, and has not got it */
} ngx_http_events_sender_t;


/* indexes of variables */

typedef struct {
    ngx_int_t                    key;
    ngx_int_t                    guest_id;
    ngx_int_t                    origin;
    ngx_int_t                    request_method;
    ngx_int_t                    request_headers;
} ngx_http_events_access_index_t;


#endif /* _NGX_HTTP_EVENTS_ACCESS_H_INCLUDED_ */
