package Test::Nginx::Runner;

use strict;
use warnings;

use Test::More ();
use Time::HiRes qw(sleep);

use Test::Nginx::Assertions qw(
    check_response check_logs check_patterns check_no_patterns patterns
);
use Test::Nginx::Client qw(exchange parse_response);
use Test::Nginx::Config qw(
    make_root write_config write_user_files server_config expand_env
);
use Test::Nginx::Request qw(requests_of method_of seconds);
use Test::Nginx::Server;

use constant LOG_SLEEPS => 3;

my $NginxVersion;


sub new {
    my ($class, %arg) = @_;

    return bless { %arg }, $class;
}


sub run {
    my ($self, $block) = @_;

    my $repeats = $self->{set}{repeat_each};

    if (my $skip = $self->_skip($block)) {
        _skip_tests($block, @$skip) for 1 .. $repeats;
        return;
    }

    $self->{ports} = {};

    my $is_up = $self->_start($block);

    if (defined $block->must_die) {
        $self->_check_death($block, $_, $is_up) for 0 .. $repeats - 1;
        return;
    }

    if (!$is_up) {
        Test::More::fail($block->name . ' - nginx starts');
        Test::More::diag($self->{server}->read('logs/stderr.log'));
        return;
    }

    $self->_eval_section($block, 'init');

    my $offset = 0;

    for my $repeat (0 .. $repeats - 1) {
        $offset = $self->_run_once($block, $repeat, $offset);
    }

    return;
}


sub _eval_section {
    my ($self, $block, $section) = @_;

    my $code = $block->$section // return;

    $self->{evaluate}->($code);

    die "section \"$section\" failed: $@\n" if $@;

    return;
}


sub _skip {
    my ($self, $block) = @_;

    if (defined(my $rule = $block->skip_eval)) {
        my ($n, $code) = $rule =~ /^\s*(\d+)\s*:\s*(.*)/s
            or die "invalid skip_eval \"$rule\"\n";

        my $is_true = $self->{evaluate}->($code);
        die "skip_eval failed: $@\n" if $@;

        return [ $n, 'skip_eval' ] if $is_true;
    }

    if (defined(my $rule = $block->skip_nginx)) {
        my ($n, $operator, $version, $reason) =
            $rule =~ /^\s*(\d+)\s*:\s*([<>]=?)\s*([\d.]+)\s*(?::\s*(.*))?$/s
            or die "invalid skip_nginx \"$rule\"\n";

        return [ $n, $reason || "nginx version $operator $version" ]
            if _compare(_nginx_version(), $operator, $version);
    }

    return;
}


sub _skip_tests {
    my ($block, $n, $reason) = @_;

    my $builder = Test::More->builder;

    $builder->skip($block->name . " - $reason") for 1 .. $n;

    return;
}


sub _nginx_version {
    $NginxVersion //= Test::Nginx::Server->new->version;

    return $NginxVersion;
}


