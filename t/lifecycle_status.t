# Counters of all workers: through load, reload, outage and killed workers.

use strict;
use warnings;

use IO::Socket::INET;
use JSON::PP qw(decode_json);
use List::Util qw(sum0);
use Test::More;

use EventsBroker;
use EventsLoad;
use EventsServer 'wait_for';


my $broker = EventsBroker->start;
my $brokers = 'events_kafka_brokers ' . $broker->bootstrap . ';';

my $pages = <<'END';
    location = /status { events_status json; }
    location = /metrics { events_status prometheus; }
    location = /health { events_health; }
END


sub launch {
    my ($topic, %arg) = @_;

    $broker->create_topic($topic, 2);

    my $more = delete $arg{more} // '';

    return EventsServer->launch(
        workers     => 2,
        log_level   => 'info',
        http_config => $brokers,
        config      => <<"END",
    $pages
    location = /events {
        events_publish $topic;
        events_schema off;
        events_ack_timeout 3s;
        $more
    }
END
        %arg,
    );
}


sub status {
    my ($server) = @_;

    my ($code, $headers, $body) = $server->get('/status');

    return $code == 200 ? decode_json($body) : die "$code $body";
}


# What does not add up; nothing, if all is well.

sub faults {
    my ($s) = @_;

    my $e = $s->{events};
    my %brands = map { my $k = $_;
                       $k => sum0(map { $_->{$k} } values %{ $s->{brands} })
                     } qw(accepted rejected);

    my @sums = (
        [ received => $e->{received}, $e->{accepted} + $e->{rejected} ],
        [ accepted => $e->{accepted},
          $e->{acknowledged} + $e->{failed} + $e->{in_flight} ],
        [ rejected => $e->{rejected}, sum0(values %{ $s->{rejected} }) ],
        [ failed => $e->{failed}, sum0(values %{ $s->{failed} }) ],
        [ 'brands accepted' => $e->{accepted}, $brands{accepted} ],
        [ 'brands rejected' => $e->{rejected}, $brands{rejected} ],
        [ buckets => $s->{ack_seconds}{count},
          $s->{ack_seconds}{buckets}[-1]{count} ],
    );

    return map { "$_->[0]: $_->[1], not $_->[2]" }
               grep { $_->[1] != $_->[2] } @sums;
}


# Counters that are less than they were.

sub shrunk {
    my ($before, $now) = @_;

    return map { "$_: $before->{events}{$_}, then $now->{events}{$_}" }
               grep { $_ ne 'in_flight'
                      && $now->{events}{$_} < $before->{events}{$_} }
                    keys %{ $now->{events} };
}


# One assertion: as long as the load goes on, and until so many batches more
# were answered, nothing is ever wrong.

sub watch {
    my ($name, $server, $load, $until) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my ($n, $in_flight, @faults) = (0, 0);
    my $before = status($server);

    my $ended = wait_for(sub {
        my $now = status($server);

        push @faults, faults($now), shrunk($before, $now);

        $n++;
        $in_flight++ if $now->{events}{in_flight} > 0;
        $before = $now;

        return @faults || ($n >= 100 && $until->());
    }, 60);

    ok($ended && !@faults, $name) or diag(join "\n", @faults);
    note("$n snapshots, $in_flight with events in flight");

    return $in_flight;
}


# What was counted is what clients were told, and Kafka has.

sub agrees {
    my ($name, $server, $load, $topic) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    ok(wait_for(sub { !status($server)->{events}{in_flight} }, 10),
       "$name: nothing is in flight any more");

    my $s = status($server);

    is(join("\n", faults($s)), '', "$name: the sums add up");
    is($s->{events}{acknowledged}, $broker->count($topic),
       "$name: what is counted as acknowledged is in Kafka");

    return $s;
}


