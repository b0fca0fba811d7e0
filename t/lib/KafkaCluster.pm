package KafkaCluster;

# Apache Kafka in KRaft mode, one or three nodes on loopback, for suites,
# benchmark and manual tries: Kafka from Maven Central (t/kafka/pom.xml) in
# build/kafka, kcat as its consumer, core Perl.
#
#     if (my $reason = KafkaCluster->skip_reason) { plan skip_all => $reason }
#
#     my $kafka = KafkaCluster->start(nodes => 3);
#     $kafka->create_topics({ name => 'events', partitions => 6,
#                             replication => 3,
#                             config => { 'min.insync.replicas' => 2 } });
#     ... $kafka->bootstrap ...
#     $kafka->kill($kafka->leader('events', 0));
#     for my $record ($kafka->consume('events')) { ... }
#
# A node is dead once its cluster object is gone, its test has ended, or was
# killed: the kernel sees to the last case (PR_SET_PDEATHSIG).

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use IO::Select;
use IO::Socket::INET;
use MIME::Base64 qw(encode_base64);
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);


my $ROOT  = abs_path(dirname(__FILE__) . '/../..');
my $KAFKA = "$ROOT/build/kafka";
my $POM   = "$ROOT/t/kafka/pom.xml";

my $LIBS    = "$KAFKA/libs/*";
my $CLASSES = "$KAFKA/classes.jsa";

# generous: the machine may be busy, and every wait is for a condition
my $PATIENCE = $ENV{KAFKA_TIMEOUT} || 120;
my $FETCH_TIMEOUT = 600;

# below the range of ephemeral ports, or a client's connection may sit on
# the port of a node that is to be restarted
my ($PORT_MIN, $PORT_MAX) = (20000, 31999);

my %PRCTL = (x86_64 => 157, aarch64 => 167);
my ($PR_SET_PDEATHSIG, $SIGKILL) = (1, 9);

my ($API_METADATA, $API_CREATE_TOPICS) = (3, 19);

# sh -c FORMAT CLUSTER_ID server.properties java OPTION... kafka.Kafka ...
my $FORMAT = <<'END_OF_FORMAT';
properties=$1; shift;
java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$LIBS"
    kafka.tools.StorageTool format -t "$0" -c "$properties" && exec "$@"
END_OF_FORMAT

my $LOG4J = <<'END_OF_LOG4J';
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c{1}: %m%n
END_OF_LOG4J

my $started = 0;
my %live;


END {
    my $status = $?;

    $_->stop for grep { $_->{owner} == $$ } values %live;
    $? = $status;
}


# Fetches Kafka if it is not there; why there is none, or undef.

sub skip_reason {
    for my $program (qw(java kcat)) {
        _which($program) or return "Apache Kafka: no $program in PATH";
    }

    return _fetched() ? undef : _fetch();
}


sub _fetched {
    my $stamp = "$KAFKA/libs/.fetched";

    return -e $stamp && (stat $stamp)[9] >= (stat $POM)[9];
}


