# What json_errors.t tries in plain text, over TLS and HTTP/2, where requests
# fail earlier and in other ways; and the errors of TLS itself.

use strict;
use warnings;

use EventsBroker;
use EventsServer;
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Socket qw(AF_UNIX PF_UNSPEC SOCK_STREAM);
use Test::More;
use Test::Nginx::Config qw(free_port);

for my $tool (qw(curl nghttp openssl)) {
    plan(skip_all => "no $tool") if system("command -v $tool >/dev/null") != 0;
}

my $dir = tempdir(CLEANUP => 1);
my $broker = EventsBroker->start;
my %port = map { $_ => free_port() } qw(h2 tls clients others tls_off);

# name, port, scheme, version

my @protocols = (
    [ 'HTTP/2', 'h2', 'http', '2' ],
    [ 'HTTP/2, TLS', 'tls', 'https', '2' ],
    [ 'HTTP/1.1, TLS', 'tls', 'https', '1.1' ],
    [ 'HTTP/1.0, TLS', 'tls', 'https', '1.0' ],
);

chmod 0755, $dir;
$broker->create_topic('events', 1);
make_certificates();

my $endpoint = 'events_publish events; events_schema off;';

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
    location = /auth {
        $endpoint
        auth_request /proxied;
    }
    location = /proxied {
        proxy_pass http://127.0.0.1:1;
    }
    location = /returns {
        $endpoint
@{[ map { "        if (\$arg_s = $_) { return $_; }\n" }
        404, 411, 417, 431, 500, 501, 502, 503, 504 ]}
    }
    location = /own {
        $endpoint
        client_max_body_size 1;
        error_page 413 503 /50x.html;
        if (\$arg_s) { return 503; }
    }
    location = /50x.html { root html; }
END

my @servers = (
    [ "$port{h2} http2", '' ],
    [ "$port{tls} ssl http2", '' ],
    [ "$port{clients} ssl http2",
      "ssl_verify_client on; ssl_client_certificate $dir/clients.pem;" ],
    [ "$port{others} ssl http2",
      "ssl_verify_client optional; ssl_client_certificate $dir/others.pem;" ],
);

my $text = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};
    events_guests on;
    large_client_header_buffers 4 4k;
    lingering_timeout 100ms;
    limit_req_zone \$server_port\$server_protocol\$uri zone=none:1m rate=1r/m;
    ssl_certificate $dir/server.pem;
    ssl_certificate_key $dir/server.key;
    ssl_session_cache off;

    server {
        listen 127.0.0.1:$port{tls_off} ssl http2;
        $locations
    }
END

for my $server (@servers) {
    my ($listen, $lines) = @$server;

    $text .= <<"END";
    server {
        listen 127.0.0.1:$listen;
        $lines
        events_json_errors on;
        error_page 500 502 503 504 /50x.html;
        $locations
    }
END
}

my $nginx = EventsServer->launch(
    http_config => $text,
    user_files  => ">>> 50x.html\nthe page\n",
);

my @post = (body => '{"a":1}');
my $long = 'a' x 20_000;

my @cases = (
    [ 'escape in URI', 400, 'bad_request', '/%zz', @post ],
    [ 'nowhere', 404, 'not_found', '/nowhere', @post ],
    [ 'method', 405, 'method_not_allowed', '/events' ],
    [ 'TRACE', 405, 'method_not_allowed', '/events', method => 'TRACE' ],
    [ 'body', 413, 'body_too_large', '/events', body => 'x' x 2000 ],
    [ 'type', 415, 'unsupported_type', '/events', @post,
      headers => [ 'Content-Type: text/html' ] ],
    [ 'coding', 415, 'unsupported_encoding', '/events', @post,
      headers => [ 'Content-Type: text/plain', 'Content-Encoding: br' ] ],
    [ 'limit_req', 503, 'unavailable', '/limited', @post ],
    [ 'limit_req_status', 429, 'rate_limited', '/limited429', @post ],
    [ 'auth_request', 500, 'internal_error', '/auth', @post ],
    [ '502 elsewhere', 502, 'bad_gateway', '/proxied' ],
    (map { [ "return $_->[0]", @$_, "/returns?s=$_->[0]", @post ] }
     [ 404, 'not_found' ], [ 411, 'length_required' ],
     [ 417, 'expectation_failed' ], [ 431, 'headers_too_large' ],
     [ 500, 'internal_error' ], [ 501, 'not_implemented' ],
     [ 502, 'bad_gateway' ], [ 503, 'unavailable' ],
     [ 504, 'gateway_timeout' ]),
);

