
/*
 * The directives that make a record of an event: its topic, key, headers, and
 * what is renamed and stamped in its value.
 */


#include "ngx_http_events.h"


typedef struct {
    ngx_str_t                    name;
    events_rename_mode_e         mode;
} ngx_http_events_mode_t;


static ngx_int_t ngx_http_events_complex_value(ngx_conf_t *cf,
    ngx_str_t *value, ngx_http_complex_value_t *cv);
static ngx_int_t ngx_http_events_lookup(ngx_conf_t *cf, ngx_str_t *pointer,
    events_lookup_t *lookup);
static char *ngx_http_events_field(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *elcf);
static ngx_http_events_pair_t *ngx_http_events_pair(ngx_conf_t *cf,
    ngx_array_t **pairs);
static char *ngx_http_events_duplicate_name(ngx_conf_t *cf);
static ngx_int_t ngx_http_events_rename_mode(ngx_str_t *arg,
    events_rename_mode_e *accept, events_rename_mode_e *publish);
static ngx_http_events_renames_t *ngx_http_events_renames(ngx_conf_t *cf);
static ngx_http_events_routes_t *ngx_http_events_routes(ngx_conf_t *cf);
static ngx_int_t ngx_http_events_route_lookup(ngx_conf_t *cf,
    ngx_http_events_routes_t *routes, ngx_str_t *pointer, uint32_t *index);
static ngx_int_t ngx_http_events_route_topic(ngx_conf_t *cf,
    ngx_http_events_routes_t *routes, ngx_str_t *topic, uint32_t *index);
static ngx_int_t ngx_http_events_route_topics(
    ngx_http_events_loc_conf_t *conf);
static ngx_int_t ngx_http_events_check_names(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *conf);
static ngx_int_t ngx_http_events_check_lookup(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *conf, const events_lookup_t *lookup,
    const char *directive);


/* names of headers that come from the module */

static ngx_str_t  ngx_http_events_own_headers[] = {
    ngx_string("content-type"),
    ngx_string("request_id"),
    ngx_string("received_at"),
    ngx_string("traceparent"),
    ngx_string("brand"),
    ngx_string("principal"),
    ngx_string("guest"),
    ngx_null_string
};


static ngx_http_events_mode_t  ngx_http_events_modes[] = {
    { ngx_string("both"), EVENTS_RENAME_BOTH },
    { ngx_string("old"), EVENTS_RENAME_OLD },
    { ngx_string("new"), EVENTS_RENAME_NEW },
    { ngx_null_string, 0 }
};


