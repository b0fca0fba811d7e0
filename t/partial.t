# events_partial: what is valid is published, in order; 207 tells of the rest.

use TestEvents;

plan tests => 122;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            events_partial on;
            $location
        }
END

    $block->set_value(user_files => <<'END');
>>> c.json
{"required":["a"],"properties":{"a":{"type":"integer"}},"additionalProperties":false}
END

    $block->set_value(response_body_filters => \&without_id)
        if !defined $block->response_body_filters;
});

sub without_id {
    my ($body) = @_;

    $body =~ s/"request_id":"[0-9a-f]{32}"/"request_id":"ID"/;

    return $body;
}

# 500 events, of which each second one is not valid.

sub every_second {
    return '[' . CORE::join(',', map { $_ % 2 ? qq({"b":$_}) : qq({"a":$_}) }
                                 0 .. 499) . ']';
}

run_tests();

__DATA__

=== TEST 1: one of three
--- request
POST /e
[ {"a":1} , {} , {"a" : 3} ]
--- error_code: 207
--- response_headers
Content-Type: application/json
! Retry-After
--- raw_response_headers_like: ^HTTP/1\.1 207 Multi-Status\r\n
--- response_body
{"status":"partial","ack":"broker","received":3,"accepted":2,"rejected":1,"errors":[{"index":1,"pointer":"/1/a","code":"required","detail":"is required"}],"errors_truncated":false,"request_id":"ID"}
--- kafka_values
{"a":1}
{"a" : 3}


=== TEST 2: none
--- request
POST /e
[{"a":1},{"a":2}]
--- error_code: 200
--- response_body
{"status":"accepted","ack":"broker","received":2,"accepted":2,"request_id":"ID"}
--- kafka_values
{"a":1}
{"a":2}


=== TEST 3: all
--- request
POST /e
[{},{"a":"x"}]
--- error_code: 422
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"2 of 2 events are invalid; nothing was published","request_id":"ID","retryable":false,"received":2,"accepted":0,"rejected":2,"errors":[{"index":0,"pointer":"/0/a","code":"required","detail":"is required"},{"index":1,"pointer":"/1/a","code":"type","detail":"must be an integer"}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 4: a single event
--- request
POST /e
{"a":"x"}
--- error_code: 422
--- response_body_like: "the event is invalid; nothing was published".*"pointer":"/a"
--- kafka_count: 0


=== TEST 5: off
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema ../html/c.json;
        events_partial off;
    }
--- request
POST /e
[{"a":1},{}]
--- error_code: 422
--- kafka_count: 0


=== TEST 6: queued
--- location
    events_ack queued;
--- request
POST /e
[{},{"a":1}]
--- error_code: 207
--- response_body
{"status":"partial","ack":"queued","received":2,"accepted":1,"rejected":1,"errors":[{"index":0,"pointer":"/0/a","code":"required","detail":"is required"}],"errors_truncated":false,"request_id":"ID"}
--- kafka_values
{"a":1}


