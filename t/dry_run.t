# events_dry_run: everything is published, and the log tells what would not be.

use TestEvents;

plan tests => 89;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            events_dry_run on;
            add_header X-Events "\$events_invalid/\$events_rejected/\$events_accepted";
            $location
        }
END

    $block->set_value(user_files => <<'END');
>>> c.json
{"required":["a"],"properties":{"a":{"type":"integer"},"b":{"enum":["x"]}}}
END
});

run_tests();

__DATA__

=== TEST 1: all are published, in order
--- request
POST /e
[{"a":1},{},{"a":"secret"},{"a":4,"b":"secret"},{"a":5}]
--- response_body_like: ^\{"status":"accepted","ack":"broker","received":5,"accepted":5,"request_id":"\w+"\}$
--- response_headers
X-Events: 3/0/5
--- error_log eval
qr{\[error\] .* events: dry run: 3 of 5 events would be rejected: required /a, type /a, enum /b, client: .*, request: "POST /e HTTP}
--- no_error_log
secret
--- kafka_values
{"a":1}
{}
{"a":"secret"}
{"a":4,"b":"secret"}
{"a":5}


=== TEST 2: nothing is wrong
--- request
POST /e
[{"a":1}]
--- response_headers
X-Events: 0/0/1
--- no_error_log
dry run
--- kafka_count: 1


=== TEST 3: what is no object is published as it came, without key and stamps
--- location
    events_key $arg_k;
    events_stamp at now;
    events_kafka_header edge 1;
--- request
POST /e?k=key
[ 1 ,"x",[ {"a":1} ],null,{"a":2}]
--- response_headers
X-Events: 4/0/5
--- kafka_values
1
"x"
[ {"a":1} ]
null
{"a":2,"at":"now"}
--- kafka_keys
(none)
(none)
(none)
(none)
key
--- kafka_headers
content-type: application/json
edge: 1


=== TEST 4: so is a bare value
--- request
POST /e
"x"
--- response_headers
X-Events: 1/0/1
--- error_log
events: dry run: 1 of 1 events would be rejected: type, client
--- kafka_values
"x"


=== TEST 5: a key by a pointer, and what is no object
--- location
    events_key /0;
--- request
POST /e
[["a"],{"0":"b"}]
--- kafka_keys
(none)
b


=== TEST 6: members that occur twice
--- location
    events_stamp at now;
    events_key /a;
--- request
POST /e
[{"a":1,"a":2},{"a":1,"at":1,"at":2}]
--- response_headers
X-Events: 2/0/2
--- error_log
events: dry run: 2 of 2 events would be rejected: duplicate_member /a, duplicate_member /at
--- kafka_values
{"a":1,"a":2,"at":"now"}
{"a":1,"at":"now"}


=== TEST 7: names are the client's, and escaped
--- request eval
"POST /e\n{\"a\":1,\"\\n[emerg] \\\"\xc3\xa9\":1,\"\\n[emerg] \\\"\xc3\xa9\":2}"
--- error_log
would be rejected: duplicate_member /\x0A[emerg] \x22\xC3\xA9, client
--- allow_faults
[emerg]
--- kafka_count: 1


=== TEST 8: at most five are named, and those past 20 count
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_dry_run on;
    }
--- request eval
"POST /e\n[" . CORE::join(',', (1) x 30, map { qq({"m$_":1,"m$_":2}) } 1 .. 9) . ']'
--- error_log
events: dry run: 39 of 39 events would be rejected: type x30, duplicate_member /m1, duplicate_member /m2, duplicate_member /m3, duplicate_member /m4, ..., client
--- kafka_count: 39


=== TEST 9: bodies that cannot be read are errors all the same
--- location
    events_max_events 2;
    events_max_event_size 32;
--- request eval
["POST /e\n[{},{]", "POST /e\n", "POST /e\n[{},{},{}]",
 "POST /e\n[{\"b\":\"" . ('x' x 32) . '"}]']
--- error_code eval
[400, 400, 413, 413]
--- no_error_log
dry run
--- kafka_count: 0


=== TEST 10: what Kafka refuses is an error all the same, and is not counted
--- location
    events_kafka_memory 1k;
--- request
POST /e
[{},{},{},{}]
--- error_code: 413
--- response_headers
! X-Events
--- no_error_log
dry run
--- kafka_count: 0


=== TEST 11: queued
--- location
    events_ack queued;
--- request
POST /e
[{}]
--- error_code: 202
--- kafka_values
{}


=== TEST 12: nothing is rejected in part, and there are no dead letters
--- location
    events_partial on;
    events_dead_letter never;
--- request
POST /e
[{},{"a":1}]
--- error_code: 200
--- kafka_values
{}
{"a":1}


=== TEST 13: the topic of dead letters stays empty
--- location
    events_dead_letter never;
--- request
POST /e
[{}]
--- kafka_topic: never
--- kafka_partitions: 1
--- kafka_count: 0


=== TEST 14: off
--- config
    location /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_dry_run on;
        location /e/off {
            events_publish $TEST_NGINX_TOPIC;
            events_schema off;
            events_dry_run off;
        }
        location /e/on {
            events_publish $TEST_NGINX_TOPIC;
            events_schema off;
        }
    }
--- request eval
["POST /e/off\n1", "POST /e/on\n2"]
--- error_code eval
[422, 200]
--- kafka_values
2
