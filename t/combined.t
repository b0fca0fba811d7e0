# Renames, routes, brands, partial batches, dead letters and dry runs, in one
# location: what each of them leaves to the others.

use Test::Nginx::Server qw(wait_for);

use TestEvents;

plan tests => 94;

# Section "location" is the rest of an endpoint that has all of it.  Section
# "held" is what the topics hold, "topic key value" a line; in those of dead
# letters the reason and the pointer stand for the key.

my $Blocks = 0;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $Blocks++;

    for my $name (qw(parlor dead)) {
        $ENV{'TEST_NGINX_' . uc $name} = $name . $Blocks;
        broker()->create_topic($name . $Blocks, 1);
    }

    $block->set_value(http_config => <<'END');
        log_format events '$status $events_status $events_error '
                          '$events_received/$events_accepted/$events_rejected '
                          'invalid=$events_invalid renamed=$events_renamed '
                          'brand=[$events_brand] ack=$events_ack_time.';

        map $http_x_sender $brands {
            default  "playtv, parlor";
            player   playtv;
        }
END

    $block->set_value(config => <<"END") if !defined $block->config;
        access_log logs/events.log events;

        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            events_rename event_type action_type;
            events_rename tenant brand publish=new;
            events_route /brand parlor \$TEST_NGINX_PARLOR;
            events_brands \$brands;
            events_key /action_type;
            events_stamp at now;
            events_kafka_header action /action_type;
            events_dead_letter \$TEST_NGINX_DEAD;
            $location
        }
END

    $block->set_value(user_files => <<'END');
>>> c.json
{"required":["action_type","brand"],"properties":{
"action_type":{"type":"string","maxLength":8},"brand":{"type":"string"}}}
END
});

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $held = $block->held // return;

    my %topics = (main => $ENV{TEST_NGINX_TOPIC},
                  map { $_ => $ENV{'TEST_NGINX_' . uc} } qw(parlor dead));

    for my $name (sort keys %topics) {
        my @expected = $held =~ /^$name (.*)$/mg;
        my $topic = $topics{$name};

        wait_for(sub { return broker()->count($topic) >= (@expected || 1) },
                 @expected ? 5 : EventsBroker::SETTLE);

        is_deeply([ map { line_of($_) } broker()->records($topic) ],
                  \@expected, $block->name . " - $name");
    }
});

sub line_of {
    my ($record) = @_;

    my %header = map { @$_ } @{ $record->{headers} };

    my $key = defined $header{reason} ? "$header{reason} $header{pointer}"
                                      : $record->{key} // '(none)';

    return "$key $record->{value}";
}

# Old and new names, both, two brands, and all that may be wrong.

sub batch {
    return 'POST /e' . "\n[" . CORE::join(',', @_ ? @_ : (
        '{"event_type":"a","brand":"playtv"}',
        '{ "tenant" : "parlor", "action_type":"b" }',
        '{"event_type":"c","action_type":"d","brand":"playtv"}',
        '{"event_type":"far too long","tenant":"playtv"}',
        '{"action_type":"e","brand":"playtv"}',
        '7',
    )) . ']';
}

run_tests();

__DATA__

=== TEST 1: a part of it is published, each to its topic, under its names
--- location
    events_partial on;
--- request eval
main::batch()
--- error_code: 207
--- response_body_like: "received":6,"accepted":3,"rejected":3,"errors":\[\{"index":2,"pointer":"/2/event_type","code":"conflicting_members","detail":"[^"]*\\"action_type\\"[^"]*"\},\{"index":3,"pointer":"/3/event_type","code":"maxLength",[^}]*\},\{"index":5,"pointer":"/5","code":"type",[^}]*\}\],"errors_truncated":false
--- held
main a {"event_type":"a","brand":"playtv","action_type":"a","at":"now"}
main e {"action_type":"e","brand":"playtv","event_type":"e","at":"now"}
parlor b { "brand" : "parlor", "action_type":"b","event_type":"b","at":"now"}
dead conflicting_members /event_type {"event_type":"c","action_type":"d","brand":"playtv"}
dead maxLength /event_type {"event_type":"far too long","tenant":"playtv"}
dead type  7
--- logged
207 partial - 6/3/3 invalid=3 renamed=4 brand=[] ack=T.


=== TEST 2: nothing is published, but the dead letters are the same
--- request eval
main::batch()
--- error_code: 422
--- response_body_like: "3 of 6 events are invalid; nothing was published"
--- held
dead conflicting_members /event_type {"event_type":"c","action_type":"d","brand":"playtv"}
dead maxLength /event_type {"event_type":"far too long","tenant":"playtv"}
dead type  7
--- logged
422 rejected invalid_events 6/0/6 invalid=3 renamed=4 brand=[] ack=-.


=== TEST 3: a brand under its old name ends the batch, also in part
--- location
    events_partial on;
