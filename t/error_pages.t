# nginx's own errors, and error_page: JSON before the module's clients, and
# nothing that changes for others.

use TestEvents;

plan tests => 244;

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value(response_body_filters => sub {
        my ($body) = @_;

        $body =~ s/"request_id":"[0-9a-f]{32}"/"request_id":"ID"/;

        return $body;
    });

    my $pages = $block->pages // return;

    $block->set_value(user_files => ">>> 50x.html\nthe page\n");
    $block->set_value(config => <<"END" . ($block->config // ''));
        error_page 400 403 404 405 413 415 422 429 500 502 503 504 /50x.html;
        location = /50x.html { root \$TEST_NGINX_SERVER_ROOT/html; }
        location = /other { return 503; }
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema off;
            $pages
        }
END
});

run_tests();

__DATA__

=== TEST 1: error_page of the server is not for us: 413
--- pages
client_max_body_size 1;
--- request
POST /e
{"a":1}
--- error_code: 413
--- response_headers
Content-Type: application/json
--- response_body
{"type":"about:blank","title":"Content Too Large","status":413,"code":"body_too_large","detail":"the body is too large: the limit is 1 bytes","request_id":"ID","retryable":false,"limit":1,"unit":"bytes"}
--- kafka_count: 0


=== TEST 2: error_page of the server is not for us: what the module says
--- pages
--- request eval
["POST /e\n{", "GET /e", "POST /e\n1"]
--- error_code eval
[400, 405, 422]
--- response_body_like eval
['"code":"invalid_json"', '"code":"method_not_allowed"', '"code":"invalid_events"']
--- kafka_count: 0


=== TEST 3: error_page of the server is not for us: return
--- pages
return 503;
--- request
POST /e
{"a":1}
--- error_code: 503
--- response_headers_like
Content-Type: application/json
Retry-After: [1-5]
--- response_body
{"type":"about:blank","title":"Service Unavailable","status":503,"code":"unavailable","detail":"the server cannot take the request now","request_id":"ID","retryable":true}
--- kafka_count: 0


=== TEST 4: error_page of the server is not for us: return in an "if"
--- pages
if ($arg_off) {
    return 503;
}
--- request
POST /e?off=1
{"a":1}
--- error_code: 503
--- response_headers_like
Content-Type: application/json
Retry-After: [1-5]
--- response_body_like: ^\{"type":"about:blank","title":"Service Unavailable","status":503,"code":"unavailable",
--- kafka_count: 0


=== TEST 5: other locations have their page
--- pages
--- request
GET /other
--- error_code: 503
--- response_headers
Content-Type: text/html
! Retry-After
--- response_body
the page
--- kafka_count: 0


=== TEST 6: error_page of http is not for us
--- http_config
    error_page 413 /50x.html;
--- config
    location = /50x.html { return 200 "the page"; }
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        client_max_body_size 1;
    }
--- request
POST /e
{"a":1}
--- error_code: 413
--- response_body_like: "code":"body_too_large"
--- kafka_count: 0


=== TEST 7: error_page of the server is not for an endpoint in an endpoint
--- config
    error_page 413 /50x.html;
    location = /50x.html { return 200 "the page"; }
    location /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        location /e/inner {
            events_publish $TEST_NGINX_TOPIC;
            events_schema off;
            client_max_body_size 1;
        }
    }
--- request
POST /e/inner
{"a":1}
--- error_code: 413
--- response_body_like: "code":"body_too_large"
--- kafka_count: 0


=== TEST 8: error_page of the location itself is meant
--- pages
error_page 413 /50x.html;
client_max_body_size 1;
--- request
POST /e
{"a":1}
--- error_code: 413
--- response_headers
Content-Type: text/html
--- response_body
the page
--- kafka_count: 0


=== TEST 9: error_page of the location itself, in its "if"
--- pages
error_page 503 /50x.html;
if ($arg_off) {
    return 503;
}
--- request
POST /e?off=1
{"a":1}
--- error_code: 503
--- response_body
the page
--- kafka_count: 0


