
#ifndef _NGX_HTTP_EVENTS_H_INCLUDED_
#define _NGX_HTTP_EVENTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_events_access.h"
#include "ngx_http_events_zone.h"

#include "events_batch.h"
#include "events_inflate.h"
#include "events_producer.h"
#include "events_response.h"


/* "1970-01-01T00:00:00.000Z" */
#define NGX_HTTP_EVENTS_TIME  24

/* the headers that every record may have, besides the configured ones */
#define NGX_HTTP_EVENTS_HEADERS  5


typedef struct ngx_http_events_producer_s  ngx_http_events_producer_t;
typedef struct ngx_http_events_ctx_s       ngx_http_events_ctx_t;
typedef struct ngx_http_events_renames_s   ngx_http_events_renames_t;
typedef struct ngx_http_events_limit_s     ngx_http_events_limit_t;


/* so many a second: of lines in the log, of dead letters */

typedef struct {
    time_t                       second;    /* the last one, */
    ngx_uint_t                   used;      /* what there was in it, */
    ngx_uint_t                   left_out;  /* and not; reset by who tells */
} ngx_http_events_rate_t;


typedef struct {
    ngx_event_t                  event;
    ngx_connection_t             connection;    /* its data, for debug logs */
} ngx_http_events_later_t;


/* one producer of a worker; the configuration is the master's */

struct ngx_http_events_producer_s {
    ngx_str_t                    id;        /* what makes it distinct */
    events_producer_conf_t      *conf;
    ngx_array_t                  topics;    /* ngx_str_t: known beforehand */

    events_producer_t           *producer;  /* NULL: none (yet, any more) */
    ngx_fd_t                     fd;        /* eventfd that wakes us up */
    ngx_event_t                  poll;      /* what no wake-up tells */
    ngx_event_t                  rebuild;   /* after a fatal error */
    ngx_msec_t                   rebuilt;   /* the last time; 0: never */
    ngx_connection_t             timers;    /* their data, for debug logs */
    ngx_log_t                   *log;
    ngx_http_events_rate_t       failures;  /* logged as errors */
    ngx_msec_t                   down;      /* since when */
    unsigned                     is_down:1; /* says the log */

    ngx_uint_t                   lost;      /* dead letters, not logged yet */
    const char                  *lost_reason;   /* of the last one */
    ngx_http_events_later_t      lost_report;

    ngx_uint_t                   in_flight;     /* events, as counted */
};


/* where rejected events go */

typedef struct {
    ngx_str_t                    topic;
    ngx_uint_t                   rate;      /* events a second, of a worker */

    ngx_http_events_rate_t       sent;      /* a worker's own */
} ngx_http_events_dead_letter_t;


/* lines about what is rejected */

typedef struct {
    ngx_uint_t                   rate;      /* a second, of a worker */
    size_t                       sample;    /* bytes of the body; 0: none */

    /* a worker's own */

    ngx_http_events_rate_t       lines;
    ngx_uint_t                   suppressed[EVENTS_ERROR_MAX];
    ngx_msec_t                   since;     /* the first one of these */
    ngx_http_events_later_t      summary;
    ngx_log_t                   *log;
} ngx_http_events_log_invalid_t;


typedef struct {
    ngx_array_t                  producers; /* ngx_http_events_producer_t * */
    ngx_array_t                  renames;   /* ngx_http_events_renames_t * */
    ngx_array_t                  limit_zones;   /* ngx_shm_zone_t * */
    ngx_http_events_zone_t       zone;
    ngx_uint_t                   has_status;    /* somewhere */
    ngx_uint_t                   has_health;
    ngx_array_t                  log_invalids;  /* of pointers to them */
    ngx_http_events_log_invalid_t  *log_invalid;    /* unless configured */
    ngx_msec_t                   shutdown_timeout;
    ngx_int_t                    request_id;    /* indexes of variables */
    ngx_int_t                    traceparent;
    ngx_http_events_access_index_t  index;
    ngx_uint_t                   json_elsewhere;    /* than in endpoints */

    /* a worker's own, used by one request at a time */

    events_batch_t              *batch;
    events_buffer_t              inflated;
    events_buffer_t              body;

    uint64_t                     random[4];     /* state of a generator */
    unsigned                     seeded:1;

    time_t                       received_sec;  /* that received_at is of */
    u_char                       received_at[NGX_HTTP_EVENTS_TIME];

    /* of dry runs, since the last line of the log */

    ngx_uint_t                   dry_received;
    ngx_uint_t                   dry_rejected;
    ngx_http_events_rate_t       dry_lines;

    /* requests put off to the next turn of the event loop */

    ngx_queue_t                  deferred;
    ngx_event_t                  next_turn;
    ngx_msec_t                   turn;
    size_t                       turn_bytes;
} ngx_http_events_main_conf_t;


