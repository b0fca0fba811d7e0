# events_log_invalid: a line for each request that is rejected, and nothing in
# it that a client could make up.

use TestEvents;

plan tests => 219;

# at "debug" nginx logs all headers

log_level('info');

# "lines" is what error.log says of rejected requests: ID stands for an id of
# nginx's, SHA for the digest of "body"; without what nginx adds after that.
# "samples" is what it shows of bodies.

use Digest::SHA qw(sha256_hex);

my $keys = join '', map { $_->[0] . ' sha256:' . sha256_hex($_->[1]) . "$_->[2]\n" }
               [ 'app', 'the-key-of-app', '' ],
               [ 'tv', 'the-key-of-tv', ' brand=playtv origin=https://tv.example' ];

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            events_api_keys ../html/events.keys;
            events_api_key \$http_x_api_key \$arg_key;
            events_guests on;
            $location
        }
END
    $block->set_value(user_files => <<"END");
>>> events.keys
$keys
>>> c.json
{"required":["brand"],
 "properties":{"a":{"type":"integer"},"list":{"items":{"required":["id"]}},
               "brand":{"enum":["playtv","parlor"]}},
 "additionalProperties":false}
END

    return if !defined $block->emerg;

    $block->set_value(request => "POST /e\n{}");
    $block->set_value(grep_error_log => qr/\[emerg\]/);
    $block->set_value(grep_error_log_out => "[emerg]\n");
});

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $expected = $block->samples // return;
    my $text = join '', map { "$_\n" }
                        log_text('error.log', 1) =~ /, sample: "([^"]*)", client/g;

    is_str($text, $expected, $block->name . ' - samples');
});

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $expected = $block->lines // return;
    my $body = $block->body;

    my $text = join '', map { s/, client: .*//r . "\n" }
                        log_text('error.log', 1) =~ /\[error\] \S+ \*\d+ events: (rejected.*)/g;

    $text =~ s/request_id: "[0-9a-f]{32}"/request_id: "ID"/g;

    if (defined $body) {
        $expected =~ s/SHA/sha256_hex($body)/eg;

    } else {
        $text =~ s/sha256: [0-9a-f]{64}/sha256: SHA/g;
    }

    is_str($text, $expected, $block->name . ' - lines');
});

sub gzip {
    my ($text) = @_;

    require IO::Compress::Gzip;
    IO::Compress::Gzip::gzip(\$text, \my $packed);

    return $packed;
}

run_tests();

__DATA__

=== TEST 1: a line, and what nginx adds to it
--- request
POST /e
[{"brand":"playtv"},{"brand":"x"},{}]
--- error_code: 422
--- error_log eval
qr/\[error\] \d+\S+ \*\d+ events: rejected, 422 invalid_events: 2 of 3 events, errors: "enum \/brand, required \/brand", guest, request_id: "[0-9a-f]{32}", bytes: 37, sha256: [0-9a-f]{64}, client: 127\.0\.0\.1, server: localhost, request: "POST \/e HTTP\/1\.1"/
--- body chomp
[{"brand":"playtv"},{"brand":"x"},{}]
--- lines
rejected, 422 invalid_events: 2 of 3 events, errors: "enum /brand, required /brand", guest, request_id: "ID", bytes: 37, sha256: SHA


=== TEST 2: how often, and any element of an array
--- request eval
"POST /e\n[" . CORE::join(',', ('{}') x 12, '{"brand":"playtv","list":[{},{"id":1},{}]}') . ']'
--- error_code: 422
--- body eval
'[' . CORE::join(',', ('{}') x 12, '{"brand":"playtv","list":[{},{"id":1},{}]}') . ']'
--- lines
rejected, 422 invalid_events: 13 of 13 events, errors: "required /brand x12, required /list/*/id x2", guest, request_id: "ID", bytes: 80, sha256: SHA


=== TEST 3: more than are listed
--- request eval
"POST /e\n[" . CORE::join(',', ('{}') x 30) . ']'
--- error_code: 422
--- body eval
'[' . CORE::join(',', ('{}') x 30) . ']'
--- lines
rejected, 422 invalid_events: 30 of 30 events, errors: "required /brand x20, ...", guest, request_id: "ID", bytes: 91, sha256: SHA


=== TEST 4: 10,000 names that a client has made up
--- location
    client_body_buffer_size 1m;
    client_max_body_size 4m;
    events_max_event_size 512k;
--- request eval
"POST /e\n{\"brand\":\"playtv\"," . CORE::join(',', map { qq("made-up-$_":1) } 1 .. 10_000) . '}'
--- error_code: 422
--- body eval
'{"brand":"playtv",' . CORE::join(',', map { qq("made-up-$_":1) } 1 .. 10_000) . '}'
--- lines
rejected, 422 invalid_events: 1 of 1 events, errors: "additionalProperties /made-up-1, additionalProperties /made-up-2, additionalProperties /made-up-3, additionalProperties /made-up-4, additionalProperties /made-up-5, ...", guest, brand: "playtv", request_id: "ID", bytes: 168912, sha256: SHA


