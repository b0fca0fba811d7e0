# Pages of other origins: preflights, and answers that they may read.

use TestEvents;

use Digest::SHA qw(sha256_hex);

plan tests => 259;

# Section "location" is the rest of an endpoint for pages of two origins.

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // return;
    my $origins = $block->origins
                  // 'https://www.playtv.example http://localhost:3000';

    chomp $origins;

    $block->set_value(user_files => <<'END');
>>> keys
app sha256:b21a9b2c38b6fbd2ceae3ad2b9f6ad8b8f0cbf7ac5c9c2a2b4fd5a8c0a0f1e2d
END
    $block->set_value(config => <<"END");
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema off;
            events_cors_origin $origins;
            $location
        }
END
});

run_tests();

__DATA__

=== TEST 1: preflight
--- location
--- request
OPTIONS /e
--- more_headers
Origin: https://www.playtv.example
Access-Control-Request-Method: POST
Access-Control-Request-Headers: content-type,x-api-key
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: https://www.playtv.example
Access-Control-Allow-Methods: POST
Access-Control-Allow-Headers: content-type,x-api-key
Access-Control-Max-Age: 7200
Vary: Origin
! Access-Control-Expose-Headers
! Access-Control-Allow-Credentials
! Content-Type
! Content-Length
--- response_body:
--- kafka_count: 0


=== TEST 2: preflight that asks for no header
--- location
--- request
OPTIONS /e
--- more_headers
Origin: http://localhost:3000
Access-Control-Request-Method: POST
--- error_code: 204
--- response_headers
Access-Control-Allow-Origin: http://localhost:3000
Access-Control-Allow-Headers: Authorization, Content-Encoding, Content-Type, X-API-Key, X-Guest-Id
--- kafka_count: 0


=== TEST 3: preflight that asks for too much is told what is usual
--- location
--- request
OPTIONS /e
--- more_headers eval
"Origin: http://localhost:3000\nAccess-Control-Request-Method: POST\n"
. "Access-Control-Request-Headers: " . join ',', map { "x-$_" } 1 .. 500
--- error_code: 204
--- response_headers
Access-Control-Allow-Headers: Authorization, Content-Encoding, Content-Type, X-API-Key, X-Guest-Id
--- kafka_count: 0


=== TEST 4: preflight for another method
--- location
--- request
OPTIONS /e
--- more_headers
Origin: http://localhost:3000
Access-Control-Request-Method: DELETE
--- error_code: 204
--- response_headers
Access-Control-Allow-Methods: POST
--- kafka_count: 0


=== TEST 5: preflight from other origins
--- location
--- request eval
[("OPTIONS /e") x 5]
--- more_headers eval
[map { "Origin: $_\nAccess-Control-Request-Method: POST" }
 "https://evil.example", "https://www.playtv.example.evil.example",
 "http://www.playtv.example", "null", "https://WWW.playtv.example"]
--- error_code eval
[(403) x 5]
--- response_headers eval
[("! Access-Control-Allow-Origin\n! Access-Control-Allow-Methods\nVary: Origin\nContent-Type: application/json") x 5]
--- response_body_like eval
[('"code":"origin_not_allowed"') x 5]
--- kafka_count: 0


=== TEST 6: OPTIONS of no browser is a method like others
--- location
--- request eval
["OPTIONS /e", "OPTIONS /e"]
--- more_headers eval
["Access-Control-Request-Method: POST", "Origin: http://localhost:3000"]
--- error_code eval
[405, 405]
--- response_headers eval
["Allow: POST\nVary: Origin\n! Access-Control-Allow-Origin",
 "Allow: POST\nVary: Origin\nAccess-Control-Allow-Origin: http://localhost:3000"]
--- kafka_count: 0


=== TEST 7: a preflight has no key, no cookie, and is no request of a guest
--- http_config
    limit_req_zone $events_guest_key zone=guest:1m rate=1r/m;
    limit_req_zone $server_name zone=all:1m rate=1r/m;
--- location
limit_req zone=guest;
limit_req zone=all;
limit_req_status 429;
events_guests off;
events_principal $arg_user;
auth_request /none;
deny all;
limit_except POST { deny all; }
auth_basic "events";
auth_basic_user_file ../html/keys;
--- request eval
["OPTIONS /e", "OPTIONS /e", "OPTIONS /e"]
--- more_headers eval
[("Origin: http://localhost:3000\nAccess-Control-Request-Method: POST") x 3]
--- error_code eval
[204, 204, 204]
--- kafka_count: 0


