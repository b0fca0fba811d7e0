# A new binary takes over under load (USR2, WINCH, QUIT), and a new binary
# that is given up does not disturb the old one.

use strict;
use warnings;

use Test::More;

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';


my $broker = EventsBroker->start;
my $config = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};
    location = /events { events_publish \$arg_topic; events_schema off; }
END


subtest 'upgrade' => sub {
    my ($server, $load) = under_load('upgrade');
    my $old = $server->pid;
    my $new = $server->upgrade(20);

    ok($new, 'a new master has workers') or return;
    ok($load->wait_more(200, 40), 'both answer');

    kill 'WINCH', $old;
    ok(wait_for(sub { !children($server, $old, $new) }, 20),
       'the old workers leave');
    ok($load->wait_more(200, 40), 'the new ones answer');

    kill 'QUIT', $old;
    ok(wait_for(sub { !$server->is_running($old) }, 20),
       'the old master leaves');
    ok($load->wait_more(200, 40), 'the new one answers');

    ends_well($server, $load, 'upgrade');
};


subtest 'upgrade that is given up' => sub {
    my ($server, $load) = under_load('rollback');
    my $old = $server->pid;
    my $new = $server->upgrade(20);

    ok($new, 'a new master has workers') or return;

    kill 'WINCH', $old;
    ok(wait_for(sub { !children($server, $old, $new) }, 20),
       'the old workers leave');
    ok($load->wait_more(200, 40), 'the new ones answer');

    kill 'HUP', $old;
    ok(wait_for(sub { 2 == grep { $_ != $new } $server->workers($old) }, 20),
       'the old master has workers again');

    kill 'QUIT', $new;
    ok(wait_for(sub { !$server->is_running($new) }, 20),
       'the new master leaves');
    ok(wait_for(sub { ($server->pid // 0) == $old }), 'the old one stays');
    ok($load->wait_more(200, 40), 'and answers');

    ends_well($server, $load, 'rollback');
};


done_testing();


sub under_load {
    my ($topic) = @_;

    $broker->create_topic($topic, 8);

    my $server = EventsServer->launch(workers => 2, config => $config,
                                      daemon => 1, log_level => 'info');
    my $load = EventsLoad->start(port => $server->port,
                                 uri  => "/events?topic=$topic");

    ok($load->wait_more(200, 100), 'nginx is under load');

    return ($server, $load);
}


sub children {
    my ($server, $old, $new) = @_;

    return grep { $_ != $new } $server->children($old);
}


sub ends_well {
    my ($server, $load, $topic) = @_;

    ok($load->stop, 'the load ends');

    $load->nothing_is_missing($broker->records($topic));
    is($load->count(503) + $load->count(504) + $load->count(500), 0,
       'no client was refused');

    $server->finish($topic);

    return;
}
