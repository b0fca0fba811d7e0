
#include "events_counters.h"

#include <stdlib.h>


#define EVENTS_COUNTERS  (sizeof(events_counters_t) / sizeof(uint64_t))


typedef struct {
    unsigned              status;
    const char           *name;
} events_status_t;


static int events_counters_is_refused(const events_counters_batch_t *b);
static events_error_e events_counters_error(events_error_e error);
static void events_counters_brands(events_counters_t *counters,
    const events_counters_batch_t *b);
static void events_counters_verdicts(events_counters_t *counters,
    const events_counters_batch_t *b);
static int events_keyword_cmp(const void *key, const void *elt);


/* the usual ones first: the table is searched from its beginning */

static const events_status_t  events_statuses[EVENTS_STATUSES] = {
    { 200, "200" }, { 202, "202" }, { 207, "207" }, { 422, "422" },
    { 429, "429" }, { 503, "503" }, { 401, "401" }, { 400, "400" },
    { 413, "413" }, { 204, "204" }, { 499, "499" }, { 403, "403" },
    { 404, "404" }, { 405, "405" }, { 408, "408" }, { 415, "415" },
    { 500, "500" }, { 504, "504" }, { 201, "201" }, { 205, "205" },
    { 206, "206" }, { 300, "300" }, { 301, "301" }, { 302, "302" },
    { 303, "303" }, { 304, "304" }, { 307, "307" }, { 308, "308" },
    { 402, "402" }, { 406, "406" }, { 409, "409" }, { 410, "410" },
    { 411, "411" }, { 412, "412" }, { 414, "414" }, { 416, "416" },
    { 417, "417" }, { 418, "418" }, { 421, "421" }, { 423, "423" },
    { 424, "424" }, { 425, "425" }, { 426, "426" }, { 428, "428" },
    { 431, "431" }, { 444, "444" }, { 451, "451" }, { 501, "501" },
    { 502, "502" }, { 505, "505" }, { 507, "507" }, { 508, "508" },
    { 510, "510" }, { 511, "511" }, { 203, "203" }, { 0, "other" }
};


/* in the order of strcmp(); but for the first, which is not searched for */

static const char *const  events_keywords[EVENTS_KEYWORDS] = {
    "other", "$dynamicRef", "$ref", "additionalItems", "additionalProperties",
    "allOf", "anyOf", "conflicting_members", "const", "contains",
    "contentEncoding", "contentMediaType", "contentSchema", "dependencies",
    "dependentRequired", "dependentSchemas", "duplicate_member", "else",
    "enum", "exclusiveMaximum", "exclusiveMinimum", "false", "format", "if",
    "items", "maxContains", "maxItems", "maxLength", "maxProperties",
    "maximum", "minContains", "minItems", "minLength", "minProperties",
    "minimum", "multipleOf", "not", "oneOf", "pattern", "patternProperties",
    "prefixItems", "properties", "propertyNames", "renamed_member",
    "required", "then", "too_complex", "type", "unevaluatedItems",
    "unevaluatedProperties", "uniqueItems"
};


static const uint64_t  events_ack_bounds[EVENTS_ACK_BUCKETS] = {
    1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
    1000000, 2500000, 5000000, 10000000, 0
};


/*
 * A lock of sequence numbers: the writer never waits.  Other processes may see
 * its stores in any order but for the fences.
 */

events_counters_t *
events_counters_begin(events_counters_slot_t *slot)
{
    __atomic_store_n(&slot->sequence, slot->sequence + 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);

    return &slot->counters;
}


void
events_counters_end(events_counters_slot_t *slot)
{
    __atomic_store_n(&slot->sequence, slot->sequence + 1, __ATOMIC_RELEASE);
}


int
events_counters_read(const events_counters_slot_t *slot,
    events_counters_t *copy)
{
    size_t           i;
    uint32_t         sequence;
    uint64_t        *dst;
    const uint64_t  *src;

    src = (const uint64_t *) &slot->counters;
    dst = (uint64_t *) copy;

    sequence = __atomic_load_n(&slot->sequence, __ATOMIC_ACQUIRE);

    for (i = 0; i < EVENTS_COUNTERS; i++) {
        dst[i] = __atomic_load_n(&src[i], __ATOMIC_RELAXED);
    }

    __atomic_thread_fence(__ATOMIC_ACQUIRE);

    return (sequence & 1) == 0
           && __atomic_load_n(&slot->sequence, __ATOMIC_RELAXED) == sequence;
}


void
events_counters_add(events_counters_t *sum, const events_counters_t *counters)
{
    size_t           i;
    uint64_t        *dst;
    const uint64_t  *src;

    src = (const uint64_t *) counters;
    dst = (uint64_t *) sum;

    for (i = 0; i < EVENTS_COUNTERS; i++) {
        dst[i] += src[i];
    }
}


void
events_counters_repair(events_counters_t *counters)
{
    uint64_t  sum;

    sum = counters->accepted
          + events_counters_sum(counters->rejected, EVENTS_ERROR_MAX);

    if (counters->received > sum) {
        counters->accepted += counters->received - sum;

    } else {
        counters->received = sum;
    }

    sum = counters->acknowledged + counters->in_flight
          + events_counters_sum(counters->failed, EVENTS_FAILED);

    if (counters->accepted > sum) {
        counters->failed[EVENTS_WORKER_LOST] += counters->accepted - sum;

    } else {
        counters->received += sum - counters->accepted;
        counters->accepted = sum;
    }
}


