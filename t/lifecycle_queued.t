# events_ack queued: what was answered 202 is flushed when a worker leaves.

use strict;
use warnings;

use Test::More;
use Time::HiRes qw(time);

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';


my $broker = EventsBroker->start;
my $config = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};

    # so that the queue is never empty
    events_kafka_property linger.ms 1000;

    location = /events {
        events_publish \$arg_topic;
        events_schema off;
        events_ack queued;
    }
END


for my $case ([ QUIT => sub { $_[0]->quit } ], [ TERM => sub { $_[0]->stop } ],
              [ HUP => \&reload ])
{
    my ($name, $act) = @$case;

    subtest $name => sub {
        my $topic = lc $name;

        $broker->create_topic($topic, 4);

        my $server = start();
        my $load = EventsLoad->start(port => $server->port,
                                     uri  => "/events?topic=$topic");

        ok($load->wait_more(202, 200), 'nginx is under load');
        my $time = time;

        ok($act->($server), $name);
        cmp_ok(time - $time, '<', 5, 'in time');
        ok($load->stop, 'the load ends');
        ok($server->quit, 'nginx quits');
        is_deeply([ $server->faults ], [], 'and leaves no faults');

        my $result = $load->compare(202, $broker->records($topic));

        cmp_ok($result->{answered}, '>', 200, 'there were answers 202');
        is("@{ $result->{missing} }", '', 'what was answered is in Kafka');
        note($load->table);
    };
}


subtest 'a flush that is given up is told' => sub {
    my $server = start(http_config => 'events_shutdown_timeout 300ms;',
                       workers => 1);

    $broker->create_topic('lost', 1);
    is(($server->post('/events?topic=lost', '[{},{}]'))[0], 202, 'queued');

    $broker->command('down all');

    my $time = time;

    ok($server->quit, 'nginx quits');
    cmp_ok(time - $time, '<', 2, 'in time');
    like($server->error_log, qr/\[error\].*2 events were not acknowledged/,
         'and tells how many events were lost');
    is_deeply([ $server->faults ], [], 'it leaves no faults');

    $broker->command('up all');
};


# The master kills who takes longer than about three seconds.

subtest 'all producers of a worker share the time to flush' => sub {
    my $more = 'events_ack queued; events_schema off; events_ack_timeout';
    my $server = start(workers => 1, config => <<"END");
    events_kafka_brokers @{[ $broker->bootstrap ]};

    location = /one { events_publish one; $more 10s; }
    location = /two { events_publish two; $more 11s; }
END

    $broker->command('rtt 60000');

    is(($server->post($_, '{}'))[0], 202, "queued for $_") for qw(/one /two);

    ok($server->stop, 'nginx stops');

    my $lost = () = $server->error_log
                    =~ /\[error\].*1 events were not acknowledged/g;

    is($lost, 2, 'and tells what was lost by each of them');
    is_deeply([ $server->faults ], [], 'it leaves no faults');

    $broker->command('rtt 0');
};


done_testing();


sub reload {
    my ($server) = @_;

    return $server->reload
           && wait_for(sub { !$server->leaving_workers }, 20);
}


sub start {
    return EventsServer->launch(workers => 2, config => $config,
                                log_level => 'info', @_);
}
