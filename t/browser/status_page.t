# examples/status-page in Chromium: what it shows of snapshots, what it makes of
# two of them, and what it never does.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;

use Browser;
use EventsServer 'wait_for';
use StatusPage;


my $reason = Browser->skip_reason;
plan skip_all => $reason if $reason;

binmode Test::More->builder->$_, ':encoding(UTF-8)'
    for qw(output failure_output todo_output);

# one address is the client's, as told by the header, for who may see the page

my $server = EventsServer->launch(
    config => 'set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;'
              . StatusPage::config());

my $url = 'http://127.0.0.1:' . $server->port . '/status/';

my %busy = (
    at => 60, requests => { 200 => 180, 422 => 20 },
    events => { received => 1_234_567, accepted => 1_234_000, rejected => 567,
                published => 1_234_000, acknowledged => 1_233_900,
                failed => 60, in_flight => 40, dry_run_rejected => 7 },
    rejected => { invalid_events => 500, rate_limited => 67 },
    invalid => { required => 400, format => 120 },
    failed => { queue_full => 60 },
    brands => { playtv => { accepted => 1_000_000, rejected => 500 },
                parlor => { accepted => 234_000, rejected => 67 } },
    renamed => { event_type => 31 }, limited => { guest => 5 },
    dead_letters => { published => 500, acknowledged => 490, lost => 10 },
    queue => { bytes => 33_554_432, limit_bytes => 134_217_728 },
    acks => [ (0.004) x 90, (0.2) x 10 ], log_suppressed => 12,
);

StatusPage::give($server, StatusPage::snapshot());

my $browser = Browser->start;
my $page = $browser->visit($url);

empty();
totals();
rates();
restart();
down();
others();
hostile();
paused();
quiet();
silence();
narrow();
delivered();

ok($browser->stop, 'the browser ends');
$server->finish('status page', qr/open\(\) "[^"]*data\.json" failed/);
done_testing;


sub give {
    StatusPage::give($server, StatusPage::snapshot(@_));

    return;
}


# After a pause the page asks at once.

sub give_now {
    give(@_);
    $page->press('#pause', 'Enter') for 1 .. 2;

    return;
}


# The same in the end, as the page asks every two seconds.

sub shows {
    my ($selector, $expected, $name) = @_;

    my @texts;

    wait_for(sub {
        @texts = $page->texts($selector);
        return explained(@texts) eq explained(@$expected);
    }, 30);

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return is(explained(@texts), explained(@$expected), $name);
}


sub explained {
    return join "\n", map { ref ? join ' | ', @$_ : $_ } @_;
}


sub empty {
    shows('h1', [ 'Nothing received yet.' ], 'nothing yet');
    is($page->attribute('body', 'data-level'), 'wait', 'which is no fault');
    is(explained($page->texts('.none')), explained(
        'Nothing was rejected.', 'No event broke the contract.',
        'No brand has sent anything.', 'Nobody has asked.'), 'no table');

    return;
}


sub totals {
    give(%busy);

    shows('#account div', [
        'Received1,234,567', 'rejected567', 'Accepted1,234,000',
        'acknowledged1,233,900', 'in flight40', 'failed60', 'queue_full60',
    ], 'the account');

    is(explained($page->texts('#queue-text')), '32 MiB of 128 MiB, 25%',
       'the queue');
    is(explained($page->texts('#kafka div')), explained(
        'Producers2 up', 'Connections to brokers6', 'Events in flight40',
        'Producers replaced0', 'Workers2'), 'Kafka');
    is(explained($page->texts('#worth div')), explained(
        'Old name “event_type”31 events', 'Refused by “guest”5 requests',
        'Dead letters500', 'Dead letters lost10', 'A dry run would reject7',
        'Rejected requests not logged12'), 'worth knowing');

    return;
}


# In the minute before: 6000 events, 60 of them rejected, and 100 batches.  Half
# of these are within 2.5 ms + 2.5 ms * 50 / 90, the last ones 0.1 s + 0.15 s *
# 9 / 10.

