# What a flood leaves in the log: some lines, and how many there would have
# been.

use strict;
use warnings;

use Test::More;

use EventsBroker;
use EventsServer 'wait_for';


my $broker = EventsBroker->start(brokers => 1);
my $brokers = $broker->bootstrap;

# sums up what the lines of a log tell, by code

sub suppressed {
    my ($log) = @_;

    my %n;

    while ($log =~ /events: (\d+) rejected requests in \d+ s were not logged: (.*)/g) {
        my ($all, $codes) = ($1, $2);
        my %codes = $codes =~ /(\w+) (\d+)/g;
        my $sum = 0;

        $sum += $_ for values %codes;
        is($sum, $all, "the codes of a summary add up: $codes");
        $n{$_} += $codes{$_} for keys %codes;
    }

    return \%n;
}

sub logged {
    my ($log, $code) = @_;

    return scalar(() = $log =~ /\[error\] .* events: rejected\D+\d+ $code: /g);
}


subtest 'a flood' => sub {
    my $server = EventsServer->launch(workers => 1, log_level => 'error',
                                      config => <<"END");
    events_kafka_brokers  $brokers;
    location = /events {
        events_publish  events;
        events_schema   off;
    }
    location = /slow {
        events_publish      events;
        events_schema       off;
        events_log_invalid  on rate=1/s;
    }
END

    # until a summary is written without anybody leaving

    my ($events, $json) = (0, 0);

    ok(wait_for(sub {
        for (1 .. 20) {
            $server->post('/events', '[1]');
            $events++;
        }
        $server->post('/events', '[');
        $json++;

        return $server->error_log =~ / were not logged: /;
    }, 30), 'a summary is written while the flood goes on');

    $server->post('/slow', '1') for 1 .. 40;

    ok($server->quit, 'nginx quits');

    my $log = $server->error_log;
    my $n = suppressed($log);

    is(logged($log, 'invalid_events') + $n->{invalid_events}, $events + 40,
       'each request is logged or counted');
    is(logged($log, 'invalid_json') + ($n->{invalid_json} // 0), $json,
       'by its code');

    my %lines;
    $lines{$_}++ for $log =~ m{^\S+ (\S+) \[error\] .* events: rejected.*"POST /events}mg;

    is(scalar(grep { $_ > 10 } values %lines), 0,
       'a second has ten lines at most');

    %lines = ();
    $lines{$_}++ for $log =~ m{^\S+ (\S+) \[error\] .* events: rejected.*"POST /slow}mg;

    is(scalar(grep { $_ > 1 } values %lines), 0, 'or as many as configured');
};


subtest 'a reload' => sub {
    my $server = EventsServer->launch(workers => 1, log_level => 'error',
                                      config => <<"END");
    location = /events {
        events_kafka_brokers  $brokers;
        events_publish        events;
        events_schema         off;
        events_log_invalid    on rate=1/s;
    }
END

    $server->post('/events', '[1]') for 1 .. 30;

    ok($server->reload, 'reload');
    ok(wait_for(sub { !$server->leaving_workers }), 'the old worker leaves');

    my $log = $server->error_log;

    is(logged($log, 'invalid_events') + suppressed($log)->{invalid_events},
       30, 'and tells what it has left out');

    $server->finish('reload');
};


subtest 'failures' => sub {
    $broker->command('down all');

    my $server = EventsServer->launch(workers => 1, log_level => 'info',
                                      config => <<"END");
    location = /events {
        events_kafka_brokers  $brokers;
        events_publish        events;
        events_schema         off;
        events_ack_timeout    400ms;
    }
END

    my $n = 0;

    ok(wait_for(sub {
        for (1 .. 20) {
            $server->post('/events', '{}');
            $n++;
        }
        return $server->error_log
               =~ /\[error\] .* events: 1 events? .*; and \d+ failures since the last such line,/;
    }, 30), 'an error tells how many there were since the last one');

    ok($server->quit, 'nginx quits');

    my $log = $server->error_log;
    my @lines = grep { /events: 1 (?:of 1 )?events? were not/ }
                     split /\n/, $log;
    my @infos = grep { /\[info\]/ } @lines;
    my $told = 0;

    $told += $_ for $log =~ /\[error\] .*and (\d+) failures since the last such line/g;

    # what comes, or does not, after the answer has a line of its own

    is(scalar(grep { !/nobody waits|given up/ } @lines), $n,
       'at "info" there is a line for each');
    is($told, scalar @infos, 'and errors count those that are no errors');
};

done_testing();
