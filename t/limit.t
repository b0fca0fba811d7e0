# events_limit: how many events pass, what is answered beyond, and what its
# configuration may be.

use TestEvents;

plan tests => 299;

# Section "emerg" is the only line of nginx -t.

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location;

    if (defined $location) {
        $block->set_value(config => <<"END");
        events_kafka_brokers \$TEST_NGINX_KAFKA;
        location = /e {
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            $location
        }
END
        $block->set_value(user_files => ">>> c.json\n{\"required\":[\"a\"]}\n");
    }

    $block->set_value(response_body_filters => sub {
        return $_[0] =~ s/"request_id":"[0-9a-f]{32}"/"request_id":"ID"/r;
    });

    return if !defined $block->emerg;

    $block->set_value(request => "POST /e\n{\"a\":1}");
    $block->set_value(grep_error_log => qr/\[emerg\]/);
    $block->set_value(grep_error_log_out => "[emerg]\n");
});

no_long_string();
run_tests();

__DATA__

=== TEST 1: a batch costs its events, and passes whole or not at all
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
--- location
    events_limit zone=one burst=5;
--- request eval
["POST /e?k=a\n[{\"a\":1},{\"a\":2},{\"a\":3}]",
 "POST /e?k=a\n[{\"a\":4},{\"a\":5},{\"a\":6}]",
 "POST /e?k=a\n[{\"a\":7},{\"a\":8}]",
 "POST /e?k=a\n{\"a\":9}"]
--- error_code eval
[200, 429, 200, 429]
--- response_body_like eval
['accepted', 'rate_limited', 'accepted', 'rate_limited']
--- kafka_values
{"a":1}
{"a":2}
{"a":3}
{"a":7}
{"a":8}


=== TEST 2: the answer over the limit
--- location
    events_limit zone=one burst=1000000000;
    events_limit zone=two burst=2;
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/s;
    events_limit_zone $arg_k zone=two:1m rate=1e/m;
--- request eval
["POST /e?k=a\n[{\"a\":1},{\"a\":2}]",
 "POST /e?k=a\n[{\"a\":3},{\"a\":4}]"]
--- error_code eval
[200, 429]
--- response_body eval
[qq({"status":"accepted","ack":"broker","received":2,"accepted":2,"request_id":"ID"}\n),
 qq({"type":"about:blank","title":"Too Many Requests","status":429,"code":"rate_limited","detail":"too many events in a short time; the limit is 1 events/min, and nothing was published","request_id":"ID","retryable":true,"limit":1,"unit":"events/min"}\n)]
--- response_headers_like eval
["! Retry-After\n! RateLimit\n! RateLimit-Policy",
 "Retry-After: 1(1\\d|20)\n! RateLimit\n! RateLimit-Policy\nContent-Type: application/json"]
--- kafka_count: 2


=== TEST 3: keys are senders
--- http_config
    events_limit_zone $http_x_app$arg_k zone=one:1m rate=1e/m;
--- location
    events_limit zone=one burst=1;
--- request eval
["POST /e?k=a\n{\"a\":1}", "POST /e?k=b\n{\"a\":1}", "POST /e?k=a\n{\"a\":1}",
 "POST /e?k=b\n{\"a\":1}", "POST /e?k=c\n{\"a\":1}"]
--- error_code eval
[200, 200, 429, 429, 200]
--- kafka_count: 3


=== TEST 4: an empty key is not limited
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
--- location
    events_limit zone=one burst=1;
    events_limit_headers on;
--- request eval
["POST /e\n[{\"a\":1},{\"a\":2}]", "POST /e?k=\n{\"a\":1}",
 "POST /e\n{\"a\":1}"]
--- error_code eval
[200, 200, 200]
--- response_headers eval
["! RateLimit\n! RateLimit-Policy", "! RateLimit\n! RateLimit-Policy",
 "! RateLimit\n! RateLimit-Policy"]
--- kafka_count: 4


