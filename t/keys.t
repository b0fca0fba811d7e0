# API keys: who they belong to, where they are found and what they may do; and
# that nobody reads one in a log.

use TestEvents;

use Digest::SHA qw(sha256_hex);

plan tests => 252;

my %digest = map { ("SHA_$_" => sha256_hex(lc "the-key-of-$_")) }
             qw(APP WEB SITE TV BOTH);

my $keys = <<'END';
# keys of the suite
app   sha256:SHA_APP

web   sha256:SHA_WEB  origin=https://www.playtv.example,http://localhost:8080
site  sha256:SHA_SITE # of another
tv    sha256:SHA_TV   brand=playtv
both  sha256:SHA_BOTH brand=playtv,parlor
END

# Section "location" is the rest of an endpoint with keys, "keys" its file.

add_block_preprocessor(sub {
    my ($block) = @_;

    my $file = $block->keys // $keys;

    $file =~ s/(SHA_\w+)/$digest{$1}/g;
    $block->set_value(user_files => ">>> keys\n$file"
                                    . ">>> one\nsite sha256:$digest{SHA_SITE}\n");

    if (defined(my $location = $block->location)) {
        $block->set_value(http_config => <<'END');
            log_format key '$status $events_principal. '
                           '"$request" $args $arg_key $request_uri';
            log_format all escape=none '$status [$events_principal] '
                                       '[$events_guest] $events_error';
END
        $block->set_value(config => <<"END");
            access_log logs/events.log key;
            access_log logs/all.log all;

            location = /e {
                events_kafka_brokers \$TEST_NGINX_KAFKA;
                events_publish \$TEST_NGINX_TOPIC;
                events_schema off;
                events_api_keys ../html/keys;
                $location
            }
END
    }

    if (!defined $block->request && !defined $block->pipelined_requests
        && !defined $block->raw_request)
    {
        $block->set_value(request => "POST /e\n{\"a\":1}");
    }
});

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $expected = $block->senders // return;
    my $text = log_text('all.log', $expected =~ tr/\n//);

    is_str($text, $expected, $block->name . ' - senders');
});

run_tests();

__DATA__

=== TEST 1: a key that is known
--- location
--- more_headers
X-API-Key: the-key-of-app
--- response_body_like: "status":"accepted"
--- senders
200 [app] [] 
--- kafka_headers
principal: app
! guest


=== TEST 2: as a bearer token
--- location
--- more_headers
Authorization: bearer  the-key-of-app
--- response_body_like: "status":"accepted"
--- senders
200 [app] [] 
--- kafka_headers
principal: app


=== TEST 3: no key
--- location
--- error_code: 401
--- response_headers
Content-Type: application/json
WWW-Authenticate: Bearer realm="events"
--- response_body_like: "status":401,"code":"unauthorized","detail":"the request is not authenticated",.*"retryable":false
--- senders
401 [] [1] unauthorized
--- kafka_count: 0


=== TEST 4: a key that nobody has
--- location
--- more_headers
X-API-Key: the-key-of-app2
--- error_code: 401
--- response_headers
WWW-Authenticate: Bearer realm="events", error="invalid_token"
--- response_body_like: "status":401,"code":"unknown_key","detail":"the API key is not known",
--- senders
401 [] [1] unknown_key
--- kafka_count: 0


=== TEST 5: a digest is no key
--- location
--- more_headers eval
"X-API-Key: " . Digest::SHA::sha256_hex("the-key-of-app")
--- error_code: 401
--- response_body_like: "unknown_key"
--- kafka_count: 0


=== TEST 6: guests are welcome
--- location
events_guests on;
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}", "POST /e\n{\"a\":3}"]
--- more_headers eval
["X-Other: 1", "X-API-Key: the-key-of-app", "X-API-Key: guess"]
--- error_code eval
[200, 200, 401]
--- senders
200 [] [1] 
200 [app] [] 
401 [] [1] unknown_key
--- kafka_values
{"a":1}
{"a":2}


=== TEST 7: an empty key is none
--- location
events_guests on;
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- more_headers eval
["X-API-Key: ", "Authorization: Bearer "]
--- error_code eval
[200, 200]
--- senders
200 [] [1] 
200 [] [1] 
--- kafka_count: 2


=== TEST 8: another scheme is not ours
--- location
events_guests on;
--- more_headers
Authorization: Basic dGhlOmtleQ==
--- senders
200 [] [1] 
--- kafka_headers
guest: 1
! principal


=== TEST 9: X-API-Key comes first
--- location
--- more_headers
Authorization: Bearer the-key-of-site
X-API-Key: the-key-of-app
--- senders
200 [app] [] 
--- kafka_count: 1


=== TEST 10: the key is looked at before the method, the type and the body
--- location
lingering_timeout 100ms;
--- raw_request eval
"POST /e HTTP/1.1\r\nHost: a\r\nContent-Type: text/html\r\nX-API-Key: x\r
Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n"
--- error_code: 401
--- response_headers
Connection: close
--- response_body_like: "unknown_key"
--- kafka_count: 0


