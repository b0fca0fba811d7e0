# Members in transition: what clients may send, and what consumers get.

use TestEvents;

plan tests => 115;

# Section "location" is the rest of an endpoint that is complete without it.
# Section "errors" is what the answer says of each failure.

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(http_config => <<'END');
        log_format renamed "$status renamed=$events_renamed";
END

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema ../html/c.json;
            access_log logs/events.log renamed;
            $location
        }
END

    $block->set_value(user_files => <<'END');
>>> c.json
{"required":["action_type"],"properties":{
"action_type":{"type":"string","maxLength":8},
"entity":{"type":"object","required":["id"]},
"event_type":false,"subject":false}}
END

    $block->set_value(request => "POST /e\n{}") if !defined $block->request;

    if (defined $block->errors) {
        $block->set_value(error_code => 422) if !defined $block->error_code;
        $block->set_value(kafka_count => 0);
        $block->set_value(response_body_filters => \&errors);
        $block->set_value(response_body => $block->errors);
    }
});

sub errors {
    my ($body) = @_;

    my $text = '';

    while ($body =~ /"pointer":"([^"]*)","code":"(\w+)","detail":"(.*?)"\}/g) {
        $text .= "$1 $2 $3\n";
    }

    return $text;
}

run_tests();

__DATA__

=== TEST 1: by default both are accepted, and both are published
--- location
    events_rename event_type action_type;
--- request
POST /e
[{"event_type":"a"},{ "action_type" : "b" , "n":1.50 },{"event_type":"c","action_type":"c"}]
--- kafka_values
{"event_type":"a","action_type":"a"}
{ "action_type" : "b" , "n":1.50,"event_type":"b"}
{"event_type":"c","action_type":"c"}
--- logged
200 renamed=2


=== TEST 2: only the new name is published
--- location
    events_rename event_type action_type publish=new;
--- request
POST /e
[{"event_type":"a"},{ "action_type" : "b" },{"event_type":"c","x":[1, 2],"action_type":"c"},{ "x":0, "\u0065vent_type" : "d" }]
--- kafka_values
{"action_type":"a"}
{ "action_type" : "b" }
{"x":[1, 2],"action_type":"c"}
{ "x":0, "action_type" : "d" }


=== TEST 3: only the old name is published
--- location
    events_rename event_type action_type accept=both publish=old;
--- request
POST /e
[{"event_type":"a"},{ "action_type" : "b" },{"event_type":"c","action_type":"c"}]
--- kafka_values
{"event_type":"a"}
{ "event_type" : "b" }
{"event_type":"c"}


=== TEST 4: several renames, with a stamp and a key
--- location
    events_rename event_type action_type publish=new;
    events_rename subject entity;
    events_stamp  at now;
    events_key    /entity/id;
--- request
POST /e
[{"event_type":"a","at":"mine","subject":{"id":"k1","subject":0}},{"action_type":"b","entity":{"id":"k2"}},{"action_type":"c"}]
--- kafka_values
{"action_type":"a","subject":{"id":"k1","subject":0},"entity":{"id":"k1","subject":0},"at":"now"}
{"action_type":"b","entity":{"id":"k2"},"subject":{"id":"k2"},"at":"now"}
{"action_type":"c","at":"now"}
--- kafka_keys
k1
k2
(none)
--- logged
200 renamed=1


=== TEST 5: failures name what was sent
--- location
    events_rename event_type action_type;
    events_rename subject entity;
--- request
POST /e
[{"event_type":"too long a name"},{"action_type":7},{"event_type":"a","subject":{}},{"x":1}]
--- errors
/0/event_type maxLength is longer than 8 characters
/1/action_type type must be a string
/2/subject/id required is required
/3/action_type required is required
--- logged
422 renamed=2


=== TEST 6: two names of one member, with two values
--- location
    events_rename event_type action_type;
    events_rename subject entity;
--- request
POST /e
[{"event_type":"a","action_type":"b"},{"action_type":"a","entity":{"id":1,"n":[2]},"subject":{"n":[2.0],"id":10e-1}},{"action_type":"c","entity":{"id":1},"subject":{"id":2}}]
--- errors
/0/event_type conflicting_members differs from \"action_type\", which it is another name of
/2/subject conflicting_members differs from \"entity\", which it is another name of


=== TEST 7: the old name is not accepted any more
--- location
    events_rename event_type action_type accept=new publish=new;
--- request
POST /e
[{"event_type":"a"},{"action_type":"b"},{"event_type":"c","action_type":"c"},{}]
--- errors
/0/event_type renamed_member is now called \"action_type\"
/2/event_type renamed_member is now called \"action_type\"
/3/action_type required is required


=== TEST 8: the new name is not accepted yet
--- location
    events_rename event_type action_type accept=old publish=old;
