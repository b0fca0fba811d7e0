# Topics by the value of a member; headers and stamps by JSON Pointer.

use TestEvents;

plan tests => 77;

# Section "topics" is what further topics hold, by the end of their name.  They
# have several partitions; one key keeps the order.

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema off;
            events_key same;
            $location
        }
END

    $block->set_value(request => "POST /e\n{}") if !defined $block->request;
});

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $topics = $block->topics // return;

    for my $name (sort keys %$topics) {
        my $topic = $ENV{TEST_NGINX_TOPIC} . $name;
        my $expected = $topics->{$name};

        broker()->wait_count($topic, scalar @$expected, 5);

        is_deeply([ map { $_->{value} } broker()->records($topic) ],
                  $expected, $block->name . " - topic $name");
    }
});

# Section "header" is the value of header "h" of each record.

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $expected = $block->header // return;

    broker()->wait_count($ENV{TEST_NGINX_TOPIC}, scalar @$expected, 5);

    my @got = map {
        my @values = map { $_->[1] } grep { $_->[0] eq 'h' }
                     @{ $_->{headers} };
        @values ? CORE::join ',', @values : '(none)';
    } broker()->records($ENV{TEST_NGINX_TOPIC});

    is_deeply(\@got, $expected, $block->name . ' - headers');
});

run_tests();

__DATA__

=== TEST 1: a topic for a value, the others go to that of the location
--- location
    events_route /brand playtv $TEST_NGINX_TOPIC-p;
    events_route /brand parlor $TEST_NGINX_TOPIC-q;
--- request
POST /e
[{"brand":"playtv","n":1},{"brand":"x","n":2},{"brand":"parlor","n":3},{"n":4},{"brand":"play\u0074v","n":5},{"brand":["playtv"],"n":6}]
--- topics eval
{ "-p" => ['{"brand":"playtv","n":1}', '{"brand":"play\u0074v","n":5}'],
  "-q" => ['{"brand":"parlor","n":3}'] }
--- kafka_values
{"brand":"x","n":2}
{"n":4}
{"brand":["playtv"],"n":6}


=== TEST 2: the first route that fits, of several pointers
--- location
    events_route /a/b 1 $TEST_NGINX_TOPIC-one;
    events_route /c true $TEST_NGINX_TOPIC-two;
    events_route /a/b x $TEST_NGINX_TOPIC-two;
    events_route /c "" $TEST_NGINX_TOPIC-one;
--- request
POST /e
[{"a":{"b":1},"c":true},{"c":true},{"a":{"b":"1"}},{"a":{"b":1.0}},{"a":{"b":"x"},"c":"true"},{"c":""},{"c":null}]
--- topics eval
{ "-one" => ['{"a":{"b":1},"c":true}', '{"a":{"b":"1"}}', '{"c":""}'],
  "-two" => ['{"c":true}', '{"a":{"b":"x"},"c":"true"}'] }
--- kafka_values
{"a":{"b":1.0}}
{"c":null}


=== TEST 3: a route by the new name of a member
--- location
    events_rename tenant brand publish=old;
    events_route /brand a $TEST_NGINX_TOPIC-a;
--- request
POST /e
[{"tenant":"a"},{"brand":"a"},{"brand":"b"}]
--- topics eval
{ "-a" => ['{"tenant":"a"}', '{"tenant":"a"}'] }
--- kafka_values
{"tenant":"b"}


=== TEST 4: the location's own topic, listed
--- location
    events_route /brand a $TEST_NGINX_TOPIC;
--- request
POST /e
[{"n":1},{"brand":"a"},{"n":2}]
--- kafka_values
{"n":1}
{"brand":"a"}
{"n":2}


=== TEST 5: an illegal topic
--- location
    events_route /brand a $host;
--- emerg
invalid topic "$host": Kafka takes 1 to 249 letters, digits, ".", "_" and "-"


=== TEST 6: a route twice
--- location
    events_route /brand a t;
    events_route /brand a u;
