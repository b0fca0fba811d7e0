package Test::Nginx::Socket;

use strict;
use warnings;

# First in the file: the code of a test file must not see what is below.

sub evaluate {
    return eval $_[0];
}


use File::Spec;
use List::Util qw(shuffle);
use Test::More ();

use Test::Nginx::Assertions qw(is_str add_response_body_check);
use Test::Nginx::Block ();
use Test::Nginx::Config qw(free_port remove_root);
use Test::Nginx::Runner;

our @EXPORT = qw(
    repeat_each no_shuffle no_long_string no_diff workers master_on master_off
    master_process_enabled log_level timeout worker_connections
    no_root_location config_preamble env_to_nginx server_name server_root
    html_dir server_port server_port_for_client check_accum_error_log
    add_block_preprocessor add_response_body_check add_cleanup_handler
    add_test_cleanup_handler bail_out run_tests blocks filters is_str
);

my @TestMore = grep { /^\w/ } @Test::More::EXPORT;

use constant PACKET_SLEEP => 0.015;

my %Set = (
    repeat_each        => 1,
    workers            => 1,
    worker_connections => 64,
    timeout            => $ENV{TEST_NGINX_TIMEOUT} || 3,
    log_level          => $ENV{TEST_NGINX_LOG_LEVEL} || 'debug',
    master_process     => _on_off($ENV{TEST_NGINX_MASTER_PROCESS} || 'off'),
    server_name        => 'localhost',
    preamble           => '',
    root_location      => 1,
    shuffle            => !$ENV{TEST_NGINX_NO_SHUFFLE},
    accumulate         => $ENV{TEST_NGINX_CHECK_ACCUM_ERR_LOG},
    sleep              => $ENV{TEST_NGINX_SLEEP} || PACKET_SLEEP,
    verbose            => $ENV{TEST_NGINX_VERBOSE},
    env                => [],
);

my ($Root, $Runner, $Blocks);
my (@Preprocessors, @TestCleanups, @Cleanups);
my $Owner = $$;


sub import {
    my ($class, @args) = @_;

    my $caller = caller;
    my $base = grep { /^-base$/i } @args;

    strict->import;
    warnings->import;

    if ($base) {
        no strict 'refs';
        push @{"${caller}::ISA"}, $class;

    } elsif (@args) {
        Test::More->builder->exported_to($caller);
        Test::More::plan(@args);
    }

    _export($class, $caller);

    return;
}


sub _export {
    my ($class, $caller) = @_;

    no strict 'refs';
    no warnings 'redefine';

    *{"${caller}::$_"} = \&{"Test::More::$_"} for @TestMore;
    *{"${caller}::TODO"} = \$Test::More::TODO;

    for my $package (__PACKAGE__, $class) {
        for my $name (@{"${package}::EXPORT"}) {
            *{"${caller}::$name"} = \&{"${package}::$name"};
        }
    }

    return;
}


sub _on_off {
    my ($value) = @_;

    return $value =~ /^(?:on|1)$/ ? 'on' : 'off';
}


sub _setting {
    my ($name, @value) = @_;

    if (@value) {
        $Set{$name} = $value[0];
    }

    return $Set{$name};
}


sub repeat_each        { return _setting('repeat_each', @_) }
sub workers            { return _setting('workers', @_) }
sub worker_connections { return _setting('worker_connections', @_) }
sub timeout            { return _setting('timeout', @_) }
sub log_level          { return _setting('log_level', @_) }
sub server_name        { return _setting('server_name', @_) }
sub config_preamble    { return _setting('preamble', @_) }
sub no_shuffle         { return _setting('shuffle', 0) }
sub no_root_location   { return _setting('root_location', 0) }
sub check_accum_error_log { return _setting('accumulate', 1) }
sub master_on          { return _setting('master_process', 'on') }
sub master_off         { return _setting('master_process', 'off') }
sub no_long_string     { $Test::Nginx::Assertions::LongString = 0; return }
sub no_diff            { return }


sub master_process_enabled {
    return _setting('master_process', map { $_ ? 'on' : 'off' } @_);
}


sub env_to_nginx {
    push @{ $Set{env} }, @_;

    return;
}


sub add_block_preprocessor(&) {
    unshift @Preprocessors, shift;

    return;
}


sub add_cleanup_handler {
    unshift @Cleanups, shift;

    return;
}


sub add_test_cleanup_handler {
    unshift @TestCleanups, shift;

    return;
}


sub filters {
    my ($filters) = @_;

    %Test::Nginx::Block::Defaults = (%Test::Nginx::Block::Defaults, %$filters);

    return;
}


sub server_port            { return _setting('port', @_) }
sub server_port_for_client { return _setting('port', @_) }
sub server_root            { return $Root }
sub html_dir               { return "$Root/html" }


sub bail_out {
    my (@message) = @_;

    _cleanup();
    Test::More::BAIL_OUT(join '', @message);

    return;
}


sub blocks {
    if (!$Blocks) {
        no warnings 'once';
        local $/;

        my $text = defined fileno main::DATA ? <main::DATA> : '';

        $Blocks = [ Test::Nginx::Block->parse($text) ];

        Test::More::diag('ONLY: the other blocks of this file are not run')
            if grep { defined $_->ONLY } @$Blocks;
    }

    $_->run_filters for @$Blocks;

    return wantarray ? @$Blocks : scalar @$Blocks;
}


