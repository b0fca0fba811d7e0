package Chaos;

# Faults of Kafka's brokers, of the network and of nginx, each with its end:
# a fault returns when all is well again, and dies when that does not happen.
#
#     my $chaos = Chaos->new(kafka => $kafka, server => $server,
#                            loads => [ $load, ... ], topics => [ $name, ... ],
#                            network => $network,
#                            disk => { node => 3, path => $mount_point });
#     for my $fault ($chaos->faults('')) {
#         my $peak = $chaos->run($fault);      # kB, of a worker
#     }
#
# The first load goes on while a broker is away; others may wait for it.

use strict;
use warnings;

use Carp qw(croak);
use List::Util qw(shuffle);
use Time::HiRes qw(sleep time);

use constant {
    PARTITIONS => 6,            # of each topic
    SOME       => 60,           # answers of each load that tell how it goes
    FAILURES   => 20,
    PATIENCE   => 120,          # seconds
    TICK       => 0.05,
    RELOADS    => 3,
    DISK       => '4g',
};

# nginx => 1: connections end, and requests may be left without an answer.

my @Faults = (
    { name => 'kill -9 of a broker',         act => \&broker_killed },
    { name => 'SIGSTOP of a broker',         act => \&broker_frozen },
    { name => 'SIGSTOP of every broker',     act => \&brokers_frozen },
    { name => 'kill -9 of two brokers',      act => \&brokers_killed },
    { name => 'kill -9 of every leader',     act => \&leaders_killed },
    { name => 'SIGTERM of one after another', act => \&brokers_rolled },
    { name => 'full disk of a broker',       act => \&disk_full,
      needs => 'disk' },
    { name => 'network to a broker cut',     act => \&network_cut,
      needs => 'network' },
    { name => 'kill -9 of a worker',         act => \&worker_killed,
      nginx => 1 },
    { name => 'HUP',                         act => \&reloaded, nginx => 1 },
    { name => 'USR2 and QUIT',               act => \&upgraded, nginx => 1 },
    { name => 'QUIT and start',              act => \&quit,     nginx => 1 },
    { name => 'TERM and start',              act => \&stopped,  nginx => 1 },
    { name => 'kill -9 of nginx and start',  act => \&nginx_killed,
      nginx => 1 },
);


sub new {
    my ($class, %arg) = @_;

    return bless { masters => {}, killed => [], %arg }, $class;
}


# Those of such a name that can be done here, and those that cannot.

sub faults {
    my ($self, $pattern) = @_;

    return grep { $_->{name} =~ /$pattern/
                  && (!$_->{needs} || $self->{ $_->{needs} }) } @Faults;
}


sub not_here {
    my ($self) = @_;

    return grep { $_->{needs} && !$self->{ $_->{needs} } } @Faults;
}


# Worker processes that a fault has killed, so that nginx says so.

sub killed { @{ $_[0]{killed} } }


sub run {
    my ($self, $fault) = @_;

    $self->{peak} = 0;
    $self->_forget_peaks;

    $fault->{act}->($self);

    $self->_whole;
    $self->_answers(200, SOME);
    $self->_settled;
    $self->_peaks;

    return $self->{peak};
}


sub broker_killed {
    my ($self) = @_;

    $self->_without_one('kill', 'restart');

    return;
}


sub broker_frozen {
    my ($self) = @_;

    $self->_without_one('freeze', 'thaw');

    return;
}


# They stay connected, and say nothing.

sub brokers_frozen {
    my ($self) = @_;

    my @ids = $self->{kafka}->ids;

    $self->{kafka}->freeze(@ids);
    $self->_fails(FAILURES);
    $self->{kafka}->thaw(@ids);

    return;
}


sub _without_one {
    my ($self, $fail, $recover) = @_;

    my $id = $self->_leader;

    $self->{kafka}->$fail($id);
    $self->_leads_elsewhere($id);
    $self->_goes_on;
    $self->{kafka}->$recover($id);

    return;
}


sub _leader {
    my ($self) = @_;

    return $self->{kafka}->leader($self->{topics}[0], int rand PARTITIONS);
}


sub brokers_killed {
    my ($self) = @_;

    my (undef, @ids) = shuffle $self->{kafka}->ids;

    $self->_without(@ids);

    return;
}


sub leaders_killed {
    my ($self) = @_;

    $self->_without($self->{kafka}->ids);

    return;
}


# One of three replicas takes nothing, so nothing is answered 200.

sub _without {
    my ($self, @ids) = @_;

    $self->{kafka}->kill(@ids);
    $self->_fails(FAILURES);
    $self->{kafka}->restart(@ids);

    return;
}


sub brokers_rolled {
    my ($self) = @_;

    for my $id (shuffle $self->{kafka}->ids) {
        $self->{kafka}->terminate($id);
        $self->_answers(200, SOME);
        $self->{kafka}->restart($id);
        $self->_whole;
    }

    return;
}


# The quota is what is in use, so that the next block is one too many; Kafka's
# node ends when it cannot write.

sub disk_full {
    my ($self) = @_;

    my ($id, $path) = @{ $self->{disk} }{qw(node path)};

    # which is refused where more has come into use meanwhile

    $self->_wait('a full disk', sub {
        my ($used) = `df --output=used -k $path` =~ /(\d+)/;
        return $self->_mount("remount,size=${used}k");
    });

    $self->_wait('the broker to end', sub { $self->{kafka}->ended($id) });
    $self->_leads_elsewhere($id);
    $self->_goes_on;

    $self->_mount('remount,size=' . DISK) or croak 'the disk stays full';
    $self->{kafka}->restart($id);

    return;
}


