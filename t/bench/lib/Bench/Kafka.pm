package Bench::Kafka;

# Apache Kafka, one node, for as long as a function runs.

use strict;
use warnings;

use Exporter qw(import);

use KafkaCluster;

our @EXPORT_OK = qw(with_kafka);


# The function gets the bootstrap servers and the pid of the node.

sub with_kafka {
    my ($setup, $run) = @_;

    system("$setup->{top}/t/tools/install-deps", 'test', 'kafka') == 0
        or die "no packages for Apache Kafka\n";

    my $reason = KafkaCluster->skip_reason;
    die "$reason\n" if $reason;

    my $kafka = KafkaCluster->start(jit => 1, heap => '512m');

    $kafka->create_topics({ name => 'events', partitions => 4,
                            config => { 'retention.bytes' => 100_000_000,
                                        'segment.bytes' => 50_000_000 } });

    my ($node) = values %{ $kafka->{nodes} };
    $setup->pin_rest($node->{pid});

    $run->($kafka->bootstrap, $node->{pid});
    $kafka->stop;

    return;
}

1;
