# Which bytes are events, and which are not.

use TestEvents;

plan tests => 1196;

# Section "taken" has bodies; what Kafka holds of each is in "kafka_values".
# Section "refused" has bodies, each with code, offset and reason, or in short
# what the answer says of it.  Section "type" is their Content-Type.

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(config => <<"END");
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema off;
            $location
        }
END

    my @bodies = @{ $block->taken // [] };
    my @expected = map { '' } @bodies;

    my @refused = @{ $block->refused // [] };

    while (@refused) {
        my ($body, $answer) = splice @refused, 0, 2;

        push @bodies, $body;
        push @expected, $answer;
    }

    my $type = $block->type // 'application/json';

    chomp $type;

    $block->set_value(request => [ map { "POST /e\n$_" } @bodies ]);
    $block->set_value(more_headers => [
        map { "Content-Type: $type\nContent-Length: " . length } @bodies
    ]);
    $block->set_value(error_code => [
        map { $_ eq '' ? 200 : /invalid_events/ ? 422 : 400 } @expected
    ]);
    $block->set_value(response_body_filters => \&short);
    $block->set_value(response_body => \@expected);
    $block->set_value(kafka_count => 0)
        if !defined $block->kafka_values && !defined $block->kafka_count;
});

sub short {
    my ($body) = @_;

    return '' if $body =~ /"status":"accepted"/;

    my ($code) = $body =~ /"code":"(\w+)"/;

    if ($code eq 'invalid_events') {
        return join ' ', $code, $body =~ /"pointer":("[^"]*","code":"\w+")/g;
    }

    my ($offset) = $body =~ /"offset":(\d+)/;
    my ($reason) = $body =~ /"detail":"the body is not JSON: (.*), at byte/;

    return join ' ', $code, $offset // (), $reason // ();
}

run_tests();

__DATA__

=== TEST 1: one object, spacing and order kept
--- taken eval
["{}", "{ }", "{\"b\":1,\"a\":2}", " \t\r\n{\t\"a\" :\r\n1 } \n"]
--- kafka_values eval
["{}", "{ }", "{\"b\":1,\"a\":2}", "{\t\"a\" :\r\n1 }"]


=== TEST 2: arrays, each element as it is
--- taken eval
["[]", " [ ] ", "[{}]", "[{\"a\":1},{\"a\":2}]", "\n[ {\"a\":3 }\n,\n{ \"a\":4} ]\n"]
--- kafka_values eval
["{}", "{\"a\":1}", "{\"a\":2}", "{\"a\":3 }", "{ \"a\":4}"]


=== TEST 3: nested values
--- taken eval
['{"a":[1,[2,{"b":[]}],{}],"c":{"d":{"e":null}}}']
--- kafka_values eval
['{"a":[1,[2,{"b":[]}],{}],"c":{"d":{"e":null}}}']


=== TEST 4: literals
--- taken eval
['{"a":true,"b":false,"c":null}']
--- kafka_values eval
['{"a":true,"b":false,"c":null}']
--- refused eval
['{"a":True}' => 'invalid_json 5 unexpected character',
 '{"a":nul}' => 'invalid_json 5 true, false or null is misspelled',
 '{"a":truely}' => 'invalid_json 9 a comma or brace is missing after a member',
 '{"a":NaN}' => 'invalid_json 5 unexpected character',
 '{"a":Infinity}' => 'invalid_json 5 unexpected character',
 '{"a":-Infinity}' => 'invalid_json 6 a number needs a digit',
 '{"a":undefined}' => 'invalid_json 5 unexpected character']


=== TEST 5: numbers of any size, as they were written
--- taken eval
['{"a":1e400}', '{"a":-0}', '{"a":-0.0e-0}', '{"a":0.1E+10}', '{"a":1.0}',
 '{"a":12345678901234567890123456789012345678901234567890}',
 '{"a":0.1000000000000000055511151231257827}', '{"a":1E400,"b":1e-400}']
