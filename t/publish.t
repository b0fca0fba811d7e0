# What Kafka gets: topic, key, headers, value.

use TestEvents;

plan tests => 224;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema off;
            $location
        }
END
});

# Section "brands": the header of each record; "producers": how many there are.

add_test_cleanup_handler(sub {
    my ($block) = @_;

    check_brands($block) if defined $block->brands;
    check_producers($block) if defined $block->producers;
});

sub check_brands {
    my ($block) = @_;

    my $expected = $block->brands;
    my $topic = $ENV{TEST_NGINX_TOPIC};

    broker()->wait_count($topic, scalar @$expected, 5);

    my @got = map { brand_of($_) } broker()->records($topic);

    is_deeply(\@got, $expected, $block->name . ' - brands');
}

sub brand_of {
    my ($record) = @_;

    my @values = map { $_->[1] } grep { $_->[0] eq 'brand' }
                 @{ $record->{headers} };

    return @values ? CORE::join ',', @values : '(none)';
}

sub check_producers {
    my ($block) = @_;

    my $pid = read_line(server_root() . '/logs/nginx.pid');
    my @names = map { read_line($_) } glob "/proc/$pid/task/*/comm";

    is(scalar(grep { $_ eq 'rdk:main' } @names), $block->producers + 0,
       $block->name . ' - producers');
}

sub read_line {
    my ($file) = @_;

    open my $handle, '<', $file or return '';

    my $line = readline $handle;

    chomp $line;

    return $line;
}

run_tests();

__DATA__

=== TEST 1: no key
--- request
POST /e
[{"id":"a"},{}]
--- kafka_keys
(none)
(none)


=== TEST 2: a key that is a string
--- location
    events_key /id;
--- request
POST /e
[{"id":"a"},{"x":1,"id":"b c"},{"id":"é€"}]
--- kafka_keys
a
b c
é€


=== TEST 3: a key is text, not JSON
--- location
    events_key /id;
--- request
POST /e
[{"id":"a\"b\\c\/d"},{"id":"\u00e9\ud83d\ude00"},{"id":"t\tt"},{"\u0069d":"named by escape"}]
--- kafka_keys eval
['a"b\c/d', "\xc3\xa9\xf0\x9f\x98\x80", "t\tt", 'named by escape']


=== TEST 4: keys that are numbers and booleans, as they were written
--- location
    events_key /id;
--- request
POST /e
[{"id":1},{"id":-1.50e+2},{"id":12345678901234567890123},{"id":true},{"id":false}]
--- kafka_keys
1
-1.50e+2
12345678901234567890123
true
false


=== TEST 5: what is no key
--- location
    events_key /id;
--- request
POST /e
[{"id":null},{"x":1},{"id":""},{"id":{"a":1}},{"id":["a"]},{"ID":"a"}]
--- kafka_keys
(none)
(none)
(none)
(none)
(none)
(none)


=== TEST 6: a key in an object in an object
--- location
    events_key /entity/ref/id;
--- request
POST /e
[{"id":"no","entity":{"id":"no","ref":{"id":"yes"}}},{"entity":{"ref":"no"}},{"entity":1},{"ref":{"id":"no"}}]
--- kafka_keys
yes
(none)
(none)
(none)


=== TEST 7: a key in an array
--- location
    events_key /ids/1;
--- request
POST /e
[{"ids":["a","b","c"]},{"ids":["a"]},{"ids":[[0,9],2]},{"ids":{"1":"by name"}},{"ids":[]}]
--- kafka_keys
b
(none)
2
by name
(none)


=== TEST 8: an array's element past all others, and names that look like one
--- location
    events_key /ids/-;
--- request
POST /e
[{"ids":["a"]},{"ids":{"-":"minus"}}]
--- kafka_keys
(none)
minus


=== TEST 9: a leading zero is no index
--- location
    events_key /ids/01;
--- request
POST /e
[{"ids":["a","b"]},{"ids":{"01":"name"}}]
--- kafka_keys
(none)
name


=== TEST 10: a pointer with escapes, and an empty name
--- location
    events_key /a~1b/c~0d/;
--- request
POST /e
[{"a/b":{"c~d":{"":"found"}}},{"a~1b":{"c~0d":{"":"not"}}}]
--- kafka_keys
found
(none)


=== TEST 11: a key from a variable, one for the whole batch
--- location
    events_key $arg_k-$request_method;
--- request
POST /e?k=v
[{"id":1},{"id":2}]
--- kafka_keys
v-POST
v-POST


=== TEST 12: a variable that is empty is no key
--- location
    events_key $arg_k;
--- request
POST /e
{"id":1}
--- kafka_keys
(none)


=== TEST 13: a key that is a constant
--- location
    events_key all;
--- request
POST /e
{"id":1}
--- kafka_keys
all


