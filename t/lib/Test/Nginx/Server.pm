package Test::Nginx::Server;

use strict;
use warnings;

use Exporter 'import';
use File::Spec;
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(wait_for find_faults);

use constant {
    TICK          => 0.002,
    START_TIMEOUT => 10,
    QUIT_TIMEOUT  => 10,
    TERM_TIMEOUT  => 5,
    VALGRIND_SLOW => 10,        # times
};

my @Faults = (
    [ qr/exited on signal/,                   'exited on signal' ],
    [ qr/process \d+ exited with code [1-9]/, 'exited with code' ],
    [ qr/open socket #/,                      'open socket'      ],
    [ qr/\[alert\]/,                          '[alert'           ],
    [ qr/\[emerg\]/,                          '[emerg'           ],
    [ qr/(?:Address|Leak|Memory|Thread|UndefinedBehavior)Sanitizer/ ],
    [ qr/:\d+:\d+: runtime error: /                              ],
    [ qr/\bAssertion .*failed\b/                                 ],
);


sub wait_for {
    my ($condition, $seconds) = @_;

    my $deadline = time + ($seconds // 5);

    while (1) {
        my $result = $condition->();
        return $result if $result;

        return if time > $deadline;

        sleep TICK;
    }
}


sub find_faults {
    my ($text, @expected) = @_;

    my @faults;

    for my $line (split /\n/, $text) {
        for my $fault (@Faults) {
            my ($pattern, $tag) = @$fault;

            next if $line !~ $pattern;
            next if _is_expected($line, $tag, @expected);

            push @faults, $line;
            last;
        }
    }

    return @faults;
}


sub _is_expected {
    my ($line, $tag, @expected) = @_;

    for my $pattern (@expected) {
        return 1 if ref $pattern ? $line =~ $pattern
                                 : index($line, $pattern) >= 0;

        return 1 if defined $tag && index("$pattern", $tag) >= 0;
    }

    return 0;
}


sub new {
    my ($class, %arg) = @_;

    my $self = bless {
        binary   => $ENV{TEST_NGINX_BINARY} || 'nginx',
        valgrind => $ENV{TEST_NGINX_USE_VALGRIND},
        %arg,
    }, $class;

    $self->{owner} = $$;

    return $self;
}


sub path {
    my ($self, $name) = @_;

    return "$self->{root}/$name";
}


sub start {
    my ($self) = @_;

    my $pidfile = $self->path('logs/nginx.pid');
    unlink $pidfile;

    delete $self->{status};

    $self->{child} = $self->_spawn;

    my $seconds = START_TIMEOUT;
    $seconds *= VALGRIND_SLOW if $self->{valgrind};

    # the parent of a daemon is gone last: nginx that is not its own master
    # yet ignores signals that change the binary

    wait_for(sub { !$self->_child_runs || (-s $pidfile && !$self->{daemon}) },
             $seconds);
    wait_for(sub { -s $pidfile }, $seconds) if $self->{daemon};

    $self->{started} = -s $pidfile && ($self->{daemon} || $self->_child_runs)
                           ? 1 : 0;

    return $self->{started};
}


sub _spawn {
    my ($self) = @_;

    my @command = $self->command;
    my $stderr = $self->path('logs/stderr.log');

    my $pid = fork // die "fork failed: $!\n";

    if ($pid == 0) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $stderr;
        open STDERR, '>>', $stderr;

        { no warnings 'exec'; exec { $command[0] } @command; }

        print STDERR "cannot run \"$command[0]\": $!\n";

        POSIX::_exit(127);
    }

    return $pid;
}


sub command {
    my ($self) = @_;

    return ($self->_valgrind, $self->_binary,
            '-p', "$self->{root}/",
            '-e', $self->path('logs/error.log'),
            '-c', $self->path('conf/nginx.conf'));
}


sub _binary {
    my ($self) = @_;

    my ($binary, @options) = split ' ', $self->{binary};

    return (_absolute($binary), @options);
}


sub version {
    my ($self) = @_;

    my $command = join ' ', $self->_binary;

    return `$command -v 2>&1` =~ m{/(\d+\.\d+\.\d+)} ? $1 : '0.0.0';
}


# For an upgrade nginx runs what it was called by, and looks nowhere else.

sub _absolute {
    my ($binary) = @_;

    return File::Spec->rel2abs($binary) if $binary =~ m{/};

    for my $dir (File::Spec->path, '/usr/local/sbin', '/usr/sbin') {
        return "$dir/$binary" if -x "$dir/$binary";
    }

    return $binary;
}


sub _valgrind {
    my ($self) = @_;

    my $options = $self->{valgrind} or return;

    if ($options =~ /^\d+$/) {
        $options = '--tool=memcheck --leak-check=full';
    }

    return ('valgrind', '-q', split(' ', $options),
            '--log-file=' . $self->path('logs/valgrind.%p'),
            '--gen-suppressions=all',
            map { "--suppressions=$_" }
                grep { -f } 'valgrind.suppress', 't/tools/valgrind.suppress');
}


sub _child_runs {
    my ($self) = @_;

    return 0 if defined $self->{status} || !$self->{child};

    if (waitpid($self->{child}, WNOHANG) != 0) {
        $self->{status} = $?;
        return 0;
    }

    return 1;
}


sub status {
    my ($self) = @_;

    $self->_child_runs;

    return $self->{status};
}


sub pid {
    my ($self) = @_;

    my $text = $self->read('logs/nginx.pid');

    return $text =~ /^(\d+)/ ? $1 : undef;
}


sub is_running {
    my ($self, $pid) = @_;

    if (!defined $pid) {
        return 1 if $self->_child_runs;

        $pid = $self->pid // return 0;
    }

    if ($self->{child} && $pid == $self->{child}) {
        return $self->_child_runs;
    }

    return _state($pid) ne '';
}


# A process that is not our child may stay for a while as a zombie.

sub _state {
    my ($pid) = @_;

    my ($state) = _stat($pid);

    return defined $state && $state !~ /[ZX]/ ? $state : '';
}


sub _stat {
    my ($pid) = @_;

    open my $in, '<', "/proc/$pid/stat" or return;
    my $line = <$in> // return;

    my ($state, $parent) = $line =~ /.*\) (\S) (\d+)/ or return;

    return ($state, $parent);
}


