# What is posted to nginx is what kcat reads from Apache Kafka, byte for byte.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Compress::Zlib qw(memGzip);
use Test::More;
use Time::HiRes qw(time);

use EventsServer 'wait_for';
use KafkaCluster;


my $reason = KafkaCluster->skip_reason;
plan skip_all => $reason if $reason;

my $kafka = KafkaCluster->start(nodes => 1);

$kafka->create_topics({ name => 'events', partitions => 3 },
                      { name => 'many', partitions => 3 },
                      { name => 'partial' }, { name => 'dead' },
                      { name => 'small',
                        config => { 'max.message.bytes' => 2000 } });

my $server = EventsServer->launch(
    workers   => 2,
    log_level => 'info',
    config    => <<"END",
        events_kafka_brokers @{[ $kafka->bootstrap ]};

        location = /events {
            events_publish \$arg_topic;
            events_schema off;
            events_key /entity/id;
            events_kafka_header source edge-1;
            events_kafka_header agent \$http_user_agent;
        }

        location = /partial {
            events_publish partial;
            events_schema off;
            events_partial on;
            events_dead_letter dead;
        }
END
);

my %seen;


subtest 'key, headers, value' => sub {
    my $value = '{ "brand":"playtv" ,"entity" : {"id":"caf\\u00e9-1"},'
                . "\"n\":1.50e+3,\"s\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xac"
                . '\\ud83c\\udfac\\/\\u0000"}';
    my $trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    my $before = time;

    my ($status, $headers, $body) =
        post('events', " \n$value\n", 'Traceparent' => $trace,
             'User-Agent' => "client/1 \xc3\xa9");

    is($status, 200, 'is acknowledged') or diag($body);

    my ($id) = $body =~ /"request_id":"(\w+)"/;
    my ($record, @more) = records('events');

    is(scalar @more, 0, 'as one record');
    is($record->{value}, $value, 'with the value');
    is($record->{key}, "caf\xc3\xa9-1", 'the key');

    my %header = map { @$_ } @{ $record->{headers} };
    my $received_at = delete $header{received_at};

    is_deeply(\%header,
              { 'content-type' => 'application/json', request_id => $id,
                traceparent => $trace, brand => 'playtv', guest => 1,
                source => 'edge-1', agent => "client/1 \xc3\xa9" },
              'the headers');
    like($received_at, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
         'one of which is the time');
    cmp_ok(abs($record->{timestamp} / 1000 - $before), '<', 10,
           'and so is the timestamp');
};


subtest 'no key' => sub {
    is((post('events', '[{"a":1},{"entity":{"id":""}},{"entity":{}}]'))[0],
       200, 'is acknowledged');
    is_deeply([ map { $_->{key} } records('events') ],
              [ undef, undef, undef ], 'is no key, never an empty one');
};


subtest 'a large event' => sub {
    my $value = '{"s":"' . join('', map { "\xc3\xa9$_\\n" } 1 .. 30_000)
                . '"}';

    is((post('events', $value))[0], 200, 'is acknowledged');

    my ($record) = records('events');
    ok($record->{value} eq $value, 'with the value');
};


for my $encoding ('identity', 'gzip') {
    subtest "500 events, $encoding" => sub {
        my @values = map {
            qq({"brand":") . ($_ % 2 ? 'playtv' : 'parlor')
            . qq(","n":$_,"e":"$encoding","entity":{"id":"k$_"}})
        } 1 .. 500;

        my $body = '[' . join(", ", @values) . ']';
        $body = memGzip($body) if $encoding eq 'gzip';

        my ($status, $headers, $answer) =
            post('many', $body, 'Content-Encoding' => $encoding);

        is($status, 200, 'are acknowledged') or diag($answer);
        like($answer, qr/"accepted":500/, 'all of them');

        my @records = records('many');

        ok(join("\n", sort map { $_->{value} } @records)
           eq join("\n", sort @values), 'with their values');

        my @wrong = grep {
            my ($n, $brand) = ($_->{value} =~ /"n":(\d+)/,
                               $_->{value} =~ /"brand":"(\w+)"/);
            my %header = map { @$_ } @{ $_->{headers} };

            $_->{key} ne "k$n" || $header{brand} ne $brand;
        } @records;

        is(scalar @wrong, 0, 'each with its key and its brand');
    };
}


subtest 'a batch of which a part is rejected' => sub {
    my ($status, $headers, $body) =
        $server->post('/partial', '[{"a":1}, [ "x" ] ,{"a":2,"a":3},{"a":4}]');

    is($status, 207, 'is acknowledged') or diag($body);
    like($body, qr/"accepted":2,"rejected":2,/, 'in part');

    is_deeply([ map { $_->{value} } records('partial') ],
              [ '{"a":1}', '{"a":4}' ], 'that part is there, in order');

    my @dead;

    ok(wait_for(sub { push @dead, records('dead'); return @dead == 2 }, 10),
       'the rest are dead letters');
    is_deeply([ map { $_->{value} } @dead ], [ '[ "x" ]', '{"a":2,"a":3}' ],
              'as they came');

    my @reasons = map { my %h = map { @$_ } @{ $_->{headers} };
                        "$h{reason} $h{pointer}" } @dead;

    is_deeply(\@reasons, [ 'type ', 'duplicate_member /a' ], 'with reasons');
    is((grep { defined $_->{key} } @dead), 0, 'and no keys');
};


subtest 'what the topic does not take' => sub {
    my ($status, $headers, $body) =
        post('small', '{"a":"' . join('', map { rand } 1 .. 500) . '"}');

    is($status, 503, 'is refused') or diag($body);
    like($body, qr/"code":"broker_refused"/, 'as such');
    is((post('small', '{"a":1}'))[0], 200, 'what it takes is not');
    is_deeply([ map { $_->{value} } records('small') ], [ '{"a":1}' ],
              'and is all there is');
};


# Kafka does not create it here.

subtest 'a topic that does not exist yet' => sub {
    my ($status, $headers, $body) = post('later', '{"a":1}');

    is($status, 503, 'is not available') or diag($body);

    $kafka->create_topics({ name => 'later' });

    my $time = time;

    ok(wait_for(sub { (post('later', '{"a":2}'))[0] == 200 }, 30),
       'once it exists it is');
    note(sprintf 'after %.1f s', time - $time);

    is_deeply([ map { $_->{value} } records('later') ], [ '{"a":2}' ],
              'without what was refused');
};


$server->finish('publish');

done_testing();


sub post {
    my ($topic, $body, %headers) = @_;

    return $server->post("/events?topic=$topic", $body, %headers);
}


# Those that are new.

sub records {
    my ($topic) = @_;

    return grep { !$seen{"$topic/$_->{partition}/$_->{offset}"}++ }
                $kafka->consume($topic);
}
