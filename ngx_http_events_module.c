
/*
 * The module: directives, configuration, lifecycle.  What happens to a
 * request is in src/ngx_http_events_request.c.
 */


#include "ngx_http_events.h"


/* events of one batch; a client that needs more sends two batches */
#define NGX_HTTP_EVENTS_MAX_EVENTS      500

/* a contract is written by people */
#define NGX_HTTP_EVENTS_MAX_CONTRACT    (4 * 1024 * 1024)


typedef struct {
    ngx_conf_post_handler_pt     post_handler;
    ngx_uint_t                   low;
    ngx_uint_t                   high;
    const char                  *text;          /* what would be right */
} ngx_http_events_bounds_t;


static ngx_int_t ngx_http_events_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_events_postconfiguration(ngx_conf_t *cf);
static void *ngx_http_events_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_events_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_events_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_events_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_events_check_endpoint(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *conf);
static void ngx_http_events_inherit_endpoint(ngx_http_events_loc_conf_t *prev,
    ngx_http_events_loc_conf_t *conf);
static ngx_int_t ngx_http_events_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_events_init_process(ngx_cycle_t *cycle);
static void ngx_http_events_exit_process(ngx_cycle_t *cycle);

static char *ngx_http_events_check_bounds(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_events_brokers(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_events_broker(ngx_conf_t *cf, ngx_str_t *value);
static char *ngx_http_events_property(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_events_property_file(ngx_conf_t *cf,
    ngx_str_t *value);
static char *ngx_http_events_publish_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_events_schema(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static void ngx_http_events_schema_cleanup(void *data);


static ngx_conf_enum_t  ngx_http_events_acks[] = {
    { ngx_string("broker"), EVENTS_ACK_BROKER },
    { ngx_string("queued"), EVENTS_ACK_QUEUED },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_events_error_types[] = {
    { ngx_string("application/json"), NGX_HTTP_EVENTS_JSON },
    { ngx_string("application/problem+json"), NGX_HTTP_EVENTS_PROBLEM_JSON },
    { ngx_null_string, 0 }
};


static ngx_http_events_bounds_t  ngx_http_events_max_events_bounds = {
    ngx_http_events_check_bounds, 1, 100000, "between 1 and 100000"
};


static ngx_http_events_bounds_t  ngx_http_events_max_depth_bounds = {
    ngx_http_events_check_bounds, 1, EVENTS_JSON_MAX_DEPTH,
    "between 1 and 256"
};


/* "{}" is the smallest event */

static ngx_http_events_bounds_t  ngx_http_events_event_size_bounds = {
    ngx_http_events_check_bounds, 2, EVENTS_JSON_MAX_EVENT,
    "between 2 and 32m"
};


static ngx_http_events_bounds_t  ngx_http_events_inflated_bounds = {
    ngx_http_events_check_bounds, 2, EVENTS_JSON_MAX_TEXT,
    "between 2 and 2047m"
};


/* librdkafka counts kilobytes, in 31 bits */

static ngx_http_events_bounds_t  ngx_http_events_memory_bounds = {
    ngx_http_events_check_bounds, 1024, (ngx_uint_t) 0x7fffffff * 512,
    "between 1k and 1048575m"
};


/* half of it is left to Kafka; 0 would mean for ever there */

static ngx_http_events_bounds_t  ngx_http_events_ack_timeout_bounds = {
    ngx_http_events_check_bounds, 100, 900000, "between 100ms and 15m"
};


/* a broker's round trip must not pass for silence */

static ngx_http_events_bounds_t  ngx_http_events_grace_bounds = {
    ngx_http_events_check_bounds, 100, 900000, "between 100ms and 15m"
};


static ngx_command_t  ngx_http_events_commands[] = {

    { ngx_string("events_kafka_brokers"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_events_brokers,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_kafka_property"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_events_property,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_kafka_memory"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, memory),
      &ngx_http_events_memory_bounds },

    { ngx_string("events_kafka_grace"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, grace),
      &ngx_http_events_grace_bounds },

    { ngx_string("events_publish"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_events_publish_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_schema"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_events_schema,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_key"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_events_key,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_kafka_header"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_events_kafka_header,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_stamp"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_events_stamp,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_rename"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2|NGX_CONF_TAKE3
                       |NGX_CONF_TAKE4,
      ngx_http_events_rename,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_route"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE3,
      ngx_http_events_route,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_brands"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, brands),
      NULL },

    { ngx_string("events_ack"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, ack),
      &ngx_http_events_acks },

    { ngx_string("events_ack_timeout"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, ack_timeout),
      &ngx_http_events_ack_timeout_bounds },

    { ngx_string("events_partial"),
      NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, partial),
      NULL },

    { ngx_string("events_dead_letter"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_events_dead_letter,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_dry_run"),
      NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, dry_run),
      NULL },

    { ngx_string("events_max_events"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, max_events),
      &ngx_http_events_max_events_bounds },

    { ngx_string("events_max_event_size"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, max_event_size),
      &ngx_http_events_event_size_bounds },

    { ngx_string("events_max_depth"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, max_depth),
      &ngx_http_events_max_depth_bounds },

    { ngx_string("events_max_inflated"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, max_inflated),
      &ngx_http_events_inflated_bounds },

    { ngx_string("events_api_keys"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_events_api_keys,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_api_key"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_events_api_key,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_principal"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, access.principal),
      NULL },

    { ngx_string("events_guests"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, access.guests),
      NULL },

    { ngx_string("events_guest_id"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, access.guest_id),
      NULL },

    { ngx_string("events_guest_prefix"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_events_guest_prefix,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_cors_origin"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_events_cors_origin,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_limit_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE3,
      ngx_http_events_limit_zone_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_limit"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_events_limit_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_limit_headers"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, limit_headers),
      NULL },

    { ngx_string("events_json_errors"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, json_errors),
      NULL },

    { ngx_string("events_error_type"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_events_loc_conf_t, error_type),
      &ngx_http_events_error_types },

    { ngx_string("events_log_invalid"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE123,
      ngx_http_events_log_invalid,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE2,
      ngx_http_events_zone_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_events_status_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_health"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_events_health_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("events_shutdown_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_events_main_conf_t, shutdown_timeout),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_events_module_ctx = {
    ngx_http_events_preconfiguration,      /* preconfiguration */
    ngx_http_events_postconfiguration,     /* postconfiguration */

    ngx_http_events_create_main_conf,      /* create main configuration */
    ngx_http_events_init_main_conf,        /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_events_create_loc_conf,       /* create location configuration */
    ngx_http_events_merge_loc_conf         /* merge location configuration */
};


ngx_module_t  ngx_http_events_module = {
    NGX_MODULE_V1,
    &ngx_http_events_module_ctx,           /* module context */
    ngx_http_events_commands,              /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_events_init_module,           /* init module */
    ngx_http_events_init_process,          /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_events_exit_process,          /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_events_preconfiguration(ngx_conf_t *cf)
{
    ngx_http_events_main_conf_t  *emcf;

    static ngx_str_t  request_id = ngx_string("request_id");
    static ngx_str_t  traceparent = ngx_string("http_traceparent");

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_events_module);

    emcf->request_id = ngx_http_get_variable_index(cf, &request_id);
    emcf->traceparent = ngx_http_get_variable_index(cf, &traceparent);

    if (emcf->request_id == NGX_ERROR || emcf->traceparent == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (ngx_http_events_access_preconfiguration(cf, &emcf->index) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_events_add_variables(cf);
}


static ngx_int_t
ngx_http_events_postconfiguration(ngx_conf_t *cf)
{
    if (ngx_http_events_access_init(cf) != NGX_OK
        || ngx_http_events_log_init(cf) != NGX_OK
        || ngx_http_events_count_init(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_events_error_filter_init(cf);
}


static void *
ngx_http_events_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_events_main_conf_t));
    if (emcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&emcf->producers, cf->pool, 2,
                       sizeof(ngx_http_events_producer_t *))
        != NGX_OK
        || ngx_array_init(&emcf->renames, cf->pool, 1,
                          sizeof(ngx_http_events_renames_t *))
           != NGX_OK
        || ngx_array_init(&emcf->limit_zones, cf->pool, 4,
                          sizeof(ngx_shm_zone_t *))
           != NGX_OK
        || ngx_array_init(&emcf->log_invalids, cf->pool, 1,
                          sizeof(ngx_http_events_log_invalid_t *))
           != NGX_OK)
    {
        return NULL;
    }

    emcf->shutdown_timeout = NGX_CONF_UNSET_MSEC;
    ngx_queue_init(&emcf->deferred);

    return emcf;
}


static char *
ngx_http_events_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_events_main_conf_t  *emcf = conf;

    ngx_conf_init_msec_value(emcf->shutdown_timeout, 5000);

    return NGX_CONF_OK;
}


static void *
ngx_http_events_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_events_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_events_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->brokers = { 0, NULL };
     *     conf->topic = NULL;
     *     conf->schema = NULL;
     *     conf->contract = { NULL, 0 };
     *     conf->key_lookup = NULL;
     *     conf->key = NULL;
     *     conf->renames = NULL;
     *     conf->routes = NULL;
     *     conf->brands = NULL;
     *     conf->producer = NULL;
     *     conf->answers_json = 0;
     *     conf->error_pages = NULL;
     *     conf->no_error_pages = 0;
     *     conf->limits = NULL;
     *     conf->status = 0;
     *     conf->health = 0;
     *     conf->file = NULL;
     *     conf->line = 0;
     */

    conf->properties = NGX_CONF_UNSET_PTR;
    conf->memory = NGX_CONF_UNSET_SIZE;
    conf->grace = NGX_CONF_UNSET_MSEC;
    conf->headers = NGX_CONF_UNSET_PTR;
    conf->fields = NGX_CONF_UNSET_PTR;
    conf->stamps = NGX_CONF_UNSET_PTR;
    conf->ack = NGX_CONF_UNSET_UINT;
    conf->ack_timeout = NGX_CONF_UNSET_MSEC;
    conf->partial = NGX_CONF_UNSET;
    conf->dry_run = NGX_CONF_UNSET;
    conf->dead_letter = NGX_CONF_UNSET_PTR;
    conf->log_invalid = NGX_CONF_UNSET_PTR;
    conf->max_events = NGX_CONF_UNSET_UINT;
    conf->max_event_size = NGX_CONF_UNSET_SIZE;
    conf->max_depth = NGX_CONF_UNSET_UINT;
    conf->max_inflated = NGX_CONF_UNSET_SIZE;
    conf->limit_headers = NGX_CONF_UNSET;
    conf->json_errors = NGX_CONF_UNSET;
    conf->error_type = NGX_CONF_UNSET_UINT;

    ngx_http_events_access_create(&conf->access);

    return conf;
}


static char *
ngx_http_events_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_events_loc_conf_t *prev = parent;
    ngx_http_events_loc_conf_t *conf = child;

    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    ngx_conf_merge_str_value(conf->brokers, prev->brokers, "");
    ngx_conf_merge_ptr_value(conf->properties, prev->properties, NULL);
    ngx_conf_merge_size_value(conf->memory, prev->memory, 64 * 1024 * 1024);
    ngx_conf_merge_msec_value(conf->grace, prev->grace, 2000);

    ngx_conf_merge_ptr_value(conf->headers, NULL, NULL);
    ngx_conf_merge_ptr_value(conf->fields, NULL, NULL);
    ngx_conf_merge_ptr_value(conf->stamps, NULL, NULL);
    ngx_conf_merge_uint_value(conf->ack, prev->ack, EVENTS_ACK_BROKER);
    ngx_conf_merge_msec_value(conf->ack_timeout, prev->ack_timeout, 5000);
    ngx_conf_merge_value(conf->partial, prev->partial, 0);
    ngx_conf_merge_value(conf->dry_run, prev->dry_run, 0);
    ngx_conf_merge_ptr_value(conf->dead_letter, prev->dead_letter, NULL);
    ngx_conf_merge_uint_value(conf->max_events, prev->max_events,
                              NGX_HTTP_EVENTS_MAX_EVENTS);
    ngx_conf_merge_size_value(conf->max_event_size, prev->max_event_size,
                              256 * 1024);
    ngx_conf_merge_uint_value(conf->max_depth, prev->max_depth, 32);
    ngx_conf_merge_size_value(conf->max_inflated, prev->max_inflated,
                              8 * 1024 * 1024);
    ngx_conf_merge_uint_value(conf->error_type, prev->error_type,
                              NGX_HTTP_EVENTS_JSON);

    if (ngx_http_events_access_merge(cf, &prev->access, &conf->access)
        != NGX_CONF_OK
        || ngx_http_events_limit_merge(cf, prev, conf) != NGX_CONF_OK
        || ngx_http_events_log_invalid_merge(cf, prev, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (clcf->noname && prev->topic != NULL) {
        ngx_http_events_inherit_endpoint(prev, conf);

        if (clcf->lmt_excpt && clcf->handler == NULL) {
            clcf->handler = ngx_http_events_handler;
        }
    }

    if (clcf->noname) {
        conf->status = prev->status;
        conf->health = prev->health;
    }

    ngx_http_events_json_errors_merge(cf, prev, conf);

    if (conf->topic == NULL || conf->producer != NULL) {
        return NGX_CONF_OK;
    }

    return ngx_http_events_check_endpoint(cf, conf);
}


static char *
ngx_http_events_check_endpoint(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *conf)
{
    size_t  max;

    if (conf->brokers.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"events_publish %V\" needs "
                      "\"events_kafka_brokers host:port\" in %s:%ui",
                      &conf->topic->value, conf->file, conf->line);
        return NGX_CONF_ERROR;
    }

    if (conf->schema == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"events_publish %V\" needs \"events_schema file\", "
                      "or \"events_schema off\" to take any object in %s:%ui",
                      &conf->topic->value, conf->file, conf->line);
        return NGX_CONF_ERROR;
    }

    if (conf->access.keys == NULL && conf->access.principal == NULL
        && !conf->access.guests)
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"events_publish %V\" lets nobody in: it needs "
                      "\"events_api_keys file\", \"events_principal value\", "
                      "or \"events_guests on\" to take events of anybody "
                      "in %s:%ui",
                      &conf->topic->value, conf->file, conf->line);
        return NGX_CONF_ERROR;
    }

    conf->producer = ngx_http_events_producer_conf(cf, conf);
    if (conf->producer == NULL) {
        return NGX_CONF_ERROR;
    }

    max = events_producer_conf_max_record(conf->producer->conf);

    if (conf->max_event_size > max) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"events_max_event_size\" of \"events_publish %V\" is "
                      "%uz, more than the %uz that the property "
                      "\"message.max.bytes\" leaves for an event in %s:%ui",
                      &conf->topic->value, conf->max_event_size, max,
                      conf->file, conf->line);
        return NGX_CONF_ERROR;
    }

    if (conf->topic->lengths == NULL
        && ngx_http_events_producer_topic(conf->producer, &conf->topic->value)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->dead_letter != NULL
        && ngx_http_events_producer_topic(conf->producer,
                                          &conf->dead_letter->topic)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_events_check_record(cf, conf);
}


/* "if" and "limit_except" in an endpoint are the same endpoint */

static void
ngx_http_events_inherit_endpoint(ngx_http_events_loc_conf_t *prev,
    ngx_http_events_loc_conf_t *conf)
{
    conf->topic = prev->topic;
    conf->schema = prev->schema;
    conf->contract = prev->contract;
    conf->key_lookup = prev->key_lookup;
    conf->key = prev->key;
    conf->headers = prev->headers;
    conf->fields = prev->fields;
    conf->stamps = prev->stamps;
    conf->renames = prev->renames;
    conf->routes = prev->routes;
    conf->brands = prev->brands;
    conf->producer = prev->producer;
    conf->file = prev->file;
    conf->line = prev->line;
}


static ngx_int_t
ngx_http_events_init_module(ngx_cycle_t *cycle)
{
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_events_module);

    ngx_http_events_zone_reload((emcf != NULL) ? &emcf->zone : NULL);

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_init_process(ngx_cycle_t *cycle)
{
    ngx_http_events_main_conf_t  *emcf;

    /* helper processes come here too, and never leave through exit_process */

    if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    emcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_events_module);

    if (emcf == NULL) {
        return NGX_OK;
    }

    ngx_http_events_zone_enter(&emcf->zone, cycle->log);

    return (emcf->producers.nelts > 0)
           ? ngx_http_events_producers_start(cycle, emcf) : NGX_OK;
}