sub children {
    my ($self, $pid) = @_;

    $pid //= $self->pid // return;

    opendir my $dir, '/proc' or return;

    return sort { $a <=> $b } grep {
        my ($state, $parent) = _stat($_);
        defined $state && $parent == $pid && $state !~ /[ZX]/;
    } grep { /^\d+$/ } readdir $dir;
}


sub workers {
    my ($self, $pid) = @_;

    # valgrind keeps the title of a process as it was

    return grep { $self->{valgrind} || _title($_) =~ /worker process$/ }
                $self->children($pid);
}


sub leaving_workers {
    my ($self, $pid) = @_;

    return grep { _title($_) =~ /worker process is shutting down/ }
                $self->children($pid);
}


sub _title {
    my ($pid) = @_;

    open my $in, '<', "/proc/$pid/cmdline" or return '';
    my $title = <$in> // '';

    $title =~ s/[\0 ]+\z//;

    return $title;
}


sub signal {
    my ($self, $signal, $pid) = @_;

    $pid //= $self->{child} && $self->_child_runs && !$self->{daemon}
                 ? $self->{child} : $self->pid;

    return $pid ? kill($signal, $pid) : 0;
}


sub reload {
    my ($self, $seconds) = @_;

    # A worker that has just been started has no title yet; the first one, if
    # it is not there at all, would pass for the new one.

    wait_for(sub { $self->workers }, $seconds) or return 0;

    my %old = map { $_ => 1 } $self->children;
    my $expected = $self->workers;
    my $end = $self->log_end;

    $self->signal('HUP') or return 0;

    my $fault;

    my $done = wait_for(sub {
        my @workers = $self->workers;

        return 1 if @workers >= $expected && !grep { $old{$_} } @workers;
        return $fault = $self->log_since($end) =~ /\[emerg\]/;
    }, $seconds);

    return $done && !$fault ? 1 : 0;
}


sub upgrade {
    my ($self, $seconds) = @_;

    my $old = $self->pid;

    $self->signal('USR2', $old) or return;

    return wait_for(sub {
        my $new = $self->pid;
        return $new && $new != $old && $self->workers($new) ? $new : 0;
    }, $seconds);
}