=== TEST 5: long keys are no bypass, and differ in their last byte
--- http_config
    events_limit_zone $http_x_key zone=one:32k rate=1e/m;
--- config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    large_client_header_buffers 4 100k;
    location = /e {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_limit zone=one burst=1;
    }
--- request eval
[("POST /e\n{\"a\":1}") x 7]
--- more_headers eval
["X-Key: " . 'x' x 70000, "X-Key: " . 'x' x 70000,
 "X-Key: " . 'x' x 69999 . 'y', "X-Key: " . 'x' x 55, "X-Key: " . 'x' x 55,
 "X-Key: " . 'x' x 56, "X-Key: " . 'x' x 56]
--- error_code eval
[200, 429, 200, 200, 429, 200, 429]
--- kafka_count: 4


=== TEST 6: no zone is charged when another refuses
--- http_config
    events_limit_zone $arg_k zone=each:1m rate=1e/m;
    events_limit_zone $arg_all zone=all:1m rate=1e/m;
--- location
    events_limit zone=each burst=4;
    events_limit zone=all burst=6;
--- request eval
["POST /e?k=a&all=1\n[{\"a\":1},{\"a\":1},{\"a\":1},{\"a\":1}]",
 "POST /e?k=a&all=1\n[{\"a\":2},{\"a\":2}]",
 "POST /e?k=b&all=1\n[{\"a\":3},{\"a\":3},{\"a\":3}]",
 "POST /e?k=b&all=1\n[{\"a\":4},{\"a\":4}]",
 "POST /e?k=b&all=2\n[{\"a\":5},{\"a\":5}]",
 "POST /e?k=b&all=2\n{\"a\":6}"]
--- error_code eval
[200, 429, 429, 200, 200, 429]
--- kafka_count: 8


=== TEST 7: a batch that is larger than the burst can never pass
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
    events_limit_zone $arg_k zone=two:1m rate=1e/m;
--- location
    events_limit zone=one burst=3;
    events_limit zone=two burst=2;
    events_limit_headers on;
--- request eval
["POST /e?k=a\n[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4}]",
 "POST /e?k=a\n[{\"a\":1},{\"a\":2}]"]
--- error_code eval
[413, 200]
--- response_body eval
[qq({"type":"about:blank","title":"Content Too Large","status":413,"code":"too_many_events","detail":"the batch has too many events: the limit is 2 events","request_id":"ID","retryable":false,"limit":2,"unit":"events"}\n),
 qq({"status":"accepted","ack":"broker","received":2,"accepted":2,"request_id":"ID"}\n)]
--- response_headers eval
["! Retry-After\n! RateLimit\nRateLimit-Policy: \"one\";q=3;w=180;qu=\"events\", \"two\";q=2;w=120;qu=\"events\"",
 "RateLimit: \"one\";r=1;t=120, \"two\";r=0;t=120"]
--- kafka_count: 2


=== TEST 8: fields, accepted and refused
--- http_config
    events_limit_zone $arg_k zone=b:1m rate=60e/m;
    events_limit_zone $arg_l zone=a.1_x-Y:1m rate=1e/m;
--- location
    events_limit zone=b burst=100;
    events_limit zone=a.1_x-Y burst=10;
    events_limit_headers on;
--- request eval
["POST /e?k=a\n[{\"a\":1},{\"a\":2}]",
 "POST /e?k=b&l=a\n[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4},{\"a\":5},{\"a\":6}]",
 "POST /e?k=b&l=a\n[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4},{\"a\":5},{\"a\":6}]"]
--- error_code eval
[200, 200, 429]
--- response_headers_like eval
["RateLimit: \"b\";r=98;t=2\nRateLimit-Policy: \"b\";q=100;w=100;qu=\"events\"",
 "RateLimit: \"a.1_x-Y\";r=4;t=360, \"b\";r=94;t=6\nRateLimit-Policy: \"a.1_x-Y\";q=10;w=600;qu=\"events\", \"b\";q=100;w=100;qu=\"events\"",
 "RateLimit: \"a.1_x-Y\";r=4;t=1[12]\\d, \"b\";r=9\\d;t=[1-6]\nRetry-After: 1[12]\\d"]
