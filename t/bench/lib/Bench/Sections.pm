package Bench::Sections;

# What "make bench" measures.  A section gives its rows to a function, one by
# one; the columns are Bench::Table's.

use strict;
use warnings;

use Exporter qw(import);
use Time::HiRes qw(sleep);

use Bench::Acks qw(acks);
use Bench::Budget qw(budget);
use Bench::Core qw(core);
use Bench::Down qw(down);
use Bench::Hostile qw(hostile);
use Bench::Kafka qw(with_kafka);
use Bench::Load qw(median);
use Bench::Sender qw(sender refused);

our @EXPORT_OK = qw(sections);

my @LOAD = qw(who events connections rps eps ratio p50 p99 bad cpu main busy
              others peak);

my %SECTIONS = (
    core => {
        order => 0,
        title => 'The core alone, an event of a batch of 50: CPU time, the '
                 . "median of rounds in turns; instructions under\n"
                 . "callgrind.  \"transform\": a key from the event, and one "
                 . "stamp\n",
        columns => [ qw(step ns ns_least ns_ratio instructions
                        instructions_ratio) ],
        run => \&core,
    },
    throughput => {
        order => 1,
        title => 'Throughput; broker at 0 ms.  "ceiling": nginx that reads '
                 . "the body and answers, no more;\n"
                 . '"bare": events_schema off; "parse", "parse-bare": the '
                 . 'last byte of the body is missing,' . "\n"
                 . 'so all of it is parsed (and validated), nothing is '
                 . "published, and the answer is 400\n",
        columns => \@LOAD,
        run => \&throughput,
    },
    contract => {
        order => 1.5,
        title => 'The contract of examples/ on ("broker") and off ("bare"), '
                 . "256 connections, round by round in turns;\n"
                 . "of off: the median of the rounds' own ratios\n",
        columns => [ qw(who events connections rps eps rps_ratio p50 p99 bad
                        cpu main main_ratio busy others) ],
        run => \&contract,
    },
    keyed => {
        order => 2,
        is_extra => 1,
        title => "With events_key /entity/id, 16 bodies in turn\n",
        columns => \@LOAD,
        run => \&keyed,
    },
    rtt => {
        order => 3,
        title => "A broker that is 0, 2 and 5 ms away, events_ack broker\n",
        columns => [ qw(who events connections rtt rps eps p50 p99 bad cpu
                        main cpu_growth others peak) ],
        run => \&rtt,
    },
    latency => {
        order => 4,
        title => "Answer time, 16 connections, 1 event; above: over the "
                 . "round trip + linger\n",
        columns => [ qw(who events connections rtt rps p50 p99 p50_above
                        p99_above bad others) ],
        run => \&latency,
    },
    acks => {
        order => 4.5,
        title => "Answer time at 70 % of the maximum rate, 256 connections, "
                 . "from when a request was due; \"plain\": what a\n"
                 . "librdkafka producer without nginx waits for the broker at "
                 . "the same rate of bursts of as many events,\n"
                 . "with the module's properties, linger.ms among them; in "
                 . "turns\n",
        columns => [ qw(broker who events rate requests p50 p99 max bad
                        times_plain) ],
        run => \&acks,
    },
    memory => {
        order => 5,
        title => "Memory, 1,024 connections, 500 events; MB resident, peak "
                 . "and after\n",
        columns => [ qw(who events connections buffer rps eps bad peak rss) ],
        run => \&memory,
    },
    down => {
        order => 6,
        title => "A broker that fails, 16 requests at once\n",
        columns => [ qw(what answers first last) ],
        run => \&down,
    },
    budget => {
        order => 5.5,
        is_extra => 1,
        title => 'Memory against its budget: 30 MB and events_kafka_memory; '
                 . "a worker of its own each,\n"
                 . "and bodies in 64k unless in files\n",
        columns => [ qw(what events connections memory rps bad peak bound) ],
        run => \&budget,
    },
    hostile => {
        order => 6.5,
        is_extra => 1,
        title => 'A client with 8 connections that sends 2 events, waits for '
                 . "the answer, and 2 ms,\n"
                 . "alone and beside a crowd; bodies in 64k\n",
        columns => [ qw(what connections p50_alone p99_alone p50 p99 requests
                        bad peak) ],
        run => \&hostile,
    },
    limit => {
        order => 7,
        title => "Two workers; \"limited\": with events_limit, and one bucket "
                 . "for all; CPU: of both\n",
        columns => [ qw(who events connections rps eps times_without p50 p99
                        bad cpu main others) ],
        run => \&limit,
    },
    sender => {
        order => 7.2,
        title => "Who sends: a key of 10,000, in a header or in the query, "
                 . "and a guest with the three limits of limit_req\n"
                 . "(instead of \"principal\", one that nginx knows, and "
                 . "\"limited\", the same with three limits), 1 event,\n"
                 . "in turns; %: of a request, by CPU of the main thread, and "
                 . "by its instructions, which are those of nginx\n"
                 . "and the module under callgrind, without the kernel's\n",
        columns => [ qw(who events rate p50 p99 bad main main_share
                        worker_instructions instructions_share others) ],
        run => \&sender,
    },
    refused => {
        order => 7.4,
        title => "A guest over the limit: limit_req with \$events_guest_key, "
                 . "before the body is read, beside nginx's own\n"
                 . "\"return 429\" with a text as long, in turns\n",
        columns => [ qw(who events connections rps rps_return p50 p99 bad
                        main main_return others) ],
        run => \&refused,
    },
    kafka => {
        order => 8,
        title => "Apache Kafka 3.9, one node; \"lua\": lua-resty-kafka, "
                 . "synchronous, one message an event\n",
        columns => [ qw(who events connections rps eps times p50 p99 bad cpu
                        main busy others peak) ],
        run => \&kafka,
    },
);


