package PlatformExample;

# examples/platform, as it is but for ports, files and keys, in a server root of
# its own:
#
#     my $platform = PlatformExample->start($broker, workers => 2);
#     my ($status, $headers, $body) = $platform->post('/events', $event, ...);
#     ... $platform->{keys}{'web-playtv'}, $platform->lines ...
#     $platform->finish('platform');
#
# It is an EventsServer; requests go over TLS, by curl, with HTTP/2 unless
# {protocol} says otherwise.

use strict;
use warnings;

use parent 'EventsServer';

use Cwd qw(abs_path);
use File::Copy qw(copy);
use JSON::PP qw(decode_json);

use EventsServer 'load_module';
use Examples qw(adapted example_path read_example);
use StatusPage;
use Test::Nginx::Config qw(
    free_port make_root remove_root worker_user write_config
);
use Test::Nginx::Server 'wait_for';

use constant HOST => 'events.example.com';


sub missing_tools {
    return grep { system("command -v $_ >/dev/null") != 0 } qw(curl openssl);
}


sub start {
    my ($class, $broker, %arg) = @_;

    my $port = free_port();
    my $root = abs_path('t') . "/servroot_$port";

    my $self = $class->new(root => $root, port => $port,
                           keep => $ENV{TEST_NGINX_NO_CLEAN});

    $self->{status_port} = free_port();
    $self->{protocol} = '--http2';
    $self->{workers} = $arg{workers} // 2;
    $self->{brokers} = join ' ', split /,/, $broker->bootstrap;

    make_root($root);
    mkdir "$root/conf/tls" or die "$root/conf/tls: $!";

    copy(example_path('contract.schema.json'), "$root/conf")
        or die "contract: $!";

    $self->_make_certificate;
    $self->_make_keys;

    $self->_make_status_page;

    write_config($root, $self->_config);

    $self->SUPER::start or die $self->read('logs/stderr.log');

    return $self;
}


sub _config {
    my ($self) = @_;

    my $root = $self->{root};
    my $user = worker_user();
    my $temp = join '', map { "    ${_}_temp_path $root/${_}_temp;\n" }
                        qw(client_body proxy fastcgi scgi uwsgi);

    my $text = adapted(
        read_example('platform/nginx.conf'),
        [ qr/^load_module .*\n/m => load_module() ],
        [ qr/^user .*\n/m => $user ? "user $user;\n" : '' ],
        [ qr/^worker_processes +\Kauto/m => $self->{workers} ],
        [ qr{/run/nginx\.pid} => "$root/logs/nginx.pid" ],
        [ qr{/var/log/nginx/error} => "$root/logs/error" ],
        [ qr{/var/log/nginx/events} => "$root/logs/events" ],
        [ qr/kafka-1\S+ kafka-2[^;]+/ => $self->{brokers} ],
        [ qr/listen +\K443/ => "127.0.0.1:$self->{port}" ],
        [ qr/listen +\K\[::\]:443/ => '127.0.0.1:' . free_port() ],
        [ qr/listen +\K8081/ => "127.0.0.1:$self->{status_port}" ],
        [ qr/# +set_real_ip_from +\S+;/ => 'set_real_ip_from 127.0.0.1;' ],
        [ qr/# +(?=real_ip_header)/ => '' ],
        [ qr/^http \{\n\K/m => $temp ],
    );

    return "daemon off;\n$text";
}


sub _make_certificate {
    my ($self) = @_;

    my $dir = "$self->{root}/conf/tls";

    my $log = _run(qw(openssl req -x509 -newkey rsa:2048 -nodes -days 2),
                   '-subj', '/CN=' . HOST,
                   '-addext', 'subjectAltName=DNS:' . HOST,
                   '-keyout', "$dir/events.key", '-out', "$dir/events.pem");

    die $log if $?;

    return;
}


sub _make_status_page {
    my ($self) = @_;

    my $dir = "$self->{root}/conf/status-page";

    mkdir $dir or die "$dir: $!";

    open my $out, '>', "$dir/nginx.conf" or die "$dir: $!";
    print {$out} StatusPage::config(counters => 1);
    close $out or die "$dir: $!";

    return;
}


# The lines of the example, with keys that are known here.

sub _make_keys {
    my ($self) = @_;

    local $ENV{EVENTS_KEYS} = "$self->{root}/conf/events.keys";

    for my $line (split /\n/, read_example('platform/events.keys')) {
        next if $line =~ /^\s*(?:#|\z)/;

        my ($name, undef, @options) = split ' ', $line;
        my $text = _run(example_path('new-key'), $name, @options);

        ($self->{keys}{$name}) = $text =~ /^ +(ek_\S+)$/m or die $text;
    }

    return;
}


sub _run {
    my (@command) = @_;

    my $pid = open my $pipe, '-|';

    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        exec @command;
    }

    local $/;

    my $text = readline($pipe) // '';
    close $pipe;

    return $text;
}


# What "nginx -t" says of the example.

sub check {
    my ($self) = @_;

    return _run($self->{binary}, '-t', '-p', $self->{root},
                '-c', 'conf/nginx.conf');
}


sub request {
    my ($self, $method, $uri, $body, %headers) = @_;

    my $port = $self->{port};
    my $file = "$self->{root}/html/body";
    my @options = map { ('-H', "$_: $headers{$_}") } sort keys %headers;

    if (defined $body) {
        open my $out, '>:raw', $file or die "$file: $!";
        print {$out} $body;
        close $out;

        push @options, '--data-binary', "\@$file";
    }

    my $text = _run(qw(curl -sS -i --max-time 10), $self->{protocol},
                    '-X', $method,
                    '--cacert', "$self->{root}/conf/tls/events.pem",
                    '--connect-to', HOST . ":443:127.0.0.1:$port",
                    '-H', 'Content-Type: application/json', '-H', 'Expect:',
                    @options, 'https://' . HOST . $uri);

    my ($head, $content) = split /\r\n\r\n/, $text, 2;
    my ($status) = $head =~ m{\AHTTP/(?:2|1\.1) (\d+)} or die "curl: $text";
    my %fields;

    while ($head =~ /^([^:\r\n]+): *([^\r\n]*)/mg) {
        push @{ $fields{lc $1} }, $2;
    }

    return ($status, \%fields, $content);
}


# Many requests as fast as they go, n of them, with what the function returns
# as headers.  Returns how many had which status.

sub flood {
    my ($self, $n, $body, $headers) = @_;

    my $file = "$self->{root}/html/flood";

    open my $out, '>', $file or die "$file: $!";

    for my $i (1 .. $n) {
        my %headers = $headers->($i);

        print {$out} map({ "$_\n" }
            'url = https://' . HOST . '/events', "data = \"$body\"",
            "cacert = $self->{root}/conf/tls/events.pem",
            'connect-to = ' . HOST . ":443:127.0.0.1:$self->{port}",
            "header = \"Content-Type: application/json\"",
            map({ "header = \"$_: $headers{$_}\"" } sort keys %headers),
            'output = /dev/null', 'write-out = "%{http_code}\n"',
            $i < $n ? 'next' : ());
    }

    close $out or die "$file: $!";

    my $text = _run(qw(curl -Z --parallel-max 16 --no-progress-meter -K),
                    $file);
    my %count;

    $count{$_}++ for split /\n/, $text;

    return %count;
}


# The access log, once it has that many lines.

sub lines {
    my ($self, $n) = @_;

    wait_for(sub { $self->read('logs/events.log') =~ tr/\n// >= $n });

    return map { decode_json($_) } split /\n/, $self->read('logs/events.log');
}

1;
