# Every answer, byte for byte: status, headers, body.

use TestEvents;

plan tests => 284;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            $location
        }
END

    $block->set_value(user_files => <<'END') if !defined $block->user_files;
>>> c.json
{"type":"object","required":["brand"],"properties":{"brand":{"enum":["a","b"]},"n":{"maxLength":3},"o":{"type":"object"}}}
END

    $block->set_value(response_body_filters => \&without_id);

    if (!defined $block->error_code && defined $block->response_body
        && !ref $block->response_body
        && $block->response_body =~ /"status":(\d+)/)
    {
        $block->set_value(error_code => $1);
    }

    if (!defined $block->response_headers
        && !defined $block->response_headers_like)
    {
        $block->set_value(response_headers => 'Content-Type: application/json');
    }
});

sub without_id {
    my ($body) = @_;

    $body =~ s/"request_id":"[0-9a-f]{32}"/"request_id":"ID"/;

    return $body;
}

run_tests();

__DATA__

=== TEST 1: 200, one event
--- request
POST /e
{"brand":"a"}
--- response_headers
Content-Type: application/json
Content-Length: 111
! Retry-After
--- raw_response_headers_like: ^HTTP/1\.1 200 OK\r\n
--- response_body
{"status":"accepted","ack":"broker","received":1,"accepted":1,"request_id":"ID"}
--- kafka_count: 1


=== TEST 2: 200, three events
--- request
POST /e
[{"brand":"a"},{"brand":"b"},{"brand":"a"}]
--- response_body
{"status":"accepted","ack":"broker","received":3,"accepted":3,"request_id":"ID"}
--- kafka_count: 3


=== TEST 3: 200, no events
--- request
POST /e
[]
--- response_body
{"status":"accepted","ack":"broker","received":0,"accepted":0,"request_id":"ID"}
--- kafka_count: 0


=== TEST 4: 202
--- location
    events_ack queued;
--- request
POST /e
[{"brand":"a"},{"brand":"b"}]
--- error_code: 202
--- raw_response_headers_like: ^HTTP/1\.1 202 Accepted\r\n
--- response_body
{"status":"accepted","ack":"queued","received":2,"accepted":2,"request_id":"ID"}
--- kafka_count: 2


=== TEST 5: 400, no body
--- request
POST /e
--- raw_response_headers_like: ^HTTP/1\.1 400 Bad Request\r\n
--- response_body
{"type":"about:blank","title":"Bad Request","status":400,"code":"empty_body","detail":"the body is empty","request_id":"ID","retryable":false}
--- kafka_count: 0


=== TEST 6: 400, spaces only
--- more_headers
Content-Length: 4
--- request eval
"POST /e\n \t\r\n"
--- response_body
{"type":"about:blank","title":"Bad Request","status":400,"code":"empty_body","detail":"the body is empty","request_id":"ID","retryable":false}
--- kafka_count: 0


=== TEST 7: 400, not JSON
--- request
POST /e
[{"brand":"a"},{"brand":a}]
--- response_body
{"type":"about:blank","title":"Bad Request","status":400,"code":"invalid_json","detail":"the body is not JSON: unexpected character, at byte 24","request_id":"ID","retryable":false,"offset":24}
--- kafka_count: 0


