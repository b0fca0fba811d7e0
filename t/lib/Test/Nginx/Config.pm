package Test::Nginx::Config;

use strict;
use warnings;

use Exporter 'import';
use Fcntl qw(:flock);
use File::Path qw(make_path remove_tree);
use File::Spec;
use IO::Socket::INET;

our @EXPORT_OK = qw(
    make_root remove_root write_config write_user_files server_config
    expand_env free_port worker_user
);

use constant {
    FIRST_PORT  => 10_000,
    PORTS       => 22_000,      # ends below Linux's range of client ports
    PORT_TRIES  => 1_000,
};

my @Locks;
my @PassedEnv = qw(
    ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS LD_PRELOAD LD_LIBRARY_PATH
);


sub free_port {
    for (1 .. PORT_TRIES) {
        my $port = FIRST_PORT + int rand PORTS;

        my $path = File::Spec->catfile(File::Spec->tmpdir,
                                       "test-nginx-port-$port.lock");

        open my $lock, '>', $path or next;
        flock $lock, LOCK_EX | LOCK_NB or next;

        my $socket = IO::Socket::INET->new(
            LocalAddr => '0.0.0.0', LocalPort => $port, Proto => 'tcp',
            Listen => 1, ReuseAddr => 1,
        );

        if (!$socket) {
            unlink $path;
            next;
        }

        push @Locks, [ $$, $path, $lock ];

        return $port;
    }

    die "no free port\n";
}


END {
    unlink map { $_->[1] } grep { $_->[0] == $$ } @Locks;
}


sub expand_env {
    my ($text, $ports) = @_;

    return $text if !defined $text || ref $text;

    $text =~ s/\$(TEST_NGINX_[_A-Z0-9]+)/_env($1, $ports)/ge;

    return $text;
}


sub _env {
    my ($name, $ports) = @_;

    if ($name =~ /^TEST_NGINX_RAND_PORT_\d+$/) {
        return $ports->{$name} //= free_port();
    }

    return $ENV{$name} // die "no environment variable $name\n";
}


sub make_root {
    my ($root) = @_;

    remove_root($root);

    make_path(map { "$root/$_" } qw(conf html logs));

    _write("$root/html/index.html", '<html><head><title>It works!</title>'
           . '</head><body>It works!</body></html>');

    return;
}


sub remove_root {
    my ($root) = @_;

    return if !-d $root;

    remove_tree(map { "$root/$_" } qw(conf html logs cache));
    remove_tree(glob("$root/*_temp"), glob("$root/*_cache"));

    rmdir $root or die "cannot remove \"$root\": $!\n";

    return;
}


sub write_config {
    my ($root, $text) = @_;

    return _write("$root/conf/nginx.conf", $text);
}


sub write_user_files {
    my ($root, $files, $ports) = @_;

    return if !defined $files;

    for my $file (ref $files ? @$files : _parse_user_files($files)) {
        my ($name, $text, $date) = @$file;

        my $path = $name =~ m{^/} ? $name : "$root/html/$name";

        if ($path =~ m{(.+)/}) {
            make_path($1);
        }

        _write($path, expand_env($text // '', $ports));

        next if !$date;

        local $ENV{TZ} = 'GMT';

        system('touch', '-t', $date, $path) == 0
            or die "cannot set the time of \"$path\"\n";
    }

    return;
}


sub _parse_user_files {
    my ($text) = @_;

    my @files;

    for my $line (split /^/, $text) {
        if ($line =~ /^>>> (\S+)(?:\s+(\S+))?/) {
            push @files, [ $1, '', $2 ];

        } elsif (@files) {
            $files[-1][1] .= $line;
        }
    }

    return @files;
}


sub _write {
    my ($path, $text) = @_;

    open my $out, '>:raw', $path or die "cannot write \"$path\": $!\n";
    print {$out} $text;
    close $out or die "cannot write \"$path\": $!\n";

    return;
}


# The group of the same name does not exist for every user (Debian's nobody).

sub worker_user {
    my $user = $ENV{TEST_NGINX_WORKER_USER};

    return $> == 0 ? 'root' : undef if !$user;
    return $user if $user =~ /\s/;

    my $gid = (getpwnam $user)[3];
    my $group = defined $gid ? getgrgid $gid : undef;

    return defined $group ? "$user $group" : $user;
}


sub server_config {
    my (%arg) = @_;

    my $root = $arg{root};
    my $user = worker_user();
    my @main = map { "load_module $_;" } split ' ', $arg{load_modules} // '';

    push @main,
        "worker_processes  $arg{workers};",
        'daemon off;',
        "master_process $arg{master_process};",
        "error_log $arg{error_log} $arg{log_level};",
        "pid $root/logs/nginx.pid;",
        (map { "env $_;" } @PassedEnv),
        (map { /\s/ ? "env '$_';" : "env $_;" } @{ $arg{env} || [] });

    if ($user) {
        push @main, "user $user;";
    }

    return join "\n", @main, $arg{main_config}, _http(%arg),
                      $arg{post_main_config}, _events(%arg), '';
}


sub _http {
    my (%arg) = @_;

    my $root = $arg{root};
    my @temp = map { "    ${_}_temp_path $root/${_}_temp;" }
               grep { $arg{http_config} !~ /\b${_}_temp_path\b/ }
               qw(client_body proxy fastcgi scgi uwsgi);

    my $location = $arg{root_location}
        ? "location / { root $root/html; index index.html index.htm; }"
        : '';

    local $" = "\n";

    return <<"END";
http {
    access_log $root/logs/access.log;
@temp

    default_type text/plain;
    keepalive_timeout 68s;

$arg{http_config}

    server {
        listen $arg{port};
        server_name '$arg{server_name}';

        client_max_body_size 30M;

$arg{preamble}
$arg{config}

        $location
    }
}
END
}


sub _events {
    my (%arg) = @_;

    my $use = $ENV{TEST_NGINX_EVENT_TYPE};

    return join "\n", 'events {',
                      '    accept_mutex off;',
                      "    worker_connections $arg{worker_connections};",
                      $use ? "    use $use;" : (),
                      '}';
}

1;

__END__

=head1 NAME

Test::Nginx::Config - the server root and nginx.conf of a test

=head1 FUNCTIONS

All are exported on request. They die with a message when they fail.

=head2 make_root(root), remove_root(root)

Creates C<root> anew, with F<conf>, F<html/index.html> and F<logs>; removes
it. Only the directories that nginx and these functions make are removed, so
a directory with anything else in it stays and is an error.

=head2 write_config(root, text)

Writes F<conf/nginx.conf>.

=head2 write_user_files(root, files, ports)

Writes C<files> below F<html>. C<files> is the text of a section
C<user_files> (C<<< >>> name [touch time] >>> before the text of each file)
or an array of C<[name, text, time]>.

=head2 server_config(name => value, ...)

Returns the text of nginx.conf. Names: root port workers master_process
error_log log_level env load_modules main_config http_config preamble
server_name config root_location post_main_config worker_connections.

=head2 expand_env(text, ports)

Replaces C<$TEST_NGINX_*> by environment variables, and
C<$TEST_NGINX_RAND_PORT_n> by a free port that is kept in the hash C<ports>.

=head2 free_port

Returns a port nobody listens on. A lock keeps it from other test processes
for as long as this one runs.

=head2 worker_user

Returns the arguments of the C<user> directive, or undef when not root. They
are taken from C<TEST_NGINX_WORKER_USER>; by default they are C<root>.

=cut
