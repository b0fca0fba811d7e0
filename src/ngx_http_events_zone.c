
/*
 * Counters in shared memory: a slot for each worker, which alone writes it.
 */


#include "ngx_http_events.h"


/* to be changed with what counters and labels mean */
#define NGX_HTTP_EVENTS_LAYOUT  1

#define NGX_HTTP_EVENTS_ZONE_SIZE  (1024 * 1024)

/* slots besides two for each worker, as there are two while nginx reloads */
#define NGX_HTTP_EVENTS_MORE_SLOTS  4

/* tries to see a slot that is not being written, until its writer is stuck */
#define NGX_HTTP_EVENTS_READS  1000


static ngx_int_t ngx_http_events_zone_add(ngx_conf_t *cf,
    ngx_http_events_main_conf_t *emcf, ngx_str_t *name, size_t size);
static ngx_int_t ngx_http_events_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_int_t ngx_http_events_zone_create(ngx_http_events_zone_t *zone);
static ngx_int_t ngx_http_events_zone_slots(ngx_http_events_zone_t *zone);
static ngx_int_t ngx_http_events_zone_check(ngx_http_events_zone_t *zone);
static size_t ngx_http_events_zone_size(ngx_uint_t nslots);
static uint64_t ngx_http_events_zone_layout(void);
static ngx_int_t ngx_http_events_owner_init(pthread_mutex_t *owner);
static void ngx_http_events_zone_labels(ngx_http_events_zone_t *zone);
static ngx_uint_t ngx_http_events_slot_take(ngx_http_events_slot_t *slot);
static void ngx_http_events_slot_read(ngx_http_events_slot_t *slot,
    events_counters_t *counters);


/* its address tells our zone from any other */

static ngx_uint_t  ngx_http_events_zone_tag;


/* of this worker; NULL: there is none, or nothing is counted */

static ngx_http_events_slot_t  *ngx_http_events_slot;


char *
ngx_http_events_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_events_main_conf_t *emcf = conf;

    ssize_t     size;
    ngx_str_t  *value;

    if (emcf->zone.shm_zone != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    size = ngx_parse_size(&value[2]);

    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid zone size \"%V\"",
                           &value[2]);
        return NGX_CONF_ERROR;
    }

    if (size < (ssize_t) (8 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is too small: must be at least %uzk",
                           &value[1], (size_t) 8 * ngx_pagesize / 1024);
        return NGX_CONF_ERROR;
    }

    emcf->zone.file = cf->conf_file->file.name.data;
    emcf->zone.line = cf->conf_file->line;

    return (ngx_http_events_zone_add(cf, emcf, &value[1], size) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* the one that is there without a directive, if there is anything to count */

ngx_int_t
ngx_http_events_zone_default(ngx_conf_t *cf, ngx_http_events_main_conf_t *emcf)
{
    static ngx_str_t  name = ngx_string("events");

    if (emcf->zone.shm_zone != NULL
        || (emcf->producers.nelts == 0 && !emcf->has_status))
    {
        return NGX_OK;
    }

    return ngx_http_events_zone_add(cf, emcf, &name,
                                    NGX_HTTP_EVENTS_ZONE_SIZE);
}


static ngx_int_t
ngx_http_events_zone_add(ngx_conf_t *cf, ngx_http_events_main_conf_t *emcf,
    ngx_str_t *name, size_t size)
{
    ngx_shm_zone_t  *shm_zone;

    shm_zone = ngx_shared_memory_add(cf, name, size,
                                     &ngx_http_events_zone_tag);
    if (shm_zone == NULL) {
        return NGX_ERROR;
    }

    shm_zone->init = ngx_http_events_zone_init;
    shm_zone->data = &emcf->zone;

    emcf->zone.shm_zone = shm_zone;
    emcf->zone.renames = &emcf->renames;
    emcf->zone.limit_zones = &emcf->limit_zones;
    emcf->zone.cycle = cf->cycle;

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_events_zone_t  *ozone = data;

    ngx_http_events_zone_t  *zone;

    zone = shm_zone->data;
    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (ozone != NULL || shm_zone->shm.exists) {
        zone->sh = zone->shpool->data;

        if (zone->sh->layout != ngx_http_events_zone_layout()) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "events_zone \"%V\" is of another version of the "
                          "module: rename it, or restart",
                          &shm_zone->shm.name);
            return NGX_ERROR;
        }

    } else if (ngx_http_events_zone_create(zone) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_events_zone_check(zone) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_events_zone_labels(zone);

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_zone_create(ngx_http_events_zone_t *zone)
{
    size_t      len;
    ngx_str_t  *name;

    name = &zone->shm_zone->shm.name;
    len = sizeof(" in events_zone \"\"") + name->len;

    zone->sh = ngx_slab_calloc(zone->shpool,
                               sizeof(ngx_http_events_zone_sh_t));
    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);

    if (zone->sh == NULL || zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in events_zone \"%V\"%Z", name);

    zone->shpool->data = zone->sh;
    zone->sh->layout = ngx_http_events_zone_layout();

    events_metrics_labels_init(&zone->sh->labels);

    return ngx_http_events_zone_slots(zone);
}