/* bytes of a user agent that a line of the log shows */
#define NGX_HTTP_EVENTS_AGENT  128


/* the renames of a location, and who still sends old names */

struct ngx_http_events_renames_s {
    events_renames_t             set;
    uint32_t                     labels[EVENTS_MAX_RENAMES];
    ngx_str_t                    location;
    ngx_log_t                   *log;

    /* a worker's own, since the last line in the log */

    ngx_uint_t                   events;
    ngx_uint_t                   used[EVENTS_MAX_RENAMES];
    time_t                       logged;        /* 0: never */
    ngx_http_events_later_t      later;
    size_t                       client_len;
    u_char                       client[NGX_SOCKADDR_STRLEN];
    size_t                       agent_len;
    u_char                       agent[NGX_HTTP_EVENTS_AGENT];
};


typedef struct {
    ngx_str_t                    name;
    ngx_http_complex_value_t     value;
    uint32_t                     hash;
    events_lookup_t             *lookup;        /* instead of value */
} ngx_http_events_pair_t;


/* headers that have their values from each event */

typedef struct {
    ngx_array_t                  names;         /* events_str_t */
    ngx_array_t                  lookups;       /* events_lookup_t */
} ngx_http_events_fields_t;


typedef struct {
    ngx_array_t                  routes;        /* events_route_t */
    ngx_array_t                  lookups;       /* events_lookup_t */
    ngx_array_t                  pointers;      /* ngx_str_t, of these */
    ngx_array_t                  topics;        /* ngx_str_t, from number 1 */
} ngx_http_events_routes_t;


typedef struct {
    ngx_str_t                    brokers;       /* "host:port,host:port" */
    ngx_array_t                 *properties;    /* ngx_keyval_t */
    size_t                       memory;
    ngx_msec_t                   grace;

    ngx_http_complex_value_t    *topic;
    events_schema_t             *schema;
    events_str_t                 contract;      /* digest; data == NULL: off */
    events_lookup_t             *key_lookup;
    ngx_http_complex_value_t    *key;
    ngx_array_t                 *headers;       /* ngx_http_events_pair_t */
    ngx_http_events_fields_t    *fields;
    ngx_array_t                 *stamps;        /* ngx_http_events_pair_t */
    ngx_http_events_renames_t   *renames;
    ngx_http_events_routes_t    *routes;
    ngx_http_complex_value_t    *brands;

    ngx_uint_t                   ack;           /* events_ack_mode_e */
    ngx_msec_t                   ack_timeout;

    ngx_flag_t                   partial;
    ngx_flag_t                   dry_run;
    ngx_http_events_dead_letter_t   *dead_letter;   /* NULL: off */
    ngx_http_events_log_invalid_t   *log_invalid;   /* NULL: off */

    ngx_uint_t                   max_events;
    size_t                       max_event_size;
    ngx_uint_t                   max_depth;
    size_t                       max_inflated;

    ngx_http_events_access_conf_t  access;
    ngx_array_t                 *limits;        /* ngx_http_events_limit_t */
    ngx_flag_t                   limit_headers;

    ngx_http_events_producer_t  *producer;

    ngx_flag_t                   json_errors;   /* NGX_CONF_UNSET: nobody says,
                                                 * so only in endpoints */
    ngx_uint_t                   answers_json;  /* what follows from that */
    ngx_uint_t                   error_type;
    ngx_array_t                 *error_pages;   /* as they were configured */
    ngx_flag_t                   no_error_pages;

    ngx_uint_t                   status;        /* ngx_http_events_status_e */
    ngx_uint_t                   health;

    u_char                      *file;          /* of "events_publish" */
    ngx_uint_t                   line;
} ngx_http_events_loc_conf_t;


