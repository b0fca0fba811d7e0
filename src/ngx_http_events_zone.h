
#ifndef _NGX_HTTP_EVENTS_ZONE_H_INCLUDED_
#define _NGX_HTTP_EVENTS_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include <pthread.h>

#include "events_counters.h"
#include "events_metrics.h"


/* no two workers write to the same line of a cache, or to one next to it */
#define NGX_HTTP_EVENTS_ALIGNMENT  128


/*
 * The worker that counts here holds the mutex as long as it lives.  The mutex
 * is robust: when the worker was killed the system says so to the next one
 * that tries it, whatever has become of its process id.
 */

typedef struct ngx_http_events_slot_s  ngx_http_events_slot_t;

struct ngx_http_events_slot_s {
    pthread_mutex_t              owner;
    events_counters_slot_t       slot;
} __attribute__((aligned(NGX_HTTP_EVENTS_ALIGNMENT)));


typedef struct {
    uint64_t                     layout;
    ngx_uint_t                   nslots;
    ngx_uint_t                   used;          /* slots that ever were */
    ngx_http_events_slot_t      *slots;
    events_metrics_labels_t      labels;
} ngx_http_events_zone_sh_t;


/* of a configuration */

typedef struct {
    ngx_shm_zone_t              *shm_zone;      /* NULL: nothing to count */
    ngx_slab_pool_t             *shpool;
    ngx_http_events_zone_sh_t   *sh;
    ngx_cycle_t                 *cycle;
    ngx_array_t                 *renames;       /* what has labels: renames */
    ngx_array_t                 *limit_zones;   /* and zones of events_limit */
    u_char                      *file;          /* NULL: no directive */
    ngx_uint_t                   line;
} ngx_http_events_zone_t;


#endif /* _NGX_HTTP_EVENTS_ZONE_H_INCLUDED_ */
