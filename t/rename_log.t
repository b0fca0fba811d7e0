# Who still sends old names: one line at once, and the rest of a minute in
# another one, or when the worker leaves.

use strict;
use warnings;

use Test::More tests => 9;

use EventsBroker;
use EventsServer 'wait_for';


my $broker = EventsBroker->start;
my $brokers = $broker->bootstrap;

my $server = EventsServer->launch(workers => 1, log_level => 'warn',
                                  config => <<"END");
    location /events {
        events_kafka_brokers  $brokers;
        events_publish        events;
        events_schema         off;
        events_rename         event_type action_type;
        events_rename         subject entity;
    }
    location /quiet {
        events_kafka_brokers  $brokers;
        events_publish        events;
        events_schema         off;
        events_rename         event_type action_type;
    }
END

my @agent = ('User-Agent' => "old\x{e9}app/1.0 " . 'x' x 200);

for (1 .. 3) {
    is(($server->post('/events/a', '[{"event_type":1},{"subject":2}]',
                      @agent))[0],
       200, 'old names are accepted');
}

is(($server->post('/events', '{"event_type":1}'))[0], 200,
   'and from another client');
is(($server->post('/quiet', '{"action_type":1}'))[0], 200,
   'and new names where there are renames');

ok($server->reload, 'reload');
ok(wait_for(sub { !$server->leaving_workers }), 'the old worker leaves');

my @lines = map { s/ in the last \d+ s / in the last N s /r }
            $server->error_log =~ /\[warn\] \S+ events: (.*)/g;

is_deeply(\@lines, [
    '2 events at "/events" used an old name, last from client 127.0.0.1, '
    . 'user agent "old\xE9app/1.0 ' . 'x' x (128 - 12) . '": '
    . '"event_type" of "action_type" (1), "subject" of "entity" (1)',
    '5 events in the last N s at "/events" used an old name, last from '
    . 'client 127.0.0.1, user agent "": "event_type" of "action_type" (3), '
    . '"subject" of "entity" (2)',
], 'a line at once, and one for all that came since');

ok($server->quit, 'nginx quits');
