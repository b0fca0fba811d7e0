package Bench::Sender;

# What it costs to find out who sends, and to refuse a sender: endpoints that
# differ in that alone, in turns.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter qw(import);

use Bench::Callgrind qw(instructions);
use Bench::Events qw(body request_text);
use Bench::Load qw(median paced);

our @EXPORT_OK = qw(sender refused);

use constant {
    KEYS        => 10_000,
    SENDERS     => 100,         # of those, in turn
    CONNECTIONS => 256,
    RATE        => 10_000,      # the same for both: so are their turns
    ENDPOINT    => 'events_publish events; events_schema off; ',
};

# the limits of the README, so high that nobody meets them

my @ZONES = ([ key     => '$events_guest_key',     '$http_x_guest_id' ],
             [ network => '$events_guest_network', '$remote_addr' ],
             [ guests  => '$events_guest',         '$server_port' ]);

# An endpoint, and the one it is compared with: what is in its location, and
# in http; "with" is of the requests, the same for both.

my @PAIRS = (
    { who => 'key', base => 'principal', with => 'header',
      conf => 'events_guests off;' },
    { who => 'query', base => 'principal', with => 'query',
      conf => 'events_guests off; events_api_key $arg_key;' },
    { who => 'guest', base => 'limited', with => 'header', is_guest => 1,
      conf => 'events_guests on;' },
);


sub sender {
    my ($setup, $give) = @_;

    my $keys = _keys($setup);

    for my $pair ($setup->{quick} ? @PAIRS[0, 2] : @PAIRS) {
        my @names = @{$pair}{qw(base who)};
        my %conf = ($pair->{base} => _base($pair),
                    $pair->{who} => _conf($setup, $pair));
        my @requests = _requests($keys, $pair->{with});
        my %row = _turns($setup, \@names, \%conf, \@requests);
        my %count = $setup->{quick} ? ()
                                    : _count($setup, \%conf, \@requests);

        if (%count) {
            $row{$_}{worker_instructions} = $count{$_} for @names;
            $row{ $pair->{who} }{instructions_share} =
                100 * ($count{ $pair->{who} } / $count{ $pair->{base} } - 1);
        }

        $give->($row{$_}) for @names;
    }
}


# At one rate, so that neither of both has larger turns of its event loop.

sub _turns {
    my ($setup, $names, $conf, $requests) = @_;

    my ($base, $who) = @$names;
    my %workers = map { $_ => $setup->new_worker('custom', name => "sender-$_",
                                                 %{ $conf->{$_} }) } @$names;
    my @texts = map { request_text($_) } @$requests;
    my @load = (CONNECTIONS, RATE, $setup->{seconds},
                $setup->write_file("$who-requests", join '', @texts),
                length $texts[0]);
    my (%runs, @shares);

    for my $round (1 .. ($setup->{quick} ? 2 : 4) * $setup->{runs}) {
        my %of = map {
            $_ => paced(worker => $workers{$_}, cpu => $setup->load_cpu,
                        command => [ "$setup->{out}/paced_load",
                                     $workers{$_}{port}, @load ])
        } $round % 2 ? @$names : reverse @$names;

        push @{ $runs{$_} }, $of{$_} for @$names;
        push @shares, {
            main_share => 100 * ($of{$who}{main} / $of{$base}{main} - 1)
        };
    }

    $_->stop for values %workers;

    my %row = map { $_ => { %{ median(@{ $runs{$_} }) }, who => $_,
                            events => 1, rate => RATE } } @$names;

    $row{$who}{main_share} = median(@shares)->{main_share};

    return %row;
}


sub _numbers {
    my %row = %{ $_[0] };
    delete $row{who};

    return \%row;
}


sub _count {
    my ($setup, $conf, $requests) = @_;

    return map {
        my $n = instructions($setup, name => $_, requests => $requests,
                             %{ $conf->{$_} });
        defined $n ? ($_ => $n) : ();
    } sort keys %$conf;
}


sub _conf {
    my ($setup, $pair) = @_;

    return {
        http => $pair->{is_guest} ? _zones(1) : '',
        location => ENDPOINT . $pair->{conf}
                    . ($pair->{is_guest}
                       ? _limits()
                       : " events_api_keys $setup->{dir}/keys;"),
    };
}


# Nothing to find out: the principal is a text of the configuration.

sub _base {
    my ($pair) = @_;

    return {
        http => $pair->{is_guest} ? _zones(2) : '',
        location => ENDPOINT . 'events_guests off; events_principal bench;'
                    . ($pair->{is_guest} ? _limits() : ''),
    };
}


sub _zones {
    my ($column) = @_;

    return join '', map {
        "limit_req_zone $_->[$column] zone=$_->[0]:1m rate=1000000r/s;\n"
    } @ZONES;
}


sub _limits {
    return join '', map { " limit_req zone=$_->[0] burst=1000000 nodelay;" }
                    @ZONES;
}


sub _keys {
    my ($setup) = @_;

    my @keys = map { sprintf 'ek_%032d', $_ } 1 .. KEYS;

    $setup->write_file('keys', join '', map {
        "key-$_ sha256:" . sha256_hex($keys[$_]) . "\n"
    } 0 .. $#keys);

    return \@keys;
}


# Of a hundred senders, from all over the file; all as long.

sub _requests {
    my ($keys, $with) = @_;

    return map {
        my $key = $keys->[$_ * (KEYS / SENDERS)];

        { body => body(1),
          headers => { 'X-Guest-Id' => sprintf('guest-%030d', $_),
                       $with eq 'header' ? ('X-API-Key' => $key) : () },
          $with eq 'query' ? (path => "/events?key=$key") : () };
    } 0 .. SENDERS - 1;
}


# Guests over their limit, and nginx's own way to say so, with a body as long.

sub refused {
    my ($setup, $give) = @_;

    my $zone = 'limit_req_zone $events_guest_key zone=key:1m rate=1r/m;';
    my $text = '{"status":429,' . 'x' x 180 . '}';

    my %workers = (
        'return 429' => $setup->new_worker(
            'custom', name => 'refused-return',
            location => 'default_type application/json; '
                        . "return 429 '$text';"),
        limit_req => $setup->new_worker(
            'custom', name => 'refused-limit', http => "$zone\n",
            location => ENDPOINT . 'events_guests on; limit_req zone=key; '
                        . 'limit_req_status 429; limit_req_log_level info;'),
    );

    for my $events ($setup->{quick} ? 1 : (1, 50)) {
        my (%runs, @ratios);
        my @who = ('return 429', 'limit_req');

        for my $round (1 .. 2 * $setup->{runs}) {
            my %of = map { $_->{who} => _numbers($_) } $setup->compare(
                who => [ $round % 2 ? @who : reverse @who ],
                workers => \%workers, events => $events, runs => 1,
                connections => CONNECTIONS, refused => 1);

            push @{ $runs{$_} }, $of{$_} for @who;
            push @ratios, {
                bad => $of{limit_req}{bad},
                rps_return => $of{limit_req}{rps} / $of{'return 429'}{rps},
                main_return => $of{'return 429'}{main} / $of{limit_req}{main},
            };
        }

        $give->({ who => $who[0], %{ median(@{ $runs{ $who[0] } }) } });
        $give->({ who => $who[1], %{ median(@{ $runs{ $who[1] } }) },
                  %{ median(@ratios) } });
    }

    $_->stop for values %workers;
}

1;
