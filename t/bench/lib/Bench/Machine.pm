package Bench::Machine;

# On what, and with what, the figures were made.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(description);


sub description {
    my ($setup) = @_;

    my ($cpu) = (_read('/proc/cpuinfo')) =~ /^model name\s*:\s*(.*)/m;
    my $cpus = () = _read('/proc/cpuinfo') =~ /^processor/mg;
    my ($nginx) = `$setup->{nginx} -v 2>&1` =~ m{nginx/(\S+)};
    my $rdkafka = _version('librdkafka1');
    my $wrk = _version('wrk');
    my ($load) = split ' ', _read('/proc/loadavg');

    my %pin = (
        main => 'main thread of the worker on CPU 0, all else on CPU 1',
        worker => 'worker on CPU 0, wrk and broker on CPU 1',
        none => 'nothing is pinned',
    );

    return "One nginx worker under wrk.  " . ($cpu // 'unknown CPU')
           . ", $cpus CPUs; $pin{$setup->{pin}}.\n"
           . "nginx $nginx, librdkafka $rdkafka, wrk $wrk; load average at "
           . "the start: $load.\n"
           . "Events of 390 bytes; the median of $setup->{runs} runs of "
           . "$setup->{seconds} s each, in turns.\n";
}


sub _version {
    my ($package) = @_;

    my $version = `dpkg-query -W -f '\${Version}' $package 2>/dev/null`;

    return $version =~ /([\d.]+)/ ? $1 : 'unknown';
}


sub _read {
    my ($path) = @_;

    open my $fh, '<', $path or return '';
    local $/;

    return scalar(<$fh>) // '';
}

1;
