
/*
 * The offsets and the records of a topic.
 */


#include "broker.h"

#include <errno.h>
#include <inttypes.h>
#include <time.h>


/* a command holds up the other clients: bounded in time */
#define BROKER_READ_TIMEOUT    30000
#define BROKER_QUERY_TIMEOUT   5000


static int broker_reader_partitions(broker_t *b, broker_reader_t *r);
static int broker_reader_offsets(broker_t *b, broker_reader_t *r,
    int64_t which, int64_t *offsets);
static int broker_reader_partition(broker_t *b, broker_reader_t *r,
    rd_kafka_topic_t *rkt, int partition, broker_buf_t *out);
static int64_t broker_msec(void);


/*
 * A consumer for each command: one that is kept has metadata and
 * connections from before the outages that tests make.
 */

int
broker_reader_open(broker_t *b, broker_reader_t *r, const char *topic)
{
    char              err[256];
    size_t            i;
    rd_kafka_conf_t  *conf;

    static const char  *props[][2] = {
        { "bootstrap.servers", NULL },
        { "socket.nagle.disable", "true" },
        { "enable.auto.commit", "false" },
        { "auto.offset.reset", "error" },
        { "check.crcs", "true" },
        { "fetch.wait.max.ms", "10" },
        { "fetch.error.backoff.ms", "10" },
        { "reconnect.backoff.ms", "20" },
        { "reconnect.backoff.max.ms", "100" },
        { "log_level", "2" }
    };

    memset(r, 0, sizeof(broker_reader_t));
    r->topic = topic;
    r->deadline = broker_msec() + BROKER_READ_TIMEOUT;

    props[0][1] = rd_kafka_mock_cluster_bootstraps(b->cluster);

    conf = rd_kafka_conf_new();

    for (i = 0; i < sizeof(props) / sizeof(props[0]); i++) {
        if (rd_kafka_conf_set(conf, props[i][0], props[i][1], err,
                              sizeof(err))
            != RD_KAFKA_CONF_OK)
        {
            rd_kafka_conf_destroy(conf);
            return broker_error(b, "%s", err);
        }
    }

    r->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, err, sizeof(err));
    if (r->rk == NULL) {
        rd_kafka_conf_destroy(conf);
        return broker_error(b, "%s", err);
    }

    if (broker_reader_partitions(b, r) != 0) {
        return -1;
    }

    if (broker_reader_offsets(b, r, RD_KAFKA_OFFSET_BEGINNING, r->low) != 0) {
        return -1;
    }

    return broker_reader_offsets(b, r, RD_KAFKA_OFFSET_END, r->high);
}


void
broker_reader_close(broker_reader_t *r)
{
    if (r->rk) {
        rd_kafka_destroy(r->rk);
    }
}


/*
 * The metadata of all topics, because asking for one creates it: the mock
 * speaks no version of the request that says not to.
 */

static int
broker_reader_partitions(broker_t *b, broker_reader_t *r)
{
    int                         i, rc;
    rd_kafka_resp_err_t         err;
    const rd_kafka_metadata_t  *md;

    err = rd_kafka_metadata(r->rk, 1, NULL, &md, BROKER_QUERY_TIMEOUT);
    if (err) {
        return broker_kafka_error(b, "metadata", err);
    }

    rc = 0;

    for (i = 0; i < md->topic_cnt; i++) {

        if (strcmp(md->topics[i].topic, r->topic) != 0) {
            continue;
        }

        r->partitions = md->topics[i].partition_cnt;

        if (md->topics[i].err) {
            rc = broker_kafka_error(b, r->topic, md->topics[i].err);
        }

        if (r->partitions > BROKER_MAX_PARTITIONS) {
            rc = broker_error(b, "\"%s\" has more than %d partitions",
                              r->topic, BROKER_MAX_PARTITIONS);
        }
    }

    rd_kafka_metadata_destroy(md);

    return rc;
}


/*
 * A time of -2 or -1 asks the broker for the first or the next offset: one
 * request for all partitions instead of one for each.
 */

