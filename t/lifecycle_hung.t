# A broker that takes connections and never answers: each request ends before
# its deadline, none with 200, and nginx recovers and leaves in time.

use strict;
use warnings;

use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes qw(time);

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';

use constant {
    ACK_TIMEOUT => 2,
    QUICK       => 1.5,         # the machine may be busy
};


my $broker = EventsBroker->start;
my $config = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};

    location = /events {
        events_publish \$arg_topic;
        events_schema off;
        events_ack_timeout @{[ ACK_TIMEOUT ]}s;
    }

    location = /status { events_status json; }
END

END { kill 'CONT', $broker->pid if $broker && $broker->pid }


subtest 'under load' => sub {
    my ($server, $load) = under_load('load');

    kill 'STOP', $broker->pid;
    my $hung = time;

    my $failed = sub {
        return grep { $_->{when} > $hung && $_->{status} != 200 }
                    $load->requests;
    };

    ok(wait_for(sub { $failed->() >= 16 }, 20), 'the broker hangs');

    my @wrong = grep { $_->{when} - $_->{msec} / 1000 > $hung
                       && $_->{status} == 200 } $load->requests;

    is(scalar @wrong, 0, 'there is no 200 meanwhile');

    kill 'CONT', $broker->pid;

    ok($load->wait_more(200, 100), 'then it works again');
    ok($load->stop, 'the load ends');

    my ($slowest) = sort { $b <=> $a } map { $_->{msec} } $load->requests;

    cmp_ok($slowest, '<', 1000 * (ACK_TIMEOUT + QUICK),
           'all were answered in time');

    my %codes = map { $_->{code} => 1 } $load->requests;
    delete @codes{qw(- outcome_unknown broker_unreachable)};

    is(join(' ', keys %codes), '', 'nothing else is answered');

    $load->nothing_is_missing($broker->records('load'));
    $server->finish('hung');
};


# The first request makes the silence; no other one has to wait for it.

subtest 'fails fast' => sub {
    my $server = launch();

    $broker->create_topic('fast', 1);
    is(post($server, 'fast'), 200, 'nginx works');

    kill 'STOP', $broker->pid;

    ok(wait_for(sub { post($server, 'fast') =~ /broker_unreachable/ }, 20),
       'the broker hangs');
    ok($server->wait_log(qr/is unreachable: no broker answers/),
       'the log says so');

    my $held = held($server);
    my @answers = map { post($server, 'fast') } 1 .. 1000;

    is(scalar(grep { /^503 broker_unreachable$/ } @answers), 1000,
       'a thousand requests are refused, one after the other');
    is(held($server), $held, 'none of them was held');

    kill 'CONT', $broker->pid;

    ok($server->wait_log(qr/is reachable again after \d+ s/),
       'nobody has to ask whether it is back');
    is(post($server, 'fast'), 200, 'the first request');

    my @lines = $server->log_since(0) =~ /\[error\].*events: (.*)/g;

    is(scalar(grep { /^Kafka/ } @lines), 1, 'one error says why')
        or diag("@lines");
    cmp_ok($broker->count('fast'), '<=', 2 + 1,
           'nothing of what was refused is in Kafka');

    $server->finish('fails fast');
};


subtest 'hangs before the start' => sub {
    kill 'STOP', $broker->pid;

    my $server = launch();

    ok($server->wait_log(qr/is unreachable/), 'nginx knows without a request');

    my @answers = map { post($server, 'never') } 1 .. 20;

    is(scalar(grep { /^503 broker_unreachable$/ } @answers), 20,
       'all are refused');

    kill 'CONT', $broker->pid;

    ok($server->wait_log(qr/reachable again/), 'it comes back');
    is(post($server, 'never'), 200, 'the first request');
    is($broker->count('never'), 1, 'is the only one in Kafka');

    $server->finish('before the start');
};


subtest 'QUIT' => sub {
    my ($server, $load) = under_load('quit');

    kill 'STOP', $broker->pid;

    my $time = time;

    ok($server->quit(15), 'nginx quits');
    cmp_ok(time - $time, '<', 7, 'in time');
    is_deeply([ $server->faults ], [], 'and leaves no faults');

    kill 'CONT', $broker->pid;

    ok($load->stop, 'the load ends');

    my @unanswered = grep { $_->{status} == 0 && $_->{msec} > 100 }
                          $load->requests;

    is(scalar @unanswered, 0, 'those who waited were answered');
    $load->nothing_is_missing($broker->records('quit'));
};


subtest 'TERM' => sub {
    my ($server, $load) = under_load('term');

    kill 'STOP', $broker->pid;

    ok(wait_for(sub {
        decode_json(($server->get('/status'))[2])->{events}{in_flight} > 0;
    }), 'events are in flight');

    my $time = time;

    ok($server->stop, 'nginx stops');
    cmp_ok(time - $time, '<', 3, 'in time');
    is_deeply([ $server->faults ], [], 'and leaves no faults');

    kill 'CONT', $broker->pid;

    ok($load->stop, 'the load ends');
    $load->nothing_is_missing($broker->records('term'));
};


done_testing();


sub launch {
    return EventsServer->launch(workers => 1, log_level => 'info', config =>
        "events_kafka_grace 500ms;\n"
        . "access_log logs/waited.log waited;\n$config",
        http_config => "log_format waited '\$status \$events_ack_time';\n");
}


# Requests that waited for an outcome: the others have no ack time.

sub held {
    my ($server) = @_;

    my @lines = split /\n/, $server->read('logs/waited.log');

    return scalar grep { /^\d+ \d/ } @lines;
}


sub post {
    my ($server, $topic) = @_;

    my ($status, undef, $body) = $server->post("/events?topic=$topic", '{}');
    my ($code) = $body =~ /"code":"(\w+)"/;

    return $code ? "$status $code" : $status;
}


sub under_load {
    my ($topic) = @_;

    $broker->create_topic($topic, 4);

    my $server = EventsServer->launch(workers => 2, config => $config,
                                      log_level => 'info');
    my $load = EventsLoad->start(port => $server->port,
                                 uri  => "/events?topic=$topic");

    ok($load->wait_more(200, 100), 'nginx is under load');

    return ($server, $load);
}
