package Bench::Worker;

# An nginx of one worker, pinned to a CPU, with a location "/events" on a port
# of its own; and what the kernel tells of that worker.

use strict;
use warnings;

use File::Path qw(make_path);
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

use WorkerMemory qw(peak resident);

my %live;


END {
    my $status = $?;

    my @mine = grep { $_->{owner} == $$ } values %live;

    kill 'TERM', map { $_->{master} } @mine;
    $_->stop for @mine;
    $? = $status;
}


# Options: name, dir, nginx, modules (paths), main, http, location (texts of
# configuration), cpu (none: not pinned), connections, processes (1), h2_port,
# wrapper (a command that runs nginx), patience (seconds to start and to stop)

sub start {
    my ($class, %opt) = @_;

    my $self = bless { %opt, owner => $$, port => free_port() }, $class;
    my $dir = $self->{dir} = "$opt{dir}/$opt{name}";

    make_path("$dir/temp");
    _write("$dir/nginx.conf", $self->_conf);

    system(@{ $opt{wrapper} // [] }, $opt{nginx},
           '-p', $dir, '-c', "$dir/nginx.conf", '-e',
           "$dir/error.log") == 0
        or die "bench: nginx for \"$opt{name}\" did not start: "
               . "see $dir/error.log\n";

    my $until = time + ($opt{patience} // 10);

    while (time < $until) {
        chomp($self->{master} = _read("$dir/nginx.pid") // '');
        my @workers = $self->{master}
            ? grep { $_ } split ' ', _read("/proc/$self->{master}/task/"
                                           . "$self->{master}/children") // ''
            : ();

        if (@workers == ($self->{processes} // 1)) {
            $self->{pid} = $workers[0];
            $self->{pids} = \@workers;
            $live{$self} = $self;
            return $self;
        }

        sleep 0.05;
    }

    die "bench: nginx for \"$opt{name}\" has no worker\n";
}


sub _conf {
    my ($self) = @_;

    my $load = join '', map { "load_module $_;\n" } @{ $self->{modules} };
    my $connections = $self->{connections} // 4096;
    my $processes = $self->{processes} // 1;
    my $affinity = defined $self->{cpu}
        ? 'worker_cpu_affinity 1' . '0' x $self->{cpu} . ';' : '';

    my $http2 = $self->{h2_port}
        ? "listen 127.0.0.1:$self->{h2_port} http2 backlog=4096;" : '';

    return <<"END";
$load
daemon                on;
worker_processes      $processes;
worker_rlimit_nofile  16384;
$affinity
pid                   $self->{dir}/nginx.pid;
error_log             $self->{dir}/error.log error;
@{[ $self->{main} // '' ]}

events {
    worker_connections  $connections;
}

http {
    access_log                  off;
    keepalive_requests          1000000000;
    keepalive_timeout           60s;
    client_max_body_size        1m;
    client_body_buffer_size     256k;
    client_body_temp_path       $self->{dir}/temp/body;
    proxy_temp_path             $self->{dir}/temp/proxy;
    fastcgi_temp_path           $self->{dir}/temp/fastcgi;
    uwsgi_temp_path             $self->{dir}/temp/uwsgi;
    scgi_temp_path              $self->{dir}/temp/scgi;
@{[ $self->{http} // '' ]}

    server {
        listen  127.0.0.1:$self->{port} backlog=4096;
        $http2

@{[ $self->{server} // '' ]}
        location = /events {
@{[ $self->{location} ]}
        }
    }
}
END
}


sub url {
    my ($self) = @_;

    return "http://127.0.0.1:$self->{port}/events";
}


# Seconds of CPU until now: of all threads, and of the one that serves requests;
# with several workers, of all of them.

sub cpu {
    my ($self) = @_;

    my ($all, $main) = (0, 0);

    for my $pid (@{ $self->{pids} }) {
        for my $dir (glob "/proc/$pid/task/*") {
            my $seconds = _cpu($dir);
            $all += $seconds;
            $main += $seconds if $dir =~ m{/\Q$pid\E$};
        }
    }

    return ($all, $main);
}


sub cpu_of {
    my ($pid) = @_;

    my $all = 0;
    $all += _cpu($_) for glob "/proc/$pid/task/*";

    return $all;
}


# schedstat counts nanoseconds, stat hundredths of a second

sub _cpu {
    my ($dir) = @_;

    my ($ns) = split ' ', _read("$dir/schedstat") // '';
    return $ns / 1e9 if $ns;

    my @stat = split ' ', (_read("$dir/stat") // '') =~ s/^.*\) //sr;
    return @stat ? ($stat[11] + $stat[12]) / 100 : 0;
}


# MB, resident now and at most since "forget_peak"

sub memory {
    my ($self) = @_;

    return (resident($self->{pid}), peak($self->{pid}));
}


sub forget_peak {
    my ($self) = @_;

    WorkerMemory::forget_peak($self->{pid});

    return;
}


# All threads but the one that serves requests.

sub pin_threads {
    my ($self, $cpu) = @_;

    for my $tid (map { m{(\d+)$} } glob "/proc/$self->{pid}/task/*") {
        next if $tid == $self->{pid};
        system("taskset -c -p $cpu $tid >/dev/null 2>&1");
    }

    return;
}


sub is_alive {
    my ($self) = @_;

    return -d "/proc/$self->{pid}";
}


sub stop {
    my ($self) = @_;

    my $master = delete $self->{master} or return;
    delete $live{$self};

    kill 'TERM', $master;

    my $until = time + ($self->{patience} // 8);
    sleep 0.02 while -d "/proc/$master" && time < $until;

    kill 'KILL', $master, $self->{pid} if -d "/proc/$master";

    return;
}


sub free_port {
    my $socket = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1',
                                       LocalPort => 0)
        // die "bench: no port: $!\n";

    return $socket->sockport;
}


sub _read {
    my ($path) = @_;

    open my $fh, '<', $path or return;
    local $/;

    return scalar <$fh>;
}


sub _write {
    my ($path, $text) = @_;

    open my $fh, '>', $path or die "bench: $path: $!\n";
    print {$fh} $text;
    close $fh or die "bench: $path: $!\n";

    return;
}

1;