=== TEST 5: a principal, a brand
--- more_headers
X-API-Key: the-key-of-app
--- request
POST /e
{"brand":"parlor","a":"secret"}
--- error_code: 422
--- no_error_log
secret
the-key-of-app
--- body chomp
{"brand":"parlor","a":"secret"}
--- lines
rejected, 422 invalid_events: 1 of 1 events, errors: "type /a", principal: "app", brand: "parlor", request_id: "ID", bytes: 31, sha256: SHA


=== TEST 6: not JSON
--- request
POST /e
[{"brand":"playtv"},{"a" 1}]
--- error_code: 400
--- body chomp
[{"brand":"playtv"},{"a" 1}]
--- lines
rejected, 400 invalid_json: the body is not JSON: a colon is missing after a member name, at byte 25, received: 1, guest, request_id: "ID", bytes: 28, sha256: SHA


=== TEST 7: not UTF-8
--- request eval
"POST /e\n{\"a\":\"\xff\"}"
--- error_code: 400
--- body eval
"{\"a\":\"\xff\"}"
--- lines
rejected, 400 invalid_utf8: the body is not UTF-8, at byte 6, guest, request_id: "ID", bytes: 9, sha256: SHA


=== TEST 8: an empty body
--- request
POST /e
--- error_code: 400
--- body chomp
--- lines
rejected, 400 empty_body: the body is empty, guest, request_id: "ID", bytes: 0, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855


=== TEST 9: too deep, too many, too large
--- location
    events_max_depth 3;
    events_max_events 2;
    events_max_event_size 24;
--- request eval
["POST /e\n[{\"a\":[[[]]]}]", "POST /e\n[{},{},{}]", "POST /e\n[{\"brand\":\"" . 'x' x 20 . '"}]']
--- error_code eval
[400, 413, 413]
--- lines
rejected, 400 too_deep: event 0 is nested more than 3 levels deep, guest, request_id: "ID", bytes: 14, sha256: SHA
rejected, 413 too_many_events: the batch has too many events: the limit is 2 events, received: 2, guest, request_id: "ID", bytes: 10, sha256: SHA
rejected, 413 event_too_large: event 0 is larger than 24 bytes, guest, request_id: "ID", bytes: 34, sha256: SHA


=== TEST 10: no key, one that nobody has, another page's
--- location
    events_guests off;
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema ../html/c.json;
        events_api_keys ../html/events.keys;
    }
--- request eval
["POST /e\n{}", "POST /e\n{}", "POST /e\n{}"]
--- more_headers eval
["", "X-API-Key: the-key-of-nobody", "X-API-Key: the-key-of-tv\nOrigin: https://evil.example"]
--- error_code eval
[401, 401, 403]
--- no_error_log
the-key-of
--- lines
rejected, 401 unauthorized: the request is not authenticated, guest, request_id: "ID"
rejected, 401 unknown_key: the API key is not known, guest, request_id: "ID"
rejected, 403 origin_not_allowed: pages of this origin may not send here, or not with this key, principal: "tv", request_id: "ID"


=== TEST 11: a brand that the key may not send
--- more_headers
X-API-Key: the-key-of-tv
Origin: https://tv.example
--- request
POST /e
[{"brand":"playtv"},{"brand":"par\nlor"}]
--- error_code: 403
--- body chomp
[{"brand":"playtv"},{"brand":"par\nlor"}]
--- lines
rejected, 403 brand_not_allowed: the sender may not send events of this brand; nothing was published, received: 2, principal: "tv", brand: "par\x0Alor", request_id: "ID", bytes: 41, sha256: SHA


=== TEST 12: no brand, where one is needed
--- more_headers
X-API-Key: the-key-of-tv
Origin: https://tv.example
--- request
POST /e
[{"brand":"playtv"},{}]
--- error_code: 403
--- body chomp
[{"brand":"playtv"},{}]
--- lines
rejected, 403 brand_not_allowed: the sender may not send events of this brand; nothing was published, received: 2, principal: "tv", request_id: "ID", bytes: 23, sha256: SHA


=== TEST 13: types and encodings
--- request eval
["POST /e\n{}", "POST /e\n{}"]
--- more_headers eval
["Content-Type: text/html", "Content-Encoding: br"]
--- error_code eval
[415, 415]
--- lines
rejected, 415 unsupported_type: Content-Type must be application/json, any +json, text/plain or application/x-ndjson, guest, request_id: "ID"
rejected, 415 unsupported_encoding: Content-Encoding must be gzip, deflate or identity, guest, request_id: "ID"


