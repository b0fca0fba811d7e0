# Three brokers, replication 3, min.insync.replicas 2, constant load.  Whatever
# is killed, frozen or reloaded: all that was answered 200 is in the topic.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use Time::HiRes qw(time);

use EventsLoad;
use EventsServer 'wait_for';
use KafkaCluster;

use constant {
    SOME     => 200,            # requests before, between and after
    PATIENCE => 60,
    TIMEOUT  => 5,              # events_ack_timeout
    PATIENT  => 30,             # the same, where every retry has to succeed
    BUSY     => 1.5,            # seconds that a busy machine adds
};


my $reason = KafkaCluster->skip_reason;
plan skip_all => $reason if $reason;

my $kafka = KafkaCluster->start(nodes => 3);

my @faults = (
    [ broker_killed  => 'kill -9 of a broker, restart', \&broker_killed ],
    [ broker_leaves  => 'SIGTERM of a broker, restart', \&broker_leaves,
                        PATIENT ],
    [ broker_frozen  => 'SIGSTOP of a broker, SIGCONT', \&broker_frozen ],
    [ brokers_killed => 'kill -9 of two brokers, restart',
                        \&brokers_killed ],
    [ brokers_frozen => 'SIGSTOP of all brokers, SIGCONT',
                        \&brokers_frozen ],
    [ worker_killed  => 'kill -9 of a worker', \&worker_killed ],
    [ reload         => 'HUP', \&reload ],
    [ quit           => 'QUIT', \&quit ],
    [ nginx_killed   => 'kill -9 of master and workers', \&nginx_killed ],
);

$kafka->create_topics(map { { name => $_->[0], partitions => 6,
                              replication => 3,
                              config => { 'min.insync.replicas' => 2 } } }
                          @faults);

my $brokers = join ' ', split /,/, $kafka->bootstrap;

my @table = ([ 'fault', qw(requests 200 503 504 none events missing twice
                           slowest) ]);

for my $fault (@faults) {
    my ($topic, $name, $act, $timeout) = @$fault;

    $timeout //= TIMEOUT;

    subtest $name => sub {
        my $server = EventsServer->launch(workers => 2, log_level => 'info',
                                          config  => config($timeout));
        my $load = EventsLoad->start(port  => $server->port,
                                     pause => 0.005,
                                     uri   => "/events?topic=$topic");

        ok($load->wait_more(200, SOME, PATIENCE), 'nginx is under load');

        my @expected = $act->($server, $load, $topic);

        ok($load->stop, 'the load ends');
        compare($load, $topic, $name, $timeout);

        ok($server->quit, 'nginx quits');
        is(join("\n", $server->faults(@expected)), '',
           'nginx leaves no faults');
    };
}

note('');
note(sprintf '%-32s' . ' %8s' x 9, @$_) for @table;

done_testing();


sub config {
    my ($timeout) = @_;

    return <<"END";
    events_kafka_brokers $brokers;
    location = /events {
        events_publish \$arg_topic;
        events_schema off;
        events_ack_timeout ${timeout}s;
    }
END
}


# Reports come before the deadline; a load that is short of CPU sees them
# later.

sub compare {
    my ($load, $topic, $name, $timeout) = @_;

    my $result = $load->nothing_is_missing(
        $kafka->consume($topic, headers => 0));
    my ($slowest) = sort { $b <=> $a } map { $_->{msec} } $load->requests;

    is("@{ $result->{twice} }", '', 'nothing is there twice');
    cmp_ok($slowest, '<', 1000 * ($timeout + BUSY),
           'all were answered in time');

    push @table, [ $name, scalar($load->requests),
                   (map { $load->count($_) } 200, 503, 504, 0),
                   $result->{answered}, scalar @{ $result->{missing} },
                   scalar @{ $result->{twice} }, "$slowest ms" ];

    return;
}


sub broker_killed {
    my ($server, $load, $topic) = @_;

    my $id = $kafka->leader($topic, 0);

    $kafka->kill($id);
    leads_elsewhere($topic, $id);
    ok($load->wait_more(200, SOME, PATIENCE), 'two brokers are enough');

    $kafka->restart($id);
    $kafka->wait_topic($topic, 6);
    ok($load->wait_more(200, SOME, PATIENCE), 'three are, too');

    return;
}


