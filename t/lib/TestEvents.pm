package TestEvents;

use Test::Nginx::Socket -Base;

use EventsSections qw(broker broker_options log_text);

our @EXPORT = qw(broker broker_options log_text);

add_block_preprocessor(sub { EventsSections::prepare(@_) });
add_test_cleanup_handler(sub { EventsSections::check(@_) });
add_cleanup_handler(sub { EventsSections::stop() });

1;

__END__

=head1 NAME

TestEvents - Test::Nginx::Socket for this module

=head1 SYNOPSIS

    use TestEvents 'no_plan';

    run_tests();

    __DATA__

    === TEST 1: an event is published
    --- config
        location = /events {
            events_kafka_brokers $TEST_NGINX_KAFKA;
            events_publish       $TEST_NGINX_TOPIC;
            events_schema        off;
        }
    --- request
    POST /events
    {"a":1}
    --- kafka_values
    {"a":1}

=head1 DESCRIPTION

Every block loads the module (L<EventsServer/load_module>) and fails on alert
and emergency lines in error.log: C<[alert]> and C<[emerg]> are added to its
C<no_error_log>, which is two more tests in a plan. They are not when
C<error_log>, C<grep_error_log> or the section C<allow_faults> names them.

Guests may send where a block has none of C<events_guests>, C<events_api_keys>
and C<events_principal>.

A file whose blocks mention C<$TEST_NGINX_KAFKA> or have one of the sections
below gets a broker (L<EventsBroker>), and each block a topic of its own,
C<$TEST_NGINX_TOPIC>.

=head1 SECTIONS

What Kafka holds is compared once all requests were answered, with all their
repeats; every section counts as one test for each repeat. Reading waits until
there are as many records as expected, C<kafka_timeout> (5) seconds at most.

=head2 kafka_values, kafka_keys

One a line, in the order of the partition; C<(none)> is no key. An array
where a text has several lines. C<$TEST_NGINX_*> is expanded.

=head2 kafka_headers

C<name: value>, C<name ~ regex>, C<name>, or C<! name> for a header that must
not be there; each line is a test, and holds for every record.

=head2 kafka_count

The number of records; 0 for none.

=head2 kafka_topic, kafka_partitions, kafka_unordered

The topic to read, by default C<$TEST_NGINX_TOPIC>; the number of partitions
that topic is made with, by default 1; compare without regard to the order.
Records that were there before the block are not looked at.

=head2 broker, broker_after

Commands for the broker, one a line, before the first request (nginx runs
already) and after the last response. After each block all brokers are up
again, and errors and round trip time are cleared.

=head2 emerg

The line with which nginx refuses the configuration, without file and line;
C<$TEST_NGINX_*> is expanded.

=head2 logged

What F<logs/events.log> has after the block, for whose format and C<access_log>
the file sees itself: a text, or a pattern for one line. C<T> stands for a time
in seconds with milliseconds.

=head1 FUNCTIONS

=head2 broker

The L<EventsBroker>.

=head2 broker_options(brokers => n, partitions => n)

For the broker, called before C<run_tests>.

=head2 log_text(name, lines)

The text of a log once it has that many lines.

=cut
