# A real Prometheus with examples/prometheus watches a real nginx: silent while
# all is well, and what fires when Kafka goes, and then nginx.

use strict;
use warnings;

use Cwd qw(getcwd);
use File::Temp qw(tempdir);
use JSON::PP qw(decode_json);
use POSIX ();
use Test::More;

use EventsBroker;
use EventsServer;
use Examples qw(adapted read_example);
use Test::Nginx::Client 'http_request';
use Test::Nginx::Config 'free_port';
use Test::Nginx::Server 'wait_for';

use constant PATIENCE => 60;        # seconds; the machine may be busy

plan skip_all => 'no prometheus'
    if system('command -v prometheus >/dev/null') != 0;

my $broker = EventsBroker->start;

$broker->create_topic('events', 1);

my $server = start_server();
my $port = free_port();
my $pid = start_prometheus();

my $event = '{"event_id":"5f0c8a52-1d0e-7c3b-9a44-0d3f5a6b7c8d",'
            . '"brand":"playtv","action_type":"a",'
            . '"entity":{"type":"video","id":"1"},'
            . '"occurred_at":"2026-11-23T19:20:05Z"}';

is(($server->post('/events', $event))[0], 200, 'an event') for 1 .. 3;

ok(comes(sub { value('events_acknowledged_total') == 3 }),
   'Prometheus has what nginx counts');
ok(comes(sub {
    $server->post('/events', $event);
    return value('job:events_rejected:ratio_rate10m') == 0;
}), 'and has gone through the rules');

# a machine that is busy may be slow

is(value('count(ALERTS{alertname!="EventsAcksSlow"}) or vector(0)'), 0,
   'no alert is on');

$broker->stop;

ok(comes(sub {
    $server->post('/events', $event);
    return firing('EventsKafkaDown') && firing('EventsServerErrors')
           && firing('EventsFailed');
}), 'Kafka is down, clients get errors, and events fail');

$server->finish('alerts', qr/events: /);

ok(comes(sub { firing('EventsTargetDown') }), 'nginx is down');

done_testing;


sub start_server {
    my $bootstrap = join ' ', split /,/, $broker->bootstrap;
    my $contract = getcwd() . '/examples/contract.schema.json';

    return EventsServer->launch(config => <<"END", http_config => <<"END");
        location = /metrics { events_status prometheus; }

        location = /events {
            events_publish      events;
            events_schema       $contract;
            events_ack_timeout  300ms;
        }
END
        events_kafka_brokers  $bootstrap;
END
}


# The example's files, but for the address, and with seconds for minutes.

sub start_prometheus {
    my $dir = tempdir(CLEANUP => 1);
    my $address = '127.0.0.1:' . $server->port;

    my %files = (
        'prometheus.yml'   => [ [ qr/nginx-1\S+:8081/ => $address ],
                                [ qr/.*nginx-2.*\n/ => '' ],
                                [ qr/_interval: \K15s/ => '1s' ] ],
        'events.rules.yml' => [ [ qr/for: \K\d+[smh]$/m => '1s' ] ],
    );

    for my $name (keys %files) {
        open my $out, '>:raw', "$dir/$name" or die "$name: $!";
        print {$out} adapted(read_example("prometheus/$name"),
                             @{ $files{$name} });
        close $out or die "$name: $!";
    }

    my $child = fork // die "fork: $!";

    if ($child == 0) {
        open STDERR, '>', "$dir/log";
        { no warnings 'exec';
          exec 'prometheus', "--config.file=$dir/prometheus.yml",
               "--storage.tsdb.path=$dir/data",
               "--web.listen-address=127.0.0.1:$port"; }
        POSIX::_exit(127);
    }

    return $child;
}


sub comes {
    my ($condition) = @_;

    return wait_for($condition, PATIENCE);
}


sub firing {
    my ($name) = @_;

    return value(qq{ALERTS{alertname="$name",alertstate="firing"}}) == 1;
}


# Of the first series, or -1 if there is none, or no answer yet.

sub value {
    my ($query) = @_;

    $query =~ s/([^\w])/sprintf '%%%02x', ord $1/ge;

    my ($status, undef, $text) = http_request(
        'GET', $port, "/api/v1/query?query=$query", undef);

    return -1 if ($status // 0) != 200;

    my ($series) = @{ decode_json($text)->{data}{result} };

    return $series ? $series->{value}[1] : -1;
}


END {
    if ($pid) {
        local $?;

        kill 'TERM', $pid;
        waitpid $pid, 0;
    }
}