static void
ngx_http_events_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_events_main_conf_t  *emcf;

    emcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_events_module);

    if (emcf != NULL) {
        ngx_http_events_producers_stop(cycle, emcf);
        ngx_http_events_renamed_stop(emcf);
        ngx_http_events_log_invalid_stop(emcf);
        ngx_http_events_zone_leave();
    }
}


/* numbers, sizes and times are all as wide as ngx_uint_t */

static char *
ngx_http_events_check_bounds(ngx_conf_t *cf, void *post, void *data)
{
    ngx_http_events_bounds_t  *bounds = post;
    ngx_uint_t                *n = data;

    ngx_str_t  *value;

    if (*n >= bounds->low && *n <= bounds->high) {
        return NGX_CONF_OK;
    }

    value = cf->args->elts;

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\": must be %s",
                       &value[1], &value[0], bounds->text);

    return NGX_CONF_ERROR;
}


static char *
ngx_http_events_brokers(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    size_t       len;
    u_char      *p;
    ngx_str_t   *value;
    ngx_uint_t   i;

    if (elcf->brokers.data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;
    len = 0;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_events_broker(cf, &value[i]) != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid broker \"%V\": must be \"host:port\"",
                               &value[i]);
            return NGX_CONF_ERROR;
        }

        len += value[i].len + 1;
    }

    p = ngx_pnalloc(cf->pool, len);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    elcf->brokers.data = p;

    for (i = 1; i < cf->args->nelts; i++) {
        p = ngx_cpymem(p, value[i].data, value[i].len);
        *p++ = ',';
    }

    /* the last comma becomes the zero byte that librdkafka needs */

    *--p = '\0';
    elcf->brokers.len = p - elcf->brokers.data;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_events_broker(ngx_conf_t *cf, ngx_str_t *value)
{
    size_t     i;
    u_char     ch;
    ngx_url_t  u;

    /* librdkafka takes lists and URLs here; a variable is never expanded */

    for (i = 0; i < value->len; i++) {
        ch = value->data[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
              || (ch >= '0' && ch <= '9')
              || ch == '.' || ch == '-' || ch == '_'
              || ch == ':' || ch == '[' || ch == ']'))
        {
            return NGX_ERROR;
        }
    }

    ngx_memzero(&u, sizeof(ngx_url_t));
    u.url = *value;
    u.default_port = 9092;
    u.no_resolve = 1;

    return (ngx_parse_url(cf->pool, &u) == NGX_OK && u.family != AF_UNIX)
           ? NGX_OK : NGX_ERROR;
}


