# The broker is down at the start, goes down under load, is far away: answers
# are quick, nothing answered 200 is missing, and nginx recovers by itself.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';

use constant {
    ACK_TIMEOUT => 2,
    QUICK       => 1.5,         # the machine may be busy
};


my $broker = EventsBroker->start;
my $config = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};
    events_kafka_grace 500ms;

    location = /events {
        events_publish \$arg_topic;
        events_schema off;
        events_ack_timeout @{[ ACK_TIMEOUT ]}s;
    }

    location = /static {
        events_publish fixed;
        events_schema off;
        events_ack_timeout @{[ ACK_TIMEOUT ]}s;
    }
END

$broker->create_topic($_, 4) for qw(fixed start load slow);


subtest 'down at the start' => sub {
    $broker->command('down all');

    my $started = time;
    my $server = EventsServer->launch(workers => 2, config => $config,
                                      log_level => 'info');

    cmp_ok(time - $started, '<', 3, 'nginx starts');
    ok($server->wait_log(qr/(?:is unreachable: .*?refused.*?){2}/s),
       'both workers know');

    for my $n (1 .. 10) {
        refused($server, '/static', "request $n");
    }

    $broker->command('up all');

    ok(comes_back($server, '/static'), 'then it works');
    is($broker->count('fixed'), 1, 'and nothing came twice');

    $server->finish('down at the start');
};


subtest 'idle while the broker comes back' => sub {
    my $server = EventsServer->launch(workers => 1, config => $config,
                                      log_level => 'info');

    is(($server->post('/static', '{}'))[0], 200, 'nginx works');

    $broker->command('down all');
    ok($server->wait_log(qr/is unreachable/), 'the broker goes away');
    refused($server, '/static', 'meanwhile');
    $broker->command('up all');

    ok($server->wait_log(qr/reachable again/), 'which is found without one');
    is(($server->post('/static', '{}'))[0], 200, 'the first request');

    my @lines = $server->log_since(0) =~ /\[error\].*events: (.*)/g;

    is(scalar(grep { /^Kafka/ } @lines), 1, 'one error says why')
        or diag("@lines");

    $server->finish('idle');
};


subtest 'down under load' => sub {
    my $server = EventsServer->launch(workers => 2, config => $config,
                                      log_level => 'info');
    my $load = EventsLoad->start(port => $server->port,
                                 uri  => '/events?topic=load');

    ok($load->wait_more(200, 100), 'nginx is under load');

    for my $n (1, 2) {
        $broker->command('down all');
        my $down = time;

        ok($load->wait_more(503, 200), "outage $n is answered 503");

        my @wrong = grep { $_->{status} == 200
                           && $_->{when} - $_->{msec} / 1000 > $down }
                         $load->requests;

        is(scalar @wrong, 0, 'never 200');

        $broker->command('up all');
        ok($load->wait_more(200, 100), 'then it works again');
    }

    ok($load->stop, 'the load ends');
    $load->nothing_is_missing($broker->records('load'));

    my ($slowest) = sort { $b <=> $a } map { $_->{msec} } $load->requests;
    cmp_ok($slowest, '<', 1000 * (ACK_TIMEOUT + QUICK),
           'all were answered in time');

    is_deeply([ grep { $_->{code} !~ /^(-|broker_unreachable)$/
                       && $_->{status} == 503 } $load->requests ], [],
              'with the code broker_unreachable');

    $server->finish('down under load');
};


subtest 'far away' => sub {
    my $server = EventsServer->launch(workers => 2, config => $config,
                                      log_level => 'info');

    $broker->command('rtt 200');

    my $load = EventsLoad->start(port => $server->port,
                                 uri  => '/events?topic=slow');

    ok($load->wait_more(200, 40), 'it works');
    ok($load->stop, 'the load ends');
    $broker->command('rtt 0');

    is($load->count(200), scalar($load->requests), 'with answers 200 only');
    $load->nothing_is_missing($broker->records('slow'));
    $server->finish('far away');
};


done_testing();


sub refused {
    my ($server, $uri, $name) = @_;

    my $time = time;
    my ($status, $headers, $body) = $server->post($uri, '{"a":1}');

    $time = time - $time;

    is($status, 503, "$name: 503") or diag($body);
    like($body, qr/"code":"broker_unreachable".*"retryable":true/,
         "$name: as JSON");
    like($headers->{'retry-after'}[0] // '', qr/^[1-9]\d*$/,
         "$name: Retry-After");
    cmp_ok($time, '<', QUICK, "$name: at once");

    return;
}


sub comes_back {
    my ($server, $uri) = @_;

    return wait_for(sub {
        return ($server->post($uri, '{"a":1}'))[0] == 200;
    }, 10);
}
