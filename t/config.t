# The configuration: what is taken, and the one line that says what is wrong.

use TestEvents;

plan tests => 402;

# Section "location" is the rest of an endpoint that is complete without it.
# Section "emerg" is the only line of nginx -t; what stands at the line that it
# names has the text of section "at".

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value(request => "POST /e\n{}") if !defined $block->request;

    if (defined(my $location = $block->location)) {
        my ($brokers, $topic) = defined $block->at
            ? ('127.0.0.1:9092', 'orders')
            : ('$TEST_NGINX_KAFKA', '$TEST_NGINX_TOPIC');

        $block->set_value(config => <<"END");
            location = /e {
                events_kafka_brokers $brokers;
                events_publish $topic;
                events_schema off;
                $location
            }
END
    }

    return if !defined $block->emerg;

    $block->set_value(grep_error_log => qr/\[emerg\]/);
    $block->set_value(grep_error_log_out => "[emerg]\n");
});

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $at = $block->at // return;

    chomp $at;

    my ($file, $n) = read_lines(server_root() . '/logs/error.log')
                     =~ /\[emerg\] .* in (\S+):(\d+)$/m;
    my @lines = split /^/, defined $n ? read_lines($file) : '';

    like($lines[($n // 1) - 1] // '', qr/\Q$at\E/,
         $block->name . ' - the line of the message');
});

sub read_lines {
    my ($file) = @_;

    local $/;

    open my $handle, '<', $file or return '';

    return readline $handle;
}

run_tests();

__DATA__

=== TEST 1: every directive at once
--- http_config
    events_shutdown_timeout 2s;
    events_kafka_memory 32m;
    events_kafka_grace 1s;
--- location
    events_kafka_property linger.ms 1;
    events_kafka_property compression.codec lz4;
    events_key /entity/id;
    events_kafka_header edge $hostname;
    events_stamp received_at $time_iso8601;
    events_ack broker;
    events_ack_timeout 4s;
    events_partial on;
    events_dead_letter dead rate=5;
    events_dry_run on;
    events_max_events 10;
    events_max_event_size 1k;
    events_max_depth 4;
    events_max_inflated 64k;
--- kafka_count: 1


=== TEST 2: nothing of the module is used
--- config
    location = /e { return 200; }
--- error_code: 200


=== TEST 3: brokers, properties and memory are inherited from http
--- http_config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    events_kafka_property client.id from-http;
    events_kafka_memory 16m;
