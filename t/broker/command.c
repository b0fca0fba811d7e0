
/*
 * The commands, as broker.c describes them.
 */


#include "broker.h"

#include <inttypes.h>


#define BROKER_MAX_ARGS    5
#define BROKER_MAX_ERRORS  100000
#define BROKER_MAX_RTT     60000


typedef struct {
    const char                *name;
    int                        min;
    int                        max;
    int                      (*handler)(broker_t *b, int argc, char **argv,
                                   broker_buf_t *out);
    const char                *usage;
} broker_command_t;


typedef struct {
    const char                *name;
    int                        key;
} broker_api_t;


static int broker_command(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_topic(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_dump(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_count(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_watermarks(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_rtt(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_down(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_error(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_topic_error(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_leader(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_cmd_ping(broker_t *b, int argc, char **argv,
    broker_buf_t *out);
static int broker_id(broker_t *b, const char *value, int *id);
static int broker_api_key(broker_t *b, const char *value, int *key);


static broker_command_t  broker_commands[] = {
    { "topic",       2, 3, broker_cmd_topic, "NAME PARTITIONS [REPLICATION]" },
    { "dump",        1, 2, broker_cmd_dump, "TOPIC [FROM]" },
    { "count",       1, 1, broker_cmd_count, "TOPIC" },
    { "watermarks",  1, 1, broker_cmd_watermarks, "TOPIC" },
    { "rtt",         1, 1, broker_cmd_rtt, "MS" },
    { "down",        1, 1, broker_cmd_down, "N|all" },
    { "up",          1, 1, broker_cmd_down, "N|all" },
    { "error",       3, 3, broker_cmd_error, "API CODE COUNT" },
    { "topic_error", 2, 2, broker_cmd_topic_error, "TOPIC CODE" },
    { "leader",      3, 3, broker_cmd_leader, "TOPIC PARTITION BROKER" },
    { "ping",        0, 0, broker_cmd_ping, "" },
    { NULL,          0, 0, NULL, NULL }
};


/* the requests that the mock answers */

static broker_api_t  broker_apis[] = {
    { "Produce",             0 },
    { "Fetch",               1 },
    { "ListOffsets",         2 },
    { "Metadata",            3 },
    { "OffsetCommit",        8 },
    { "OffsetFetch",         9 },
    { "FindCoordinator",    10 },
    { "JoinGroup",          11 },
    { "Heartbeat",          12 },
    { "LeaveGroup",         13 },
    { "SyncGroup",          14 },
    { "ApiVersions",        18 },
    { "InitProducerId",     22 },
    { "AddPartitionsToTxn", 24 },
    { "AddOffsetsToTxn",    25 },
    { "EndTxn",             26 },
    { "TxnOffsetCommit",    28 },
    { NULL,                  0 }
};


void
broker_line(broker_t *b, char *line, broker_buf_t *out)
{
    int      argc;
    char    *argv[BROKER_MAX_ARGS + 1], *arg, *next;
    size_t   mark;

    argc = 0;
    mark = out->len;

    for (arg = strtok_r(line, " \t\r", &next);
         arg != NULL && argc <= BROKER_MAX_ARGS;
         arg = strtok_r(NULL, " \t\r", &next))
    {
        argv[argc++] = arg;
    }

    if (broker_command(b, argc, argv, out) != 0) {
        out->len = mark;
        broker_buf_printf(out, "! %s\n", b->err);
    }

    broker_buf_add(out, ".\n", 2);
}


static int
broker_command(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    broker_command_t  *cmd;

    if (argc == 0) {
        return broker_error(b, "empty command");
    }

    for (cmd = broker_commands; cmd->name; cmd++) {

        if (strcmp(cmd->name, argv[0]) != 0) {
            continue;
        }

        if (argc - 1 < cmd->min || argc - 1 > cmd->max) {
            return broker_error(b, "usage: %s %s", cmd->name, cmd->usage);
        }

        return cmd->handler(b, argc, argv, out);
    }

    return broker_error(b, "unknown command \"%s\"", argv[0]);
}


static int
broker_cmd_topic(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                  partitions, replication;
    rd_kafka_resp_err_t  err;

    replication = 1;

    if (broker_number(b, "PARTITIONS", argv[2], 1, BROKER_MAX_PARTITIONS,
                      &partitions)
        != 0)
    {
        return -1;
    }

    if (argc == 4
        && broker_number(b, "REPLICATION", argv[3], 1, b->brokers,
                         &replication)
           != 0)
    {
        return -1;
    }

    err = rd_kafka_mock_topic_create(b->cluster, argv[1], partitions,
                                     replication);

    return err ? broker_kafka_error(b, argv[1], err) : 0;
}


static int
broker_cmd_dump(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int              rc;
    broker_reader_t  r;

    rc = broker_reader_open(b, &r, argv[1]);

    if (rc == 0 && argc == 3) {
        rc = broker_reader_from(b, &r, argv[2]);
    }

    if (rc == 0) {
        rc = broker_reader_dump(b, &r, out);
    }

    broker_reader_close(&r);

    return rc;
}


static int
broker_cmd_count(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int              i, rc;
    int64_t          count;
    broker_reader_t  r;

    count = 0;

    rc = broker_reader_open(b, &r, argv[1]);

    if (rc == 0) {
        for (i = 0; i < r.partitions; i++) {
            count += r.high[i];
        }

        broker_buf_printf(out, "%" PRId64 "\n", count);
    }

    broker_reader_close(&r);

    return rc;
}


static int
broker_cmd_watermarks(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int              i, rc;
    broker_reader_t  r;

    rc = broker_reader_open(b, &r, argv[1]);

    if (rc == 0) {
        for (i = 0; i < r.partitions; i++) {
            broker_buf_printf(out, "%d %" PRId64 " %" PRId64 "\n", i,
                              r.low[i], r.high[i]);
        }
    }

    broker_reader_close(&r);

    return rc;
}


static int
broker_cmd_rtt(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                  ms;
    rd_kafka_resp_err_t  err;

    if (broker_number(b, "MS", argv[1], 0, BROKER_MAX_RTT, &ms) != 0) {
        return -1;
    }

    err = rd_kafka_mock_broker_set_rtt(b->cluster, -1, ms);

    return err ? broker_kafka_error(b, argv[0], err) : 0;
}


/* the command "up", too */

static int
broker_cmd_down(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                  id;
    rd_kafka_resp_err_t  err;

    if (broker_id(b, argv[1], &id) != 0) {
        return -1;
    }

    if (argv[0][0] == 'd') {
        err = rd_kafka_mock_broker_set_down(b->cluster, id);

    } else {
        err = rd_kafka_mock_broker_set_up(b->cluster, id);
    }

    return err ? broker_kafka_error(b, argv[0], err) : 0;
}


static int
broker_cmd_error(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                   i, key, code, count;
    rd_kafka_resp_err_t  *errors;

    if (broker_api_key(b, argv[1], &key) != 0
        || broker_number(b, "CODE", argv[2], -200, 1000, &code) != 0
        || broker_number(b, "COUNT", argv[3], 0, BROKER_MAX_ERRORS, &count)
           != 0)
    {
        return -1;
    }

    if (count == 0) {
        rd_kafka_mock_clear_request_errors(b->cluster, key);
        return 0;
    }

    errors = malloc(count * sizeof(rd_kafka_resp_err_t));
    if (errors == NULL) {
        return broker_error(b, "malloc() failed");
    }

    for (i = 0; i < count; i++) {
        errors[i] = code;
    }

    rd_kafka_mock_push_request_errors_array(b->cluster, key, count, errors);

    free(errors);

    return 0;
}


static int
broker_cmd_topic_error(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int  code;

    if (broker_number(b, "CODE", argv[2], -200, 1000, &code) != 0) {
        return -1;
    }

    rd_kafka_mock_topic_set_error(b->cluster, argv[1], code);

    return 0;
}


static int
broker_cmd_leader(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    int                  partition, id;
    rd_kafka_resp_err_t  err;

    if (broker_number(b, "PARTITION", argv[2], 0, BROKER_MAX_PARTITIONS - 1,
                      &partition)
        != 0
        || broker_number(b, "BROKER", argv[3], -1, b->brokers, &id) != 0)
    {
        return -1;
    }

    err = rd_kafka_mock_partition_set_leader(b->cluster, argv[1], partition,
                                             id);

    return err ? broker_kafka_error(b, argv[1], err) : 0;
}


static int
broker_cmd_ping(broker_t *b, int argc, char **argv, broker_buf_t *out)
{
    return 0;
}


static int
broker_id(broker_t *b, const char *value, int *id)
{
    if (strcmp(value, "all") == 0) {
        *id = -1;
        return 0;
    }

    return broker_number(b, "broker", value, 1, b->brokers, id);
}


static int
broker_api_key(broker_t *b, const char *value, int *key)
{
    broker_api_t  *api;

    for (api = broker_apis; api->name; api++) {
        if (strcmp(api->name, value) == 0) {
            *key = api->key;
            return 0;
        }
    }

    return broker_number(b, "API", value, 0, 100, key);
}