sub sections {
    return %SECTIONS;
}


sub throughput {
    my ($setup, $give) = @_;

    my @connections = $setup->{quick} ? (256) : (64, 256, 1024);
    my @events = $setup->{quick} ? (1, 10, 50) : (1, 10, 50, 500);

    for my $events (@events) {

        # a linger is latency: few connections and one event leave the
        # worker idle

        for my $connections ($setup->{quick} && $events == 1
                             ? (256, 1024) : @connections)
        {
            my @who = qw(ceiling broker queued);

            push @who, qw(bare parse parse-bare)
                if $connections == 256
                   && (!$setup->{quick} || $events == 50);

            my @rows = $setup->compare(who => \@who, events => $events,
                                       connections => $connections);

            for my $row (@rows) {
                $row->{ratio} = $row->{rps} / $rows[0]{rps};
                $row->{cpu_ratio} = $rows[0]{main} / $row->{main}
                    if $row->{main};
                $give->($row);
            }
        }
    }
}


# Rounds of two runs, either of them first in half of the rounds: what one
# leaves behind for the other, or a machine that changes, is on both sides.

sub contract {
    my ($setup, $give) = @_;

    my $rounds = 2 * $setup->{runs};

    for my $events (1, 10, 50) {
        my (%runs, @ratios);

        for my $round (1 .. $rounds) {
            my @who = $round % 2 ? qw(bare broker) : qw(broker bare);
            my %of = map { $_->{who} => _numbers($_) }
                         $setup->compare(who => \@who, events => $events,
                                         connections => 256, runs => 1);

            push @{ $runs{$_} }, $of{$_} for @who;

            push @ratios, {
                bad => $of{bare}{bad} + $of{broker}{bad},
                rps_ratio => $of{broker}{rps} / $of{bare}{rps},
                main_ratio => $of{bare}{main} / $of{broker}{main},
            };
        }

        $give->({ who => 'bare', %{ median(@{ $runs{bare} }) } });
        $give->({ who => 'broker', %{ median(@{ $runs{broker} }) },
                  %{ median(@ratios) } });
    }
}


sub keyed {
    my ($setup, $give) = @_;

    for my $events (1, 50) {
        my @rows = $setup->compare(who => [ qw(ceiling broker keyed) ],
                                   events => $events, connections => 256,
                                   bodies => 16);

        for my $row (@rows) {
            $row->{ratio} = $row->{rps} / $rows[0]{rps};
            $give->($row);
        }
    }
}


# Rows by round trip, runs in turns; $opt{who} is one contender.

sub _by_rtt {
    my ($setup, %opt) = @_;

    my %runs;

    for (1 .. ($setup->{quick} ? 1 : $setup->{runs})) {
        for my $rtt (0, 2, 5) {
            $setup->rtt($rtt);
            push @{ $runs{$rtt} }, $setup->compare(%opt, runs => 1);
        }
    }

    $setup->rtt(0);

    return map {
        my ($first) = @{ $runs{$_} };
        my %row = (%{ median(map { _numbers($_) } @{ $runs{$_} }) },
                   rtt => $_, who => $first->{who});
        \%row;
    } 0, 2, 5;
}


sub _numbers {
    my %row = %{ $_[0] };
    delete $row{who};

    return \%row;
}