subtest 'load' => sub {
    my $server = launch('load');
    my $load = EventsLoad->start(port => $server->port, pause => 0);

    $broker->command('rtt 20');

    my $enough = $load->count(200) + 500;
    my $in_flight = watch('sums add up while batches are in flight', $server,
                          $load, sub { $load->count(200) >= $enough });

    cmp_ok($in_flight, '>', 0, 'which some were');

    $broker->command('rtt 0');
    ok($load->stop, 'the load ends');

    my $s = agrees('load', $server, $load, 'load');

    is($s->{workers}, 2, 'two workers report');
    is($s->{requests}{200}, $load->count(200), 'every request is counted');
    is($s->{events}{acknowledged}, scalar $load->ids(200),
       'and every event');
    is($s->{ack_seconds}{count}, $load->count(200), 'and every wait');
    cmp_ok($s->{ack_seconds}{sum}, '>', 0, 'which took some time');
    is($s->{queue}{bytes}, 0, 'the queue is empty');
    is($s->{queue}{limit_bytes}, 2 * 64 * 1024 * 1024, 'of two producers');
    is_deeply($s->{producers}, { up => 2, down => 0, fatal => 0 },
              'which are up');

    $server->finish('load');
};


subtest 'reload' => sub {
    my $server = launch('reload');
    my $load = EventsLoad->start(port => $server->port);

    ok($load->wait_more(200, 50), 'there is load');

    for my $i (1 .. 3) {
        my $before = status($server);
        my $more;

        $server->signal('HUP');

        watch("reload $i: counters go on", $server, $load, sub {
            $more //= $load->count(200) + 100;
            return $load->count(200) >= $more;
        });

        cmp_ok(status($server)->{events}{received}, '>',
               $before->{events}{received}, "reload $i: and on");
    }

    ok(wait_for(sub { !$server->leaving_workers }, 20), 'old workers leave');
    ok($load->stop, 'the load ends');

    my $s = agrees('reload', $server, $load, 'reload');

    is($s->{workers}, 2, 'two workers report');
    is_deeply($s->{producers}, { up => 2, down => 0, fatal => 0 },
              'and nobody else does');
    is($s->{requests}{200}, $load->count(200), 'no request was forgotten');
    is($s->{events}{received}, scalar $load->ids(200), 'and no event');

    $server->finish('reload');
};


subtest 'killed workers' => sub {
    my $server = launch('killed');

    $broker->command('rtt 200');

    my $load = EventsLoad->start(port => $server->port);

    ok($load->wait_more(200, 20), 'there is load');

    for my $i (1 .. 3) {
        ok(wait_for(sub { status($server)->{events}{in_flight} }),
           "kill $i: events are in flight");

        my ($worker) = $server->workers;
        my $until;

        kill 'KILL', $worker;

        watch("kill $i: sums add up", $server, $load, sub {
            $until //= $load->count(200) + 30;
            return $load->count(200) >= $until;
        });
    }

    $broker->command('rtt 0');
    ok($load->stop, 'the load ends');
    ok(wait_for(sub { !status($server)->{events}{in_flight} }, 10),
       'nothing is in flight any more');

    my $s = status($server);

    is(join("\n", faults($s)), '', 'the sums add up');
    cmp_ok($s->{failed}{worker_lost}, '>', 0,
           'what killed workers had in flight has failed');
    is($s->{events}{failed}, $s->{failed}{worker_lost}, 'and nothing else');
    ok(wait_for(sub { status($server)->{workers} == 2 }),
       'two workers report again');

    # of what was not answered nobody knows

    cmp_ok($s->{events}{acknowledged}, '>=', scalar $load->ids(200),
           'all that was answered with 200 is counted');
    cmp_ok($s->{events}{acknowledged}, '<=', $broker->count('killed'),
           'and in Kafka');

    $server->finish('killed workers', qr/exited on signal 9/);
};


subtest 'outage' => sub {
    my $server = launch('outage', more => 'events_kafka_memory 64k;');
    my $load = EventsLoad->start(port => $server->port);

    ok($load->wait_more(200, 20), 'there is load');
    is(health($server), '200 up', 'which is healthy');

    $broker->command('down all');
    ok($load->wait_more(503, 20, 30), 'brokers are down');

    watch('down: sums add up', $server, $load, sub {
        return $load->count(503) >= 60;
    });

    ok(wait_for(sub { status($server)->{producers}{down} == 2 }, 20),
       'producers are down');
    ok(wait_for(sub { !status($server)->{brokers_connected} }),
       'and no broker is connected');
    is(health($server), '503 broker_unreachable', 'which is not healthy');

    my ($code, $headers) = $server->get('/health');
    is($headers->{'cache-control'}[0], 'no-store', 'which no cache keeps');

    $broker->command('up all');
    ok($load->wait_more(200, 20, 30), 'brokers are back');

    watch('up: sums add up', $server, $load, sub { return 1 });

    ok(wait_for(sub { health($server) eq '200 up' }), 'all is healthy again');
    ok($load->stop, 'the load ends');

    my $s = agrees('outage', $server, $load, 'outage');

    is($s->{events}{failed}, scalar $load->ids(503, 504),
       'what failed is what clients were told');
    cmp_ok($s->{failed}{broker_unreachable}, '>', 0, 'and why');
    ok(wait_for(sub { status($server)->{producers}{up} == 2 }, 20),
       'producers are up');

    $server->finish('outage', qr/brokers are down|Connection refused/);
};


