# Principals that something else in nginx knows.

use TestEvents;

use Digest::SHA qw(sha256_hex);

plan tests => 109;

my $digest = sha256_hex('the-key');

# Section "location" is the rest of an endpoint.

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // return;
    my $server = $block->server // '';

    $block->set_value(user_files => ">>> keys\napp sha256:$digest\n");
    $block->set_value(http_config => <<'END' . ($block->http_config // ''));
        log_format who escape=none '$status [$events_principal] '
                                   '[$events_guest] $events_error';
END
    $block->set_value(config => <<"END");
        $server
        location = /e {
            access_log logs/who.log who;
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema off;
            $location
        }

        location = /auth {
            internal;
            proxy_pass http://127.0.0.1:\$TEST_NGINX_SERVER_PORT/who;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }
        location = /who {
            if (\$http_x_token = good) {
                add_header X-User alice;
                return 204;
            }
            if (\$http_x_token = nameless) {
                return 204;
            }
            return 401;
        }
END
});

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $expected = $block->senders // return;
    my $text = log_text('who.log', $expected =~ tr/\n//);

    is_str($text, $expected, $block->name . ' - senders');
});

run_tests();

__DATA__

=== TEST 1: a value that is not empty is a principal
--- location
events_principal $arg_user;
--- request eval
["POST /e?user=alice\n{\"a\":1}", "POST /e?user=\n{\"a\":2}",
 "POST /e\n{\"a\":3}"]
--- error_code eval
[200, 401, 401]
--- response_body_like eval
['accepted', '"code":"unauthorized"', '"code":"unauthorized"']
--- senders
200 [alice] [] 
401 [] [1] unauthorized
401 [] [1] unauthorized
--- kafka_values
{"a":1}
--- kafka_headers
principal: alice
! guest


=== TEST 2: or else a guest, where guests are welcome
--- location
events_principal $arg_user;
events_guests on;
--- request eval
["POST /e?user=alice\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- error_code eval
[200, 200]
--- senders
200 [alice] [] 
200 [] [1] 
--- kafka_count: 2


=== TEST 3: a key's name goes before
--- location
events_principal $arg_user;
events_api_keys ../html/keys;
--- request
POST /e?user=alice
{"a":1}
--- more_headers
X-API-Key: the-key
--- senders
200 [app] [] 
--- kafka_headers
principal: app


=== TEST 4: a key that nobody knows is refused all the same
--- location
events_principal $arg_user;
events_api_keys ../html/keys;
--- request eval
["POST /e?user=alice\n{\"a\":1}", "POST /e?user=alice\n{\"a\":2}"]
--- more_headers eval
["X-API-Key: guess", "X-Other: 1"]
--- error_code eval
[401, 200]
--- senders
401 [] [1] unknown_key
200 [alice] [] 
--- kafka_values
{"a":2}


=== TEST 5: without keys a key says nothing
--- location
events_principal $arg_user;
--- request eval
["POST /e?user=alice\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- more_headers eval
["X-API-Key: guess", "X-API-Key: guess"]
--- error_code eval
[200, 401]
--- response_body_like eval
['accepted', '"code":"unauthorized"']
--- kafka_values
{"a":1}


=== TEST 6: what auth_request finds out
--- location
auth_request /auth;
auth_request_set $user $upstream_http_x_user;
events_principal $user;
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}", "POST /e\n{\"a\":3}"]
--- more_headers eval
["X-Token: good", "X-Token: bad", "X-Token: nameless"]
--- error_code eval
[200, 401, 401]
--- response_body_like eval
['accepted', '"code":"unauthorized"', '"code":"unauthorized"']
--- senders
200 [alice] [] 
401 [] [1] unauthorized
401 [] [1] unauthorized
--- kafka_values
{"a":1}
--- kafka_headers
principal: alice


=== TEST 7: what auth_request finds out, after a limit asked
--- http_config
    limit_req_zone $events_guest_key zone=guest:1m rate=1r/m;
--- location
limit_req zone=guest;
limit_req_status 429;
auth_request /auth;
auth_request_set $user $upstream_http_x_user;
events_principal $user;
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- more_headers eval
["X-Token: good", "X-Token: good"]
--- error_code eval
[200, 429]
--- senders
200 [alice] [] 
429 [] [1] rate_limited
--- kafka_values
{"a":1}


=== TEST 8: satisfy is among nginx's own modules
--- location
satisfy any;
deny all;
auth_request /auth;
auth_request_set $user $upstream_http_x_user;
events_principal $user;
events_api_keys ../html/keys;
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}", "POST /e\n{\"a\":3}"]
--- more_headers eval
["X-Token: good", "X-API-Key: the-key", "X-Token: nameless"]
--- error_code eval
[200, 401, 401]
--- kafka_values
{"a":1}


=== TEST 9: satisfy any, and whoever may come in by address is asked too
--- location
satisfy any;
allow 127.0.0.1;
deny all;
auth_request /auth;
events_api_keys ../html/keys;
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- more_headers eval
["X-API-Key: the-key", "X-Token: good"]
--- error_code eval
[200, 401]
--- kafka_values
{"a":1}


=== TEST 10: an address or a key
--- http_config
    geo $internal {
        default "";
        127.0.0.1 internal;
    }
--- location
events_principal $internal;
events_api_keys ../html/keys;
--- request eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":2}"]
--- more_headers eval
["X-Other: 1", "X-API-Key: the-key"]
--- error_code eval
[200, 200]
--- senders
200 [internal] [] 
200 [app] [] 
--- kafka_count: 2


=== TEST 11: auth_basic
--- location
auth_basic events;
auth_basic_user_file ../html/keys;
events_principal $remote_user;
events_api_keys ../html/keys;
--- more_headers
X-API-Key: the-key
--- request
POST /e
{"a":1}
--- error_code: 401
--- response_headers
WWW-Authenticate: Basic realm="events"
--- kafka_count: 0


=== TEST 12: inherited, and an empty value ends that
--- config
    events_kafka_brokers $TEST_NGINX_KAFKA;
    events_principal $arg_user;
    location = /e {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
    }
    location = /none {
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_principal "";
    }
--- request eval
["POST /e?user=alice\n{\"a\":1}", "POST /none?user=alice\n{\"a\":2}"]
--- error_code eval
[200, 401]
--- kafka_values
{"a":1}


=== TEST 13: a header of the module's own
--- location
events_principal $arg_user;
events_kafka_header principal $arg_other;
--- must_die
--- error_log
"events_kafka_header principal": the module sends this header itself
