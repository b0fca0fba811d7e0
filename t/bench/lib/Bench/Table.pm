package Bench::Table;

# Rows and targets as text, and as Markdown for the README.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(heading row markdown target_lines);

# name => [ heading, width, format ]; a number's column is aligned right

my %COLUMNS = (
    who         => [ 'contender', -11, '%s' ],
    what        => [ 'what', -58, '%s' ],
    step        => [ 'step', -11, '%s' ],
    ns          => [ 'ns', 6, '%.0f' ],
    ns_least    => [ 'least', 6, '%.0f' ],
    ns_ratio    => [ 'of parse', 8, '%.2f' ],
    instructions => [ 'instructions', 12, '%.0f' ],
    instructions_ratio => [ 'of parse', 8, '%.2f' ],
    events      => [ 'events', 6, '%d' ],
    connections => [ 'conn.', 6, '%d' ],
    rtt         => [ 'rtt ms', 6, '%d' ],
    buffer      => [ 'buffer', 6, '%s' ],
    rps         => [ 'requests/s', 10, '%.0f' ],
    eps         => [ 'events/s', 10, '%.0f' ],
    ratio       => [ 'of ceiling', 10, '%.2f' ],
    rps_ratio   => [ 'of off', 6, '%.2f' ],
    main_ratio  => [ 'of off', 6, '%.2f' ],
    times       => [ 'x lua', 6, '%.1f' ],
    times_without => [ 'x without', 9, '%.2f' ],
    main_share  => [ 'CPU %', 6, '%.1f' ],
    worker_instructions => [ 'instructions', 12, '%.0f' ],
    instructions_share => [ '%', 5, '%.1f' ],
    rps_return  => [ 'of return', 9, '%.2f' ],
    main_return => [ 'of return', 9, '%.2f' ],
    broker      => [ 'broker', -9, '%s' ],
    rate        => [ 'rate', 7, '%.0f' ],
    requests    => [ 'answers', 8, '%d' ],
    max         => [ 'max ms', 8, '%.2f' ],
    times_plain => [ 'p99 x plain p50', 15, '%.2f' ],
    p50         => [ 'p50 ms', 8, '%.2f' ],
    p99         => [ 'p99 ms', 8, '%.2f' ],
    p50_above   => [ 'p50 above', 9, '%.2f' ],
    p99_above   => [ 'p99 above', 9, '%.2f' ],
    p50_alone   => [ 'p50 alone', 9, '%.2f' ],
    p99_alone   => [ 'p99 alone', 9, '%.2f' ],
    requests    => [ 'requests', 8, '%d' ],
    bad         => [ 'not as due', 10, '%d' ],
    cpu         => [ 'CPU us/ev', 9, '%.2f' ],
    main        => [ 'main us/ev', 10, '%.2f' ],
    busy        => [ 'main busy', 9, '%.2f' ],
    others      => [ 'others', 6, '%.2f' ],
    cpu_growth  => [ 'CPU x rtt 0', 11, '%.2f' ],
    peak        => [ 'peak MB', 7, '%.1f' ],
    memory      => [ 'kafka MB', 8, '%d' ],
    bound       => [ 'bound MB', 8, '%d' ],
    rss         => [ 'after MB', 8, '%.1f' ],
    answers     => [ 'answers', -18, '%s' ],
    first       => [ 'first ms', 8, '%.0f' ],
    last        => [ 'last ms', 8, '%.0f' ],
);


sub _line {
    my ($columns, $cell) = @_;

    my $line = join '  ', map {
        my $width = $COLUMNS{$_}[1];
        sprintf "%${width}s", $cell->($_);
    } @$columns;

    return $line =~ s/\s*\z/\n/r;
}


sub heading {
    my ($columns) = @_;

    return _line($columns, sub { $COLUMNS{ $_[0] }[0] });
}


sub row {
    my ($row, $columns) = @_;

    return _line($columns, sub { _cell($row, $_[0]) });
}


sub _cell {
    my ($row, $name) = @_;

    return defined $row->{$name}
        ? sprintf $COLUMNS{$name}[2], $row->{$name} : '';
}


sub target_lines {
    my @targets = @_;

    my $text = sprintf "%-52s %-18s %-11s %-7s %s\n",
                       'what', 'target', 'figure', '', '';

    for my $t (@targets) {
        $text .= sprintf("%-52s %-18s %-11s %-7s %s", @{$t}{qw(what want got)},
                         _verdict($t), $t->{note} // '') =~ s/\s+$//r . "\n";
    }

    my $met = grep { $_->{met} } @targets;
    my $missed = grep { defined $_->{met} && !$_->{met} } @targets;

    return $text . "\n$met met, $missed missed, "
           . (@targets - $met - $missed) . " not measured\n";
}


sub _verdict {
    my ($target) = @_;

    return !defined $target->{met} ? '-' : $target->{met} ? 'met' : 'missed';
}


sub markdown {
    my ($rows, $targets, $setup) = @_;

    my $text = '';
    my @load = qw(events connections rps eps p50 p99 cpu peak);

    for my $table ([ core => qw(step ns ns_ratio instructions
                                instructions_ratio) ],
                   [ throughput => qw(who), @load, 'ratio' ],
                   [ contract => qw(who events rps eps rps_ratio) ],
                   [ rtt => qw(rtt), @load ],
                   [ budget => qw(what events connections memory rps bad peak
                                  bound) ],
                   [ hostile => qw(what connections p50_alone p99_alone p50 p99
                                   bad peak) ],
                   [ limit => qw(who), @load, 'times_without' ],
                   [ kafka => qw(who), @load, 'times' ])
    {
        my ($section, @columns) = @$table;
        my @of_section = grep { $_->{section} eq $section
                                && ($_->{who} // '') !~ /^parse/ } @$rows;

        $text .= _md(\@columns, @of_section) . "\n" if @of_section;
    }

    $text .= "| what | target | figure | |\n| --- | --- | --- | --- |\n";
    $text .= "| $_->{what} | $_->{want} | $_->{got} | " . _verdict($_) . " |\n"
        for @$targets;

    return $text;
}


sub _md {
    my ($columns, @rows) = @_;

    my $text = '| ' . join(' | ', map { $COLUMNS{$_}[0] } @$columns) . " |\n"
        . '|' . join('|', map { $COLUMNS{$_}[1] > 0 ? ' ---: ' : ' --- ' }
                          @$columns) . "|\n";

    for my $row (@rows) {
        $text .= '| ' . join(' | ', map { _cell($row, $_) } @$columns)
                 . " |\n";
    }

    return $text;
}

1;