char *
ngx_http_events_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t  *value;

    if (elcf->key_lookup != NULL || elcf->key != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0 || value[1].data[0] != '/') {

        elcf->key = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
        if (elcf->key == NULL) {
            return NGX_CONF_ERROR;
        }

        return (ngx_http_events_complex_value(cf, &value[1], elcf->key)
                == NGX_OK)
               ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    elcf->key_lookup = ngx_palloc(cf->pool, sizeof(events_lookup_t));
    if (elcf->key_lookup == NULL) {
        return NGX_CONF_ERROR;
    }

    return (ngx_http_events_lookup(cf, &value[1], elcf->key_lookup) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_events_complex_value(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t *cv)
{
    ngx_http_compile_complex_value_t  ccv;

    ngx_memzero(cv, sizeof(ngx_http_complex_value_t));
    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = cv;

    return ngx_http_compile_complex_value(&ccv);
}


static ngx_int_t
ngx_http_events_lookup(ngx_conf_t *cf, ngx_str_t *pointer,
    events_lookup_t *lookup)
{
    u_char        *storage;
    ngx_str_t     *value;
    const char    *err;
    events_str_t   str;

    storage = ngx_pnalloc(cf->pool, pointer->len);
    if (storage == NULL) {
        return NGX_ERROR;
    }

    str.data = pointer->data;
    str.len = pointer->len;

    err = events_lookup_compile(lookup, &str, storage);

    if (err != NULL) {
        value = cf->args->elts;

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid \"%V %V\": %s",
                           &value[0], pointer, err);
        return NGX_ERROR;
    }

    return NGX_OK;
}


char *
ngx_http_events_kafka_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t               *value, *own;
    ngx_uint_t               i;
    events_str_t            *name;
    ngx_http_events_pair_t  *pair;

    value = cf->args->elts;

    for (own = ngx_http_events_own_headers; own->len; own++) {
        if (own->len == value[1].len
            && ngx_strcmp(own->data, value[1].data) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"events_kafka_header %V\": the module sends "
                               "this header itself", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    if (elcf->fields != NGX_CONF_UNSET_PTR) {
        name = elcf->fields->names.elts;

        for (i = 0; i < elcf->fields->names.nelts; i++) {
            if (name[i].len == value[1].len
                && ngx_memcmp(name[i].data, value[1].data, name[i].len) == 0)
            {
                return ngx_http_events_duplicate_name(cf);
            }
        }
    }

    pair = ngx_http_events_pair(cf, &elcf->headers);
    if (pair == NULL) {
        return NGX_CONF_ERROR;
    }

    if (value[2].len == 0 || value[2].data[0] != '/') {
        return (ngx_http_events_complex_value(cf, &value[2], &pair->value)
                == NGX_OK)
               ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    elcf->headers->nelts--;

    return ngx_http_events_field(cf, elcf);
}


/* a header whose value each event has */

static char *
ngx_http_events_field(ngx_conf_t *cf, ngx_http_events_loc_conf_t *elcf)
{
    ngx_str_t                 *value;
    events_str_t              *name;
    events_lookup_t           *lookup;
    ngx_http_events_fields_t  *fields;

    value = cf->args->elts;
    fields = elcf->fields;

    if (fields == NGX_CONF_UNSET_PTR) {
        fields = ngx_palloc(cf->pool, sizeof(ngx_http_events_fields_t));

        if (fields == NULL
            || ngx_array_init(&fields->names, cf->pool, 2,
                              sizeof(events_str_t)) != NGX_OK
            || ngx_array_init(&fields->lookups, cf->pool, 2,
                              sizeof(events_lookup_t)) != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        elcf->fields = fields;
    }

    name = ngx_array_push(&fields->names);
    lookup = ngx_array_push(&fields->lookups);

    if (name == NULL || lookup == NULL) {
        return NGX_CONF_ERROR;
    }

    name->data = value[1].data;
    name->len = value[1].len;

    return (ngx_http_events_lookup(cf, &value[2], lookup) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_events_stamp(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_int_t                rc;
    ngx_str_t               *value;
    ngx_http_events_pair_t  *pair;

    value = cf->args->elts;

    pair = ngx_http_events_pair(cf, &elcf->stamps);
    if (pair == NULL) {
        return NGX_CONF_ERROR;
    }

    if (value[2].len == 0 || value[2].data[0] != '/') {
        rc = ngx_http_events_complex_value(cf, &value[2], &pair->value);
        return (rc == NGX_OK) ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    pair->lookup = ngx_palloc(cf->pool, sizeof(events_lookup_t));
    if (pair->lookup == NULL) {
        return NGX_CONF_ERROR;
    }

    rc = ngx_http_events_lookup(cf, &value[2], pair->lookup);

    return (rc == NGX_OK) ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* the first argument, as a name that is there only once */

static ngx_http_events_pair_t *
ngx_http_events_pair(ngx_conf_t *cf, ngx_array_t **pairs)
{
    ngx_str_t               *value;
    ngx_uint_t               i;
    ngx_http_events_pair_t  *pair;

    value = cf->args->elts;

    if (value[1].len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" directive has an empty name", &value[0]);
        return NULL;
    }

    if (*pairs == NGX_CONF_UNSET_PTR) {
        *pairs = ngx_array_create(cf->pool, 4, sizeof(ngx_http_events_pair_t));
        if (*pairs == NULL) {
            return NULL;
        }
    }

    pair = (*pairs)->elts;

    for (i = 0; i < (*pairs)->nelts; i++) {
        if (pair[i].name.len == value[1].len
            && ngx_strcmp(pair[i].name.data, value[1].data) == 0)
        {
            (void) ngx_http_events_duplicate_name(cf);
            return NULL;
        }
    }

    pair = ngx_array_push(*pairs);
    if (pair == NULL) {
        return NULL;
    }

    ngx_memzero(pair, sizeof(ngx_http_events_pair_t));
    pair->name = value[1];
    pair->hash = events_json_hash(value[1].data, value[1].len);

    return pair;
}


static char *
ngx_http_events_duplicate_name(ngx_conf_t *cf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "duplicate name \"%V\" in \"%V\"",
                       &value[1], &value[0]);

    return NGX_CONF_ERROR;
}


char *
ngx_http_events_rename(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    u_char                *storage;
    ngx_str_t             *value;
    ngx_uint_t             i;
    const char            *err;
    events_str_t           from, to;
    events_rename_mode_e   accept, publish;

    value = cf->args->elts;
    accept = EVENTS_RENAME_BOTH;
    publish = EVENTS_RENAME_BOTH;

    for (i = 3; i < cf->args->nelts; i++) {

        if (ngx_http_events_rename_mode(&value[i], &accept, &publish)
            != NGX_OK)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" in \"events_rename\": "
                               "must be \"accept=\" or \"publish=\" and "
                               "\"both\", \"old\" or \"new\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    if (cf->args->nelts == 5 && value[3].data[0] == value[4].data[0]) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate parameter \"%V\" in \"events_rename\"",
                           &value[4]);
        return NGX_CONF_ERROR;
    }

    if (elcf->renames == NULL) {
        elcf->renames = ngx_http_events_renames(cf);
        if (elcf->renames == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    storage = ngx_pnalloc(cf->pool, EVENTS_RENAME_STORAGE);
    if (storage == NULL) {
        return NGX_CONF_ERROR;
    }

    from.data = value[1].data;
    from.len = value[1].len;
    to.data = value[2].data;
    to.len = value[2].len;

    err = events_rename_add(&elcf->renames->set, &from, &to, accept, publish,
                            storage);

    if (err != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"events_rename %V %V\": %s",
                           &value[1], &value[2], err);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_events_rename_mode(ngx_str_t *arg, events_rename_mode_e *accept,
    events_rename_mode_e *publish)
{
    ngx_str_t                mode;
    events_rename_mode_e    *which;
    ngx_http_events_mode_t  *m;

    if (ngx_strncmp(arg->data, "accept=", 7) == 0) {
        which = accept;
        mode.data = arg->data + 7;

    } else if (ngx_strncmp(arg->data, "publish=", 8) == 0) {
        which = publish;
        mode.data = arg->data + 8;

    } else {
        return NGX_ERROR;
    }

    for (m = ngx_http_events_modes; m->name.len; m++) {
        if (ngx_strcmp(m->name.data, mode.data) == 0) {
            *which = m->mode;
            return NGX_OK;
        }
    }

    return NGX_ERROR;
}


static ngx_http_events_renames_t *
ngx_http_events_renames(ngx_conf_t *cf)
{
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_events_renames_t    *renames, **rp;
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    renames = ngx_pcalloc(cf->pool, sizeof(ngx_http_events_renames_t));
    rp = ngx_array_push(&emcf->renames);

    if (renames == NULL || rp == NULL) {
        return NULL;
    }

    renames->location = clcf->name;
    *rp = renames;

    return renames;
}


char *
ngx_http_events_route(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    uint32_t         lookup, topic;
    ngx_str_t       *value;
    ngx_uint_t       i;
    events_route_t  *route;

    value = cf->args->elts;

    if (elcf->routes == NULL) {
        elcf->routes = ngx_http_events_routes(cf);
        if (elcf->routes == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    if (ngx_http_events_route_lookup(cf, elcf->routes, &value[1], &lookup)
        != NGX_OK
        || ngx_http_events_route_topic(cf, elcf->routes, &value[3], &topic)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    route = elcf->routes->routes.elts;

    for (i = 0; i < elcf->routes->routes.nelts; i++) {
        if (route[i].lookup == lookup && route[i].value.len == value[2].len
            && ngx_memcmp(route[i].value.data, value[2].data, value[2].len)
               == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate \"events_route %V %V\"",
                               &value[1], &value[2]);
            return NGX_CONF_ERROR;
        }
    }

    route = ngx_array_push(&elcf->routes->routes);
    if (route == NULL) {
        return NGX_CONF_ERROR;
    }

    route->lookup = lookup;
    route->topic = topic;
    route->value.data = value[2].data;
    route->value.len = value[2].len;

    return NGX_CONF_OK;
}


static ngx_http_events_routes_t *
ngx_http_events_routes(ngx_conf_t *cf)
{
    ngx_http_events_routes_t  *routes;

    routes = ngx_palloc(cf->pool, sizeof(ngx_http_events_routes_t));

    if (routes == NULL
        || ngx_array_init(&routes->routes, cf->pool, 4,
                          sizeof(events_route_t)) != NGX_OK
        || ngx_array_init(&routes->lookups, cf->pool, 1,
                          sizeof(events_lookup_t)) != NGX_OK
        || ngx_array_init(&routes->pointers, cf->pool, 1,
                          sizeof(ngx_str_t)) != NGX_OK
        || ngx_array_init(&routes->topics, cf->pool, 4,
                          sizeof(ngx_str_t)) != NGX_OK)
    {
        return NULL;
    }

    return routes;
}


/* an event is searched once for each pointer, however many routes have it */

static ngx_int_t
ngx_http_events_route_lookup(ngx_conf_t *cf, ngx_http_events_routes_t *routes,
    ngx_str_t *pointer, uint32_t *index)
{
    ngx_str_t        *p;
    ngx_uint_t        i;
    events_lookup_t  *lookup;

    p = routes->pointers.elts;

    for (i = 0; i < routes->pointers.nelts; i++) {
        if (p[i].len == pointer->len
            && ngx_memcmp(p[i].data, pointer->data, p[i].len) == 0)
        {
            *index = i;
            return NGX_OK;
        }
    }

    if (i == EVENTS_ROUTE_POINTERS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"events_route\" has more than %d JSON Pointers",
                           EVENTS_ROUTE_POINTERS);
        return NGX_ERROR;
    }

    p = ngx_array_push(&routes->pointers);
    lookup = ngx_array_push(&routes->lookups);

    if (p == NULL || lookup == NULL) {
        return NGX_ERROR;
    }

    *p = *pointer;
    *index = i;

    return ngx_http_events_lookup(cf, pointer, lookup);
}


static ngx_int_t
ngx_http_events_route_topic(ngx_conf_t *cf, ngx_http_events_routes_t *routes,
    ngx_str_t *topic, uint32_t *index)
{
    ngx_str_t   *t;
    ngx_uint_t   i;

    if (ngx_http_events_check_topic(cf, topic) != NGX_OK) {
        return NGX_ERROR;
    }

    t = routes->topics.elts;

    for (i = 0; i < routes->topics.nelts; i++) {
        if (t[i].len == topic->len
            && ngx_memcmp(t[i].data, topic->data, t[i].len) == 0)
        {
            *index = i + 1;
            return NGX_OK;
        }
    }

    /* number 0 is the topic of "events_publish" */

    if (i + 1 == EVENTS_PUBLISH_TOPICS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"events_route\" has more than %d topics",
                           EVENTS_PUBLISH_TOPICS - 1);
        return NGX_ERROR;
    }

    t = ngx_array_push(&routes->topics);
    if (t == NULL) {
        return NGX_ERROR;
    }

    *t = *topic;
    *index = i + 1;

    return NGX_OK;
}


ngx_int_t
ngx_http_events_check_topic(ngx_conf_t *cf, ngx_str_t *name)
{
    events_str_t  str;

    str.data = name->data;
    str.len = name->len;

    if (events_producer_topic_legal(&str)) {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid topic \"%V\": Kafka takes 1 to 249 "
                       "letters, digits, \".\", \"_\" and \"-\"", name);

    return NGX_ERROR;
}


/* once all directives of a location are known */

char *
ngx_http_events_check_record(ngx_conf_t *cf, ngx_http_events_loc_conf_t *conf)
{
    if (conf->routes != NULL
        && ngx_http_events_route_topics(conf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->renames != NULL
        && ngx_http_events_check_names(cf, conf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* the producer asks for them when it starts */

static ngx_int_t
ngx_http_events_route_topics(ngx_http_events_loc_conf_t *conf)
{
    ngx_str_t   *t;
    ngx_uint_t   i;

    t = conf->routes->topics.elts;

    for (i = 0; i < conf->routes->topics.nelts; i++) {
        if (ngx_http_events_producer_topic(conf->producer, &t[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* what looks at an event sees new names; what is stamped was not sent */

static ngx_int_t
ngx_http_events_check_names(ngx_conf_t *cf, ngx_http_events_loc_conf_t *conf)
{
    ngx_uint_t               i;
    events_str_t             name;
    events_lookup_t         *lookup;
    ngx_http_events_pair_t  *pair;

    if (ngx_http_events_check_lookup(cf, conf, conf->key_lookup, "events_key")
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    lookup = conf->routes ? conf->routes->lookups.elts : NULL;

    for (i = 0; conf->routes && i < conf->routes->lookups.nelts; i++) {
        if (ngx_http_events_check_lookup(cf, conf, &lookup[i], "events_route")
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    lookup = conf->fields ? conf->fields->lookups.elts : NULL;

    for (i = 0; conf->fields && i < conf->fields->lookups.nelts; i++) {
        if (ngx_http_events_check_lookup(cf, conf, &lookup[i],
                                         "events_kafka_header")
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    pair = conf->stamps ? conf->stamps->elts : NULL;

    for (i = 0; conf->stamps && i < conf->stamps->nelts; i++) {

        if (ngx_http_events_check_lookup(cf, conf, pair[i].lookup,
                                         "events_stamp")
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        name.data = pair[i].name.data;
        name.len = pair[i].name.len;

        if (events_rename_of(&conf->renames->set, &name) != NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "\"events_stamp %V\" stamps a member that "
                          "\"events_rename\" renames, for \"events_publish\" "
                          "in %s:%ui",
                          &pair[i].name, conf->file, conf->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_check_lookup(ngx_conf_t *cf, ngx_http_events_loc_conf_t *conf,
    const events_lookup_t *lookup, const char *directive)
{
    ngx_str_t               from, to;
    const events_str_t     *name;
    const events_rename_t  *rename;

    if (lookup == NULL) {
        return NGX_OK;
    }

    name = &lookup->steps[0].name;
    rename = events_rename_of(&conf->renames->set, name);

    if (rename == NULL || events_str_eq(&rename->to.name, name)) {
        return NGX_OK;
    }

    from.data = (u_char *) rename->from.name.data;
    from.len = rename->from.name.len;
    to.data = (u_char *) rename->to.name.data;
    to.len = rename->to.name.len;

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "the JSON Pointer of \"%s\" must name \"%V\" as "
                  "\"events_rename\" does: \"%V\", for \"events_publish\" in "
                  "%s:%ui", directive, &from, &to, conf->file, conf->line);

    return NGX_ERROR;
}