--- kafka_values eval
['{"a":1e400}', '{"a":-0}', '{"a":-0.0e-0}', '{"a":0.1E+10}', '{"a":1.0}',
 '{"a":12345678901234567890123456789012345678901234567890}',
 '{"a":0.1000000000000000055511151231257827}', '{"a":1E400,"b":1e-400}']


=== TEST 6: what is no number
--- refused eval
['{"a":01}' => 'invalid_json 5 a number has a leading zero',
 '{"a":-01}' => 'invalid_json 6 a number has a leading zero',
 '{"a":00}' => 'invalid_json 5 a number has a leading zero',
 '{"a":-}' => 'invalid_json 6 a number needs a digit',
 '{"a":+1}' => 'invalid_json 5 unexpected character',
 '{"a":.5}' => 'invalid_json 5 unexpected character',
 '{"a":1.}' => 'invalid_json 7 a number needs a digit after its point',
 '{"a":1.e1}' => 'invalid_json 7 a number needs a digit after its point',
 '{"a":1e}' => 'invalid_json 7 a number needs a digit in its exponent',
 '{"a":1e+}' => 'invalid_json 8 a number needs a digit in its exponent',
 '{"a":0x10}' => 'invalid_json 6 a comma or brace is missing after a member',
 '{"a":1_000}' => 'invalid_json 6 a comma or brace is missing after a member']


=== TEST 7: commas
--- refused eval
['{"a":1,}' => 'invalid_json 7 a member name must be a string',
 '{,"a":1}' => 'invalid_json 1 a member name must be a string',
 '{"a":1,,"b":2}' => 'invalid_json 7 a member name must be a string',
 '{"a":1 "b":2}' => 'invalid_json 7 a comma or brace is missing after a member',
 '[{},]' => 'invalid_json 4 a value is missing',
 '[,{}]' => 'invalid_json 1 a value is missing',
 '[{},,{}]' => 'invalid_json 4 a value is missing',
 '[{} {}]' => 'invalid_json 4 a comma or bracket is missing after an element',
 '{"a":[1,]}' => 'invalid_json 8 a value is missing',
 '{"a":[1 2]}' => 'invalid_json 8 a comma or bracket is missing after an element']


=== TEST 8: colons and names
--- refused eval
['{"a"}' => 'invalid_json 4 a colon is missing after a member name',
 '{"a" 1}' => 'invalid_json 5 a colon is missing after a member name',
 '{"a"=1}' => 'invalid_json 4 a colon is missing after a member name',
 '{"a":}' => 'invalid_json 5 a value is missing',
 '{"a"::1}' => 'invalid_json 5 a value is missing',
 '{a:1}' => 'invalid_json 1 a member name must be a string',
 "{'a':1}" => 'invalid_json 1 a member name must be a string',
 '{1:1}' => 'invalid_json 1 a member name must be a string',
 '{null:1}' => 'invalid_json 1 a member name must be a string']


=== TEST 9: brackets that do not match
--- refused eval
['{"a":[1}' => 'invalid_json 7 a comma or bracket is missing after an element',
 '[{"a":1]' => 'invalid_json 7 a comma or brace is missing after a member',
 '}' => 'invalid_json 0 a value is missing',
 ']' => 'invalid_json 0 a value is missing',
 '{}}' => 'invalid_json 2 there is more after the end',
 '[{}]]' => 'invalid_json 4 there is more after the end',
 '[{}],' => 'invalid_json 4 there is more after the end']


=== TEST 10: cut at every byte
--- refused eval
my $body = '[{"a\u0041b":[1,true,"x"]},{}]';
[map {
    my $part = substr $body, 0, $_;

    ($part => $part eq '' ? 'empty_body'
        : $part =~ /,(tr?u?)\z/
            ? 'invalid_json ' . ($_ - length $1)
              . ' true, false or null is misspelled'
            : "invalid_json $_ it ends in the middle of a value");
} 0 .. length($body) - 1]