subtest 'fatal' => sub {
    my $server = launch('fatal', workers => 1);
    my $load = EventsLoad->start(port => $server->port);

    ok($load->wait_more(200, 20), 'there is load');

    $broker->command('error Produce 45 1');

    watch('fatal: sums add up', $server, $load, sub {
        return status($server)->{producer_restarts} > 0;
    });

    ok($load->wait_more(200, 20), 'it goes on');
    ok($load->stop, 'the load ends');

    my $s = agrees('fatal', $server, $load, 'fatal');

    is($s->{producer_restarts}, 1, 'the producer was replaced once');
    is_deeply($s->{producers}, { up => 1, down => 0, fatal => 0 },
              'and is up');

    $server->finish('fatal', qr/Kafka: /);
};


# A load balancer asks on a connection that it has already.

subtest 'leaving' => sub {
    my $server = launch('leaving', workers => 1);
    my ($worker) = $server->workers;
    my $end = $server->log_end;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $server->port) or die "$!";

    print {$socket} "GET /health HTTP/1.1\r\nHost: localhost\r\n";
    $socket->flush;
    is(health($server), '200 up', 'nginx is healthy');

    $server->signal('QUIT', $worker);
    ok($server->wait_log(qr/ $worker#\d+: gracefully shutting down/, $end),
       'the worker leaves');

    print {$socket} "Connection: close\r\n\r\n";

    my $answer = join '', readline $socket;

    like($answer, qr/^HTTP\S+ 503 /, 'and is not healthy');
    like($answer, qr/"code":"shutting_down"/, 'which it says');
    like($answer, qr/^Cache-Control: no-store\r/m, 'of this moment');

    $server->finish('leaving');
};


subtest 'quit' => sub {
    my $server = launch('quit', more => 'events_ack queued;',
                        http_config => "$brokers\n"
                                       . 'events_shutdown_timeout 100ms;');

    # Kafka answers too late: what workers give up when they leave is counted
    # by those who stay

    $server->post('/events', '{}') for 1 .. 20;

    ok(wait_for(sub { status($server)->{events}{acknowledged} == 20 }),
       'events are acknowledged');

    $broker->command('rtt 3000');
    $server->post('/events', '[{},{}]') for 1 .. 20;

    is(status($server)->{events}{in_flight}, 40, 'and then in flight');

    my %old = map { $_ => 1 } $server->children;

    $server->signal('HUP');
    ok(wait_for(sub { !grep { $old{$_} } $server->children }, 20),
       'old workers leave');

    my $s = status($server);

    is(join("\n", faults($s)), '', 'the sums add up');
    is($s->{events}{in_flight}, 0, 'nothing is in flight any more');
    is($s->{events}{failed}, 40, 'what was given up has failed');
    is(sum0(map { $_ // 0 } @{ $s->{failed} }{qw(shutting_down
                                                outcome_unknown)}), 40,
       'and it is told why');

    $broker->command('rtt 0');
    $server->finish('quit', qr/are given up/);
};


# Zones of limits and old names that a reload adds have their labels at once.