static int
broker_reader_offsets(broker_t *b, broker_reader_t *r, int64_t which,
    int64_t *offsets)
{
    int                               i, rc;
    rd_kafka_resp_err_t               err;
    rd_kafka_topic_partition_t       *p;
    rd_kafka_topic_partition_list_t  *list;

    if (r->partitions == 0) {
        return 0;
    }

    rc = 0;
    list = rd_kafka_topic_partition_list_new(r->partitions);

    for (i = 0; i < r->partitions; i++) {
        p = rd_kafka_topic_partition_list_add(list, r->topic, i);
        p->offset = which;
    }

    err = rd_kafka_offsets_for_times(r->rk, list, BROKER_QUERY_TIMEOUT);
    if (err) {
        rc = broker_kafka_error(b, "offsets", err);
    }

    for (i = 0; rc == 0 && i < list->cnt; i++) {
        p = &list->elems[i];

        if (p->err) {
            rc = broker_kafka_error(b, "offsets", p->err);
            break;
        }

        offsets[p->partition] = p->offset;
    }

    rd_kafka_topic_partition_list_destroy(list);

    return rc;
}


int
broker_reader_from(broker_t *b, broker_reader_t *r, char *from)
{
    int       i, list;
    char     *end;
    int64_t   offset;

    end = from;
    offset = 0;
    list = (strchr(from, ',') != NULL);

    for (i = 0; i < r->partitions; i++) {

        if (i == 0 || list) {
            errno = 0;
            offset = strtoll(from, &end, 10);

            if (errno || end == from || offset < 0
                || *end != (list && i + 1 < r->partitions ? ',' : '\0'))
            {
                return broker_error(b, "FROM is neither an offset nor a list "
                                    "of %d of them", r->partitions);
            }

            from = end + 1;
        }

        if (offset < r->low[i]) {
            return broker_error(b, "partition %d of \"%s\" begins at %" PRId64
                                " by now, older records were evicted",
                                i, r->topic, r->low[i]);
        }

        r->low[i] = offset;
    }

    return 0;
}


int
broker_reader_dump(broker_t *b, broker_reader_t *r, broker_buf_t *out)
{
    int                i, rc;
    rd_kafka_topic_t  *rkt;

    if (r->partitions == 0) {
        return 0;
    }

    rkt = rd_kafka_topic_new(r->rk, r->topic, NULL);
    if (rkt == NULL) {
        return broker_kafka_error(b, r->topic, rd_kafka_last_error());
    }

    rc = 0;

    for (i = 0; rc == 0 && i < r->partitions; i++) {
        if (r->low[i] < r->high[i]) {
            rc = broker_reader_partition(b, r, rkt, i, out);
        }
    }

    rd_kafka_topic_destroy(rkt);

    return rc;
}


static int
broker_reader_partition(broker_t *b, broker_reader_t *r, rd_kafka_topic_t *rkt,
    int partition, broker_buf_t *out)
{
    int                  rc;
    int64_t              offset;
    rd_kafka_message_t  *msg;

    if (rd_kafka_consume_start(rkt, partition, r->low[partition]) == -1) {
        return broker_kafka_error(b, r->topic, rd_kafka_last_error());
    }

    rc = 0;
    offset = r->low[partition];

    while (rc == 0 && offset < r->high[partition]) {

        if (broker_msec() > r->deadline) {
            rc = broker_error(b, "read of \"%s\" [%d] stopped at %" PRId64
                              " of %" PRId64 ": timed out", r->topic,
                              partition, offset, r->high[partition]);
            break;
        }

        msg = rd_kafka_consume(rkt, partition, 100);
        if (msg == NULL) {
            continue;
        }

        if (msg->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
            rc = broker_kafka_error(b, "evicted while it was read", msg->err);

        } else if (msg->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (msg->offset < r->high[partition]) {
                broker_json_record(out, msg);
            }

            offset = msg->offset + 1;
        }

        rd_kafka_message_destroy(msg);
    }

    rd_kafka_consume_stop(rkt, partition);

    return rc;
}


static int64_t
broker_msec(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
