# examples/platform: who may send what, how much of it, and what the log tells.

use feature 'state';
use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;

use EventsBroker;
use PlatformExample;
use Test::Nginx::Client;


my $event = '{"event_id":"5f0c8a52-1d0e-7c3b-9a44-0d3f5a6b7c8d",'
            . '"brand":"playtv","action_type":"a",'
            . '"entity":{"type":"video","id":"1"},'
            . '"occurred_at":"2026-11-23T19:20:05Z"}';
my ($parlor, $foreign) = ($event, $event);

$parlor =~ s/playtv/parlor/;
$foreign =~ s/playtv/other/;

if (my ($tool) = PlatformExample->missing_tools) {
    plan(skip_all => "no $tool");
}

my $broker = EventsBroker->start;

$broker->create_topic($_, 1)
    for qw(events events.playtv events.parlor events.rejected);

my $platform = PlatformExample->start($broker);
my %key = %{ $platform->{keys} };
my ($sent, $playtv) = (0, 0);

my $page = 'https://www.playtv.example';

# one address for each test, or they share a network

my %alice = ('X-Forwarded-For' => '192.0.2.1', 'X-Guest-Id' => 'alice');


like($platform->check, qr/ test is successful$/m, 'nginx -t passes');
unlike($platform->check, qr/\[(?:emerg|warn)\](?!.*"listen \.\.\. http2")/,
       'and has nothing to warn of');

is(sent($event, 'X-API-Key' => $key{'srv-billing'}), '200', 'a key');
is(sent($event, 'X-API-Key' => 'ek_guess'), '401 unknown_key', 'a wrong key');
is(sent($event, %alice), '200', 'a guest');
is(sent("[$event,$parlor]", %alice), '200', 'a batch of two brands');

is(sent($parlor, 'X-API-Key' => $key{'app-playtv'}), '403 brand_not_allowed',
   'a key of another brand');
is(sent($event, Origin => $page, 'X-API-Key' => $key{'web-playtv'}), '200',
   'a key of a page');
is(sent($event, Origin => 'https://evil.example',
        'X-API-Key' => $key{'web-playtv'}), '403 origin_not_allowed',
   'the same in another page');

is(sent("[$event,$foreign]", %alice), '207 contract', 'a batch with an error');
is(sent('{', %alice), '400 invalid_json', 'no JSON');
is(sent(' ' x 1_100_000, %alice), '413 body_too_large', 'too large');

beacon();
preflight();
errors();
limits();
hostile();
log_tells();
kafka_holds();
monitoring();

# where the limit of open files cannot be raised nginx says so, and goes on

