package HostileClients;

use strict;
use warnings;

use parent 'ChildProcess';

use Carp qw(croak);
use Exporter 'import';
use IO::Select;
use POSIX ();
use Socket;
use Time::HiRes qw(sleep time);

use Http2;
use Test::Nginx::Server qw(wait_for);

our @EXPORT_OK = qw(describe file_limit);

use constant {
    STREAMS => 100,             # of a connection, at once
    BURST   => 100,             # requests in one write
    BUFFER  => 65_536,
    CHUNK   => 16_384,          # bytes that are sent at once without an end
    LARGE   => 40_000,          # bytes of headers: more than nginx takes
    WINDOW  => 2_048,           # bytes of a buffer that is never read
    SPARE   => 500,             # files of this process and of nginx besides
};

use constant {
    INITIAL_WINDOW_SIZE => 4,   # of HTTP/2's settings
};

my $Event = '{"a":1}';
my $Head = "POST /events HTTP/1.1\r\nHost: localhost\r\n";
my $Request = $Head . 'Content-Length: ' . length($Event) . "\r\n\r\n$Event";
my $Burst = $Request x BURST;

# Of a kind: "first", what is sent as soon as it is connected; "next", what is
# sent at each turn once that is gone; "leaves", how it goes at its next turn;
# "is_deaf", it reads nothing; "is_h2", it speaks HTTP/2.

my %Kinds = (
    slow_headers => {
        what  => 'headers, a byte now and then',
        first => $Head . 'X-Slow: ',
        next  => sub { 'x' },
    },
    slow_bodies => {
        what  => 'bodies, a byte now and then',
        first => $Head . 'Content-Length: 1000000' . "\r\n\r\n{\"a\":\"",
        next  => sub { 'x' },
    },
    slow_chunks => {
        what  => 'chunked bodies, a byte of a chunk extension now and then',
        first => $Head . 'Transfer-Encoding: chunked' . "\r\n\r\n"
                 . '1;a;b=c;d="e;f\\""',
        next  => sub { ';' },
    },
    long_extensions => {
        what  => 'chunk extensions without an end',
        first => $Head . 'Transfer-Encoding: chunked' . "\r\n\r\n1;a=",
        next  => sub { 'x' x CHUNK },
    },
    idle => {
        what  => 'idle keep-alive connections',
        first => $Request,
        next  => sub { '' },
    },
    close => {
        what   => 'connections that are closed before the answer',
        first  => $Request,
        leaves => 'close',
    },
    reset => {
        what   => 'connections that are reset before the answer',
        first  => $Request,
        leaves => 'reset',
    },
    half_closed => {
        what   => 'bodies that end half-way, by a half-closed connection',
        first  => $Head . "Content-Length: 1000\r\n\r\n{\"a\":",
        leaves => 'half',
    },
    half_gone => {
        what   => 'connections that are half-closed before the answer',
        first  => $Request,
        leaves => 'half',
    },
    bursts => {
        what  => '100 pipelined requests in one write',
        first => $Burst,
        next  => sub {
            my ($c) = @_;

            my $answers = () = $c->{in} =~ m{HTTP/1\.1 \d}g;

            return '' if $answers < BURST;

            $c->{in} = '';
            return $Burst;
        },
    },
    deaf => {
        what    => 'pipelined requests, and a window that stays closed',
        is_deaf => 1,
        first   => $Burst,
        next    => sub { $Burst },
    },
    large_headers => {
        what  => 'headers that are too large',
        first => $Head . 'X-Large: ' . ('x' x LARGE) . "\r\n\r\n",
        next  => sub { '' },
    },
    expects => {
        what  => '100-continue, and no body',
        first => $Head . "Expect: 100-continue\r\n"
                 . "Content-Length: 1000\r\n\r\n",
        next  => sub { '' },
    },
    h2_open => {
        what  => '100 streams of HTTP/2 whose bodies do not end',
        is_h2 => 1,
        first => join('', Http2::preface(),
                      map { Http2::request(2 * $_ - 1, ' ', open => 1) }
                          1 .. STREAMS),
        next  => sub {
            my ($c) = @_;

            my $stream = 2 * ($c->{turns} % STREAMS) + 1;
            return Http2::frame(Http2::DATA, 0, $stream, ' ');
        },
    },
    h2_reset => {
        what  => 'streams of HTTP/2 that are reset at once',
        is_h2 => 1,
        first => Http2::preface(),
        next  => sub {
            my ($c) = @_;

            $c->{stream} //= -1;

            return join '', map {
                Http2::request($c->{stream} += 2, $Event, reset => 1)
            } 1 .. STREAMS;
        },
    },
    h2_deaf => {
        what    => '100 streams of HTTP/2 without a window',
        is_h2   => 1,
        is_deaf => 1,
        first   => join('', Http2::preface(INITIAL_WINDOW_SIZE, 0),
                        map { Http2::request(2 * $_ - 1, $Event) }
                            1 .. STREAMS),
        next    => sub { Http2::frame(Http2::PING, 0, 0, 'x' x 8) x BURST },
    },
);


sub describe {
    my ($kind) = @_;

    return $Kinds{$kind}{what};
}


# How many connections a process here can have, of those that are wanted.

