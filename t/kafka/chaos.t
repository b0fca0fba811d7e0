# Three brokers, replication 3, min.insync.replicas 2, two loads.  Faults in a
# random order, each at least once, and again until CHAOS_SECONDS are over; then
# every event that was sent is looked for in the topics.  CHAOS_SEED, which is
# printed, makes the order the same again; CHAOS_FAULTS, a regular expression,
# chooses among them.  The table is in build/chaos/report.
#
# One load has the default deadline, so that faults show in what it is answered.
# The other waits until librdkafka's retries have got everything there, which a
# fault must neither lose nor duplicate, and how long takes is no failure.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Path qw(make_path);
use JSON::PP qw(decode_json);
use List::Util qw(max shuffle sum0);
use Test::More;
use Time::HiRes qw(time);

use Chaos;
use EventsLedger;
use EventsLoad;
use EventsServer qw(wait_for);
use KafkaCluster;
use OwnNamespaces;

use constant {
    WARM     => 100,            # requests before the first fault
    PATIENCE => 60,
    NODES    => 3,
    DISK     => 3,              # the node whose disk is filled
    MEMORY   => 16,             # MB: events_kafka_memory, of each producer
    BUDGET   => 30 + 2 * 16,    # MB of a worker with two producers
    FEW      => 0.005,          # of all events
    IDS      => 50,             # that are printed
    DIR      => 'build/chaos',
};


my $reason = KafkaCluster->skip_reason;
plan skip_all => $reason if $reason;

$reason = OwnNamespaces->enter;

my $seconds = $ENV{CHAOS_SECONDS} || 0;
my $seed = srand($ENV{CHAOS_SEED} || int rand 1e9);

diag("CHAOS_SEED=$seed") if $seconds;
note("CHAOS_SEED=$seed");

make_path(DIR . '/disk');

my ($network, $disk);

if (!$reason) {
    $network = OwnNamespaces->network(NODES);
    $disk = { node => DISK, path => DIR . '/disk' };

    system('mount', '-t', 'tmpfs', '-o', 'size=' . Chaos::DISK, 'tmpfs',
           $disk->{path}) == 0 or undef $disk;
}

my $kafka = start_kafka();
my @topics = qw(one playtv parlor);

$kafka->create_topics(map { { name => $_, replication => NODES,
                              partitions => Chaos::PARTITIONS,
                              config => { 'min.insync.replicas' => 2 } } }
                          @topics);

my $server = start_nginx();
my $ledger = EventsLedger->new('no fault');
my @loads = (load('/one', batch => 3),
             load('/routed', batch => 4, connections => 4,
                  brands => [ qw(playtv parlor) ]));

my $chaos = Chaos->new(kafka => $kafka, server => $server, loads => \@loads,
                       topics => \@topics, network => $network,
                       disk => $disk);

