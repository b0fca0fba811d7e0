# Absent, wrong, strange and duplicate headers: the product of them, each with
# the answer that follows, which is always JSON and never a 500.

use strict;
use warnings;

use Compress::Zlib qw(compress memGunzip memGzip);
use EventsBroker;
use EventsServer;
use IO::Select;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Test::More;
use Test::Nginx::Client qw(parse_response);

my $event = qq({"a":1}\n);
my $long = 'x' x 3000;
my $high = "\xff\xfe\x80";

my %bodies = (
    plain   => $event,
    gzip    => memGzip($event),
    deflate => compress($event),
);

# Values of a field, each in a line of its own; and what follows.

my @types = (
    [ 1, ],
    [ 1, '' ],
    [ 1, 'application/json' ],
    [ 1, 'APPLICATION/Json' ],
    [ 1, 'application/json; charset=utf-8' ],
    [ 1, 'application/json;charset="utf-8";x=";"' ],
    [ 1, 'application/json;' ],
    [ 1, "\tapplication/json \t" ],
    [ 1, 'application/vnd.events+json' ],
    [ 1, 'text/plain;charset=UTF-8' ],
    [ 1, 'application/x-ndjson' ],
    [ 1, 'application/json', 'application/json' ],
    [ 1, 'application/json', 'text/html' ],
    [ 0, 'text/html', 'application/json' ],
    [ 0, 'text/html' ],
    [ 0, 'application/x-www-form-urlencoded' ],
    [ 0, 'multipart/form-data; boundary=x' ],
    [ 0, 'application/json, text/plain' ],
    [ 0, 'application/jsonp' ],
    [ 0, 'application' ],
    [ 0, '+json' ],
    [ 0, '*/*' ],
    [ 0, '"' ],
    [ 0, $high ],
    [ 0, $long ],
);

# The coding that the body has; none: the field is refused; broken: the body
# is not what the field says.

my @encodings = (
    [ 'plain' ],
    [ 'plain', '' ],
    [ 'plain', 'identity' ],
    [ 'plain', 'identity', 'identity' ],
    [ 'gzip', 'gzip' ],
    [ 'gzip', 'GZip' ],
    [ 'gzip', 'x-gzip' ],
    [ 'gzip', " gzip\t" ],
    [ 'gzip', 'identity', 'gzip' ],
    [ 'gzip', '', 'gzip' ],
    [ 'deflate', 'deflate' ],
    [ 'broken', 'gzip' ],
    [ 'broken', 'deflate' ],
    [ 'none', 'gzip', 'gzip' ],
    [ 'none', 'gzip', 'deflate' ],
    [ 'none', 'gzip, gzip' ],
    [ 'none', 'gzip;q=1' ],
    [ 'none', 'br' ],
    [ 'none', '*' ],
    [ 'none', ',' ],
    [ 'none', $high ],
    [ 'none', $long ],
);

# Of these nothing follows, but for an answer that nginx compresses, with 200.

my @accepts = (
    [], [ '' ], [ '*/*' ], [ 'application/json' ], [ 'text/html' ],
    [ 'application/json;q=0' ], [ 'application/xml', 'text/html' ],
    [ ';;;,/' ], [ $high ], [ $long ],
);

my @accept_encodings = (
    [], [ '' ], [ 'gzip' ], [ 'br' ], [ 'identity;q=0' ], [ '*;q=0' ],
    [ 'gzip;q=0' ], [ 'gzip', 'gzip' ], [ 'br', 'gzip;q=2,,' ], [ $high ],
    [ $long ],
);

my $broker = EventsBroker->start;

$broker->create_topic('events', 1);

my $server = EventsServer->launch(log_level => 'info', config => <<"END");
    events_kafka_brokers @{[ $broker->bootstrap ]};
    keepalive_requests 100000;

    location = /events {
        events_publish events;
        events_schema off;
        events_ack queued;
    }
    location = /gzip {
        events_publish events;
        events_schema off;
        gzip on;
        gzip_proxied any;
        gzip_min_length 1;
        gzip_types application/json;
    }
END

my $socket;
my ($accepted, $tried) = (0, 0);
my (%seen, @wrong);