=== TEST 14: in part
--- location
    events_partial on;
--- request
POST /e
[{"brand":"playtv"},{"brand":"playtv","a":"x"},{"brand":"playtv"}]
--- error_code: 207
--- body chomp
[{"brand":"playtv"},{"brand":"playtv","a":"x"},{"brand":"playtv"}]
--- lines
rejected in part, 207 invalid_events: 1 of 3 events, errors: "type /a", guest, brand: "playtv", request_id: "ID", bytes: 66, sha256: SHA
--- kafka_count: 2


=== TEST 15: gzip: the digest is of what was inflated
--- location
    events_log_invalid on sample=64;
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::gzip('{"brand":1}')
--- error_code: 422
--- body chomp
{"brand":1}
--- lines
rejected, 422 invalid_events: 1 of 1 events, errors: "enum /brand", guest, request_id: "ID", bytes: 11, sha256: SHA, sample: "{\x22brand\x22:1}"


=== TEST 16: what is not gzip is shown as it came
--- location
    events_log_invalid on sample=64;
--- more_headers
Content-Encoding: gzip
--- request
POST /e
{"brand":"playtv"}
--- error_code: 400
--- body chomp
{"brand":"playtv"}
--- lines
rejected, 400 invalid_encoding: the body is not what Content-Encoding says, guest, request_id: "ID", bytes: 18, sha256: SHA, sample: "{\x22brand\x22:\x22playtv\x22}"


=== TEST 17: a sample that fits, and one that does not
--- location
    events_log_invalid on sample=8;
