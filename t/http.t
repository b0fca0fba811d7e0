# What one block of a suite cannot say: HTTP/2, 100-continue, a client that
# stops sending, many idle connections.

use strict;
use warnings;

use EventsBroker;
use EventsServer qw(wait_for);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::INET;
use Test::More;
use Test::Nginx::Config qw(free_port);

my $broker = EventsBroker->start;
my $bootstrap = $broker->bootstrap;
my $http2 = free_port();
my $dir = tempdir(CLEANUP => 1);
my $topics = 0;
my $topic;

# ten thousand, or what this system lets a process have

my $limit = qx(sh -c 'ulimit -n');
my $idle = $limit =~ /^(\d+)/ && $1 < 10_500 ? $1 - 500 : 10_000;

my $server = EventsServer->launch(
    worker_connections => $idle + 400,
    http_config        => <<"END",
    log_format events "\$status \$events_status \$events_error";
    access_log logs/events.log events;

    server {
        listen 127.0.0.1:$http2 http2;

        location /e {
            events_kafka_brokers $bootstrap;
            events_publish events_\$arg_t;
            events_schema off;
            client_body_buffer_size 4k;
            client_max_body_size 64k;
        }
    }
END
    config             => <<"END",
    client_body_timeout 1s;

    location /e {
        events_kafka_brokers $bootstrap;
        events_publish events_\$arg_t;
        events_schema off;
        client_max_body_size 64k;
    }
END
);

plan(skip_all => 'no curl') if system('command -v curl >/dev/null') != 0;


# Each test has a topic of its own.

sub fresh {
    $topic = 'events_' . ++$topics;
    $broker->create_topic($topic);

    return "/e?t=$topics";
}

sub values_are {
    my ($expected, $name) = @_;

    $broker->wait_count($topic, scalar @$expected, 5);

    is_deeply([ map { $_->{value} } $broker->records($topic) ], $expected,
              $name);
}

# Returns status, protocol and body of a request over HTTP/2.

sub curl {
    my ($uri, $body, @options) = @_;

    my @data;

    if (defined $body) {
        open my $file, '>', "$dir/body" or die "$!";
        print {$file} $body;
        close $file;

        @data = ('--data-binary', "\@$dir/body");
    }

    my @command = (
        'curl', '-sS', '--http2-prior-knowledge', '--max-time', 10,
        @data, '-H', 'Content-Type: application/json',
        '-w', '\n%{http_code} %{http_version}', @options,
        "http://127.0.0.1:$http2$uri",
    );

    open my $curl, '-|', @command or die "$!";

    my $text = do { local $/; readline $curl };

    close $curl;

    my ($answer, $status, $version) = $text =~ /\A(.*)\n(\d+) (\S+)\z/s;

    return ($status, $version, $answer);
}

sub dialog {
    my ($packets, $seconds) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $server->port)
        or die "connect: $!";
    my @answers;

    for my $packet (@$packets) {
        print {$socket} $packet;
        $socket->flush;
        push @answers, receive($socket, $seconds);
    }

    return @answers;
}

# What comes until nothing does for a while.

sub receive {
    my ($socket, $seconds) = @_;

    my $bytes = '';
    my $select = IO::Select->new($socket);

    while ($select->can_read($seconds)) {
        sysread($socket, $bytes, 65536, length $bytes) or return "$bytes<end>";
    }

    return $bytes;
}