subtest 'labels' => sub {
    my $conf = sub {
        my ($zone, $member) = @_;

        return (http_config => <<"END", config => <<"END2");
    $brokers
    events_limit_zone \$server_name zone=$zone:1m rate=1e/m;
END
    $pages
    location = /events {
        events_publish labels;
        events_schema off;
        events_rename $member new;
        events_limit zone=$zone burst=2;
    }
END2
    };

    my $server = launch('labels', $conf->('one', 'old'));

    for my $names ([ 'one', 'old' ], [ 'two', 'older' ]) {
        my ($zone, $member) = @$names;

        $server->configure($conf->(@$names));
        ok($server->reload(20), "reload with $zone and $member");
        ok(wait_for(sub { !$server->leaving_workers }, 20), 'is done');

        is(($server->post('/events', qq([{"$member":1},{}])))[0], 200,
           'two events pass');
        is(($server->post('/events', '[{}]'))[0], 429, 'then the zone is full');

        my $s = status($server);

        is($s->{renamed}{$member}, 1, "$member is counted");
        is($s->{limited}{$zone}, 1, "and so is $zone");
    }

    is_deeply(status($server)->{limited}, { one => 1, two => 1 },
              'and what there was before');
    like(($server->get('/metrics'))[2],
         qr/^events_limited_total\{zone="two"\} 1\n/m, 'also for Prometheus');

    $server->finish('labels');
};


subtest 'size of the zone' => sub {
    my $server = launch('size');

    is(($server->post('/events', '{}'))[0], 200, 'an event');

    # one slot for each worker would do while nothing is reloaded

    my $offset = $server->log_end;
    my $zone = sub { "$brokers events_zone numbers $_[0];" };

    $server->configure(workers => 100, http_config => $zone->('256k'));
    $server->signal('HUP');

    my $error = qr/\[emerg\].* zone "numbers" is too small for 100 worker /;
    $error = qr/${error}processes: must be at least (\d+)k in \S+:\d+/;

    ok($server->wait_log($error, $offset, 10), 'it has to be larger');
    is(status($server)->{events}{accepted}, 1, 'the old one stays');

    my ($size) = $server->log_since($offset) =~ $error;

    ok(test_configuration($server, $zone->("${size}k")), "${size}k is enough");
    ok(!test_configuration($server, $zone->($size - 64 . 'k')),
       'and less is not');

    $server->configure(workers => 2, http_config => $zone->('256k'));
    ok($server->reload(20), 'reload with another zone');
    ok(wait_for(sub { !$server->leaving_workers }, 20), 'is done');

    is(status($server)->{events}{accepted}, 0, 'which starts with nothing');
    is(status($server)->{workers}, 2, 'for all workers');

    ok($server->quit, 'nginx quits');
    is_deeply([ grep { !/too small/ } $server->faults ], [],
              'and leaves no other faults');
};


subtest 'promtool' => sub {
    plan skip_all => 'no promtool' if system('which promtool >/dev/null 2>&1');

    my $server = launch('promtool');

    $server->post('/events', $_) for '[{"brand":"a\"\\\\b"},{}]', '[7]', '[';

    my (undef, undef, $text) = $server->get('/metrics');

    open my $promtool, '|-', 'promtool check metrics 2>&1' or die "$!";
    print {$promtool} $text;

    ok(close $promtool, 'promtool finds nothing to complain of');

    my ($names) = scalar(() = $text =~ /^# TYPE /mg);

    is($names, 23, 'all metrics are there');

    $server->finish('promtool');
};


subtest 'without a master' => sub {
    my $server = launch('single', master_process => 'off', workers => 1);

    is(($server->post('/events', '{}'))[0], 200, 'an event');
    is(status($server)->{events}{acknowledged}, 1, 'is counted');

    my $end = $server->log_end;

    # the zone that it counts in is not there any more

    $server->configure(http_config => "$brokers events_zone events 2m;");
    $server->signal('HUP');
    ok($server->wait_log(qr/reconfiguring/, $end), 'reload');

    ok($server->quit, 'nginx quits');
    is_deeply([ $server->faults ], [], 'and leaves no faults');
};


done_testing();


# nginx -t

sub test_configuration {
    my ($server, $http_config) = @_;

    $server->configure(workers => 100, http_config => $http_config);

    my @command = map { quotemeta } $server->command;

    # nginx ends without freeing what it has read

    local $ENV{ASAN_OPTIONS} = ($ENV{ASAN_OPTIONS} // '') . ':detect_leaks=0';

    return system("@command -t >/dev/null 2>&1") == 0;
}


sub health {
    my ($server) = @_;

    my ($status, $headers, $body) = $server->get('/health');
    my $json = decode_json($body);

    return "$status " . ($json->{code} // $json->{status});
}