=== TEST 11: a body that is refused is not the next request
--- location
--- more_headers eval
["X-API-Key: x", "X-API-Key: the-key-of-app"]
--- pipelined_requests eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- error_code eval
[401, 200]
--- kafka_values
{"a":2}


=== TEST 12: a key in the query is in no log
--- location
events_api_key $http_x_api_key $arg_key;
--- request eval
["POST /e?key=the-key-of-app\n{\"a\":1}",
 "POST /e?a=1&key=the-key-of-app&b=the-key-of-app2\n{\"a\":2}",
 "POST /e?key=the-key-of-apq\n{\"a\":3}"]
--- error_code eval
[200, 200, 401]
--- logged
200 app. "POST /e?key=************** HTTP/1.1" key=************** ************** /e?key=**************
200 app. "POST /e?a=1&key=**************&b=the-key-of-app2 HTTP/1.1" a=1&key=**************&b=the-key-of-app2 ************** /e?a=1&key=**************&b=the-key-of-app2
401 -. "POST /e?key=************** HTTP/1.1" key=************** ************** /e?key=**************
--- log_level: info
--- no_error_log
the-key-of-app 
the-key-of-apq
--- kafka_values
{"a":1}
{"a":2}


=== TEST 13: nor when nginx refuses the request before we are asked
--- location
events_api_key $arg_key;
client_max_body_size 1;
--- request
POST /e?key=the-key-of-app
{"a":1}
--- error_code: 413
--- log_level: info
--- error_log
client intended to send too large body
--- no_error_log
the-key-of-app
--- logged
413 app. "POST /e?key=************** HTTP/1.1" key=************** ************** /e?key=**************
--- kafka_count: 0


=== TEST 14: nor when a limit refuses it, also in the error log
--- location
events_api_key $arg_key;
events_guests on;
limit_except POST { deny all; }
deny all;
--- request
POST /e?key=the-key-of-app
{"a":1}
--- error_code: 403
--- log_level: info
--- error_log
access forbidden by rule
--- no_error_log
the-key-of-app
--- logged
403 app. "POST /e?key=************** HTTP/1.1" key=************** ************** /e?key=**************
--- kafka_count: 0


=== TEST 15: the first value that is not empty
--- location
events_api_key $http_x_api_key $arg_key $cookie_key;
--- request eval
["POST /e?key=the-key-of-site\n1", "POST /e?key=the-key-of-site\n1",
 "POST /e\n1"]
--- more_headers eval
["X-API-Key: the-key-of-app", "X-API-Key: ", "Cookie: key=the-key-of-web"]
--- error_code eval
[422, 422, 403]
--- senders
422 [app] [] invalid_events
422 [site] [] invalid_events
403 [web] [] origin_not_allowed
--- kafka_count: 0


=== TEST 16: a header of its own, with and without a scheme
--- location
events_api_key $http_x_key;
--- request eval
["POST /e\n1", "POST /e\n1", "POST /e\n1"]
--- more_headers eval
["X-Key: the-key-of-app", "X-Key: Bearer the-key-of-app",
 "X-API-Key: the-key-of-app"]
--- error_code eval
[422, 422, 401]
--- kafka_count: 0


=== TEST 17: a browser's key, from its own page
--- location
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- more_headers eval
["X-API-Key: the-key-of-web\nOrigin: https://www.playtv.example",
 "X-API-Key: the-key-of-web\nOrigin: http://localhost:8080"]
--- error_code eval
[200, 200]
--- kafka_headers
principal: web
--- kafka_count: 2


=== TEST 18: a browser's key, from another page, from a sandbox, from no page
--- location
--- request eval
["POST /e\n1", "POST /e\n2", "POST /e\n3", "POST /e\n4"]
--- more_headers eval
["X-API-Key: the-key-of-web\nOrigin: https://evil.example",
 "X-API-Key: the-key-of-web\nOrigin: null",
 "X-API-Key: the-key-of-web",
 "X-API-Key: the-key-of-web\nOrigin: https://www.playtv.example.evil.example"]
--- error_code eval
[403, 403, 403, 403]
--- response_body_like eval
[('"status":403,"code":"origin_not_allowed"') x 4]
--- senders
403 [web] [] origin_not_allowed
403 [web] [] origin_not_allowed
403 [web] [] origin_not_allowed
403 [web] [] origin_not_allowed
--- kafka_count: 0


=== TEST 19: a key that is bound to nothing, from any page
--- location
--- more_headers
X-API-Key: the-key-of-app
Origin: https://evil.example
--- kafka_headers
principal: app


=== TEST 20: two keys in one request are none of both
--- location
--- more_headers
X-API-Key: the-key-of-app,the-key-of-site
--- error_code: 401
--- response_body_like: unknown_key
--- kafka_count: 0


=== TEST 21: a key of 7,000 bytes
--- location
--- more_headers eval
"X-API-Key: " . ("k" x 7000)
--- error_code: 401
--- response_body_like: unknown_key
--- kafka_count: 0