=== TEST 11: comments
--- refused eval
["{} // a\n" => 'invalid_json 3 there is more after the end',
 "/* a */ {}" => 'invalid_json 0 unexpected character',
 "{\"a\":1 /* a */}" => 'invalid_json 7 a comma or brace is missing after a member',
 "# a\n{}" => 'invalid_json 0 unexpected character']


=== TEST 12: spaces that JSON does not have
--- refused eval
["\f{}" => 'invalid_json 0 unexpected character',
 "\x0b{}" => 'invalid_json 0 unexpected character',
 "{\f}" => 'invalid_json 1 a member name must be a string',
 "{\"a\":\x0b1}" => 'invalid_json 5 unexpected character',
 "{}\f" => 'invalid_json 2 there is more after the end',
 "{}\0" => 'invalid_json 2 there is more after the end',
 "\0{}" => 'invalid_json 0 unexpected character',
 "{\"a\":\xc2\xa01}" => 'invalid_json 5 unexpected character',
 "\xe2\x80\xa8{}" => 'invalid_json 0 unexpected character']


=== TEST 13: byte order marks
--- refused eval
["\xef\xbb\xbf{}" => 'invalid_json 0 it starts with a byte order mark',
 "{}\xef\xbb\xbf" => 'invalid_json 2 there is more after the end',
 "\xff\xfe{\0}\0" => 'invalid_json 0 unexpected character',
 "\xfe\xff\0{\0}" => 'invalid_json 0 unexpected character',
 "{\0\"\0a\0\"\0:\0001\0}\0" => 'invalid_json 1 a member name must be a string']


=== TEST 14: characters of one to four bytes, in values and names
--- taken eval
["{\"a\":\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"}",
 "{\"\xc3\xa9\xf0\x9f\x98\x80\":\"\xef\xbb\xbf\"}"]
--- kafka_values eval
["{\"a\":\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"}",
 "{\"\xc3\xa9\xf0\x9f\x98\x80\":\"\xef\xbb\xbf\"}"]


=== TEST 15: what is not UTF-8
--- refused eval
["{\"a\":\"\xc0\xaf\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xc1\xbf\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xe0\x80\xaf\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xe0\x9f\xbf\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xf0\x80\x80\xaf\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xf0\x8f\xbf\xbf\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xed\xa0\x80\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xed\xbf\xbf\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xed\xa0\xbd\xed\xb8\x80\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xf4\x90\x80\x80\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xf5\x80\x80\x80\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xf8\x88\x80\x80\x80\"}" => 'invalid_utf8 6',
 "{\"a\":\"\xff\"}" => 'invalid_utf8 6',
 "{\"a\":\"\x80\"}" => 'invalid_utf8 6',
 "{\"a\":\"ab\xc3\"}" => 'invalid_utf8 8',
 "{\"a\":\"ab\xe2\x82\"}" => 'invalid_utf8 8',
 "{\"a\":\"ab\xf0\x9f\x98\"}" => 'invalid_utf8 8',
 "{\"a\":\"ab\xf0\x9f" => 'invalid_utf8 8',
 "{\"\xe9\":1}" => 'invalid_utf8 2']


=== TEST 16: escapes are kept as they are
--- taken eval
['{"a":"\"\\\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\ud83d\ude00\u0000"}']
--- kafka_values eval
['{"a":"\"\\\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\ud83d\ude00\u0000"}']


=== TEST 17: escapes that are none
--- refused eval
['{"a":"\x41"}' => 'invalid_json 6 a string has an invalid escape',
 '{"a":"\a"}' => 'invalid_json 6 a string has an invalid escape',
 '{"a":"\U0041"}' => 'invalid_json 6 a string has an invalid escape',
 "{\"a\":\"\\'\"}" => 'invalid_json 6 a string has an invalid escape',
 "{\"a\":\"\\\n\"}" => 'invalid_json 6 a string has an invalid escape',
 '{"a":"\u12"}' => 'invalid_json 6 a \\\\u escape needs four hex digits',
 '{"a":"\u12g4"}' => 'invalid_json 6 a \\\\u escape needs four hex digits',
 '{"a":"\u+123"}' => 'invalid_json 6 a \\\\u escape needs four hex digits']


