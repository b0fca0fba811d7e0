# events_limit over workers, reloads and time.

use strict;
use warnings;

use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

use EventsBroker;
use EventsServer 'wait_for';


my $broker = EventsBroker->start;
my $brokers = 'events_kafka_brokers ' . $broker->bootstrap . ';';

# an endpoint for each topic, that tells which worker answered

sub endpoint {
    my ($name, $limits) = @_;

    $broker->create_topic($name, 1);

    return <<"END";
    location = /$name {
        events_publish $name;
        events_schema off;
        add_header X-Pid \$pid always;
        $limits
    }
END
}


subtest 'two workers, one bucket' => sub {
    my $server = EventsServer->launch(
        workers     => 2,
        log_level   => 'info',
        http_config => <<"END",
    $brokers
    events_limit_zone \$arg_k   zone=each:1m rate=1e/m;
    events_limit_zone \$arg_all zone=all:1m  rate=1e/m;
END
        config      => endpoint('one', 'events_limit zone=each burst=12000;'
                                       . 'events_ack queued;'
                                       . 'keepalive_requests 100000;')
                       . endpoint('both', 'events_limit zone=each burst=100;'
                                          . 'events_limit zone=all burst=150;'),
    );

    # so many that workers meet: one that did not see what the other charges
    # would let more pass

    my ($answers, $pids) = contend(8, sub {
        flood($server, '/one?k=a', 3000, @_);
    });

    is(scalar keys %$pids, 2, 'both workers answer');
    is($answers->{202}, 12000, 'as many events pass as the burst says');
    is($answers->{429}, 12000, 'others do not');
    ok($broker->wait_count('one', 12000, 20),
       'and all that passed is in Kafka');

    # half of them have one sender, half another: together they have less

    ($answers, $pids) = contend(12, sub {
        my ($give) = @_;

        for (1 .. 60) {
            my $k = $_ % 2 ? 'a' : 'b';
            my ($status, $headers) =
                $server->post("/both?all=1&k=${k}both", '{}');
            $give->($status, $headers->{'x-pid'}[0]);
        }
    });

    is($answers->{200}, 150, 'with two zones the fuller one decides');
    is($answers->{429}, 12 * 60 - 150, 'for all others');
    is($broker->count('both'), 150, 'and all that passed is in Kafka');

    # what refused requests would have cost is still there for each sender

    my ($a, $b) = map {
        my $k = $_;
        scalar grep { status($server, "/both?k=${k}both") == 200 } 1 .. 100;
    } qw(a b);

    is($a + $b, 50, 'the other zone was not charged for what was refused');

    my $log = $server->error_log;
    my $warnings = () = $log =~ /\[warn\].* events: limiting 1 events/g;
    my $infos = () = $log =~ /\[info\].* events: limiting 1 events/g;

    cmp_ok($warnings, '>=', 1, 'there is a warning');
    cmp_ok($infos, '>', 50 * $warnings, 'and not one for each request');

    $server->finish('two workers');
};


subtest 'reload' => sub {
    my $conf = sub {
        my ($key, $rate, $burst, $size) = @_;

        return (http_config => <<"END", config => <<"END");
    $brokers
    events_limit_zone $key zone=one:$size rate=$rate;
END
    location = /e {
        events_publish reload;
        events_schema off;
        events_limit zone=one burst=$burst;
    }
END
    };

    $broker->create_topic('reload', 1);

    my $server = EventsServer->launch(workers => 2, log_level => 'info',
                                      $conf->('$arg_k', '1e/m', 3, '1m'));
    my $post = sub { status($server, '/e?k=a', $_[0]) };

    is($post->(3), 200, 'the bucket is full');
    is($post->(1), 429, 'and refuses');

    ok(reloaded($server), 'reload');
    is($post->(1), 429, 'it is still full');

    $server->configure($conf->('$arg_k', '1e/m', 5, '1m'));
    ok(reloaded($server), 'reload with a larger burst');
    is($post->(3), 429, 'three are more than the two that fit now');
    is($post->(2), 200, 'two fit');

    $server->configure($conf->('$arg_k', '600e/m', 5, '1m'));
    ok(reloaded($server), 'reload with a faster rate');
    ok(wait_for(sub { $post->(5) == 200 }, 10), 'and it drains faster');

    $server->configure($conf->('$arg_other', '600e/m', 5, '1m'));
    my $offset = $server->log_end;
    $server->signal('HUP');
    ok($server->wait_log(qr/\[emerg\].* "one" has the key "\$arg_other" now/,
                         $offset, 10), 'another key is refused');
    ok(wait_for(sub { $post->(1) == 200 }, 10), 'the old configuration stays');

    $server->configure($conf->('$arg_other', '600e/m', 5, '2m'));
    ok(reloaded($server), 'another size makes another zone');
    is(status($server, '/e?other=a', 5), 200, 'which is empty');

    ok($server->quit, 'nginx quits');
    is_deeply([ grep { !/\[emerg\].* has the key/ } $server->faults ], [],
              'and leaves no other faults');
};


