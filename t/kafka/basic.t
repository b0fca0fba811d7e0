# The cluster code itself: what kcat writes into a node of Apache Kafka is
# what KafkaCluster reads back, and no process stays behind.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use File::Temp;
use Test::More;

use KafkaCluster;


my $reason = KafkaCluster->skip_reason;
plan skip_all => $reason if $reason;

my $kafka = KafkaCluster->start(nodes => 1);

$kafka->create_topics({ name => 'events', partitions => 2,
                        config => { 'max.message.bytes' => 200000 } },
                      { name => 'empty' });

is($kafka->count('events'), 0, 'a new topic is empty');
is_deeply([ $kafka->consume('empty') ], [], 'and reads as such');
is($kafka->leader('events', 1), 1, 'its leader is the only node');


# any byte but the delimiters of kcat's producer, TAB and SOH

my $bytes = join '', map { chr } grep { $_ != 1 && $_ != 9 } 0 .. 255;
my $long = ('"\\' x 40_000) . "\n";

produce(0, [ "k$bytes", "v$bytes" ], [ '', '' ], [ 'long', $long ]);
produce(1, [ 'key', '{"event_id":"1","brand":"playtv"}' ],
        '-H', 'principal=web', '-H', 'odd=a,b=c "d" \\ [e], é',
        '-H', 'empty=', '-H', 'principal=again');

is($kafka->count('events'), 4, 'four records were produced');

my @records = $kafka->consume('events');

is(scalar @records, 4, 'and four are read');
is(join(' ', map { "$_->{partition}/$_->{offset}" } @records),
   '0/0 0/1 0/2 1/0', 'by partition and offset');
is($records[0]{key}, "k$bytes", 'key, any byte');
is($records[0]{value}, "v$bytes", 'value, any byte');
is($records[1]{key}, '', 'empty key');
is($records[1]{value}, '', 'empty value');
is($records[2]{value}, $long, 'long value');
is_deeply($records[2]{headers}, [], 'no headers');
is_deeply($records[3]{headers},
          [ [ 'principal', 'web' ], [ 'odd', 'a,b=c "d" \\ [e], é' ],
            [ 'empty', '' ], [ 'principal', 'again' ] ],
          'headers, in order, repeated ones too');
cmp_ok(abs($records[3]{timestamp} / 1000 - time), '<', 600, 'timestamp');

is_deeply([ map { $_->{value} } $kafka->consume('events', headers => 0) ],
          [ map { $_->{value} } @records ], 'the same without headers');


eval { $kafka->create_topics({ name => 'events' }) };
like($@, qr/topic "events": .*already exists/, 'a topic exists once');


# killed, it comes back with what it had

$kafka->kill(1);
is($kafka->metadata, undef, 'a dead node does not answer');

$kafka->restart(1);
is($kafka->count('events'), 4, 'after kill -9 all records are there');

my $pid = $kafka->pid(1);
my $dir = $kafka->dir;

ok(-d $dir, 'the node has a directory');
$kafka->stop;
ok(!-d $dir, 'which goes with it');
is(kill(0, $pid), 0, 'as the process does');


# a test that is killed takes its nodes with it

SKIP: {
    my $arch = (POSIX::uname())[4];
    skip "no prctl() for $arch", 1 if $arch !~ /^(x86_64|aarch64)$/;

    defined(my $child = open my $pipe, '-|') or die "fork: $!";

    if ($child == 0) {
        my $lost = KafkaCluster->start(nodes => 1);
        $| = 1;
        print $lost->pid(1), ' ', $lost->dir, "\n";
        sleep 600;
        exit;
    }

    my ($java, $left) = split ' ', scalar <$pipe>;

    kill 'KILL', $child;
    close $pipe;

    my $deadline = time + 60;
    select undef, undef, undef, 0.05
        while alive($java) && time < $deadline;

    ok(!alive($java), 'no node outlives a test that was killed');
    File::Path::remove_tree($left);
}


done_testing();


sub alive {
    my ($pid) = @_;

    open my $file, '<', "/proc/$pid/cmdline" or return 0;

    return (<$file> // '') ne '';
}


# records are [ KEY, VALUE ], what follows is for kcat

sub produce {
    my ($partition, @args) = @_;

    my $file = File::Temp->new;
    my @records;

    push @records, shift @args while ref $args[0];

    binmode $file;
    print $file join "\x01", map { "$_->[0]\t$_->[1]" } @records;
    close $file;

    open my $saved, '<&', \*STDIN or die "STDIN: $!";
    open STDIN, '<', $file->filename or die "$file: $!";

    system('kcat', '-q', '-P', '-b', $kafka->bootstrap, '-t', 'events',
           '-p', $partition, '-K', "\t", '-D', "\x01", @args) == 0
        or die "kcat: $?";

    open STDIN, '<&', $saved or die "STDIN: $!";
}