static char *
ngx_http_events_property(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    char                     errstr[512];
    ngx_str_t                err, *value;
    ngx_uint_t               ok;
    ngx_keyval_t            *kv;
    events_producer_conf_t  *pc;

    value = cf->args->elts;

    if (elcf->properties == NGX_CONF_UNSET_PTR) {
        elcf->properties = ngx_array_create(cf->pool, 4, sizeof(ngx_keyval_t));
        if (elcf->properties == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    kv = ngx_array_push(elcf->properties);
    if (kv == NULL) {
        return NGX_CONF_ERROR;
    }

    kv->key = value[1];
    kv->value = value[2];

    if (ngx_http_events_property_file(cf, &kv->value) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    /* a typo is found here, where the line is known, even if unused */

    pc = events_producer_conf_create();
    if (pc == NULL) {
        return NGX_CONF_ERROR;
    }

    ok = events_producer_conf_set(pc, (char *) kv->key.data,
                                  (char *) kv->value.data, errstr,
                                  sizeof(errstr));
    events_producer_conf_destroy(pc);

    if (!ok) {

        /* some of librdkafka's texts end in a line feed, some do not */

        err.data = (u_char *) errstr;
        err.len = strcspn(errstr, "\n");

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"events_kafka_property %V\": %V",
                           &kv->key, &err);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* workers are not privileged: secrets and keys are read by the master */

static ngx_int_t
ngx_http_events_property_file(ngx_conf_t *cf, ngx_str_t *value)
{
    ngx_str_t  name;

    if (value->len <= 5 || ngx_strncmp(value->data, "file:", 5) != 0) {
        return NGX_OK;
    }

    name.data = value->data + 5;
    name.len = value->len - 5;

    if (ngx_http_events_read_file(cf, &name, 1024 * 1024, value) != NGX_OK) {
        return NGX_ERROR;
    }

    while (value->len && (value->data[value->len - 1] == LF
                          || value->data[value->len - 1] == CR))
    {
        value->data[--value->len] = '\0';
    }

    return NGX_OK;
}


static char *
ngx_http_events_publish_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t                         *value;
    ngx_http_core_loc_conf_t          *clcf;
    ngx_http_compile_complex_value_t   ccv;

    if (elcf->topic != NULL) {
        return "is duplicate";
    }

    if (elcf->status || elcf->health) {
        return "needs a location of its own";
    }

    value = cf->args->elts;

    elcf->topic = ngx_pcalloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (elcf->topic == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = elcf->topic;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (elcf->topic->lengths == NULL
        && ngx_http_events_check_topic(cf, &value[1]) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    /* what is missing is known later, when the line is not */

    elcf->file = cf->conf_file->file.name.data;
    elcf->line = cf->conf_file->line;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_events_handler;

    return NGX_CONF_OK;
}


static char *
ngx_http_events_schema(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_loc_conf_t *elcf = conf;

    ngx_str_t              *value, text;
    ngx_pool_cleanup_t     *cln;
    events_schema_error_t   error;

    if (elcf->schema != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    /* the contract that any event fulfils */

    ngx_str_set(&text, "true");

    if (ngx_strcmp(value[1].data, "off") != 0
        && ngx_http_events_read_file(cf, &value[1],
                                     NGX_HTTP_EVENTS_MAX_CONTRACT, &text)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    elcf->schema = events_schema_compile(text.data, text.len, 0, &error);

    if (elcf->schema == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid contract \"%V\" at \"%s\": %s",
                           &value[1], error.pointer, error.text);
        return NGX_CONF_ERROR;
    }

    if (ngx_strcmp(value[1].data, "off") != 0) {
        elcf->contract = events_schema_digest(elcf->schema);
    }

    cln->handler = ngx_http_events_schema_cleanup;
    cln->data = elcf->schema;

    return NGX_CONF_OK;
}


static void
ngx_http_events_schema_cleanup(void *data)
{
    events_schema_destroy(data);
}


/* reads a whole file, named relative to nginx.conf, and adds a zero byte */

ngx_int_t
ngx_http_events_read_file(ngx_conf_t *cf, ngx_str_t *name, off_t max,
    ngx_str_t *text)
{
    off_t        size;
    ssize_t      n;
    ngx_int_t    rc;
    ngx_str_t    path;
    ngx_file_t   file;

    path = *name;

    if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));
    file.name = path;
    file.log = cf->log;

    file.fd = ngx_open_file(path.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &path);
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    if (ngx_fd_info(file.fd, &file.info) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", &path);
        goto done;
    }

    size = ngx_file_size(&file.info);

    if (!ngx_is_file(&file.info) || size > max) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is not a file of at most %O bytes",
                           &path, max);
        goto done;
    }

    text->data = ngx_pnalloc(cf->pool, size + 1);
    if (text->data == NULL) {
        goto done;
    }

    n = ngx_read_file(&file, text->data, size, 0);

    if (n != size) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, (n == NGX_ERROR) ? ngx_errno : 0,
                           "reading \"%V\" failed", &path);
        goto done;
    }

    text->data[size] = '\0';
    text->len = size;

    rc = NGX_OK;

done:

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", &path);
    }

    return rc;
}