subtest 'Retry-After is when the batch passes' => sub {
    my $server = EventsServer->launch(
        log_level   => 'info',
        http_config => <<"END",
    $brokers
    events_limit_zone \$arg_k zone=one:1m rate=10e/s;
END
        config => endpoint('later', 'events_limit zone=one burst=20;'),
    );

    # 15 events fit again after a second and a half

    my $full = time;
    is(status($server, '/later?k=a', 20), 200, 'the bucket is full');
    my ($status, $headers) = $server->post('/later?k=a', batch(15));

    is($status, 429, 'and refuses');
    is($headers->{'retry-after'}[0], 2, 'for two seconds');

    my ($refused, $passed) = (0);

    wait_for(sub {
        return $passed = time if status($server, '/later?k=a', 15) == 200;
        $refused = time;
        return 0;
    }, 20);

    cmp_ok($passed - $full, '>=', 1.45, 'it does not pass much earlier');
    cmp_ok($refused - $full, '<', 2, 'and not later');

    $server->finish('Retry-After');
};


subtest 'a full zone forgets the oldest, and goes on' => sub {
    my $server = EventsServer->launch(
        log_level   => 'info',
        http_config => <<"END",
    $brokers
    events_limit_zone \$arg_k zone=small:32k rate=1e/m;
    events_limit_zone \$arg_k zone=large:1m  rate=1e/m;
END
        config => endpoint('small', 'events_limit zone=small burst=1;'
                                     . 'events_ack queued;')
                  . endpoint('large', 'events_limit zone=large burst=1;'
                                       . 'events_ack queued;'),
    );
    my @k = 1 .. 400;

    for my $zone (qw(small large)) {
        is(scalar(grep { status($server, "/$zone?k=$_") == 202 } @k), @k,
           "$zone: new keys always pass");
        is(status($server, "/$zone?k=400"), 429, 'the last one is known');
    }

    is(status($server, '/small?k=1'), 202, 'small: the first was forgotten');
    is(status($server, '/large?k=1'), 429, 'large: the first is known');

    $server->finish('full zone');
};


done_testing();


sub batch {
    my ($n) = @_;

    return '[' . join(',', ('{}') x ($n // 1)) . ']';
}


sub status {
    my ($server, $uri, $n) = @_;

    return ($server->post($uri, batch($n)))[0];
}


sub reloaded {
    my ($server) = @_;

    return $server->reload(20)
           && wait_for(sub { !$server->leaving_workers }, 20);
}


# As many requests of one event, on one connection, a hundred at once.

sub flood {
    my ($server, $uri, $n, $give) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $server->port) or die "$!";
    my $request = "POST $uri HTTP/1.1\r\nHost: localhost\r\n"
                  . "Content-Length: 2\r\n\r\n{}";

    for (1 .. $n / 100) {
        print {$socket} $request x 100;
        $socket->flush;

        for (1 .. 100) {
            my ($status) = readline($socket) =~ / (\d+) /;
            my %header;

            while ((my $line = readline $socket) =~ /^([\w-]+): (\V*)/) {
                $header{ lc $1 } = $2;
            }

            read $socket, my $body, $header{'content-length'};
            $give->($status, $header{'x-pid'});
        }
    }

    return;
}


# So many processes that do this at once; how often each status came, and each
# worker.

sub contend {
    my ($processes, $make) = @_;

    my @pipes = map {
        pipe my $read, my $write or die "$!";
        my $pid = fork // die "$!";

        if (!$pid) {
            $make->(sub { print {$write} "@_\n" });
            close $write;
            POSIX::_exit(0);
        }

        close $write;
        [ $pid, $read ];
    } 1 .. $processes;

    my (%answers, %pids);

    for (@pipes) {
        my ($pid, $read) = @$_;

        while (my $line = readline $read) {
            my ($status, $worker) = split ' ', $line;
            $answers{$status}++;
            $pids{$worker}++;
        }

        waitpid $pid, 0;
    }

    return (\%answers, \%pids);
}