/* events_status: no, or in which format */

typedef enum {
    NGX_HTTP_EVENTS_STATUS_OFF = 0,
    NGX_HTTP_EVENTS_STATUS_JSON,
    NGX_HTTP_EVENTS_STATUS_PROMETHEUS,
    NGX_HTTP_EVENTS_STATUS_QUERY            /* the request says */
} ngx_http_events_status_e;


typedef enum {
    NGX_HTTP_EVENTS_IDENTITY = 0,
    NGX_HTTP_EVENTS_GZIP,
    NGX_HTTP_EVENTS_DEFLATE
} ngx_http_events_encoding_e;


/* media types of errors */

typedef enum {
    NGX_HTTP_EVENTS_JSON = 0,
    NGX_HTTP_EVENTS_PROBLEM_JSON
} ngx_http_events_error_type_e;


struct ngx_http_events_ctx_s {
    ngx_http_request_t          *request;
    events_ack_t                *ack;           /* that is waited for */
    ngx_event_t                  deadline;
    ngx_queue_t                  queue;         /* in deferred */
    ngx_http_event_handler_pt    read_body;     /* nginx's own */

    events_json_framing_e        framing;
    ngx_http_events_encoding_e   encoding;
    ngx_http_events_sender_t     sender;

    /* for the variables */

    ngx_uint_t                   received;
    ngx_uint_t                   accepted;
    ngx_uint_t                   rejected;
    ngx_uint_t                   invalid;
    ngx_uint_t                   renamed;
    ngx_str_t                    brand;
    events_error_e               error;
    ngx_msec_t                   published;     /* when */
    ngx_msec_t                   ack_time;

    ngx_buf_t                   *partial;       /* the answer, if Kafka takes
                                                 * what is valid */
    ngx_http_events_limit_t     *limited;       /* that refused the batch */
    ngx_uint_t                   retry_after;   /* seconds; 0: a guess */

    ngx_chain_t                 *replaced;      /* instead of nginx's page */

    unsigned                     deferred:1;
    unsigned                     waited:1;      /* ack_time holds */
    unsigned                     answered:1;
};


/* ngx_http_events_request.c: what a request goes through */

ngx_int_t ngx_http_events_handler(ngx_http_request_t *r);
void ngx_http_events_ack_handler(ngx_http_events_producer_t *p,
    events_ack_t *ack);
ngx_http_events_ctx_t *ngx_http_events_ctx(ngx_http_request_t *r);

/* ngx_http_events_access.c: who sends, and whether it may */

ngx_int_t ngx_http_events_access_preconfiguration(ngx_conf_t *cf,
    ngx_http_events_access_index_t *index);
ngx_int_t ngx_http_events_access_init(ngx_conf_t *cf);
void ngx_http_events_access_create(ngx_http_events_access_conf_t *conf);
char *ngx_http_events_access_merge(ngx_conf_t *cf,
    ngx_http_events_access_conf_t *prev, ngx_http_events_access_conf_t *conf);
