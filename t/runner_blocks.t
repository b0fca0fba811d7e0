# The runner itself, with nothing but what nginx brings; these blocks hold
# under the upstream runner too.

use Test::Nginx::Socket;

repeat_each(2);

plan tests => repeat_each() * 94;

env_to_nginx('RUNNER_SELF_TEST=1');
worker_connections(128);
no_long_string();

add_block_preprocessor(sub {
    my ($block) = @_;

    if (!defined $block->config) {
        $block->set_value(config =>
                          'location = /t { return 200 "ok"; }');
    }
});

add_response_body_check(sub {
    my ($block, $body) = @_;

    is(length $body, $block->body_length, $block->name . ' - body length')
        if defined $block->body_length;
});

sub shout { return uc $_[0] }

run_tests();

__DATA__

=== TEST 1: a section with a value below, filtered by chomp
--- request
GET /t
--- response_body chomp
ok


=== TEST 2: an inline value, a comment and a default URI
--- config
    location = / { return 201 "$request_method $server_protocol\n"; }
--- request
# a comment
GET
--- error_code: 201
--- response_body
GET HTTP/1.1


=== TEST 3: the body of a request has its length
--- config
    location = /t { return 200 "$http_content_length $http_host"; }
--- request
POST /t HTTP/1.0
hello, world
--- response_body chomp
12 localhost


=== TEST 4: more_headers, exact, absent and pattern
--- config
    location = /t {
        add_header X-One $http_x_one;
        add_header X-Two two;
        add_header X-Two three;
        return 200 "";
    }
--- request
GET /t
--- more_headers
X-One: 1
Connection: close
--- response_headers
X-One: 1
X-Two: two, three
! X-Three
! Transfer-Encoding


=== TEST 5: response_headers_like
--- request
GET /t
--- response_headers_like
Server: nginx.*
Content-Length: \d
--- raw_response_headers_like: ^HTTP/1\.1 200 OK\r\n
--- raw_response_headers_unlike: X-Nothing


