# events_dead_letter: rejected events, as they came, in a topic of their own.

use Digest::SHA ();

use TestEvents;

plan tests => 150;

my $Topics = 0;
my $Contract = '{"required":["a"],"properties":{"a":{"type":"integer"}}}' . "\n";

# Section "dead": what the topic of dead letters holds, "reason pointer value"
# a line, or the number of them; "dead_headers": a pattern for those of each.

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $ENV{TEST_NGINX_DEAD} = 'dead_' . ++$Topics;
    broker()->create_topic($ENV{TEST_NGINX_DEAD}, 1);

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            events_dead_letter \$TEST_NGINX_DEAD rate=1000;
            $location
        }
END

    $block->set_value(user_files => ">>> c.json\n$Contract");
});

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $dead = $block->dead // return;

    my @expected = $dead =~ /^\d+$/ ? () : split /\n/, $dead;
    my $n = @expected || $dead;

    broker()->wait_count($ENV{TEST_NGINX_DEAD}, $n, 5);

    my @records = broker()->records($ENV{TEST_NGINX_DEAD});

    is(scalar @records, $n, $block->name . ' - the number of dead letters');

    if (@expected) {
        is(CORE::join("\n", map { line_of($_) } @records), $dead =~ s/\n\z//r,
           $block->name . ' - dead letters');
    }

    check_headers($block, @records) if defined $block->dead_headers;
});

sub line_of {
    my ($record) = @_;

    my %header = map { @$_ } @{ $record->{headers} };

    return CORE::join ' ', $header{reason} // '(none)',
                      $header{pointer} // '(none)', $record->{value};
}

sub check_headers {
    my ($block, @records) = @_;

    my $expected = $block->dead_headers =~ s/\$CONTRACT/digest()/er;

    for my $record (@records) {
        my @names = map { $_->[0] } @{ $record->{headers} };
        my %header = map { @$_ } @{ $record->{headers} };

        is($record->{key}, undef, $block->name . ' - no key');
        like(CORE::join("\n", map { "$_: $header{$_}" } @names),
             qr/\A$expected\z/, $block->name . ' - headers of a dead letter');
    }
}

sub digest {
    return Digest::SHA::sha256_hex($Contract);
}

# A batch of n events, of which each second one is not valid.

sub every_second {
    my ($n) = @_;

    return '[' . CORE::join(',', map { $_ % 2 ? qq({"b":$_}) : qq({"a":$_}) }
                                 0 .. $n - 1) . ']';
}

run_tests();

__DATA__

=== TEST 1: what is rejected, with the batch, but not its valid siblings
--- request
POST /e
[{"a":1}, { "b" : "\u00e9"} ,{"a":3,"a":"x"},{"a":4}, 5,{"a":"x","b":[{}]}]
--- error_code: 422
--- response_body_like: "rejected":4,
--- kafka_count: 0
--- dead
required /a { "b" : "\u00e9"}
duplicate_member /a {"a":3,"a":"x"}
type  5
type /a {"a":"x","b":[{}]}


=== TEST 2: what is rejected from a partial batch
--- location
    events_partial on;
--- request
POST /e
[{"a":1},{},{"a":2}]
--- error_code: 207
--- kafka_values
{"a":1}
{"a":2}
--- dead
required /a {}


=== TEST 3: nothing is rejected
--- request
POST /e
[{"a":1},{"a":2}]
--- kafka_values
{"a":1}
{"a":2}
--- dead: 0


=== TEST 4: a single event, and lines
--- more_headers eval
["", "Content-Type: application/x-ndjson"]
--- request eval
["POST /e\n {\"b\":1} ", "POST /e\n{\"a\":1}\n{\"b\":2}\n[]\n"]
--- error_code eval
[422, 422]
--- kafka_count: 0
--- dead
required /a {"b":1}
required /a {"b":2}
type  []


=== TEST 5: headers
--- request
POST /e
[{"b":1}]
--- error_code: 422
--- kafka_count: 0
--- dead: 1
--- dead_headers chomp
content-type: application/json
request_id: [0-9a-f]{32}
received_at: 20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{3}Z
guest: 1
reason: required
pointer: /a
contract: $CONTRACT


=== TEST 6: headers: the trace, but none that is configured, and no brand
--- location
    events_key fixed;
    events_kafka_header edge 1;
    events_stamp at now;
--- more_headers
traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
--- request
POST /e
[{"brand":"playtv"}]
--- error_code: 422
--- dead
required /a {"brand":"playtv"}
--- dead_headers chomp
content-type: application/json
request_id: [0-9a-f]{32}
received_at: \S+
guest: 1
traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
reason: required
pointer: /a
contract: $CONTRACT


=== TEST 7: without a contract there is no digest of one
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_dead_letter $TEST_NGINX_DEAD;
    }
--- request
POST /e
[1]
--- error_code: 422
--- dead: 1
--- dead_headers chomp
content-type: application/json
request_id: [0-9a-f]{32}
received_at: \S+
guest: 1
reason: type
pointer: 


=== TEST 8: a pointer with bytes of the client's
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_dead_letter $TEST_NGINX_DEAD;
    }
--- request eval
"POST /e\n[{\"\xc3\xa9/~\":1,\"\\u00e9\\/~\":2}]"
--- error_code: 422
--- dead eval
"duplicate_member /\xc3\xa9~1~0 {\"\xc3\xa9/~\":1,\"\\u00e9\\/~\":2}\n"


=== TEST 9: not what cannot be read
--- request eval
["POST /e\n[{\"b\":1},{]", "POST /e\n", "POST /e\n[{\"b\":\"\xff\"}]",
 "POST /e\n[{\"b\":1}," . ('[' x 40) . (']' x 40) . ']']
