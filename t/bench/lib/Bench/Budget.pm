package Bench::Budget;

# What a worker has in memory, at most, whatever Kafka and clients do, beside
# its budget.

use strict;
use warnings;

use Exporter qw(import);

use Bench::Load qw(load);

our @EXPORT_OK = qw(budget);

use constant {
    SPARE   => 30,              # MB of a worker besides events_kafka_memory
    SECONDS => 8,               # more than events_ack_timeout: who hangs fails
};

# what, events_kafka_memory in MB, events, connections, how the broker fails,
# and more of a location

my @CONDITIONS = (
    [ 'Kafka is well', 64, 50, 256 ],
    [ 'many connections', 64, 1, 4000 ],
    [ 'large batches', 64, 500, 256 ],
    [ 'large batches, a small budget', 4, 500, 256 ],
    [ 'large batches, in files', 64, 500, 256, '',
      'client_body_buffer_size 8k;' ],
    [ 'Kafka is 300 ms away', 64, 50, 256, 'slow' ],
    [ 'Kafka hangs', 64, 50, 2048, 'hangs' ],
    [ 'Kafka hangs, a small budget', 4, 50, 256, 'hangs' ],
    [ 'Kafka hangs, a large budget', 256, 500, 1024, 'hangs' ],
    [ 'Kafka is down', 64, 50, 256, 'down' ],
);


sub budget {
    my ($setup, $give) = @_;

    for my $condition (@CONDITIONS) {
        my ($what, $memory, $events, $connections, $fault, $more) =
            @$condition;

        my $broker = $setup->new_broker;
        my $worker = $setup->new_worker(
            'broker', name => 'budget', bootstrap => $broker->bootstrap,
            http => "events_kafka_memory ${memory}m;\n",
            connections => 2 * $connections + 100,
            location => $more // 'client_body_buffer_size 64k;');

        _break($broker, $fault // '');

        my $run = load(worker => $worker, events => $events,
                       script => $setup->script_path($events),
                       connections => $connections,
                       seconds => SECONDS,
                       cpu => ($setup->{pin} eq 'none' ? undef : 1));

        kill 'CONT', $broker->pid;

        $give->({ %$run, what => $what, events => $events,
                  connections => $connections, memory => $memory,
                  bound => SPARE + $memory });

        $worker->stop;
        $broker->stop;
    }
}


sub _break {
    my ($broker, $fault) = @_;

    kill 'STOP', $broker->pid if $fault eq 'hangs';
    $broker->command('rtt 300') if $fault eq 'slow';
    $broker->command('down all') if $fault eq 'down';

    return;
}

1;
