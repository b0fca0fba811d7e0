package MixedLoad;

# Requests of all kinds, and connections that end in all ways, until there were
# so many; each answer is compared with that which is due, and it dies if one is
# another:
#
#     my $server = EventsServer->launch(config => location());
#     my $count = mixed_load(port => $server->port, total => 1000,
#                            report => sub { my ($requests) = @_; ... });
#     ... $count->{200}, $count->{none} ...

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);
use IO::Compress::Gzip qw(gzip);
use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER);
use Time::HiRes qw(time);

use lib dirname(abs_path(__FILE__)) . '/../bench/lib';

use Bench::Events ();

our @EXPORT_OK = qw(location mixed_load);

use constant {
    BUFFER     => 65_536,
    PATIENCE   => 60,           # seconds without any answer
    MAX_EVENTS => 60,
};

my $Contract = abs_path(dirname(__FILE__) . '/../..')
               . '/examples/contract.schema.json';


# Of the endpoint that all requests here go to; others may be added.

sub location {
    return <<"END";
    location = /events {
        events_publish       events;
        events_schema        $Contract;
        events_key           /entity/id;
        events_kafka_header  action /action_type;
        events_stamp         received_at \$time_iso8601;
        events_rename        event_type action_type;
        events_dead_letter   rejected;
        events_max_events    @{[ MAX_EVENTS ]};
        client_max_body_size 64k;
    }
    location = /partial {
        events_publish events;
        events_schema  $Contract;
        events_partial on;
    }
END
}


sub _post {
    my ($body, %arg) = @_;

    my $uri = $arg{uri} // '/events';
    my $coding = $arg{is_gzip} ? "Content-Encoding: gzip\r\n" : '';

    return "POST $uri HTTP/1.1\r\nHost: localhost\r\n$coding"
           . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
}


# A round is what a connection sends in one piece: requests, each with the
# status that is due.

sub _round {
    my ($one, $ten, $fifty, $many) =
        map { Bench::Events::body($_) } 1, 10, 50, MAX_EVENTS + 1;

    my $invalid = $ten =~ s/"brand":"\w+"/"brand":7/r;
    my $old = $one =~ s/"action_type"/"event_type"/r;

    gzip(\$fifty, \my $gzip) or croak 'gzip failed';

    my @round = (
        ([ 200, _post($one) ]) x 8,
        ([ 200, _post($ten) ]) x 3,
        [ 200, _post($fifty) ],
        [ 200, _post($old) ],
        [ 200, _post($gzip, is_gzip => 1) ],
        [ 207, _post($invalid, uri => '/partial') ],
        ([ 422, _post($invalid) ]) x 2,
        [ 413, _post($many) ],
        [ 400, _post(substr $ten, 0, -1) ],
        [ 400, _post(substr($gzip, 0, -9) . 'x' x 9, is_gzip => 1) ],
    );

    return (join('', map { $_->[1] } @round), map { $_->[0] } @round);
}


# What may come after a round; the connection is over then.

sub _ends {
    my $ten = Bench::Events::body(10);

    return (
        undef,
        { text => _post('x' x 70_000), status => 413 },
        { text => _post($ten), how => 'reset' },
        { text => substr(_post($ten), 0, 1000), how => 'reset' },
        { text => _post($ten), how => 'close' },
        { text => substr(_post($ten), 0, 1000), how => 'close' },
    );
}


sub mixed_load {
    my (%arg) = @_;

    my ($text, @due) = _round();

    my $self = bless {
        connections => 256,
        every       => 1000,
        text        => $text,
        due         => \@due,
        ends        => [ _ends() ],
        requests    => 0,
        reported    => 0,
        count       => {},
        %arg,
    };

    local $SIG{PIPE} = 'IGNORE';

    my %by_socket;
    my $select = IO::Select->new;

    for my $i (1 .. $self->{connections}) {
        my $c = { rounds => $i };

        $self->_connect($c, $select, \%by_socket);
    }

    while ($self->{requests} < $self->{total}) {
        my @ready = $select->can_read(PATIENCE)
            or croak 'there are no answers';

        $self->_serve($by_socket{$_}, $select, \%by_socket) for @ready;
    }

    return $self->{count};
}


sub _connect {
    my ($self, $c, $select, $by_socket) = @_;

    $c->{socket} = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                         PeerPort => $self->{port})
        // croak "no connection: $!";

    $select->add($c->{socket});
    $by_socket->{ $c->{socket} } = $c;

    $self->_send_round($c);

    return;
}


sub _send_round {
    my ($self, $c) = @_;

    my $end = $self->{ends}[ $c->{rounds}++ % @{ $self->{ends} } ];

    @{$c}{qw(in end)} = ('', $end);
    $c->{due} = [ @{ $self->{due} }, $end && $end->{status} || () ];

    my $text = $self->{text};

    $text .= $end->{text} if $end && !$end->{how};

    # nginx reads what it has no room for as soon as it has answered the rest

    _write_all($c->{socket}, $text);

    return;
}


sub _write_all {
    my ($socket, $text) = @_;

    my $sent = 0;

    while ($sent < length $text) {
        $sent += syswrite($socket, $text, length($text) - $sent, $sent)
                 // croak "write failed: $!";
    }

    return;
}


sub _serve {
    my ($self, $c, $select, $by_socket) = @_;

    sysread $c->{socket}, $c->{in}, BUFFER, length $c->{in}
        or croak 'the connection was closed before "'
                 . ($c->{due}[0] // '') . '": ' . substr $c->{in}, 0, 200;

    while ($c->{in} =~ /\A(HTTP\S+\ (\d+)\ .*?^Content-Length:\ (\d+)\r\n
                        (?:\V+\r\n)*\r\n)/xims)
    {
        my ($size, $status) = (length($1) + $3, $2);

        last if length $c->{in} < $size;

        my $due = shift @{ $c->{due} };

        $status == $due or croak "$status instead of $due: ",
                                 substr $c->{in}, 0, $size;

        substr $c->{in}, 0, $size, '';
        $self->_answered($status);
    }

    return if @{ $c->{due} };

    if (!$c->{end}) {
        $self->_send_round($c);
        return;
    }

    $select->remove($c->{socket});
    delete $by_socket->{ $c->{socket} };

    $self->_end($c);
    $self->_connect($c, $select, $by_socket);

    return;
}


sub _answered {
    my ($self, $status) = @_;

    $self->{count}{$status}++;

    if (++$self->{requests} % $self->{every} == 0 && $self->{report}) {
        $self->{report}->($self->{requests});
    }

    return;
}


sub _end {
    my ($self, $c) = @_;

    my $how = $c->{end}{how};

    if ($how) {
        _write_all($c->{socket}, $c->{end}{text});
        $self->_answered('none');

        setsockopt $c->{socket}, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0
            if $how eq 'reset';
    }

    close $c->{socket};

    return;
}

1;