/* as many as there is room for */

static ngx_int_t
ngx_http_events_zone_slots(ngx_http_events_zone_t *zone)
{
    ngx_uint_t  i, n;

    n = zone->shpool->pfree * ngx_pagesize / sizeof(ngx_http_events_slot_t);

    if (n == 0) {
        return NGX_OK;
    }

    /* whole pages, so slots are aligned */

    zone->sh->slots = ngx_slab_calloc(zone->shpool,
                                      n * sizeof(ngx_http_events_slot_t));
    if (zone->sh->slots == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (ngx_http_events_owner_init(&zone->sh->slots[i].owner) != NGX_OK) {
            ngx_log_error(NGX_LOG_EMERG, zone->shm_zone->shm.log, 0,
                          "no robust mutex for events_zone \"%V\"",
                          &zone->shm_zone->shm.name);
            return NGX_ERROR;
        }
    }

    zone->sh->nslots = n;

    return NGX_OK;
}


static ngx_int_t
ngx_http_events_owner_init(pthread_mutex_t *owner)
{
    ngx_int_t            rc;
    pthread_mutexattr_t  attr;

    if (pthread_mutexattr_init(&attr) != 0) {
        return NGX_ERROR;
    }

    rc = (pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED) == 0
          && pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST) == 0
          && pthread_mutex_init(owner, &attr) == 0)
         ? NGX_OK : NGX_ERROR;

    (void) pthread_mutexattr_destroy(&attr);

    return rc;
}


/* the number of workers is known only now */

static ngx_int_t
ngx_http_events_zone_check(ngx_http_events_zone_t *zone)
{
    ngx_uint_t        n;
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(zone->cycle->conf_ctx,
                                           ngx_core_module);

    n = 2 * ccf->worker_processes + NGX_HTTP_EVENTS_MORE_SLOTS;

    if (zone->sh->nslots >= n) {
        return NGX_OK;
    }

    if (zone->file != NULL) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm_zone->shm.log, 0,
                      "zone \"%V\" is too small for %i worker processes: "
                      "must be at least %uzk in %s:%ui",
                      &zone->shm_zone->shm.name, ccf->worker_processes,
                      ngx_http_events_zone_size(n), zone->file, zone->line);

    } else {
        ngx_log_error(NGX_LOG_EMERG, zone->shm_zone->shm.log, 0,
                      "%i worker processes need \"events_zone %V %uzk\"",
                      ccf->worker_processes, &zone->shm_zone->shm.name,
                      ngx_http_events_zone_size(n));
    }

    return NGX_ERROR;
}


/* in kilobytes; a page has a header, and so has the zone */

static size_t
ngx_http_events_zone_size(ngx_uint_t nslots)
{
    size_t  pages;

    pages = ngx_align(nslots * sizeof(ngx_http_events_slot_t), ngx_pagesize)
            + ngx_align(sizeof(ngx_http_events_zone_sh_t), ngx_pagesize);

    pages = pages / ngx_pagesize + 4;
    pages += pages * sizeof(ngx_slab_page_t) / ngx_pagesize;

    return ngx_align(pages * ngx_pagesize, 64 * 1024) / 1024;
}


/* what must be the same for both who wrote the memory and who reads it */

static uint64_t
ngx_http_events_zone_layout(void)
{
    return (uint64_t) sizeof(ngx_http_events_slot_t) << 32
           | (uint64_t) sizeof(ngx_http_events_zone_sh_t) << 8
           | NGX_HTTP_EVENTS_LAYOUT;
}


/* what is in the configuration has its labels before anybody counts */

static void
ngx_http_events_zone_labels(ngx_http_events_zone_t *zone)
{
    ngx_uint_t                   i, n;
    events_str_t                 name;
    ngx_shm_zone_t             **shm_zones;
    ngx_http_events_renames_t  **renames;

    renames = zone->renames->elts;

    for (i = 0; i < zone->renames->nelts; i++) {
        for (n = 0; n < renames[i]->set.nelts; n++) {
            renames[i]->labels[n] = ngx_http_events_zone_label(zone,
                                        &zone->sh->labels.members,
                                        &renames[i]->set.elts[n].from.name);
        }
    }

    shm_zones = zone->limit_zones->elts;

    for (i = 0; i < zone->limit_zones->nelts; i++) {
        name.data = shm_zones[i]->shm.name.data;
        name.len = shm_zones[i]->shm.name.len;

        ngx_http_events_limit_set_label(shm_zones[i],
            ngx_http_events_zone_label(zone, &zone->sh->labels.zones, &name));
    }
}