=== TEST 6: an array of requests and of expectations
--- config
    location = /a { return 200 "a"; }
    location = /b { return 202 "b"; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[200, 202]
--- response_body eval
["a", qr/^b$/]
--- response_headers eval
["Content-Length: 1", "! Location"]
--- more_headers eval
["X-A: 1", "X-B: 1"]


=== TEST 7: pipelined requests, the first with a body
--- config
    location = /a { return 200 "$connection_requests"; }
--- pipelined_requests eval
["POST /a\nhello", "GET /a", "GET /a"]
--- response_body_like eval
['^1$', '^2$', '^3$']


=== TEST 8: packets
--- config
    location = /t {
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo;
    }
    location = /echo { return 200 "$http_content_length"; }
--- request eval
[["POST /t\nna", "me=", {value => "foo", delay_before => 0.05}]]
--- response_body chomp
8


=== TEST 9: a packet that ends in the request line
--- request eval
[["GET", " /t HT", "TP/1.1\n"]]
--- response_body chomp
ok


=== TEST 10: raw_request in pieces
--- raw_request eval
["GET /t HTTP/1.1\r\nHost: localh", "ost\r\nConnection: close\r\n\r\n"]
--- response_body chomp
ok


=== TEST 11: chunked request and response
--- config
    location = /t {
        proxy_http_version 1.1;
        proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT/echo;
    }
    location = /echo {
        addition_types *;
        add_after_body /end;
        return 200 "$http_content_length ";
    }
    location = /end { return 200 "end"; }
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /t\n3\r\nabc\r\n0\r\n\r\n"
--- response_headers
Transfer-Encoding: chunked
--- response_body chomp
3 end


=== TEST 12: HEAD has no body
--- request
HEAD /t
--- response_headers
Content-Length: 2
--- response_body chomp
--- body_length: 0


=== TEST 13: response_body_unlike, response_body_filters
--- request
GET /t
--- response_body_filters
uc
--- response_body_unlike
ok
--- body_length: 2


=== TEST 14: error_log, no_error_log, grep_error_log
--- config
    location = /t { log_not_found on; root $TEST_NGINX_SERVER_ROOT/html; }
--- request
GET /t
--- error_code: 404
--- response_body_like: 404 Not Found
--- error_log eval
['[error]', qr/No such file/]
--- no_error_log
[alert]
[crit]
--- grep_error_log eval
qr/open\(\) ".*?" failed/
--- grep_error_log_out eval
my $line = "open() \"$ENV{TEST_NGINX_SERVER_ROOT}/html/t\" failed\n";
[$line, $line]


=== TEST 15: log_level hides lines
--- config
    location = /t { root $TEST_NGINX_SERVER_ROOT/html; }
--- log_level: crit
--- request
GET /t
--- error_code_like: ^4\d4$
--- no_error_log
[error]


=== TEST 16: access_log
--- request
GET /t?access
--- response_body chomp
ok
--- access_log
GET /t?access
--- no_access_log
POST


=== TEST 17: user_files
--- config
    location /f { alias $TEST_NGINX_SERVER_ROOT/html/dir; }
--- user_files
>>> dir/a.txt 199801171935.33
first
>>> dir/b.txt
second, port $TEST_NGINX_SERVER_PORT
--- request eval
["GET /f/a.txt", "GET /f/b.txt"]
--- response_headers eval
["Last-Modified: Sat, 17 Jan 1998 19:35:33 GMT", "! X-None"]
--- response_body eval
["first\n", "second, port $ENV{TEST_NGINX_SERVER_PORT}\n"]


=== TEST 18: user_files as an array
--- user_files eval
[[ "x.txt", "binary \0 text" ]]
--- config
    location = /x.txt { root $TEST_NGINX_SERVER_ROOT/html; }
--- request
GET /x.txt
--- response_body eval
"binary \0 text"


=== TEST 19: a broken configuration
--- config
    location = /t { return a b c; }
--- request
GET /t
--- must_die
--- error_log
invalid number of arguments in "return" directive
--- no_error_log
[alert]
--- suppress_stderr


=== TEST 20: a broken configuration with an exit code
--- main_config
    no_such_directive;
--- config
--- request
GET /t
--- must_die: 1
--- error_log eval
qr/unknown directive "no_such_\w+"/
--- suppress_stderr


=== TEST 21: a response that does not come in time is no fault of abort
--- config
    location = /t {
        limit_rate 100;
        root $TEST_NGINX_SERVER_ROOT/html;
        index x;
    }
--- user_files eval
[[ "t", "x" x 4000 ]]
--- request
GET /t
--- timeout: 100ms
--- abort
--- ignore_response
--- no_error_log
[alert]


=== TEST 22: shutdown of the sending side
--- raw_request eval
"GET /t HTTP/1.0\r\n\r\n"
--- shutdown
--- response_body chomp
ok


=== TEST 23: init and wait
--- init
$main::Init++;
--- wait: 0.01
--- request
GET /t
--- response_body_filters eval
sub { $_[0] . $main::Init }
--- response_body chomp
ok1


=== TEST 24: sections of the main part, and variables
--- main_config
    env PATH;
--- http_config
    map $arg_a $b { default none; 1 one; }
--- post_main_config
    # after http
--- config
    location = /t { return 200 "$b\n"; }
--- request
GET /t?a=1
--- response_body
one


=== TEST 25: a filter of the test file
--- request
GET /t
--- response_body_filters
uc
--- response_body chomp shout
ok


=== TEST 26: filters with arguments, and several
--- request eval: "GET /" . "t"
--- response_body_like base64_decode prepend=^ append=$
b2s=
--- error_log split=, join=+ split=/[+]/ reverse array
127.0.0.1,"GET /t HTTP/1.1"
--- access_log lines chomp unchomp trim chop array
GET /t

HTTP/1.1


=== TEST 27: skip_eval
--- skip_eval: 2: 1
--- request
GET /t
--- response_body
wrong


=== TEST 28: skip_nginx
--- skip_nginx
1: >= 1.0.0
--- request
GET /t
--- error_code: 500


=== TEST 29: a port of its own
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
        location / { return 200 "other"; }
    }
--- config
    location = /t { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request
GET /t
--- response_body chomp
other


=== TEST 30: HTTP/0.9
--- raw_request eval
"GET /t\r\n"
--- http09
--- response_body chomp
ok


=== TEST 31: left out
--- SKIP
--- request
GET /t
--- error_code: 500


=== TEST 32: the last one
--- LAST
--- request
GET /t


=== TEST 33: never run
--- request
GET /t
--- error_code: 500
