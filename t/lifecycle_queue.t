# The queue's budget: a batch goes in whole or is answered 503 queue_full,
# and the budget is whole again once all is reported.

use strict;
use warnings;

use Test::More;

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';


my $broker = EventsBroker->start;
my $config = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};
    events_kafka_memory 64k;

    location = /events { events_publish \$arg_topic; events_schema off; }
END

my $server = EventsServer->launch(workers => 2, config => $config,
                                  log_level => 'info');


subtest 'a batch larger than the budget' => sub {
    $broker->create_topic('large', 2);

    my $batch = '[' . join(',', map { qq({"event_id":"l$_"}) } 1 .. 400) . ']';

    my ($status, $headers, $body) = $server->post('/events?topic=large',
                                                  $batch);

    is($status, 413, 'is refused');
    like($body, qr/"code":"batch_too_large"/, 'as such');
    ok(!$headers->{'retry-after'}, 'for good');
    ok($broker->wait_count('large', 0), 'nothing of it is kept');
    is(($server->post('/events?topic=large', '{}'))[0], 200,
       'the next one is not');
};


subtest 'under load' => sub {
    $broker->create_topic('load', 4);
    $broker->command('rtt 100');

    my $load = EventsLoad->start(port => $server->port, batch => 20,
                                 connections => 32,
                                 uri => '/events?topic=load');

    ok($load->wait_more(503, 50), 'the queue is full');
    ok($load->wait_more(200, 20), 'yet batches go in');

    # all at once fails until all is reported; what leaked would never be

    ok($load->stop, 'the load ends');
    $broker->command('rtt 0');

    my ($full) = grep { $_->{status} == 503 } $load->requests;

    is($full->{code}, 'queue_full', 'which is said');

    is_deeply([ grep { $_->{status} != 200 && $_->{code} ne 'queue_full' }
                     $load->requests ], [], 'nothing else is answered');

    $load->nothing_is_missing($broker->records('load'));
};


subtest 'the budget is whole again' => sub {
    my $n = 135;                # of 480 bytes are 64,800: one more is refused

    for my $round (1 .. 20) {
        is(post($n), 200, "all of it, round $round");
    }

    is(post($n + 5), 413, 'and not more');
};


$server->finish('queue');

done_testing();


# Of a value of 96 bytes; librdkafka's message and our slot are 384 more.

sub post {
    my ($n) = @_;

    my $event = sprintf '{"a":"%s"}', 'x' x 88;

    return ($server->post('/events?topic=large',
                          '[' . join(',', ($event) x $n) . ']'))[0];
}
