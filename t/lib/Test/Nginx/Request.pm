package Test::Nginx::Request;

use strict;
use warnings;

use Exporter 'import';

use Test::Nginx::Client qw(build_request);
use Test::Nginx::Config qw(expand_env);

our @EXPORT_OK = qw(requests_of method_of seconds);


# Returns the requests, each an array of packets.

sub requests_of {
    my ($block, $ports) = @_;

    if (defined(my $raw = $block->raw_request)) {
        return [ map { +{ value => $_ } } ref $raw ? @$raw : $raw ];
    }

    if (my $requests = $block->pipelined_requests) {
        return _pipeline($block, $ports, @$requests);
    }

    my $request = $block->request // die "there is no request\n";

    if (!ref $request) {
        $request =~ s/\A(?:\s+|#[^\n]*(?:\n|\z))+//;
        $request = [ $request ];
    }

    return map { _packets($block, $_, $request->[$_]) } 0 .. $#$request;
}


sub _pipeline {
    my ($block, $ports, @requests) = @_;

    my $bytes = '';

    for my $index (0 .. $#requests) {
        my $connection = $index == $#requests ? 'close' : 'keep-alive';

        $bytes .= _build($block, $index, $connection,
                         expand_env($requests[$index], $ports));
    }

    return [ { value => $bytes } ];
}


sub _packets {
    my ($block, $index, $request) = @_;

    my @pieces = ref $request ? @$request : $request;
    my @options = map { ref $_ ? $_ : {} } @pieces;
    my @wire = _build($block, $index, 'close',
                      map { ref $_ ? $_->{value} : $_ } @pieces);

    return [ map { +{ %{ $options[$_] }, value => $wire[$_] } } 0 .. $#wire ];
}


sub _build {
    my ($block, $index, $connection, @pieces) = @_;

    my $headers = $block->more_headers;

    if (ref $headers) {
        $headers = $headers->[$index]
                   // die "more_headers has no value for request $index\n";
    }

    return build_request(\@pieces, headers => $headers, host => 'localhost',
                         connection => $connection);
}


sub method_of {
    my ($block, $index) = @_;

    my $request = $block->raw_request;

    if (!defined $request) {
        $request = $block->pipelined_requests // $block->request;
        $request = $request->[$index] if ref $request;
    }

    $request = $request->[0] if ref $request eq 'ARRAY';
    $request = $request->{value} if ref $request;

    return ($request // '') =~ /^\s*(?:#[^\n]*\n\s*)*([A-Za-z]+)/ ? $1 : '';
}


sub seconds {
    my ($text) = @_;

    my ($value, $unit) = $text =~ /^\s*(\d*\.?\d+)\s*(ms|s)?\s*$/
        or die "invalid time \"$text\"\n";

    return ($unit // 's') eq 'ms' ? $value / 1000 : $value;
}

1;

__END__

=head1 NAME

Test::Nginx::Request - from a block to the bytes to send

=head1 FUNCTIONS

All are exported on request.

=head2 requests_of(block, ports)

Returns the requests of the sections C<raw_request>, C<pipelined_requests> or
C<request>, with C<more_headers>: for each connection an array of packets for
L<Test::Nginx::Client/exchange>.

=head2 method_of(block, index)

The method of a request, as text.

=head2 seconds(text)

The number of seconds in C<2>, C<2s> or C<2000ms>.

=cut