SKIP: {
    my @not = map { $_->{name} } $chaos->not_here;

    skip(join(', ', @not) . ': ' . ($reason // 'no right to mount'),
         scalar @not) if @not;
}

ok($_->wait_more(200, WARM, PATIENCE), 'nginx is under load') for @loads;

my $end = time + $seconds;
my $chosen = $ENV{CHAOS_FAULTS} // '';
my @next = shuffle $chaos->faults($chosen);
my $left = @next;

while (fault(shift @next)) {
    last if --$left <= 0 && time >= $end;
    @next = shuffle $chaos->faults($chosen) if !@next;
}

ok($_->stop, 'the load ends') for @loads;
$_->requests for @loads;

counters_add_up();

ok($server->quit, 'nginx quits');
is(join("\n", $server->faults(map { "process $_ exited on signal 9" }
                                  $chaos->killed)),
   '', 'nginx leaves no faults');

for my $topic (@topics) {
    $kafka->each_value($topic, sub { $ledger->seen($_[0]) });
}

account($ledger->rows);

done_testing();


# Kafka moves leaders back soon, so that no broker is without for long.

sub start_kafka {
    my %clients = $network ? map { $_ => $network->outer($_) } 1 .. NODES
                           : ();
    my $data = $disk ? "$FindBin::Bin/../../$disk->{path}/data" : undef;

    return KafkaCluster->start(
        nodes => NODES, clients => \%clients,
        config => { 'leader.imbalance.check.interval.seconds' => 5,
                    'leader.imbalance.per.broker.percentage' => 0 },
        node_config => $data ? { DISK, { 'log.dirs' => $data } } : {});
}


sub start_nginx {
    my $brokers = join ' ', split /,/, $network ? $kafka->client_bootstrap
                                                : $kafka->bootstrap;
    my $binary = $ENV{TEST_NGINX_BINARY} || 'nginx';

    local $ENV{TEST_NGINX_BINARY} = join ' ', $network->prefix, $binary
        if $network;

    return EventsServer->launch(workers => 2, daemon => 1,
                                log_level => 'info', config => <<"END");
    events_kafka_brokers $brokers;
    events_kafka_memory @{[ MEMORY ]}m;

    location = /one {
        events_publish one;
        events_key /event_id;
        events_schema off;
    }

    location = /routed {
        events_publish playtv;
        events_route /brand parlor parlor;
        events_key /event_id;
        events_schema off;
        events_ack_timeout @{[ PATIENCE ]}s;
        events_kafka_grace @{[ PATIENCE ]}s;
    }

    location = /status { events_status json; }
END
}


sub load {
    my ($uri, @options) = @_;

    return EventsLoad->start(
        port => $server->port, uri => $uri, pause => 0.03, @options,
        host => host(), each => $ledger->each_request($uri));
}


sub host {
    return $network ? $network->inner(0) : '127.0.0.1';
}


# At rest, since nginx has started last.

sub counters_add_up {
    my $url = 'http://' . host() . ':' . $server->port . '/status';
    my $events;

    ok(wait_for(sub {
        $events = decode_json(`curl -s $url`)->{events};
        return $events->{in_flight} == 0;
    }), 'nothing is in flight') or diag(explain($events));

    is($events->{received}, $events->{accepted} + $events->{rejected},
       'received are those accepted and rejected');
    is($events->{accepted}, $events->{acknowledged} + $events->{failed},
       'accepted are those acknowledged and failed');

    return;
}


sub fault {
    my ($fault) = @_;

    my $row = $ledger->phase($fault->{name});
    my $peak = eval { $chaos->run($fault) };

    ok(defined $peak, $fault->{name}) or diag($@);

    $row->{fault} = $fault;
    $row->{peak} = max($peak // 0, $row->{peak} // 0);

    return defined $peak;
}


sub account {
    my (@rows) = @_;

    nothing(\@rows, missing => 'what was answered 200 is in Kafka');
    nothing(\@rows, twice   => 'where nothing failed nothing is there twice');
    again(@rows);
    nothing(\@rows, refused => 'what was answered 503 is not there');

    is($ledger->unknown, 0, 'nothing else is there');

    my @other = grep { !/\A(?:0|200|503|504)\z/ }
                     map { keys %{ $_->{status} } } @rows;

    is("@other", '', 'there are no other answers');

    for my $row (grep { $_->{fault} } @rows) {
        cmp_ok($row->{peak}, '<', 1024 * BUDGET,
               "$row->{name}: the memory of a worker is bounded");
        is($row->{status}{0} // 0, 0, "$row->{name}: all are answered")
            if !$row->{fault}{nginx};
    }

    for my $row (grep { $_->{name} =~ /^SIGTERM/ } @rows) {
        is_deeply([ keys %{ $row->{load}{'/routed'} } ], [ 200 ],
                  "$row->{name}: who waits does not notice");
    }

    report(@rows);

    return;
}


# A record that times out makes librdkafka take a new epoch, by which a broker
# does not recognize what is sent again, of other partitions, as sent before
# (librdkafka's issue 4953): rare, and not to be had where nothing times out.

sub again {
    my (@rows) = @_;

    my @ids = map { @{ $_->{again} // [] } } @rows;

    note(scalar @ids, " twice while others timed out: @ids");
    cmp_ok(scalar @ids, '<', FEW * sum0(map { $_->{acknowledged} // 0 } @rows),
           'few are there twice where others timed out');

    return;
}


sub nothing {
    my ($rows, $what, $name) = @_;

    my @ids = map { my $row = $_; map { "$_ ($row->{name})" }
                                      @{ $row->{$what} // [] } } @$rows;

    return if is(scalar @ids, 0, $name);

    diag(join "\n", @ids[0 .. max(0, $#ids < IDS ? $#ids : IDS - 1)]);

    return;
}


sub report {
    my (@rows) = @_;

    my @columns = (
        [ times     => sub { $_[0]{runs} // 0 } ],
        [ requests  => sub { $_[0]{requests} // 0 } ],
        (map { my $status = $_;
               [ $status || 'none', sub { $_[0]{status}{$status} // 0 } ] }
             200, 503, 504, 0),
        [ events    => sub { $_[0]{acknowledged} // 0 } ],
        [ missing   => sub { scalar @{ $_[0]{missing} // [] } } ],
        [ twice200  => sub { $_[0]{doubled}{200} // 0 } ],
        [ twice504  => sub { $_[0]{doubled}{504} // 0 } ],
        [ kept503   => sub { $_[0]{kept}{503} // 0 } ],
        [ kept504   => sub { $_[0]{kept}{504} // 0 } ],
        [ keptnone  => sub { $_[0]{kept}{0} // 0 } ],
        [ slowest   => sub { $_[0]{slowest} // 0 }, 'ms' ],
        [ memory    => sub { ($_[0]{peak} // 0) / 1024 }, 'MB' ],
    );

    my @table = ([ fault => map { $_->[2] ? "$_->[0]/$_->[2]" : $_->[0] }
                                @columns ]);
    my @total;

    for my $row (@rows) {
        my @values = map { $_->[1]->($row) } @columns;

        push @table, [ $row->{name}, map { sprintf '%d', $_ } @values ];

        for my $n (0 .. $#values) {
            $total[$n] = $columns[$n][2] ? max($total[$n] // 0, $values[$n])
                                         : ($total[$n] // 0) + $values[$n];
        }
    }

    push @table, [ 'total, or most', map { sprintf '%d', $_ } @total ];

    my @lines = map { sprintf '%-28s' . ' %10s' x @columns, @$_ } @table;
    my @not = map { "not here: $_->{name}" } $chaos->not_here;

    note($_) for '', @lines, @not;

    open my $out, '>', DIR . '/report' or die DIR . "/report: $!\n";
    print {$out} map { "$_\n" } @lines, @not, "CHAOS_SEED=$seed";
    close $out or die "$!\n";

    return;
}