# As in a rolling restart of Kafka.  How long the cluster takes is the machine's
# affair; that librdkafka's retries get everything there is what is promised.

sub broker_leaves {
    my ($server, $load, $topic) = @_;

    my $id = $kafka->leader($topic, 0);

    $kafka->terminate($id);
    ok($load->wait_more(200, SOME, PATIENCE), 'two brokers are enough');

    $kafka->restart($id);
    $kafka->wait_topic($topic, 6);
    ok($load->wait_more(200, SOME, PATIENCE), 'three are, too');

    is(join("\n", not_accepted($load, $server)), '', 'no client notices');

    return;
}


# What was not answered 200, and what nginx has to say about it.

sub not_accepted {
    my ($load, $server) = @_;

    my @not = grep { $_->{status} != 200 } $load->requests or return;

    return ((map { "$_->{status} $_->{code} after $_->{msec} ms" } @not),
            grep { /events:/ } split /\n/, $server->error_log);
}


sub broker_frozen {
    my ($server, $load, $topic) = @_;

    my $id = $kafka->leader($topic, 0);

    $kafka->freeze($id);
    leads_elsewhere($topic, $id);
    ok($load->wait_more(200, SOME, PATIENCE), 'two brokers are enough');

    $kafka->thaw($id);
    $kafka->wait_topic($topic, 6);
    ok($load->wait_more(200, SOME, PATIENCE), 'three are, too');

    return;
}


# They stay connected, and nothing is said on the connections.

sub brokers_frozen {
    my ($server, $load) = @_;

    $kafka->freeze($kafka->ids);
    ok(wait_for(sub { my @n = unreachable($server); @n == 2 }, PATIENCE),
       'both workers know');

    ok($load->wait_more(503, SOME, PATIENCE), 'requests are refused');

    $kafka->thaw($kafka->ids);
    ok($load->wait_more(200, SOME, PATIENCE), 'then all is well');
    ok($server->wait_log(qr/(?:reachable again.*?){2}/s),
       'and both workers know');

    return;
}


sub unreachable {
    my ($server) = @_;

    return $server->log_since(0) =~ /events: Kafka is (unreachable)/g;
}


# One of three replicas takes nothing, so nothing is answered 200.

sub brokers_killed {
    my ($server, $load, $topic) = @_;

    my $id = $kafka->leader($topic, 0);
    my @others = grep { $_ != $id } $kafka->ids;

    $kafka->kill(@others);
    ok($load->wait_more(503, 20, PATIENCE), 'one broker is not enough');

    $kafka->restart(@others);
    $kafka->wait_topic($topic, 6);
    ok($load->wait_more(200, SOME, PATIENCE), 'three are');

    return;
}


# The node that runs and is asked must know by now.

sub leads_elsewhere {
    my ($topic, $id) = @_;

    my ($other) = grep { $_ != $id } $kafka->ids;

    $kafka->wait_for('another leader', sub {
        my $metadata = $kafka->metadata($other) or return 0;
        my $partitions = $metadata->{topics}{$topic} or return 0;

        return !grep { $_->{leader} == $id || $_->{leader} < 0 }
                     values %$partitions;
    });

    return;
}


sub worker_killed {
    my ($server, $load) = @_;

    my ($worker) = $server->workers;

    kill 'KILL', $worker;
    ok(wait_for(sub { 2 == grep { $_ != $worker } $server->workers },
                PATIENCE), 'the master starts another');
    ok($load->wait_more(200, SOME, PATIENCE), 'which answers');

    return "process $worker exited on signal 9";
}


sub reload {
    my ($server, $load) = @_;

    for (1 .. 3) {
        ok($server->reload(PATIENCE), 'reload');
        ok($load->wait_more(200, SOME, PATIENCE), 'new workers answer');
    }

    return;
}


sub quit {
    my ($server) = @_;

    ok($server->quit, 'nginx quits');

    return;
}


sub nginx_killed {
    my ($server, $load) = @_;

    $server->kill_all;
    ok(!$server->is_running, 'nginx is gone');

    ok($server->start, 'nginx starts again');
    ok($load->wait_more(200, SOME, PATIENCE), 'and answers');

    return;
}