=== TEST 18: halves of surrogate pairs
--- refused eval
my $half = 'invalid_json 6 a \\\\u escape is half of a surrogate pair';
['{"a":"\ud800"}' => $half, '{"a":"\udc00"}' => $half,
 '{"a":"\ud83d "}' => $half, '{"a":"\ud83d\ud83d"}' => $half,
 '{"a":"\ude00\ud83d"}' => $half, '{"a":"\ud83d\n"}' => $half,
 '{"a":"\ud83d\u0041"}' => $half, '{"a":"\ud83dude00"}' => $half]


=== TEST 19: control characters in strings
--- refused eval
my $control = 'a string has an unescaped control character';
[map({ ("{\"a\":\"" . chr . "\"}" => "invalid_json 6 $control") }
     0, 1, 8, 9, 10, 11, 12, 13, 27, 31),
 "{\"a\nb\":1}" => "invalid_json 3 $control"]


=== TEST 20: depth, an event itself is one level
--- location
    events_max_depth 3;
--- taken eval
['{"a":{"b":{}}}', '[{"a":[[]]}]']
--- refused eval
['{"a":{"b":{"c":{}}}}' => 'too_deep 15',
 '{"a":[[[]]]}' => 'too_deep 7',
 '[{"a":[[[1]]]}]' => 'too_deep 8',
 '[[[[[' => 'too_deep 4']
--- kafka_values eval
['{"a":{"b":{}}}', '{"a":[[]]}']


=== TEST 21: depth by default is 32
--- taken eval
['{"a":' . ('[' x 31) . (']' x 31) . '}']
--- refused eval
['{"a":' . ('[' x 32) . (']' x 32) . '}' => 'too_deep 36',
 '[' x 2000 => 'too_deep 33']
--- kafka_count: 1


=== TEST 22: the deepest that may be configured
--- location
    events_max_depth 256;
--- taken eval
[('{"a":' x 255) . '{}' . ('}' x 255), '{"a":' . ('[' x 255) . (']' x 255) . '}']
--- refused eval
[('{"a":' x 256) . '{}' . ('}' x 256) => 'too_deep 1280']
--- kafka_count: 2


=== TEST 23: a name that occurs twice
--- refused eval
['{"a":1,"a":1}' => 'invalid_events "/a","code":"duplicate_member"',
 '{"a":1,"b":2,"a":3}' => 'invalid_events "/a","code":"duplicate_member"',
 '{"a":1,"\u0061":1}' => 'invalid_events "/a","code":"duplicate_member"',
 '{"\u0061":1,"a":1}' => 'invalid_events "/a","code":"duplicate_member"',
 "{\"\\u00e9\":1,\"\xc3\xa9\":1}" => "invalid_events \"/\xc3\xa9\",\"code\":\"duplicate_member\"",
 "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}" => "invalid_events \"/\xf0\x9f\x98\x80\",\"code\":\"duplicate_member\"",
 '{"":1,"":2}' => 'invalid_events "/","code":"duplicate_member"',
 '{"x":{"a":1,"a":1}}' => 'invalid_events "/x/a","code":"duplicate_member"',
 '{"x":[0,{"a":1,"a":1}]}' => 'invalid_events "/x/1/a","code":"duplicate_member"',
 '[{"a":1},{"a":1,"a":1}]' => 'invalid_events "/1/a","code":"duplicate_member"']


=== TEST 24: a name that occurs twice among many
--- taken eval
['{' . CORE::join(',', map { "\"m$_\":1" } 1 .. 500) . '}']
--- refused eval
['{' . CORE::join(',', map { "\"m$_\":1" } 1 .. 500, 250) . '}'
    => 'invalid_events "/m250","code":"duplicate_member"']
--- kafka_count: 1


=== TEST 25: names that only look alike
--- taken eval
['{"a":1,"A":1,"a ":1," a":1,"a\u0000":1,"":1}', '[{"a":1},{"a":1}]', '{"a":{"a":{"a":1}}}']
--- kafka_values eval
['{"a":1,"A":1,"a ":1," a":1,"a\u0000":1,"":1}', '{"a":1}', '{"a":1}', '{"a":{"a":{"a":1}}}']


