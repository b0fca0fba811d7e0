# A key that make key has made, from its line in the file to a log that does
# not have it, over HTTP/2.

use strict;
use warnings;

use Cwd qw(abs_path);
use EventsBroker;
use EventsServer qw(wait_for);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;
use Test::Nginx::Config qw(free_port);

plan(skip_all => 'no curl') if system('command -v curl >/dev/null') != 0;
plan(tests => 24);

my $tool = abs_path(dirname(__FILE__) . '/../examples/new-key');
my $dir = tempdir(CLEANUP => 1);
my $port = free_port();


# Returns exit status, output and messages.

sub new_key {
    my ($file, @arguments) = @_;

    local $ENV{EVENTS_KEYS} = $file;

    my $pid = open my $pipe, '-|';

    if (!$pid) {
        open STDERR, '>', "$dir/stderr";
        exec $tool, @arguments;
    }

    my $text = do { local $/; readline($pipe) // '' };

    close $pipe;

    return ($? >> 8, $text, read_text("$dir/stderr"));
}

sub read_text {
    my ($file) = @_;

    open my $handle, '<', $file or return '';

    return do { local $/; readline($handle) // '' };
}

sub curl {
    my (@options) = @_;

    open my $pipe, '-|', 'curl', '-sS', '--http2-prior-knowledge',
         '--max-time', 10, '-w', '\n%{http_code}',
         '-H', 'Origin: https://a.example',
         '-H', 'Content-Type: application/json', @options
        or die "curl: $!";

    my $text = do { local $/; readline($pipe) // '' };

    close $pipe;

    return $text =~ /\n(\d+)\z/ ? $1 : $text;
}


my ($status, $output) = new_key('', 'ios-app');

is($status, 0, 'a key');

my ($key) = $output =~ /^    (ek_[A-Za-z0-9_-]{32})$/m;
my ($line) = $output =~ /^    (ios-app sha256:[0-9a-f]{64})$/m;

ok($key, 'is printed');
ok($line, 'so is its line');
unlike($line, qr/\Q$key\E/, 'which does not have it');

my (undef, $other) = new_key('', 'ios-app');

unlike($other, qr/\Q$key\E/, 'the next one is another');

for my $bad ([], [ '' ], [ 'a b' ], [ "a\nb" ], [ 'x' x 65 ], [ 'a', 'b' ],
             [ 'a', 'brand=' ], [ 'a', 'brand=a b' ], [ 'a', 'origin' ])
{
    ($status, $output) = new_key('', @$bad);

    is("$status $output", '1 ', "not: '@$bad'");
}

new_key("$dir/keys", 'ios-app');
($status, $output) = new_key("$dir/keys", 'web', 'brand=playtv',
                             'origin=https://a.example');

($key) = $output =~ /^    (ek_\S+)$/m;
is($status, 0, 'a key is added to a file');

($status, undef, my $message) = new_key("$dir/keys", 'web');

is($status, 1, 'not twice');
like($message, qr/has a key of that name/, 'and says so');

my $broker = EventsBroker->start;

$broker->create_topic('events', 1);

my $server = EventsServer->launch(
    log_level   => 'info',
    http_config => <<"END",
    log_format key '\$status \$events_principal \$request \$arg_key';
    access_log logs/key.log key;

    server {
        listen 127.0.0.1:$port http2;

        location / {
            events_kafka_brokers @{[ $broker->bootstrap ]};
            events_publish events;
            events_schema off;
            events_api_keys $dir/keys;
            events_api_key \$arg_key;
            events_cors_origin https://a.example;
            client_max_body_size 100;
        }
    }
END
);

my $url = "http://127.0.0.1:$port/?key=$key";

is(curl('-d', '{"brand":"playtv"}', $url), 200, 'nginx knows it');
is(curl('-d', '{"brand":"parlor"}', $url), 403, 'and what it is bound to');

# curl may take an answer before the end of its request for an error

curl('-d', 'x' x 200, $url);
curl('-d', '{}', "http://127.0.0.1:$port/?key=guess");

my $log;

wait_for(sub { ($log = $server->read('logs/key.log')) =~ tr/\n// == 4 }, 5);

my $stars = '*' x length $key;

is($log, <<"END", 'the access log has names');
200 web POST /?key=$stars HTTP/2.0 $stars
403 web POST /?key=$stars HTTP/2.0 $stars
413 web POST /?key=$stars HTTP/2.0 $stars
401 - POST /?key=***** HTTP/2.0 *****
END

unlike($server->read('logs/error.log'), qr/\Q$key\E/, 'so has the error log');
is($broker->count('events'), 1, 'one event is in Kafka');

$server->finish('new key');