--- error_code eval
[400, 400, 400, 400]
--- kafka_count: 0
--- dead: 0


=== TEST 10: 500 events, each second one invalid
--- location
    events_partial on;
--- request eval
"POST /e\n" . main::every_second(500)
--- error_code: 207
--- kafka_values eval
[map { '{"a":' . 2 * $_ . '}' } 0 .. 249]
--- dead eval
CORE::join('', map { 'required /a {"b":' . (2 * $_ + 1) . "}\n" } 0 .. 249)


=== TEST 11: the same, rejected as a whole, though only 20 are listed
--- request eval
"POST /e\n" . main::every_second(500)
--- error_code: 422
--- response_body_like: "rejected":250,.*"errors_truncated":true
--- kafka_count: 0
--- dead eval
CORE::join('', map { 'required /a {"b":' . (2 * $_ + 1) . "}\n" } 0 .. 249)


=== TEST 12: the rate
--- location
    events_max_events 1000;
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema ../html/c.json;
        events_dead_letter $TEST_NGINX_DEAD rate=7;
    }
--- request eval
"POST /e\n" . main::every_second(500)
--- error_code: 422
--- error_log
events: 243 rejected events were not sent to the dead letter topic: over the rate
--- dead: 7


=== TEST 13: no answer waits for a dead letter
--- location
    events_ack_timeout 1s;
--- broker: rtt 900
--- timeout: 500ms
--- request
POST /e
[{"b":1}]
--- error_code: 422


=== TEST 14: no answer depends on a dead letter: Kafka is away
--- broker: down all
--- location
    events_ack_timeout 2s;
--- request
POST /e
[{"b":1},{"b":2}]
--- error_code: 422


=== TEST 15: no answer depends on a dead letter: Kafka refuses, which is told
--- broker: error Produce 10 1
--- request
POST /e
[{"a":1},{"b":1}]
--- error_code: 422
--- error_log eval
qr/\[error\].*events: 1 rejected events were not sent to the dead letter topic: MSG_SIZE_TOO_LARGE$/
--- dead: 0


=== TEST 16: what is sent again is not a dead letter yet
--- location
    events_partial on;
    events_kafka_memory 2k;
    events_ack_timeout 2s;
--- request eval
"POST /e\n[" . CORE::join(',', map { '{"a":1},{"b":1}' } 1 .. 6) . ']'
--- error_code: 413
--- kafka_count: 0
--- dead: 0


=== TEST 17: records have half of the queue for themselves
--- location
    events_partial on;
    events_kafka_memory 2k;
    events_ack queued;
    events_kafka_property linger.ms 300;
--- request eval
"POST /e\n[" . CORE::join(',', map { qq({"b":$_}) } 1 .. 9) . ',{"a":1}]'
--- error_code: 207
--- error_log
events: 7 rejected events were not sent to the dead letter topic: the queue is half full
--- kafka_values
{"a":1}
--- dead
required /a {"b":1}
required /a {"b":2}


=== TEST 18: a large one does not fit that half either
--- location
    events_kafka_memory 2k;
--- request eval
"POST /e\n[{\"b\":\"" . ('x' x 1024) . '"}]'
--- error_code: 422
--- error_log
events: 1 rejected events were not sent to the dead letter topic: the queue is half full
--- dead: 0


=== TEST 19: a location in a location inherits it, and may turn it off
--- config
    location /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema ../html/c.json;
        events_dead_letter $TEST_NGINX_DEAD;
        location /e/on {
            events_publish $TEST_NGINX_TOPIC;
            events_schema off;
        }
        location /e/off {
            events_publish $TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            events_dead_letter off;
        }
    }
--- request eval
["POST /e/on\n[1]", "POST /e/off\n[2]"]
--- error_code eval
[422, 422]
--- dead
type  1


=== TEST 20: an illegal topic
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter a/b;
    }
--- request
GET /
--- emerg
invalid topic "a/b": Kafka takes 1 to 249 letters, digits, ".", "_" and "-"


=== TEST 21: a topic with a variable
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter dead.$arg_a;
    }
--- request
GET /
--- emerg
invalid topic "dead.$arg_a": Kafka takes 1 to 249 letters, digits, ".", "_" and "-"


=== TEST 22: an empty topic
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter "";
    }
--- request
GET /
--- emerg
invalid topic "": Kafka takes 1 to 249 letters, digits, ".", "_" and "-"


=== TEST 23: no rate
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter dead rate=;
    }
--- request
GET /
--- emerg
invalid parameter "rate=": must be "rate=number", between 1 and 1000000


=== TEST 24: a rate of nothing
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter dead rate=0;
    }
--- request
GET /
--- emerg
invalid parameter "rate=0": must be "rate=number", between 1 and 1000000


=== TEST 25: a rate that is too high
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter dead rate=1000001;
    }
--- request
GET /
--- emerg
invalid parameter "rate=1000001": must be "rate=number", between 1 and 1000000


=== TEST 26: a rate that is no number
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter dead rate=10r/s;
    }
--- request
GET /
--- emerg
invalid parameter "rate=10r/s": must be "rate=number", between 1 and 1000000


=== TEST 27: another parameter
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter dead burst=5;
    }
--- request
GET /
--- emerg
invalid parameter "burst=5": must be "rate=number", between 1 and 1000000


=== TEST 28: two of them
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter dead;
    events_dead_letter dead;
    }
--- request
GET /
--- emerg
"events_dead_letter" directive is duplicate


=== TEST 29: off, and a topic
--- config
    events_kafka_brokers 127.0.0.1:9092;
    location = /e {
    events_dead_letter off;
    events_dead_letter dead;
    }
--- request
GET /
--- emerg
"events_dead_letter" directive is duplicate
