package Bench::Callgrind;

# Instructions that the main thread of a worker takes for a request, as
# callgrind counts them: those of programs, without the kernel's.  Exact where
# CPU time is not, and the larger share of it.

use strict;
use warnings;

use Exporter qw(import);
use IO::Socket::INET;

use Bench::Events qw(request_text);

our @EXPORT_OK = qw(instructions);

use constant {
    AT_ONCE => 20,              # connections, one request each
    ROUNDS  => [ 5, 30 ],       # the difference is free of start and end
};


# Options: name, requests (as in Bench::Events), http and location as in
# Bench::Setup.  Nothing where there is no valgrind.

sub instructions {
    my ($setup, %opt) = @_;

    return if !grep { -x "$_/valgrind" } split /:/, $ENV{PATH};

    my @totals = map { _total($setup, $_, %opt) } @{ +ROUNDS };

    return ($totals[1] - $totals[0]) / (AT_ONCE * (ROUNDS->[1] - ROUNDS->[0]));
}


sub _total {
    my ($setup, $rounds, %opt) = @_;

    my $out = "$setup->{dir}/callgrind";

    my $worker = $setup->new_worker(
        'custom', %opt, name => "callgrind-$opt{name}", patience => 60,
        main => 'user ' . getpwuid($>) . ';',       # who may write there
        wrapper => [ qw(valgrind -q --tool=callgrind --separate-threads=yes
                        --fair-sched=yes), "--callgrind-out-file=$out.%p" ]);

    my @texts = map { request_text($_) } @{ $opt{requests} };
    my @sockets = map {
        IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                              PeerPort => $worker->{port})
            // die "bench: no connection: $!\n";
    } 1 .. AT_ONCE;

    for my $round (1 .. $rounds) {
        for my $n (0 .. $#sockets) {
            syswrite $sockets[$n], $texts[($round * AT_ONCE + $n) % @texts];
        }

        _accepted($_) for @sockets;
    }

    close $_ for @sockets;
    $worker->stop;

    return _read_total("$out.$worker->{pid}-01");
}


sub _accepted {
    my ($socket) = @_;

    my $text = '';

    while ($text !~ /"request_id"[^}]*\}\s*\z/) {
        sysread $socket, $text, 65536, length $text
            or die "bench: no answer under callgrind\n";
    }

    $text =~ m{^HTTP/1\.1 200 } or die "bench: under callgrind: $text\n";

    return;
}


sub _read_total {
    my ($path) = @_;

    open my $fh, '<', $path or die "bench: $path: $!\n";

    while (my $line = <$fh>) {
        return $1 if $line =~ /^(?:totals|summary): (\d+)/;
    }

    die "bench: $path has no total\n";
}

1;
