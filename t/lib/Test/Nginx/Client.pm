package Test::Nginx::Client;

use strict;
use warnings;

use Errno qw(EAGAIN EINTR EWOULDBLOCK ECONNRESET EPIPE);
use Exporter 'import';
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(exchange parse_response build_request http_request);

use constant BUFFER => 65_536;


# packets: { value, delay_before }. Returns the bytes received and whether
# the connection came to its end (false: timed out).

sub exchange {
    my ($packets, %arg) = @_;

    my $socket = _connect(%arg) or return ("connect failed: $!", 1);

    local $SIG{PIPE} = 'IGNORE';

    my $state = {
        socket  => $socket,
        packets => [ @$packets ],
        out     => '',
        in      => '',
        next    => 0,
        first   => 1,
        %arg,
    };

    my $ended = _run($state);

    close $socket;

    return ($state->{in}, $ended);
}


sub _connect {
    my (%arg) = @_;

    my $socket = $arg{path}
        ? IO::Socket::UNIX->new(Peer => $arg{path})
        : IO::Socket::INET->new(
              PeerAddr => $arg{address} || '127.0.0.1',
              PeerPort => $arg{port}, Proto => 'tcp',
              Timeout  => $arg{timeout},
          );

    return if !$socket;

    $socket->blocking(0);

    return $socket;
}


sub _run {
    my ($state) = @_;

    my $readers = IO::Select->new($state->{socket});
    my $deadline = time + $state->{timeout};

    while (1) {
        my $wait = _next_packet($state);
        my $left = $deadline - time;

        if (defined $wait) {
            $left = $wait;
            $deadline = time + $wait + $state->{timeout};
        }

        return 0 if $left <= 0 && !defined $wait;

        my $writers = $state->{out} eq '' ? undef : $readers;
        my ($can_read, $can_write) =
            IO::Select->select($readers, $writers, undef, $left);

        if ($can_read && @$can_read) {
            $deadline = time + $state->{timeout};
            return 1 if !_read($state);
        }

        if ($can_write && @$can_write) {
            $deadline = time + $state->{timeout};
            _write($state);
        }
    }
}


# Returns the seconds until the next packet is due, undef when there is
# nothing to wait for.

sub _next_packet {
    my ($state) = @_;

    return if $state->{out} ne '' || $state->{sent};

    my $packet = $state->{packets}[0];

    if (!$packet) {
        $state->{sent} = 1;

        if (defined $state->{shutdown}) {
            shutdown $state->{socket}, $state->{shutdown};
        }

        return;
    }

    my $delay = $packet->{delay_before}
                // ($state->{first} ? 0 : $state->{delay} // 0);

    $state->{next} ||= time + $delay;

    my $wait = $state->{next} - time;

    return $wait if $wait > 0;

    $state->{out} = $packet->{value};
    $state->{next} = 0;
    $state->{first} = 0;

    shift @{ $state->{packets} };

    return $state->{out} eq '' ? _next_packet($state) : undef;
}


sub _read {
    my ($state) = @_;

    my $n = sysread $state->{socket}, $state->{in}, BUFFER,
                    length $state->{in};

    return $n > 0 if defined $n;

    return $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;
}


sub _write {
    my ($state) = @_;

    my $n = syswrite $state->{socket}, $state->{out};

    if (defined $n) {
        substr $state->{out}, 0, $n, '';

    } elsif ($! == EPIPE || $! == ECONNRESET) {

        # The answer may still be there to be read.

        $state->{out} = '';
        $state->{packets} = [];
        $state->{sent} = 1;
    }

    return;
}


# Takes "METHOD [URI [VERSION]]", a line end and the body, cut into packets;
# returns the packets with the headers in place.