=== TEST 10: what the module itself answers has no error_page
--- pages
error_page 400 422 /50x.html;
--- request eval
["POST /e\n{", "POST /e\n1"]
--- error_code eval
[400, 422]
--- response_body_like eval
['"code":"invalid_json"', '"code":"invalid_events"']
--- kafka_count: 0


=== TEST 11: limit_req with 429
--- http_config
    limit_req_zone $server_name zone=one:1m rate=1r/m;
--- pages
limit_req zone=one;
limit_req_status 429;
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- error_code eval
[200, 429]
--- response_headers_like eval
["Content-Type: application/json", "Content-Type: application/json\nRetry-After: [1-5]"]
--- response_body eval
[qr/"status":"accepted"/,
 qq({"type":"about:blank","title":"Too Many Requests","status":429,"code":"rate_limited","detail":"too many requests","request_id":"ID","retryable":true}\n)]
--- kafka_values
{"a":1}


=== TEST 12: limit_req as it is by default
--- http_config
    limit_req_zone $server_name zone=one:1m rate=1r/m;
--- pages
limit_req zone=one;
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- error_code eval
[200, 503]
--- response_headers_like eval
["Content-Type: application/json", "Content-Type: application/json\nRetry-After: [1-5]"]
--- response_body eval
[qr/"status":"accepted"/,
 qq({"type":"about:blank","title":"Service Unavailable","status":503,"code":"unavailable","detail":"the server cannot take the request now","request_id":"ID","retryable":true}\n)]
--- kafka_values
{"a":1}


=== TEST 13: the connection goes on after limit_req, and the body is not a request
--- http_config
    limit_req_zone $http_x_limit zone=one:1m rate=1r/m;
--- pages
limit_req zone=one;
limit_req_status 429;
--- more_headers eval
["X-Limit: a", "X-Limit: a", "X-Limit: b"]
--- pipelined_requests eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}", "POST /e\n{\"a\":3}"]
--- error_code eval
[200, 429, 200]
--- response_body_like eval
['accepted', 'rate_limited', 'accepted']
--- kafka_values
{"a":1}
{"a":3}


=== TEST 14: auth_basic and deny
--- config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    location = /auth {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        auth_basic "events";
        auth_basic_user_file $TEST_NGINX_SERVER_ROOT/html/users;
    }
    location = /deny {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        deny all;
    }
--- user_files
>>> users
a:{PLAIN}b
--- request eval
["POST /auth\n{\"a\":1}", "POST /deny\n{\"a\":1}"]
--- error_code eval
[401, 403]
--- response_headers eval
["Content-Type: application/json\nWWW-Authenticate: Basic realm=\"events\"",
 "Content-Type: application/json\n! Retry-After"]
--- response_body eval
[qq({"type":"about:blank","title":"Unauthorized","status":401,"code":"unauthorized","detail":"the request is not authenticated","request_id":"ID","retryable":false}\n),
 qq({"type":"about:blank","title":"Forbidden","status":403,"code":"forbidden","detail":"the sender may not do this","request_id":"ID","retryable":false}\n)]
--- kafka_count: 0


=== TEST 15: a body larger than nginx says, twice as large, is one answer
--- pages
client_max_body_size 1k;
--- request eval
"POST /e\n" . ('x' x 100_000)
--- error_code: 413
--- response_headers
Content-Type: application/json
--- response_body_like: ^\{[^\n]*\}\n$
--- kafka_count: 0


=== TEST 16: a redirect is left as it is
--- pages
return 307 https://other.example/e;
--- request
POST /e
{"a":1}
--- error_code: 307
--- response_headers
Location: https://other.example/e
Content-Type: text/html
--- kafka_count: 0


=== TEST 17: an endpoint that is an error page itself
--- config
    error_page 404 = /e;
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /gone { return 404; }
--- request
POST /gone
{"a":1}
--- error_code: 405
--- response_body_like: "code":"method_not_allowed"
--- kafka_count: 0