sub rtt {
    my ($setup, $give) = @_;

    for my $events (1, 50) {
        for my $connections ($setup->{quick} ? (256) : (256, 1024)) {
            my @rows = _by_rtt($setup, who => [ 'broker' ],
                               events => $events,
                               connections => $connections);

            for my $row (@rows) {
                $row->{cpu_growth} = $row->{cpu} / $rows[0]{cpu};
                $give->($row);
            }
        }
    }
}


sub latency {
    my ($setup, $give) = @_;

    my @rows = _by_rtt($setup, who => [ 'broker' ], events => 1,
                       connections => 16);

    for my $row (@rows) {
        for my $p (qw(p50 p99)) {
            $row->{"${p}_above"} = $row->{$p} - $row->{rtt}
                                   - $setup->{linger};
        }

        $give->($row);
    }
}


# New workers: what the allocator keeps from before would count.

sub memory {
    my ($setup, $give) = @_;

    my @cases = ([ 'ceiling', '256k' ], [ 'broker', '256k' ],
                 [ 'queued', '256k' ], [ 'ceiling', '64k' ],
                 [ 'broker', '64k' ]);

    @cases = @cases[1, 4] if $setup->{quick};

    for my $case (@cases) {
        my ($who, $buffer) = @$case;

        my $worker = $setup->new_worker(
            $who, name => "memory-$who-$buffer",
            location => " client_body_buffer_size $buffer;");

        my ($row) = $setup->compare(
            who => [ "$who $buffer" ],
            workers => { "$who $buffer" => $worker }, events => 500,
            connections => 1024, runs => 1,
            seconds => $setup->{quick} ? 2 : 8);

        @{$row}{qw(who buffer)} = ($who, $buffer);
        $give->($row);
        $worker->stop;
    }
}


# The same nginx otherwise; nothing is refused.

sub limit {
    my ($setup, $give) = @_;

    my %workers = (
        without => $setup->new_worker('queued', name => 'limit-without',
                                      processes => 2),
        limited => $setup->new_worker(
            'queued', name => 'limit-with', processes => 2,
            http => "events_limit_zone all zone=all:1m rate=1000000000e/s;\n",
            location => ' events_limit zone=all burst=1000000000;'),
    );

    for my $events (1, 10) {
        my @rows = $setup->compare(who => [ qw(without limited) ],
                                   workers => \%workers, events => $events,
                                   connections => 256);

        for my $row (@rows) {
            $row->{times_without} = $row->{rps} / $rows[0]{rps};
            $give->($row);
        }
    }

    $_->stop for values %workers;
}


sub kafka {
    my ($setup, $give) = @_;

    with_kafka($setup, sub { _beside_lua($setup, $give, @_) });
}


sub _beside_lua {
    my ($setup, $give, $bootstrap, $pid) = @_;

    my %workers = (
        module => $setup->new_worker('broker', name => 'kafka-module',
                                     bootstrap => $bootstrap),
        lua    => _lua($setup, $bootstrap),
    );

    # Java compiles what is used

    $setup->{warm}{$_}++ for qw(module lua);

    $setup->compare(who => [ qw(module lua) ], workers => \%workers,
                    broker => $pid, events => 10, connections => 256,
                    runs => 1, seconds => $setup->{quick} ? 2 : 5);

    for my $events (1, 10, 50) {
        for my $connections (!$setup->{quick} ? (64, 256, 1024)
                             : $events < 50 ? 256 : 64)
        {
            my @rows = $setup->compare(
                who => [ qw(module lua) ], workers => \%workers,
                broker => $pid, events => $events,
                connections => $connections,
                runs => $setup->{quick} ? 1 : 2,
                seconds => $setup->{quick} ? 2 : 3);

            for my $row (@rows) {
                $row->{times} = $rows[1]{rps} ? $row->{rps} / $rows[1]{rps}
                                              : 0;
                $give->($row);
            }
        }
    }

    $_->stop for values %workers;
}


sub _lua {
    my ($setup, $bootstrap) = @_;

    return $setup->start_nginx(
        name => 'kafka-lua',

        # Debian's module is for Debian's nginx

        nginx => '/usr/sbin/nginx',
        modules => [ map { "/usr/lib/nginx/modules/$_" }
                     qw(ndk_http_module.so ngx_http_lua_module.so) ],
        connections => 8192,
        http => "lua_socket_pool_size 1024;\n",
        server => "set \$bench_kafka $bootstrap;\n",
        location => "content_by_lua_file $setup->{top}/t/bench/peer.lua;");
}

1;