sub run_tests {
    my @blocks = blocks();

    @blocks = shuffle(@blocks) if $Set{shuffle};

    for my $block (@blocks) {
        $_->($block) for @Preprocessors;

        $block->set_value(name => "$0 " . $block->name);

        if (!eval { $Runner->run($block); 1 }) {
            Test::More::fail($block->name . " - $@");
        }

        $_->($block) for @TestCleanups;

        last if $block == $blocks[-1] && $ENV{TEST_NGINX_NO_CLEAN};

        $Runner->finish($block);
    }

    _cleanup();

    return;
}


sub _cleanup {
    $_->() for splice @Cleanups;

    $Runner->stop;

    return;
}


sub _set_up {
    my $port = $ENV{TEST_NGINX_SERVER_PORT} || $ENV{TEST_NGINX_PORT} || 1984;
    my $root = $ENV{TEST_NGINX_SERVROOT} || 't/servroot';

    if ($ENV{TEST_NGINX_RANDOMIZE}) {
        $port = free_port();
        $root = "t/servroot_$port";
    }

    $Set{port} = $port;
    $Root = File::Spec->rel2abs($root);
    $Runner = Test::Nginx::Runner->new(root => $Root, set => \%Set,
                                       evaluate => \&evaluate);

    $ENV{TEST_NGINX_SERVER_PORT} = $port;
    $ENV{TEST_NGINX_SERVER_ROOT} = $Root;
    $ENV{TEST_NGINX_HTML_DIR} //= "$Root/html";

    for my $signal (qw(INT TERM HUP)) {
        $SIG{$signal} = sub { exit 1 };
    }

    return;
}


_set_up();


END {
    if ($$ == $Owner) {
        local $?;

        _cleanup();

        remove_root($Root)
            if $ENV{TEST_NGINX_RANDOMIZE} && !$ENV{TEST_NGINX_NO_CLEAN};
    }
}

1;

__END__

=head1 NAME

Test::Nginx::Socket - runs the blocks of a test file against nginx

=head1 SYNOPSIS

    use Test::Nginx::Socket 'no_plan';

    run_tests();

    __DATA__

    === TEST 1: a name
    --- config
        location = /t { return 200 "ok"; }
    --- request
    GET /t
    --- response_body chomp
    ok

=head1 DESCRIPTION

A runner for test files in the format of the module of the same name in
openresty/test-nginx, for machines that have nothing but Perl. Files that
pass here pass there: put its F<lib> before this one in C<PERL5LIB>. The
format is documented there; this page lists what is understood here, and what
differs.

=head1 FUNCTIONS

repeat_each no_shuffle no_long_string no_diff workers master_on master_off
master_process_enabled log_level timeout worker_connections no_root_location
config_preamble env_to_nginx server_name server_root html_dir server_port
server_port_for_client check_accum_error_log add_block_preprocessor
add_response_body_check add_cleanup_handler add_test_cleanup_handler bail_out
run_tests blocks filters is_str, and those of L<Test::More>.

C<use Test::Nginx::Socket -Base;> makes the package a subclass: test files
C<use> it instead, and get these functions and those in its C<@EXPORT>. The
upstream runner rewrites the source of a subclass (a C<sub name> in it becomes
a method), so what it does belongs into a package of its own.

Perl code in sections (C<init>, C<skip_eval>, the filter C<eval>) runs under
C<strict> and not in package C<main>: functions of the test file are called
C<main::name>.

=head1 SECTIONS

Server: main_config http_config config post_main_config server_name
user_files post_setup_server_root init log_level error_log_file

Requests: request raw_request raw_request_middle_delay pipelined_requests
more_headers timeout abort ignore_response wait shutdown http09

Expectations: error_code error_code_like response_body response_body_like
response_body_unlike response_body_filters response_headers
response_headers_like raw_response_headers_like raw_response_headers_unlike
error_log no_error_log grep_error_log grep_error_log_out shutdown_error_log
no_shutdown_error_log access_log no_access_log must_die

Meta: ONLY SKIP LAST skip_eval skip_nginx

=head1 ENVIRONMENT

TEST_NGINX_BINARY, _PORT, _SERVROOT, _LOAD_MODULES, _RANDOMIZE (a free port
and a server root of its own, for C<prove -j>), _NO_SHUFFLE, _SLEEP,
_TIMEOUT, _VERBOSE, _MASTER_PROCESS, _LOG_LEVEL, _WORKER_USER, _EVENT_TYPE,
_USE_VALGRIND, _NO_CLEAN (nginx of the last block stays).

=head1 DIFFERENCES

nginx runs in the foreground as a child, and is ended after each block. A
block fails also when nginx was ended by a signal or does not quit, on alert
and emergency lines, "open socket", sanitizer text, failed assertions and
valgrind findings. Lines that C<error_log> or the section C<allow_faults>
(patterns, one a line) expects are left out.

An error in an C<eval> filter or in a section's value fails the block, and so
do bytes after a response (except with C<raw_request>) and a body that is cut.

The upstream runner needs, on Debian, libtest-base-perl libtest-longstring-perl
liblist-moreutils-perl libtext-diff-perl libwww-perl.

=cut
