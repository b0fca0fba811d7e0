package EventsBroker;

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX ();

use Test::Nginx::Server qw(wait_for);

use constant {
    START_TIMEOUT  => 10,
    ANSWER_TIMEOUT => 20,
    SETTLE         => 0.1,      # seconds in which no record may appear
};

my $Top = abs_path(dirname(__FILE__) . '/../..');


sub start {
    my ($class, %arg) = @_;

    my $program = $ENV{TEST_NGINX_BROKER} || "$Top/build/broker";
    my $dir = tempdir('events-broker-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    my @options = ('-s', "$dir/control");

    push @options, '-b', $arg{brokers} if $arg{brokers};
    push @options, '-p', $arg{partitions} if $arg{partitions};

    my $self = bless { owner => $$, path => "$dir/control" }, $class;

    $self->_spawn($program, @options);

    my $line = $self->_first_line;

    if ($line !~ /^bootstrap (\S+)/) {
        $self->stop;
        croak "cannot start \"$program\"";
    }

    $self->{bootstrap} = $1;

    return $self;
}


# The broker ends with its standard input, so with this process at the latest.

sub _spawn {
    my ($self, @command) = @_;

    pipe my $child_in, my $in or croak "pipe failed: $!";
    pipe my $out, my $child_out or croak "pipe failed: $!";

    my $pid = fork // croak "fork failed: $!";

    if ($pid == 0) {
        open STDIN, '<&', $child_in;
        open STDOUT, '>&', $child_out;

        { no warnings 'exec'; exec { $command[0] } @command; }

        print STDERR "cannot run \"$command[0]\": $!\n";

        POSIX::_exit(127);
    }

    @{$self}{qw(pid in out)} = ($pid, $in, $out);

    return;
}


sub _first_line {
    my ($self) = @_;

    return '' if !IO::Select->new($self->{out})->can_read(START_TIMEOUT);

    return readline($self->{out}) // '';
}


sub bootstrap {
    my ($self) = @_;

    return $self->{bootstrap};
}


sub pid {
    my ($self) = @_;

    return $self->{pid};
}


sub command {
    my ($self, $command) = @_;

    my $socket = $self->{socket} //=
        IO::Socket::UNIX->new(Peer => $self->{path})
        // croak "cannot connect to the broker: $!";

    local $SIG{PIPE} = 'IGNORE';
    local $SIG{ALRM} = sub { croak "the broker does not answer \"$command\"" };

    alarm ANSWER_TIMEOUT;

    print {$socket} "$command\n";
    $socket->flush;

    my @lines;
    my $is_complete;

    while (defined(my $line = <$socket>)) {
        chomp $line;

        if ($line eq '.') {
            $is_complete = 1;
            last;
        }

        push @lines, $line;
    }

    alarm 0;

    croak "the broker has gone during \"$command\"" if !$is_complete;
    croak "broker: \"$command\": $1" if @lines && $lines[-1] =~ /^! (.*)/;

    return @lines;
}


sub create_topic {
    my ($self, $topic, $partitions, $replication) = @_;

    $self->command(join ' ', 'topic', $topic, $partitions // 1,
                             $replication // 1);
    return;
}


sub count {
    my ($self, $topic) = @_;

    return ($self->command("count $topic"))[0];
}


# Where each partition ends: the argument for "records" later on.

sub ends {
    my ($self, $topic) = @_;

    return map { (split)[2] } $self->command("watermarks $topic");
}


sub records {
    my ($self, $topic, @from) = @_;

    my $json = JSON::PP->new->utf8;
    my $command = join ' ', 'dump', $topic, @from ? join ',', @from : ();

    return map { _bytes($json->decode($_)) } $self->command($command);
}


# Test files hold bytes, so the texts of a record are given as bytes.

sub _bytes {
    my ($record) = @_;

    for my $texts ($record, @{ $record->{headers} }) {
        for my $text (ref $texts eq 'HASH' ? @{$texts}{qw(key value)}
                                           : @$texts)
        {
            utf8::encode($text) if defined $text;
        }
    }

    return $record;
}


# True once the topic holds that many records; for 0, if none appears.

sub wait_count {
    my ($self, $topic, $n, $seconds) = @_;

    if ($n == 0) {
        return !wait_for(sub { return $self->count($topic) > 0 }, SETTLE);
    }

    return wait_for(sub { return $self->count($topic) >= $n }, $seconds);
}


# Undoes what a test may have done to the brokers.

sub heal {
    my ($self) = @_;

    $self->command($_) for 'up all', 'rtt 0', 'error 0 0 0';

    return;
}


sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} // return;

    kill 'TERM', $pid;
    close $self->{in};
    close delete $self->{socket} if $self->{socket};

    waitpid $pid, 0;

    return;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local ($?, $!, $@);

    $self->stop;

    return;
}

1;

__END__

=head1 NAME

EventsBroker - the embedded broker of the suites

=head1 SYNOPSIS

    my $broker = EventsBroker->start;

    $broker->create_topic('events', 3);
    $broker->command('down all');
    $broker->wait_count('events', 2) or die;

    print $_->{value} for $broker->records('events');

=head1 DESCRIPTION

Runs F<build/broker> (C<TEST_NGINX_BROKER>) and talks to its control socket;
the commands are listed at the head of F<t/broker/broker.c>. A method that
the broker refuses dies with the broker's message.

=head1 METHODS

=head2 start([brokers => n, partitions => n]), stop, bootstrap, pid

=head2 command(line)

Returns the lines of the answer.

=head2 create_topic(name, [partitions, replication]), count(topic)

=head2 records(topic, [offset, ...])

Hashes with C<topic partition offset timestamp key headers value>, texts as
bytes. The offsets, one for each partition, say where to begin.

=head2 ends(topic)

The offsets at which the partitions end now.

=head2 wait_count(topic, n, [seconds])

Whether the topic came to hold n records; for 0 whether it stays empty for a
tenth of a second.

=head2 heal

All brokers up, no round trip time, no injected produce errors.

=cut