--- request
POST /e
[{"event_type":"a"},{"action_type":"b"},{"event_type":"c","action_type":"c"},{}]
--- errors
/1/action_type renamed_member is not accepted yet; send \"event_type\"
/2/action_type renamed_member is not accepted yet; send \"event_type\"
/3/event_type required is required


=== TEST 9: an old name twice
--- location
    events_rename event_type action_type;
--- request
POST /e
{"event_type":"a","event_type":"a"}
--- errors
/event_type duplicate_member occurs more than once


=== TEST 10: who sends the old name is told
--- location
    events_rename event_type action_type;
    events_rename subject entity;
--- more_headers
User-Agent: app "1\2"
--- request
POST /e
[{"event_type":"a"},{"event_type":"b","subject":{"id":1}},{"action_type":"c"}]
--- grep_error_log eval
qr/\[warn\] .*events: .*/
--- grep_error_log_out eval
qr/\A\[warn\] \d+#\d+: events: 2 events at "\/e" used an old name, last from client 127\.0\.0\.1, user agent "app \\x221\\x5C2\\x22": "event_type" of "action_type" \(2\), "subject" of "entity" \(1\)\n\z/


=== TEST 11: events are counted for each request
--- location
    events_rename event_type action_type;
--- request eval
["POST /e\n[{\"event_type\":\"a\"},{\"event_type\":\"a\"}]", "POST /e\n[]", "POST /e\n{\"action_type\":\"c\"}"]
--- error_code eval
[200, 200, 200]
--- kafka_count: 3
--- logged
200 renamed=2
200 renamed=0
200 renamed=0


=== TEST 12: nobody sends it
--- location
    events_rename event_type action_type;
--- request
POST /e
{"action_type":"a"}
--- no_error_log
[warn]
--- kafka_values
{"action_type":"a","event_type":"a"}


=== TEST 13: in "if" as around it
--- location
    events_rename event_type action_type publish=new;
    if ($arg_a) { set $b 1; }
--- request eval
["POST /e?a=1\n{\"event_type\":\"a\"}", "POST /e\n{\"event_type\":\"b\"}"]
--- error_code eval
[200, 200]
--- kafka_values
{"action_type":"a"}
{"action_type":"b"}


=== TEST 14: names that JSON escapes
--- location
    events_rename "old \"name\"" "new\\name" publish=both;
--- request
POST /e
{"action_type":"a","old \"name\"":1}
--- kafka_values
{"action_type":"a","old \"name\"":1,"new\\name":1}


=== TEST 15: a name twice
--- location
    events_rename a b;
    events_rename a c;
--- emerg
invalid "events_rename a c": one of the names occurs in another rename


=== TEST 16: a chain
--- location
    events_rename a b;
    events_rename b c;
--- emerg
invalid "events_rename b c": one of the names occurs in another rename


=== TEST 17: the same name
--- location
    events_rename a a;
--- emerg
invalid "events_rename a a": the old and the new name are the same


=== TEST 18: an empty name
--- location
    events_rename a "";
--- emerg
invalid "events_rename a ": a name is empty


=== TEST 19: an unknown parameter
--- location
    events_rename a b keep=both;
--- emerg
invalid parameter "keep=both" in "events_rename": must be "accept=" or "publish=" and "both", "old" or "new"


=== TEST 20: an unknown value
--- location
    events_rename a b accept=none;
--- emerg
invalid parameter "accept=none" in "events_rename": must be "accept=" or "publish=" and "both", "old" or "new"


=== TEST 21: a parameter twice
--- location
    events_rename a b accept=new accept=old;
--- emerg
duplicate parameter "accept=old" in "events_rename"


=== TEST 22: a stamp of what is renamed
--- location
    events_stamp a now;
    events_rename a b;
--- emerg
"events_stamp a" stamps a member that "events_rename" renames, for "events_publish"


=== TEST 23: a stamp of what something is renamed to
--- location
    events_rename a b;
    events_stamp b now;
--- emerg
"events_stamp b" stamps a member that "events_rename" renames, for "events_publish"


=== TEST 24: a key under the old name
--- location
    events_key /a/id;
    events_rename a b;
--- emerg
the JSON Pointer of "events_key" must name "a" as "events_rename" does: "b", for "events_publish"


=== TEST 25: a route under the old name
--- location
    events_route /a x t;
    events_rename a b;
--- emerg
the JSON Pointer of "events_route" must name "a" as "events_rename" does: "b", for "events_publish"


=== TEST 26: a header under the old name
--- location
    events_kafka_header h /a;
    events_rename a b;
--- emerg
the JSON Pointer of "events_kafka_header" must name "a" as "events_rename" does: "b", for "events_publish"


=== TEST 27: a stamp from the old name
--- location
    events_stamp c /a;
    events_rename a b;
--- emerg
the JSON Pointer of "events_stamp" must name "a" as "events_rename" does: "b", for "events_publish"