sub rates {
    my %next = (%busy, at => 70, requests => { 200 => 280, 422 => 20 });

    $next{events} = { %{ $busy{events} }, received => 1_240_567,
                      accepted => 1_239_940, rejected => 627,
                      acknowledged => 1_239_840 };
    $next{rejected} = { invalid_events => 560, rate_limited => 67 };
    $next{invalid} = { required => 400, format => 180 };
    $next{brands} = { %{ $busy{brands} },
                      parlor => { accepted => 239_940, rejected => 127 } };
    $next{acks} = [ @{ $busy{acks} }, (0.004) x 90, (0.2) x 10 ];

    give(%next);

    shows('#rejected tr', [
        [ 'code', 'last 10 s', 'in all' ],
        [ 'invalid_events', '60', '560' ], [ 'rate_limited', '0', '67' ],
    ], 'why events are rejected');
    is(explained($page->texts('#invalid tr')), explained(
        [ 'keyword', 'last 10 s', 'in all' ],
        [ 'format', '60', '180' ], [ 'required', '0', '400' ]),
       'by keyword, what is more at the moment comes first');
    is(explained($page->texts('#brands tr')), explained(
        [ 'brand', 'last 10 s', 'in all', 'rejected' ],
        [ 'parlor', '5,940', '239,940', '127' ],
        [ 'playtv', '0', '1,000,000', '500' ]), 'brands');
    is(explained($page->texts('#requests tr')), explained(
        [ 'status', 'last 10 s', 'in all' ],
        [ '200', '100', '280' ], [ '422', '0', '20' ]), 'answers');

    is(explained($page->texts('.legend span')), explained(
        'received 600', 'rejected 6', 'half within 3.9 ms',
        '99% within 240 ms'), 'rates and quantiles');
    is(explained($page->texts('#story')),
       '600 events a second come in, 1% are rejected, and Kafka acknowledges '
       . '99% of the batches within 240 ms.', 'in words');
    is(explained($page->texts('h1')), 'All is well.', 'and all is well');
    is($page->attribute('body', 'data-level'), 'good', 'also by the sign');

    return;
}


# Smaller counters are those of another nginx: no rate is made of both.

sub restart {
    give(at => 80, requests => { 200 => 1 },
         events => { received => 10, accepted => 10, acknowledged => 10 },
         acks => [ 0.004 ]);

    shows('.legend span', [ 'received –', 'rejected –', 'half within –',
                            '99% within –' ], 'counters that begin anew');

    give(at => 90, requests => { 200 => 2 },
         events => { received => 60, accepted => 60, acknowledged => 60 },
         acks => [ 0.004, 0.004 ]);

    shows('#flow .legend span', [ 'received 5', 'rejected 0' ],
          'and then count');

    return;
}


# Each would be seen alone; of several the worst is the headline.

sub down {
    give(at => 100, requests => { 200 => 2, 503 => 30 },
         events => { received => 120, accepted => 120, acknowledged => 60,
                     failed => 60 },
         failed => { broker_unreachable => 60 }, brokers_connected => 0,
         producers => { up => 0, down => 1, fatal => 1 },
         acks => [ 0.004, 0.004 ]);

    shows('h1', [ 'Kafka is unreachable.' ], 'Kafka is down');
    like(explained($page->texts('#advice')), qr/^2 of 2 producers have no bro/,
         'and what that means');
    is(explained(map { /^(.*?)\./ } $page->texts('#also li')), explained(
        'Accepted events fail', 'Clients get errors of the server'),
       'with its consequences');
    unlike(explained($page->texts('#story')), qr/acknowledges/, 'no praise');
    is($page->attribute('body', 'data-level'), 'bad', 'by the sign');
    like(explained($page->texts('title')), qr/^Kafka is unreachable/,
         'in the title');
    like(explained($page->texts('#kafka div.bad')),
         qr/^Producers0 up, 1 without a broker, 1 failed\z/, 'below');

    return;
}


# Just over a threshold, and just below it; each after a break, so that nothing
# is left of the one before.

sub others {
    my @cases = (
        [ 'Some workers do not reach Kafka', 'All is well', 'producers',
          { up => 1, down => 1, fatal => 0 },
          { up => 2, down => 0, fatal => 0 } ],
        [ 'Clients get errors of the server', 'All is well', 'requests',
          { 200 => 989, 500 => 11 }, { 200 => 990, 500 => 10 } ],
        [ 'The queue is nearly full', 'All is well', 'queue',
          { bytes => 81, limit_bytes => 100 },
          { bytes => 80, limit_bytes => 100 } ],
        [ 'Kafka is slow', 'All is well', 'acks',
          [ (0.5) x 980, (1.1) x 20 ], [ (0.5) x 995, (1.1) x 5 ] ],
        [ 'Limits refuse requests', 'All is well', 'limited',
          { guest => 51 }, { guest => 50 } ],
    );
    my $at = 200;

    for my $case (@cases) {
        my ($over, $below, $name, @values) = @$case;

        for my $headline ($over, $below) {
            give_now(at => $at);
            shows('h1', [ 'Nothing received yet.' ], 'a break');

            give_now(at => $at + 5, requests => { 200 => 1000 },
                     events => { received => 1000, accepted => 1000,
                                 acknowledged => 1000 },
                     $name => shift @values);
            shows('h1', [ "$headline." ], "$name: $headline");

            $at += 100;
        }
    }

    for my $n (21, 20) {
        give_now(at => $at);
        shows('h1', [ 'Nothing received yet.' ], 'a break');

        give_now(at => $at + 5, requests => { 200 => 1000 },
                 events => { received => 1000, accepted => 1000 - $n,
                             rejected => $n, acknowledged => 1000 - $n },
                 rejected => { invalid_json => $n });
        shows('h1', [ $n > 20 ? 'Many events are rejected.' : 'All is well.' ],
              "$n of 1000 are rejected");

        $at += 100;
    }

    return;
}


