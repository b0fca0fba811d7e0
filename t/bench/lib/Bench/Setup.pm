package Bench::Setup;

# The contenders: each an nginx of its own, started when it is first asked for,
# against one embedded broker.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use Time::HiRes qw(sleep time);

use Bench::Events qw(body script);
use Bench::Load qw(load machine_busy median);
use Bench::Worker;
use EventsBroker;

my $TOP = abs_path(dirname(__FILE__) . '/../../../..');
my $CONTRACT = "$TOP/examples/contract.schema.json";

use constant {
    TOPIC       => 'events',
    PARTITIONS  => 4,
    BUSY        => 0.35,        # CPUs that others may have during a run
    PATIENCE    => 90,          # seconds, for all of their runs
};

my %LOCATIONS = (
    ceiling => 'bench_ceiling on;',
    broker  => "events_publish events; events_schema $CONTRACT;",
    queued  => "events_publish events; events_schema $CONTRACT; "
               . 'events_ack queued;',
    bare    => 'events_publish events; events_schema off;',
    keyed   => "events_publish events; events_schema $CONTRACT; "
               . 'events_key /entity/id;',
);

# contenders that are others with a body that is cut

my %CUT = (parse => 'broker', 'parse-bare' => 'bare');


sub new {
    my ($class, %opt) = @_;

    my $out = "$TOP/build/bench";
    my $dir = "$out/run-$$";
    my $cpus = () = glob '/sys/devices/system/cpu/cpu[0-9]*';

    for my $old (glob "$out/run-*") {
        remove_tree($old) if $old =~ /(\d+)$/ && !-d "/proc/$1";
    }

    make_path($dir);

    system("$TOP/t/bench/ceiling/build", $out) == 0
        or die "bench: no ceiling\n";

    my $self = bless {
        out      => $out,
        dir      => $dir,
        owner    => $$,
        top      => $TOP,
        contract => $CONTRACT,
        quick    => $opt{quick} ? 1 : 0,
        pin      => $opt{pin} || ($cpus > 1 ? 'main' : 'none'),
        runs     => $opt{runs} || ($opt{quick} ? 2 : 3),
        seconds  => $opt{seconds} || ($opt{quick} ? 1 : 3),
        patience => $opt{patience} // ($opt{quick} ? 0 : PATIENCE),
        nginx    => $ENV{TEST_NGINX_BINARY} || '/usr/sbin/nginx',
        properties => _properties(),
        budget   => 64,
        workers  => {},
        scripts  => {},
        warm     => {},
    }, $class;

    $self->{linger} = $self->{properties}{'linger.ms'};

    # whoever builds meanwhile does not change what is measured

    copy("$TOP/build/ngx_http_events_module.so", "$dir/events.so")
        or die "bench: no module: run make\n";

    return $self;
}


# The module's own properties, but for those that are about its logs; linger.ms
# is part of the answer time.

sub _properties {
    my $path = "$TOP/src/events_producer_conf.c";

    open my $fh, '<', $path or die "bench: $path: $!\n";
    local $/;

    my ($table) = <$fh> =~ /events_producer_defaults\[\] = \{(.*?)^\};/ms
        or die "bench: $path has no table of defaults\n";
    my %properties = $table =~ /\{ "([\w.]+)", "([^"]*)" \}/g;

    delete $properties{'log.queue'};

    return \%properties;
}


sub out {
    my ($self) = @_;

    return $self->{out};
}


sub broker {
    my ($self) = @_;

    return $self->{broker} //= $self->new_broker;
}


sub new_broker {
    my ($self) = @_;

    my $broker = EventsBroker->start;

    $broker->create_topic(TOPIC, PARTITIONS);
    $self->pin_rest($broker->pid);

    return $broker;
}


sub rtt {
    my ($self, $ms) = @_;

    $self->broker->command("rtt $ms");
    sleep 0.2;

    return;
}


sub worker {
    my ($self, $who) = @_;

    return $self->{workers}{$who} //= $self->new_worker($who);
}


# Options: bootstrap, http and location (texts that are added; all there is of a
# "custom" one), main, processes (that are pinned nowhere), connections,
# h2_port, wrapper and patience as in Bench::Worker

