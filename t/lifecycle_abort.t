# Clients that do not wait for the answer: no crash, and nothing stays behind.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

use EventsBroker;
use EventsServer 'wait_for';
use Http2 qw(preface frame take_frame request HEADERS PING RST_STREAM);
use Test::Nginx::Config 'free_port';

use constant CLIENTS => 100;


my $broker = EventsBroker->start;
my $port2 = free_port();
my $location = <<'END';
    location = /events { events_publish events; events_schema off; }
END

my $server = EventsServer->launch(
    workers     => 1,
    log_level   => 'info',
    http_config => <<"END",
        events_kafka_brokers @{[ $broker->bootstrap ]};

        # a fraction of what is sent and not waited for
        events_kafka_memory 128k;

        server { listen $port2 http2; $location }
END
    config => $location . 'location = /status { stub_status; }',
);

is(($server->post('/events', '{}'))[0], 200, 'nginx works');

my ($worker) = $server->workers;
my $files = files();
my $sent = 1;


for my $case ([ 'a closed connection' => \&leave ],
              [ 'a reset connection' => \&leave, 1 ],
              [ 'a reset stream' => \&reset_streams ],
              [ 'a closed HTTP/2 connection' => \&reset_streams, 1 ])
{
    my ($name, $leave, @args) = @$case;

    subtest $name => sub {
        $broker->command('rtt 200');
        $leave->(@args);
        $broker->command('rtt 0');

        $sent += CLIENTS;

        ok(wait_for(sub { active() == 1 }), 'no connection stays');
        ok(wait_for(sub { files() <= $files }), 'no file stays');
        ok($broker->wait_count('events', $sent), 'events are in Kafka')
            or diag($broker->count('events'), " of $sent");

        is(($server->post('/events', '{}'))[0], 200, 'nginx still works');
        $sent++;
    };
}


subtest 'the budget is whole' => sub {
    my $batch = '[' . join(',', (qq({"a":"@{[ 'x' x 500 ]}"})) x 140) . ']';

    is(($server->post('/events', $batch))[0], 200, 'nearly all of it');
};


is_deeply([ $server->workers ], [ $worker ], 'no worker was lost');
$server->finish('abort');

done_testing();


sub active {
    my ($body) = ($server->get('/status'))[2];

    return $body =~ /Active connections: (\d+)/ ? $1 : -1;
}


sub files {
    my @files = glob "/proc/$worker/fd/*";

    return scalar @files;
}


# Once all requests are in, and before the broker answers.

sub leave {
    my ($reset) = @_;

    my @clients;

    for (1 .. CLIENTS) {
        my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $server->port) or die "$!";
        $c->autoflush(1);
        print $c "POST /events HTTP/1.1\r\nHost: localhost\r\n"
                 . "Content-Length: 7\r\n\r\n{\"a\":1}";
        push @clients, $c;
    }

    ok(wait_for(sub { writing() >= CLIENTS + 1 }), 'all wait');

    for my $c (@clients) {
        setsockopt $c, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0 if $reset;
        close $c;
    }

    ok(wait_for(sub { active() == 1 }, 0.15), 'nginx sees that at once')
        if !$reset;

    return;
}


sub writing {
    my ($body) = ($server->get('/status'))[2];

    return $body =~ /Writing: (\d+)/ ? $1 : -1;
}


# One connection, a stream for each request.

sub reset_streams {
    my ($close) = @_;

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $port2) or die "$!";
    $c->autoflush(1);
    print $c preface();

    my $stream = 1;

    for (1 .. CLIENTS) {
        print $c request($stream, '{"a":1}');
        $stream += 2;
    }

    # an answer to what comes after them: nginx has read them all

    print $c frame(PING, 0, 0, 'received');
    ok(answer($c, sub { $_[0] == PING && $_[3] eq 'received' }), 'all wait');

    if (!$close) {
        print $c frame(RST_STREAM, 0, 2 * $_ - 1, pack 'N', 8) for 1 .. CLIENTS;
        print $c request($stream, '{"a":1}');

        ok(answer($c, sub { $_[0] == HEADERS && $_[2] == $stream
                            && substr($_[3], 0, 1) eq "\x88" }),
           'the next stream is answered 200');
        $sent++;
    }

    close $c;

    return;
}


sub answer {
    my ($c, $is_wanted) = @_;

    my $in = '';
    my $select = IO::Select->new($c);

    while ($select->can_read(10)) {
        sysread $c, $in, 65536, length $in or return 0;

        while (my @frame = take_frame(\$in)) {
            return 1 if $is_wanted->(@frame);
        }
    }

    return 0;
}