--- more_headers
X-Sender: player
--- request eval
main::batch('{"event_type":"a","brand":"playtv"}', '{"brand":"playtv"}',
            '{"event_type":"b","tenant":"parlor"}')
--- error_code: 403
--- response_body_like: "code":"brand_not_allowed",.*"index":2
--- held
--- logged
403 rejected brand_not_allowed 3/0/3 invalid=1 renamed=2 brand=[] ack=-.


=== TEST 4: a dry run publishes all, and has no dead letters
--- location
    events_partial on;
    events_dry_run on;
--- request eval
main::batch('{"event_type":"a","brand":"playtv"}',
            '{"event_type":"c","action_type":"d","brand":"playtv"}',
            '{"event_type":"far too long","tenant":"playtv"}')
--- response_body_like: "received":3,"accepted":3,
--- error_log
events: dry run: 2 of 3 events would be rejected: conflicting_members /event_type, maxLength /event_type, client
--- held
main a {"event_type":"a","brand":"playtv","action_type":"a","at":"now"}
main d {"event_type":"c","action_type":"d","brand":"playtv","at":"now"}
main far too long {"event_type":"far too long","brand":"playtv","action_type":"far too long","at":"now"}
--- logged
200 accepted - 3/3/0 invalid=2 renamed=3 brand=[playtv] ack=T.


=== TEST 5: brands hold in a dry run, of what is no object as well
--- location
    events_dry_run on;
--- request eval
[main::batch('{"action_type":"a","brand":"other"}'), main::batch('7'),
 main::batch('{"action_type":"a","brand":"parlor"}', '{}')]
--- error_code eval
[403, 403, 403]
--- response_body_like eval
['"index":0', '"index":0', '"index":1']
--- no_error_log
dry run
--- held


=== TEST 6: Kafka refuses all of it: the dead letters are in the log, apart
--- location
    events_partial on;
--- broker: error Produce 10 2
--- request eval
main::batch('{"event_type":"a","brand":"parlor"}', '7')
--- error_code: 503
--- response_body_like: "code":"broker_refused"
--- response_headers_like
Retry-After: \d
--- error_log
events: 1 of 1 events were not published
events: 1 rejected events were not sent to the dead letter topic
--- held
--- logged
503 failed broker_refused 2/0/0 invalid=1 renamed=1 brand=[] ack=T.


=== TEST 7: no room for what is valid: there are no dead letters either
--- location
    events_partial on;
    events_kafka_memory 1k;
--- request eval
main::batch(('{"event_type":"a","brand":"playtv"}') x 4, '7')
--- error_code: 413
--- response_body_like: "code":"batch_too_large"
--- held
--- logged
413 rejected batch_too_large 5/0/5 invalid=1 renamed=4 brand=[] ack=-.


=== TEST 8: limit_except and "if" in an endpoint have all of it
--- location
    events_partial on;
    if ($arg_if) {
        add_header X-If 1;
    }
    limit_except GET {
        allow all;
    }
--- request eval
[main::batch('{"event_type":"a","brand":"playtv"}', '{}', '{"tenant":"parlor","action_type":"b"}'),
 main::batch('{"action_type":"c","brand":"other"}'),
 main::batch('{"event_type":"d","tenant":"playtv"}', '1') =~ s{/e}{/e?if=1}r]
--- error_code eval
[403, 403, 207]
--- held
main d {"event_type":"d","brand":"playtv","action_type":"d","at":"now"}
dead type  1


=== TEST 9: limit_except, by itself
--- location
    events_partial on;
    limit_except GET {
        allow all;
    }
--- request eval
main::batch()
--- error_code: 207
--- held
main a {"event_type":"a","brand":"playtv","action_type":"a","at":"now"}
main e {"action_type":"e","brand":"playtv","event_type":"e","at":"now"}
parlor b { "brand" : "parlor", "action_type":"b","event_type":"b","at":"now"}
dead conflicting_members /event_type {"event_type":"c","action_type":"d","brand":"playtv"}
dead maxLength /event_type {"event_type":"far too long","tenant":"playtv"}
dead type  7


=== TEST 10: a nested endpoint has the verdicts of the outer one, not its records
--- location
--- config
    location /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish outer;
        events_schema off;
        events_rename event_type action_type publish=new;
        events_route /brand parlor $TEST_NGINX_PARLOR;
        events_brands other;
        events_stamp at now;
        events_key /brand;
        events_partial on;
        events_dead_letter $TEST_NGINX_DEAD;

        location /e/nested {
            events_publish $TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
        }
    }
--- request eval
main::batch('{"event_type":"a","brand":"parlor"}',
            '{"action_type":"b","brand":"parlor"}') =~ s{/e}{/e/nested}r
--- error_code: 207
--- held
main (none) {"action_type":"b","brand":"parlor"}
dead required /action_type {"event_type":"a","brand":"parlor"}