sub new_worker {
    my ($self, $who, %opt) = @_;

    my $is_ceiling = $who eq 'ceiling';
    my $bootstrap = $opt{bootstrap} // $self->broker->bootstrap;

    return $self->start_nginx(
        name => ($opt{name} // $who),
        modules => [ $is_ceiling
                     ? "$self->{out}/ngx_http_bench_ceiling_module.so"
                     : "$self->{dir}/events.so" ],
        http => ($is_ceiling ? '' : "events_guests on;\n"
                   . "events_kafka_brokers $bootstrap;\n")
                . ($opt{http} // ''),
        location => ($LOCATIONS{$who} // '') . ($opt{location} // ''),
        (map { defined $opt{$_} ? ($_ => $opt{$_}) : () }
         qw(main wrapper patience connections h2_port)),
        ($opt{processes} ? (processes => $opt{processes}, cpu => undef) : ()));
}


sub start_nginx {
    my ($self, %opt) = @_;

    my $worker = Bench::Worker->start(
        dir => $self->{dir}, nginx => $self->{nginx},
        cpu => ($self->{pin} eq 'none' ? undef : 0), %opt);

    sleep 0.5;
    $worker->pin_threads(1) if $self->{pin} eq 'main' && !$opt{processes};

    return $worker;
}


sub pin_rest {
    my ($self, $pid) = @_;

    system("taskset -a -c -p 1 $pid >/dev/null") if $self->{pin} ne 'none';

    return;
}


# Where what makes the load runs; undefined: anywhere.

sub load_cpu {
    my ($self) = @_;

    return $self->{pin} eq 'none' ? undef : 1;
}


# The path of the wrk script for so many events.

sub script_path {
    my ($self, $events, %opt) = @_;

    my $name = $events . ($opt{cut} ? '-cut' : '')
               . ($opt{bodies} ? "-$opt{bodies}" : '') . '.lua';

    return $self->{scripts}{$name} //= $self->write_file($name, script(
        map { body($events, cut => $opt{cut}, seed => $_) }
        1 .. $opt{bodies} || 1));
}


# Returns the path of a file with that text.

sub write_file {
    my ($self, $name, $text) = @_;

    my $path = "$self->{dir}/$name";

    open my $fh, '>', $path or die "bench: $path: $!\n";
    print {$fh} $text;
    close $fh or die "bench: $path: $!\n";

    return $path;
}


# Several runs of each contender, in turns; a row of medians for each.
# Options: who (list of names), workers (of names that are not ours), events,
# connections, seconds, runs, bodies, broker (pid), refused (answers should be
# no 2xx)

sub compare {
    my ($self, %opt) = @_;

    my @who = @{ $opt{who} };
    my %runs;

    for my $who (@who) {
        next if $self->{warm}{"$who $opt{events}"}++
                || ($self->{quick} && $self->{warm}{$who}++);
        $self->_run($who, %opt, seconds => 1);
    }

    for (1 .. $opt{runs} // $self->{runs}) {
        for my $who (@who) {
            push @{ $runs{$who} }, $self->_quiet_run($who, %opt);
        }
    }

    return map {
        my $row = median(@{ $runs{$_} });
        $row->{who} = $_;
        @{$row}{qw(events connections)} = @opt{qw(events connections)};
        $row;
    } @who;
}


# Where others had too much of the machine: again, after they calm down, as
# long as patience lasts.  What runs beside it slows a run, but not the CPU
# time that an event takes: the tables have both.

sub _quiet_run {
    my ($self, @arg) = @_;

    my $best;

    for (1 .. 3) {
        my $start = time;
        my $run = $self->_run(@arg);

        $best = $run if !$best || $run->{others} < $best->{others};

        last if $best->{others} < BUSY || $self->{patience} <= 0;

        sleep 0.2 while machine_busy(0.2) > BUSY && time < $start + 10;
        $self->{patience} -= time - $start;
    }

    return $best;
}


sub _run {
    my ($self, $who, %opt) = @_;

    my $cut = $CUT{$who};

    return load(
        worker => $opt{workers}{$who} // $self->worker($cut // $who),
        script => $self->script_path($opt{events}, cut => $cut ? 1 : 0,
                                bodies => $opt{bodies}),
        cut => $cut || $opt{refused} ? 1 : 0,
        connections => $opt{connections},
        seconds => $opt{seconds} // $self->{seconds},
        events => $opt{events},
        cpu => $self->load_cpu,
        broker => $opt{broker} // $self->broker->pid);
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local ($?, $!, $@);

    $_->stop for values %{ $self->{workers} };
    $self->{broker}->stop if $self->{broker};

    # logs stay if there is something in them

    for my $log (glob "$self->{dir}/*/error.log") {
        return if -s $log && $log !~ m{/down[^/]*/};
    }

    remove_tree($self->{dir});

    return;
}

1;
