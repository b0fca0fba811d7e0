package Bench::Picture;

# The figures as an SVG: a panel for each number of events, a bar for each
# contender; and the module beside its peer on Apache Kafka.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(picture);

use constant {
    WIDTH  => 760,
    LEFT   => 150,
    RIGHT  => 190,
    BAR    => 18,
    GAP    => 6,
    HEAD   => 34,
};

my %COLOURS = (
    ceiling => '#9aa5b1', broker => '#1f77b4', module => '#1f77b4',
    queued => '#6baed6', bare => '#2ca02c', lua => '#d62728',
);

my %NAMES = (
    ceiling => 'nginx, body read only', broker => 'events_ack broker',
    queued => 'events_ack queued', bare => 'broker, no contract',
    module => 'events_ack broker', lua => 'lua-resty-kafka, sync',
);


sub picture {
    my ($rows, $setup) = @_;

    my ($y, $body) = (28, '');

    my $text = _text(12, $y, 'Requests a second, one nginx worker', 16,
                     'font-weight="bold"');
    $y += 14;

    for my $panel (_panels($rows)) {
        $y += HEAD;
        $text .= _text(12, $y - 12, $panel->{title}, 13,
                       'font-weight="bold"');

        my ($most) = sort { $b <=> $a } map { $_->{rps} } @{ $panel->{rows} };

        for my $row (@{ $panel->{rows} }) {
            $text .= _bar($row, $y, $most);
            $y += BAR + GAP;
        }
    }

    $y += 24;
    $text .= _text(12, $y, 'The number of connections is that at which each '
                           . 'contender is fastest; events of 390 bytes.', 11);
    $y += 16;

    return sprintf(qq{<svg xmlns="http://www.w3.org/2000/svg" width="%d" }
                   . qq{height="%d" viewBox="0 0 %d %d" }
                   . qq{font-family="sans-serif">\n}
                   . qq{<rect width="100%%" height="100%%" fill="#ffffff"/>\n},
                   WIDTH, $y, WIDTH, $y) . $text . "</svg>\n";
}


sub _panels {
    my ($rows) = @_;

    my @panels;

    for my $kind ([ throughput => 'embedded broker',
                    qw(ceiling broker queued bare) ],
                  [ kafka => 'Apache Kafka 3.9', qw(module lua) ])
    {
        my ($section, $title, @who) = @$kind;

        for my $events (1, 10, 50, 500) {
            my @best = grep { $_ }
                       map { _best($rows, $section, $_, $events) } @who;
            next if !@best;

            push @panels, {
                title => "$title, $events event" . ($events > 1 ? 's' : '')
                         . ' a request',
                rows => \@best,
            };
        }
    }

    return @panels;
}


sub _best {
    my ($rows, $section, $who, $events) = @_;

    my ($best) = sort { $b->{rps} <=> $a->{rps} }
                 grep { $_->{section} eq $section && $_->{who} eq $who
                        && $_->{events} == $events } @$rows;

    return $best;
}


sub _bar {
    my ($row, $y, $most) = @_;

    my $width = $most ? $row->{rps} / $most * (WIDTH - LEFT - RIGHT) : 0;
    my $figure = sprintf '%s = %s events/s', _short($row->{rps}),
                         _short($row->{eps});

    return _text(LEFT - 8, $y + BAR - 5, $NAMES{ $row->{who} }, 11,
                 'text-anchor="end"')
        . sprintf(qq{<rect x="%d" y="%d" width="%.1f" height="%d" }
                  . qq{fill="%s"/>\n}, LEFT, $y, $width > 1 ? $width : 1, BAR,
                  $COLOURS{ $row->{who} })
        . _text(LEFT + $width + 6, $y + BAR - 5, $figure, 11);
}


sub _short {
    my ($n) = @_;

    return $n >= 1e6 ? sprintf('%.2f M', $n / 1e6)
         : $n >= 1e4 ? sprintf('%.0f k', $n / 1e3)
         : $n >= 1e3 ? sprintf('%.1f k', $n / 1e3) : sprintf '%.0f', $n;
}


sub _text {
    my ($x, $y, $text, $size, $more) = @_;

    $text =~ s/&/&amp;/g;
    $text =~ s/</&lt;/g;
    $more = defined $more ? " $more" : '';

    return sprintf qq{<text x="%.1f" y="%d" font-size="%d" fill="#222222"%s>}
                   . qq{%s</text>\n}, $x, $y, $size, $more, $text;
}

1;
