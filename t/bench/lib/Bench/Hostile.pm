package Bench::Hostile;

# How long a client that behaves waits, alone and beside each crowd of clients
# that do not, in turns.

use strict;
use warnings;

use Exporter qw(import);
use Time::HiRes qw(sleep);

use Bench::Load qw(median);
use Bench::Worker;
use EventsLoad;
use HostileClients qw(describe file_limit);

our @EXPORT_OK = qw(hostile);

use constant {
    IDLE    => 10_000,
    CLIENTS => 8,               # connections of the one that behaves
    SETTLE  => 60,              # seconds for a crowd to come
};

my @CROWDS = (
    [ slow_headers => 2000 ], [ slow_bodies => 2000 ],
    [ slow_chunks => 2000 ], [ long_extensions => 20 ], [ expects => 2000 ],
    [ large_headers => 50 ], [ half_closed => 200 ], [ half_gone => 200 ],
    [ close => 200 ], [ reset => 200 ], [ bursts => 50 ], [ deaf => 100 ],
    [ h2_open => 20 ], [ h2_reset => 5 ], [ h2_deaf => 20 ], [ idle => IDLE ],
);


sub hostile {
    my ($setup, $give) = @_;

    my $h2_port = Bench::Worker::free_port();
    my $idle = file_limit(IDLE);

    for my $case (@CROWDS) {
        my ($kind, $n) = @$case;

        $n = $idle if $n > $idle;

        # of its own, for what it has in memory

        my $worker = $setup->new_worker(
            'bare', name => "hostile-$kind", h2_port => $h2_port,
            location => ' client_body_buffer_size 64k;',
            connections => int($idle * 16 / 15) + 200);

        my (@alone, @beside);

        for (1 .. $setup->{runs}) {
            push @alone, _client($setup, $worker);

            my $crowd = HostileClients->start(
                $kind, n => $n, port => $worker->{port}, h2_port => $h2_port);

            $setup->pin_rest($crowd->{pid});
            $crowd->wait_turns(2, SETTLE)
                or die "a crowd did not come: $kind\n";

            push @beside, _client($setup, $worker);
            $crowd->stop;
        }

        my ($alone, $beside) = (median(@alone), median(@beside));

        $give->({
            what => describe($kind),
            connections => $n,
            p50_alone => $alone->{p50},
            p99_alone => $alone->{p99},
            p50 => $beside->{p50},
            p99 => $beside->{p99},
            bad => $alone->{bad} + $beside->{bad},
            requests => $beside->{requests},
            peak => ($worker->memory)[1],
        });

        $worker->stop;
    }
}


sub _client {
    my ($setup, $worker) = @_;

    my $load = EventsLoad->start(port => $worker->{port},
                                 connections => CLIENTS);

    $setup->pin_rest($load->{pid});
    sleep $setup->{seconds};
    $load->stop;

    my @requests = $load->requests;
    my @times = sort { $a <=> $b } map { $_->{msec} } @requests;

    return {
        requests => scalar @requests,
        bad => scalar(grep { $_->{status} != 200 } @requests),
        p50 => $times[@times / 2],
        p99 => $times[@times * 0.99],
    };
}

1;