sub build_request {
    my ($pieces, %arg) = @_;

    my $text = join '', @$pieces;

    my ($line, $body) = $text =~ /\A([^\n]*)\n?(.*)\z/s;
    my $body_start = length($text) - length $body;

    my ($method, $uri, $version, $extra) = split ' ', $line;

    die "the request has no request line\n" if !defined $method;
    die "cannot understand the request line \"$line\"\n" if defined $extra;

    my ($headers, $is_chunked) = _headers($arg{headers} // '');

    my $skip = 0;

    if (!$is_chunked && $headers !~ /^Content-Length:/m) {
        $body =~ s/\s+\z//;
        $skip = $body =~ s/\A(\s+)// ? length $1 : 0;

        if ($body ne '') {
            $headers .= 'Content-Length: ' . length($body) . "\r\n";
        }
    }

    my $head = join ' ', $method, $uri // '/', $version // 'HTTP/1.1';
    my $limit = length $head;

    $head .= "\r\n";
    $head .= "Host: $arg{host}\r\n" if $headers !~ /^Host:/mi;
    $head .= "Connection: $arg{connection}\r\n"
        if $headers !~ /^Connection/mi;
    $head .= "$headers\r\n";

    my $wire = $head . $body;

    return $wire if @$pieces == 1;

    my $shift = length($head) - $body_start - $skip;

    return _cut($wire, $pieces, sub {
        my ($offset) = @_;

        return $offset < $limit ? $offset : $limit
            if $offset < $body_start;

        return $offset < $body_start + $skip ? length $head : $offset + $shift;
    });
}


sub _cut {
    my ($wire, $pieces, $position) = @_;

    my @result;
    my ($read, $done) = (0, 0);

    for my $i (0 .. $#$pieces) {
        $read += length $pieces->[$i];

        my $end = $i == $#$pieces ? length $wire : $position->($read);

        $end = length $wire if $end > length $wire;
        $end = $done if $end < $done;

        push @result, substr $wire, $done, $end - $done;

        $done = $end;
    }

    return @result;
}


sub _headers {
    my ($text) = @_;

    my $headers = '';
    my $is_chunked = 0;

    for my $line (split /\n+/, $text) {
        next if $line =~ /^\s*#/;

        my ($name, $value) = split /:\s*/, $line, 2;

        $value //= '';
        $value =~ s/\r\z//;

        if (lc $name eq 'transfer-encoding' && $value eq 'chunked') {
            $is_chunked = 1;
        }

        $headers .= "$name: $value\r\n";
    }

    return ($headers, $is_chunked);
}


# Returns the response, and the bytes that follow it.

sub parse_response {
    my ($bytes, %arg) = @_;

    my $response = {
        code => undef, raw_headers => '', headers => {}, body => '',
        fault => undef,
    };

    my ($head, $rest) = $bytes =~ /\A(.*?\r\n)\r\n(.*)\z/s
        or return ($response, '');

    my ($status_line, @lines) = split /\r\n/, $head;

    if ($status_line =~ m{^HTTP/\d\.\d (\d{3})\b ?(.*)}) {
        $response->{code} = $1;
        $response->{reason} = $2;
    }

    $response->{raw_headers} = $head;

    for my $line (@lines) {
        my ($name, $value) = split /:[ \t]*/, $line, 2;
        push @{ $response->{headers}{lc $name} }, $value // '';
    }

    my $left = _set_body($response, $rest, %arg);

    return ($response, $left);
}


sub _set_body {
    my ($response, $rest, %arg) = @_;

    my $code = $response->{code} // 0;

    return $rest if $code == 304 || $code == 204 || $code == 101
                    || $code == 100 || $arg{head};

    my ($encoding) = @{ $response->{headers}{'transfer-encoding'} || [] };
    my ($length) = @{ $response->{headers}{'content-length'} || [] };

    if (defined $encoding && lc $encoding eq 'chunked') {
        return _set_chunked($response, $rest);
    }

    if (!defined $length || length $rest < $length) {
        $response->{body} = $rest;

        if (defined $length) {
            $response->{fault} = "the body is cut: $length bytes expected, "
                                 . length($rest) . ' received';
        }

        return '';
    }

    $response->{body} = substr $rest, 0, $length;

    return substr $rest, $length;
}


sub _set_chunked {
    my ($response, $rest) = @_;

    while ($rest =~ /\G([0-9A-Fa-f]+)[ \t]*(?:;[^\r\n]*)?\r\n/gc) {
        my $size = hex $1;

        last if $size == 0;

        $response->{body} .= substr $rest, pos $rest, $size;

        pos($rest) += $size;

        $rest =~ /\G\r\n/gc or last;
    }

    if ($rest !~ /\G(?:[^\r\n]+\r\n)*\r\n/gc) {
        $response->{fault} = 'the chunked body is not complete';
        return '';
    }

    return substr $rest, pos $rest;
}


sub http_request {
    my ($method, $port, $uri, $body, %headers) = @_;

    my %option = map { $_ => delete $headers{$_} }
                 grep { exists $headers{$_} } qw(timeout path address);

    my %sent = (Host => 'localhost', Connection => 'close', %headers);

    if (defined $body) {
        $sent{'Content-Length'} //= length $body;
    }

    my $bytes = join '', "$method $uri HTTP/1.1\r\n",
                     (map { "$_: $sent{$_}\r\n" } sort keys %sent),
                     "\r\n", $body // '';

    my ($in, $ended) = exchange([ { value => $bytes } ],
                                timeout => 10, %option, port => $port);

    my ($response, $left) = ({ code => 100 }, $in);

    while (($response->{code} // 0) == 100) {
        ($response, $left) = parse_response($left, head => $method eq 'HEAD');
    }

    $response->{timed_out} = !$ended;

    return ($response->{code} // 0, $response->{headers}, $response->{body},
            $response);
}

1;

__END__

=head1 NAME

Test::Nginx::Client - requests as packets, and their responses

=head1 FUNCTIONS

All are exported on request.

=head2 exchange(packets, port => n, timeout => seconds, ...)

Connects to C<port> of C<address> (127.0.0.1) or to the socket C<path>,
sends the packets, hashes with C<value> and C<delay_before>, and reads to the
end of the connection. C<delay> is the default pause between packets,
C<shutdown> the argument of a shutdown(2) after the last one. C<timeout>
bounds the wait between two events on the socket. Returns the bytes received
and whether the end was reached.

=head2 build_request(pieces, host =>, connection =>, headers =>)

Turns a request of a test file, C<METHOD [URI [VERSION]]> and the body on the
following lines, into what goes over the wire; the result is cut where the
pieces were. White space around the body is dropped, unless the headers name
a length or C<chunked>.

=head2 parse_response(bytes, [head => 1])

Returns a response and the bytes after it. A response is a hash: C<code>
(undef when there is none), C<reason>, C<raw_headers>, C<headers> (name in
lower case to an array of values), C<body> without chunks, C<fault> (a text
when the body is not complete).

=head2 http_request(method, port, uri, [body, name => value, ...])

Sends one request; the names are headers or C<timeout>, C<path>, C<address>.
Returns the status (0: none), the headers, the body and the response.

=cut