=== TEST 8: 400, cut
--- request
POST /e
[{"brand":"a"},
--- response_body
{"type":"about:blank","title":"Bad Request","status":400,"code":"invalid_json","detail":"the body is not JSON: it ends in the middle of a value, at byte 15","request_id":"ID","retryable":false,"offset":15}
--- kafka_count: 0


=== TEST 9: 400, not UTF-8
--- request eval
"POST /e\n{\"brand\":\"\xe9\"}"
--- response_body
{"type":"about:blank","title":"Bad Request","status":400,"code":"invalid_utf8","detail":"the body is not UTF-8, at byte 10","request_id":"ID","retryable":false,"offset":10}
--- kafka_count: 0


=== TEST 10: 400, too deep
--- location
    events_max_depth 2;
--- request
POST /e
[{"brand":"a"},{"brand":"a","o":{"p":[]}}]
--- response_body
{"type":"about:blank","title":"Bad Request","status":400,"code":"too_deep","detail":"event 1 is nested more than 2 levels deep","request_id":"ID","retryable":false,"offset":37,"index":1,"limit":2,"unit":"levels"}
--- kafka_count: 0


=== TEST 11: 400, not gzip
--- more_headers
Content-Encoding: gzip
--- request
POST /e
{"brand":"a"}
--- response_body
{"type":"about:blank","title":"Bad Request","status":400,"code":"invalid_encoding","detail":"the body is not what Content-Encoding says","request_id":"ID","retryable":false}
--- kafka_count: 0


=== TEST 12: 405
--- request
GET /e
--- response_headers
Content-Type: application/json
Allow: POST
--- raw_response_headers_like: ^HTTP/1\.1 405 Not Allowed\r\n
--- response_body
{"type":"about:blank","title":"Method Not Allowed","status":405,"code":"method_not_allowed","detail":"events are sent with POST","request_id":"ID","retryable":false}
--- kafka_count: 0


=== TEST 13: 413, client_max_body_size by Content-Length
--- location
    client_max_body_size 10;
--- request
POST /e
{"brand":"a"}
--- raw_response_headers_like: ^HTTP/1\.1 413 Request Entity Too Large\r\n
--- response_body
{"type":"about:blank","title":"Content Too Large","status":413,"code":"body_too_large","detail":"the body is too large: the limit is 10 bytes","request_id":"ID","retryable":false,"limit":10,"unit":"bytes"}
--- kafka_count: 0


=== TEST 14: 413, client_max_body_size by chunks
--- location
    client_max_body_size 10;
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /e\n7\r\n{\"brand\r\n6\r\n\":\"a\"}\r\n0\r\n\r\n"
--- response_body
{"type":"about:blank","title":"Content Too Large","status":413,"code":"body_too_large","detail":"the body is too large: the limit is 10 bytes","request_id":"ID","retryable":false,"limit":10,"unit":"bytes"}
--- kafka_count: 0


=== TEST 15: 413, events
--- location
    events_max_events 2;
--- request
POST /e
[{"brand":"a"},{"brand":"a"},{"brand":"a"}]
--- response_body
{"type":"about:blank","title":"Content Too Large","status":413,"code":"too_many_events","detail":"the batch has too many events: the limit is 2 events","request_id":"ID","retryable":false,"limit":2,"unit":"events"}
--- kafka_count: 0


=== TEST 16: 413, one event
--- location
    events_max_event_size 20;
--- request
POST /e
[{"brand":"a"},{"brand":"a","n":1234567890}]
--- response_body
{"type":"about:blank","title":"Content Too Large","status":413,"code":"event_too_large","detail":"event 1 is larger than 20 bytes","request_id":"ID","retryable":false,"index":1,"limit":20,"unit":"bytes"}
--- kafka_count: 0


=== TEST 17: an event as large as the limit
--- location
    events_max_event_size 13;
--- request
POST /e
[ {"brand":"a"} ]
--- response_body
{"status":"accepted","ack":"broker","received":1,"accepted":1,"request_id":"ID"}
--- kafka_count: 1


=== TEST 18: an event one byte larger than the limit
--- location
    events_max_event_size 13;
--- request
POST /e
{"brand": "a"}
--- response_body
{"type":"about:blank","title":"Content Too Large","status":413,"code":"event_too_large","detail":"event 0 is larger than 13 bytes","request_id":"ID","retryable":false,"index":0,"limit":13,"unit":"bytes"}
--- kafka_count: 0


=== TEST 19: 413, inflated
--- location
    events_max_inflated 1k;
--- more_headers
Content-Encoding: gzip
--- request eval
use IO::Compress::Gzip;
my $body = '{"brand":"a","x":"' . ('x' x 1024) . '"}';
IO::Compress::Gzip::gzip(\$body, \my $gzip);
"POST /e\n$gzip"
--- response_body
{"type":"about:blank","title":"Content Too Large","status":413,"code":"inflated_too_large","detail":"the body is too large once inflated: the limit is 1024 bytes","request_id":"ID","retryable":false,"limit":1024,"unit":"bytes"}
--- kafka_count: 0


=== TEST 20: 415, type
--- more_headers
Content-Type: application/xml
--- request
POST /e
<event/>
--- response_headers
Content-Type: application/json
Accept: application/json, application/x-ndjson, text/plain
! Accept-Encoding
--- raw_response_headers_like: ^HTTP/1\.1 415 Unsupported Media Type\r\n
--- response_body
{"type":"about:blank","title":"Unsupported Media Type","status":415,"code":"unsupported_type","detail":"Content-Type must be application/json, any +json, text/plain or application/x-ndjson","request_id":"ID","retryable":false}
--- kafka_count: 0


=== TEST 21: 415, coding
--- more_headers
Content-Encoding: br
--- request
POST /e
{"brand":"a"}
--- response_headers
Content-Type: application/json
Accept-Encoding: gzip, deflate, identity
! Accept
--- response_body
{"type":"about:blank","title":"Unsupported Media Type","status":415,"code":"unsupported_encoding","detail":"Content-Encoding must be gzip, deflate or identity","request_id":"ID","retryable":false}
--- kafka_count: 0


=== TEST 22: 422, two of three events
--- request
POST /e
[{"n":1},{"brand":"a"},{"brand":"b","n":"four"}]
--- raw_response_headers_like: ^HTTP/1\.1 422 Unprocessable Content\r\n
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"2 of 3 events are invalid; nothing was published","request_id":"ID","retryable":false,"received":3,"accepted":0,"rejected":2,"errors":[{"index":0,"pointer":"/0/brand","code":"required","detail":"is required"},{"index":2,"pointer":"/2/n","code":"maxLength","detail":"is longer than 3 characters"}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 23: 422, one of two events
--- request
POST /e
[{"brand":"a"},{"brand":"c"}]
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"1 of 2 events is invalid; nothing was published","request_id":"ID","retryable":false,"received":2,"accepted":0,"rejected":1,"errors":[{"index":1,"pointer":"/1/brand","code":"enum","detail":"must be one of \"a\", \"b\""}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 24: 422, one object: no index in its pointers, all its errors
--- request
POST /e
{"n":"four","o":[]}
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"the event is invalid; nothing was published","request_id":"ID","retryable":false,"received":1,"accepted":0,"rejected":1,"errors":[{"index":0,"pointer":"/n","code":"maxLength","detail":"is longer than 3 characters"},{"index":0,"pointer":"/o","code":"type","detail":"must be an object"},{"index":0,"pointer":"/brand","code":"required","detail":"is required"}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 25: 422, an array of one
--- request
POST /e
[{"brand":1}]
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"1 of 1 events is invalid; nothing was published","request_id":"ID","retryable":false,"received":1,"accepted":0,"rejected":1,"errors":[{"index":0,"pointer":"/0/brand","code":"enum","detail":"must be one of \"a\", \"b\""}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 26: 422, lines: an event's index is in its pointers
--- more_headers
Content-Type: application/x-ndjson
--- request
POST /e
{"brand":"a"}
{"brand":1}
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"1 of 2 events is invalid; nothing was published","request_id":"ID","retryable":false,"received":2,"accepted":0,"rejected":1,"errors":[{"index":1,"pointer":"/1/brand","code":"enum","detail":"must be one of \"a\", \"b\""}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 27: 422, not objects
--- request
POST /e
[1,"a",null,[{}]]
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"4 of 4 events are invalid; nothing was published","request_id":"ID","retryable":false,"received":4,"accepted":0,"rejected":4,"errors":[{"index":0,"pointer":"/0","code":"type","detail":"must be an object"},{"index":1,"pointer":"/1","code":"type","detail":"must be an object"},{"index":2,"pointer":"/2","code":"type","detail":"must be an object"},{"index":3,"pointer":"/3","code":"type","detail":"must be an object"}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 28: 422, one value that is no object
--- request
POST /e
"event"
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"the event is invalid; nothing was published","request_id":"ID","retryable":false,"received":1,"accepted":0,"rejected":1,"errors":[{"index":0,"pointer":"","code":"type","detail":"must be an object"}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 29: 422, a name that a pointer and JSON escape
--- user_files
>>> c.json
{"additionalProperties":false}
--- request
POST /e
{"a/b~c\"\u000a":1}
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"the event is invalid; nothing was published","request_id":"ID","retryable":false,"received":1,"accepted":0,"rejected":1,"errors":[{"index":0,"pointer":"/a~1b~0c\"\n","code":"additionalProperties","detail":"is not allowed"}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 30: 422, values are not echoed
--- request
POST /e
{"brand":"a secret","n":"another secret"}
--- error_code: 422
--- response_body_unlike: secret
--- kafka_count: 0


=== TEST 31: 422, twenty errors are all of them
--- request eval
"POST /e\n[" . CORE::join(',', ('{}') x 20) . ']'
--- error_code: 422
--- response_body eval
'{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"20 of 20 events are invalid; nothing was published","request_id":"ID","retryable":false,"received":20,"accepted":0,"rejected":20,"errors":['
. CORE::join(',', map { qq({"index":$_,"pointer":"/$_/brand","code":"required","detail":"is required"}) } 0 .. 19)
. "],\"errors_truncated\":false}\n"
--- kafka_count: 0


=== TEST 32: 422, more are cut and said to be
--- request eval
"POST /e\n[" . CORE::join(',', ('{}') x 21) . ']'
--- error_code: 422
--- response_body eval
'{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"21 of 21 events are invalid; nothing was published","request_id":"ID","retryable":false,"received":21,"accepted":0,"rejected":21,"errors":['
. CORE::join(',', map { qq({"index":$_,"pointer":"/$_/brand","code":"required","detail":"is required"}) } 0 .. 19)
. "],\"errors_truncated\":true}\n"
--- kafka_count: 0


=== TEST 33: what is not JSON in the last event comes before what is not valid in the first
--- request
POST /e
[{"n":1},{"brand":]
--- response_body
{"type":"about:blank","title":"Bad Request","status":400,"code":"invalid_json","detail":"the body is not JSON: a value is missing, at byte 18","request_id":"ID","retryable":false,"offset":18}
--- kafka_count: 0


=== TEST 34: 503, no broker
--- location
    events_ack_timeout 1s;
--- broker: down all
--- request
POST /e
{"brand":"a"}
--- response_headers_like
Content-Type: application/json
Retry-After: [1-5]
--- raw_response_headers_like: ^HTTP/1\.1 503 Service Temporarily Unavailable\r\n
--- response_body
{"type":"about:blank","title":"Service Unavailable","status":503,"code":"broker_unreachable","detail":"Kafka cannot be reached; nothing was published","request_id":"ID","retryable":true}
--- kafka_count: 0


=== TEST 35: 413, a batch larger than the whole queue
--- location
    events_kafka_memory 1k;
--- request eval
"POST /e\n[" . CORE::join(',', ('{"brand":"a"}') x 3) . ']'
--- response_headers
Content-Type: application/json
--- response_body
{"type":"about:blank","title":"Content Too Large","status":413,"code":"batch_too_large","detail":"the batch is larger than the queue for Kafka: the limit is 1024 bytes","request_id":"ID","retryable":false,"limit":1024,"unit":"bytes"}
--- kafka_count: 0


=== TEST 36: 503, a broker that refuses
--- broker: error 0 29 1000
--- request
POST /e
{"brand":"a"}
--- response_headers_like
Content-Type: application/json
Retry-After: [1-5]
--- response_body
{"type":"about:blank","title":"Service Unavailable","status":503,"code":"broker_refused","detail":"Kafka did not take the events; nothing was published","request_id":"ID","retryable":true}
--- kafka_count: 0
--- error_log eval
qr/\[error\] .* 1 of 1 events were not published: TOPIC_AUTHORIZATION_FAILED/


=== TEST 37: Accept: text/html
--- more_headers
Accept: text/html
--- request
POST /e
{"brand":"a"}
--- response_body
{"status":"accepted","ack":"broker","received":1,"accepted":1,"request_id":"ID"}
--- kafka_count: 1


=== TEST 38: Accept: */*
--- more_headers
Accept: */*
--- request
POST /e
{}x
--- response_body
{"type":"about:blank","title":"Bad Request","status":400,"code":"invalid_json","detail":"the body is not JSON: there is more after the end, at byte 2","request_id":"ID","retryable":false,"offset":2}
--- kafka_count: 0


=== TEST 39: Accept that makes no sense
--- more_headers
Accept: ;;q=,/
--- request
POST /e
{}
--- error_code: 422
--- response_body_like: ^\{"type":"about:blank","title":"Unprocessable Content","status":422,
--- kafka_count: 0


=== TEST 40: Accept: text/html, and what nginx refuses by itself
--- location
    client_max_body_size 1;
--- more_headers
Accept: text/html
--- request
POST /e
{"brand":"a"}
--- response_body
{"type":"about:blank","title":"Content Too Large","status":413,"code":"body_too_large","detail":"the body is too large: the limit is 1 bytes","request_id":"ID","retryable":false,"limit":1,"unit":"bytes"}
--- kafka_count: 0


=== TEST 41: Accept: text/html, 405
--- more_headers
Accept: text/html
--- request
PUT /e
{"brand":"a"}
--- response_headers
Content-Type: application/json
Allow: POST
--- error_code: 405
--- response_body_like: ^\{"type":"about:blank","title":"Method Not Allowed","status":405,
--- kafka_count: 0


=== TEST 42: request_id is nginx's own
--- location
    add_header X-Request-Id $request_id always;
--- request
POST /e
{"brand":"a"}
--- raw_response_headers_like: X-Request-Id: [0-9a-f]{32}\r\n
--- kafka_headers
request_id ~ [0-9a-f]{32}
--- kafka_count: 1


=== TEST 43: lines, one event: as an array of one
--- more_headers
Content-Type: application/x-ndjson
--- request
POST /e
{}
--- response_body
{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"invalid_events","detail":"1 of 1 events is invalid; nothing was published","request_id":"ID","retryable":false,"received":1,"accepted":0,"rejected":1,"errors":[{"index":0,"pointer":"/0/brand","code":"required","detail":"is required"}],"errors_truncated":false}
--- kafka_count: 0


=== TEST 44: charset and gzip of the server change nothing in an error
--- http_config
    charset utf-8;
    charset_types application/json;
    gzip on;
    gzip_types application/json;
    gzip_min_length 1;
--- more_headers
Accept-Encoding: identity
--- request
POST /e
{"brand":"c"}
--- error_code: 422
--- response_headers_like
Content-Type: application/json(; charset=utf-8)?
--- response_body_like: "errors_truncated":false\}\n$
--- kafka_count: 0
