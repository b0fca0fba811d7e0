package OwnNamespaces;

# Namespaces of a test's own: what it does to mounts and to the network is not
# seen outside, and is gone with it, as its processes are, however it ends.
#
#     my $reason = OwnNamespaces->enter;   # starts the program over, inside
#     my $network = OwnNamespaces->network(3);
#     ... nginx runs as: $network->prefix, nginx ...
#     ... peers listen on $network->outer(1) to $network->outer(3) ...
#     $network->cut(2);                    # as if a cable were pulled out
#     $network->mend(2);
#
# A network is another namespace, which cables (veth) join with this one.
# Cable 0 is never cut: inner(0) is where what runs there is reached.

use strict;
use warnings;

use Carp qw(croak);

use constant {
    ENTERED => 'EVENTS_OWN_NAMESPACES',
    PREFIX  => '198.18',        # for tests of networks: RFC 2544
};


# Returns why there are none, or nothing where the program is inside.

sub enter {
    if ($ENV{ +ENTERED }) {
        _run('ip', 'link', 'set', 'lo', 'up');
        return;
    }

    my @unshare = qw(unshare --net --mount --pid --fork --kill-child
                     --mount-proc);

    if (system("@unshare ip link >/dev/null 2>&1") == 0) {
        local $ENV{ +ENTERED } = 1;
        local $ENV{PERL5LIB} = join ':', @INC;

        exec @unshare, $^X, $0, @ARGV or croak "unshare: $!";
    }

    return 'no right to make namespaces: not root, or no ip';
}


sub network {
    my ($class, $cables) = @_;

    # the shell ends with its input, and the namespace with the shell

    pipe my $reader, my $writer or croak "pipe: $!";
    pipe my $ready, my $started or croak "pipe: $!";

    my $pid = fork // croak "fork: $!";

    if ($pid == 0) {
        open STDIN, '<&', $reader;
        open STDOUT, '>&', $started;
        close $writer;
        exec 'unshare', '--net', 'sh', '-c', 'echo; read _';
    }

    close $reader;
    close $started;
    <$ready> // croak 'unshare does not start';

    my $self = bless { owner => $$, pid => $pid, writer => $writer }, $class;

    $self->_inside('link', 'set', 'lo', 'up');
    $self->_lay($_) for 0 .. $cables;

    return $self;
}


sub _lay {
    my ($self, $n) = @_;

    _run('ip', 'link', 'add', "out$n", 'type', 'veth',
         'peer', 'name', "in$n", 'netns', $self->{pid});
    _run('ip', 'addr', 'add', $self->outer($n) . '/30', 'dev', "out$n");
    _run('ip', 'link', 'set', "out$n", 'up');
    $self->_inside('addr', 'add', $self->inner($n) . '/30', 'dev', "in$n");
    $self->_inside('link', 'set', "in$n", 'up');

    return;
}


sub outer { PREFIX . ".$_[1].1" }
sub inner { PREFIX . ".$_[1].2" }


sub prefix {
    my ($self) = @_;

    return ('nsenter', "--net=/proc/$self->{pid}/ns/net");
}


# The inner side has no carrier then: it sends into nothing, and is not told.

sub cut {
    my ($self, $n) = @_;

    _run('ip', 'link', 'set', "out$n", 'down');

    return;
}


sub mend {
    my ($self, $n) = @_;

    _run('ip', 'link', 'set', "out$n", 'up');

    return;
}


sub _inside {
    my ($self, @command) = @_;

    _run($self->prefix, 'ip', @command);

    return;
}


sub _run {
    my (@command) = @_;

    system(@command) == 0 or croak "\"@command\" failed";

    return;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local ($?, $!, $@);

    close $self->{writer};
    waitpid $self->{pid}, 0;

    return;
}

1;
