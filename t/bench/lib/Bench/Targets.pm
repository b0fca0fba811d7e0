package Bench::Targets;

# The targets, each beside its figure.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(targets);

use constant BUSY => 0.35;      # CPUs of others: more, and rates mean little


sub targets {
    my ($rows, $setup) = @_;

    my %of;
    push @{ $of{ $_->{section} } }, $_ for @$rows;

    return (_core($of{core} // []),
            _throughput($of{throughput} // []),
            _contract($of{contract} // []),
            _cpu($of{throughput} // []),
            _rtt($of{rtt} // []),
            _latency($of{latency} // []),
            _acks($of{acks} // []),
            _sender($of{sender} // []),
            _refused($of{refused} // []),
            _kafka($of{kafka} // []),
            _memory($of{memory} // [], $setup),
            _down($of{down} // []));
}


# At least, at most or less than; a figure that is undefined was not measured.

sub _target {
    my ($what, $is, $bound, $got, $unit, $note) = @_;

    my $format = $bound >= 1000 ? '%.0f' : $bound >= 5 ? '%.1f' : '%.2f';

    $unit //= '';

    my $met = !defined $got ? undef
              : ($is eq 'at least' ? $got >= $bound
                 : $is eq 'at most' ? $got <= $bound : $got < $bound) ? 1 : 0;

    # no "0.75, missed" beside "at least 0.75"

    $format = '%.4f' if defined $met && !$met
                        && sprintf($format, $got) eq sprintf $format, $bound;

    return {
        what => $what,
        want => sprintf("$is %s%s", $bound, $unit),
        got => defined $got ? sprintf("$format%s", $got, $unit) : '',
        met => $met,
        note => $note // '',
    };
}


# The row of a contender at the number of connections that saturates it.

sub _best {
    my ($rows, $who, $events, $connections) = @_;

    my @rows = sort { $b->{rps} <=> $a->{rps} }
               grep { $_->{who} eq $who && $_->{events} == $events
                      && (!$connections
                          || $_->{connections} == $connections) } @$rows;

    return $rows[0];
}


# One against another at the same number of connections: that which saturates
# the first.  With other processes on these CPUs requests a second say little;
# then what the main thread spends on a request has the say.

sub _against {
    my ($rows, $who, $events, $base, $by) = @_;

    my $row = _best($rows, $who, $events, $by);
    my $other = $row && _best($rows, $base, $events, $row->{connections});

    return if !$other || !$other->{rps} || !$row->{main};

    my $rate = $row->{rps} / $other->{rps};
    my $cpu = $other->{main} / $row->{main};
    my $others = $row->{others} > $other->{others} ? $row->{others}
                                                   : $other->{others};

    my $counts = sprintf '%d of %d requests/s, %d connections', $row->{rps},
                         $other->{rps}, $row->{connections};

    return ($cpu, '', sprintf('by CPU of the main thread, as other processes '
                              . 'had %.1f CPUs (%s: %.2f)', $others, $counts,
                              $rate))
        if $others > BUSY;

    # a base that is not busy was held back by wrk: its CPU tells more

    return ($rate, '', sprintf('%s, main threads %.0f%% and %.0f%% busy; by '
                               . 'their CPU %.2f', $counts,
                               100 * $row->{busy}, 100 * $other->{busy},
                               $cpu));
}


sub _core {
    my ($rows) = @_;

    my %of = map { $_->{step} => $_ } @$rows;
    my ($parse, $validate) = map { $of{$_} // {} } qw(parse validate);

    return map {
        my ($what, $unit, $ratio) = @$_;

        _target("the contract against parsing, $unit", 'less than', 1,
                $validate->{$ratio}, '',
                defined $validate->{$ratio}
                ? sprintf('%.0f and %.0f an event', $validate->{$what},
                          $parse->{$what}) : '');
    } [ 'ns', 'time', 'ns_ratio' ],
      [ 'instructions', 'instructions', 'instructions_ratio' ];
}


# As above: requests a second, or CPU where others had too much of it.

sub _contract {
    my ($rows) = @_;

    return map {
        my $events = $_;
        my %of = map { $_->{who} => $_ }
                 grep { $_->{events} == $events } @$rows;
        my ($on, $off) = @of{qw(broker bare)};
        my $is_busy = $on && ($on->{others} > BUSY || $off->{others} > BUSY);

        _target("$events event(s), contract on against off", 'at least', 0.9,
                !$on ? undef : $is_busy ? $on->{main_ratio} : $on->{rps_ratio},
                '',
                !$on ? ''
                : sprintf('%s%d of %d requests/s, %.2f; by CPU of the main '
                          . 'threads %.2f',
                          $is_busy ? 'others had too much CPU, so by ours: '
                                   : '',
                          $on->{rps}, $off->{rps}, $on->{rps_ratio},
                          $on->{main_ratio}));
    } 1, 10, 50;
}


sub _throughput {
    my ($rows) = @_;

    my @targets = map {
        my ($events, $bound) = @$_;
        _target("$events event(s), against the ceiling", 'at least', $bound,
                _against($rows, 'broker', $events, 'ceiling'));
    } [ 1, 0.60 ], [ 10, 0.42 ], [ 50, 0.18 ];

    # both ways: what publishing costs is the same, with a contract or without

    for my $pair ([ broker => 'parse', 'contract' ],
                  [ bare => 'parse-bare', 'no contract' ])
    {
        my ($who, $base, $how) = @$pair;

        push @targets, _target("50, against read + parse, $how", 'at least',
                               0.80, _against($rows, $who, 50, $base, 256));
    }

    push @targets, _target('queued, 1 event, against the ceiling', 'at least',
                           0.75, _against($rows, 'queued', 1, 'ceiling'));

    for my $events (1, 10, 50, 500) {
        push @targets, _target("$events event(s), broker against queued",
                               'at least', 0.70,
                               _against($rows, 'broker', $events, 'queued'));
    }

    return @targets;
}


sub _cpu {
    my ($rows) = @_;

    my @targets;

    for my $case ([ broker => 1.3, 'with the contract' ],
                  [ bare => 1.0, 'without' ])
    {
        my ($who, $bound, $how) = @$case;
        my $row = _best($rows, $who, 50);

        push @targets, _target(
            "50, CPU of the worker an event, $how", 'at most', $bound,
            $row && $row->{cpu}, ' us',
            $row && sprintf('main thread %.2f us', $row->{main}));
    }

    # at one number of connections; each is what is added to the one before

    my ($ceiling, $bare, $parse) = map { _best($rows, $_, 50, 256) }
                                   qw(ceiling parse-bare parse);

    if ($ceiling && $bare && $parse) {
        my $parsing = $bare->{main} - $ceiling->{main};
        my $validating = $parse->{main} - $bare->{main};

        push @targets, _target('50, CPU of validation against parsing',
                               'at most', 1, $validating / $parsing, '',
                               sprintf('%.2f us and %.2f us an event',
                                       $validating, $parsing));
    }

    return @targets;
}


sub _rtt {
    my ($rows) = @_;

    my @targets;

    for my $rtt (2, 5) {
        my ($worst) = sort { $b->{cpu_growth} <=> $a->{cpu_growth} }
                      grep { $_->{rtt} == $rtt } @$rows;

        push @targets, _target(
            "broker $rtt ms away: CPU an event against 0 ms", 'at most', 1.2,
            $worst && $worst->{cpu_growth}, '',
            $worst && sprintf('the worst: %d event(s), %d connections',
                              @{$worst}{qw(events connections)}));
    }

    return @targets;
}


sub _latency {
    my ($rows) = @_;

    my @targets;

    for my $rtt (0, 2, 5) {
        my ($row) = grep { $_->{rtt} == $rtt } @$rows;

        for my $case ([ p50 => 0.3 ], [ p99 => 1 ]) {
            my ($p, $bound) = @$case;
            push @targets, _target("rtt $rtt: $p above rtt + linger",
                                   'at most', $bound,
                                   $row && $row->{"${p}_above"}, ' ms');
        }
    }

    return @targets;
}


# p99 of the answers, p50 of the plain producer: the median of the rounds.

sub _acks {
    my ($rows) = @_;

    return map {
        my ($broker, $events) = @$_;
        my %of = map { $_->{who} => $_ }
                 grep { $_->{broker} eq $broker && $_->{events} == $events }
                 @$rows;
        my ($module, $plain) = @of{qw(module plain)};

        _target("$broker, $events event(s), p99 at 70 % of the maximum",
                'less than', 3, $module && $module->{times_plain}, ' x',
                !$module ? ''
                : sprintf('p99 %.2f ms, p50 of a plain producer %.2f ms, '
                          . '%d requests/s', $module->{p99}, $plain->{p50},
                          $module->{rate}));
    } [ 'embedded', 1 ], [ 'embedded', 10 ],
      [ 'Kafka 3.9', 1 ], [ 'Kafka 3.9', 10 ];
}


sub _sender {
    my ($rows) = @_;

    my %of = map { $_->{who} => $_ } @$rows;

    return map {
        my ($who, $what) = @$_;
        my $row = $of{$who};

        _target("$what, CPU of a request", 'less than', 2,
                $row && $row->{main_share}, ' %',
                !$row || !$row->{instructions_share} ? ''
                : sprintf('%.1f %% of the instructions, with SHA-256 done '
                          . 'without those for it',
                          $row->{instructions_share}));
    } [ 'key', 'a key of 10,000 in a header' ],
      [ 'query', 'a key of 10,000 in the query' ],
      [ 'guest', 'a guest and three keys of limits' ];
}


sub _refused {
    my ($rows) = @_;

    return map {
        my $events = $_;
        my ($row) = grep { $_->{who} eq 'limit_req'
                           && $_->{events} == $events } @$rows;
        my $is_busy = $row && $row->{others} > BUSY;

        _target("$events event(s), 429 of a limit against \"return 429\"",
                'at least', 0.8,
                !$row ? undef : $row->{$is_busy ? 'main_return' : 'rps_return'},
                '',
                !$row ? ''
                : sprintf('%s%d requests/s, %.2f; by CPU of the main threads '
                          . '%.2f',
                          $is_busy ? 'others had too much CPU, so by ours: '
                                   : '',
                          $row->{rps}, $row->{rps_return},
                          $row->{main_return}));
    } 1, 50;
}


sub _kafka {
    my ($rows) = @_;

    return map {
        my ($events, $bound) = @$_;
        my ($module, $lua) = map { _best($rows, $_, $events) } qw(module lua);

        _target("$events event(s), against lua-resty-kafka", 'at least',
                $bound,
                $module && $lua && $lua->{rps}
                ? ($module->{rps} / $lua->{rps}, ' x',
                   sprintf('%d of %d requests/s, each at its best',
                           $module->{rps}, $lua->{rps}))
                : (undef, ' x'));
    } [ 1, 5 ], [ 10, 8 ], [ 50, 25 ];
}


sub _memory {
    my ($rows, $setup) = @_;

    return map {
        my $buffer = $_;
        my ($row) = grep { $_->{who} eq 'broker' && $_->{buffer} eq $buffer }
                    @$rows;
        my ($ceiling) = grep { $_->{who} eq 'ceiling'
                               && $_->{buffer} eq $buffer } @$rows;

        _target("peak memory, 1,024 x 500, $buffer body buffers", 'at most',
                30 + $setup->{budget}, $row && $row->{peak}, ' MB',
                !$row ? ''
                : sprintf('%d of %d answers no 2xx', $row->{bad},
                          $row->{requests})
                  . ($ceiling ? sprintf '; the ceiling: %.0f MB',
                                        $ceiling->{peak} : ''));
    } '256k', '64k';
}


sub _down {
    my ($rows) = @_;

    my %of = map { $_->{kind} // '' => $_ } @$rows;

    return map {
        my ($kind, $what) = @$_;
        my $row = $of{$kind};
        my $bound = ($row ? $row->{deadline} : 5000) + 50;

        $bound = 50 if $what =~ /^known/;
        $bound = 1500 if $what =~ /^back/;

        my $target = _target($what, 'at most', $bound, $row && $row->{last},
                             ' ms', $row && $row->{answers});

        $target->{met} = 0 if $row && !$row->{is_due};
        $target;
    } [ hung => 'broker hangs: time to 503 or 504' ],
      [ killed => 'broker killed, batches sent: time to 503 or 504' ],
      [ early => 'broker killed, batches queued: time to 503' ],
      [ known => 'known to be down: time to 503' ],
      [ refused => 'known to refuse: time to 503' ],
      [ silent => 'known to hang: time to 503' ],
      [ never => 'known to be away since the start: time to 503' ],
      [ thawed => 'back from hanging: time to 200' ],
      [ back => 'back from refusing: time to 200' ],
      [ started => 'back after the start: time to 200' ];
}

1;