sub _compare {
    my ($left, $operator, $right) = @_;

    my @right = split /\./, $right;
    my $order = 0;

    for my $part (split /\./, $left) {
        $order ||= $part <=> (shift @right // 0);
    }

    return $order < 0  ? $operator =~ /</
         : $order == 0 ? $operator =~ /=/
         :               $operator =~ />/;
}


# A block without a section "config" runs with that of the block before.

sub _start {
    my ($self, $block) = @_;

    if (defined $block->config) {
        $self->{config} = $self->_config_of($block);

    } elsif (!defined $self->{config}) {
        die "there is no section \"config\", and no block before\n";
    }

    make_root($self->{root});

    $self->_eval_section($block, 'post_setup_server_root');

    $self->_write_files($block);
    write_config($self->{root}, $self->{config});

    my @plain = defined $block->must_die ? (valgrind => undef) : ();

    $self->{server} = Test::Nginx::Server->new(
        root => $self->{root}, keep => $ENV{TEST_NGINX_NO_CLEAN}, @plain,
    );

    $self->_say('starting ', join ' ', $self->{server}->command);

    return $self->{server}->start;
}


sub _write_files {
    my ($self, $block) = @_;

    write_user_files($self->{root}, scalar $block->user_files, $self->{ports});

    return;
}


sub _config_of {
    my ($self, $block) = @_;

    my $set = $self->{set};
    my $root = $self->{root};

    my %section = map {
        $_ => expand_env(scalar $block->$_, $self->{ports}) // ''
    } qw(main_config http_config config post_main_config);

    return server_config(
        %$set, %section,
        root         => $root,
        port         => $set->{port},
        load_modules => $ENV{TEST_NGINX_LOAD_MODULES},
        error_log    => $block->error_log_file // "$root/logs/error.log",
        log_level    => $block->log_level // $set->{log_level},
        server_name  => $block->server_name // $set->{server_name},
    );
}


sub _check_death {
    my ($self, $block, $repeat, $is_up) = @_;

    my $name = $block->name;
    my $server = $self->{server};
    my $expected = $block->must_die;

    if ($repeat > 0) {
        $is_up = $server->start;
    }

    my $status = $server->status;

    if (!$is_up && ($expected // '') =~ /^\d+$/) {
        Test::More::is($status >> 8, $expected,
                       "$name - die with the expected exit code");

    } else {
        Test::More::ok(!$is_up && $status, "$name - die as expected");
    }

    $server->quit if $is_up;

    check_logs($block, { error_log => sub { return $server->error_log } },
               { repeat => $repeat, ports => $self->{ports}, log_delay => 0,
                 no_access_log => 1 });

    return;
}


# Returns where the log of the next repeat begins.

sub _run_once {
    my ($self, $block, $repeat, $offset) = @_;

    my $set = $self->{set};
    my $server = $self->{server};

    my $read = {
        error_log => sub {
            return $server->log_since($set->{accumulate} ? 0 : $offset);
        },
        access_log => sub { return $server->read('logs/access.log') },
    };

    $self->_write_files($block) if $repeat > 0;

    my @requests = requests_of($block, $self->{ports});
    my $pipelined = $block->pipelined_requests;
    my $responses = $pipelined ? @$pipelined : @requests;
    my $bytes = '';

    for my $index (0 .. $responses - 1) {
        my $packets = shift @requests;

        $bytes = $self->_exchange($block, $packets) if $packets;

        my $at = {
            index => $index, repeat => $repeat, ports => $self->{ports},
            many  => $responses > 1 || $pipelined,
            log_delay => $set->{sleep} * LOG_SLEEPS,
        };

        $bytes = _check($block, $bytes, $at);

        _check_end($block, $bytes)
            if $index == $responses - 1 || !$pipelined;

        sleep $block->wait if $block->wait;

        $offset += length check_logs($block, $read, $at);
    }

    return $offset;
}


# Returns the bytes that follow the response.

sub _check {
    my ($block, $bytes, $at) = @_;

    return '' if defined $block->ignore_response;

    if (defined $block->http09) {
        check_response($block, { code => 200, raw_headers => '',
                                 headers => {}, body => $bytes }, $at);
        return '';
    }

    my $is_head = method_of($block, $at->{index}) eq 'HEAD';
    my ($response, $left) = parse_response($bytes, head => $is_head);

    check_response($block, $response, $at);

    return $left;
}


sub _check_end {
    my ($block, $bytes) = @_;

    return if $bytes eq '' || defined $block->raw_request;

    Test::More::fail($block->name . ' - nothing follows the response');
    Test::More::diag($bytes);

    return;
}


sub _exchange {
    my ($self, $block, $packets) = @_;

    my $set = $self->{set};
    my $shutdown = $block->shutdown;

    if (defined $shutdown && $shutdown !~ /\d/) {
        $shutdown = 1;
    }

    $self->_say('request ', map { "[$_->{value}]" } @$packets);

    my ($bytes, $ended) = exchange(
        $packets,
        port     => $set->{port},
        timeout  => seconds($block->timeout // $set->{timeout}),
        delay    => $block->raw_request_middle_delay // $set->{sleep},
        shutdown => $shutdown,
    );

    $self->_say("response [$bytes]");

    if (!$ended && !defined $block->abort) {
        Test::More::fail('ERROR: client socket timed out - ' . $block->name);
    }

    return $bytes;
}


# Ends nginx and reports what it left behind.

sub finish {
    my ($self, $block) = @_;

    my $server = delete $self->{server} // return;
    my $name = $block->name;
    my $offset = $server->log_end;

    Test::More::fail("$name - nginx quits") if !$server->quit;

    my $text = $server->log_since($offset);

    check_patterns($name, 'error.log at exit', $text,
                   patterns(scalar $block->shutdown_error_log));
    check_no_patterns($name, 'error.log at exit', $text,
                      patterns(scalar $block->no_shutdown_error_log));

    my @faults = $server->faults(_expected_faults($block));

    if (@faults) {
        Test::More::fail("$name - nginx leaves no faults");
        Test::More::diag(join "\n", @faults);
    }

    return;
}


sub _expected_faults {
    my ($block) = @_;

    my @sections = qw(error_log shutdown_error_log grep_error_log
                      allow_faults);

    return ((map { patterns(scalar $block->$_) } @sections),
            defined $block->must_die ? qr/\[emerg\]/ : ());
}


sub stop {
    my ($self) = @_;

    my $server = delete $self->{server};

    $server->quit if $server && !$ENV{TEST_NGINX_NO_CLEAN};

    return;
}


sub _say {
    my ($self, @text) = @_;

    Test::More::diag(@text) if $self->{set}{verbose};

    return;
}

1;

__END__

=head1 NAME

Test::Nginx::Runner - runs one block after the other

=head1 METHODS

=head2 new(root => dir, set => settings, evaluate => sub)

The settings are those that the functions of L<Test::Nginx::Socket> change;
C<evaluate> runs the Perl code of a section and sets C<$@>.

=head2 run(block)

Starts nginx, sends the requests C<repeat_each> times and checks; leaves
nginx running. Dies with a message when a section has no meaning.

=head2 finish(block)

Ends nginx, checks C<shutdown_error_log> and C<no_shutdown_error_log>, and
fails for each fault of L<Test::Nginx::Server/faults> that none of
C<error_log>, C<shutdown_error_log>, C<grep_error_log> and C<allow_faults>
expects.

=head2 stop

Ends nginx without a word.

=cut
