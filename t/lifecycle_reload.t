# Workers come and go under load: nothing that was answered 200 is missing.

use strict;
use warnings;

use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';


my $broker = EventsBroker->start;
my $config = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};
    location = /events { events_publish \$arg_topic; events_schema off; }
    location = /status { stub_status; }

    location = /queued {
        events_publish deferred;
        events_schema off;
        events_ack queued;
        client_body_buffer_size 1m;
        lingering_close off;
    }
END

$broker->create_topic('deferred', 4);


subtest 'HUP' => sub {
    my ($server, $load) = under_load('hup');

    for (1 .. 3) {
        ok($server->reload(20), "reload $_");
        ok($load->wait_more(200, 40), 'the new workers answer');
    }

    ok(wait_for(sub { !$server->leaving_workers }, 20), 'the old ones leave');
    nothing_is_missing($load, 'hup');
    $server->finish('HUP');
};


subtest 'QUIT' => sub {
    my ($server, $load) = under_load('quit');

    ok($server->quit, 'nginx quits');
    nothing_is_missing($load, 'quit');
    is_deeply([ $server->faults ], [], 'and leaves no faults');
};


# Requests that are put off to the next turn hold a worker that leaves.

subtest 'QUIT while batches are put off' => sub {
    my $server = EventsServer->launch(workers => 1, log_level => 'info',
                                      config => $config);
    my ($worker) = @{ wait_for(sub { my @w = $server->workers; @w && \@w }) };
    my $n = 24;

    my $batch = '[' . join(',', (sprintf '{"a":"%s"}', 'x' x 1000) x 200)
                . ']';
    my $head = "POST /queued HTTP/1.1\r\nHost: localhost\r\n"
               . 'Content-Length: ' . length($batch) . "\r\n\r\n";

    my @clients = map { connect_to($server) } 1 .. $n;

    print {$_} $head, substr $batch, 0, 10 for @clients;
    ok(wait_for(sub { waiting($server) == $n }), 'nginx reads the batches');

    $server->signal('QUIT');
    ok(wait_for(sub { $server->leaving_workers }), 'its worker leaves');

    # so that it finds all of them at once

    kill 'STOP', $worker;
    print {$_} substr $batch, 10 for @clients;
    kill 'CONT', $worker;

    my @answers = map { scalar readline $_ } @clients;

    is(scalar(grep { ($_ // '') =~ / 202 / } @answers), $n,
       'all are answered');
    ok($server->quit, 'nginx quits');
    is_deeply([ $server->faults ], [], 'and leaves no faults');
    is($broker->count('deferred'), 200 * $n, 'and all is in Kafka');
};


subtest 'TERM' => sub {
    my ($server, $load) = under_load('term');
    my $time = time;

    ok($server->stop, 'nginx stops');
    cmp_ok(time - $time, '<', 3, 'fast');
    nothing_is_missing($load, 'term');
    is_deeply([ $server->faults ], [],
              'and leaves no faults');
};


subtest 'kill -9 of a worker' => sub {
    my ($server, $load) = under_load('kill');
    my ($worker) = $server->workers;

    kill 'KILL', $worker;

    ok(wait_for(sub { 2 == grep { $_ != $worker } $server->workers }, 20),
       'the master starts another');
    ok($load->wait_more(200, 100), 'which answers');

    nothing_is_missing($load, 'kill');
    $server->finish('kill -9', "process $worker exited on signal 9");
};


done_testing();


sub under_load {
    my ($topic) = @_;

    $broker->create_topic($topic, 8);

    my $server = EventsServer->launch(workers => 2, config => $config,
                                      log_level => 'info');
    my $load = EventsLoad->start(port => $server->port,
                                 uri  => "/events?topic=$topic");

    ok($load->wait_more(200, 100), 'nginx is under load') or BAIL_OUT('load');

    return ($server, $load);
}


sub connect_to {
    my ($server) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $server->port) or die "$!";
    $socket->autoflush(1);

    return $socket;
}


# Connections of the worker, the one that asks left out.

sub waiting {
    my ($server) = @_;

    my ($body) = ($server->get('/status'))[2];

    return $body =~ /Reading: (\d+) Writing: (\d+)/ ? $1 + $2 - 1 : 0;
}


sub nothing_is_missing {
    my ($load, $topic) = @_;

    ok($load->stop, 'the load ends');

    $load->nothing_is_missing($broker->records($topic));
    is($load->count(504) + $load->count(500), 0, 'no outcome is unknown');

    return;
}
