package Bench::Load;

# One run of wrk against a worker, and what it cost.

use strict;
use warnings;

use Exporter qw(import);
use Time::HiRes qw(sleep time);

use Bench::Worker;

our @EXPORT_OK = qw(load paced machine_busy median);


# Options: worker, script (path), connections, seconds, events (of a request),
# cpu (of wrk; none: not pinned), broker (pid), cut (answers should be 400)
#
# Returns a hash: rps, eps (events a second), p50, p99, max (ms), bad (answers
# that are no 2xx, and socket errors), cpu (us of the worker for an event),
# main (of its main thread alone), busy (share of a CPU that the main thread
# had), all_busy, wrk_busy, broker_busy, others (CPUs that the rest of the
# machine had), rss, peak (MB)

sub load {
    my (%opt) = @_;

    my $worker = $opt{worker};
    my @pin = defined $opt{cpu} ? ('taskset', '-c', $opt{cpu}) : ();

    $worker->forget_peak;

    my ($all, $main) = $worker->cpu;
    my $broker = $opt{broker} ? Bench::Worker::cpu_of($opt{broker}) : 0;
    my @times = times;
    my $machine = _machine();
    my $start = time;

    my $out = _run(@pin, 'wrk', '-t1', "-c$opt{connections}",
                   "-d$opt{seconds}s", '--latency', '--timeout', '20s',
                   '-s', $opt{script}, $worker->url);

    my $elapsed = time - $start;
    my ($all_after, $main_after) = $worker->cpu;
    my @times_after = times;
    my $machine_after = _machine();
    my $broker_after = $opt{broker} ? Bench::Worker::cpu_of($opt{broker}) : 0;
    my ($rss, $peak) = $worker->memory;

    my ($line) = $out =~ /^bench (.*)/m
        or die "bench: wrk said:\n$out\n";
    my %wrk = $line =~ /(\w+)=([\d.]+)/g;

    my $seconds = $wrk{us} / 1e6;

    # so many that nothing costs nothing where there was no answer

    my $events = $wrk{requests} * $opt{events} || 1e12;

    my $all_busy = ($all_after - $all) / $elapsed;
    my $broker_busy = ($broker_after - $broker) / $elapsed;
    my $wrk_busy = ($times_after[2] + $times_after[3] - $times[2]
                    - $times[3]) / $elapsed;
    my $others = ($machine_after - $machine) / $elapsed
                 - $all_busy - $broker_busy - $wrk_busy;

    return {
        requests => $wrk{requests},
        rps => $wrk{requests} / $seconds,
        eps => $wrk{requests} * $opt{events} / $seconds,
        p50 => $wrk{p50} / 1000,
        p99 => $wrk{p99} / 1000,
        max => $wrk{max} / 1000,
        status => $wrk{status},
        bad => abs($wrk{status} - ($opt{cut} ? $wrk{requests} : 0))
               + $wrk{connect} + $wrk{read} + $wrk{write}
               + $wrk{timeout},
        cpu => ($all_after - $all) * 1e6 / $events,
        main => ($main_after - $main) * 1e6 / $events,
        busy => ($main_after - $main) / $elapsed,
        all_busy => $all_busy,
        wrk_busy => $wrk_busy,
        broker_busy => $broker_busy,
        others => $others > 0 ? $others : 0,
        rss => $rss,
        peak => $peak,
    };
}


# One run at a constant rate.  Options: command (of t/bench/paced_load.c or
# plain_producer.c), cpu (none: not pinned), worker (to measure).  Returns a
# hash: requests, p50, p99, max (ms), bad, main (us of CPU of the worker's main
# thread for a request), others (CPUs that all but that thread had).

sub paced {
    my (%opt) = @_;

    my @pin = defined $opt{cpu} ? ('taskset', '-c', $opt{cpu}) : ();
    my ($start, $before, $main) = (time, _machine(), _main($opt{worker}));
    my $out = _run(@pin, @{ $opt{command} });
    my $elapsed = time - $start;
    my ($busy, $spent) = (_machine() - $before, _main($opt{worker}) - $main);
    my ($line) = $out =~ /^bench (.*)/m
        or die "bench: \"$opt{command}[0]\" said:\n$out\n";
    my %of = $line =~ /(\w+)=([\d.]+)/g;

    return {
        requests => $of{requests},
        bad => $of{bad},
        main => $spent * 1e6 / $of{sent},
        others => ($busy - $spent) / $elapsed,
        map { $_ => $of{$_} / 1000 } qw(p50 p99 max),
    };
}


sub _main {
    my ($worker) = @_;

    return $worker ? ($worker->cpu)[1] : 0;
}


# Seconds of CPU that the machine has spent, idling aside.

sub _machine {
    open my $fh, '<', '/proc/stat' or return 0;
    my (undef, $user, $nice, $system, undef, undef, @rest) = split ' ', <$fh>;

    return ($user + $nice + $system + $rest[0] + $rest[1]
            + ($rest[2] // 0)) / 100;
}


# CPUs in use, for so many seconds from now.

sub machine_busy {
    my ($seconds) = @_;

    my ($start, $before) = (time, _machine());
    sleep $seconds;

    return (_machine() - $before) / (time - $start);
}


sub _run {
    my (@command) = @_;

    my $pid = open my $out, '-|', @command
        or die "bench: cannot run \"$command[0]\": $!\n";

    local $SIG{INT} = sub { kill 'TERM', $pid; exit 130 };
    local $SIG{TERM} = sub { kill 'TERM', $pid; exit 143 };

    local $/;
    my $text = <$out> // '';
    close $out or die "bench: \"@command\" failed:\n$text";

    return $text;
}


# The median of each figure of several runs.

sub median {
    my (@runs) = @_;

    my %result;

    for my $name (keys %{ $runs[0] }) {
        my @sorted = sort { $a <=> $b } map { $_->{$name} } @runs;
        my $n = @sorted;
        $result{$name} = $n % 2 ? $sorted[$n / 2]
                       : ($sorted[$n / 2 - 1] + $sorted[$n / 2]) / 2;
    }

    $result{bad} = 0;
    $result{bad} += $_->{bad} // 0 for @runs;
    $result{runs} = @runs;

    return \%result;
}

1;