=== TEST 26: events that are not objects
--- refused eval
my $type = '","code":"type"';
['1' => "invalid_events \"$type", '"a"' => "invalid_events \"$type",
 'null' => "invalid_events \"$type", 'true' => "invalid_events \"$type",
 '[[]]' => "invalid_events \"/0$type", '[[{}]]' => "invalid_events \"/0$type",
 '[{},1]' => "invalid_events \"/1$type"]


=== TEST 27: lines
--- type: application/x-ndjson
--- taken eval
["{\"a\":1}", "{\"a\":2}\n", "{\"a\":3}\n{\"a\":4}", "{\"a\":5}\r\n{\"a\":6}\r\n",
 "\n\n{\"a\":7}\n\r\n \t\n{\"a\":8}\n\n", "  {\"a\":9}  \n"]
--- kafka_values eval
[map { "{\"a\":$_}" } 1 .. 9]


=== TEST 28: lines that are not events
--- type: application/x-ndjson
--- refused eval
["{\"a\":1}{\"a\":2}" => 'invalid_json 7 a line has more than one event',
 "{\"a\":1} {\"a\":2}\n" => 'invalid_json 8 a line has more than one event',
 "{\"a\":1},\n{\"a\":2}\n" => 'invalid_json 7 a line has more than one event',
 "{\"a\":1}\r{\"a\":2}" => 'invalid_json 8 a line has more than one event',
 "{\"a\":\n1}\n" => 'invalid_json 5 an event goes over several lines',
 "{}\n{\"a\":1,\n\"b\":2}\n" => 'invalid_json 10 an event goes over several lines',
 "{}\n{\"a\"" => 'invalid_json 7 it ends in the middle of a value',
 "{}\nx\n" => 'invalid_json 3 unexpected character',
 "{}\n\n[{}]\n" => 'invalid_events "/1","code":"type"',
 "\n\r\n" => 'empty_body', "" => 'empty_body']


=== TEST 29: several values are only taken as lines
--- refused eval
["{}\n{}" => 'invalid_json 3 there is more after the end',
 "[{}][{}]" => 'invalid_json 4 there is more after the end']


=== TEST 30: text/plain, as sendBeacon sends it
--- type: text/plain;charset=UTF-8
--- taken eval
['[{"a":1}]']
--- kafka_values eval
['{"a":1}']


=== TEST 31: a type in capitals, with parameters
--- type: Application/JSON ; charset="utf-8"; x=y
--- taken eval
['{"a":1}']
--- kafka_values eval
['{"a":1}']


=== TEST 32: a type that ends in +json
--- type: application/vnd.example.event.v1+json; charset=utf-8
--- taken eval
['{"a":1}']
--- kafka_values eval
['{"a":1}']


=== TEST 33: an empty type
--- type eval: ''
--- taken eval
['{"a":1}']
--- kafka_values eval
['{"a":1}']


=== TEST 34: lines, with a parameter
--- type: application/x-ndjson; charset=utf-8
--- taken eval
["{\"a\":1}\n{\"a\":2}\n"]
--- kafka_values eval
['{"a":1}', '{"a":2}']


=== TEST 35: strings that are long, and at every alignment
--- location
    events_max_event_size 100k;
--- taken eval
[map { '{"a":"' . ('x' x $_) . "\xe2\x82\xac" . ('y' x 40) . '"}' } 0 .. 34, 90000]
--- kafka_values eval
[map { '{"a":"' . ('x' x $_) . "\xe2\x82\xac" . ('y' x 40) . '"}' } 0 .. 34, 90000]


=== TEST 36: a byte that is not UTF-8 at every alignment
--- refused eval
[map { ('{"a":"' . ('x' x $_) . "\xff" . ('y' x 40) . '"}' => 'invalid_utf8 ' . (6 + $_)) } 0 .. 34]
