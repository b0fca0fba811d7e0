package WorkerMemory;

# What a process has in memory, and whether it grows with the requests.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(resident peak forget_peak is_checked growth);

use constant {
    MB     => 1024 * 1024,
    BLOCKS => 10,

    # Student's t of 99 % with BLOCKS - 2 degrees of freedom, two-sided
    T_99   => 3.355,
};


# MB, now and at most since "forget_peak".

sub resident {
    my ($pid) = @_;

    return _status($pid, 'VmRSS') / 1024;
}


sub peak {
    my ($pid) = @_;

    return _status($pid, 'VmHWM') / 1024;
}


sub _status {
    my ($pid, $name) = @_;

    return _read("/proc/$pid/status") =~ /^$name:\s+(\d+) kB/m ? $1 : 0;
}


sub forget_peak {
    my ($pid) = @_;

    open my $fh, '>', "/proc/$pid/clear_refs" or return;
    print {$fh} "5\n";
    close $fh;

    return;
}


# A sanitizer or valgrind keeps what is freed, and finds leaks by itself.

sub is_checked {
    my ($pid) = @_;

    return $ENV{TEST_NGINX_USE_VALGRIND}
           || _read("/proc/$pid/maps") =~ /libasan|\[valgrind|memcheck/;
}


# Bytes a request, and how far from that it may be, at 99 %: a line through the
# second half of the points, [ requests, MB ].  What a worker has in memory
# sways slowly, so that neighbours say the same: the line goes through the means
# of ten blocks, and the error is that of ten points.

sub growth {
    my (@points) = @_;

    my @half = @points[@points / 2 .. $#points];
    my $size = int(@half / BLOCKS) or die "too few points\n";

    my @blocks = map {
        my @block = @half[$_ * $size .. ($_ + 1) * $size - 1];
        [ map { my $i = $_; _mean(map { $_->[$i] } @block) } 0, 1 ];
    } 0 .. BLOCKS - 1;

    my ($x, $y) = map { my $i = $_; _mean(map { $_->[$i] } @blocks) } 0, 1;
    my ($xx, $xy, $rest) = (0, 0, 0);

    for my $block (@blocks) {
        $xx += ($block->[0] - $x) ** 2;
        $xy += ($block->[0] - $x) * ($block->[1] - $y);
    }

    my $slope = $xy / $xx;

    for my $block (@blocks) {
        $rest += ($block->[1] - $y - $slope * ($block->[0] - $x)) ** 2;
    }

    my $error = sqrt($rest / (BLOCKS - 2) / $xx);

    return ($slope * MB, T_99 * $error * MB);
}


sub _mean {
    my (@values) = @_;

    my $sum = 0;
    $sum += $_ for @values;

    return $sum / @values;
}


sub _read {
    my ($path) = @_;

    open my $fh, '<', $path or return '';
    local $/;

    return <$fh> // '';
}

1;