sub quit {
    my ($self, $seconds) = @_;

    return $self->_end('QUIT', $seconds // QUIT_TIMEOUT);
}


sub stop {
    my ($self, $seconds) = @_;

    return $self->_end('TERM', $seconds // TERM_TIMEOUT);
}


sub _end {
    my ($self, $signal, $seconds) = @_;

    my $pid = $self->{daemon} ? $self->pid : $self->{child};

    return 1 if !$pid || !$self->is_running($pid);

    $seconds *= VALGRIND_SLOW if $self->{valgrind};

    kill $signal, $pid;

    return 1 if wait_for(sub { !$self->is_running($pid) }, $seconds);

    $self->kill_all($pid);

    return 0;
}


sub kill_all {
    my ($self, $pid) = @_;

    $pid //= $self->{daemon} ? $self->pid : $self->{child};

    return if !$pid || !$self->is_running($pid);

    my @children = $self->children($pid);

    kill 'KILL', $pid, @children;

    wait_for(sub { !$self->is_running($pid) }, TERM_TIMEOUT);

    return;
}


sub read {
    my ($self, $name, $offset) = @_;

    open my $in, '<:raw', $self->path($name) or return '';

    seek $in, $offset || 0, 0;

    local $/;

    return <$in> // '';
}


sub error_log {
    my ($self) = @_;

    return $self->read('logs/error.log');
}


sub log_end {
    my ($self) = @_;

    return -s $self->path('logs/error.log') || 0;
}


sub log_since {
    my ($self, $offset) = @_;

    return $self->read('logs/error.log', $offset);
}


sub faults {
    my ($self, @expected) = @_;

    my @faults = find_faults($self->error_log, @expected);

    push @faults, find_faults($self->read('logs/stderr.log'),
                              qr/^nginx: \[/, @expected);

    for my $path (glob $self->path('logs/valgrind.*')) {
        my ($name) = $path =~ m{(logs/[^/]+)\z};

        push @faults, map { "valgrind: $_" }
                      split /\n/, $self->read($name);
    }

    my $status = $self->status;

    if (defined $status && $status & 127) {
        push @faults, 'nginx was ended by signal ' . ($status & 127);

    } elsif ($status && $self->{started}) {
        push @faults, 'nginx exited with code ' . ($status >> 8);
    }

    return @faults;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local ($?, $!, $@);

    $self->kill_all if !$self->{keep};

    return;
}

1;

__END__

=head1 NAME

Test::Nginx::Server - one nginx process tree

=head1 SYNOPSIS

    use Test::Nginx::Server 'wait_for';

    my $server = Test::Nginx::Server->new(root => $root);

    $server->start or die $server->error_log;
    $server->reload;
    $server->quit or die 'hangs';

    die $server->faults if $server->faults;

=head1 DESCRIPTION

F<conf/nginx.conf> below the root is started as a child of the test, so its
configuration says C<daemon off>; with C<daemon on> pass C<< daemon => 1 >>.

Only nginx started by C<daemon on> accepts SIGUSR2: it ignores the signal
while its parent is the process that started it.

=head1 METHODS

=head2 new(root => dir, [binary, valgrind, daemon, keep])

C<binary> defaults to C<TEST_NGINX_BINARY> or C<nginx>, C<valgrind> (options
or a number) to C<TEST_NGINX_USE_VALGRIND>. An object that goes away kills
its nginx, unless C<keep> is true.

=head2 start

True when nginx listens, that is when it has written its pid file.

=head2 quit([seconds]), stop([seconds])

SIGQUIT or SIGTERM. False when nginx had to be killed after the time.

=head2 reload([seconds])

SIGHUP. True when only new workers take connections; the old ones may still
be leaving. False when the configuration was refused.

=head2 upgrade([seconds])

SIGUSR2. Returns the pid of the new master once it has workers.

=head2 signal(name, [pid]), pid, is_running([pid]), status, kill_all, version

C<status> is the wait status, undef as long as nginx runs.

=head2 workers([master]), leaving_workers([master]), children([master])

Process ids.

=head2 error_log, log_end, log_since(offset), read(name, [offset]), path(name)

=head2 faults([expected ...])

Returns what no test may leave behind: an end by a signal or with an exit
code, "open socket", alert and emergency lines, sanitizer text and failed
assertions in error.log and stderr, valgrind findings. Lines that match one
of C<expected> (text or regex) are left out; so is a whole kind when its tag
(C<[alert>, C<[emerg>, C<open socket>, C<exited on signal>, C<exited with
code>) is part of an expected text.

=head1 FUNCTIONS

=head2 wait_for(sub, [seconds])

Calls the function until it returns true; returns that value, or false after
the time (5 s).

=head2 find_faults(text, [expected ...])

=cut
