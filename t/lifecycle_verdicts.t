# Rejected events over time: partial answers that cross, the rate of dead
# letters, what of these is lost while Kafka is away, the log of a dry run.

use strict;
use warnings;

use IO::Socket::INET;
use Test::More;
use Time::HiRes qw(time);

use EventsBroker;
use EventsServer 'wait_for';

use constant {
    CLIENTS => 20,
    RATE    => 50,
    QUICK   => 1.5,             # the machine may be busy
};

my $Lost = qr/events:\ (\d+)\ rejected\ events\ were\ not\ sent\ to\ the\ dead
              \ letter\ topic:\ (.*)/x;

my $broker = EventsBroker->start;
my $config = <<"END";
    events_kafka_brokers @{[ $broker->bootstrap ]};

    location = /partial {
        events_publish valid;
        events_schema ../html/c.json;
        events_partial on;
    }

    location = /rate {
        events_publish valid;
        events_schema off;
        events_dead_letter rate rate=@{[ RATE ]};
    }

    location = /outage {
        events_publish valid;
        events_schema off;
        events_dead_letter outage rate=10;
        events_ack_timeout 3s;
    }

    location = /leave {
        events_publish valid;
        events_schema off;
        events_ack queued;
        events_dead_letter leave;
    }

    location = /dry {
        events_publish valid;
        events_schema off;
        events_dry_run on;
    }
END

$broker->create_topic($_, 1) for qw(valid rate outage leave);

my $server = EventsServer->launch(
    config     => $config,
    log_level  => 'info',
    user_files => ">>> c.json\n{\"required\":[\"a\"]}\n",
);


# The batch is the worker's: while one answer waits, others are read.

subtest 'answers in flight' => sub {
    $broker->command('rtt 300');

    my @clients = map { send_batch($_) } 1 .. CLIENTS;

    for my $n (1 .. CLIENTS) {
        my $answer = do { local $/; readline $clients[$n - 1] };

        like($answer, qr/^HTTP\/1\.1 207 .*"accepted":1,"rejected":$n,/s,
             "client $n");
        is(join(' ', $answer =~ /"index":(\d+)/g), join(' ', 1 .. $n),
           "client $n has its own errors");
    }

    $broker->command('rtt 0');
    is($broker->count('valid'), CLIENTS, 'what is valid is in Kafka');
};


subtest 'the rate' => sub {
    my $from = $server->log_end;
    my $started = time;
    my $rejected = 0;
    my $body = '[' . join(',', 1 .. 100) . ']';

    while (time - $started < 2.5) {
        is(($server->post('/rate', $body))[0], 422, 'is rejected')
            or last;
        $rejected += 100;
    }

    my $seconds = int(time - $started) + 2;
    my $sent;

    ok(wait_for(sub {
           $sent = $broker->count('rate');
           return $sent + lost($from) == $rejected;
       }, 10), 'each event is sent, or told of')
        or diag("$sent + " . lost($from) . " of $rejected");

    cmp_ok($sent, '>=', 2 * RATE, 'it goes on every second');
    cmp_ok($sent, '<=', $seconds * RATE, 'but not faster');

    my @lines = $server->log_since($from) =~ /$Lost/g;

    cmp_ok(@lines / 2, '<=', $seconds + 1, 'one line a second');
};


subtest 'Kafka is away' => sub {
    my $from = $server->log_end;

    $broker->command('down all');

    for my $n (1 .. 10) {
        my $started = time;

        is(($server->post('/outage', '[1,2,3]'))[0], 422, 'is rejected');
        cmp_ok(time - $started, '<', QUICK, 'at once');
    }

    ok(wait_for(sub { lost($from) == 30 }, 10),
       'all that is lost is in the log')
        or diag(lost($from));

    $broker->command('up all');

    ok(wait_for(sub {
           $server->post('/outage', '[1]');
           return $broker->count('outage') > 0;
       }, 10), 'then it works');
};


subtest 'the log of a dry run' => sub {
    my $from = $server->log_end;
    my $started = time;
    my $n = 0;
    my @told;

    # the last line tells what there was since the one before

    ok(wait_for(sub {
           is(($server->post('/dry', '[1,{"a":1},2]'))[0], 200, 'is accepted');
           $n++;
           @told = dry_runs($from);
           return $n > 2 && time - $started > 1.5 && $told[0] == 2 * $n;
       }, 10), 'what would be rejected is counted')
        or diag("@told of $n batches");

    is($told[1], 3 * $n, 'and so is the rest');
    cmp_ok($told[2], '>=', 2, 'there is more than one line');
    cmp_ok($told[2], '<=', time - $started + 2, 'and one a second at most');
};


$server->finish('verdicts');


# A worker that leaves flushes dead letters as well, and tells what is lost.

subtest 'dead letters in flight' => sub {
    my $leaving = EventsServer->launch(
        config      => $config,
        http_config => 'events_shutdown_timeout 2s;',
        log_level   => 'info',
        user_files  => ">>> c.json\n{}\n",
    );

    $broker->command('rtt 100');

    is(($leaving->post('/leave', '[1,2,3]'))[0], 422, 'is rejected');
    ok($leaving->reload && wait_for(sub { !$leaving->leaving_workers }, 10),
       'reload');
    is($broker->count('leave'), 3, 'what was in flight is in Kafka');

    is(($leaving->post('/leave', '[1,2]'))[0], 422, 'is rejected');
    is(($leaving->post('/leave', '{}'))[0], 202, 'is queued');
    $broker->command('down all');
    ok($leaving->quit, 'nginx quits');

    my $log = $leaving->error_log;

    like(join(' ', $log =~ /$Lost/g), qr/^2 _PURGE_\w+$/,
       'dead letters that are lost are told');
    like($log, qr/\[error\].*[ ]1[ ]events[ ]were[ ]not[ ]acknowledged[ ]within
                  [ ]2000[ ]ms[ ]and[ ]are[ ]given[ ]up:[ ]\w/x,
         'and so are records');
    is_deeply([ $leaving->faults ], [], 'it leaves no faults');
};


done_testing();


# A valid event, then n that are not.

sub send_batch {
    my ($n) = @_;

    my $body = '[{"a":1}' . ',{}' x $n . ']';

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $server->port)
                 // die "cannot connect: $!";

    print {$socket} "POST /partial HTTP/1.1\r\nHost: h\r\n"
                    . "Connection: close\r\n"
                    . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    $socket->flush;

    return $socket;
}


sub lost {
    my ($from) = @_;

    my @found = $server->log_since($from) =~ /$Lost/g;
    my $n = 0;

    while (my ($lost) = splice @found, 0, 2) {
        $n += $lost;
    }

    return $n;
}


# Counts of all lines, and their number.

sub dry_runs {
    my ($from) = @_;

    my @lines = grep { /dry run/ } split /\n/, $server->log_since($from);
    my ($rejected, $received) = (0, 0);

    for my $line (@lines) {
        my ($n, $of) = $line =~ /(\d+) of (\d+) events would be rejected/;

        $rejected += $n;
        $received += $of;
    }

    return ($rejected, $received, scalar @lines);
}