events_error_e ngx_http_events_check_sender(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
void ngx_http_events_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_int_t index, ngx_str_t *value);
ngx_int_t ngx_http_events_read_key(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
ngx_int_t ngx_http_events_principal(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, ngx_str_t *name);
ngx_int_t ngx_http_events_sender_brands(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_str_t *brands);
char *ngx_http_events_api_keys(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_events_api_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* ngx_http_events_guest.c: keys for limits */

ngx_int_t ngx_http_events_add_guest_variables(ngx_conf_t *cf);
char *ngx_http_events_guest_prefix(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_events_cors.c: pages of other origins */

ngx_uint_t ngx_http_events_cors_is_preflight(ngx_http_request_t *r);
ngx_int_t ngx_http_events_cors_preflight(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
ngx_int_t ngx_http_events_cors_headers(ngx_http_request_t *r);
void ngx_http_events_cors_origin_of(ngx_http_request_t *r,
    events_str_t *origin);
char *ngx_http_events_cors_origin(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_events_body.c: from nginx's buffers to the bytes of a batch */

events_error_e ngx_http_events_headers(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
events_error_e ngx_http_events_body(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_str_t *body);
void ngx_http_events_free_body(ngx_http_request_t *r);

/* ngx_http_events_publish.c: from a batch to the producer */

events_error_e ngx_http_events_read_batch(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_str_t *body);
events_error_e ngx_http_events_publish(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_ack_t **ack);

/* at most NGX_HTTP_EVENTS_HEADERS, with the values of this request */

ngx_int_t ngx_http_events_fixed_headers(ngx_http_request_t *r,
    events_pair_t *h, uint32_t *n);

/* ngx_http_events_dead_letter.c: rejected events, beside the batch */

char *ngx_http_events_dead_letter(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
void ngx_http_events_dead_letters(ngx_http_request_t *r);
void ngx_http_events_dead_letter_handler(ngx_http_events_producer_t *p,
    events_ack_t *ack);
void ngx_http_events_lost_log(ngx_http_events_producer_t *p);

/* ngx_http_events_log.c: not more lines than help */

ngx_uint_t ngx_http_events_within_rate(ngx_http_events_rate_t *rate,
    ngx_uint_t n);
void ngx_http_events_failure(ngx_http_events_producer_t *p, ngx_log_t *log,
    const char *fmt, ...);
void ngx_http_events_later(ngx_http_events_later_t *later,
    ngx_event_handler_pt handler, void *data, ngx_msec_t msec);
void *ngx_http_events_later_data(ngx_event_t *ev);
ngx_int_t ngx_http_events_log_init(ngx_conf_t *cf);

/* ngx_http_events_log_invalid.c: what is rejected, and why */

char *ngx_http_events_log_invalid(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_http_events_log_invalid_t *ngx_http_events_log_invalid_create(
    ngx_conf_t *cf);
char *ngx_http_events_log_invalid_merge(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *prev, ngx_http_events_loc_conf_t *conf);
void ngx_http_events_log_rejected(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_error_e error,
    const events_str_t *body);
void ngx_http_events_log_invalid_stop(ngx_http_events_main_conf_t *emcf);

/* ngx_http_events_dry_run.c: what would be rejected, in the log */

void ngx_http_events_dry_run(ngx_http_request_t *r);

/* ngx_http_events_record_conf.c: directives that make a record */

char *ngx_http_events_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_events_kafka_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_events_stamp(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_events_rename(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_events_route(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_int_t ngx_http_events_check_topic(ngx_conf_t *cf, ngx_str_t *name);
char *ngx_http_events_check_record(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *conf);

/* ngx_http_events_renamed.c: who still sends old names */

void ngx_http_events_renamed(ngx_http_request_t *r,
    ngx_http_events_renames_t *renames, const events_batch_t *batch);
void ngx_http_events_renamed_stop(ngx_http_events_main_conf_t *emcf);

/* ngx_http_events_answer.c: the response */

events_error_e ngx_http_events_partial(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
ngx_int_t ngx_http_events_accepted(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx);
ngx_int_t ngx_http_events_error(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_error_e error);
void ngx_http_events_explain(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_response_t *response);
ngx_buf_t *ngx_http_events_response(ngx_http_request_t *r,
    const events_response_t *response);
ngx_int_t ngx_http_events_retry_after(ngx_http_request_t *r);
void ngx_http_events_set_status(ngx_http_request_t *r, ngx_uint_t status);
ngx_int_t ngx_http_events_add_header(ngx_http_request_t *r, const char *name,
    const char *value);
ngx_int_t ngx_http_events_add_header_value(ngx_http_request_t *r,
    const char *name, const ngx_str_t *value);

/* ngx_http_events_limit.c: events a sender may send, in shared memory */

events_error_e ngx_http_events_limit(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_error_e error);
void ngx_http_events_limit_explain(ngx_http_events_ctx_t *ctx,
    events_response_t *response);
char *ngx_http_events_limit_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_events_limit_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_events_limit_merge(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *prev, ngx_http_events_loc_conf_t *conf);

uint32_t ngx_http_events_limit_label(ngx_http_events_limit_t *limit);
void ngx_http_events_limit_set_label(ngx_shm_zone_t *shm_zone, uint32_t label);

/* ngx_http_events_zone.c: counters in shared memory */

char *ngx_http_events_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_events_zone_default(ngx_conf_t *cf,
    ngx_http_events_main_conf_t *emcf);
void ngx_http_events_zone_enter(ngx_http_events_zone_t *zone, ngx_log_t *log);
void ngx_http_events_zone_leave(void);
void ngx_http_events_zone_reload(ngx_http_events_zone_t *zone);
uint32_t ngx_http_events_zone_label(ngx_http_events_zone_t *zone,
    events_labels_t *labels, const events_str_t *name);
void ngx_http_events_zone_read(ngx_http_events_zone_t *zone,
    events_metrics_t *metrics);

/* what is counted in between is seen whole; NULL: nothing is counted */

events_counters_t *ngx_http_events_count_begin(void);
void ngx_http_events_count_end(void);

/* ngx_http_events_count.c: what the line counts */

ngx_int_t ngx_http_events_count_init(ngx_conf_t *cf);
void ngx_http_events_count_batch(ngx_http_request_t *r,
    ngx_http_events_ctx_t *ctx, events_error_e error, events_ack_t *ack);
void ngx_http_events_count_ack(ngx_http_events_producer_t *p,
    const events_ack_t *ack, ngx_uint_t given_up);
void ngx_http_events_count_lost(ngx_http_events_producer_t *p);
void ngx_http_events_count_dead_letters(ngx_uint_t result, ngx_uint_t n);
void ngx_http_events_count_restart(void);
void ngx_http_events_count_suppressed(ngx_uint_t n);
void ngx_http_events_count_gauges(void);

/* ngx_http_events_status.c: events_status, events_health */

char *ngx_http_events_status_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_events_health_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* ngx_http_events_request_id.c */

void ngx_http_events_request_id_seed(ngx_http_events_main_conf_t *emcf);
void ngx_http_events_request_id(ngx_http_request_t *r, events_str_t *id);

/* ngx_http_events_error_filter.c: JSON instead of nginx's error pages */

ngx_int_t ngx_http_events_error_filter_init(ngx_conf_t *cf);
void ngx_http_events_json_errors_merge(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *prev, ngx_http_events_loc_conf_t *conf);

/* ngx_http_events_producer.c: the producers of a worker */

ngx_http_events_producer_t *ngx_http_events_producer_conf(ngx_conf_t *cf,
    ngx_http_events_loc_conf_t *conf);
ngx_int_t ngx_http_events_producer_topic(ngx_http_events_producer_t *p,
    ngx_str_t *name);
ngx_int_t ngx_http_events_producers_start(ngx_cycle_t *cycle,
    ngx_http_events_main_conf_t *emcf);
void ngx_http_events_producers_stop(ngx_cycle_t *cycle,
    ngx_http_events_main_conf_t *emcf);

/* ngx_http_events_variables.c */

ngx_int_t ngx_http_events_add_variables(ngx_conf_t *cf);
ngx_int_t ngx_http_events_add_variable_table(ngx_conf_t *cf,
    ngx_http_variable_t *v);


/* ngx_http_events_module.c: a whole file, relative to nginx.conf */

ngx_int_t ngx_http_events_read_file(ngx_conf_t *cf, ngx_str_t *name, off_t max,
    ngx_str_t *text);


extern ngx_module_t  ngx_http_events_module;


#endif /* _NGX_HTTP_EVENTS_H_INCLUDED_ */
