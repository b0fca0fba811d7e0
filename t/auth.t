# The configurations of examples/auth, as they are but for ports and files.

use strict;
use warnings;

use Cwd qw(abs_path);
use EventsBroker;
use EventsServer;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;
use Test::Nginx::Config qw(free_port);

for my $tool (qw(curl openssl)) {
    plan(skip_all => "no $tool") if system("command -v $tool >/dev/null") != 0;
}

plan(tests => 11);

my $examples = abs_path(dirname(__FILE__) . '/../examples');
my $dir = tempdir(CLEANUP => 1);
my ($tls, $http, $auth) = (free_port(), free_port(), free_port());
my $broker = EventsBroker->start;

chmod 0755, $dir;
make_certificates();

$broker->create_topic('events', 1);

my $server = EventsServer->launch(
    http_config => join("\n",
        "events_kafka_brokers @{[ $broker->bootstrap ]};",
        'log_format who "$status [$events_principal]";',
        'access_log logs/who.log who;',
        example('client-certificate.conf'), example('auth-request.conf'),
        <<"END"));
server {
    listen 127.0.0.1:$auth;

    location / {
        if (\$http_x_token = alices) {
            add_header X-User alice;
            return 204;
        }
        return 401;
    }
}
END

my $event = '{"event_id":"5f0c8a52-1d0e-7c3b-9a44-0d3f5a6b7c8d",'
            . '"brand":"playtv","action_type":"a",'
            . '"entity":{"type":"video","id":"1"},'
            . '"occurred_at":"2026-11-23T19:20:05Z"}';

my ($status, $body) = post("https://localhost:$tls/events",
                           certificate('ingest'));

is($status, 200, 'a certificate') or diag($body);

for my $case ([ 'none' ], [ 'forged', certificate('forged') ]) {
    my ($name, @options) = @$case;

    ($status, $body) = post("https://localhost:$tls/events", @options);

    if ($name eq 'forged') {
        is($status, 400, 'a certificate of another authority');
        unlike($body, qr/accepted/, 'is not let in');
        next;
    }

    is($status, 401, 'no certificate');
    like($body, qr/"code":"unauthorized"/, 'is told so');
}

($status, $body) = post("http://127.0.0.1:$http/events",
                        '-H', 'X-Token: alices');

is($status, 200, 'a token') or diag($body);

($status, $body) = post("http://127.0.0.1:$http/events",
                        '-H', 'X-Token: guess');

is($status, 401, 'a token that is not known');
like($body, qr/"code":"unauthorized"/, 'is told so');

$broker->wait_count('events', 2, 5);

my @principals = map { my %header = map { @$_ } @{ $_->{headers} };
                       $header{principal} // '(none)' }
                 $broker->records('events');

is_deeply([ sort @principals ], [ 'CN=ingest-1,O=PlayTV', 'alice' ],
          'records tell who has sent them');

$server->finish('auth');


sub run {
    my (@command) = @_;

    my $pid = open my $pipe, '-|';

    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        exec @command;
    }

    my $text = do { local $/; readline($pipe) // '' };

    close $pipe or die "@command: $text";

    return $text;
}

sub make_certificates {
    for my $name (qw(clients others)) {
        run(qw(openssl req -x509 -newkey rsa:2048 -nodes -days 2),
            '-subj', "/CN=$name", '-keyout', "$dir/$name.key",
            '-out', "$dir/$name.pem");
    }

    make_certificate('server', 'clients', '/CN=localhost');
    make_certificate('ingest', 'clients', '/O=PlayTV/CN=ingest-1');
    make_certificate('forged', 'others', '/O=PlayTV/CN=ingest-1');
}

sub make_certificate {
    my ($name, $authority, $subject) = @_;

    run(qw(openssl req -new -newkey rsa:2048 -nodes -subj), $subject,
        '-keyout', "$dir/$name.key", '-out', "$dir/$name.csr");
    run(qw(openssl x509 -req -days 2 -CAcreateserial), '-in', "$dir/$name.csr",
        '-CA', "$dir/$authority.pem", '-CAkey', "$dir/$authority.key",
        '-out', "$dir/$name.pem");
}

sub example {
    my ($file) = @_;

    open my $handle, '<', "$examples/auth/$file" or die "$file: $!";

    my $text = do { local $/; readline($handle) };

    $text =~ s/\b(server|clients)\.(pem|key);/$dir\/$1.$2;/g;
    $text =~ s/contract\.schema\.json/$examples\/contract.schema.json/;
    $text =~ s/listen( +)8443/listen${1}127.0.0.1:$tls/;
    $text =~ s/listen( +)8080/listen${1}127.0.0.1:$http/;
    $text =~ s/127\.0\.0\.1:9000/127.0.0.1:$auth/;

    return $text;
}

sub post {
    my ($url, @options) = @_;

    my $text = run('curl', '-sS', '--max-time', 10, '--cacert',
                   "$dir/clients.pem", '--data-binary', $event,
                   '-H', 'Content-Type: application/json',
                   '-w', '\n%{http_code}', @options, $url);

    my ($body, $status) = $text =~ /\A(.*)\n(\d+)\z/s;

    return ($status, $body);
}

sub certificate {
    my ($name) = @_;

    return ('--cert', "$dir/$name.pem", '--key', "$dir/$name.key");
}