sub _mount {
    my ($self, $options) = @_;

    return system("mount -o $options $self->{disk}{path} 2>/dev/null") == 0;
}


# The cluster is well, and leaders stay: nginx cannot reach one.

sub network_cut {
    my ($self) = @_;

    my $id = $self->_leader;

    $self->{network}->cut($id);
    $self->_fails(FAILURES);
    $self->{network}->mend($id);

    return;
}


sub worker_killed {
    my ($self) = @_;

    my $server = $self->{server};
    my ($worker) = shuffle $server->workers;

    push @{ $self->{killed} }, $worker;
    kill 'KILL', $worker;

    $self->_wait('another worker', sub {
        return 2 == grep { $_ != $worker } $server->workers;
    });

    return;
}


sub reloaded {
    my ($self) = @_;

    for (1 .. RELOADS) {
        $self->{server}->reload(PATIENCE) or croak 'no reload';
        $self->_answers(200, SOME);
    }

    return;
}


sub upgraded {
    my ($self) = @_;

    my $server = $self->{server};
    my $old = $server->pid;

    $server->upgrade(PATIENCE) or croak 'no new master';
    $self->{masters}{$old} = 1;
    $self->_answers(200, SOME);

    $server->signal('QUIT', $old);
    $self->_wait('the old master to leave',
                 sub { !$server->is_running($old) });
    delete $self->{masters}{$old};

    return;
}


sub quit {
    my ($self) = @_;

    $self->{server}->quit(PATIENCE) or croak 'nginx does not quit';
    $self->{server}->start or croak 'nginx does not start';

    return;
}


sub stopped {
    my ($self) = @_;

    $self->{server}->stop or croak 'nginx does not stop';
    $self->{server}->start or croak 'nginx does not start';

    return;
}


sub nginx_killed {
    my ($self) = @_;

    my @workers = $self->{server}->workers;

    $self->{server}->kill_all;
    $self->_wait('the workers to end', sub {
        return !grep { $self->{server}->is_running($_) } @workers;
    });
    $self->{server}->start or croak 'nginx does not start';

    return;
}


# All nodes run, and every replica is in sync.

sub _whole {
    my ($self) = @_;

    $self->{kafka}->wait_topic($_) for @{ $self->{topics} };

    return;
}


# A node that runs and is asked must know by now.

sub _leads_elsewhere {
    my ($self, $id) = @_;

    my ($other) = grep { $_ != $id } $self->{kafka}->ids;

    $self->_wait('other leaders', sub {
        my $metadata = $self->{kafka}->metadata($other) or return 0;
        my @partitions = map { values %{ $metadata->{topics}{$_} } }
                             @{ $self->{topics} };

        return !grep { $_->{leader} == $id || $_->{leader} < 0 } @partitions;
    });

    return;
}


# So many more from each load.

sub _answers {
    my ($self, $status, $n) = @_;

    my @loads = map { [ $_, $_->count($status) + $n ] } @{ $self->{loads} };

    $self->_wait("answers $status", sub {
        return !grep { $_->[0]->count($status) < $_->[1] } @loads;
    });

    return;
}


# What the fault has hit is over: the next one does not get it.

sub _settled {
    my ($self) = @_;

    my $now = time;

    $self->_wait('what waits', sub {
        return !grep { !$_->nothing_waits($now) } @{ $self->{loads} };
    });

    return;
}


sub _goes_on {
    my ($self) = @_;

    local $self->{loads} = [ $self->{loads}[0] ];

    $self->_answers(200, SOME);

    return;
}


sub _fails {
    my ($self, $n) = @_;

    my $failed = sub {
        my $sum = 0;
        $sum += $_->count(503) + $_->count(504) for @{ $self->{loads} };
        return $sum;
    };

    my $enough = $failed->() + $n;

    $self->_wait('failures', sub { $failed->() >= $enough });

    return;
}


sub _wait {
    my ($self, $what, $condition) = @_;

    my $deadline = time + PATIENCE;

    until ($condition->()) {
        time < $deadline or croak "waited for $what in vain";
        $self->_peaks;
        sleep TICK;
    }

    return;
}


# The most memory that a worker has had since a fault began, in kB.

sub _workers {
    my ($self) = @_;

    my $server = $self->{server};

    return map { $server->workers($_), $server->leaving_workers($_) }
               grep { $_ } keys %{ $self->{masters} }, $server->pid;
}


sub _peaks {
    my ($self) = @_;

    for my $worker ($self->_workers) {
        open my $in, '<', "/proc/$worker/status" or next;
        my ($peak) = map { /^VmHWM:\s+(\d+) kB/ ? $1 : () } <$in>;

        $self->{peak} = $peak if ($peak // 0) > $self->{peak};
    }

    return;
}


# proc(5): 5 resets the peak.

sub _forget_peaks {
    my ($self) = @_;

    for my $worker ($self->_workers) {
        open my $out, '>', "/proc/$worker/clear_refs" or next;
        print {$out} "5\n";
    }

    return;
}

1;
