package EventsSections;

use strict;
use warnings;

use Exporter 'import';
use Test::More ();

use EventsBroker;
use EventsServer qw(guests load_module);
use Test::Nginx::Assertions qw(patterns);
use Test::Nginx::Config qw(expand_env);
use Test::Nginx::Server qw(wait_for);

our @EXPORT_OK = qw(broker broker_options log_text);

use constant {
    KAFKA_TIMEOUT => 5,
    LOG_TIMEOUT   => 5,
};

my @ConfigSections = qw(main_config http_config config post_main_config);
my @KafkaSections = qw(
    kafka_values kafka_keys kafka_headers kafka_count broker broker_after
);

my %Options;
my ($Broker, $Block, $TestsBefore, @Ends);
my $Topics = 0;


sub broker_options {
    %Options = @_;

    return;
}


sub broker {
    if (!$Broker) {
        $Broker = EventsBroker->start(%Options);
        $ENV{TEST_NGINX_KAFKA} = $Broker->bootstrap;
    }

    return $Broker;
}


# Before a block is run.

sub prepare {
    my ($block) = @_;

    $Block = $block;
    $TestsBefore = Test::More->builder->current_test;

    $ENV{TEST_NGINX_TOPIC} = 'events_' . ++$Topics;

    _refuse($block) if defined $block->emerg;

    $block->set_value(main_config =>
                      load_module() . ($block->main_config // ''));
    $block->set_value(http_config => guests(map { $block->$_ } @ConfigSections)
                                     . ($block->http_config // ''));
    $block->set_value(no_error_log => _forbidden($block));

    _prepare_broker($block) if _uses_kafka($block);

    return;
}


sub _forbidden {
    my ($block) = @_;

    my @allowed = map { patterns(scalar $block->$_) }
                  qw(error_log grep_error_log allow_faults);

    my @tags = defined $block->must_die ? '[alert]' : ('[alert]', '[emerg]');

    my @forbidden = grep {
        my $tag = substr $_, 0, -1;
        !grep { index("$_", $tag) >= 0 } @allowed;
    } @tags;

    return [ patterns(scalar $block->no_error_log), @forbidden ];
}


sub _refuse {
    my ($block) = @_;

    my $emerg = $block->emerg;

    chomp $emerg;
    $emerg =~ s/\$(TEST_NGINX_\w+)
               /$ENV{$1} \/\/ Test::Nginx::Socket::server_root()/gex;

    $block->set_value(must_die => '');
    $block->set_value(suppress_stderr => '');
    $block->set_value(error_log => [
        qr/\[emerg\] \d+#\d+: \Q$emerg\E in \S+nginx\.conf:\d+$/
    ]);

    return;
}


sub _uses_kafka {
    my ($block) = @_;

    my @texts = map { $block->$_ // '' } @ConfigSections;

    return grep({ /\$TEST_NGINX_KAFKA\b/ } @texts)
           || grep { defined $block->$_ } @KafkaSections;
}


sub _prepare_broker {
    my ($block) = @_;

    my $topic = _topic($block);

    @Ends = broker()->ends($topic);

    if (!@Ends) {
        broker()->create_topic($topic, scalar $block->kafka_partitions);
        @Ends = broker()->ends($topic);
    }

    if (defined $block->broker) {
        $block->set_value(init => 'EventsSections::before_request(); '
                                  . ($block->init // ''));
    }

    return;
}


sub before_request {
    _commands($Block->broker);

    return;
}


sub _commands {
    my ($text) = @_;

    for my $command (split /\n/, expand_env($text // '')) {
        broker()->command($command) if $command =~ /\S/;
    }

    return;
}


sub _topic {
    my ($block) = @_;

    my $topic = expand_env($block->kafka_topic) // $ENV{TEST_NGINX_TOPIC};

    $topic =~ s/\s+\z//;

    return $topic;
}


# After a block was run.

sub check {
    my ($block) = @_;

    _check_logged($block) if !_was_skipped();

    return if !$Broker || !_uses_kafka($block);

    if (!_was_skipped()) {
        _commands($block->broker_after);
    }

    $Broker->heal;

    return if _was_skipped() || !grep { /^kafka/ && defined $block->$_ }
                                @KafkaSections;

    my @records = _read($block);

    for (1 .. Test::Nginx::Socket::repeat_each()) {
        _check_count($block, @records);
        _check_texts($block, 'kafka_values', 'value', @records);
        _check_texts($block, 'kafka_keys', 'key', @records);
        _check_headers($block, @records);
    }

    return;
}


# nginx logs a request once the client has its answer.

sub log_text {
    my ($name, $lines) = @_;

    my $file = Test::Nginx::Socket::server_root() . "/logs/$name";
    my $text = '';

    wait_for(sub {
        local $/;

        open my $handle, '<', $file or return 0;
        $text = readline($handle) // '';

        return $text =~ tr/\n// >= $lines;
    }, LOG_TIMEOUT);

    return $text;
}


sub _check_logged {
    my ($block) = @_;

    my $expected = $block->logged // return;
    my $lines = ref $expected ? 1 : $expected =~ tr/\n//;
    my $text = log_text('events.log', $lines);

    $text =~ s/\b\d+\.\d{3}\b/T/g;

    Test::Nginx::Assertions::is_str($text, $expected,
                                    $block->name . ' - logged');
    return;
}


sub _was_skipped {
    my @results = Test::More->builder->details;

    splice @results, 0, $TestsBefore;

    return @results && !grep { $_->{type} ne 'skip' } @results;
}


sub _read {
    my ($block) = @_;

    my $topic = _topic($block);
    my $before = 0;

    $before += $_ for @Ends;

    my $expected = _expected($block) * Test::Nginx::Socket::repeat_each();

    if ($expected > 0) {
        $Broker->wait_count($topic, $before + $expected,
                            $block->kafka_timeout // KAFKA_TIMEOUT);

    } else {
        wait_for(sub { return $Broker->count($topic) > $before },
                 EventsBroker::SETTLE);
    }

    return $Broker->records($topic, @Ends);
}


sub _expected {
    my ($block) = @_;

    return $block->kafka_count if defined $block->kafka_count;

    for my $section (qw(kafka_values kafka_keys)) {
        return scalar _lines($block->$section) if defined $block->$section;
    }

    return 1;
}


sub _lines {
    my ($value) = @_;

    return ref $value ? @$value : split /\n/, expand_env($value);
}


sub _check_count {
    my ($block, @records) = @_;

    my $n = $block->kafka_count // return;

    Test::More::is(scalar @records,
                   $n * Test::Nginx::Socket::repeat_each(),
                   $block->name . ' - kafka_count');
    return;
}


sub _check_texts {
    my ($block, $section, $field, @records) = @_;

    my $value = $block->$section // return;

    my @expected = (_lines($value)) x Test::Nginx::Socket::repeat_each();
    my @got = map { $_->{$field} // '(none)' } @records;

    if (defined $block->kafka_unordered) {
        @expected = sort @expected;
        @got = sort @got;
    }

    Test::More::is(join("\n", @got), join("\n", @expected),
                   $block->name . " - $section");
    return;
}


sub _check_headers {
    my ($block, @records) = @_;

    for my $line (_lines($block->kafka_headers // '')) {
        next if $line !~ /\S/;

        my ($not, $name, $operator, $expected) =
            $line =~ /^\s*(!?)\s*([^\s:~]+)\s*(?:([:~])\s?(.*))?$/
            or die "invalid line in kafka_headers: \"$line\"\n";

        my @bad = grep {
            !_header_fits($_, $not, $name, $operator // '', $expected)
        } @records;

        Test::More::ok(@records && !@bad,
                       $block->name . " - kafka_headers: $line")
            || Test::More::diag(@bad ? _show($bad[0]) : 'no records');
    }

    return;
}


sub _header_fits {
    my ($record, $not, $name, $operator, $expected) = @_;

    my @values = map { $_->[1] // '' }
                 grep { $_->[0] eq $name } @{ $record->{headers} };

    return !@values if $not;
    return scalar @values if $operator eq '';
    return grep { $operator eq ':' ? $_ eq $expected : /^(?:$expected)$/ }
                @values;
}


sub _show {
    my ($record) = @_;

    return map { "$_->[0]: " . ($_->[1] // '(none)') . "\n" }
           @{ $record->{headers} };
}


sub stop {
    $Broker->stop if $Broker;

    undef $Broker;
    delete $ENV{TEST_NGINX_KAFKA};

    return;
}

1;

__END__

=head1 NAME

EventsSections - what TestEvents adds to the blocks

=head1 DESCRIPTION

The functions behind F<TestEvents.pm>, which describes the sections. They
are in a package of their own because the upstream runner rewrites the source
of its subclasses. C<prepare> runs before a block, C<check> after it, C<stop>
at the end of the file.

=cut
