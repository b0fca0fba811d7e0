# examples/rename: each step, entered by a reload, does what its page says.

use strict;
use warnings;

use JSON::PP;
use Test::More;

use EventsBroker;
use EventsServer 'load_module';
use Examples qw(adapted example_path read_example);
use Test::Nginx::Config 'write_config';


my @steps = map { m{([^/]+)\z} } sort glob example_path('rename/*.conf');
my %shown = shown(read_example('rename/README.md'));

my $broker = EventsBroker->start;
my $seen = 0;

$broker->create_topic('events', 1);

my $server = EventsServer->launch(config => 'location / { return 204; }');

is_deeply([ sort keys %shown ], \@steps, 'each step is on the page');

for my $step (@steps) {
    write_config($server->{root}, config($step));

    ok($server->reload, "$step: reload");
    is(join("\n", map { sent($_) } 'old.json', 'new.json'), $shown{$step},
       "$step: what clients and consumers see");
}

like($server->error_log, qr/\[warn\].* 1 events at "\/events" used an old name/,
     'senders of old names are told');

$server->finish('examples');
done_testing;


# The first block of the page below a heading that names the file.

sub shown {
    my ($page) = @_;

    return $page =~ /^## [^\n]*`([^\n`]+\.conf)`\n.*?^```text\n(.*?)^```/gms;
}


# As in the file, but for paths and ports.

sub config {
    my ($step) = @_;

    my $root = $server->{root};
    my $port = $server->port;
    my $brokers = join ' ', split /,/, $broker->bootstrap;

    return adapted(read_example("rename/$step"),
                   [ qr/^load_module .*\n/m => load_module() ],
                   [ qr{build/(?=\w+\.(?:log|pid))} => "$root/logs/" ],
                   [ qr{build/(?=\w+_temp)} => "$root/" ],
                   [ qr/127\.0\.0\.1:8080/ => $port ],
                   [ qr/127\.0\.0\.1:9092/ => $brokers ],
                   [ qr{\.\./(?=contract)} => example_path('') ]);
}


sub sent {
    my ($file) = @_;

    my ($status, undef, $body) = $server->post('/events',
                                               read_example("rename/$file"));
    my $text = "$file: $status\n";

    if ($status == 200) {
        $broker->wait_count('events', ++$seen, 5);

        my $record = ($broker->records('events'))[-1];

        return $text . "key $record->{key}\n$record->{value}\n";
    }

    for my $error (@{ decode_json($body)->{errors} }) {
        $text .= "$error->{pointer} $error->{detail}\n";
    }

    return $text;
}
