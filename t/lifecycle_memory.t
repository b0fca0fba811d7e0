# Memory of a worker: it does not grow with requests, and stays within its
# budget whatever Kafka and clients do.  "make soak" is the long form.

use strict;
use warnings;

use Test::More;

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';
use MixedLoad qw(location mixed_load);
use WorkerMemory qw(forget_peak growth is_checked peak resident);

use constant {
    REQUESTS  => 40_000,
    CHECKED   => 4_000,         # with a sanitizer or valgrind
    MAX_BYTES => 256,           # of growth a request, in so short a run
    SPARE     => 30,            # MB besides events_kafka_memory
    PATIENCE  => 30,
};

my $broker = EventsBroker->start;

END { kill 'CONT', $broker->pid if $broker && $broker->pid }

$broker->create_topic($_, 4) for qw(events rejected);


subtest 'requests of all kinds leave nothing behind' => sub {
    my $server = launch(location() . 'client_body_buffer_size 16k;');

    is(($server->post('/partial', '[{}]'))[0], 422, 'nginx works');

    my ($worker) = $server->workers;
    my $is_checked = is_checked($worker);
    my $total = $is_checked ? CHECKED : REQUESTS;
    my @points;

    my $count = mixed_load(
        port => $server->port, total => $total, connections => 64,
        every => $total / 400,
        report => sub { push @points, [ $_[0], resident($worker) ] });

    # each answer was compared with that which is due

    cmp_ok($count->{$_}, '>', 0, "there were some: $_")
        for 200, 207, 400, 413, 422, 'none';

    my ($slope, $error) = growth(@points);
    my $text = sprintf '%.0f bytes a request, +- %.0f', $slope, $error;

    SKIP: {
        skip 'growth: what is freed is kept here, and leaks are found', 1
            if $is_checked;

        cmp_ok($slope + $error, '<', MAX_BYTES, 'memory does not grow');
    }

    note($text);
    is_deeply([ $server->workers ], [ $worker ], 'no worker was lost');
    $server->finish('requests');
};


# Floods of batches of 200 kB, more than memory has room for.

for my $case ([ 'Kafka is well', 4 ],
              [ 'Kafka is far away', 4, sub { $broker->command('rtt 300') } ],
              [ 'Kafka hangs', 4, sub { kill 'STOP', $broker->pid } ],
              [ 'Kafka hangs, a large budget', 32,
                sub { kill 'STOP', $broker->pid } ],
              [ 'Kafka is down', 4, sub { $broker->command('down all') } ],
              [ 'bodies in files', 4, sub { $broker->command('rtt 300') },
                'client_body_buffer_size 1k;' ])
{
    my ($name, $budget, $break, $more) = @$case;

    subtest $name => sub {
        my $server = launch(<<"END", $budget);
            location = /events {
                events_publish events;
                events_schema off;
                events_ack_timeout 2s;
                @{[ $more // 'client_body_buffer_size 256k;' ]}
            }
END

        ok(wait_for(sub { ($server->post('/events', '{}'))[0] == 200 },
                    PATIENCE), 'nginx works');

        my ($worker) = $server->workers;

        forget_peak($worker);
        $break->() if $break;

        my $load = EventsLoad->start(
            port => $server->port, connections => 40, batch => 400,
            padding => 450, pause => 0);

        ok(wait_for(sub { $load->requests >= 200 }, PATIENCE), 'a flood');

        kill 'CONT', $broker->pid;
        $broker->heal;

        ok($load->wait_more(200, 10, PATIENCE), 'then Kafka is well');
        ok($load->stop, 'the flood ends');
        is($load->count(0), 0, 'all were answered') or diag($load->table);

        SKIP: {
            skip 'memory: a checker adds its own', 1 if is_checked($worker);

            cmp_ok(peak($worker), '<=', SPARE + $budget,
                   'the worker stays within its budget');
        }

        note(sprintf '%.1f MB, of %d + %d: %s', peak($worker), SPARE, $budget,
             $load->table);

        is_deeply([ $server->workers ], [ $worker ], 'no worker was lost');
        $server->finish($name);
    };
}


done_testing();


sub launch {
    my ($config, $budget) = @_;

    return EventsServer->launch(
        workers            => 1,
        worker_connections => 512,
        log_level          => 'crit',
        http_config        => 'events_kafka_brokers '
                              . $broker->bootstrap . ';'
                              . ($budget ? "events_kafka_memory ${budget}m;"
                                         : ''),
        config             => "$config access_log off;"
                              . 'keepalive_requests 1000000;',
    );
}