=== TEST 22: keys are inherited, and replaced as a whole
--- config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    events_api_keys ../html/keys;
    location = /e {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /one {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_api_keys ../html/one;
        if ($arg_if) {
            set $dummy 1;
        }
    }
--- more_headers
X-API-Key: the-key-of-app
--- request eval
["POST /e\n{\"a\":1}", "POST /one\n{\"a\":2}", "POST /one?if=1\n{\"a\":3}"]
--- error_code eval
[200, 401, 401]
--- kafka_values
{"a":1}


=== TEST 23: a key that is bound to brands
--- location
--- request eval
["POST /e\n{\"brand\":\"playtv\"}", "POST /e\n{\"brand\":\"parlor\"}",
 "POST /e\n[{\"brand\":\"playtv\"},{\"brand\":\"parlor\"}]",
 "POST /e\n{\"a\":1}", "POST /e\n{\"brand\":\"parlor\"}",
 "POST /e\n{\"brand\":\"other\"}", "POST /e\n{\"brand\":\"other\"}"]
--- more_headers eval
["X-API-Key: the-key-of-tv", "X-API-Key: the-key-of-tv",
 "X-API-Key: the-key-of-tv", "X-API-Key: the-key-of-tv",
 "X-API-Key: the-key-of-both", "X-API-Key: the-key-of-both",
 "X-API-Key: the-key-of-app"]
--- error_code eval
[200, 403, 403, 403, 200, 403, 200]
--- senders
200 [tv] [] 
403 [tv] [] brand_not_allowed
403 [tv] [] brand_not_allowed
403 [tv] [] brand_not_allowed
200 [both] [] 
403 [both] [] brand_not_allowed
200 [app] [] 
--- kafka_values
{"brand":"playtv"}
{"brand":"parlor"}
{"brand":"other"}


=== TEST 24: a key that is bound to brands, where only some may be sent anyway
--- location
events_brands parlor,radio;
--- request eval
["POST /e\n{\"brand\":\"playtv\"}", "POST /e\n{\"brand\":\"playtv\"}",
 "POST /e\n{\"brand\":\"parlor\"}", "POST /e\n{\"brand\":\"radio\"}",
 "POST /e\n{\"brand\":\"radio\"}"]
--- more_headers eval
["X-API-Key: the-key-of-tv", "X-API-Key: the-key-of-both",
 "X-API-Key: the-key-of-both", "X-API-Key: the-key-of-both",
 "X-API-Key: the-key-of-app"]
--- error_code eval
[403, 403, 200, 403, 200]
--- kafka_values
{"brand":"parlor"}
{"brand":"radio"}


=== TEST 25: a line that is wrong
--- location
--- keys
# comment
app sha256:SHA_APP
web sha256:1234
--- emerg: invalid API keys in "../html/keys", line 3: a SHA-256 digest has 64 hexadecimal digits


=== TEST 26: a key instead of its digest does not reach the log
--- location
--- keys
app the-key-of-app
--- emerg: invalid API keys in "../html/keys", line 1: after the name "sha256:" and a digest are missing
--- no_error_log
the-key-of-app


=== TEST 27: a name twice
--- location
--- keys
app sha256:SHA_APP

app sha256:SHA_WEB
--- emerg: invalid API keys in "../html/keys", line 3: the name is that of line 1


=== TEST 28: a digest twice
--- location
--- keys
app sha256:SHA_APP
web sha256:SHA_APP
--- emerg: invalid API keys in "../html/keys", line 2: the digest is that of line 1


=== TEST 29: an origin that no browser sends
--- location
--- keys
app sha256:SHA_APP origin=https://www.playtv.example/
--- emerg: invalid API keys in "../html/keys", line 1: an origin ends after its host or port, without a "/"


=== TEST 30: twice
--- location
events_api_keys ../html/keys;
--- emerg: "events_api_keys" directive is duplicate


=== TEST 31: api_key twice
--- location
events_api_key $arg_key;
events_api_key $arg_key;
--- emerg: "events_api_key" directive is duplicate


=== TEST 32: nobody can get in
--- config
    location = /e {
        events_kafka_brokers 127.0.0.1:9092;
        events_publish orders;
        events_schema off;
        events_guests off;
    }
--- emerg: "events_publish orders" lets nobody in: it needs "events_api_keys file", "events_principal value", or "events_guests on" to take events of anybody


=== TEST 33: no file
--- config
    location = /e {
        events_api_keys none;
    }
--- must_die
--- suppress_stderr
--- error_log eval
qr/\[emerg\] .*open\(\) "\S+conf\/none" failed/


=== TEST 34: reading a key changes nothing for a location that is none of ours
--- config
    events_api_keys ../html/keys;
    events_api_key $arg_key;
    events_cors_origin *;
    location = /other {
        add_header X-Sender "[$events_principal$events_guest$events_guest_key]";
        return 200 "$args\n";
    }
--- request
GET /other?key=the-key-of-app
--- more_headers
Origin: https://www.playtv.example
--- response_headers
X-Sender: []
! Access-Control-Allow-Origin
! Vary
--- response_body
key=the-key-of-app
