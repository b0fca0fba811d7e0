# events_zone, events_status and events_health: what is counted as what, how it
# is told, and what their configuration may be.

use TestEvents;

use JSON::PP ();

plan tests => 285;

# Answers are told by their code; a status by what is not 0 and no measure.

my @counted = qw(requests events rejected invalid failed brands renamed
                 dead_letters limited);

sub brief {
    my ($body) = @_;

    my $json = eval { JSON::PP->new->utf8->decode($body) } or return $body;

    return $json->{code} // $json->{status} if !$json->{events};

    return CORE::join '', map { section($_, $json->{$_}) } @counted;
}

sub section {
    my ($name, $map) = @_;

    my @members = map {
        my $value = $map->{$_};
        ref $value ? "$_=$value->{accepted}/$value->{rejected}"
                   : $value ? "$_=$value" : ();
    } sort keys %$map;

    return @members ? "$name: @members\n" : '';
}

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location;

    if (defined $location) {
        $block->set_value(config => <<"END" . ($block->config // ''));
        events_kafka_brokers \$TEST_NGINX_KAFKA;

        location = /e {
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            $location
        }

        location = /status { events_status json; }
        location = /metrics { events_status prometheus; }
        location = /either { events_status; }
        location = /health { events_health; }
END
        $block->set_value(user_files => ">>> c.json\n"
                                        . "{\"required\":[\"a\"]}\n");
        $block->set_value(response_body_filters => \&brief);
    }

    return if !defined $block->emerg;

    $block->set_value(request => 'GET /status');
    $block->set_value(grep_error_log => qr/\[emerg\]/);
    $block->set_value(grep_error_log_out => "[emerg]\n");
});

no_long_string();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: accepted, rejected, and what is no JSON
--- location
--- request eval
["POST /e\n[{\"a\":1},{\"a\":2}]",
 "POST /e\n[{\"a\":1},{},7]",
 "POST /e\n[{\"a\":1},{\"a\":2},",
 "POST /e\n[]",
 "GET /e",
 "GET /status"]
