package Bench::Acks;

# How long clients wait for an acknowledged answer at 70 % of the maximum rate,
# beside how long a producer without nginx waits for the broker at that rate.

use strict;
use warnings;

use Exporter qw(import);

use Bench::Events qw(body request_text);
use Bench::Kafka qw(with_kafka);
use Bench::Load qw(median paced);

our @EXPORT_OK = qw(acks);

use constant {
    CONNECTIONS => 256,
    SHARE       => 0.7,
};


sub acks {
    my ($setup, $give) = @_;

    _against($setup, $give, 'embedded', $setup->broker->bootstrap);

    return if $setup->{quick};

    with_kafka($setup, sub {
        my ($bootstrap) = @_;
        _against($setup, $give, 'Kafka 3.9', $bootstrap);
    });
}


sub _against {
    my ($setup, $give, $broker, $bootstrap) = @_;

    my $worker = $setup->new_worker('broker', bootstrap => $bootstrap,
                                    name => "acks-$broker" =~ tr/ /-/r);

    # Java compiles what is used

    _maximum($setup, $worker, 10, 5) if $broker ne 'embedded';

    for my $events (1, 10) {
        my $rate = SHARE * _maximum($setup, $worker, $events);
        my $request = request_text({ body => body($events) });
        my %command = (
            plain  => [ "$setup->{out}/plain_producer", 'events', $rate,
                        $setup->{seconds}, $events,
                        $setup->write_file('event.json', _event()),
                        _properties($setup, $bootstrap) ],
            module => [ "$setup->{out}/paced_load", $worker->{port},
                        CONNECTIONS, $rate, $setup->{seconds},
                        $setup->write_file("$events-events-request", $request),
                        length $request ],
        );
        my (%runs, @ratios);

        for my $round (1 .. ($setup->{quick} ? 1 : 2) * $setup->{runs}) {
            my @who = $round % 2 ? qw(plain module) : qw(module plain);
            my %of = map {
                $_ => paced(cpu => $setup->load_cpu, command => $command{$_})
            } @who;

            push @{ $runs{$_} }, $of{$_} for @who;
            push @ratios, { times_plain => $of{module}{p99} / $of{plain}{p50} };
        }

        for my $who (qw(plain module)) {
            $give->({ who => $who, broker => $broker, events => $events,
                      %{ median(@{ $runs{$who} }) },
                      rate => $rate,
                      ($who eq 'module'
                       ? (times_plain => median(@ratios)->{times_plain})
                       : ()) });
        }
    }

    $worker->stop;
}


# Requests a second, by wrk; warm afterwards.

sub _maximum {
    my ($setup, $worker, $events, $seconds) = @_;

    my ($row) = $setup->compare(who => [ 'acks' ], events => $events,
                                workers => { acks => $worker },
                                connections => CONNECTIONS,
                                ($seconds ? (seconds => $seconds) : ()));

    die "acks: $row->{bad} of $row->{requests} answers were no 2xx\n"
        if $row->{bad};

    return $row->{rps};
}


# One of the events, as a message is.

sub _event {
    return body(1) =~ s/^\[|\]$//gr;
}


sub _properties {
    my ($setup, $bootstrap) = @_;

    my %properties = (%{ $setup->{properties} },
                      'bootstrap.servers' => $bootstrap);

    return map { "$_=$properties{$_}" } sort keys %properties;
}

1;
