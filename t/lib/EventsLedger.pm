package EventsLedger;

# What became of each event of a long run: how and during which phase its
# request was answered, and how often it is in Kafka.  A few bytes an event.
#
#     my $ledger = EventsLedger->new('no fault');
#     my $load = EventsLoad->start(each => $ledger->each_request('one'));
#     $ledger->phase('HUP');
#     ...
#     $ledger->seen($value) ...            # of each record in Kafka
#     my @rows = $ledger->rows;            # sums, by the name of the phase

use strict;
use warnings;

use Carp qw(croak);
use Time::HiRes qw(time);

use constant {
    NO_ANSWER => 1,             # status 0, as 0 is: there is no such event
    MANY      => 255,
};


sub new {
    my ($class, $name) = @_;

    return bless {
        lanes   => {},          # by the process id in an event's id
        phases  => [ { name => $name, begin => 0 } ],
        rows    => { $name => { name => $name, runs => 1 } },
        unknown => 0,
    }, $class;
}


# What ends from now on belongs to a phase of this name.

sub phase {
    my ($self, $name) = @_;

    push @{ $self->{phases} }, { name => $name, begin => time };

    my $row = $self->{rows}{$name} //= { name => $name };
    $row->{runs}++;

    return $row;
}


# A function for the requests of a load, which has a name.

sub each_request {
    my ($self, $load) = @_;

    return sub { $self->_request($load, @_) };
}


sub _request {
    my ($self, $load, $request) = @_;

    my $phase = $self->_phase_at($request->{when});
    my $row = $self->{rows}{ $self->{phases}[$phase]{name} };
    my $status = $request->{status};

    $row->{requests}++;
    $row->{status}{$status}++;
    $row->{load}{$load}{$status}++;
    $row->{slowest} = $request->{msec}
        if $request->{msec} > ($row->{slowest} // 0);

    for my $id (@{ $request->{ids} }) {
        my ($lane, $n) = $id =~ /\Ae(\d+)-(\d+)\z/ or croak "id \"$id\"";
        my $l = $self->{lanes}{$lane}
            //= { load => $load, last => 0,
                  status => '', phase => '', seen => '' };

        vec($l->{status}, $n, 16) = $status || NO_ANSWER;
        vec($l->{phase}, $n, 16) = $phase;
        $l->{last} = $n if $n > $l->{last};
    }

    return;
}


sub _phase_at {
    my ($self, $time) = @_;

    my $phases = $self->{phases};
    my $n = $#$phases;

    $n-- while $phases->[$n]{begin} > $time;

    return $n;
}


# The value of a record.

sub seen {
    my ($self, $value) = @_;

    my ($lane, $n) = $value =~ /"event_id":"e(\d+)-(\d+)"/;
    my $l = defined $lane ? $self->{lanes}{$lane} : undef;

    if (!$l || !vec($l->{status}, $n, 16)) {
        $self->{unknown}++;
        return;
    }

    vec($l->{seen}, $n, 8)++ if vec($l->{seen}, $n, 8) < MANY;

    return;
}


# Records that nobody sent.

sub unknown { $_[0]{unknown} }


# Once all records are seen.  Each row: name, runs, requests, status (counts),
# load (the same of each load), slowest (ms); of events: acknowledged, kept (by
# status, of what was not answered 200), doubled (by status); and ids: missing,
# refused (answered 429 or 503, and there), twice, and again (twice, where
# others of the load failed).

sub rows {
    my ($self) = @_;

    for my $lane (sort { $a <=> $b } keys %{ $self->{lanes} }) {
        my $l = $self->{lanes}{$lane};

        for my $n (1 .. $l->{last}) {
            my $status = vec($l->{status}, $n, 16) or next;
            my $phase = $self->{phases}[vec($l->{phase}, $n, 16)];
            my $row = $self->{rows}{ $phase->{name} };

            _account($row, $row->{load}{ $l->{load} }, "e$lane-$n", $status,
                     vec($l->{seen}, $n, 8));
        }
    }

    return sort { $a->{name} cmp $b->{name} } values %{ $self->{rows} };
}


sub _account {
    my ($row, $load, $id, $status, $times) = @_;

    if ($times > 1) {
        my $what = $load->{503} || $load->{504} ? 'again' : 'twice';
        push @{ $row->{$what} }, "$id answered $status";
        $row->{doubled}{$status}++;
    }

    if ($status == 200) {
        $row->{acknowledged}++;
        push @{ $row->{missing} }, $id if $times == 0;

    } elsif ($times > 0) {
        $row->{kept}{ $status == NO_ANSWER ? 0 : $status }++;
        push @{ $row->{refused} }, $id if $status == 503 || $status == 429;
    }

    return;
}

1;
