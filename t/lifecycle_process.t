# Which processes have a producer, and what a reload without a master does.

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Test::More;

use EventsBroker;
use EventsServer 'wait_for';


my $broker = EventsBroker->start;
my $brokers = 'events_kafka_brokers ' . $broker->bootstrap . ';';
my $publish = 'location = /events { events_publish events; '
              . 'events_schema off; }';


subtest 'no events_publish' => sub {
    my $server = start(config => "$brokers location = / { return 204; }");

    is_deeply([ map { threads($_) } $server->workers ], [ 1, 1 ],
              'no thread');
    is(($server->get('/'))[0], 204, 'nginx answers');
    ok($server->reload, 'reload');
    $server->finish('no events_publish');
};


subtest 'no http' => sub {
    my $server = start();
    my $text = $server->read('conf/nginx.conf');

    ok($server->quit, 'nginx quits');

    # brackets nest three deep at most
    my $block = qr/\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/;
    $text =~ s/^http $block//m or die 'no http';

    Test::Nginx::Config::write_config($server->{root}, $text);

    ok($server->start, 'nginx starts');
    ok(wait_for(sub { $server->workers == 2 }), 'with workers');
    is_deeply([ map { threads($_) } $server->workers ], [ 1, 1 ],
              'no thread');
    $server->finish('no http');
};


subtest 'processes' => sub {
    my $server = start(config => "$brokers $publish", http_config =>
        'proxy_cache_path cache keys_zone=zone:1m;');

    my @workers = $server->workers;
    my %is_worker = map { $_ => 1 } @workers;
    my @helpers = grep { !$is_worker{$_} } $server->children;

    ok(!(grep { threads($_) == 1 } @workers), 'workers have threads');
    cmp_ok(scalar @helpers, '>', 0, 'there are cache processes');
    ok(!(grep { threads($_) != 1 } @helpers), 'which have none');
    is(threads($server->pid), 1, 'the master has none');

    is(($server->post('/events', '{}'))[0], 200, 'events are published');
    ok($server->reload, 'reload');
    is(($server->post('/events', '{}'))[0], 200, 'and they still are');

    $server->configure(config => "$brokers location = / { return 204; }");
    ok($server->reload, 'reload to a configuration without');
    ok(wait_for(sub { !$server->leaving_workers }), 'old workers leave');
    is_deeply([ map { threads($_) } $server->workers ], [ 1, 1 ],
              'no thread is left');
    $server->finish('processes');
};


subtest 'one producer for what is the same' => sub {
    my $same = start(workers => 1, config => "$brokers $publish");
    my $one = threads($same->workers);

    $same->configure(config => "$brokers $publish location = /2 { "
                               . 'events_publish other; events_schema off; }');
    ok($same->reload, 'two locations');
    is(settled($same), $one, 'share a producer');

    $same->configure(config => "$brokers $publish location = /2 { "
                               . 'events_publish other; events_schema off; '
                               . 'events_kafka_property linger.ms 1; }');
    ok($same->reload, 'two locations with different properties');
    cmp_ok(settled($same), '>', $one, 'do not');
    $same->finish('same');
};


# After a reload in this mode nginx takes no new connection, with this module
# or without; those that are there go on with the configuration they have.

subtest 'master_process off' => sub {
    my $server = EventsServer->launch(master_process => 'off',
                                      log_level => 'info',
                                      config => "$brokers $publish");
    my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $server->port) or die "$!";

    like(post($client), qr/^HTTP\S+ 200 /, 'events are published');

    my $end = $server->log_end;

    $server->signal('HUP');
    ok($server->wait_log(qr/reconfiguring/, $end), 'reload');

    like(post($client), qr/^HTTP\S+ (?:200|503) /, 'nginx still answers');
    ok($server->is_running, 'and runs');
    $server->finish('master_process off');
};


done_testing();


sub start {
    my $server = EventsServer->launch(workers => 2, log_level => 'info', @_);

    wait_for(sub { $server->workers == $server->{set}{workers} })
        or die 'no workers';

    # they have their threads before they take connections

    $server->get('/');

    return $server;
}


sub post {
    my ($client) = @_;

    my $answer = '';

    syswrite $client, "POST /events HTTP/1.1\r\nHost: localhost\r\n"
                      . "Content-Length: 2\r\n\r\n{}";

    IO::Select->new($client)->can_read(10) && sysread $client, $answer, 65536;

    return $answer;
}


sub settled {
    my ($server) = @_;

    wait_for(sub { !$server->leaving_workers }) or die 'workers do not leave';
    $server->get('/');

    return threads($server->workers);
}


sub threads {
    my ($pid) = @_;

    my @tasks = glob "/proc/$pid/task/*";

    return scalar @tasks;
}
