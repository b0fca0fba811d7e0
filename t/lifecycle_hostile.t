# Crowds of slow and hostile clients: others are served all the same, and
# nothing of a crowd stays behind.

use strict;
use warnings;

use Test::More;

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';
use HostileClients qw(describe file_limit);
use Test::Nginx::Config 'free_port';

use constant {
    IDLE     => 10_000,
    ANSWERS  => 100,            # of a client that behaves, beside each crowd
    PATIENCE => 30,             # seconds; the machine may be busy
};

my $broker = EventsBroker->start;
my $location = 'location = /events { events_publish events;'
               . ' events_schema off; }';

$broker->create_topic('events', 4);


subtest 'while they are there' => sub {
    my $server = launch(60);

    ok(wait_for(sub { ($server->post('/events', '{}'))[0] == 200 }, PATIENCE),
       'nginx works');

    my ($worker) = $server->workers;
    my $files = files($worker);

    # with what nginx should say of them: "Writing" is any request whose
    # headers are read

    for my $case ([ slow_headers => 2000, Reading => 2000 ],
                  [ slow_bodies => 2000, Writing => 2000 ],
                  [ slow_chunks => 1000, Writing => 1000 ],
                  [ long_extensions => 20, Writing => 20 ],
                  [ expects => 1000, Writing => 1000 ],
                  [ large_headers => 50 ], [ half_closed => 200 ],
                  [ half_gone => 200 ], [ close => 200 ], [ reset => 200 ],
                  [ bursts => 50 ], [ deaf => 100, Writing => 100 ],
                  [ h2_open => 20, Writing => 2000 ], [ h2_reset => 5 ],
                  [ h2_deaf => 20, Writing => 2000 ],
                  [ idle => IDLE, Waiting => file_limit(IDLE) ])
    {
        my ($kind, $n, $state, $many) = @$case;

        subtest $kind => sub {
            my $crowd = crowd($server, $kind, $n);

            ok($crowd->wait_turns(2, PATIENCE), describe($kind));

            ok(wait_for(sub { status($server)->{$state} >= $many }, PATIENCE),
               "$many are $state") if $state;

            others_are_served($server);
            ok($crowd->wait_turns(1, PATIENCE), 'they were there meanwhile');
            ok($crowd->stop, 'they go');

            nothing_stays($server);
            ok(wait_for(sub { files($worker) <= $files }, PATIENCE),
               'no file stays') or diag(files($worker), " of $files");
        };
    }

    is_deeply([ $server->workers ], [ $worker ], 'no worker was lost');
    $server->finish('crowds');
};


# A crowd that stays and says no more is nginx's to end.

subtest 'until nginx ends them' => sub {
    my $server = launch(1);

    ok(wait_for(sub { ($server->post('/events', '{}'))[0] == 200 }, PATIENCE),
       'nginx works');

    my ($worker) = $server->workers;

    for my $case ([ slow_headers => 200 ], [ slow_bodies => 200 ],
                  [ slow_chunks => 200 ], [ expects => 200 ],
                  [ idle => 200 ], [ deaf => 20 ], [ h2_open => 10 ],
                  [ h2_deaf => 10 ])
    {
        my ($kind, $n) = @$case;

        subtest $kind => sub {
            my $crowd = crowd($server, $kind, $n, is_once => 1,
                              is_mute => $kind ne 'deaf');

            ok($crowd->wait_turns(1, PATIENCE), describe($kind));
            nothing_stays($server);
            ok($crowd->stop, 'they go');
        };
    }

    is_deeply([ $server->workers ], [ $worker ], 'no worker was lost');
    $server->finish('timeouts');
};


done_testing();


# The crowds have ports of their own: with small buffers, so that who does not
# read is noticed.

sub launch {
    my ($seconds) = @_;

    my ($port, $h2_port) = (free_port(), free_port());

    # nginx ends idle ones as soon as a sixteenth is all that is left

    my $connections = int(file_limit(IDLE) * 16 / 15) + 200;

    my $server = EventsServer->launch(
        workers            => 1,
        worker_connections => $connections,
        log_level          => 'notice',
        main_config        => "worker_rlimit_nofile @{[ $connections + 100 ]};",
        http_config        => <<"END",
            events_kafka_brokers @{[ $broker->bootstrap ]};

            client_header_timeout  ${seconds}s;
            client_body_timeout    ${seconds}s;
            send_timeout           ${seconds}s;
            keepalive_requests     100000;

            server {
                listen 127.0.0.1:$port backlog=4096 sndbuf=8k;
                keepalive_timeout ${seconds}s;
                access_log off;
                $location
            }

            server {
                listen 127.0.0.1:$h2_port http2 backlog=4096 sndbuf=8k;
                keepalive_timeout ${seconds}s;
                access_log off;
                $location
            }
END
        config             => "$location location = /status { stub_status; }",
    );

    $server->{crowds} = { port => $port, h2_port => $h2_port };

    return $server;
}


sub crowd {
    my ($server, $kind, $n, @arg) = @_;

    my $possible = file_limit($n);

    diag("$kind: $possible connections instead of $n: a process may not have",
         " more files here") if $possible < $n;

    return HostileClients->start($kind, n => $possible,
                                 %{ $server->{crowds} }, @arg);
}


# Two assertions.

sub others_are_served {
    my ($server) = @_;

    my $load = EventsLoad->start(port => $server->{crowds}{port},
                                 connections => 4);

    ok($load->wait_more(200, ANSWERS, PATIENCE), 'others are served');
    $load->stop;

    is($load->count(200), scalar($load->requests), 'all of them')
        or diag($load->table);

    return;
}


sub nothing_stays {
    my ($server) = @_;

    my $status;

    # but the connection, and the request, that asks

    ok(wait_for(sub {
        $status = status($server);
        return $status->{connections} == 1 && $status->{Reading} == 0
               && $status->{Writing} == 1 && $status->{Waiting} == 0;
    }, PATIENCE), 'no connection and no request stays')
        or diag($status->{text});

    return;
}


sub status {
    my ($server) = @_;

    my ($text) = ($server->get('/status'))[2];

    return { text => $text, $text =~ /(\w+): (\d+)/g };
}


sub files {
    my ($worker) = @_;

    my @files = glob "/proc/$worker/fd/*";

    return scalar @files;
}
