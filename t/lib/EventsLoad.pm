package EventsLoad;

use strict;
use warnings;

use parent 'ChildProcess';

use Carp qw(croak);
use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use Exporter 'import';
use File::Temp ();
use IO::Select;
use IO::Socket::INET;
use Test::More ();
use Time::HiRes qw(sleep time);

use Test::Nginx::Server qw(wait_for);

our @EXPORT_OK = qw(event_ids);

use constant {
    BUFFER        => 65_536,
    RETRY         => 0.01,      # seconds between attempts to connect
    LAST_ANSWERS  => 15,        # seconds for what is open at the end
};


sub start {
    my ($class, %arg) = @_;

    my $self = bless {
        host        => '127.0.0.1',
        uri         => '/events',
        connections => 8,
        batch       => 2,
        padding     => 0,
        brands      => [],
        pause       => 0.002,
        file        => File::Temp->new(TEMPLATE => 'events-load-XXXXXX',
                                       TMPDIR => 1),
        read        => 0,
        rest        => '',
        requests    => [],
        statuses    => {},
        sent        => {},
        %arg,
    }, $class;

    croak 'no port' if !$self->{port};

    $self->spawn('_load');

    return $self;
}


# The child: one loop over all connections, until SIGTERM; then nothing new is
# sent, and what was sent waits for its answer.

sub _load {
    my ($self) = @_;

    my $done;

    local $SIG{TERM} = sub { $done = time };
    local $SIG{PIPE} = 'IGNORE';

    open my $out, '>>', $self->{file}->filename or die "$!\n";
    $out->autoflush(1);

    $self->{out} = $out;
    $self->{serial} = 0;

    my @connections = map { { n => $_, next => time } }
                          1 .. $self->{connections};

    while (1) {
        last if $done && (!grep { $_->{ids} } @connections);
        last if $done && time > $done + LAST_ANSWERS;

        if (!$done) {
            $self->_send($_) for grep { !$_->{ids} && $_->{next} <= time }
                                      @connections;
        }

        $self->_receive(grep { $_->{ids} } @connections);
    }

    $self->_record($_, 0) for grep { $_->{ids} } @connections;

    return;
}


sub _send {
    my ($self, $c) = @_;

    # between two requests there is nothing to read but the end

    if ($c->{socket} && IO::Select->new($c->{socket})->can_read(0)) {
        $self->_close($c);
    }

    if (!$c->{socket}) {
        $c->{socket} = IO::Socket::INET->new(
            PeerAddr => $self->{host}, PeerPort => $self->{port},
            Proto => 'tcp', Timeout => 5);

        if (!$c->{socket}) {
            $c->{next} = time + RETRY;
            return;
        }

        $c->{socket}->autoflush(1);
        $c->{in} = '';
    }

    my @ids = map { sprintf 'e%d-%d', $$, ++$self->{serial} }
                  1 .. $self->{batch};
    my $body = '[' . join(',', map { $self->_event($_) } @ids) . ']';

    $c->{ids} = \@ids;
    $c->{sent} = time;

    # a failure shows when it is read

    syswrite $c->{socket},
             "POST $self->{uri} HTTP/1.1\r\nHost: localhost\r\n"
             . 'Content-Length: ' . length($body) . "\r\n\r\n$body";

    return;
}


sub _event {
    my ($self, $id) = @_;

    my $padding = 'x' x $self->{padding};
    my @brands = @{ $self->{brands} };
    my $brand = '';

    if (@brands) {
        my ($n) = $id =~ /(\d+)\z/;
        $brand = qq("brand":"$brands[$n % @brands]",);
    }

    return qq({"event_id":"$id",$brand"padding":"$padding"});
}


sub _receive {
    my ($self, @waiting) = @_;

    if (!@waiting) {
        sleep 0.001;
        return;
    }

    my %by_socket = map { $_->{socket} => $_ } @waiting;
    my $select = IO::Select->new(map { $_->{socket} } @waiting);

    for my $socket ($select->can_read(0.002)) {
        my $c = $by_socket{$socket};
        my $n = sysread $socket, $c->{in}, BUFFER, length $c->{in};

        next if !defined $n && ($! == EAGAIN || $! == EINTR);

        if (!$n) {
            $self->_record($c, 0);
            $self->_close($c);
            next;
        }

        $self->_answer($c);
    }

    return;
}


sub _answer {
    my ($self, $c) = @_;

    my ($head, $status, $length) =
        $c->{in} =~ /\A(HTTP\S+\ (\d+)\ .*?^Content-Length:\ (\d+)\r\n
                        (?:\V+\r\n)*\r\n)/xims or return;

    my $size = length($head) + $length;

    return if length $c->{in} < $size;

    my ($code) = substr($c->{in}, length $head, $length)
                 =~ /"code":"(\w+)"/;

    $self->_record($c, $status, $code);

    if ($head =~ /^Connection: close/mi) {
        $self->_close($c);

    } else {
        substr $c->{in}, 0, $size, '';
    }

    return;
}


sub _record {
    my ($self, $c, $status, $code) = @_;

    my $now = time;

    printf {$self->{out}} "%d %s %.6f %.2f %d %s\n", $status, $code // '-',
           $now, 1000 * ($now - $c->{sent}), $c->{n},
           join ' ', @{ delete $c->{ids} };

    $c->{next} = $now + $self->{pause};

    return;
}


