package StatusPage;

# examples/status-page as a server has it, with the file html/data.json in place
# of the module's counters:
#
#     my $server = EventsServer->launch(config => StatusPage::config());
#     StatusPage::give($server, $snapshot);
#
# What is on the page is told as the JSON has it.

use strict;
use warnings;

use JSON::PP ();
use List::Util qw(sum0);

use Examples qw(adapted example_path read_example);

my $Directory = example_path('status-page');
my @Bounds = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
              5, 10, undef);


sub config {
    my (%arg) = @_;

    my @replacements = [ qr{alias +\K/etc/nginx/status-page/}
                         => "$Directory/" ];

    push @replacements, [ qr/events_status +json;/ =>
        'types { application/json json; } alias html/data.json;' ]
        if !$arg{counters};

    return adapted(read_example('status-page/nginx.conf'), @replacements);
}


sub files {
    return map { m{([^/]+)\z} } glob "$Directory/*";
}


# A snapshot of an nginx to which nothing has happened, but for what is given;
# "at" are seconds, "acks" those of each batch.

sub snapshot {
    my (%given) = @_;

    my $at = delete $given{at} // 0;
    my $acks = delete $given{acks} // [];
    my $time = sprintf '2026-11-25T%02d:%02d:%02d.000Z', 12 + $at / 3600,
                       $at / 60 % 60, $at % 60;
    my $events = delete $given{events} || {};

    return {
        version => 1, time => $time, workers => 2,
        events => {
            (map { $_ => 0 } qw(received accepted rejected published
                                acknowledged failed in_flight
                                dry_run_rejected)),
            %$events,
        },
        (map { $_ => {} } qw(requests rejected invalid failed brands renamed
                             limited)),
        dead_letters => { published => 0, acknowledged => 0, lost => 0 },
        ack_seconds => _histogram($acks),
        queue => { bytes => 0, limit_bytes => 134_217_728 },
        producers => { up => 2, down => 0, fatal => 0 },
        brokers_connected => 6, producer_restarts => 0, log_suppressed => 0,
        %given,
    };
}


sub _histogram {
    my ($acks) = @_;

    return {
        count => scalar @$acks, sum => sum0(@$acks),
        buckets => [ map { my $le = $_; {
            le => $le,
            count => scalar(grep { !defined $le || $_ <= $le } @$acks),
        } } @Bounds ],
    };
}


# The page never finds half of it.

sub give {
    my ($server, $snapshot) = @_;

    my $file = $server->path('html/data.json');

    open my $out, '>:raw', "$file.new" or die "$file: $!";
    print {$out} JSON::PP->new->utf8->canonical->encode($snapshot);
    close $out or die "$file: $!";

    rename "$file.new", $file or die "$file: $!";

    return;
}


sub take_away {
    my ($server) = @_;

    unlink $server->path('html/data.json') or die "data.json: $!";

    return;
}

1;
