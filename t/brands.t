# Which brands a sender may send, and the brand of a batch.

use TestEvents;

plan tests => 93;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // 'events_brands $brands;';

    $block->set_value(http_config => <<'END');
        log_format brand '$status $events_error "$events_brand"';

        map $http_x_api_key $brands {
            default  -;
            one      playtv;
            two      "playtv, parlor";
            any      "";
        }
END

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            access_log logs/events.log brand;
            $location
        }
END

    $block->set_value(user_files => <<'END');
>>> c.json
{"properties":{"n":{"type":"integer"}}}
END
});

run_tests();

__DATA__

=== TEST 1: a brand that may be sent
--- more_headers
X-API-Key: one
--- request
POST /e
[{"brand":"playtv"},{"brand":"play\u0074v"}]
--- kafka_count: 2
--- logged
200 - "playtv"


=== TEST 2: another one, which is not told
--- more_headers
X-API-Key: one
--- request
POST /e
[{"brand":"playtv"},{"brand":"parlor"},{"brand":"playtv"}]
--- error_code: 403
--- response_body_like: ^\{"type":"about:blank","title":"Forbidden","status":403,"code":"brand_not_allowed","detail":"the sender may not send events of this brand; nothing was published","request_id":"\w{32}","retryable":false,"index":1\}$
--- kafka_count: 0
--- logged
403 brand_not_allowed ""


=== TEST 3: no brand
--- more_headers
X-API-Key: two
--- request eval
["POST /e\n{}", "POST /e\n{\"brand\":1}", "POST /e\n{\"brand\":\"\"}", "POST /e\n{\"o\":{\"brand\":\"playtv\"}}"]
--- error_code eval
[403, 403, 403, 403]
--- kafka_count: 0


=== TEST 4: one of several
--- more_headers
X-API-Key: two
--- request
POST /e
[{"brand":"parlor"},{"brand":"playtv"}]
--- kafka_count: 2
--- logged
200 - ""


=== TEST 5: names are compared whole
--- more_headers
X-API-Key: two
--- request eval
["POST /e\n{\"brand\":\"parlo\"}", "POST /e\n{\"brand\":\"playtv, parlor\"}", "POST /e\n{\"brand\":\"Playtv\"}", "POST /e\n{\"brand\":\" parlor\"}"]
--- error_code eval
[403, 403, 403, 403]
--- kafka_count: 0


=== TEST 6: any
--- more_headers
X-API-Key: any
--- request
POST /e
[{"brand":"x"},{},{"brand":"y"}]
--- kafka_count: 3
--- logged
200 - ""


=== TEST 7: none
--- request
POST /e
[{"brand":"playtv"}]
--- error_code: 403
--- kafka_count: 0


=== TEST 8: a forbidden brand comes before what breaks the contract
--- more_headers
X-API-Key: one
--- request eval
["POST /e\n[{\"brand\":\"playtv\",\"n\":\"x\"},{\"brand\":\"y\"}]", "POST /e\n[{\"brand\":\"playtv\",\"n\":\"x\"},5]"]
--- error_code eval
[403, 422]
--- kafka_count: 0
--- logged
403 brand_not_allowed ""
422 invalid_events ""


=== TEST 9: two brands in one event
--- more_headers
X-API-Key: one
--- request eval
["POST /e\n{\"brand\":\"playtv\",\"brand\":\"parlor\"}", "POST /e\n{\"brand\":\"playtv\",\"n\":{\"a\":1,\"a\":2}}"]
--- error_code eval
[403, 422]
--- kafka_count: 0


=== TEST 10: a brand under its old name
--- location
    events_brands $brands;
    events_rename tenant brand publish=new;
--- more_headers
X-API-Key: one
--- request eval
["POST /e\n{\"tenant\":\"playtv\"}", "POST /e\n{\"tenant\":\"parlor\"}", "POST /e\n{\"tenant\":\"parlor\",\"brand\":\"playtv\"}"]
--- error_code eval
[200, 403, 403]
--- kafka_values
{"brand":"playtv"}
--- kafka_headers
brand: playtv
--- logged
200 - "playtv"
403 brand_not_allowed ""
403 brand_not_allowed ""


=== TEST 11: no events
--- more_headers
X-API-Key: one
--- request
POST /e
[]
--- logged
200 - ""


=== TEST 12: the brand of a batch that is refused for something else
--- location
    events_max_events 5;
--- request eval
["POST /e\n[{\"brand\":\"a\\u0062\"},{\"brand\":\"ab\",\"n\":\"\"}]", "POST /e\n{\"brand\":\"" . ('x' x 256) . "\"}", "POST /e\n[{\"brand\":\"a\"},{\"brand\":\"a\"},5]"]
--- error_code eval
[422, 200, 422]
--- kafka_count: 1
--- logged
422 invalid_events "ab"
200 - ""
422 invalid_events ""
