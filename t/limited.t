# What limit_req refuses costs nobody a body.

use strict;
use warnings;

use EventsBroker;
use EventsServer;
use Test::More tests => 18;
use Test::Nginx::Client qw(exchange);

my $broker = EventsBroker->start;

$broker->create_topic('limited', 1);

my $server = EventsServer->launch(
    http_config => <<'END',
    limit_req_zone $events_guest_key zone=guest:1m rate=1r/m;
    limit_req_status 429;
    lingering_timeout 100ms;
END
    config      => <<"END",
    events_kafka_brokers @{[ $broker->bootstrap ]};
    events_guests on;
    events_cors_origin *;

    location = /events {
        events_publish limited;
        events_schema off;
        limit_req zone=guest;
    }
    location = /denied {
        events_publish limited;
        events_schema off;
        deny all;
    }
    location = /open {
        events_publish limited;
        events_schema off;
    }
END
);


# What is answered to headers alone, and whether 100 was.

sub headers_only {
    my ($uri, @lines) = @_;

    my $head = join "\r\n", "POST $uri HTTP/1.1", 'Host: localhost',
                    'Content-Length: 100000', @lines, '', '';
    my ($in) = exchange([ { value => $head } ], port => $server->port,
                        timeout => 10);

    return $in;
}


is(($server->post('/events', '{"a":1}'))[0], 200, 'one is taken');

for my $case ([ 'a body that does not come' ],
              [ 'a body that is asked for', 'Expect: 100-continue' ])
{
    my ($name, @lines) = @$case;

    my $in = headers_only('/events', @lines);

    like($in, qr{\AHTTP/1\.1 429 }, "$name: 429 at once");
    like($in, qr{\r\nContent-Type: application/json\r\n}, "$name: JSON");
    like($in, qr{\r\nRetry-After: [1-5]\r\n}, "$name: tells when");
    like($in, qr{\r\nAccess-Control-Allow-Origin: \*\r\n}, "$name: CORS");
    like($in, qr{"code":"rate_limited"}, "$name: a reason");
}

my $in = headers_only('/events', 'Expect: 100-continue');

like($in, qr{\r\nConnection: close\r\n}, 'nobody knows where a body ends');

$in = headers_only('/denied', 'Expect: 100-continue');

like($in, qr{\AHTTP/1\.1 403 .*"code":"forbidden"}s, 'deny asks for none');

my $head = join "\r\n", 'POST /open HTTP/1.1', 'Host: localhost',
                'Connection: close', 'Content-Length: 7',
                'Expect: 100-continue', '', '';

($in) = exchange([ { value => $head },
                   { value => '{"a":2}' } ],
                 port => $server->port, timeout => 10);

like($in, qr{\AHTTP/1\.1 100 Continue\r\n\r\nHTTP/1\.1 200 }s,
     'who may send is asked for the body');

ok($broker->wait_count('limited', 2, 5), 'two are in Kafka');
is($broker->count('limited'), 2, 'and no more');

$server->finish('limited');