/* the index of a name, which gets one if there is room */

uint32_t
ngx_http_events_zone_label(ngx_http_events_zone_t *zone,
    events_labels_t *labels, const events_str_t *name)
{
    uint32_t  i;

    i = events_labels_find(labels, name);

    if (i == EVENTS_LABEL_OTHER && events_labels_has_room(labels)) {
        ngx_shmtx_lock(&zone->shpool->mutex);

        i = events_labels_add(labels, name);

        ngx_shmtx_unlock(&zone->shpool->mutex);
    }

    return i;
}


/* a worker that finds no slot works, but its events are not counted */

void
ngx_http_events_zone_enter(ngx_http_events_zone_t *zone, ngx_log_t *log)
{
    ngx_uint_t  i;

    if (zone->shm_zone == NULL) {
        return;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    for (i = 0; i < zone->sh->nslots; i++) {
        if (ngx_http_events_slot_take(&zone->sh->slots[i])) {
            ngx_http_events_slot = &zone->sh->slots[i];
            zone->sh->used = ngx_max(zone->sh->used, i + 1);
            break;
        }
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    if (ngx_http_events_slot == NULL) {
        ngx_log_error(NGX_LOG_ALERT, log, 0,
                      "events: this worker is not counted, as events_zone "
                      "\"%V\" is full", &zone->shm_zone->shm.name);
    }
}


/* what its worker left behind goes with the slot to whoever takes it next */

static ngx_uint_t
ngx_http_events_slot_take(ngx_http_events_slot_t *slot)
{
    switch (pthread_mutex_trylock(&slot->owner)) {

    case 0:
        return 1;

    case EOWNERDEAD:
        (void) pthread_mutex_consistent(&slot->owner);
        events_counters_abandon(&slot->slot);
        return 1;

    default: /* EBUSY */
        return 0;
    }
}


void
ngx_http_events_zone_leave(void)
{
    if (ngx_http_events_slot == NULL) {
        return;
    }

    events_counters_abandon(&ngx_http_events_slot->slot);
    (void) pthread_mutex_unlock(&ngx_http_events_slot->owner);

    ngx_http_events_slot = NULL;
}


/*
 * Without a master this process itself reloads, and the zone that it counts in
 * goes away with the old configuration if the new one does not use it.
 */

void
ngx_http_events_zone_reload(ngx_http_events_zone_t *zone)
{
    u_char  *p;

    p = (u_char *) ngx_http_events_slot;

    if (p == NULL) {
        return;
    }

    if (zone == NULL || zone->shm_zone == NULL
        || p < zone->shm_zone->shm.addr
        || p >= zone->shm_zone->shm.addr + zone->shm_zone->shm.size)
    {
        ngx_http_events_zone_leave();
    }
}


/* NULL where nothing is counted */

events_counters_t *
ngx_http_events_count_begin(void)
{
    return (ngx_http_events_slot != NULL)
           ? events_counters_begin(&ngx_http_events_slot->slot) : NULL;
}


void
ngx_http_events_count_end(void)
{
    events_counters_end(&ngx_http_events_slot->slot);
}


/*
 * Names are copied last: each that is counted under has been there before.
 * The lock is one that workers take when they start and for a new brand.
 */

void
ngx_http_events_zone_read(ngx_http_events_zone_t *zone,
    events_metrics_t *metrics)
{
    ngx_uint_t          i, n;
    events_counters_t   counters;

    ngx_memzero(metrics, sizeof(events_metrics_t));

    ngx_shmtx_lock(&zone->shpool->mutex);

    n = zone->sh->used;

    for (i = 0; i < n; i++) {

        if (ngx_http_events_slot_take(&zone->sh->slots[i])) {
            (void) pthread_mutex_unlock(&zone->sh->slots[i].owner);

        } else {
            metrics->workers++;
        }
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    for (i = 0; i < n; i++) {
        ngx_http_events_slot_read(&zone->sh->slots[i], &counters);
        events_counters_add(&metrics->counters, &counters);
    }

    events_metrics_labels_copy(&metrics->labels, &zone->sh->labels);
}


/* a worker that was stopped as it wrote must not stop us, too */

static void
ngx_http_events_slot_read(ngx_http_events_slot_t *slot,
    events_counters_t *counters)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_EVENTS_READS; i++) {

        if (events_counters_read(&slot->slot, counters)) {
            return;
        }

        ngx_sched_yield();
    }

    events_counters_repair(counters);
}