--- kafka_count: 8


=== TEST 9: invalid events are charged
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
--- location
    events_limit zone=one burst=3;
    events_limit_headers on;
--- request eval
["POST /e?k=a\n[{\"a\":1},{\"b\":2}]",
 "POST /e?k=a\n[{\"a\":1},{\"b\":2}]",
 "POST /e?k=a\n{\"a\":1}",
 "POST /e?k=a\n{\"a\":1}"]
--- error_code eval
[422, 429, 200, 429]
--- response_headers_like eval
["RateLimit: \"one\";r=1;t=120", "RateLimit: \"one\";r=1;t=\\d+",
 "RateLimit: \"one\";r=0;t=\\d+", "RateLimit: \"one\";r=0;t=\\d+"]
--- kafka_count: 1


=== TEST 10: events before a fault of the body are charged, others cost nothing
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
--- location
    events_limit zone=one burst=2;
    events_max_events 5;
--- request eval
["POST /e?k=a\nnothing", "POST /e?k=a\n[]", "POST /e?k=a\n[{\"a\":1},{\"a\":2},]",
 "POST /e?k=a\n[{\"a\":1},{\"a\":2},]",
 "POST /e?k=b\n[{\"a\":1},{\"a\":2},{\"a\":3},]",
 "POST /e?k=b\n[" . '{"a":1},' x 7 . '{"a":1}]',
 "POST /e?k=b\n[{\"a\":1},{\"a\":2}]"]
--- error_code eval
[400, 200, 400, 429, 400, 413, 200]
--- kafka_count: 2


=== TEST 11: inherited where a level has none of its own
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
    events_limit_zone $arg_k zone=two:1m rate=1e/m;
    events_limit zone=one burst=1;
    events_limit_headers on;
    events_kafka_brokers $TEST_NGINX_KAFKA;