# HTTP/2 ends the connection where a header is too long

my @cases_of_1 = (
    [ 'URI', 414, 'uri_too_long', "/$long", @post ],
    [ 'headers', 431, 'headers_too_large', '/events', @post,
      headers => [ "A: $long" ] ],
);

for my $protocol (@protocols) {
    my ($name, $server, $scheme, $version) = @$protocol;
    my $url = "$scheme://localhost:$port{$server}";

    ask($version, "$url$_", @post) for '/limited', '/limited429';

    for my $case (@cases, $version eq '2' ? () : @cases_of_1) {
        my ($what, $status, $code, $uri, %arg) = @$case;

        $arg{headers} //= [ 'Content-Type: text/plain' ];

        is_problem("$name, $what", $version, $status, $code,
                   ask($version, "$url$uri", %arg));
    }

    my $in = speak($server, $version eq '2' ? 'h2' : 'http/1.1',
                   late($version, $server), qr/\}\n/);

    like($in, qr/\{"type":"about:blank".*"status":408,.*\}\n/,
         "$name, late body");

    # nginx's own error_page does not know 413 in HTTP/2

    my @answer = ask($version, "$url/own?s=1", method => 'POST');

    is("$answer[0] $answer[3]", '503 the page',
       "$name, error_page of the location");

    @answer = ask($version, "$url/events", @post,
                  headers => [ 'Content-Type: text/plain' ]);

    is($answer[0], 200, "$name, none");
}

# 494 to 497, which nginx sends as 400

push @post, headers => [ 'Content-Type: text/plain' ];

is_problem('HTTP on a port for TLS', '1.1', 400, 'tls_required',
           ask('1.1', "http://localhost:$port{tls}/events", @post));

for my $version (qw(2 1.1 1.0)) {
    my $clients = "https://localhost:$port{clients}/events";
    my $others = "https://localhost:$port{others}/events";

    my @with = (@post, certificate => 1);

    is_problem("$version, no certificate", $version, 400,
               'certificate_required', ask($version, $clients, @post));
    is_problem("$version, another's certificate", $version, 400,
               'invalid_certificate', ask($version, $others, @with));

    # what has to do with certificates is told from what has not

    is_problem("$version, bad URI with a certificate", $version, 400,
               'bad_request', ask($version, "$clients/%zz", @with));
    is_problem("$version, bad URI without one", $version, 400, 'bad_request',
               ask($version, "$others/%zz", @post));

    is((ask($version, $clients, @with))[0], 200, "$version, certificate");
    is((ask($version, $others, @post))[0], 200,
       "$version, optional certificate");
}

# Without the directive nginx's pages stay.

my @answer = ask('1.1', "http://localhost:$port{tls_off}/events", @post);

is($answer[2], 'text/html', 'off: HTTP on a port for TLS');

@answer = ask('2', "https://localhost:$port{tls_off}/nowhere", @post);

is("@answer[0, 2]", '404 text/html', 'off: nowhere');

$nginx->finish('json_errors_h2');

done_testing();


# Four assertions.

sub is_problem {
    my ($name, $expected, $status, $code, @answer) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my ($got, $version, $type, $body) = @answer;
    my $problem = eval { decode_json($body) } || {};

    # nginx answers to 1.0 in 1.1, as RFC 9110 has it

    $expected = '1.1' if $expected eq '1.0';

    is("$got in $version", "$status in $expected", "$name: status");
    is($type, 'application/json', "$name: type");
    is_deeply([ @$problem{qw(type status code)} ],
              [ 'about:blank', $status, $code ], "$name: body")
        or diag($body);
    unlike($body, qr/<html/i, "$name: no page");

    return;
}

# Returns status, version, type and body. curl 7.88 drops an answer of HTTP/2
# that comes while it sends, so that nghttp asks there.