=== TEST 18: HEAD of what nginx refuses
--- pages
deny all;
--- request
HEAD /e
--- error_code: 403
--- response_headers
Content-Type: application/json
--- kafka_count: 0


=== TEST 19: a subrequest is not an event
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /page {
        addition_types *;
        add_after_body /e;
        return 200 "page ";
    }
--- request
POST /page
{"a":1}
--- response_body_like: ^page 
--- kafka_count: 0


=== TEST 20: the type of errors, and of nothing else
--- config
    events_error_type application/problem+json;
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_partial on;
        client_max_body_size 100;
    }
    location = /json {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_error_type application/json;
    }
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n[{\"a\":2},1]", "POST /e\n{", "POST /e\n1",
 "POST /e\n" . 'x' x 200, "POST /json\n{"]
--- error_code eval
[200, 207, 400, 422, 413, 400]
--- response_headers eval
[("Content-Type: application/json") x 2,
 ("Content-Type: application/problem+json") x 3,
 "Content-Type: application/json"]
--- response_body_like eval
['accepted', 'partial', 'invalid_json', 'invalid_events', 'body_too_large',
 'invalid_json']
--- kafka_values
{"a":1}
{"a":2}


=== TEST 21: off in an endpoint: nginx's errors are nginx's, the module's are not
--- pages
events_json_errors off;
client_max_body_size 10;
if ($arg_off) {
    return 503;
}
--- request eval
["POST /e\n{\"a\":1,\"b\":2}", "POST /e?off=1\n{}", "POST /e\n{"]
--- error_code eval
[413, 503, 400]
--- response_headers eval
["Content-Type: text/html", "Content-Type: text/html",
 "Content-Type: application/json"]
--- response_body_like eval
['^the page$', '^the page$', 'invalid_json']
--- kafka_count: 0


=== TEST 22: on at the level of http, off in a server's location
--- http_config
    events_json_errors on;
    error_page 404 /50x.html;
--- config
    location = /off { events_json_errors off; return 404; }
    location = /50x.html { return 200 "the page"; }
    location = /endless { rewrite ^ /endless last; }
    if ($arg_s) { return 404; }
--- request eval
["GET /on", "GET /off", "GET /endless", "GET /anything?s=1"]
--- error_code eval
[404, 404, 500, 404]
--- response_body_like eval
['"code":"not_found"', '^the page$', '"code":"internal_error"',
 '"code":"not_found"']


=== TEST 23: HEAD, and a keepalive after a page that is JSON
--- config
    events_json_errors on;
    location = /text { return 200 "a text"; }
--- pipelined_requests eval
["HEAD /none", "POST /none\n{\"a\":1}", "GET /text"]
--- error_code eval
[404, 404, 200]
--- response_body_like eval
['^$', '"code":"not_found"', '^a text$']


=== TEST 24: what an error_page leads to is left as it is, its own errors are not
--- config
    events_json_errors on;
    location = /page { error_page 404 /html.html; return 404; }
    location = /html.html { return 200 "<b>a page</b>"; }
    location = /named { error_page 404 =410 @named; return 404; }
    location @named { default_type text/html; return 404 "<b>named</b>"; }
    location = /fails { error_page 404 /none; return 404; }
    location = /refused { error_page 404 /denied; return 404; }
    location = /denied { deny all; }
--- request eval
["GET /page", "GET /named", "GET /fails", "GET /refused"]
--- error_code eval
[404, 410, 404, 403]
--- response_body_like eval
['^<b>a page</b>$', '^<b>named</b>$', '"code":"not_found"',
 '"code":"forbidden"']


=== TEST 25: a type that there is not
--- config
    events_error_type text/html;
--- must_die
--- suppress_stderr
--- error_log
invalid value "text/html"


=== TEST 26: on twice
--- config
    events_json_errors on;
    events_json_errors on;
--- must_die
--- suppress_stderr
--- error_log
"events_json_errors" directive is duplicate
