package EventsServer;

use strict;
use warnings;

use parent 'Test::Nginx::Server';

use Carp qw(croak);
use Cwd qw(abs_path getcwd);
use Exporter 'import';
use File::Basename qw(dirname);
use Test::More ();

use Test::Nginx::Client qw(http_request);
use Test::Nginx::Config qw(
    make_root remove_root write_config write_user_files server_config
    free_port
);
use Test::Nginx::Server qw(wait_for);

our @EXPORT_OK = qw(guests load_module wait_for);

my $Top = abs_path(dirname(__FILE__) . '/../..');


# The runner itself loads TEST_NGINX_LOAD_MODULES.

sub load_module {
    return '' if defined $ENV{TEST_NGINX_LOAD_MODULES};

    my $path = $ENV{TEST_NGINX_EVENTS_MODULE}
               || "$Top/build/ngx_http_events_module.so";

    return "load_module $path;\n";
}


# For configurations that say nothing about who may send.

sub guests {
    my (@texts) = @_;

    my $text = join '', map { $_ // '' } @texts;

    return '' if $text !~ /\bevents_publish\b/
                 || $text =~ /\bevents_(?:guests|api_keys|principal)\b/;

    return 'events_guests on; ';
}


sub launch {
    my ($class, %arg) = @_;

    my $port = free_port();

    my $self = $class->new(
        root   => getcwd() . "/t/servroot_$port",
        port   => $port,
        daemon => delete $arg{daemon},
        keep   => $ENV{TEST_NGINX_NO_CLEAN},
    );

    make_root($self->{root});
    write_user_files($self->{root}, delete $arg{user_files});

    $self->configure(%arg);

    if (!$self->start) {
        croak "nginx does not start:\n" . $self->read('logs/stderr.log');
    }

    # it listens before there are workers

    my $set = $self->{set};

    if ($set->{master_process} ne 'off'
        && !wait_for(sub { $self->workers >= $set->{workers} }))
    {
        croak "nginx starts no workers:\n" . $self->log_since(0);
    }

    return $self;
}


sub configure {
    my ($self, %arg) = @_;

    my %set = (
        workers            => 1,
        worker_connections => 256,
        master_process     => 'on',
        log_level          => $ENV{TEST_NGINX_LOG_LEVEL} || 'debug',
        error_log          => $self->path('logs/error.log'),
        server_name        => 'localhost',
        load_modules       => $ENV{TEST_NGINX_LOAD_MODULES},
        root_location      => 0,
        preamble           => '',
        main_config        => '',
        http_config        => '',
        config             => '',
        post_main_config   => '',
        %{ $self->{set} || {} },
        %arg,
    );

    $self->{set} = { %set };

    if ($set{without_module}) {
        $set{load_modules} = '';
    } else {
        $set{main_config} = load_module() . $set{main_config};
    }

    $set{http_config} = guests(@set{qw(main_config http_config config)})
                        . $set{http_config};

    my $text = server_config(%set, root => $self->{root},
                             port => $self->{port});

    $text =~ s/^daemon off;/daemon on;/m if $self->{daemon};

    write_config($self->{root}, $text);

    return;
}


sub port {
    my ($self) = @_;

    return $self->{port};
}


sub request {
    my ($self, $method, $uri, $body, %headers) = @_;

    return http_request($method, $self->{port}, $uri, $body, %headers);
}


sub get {
    my ($self, $uri, %headers) = @_;

    return $self->request('GET', $uri, undef, %headers);
}


sub post {
    my ($self, $uri, $body, %headers) = @_;

    return $self->request('POST', $uri, $body, %headers);
}


sub wait_log {
    my ($self, $pattern, $offset, $seconds) = @_;

    return wait_for(sub {
        return $self->log_since($offset // 0) =~ $pattern;
    }, $seconds);
}


# Two assertions.

sub finish {
    my ($self, $name, @expected) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    Test::More::ok($self->quit, "$name: nginx quits");

    my @faults = $self->faults(@expected);

    Test::More::is(join("\n", @faults), '', "$name: nginx leaves no faults");

    return;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local ($?, $!, $@);

    if (!$self->{keep}) {
        $self->kill_all;
        eval { remove_root($self->{root}) };
    }

    return;
}

1;

__END__

=head1 NAME

EventsServer - nginx with the module, for tests that are not made of blocks

=head1 SYNOPSIS

    use Test::More;
    use EventsBroker;
    use EventsServer 'wait_for';

    my $broker = EventsBroker->start;
    my $server = EventsServer->launch(workers => 2, config => "...");

    my ($status, $headers, $body) =
        $server->post('/events', '{"a":1}', 'X-Api-Key' => 'secret');

    ok $server->reload;
    ok wait_for(sub { !$server->leaving_workers }), 'old workers are gone';

    $server->finish('reload');

=head1 DESCRIPTION

A L<Test::Nginx::Server> (start quit stop reload upgrade signal pid workers
leaving_workers error_log log_end log_since faults ...) with a free port, a
server root F<t/servroot_PORT> that goes away with the object, and the
configuration of L<Test::Nginx::Config/server_config>, with a master process.

=head1 METHODS

=head2 launch(name => value, ...)

Writes the configuration and starts nginx; dies with its messages when it
does not start. Names: main_config http_config config post_main_config
workers worker_connections log_level user_files ..., C<daemon>, needed for
C<upgrade>, and C<without_module>, for nginx as it is.

=head2 configure(name => value, ...)

Writes the configuration anew, for C<reload>; names that are not given stay.

=head2 port

=head2 get(uri, [name => value, ...]), post(uri, body, [name => value, ...]),
request(method, uri, body, [name => value, ...])

Returns status, headers (name in lower case to an array), body and the
response, as L<Test::Nginx::Client/http_request>; C<timeout> is among the
names.

=head2 wait_log(regex, [offset, seconds])

Whether error.log comes to match.

=head2 finish(name, [expected fault ...])

Two assertions: nginx quits, and leaves no faults.

=head1 FUNCTIONS

=head2 load_module

The C<load_module> line: F<build/ngx_http_events_module.so> or
C<TEST_NGINX_EVENTS_MODULE>; empty when C<TEST_NGINX_LOAD_MODULES> is set.

=head2 guests(text, ...)

C<events_guests on> for a configuration with C<events_publish>, but without
C<events_guests>, C<events_api_keys> and C<events_principal>, else nothing.

=head2 wait_for(sub, [seconds])

See L<Test::Nginx::Server/wait_for>.

=cut
