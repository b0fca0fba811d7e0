# Every status that nginx ends a request with, at an endpoint and before one,
# is JSON, with and without error_page of nginx's own configuration.

use strict;
use warnings;

use EventsBroker;
use EventsServer;
use JSON::PP qw(decode_json);
use Test::More;
use Test::Nginx::Client qw(exchange parse_response);
use Test::Nginx::Config qw(free_port);

# pages: error_page as nginx ships it, and for everything else.

my %servers = (
    plain => { port => free_port(), pages => '' },
    pages => { port => free_port(), pages => <<'END' },
        error_page 400 404 405 413 414 429 494 495 496 497 /50x.html;
        error_page 500 502 503 504 /50x.html;
END
);

my $off = free_port();

my $broker = EventsBroker->start;
my $bootstrap = $broker->bootstrap;
my $endpoint = "events_publish events; events_schema off;";

$broker->create_topic('events', 1);

my $locations = <<"END";
    location = /events {
        $endpoint
        client_max_body_size 1k;
        client_body_timeout 200ms;
    }
    location = /limited {
        $endpoint
        limit_req zone=none;
    }
    location = /limited429 {
        $endpoint
        limit_req zone=none;
        limit_req_status 429;
    }
    location = /conn {
        $endpoint
        auth_request /auth502;
    }
    location = /auth502 {
        proxy_pass http://127.0.0.1:1;
    }
    location = /returns {
        $endpoint
        if (\$arg_s = 404) { return 404; }
        if (\$arg_s = 410) { return 410; }
        if (\$arg_s = 411) { return 411; }
        if (\$arg_s = 415) { return 415; }
        if (\$arg_s = 417) { return 417; }
        if (\$arg_s = 418) { return 418; }
        if (\$arg_s = 421) { return 421; }
        if (\$arg_s = 431) { return 431; }
        if (\$arg_s = 494) { return 494; }
        if (\$arg_s = 500) { return 500; }
        if (\$arg_s = 501) { return 501; }
        if (\$arg_s = 502) { return 502; }
        if (\$arg_s = 503) { return 503; }
        if (\$arg_s = 504) { return 504; }
        if (\$arg_s = 505) { return 505; }
        if (\$arg_s = 507) { return 507; }
    }
    location = /own {
        $endpoint
        client_max_body_size 1;
        error_page 413 /50x.html;
    }
    location = /50x.html { root html; }
    location = /loop { rewrite ^ /loop last; }
    location = /proxied { proxy_pass http://127.0.0.1:1; }
    location = /answers { proxy_pass http://127.0.0.1:$off/text; }
    location = /text { return 503 "a text"; }
    location = /odd { return 418; }
    location = /off { events_json_errors off; return 503; }
    location = /mine {
        error_page 404 /50x.html;
        error_page 503 = \@fallback;
        if (\$arg_s = 503) { return 503; }
        return 404;
    }
    location \@fallback { return 404; }
END

my $text = <<"END";
    events_kafka_brokers $bootstrap;
    events_guests on;
    large_client_header_buffers 4 2k;
    lingering_timeout 100ms;
    limit_req_zone \$server_port\$uri zone=none:1m rate=1r/m;
    server_names_hash_bucket_size 64;
    events_cors_origin https://page.example;
    log_format events '\$status \$events_error';
    access_log logs/events.log events;

    server {
        listen 127.0.0.1:$off;
        $locations
        error_page 500 502 503 504 /50x.html;
    }
END

for my $server (values %servers) {
    $text .= <<"END";
    server {
        listen 127.0.0.1:$server->{port};
        events_json_errors on;
        $server->{pages}
        $locations
    }
END
}

my $nginx = EventsServer->launch(
    http_config => $text,
    user_files  => ">>> 50x.html\nthe page\n",
);


sub raw {
    my ($port, $bytes) = @_;

    my ($in) = exchange([ { value => $bytes } ], port => $port, timeout => 5);
    my ($response) = parse_response($in);

    return ($response, $in);
}

sub http {
    my ($line, $headers, $body) = @_;

    return "$line\r\nHost: localhost\r\nConnection: close\r\n"
           . ($headers // '') . "\r\n" . ($body // '');
}

# Four assertions.

sub is_problem {
    my ($response, $status, $code, $name) = @_;

    my $problem = eval { decode_json($response->{body}) } || {};

    is($response->{code}, $status, "$name: status");
    is($response->{headers}{'content-type'}[0], 'application/json',
       "$name: type");
    is_deeply([ @$problem{qw(type status code)} ],
              [ 'about:blank', $status, $code ], "$name: body")
        or diag($response->{body});
    unlike($response->{body}, qr/<html/i, "$name: no page");

    return;
}

my $long = 'a' x 9000;
my $post = 'POST /events HTTP/1.';

# name, status, code, bytes; those of 1.0 are tried once more with 1.1

my @cases = (
    [ 'request line', 400, 'bad_request', "NO{} / HTTP/1.1\r\n\r\n" ],
    [ 'no version', 400, 'bad_request', "POST /events HTTP/x\r\n\r\n" ],
    [ 'version', 505, 'version_not_supported',
      "POST /events HTTP/3.0\r\nHost: a\r\n\r\n" ],
    [ 'URI', 414, 'uri_too_long', http("POST /$long HTTP/1.1") ],
    [ 'escape in URI', 400, 'bad_request', http('POST /%zz HTTP/1.1') ],
    [ 'header line', 400, 'bad_request', http("${post}1", "a\0b: c\r\n") ],
    [ 'headers', 431, 'headers_too_large', http("${post}1", "A: $long\r\n") ],
    [ 'many headers', 431, 'headers_too_large',
      http("${post}1", join '', map { "A$_: " . 'x' x 1000 . "\r\n" } 1 .. 20) ],
    [ 'no host', 400, 'bad_request', "${post}1\r\n\r\n" ],
    [ 'two hosts', 400, 'bad_request', http("${post}1", "Host: b\r\n") ],
    [ 'host', 400, 'bad_request', "${post}1\r\nHost: a/b\r\n\r\n" ],
    [ 'length', 400, 'bad_request', http("${post}1", "Content-Length: x\r\n") ],
    [ 'length and chunks', 400, 'bad_request',
      http("${post}1", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n") ],
    [ 'coding', 501, 'not_implemented',
      http("${post}1", "Transfer-Encoding: br\r\n") ],
    [ 'TRACE', 405, 'method_not_allowed', http('TRACE /events HTTP/1.1') ],
    [ 'nowhere', 404, 'not_found', http('POST /nowhere HTTP/1.1') ],
    [ 'method', 405, 'method_not_allowed', http('GET /events HTTP/1.1') ],
    [ 'chunk', 400, 'bad_request',
      http("${post}1", "Transfer-Encoding: chunked\r\n", "x\r\n") ],
    [ 'chunks', 413, 'body_too_large',
      http("${post}1", "Transfer-Encoding: chunked\r\n",
           "800\r\n" . 'x' x 2048 . "\r\n0\r\n\r\n") ],
    [ 'late chunk', 408, 'request_timeout',
      http("${post}1", "Transfer-Encoding: chunked\r\n", "8\r\n[") ],
    [ 'type', 415, 'unsupported_type',
      http("${post}1", "Content-Type: text/html\r\n") ],
    [ 'loop', 500, 'internal_error', http('POST /loop HTTP/1.1') ],
    (map {
        my $minor = $_;

        [ "body, 1.$minor", 413, 'body_too_large',
          http("$post$minor", "Content-Length: 2000\r\n", 'x' x 2000) ],
        [ "late body, 1.$minor", 408, 'request_timeout',
          http("$post$minor", "Content-Length: 20\r\n", '[') ],
        [ "headers, 1.$minor", 431, 'headers_too_large',
          http("$post$minor", "A: $long\r\n") ],
        [ "limit_req, 1.$minor", 503, 'unavailable',
          http("POST /limited HTTP/1.$minor") ],
        [ "limit_req_status, 1.$minor", 429, 'rate_limited',
          http("POST /limited429 HTTP/1.$minor") ],
        [ "auth_request, 1.$minor", 500, 'internal_error',
          http("POST /conn HTTP/1.$minor", "Content-Length: 2\r\n", '{}') ],
        [ "502 elsewhere, 1.$minor", 502, 'bad_gateway',
          http("GET /proxied HTTP/1.$minor") ],
        [ "a status without a name elsewhere, 1.$minor", 418, 'refused',
          http("GET /odd HTTP/1.$minor") ],
        (map {
            [ "return $_->[0], 1.$minor", @$_,
              http("POST /returns?s=$_->[0] HTTP/1.$minor",
                   "Content-Length: 2\r\n", '{}') ]
        } [ 404, 'not_found' ], [ 410, 'refused' ], [ 411, 'length_required' ],
          [ 415, 'unsupported_type' ], [ 417, 'expectation_failed' ],
          [ 418, 'refused' ], [ 421, 'misdirected_request' ],
          [ 431, 'headers_too_large' ], [ 500, 'internal_error' ],
          [ 501, 'not_implemented' ], [ 502, 'bad_gateway' ],
          [ 503, 'unavailable' ], [ 504, 'gateway_timeout' ],
          [ 505, 'version_not_supported' ], [ 507, 'internal_error' ]),
    } 0, 1),
);

for my $name (sort keys %servers) {
    my $port = $servers{$name}{port};

    raw($port, http("POST $_ HTTP/1.1", "Content-Length: 2\r\n", '{}'))
        for '/limited', '/limited429';

    for my $case (@cases) {
        my ($what, $status, $code, $bytes) = @$case;
        my ($response) = raw($port, $bytes);

        is_problem($response, $status, $code, "$name, $what");

        my $later = $response->{headers}{'retry-after'}[0];

        if ($status == 429 || $status == 503) {
            like($later, qr/^[1-5]$/, "$name, $what: when to come again");
        } else {
            is($later, undef, "$name, $what: not when to come again");
        }
    }

    # HTTP/0.9 has no headers

    my (undef, $in) = raw($port, "GET /events\r\n");

    is(decode_json($in)->{code}, 'method_not_allowed', "$name, HTTP/0.9");

    # what others say is not touched

    my ($own) = raw($port, http('POST /own HTTP/1.1', "Content-Length: 2\r\n",
                                '{}'));

    is("$own->{code} $own->{body}", "413 the page\n",
       "$name: error_page of the location itself");

    for my $case ([ '/answers', '503 a text' ], [ '/text', '503 a text' ],
                  [ '/mine', "404 the page\n" ])
    {
        my ($uri, $expected) = @$case;
        my ($response) = raw($port, http("GET $uri HTTP/1.1"));

        is("$response->{code} $response->{body}", $expected,
           "$name: $uri is not touched");
        isnt($response->{headers}{'content-type'}[0], 'application/json',
             "$name: nor is its type");
    }

    my ($response) = raw($port, http('GET /mine?s=503 HTTP/1.1'));

    is_problem($response, 404, 'not_found',
               "$name, what an error_page leads to fails");

    ($response) = raw($port, http('GET /off HTTP/1.1'));

    is($response->{headers}{'content-type'}[0], 'text/html', "$name: off");
    is($response->{body} =~ /the page/ ? 1 : 0, $name eq 'pages' ? 1 : 0,
       "$name: error_page where JSON is off");

    # a page of another origin reads what is wrong with its headers

    ($response) = raw($port, http("${post}1", "Origin: https://page.example"
                                              . "\r\nA: $long\r\n"));

    is($response->{headers}{'access-control-allow-origin'}[0],
       'https://page.example', "$name: CORS before the location is known");
}

# Without the directive: the endpoint answers in JSON, the server does not.

for my $case ([ 'URI', 414, http("POST /$long HTTP/1.1") ],
              [ 'headers', 400, http("${post}1", "A: $long\r\n") ],
              [ 'nowhere', 404, http('POST /nowhere HTTP/1.1') ])
{
    my ($what, $status, $bytes) = @$case;
    my ($response) = raw($off, $bytes);

    is($response->{code}, $status, "off, $what: status");
    is($response->{headers}{'content-type'}[0], 'text/html',
       "off, $what: nginx's page");
}

for my $case (grep { $_->[0] =~ /^(?:body|late body|return|auth_request)\b/ }
              @cases)
{
    my ($what, $status, $code, $bytes) = @$case;
    my ($response) = raw($off, $bytes);

    is_problem($response, $status, $code, "off, endpoint, $what");
}

my ($page) = raw($off, http('GET /proxied HTTP/1.1'));

is("$page->{code} $page->{body}", "502 the page\n", 'off: error_page');

ok(EventsServer::wait_for(sub {
       $nginx->read('logs/events.log') =~ /^431 headers_too_large$/m
   }), 'the access log tells');

$nginx->finish('json_errors');

done_testing();