=== TEST 14: headers of every record
--- request
POST /e
{"id":1}
--- kafka_headers
content-type: application/json
request_id ~ [0-9a-f]{32}
received_at ~ 20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{3}Z
! traceparent
! brand
! principal
guest: 1


=== TEST 15: the type is that of the record, whatever the request's
--- more_headers
Content-Type: application/x-ndjson
--- request
POST /e
{"id":1}
{"id":2}
--- kafka_headers
content-type: application/json
--- kafka_count: 2


=== TEST 16: traceparent, when it was sent
--- more_headers
traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
--- request
POST /e
{"id":1}
--- kafka_headers
traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01


=== TEST 17: a traceparent that is too long to be one
--- more_headers eval
"traceparent: " . ('0' x 129)
--- request
POST /e
{"id":1}
--- kafka_headers
! traceparent


=== TEST 18: configured headers, after the others
--- location
    events_kafka_header edge $hostname-$arg_e;
    events_kafka_header Empty $arg_none;
    events_kafka_header constant "a b";
--- request
POST /e?e=1
[{"id":1},{"id":2}]
--- kafka_headers
edge ~ .+-1
Empty: 
constant: a b
request_id
--- kafka_count: 2


=== TEST 19: headers are not inherited from another location
--- config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    location /e {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_kafka_header outer 1;
        events_stamp outer 1;
        location /e/inner {
            events_publish $TEST_NGINX_TOPIC;
            events_schema off;
        }
    }
--- request
POST /e/inner
{"id":1}
--- kafka_headers
! outer
--- kafka_values
{"id":1}


=== TEST 20: brands, each event its own
--- request
POST /e
[{"brand":"playtv"},{"brand":"playtv"}]
--- kafka_headers
brand: playtv
--- kafka_count: 2


=== TEST 21: several brands, and none, in a batch
--- request
POST /e
[{"brand":"a"},{"brand":"b"},{"x":1},{"brand":"a"},{"brand":1},{"brand":""},{"brand":"\u0041\n"},{"o":{"brand":"a"}}]
--- brands eval
['a', 'b', '(none)', 'a', '(none)', '', "A\n", '(none)']
--- kafka_count: 8


=== TEST 22: more brands than any contract names
--- request eval
"POST /e\n[" . CORE::join(',', map { qq({"brand":"b$_"}) } 0 .. 99, 0 .. 9) . ']'
--- brands eval
[map { "b$_" } 0 .. 99, 0 .. 9]
--- kafka_count: 110


=== TEST 23: a stamp is added at the end
--- location
    events_stamp at $arg_at;
--- request
POST /e?at=now
[{"a":1},{ "a" : 1 , "b":[ 2 ] },{"a":{"at":"mine"}}]
--- kafka_values
{"a":1,"at":"now"}
{ "a" : 1 , "b":[ 2 ],"at":"now"}
{"a":{"at":"mine"},"at":"now"}


=== TEST 24: a stamp in an empty object
--- location
    events_stamp at now;
--- request
POST /e
[{},{ }]
--- kafka_values
{"at":"now"}
{"at":"now"}


=== TEST 25: a stamp in place of the client's, wherever that is
--- location
    events_stamp at now;
--- request
POST /e
[{"at":"x","a":1,"b":2},{"a":1,"at":[1,{"at":2}],"b":2},{"a":1,"b":2,"at":null},{"at":{}}, { "at" : 1 }]
--- kafka_values
{"a":1,"b":2,"at":"now"}
{"a":1,"b":2,"at":"now"}
{"a":1,"b":2,"at":"now"}
{"at":"now"}
{"at":"now"}


=== TEST 26: a stamp in place of a name with escapes
--- location
    events_stamp at now;
--- request
POST /e
[{"\u0061t":"x","a":1},{"a":1,"a\u0074":"x"},{"\u0061\u0074":1}]
--- kafka_values
{"a":1,"at":"now"}
{"a":1,"at":"now"}
{"at":"now"}


=== TEST 27: several stamps, those of the client side by side and apart
--- location
    events_stamp at now;
    events_stamp by $arg_by;
--- request
POST /e?by=me
[{"a":1},{"at":1,"by":2},{"at":1,"a":1,"by":2},{"by":1,"at":2,"a":1},{"a":1,"by":1,"at":2},{}]
--- kafka_values
{"a":1,"at":"now","by":"me"}
{"at":"now","by":"me"}
{"a":1,"at":"now","by":"me"}
{"a":1,"at":"now","by":"me"}
{"a":1,"at":"now","by":"me"}
{"at":"now","by":"me"}


=== TEST 28: a stamp whose value JSON escapes
--- location
    events_stamp q 'a"b\\c/d';
    events_stamp u $http_x_u;
--- more_headers eval
"X-U: t\tt\x01\xc3\xa9"
--- request
POST /e
{}
--- kafka_values eval
["{\"q\":\"a\\\"b\\\\c/d\",\"u\":\"t\\tt\\u0001\xc3\xa9\"}"]