=== TEST 8: preflights on one connection
--- location
--- more_headers
Origin: http://localhost:3000
Access-Control-Request-Method: POST
--- pipelined_requests eval
["OPTIONS /e", "OPTIONS /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- error_code eval
[204, 204, 200]
--- kafka_values
{"a":2}


=== TEST 9: what a page may read
--- location
--- more_headers
Origin: https://www.playtv.example
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{", "POST /e\n1", "GET /e", "POST /e\n[]"]
--- error_code eval
[200, 400, 422, 405, 200]
--- response_headers eval
[("Access-Control-Allow-Origin: https://www.playtv.example\nAccess-Control-Expose-Headers: Retry-After, RateLimit, RateLimit-Policy\nVary: Origin\n! Access-Control-Allow-Methods\n! Access-Control-Max-Age") x 5]
--- kafka_count: 1


=== TEST 10: what nginx refuses, too
--- http_config
    limit_req_zone $arg_limit zone=limit:1m rate=1r/m;
--- location
client_max_body_size 10;
limit_req zone=limit;
limit_req_status 429;
if ($arg_off) { return 503; }
limit_except POST { deny all; }
--- more_headers
Origin: https://www.playtv.example
--- request eval
["POST /e\n{\"abcdefghijk\":1}", "POST /e?limit=1\n1", "POST /e?limit=1\n1", "POST /e?off=1\n1", "PUT /e\n1"]
--- error_code eval
[413, 422, 429, 503, 403]
--- response_headers eval
[("Access-Control-Allow-Origin: https://www.playtv.example\nAccess-Control-Expose-Headers: Retry-After, RateLimit, RateLimit-Policy\nVary: Origin") x 5]
--- response_body_like eval
['body_too_large', 'invalid_events', 'rate_limited', 'unavailable', 'forbidden']
--- kafka_count: 0


=== TEST 11: who is not known may read why
--- location
events_principal $arg_user;
--- more_headers
Origin: https://www.playtv.example
--- request
POST /e
{"a":1}
--- error_code: 401
--- response_headers
Access-Control-Allow-Origin: https://www.playtv.example
--- kafka_count: 0


=== TEST 12: another origin reads nothing; that is the browser's to enforce
--- location
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- more_headers eval
["Origin: https://evil.example", "X-Other: 1"]
--- error_code eval
[200, 200]
--- response_headers eval
[("! Access-Control-Allow-Origin\n! Access-Control-Expose-Headers\nVary: Origin") x 2]
--- kafka_count: 2


=== TEST 13: any origin
--- origins: *
--- location
--- request eval
["OPTIONS /e", "POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}", "POST /e\n1"]
--- more_headers eval
["Origin: null\nAccess-Control-Request-Method: POST",
 "Origin: https://any.example", "Origin: null", "X-Other: 1"]
--- error_code eval
[204, 200, 200, 422]
--- response_headers eval
[("Access-Control-Allow-Origin: *\nVary: Origin") x 4]
--- kafka_count: 2


=== TEST 14: without the directive there is none of it
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
--- request eval
["OPTIONS /e", "POST /e\n{\"a\":1}"]
--- more_headers eval
[("Origin: https://www.playtv.example\nAccess-Control-Request-Method: POST") x 2]
--- error_code eval
[405, 200]
--- response_headers eval
[("! Access-Control-Allow-Origin\n! Vary") x 2]
--- kafka_count: 1


=== TEST 15: sendBeacon: text, and the key in the query
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_api_keys ../html/beacon;
        events_api_key $http_x_api_key $arg_key;
        events_cors_origin https://www.playtv.example;
    }
--- user_files eval
">>> beacon\nweb sha256:" . Digest::SHA::sha256_hex("the-key")
. " origin=https://www.playtv.example\n"
--- request eval
["POST /e?key=the-key\n{\"a\":1}", "POST /e?key=the-key\n{\"a\":2}"]
--- more_headers eval
["Origin: https://www.playtv.example\nContent-Type: text/plain;charset=UTF-8",
 "Origin: https://evil.example\nContent-Type: text/plain;charset=UTF-8"]
--- error_code eval
[200, 403]
--- response_headers eval
["Access-Control-Allow-Origin: https://www.playtv.example",
 "! Access-Control-Allow-Origin"]
--- kafka_values
{"a":1}
--- kafka_headers
principal: web


=== TEST 16: inherited, and replaced as a whole
--- config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    events_cors_origin https://a.example;
    location = /e {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /b {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_cors_origin https://b.example;
    }
--- more_headers
Origin: https://a.example
--- request eval
["POST /e\n1", "POST /b\n1"]
--- error_code eval
[422, 422]
--- response_headers eval
["Access-Control-Allow-Origin: https://a.example",
 "! Access-Control-Allow-Origin"]
--- kafka_count: 0


=== TEST 17: an origin that no browser sends
--- origins: https://www.playtv.example/
--- location
--- must_die
--- error_log
invalid origin "https://www.playtv.example/": an origin ends after its host or port, without a "/"


=== TEST 18: any, and one
--- origins: https://www.playtv.example *
--- location
--- must_die
--- error_log
invalid origin "*": an origin begins with a scheme in lower case and "://"


=== TEST 19: twice
--- location
events_cors_origin *;
--- must_die
--- error_log
"events_cors_origin" directive is duplicate
