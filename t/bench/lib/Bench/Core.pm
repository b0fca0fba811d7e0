package Bench::Core;

# What an event costs in the core, step by step: nanoseconds, as t/bench/
# bench_core.c takes them, and instructions, as callgrind counts them.

use strict;
use warnings;

use Exporter qw(import);

use Bench::Events qw(body);

our @EXPORT_OK = qw(core);

use constant {
    EVENTS => 50,
    ROUNDS => 201,

    # the difference of these is free of what is done once

    PASSES => [ 10, 110 ],
};

my @STEPS = qw(parse validate transform);


sub core {
    my ($setup, $give) = @_;

    my $events = "$setup->{dir}/core.json";

    open my $fh, '>', $events or die "$events: $!\n";
    print {$fh} body(EVENTS);
    close $fh or die "$events: $!\n";

    my @program = ("$setup->{out}/core", $setup->{contract}, $events);
    my %ns = _time($setup, @program);
    my %instructions = _instructions(@program);

    for my $step (@STEPS, 'all') {
        my %row = (step => $step, %{ $ns{$step} },
                   instructions => $instructions{$step});

        if ($step eq 'validate') {
            $row{ns_ratio} = $ns{ratio};
            $row{instructions_ratio} = $instructions{validate}
                                       / $instructions{parse}
                if %instructions;
        }

        $give->(\%row);
    }
}


# The median and the least of each step; the ratio is the median of those of
# the rounds.

sub _time {
    my ($setup, @program) = @_;

    my @pin = $setup->{pin} eq 'none' ? () : qw(taskset -c 0);
    my $out = _run(@pin, @program, ROUNDS);

    my %ns = map { /^(\w+) +([\d.]+) ns an event, least +(-?[\d.]+)/
                   ? ($1 => { ns => $2, ns_least => $3 }) : () }
             split /\n/, $out;

    ($ns{ratio}) = $out =~ m{^validate / parse ([\d.]+)}m;
    defined $ns{ratio} or die "the core said:\n$out";

    return %ns;
}


# What each step adds, and all of them; nothing where there is no valgrind.

sub _instructions {
    my (@program) = @_;

    return if !grep { -x "$_/valgrind" } split /:/, $ENV{PATH};

    my (%instructions, $before);

    for my $step (@STEPS) {
        my @count = map { _count(@program, $_, $step) } @{ +PASSES };
        my $all = ($count[1] - $count[0])
                  / (EVENTS * (PASSES->[1] - PASSES->[0]));

        $instructions{$step} = $all - ($before // 0);
        $instructions{all} = $before = $all;
    }

    return %instructions;
}


sub _count {
    my (@program) = @_;

    my $out = _run(qw(valgrind --tool=callgrind
                      --callgrind-out-file=/dev/null), @program);

    return $out =~ /Collected : (\d+)/ ? $1 : die "callgrind said:\n$out";
}


sub _run {
    my (@command) = @_;

    my $pid = open(my $out, '-|') // die "fork: $!\n";

    if (!$pid) {
        open STDERR, '>&', \*STDOUT or die;
        exec @command or die "cannot run \"$command[0]\": $!\n";
    }

    local $/;
    my $text = <$out> // '';
    close $out or die "\"@command\" failed:\n$text";

    return $text;
}

1;