--- emerg
duplicate "events_route /brand a"


=== TEST 7: a pointer that is none
--- location
    events_route brand a t;
--- emerg
invalid "events_route brand": a JSON Pointer starts with "/"


=== TEST 8: more pointers than anybody needs
--- location eval
CORE::join '', map { "events_route /p$_ a t;\n" } 0 .. 16
--- emerg
"events_route" has more than 16 JSON Pointers


=== TEST 9: more topics than a producer has
--- location eval
CORE::join '', map { "events_route /p v$_ t$_;\n" } 0 .. 255
--- emerg
"events_route" has more than 255 topics


=== TEST 10: a header from each event
--- location
    events_kafka_header h /a/b;
    events_kafka_header edge $host;
--- request
POST /e
[{"a":{"b":"x"}},{"a":{"b":"x"},"brand":"p"},{"a":{"b":"\u0041\n"}},{"a":{"b":1.50}},{"a":{"b":true}},{"a":{"b":""}},{"a":{"b":null}},{"a":{"b":{}}},{}]
--- header eval
['x', 'x', "A\n", '1.50', 'true', '', '(none)', '(none)', '(none)']
--- kafka_headers
edge: localhost
content-type: application/json
--- kafka_count: 9


=== TEST 11: a header of its own for each event of many
--- location
    events_kafka_header h /n;
--- request eval
"POST /e\n[" . CORE::join(',', map { qq({"n":$_}) } 0 .. 99) . ']'
--- header eval
[0 .. 99]
--- kafka_count: 100


=== TEST 12: a header that makes the record too large
--- location
    events_kafka_property message.max.bytes 5000;
    events_max_event_size 900;
    events_kafka_header h /a;
--- request eval
"POST /e\n" . '{"a":"' . ('x' x 600) . '"}'
--- error_code: 413
--- response_body_like: "code":"event_too_large"
--- kafka_count: 0


=== TEST 13: a header twice, once of each kind
--- location
    events_kafka_header h /a;
    events_kafka_header h a;
--- emerg
duplicate name "h" in "events_kafka_header"


=== TEST 14: and the other way round
--- location
    events_kafka_header h a;
    events_kafka_header h /a;
--- emerg
duplicate name "h" in "events_kafka_header"


=== TEST 15: a header whose pointer is wrong
--- location
    events_kafka_header h /a~;
--- emerg
invalid "events_kafka_header /a~": in a JSON Pointer "~" is written "~0"


=== TEST 16: a stamp that copies a value as it is
--- location
    events_stamp id /entity/id;
    events_stamp at $arg_at;
--- request
POST /e?at=now
[{"entity":{"id":"a\u0062"}},{"id":"mine","entity":{"id":1.50}},{"id":"mine"},{"entity":{"id":{"x":[ 1 ]}},"at":0},{"entity":{"id":null}}]
--- kafka_values
{"entity":{"id":"a\u0062"},"id":"a\u0062","at":"now"}
{"entity":{"id":1.50},"id":1.50,"at":"now"}
{"id":"mine","at":"now"}
{"entity":{"id":{"x":[ 1 ]}},"id":{"x":[ 1 ]},"at":"now"}
{"entity":{"id":null},"id":null,"at":"now"}


=== TEST 17: stamps that find nothing leave the event alone
--- location
    events_stamp a /x/y;
    events_stamp b /z;
--- request
POST /e
{ "a" : 1 , "c":2 }
--- kafka_values
{ "a" : 1 , "c":2 }


=== TEST 18: a stamp of a member's own value
--- location
    events_stamp a /a;
--- request
POST /e
[{ "a" : [ 1 ] , "c":2 },{"c":3}]
--- kafka_values
{ "c":2,"a":[ 1 ]}
{"c":3}


=== TEST 19: a stamp whose pointer is wrong
--- location
    events_stamp a /a~2;
--- emerg
invalid "events_stamp /a~2": in a JSON Pointer "~" is written "~0"
