package Bench::Down;

# How long clients wait for an answer when the broker fails: 503, or 504 where
# the batch was sent and nobody knows what became of it.

use strict;
use warnings;

use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

use Bench::Events qw(body);

our @EXPORT_OK = qw(down);

use constant {
    REQUESTS => 16,
    PATIENCE => 20,
};


sub down {
    my ($setup, $give) = @_;

    my $deadline = $setup->{quick} ? 1 : 5;
    my $broker = $setup->new_broker;
    my $worker = $setup->new_worker(
        'broker', name => 'down', bootstrap => $broker->bootstrap,
        location => " events_ack_timeout ${deadline}s;");

    my $row = sub {
        my ($what, %row) = @_;
        $give->({ what => $what, deadline => $deadline * 1000, %row });
    };

    $row->('all is well', _post($worker));

    kill 'STOP', $broker->pid;
    $row->("broker hangs (deadline $deadline s)", kind => 'hung',
           _post($worker));
    $row->('known to hang', kind => 'silent', _post($worker));
    kill 'CONT', $broker->pid;

    $row->('broker is back: until the first 200', kind => 'thawed',
           _until_well($worker));

    $broker->command('down all');
    $row->('broker refuses connections, within the grace', _post($worker));
    $row->('broker refuses connections, beyond it', kind => 'refused',
           _post($worker));
    $broker->command('up all');
    $row->('broker is back: until the first 200', kind => 'back',
           _until_well($worker));

    $broker->command('rtt 800');

    $row->('broker killed, batches sent', kind => 'killed',
           _post($worker, sub { sleep 0.2; kill 'KILL', $broker->pid }));

    sleep 1;
    $row->('known to be down', kind => 'known', _post($worker));

    $worker->stop;
    $broker->stop;

    _from_the_start($setup, $row, $deadline);

    # a linger of half a second keeps batches in the queue

    $broker = $setup->new_broker;
    $worker = $setup->new_worker(
        'broker', name => 'down-early', bootstrap => $broker->bootstrap,
        http => "events_kafka_property linger.ms 500;\n",
        location => " events_ack_timeout ${deadline}s;");

    _until_well($worker);
    $row->('broker killed, batches queued', kind => 'early',
           _post($worker, sub { sleep 0.1; kill 'KILL', $broker->pid }));

    $worker->stop;
    $broker->stop;
}


# Posts, on new connections, all at once; when each answer came.

sub _post {
    my ($worker, $then) = @_;

    my $body = body(1);
    my $request = "POST /events HTTP/1.1\r\nHost: localhost\r\n"
                  . "Connection: close\r\nContent-Type: application/json\r\n"
                  . 'Content-Length: ' . length($body) . "\r\n\r\n$body";

    my $select = IO::Select->new;
    my $start = time;

    for (1 .. REQUESTS) {
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                           PeerPort => $worker->{port})
            // die "bench: no connection: $!\n";

        syswrite $socket, $request;
        $select->add($socket);
    }

    $then->() if $then;

    my (%answers, @times);

    while ($select->count && time < $start + PATIENCE) {
        for my $socket ($select->can_read(0.2)) {
            my $n = sysread $socket, my $text, 65536;
            my ($status) = ($text // '') =~ m{^HTTP/1\.1 (\d+)};

            $answers{ $status // 'none' }++;
            push @times, (time - $start) * 1000;
            $select->remove($socket);
        }
    }

    $answers{none} += $select->count if $select->count;

    return (
        answers => join(', ', map { "$answers{$_} x $_" } sort keys %answers),
        is_due => ($answers{503} // 0) + ($answers{504} // 0) == REQUESTS,
        first => $times[0],
        last => $select->count ? PATIENCE * 1000 : $times[-1],
    );
}


# Back: the broker that was away when nginx started.

sub _from_the_start {
    my ($setup, $row, $deadline) = @_;

    my $broker = $setup->new_broker;

    $broker->command('down all');

    my $worker = $setup->new_worker(
        'broker', name => 'down-start', bootstrap => $broker->bootstrap,
        location => " events_ack_timeout ${deadline}s;");

    $row->('no broker since the start', _post($worker));
    $row->('no broker since the start, beyond the grace', kind => 'never',
           _post($worker));
    $broker->command('up all');
    $row->('broker is there: until the first 200', kind => 'started',
           _until_well($worker));

    $worker->stop;
    $broker->stop;

    return;
}


# Posts until all are answered 200; how long that took.

sub _until_well {
    my ($worker) = @_;

    my $start = time;
    my %got;

    while (time < $start + PATIENCE) {
        %got = _post($worker);

        if ($got{answers} =~ /^\d+ x 200$/) {
            return (%got, is_due => 1, first => undef,
                    last => (time - $start) * 1000);
        }

        sleep 0.02;
    }

    return (%got, last => PATIENCE * 1000);
}

1;