--- config
    location = /e {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
--- kafka_count: 1


=== TEST 4: brokers are inherited from server, and http's are not taken
--- http_config
    events_kafka_brokers 127.0.0.1:1;
--- config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    location = /e {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
--- kafka_count: 1


=== TEST 5: brokers of the location come before those of server and http
--- http_config
    events_kafka_brokers 127.0.0.1:1;
--- config
    events_kafka_brokers 127.0.0.1:2;
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
--- kafka_count: 1


=== TEST 6: properties are inherited all or none, as proxy_set_header is
--- http_config
    events_kafka_property message.max.bytes 8192;
--- location
    events_kafka_property client.id mine;
    events_max_event_size 100k;
--- kafka_count: 1


=== TEST 7: properties of http hold where a location has none
--- http_config
    events_kafka_property message.max.bytes 8192;
--- location
    events_max_event_size 100k;
--- emerg
"events_max_event_size" of "events_publish orders" is 102400, more than the 4096 that the property "message.max.bytes" leaves for an event
--- at: events_publish


=== TEST 8: the first of two properties with one name is not an error, the last one counts
--- location
    events_kafka_property message.max.bytes 8192;
    events_kafka_property message.max.bytes 1000000;
--- kafka_count: 1


=== TEST 9: events_publish without brokers
--- config
    location = /e {
        events_publish orders;
        events_schema off;
    }
--- emerg
"events_publish orders" needs "events_kafka_brokers host:port"
--- at: events_publish orders;


=== TEST 10: events_publish without a contract
--- config
    location = /e {
        events_kafka_brokers 127.0.0.1:9092;
        events_publish orders;
    }
--- emerg
"events_publish orders" needs "events_schema file", or "events_schema off" to take any object
--- at: events_publish orders;


=== TEST 11: events_publish twice
--- location
    events_publish other;
--- emerg
"events_publish" directive is duplicate
--- at: events_publish other;


=== TEST 12: events_publish with an empty topic
--- config
    location = /e { events_publish ""; }
--- emerg
invalid topic "": Kafka takes 1 to 249 letters, digits, ".", "_" and "-"
--- at: events_publish ""


=== TEST 13: events_publish in server
--- config
    events_publish orders;
--- emerg
"events_publish" directive is not allowed here
--- at: events_publish


=== TEST 14: a topic with a character that Kafka does not take
--- config
    location = /e { events_publish "my orders"; }
--- emerg
invalid topic "my orders": Kafka takes 1 to 249 letters, digits, ".", "_" and "-"
--- at: events_publish "my


=== TEST 15: a topic that is two dots
--- config
    location = /e { events_publish ..; }
--- emerg
invalid topic "..": Kafka takes 1 to 249 letters, digits, ".", "_" and "-"
--- at: events_publish ..


=== TEST 16: a topic with an unknown variable
--- config
    location = /e {
        events_kafka_brokers 127.0.0.1:9092;
        events_publish $no_such;
        events_schema off;
    }
--- must_die
--- suppress_stderr
--- error_log
unknown "no_such" variable


=== TEST 17: brokers twice
--- location
    events_kafka_brokers 127.0.0.1:2;
--- emerg
"events_kafka_brokers" directive is duplicate
--- at: events_kafka_brokers 127.0.0.1:2;


=== TEST 18: brokers without a value
--- config
    events_kafka_brokers;
--- emerg
invalid number of arguments in "events_kafka_brokers" directive
--- at: events_kafka_brokers;


=== TEST 19: a broker with a port that is none
--- config
    events_kafka_brokers kafka-1:9092 kafka-2:port;
--- emerg
invalid broker "kafka-2:port": must be "host:port"
--- at: kafka-2


=== TEST 20: a broker with a port out of bounds
--- config
    events_kafka_brokers kafka:70000;
--- emerg
invalid broker "kafka:70000": must be "host:port"
--- at: kafka:70000


=== TEST 21: a broker that is a URL
--- config
    events_kafka_brokers PLAINTEXT://kafka:9092;
--- emerg
invalid broker "PLAINTEXT://kafka:9092": must be "host:port"
--- at: PLAINTEXT


=== TEST 22: brokers with a comma, as Kafka's own tools have them
--- config
    events_kafka_brokers a:9092,b:9092;
--- emerg
invalid broker "a:9092,b:9092": must be "host:port"
--- at: a:9092,b:9092


=== TEST 23: a broker that is a variable
--- config
    events_kafka_brokers $brokers;
--- emerg
invalid broker "$brokers": must be "host:port"
--- at: $brokers


=== TEST 24: a broker that is a UNIX socket
--- config
    events_kafka_brokers unix:/tmp/kafka;
--- emerg
invalid broker "unix:/tmp/kafka": must be "host:port"
--- at: unix:


=== TEST 25: a broker that is empty
--- config
    events_kafka_brokers "";
--- emerg
invalid broker "": must be "host:port"
--- at: events_kafka_brokers


=== TEST 26: a broker without a port, and brokers by IPv6 address
--- config
    location = /e {
        events_kafka_brokers kafka.invalid [::1]:9092 [::1];
        events_publish orders;
        events_schema off;
        return 204;
    }
--- error_code: 204
--- allow_faults
Kafka


=== TEST 27: an unknown property
--- location
    events_kafka_property lingerms 5;
--- emerg
invalid "events_kafka_property lingerms": No such configuration property: "lingerms"
--- at: lingerms


=== TEST 28: a property with a value that is not one of its own
--- location
    events_kafka_property compression.codec zip;
--- emerg
invalid "events_kafka_property compression.codec": Invalid value "zip" for configuration property "compression.codec"
--- at: zip


=== TEST 29: a property out of bounds
--- location
    events_kafka_property linger.ms 9000000;
--- emerg
invalid "events_kafka_property linger.ms": Configuration property "queue.buffering.max.ms" value 9e+06 is outside allowed range 0..900000
--- at: 9000000


=== TEST 30: an unknown property is found where nothing is published, too
--- config
    events_kafka_property no.such 1;
    location = /e { return 204; }
--- emerg
invalid "events_kafka_property no.such": No such configuration property: "no.such"
--- at: no.such


=== TEST 31: bootstrap.servers
--- location
    events_kafka_property bootstrap.servers kafka:9092;
--- emerg
invalid "events_kafka_property bootstrap.servers": property "bootstrap.servers" is set by "events_kafka_brokers"
--- at: bootstrap.servers


=== TEST 32: metadata.broker.list
--- location
    events_kafka_property metadata.broker.list kafka:9092;
--- emerg
invalid "events_kafka_property metadata.broker.list": property "metadata.broker.list" is set by "events_kafka_brokers"
--- at: metadata.broker.list


=== TEST 33: queue.buffering.max.kbytes
--- location
    events_kafka_property queue.buffering.max.kbytes 1024;
--- emerg
invalid "events_kafka_property queue.buffering.max.kbytes": property "queue.buffering.max.kbytes" is set by "events_kafka_memory"
--- at: queue.buffering


=== TEST 34: queue.buffering.max.messages
--- location
    events_kafka_property queue.buffering.max.messages 1024;
--- emerg
invalid "events_kafka_property queue.buffering.max.messages": property "queue.buffering.max.messages" is set by "events_kafka_memory"
--- at: queue.buffering


=== TEST 35: transactional.id
--- location
    events_kafka_property transactional.id a;
--- emerg
invalid "events_kafka_property transactional.id": property "transactional.id" does not go with concurrent batches
--- at: transactional.id


=== TEST 36: delivery.report.only.error
--- location
    events_kafka_property delivery.report.only.error true;
--- emerg
invalid "events_kafka_property delivery.report.only.error": property "delivery.report.only.error" would leave every request without an answer
--- at: delivery.report


=== TEST 37: callbacks
--- location
    events_kafka_property dr_msg_cb a;
--- emerg
invalid "events_kafka_property dr_msg_cb": property "dr_msg_cb" is the module's own
--- at: dr_msg_cb


=== TEST 38: message.timeout.ms above the ack timeout
--- location
    events_kafka_property message.timeout.ms 60000;
--- must_die
--- suppress_stderr
--- error_log eval
qr/invalid configuration of Kafka for "events_publish orders": property "message\.timeout\.ms" must be \D*(1 to )?3500, below "events_ack_timeout" in \S+nginx\.conf:\d+$/
--- at: events_publish


=== TEST 39: linger.ms above the ack timeout
--- location
    events_kafka_property linger.ms 4000;
--- emerg
invalid configuration of Kafka for "events_publish orders": property "linger.ms" must be at most 3500, below "events_ack_timeout"
--- at: events_publish


=== TEST 40: message.timeout.ms below it
--- location
    events_kafka_property message.timeout.ms 2000;
--- kafka_count: 1


=== TEST 41: a property from a file
--- user_files
>>> client
from-a-file
--- location
    events_kafka_property client.id file:$TEST_NGINX_SERVER_ROOT/html/client;
--- kafka_count: 1


=== TEST 42: the value of a property is what the file says, without its line end
--- user_files
>>> codec
zip
--- location
    events_kafka_property compression.codec file:../html/codec;
--- emerg
invalid "events_kafka_property compression.codec": Invalid value "zip" for configuration property "compression.codec"
--- at: file:


=== TEST 43: a property from a file that is not there
--- location
    events_kafka_property ssl.key.pem file:/no/such/key.pem;
--- emerg
open() "/no/such/key.pem" failed (2: No such file or directory)
--- at: file:


=== TEST 44: a property from a directory
--- location
    events_kafka_property ssl.key.pem file:/tmp;
--- emerg
"/tmp" is not a file of at most 1048576 bytes
--- at: file:


=== TEST 45: a contract that is not there
--- config
    location = /e {
        events_schema no-such.json;
    }
--- emerg
open() "$TEST_NGINX_SERVER_ROOT/conf/no-such.json" failed (2: No such file or directory)
--- at: events_schema


=== TEST 46: a contract that is a directory
--- config
    location = /e {
        events_schema /tmp;
    }
--- emerg
"/tmp" is not a file of at most 4194304 bytes
--- at: events_schema


=== TEST 47: a contract that is not JSON
--- user_files
>>> c.json
{"type":"object",}
--- config
    location = /e {
        events_schema ../html/c.json;
    }
--- must_die
--- suppress_stderr
--- error_log eval
qr/invalid contract "\.\.\/html\/c\.json" at "": the file is not JSON: a member name must be a string.* in \S+nginx\.conf:\d+$/
--- at: events_schema


=== TEST 48: a contract that is empty
--- user_files eval
[["c.json", ""]]
--- config
    location = /e {
        events_schema ../html/c.json;
    }
--- must_die
--- suppress_stderr
--- error_log eval
qr/invalid contract "\.\.\/html\/c\.json".* in \S+nginx\.conf:\d+$/
--- at: events_schema


=== TEST 49: a contract with an unknown keyword
--- user_files
>>> c.json
{"properties":{"a/b":{"minimun":1}}}
--- config
    location = /e {
        events_schema ../html/c.json;
    }
--- must_die
--- suppress_stderr
--- error_log eval
qr/invalid contract "\.\.\/html\/c\.json" at "\/properties\/a~1b\/minimun": .*minimun.* in \S+nginx\.conf:\d+$/
--- at: events_schema


=== TEST 50: a contract with a keyword of the wrong type
--- user_files
>>> c.json
{"required":"brand"}
--- config
    location = /e {
        events_schema ../html/c.json;
    }
--- must_die
--- suppress_stderr
--- error_log eval
qr/invalid contract "\.\.\/html\/c\.json" at "\/required": .* in \S+nginx\.conf:\d+$/
--- at: events_schema


=== TEST 51: a contract twice
--- location
    events_schema other.json;
--- emerg
"events_schema" directive is duplicate
--- at: events_schema other


=== TEST 52: a key that is a bad pointer
--- location
    events_key /entity~id;
--- emerg
invalid "events_key /entity~id": in a JSON Pointer "~" is written "~0"
--- at: events_key


=== TEST 53: a key whose pointer is too long
--- location
    events_key /1/2/3/4/5/6/7/8/9;
--- emerg
invalid "events_key /1/2/3/4/5/6/7/8/9": the JSON Pointer has more than 8 steps
--- at: events_key


=== TEST 54: a key with an unknown variable
--- location
    events_key $no_such;
--- must_die
--- suppress_stderr
--- error_log
unknown "no_such" variable


=== TEST 55: a key twice
--- location
    events_key /a;
    events_key $host;
--- emerg
"events_key" directive is duplicate
--- at: events_key $host


=== TEST 56: a header without a name
--- location
    events_kafka_header "" a;
--- emerg
"events_kafka_header" directive has an empty name
--- at: events_kafka_header


=== TEST 57: a header twice
--- location
    events_kafka_header edge a;
    events_kafka_header edge b;
--- emerg
duplicate name "edge" in "events_kafka_header"
--- at: edge b;


=== TEST 58: a header that the module sends itself
--- location
    events_kafka_header request_id a;
--- emerg
"events_kafka_header request_id": the module sends this header itself
--- at: events_kafka_header


=== TEST 59: a stamp twice
--- location
    events_stamp at a;
    events_stamp at b;
--- emerg
duplicate name "at" in "events_stamp"
--- at: at b;


=== TEST 60: a stamp without a name
--- location
    events_stamp "" a;
--- emerg
"events_stamp" directive has an empty name
--- at: events_stamp


=== TEST 61: a stamp without a value
--- location
    events_stamp at;
--- emerg
invalid number of arguments in "events_stamp" directive
--- at: events_stamp


=== TEST 62: an acknowledgement of an unknown kind
--- location
    events_ack leader;
--- emerg
invalid value "leader"
--- at: events_ack leader


=== TEST 63: an ack timeout that is no time
--- location
    events_ack_timeout soon;
--- emerg
"events_ack_timeout" directive invalid value
--- at: soon


=== TEST 64: an ack timeout of nothing, which would be for ever
--- location
    events_ack_timeout 0;
--- emerg
invalid value "0" in "events_ack_timeout": must be between 100ms and 15m
--- at: events_ack_timeout


=== TEST 65: an ack timeout that no broker can meet
--- location
    events_ack_timeout 99ms;
--- emerg
invalid value "99ms" in "events_ack_timeout": must be between 100ms and 15m
--- at: events_ack_timeout


=== TEST 66: a grace that a round trip would use up
--- location
    events_kafka_grace 99ms;
--- emerg
invalid value "99ms" in "events_kafka_grace": must be between 100ms and 15m
--- at: events_kafka_grace


=== TEST 67: events in a batch, below the bound
--- location
    events_max_events 0;
--- emerg
invalid value "0" in "events_max_events": must be between 1 and 100000
--- at: events_max_events


=== TEST 68: events in a batch, above the bound
--- location
    events_max_events 100001;
--- emerg
invalid value "100001" in "events_max_events": must be between 1 and 100000
--- at: events_max_events


=== TEST 69: events in a batch, not a number
--- location
    events_max_events many;
--- emerg
"events_max_events" directive invalid number
--- at: events_max_events


=== TEST 70: depth below the bound
--- location
    events_max_depth 0;
--- emerg
invalid value "0" in "events_max_depth": must be between 1 and 256
--- at: events_max_depth


=== TEST 71: depth above the bound
--- location
    events_max_depth 257;
--- emerg
invalid value "257" in "events_max_depth": must be between 1 and 256
--- at: events_max_depth


=== TEST 72: an event of no size
--- location
    events_max_event_size 0;
--- emerg
invalid value "0" in "events_max_event_size": must be between 2 and 32m
--- at: events_max_event_size


=== TEST 73: an event larger than a message of Kafka
--- location
    events_max_event_size 2m;
--- emerg
"events_max_event_size" of "events_publish orders" is 2097152, more than the 995904 that the property "message.max.bytes" leaves for an event
--- at: events_publish


=== TEST 74: an event as large as a message of Kafka allows
--- location
    events_kafka_property message.max.bytes 3145728;
    events_max_event_size 3m;
    client_max_body_size 0;
--- emerg
"events_max_event_size" of "events_publish orders" is 3145728, more than the 3141632 that the property "message.max.bytes" leaves for an event
--- at: events_publish


=== TEST 75: a size that is none
--- location
    events_max_inflated lots;
--- emerg
"events_max_inflated" directive invalid value
--- at: events_max_inflated


=== TEST 76: nothing inflated
--- location
    events_max_inflated 0;
--- emerg
invalid value "0" in "events_max_inflated": must be between 2 and 2047m
--- at: events_max_inflated


=== TEST 77: a size twice
--- location
    events_max_inflated 1m;
    events_max_inflated 2m;
--- emerg
"events_max_inflated" directive is duplicate
--- at: events_max_inflated 2m


=== TEST 78: no memory
--- location
    events_kafka_memory 0;
--- emerg
invalid value "0" in "events_kafka_memory": must be between 1k and 1048575m
--- at: events_kafka_memory


=== TEST 79: more memory than librdkafka counts
--- location
    events_kafka_memory 4194304m;
--- emerg
invalid value "4194304m" in "events_kafka_memory": must be between 1k and 1048575m
--- at: events_kafka_memory


=== TEST 80: memory twice
--- location
    events_kafka_memory 1m;
    events_kafka_memory 2m;
--- emerg
"events_kafka_memory" directive is duplicate
--- at: events_kafka_memory 2m


=== TEST 81: shutdown timeout in a server
--- config
    events_shutdown_timeout 1s;
--- emerg
"events_shutdown_timeout" directive is not allowed here
--- at: events_shutdown_timeout


=== TEST 82: properties that do not go together
--- location
    events_kafka_property acks 1;
--- emerg
invalid configuration of Kafka for "events_publish orders": `acks` must be set to `all` when `enable.idempotence` is true
--- at: events_publish


=== TEST 83: a key that is no PEM
--- user_files
>>> key.pem
not a key
--- location
    events_kafka_property security.protocol ssl;
    events_kafka_property ssl.key.pem file:../html/key.pem;
--- must_die
--- suppress_stderr
--- error_log eval
qr/invalid configuration of Kafka for "events_publish \S+": ssl\.key\.pem failed: not in PEM format.* in \S+nginx\.conf:\d+$/
--- no_error_log
not a key
--- at: events_publish


=== TEST 84: fewer acknowledgements, with what that takes
--- location
    events_kafka_property acks 1;
    events_kafka_property enable.idempotence false;
--- kafka_count: 1


=== TEST 85: message.timeout.ms that never ends
--- location
    events_kafka_property message.timeout.ms 0;
--- must_die
--- suppress_stderr
--- error_log eval
qr/invalid configuration of Kafka for "events_publish orders": property "message\.timeout\.ms" must .* in \S+nginx\.conf:\d+$/
--- at: events_publish
