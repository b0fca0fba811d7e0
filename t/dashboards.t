# examples/prometheus and examples/grafana: promtool finds no fault with them,
# and they speak of what nginx has, in all.

use strict;
use warnings;

use Cwd qw(getcwd);
use File::Temp qw(tempdir);
use Test::More;

use EventsBroker;
use EventsServer;
use Examples 'read_example';
use PromQL qw(alerts dashboard expressions refers);
use Test::Nginx::Server 'wait_for';


plan skip_all => 'no promtool'
    if system('command -v promtool >/dev/null') != 0;

# what Prometheus adds, and has of its own

my %added = map { $_ => 1 } qw(job instance);
my %own = (up => {}, ALERTS => { alertname => 1, alertstate => 1 });

my @expressions = expressions();
my @rules = alerts();

promtool('check config examples/prometheus/prometheus.yml');
promtool('check rules examples/prometheus/events.rules.yml');
promtool('test rules examples/prometheus/events.rules.test.yml');

parses();
told();
panels();
refer();

done_testing;


sub promtool {
    my ($arguments) = @_;

    my $text = `promtool $arguments 2>&1`;

    return is($?, 0, "promtool $arguments") || diag($text);
}


# Each is a rule of its own, so that promtool names the one that does not parse.

sub parses {
    my $dir = tempdir(CLEANUP => 1);

    open my $out, '>', "$dir/all.yml" or die "$dir: $!";
    print {$out} "groups:\n  - name: all\n    rules:\n";

    for my $i (0 .. $#expressions) {
        my $text = $expressions[$i]{text};

        $text =~ s/'/''/g;
        print {$out} "      - record: e$i\n        expr: '$text'\n";
    }

    close $out or die "$dir: $!";

    cmp_ok(scalar @expressions, '>', 50, 'there are expressions');
    promtool("check rules $dir/all.yml");

    return;
}


sub told {
    my $page = read_example('prometheus/README.md');
    my $tests = read_example('prometheus/events.rules.test.yml');

    for my $rule (grep { $_->{kind} eq 'alert' } @rules) {
        my $name = $rule->{name};

        is(join(' ', grep { !$rule->{$_} }
                     qw(for severity summary description runbook)), '',
           "$name has all that an alert has");
        like($rule->{severity}, qr/^(?:critical|warning|info)\z/,
             "$name: severity");
        is($rule->{runbook}, 'examples/prometheus/README.md#' . lc $name,
           "$name: runbook");
        like($page, qr/^### $name\n\n\S/m, "$name: what to do");
        like($tests, qr/\b$name\b/, "$name: test");
    }

    is(join(' ', grep { my $name = $_; !grep { $_->{name} eq $name } @rules }
                 $page =~ /^### (\w+)$/mg), '', 'and nothing else to do');

    return;
}


sub panels {
    my $dashboard = dashboard();
    my (%id, %taken);

    for my $panel (@{ $dashboard->{panels} }) {
        my ($title, $at) = @{$panel}{qw(title gridPos)};

        ok(!$id{ $panel->{id} }++, "$title: an id of its own");
        ok($panel->{type} eq 'row' || $panel->{description},
           "$title: a description");

        my @cells = map { my $y = $_; map { "$_,$y" }
                          $at->{x} .. $at->{x} + $at->{w} - 1 }
                    $at->{y} .. $at->{y} + $at->{h} - 1;

        is(scalar(grep { $taken{$_}++ } @cells), 0, "$title: a place");
    }

    return;
}


# What nginx has once everything has happened that has a label: { metric =>
# { label => { value } } }.

sub metrics {
    my $broker = EventsBroker->start;

    $broker->create_topic($_, 1) for qw(events events.rejected);

    my $bootstrap = join ' ', split /,/, $broker->bootstrap;
    my $contract = getcwd() . '/examples/contract.schema.json';

    my $server = EventsServer->launch(http_config => <<"END", config => <<"END");
        events_kafka_brokers  $bootstrap;
        events_limit_zone     all zone=all:1m rate=1e/m;
END
        location = /metrics { events_status prometheus; }

        location = /events {
            events_publish      events;
            events_schema       $contract;
            events_rename       event_type action_type;
            events_dead_letter  events.rejected;
            events_ack_timeout  300ms;
            events_limit        zone=all burst=8;
        }
END

    my $event = '{"event_id":"5f0c8a52-1d0e-7c3b-9a44-0d3f5a6b7c8d",'
                . '"brand":"playtv","event_type":"a",'
                . '"entity":{"type":"video","id":"1"},'
                . '"occurred_at":"2026-11-23T19:20:05Z"}';
    my $many = '[' . join(',', ($event) x 8) . ']';

    is(($server->post('/events', $event))[0], 200, 'an event');
    is(($server->post('/events', '{"brand":"parlor"}'))[0], 422, 'no event');
    is(($server->post('/events', $many))[0], 429, 'too many events');

    wait_for(sub { $broker->count('events.rejected') == 1 });
    $broker->stop;

    like(($server->post('/events', $event))[0], qr/^50[34]\z/, 'no broker');

    my (undef, $headers, $text) = $server->get('/metrics');

    like($headers->{'content-type'}[0], qr{^text/plain; version=0\.0\.4},
         'nginx has metrics');

    $server->finish('dashboards', qr/events: /);

    return parsed($text);
}


sub parsed {
    my ($text) = @_;

    my %metric;

    for my $line (split /\n/, $text) {
        if ($line =~ /^# TYPE (\w+) histogram$/) {
            $metric{"${1}_$_"} ||= {} for qw(bucket sum count);

        } elsif ($line =~ /^# TYPE (\w+)/) {
            $metric{$1} ||= {};

        } elsif ($line =~ /^(\w+)\{(.*)\} /) {
            my ($name, $labels) = ($1, $2);

            $metric{$name}{$1}{$2} = 1 while $labels =~ /(\w+)="([^"]*)"/g;
        }
    }

    return \%metric;
}


sub refer {
    my $metrics = metrics();
    my %known = (%own, %$metrics);
    my (%used, @wrong);

    $known{$_->{name}} = { map { $_ => {} } qw(job instance) }
        for grep { $_->{kind} eq 'record' } @rules;

    for my $expression (@expressions) {
        my $refers = refers($expression->{text});

        push @wrong, map { "$expression->{where}: $_" }
                     wrong($refers, \%known, $expression->{legend} // '');

        @used{keys %$refers} = ();
    }

    is(join("\n", @wrong), '', 'metrics and labels are what nginx has');
    is(join(' ', grep { !exists $used{$_} && !/_(?:sum|count)\z/ }
                 sort keys %$metrics), '', 'and all it has is made use of');

    return;
}


# A label that any metric of the expression has may be grouped by; a value of
# a label whose values are fixed must be one of these.

sub wrong {
    my ($refers, $known, $legend) = @_;

    my @wrong = map { "no metric $_" } grep { !$known->{$_} } keys %$refers;
    my %label = (%added, map { %{ $known->{$_} || {} } } keys %$refers);

    for my $labels (values %$refers) {
        push @wrong, map { "no label $_" } grep { !$label{$_} } keys %$labels;

        for my $name (grep { $labels->{$_} } qw(state result)) {
            push @wrong, map { "no $name \"$_\"" }
                         grep { !$label{$name}{$_} } @{ $labels->{$name} };
        }
    }

    push @wrong, map { "no label $_ for the legend" }
                 grep { !$label{$_} } $legend =~ /\{\{(\w+)\}\}/g;

    return @wrong;
}
