# The variables, as an access log has them.

use TestEvents;

plan tests => 74;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(http_config => <<'END');
        log_format events "$status received=$events_received "
                          "accepted=$events_accepted "
                          "rejected=$events_rejected "
                          "invalid=$events_invalid error=$events_error "
                          "status=$events_status ack=$events_ack_time.";
END

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            access_log logs/events.log events;
            $location
        }
        location = /other {
            access_log logs/events.log events;
            return 204;
        }
END

    $block->set_value(user_files => ">>> c.json\n{\"required\":[\"a\"]}\n");
});

run_tests();

__DATA__

=== TEST 1: accepted
--- request
POST /e
[{"a":1},{"a":2}]
--- logged
200 received=2 accepted=2 rejected=0 invalid=0 error=- status=accepted ack=T.


=== TEST 2: queued, nothing is waited for
--- location
    events_ack queued;
--- request
POST /e
{"a":1}
--- error_code: 202
--- logged
202 received=1 accepted=1 rejected=0 invalid=0 error=- status=accepted ack=-.


=== TEST 3: no events
--- request
POST /e
[]
--- logged
200 received=0 accepted=0 rejected=0 invalid=0 error=- status=accepted ack=-.


=== TEST 4: against the contract
--- request
POST /e
[{"a":1},{},{"a":1}]
--- error_code: 422
--- logged
422 received=3 accepted=0 rejected=3 invalid=1 error=invalid_events status=rejected ack=-.


=== TEST 5: not JSON
--- request
POST /e
[{"a":1},{"a":}]
--- error_code: 400
--- logged
400 received=1 accepted=0 rejected=1 invalid=0 error=invalid_json status=rejected ack=-.


=== TEST 6: no method of ours
--- request
GET /e
--- error_code: 405
--- logged
405 received=0 accepted=0 rejected=0 invalid=0 error=method_not_allowed status=rejected ack=-.


=== TEST 7: refused by nginx
--- location
    client_max_body_size 1;
--- request
POST /e
{"a":1}
--- error_code: 413
--- logged
413 received=0 accepted=0 rejected=0 invalid=0 error=body_too_large status=rejected ack=-.


=== TEST 8: a batch that no queue has room for
--- location
    events_kafka_memory 1k;
--- request
POST /e
[{"a":1},{"a":1},{"a":1}]
--- error_code: 413
--- logged
413 received=3 accepted=0 rejected=3 invalid=0 error=batch_too_large status=rejected ack=-.


=== TEST 9: no broker
--- broker: down all
--- location
    events_ack_timeout 3s;
--- request
POST /e
{"a":1}
--- error_code: 503
--- logged eval
qr/^503 received=1 accepted=0 rejected=0 invalid=0 error=broker_unreachable status=failed ack=[T-]\.\n\z/


=== TEST 10: another location
--- request
GET /other
--- error_code: 204
--- logged
204 received=- accepted=- rejected=- invalid=- error=- status=- ack=-.


=== TEST 11: in a header of the answer
--- location
    add_header X-Events "$events_received $events_error $events_status" always;
--- request
POST /e
[{}]
--- error_code: 422
--- response_headers
X-Events: 1 invalid_events rejected
--- logged
422 received=1 accepted=0 rejected=1 invalid=1 error=invalid_events status=rejected ack=-.


=== TEST 12: before there is anything to tell
--- location
    set $before "$events_received,$events_status,$events_error";
    add_header X-Before $before always;
--- request
POST /e
{"a":1}
--- response_headers
X-Before: ,,
--- logged
200 received=1 accepted=1 rejected=0 invalid=0 error=- status=accepted ack=T.


=== TEST 13: a part of it
--- location
    events_partial on;
--- request
POST /e
[{"a":1},{},{"a":1},2,{"a":1}]
--- error_code: 207
--- logged
207 received=5 accepted=3 rejected=2 invalid=2 error=- status=partial ack=T.


=== TEST 14: a part of it, queued
--- location
    events_partial on;
    events_ack queued;
--- request
POST /e
[{"a":1},{}]
--- error_code: 207
--- logged
207 received=2 accepted=1 rejected=1 invalid=1 error=- status=partial ack=-.


=== TEST 15: no part of it
--- location
    events_partial on;
--- request
POST /e
[{},{}]
--- error_code: 422
--- logged
422 received=2 accepted=0 rejected=2 invalid=2 error=invalid_events status=rejected ack=-.


=== TEST 16: a part of it, refused by Kafka
--- location
    events_partial on;
--- broker: error Produce 10 1
--- request
POST /e
[{"a":1},{}]
--- error_code: 503
--- logged
503 received=2 accepted=0 rejected=0 invalid=1 error=broker_refused status=failed ack=T.


=== TEST 17: a dry run
--- location
    events_dry_run on;
--- request
POST /e
[{"a":1},{},2]
--- logged
200 received=3 accepted=3 rejected=0 invalid=2 error=- status=accepted ack=T.


=== TEST 18: a dry run of a body that is not JSON
--- location
    events_dry_run on;
--- request
POST /e
[{},{]
--- error_code: 400
--- logged
400 received=1 accepted=0 rejected=1 invalid=1 error=invalid_json status=rejected ack=-.