sub _close {
    my ($self, $c) = @_;

    close delete $c->{socket};

    return;
}


sub requests {
    my ($self) = @_;

    open my $in, '<', $self->{file}->filename or croak "$!";
    seek $in, $self->{read}, 0;

    local $/;
    my $text = $self->{rest} . (<$in> // '');

    $self->{read} = tell $in;
    $self->{rest} = $text =~ s/([^\n]*)\z// ? $1 : '';

    for my $line (split /\n/, $text) {
        my ($status, $code, $when, $msec, $n, @ids) = split ' ', $line;

        my $request = { status => $status, code => $code, when => $when,
                        msec => $msec, ids => \@ids };

        $self->{statuses}{$status}++;
        $self->{sent}{$n} = $when - $msec / 1000;

        if ($self->{each}) {
            $self->{each}->($request);

        } else {
            push @{ $self->{requests} }, $request;
        }
    }

    return @{ $self->{requests} };
}


sub count {
    my ($self, $status) = @_;

    $self->requests;

    return $self->{statuses}{$status} // 0;
}


sub wait_more {
    my ($self, $status, $n, $seconds) = @_;

    my $before = $self->count($status);

    return wait_for(sub { $self->count($status) >= $before + $n },
                    $seconds // 20);
}


# Whether nothing waits that was sent before: each connection has sent another
# request since, and has got its answer.

sub nothing_waits {
    my ($self, $time) = @_;

    $self->requests;

    return $self->{connections}
           == grep { $_ > $time } values %{ $self->{sent} };
}


sub ids {
    my ($self, @statuses) = @_;

    my %wanted = map { $_ => 1 } @statuses;

    return map { @{ $_->{ids} } } grep { $wanted{ $_->{status} } }
                                       $self->requests;
}


# Of the ids that were answered with this status: which are in no record, and
# which are in more than one.

sub compare {
    my ($self, $status, @records) = @_;

    my %seen;
    $seen{$_}++ for event_ids(@records);

    my @ids = $self->ids($status);

    return { answered => scalar @ids,
             missing  => [ grep { !$seen{$_} } @ids ],
             twice    => [ grep { ($seen{$_} // 0) > 1 } @ids ],
             seen     => \%seen };
}


# Three assertions.  A 503 says that nothing of the batch is kept, so that the
# client sends it again.

sub nothing_is_missing {
    my ($self, @records) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    my $result = $self->compare(200, @records);
    my @kept = grep { $result->{seen}{$_} } $self->ids(503);

    Test::More::cmp_ok($result->{answered}, '>', 0, 'there were answers 200');
    Test::More::is("@{ $result->{missing} }", '',
                   'what was answered 200 is in Kafka');
    Test::More::is("@kept", '', 'what was answered 503 is not');

    Test::More::note($self->table . ', '
                     . @{ $result->{twice} } . ' events twice');

    return $result;
}


sub table {
    my ($self) = @_;

    my %count;
    $count{ $_->{status} . ($_->{code} eq '-' ? '' : " $_->{code}") }++
        for $self->requests;

    return join ', ', map { "$count{$_} x " . (/^0$/ ? 'no answer' : $_) }
                          sort keys %count;
}


sub event_ids {
    my (@records) = @_;

    return map { $_->{value} =~ /"event_id":"([^"]+)"/ ? $1 : () } @records;
}


1;

__END__

=head1 NAME

EventsLoad - constant load, and what became of each event

=head1 SYNOPSIS

    my $load = EventsLoad->start(port => $server->port);

    $load->wait_more(200, 100) or die;
    $server->reload;
    $load->wait_more(200, 100) or die;
    $load->stop;

    my $result = $load->compare(200, $broker->records('events'));
    die "@{ $result->{missing} }" if @{ $result->{missing} };

=head1 DESCRIPTION

A process of its own posts batches over keep-alive connections; each event
has an C<event_id> of its own. It connects again where a connection ends.

=head1 METHODS

=head2 start(port => n, [name => value, ...])

Names: host (127.0.0.1) uri (/events) connections (8) batch (2 events) padding
(bytes of an event, 0) brands (an array; events have one after the other) pause
(seconds between two batches of a connection, 0.002) each (a function that gets
each request once it is over, instead of C<requests>: a long run keeps none).

=head2 stop

Ends the load once all that was sent is answered; whether that went well.

=head2 requests

What is over: hashes with C<status code when msec ids>, C<status> 0 where the
connection ended without an answer, C<code> "-" where there is none.

=head2 count(status), ids(status, ...), table

Requests, their event ids, and a line of text that counts them.

=head2 wait_more(status, n, [seconds])

Whether n more requests come to be answered so.

=head2 nothing_waits(time)

Whether all that was sent before this time is over.

=head2 compare(status, record, ...)

C<answered>, the number of events answered so; C<missing> and C<twice>, those
of them that are in no record, or in several; C<seen>, how often each id is.

=head2 nothing_is_missing(record, ...)

Three assertions about answers and records; returns what C<compare> does.

=head1 FUNCTIONS

=head2 event_ids(record, ...)

=cut
