package PromQL;

# Expressions of examples/prometheus and examples/grafana, and what they refer
# to:
#
#     my @used = PromQL::expressions();    # { where, text }
#     my $refers = PromQL::refers($text);  # { metric => { label => [value] } }

use strict;
use warnings;

use Exporter 'import';
use JSON::PP qw(decode_json);

use Examples 'read_example';

our @EXPORT_OK = qw(alerts dashboard expressions refers);

# what Grafana puts in

my %Variables = ('$__rate_interval' => '1m', '$job' => 'nginx-events',
                 '$instance' => '.*');

my %Word = map { $_ => 1 } qw(
    and or unless by without on ignoring group_left group_right offset bool
);


sub dashboard {
    return decode_json(read_example('grafana/events.json'));
}


# { name, record or alert, expr, other keys }, of a file that is written as
# ours: a key a line, folded texts indented below theirs.

sub alerts {
    my @rules;
    my $key;

    for my $line (split /\n/, read_example('prometheus/events.rules.yml')) {
        next if $line =~ /^\s*(?:#|\z)/;

        if ($line =~ /^ {6}- (alert|record): (\S+)/) {
            push @rules, { kind => $1, name => $2 };

        } elsif ($line =~ /^ {8,10}(\w+):(?: +(.*))?\z/) {
            $key = $1;
            $rules[-1]{$key} = ($2 // '>-') eq '>-' ? '' : $2;

        } elsif (@rules && $line =~ /^ {10,}(\S.*)/) {
            $rules[-1]{$key} .= ($rules[-1]{$key} ? ' ' : '') . $1;
        }
    }

    return @rules;
}


sub variables {
    my ($text) = @_;

    $text =~ s/(\$\w+)/$Variables{$1} or die "unknown variable $1\n"/eg;

    return $text;
}


sub expressions {
    my $dashboard = dashboard();
    my @found = map { { where => "rule $_->{name}", text => $_->{expr} } }
                alerts();

    for my $panel (@{ $dashboard->{panels} }) {
        push @found, map {
            { where => "panel $panel->{title}", text => variables($_->{expr}),
              legend => $_->{legendFormat} }
        } @{ $panel->{targets} || [] };
    }

    push @found, map { { where => "annotation $_->{name}",
                         text => $_->{expr} } }
                 grep { $_->{expr} } @{ $dashboard->{annotations}{list} };

    for my $variable (@{ $dashboard->{templating}{list} }) {
        next if $variable->{type} ne 'query';

        my ($text, $label) = $variable->{query}{query}
            =~ /^label_values\((.*), (\w+)\)\z/ or die $variable->{name};

        push @found, { where => "variable $variable->{name}",
                       text => "count by ($label) (" . variables($text) . ')' };
    }

    return @found;
}


# Labels that are only grouped by count for each metric of the expression.

sub refers {
    my ($text) = @_;

    my (%refers, @grouped);

    $text =~ s/\b(?:by|on|group_left) *\(([^()]*)\)/
        push @grouped, split m{[,\s]+}, $1; ' '/ge;

    while ($text =~ /([A-Za-z_:][\w:]*)(\s*\(|\{([^}]*)\})?/g) {
        my ($name, $next, $matchers) = ($1, $2 // '', $3 // '');

        next if $Word{$name} || $next =~ /\(/ || $name =~ /^[smhd]\z/;

        $refers{$name} ||= {};

        while ($matchers =~ /(\w+)(?:=~|!=|!~|=)"([^"]*)"/g) {
            push @{ $refers{$name}{$1} }, split /\|/, $2;
        }
    }

    for my $labels (values %refers) {
        $labels->{$_} ||= [] for @grouped;
    }

    return \%refers;
}

1;