sub ask {
    my ($version, $url, %arg) = @_;

    my $method = $arg{method} // (defined $arg{body} ? 'POST' : 'GET');
    my @certificate = $arg{certificate}
        ? ('--cert', "$dir/client.pem", '--key', "$dir/client.key") : ();
    my @headers = map { ('-H', $_) } @{ $arg{headers} // [] };

    if (defined $arg{body}) {
        open my $file, '>', "$dir/body" or die "$dir/body: $!";
        print {$file} $arg{body};
        close $file or die "$dir/body: $!";
    }

    if ($version eq '2') {
        my $text = run('nghttp', '-v', '--no-dep', '-t', 10, @certificate,
                       defined $arg{body} ? ('-d', "$dir/body") : (),
                       '-H', ":method: $method", @headers, $url);

        $text =~ s/\e\[[0-9;]*m//g;

        my ($status) = $text =~ /recv \(stream_id=\d+\) :status: (\d+)/;
        my ($type) = $text =~ /recv \(stream_id=\d+\) content-type: (\S+)/;
        my ($body) = $text =~ /^(\{"type":.*\}|the page|<html>.*)$/m;

        return ($status // 0, '2', $type // '', $body // $text);
    }

    my $text = run('curl', '-sS', '--max-time', 10, '--path-as-is',
                   "--http$version", '--cacert', "$dir/server.pem",
                   @certificate,
                   defined $arg{body} ? ('--data-binary', "\@$dir/body") : (),
                   '-X', $method, @headers,
                   '-w', '\n%{http_code} %{http_version} %{content_type}',
                   $url);
    my ($body, $status, $got, $type) =
        $text =~ /\A(.*)\n(\d+) (\S+) (.*)\z/s;

    chomp $body if defined $body;

    return ($status // 0, $got // '', $type // '', $body // $text);
}

# What comes to bytes that are sent, until it matches.

sub speak {
    my ($server, $alpn, $bytes, $pattern) = @_;

    my $socket = $server eq 'h2'
        ? IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                PeerPort => $port{h2}) // die "connect: $!"
        : undef;
    my $pid;

    if (!$socket) {
        socketpair($socket, my $other, AF_UNIX, SOCK_STREAM, PF_UNSPEC)
            or die "socketpair: $!";

        $pid = fork // die "fork: $!";

        if (!$pid) {
            open STDIN, '<&', $other or die "$!";
            open STDOUT, '>&', $other or die "$!";
            open STDERR, '>', '/dev/null' or die "$!";
            close $socket;
            exec qw(openssl s_client -quiet -alpn), $alpn, '-connect',
                 "127.0.0.1:$port{$server}" or die "openssl: $!";
        }

        close $other;
    }

    syswrite $socket, $bytes;

    my $in = '';
    my $select = IO::Select->new($socket);

    while ($in !~ $pattern && $select->can_read(10)) {
        sysread($socket, $in, 65_536, length $in) or last;
    }

    close $socket;

    if ($pid) {
        kill 'TERM', $pid;
        waitpid $pid, 0;
    }

    return $in;
}

# A request whose body of 20 bytes does not come (RFC 9113, section 4.1, and
# RFC 7541, appendix A).

sub late {
    my ($version, $server) = @_;

    if ($version ne '2') {
        return "POST /events HTTP/$version\r\nHost: localhost\r\n"
               . "Content-Length: 20\r\n\r\n{";
    }

    my $scheme = $server eq 'h2' ? "\x86" : "\x87";
    my $headers = "\x83$scheme\x04" . pack('C/a', '/events')
                  . "\x01" . pack('C/a', 'localhost')
                  . "\x0f\x0d" . pack('C/a', '20');

    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(4, 0, 0, '')
           . frame(1, 4, 1, $headers) . frame(0, 0, 1, '{');
}

sub frame {
    my ($type, $flags, $stream, $payload) = @_;

    return substr(pack('N', length $payload), 1)
           . pack('CCN', $type, $flags, $stream) . $payload;
}

sub make_certificates {
    for my $name (qw(server clients others)) {
        run(qw(openssl req -x509 -newkey rsa:2048 -nodes -days 2),
            '-subj', '/CN=' . ($name eq 'server' ? 'localhost' : $name),
            '-addext', 'subjectAltName=DNS:localhost',
            '-keyout', "$dir/$name.key", '-out', "$dir/$name.pem");
    }

    run(qw(openssl req -new -newkey rsa:2048 -nodes -subj /CN=client),
        '-keyout', "$dir/client.key", '-out', "$dir/client.csr");
    run(qw(openssl x509 -req -days 2 -CAcreateserial -in), "$dir/client.csr",
        '-CA', "$dir/clients.pem", '-CAkey', "$dir/clients.key",
        '-out', "$dir/client.pem");

    return;
}

sub run {
    my (@command) = @_;

    my $pid = open(my $pipe, '-|') // die "fork: $!";

    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        exec @command or die "$command[0]: $!";
    }

    my $text = do { local $/; readline($pipe) // '' };

    close $pipe;

    return $text;
}