=== TEST 7: lines, of which some are no objects, or have a member twice
--- more_headers
Content-Type: application/x-ndjson
--- request
POST /e
{"a":1}
[{"a":2}]
{"a":3,"a":3}
{"a":4}
--- error_code: 207
--- response_body_like: "accepted":2,"rejected":2,"errors":\[\{"index":1,"pointer":"/1","code":"type","detail":"must be an object"\},\{"index":2,"pointer":"/2/a","code":"duplicate_member",
--- kafka_values
{"a":1}
{"a":4}


=== TEST 8: 500 events, each second one invalid: order is kept
--- request eval
"POST /e\n" . main::every_second()
--- error_code: 207
--- response_body_like: "received":500,"accepted":250,"rejected":250,"errors":\[
--- kafka_values eval
[map { '{"a":' . 2 * $_ . '}' } 0 .. 249]


=== TEST 9: each of them is listed, and of the first ten all that is wrong
--- request eval
"POST /e\n" . main::every_second()
--- error_code: 207
--- response_body_filters eval
sub { CORE::join(' ', $_[0] =~ /"index":(\d+)/g) . ' ' . ($_[0] =~ /"errors_truncated":(\w+)/)[0] . "\n" }
--- response_body eval
CORE::join(' ', (map { ($_, $_) } map { 2 * $_ + 1 } 0 .. 9),
                (map { 2 * $_ + 1 } 10 .. 249), 'true') . "\n"


=== TEST 10: more than 20 failures of one event do not hide the others
--- request eval
"POST /e\n[{" . CORE::join(',', map { qq("x$_":1) } 1 .. 30) . '},{},{"a":1},2]'
--- error_code: 207
--- response_body_filters eval
sub { CORE::join(' ', $_[0] =~ /"index":(\d+)/g) . "\n" }
--- response_body eval
CORE::join(' ', (0) x 20, 1, 3) . "\n"


=== TEST 11: what is no JSON is an error of the whole body
--- request
POST /e
[{"a":1},{},{"a":]
--- error_code: 400
--- response_body_like: "code":"invalid_json"
--- kafka_count: 0


=== TEST 12: and so is an event that is too large, too deep, or one too many
--- location
    events_max_event_size 64;
    events_max_events 3;
--- request eval
["POST /e\n[{},{\"a\":1},{\"a\":\"" . ('x' x 80) . "\"}]",
 "POST /e\n[{},{\"a\":1},{\"a\":1},{\"a\":1}]",
 "POST /e\n[{\"a\":1}," . ('[' x 33) . (']' x 33) . "]"]
--- error_code eval
[413, 413, 400]
--- response_body_like eval
['"code":"event_too_large"', '"code":"too_many_events"', '"code":"too_deep"']
--- kafka_count: 0


=== TEST 13: a record that its stamps make too large for Kafka
--- location
    events_kafka_property message.max.bytes 5096;
    events_max_event_size 1000;
    events_stamp big $http_x_big;
--- more_headers eval
"X-Big: " . ('x' x 1200)
--- request
POST /e
[{},{"a":1}]
--- error_code: 413
--- response_body_like: "code":"event_too_large"
--- kafka_count: 0


=== TEST 14: stamps and keys of what is valid
--- location
    events_stamp at now;
    events_key /a;
--- request
POST /e
[{"a":1},{"b":2},{"a":3}]
--- error_code: 207
--- kafka_values
{"a":1,"at":"now"}
{"a":3,"at":"now"}
--- kafka_keys
1
3


=== TEST 15: Kafka is down: nothing of the batch is kept
--- broker: down all
--- location
    events_ack_timeout 2s;
--- request
POST /e
[{"a":1},{}]
--- error_code: 503
--- response_headers_like
Retry-After: \d+
--- response_body_like: ^\{"type":"about:blank".*"code":"broker_unreachable".*"retryable":true\}$
--- kafka_count: 0


=== TEST 16: Kafka refuses
--- broker: error Produce 10 1
--- request
POST /e
[{"a":1},{}]
--- error_code: 503
--- response_body_like: "code":"broker_refused"
--- kafka_count: 0


=== TEST 17: Kafka does not answer in time
--- broker: rtt 2000
--- location
    events_ack_timeout 500ms;
    events_kafka_property socket.timeout.ms 10000;
--- request
POST /e
[{"a":1},{}]
--- error_code_like: ^50[34]$
--- response_body_like: "code":"(outcome_unknown|broker_unreachable)".*"retryable":true


=== TEST 18: no queue has room for what is valid
--- location
    events_kafka_memory 1k;
--- request
POST /e
[{"a":1},{"a":1},{},{"a":1}]
--- error_code: 413
--- response_body_like: "code":"batch_too_large"
--- kafka_count: 0


=== TEST 19: there is room, when what is invalid is not counted
--- location
    events_kafka_memory 1k;
--- request
POST /e
[{"a":1},{},{},{},{"a":2}]
--- error_code: 207
--- kafka_values
{"a":1}
{"a":2}


=== TEST 20: batches on one connection, each with its own answer
--- pipelined_requests eval
["POST /e\n[{\"a\":1},{}]", "POST /e\n[{},{},{\"a\":2}]", "POST /e\n[{\"a\":3}]"]
--- error_code eval
[207, 207, 200]
--- response_body_like eval
['"accepted":1,"rejected":1,"errors":\[\{"index":1,', '"accepted":1,"rejected":2,"errors":\[\{"index":0,.*\{"index":1,', '"accepted":1,"request_id"']
--- kafka_values
{"a":1}
{"a":2}
{"a":3}


=== TEST 21: a location in a location inherits it, and may turn it off
--- config
    location /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema ../html/c.json;
        events_partial on;
        location /e/on {
            events_publish $TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
        }
        location /e/off {
            events_publish $TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            events_partial off;
        }
    }
--- request eval
["POST /e/on\n[{\"a\":1},{}]", "POST /e/off\n[{\"a\":1},{}]"]
--- error_code eval
[207, 422]
--- kafka_count: 1