--- config
    location = /inherited {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /own {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_limit zone=two burst=3;
        events_limit_headers off;
    }
    location = /if {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_limit zone=two burst=2;
        if ($arg_if) {
            set $x y;
        }
    }
--- request eval
["POST /inherited?k=a\n{}", "POST /own?k=a\n{}", "POST /inherited?k=a\n{}",
 "POST /own?k=a\n[{},{}]", "POST /own?k=a\n{}", "POST /if?k=b&if=1\n[{},{}]",
 "POST /if?k=b&if=1\n{}"]
--- error_code eval
[200, 200, 429, 200, 429, 200, 429]
--- response_headers_like eval
["RateLimit: \"one\";r=0;t=60", "! RateLimit", "RateLimit: \"one\";r=0;t=\\d+",
 "! RateLimit", "! RateLimit", "RateLimit: \"two\";r=0;t=120",
 "RateLimit: \"two\";r=0;t=\\d+"]
--- kafka_count: 6


=== TEST 12: other locations know nothing of it
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
    events_limit zone=one burst=1;
    events_limit_headers on;
--- config
    location = /other { return 200 "ok"; }
--- request eval
["GET /other?k=a", "GET /other?k=a"]
--- error_code eval
[200, 200]
--- response_headers eval
["! RateLimit\n! RateLimit-Policy", "! RateLimit\n! RateLimit-Policy"]


=== TEST 13: the most of everything
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1000000000e/s;
    events_limit_zone $arg_k zone=two:1m rate=1000000000e/m;
--- location
    events_limit zone=one burst=1000000000;
    events_limit zone=two burst=1000000000;
    events_limit_headers on;
--- request
POST /e?k=a
{"a":1}
--- response_headers
RateLimit: "one";r=999999999;t=1, "two";r=999999999;t=1
RateLimit-Policy: "one";q=1000000000;w=1;qu="events", "two";q=1000000000;w=60;qu="events"
--- kafka_count: 1


=== TEST 14: an unknown zone
--- location
    events_limit zone=none burst=1;
--- emerg
unknown zone "none" in "events_limit": there is no "events_limit_zone" of this name


=== TEST 15: the same zone with another key
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
    events_limit_zone $arg_l zone=one:1m rate=1e/m;
--- location
--- emerg
events_limit_zone "one" is already bound to key "$arg_k"


=== TEST 16: a zone of another module
--- http_config
    limit_req_zone $arg_k zone=one:1m rate=1r/m;
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
--- location
--- emerg
the shared memory zone "one" is already declared for a different use


=== TEST 17: the same zone twice in a location
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
--- location
    events_limit zone=one burst=1;
    events_limit zone=one burst=2;
--- emerg
"events_limit" directive is duplicate


=== TEST 18: a rate of requests
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1r/s;
--- location
--- emerg
invalid rate "rate=1r/s": must be between 1 and 1000000000, with "e/s" or "e/m"


=== TEST 19: a rate of nothing
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=0e/s;
--- location
--- emerg
invalid rate "rate=0e/s": must be between 1 and 1000000000, with "e/s" or "e/m"


=== TEST 20: a rate that is too much
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1000000001e/m;
--- location
--- emerg
invalid rate "rate=1000000001e/m": must be between 1 and 1000000000, with "e/s" or "e/m"


=== TEST 21: no rate
--- http_config
    events_limit_zone $arg_k zone=one:1m zone=one:1m;
--- location
--- emerg
"events_limit_zone" directive needs the parameter "rate=number" with "e/s" or "e/m"


=== TEST 22: no zone
--- http_config
    events_limit_zone $arg_k rate=1e/s rate=1e/s;
--- location
--- emerg
"events_limit_zone" directive needs the parameter "zone=name:size"


=== TEST 23: a zone without a size
--- http_config
    events_limit_zone $arg_k zone=one rate=1e/s;
--- location
--- emerg
invalid zone "zone=one": must be "zone=name:size", the name of letters, digits, "_", "-", "."


=== TEST 24: a zone with a name that no field can hold
--- http_config
    events_limit_zone $arg_k "zone=o\"e:1m" rate=1e/s;
--- location
--- emerg
invalid zone "zone=o"e:1m": must be "zone=name:size", the name of letters, digits, "_", "-", "."


=== TEST 25: a size that is none
--- http_config
    events_limit_zone $arg_k zone=one:big rate=1e/s;
--- location
--- emerg
invalid zone size "zone=one:big"


=== TEST 26: a zone that is too small
--- http_config
    events_limit_zone $arg_k zone=one:31k rate=1e/s;
--- location
--- emerg
zone "zone=one:31k" is too small: must be at least 32k


=== TEST 27: an unknown parameter of a zone
--- http_config
    events_limit_zone $arg_k zone=one:1m burst=1;
--- location
--- emerg
invalid parameter "burst=1"


=== TEST 28: a burst of nothing
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/s;
--- location
    events_limit zone=one burst=0;
--- emerg
invalid burst "burst=0": must be between 1 and 1000000000


=== TEST 29: a burst that is too large
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/s;
--- location
    events_limit zone=one burst=1000000001;
--- emerg
invalid burst "burst=1000000001": must be between 1 and 1000000000


=== TEST 30: no burst
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/s;
--- location
    events_limit zone=one zone=one;
--- emerg
"events_limit" directive needs the parameters "zone=name" and "burst=number"


=== TEST 31: an unknown parameter of a limit
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/s;
--- location
    events_limit zone=one nodelay;
--- emerg
invalid parameter "nodelay"


=== TEST 32: no name
--- location
    events_limit zone= burst=1;
--- emerg
"events_limit" directive needs the name of a zone


=== TEST 33: a zone in a server
--- config
    events_limit_zone $arg_k zone=one:1m rate=1e/s;
--- emerg
"events_limit_zone" directive is not allowed here