sub events {
    my ($n) = @_;

    return [ map { qq({"n":$_,"x":") . 'x' x 1000 . '"}' } 1 .. $n ];
}


{
    my ($status, $version, $answer) = curl(fresh(), '[{"a":1},{"a":2}]');

    is("$status $version", '200 2', 'HTTP/2: status');
    like($answer, qr/^\{"status":"accepted","ack":"broker","received":2,/,
         'HTTP/2: answer');
    values_are([ '{"a":1}', '{"a":2}' ], 'HTTP/2: values');
}

{
    my $events = events(40);
    my $body = '[' . join(',', @$events) . ']';

    my ($status) = curl(fresh(), $body);

    is($status, 200, 'HTTP/2, in a file: status');
    values_are($events, 'HTTP/2, in a file: values');

    ($status) = curl(fresh(), $body, '-H', 'Content-Length:');

    is($status, 200, 'HTTP/2, without a length: status');
    values_are($events, 'HTTP/2, without a length: values');
}

{
    my ($status, $version, $answer) = curl(fresh(), '[{"a":1},');

    is($status, 400, 'HTTP/2, not JSON: status');
    like($answer, qr/"code":"invalid_json".*"offset":9\b/,
         'HTTP/2, not JSON: answer');

    ($status, $version, $answer) = curl(fresh(), '');

    is($status, 400, 'HTTP/2, nothing: status');
    like($answer, qr/"code":"empty_body"/, 'HTTP/2, nothing: answer');
}

{
    my $uri = fresh();
    my ($status, $version, $answer) = curl($uri, undef);

    is($status, 405, 'HTTP/2, GET: status');
    like($answer, qr/"code":"method_not_allowed"/, 'HTTP/2, GET: answer');

    # curl drops an answer that comes while it sends, nginx's own too

    curl($uri, 'x' x 70_000, '-o', '/dev/null', '-s', '--no-show-error');

    ok(wait_for(sub {
           $server->read('logs/events.log') =~ /^413 rejected body_too_large/m
       }), 'HTTP/2, too large');
    values_are([], 'HTTP/2: nothing was published');
}

{
    my $uri = fresh();
    my @answers = dialog([
        "POST $uri HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
            . "Connection: close\r\nContent-Length: 7\r\n\r\n",
        '{"a":1}',
    ], 0.3);

    is($answers[0], "HTTP/1.1 100 Continue\r\n\r\n",
       '100-continue: the body is asked for');
    like($answers[1], qr/^HTTP\/1.1 200 OK\r\n.*"accepted":1,.*<end>$/s,
         '100-continue: and answered');
    values_are([ '{"a":1}' ], '100-continue: values');
}

{
    my $head = 'POST ' . fresh() . " HTTP/1.1\r\nHost: a\r\n"
               . "Expect: 100-continue\r\nContent-Length: 60000\r\n";

    my ($answer) = dialog([ "${head}Content-Type: text/xml\r\n\r\n" ], 0.2);

    like($answer, qr/^HTTP\/1.1 415 .*"code":"unsupported_type"/s,
         '100-continue, not our type: the body is not asked for');
    like($answer, qr/\r\nConnection: close\r\n/,
         '100-continue, not our type: the connection ends');

    ($answer) = dialog([ "${head}Content-Encoding: br\r\n\r\n" ], 0.2);

    like($answer, qr/^HTTP\/1.1 415 .*"code":"unsupported_encoding"/s,
         '100-continue, not our coding: the body is not asked for');

    $head =~ s/60000/600000/;

    ($answer) = dialog([ "$head\r\n" ], 0.2);

    like($answer, qr/^HTTP\/1.1 413 .*"code":"body_too_large"/s,
         '100-continue, too large: the body is not asked for');
    values_are([], '100-continue: nothing was published');
}

{
    my $head = 'POST ' . fresh() . " HTTP/1.1\r\nHost: a\r\n";

    my ($answer) = dialog([ "${head}Content-Length: 100\r\n\r\n[{\"a\":1}," ],
                          2);

    my $late = qr/^HTTP\/1.1 408 .*"code":"request_timeout".*<end>$/s;

    like($answer, $late, 'a client that stops is told, and the connection ends');
    ok(wait_for(sub { $server->read('logs/events.log') =~ /^408 /m }),
       'a client that stops: 408 in the log');

    ($answer) = dialog([ "${head}Transfer-Encoding: chunked\r\n\r\n8\r\n[{" ],
                       2);

    like($answer, $late, 'a client that stops in a chunk');
    values_are([], 'a client that stops: nothing was published');
}

{
    my $uri = fresh();
    my $one = "POST $uri HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n";

    my @answers = dialog([ "$one\{\"a\":1}", "$one\{\"a\": }", "$one\{\"a\":2}" ],
                         0.3);

    like($answers[0], qr/^HTTP\/1.1 200 /, 'one connection: accepted');
    like($answers[1], qr/^HTTP\/1.1 400 /, 'one connection: refused');
    like($answers[2], qr/^HTTP\/1.1 200 /, 'one connection: accepted again');
    values_are([ '{"a":1}', '{"a":2}' ], 'one connection: values');
}

{
    my @connections = map {
        IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                              PeerPort => $server->port) // ();
    } 1 .. $idle;

    is(scalar @connections, $idle, "$idle idle connections");

    my $uri = fresh();
    my ($status) = $server->post($uri, '{"a":1}');

    is($status, 200, 'idle connections: another one is served');
    values_are([ '{"a":1}' ], 'idle connections: values');
}

$server->finish('at the end');

done_testing();
