# What TestEvents adds, with records that come from kcat, not from nginx.

BEGIN { $ENV{TEST_NGINX_LOAD_MODULES} //= '' }

use TestEvents;

if (system('command -v kcat >/dev/null') != 0) {
    plan(skip_all => 'no kcat');
}

repeat_each(2);

plan tests => 56;

sub produce {
    my (@records) = @_;

    for my $record (@records) {
        my ($key, $value, @headers) = @$record;

        open my $kcat, '|-', 'kcat', '-P', '-b', $ENV{TEST_NGINX_KAFKA},
             '-t', $ENV{TEST_NGINX_TOPIC}, '-p', 0,
             map({ ('-H', $_) } @headers),
             defined $key ? ('-k', $key) : () or die "kcat: $!";

        print {$kcat} $value;
        close $kcat or die "kcat: $?";
    }
}

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value(config => 'location = /t { return 200; }')
        if !defined $block->config;
    $block->set_value(request => 'GET /t') if !defined $block->request;
});

run_tests();

__DATA__

=== TEST 1: values, keys, headers and count
--- init
main::produce([ 'k1', 'one', 'a=1', 'b=2' ], [ undef, "tw\xc3\xb6", 'a=1', 'b=3' ],
        [ 'k1', 'one', 'a=1', 'b=2' ], [ undef, "tw\xc3\xb6", 'a=1', 'b=3' ]);
--- kafka_values
one
twö
--- kafka_keys
k1
(none)
--- kafka_headers
a: 1
b ~ [23]
a
! c
--- kafka_count: 2


=== TEST 2: nothing in a topic of its own
--- config
    location = /t { return 200 "$TEST_NGINX_KAFKA $TEST_NGINX_TOPIC"; }
--- response_body_like: ^127\.0\.0\.1:\d+ events_\d+$
--- kafka_count: 0


=== TEST 3: commands, partitions, an order that does not matter
--- kafka_topic: other
--- kafka_partitions: 2
--- broker
rtt 10
down all
up all
--- init
$ENV{TEST_NGINX_TOPIC} = 'other';
main::produce([ undef, 'b' ], [ undef, 'a' ], [ undef, 'a' ], [ undef, 'b' ]);
--- kafka_values
a
b
--- kafka_unordered
--- broker_after
rtt 0


=== TEST 4: no broker, no records
--- response_body


=== TEST 5: skipped, so Kafka is not looked at
--- skip_eval: 1: 1
--- kafka_values
a


=== TEST 6: alerts in a block that expects none
--- config
    return a b c;
--- must_die
--- error_log: invalid number
--- kafka_count: 0
