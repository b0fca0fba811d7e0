package ChildProcess;

# The base of objects that work in a process of their own, until SIGTERM.

use strict;
use warnings;

use Carp qw(croak);
use POSIX ();


# Runs the method in a child; the object is then that of the parent.

sub spawn {
    my ($self, $method, @arg) = @_;

    $self->{owner} = $$;

    my $pid = fork // croak "fork failed: $!";

    if ($pid == 0) {
        my $ok = eval { $self->$method(@arg); 1 };

        print STDERR ref $self, ": $@" if !$ok;
        POSIX::_exit($ok ? 0 : 1);
    }

    $self->{pid} = $pid;

    return;
}


sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} // return 1;

    local $?;

    kill 'TERM', $pid;
    waitpid $pid, 0;

    return $? == 0;
}


sub DESTROY {
    my ($self) = @_;

    return if !$self->{owner} || $self->{owner} != $$;

    local ($?, $!, $@);

    if (my $pid = delete $self->{pid}) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }

    return;
}

1;
