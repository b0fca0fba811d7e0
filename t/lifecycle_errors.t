# What the broker says about records: retried, for good, or fatal.

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


# Error codes of Kafka's protocol.

subtest 'retried' => sub {
    my ($server, $load) = under_load('retried');

    for my $error ([ NOT_ENOUGH_REPLICAS => 19 ], [ NOT_LEADER => 6 ],
                   [ LEADER_NOT_AVAILABLE => 5 ])
    {
        my ($name, $code) = @$error;

        $broker->command("error Produce $code 20");
        ok($load->wait_more(200, 100), $name);
    }

    ok($load->stop, 'the load ends');
    is($load->count(200), scalar($load->requests), 'no client notices');

    my $result = $load->nothing_is_missing($broker->records('retried'));

    is("@{ $result->{twice} }", '', 'and nothing is there twice');
    $server->finish('retried');
};


subtest 'for good' => sub {
    my $server = start(workers => 1);

    $broker->create_topic('refused', 1);
    is(post($server, 'refused')->{status}, 200, 'nginx works');

    for my $error ([ MSG_SIZE_TOO_LARGE => 10 ], [ INVALID_RECORD => 87 ],
                   [ RECORD_LIST_TOO_LARGE => 18 ],
                   [ POLICY_VIOLATION => 44 ], [ INVALID_TIMESTAMP => 32 ])
    {
        my ($name, $code) = @$error;

        refused($server, $name, $code);
        is(post($server, 'refused')->{status}, 200, "$name: then it works");
    }

    # librdkafka gives up such a topic until it reads its metadata again

    refused($server, 'TOPIC_AUTHORIZATION_FAILED', 29);

    ok(wait_for(sub { post($server, 'refused')->{status} == 200 }, 20),
       'once it is granted, it works');

    is($broker->count('refused'), 7, 'what was refused is not in Kafka');
    $server->finish('for good');
};


subtest 'fatal' => sub {
    my ($server, $load) = under_load('fatal', workers => 1);
    my @workers = $server->workers;

    # an error of Produce for which librdkafka gives up the producer, and
    # then others of InitProducerId, which the next one needs

    for my $code (0, 31, 53) {
        my $end = $server->log_end;

        $broker->command("error InitProducerId $code 1") if $code;
        $broker->command('error Produce 45 1');

        ok($server->wait_log(qr/producer was replaced/, $end, 20),
           "$code: the producer is replaced");
        ok($load->wait_more(200, 100), "$code: then it works");

        # with a delay there are thousands

        my $refused = grep { $_->{code} eq 'broker_refused' }
                           $load->requests;

        cmp_ok($refused, '<', 300, 'at once') if !$code;
    }

    ok($load->stop, 'the load ends');
    $load->nothing_is_missing($broker->records('fatal'));

    my %codes = map { $_->{code} => 1 } $load->requests;
    delete @codes{qw(- broker_refused outcome_unknown)};

    is(join(' ', keys %codes), '', 'nothing else is answered');

    is_deeply([ $server->workers ], \@workers, 'no worker was lost');
    $server->finish('fatal');
};


done_testing();


sub start {
    return EventsServer->launch(workers => 2, config => $config,
                                log_level => 'info', @_);
}


sub refused {
    my ($server, $name, $code) = @_;

    $broker->command("error Produce $code 1");

    my $answer = post($server, 'refused');

    is($answer->{status}, 503, "$name: 503") or diag($answer->{body});
    like($answer->{body}, qr/"code":"broker_refused"/, "$name: its code");
    ok($answer->{headers}{'retry-after'}, "$name: Retry-After");

    return;
}


sub post {
    my ($server, $topic) = @_;

    my %answer;
    @answer{qw(status headers body)} =
        $server->post("/events?topic=$topic", '{"a":1}');

    return \%answer;
}


sub under_load {
    my ($topic, @arg) = @_;

    $broker->create_topic($topic, 4);

    my $server = start(@arg);
    my $load = EventsLoad->start(port => $server->port,
                                 uri  => "/events?topic=$topic");

    ok($load->wait_more(200, 100), 'nginx is under load');

    return ($server, $load);
}
