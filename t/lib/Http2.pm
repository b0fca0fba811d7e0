package Http2;

# HTTP/2 without TLS, as far as tests need it: frames, and requests with
# literal header fields.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(preface frame take_frame request
                    DATA HEADERS RST_STREAM SETTINGS PING);

use constant {
    DATA       => 0,
    HEADERS    => 1,
    RST_STREAM => 3,
    SETTINGS   => 4,
    PING       => 6,
};

use constant {
    END_STREAM  => 1,
    END_HEADERS => 4,
    CANCEL      => 8,
};


# What a connection starts with; the settings are pairs of numbers.

sub preface {
    my (@settings) = @_;

    return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
           . frame(SETTINGS, 0, 0, pack '(n N)*', @settings);
}


sub frame {
    my ($type, $flags, $stream, $payload) = @_;

    return substr(pack('N', length $payload), 1)
           . pack('C C N', $type, $flags, $stream) . $payload;
}


# Takes a frame off a text: type, flags, stream and payload, or nothing where
# it is not there as a whole.

sub take_frame {
    my ($in) = @_;

    return if length $$in < 9;

    my $length = unpack 'N', "\0" . substr $$in, 0, 3;

    return if length $$in < 9 + $length;

    my ($type, $flags, $stream) = unpack 'x3 C C N', $$in;
    my $payload = substr $$in, 9, $length;

    substr $$in, 0, 9 + $length, '';

    return ($type, $flags, $stream, $payload);
}


# POST /events; "open": the body is not all, "reset": nobody waits for it.

sub request {
    my ($stream, $body, %arg) = @_;

    # :method POST, :scheme http, :path, :authority

    my $headers = "\x83\x86\x04\x07/events\x01\x09localhost";
    my $end = $arg{open} ? 0 : END_STREAM;

    return frame(HEADERS, END_HEADERS, $stream, $headers)
           . frame(DATA, $end, $stream, $body)
           . ($arg{reset} ? frame(RST_STREAM, 0, $stream, pack 'N', CANCEL)
                          : '');
}

1;
