# Pages in Chromium send to examples/platform from another origin: what arrives,
# what is refused, and what of the answers they can read.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP qw(decode_json);
use Test::More;

use Browser;
use EventsBroker;
use PlatformExample;
use Test::Nginx::Server 'wait_for';


my $reason = Browser->skip_reason;
plan skip_all => $reason if $reason;

my $broker = EventsBroker->start;

$broker->create_topic($_, 1)
    for qw(events events.playtv events.parlor events.rejected);

my $platform = PlatformExample->start($broker, workers => 1);
my $tls = "$platform->{root}/conf/tls";
my %key = %{ $platform->{keys} };

my $browser = Browser->start(
    host => 'events.example.com', port => $platform->port,
    key => "$tls/events.key", certificate => "$tls/events.pem");

my $page = 'https://www.playtv.example';
my $evil = 'https://evil.example';
my $url = 'https://events.example.com/events';

my $event = { event_id => '5f0c8a52-1d0e-7c3b-9a44-0d3f5a6b7c8d',
              brand => 'playtv', action_type => 'a',
              entity => { type => 'video', id => '1' },
              occurred_at => '2026-11-23T19:20:05Z' };

note("Chromium $browser->{version}");

my $records = 0;

accepted();
refused();
unreadable();
limited();
too_large();
beacons();
status_page();

is($broker->count('events.playtv'), $records, 'Kafka holds what was accepted');
unlike($platform->read('logs/events.log') . $platform->error_log, qr/ek_/,
       'no key is in the logs');
ok($browser->stop, 'the browser ends');

