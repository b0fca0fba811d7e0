# A broker that takes connections and never answers: each request ends before
# its deadline, none with 200, and nginx recovers and leaves in time.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';

use constant {
    ACK_TIMEOUT => 2,
    QUICK       => 0.5,         # the machine may be busy
};


my $broker = EventsBroker->start;
my $config = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};

    location = /events {
        events_publish \$arg_topic;
        events_schema off;
        events_ack_timeout @{[ ACK_TIMEOUT ]}s;
    }
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
    select undef, undef, undef, 0.05;       # for requests to be on their way

    my $time = time;

    ok($server->stop, 'nginx stops');
    cmp_ok(time - $time, '<', 3, 'in time');
    is_deeply([ $server->faults ], [], 'and leaves no faults');

    kill 'CONT', $broker->pid;

    ok($load->stop, 'the load ends');
    $load->nothing_is_missing($broker->records('term'));
};


done_testing();


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