void
events_counters_abandon(events_counters_slot_t *slot)
{
    events_counters_t  *counters;

    if (slot->sequence & 1) {
        counters = &slot->counters;

    } else {
        counters = events_counters_begin(slot);
    }

    counters->failed[EVENTS_WORKER_LOST] += counters->in_flight;
    counters->in_flight = 0;

    events_counters_repair(counters);

    memset(&counters->gauges, 0, sizeof(counters->gauges));

    events_counters_end(slot);
}


void
events_counters_batch(events_counters_t *counters,
    const events_counters_batch_t *b)
{
    uint32_t               i, accepted, rejected;
    events_error_e         error;
    const events_batch_t  *batch;

    batch = b->batch;
    error = events_counters_error(b->error);

    accepted = events_counters_accepted(b, batch->received, batch->rejected);
    rejected = batch->received - accepted;

    counters->received += batch->received;
    counters->accepted += accepted;
    counters->rejected[events_counters_is_refused(b)
                       ? error : EVENTS_INVALID_EVENTS] += rejected;

    if (b->error == EVENTS_OK) {
        counters->published += accepted;
        counters->in_flight += accepted;

    } else {
        counters->failed[error] += accepted;
    }

    events_counters_brands(counters, b);
    events_counters_verdicts(counters, b);

    for (i = 0; batch->renamed > 0 && i < EVENTS_MAX_RENAMES; i++) {
        if (batch->renames[i] > 0) {
            counters->renamed[b->members[i]] += batch->renames[i];
        }
    }
}


/*
 * A client's fault is that of all events of the batch.  Otherwise those that
 * break the contract are rejected, and the others accepted, whether Kafka gets
 * them or not.
 */

uint32_t
events_counters_accepted(const events_counters_batch_t *b, uint32_t received,
    uint32_t invalid)
{
    if (events_counters_is_refused(b)) {
        return 0;
    }

    return b->batch->conf.dry_run ? received : received - invalid;
}


static int
events_counters_is_refused(const events_counters_batch_t *b)
{
    return b->error != EVENTS_OK && events_error_info(b->error)->status < 500;
}


/* of two errors that have the same code, the one that is counted */

static events_error_e
events_counters_error(events_error_e error)
{
    switch (error) {

    case EVENTS_NO_MEMORY:
        return EVENTS_INTERNAL;

    case EVENTS_METHOD_REFUSED:
        return EVENTS_METHOD_NOT_ALLOWED;

    default:
        return error;
    }
}


static void
events_counters_brands(events_counters_t *counters,
    const events_counters_batch_t *b)
{
    uint32_t                     i, accepted;
    const events_batch_brand_t  *brand;

    for (i = 0; i < b->batch->nbrands; i++) {
        brand = &b->batch->brands[i];
        accepted = events_counters_accepted(b, brand->received,
                                            brand->rejected);

        counters->brand_accepted[b->brands[i]] += accepted;
        counters->brand_rejected[b->brands[i]] += brand->received - accepted;
    }
}


/* of a batch that is refused for another reason nobody gets to know them */

static void
events_counters_verdicts(events_counters_t *counters,
    const events_counters_batch_t *b)
{
    uint32_t                  i;
    const events_failures_t  *failures;

    if (events_counters_is_refused(b) && b->error != EVENTS_INVALID_EVENTS) {
        return;
    }

    if (b->batch->conf.dry_run) {
        counters->dry_run_rejected += b->batch->rejected;
    }

    failures = &b->batch->failures;

    for (i = 0; i < failures->nelts; i++) {
        counters->invalid[events_keyword_index(failures->elts[i].code)]++;
    }
}


/* records of one batch may have different fates */

void
events_counters_ack(events_counters_t *counters, const events_ack_t *ack,
    uint64_t time, int given_up)
{
    uint32_t        i;
    events_error_e  error;

    for (i = 0; i < EVENTS_ACK_BUCKETS - 1; i++) {
        if (time <= events_ack_bounds[i]) {
            break;
        }
    }

    counters->ack_batches[i]++;
    counters->ack_time += time;

    error = events_counters_error(ack->error);

    if (given_up && error == EVENTS_BROKER_REFUSED) {
        error = EVENTS_SHUTTING_DOWN;
    }

    counters->in_flight -= ack->nrecords;
    counters->acknowledged += ack->delivered;
    counters->failed[EVENTS_OUTCOME_UNKNOWN] += ack->uncertain;
    counters->failed[error] += ack->nrecords - ack->delivered - ack->uncertain;
}


void
events_counters_lose(events_counters_t *counters, uint64_t n)
{
    counters->in_flight -= n;
    counters->failed[EVENTS_OUTCOME_UNKNOWN] += n;
}


uint32_t
events_status_index(unsigned status)
{
    uint32_t  i;

    for (i = 0; i < EVENTS_STATUSES - 1; i++) {
        if (events_statuses[i].status == status) {
            break;
        }
    }

    return i;
}


const char *
events_status_name(uint32_t index)
{
    return events_statuses[index].name;
}


uint32_t
events_keyword_index(const char *code)
{
    const char *const  *found;

    found = bsearch(code, events_keywords + 1, EVENTS_KEYWORDS - 1,
                    sizeof(char *), events_keyword_cmp);

    return (found != NULL) ? (uint32_t) (found - events_keywords) : 0;
}


static int
events_keyword_cmp(const void *key, const void *elt)
{
    return strcmp(key, *(const char *const *) elt);
}


const char *
events_keyword_name(uint32_t index)
{
    return events_keywords[index];
}


uint64_t
events_ack_bound(uint32_t index)
{
    return events_ack_bounds[index];
}


uint64_t
events_counters_sum(const uint64_t *counters, uint32_t n)
{
    uint32_t  i;
    uint64_t  sum;

    sum = 0;

    for (i = 0; i < n; i++) {
        sum += counters[i];
    }

    return sum;
}