$platform->finish('platform', qr{setrlimit\(RLIMIT_NOFILE});
done_testing;


# Status and code; "contract" is for a 207, which has codes of events only.

sub sent {
    my ($body, %headers) = @_;

    my ($status, $fields, $answer) = $platform->post('/events', $body,
                                                     %headers);

    $sent++;

    is("@{ $fields->{'content-type'} || [] }", 'application/json',
       "status $status is JSON");

    my $code = decode_json($answer)->{code};

    return $status == 207 ? '207 contract' : join ' ', $status, $code // ();
}


sub beacon {
    my ($status) = $platform->post("/events?key=$key{'web-playtv'}", $event,
                                   'Content-Type' => 'text/plain',
                                   Origin => $page);
    is($status, 200, 'a key in the query');

    ($status) = $platform->post('/events?key=ek_wrong&page=1', $event);
    is($status, 401, 'a wrong one');

    $sent += 2;

    return;
}


sub preflight {
    for my $case ([ $page, 204, $page ], [ 'https://evil.example', 403, '' ]) {
        my ($origin, $expected, $allowed) = @$case;

        my ($status, $fields) = $platform->request(
            'OPTIONS', '/events', undef, Origin => $origin,
            'Access-Control-Request-Method' => 'POST',
            'Access-Control-Request-Headers' => 'x-api-key');

        $sent++;

        is($status, $expected, "a preflight of $origin");
        is("@{ $fields->{'access-control-allow-origin'} || [] }", $allowed,
           'which is told if it may');
    }

    return;
}


# What never comes to the endpoint.

sub errors {
    my @cases = (
        [ 'another location', '404 not_found', '/other' ],
        [ 'a long URI', '414 uri_too_long', '/events?' . 'a' x 9_000 ],
        [ 'a long header', '431 headers_too_large', '/events',
          'X-Long' => 'a' x 9_000 ],
    );

    for my $case (@cases) {
        my ($name, $expected, $uri, %headers) = @$case;

        local $platform->{protocol} = '--http1.1';

        my ($status, undef, $answer) = $platform->post($uri, $event, %headers);

        $sent++;
        is("$status " . decode_json($answer)->{code}, $expected, $name);
    }

    my ($status, undef, $answer) = Test::Nginx::Client::http_request(
        'POST', $platform->port, '/events', $event);

    $sent++;
    is("$status " . decode_json($answer)->{code}, '400 tls_required',
       'plain HTTP');

    return;
}


sub limits {
    my %bob = ('X-Forwarded-For' => '192.0.2.2', 'X-Guest-Id' => 'bob');
    my %carol = (%bob, 'X-Guest-Id' => 'carol');

    my $many = '[' . join(',', ($event) x 500) . ']';

    is(sent($many, %bob), '200', 'as many events as a guest may send');

    my ($status, $fields, $body) = $platform->post('/events', $many, %bob);

    $sent++;
    is($status, 429, 'then as many again are too many');
    is(decode_json($body)->{unit}, 'events/s', 'by the events');
    cmp_ok($fields->{'retry-after'}[0], '>', 20, 'and wait for a while');
    like("@{ $fields->{'ratelimit'} }", qr/"guest-e";r=/,
         'which the fields tell as well');

    is(sent('[' . join(',', ($event) x 400) . ']', %carol), '200',
       'not so for another behind the same address');

    limited(60, { 400 => 20, 429 => 30 }, 'requests of a guest',
            sub { %carol });
    limited(60, { 400 => 60 }, 'a key from the same address', sub {
        (%carol, 'X-API-Key' => $key{'srv-billing'})
    });

    # an address for each request, then others, who had to wait if they shared
    # what is left

    networks('guests, each with an id', sub {
        ('X-Forwarded-For' => "$_[0]$_[1]", 'X-Guest-Id' => "invented-$_[1]")
    });

    networks('a public key', sub {
        ('X-Forwarded-For' => "$_[0]$_[1]", 'X-API-Key' => $key{'app-playtv'})
    });

    # IPv4, written as IPv6

    my @same = ('X-API-Key' => $key{'app-playtv'}, 'X-Forwarded-For');

    limited(1500, { 400 => 400, 429 => 1 }, 'one address',
            sub { (@same, '::ffff:192.0.2.3') });
    limited(300, { 400 => 300 }, 'another one',
            sub { (@same, '::ffff:192.0.2.4') });

    # events, of ids that are invented for each request

    my @statuses;

    while (@statuses < 40 && !grep { /^429/ } @statuses) {
        push @statuses, sent($many, 'X-Forwarded-For' => '192.0.2.5',
                             'X-Guest-Id' => 'invented-' . @statuses);
    }

    is($statuses[7], '200', 'a network may send many events');
    is($statuses[-1], '429 rate_limited', 'but not as many as it likes');

    $playtv += 500 * grep { $_ eq '200' } @statuses;

    return;
}


sub networks {
    my ($name, $headers) = @_;

    state $n = 1;

    my ($network, $other) = map { '2001:db8:1:' . $n++ . '::' } 1 .. 2;

    limited(1500, { 400 => 400, 429 => 1 }, "$name: a /64",
            sub { $headers->($network, $_[0]) });
    limited(300, { 400 => 300 }, "$name: another one",
            sub { $headers->($other, $_[0]) });

    return;
}


# At least so many of each status, and nothing else.

sub limited {
    my ($n, $least, $name, $headers) = @_;

    my %count = $platform->flood($n, '{', $headers);

    $sent += $n;

    is(join(' ', sort keys %count), join(' ', sort keys %$least),
       "$name: what becomes of it") or diag(explain(\%count));

    for my $status (sort keys %$least) {
        cmp_ok($count{$status} // 0, '>=', $least->{$status},
               "$name: how many with $status");
    }

    return;
}


# What would end a string, a line or a character of the log; "lines" parses all.

sub hostile {
    my %mallory = ('X-Forwarded-For' => '192.0.2.9', 'X-Guest-Id' => '"');
    my @nasty = ('"},{"a":"', '\\', "\x01\x1b[2J", "\xff\xfe", "\xc3\xa9",
                 "\xed\xa0\x80");

    local $platform->{protocol} = '--http1.1';

    for my $text (@nasty) {
        my $escaped = join '', map { sprintf '%%%02X', ord } split //, $text;

        is(sent($event, %mallory, 'User-Agent' => $text), '200',
           'a strange user agent');

        my ($status) = $platform->post("/$escaped", $event);
        is($status, 404, 'a strange URI');
    }

    my $brand = $event =~ s/playtv/\\"\\\\\\n\\u001b\\ud83d\\ude00/r;

    is(sent($brand, %mallory), '422 invalid_events', 'a strange brand');

    $sent += @nasty;
    $playtv += @nasty;

    return;
}


sub log_tells {
    my @lines = $platform->lines($sent);
    my %by;

    push @{ $by{"$_->{status} $_->{error}"} }, $_ for @lines;

    is(scalar @lines, $sent, 'the access log has a line for each request');

    my ($line) = grep { $_->{principal} eq 'srv-billing' } @{ $by{'200 '} };

    is("@{$line}{qw(status outcome brand received accepted rejected guest)}",
       '200 accepted playtv 1 1 0 ', 'of a key');
    is("@{$line}{qw(protocol method uri)}", 'HTTP/2.0 POST /events',
       'and of its request');

    ($line) = @{ $by{'401 unknown_key'} };
    is($line->{principal}, '', 'a wrong key has no name');
    like($line->{guest}, qr/^[0-9a-f]{32}\z/, 'and counts as a guest');

    ($line) = @{ $by{'207 invalid_events'} || $by{'207 '} };
    is("@{$line}{qw(outcome accepted rejected invalid)}", 'partial 1 1 1',
       'of a batch with an error');

    ($line) = grep { $_->{brand} =~ /\n/ } @{ $by{'422 invalid_events'} };
    is($line->{brand}, qq("\\\n\e\x{1F600}), 'of a strange brand');

    my $text = $platform->read('logs/events.log') . $platform->error_log;

    unlike($text, qr/ek_/, 'no key is in the logs');

    return;
}


sub kafka_holds {
    my %expected = ('events' => 0, 'events.playtv' => 906 + $playtv, 'events.parlor' => 1,
                    'events.rejected' => 2);

    for my $topic (sort keys %expected) {
        $broker->wait_count($topic, $expected{$topic}, 5);
        is($broker->count($topic), $expected{$topic}, "records in $topic");
    }

    my %senders;

    for my $record ($broker->records('events.playtv')) {
        my %header = map { @$_ } @{ $record->{headers} };

        $senders{$header{principal} // "guest $header{guest}"}++;
    }

    is_deeply(\%senders, { 'srv-billing' => 1, 'web-playtv' => 2,
                           'guest 1' => 903 + $playtv },
              'and who sent them');

    return;
}


# The server for monitoring, which only internal addresses may ask.

sub monitoring {
    my (undef, $text) = monitored('/connections');

    like($text, qr/^Active connections: \d+/, 'it tells of connections');

    ($text) = (monitored('/health'))[1];
    is(decode_json($text)->{status}, 'up', 'it tells of health');

    ($text) = (monitored('/metrics'))[1];
    like($text, qr/^events_received_total [1-9]/m, 'it has metrics');

    ($text) = (monitored('/status/'))[1];
    like($text, qr/^<!DOCTYPE html>/, 'it has a page');

    ($text) = (monitored('/status/data.json'))[1];

    my %events = %{ decode_json($text)->{events} };

    is($events{accepted} + $events{rejected}, $events{received},
       'which can tell of all that was received');
    is($events{acknowledged} + $events{failed} + $events{in_flight},
       $events{accepted}, 'and of all that was accepted');
    is($events{acknowledged}, 907 + $playtv,
       'and what was acknowledged is in Kafka');

    return;
}


sub monitored {
    my ($uri) = @_;

    my ($status, undef, $text) = asked($uri, '10.0.0.7');

    is($status, 200, "$uri is for internal addresses");
    is((asked($uri, '192.0.2.1'))[0], 403, 'and not for others');

    return ($status, $text);
}


sub asked {
    my ($uri, $address) = @_;

    return Test::Nginx::Client::http_request(
        'GET', $platform->{status_port}, $uri, undef,
        'X-Forwarded-For' => $address);
}