sub file_limit {
    my ($wanted) = @_;

    my $limit = POSIX::sysconf(&POSIX::_SC_OPEN_MAX) - SPARE;

    return $limit < $wanted ? $limit : $wanted;
}


sub start {
    my ($class, $kind, %arg) = @_;

    my $self = bless {
        kind  => $Kinds{$kind} // croak("no kind \"$kind\""),
        n     => 100,
        pause => 0.2,
        turns => 0,
        %arg,
    }, $class;

    pipe my $in, my $out or croak "pipe failed: $!";

    $self->spawn('_run', $out);
    $self->{turns_in} = $in;

    return $self;
}


# The child: a byte to the parent for each turn, until SIGTERM.

sub _run {
    my ($self, $out) = @_;

    my $is_over = 0;

    local $SIG{TERM} = sub { $is_over = 1 };
    local $SIG{PIPE} = 'IGNORE';

    my $port = $self->{kind}{is_h2} ? $self->{h2_port} : $self->{port};
    my @connections = map { {} } 1 .. $self->{n};

    $self->{address} = pack_sockaddr_in($port, INADDR_LOOPBACK);

    while (!$is_over) {
        my $start = time;

        for my $c (@connections) {
            last if $is_over;
            $self->_turn($c);
        }

        syswrite $out, '.' if !$is_over;

        my $left = $start + $self->{pause} - time;
        sleep $left if $left > 0 && !$is_over;
    }

    return;
}


sub _turn {
    my ($self, $c) = @_;

    my $kind = $self->{kind};

    if (!$c->{socket}) {
        return if $c->{is_over};

        $self->_open($c);
        _write($c);
        return;
    }

    if ($kind->{leaves}) {
        $self->_leave($c, $kind->{leaves});
        return;
    }

    $c->{turns}++;

    if (!$kind->{is_deaf} && !_read($c)) {
        $self->_forget($c);
        return;
    }

    $c->{out} = $kind->{next}->($c) if $c->{out} eq '' && !$self->{is_mute};

    $self->_forget($c) if !_write($c);

    return;
}


sub _open {
    my ($self, $c) = @_;

    socket my $socket, PF_INET, SOCK_STREAM, 0 or die "socket: $!\n";

    setsockopt $socket, SOL_SOCKET, SO_RCVBUF, WINDOW
        if $self->{kind}{is_deaf};

    # nginx may be slow to accept; what it refuses is tried at the next turn

    connect $socket, $self->{address} or return;

    $socket->blocking(0);

    %$c = (socket => $socket, in => '', out => $self->{kind}{first},
           turns => 0);

    return;
}


sub _read {
    my ($c) = @_;

    while (1) {
        my $n = sysread $c->{socket}, $c->{in}, BUFFER, length $c->{in};

        return $!{EAGAIN} || $!{EINTR} if !defined $n;
        return 0 if $n == 0;
    }
}


# False if the connection is over.

sub _write {
    my ($c) = @_;

    return 1 if !$c->{socket} || $c->{out} eq '';

    my $n = syswrite $c->{socket}, $c->{out};

    return $!{EAGAIN} || $!{EINTR} if !defined $n;

    substr $c->{out}, 0, $n, '';

    return 1;
}


# Connections that nginx has ended come again, unless they should not.

sub _forget {
    my ($self, $c) = @_;

    %$c = (is_over => $self->{is_once});

    return;
}


sub _leave {
    my ($self, $c, $how) = @_;

    if ($how eq 'half') {
        shutdown $c->{socket}, 1 if $c->{turns}++ == 0;
        $self->_forget($c) if !_read($c);
        return;
    }

    setsockopt $c->{socket}, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0
        if $how eq 'reset';

    $self->_forget($c);

    return;
}


sub turns {
    my ($self) = @_;

    while (IO::Select->new($self->{turns_in})->can_read(0)) {
        my $n = sysread $self->{turns_in}, my $text, BUFFER or last;
        $self->{turns} += $n;
    }

    return $self->{turns};
}


sub wait_turns {
    my ($self, $n, $seconds) = @_;

    my $wanted = $self->turns + $n;

    return wait_for(sub { $self->turns >= $wanted }, $seconds // 30);
}


1;

__END__

=head1 NAME

HostileClients - crowds of clients that do not behave

=head1 SYNOPSIS

    my $crowd = HostileClients->start('slow_bodies', n => 1000,
                                      port => $server->port);

    $crowd->wait_turns(2) or die;
    ... are others served? ...
    $crowd->stop;

=head1 DESCRIPTION

A process of its own has n connections to F</events> on this machine, and goes
from one to the next: in a turn each of them sends or reads a little, as its
kind does. The kinds are listed in the source.

=head1 METHODS

=head2 start(kind, port => n, [name => value, ...])

Names: n (100 connections) pause (seconds from turn to turn, 0.2, if it does
not take longer) h2_port (for kinds of HTTP/2); C<is_once>: a connection that
nginx has ended does not come again; C<is_mute>: after its first words it says
no more.

=head2 stop

Ends all connections; whether that went well.

=head2 turns, wait_turns(n, [seconds])

How many turns are over; whether n more come to be.

=head1 FUNCTIONS

=head2 describe(kind)

A kind in words.

=head2 file_limit(n)

n, or less, if a process may not have so many connections.

=cut