# Brands are what clients say.

sub hostile {
    my @names = ('<img src=x onerror=alert(1)>',
                 '"><script>alert(1)</script>', '__proto__', 'constructor',
                 "\x{202e}desrever", 'javascript:alert(1)', '日本', 'x' x 250);
    my %brands = map { $names[$_] => { accepted => 100 - $_, rejected => $_ } }
                 0 .. $#names;

    $brands{''} = { accepted => 5, rejected => 0 };
    $brands{other} = { accepted => 4, rejected => 0 };

    give(at => 3000, brands => \%brands,
         renamed => { '<b>old</b>' => 1 }, limited => { '<i>zone</i>' => 1 },
         events => { received => 1000, accepted => 1000 });

    shows('#brands tbody th', [ @names, 'no brand', 'all others' ],
          'names are text');
    is(explained($page->texts('#brands tbody td:nth-child(3)')),
       explained(map({ 100 - $_ } 0 .. $#names), 5, 4), 'with their counts');
    is(explained($page->texts('#brands tbody i')),
       explained('no brand', 'all others'), 'what is no name is set apart');
    is(scalar $page->texts('main img, main script, dl b, dl i'), 0,
       'and no elements');

    my $phone = $browser->visit($url, width => 320, scheme => 'dark');

    wait_for(sub { $phone->texts('#brands tbody tr') == 10 }, 30);
    is($phone->overflow, 0, 'a long name does not widen a small screen');

    return;
}


sub paused {
    $page->press('#pause', 'Enter');
    is(explained($page->texts('#pause')), 'Resume', 'a pause, by the keyboard');

    give(at => 3010, events => { received => 2000, accepted => 2000 });

    my $other = $browser->visit($url);

    wait_for(sub { ($other->texts('#account dd'), '')[0] eq '2,000' }, 30);
    is(($page->texts('#account dd'))[0], '1,000', 'nothing moves');

    $page->press('#pause', ' ');
    shows('#account div:first-child', [ 'Received2,000' ], 'then it goes on');

    return;
}


sub quiet {
    is(explained($page->messages), '',
       'neither the page nor its policy has complained');

    return;
}


sub silence {
    StatusPage::take_away($server);

    shows('h1', [ 'nginx does not answer.' ], 'no answer');
    is(explained($page->texts('#advice')),
       'The answer was 404. What is below is from before.', 'and why');

    give(at => 3100, events => { received => 3000, accepted => 3000 });
    shows('h1', [ 'All is well.' ], 'and another answer');
    is(explained($page->texts('.legend b')), explained(('–') x 4),
       'but no rate across the time between');

    give(version => 2);
    shows('#advice', [ 'This page does not know version 2 of events_status. '
                       . 'What is below is from before.' ],
          'another version');

    give(at => 3110, events => { received => 3000, accepted => 3000 });
    shows('h1', [ 'All is well.' ], 'and this one again');

    return;
}


sub narrow {
    give(%busy);

    for my $scheme (qw(light dark)) {
        my $phone = $browser->visit($url, width => 360, scheme => $scheme);

        wait_for(sub { $phone->texts('#account div') == 7 }, 30);
        is($phone->overflow, 0, "$scheme: it fits into a small screen");
        is(explained($phone->messages), '', "$scheme: without complaints");
    }

    return;
}


# How nginx delivers it: types, policy, and to whom.

sub delivered {
    my %type = (html => 'text/html', css => 'text/css', svg => 'image/svg+xml',
                js => 'application/javascript');

    for my $file (grep { !/^nginx\.conf\z|\.md\z/ } StatusPage::files()) {
        my ($status, $headers) = $server->get("/status/$file");
        my ($suffix) = $file =~ /(\w+)\z/;

        is($status, 200, $file);
        like($headers->{'content-type'}[0], qr/^\Q$type{$suffix}\E(?:;|\z)/,
             "$file: type");
        like("@{ $headers->{'content-security-policy'} }",
             qr/default-src 'none'.*require-trusted-types-for/,
             "$file: policy");
    }

    for my $address (qw(10.1.2.3 172.16.0.1 192.168.7.7 fd00::1)) {
        my ($status) = $server->get('/status/data.json',
                                    'X-Forwarded-For' => $address);
        is($status, 200, "$address may see it");
    }

    for my $file ('', 'page.js', 'data.json') {
        my ($status) = $server->get("/status/$file",
                                    'X-Forwarded-For' => '192.0.2.1');
        is($status, 403, "others may not: /$file");
    }

    my ($status) = $server->get('/status/nginx.conf');

    is($status, 404, 'the configuration is no page');

    return;
}