--- request eval
["POST /e\n[1,2,34]", "POST /e\n[1,2,345]", "POST /e\n[1,2,\"\"]", "POST /e\n\"\""]
--- error_code eval
[422, 422, 422, 422]
--- samples
[1,2,34]
[1,2,345...
[1,2,...
\x22\x22


=== TEST 18: the longest line has all of its parts
--- location
    events_log_invalid on sample=1k;
--- request eval
"POST /e\n{\"brand\":\"" . "\\n" x 250 . '",' . CORE::join(',', map { "\"" . "\xc3\xa9" x 300 . "$_\":1" } 1 .. 9) . '}'
--- error_code: 422
--- error_log eval
qr/events: rejected, 422 invalid_events: 1 of 1 events, errors: "[^"]+\.\.\. x9", guest, brand: "(?:\\x0A)+\.\.\.", request_id: "[0-9a-f]{32}", bytes: \d+, sha256: [0-9a-f]{64}, sample: "(?:[ !#-\[\]-~]|\\x[0-9A-F]{2}){150,}\.\.\.", client: 127\.0\.0\.1, server: localhost, request: "POST/


=== TEST 19: the key is not in a sample
--- location
    events_log_invalid on sample=64;
--- request eval
["POST /e?key=the-key-of-app\n{\"k\":\"the-key-of-app\",\"x\":\"the-key-of-app\"}",
 "POST /e\n\"" . 'x' x 50 . 'the-key-of-app"']
--- more_headers eval
["", "X-API-Key: the-key-of-app"]
--- error_code eval
[422, 422]
--- no_error_log
the-key
--- samples
{\x22k\x22:\x22**************\x22,\x22x\x22:\x22**************...
\x22xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx**********...


=== TEST 20: keys in the query, and in the referrer
--- more_headers
Referer: https://tv.example/page?a=1&key=the-key-of-app
--- request
POST /e?key=the-key-of-app
{}
--- error_code: 422
--- no_error_log
the-key
--- error_log
referrer: "https://tv.example/page?a=1&key=**************"


=== TEST 21: a key in the query while a header has another
--- more_headers
X-API-Key: the-key-of-app
--- request
POST /e?x=1&key=the-key-of-tv
{}
--- error_code: 422
--- no_error_log
the-key
--- error_log
principal: "app"
request: "POST /e?x=1&key=************* HTTP/1.1"


=== TEST 22: line feeds and escapes, in names
--- request eval
"POST /e\n{\"brand\":\"playtv\",\"\\n2026/01/01 00:00:00 [error] \\u001b[2J\\\", client: 1.2.3.4\\u009b\":1}"
--- error_code: 422
--- error_log
errors: "additionalProperties /\x0A2026~101~101 00:00:00 [error] \x1B[2J\x22, client: 1.2.3.4\xC2\x9B", guest
--- no_error_log eval
[qr/\x1b|\x9b/]


=== TEST 23: in the principal
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema ../html/c.json;
        events_principal $http_x_user;
    }
--- more_headers eval
"X-User: eve\x1b[31m\", brand: \"\xff" . 'x' x 200
--- request
POST /e
{}
--- error_code: 422
--- error_log eval
qr/, principal: "eve\\x1B\[31m\\x22, brand: \\x22\\xFFx+\.\.\.", request_id/
--- no_error_log eval
[qr/\x1b|\xff/]


=== TEST 24: in what nginx adds
--- more_headers eval
"Referer: http://a/\x1b[2J\xff\x9b\x07"
--- request
POST /e
{}
--- error_code: 422
--- error_log
referrer: "http://a/?[2J???"
--- no_error_log eval
[qr/[\x1b\xff\x9b\x07]/]


=== TEST 25: in a topic
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $http_x_topic;
        events_schema off;
    }
--- more_headers eval
"X-Topic: no\x1b\" topic"
--- request
POST /e
{}
--- error_code: 500
--- error_log
events: "no\x1B\x22 topic" is not a legal topic
--- no_error_log eval
[qr/\x1b/, qr/rejected/]


=== TEST 26: off
--- location
    events_log_invalid off;
--- request eval
["POST /e\n{}", "POST /e\n{", "POST /e?key=x\n{}"]
--- error_code eval
[422, 400, 401]
--- no_error_log
rejected


=== TEST 27: what has a line elsewhere, or needs none
--- http_config
    events_limit_zone $server_name zone=all:1m rate=1e/m;
--- location
    events_limit zone=all burst=1;
    error_log logs/error.log warn;
--- request eval
["POST /e\n{\"brand\":\"playtv\"}", "POST /e\n{\"brand\":\"playtv\"}", "GET /e"]
--- error_code eval
[200, 429, 405]
--- no_error_log
rejected


=== TEST 28: a dry run has a line of its own
--- location
    events_dry_run on;
--- request
POST /e
[{},{}]
--- error_code: 200
--- error_log
events: dry run: 2 of 2 events would be rejected: required /brand x2, client
--- no_error_log
events: rejected


=== TEST 29: inherited, and not
--- http_config
    events_log_invalid off;
--- config
    events_log_invalid on sample=2;
    events_kafka_brokers $TEST_NGINX_KAFKA;
    location /a {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        location /a/b {
            events_publish $TEST_NGINX_TOPIC;
            events_schema off;
            events_log_invalid on;
        }
        location /a/c {
            events_publish $TEST_NGINX_TOPIC;
            events_schema off;
            events_log_invalid off;
        }
    }
--- request eval
["POST /a\n[1]", "POST /a/b\n[1]", "POST /a/c\n[1]"]
--- error_code eval
[422, 422, 422]
--- body chomp
[1]
--- lines
rejected, 422 invalid_events: 1 of 1 events, errors: "type", guest, request_id: "ID", bytes: 3, sha256: SHA, sample: "[1..."
rejected, 422 invalid_events: 1 of 1 events, errors: "type", guest, request_id: "ID", bytes: 3, sha256: SHA


=== TEST 30: neither on nor off
--- location
    events_log_invalid yes;
--- emerg
invalid value "yes" in "events_log_invalid": must be "off", or "on" and parameters


=== TEST 31: off with parameters
--- location
    events_log_invalid off sample=1k;
--- emerg
invalid value "off" in "events_log_invalid": must be "off", or "on" and parameters


=== TEST 32: an unknown parameter
--- location
    events_log_invalid on samples=1k;
--- emerg
invalid parameter "samples=1k": must be "sample=size", between 1 and 1k, or "rate=number/s", between 1 and 1000, once each


=== TEST 33: a sample that no line has room for
--- location
    events_log_invalid on sample=1025;
--- emerg
invalid parameter "sample=1025": must be "sample=size", between 1 and 1k, or "rate=number/s", between 1 and 1000, once each


=== TEST 34: rates
--- location
    events_log_invalid on rate=10;
--- emerg
invalid parameter "rate=10": must be "sample=size", between 1 and 1k, or "rate=number/s", between 1 and 1000, once each


=== TEST 35: no rate at all
--- location
    events_log_invalid on rate=0/s;
--- emerg
invalid parameter "rate=0/s": must be "sample=size", between 1 and 1k, or "rate=number/s", between 1 and 1000, once each


=== TEST 36: no number
--- location
    events_log_invalid on rate=/s;
--- emerg
invalid parameter "rate=/s": must be "sample=size", between 1 and 1k, or "rate=number/s", between 1 and 1000, once each


=== TEST 37: twice
--- location
    events_log_invalid on rate=1/s rate=2/s;
--- emerg
invalid parameter "rate=2/s": must be "sample=size", between 1 and 1k, or "rate=number/s", between 1 and 1000, once each


=== TEST 38: a duplicate
--- location
    events_log_invalid on;
    events_log_invalid off;
--- emerg
"events_log_invalid" directive is duplicate