$platform->finish('browser', qr{setrlimit\(RLIMIT_NOFILE});
done_testing;


sub posted {
    my ($origin, $body, $headers, %more) = @_;

    $body = encode($body) if ref $body;

    return $browser->fetch($origin, $url, {
        method => 'POST', body => $body,
        headers => { 'Content-Type' => 'application/json', %$headers },
    }, %more);
}


# What a page can read of an answer; the access log tells what was sent.

sub reads {
    my ($name, $expected, $answer) = @_;

    my $body = eval { decode_json($answer->{body} // '') } || {};

    is(join(' ', $answer->{error} // $answer->{status}, $body->{code} // ()),
       $expected, $name)
        or diag(explain($answer));

    return ($answer, $body);
}


sub accepted {
    my (undef, $body) = reads('a guest', 200, posted($page, $event, {}));

    is($body->{accepted}, 1, 'reads how many were accepted');

    reads('a guest with an id', 200,
          posted($page, [ $event, $event ], { 'X-Guest-Id' => 'alice' }));
    reads('a key of the page', 200,
          posted($page, $event, { 'X-API-Key' => $key{'web-playtv'} }));
    reads('text, without a preflight', 200,
          posted($page, $event, { 'Content-Type' => 'text/plain' }));

    reads('one that outlives the page', 200,
          $browser->fetch($page, $url, {
              method => 'POST', keepalive => JSON::PP::true,
              headers => { 'Content-Type' => 'application/json',
                           'X-API-Key' => $key{'web-playtv'} },
              body => encode($event) }));

    $records += 6;

    return;
}


sub refused {
    my $invalid = { %$event };

    delete $invalid->{brand};

    reads('a wrong key', '401 unknown_key',
          posted($page, $event, { 'X-API-Key' => 'ek_wrong' }));
    reads('a key of another page', '403 origin_not_allowed',
          posted($page, $event, { 'X-API-Key' => $key{'web-parlor'} }));
    reads('a brand that is not of the key', '403 brand_not_allowed',
          posted($page, { %$event, brand => 'parlor' },
                 { 'X-API-Key' => $key{'web-playtv'} }));

    my (undef, $body) = reads('an invalid event', '422 invalid_events',
                              posted($page, $invalid, {}));

    is($body->{errors}[0]{pointer}, '/brand', 'reads what is wrong with it');

    reads('no JSON', '400 invalid_json', posted($page, '{', {}));
    reads('a type that no event has', '415 unsupported_type',
          posted($page, $event, { 'Content-Type' => 'text/html' }));

    return;
}


# The browser hides what the page may not read.  It does not send what needs
# a preflight; the rest only the origin of a key keeps away.

sub unreadable {
    my $seen = seen();

    reads('a page of another origin', 'TypeError', posted($evil, $event, {}));
    reads('the same without a preflight', 'TypeError',
          posted($evil, $event, { 'Content-Type' => 'text/plain' }));
    reads('with a key of another page', 'TypeError',
          $browser->fetch($evil, "$url?key=$key{'web-playtv'}",
                          { method => 'POST', body => encode($event) }));

    $records++;

    is(join(', ', logged($seen, 3)), 'OPTIONS 403 origin_not_allowed, '
       . 'POST 200 guest, POST 403 origin_not_allowed', 'what was sent of it');

    return;
}


sub limited {
    my ($answer, $body) = reads(
        'too many requests', '429 rate_limited',
        posted($page, '{', { 'X-Guest-Id' => 'bob' },
               until => 429, most => 100));

    like($answer->{headers}{'retry-after'}, qr/^[1-9]\d*\z/,
         'reads when to send again');
    ok($body->{retryable}, 'and that it may');

    my @many = ($event) x 500;

    reads('many events', 200,
          posted($page, \@many, { 'X-Guest-Id' => 'carol' }));

    ($answer) = reads('too many events', '429 rate_limited',
                      posted($page, \@many, { 'X-Guest-Id' => 'carol' }));

    cmp_ok($answer->{headers}{'retry-after'}, '>', 10, 'reads when, computed');
    like($answer->{headers}{ratelimit}, qr/"guest-e";r=\d+/,
         'and what is left');

    $records += 500;

    return;
}


sub too_large {
    my %dave = ('X-Guest-Id' => 'dave');

    my (undef, $body) = reads('a large body', '413 body_too_large',
                              posted($page, ' ' x 1_500_000, \%dave));

    is($body->{limit}, 1024 * 1024, 'reads the limit');

    reads('too many events in a batch', '413 too_many_events',
          posted($page, [ ({}) x 501 ], \%dave));

    return;
}


# A page cannot read the answer to a beacon.  The log has it.

sub beacons {
    my $seen = seen();
    my $with_key = "$url?key=$key{'web-playtv'}";

    ok($browser->beacon($page, $with_key, encode($event)), 'a beacon');
    ok($browser->beacon($page, $url, encode($event)), 'of a guest');
    ok($browser->beacon($page, "$url?key=ek_wrong", encode($event)),
       'with a wrong key');
    ok($browser->beacon($evil, $with_key, encode($event)),
       'of another page');
    ok(!$browser->beacon($page, $with_key, ' ' x 65_537),
       'of more than 64 kB is not sent');

    is(join(', ', sort(logged($seen, 4))), 'POST 200 guest, '
       . 'POST 200 web-playtv, POST 401 unknown_key, '
       . 'POST 403 origin_not_allowed', 'what became of them');

    # a beacon has cookies, if there are any, and a preflight does not let
    # these pass: it must be text

    $seen = seen();
    $browser->beacon($page, $url, encode($event), 'application/json');

    is(join(', ', logged($seen, 1)), 'OPTIONS 204 guest', 'JSON is not sent');

    $records += 2;

    return;
}


# What became of all this, on the page of examples/status-page.

sub status_page {
    my $status = "http://127.0.0.1:$platform->{status_port}/status/";
    my $page = $browser->visit($status);
    my %account;

    wait_for(sub {
        %account = map { tr/,//dr =~ /^(\D+)(.*)/ } $page->texts('#account div');
        return exists $account{Received};
    }, 30);

    is($account{acknowledged}, $records, 'the page has what Kafka holds');
    is($account{Accepted}, $records, 'which is what was accepted');
    is($account{failed}, 0, 'as nothing failed');
    is($account{Received}, $account{Accepted} + $account{rejected},
       'and the rest was rejected');

    is(join(' ', map { $_->[0] } $page->texts('#brands tbody tr')),
       'playtv no brand all others', 'by brands');
    like(join(' ', map { $_->[0] } $page->texts('#rejected tbody tr')),
         qr/\binvalid_events\b/, 'and by codes');
    is(join("\n", $page->messages), '', 'nobody complains');

    return;
}


sub encode {
    my ($value) = @_;

    return JSON::PP->new->canonical->encode($value);
}


# What the access log has after so many lines, once it has n more.

sub logged {
    my ($seen, $n) = @_;

    my @lines = $platform->lines($seen + $n);

    return map { join ' ', @{$_}{qw(method status)},
                           $_->{error} || $_->{principal} || 'guest' }
           @lines[$seen .. $#lines];
}


# With one worker, a request of one's own is logged after all before it.

sub seen {
    my $agent = 'seen-' . rand;
    my @lines;

    $platform->get('/', 'User-Agent' => $agent);

    wait_for(sub {
        @lines = $platform->lines(1);
        return $lines[-1]{agent} eq $agent;
    });

    return scalar @lines;
}