sub _fetch {
    _which('mvn') or return 'Apache Kafka: no mvn in PATH';

    make_path($KAFKA);
    open my $lock, '>', "$KAFKA/.lock" or croak "$KAFKA/.lock: $!";
    flock $lock, LOCK_EX or croak "$KAFKA/.lock: $!";

    return if _fetched();

    remove_tree("$KAFKA/libs", "$KAFKA/libs.new");

    my ($status, $out) = _run(
        [ 'mvn', '-q', '-B', '-Dstyle.color=never', '-f', $POM,
          "-Dmaven.repo.local=$ROOT/build/m2",
          '-Dmaven.wagon.http.retryHandler.count=3',
          'org.apache.maven.plugins:maven-dependency-plugin'
          . ':copy-dependencies', '-DincludeScope=runtime',
          "-DoutputDirectory=$KAFKA/libs.new" ],
        timeout => $FETCH_TIMEOUT, stderr => 1);

    if ($status != 0) {
        my ($error) = $out =~ /\[ERROR\]\S*\s+(.{1,200})/;
        return 'Apache Kafka: not fetched from Maven Central: '
               . ($error // 'mvn failed');
    }

    rename "$KAFKA/libs.new", "$KAFKA/libs" or croak "$KAFKA/libs: $!";
    _write("$KAFKA/libs/.fetched", '');

    _archive();

    return;
}


# The classes that a node loads, ready to be mapped: halves the time and CPU
# of each start from now on.  Does without where Java cannot.

sub _archive {
    unlink $CLASSES;

    eval {
        my $cluster = __PACKAGE__->start(archive => 1);
        $cluster->terminate(1);
    };
}


# Options: nodes (1), dir (one in build/kafka/run, removed at the end), heap
# (256m), config ({ 'server.property' => value }), jit (all of the compiler:
# slower to start, faster afterwards; for the benchmark), detach (outlives
# this process; for t/kafka/cluster), node_config (like config, by a node's id),
# clients ({ ID => address }: another listener, that client_bootstrap tells).

sub start {
    my ($class, %opt) = @_;

    my $reason = skip_reason();
    croak $reason if $reason;

    my $self = bless {
        dir       => $opt{dir} // _run_dir(),
        temporary => !$opt{dir},
        heap      => $opt{heap} // '256m',
        jit       => $opt{jit} // 0,
        detach    => $opt{detach} // 0,
        archive   => $opt{archive} // 0,
        config    => $opt{config} // {},
        clients   => $opt{clients} // {},
        node_config => $opt{node_config} // {},
        owner     => $opt{detach} ? 0 : $$,
        nodes     => {},
    }, $class;

    make_path($self->{dir});
    $self->{dir} = abs_path($self->{dir});
    $class->attach($self->{dir})->stop if -e "$self->{dir}/cluster";

    my $n = $opt{nodes} // 1;
    my @ports = _free_ports(3 * $n);

    $self->{nodes}{$_} = { id => $_, port => shift @ports,
                           controller => shift @ports,
                           client => shift @ports } for 1 .. $n;

    $live{$self} = $self;

    if (!eval { $self->_boot; 1 }) {
        my $error = $@;
        $self->{temporary} = 0;
        $self->stop;
        croak $error;
    }

    return $self;
}


# A process id is not unique where a test has ids of its own (a namespace).

sub _run_dir {
    return sprintf '%s/run/%d-%d-%d', $KAFKA, $$, 1e6 * time, ++$started;
}


# The cluster that "t/kafka/cluster start" left running in a directory.

sub attach {
    my ($class, $dir) = @_;

    my $self = bless { dir => abs_path($dir) // $dir, temporary => 0,
                       owner => 0, nodes => {} }, $class;

    for (split /\n/, _read("$self->{dir}/cluster")) {
        if (/^(\d+) (\d+) (\d+)$/) {
            $self->{nodes}{$1} = { id => $1, port => $2, controller => $3 };

        } elsif (/^(heap|jit) (\S+)$/) {
            $self->{$1} = $2;
        }
    }

    for my $node (values %{ $self->{nodes} }) {
        my $pid = eval { _read($self->_path($node->{id}, 'pid')) } or next;
        $node->{pid} = $pid if $self->_is_ours($node->{id}, $pid);
    }

    $self->{detach} = 1;

    return $self;
}


sub _boot {
    my ($self) = @_;

    my @ids = $self->ids;

    _write("$self->{dir}/log4j.properties", $LOG4J);
    _write("$self->{dir}/cluster", join '',
           map { my $n = $self->{nodes}{$_};
                 "$n->{id} $n->{port} $n->{controller}\n" } @ids);
    _append("$self->{dir}/cluster",
            "heap $self->{heap}\njit $self->{jit}\n");

    (my $cluster_id = encode_base64(pack('C*', map { int rand 256 } 1 .. 16),
                                    '')) =~ tr{+/=}{-_}d;

    $self->_configure($_) for @ids;
    $self->_spawn($_, $cluster_id) for @ids;
    $self->wait_ready;
}


sub _configure {
    my ($self, $id) = @_;

    my $node = $self->{nodes}{$id};
    my $n = keys %{ $self->{nodes} };
    my $replicas = $n < 3 ? 1 : 3;
    my $dir = $self->_path($id);

    # the cleaner would take 128 MB of the heap; sessions are shorter than
    # by default, so that tests wait less for a new leader

    my %config = (
        'process.roles' => 'broker,controller',
        'node.id' => $id,
        'controller.quorum.voters' => join(',',
            map { "$_->{id}\@127.0.0.1:$_->{controller}" }
            map { $self->{nodes}{$_} } $self->ids),
        'listeners' => "PLAINTEXT://127.0.0.1:$node->{port},"
                       . "CONTROLLER://127.0.0.1:$node->{controller}",
        'controller.listener.names' => 'CONTROLLER',
        'inter.broker.listener.name' => 'PLAINTEXT',
        'listener.security.protocol.map' =>
            'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
        'log.dirs' => "$dir/data",
        'num.network.threads' => 2,
        'num.io.threads' => 4,
        'auto.create.topics.enable' => 'false',
        'broker.heartbeat.interval.ms' => 500,
        'broker.session.timeout.ms' => 6000,
        'group.initial.rebalance.delay.ms' => 0,
        'log.cleaner.enable' => 'false',
        'offsets.topic.num.partitions' => 1,
        'offsets.topic.replication.factor' => $replicas,
        'transaction.state.log.num.partitions' => 1,
        'transaction.state.log.replication.factor' => $replicas,
        'transaction.state.log.min.isr' => 1,
        'unclean.leader.election.enable' => 'false',
        %{ $self->{config} },
        %{ $self->{node_config}{$id} // {} },
    );

    if (my $address = $self->{clients}{$id}) {
        $config{'listeners'} .= ",CLIENTS://$address:$node->{client}";
        $config{'listener.security.protocol.map'} .= ',CLIENTS:PLAINTEXT';
    }

    remove_tree($dir);
    make_path($dir);
    _write("$dir/server.properties",
           join '', map { "$_=$config{$_}\n" } sort keys %config);
}


sub _java {
    my ($self) = @_;

    return ('java', "-Xmx$self->{heap}", '-Xms64m', '-XX:+UseSerialGC',
            '-XX:-UsePerfData', '-XX:+ExitOnOutOfMemoryError',
            $self->{jit} ? () : '-XX:TieredStopAtLevel=1',
            $self->_archive_options,
            "-Dlog4j.configuration=file:$self->{dir}/log4j.properties",
            '-cp', $LIBS);
}


sub _archive_options {
    my ($self) = @_;

    return "-XX:ArchiveClassesAtExit=$CLASSES" if $self->{archive};
    return if !-e $CLASSES;

    return ("-XX:SharedArchiveFile=$CLASSES", '-Xlog:cds=off',
            '-Xlog:cds+dynamic=off');
}


# A new node formats its storage first.

sub _spawn {
    my ($self, $id, $cluster_id) = @_;

    my $properties = $self->_path($id, 'server.properties');
    my @command = ($self->_java, 'kafka.Kafka', $properties);

    if ($cluster_id) {
        (my $format = $FORMAT) =~ s/\s+/ /g;
        @command = ('sh', '-c', $format, $cluster_id, $properties, @command);
    }

    my $log = $self->_path($id, 'log');
    my $parent = $$;

    defined(my $pid = fork) or croak "fork: $!";

    if ($pid == 0) {
        POSIX::setsid();
        _die_with($parent) if !$self->{detach};

        $ENV{LIBS} = $LIBS;

        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $log;
        open STDERR, '>&', \*STDOUT;

        no warnings 'exec';
        exec { $command[0] } @command;
        POSIX::_exit(127);
    }

    @{ $self->{nodes}{$id} }{qw(pid parent)} = ($pid, $$);
    _write($self->_path($id, 'pid'), $pid);
}


sub _die_with {
    my ($parent) = @_;

    my $nr = $PRCTL{ (POSIX::uname())[4] } or return;

    syscall $nr, $PR_SET_PDEATHSIG, $SIGKILL, 0, 0, 0;
    POSIX::_exit(127) if getppid() != $parent;
}


sub ids {
    my ($self) = @_;

    return sort { $a <=> $b } keys %{ $self->{nodes} };
}


sub dir { $_[0]{dir} }
sub pid { $_[0]{nodes}{ $_[1] }{pid} }
sub port { $_[0]{nodes}{ $_[1] }{port} }


sub bootstrap {
    my ($self) = @_;

    return join ',', map { '127.0.0.1:' . $self->port($_) } $self->ids;
}


sub client_bootstrap {
    my ($self) = @_;

    my $clients = $self->{clients};

    return join ',', map { "$clients->{$_}:$self->{nodes}{$_}{client}" }
                         sort { $a <=> $b } keys %$clients;
}


sub log {
    my ($self, $id) = @_;

    return eval { _read($self->_path($id, 'log')) } // '';
}


# What fails a node, by its id: killed, frozen (SIGSTOP), or asked to leave,
# which moves its leaders away first.

sub kill {
    my ($self, @ids) = @_;

    $self->_signal('KILL', @ids);
    $self->_gone($_) for @ids;
}


sub terminate {
    my ($self, @ids) = @_;

    $self->_signal('TERM', @ids);
    $self->_gone($_) for @ids;
}


sub freeze {
    my ($self, @ids) = @_;

    $self->_signal('STOP', @ids);
}


sub thaw {
    my ($self, @ids) = @_;

    $self->_signal('CONT', @ids);
}


# To its process group as well: the shell of a new node has a child.

sub _signal {
    my ($self, $signal, @ids) = @_;

    CORE::kill $signal, map { (-$_, $_) } grep { $_ }
                        map { $self->pid($_) } @ids;
}


# Starts nodes again, killed ones too, and waits for them.

sub restart {
    my ($self, @ids) = @_;

    $self->kill(grep { $self->pid($_) } @ids);
    $self->_spawn($_) for @ids;
    $self->wait_ready(@ids);
}


sub stop {
    my ($self) = @_;

    delete $live{$self};

    $self->kill($self->ids);
    remove_tree($self->{dir}) if $self->{temporary} && !$ENV{KAFKA_KEEP};
}


sub DESTROY {
    my ($self) = @_;

    local ($?, $@, $!);

    $self->stop if $self->{owner} == $$;
}


sub _gone {
    my ($self, $id) = @_;

    my $pid = delete $self->{nodes}{$id}{pid} or return;

    $self->wait_for("node $id to end", sub { $self->_ended($id, $pid) });

    unlink $self->_path($id, 'pid');
}


sub _ended {
    my ($self, $id, $pid) = @_;

    local $?;

    return ($self->{nodes}{$id}{parent} // 0) == $$
           ? waitpid($pid, WNOHANG) != 0
           : !$self->_is_ours($id, $pid);
}


# Whether a node has ended by itself, which is not an error here.

sub ended {
    my ($self, $id) = @_;

    my $pid = $self->pid($id) or return 1;

    return 0 if !$self->_ended($id, $pid);

    delete $self->{nodes}{$id}{pid};

    return 1;
}


# A pid of a file may belong to another process by now.

sub _is_ours {
    my ($self, $id, $pid) = @_;

    open my $file, '<', "/proc/$pid/cmdline" or return 0;
    my $cmdline = join '', <$file>;

    return index($cmdline, $self->_path($id, 'server.properties')) >= 0;
}


# Until each of these nodes (all that run) answers, and knows them all.

sub wait_ready {
    my ($self, @ids) = @_;

    my @running = grep { $self->pid($_) } $self->ids;
    @ids = @running if !@ids;

    for my $id (@ids) {
        $self->wait_for("node $id to be ready", sub {
            $self->_check($_) for @ids;

            my $metadata = $self->metadata($id) or return 0;
            return !grep { !$metadata->{brokers}{$_} } @running;
        });
    }
}


sub _check {
    my ($self, $id) = @_;

    my $pid = $self->pid($id) or return;

    return if !$self->_ended($id, $pid);

    delete $self->{nodes}{$id}{pid};
    my $log = substr $self->log($id), -2000;
    die "Kafka's node $id ended:\n$log\n";
}


sub wait_for {
    my ($self, $what, $condition, $timeout) = @_;

    my $deadline = time + ($timeout // $PATIENCE);

    until ($condition->()) {
        time < $deadline or croak "waited for $what in vain";
        sleep 0.05;
    }
}


# Each topic: { name, partitions (1), replication (as many as there are
# nodes, 3 at most), config ({}) }.  Waits until every replica is in sync.

sub create_topics {
    my ($self, @topics) = @_;

    my $nodes = keys %{ $self->{nodes} };
    my $request = pack 'N', scalar @topics;

    for my $topic (@topics) {
        my $config = $topic->{config} // {};

        $topic->{partitions} //= 1;
        $topic->{replication} //= $nodes < 3 ? $nodes : 3;

        $request .= pack 'n/a* N n N N', @$topic{qw(name partitions
                                                    replication)},
                         0, scalar keys %$config;
        $request .= pack 'n/a* n/a*', $_, $config->{$_} for keys %$config;
    }

    $request .= pack 'N C', 1000 * $PATIENCE, 0;

    my $in = $self->_request(undef, $API_CREATE_TOPICS, 2, $request)
        // croak 'CreateTopics: no answer';

    $in->int32;

    for (1 .. $in->int32) {
        my ($name, $error, $text) = ($in->string, $in->int16, $in->string);
        croak "topic \"$name\": " . ($text // '') . " ($error)" if $error;
    }

    $self->wait_topic($_->{name}, $_->{partitions}) for @topics;
}


# Until all running nodes know the topic, with leaders, and with all its
# replicas in sync unless some node is not running; and until the leaders
# know, who learn it last.

sub wait_topic {
    my ($self, $name, $partitions) = @_;

    my @running = grep { $self->pid($_) } $self->ids;
    my $complete = @running == keys %{ $self->{nodes} };

    for my $id (@running) {
        $self->wait_for("topic \"$name\" on node $id", sub {
            my $metadata = $self->metadata($id) or return 0;
            my $topic = $metadata->{topics}{$name} or return 0;

            return 0 if defined $partitions && keys %$topic != $partitions;

            return !grep { $_->{leader} < 0
                           || ($complete && @{ $_->{isr} }
                                            < @{ $_->{replicas} }) }
                         values %$topic;
        });
    }

    $self->count($name);
}


# What a node (the first that answers) knows: { brokers => { ID => PORT },
# topics => { NAME => { PARTITION => { leader, replicas, isr } } } }.

sub metadata {
    my ($self, $id) = @_;

    my $in = $self->_request($id, $API_METADATA, 4, pack 'l> C', -1, 0)
        or return;
    my %metadata = (brokers => {}, topics => {});

    $in->int32;

    for (1 .. $in->int32) {
        my ($node, $host, $port, $rack) = ($in->int32, $in->string,
                                           $in->int32, $in->string);
        $metadata{brokers}{$node} = $port;
    }

    $metadata{cluster} = $in->string;
    $metadata{controller} = $in->int32;

    for (1 .. $in->int32) {
        my ($error, $name) = ($in->int16, $in->string);
        my $topic = $metadata{topics}{$name} = {};

        $in->int8;

        for (1 .. $in->int32) {
            my ($e, $partition, $leader) = ($in->int16, $in->int32,
                                            $in->int32);
            $topic->{$partition} = { leader => $leader,
                                     replicas => [ $in->int32s ],
                                     isr => [ $in->int32s ] };
        }
    }

    return \%metadata;
}


sub leader {
    my ($self, $topic, $partition) = @_;

    my $metadata = $self->metadata or croak 'Metadata: no answer';
    my $p = $metadata->{topics}{$topic}{$partition}
        or croak "no partition $partition of topic \"$topic\"";

    return $p->{leader};
}


# Records in the topic: the sum of the next offsets, so control records of
# transactions count as well.

sub count {
    my ($self, $topic) = @_;

    my $count;

    $self->wait_for("the offsets of \"$topic\"", sub {
        $count = $self->_count($topic);
        return defined $count;
    });

    return $count;
}


# undef if some partition has no leader, or one that does not know it yet.

sub _count {
    my ($self, $topic) = @_;

    my $metadata = $self->metadata or return;
    my $partitions = $metadata->{topics}{$topic}
        or croak "no topic \"$topic\"";

    my ($status, $out) = $self->_kcat('-Q', map { ('-t', "$topic:$_:-1") }
                                                keys %$partitions);
    return if $status != 0;

    my @offsets = $out =~ /\[\d+\] offset (\d+)/g;
    return if @offsets != keys %$partitions;

    my $count = 0;
    $count += $_ for @offsets;

    return $count;
}


# All records of a topic, from beginning to end, by partition and offset:
# { partition, offset, timestamp, key, value, headers => [ [ NAME, VALUE ],
# ... ] }, bytes as they are, undef for null.  Headers cost a second run of
# kcat: headers => 0 spares it.

sub consume {
    my ($self, $topic, %opt) = @_;

    my @kcat = ('-C', '-t', $topic, '-o', 'beginning', '-e',
                '-X', 'check.crcs=true', '-X', 'fetch.wait.max.ms=50');

    my ($status, $out, $err)
        = $self->_kcat(@kcat, '-f', '%p %o %T %K %S\n%k%s\n');
    $status == 0 or croak "kcat: $err";

    my $records = _parse_records($out);

    if ($opt{headers} // 1) {
        ($status, $out, $err) = $self->_kcat(@kcat, '-J');
        $status == 0 or croak "kcat: $err";
        _parse_headers($records, $out);
    }

    return sort { $a->{partition} <=> $b->{partition}
                  || $a->{offset} <=> $b->{offset} } values %$records;
}


# Calls a function with each value of a topic, none of which has a line feed:
# for topics that are too large to be held.

sub each_value {
    my ($self, $topic, $function) = @_;

    open my $out, '-|', 'kcat', '-q', '-b', $self->bootstrap, '-C',
         '-t', $topic, '-o', 'beginning', '-e', '-X', 'check.crcs=true',
         '-X', 'fetch.wait.max.ms=50', '-f', '%s\n' or croak "kcat: $!";

    while (my $value = <$out>) {
        $function->($value);
    }

    close $out or croak "kcat: exit status $?";
}


# Lengths say where key and value end: they may hold anything.

sub _parse_records {
    my ($out) = @_;

    my ($pos, %records) = (0);

    while ($pos < length $out) {
        my $end = index $out, "\n", $pos;
        my ($partition, $offset, $timestamp, $key, $value)
            = substr($out, $pos, $end - $pos)
              =~ /^(\d+) (\d+) (-?\d+) (-?\d+) (-?\d+)$/
            or croak 'kcat: not understood: ' . substr $out, $pos, 200;

        $pos = $end + 1;

        my %record = (partition => $partition, offset => $offset,
                      timestamp => $timestamp, headers => []);

        for ([ key => $key ], [ value => $value ]) {
            my ($name, $length) = @$_;

            $record{$name} = $length < 0 ? undef
                                         : substr $out, $pos, $length;
            $pos += $length if $length > 0;
        }

        substr($out, $pos++, 1) eq "\n" or croak 'kcat: lengths do not add up';
        $records{"$partition/$offset"} = \%record;
    }

    return \%records;
}


# kcat writes headers in full in its JSON only.  That escapes what JSON must
# have escaped and nothing else, so it can be undone byte by byte.

sub _parse_headers {
    my ($records, $out) = @_;

    my $string = qr/"((?:[^"\\]++|\\.)*+)"/s;

    for my $line (split /\n/, $out) {
        my ($partition, $offset)
            = $line =~ /"partition":(\d+),"offset":(\d+)/
            or croak "kcat: not understood: $line";
        my $record = $records->{"$partition/$offset"} or next;

        $line =~ /\G[^\[]*?"headers":\[/gc or next;

        while ($line =~ /\G,?$string,(?:$string|null)/gc) {
            push @{ $record->{headers} }, [ _unescape($1), _unescape($2) ];
        }

        $line =~ /\G\]/gc or croak "kcat: not understood: $line";
    }
}


sub _unescape {
    my ($s) = @_;

    return if !defined $s;

    my %c = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");

    $s =~ s{\\(?:u00([0-9A-Fa-f]{2})|(.))}
           {defined $1 ? chr hex $1 : $c{$2} // $2}gse;

    return $s;
}


sub _kcat {
    my ($self, @args) = @_;

    return _run([ 'kcat', '-q', '-b', $self->bootstrap, @args ],
                timeout => $PATIENCE, errors => "$self->{dir}/kcat.err");
}


# Kafka's protocol, as far as creating topics and metadata go: kcat does not
# create topics, and Kafka's own tool takes two seconds to.

sub _request {
    my ($self, $id, $api, $version, $body) = @_;

    for my $node (defined $id ? $id : grep { $self->pid($_) } $self->ids) {
        my $in = eval {
            $self->_exchange($self->port($node), pack('N/a*',
                pack('n n N n/a* a*', $api, $version, 1, 'suite', $body)));
        };

        return $in if $in;
    }

    return;
}


sub _exchange {
    my ($self, $port, $request) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $port, Timeout => 5)
        or return;

    print $socket $request;
    $socket->flush;

    my $deadline = time + 10;
    my $in = '';
    my $select = IO::Select->new($socket);

    while (length $in < 4 || length $in < 4 + unpack 'N', $in) {
        $select->can_read($deadline - time) or return;
        sysread $socket, $in, 65536, length $in or return;
    }

    return KafkaCluster::Answer->new(substr $in, 8);
}


sub _path {
    my ($self, $id, $file) = @_;

    return "$self->{dir}/node$id" . (defined $file ? "/$file" : '');
}


sub _free_ports {
    my ($n) = @_;

    my (@sockets, %ports);

    while (@sockets < $n) {
        my $port = $PORT_MIN + int rand $PORT_MAX - $PORT_MIN + 1;
        next if $ports{$port}++;

        my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                           LocalPort => $port, Listen => 1)
            or next;

        push @sockets, $socket;
    }

    return map { $_->sockport } @sockets;
}


# Runs a program to its end: exit status, stdout, stderr.  Options: timeout,
# stderr (as part of stdout), errors (a file for it otherwise).

sub _run {
    my ($command, %opt) = @_;

    my $parent = $$;

    pipe my $reader, my $writer or croak "pipe: $!";
    defined(my $pid = fork) or croak "fork: $!";

    if ($pid == 0) {
        _die_with($parent);

        open STDIN, '<', '/dev/null';
        open STDOUT, '>&', $writer;

        if ($opt{stderr}) {
            open STDERR, '>&', \*STDOUT;

        } else {
            open STDERR, '>', $opt{errors} // '/dev/null';
        }

        no warnings 'exec';
        exec { $command->[0] } @$command;
        POSIX::_exit(127);
    }

    close $writer;

    my ($out, $deadline) = ('', time + $opt{timeout});
    my $select = IO::Select->new($reader);

    while ($select->can_read($deadline - time)) {
        sysread $reader, $out, 1 << 20, length $out or last;
    }

    my $late = time >= $deadline;

    CORE::kill 'KILL', $pid if $late;

    {
        local $?;
        waitpid $pid, 0;
        $late = $? || $late;
    }

    return ($late, $out, $opt{errors} ? _read($opt{errors}) : '');
}


sub _which {
    my ($program) = @_;

    return (grep { -x "$_/$program" } split /:/, $ENV{PATH} // '')[0];
}


sub _read {
    my ($name) = @_;

    open my $file, '<:raw', $name or croak "$name: $!";
    local $/;

    return scalar(<$file>) // '';
}


sub _write {
    my ($name, $text) = @_;

    open my $file, '>:raw', $name or croak "$name: $!";
    print $file $text;
    close $file or croak "$name: $!";
}


sub _append {
    my ($name, $text) = @_;

    _write($name, _read($name) . $text);
}


package KafkaCluster::Answer;

# The body of an answer, taken apart from its beginning.

sub new {
    my ($class, $bytes) = @_;

    return bless { bytes => $bytes, pos => 0 }, $class;
}


sub _take {
    my ($self, $format, $n) = @_;

    my $value = unpack $format, substr $self->{bytes}, $self->{pos}, $n;
    $self->{pos} += $n;

    return $value;
}


sub int8 { $_[0]->_take('c', 1) }
sub int16 { $_[0]->_take('s>', 2) }
sub int32 { $_[0]->_take('l>', 4) }


sub string {
    my ($self) = @_;

    my $length = $self->int16;

    return $length < 0 ? undef : $self->_take("a$length", $length);
}


sub int32s {
    my ($self) = @_;

    return map { $self->int32 } 1 .. $self->int32;
}


1;