# All types with all encodings, the others in turn; all of the others with
# each kind of answer.

for my $type (@types) {
    for my $encoding (@encodings) {
        try($type, $encoding, $accepts[$tried % @accepts],
            $accept_encodings[$tried % @accept_encodings]);
    }
}

for my $accept (@accepts) {
    for my $accept_encoding (@accept_encodings) {
        for my $case ([ 2, 0 ], [ 14, 0 ], [ 2, 17 ], [ 2, 11 ]) {
            try($types[$case->[0]], $encodings[$case->[1]], $accept,
                $accept_encoding);
        }
    }
}

cmp_ok($tried, '>', 900, "combinations: $tried");
is(scalar @wrong, 0, 'each has its answer')
    or diag(join "\n", @wrong > 5 ? @wrong[0 .. 4] : @wrong);

for my $kind ('200 accepted', '202 accepted', '400 invalid_encoding', '415 unsupported_type',
              '415 unsupported_encoding', 'gzip')
{
    ok($seen{$kind}, "among them: $kind, " . ($seen{$kind} // 0));
}

ok($broker->wait_count('events', $accepted, 10), 'what was accepted');
is($broker->count('events'), $accepted, 'and no more');

$server->finish('headers');

done_testing();


sub try {
    my ($type, $encoding, $accept, $accept_encoding) = @_;

    my ($taken, @types) = @$type;
    my ($coding, @encodings) = @$encoding;
    my $uri = $tried % 2 ? '/gzip' : '/events';

    $tried++;

    my $body = $bodies{$coding} // "\x01\x02 not inflated";
    my $request = join "\r\n", "POST $uri HTTP/1.1", 'Host: a',
        'Content-Length: ' . length $body,
        (map { "Content-Type: $_" } @types),
        (map { "Content-Encoding: $_" } @encodings),
        (map { "Accept: $_" } @$accept),
        (map { "Accept-Encoding: $_" } @$accept_encoding), '', $body;

    my $expected = !$taken            ? '415 unsupported_type'
                 : $coding eq 'none'   ? '415 unsupported_encoding'
                 : $coding eq 'broken' ? '400 invalid_encoding'
                 : $uri eq '/gzip'       ? '200 accepted'
                 :                       '202 accepted';
    my $got = answer($request);

    $seen{$got}++;
    $accepted++ if $got =~ /accepted/;

    push @wrong, "$expected, not $got:\n" . substr($request, 0, 500)
        if $got ne $expected;

    return;
}

# Status and code, if the answer is as answers are.

sub answer {
    my ($request) = @_;

    $socket //= IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $server->port)
        // die "connect: $!";

    syswrite $socket, $request;

    my $response = receive();

    return 'no answer' if !defined $response->{code};

    my %header = map { $_ => join '|', @{ $response->{headers}{$_} } }
                 keys %{ $response->{headers} };
    my $body = $response->{body};

    if (($header{'content-encoding'} // '') eq 'gzip') {
        $seen{gzip}++;
        $body = memGunzip($body) // '';
    }

    my $json = eval { decode_json($body) };

    return "no JSON: $body" if !$json;
    return "type $header{'content-type'}"
        if $header{'content-type'} ne 'application/json';

    if ($json->{code} && $json->{code} eq 'unsupported_type') {
        return 'no Accept' if ($header{accept} // '') !~ m{application/json};
    }

    if ($json->{code} && $json->{code} eq 'unsupported_encoding') {
        return 'no Accept-Encoding'
            if ($header{'accept-encoding'} // '') !~ /gzip/;
    }

    return "$response->{code} " . ($json->{code} // $json->{status});
}

# One response; the next request takes another connection if this one ends.

sub receive {
    my $select = IO::Select->new($socket);
    my $bytes = '';
    my $response = {};

    while ($select->can_read(10)) {
        if (!sysread $socket, $bytes, 65_536, length $bytes) {
            undef $socket;
            last;
        }

        next if $bytes !~ /\r\n\r\n/;

        ($response) = parse_response($bytes);

        last if !$response->{fault};
    }

    return $response;
}