=== TEST 29: a stamp whose name JSON escapes, in place of the client's
--- location
    events_stamp 'a"b' now;
--- request
POST /e
[{"a\"b":1,"c":2},{"a\u0022b":1}]
--- kafka_values
{"c":2,"a\"b":"now"}
{"a\"b":"now"}


=== TEST 30: a stamp whose value is not UTF-8 leaves JSON behind
--- location
    events_stamp u $http_x_u;
--- more_headers eval
"X-U: a\xffb"
--- request
POST /e
{}
--- kafka_values eval
["{\"u\":\"a\xef\xbf\xbdb\"}"]


=== TEST 31: an empty stamp is an empty string
--- location
    events_stamp at $arg_none;
--- request
POST /e
{"at":"mine"}
--- kafka_values
{"at":""}


=== TEST 32: numbers, order and spacing around a stamp are the client's
--- location
    events_stamp at now;
--- request
POST /e
{ "n" : 1.50e+10 ,"at":1,  "z":12345678901234567890,	"a" : "\u0041\/" }
--- kafka_values eval
['{ "n" : 1.50e+10 ,"z":12345678901234567890,' . "\t" . '"a" : "\u0041\/","at":"now"}']


=== TEST 33: the key is the client's, not the stamp
--- location
    events_key /id;
    events_stamp id mine;
--- request
POST /e
{"id":"theirs"}
--- kafka_keys
theirs
--- kafka_values
{"id":"mine"}


=== TEST 34: a topic with variables
--- config
    location ~ ^/e/(?<name>\w+)$ {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $name-2.x_$arg_a;
        events_schema off;
    }
--- request
POST /e/B?a=c
{"a":1}
--- kafka_topic: B-2.x_c
--- kafka_values
{"a":1}


=== TEST 35: a topic that the variable makes illegal, and one that is empty
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $arg_a;
        events_schema off;
    }
--- request eval
["POST /e?a=a/b\n{}", "POST /e\n{}", "POST /e?a=..\n{}", "POST /e?a=" . ('x' x 250) . "\n{}"]
--- error_code eval
[500, 500, 500, 500]
--- response_body_like eval
['"code":"internal_error"', '"code":"internal_error"', '"code":"internal_error"', '"code":"internal_error"']
--- no_error_log
[crit]
--- kafka_count: 0


=== TEST 36: two locations share a producer
--- http_config
    events_kafka_brokers $TEST_NGINX_KAFKA;
--- config
    location = /a {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /b {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_key fixed;
    }
--- request eval
["POST /a\n{\"a\":1}", "POST /b\n{\"b\":1}"]
--- error_code eval
[200, 200]
--- producers: 1
--- kafka_values
{"a":1}
{"b":1}
--- kafka_keys
(none)
fixed


=== TEST 37: two locations with properties of their own do not
--- config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    location = /a {
        events_kafka_property client.id a;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /b {
        events_kafka_property client.id b;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
--- request eval
["POST /a\n{\"a\":1}", "POST /b\n{\"b\":1}"]
--- error_code eval
[200, 200]
--- producers: 2
--- kafka_values
{"a":1}
{"b":1}


=== TEST 38: two locations with different ack timeouts do not
--- config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    location = /a {
        events_ack_timeout 4s;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /b {
        events_ack_timeout 5s;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
--- request eval
["POST /a\n{\"a\":1}", "POST /b\n{\"b\":1}"]
--- error_code eval
[200, 200]
--- producers: 2
--- kafka_count: 2


=== TEST 39: one producer is down, the other is not
--- config
    location = /a {
        events_kafka_brokers 127.0.0.1:1;
        events_ack_timeout 3s;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /b {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
--- request eval
["POST /a\n{\"a\":1}", "POST /b\n{\"b\":1}"]
--- error_code eval
[503, 200]
--- kafka_values
{"b":1}


=== TEST 40: a batch is in the order of its events
--- request eval
"POST /e\n[" . CORE::join(',', map { qq({"n":$_}) } 1 .. 500) . ']'
--- kafka_values eval
[map { qq({"n":$_}) } 1 .. 500]


=== TEST 41: an endpoint whose location has an "if"
--- location
    events_key $arg_k;
    if ($arg_k) {
        add_header X-If yes;
    }
--- request
POST /e?k=a
{"a":1}
--- response_headers
X-If: yes
--- kafka_values
{"a":1}
--- kafka_keys
a


=== TEST 42: an endpoint whose location has a "limit_except"
--- location
    limit_except POST { deny all; }
--- request eval
["POST /e\n{\"a\":1}", "GET /e"]
--- error_code eval
[200, 403]
--- response_body_like eval
['"status":"accepted"', '^\{"type":"about:blank","title":"Forbidden","status":403,"code":"forbidden"']
--- kafka_values
{"a":1}
