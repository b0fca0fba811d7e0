# Locations that are no endpoints: not a byte differs between an nginx that has
# the module, and an endpoint, and one that has neither, but for the date.

use strict;
use warnings;

use EventsBroker;
use EventsServer;
use File::Temp qw(tempdir);
use Test::More;
use Test::Nginx::Client qw(exchange);
use Test::Nginx::Config qw(free_port);

my $dir = tempdir(CLEANUP => 1);
my $broker = EventsBroker->start;
my $closed = free_port();
my $upstream = free_port();

chmod 0755, $dir;
write_file('index.html', '<p>hello</p>' x 100);
write_file('50x.html', "the page\n");
write_file('part.shtml', 'a<!--#include virtual="/text" -->b'
                         . '<!--#include virtual="/missing" -->');
write_file('data.json', '{"a":1}');
write_file('users', 'a:{PLAIN}b');

my $http = <<'END';
    large_client_header_buffers 4 2k;
    lingering_timeout 100ms;
    limit_req_zone $server_name zone=one:1m rate=1r/m;
    types { text/html html shtml; application/json json; }
    gzip_types application/json text/plain;
    gzip_min_length 1;
    port_in_redirect off;
END

my $locations = <<"END";
    root $dir;
    error_page 502 504 /50x.html;

    location / { gzip on; charset utf-8; client_max_body_size 1k; }
    location = /part.shtml { ssi on; }
    location = /text { return 200 "a text"; }
    location = /s { return 204; }
    location = /moved { return 301 /text; }
    location = /e400 { return 400; }
    location = /e403 { deny all; }
    location = /e410 { return 410; }
    location = /e418 { return 418; }
    location = /e444 { return 444; }
    location = /e500 { return 500; }
    location = /e503 { return 503 "wait"; }
    location = /loop { rewrite ^ /loop last; }
    location = /named { error_page 404 = \@named; return 404; }
    location \@named { return 203 "named"; }
    location = /secret { auth_basic "a"; auth_basic_user_file $dir/users; }
    location = /asks { auth_request /e403; }
    location = /limited { limit_req zone=one; }
    location = /tries { try_files /none /e404; }
    location = /headers { add_header X-A b always; expires 1h; return 404; }
    location = /gone { proxy_pass http://127.0.0.1:$closed; }
    location = /proxied { proxy_pass http://127.0.0.1:$upstream/text; }
    location = /caught {
        proxy_intercept_errors on;
        proxy_pass http://127.0.0.1:$upstream/e500;
    }
    location = /uncaught { proxy_pass http://127.0.0.1:$upstream/e500; }
    location /dir/ { alias $dir/; autoindex off; }
END

my $endpoint = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};
    events_guests on;
    events_cors_origin *;
    events_error_type application/problem+json;
    events_api_key \$arg_key;

    location = /events { events_publish events; events_schema off; }
    location = /json { events_json_errors on; }
END

my $others = "server { listen 127.0.0.1:$upstream; $locations }";

# the one that proxies, and what it proxies to, without the module

my %server = (
    without => EventsServer->launch(
        http_config    => "$http $others",
        config         => $locations,
        without_module => 1,
    ),
    with    => EventsServer->launch(
        http_config => $http,
        config      => $endpoint . $locations,
    ),
);

my $long = 'a' x 9000;
my @agents = ('User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows)');
my @bodies = (
    [ 'Content-Length: 7', '{"a":1}' ],
    [ 'Content-Length: 2000', 'x' x 2000 ],
    [ 'Content-Length: x', '' ],
    [ 'Transfer-Encoding: chunked', "7\r\n{\"a\":1}\r\n0\r\n\r\n" ],
    [ 'Transfer-Encoding: chunked', "z\r\n" ],
    [ 'Transfer-Encoding: br', '' ],
    [ "Expect: 100-continue\r\nContent-Length: 7", '{"a":1}' ],
);
my @fields = ('', 'Accept-Encoding: gzip', 'Origin: https://a.example',
              'Range: bytes=1-2', 'Range: bytes=9999-', 'If-Match: "x"',
              'If-None-Match: *', 'X-Api-Key: a', 'Authorization: Basic YTpi',
              @agents, "Long: $long", "a\0b: c", 'Host: b',
              'Access-Control-Request-Method: POST');
my @uris = qw(
    / /missing /part.shtml /data.json /text /s /moved /e400 /e403 /e410 /e418
    /e444 /e500 /e503 /loop /named /secret /asks /limited /tries /headers
    /gone /proxied /caught /uncaught /dir/ /dir /../x /%zz
    /text?key=secret
);

my ($compared, $errors) = (0, 0);
my @different;

for my $uri (@uris) {
    for my $field (@fields) {
        compare("GET $uri HTTP/1.1", $field, '');
    }

    for my $method (qw(HEAD OPTIONS TRACE CONNECT DELETE)) {
        compare("$method $uri HTTP/1.1", '', '');
    }

    compare("GET $uri HTTP/1.0", '', '');
    compare("POST $uri HTTP/1.1", @$_) for @bodies;
}

for my $bytes ("GET /\r\n", "NO{} / HTTP/1.1\r\n\r\n", "GET /$long HTTP/1.1\r\n",
               "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\0\0\0\0",
               "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
               "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /text HTTP/1.1\r\nHost: a"
               . "\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n"
               . "Connection: close\r\n\r\n")
{
    compare_bytes($bytes);
}

cmp_ok($compared, '>', 600, 'answers were compared');
cmp_ok($errors, '>', 300, 'errors are among them');
is(scalar @different, 0, 'no answer differs')
    or diag(join "\n", map { @$_ } @different[0 .. 0]);

# the comparison would notice

my @json = map { answer($server{$_}, "GET /json HTTP/1.1\r\nHost: a\r\n"
                                     . "Connection: close\r\n\r\n") }
           qw(with without);

isnt($json[0], $json[1], 'a location with events_json_errors differs');
like($json[0], qr/application\/problem\+json/, 'as it should');

$server{with}->finish('with');
$server{without}->finish('without');

done_testing();


sub compare {
    my ($line, $field, $body) = @_;

    compare_bytes("$line\r\nHost: a\r\nConnection: close\r\n"
                  . ($field eq '' ? '' : "$field\r\n") . "\r\n$body");

    return;
}

sub compare_bytes {
    my ($bytes) = @_;

    my @answers = map { answer($server{$_}, $bytes) } qw(with without);

    $compared++;
    $errors++ if $answers[0] =~ m{^HTTP/1\.1 [45]};

    if ($answers[0] ne $answers[1]) {
        push @different, [ substr($bytes, 0, 200), @answers ];
    }

    return;
}

sub answer {
    my ($server, $bytes) = @_;

    my ($in) = exchange([ { value => $bytes } ], port => $server->port,
                        timeout => 5);

    $in =~ s/^(Date|Expires): [^\r]*/$1: -/gm;

    return $in;
}

sub write_file {
    my ($name, $text) = @_;

    open my $file, '>', "$dir/$name" or die "$dir/$name: $!";
    print {$file} $text;
    close $file or die "$dir/$name: $!";

    return;
}