--- error_code eval
[200, 422, 400, 200, 405, 200]
--- response_body eval
["accepted", "invalid_events", "invalid_json", "accepted",
 "method_not_allowed",
 "requests: 200=2 400=1 405=1 422=1
events: accepted=2 acknowledged=2 published=2 received=7 rejected=5
rejected: invalid_events=3 invalid_json=2
invalid: required=1 type=1
brands: =2/5
"]
--- response_headers eval
["", "", "", "", "Allow: POST",
 "Content-Type: application/json
Cache-Control: no-store"]


=== TEST 2: part of a batch
--- location
    events_partial on;
--- request eval
["POST /e\n[{\"a\":1},{},{\"a\":2}]",
 "POST /e\n[{},{}]",
 "GET /status"]
--- error_code eval
[207, 422, 200]
--- response_body eval
["partial", "invalid_events",
 "requests: 207=1 422=1
events: accepted=2 acknowledged=2 published=2 received=5 rejected=3
rejected: invalid_events=3
invalid: required=3
brands: =2/3
"]


=== TEST 3: a dry run accepts what it would reject
--- location
    events_dry_run on;
--- request eval
["POST /e\n[{\"a\":1},{},{}]",
 "GET /status"]
--- response_body eval
["accepted",
 "requests: 200=1
events: accepted=3 acknowledged=3 dry_run_rejected=2 published=3 received=3
invalid: required=2
brands: =3/0
"]


=== TEST 4: limits, by their zones
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
    events_limit_zone $arg_l zone=two:1m rate=1e/m;
    limit_req_zone $arg_r zone=req:1m rate=1r/m;
--- location
    limit_req zone=req;
    events_limit zone=one burst=3;
    events_limit zone=two burst=3;
--- request eval
["POST /e?k=a&r=1\n[{\"a\":1},{\"a\":2}]",
 "POST /e?k=a&r=2\n[{\"a\":1},{}]",
 "POST /e?l=a&r=3\n[{\"a\":1},{\"a\":2}]",
 "POST /e?l=a&r=4\n[{\"a\":1},{\"a\":2}]",
 "POST /e?l=a&r=5\n[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4}]",
 "POST /e?k=b&r=1\n{\"a\":1}",
 "GET /status"]
--- error_code eval
[200, 429, 200, 429, 413, 503, 200]
--- response_body eval
["accepted", "rate_limited", "accepted", "rate_limited", "too_many_events",
 "unavailable",
 "requests: 200=2 413=1 429=2 503=1
events: accepted=4 acknowledged=4 published=4 received=12 rejected=8
rejected: rate_limited=4 too_many_events=4
brands: =4/8
limited: limit_req=1 one=1 two=2
"]


=== TEST 5: events that have no room in the queue are accepted, and have failed
--- location
    events_kafka_memory 1k;
    events_partial on;
    events_ack queued;
--- broker
rtt 2000
--- request eval
["POST /e\n[{\"a\":1},{\"a\":2}]",
 "POST /e\n[{\"a\":3},{\"a\":4},{}]",
 "POST /e\n[{\"a\":1},{\"a\":2},{\"a\":3}]",
 "GET /status"]
--- error_code eval
[202, 503, 413, 200]
--- response_body eval
["accepted", "queue_full", "batch_too_large",
 "requests: 202=1 413=1 503=1
events: accepted=4 failed=2 in_flight=2 published=2 received=8 rejected=4
rejected: batch_too_large=3 invalid_events=1
invalid: required=1
failed: queue_full=2
brands: =4/4
"]


=== TEST 6: brands that were never accepted have no name
--- location
    events_brands $arg_brands;
--- request eval
["POST /e\n[{\"a\":1,\"brand\":\"x\"},{\"brand\":\"x\"}]",
 "POST /e\n[{\"a\":1,\"brand\":\"x\"},{\"a\":1,\"brand\":\"y\"}]",
 "POST /e?brands=x\n[{\"a\":1,\"brand\":\"x\"},{\"a\":1,\"brand\":\"z\"}]",
 "POST /e\n[{\"a\":1,\"brand\":\"x\"},{\"brand\":\"y\"},{\"brand\":\"z\"}]",
 "POST /e\n[{\"a\":1,\"brand\":\"line\\u000afeed\"},{\"a\":1,\"brand\":\"\"}]",
 "GET /status"]
--- error_code eval
[422, 200, 403, 422, 200, 200]
--- response_body eval
["invalid_events", "accepted", "brand_not_allowed", "invalid_events",
 "accepted",
 "requests: 200=2 403=1 422=2
events: accepted=4 acknowledged=4 published=4 received=11 rejected=7
rejected: brand_not_allowed=2 invalid_events=5
invalid: required=3
brands: =1/0 other=1/4 x=1/2 y=1/1
"]


=== TEST 7: sixteen brands have a name
--- location
--- request eval
["POST /e\n[" . CORE::join(',', map { qq({"a":1,"brand":"b$_"}) } 10 .. 30) . "]",
 "POST /e\n[" . CORE::join(',', map { qq({"a":1,"brand":"b$_"}) } 24 .. 28) . "]",
 "GET /status"]
--- response_body eval
["accepted", "accepted",
 "requests: 200=2
events: accepted=26 acknowledged=26 published=26 received=26
brands: " . CORE::join(' ', map { "b$_=" . ($_ < 24 ? 1 : 2) . '/0' } 10 .. 25)
          . " other=8/0
"]


=== TEST 8: old names
--- location
    events_rename old new;
    events_rename older newer accept=new;
--- request eval
["POST /e\n[{\"a\":1,\"old\":1},{\"a\":1,\"new\":1},{\"a\":1,\"old\":1}]",
 "POST /e\n[{\"a\":1,\"older\":1}]",
 "GET /status"]
--- error_code eval
[200, 422, 200]
--- response_body eval
["accepted", "invalid_events",
 "requests: 200=1 422=1
events: accepted=3 acknowledged=3 published=3 received=4 rejected=1
rejected: invalid_events=1
invalid: renamed_member=1
brands: =3/1
renamed: old=2 older=1
"]


=== TEST 9: dead letters are not among the sums
--- location
    events_dead_letter dead rate=2;
--- request eval
["POST /e\n[{\"a\":1},{},{},{}]",
 "POST /e\n[{\"a\":1}]",
 "GET /status"]
--- error_code eval
[422, 200, 200]
--- response_body_like eval
["invalid_events", "accepted",
 qr/^requests:\ 200=1\ 422=1\n
    events:\ accepted=1\ acknowledged=1\ published=1\ received=5\ rejected=4\n
    rejected:\ invalid_events=4\n
    invalid:\ required=3\n
    brands:\ =1\/4\n
    dead_letters:\ (?:acknowledged=2\ )?lost=1\ published=2\n$/x]


=== TEST 10: other locations, and what never reaches one, are not counted
--- location
    client_max_body_size 10;
--- config
        location = /other { return 404; }
--- request eval
["GET /other",
 "POST /e\n{\"a\":\"too large\"}",
 "GET /status"]
--- error_code eval
[404, 413, 200]
--- response_body_like eval
["404 Not Found", "body_too_large", qr/^requests: 413=1\n$/]


=== TEST 11: text for Prometheus
--- location
--- request eval
["POST /e\n[{\"a\":1,\"brand\":\"q\\\"\\\\\"}]",
 "GET /metrics"]
--- response_headers eval
["",
 "Content-Type: text/plain; version=0.0.4; charset=utf-8
Cache-Control: no-store"]
--- response_body_like eval
["accepted",
 qr/^events_workers 1\n.*^events_requests_total\{status="200"\} 1\n.*^events_brand_accepted_total\{brand="q\\"\\\\"\} 1\n.*^events_ack_seconds_count 1\n/ms]


=== TEST 12: without a parameter the client chooses
--- location
--- request eval
["GET /either", "GET /either?format=json", "GET /either?format=prometheus",
 "GET /status?format=prometheus", "GET /metrics?format=json"]
--- response_headers eval
["Content-Type: application/json", "Content-Type: application/json",
 "Content-Type: text/plain; version=0.0.4; charset=utf-8",
 "Content-Type: application/json",
 "Content-Type: text/plain; version=0.0.4; charset=utf-8"]
--- response_body_like eval
['^$', '^$', '^# HELP', '^$', '^# HELP']


=== TEST 13: HEAD, and methods that are none of these pages
--- location
--- request eval
["HEAD /status", "HEAD /metrics", "HEAD /health", "POST /status\n{}",
 "PUT /metrics\n{}", "POST /health\n{}"]
--- error_code eval
[200, 200, 200, 405, 405, 405]
--- response_headers eval
["Content-Type: application/json",
 "Content-Type: text/plain; version=0.0.4; charset=utf-8",
 "Content-Type: application/json",
 "Allow: GET, HEAD", "Allow: GET, HEAD", "Allow: GET, HEAD"]
--- response_body eval
["", "", "", "method_not_allowed", "method_not_allowed", "method_not_allowed"]


=== TEST 14: healthy
--- location
--- request
GET /health
--- response_headers
Content-Type: application/json
Cache-Control: no-store
--- response_body chomp
up


=== TEST 15: a status without endpoints
--- config
    location = /status { events_status json; }
--- request
GET /status
--- response_body_like: ^\{"version":1,"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","workers":1,"requests":\{\},


=== TEST 16: health of nothing
--- config
    location = /health { events_health; }
--- request
GET /health
--- must_die
--- error_log
"events_health" has nothing to tell of: there is no "events_publish"


=== TEST 17: a zone that is configured
--- http_config
    events_zone numbers 256k;
--- location
--- request
GET /status
--- response_body


=== TEST 18: a zone without a size
--- http_config
    events_zone numbers;
--- location
--- emerg
invalid number of arguments in "events_zone" directive


=== TEST 19: a size that is none
--- http_config
    events_zone numbers big;
--- location
--- emerg
invalid zone size "big"


=== TEST 20: a zone that has room for nothing
--- http_config
    events_zone numbers 31k;
--- location
--- emerg
zone "numbers" is too small: must be at least 32k


=== TEST 21: two zones
--- http_config
    events_zone one 1m;
    events_zone two 1m;
--- location
--- emerg
"events_zone" directive is duplicate


=== TEST 22: a zone of something else
--- http_config
    events_limit_zone $arg_k zone=one:1m rate=1e/m;
    events_zone one 1m;
--- location
--- emerg
the shared memory zone "one" is already declared for a different use


=== TEST 23: another format
--- location
--- config
    location = /x { events_status xml; }
--- emerg
invalid parameter "xml": must be "prometheus" or "json"


=== TEST 24: an endpoint is no status page
--- location
    events_status;
--- emerg
"events_status" directive needs a location of its own


=== TEST 25: nor the other way round
--- location
--- config
    location = /x { events_health; events_publish x; }
--- emerg
"events_publish" directive needs a location of its own


=== TEST 26: one page a location
--- location
--- config
    location = /x { events_health; events_status json; }
--- emerg
"events_status" directive needs a location of its own


=== TEST 27: a page within a page does not end it
--- http_config
    events_kafka_brokers $TEST_NGINX_KAFKA;
--- config
    location = /e { events_publish $TEST_NGINX_TOPIC; events_schema off; }
    location = /health { events_health; }
    location = /page.txt { ssi on; ssi_types *; root html; }
--- user_files
>>> page.txt
a <!--# include virtual="/health" --> b
--- request
GET /page.txt
--- response_body_like
^a \{"status":"up"\}\s* b$
