# How a body travels: buffers, files, chunks, codings, and bodies that are not
# what their headers say.

use TestEvents;

plan tests => 344;

add_block_preprocessor(sub {
    my ($block) = @_;

    my $location = $block->location // '';

    $block->set_value(config => <<"END") if !defined $block->config;
        location = /e {
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema off;
            $location
        }
END

    $block->set_value(response_body_filters => \&short);

    # a body that is packed may end in what the runner takes for spaces

    my $headers = $block->more_headers // '';

    if (!ref $headers && $headers =~ /^Content-Encoding:/m
        && $headers !~ /^(?:Content-Length|Transfer-Encoding):/m
        && defined $block->request
        && $block->request =~ /\A\S+ \S+\n(.+)\z/s)
    {
        chomp $headers;
        $block->set_value(more_headers => "$headers\nContent-Length: "
                                          . length $1);
    }
});

# "200 2 events", "400 invalid_json 5"

sub short {
    my ($body) = @_;

    return "$1 events" if $body =~ /^\{"status":"accepted".*"accepted":(\d+)/;

    return CORE::join ' ', $body =~ /"code":"(\w+)"/, $body =~ /"offset":(\d+)/;
}

# A batch of n events, each of them of that many bytes and more.

sub batch {
    my ($n, $size) = @_;

    return '[' . CORE::join(',', map { qq({"n":$_,"x":") . ('x' x $size) . '"}' }
                                 1 .. $n) . ']';
}

sub chunked {
    my (@chunks) = @_;

    return CORE::join '', map { sprintf "%x\r\n%s\r\n", length, $_ } @chunks, '';
}

sub gzip {
    my ($text) = @_;

    require IO::Compress::Gzip;
    IO::Compress::Gzip::gzip(\$text, \my $packed);

    return $packed;
}

sub deflate {
    my ($text) = @_;

    require IO::Compress::Deflate;
    IO::Compress::Deflate::deflate(\$text, \my $packed);

    return $packed;
}

sub raw_deflate {
    my ($text) = @_;

    require IO::Compress::RawDeflate;
    IO::Compress::RawDeflate::rawdeflate(\$text, \my $packed);

    return $packed;
}

run_tests();

__DATA__

=== TEST 1: in the buffer of the headers
--- request
POST /e
[{"a":1},{"a":2}]
--- response_body chomp
2 events
--- kafka_values
{"a":1}
{"a":2}


=== TEST 2: in memory, in two buffers
--- request eval
[["POST /e\n", "[{\"a\":1},{\"b", {value => "\":2}]", delay_before => 0.05}]]
--- response_body chomp
2 events
--- kafka_values
{"a":1}
{"b":2}


=== TEST 3: in a file
--- location
    client_body_buffer_size 1k;
--- request eval
"POST /e\n" . main::batch(10, 1000)
--- response_body chomp
10 events
--- error_log
a client request body is buffered to a temporary file
--- kafka_values eval
[map { qq({"n":$_,"x":") . ('x' x 1000) . '"}' } 1 .. 10]


=== TEST 4: always in a file
--- location
    client_body_in_file_only clean;
--- request
POST /e
[{"a":1},{"a":2}]
--- response_body chomp
2 events
--- kafka_values
{"a":1}
{"a":2}


=== TEST 5: in one buffer
--- location
    client_body_in_single_buffer on;
    client_body_buffer_size 64k;
--- request eval
"POST /e\n" . main::batch(10, 1000)
--- response_body chomp
10 events
--- kafka_count: 10


=== TEST 6: chunked
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /e\n" . main::chunked('[{"a":1},', '{"a":2}]')
--- response_body chomp
2 events
--- kafka_values
{"a":1}
{"a":2}


=== TEST 7: chunked, a byte at a time, within tokens and characters
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /e\n" . main::chunked(split //,
    "[{\"a\":true,\"b\":\"\xe2\x82\xac\xf0\x9f\x98\x80\\ud83d\\ude00\"},{\"c\":-1.5e+10}]")
--- response_body chomp
2 events
--- kafka_values eval
["{\"a\":true,\"b\":\"\xe2\x82\xac\xf0\x9f\x98\x80\\ud83d\\ude00\"}", "{\"c\":-1.5e+10}"]


=== TEST 8: chunked, in a file
--- location
    client_body_buffer_size 1k;
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /e\n" . main::chunked(unpack '(a333)*', main::batch(10, 1000))
--- response_body chomp
10 events
--- error_log
a client request body is buffered to a temporary file
--- kafka_values eval
[map { qq({"n":$_,"x":") . ('x' x 1000) . '"}' } 1 .. 10]


=== TEST 9: chunked, nothing
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /e\n" . main::chunked()
--- error_code: 400
--- response_body chomp
empty_body
--- kafka_count: 0


=== TEST 10: chunked, what is no chunk
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /e\nzz\r\n{}\r\n0\r\n\r\n"
--- error_code: 400
--- response_body chomp
bad_request
--- kafka_count: 0


=== TEST 11: packets that end within tokens and characters
--- raw_request_middle_delay: 0.02
--- request eval
[["POST /e\n", "[{\"a\":tr", "ue},{\"b\":\"\xe2", "\x82\xac\\ud8", "3d\\ude00\"}]"]]
--- response_body chomp
2 events
--- kafka_values eval
["{\"a\":true}", "{\"b\":\"\xe2\x82\xac\\ud83d\\ude00\"}"]


=== TEST 12: requests that come together, good and bad
--- pipelined_requests eval
["POST /e\n{\"a\":1}", "POST /e\n{\"a\":}", "GET /e", "POST /e\n[{\"a\":2},{\"a\":3}]"]
--- error_code eval
[200, 400, 405, 200]
--- response_body eval
['1 events', 'invalid_json 5', 'method_not_allowed', '2 events']
--- kafka_values
{"a":1}
{"a":2}
{"a":3}


=== TEST 13: the connection goes on after a refusal before the body
--- more_headers eval
["Content-Type: text/xml", "Content-Encoding: br", ""]
--- pipelined_requests eval
["POST /e\n<a>GET / HTTP/1.1</a>", "POST /e\nPOST /e HTTP/1.1", "POST /e\n{\"a\":1}"]
--- error_code eval
[415, 415, 200]
--- response_body eval
['unsupported_type', 'unsupported_encoding', '1 events']
--- kafka_values
{"a":1}


=== TEST 14: the connection goes on after each refusal that follows the body
--- location
    events_max_events 1;
    events_max_depth 2;
    events_max_event_size 30;
--- pipelined_requests eval
["POST /e\n[{},{}]", "POST /e\n[{\"a\":[[]]}]", "POST /e\n{\"a\":\"" . ('x' x 30) . "\"}",
 "POST /e\n1", "POST /e\n{\"a\":\"\xff\"}", "POST /e\n{\"a\":1}"]
--- error_code eval
[413, 400, 413, 422, 400, 200]
--- response_body eval
['too_many_events', 'too_deep 7', 'event_too_large', 'invalid_events', 'invalid_utf8 6', '1 events']
--- kafka_values
{"a":1}


=== TEST 15: HTTP/1.0
--- request
POST /e HTTP/1.0
[{"a":1},{"a":2}]
--- response_body chomp
2 events
--- kafka_count: 2


=== TEST 16: HTTP/1.0, without a length
--- raw_request eval
"POST /e HTTP/1.0\r\nHost: localhost\r\n\r\n{\"a\":1}"
--- error_code: 400
--- response_body chomp
empty_body
--- kafka_count: 0


=== TEST 17: gzip
--- more_headers
Content-Encoding: gzip
Content-Type: application/json
--- request eval
"POST /e\n" . main::gzip('[{"a":1},{"a":2}]')
--- response_body chomp
2 events
--- kafka_values
{"a":1}
{"a":2}


=== TEST 18: x-gzip, in capitals
--- more_headers
Content-Encoding: X-GZip
--- request eval
"POST /e\n" . main::gzip('{"a":1}')
--- response_body chomp
1 events
--- kafka_values
{"a":1}


=== TEST 19: gzip in chunks and in a file, inflated past all buffers
--- location
    client_body_buffer_size 1k;
--- more_headers
Transfer-Encoding: chunked
Content-Encoding: gzip
--- request eval
srand 1;
my $noise = CORE::join '', map { chr(97 + int rand 26) } 1 .. 20000;
"POST /e\n" . main::chunked(unpack '(a999)*', main::gzip("[{\"a\":\"$noise\"}," . substr main::batch(30, 6000), 1))
--- response_body chomp
31 events
--- error_log
a client request body is buffered to a temporary file
--- kafka_count: 31


=== TEST 20: gzip of two members
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::gzip('[{"a":1},') . main::gzip('{"a":2}]')
--- response_body chomp
2 events
--- kafka_count: 2


=== TEST 21: deflate as it should be
--- more_headers
Content-Encoding: deflate
--- request eval
"POST /e\n" . main::deflate('{"a":1}')
--- response_body chomp
1 events
--- kafka_values
{"a":1}


=== TEST 22: deflate as some clients send it
--- more_headers
Content-Encoding: deflate
--- request eval
"POST /e\n" . main::raw_deflate('{"a":1}')
--- response_body chomp
1 events
--- kafka_values
{"a":1}


=== TEST 23: identity
--- more_headers
Content-Encoding: identity
--- request
POST /e
{"a":1}
--- response_body chomp
1 events
--- kafka_values
{"a":1}


=== TEST 24: a coding without a name
--- more_headers
Content-Encoding: 
--- request
POST /e
{"a":1}
--- response_body chomp
1 events
--- kafka_count: 1


=== TEST 25: offsets are those of the inflated body
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::gzip('[{"a":1},' . (' ' x 1000) . '}]')
--- error_code: 400
--- response_body chomp
invalid_json 1009
--- kafka_count: 0


=== TEST 26: two codings in one header
--- more_headers
Content-Encoding: gzip, gzip
--- request eval
"POST /e\n" . main::gzip(main::gzip('{"a":1}'))
--- error_code: 415
--- response_body chomp
unsupported_encoding
--- kafka_count: 0


=== TEST 27: two codings in two headers
--- raw_request eval
my $body = main::gzip(main::gzip('{"a":1}'));
"POST /e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n"
. 'Content-Length: ' . length($body) . "\r\n\r\n$body"
--- error_code: 415
--- response_body chomp
unsupported_encoding
--- kafka_count: 0


=== TEST 28: gzip that is gzip again
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::gzip(main::gzip('{"a":1}'))
--- error_code: 400
--- response_body chomp
invalid_json 0
--- kafka_count: 0


=== TEST 29: gzip bomb
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::gzip(' ' x 50_000_000)
--- error_code: 413
--- response_body chomp
inflated_too_large
--- kafka_count: 0


=== TEST 30: gzip as large as the bound, inflated
--- location
    events_max_inflated 1000;
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::gzip('{"a":1}' . (' ' x 993))
--- response_body chomp
1 events
--- kafka_values
{"a":1}


=== TEST 31: gzip a byte larger than the bound, inflated
--- location
    events_max_inflated 1000;
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::gzip('{"a":1}' . (' ' x 994))
--- error_code: 413
--- response_body chomp
inflated_too_large
--- kafka_count: 0


=== TEST 32: the bound is for what was inflated, not for other bodies
--- location
    events_max_inflated 1000;
--- request eval
"POST /e\n" . main::batch(1, 2000)
--- response_body chomp
1 events
--- kafka_count: 1


=== TEST 33: gzip cut in half
--- more_headers
Content-Encoding: gzip
--- request eval
my $gzip = main::gzip(main::batch(10, 100));
"POST /e\n" . substr $gzip, 0, length($gzip) / 2
--- error_code: 400
--- response_body chomp
invalid_encoding
--- kafka_count: 0


=== TEST 34: gzip without its last byte
--- more_headers
Content-Encoding: gzip
--- request eval
my $gzip = main::gzip('{"a":"xy"}') ;
"POST /e\n" . substr $gzip, 0, -1
--- error_code: 400
--- response_body chomp
invalid_encoding
--- kafka_count: 0


=== TEST 35: gzip with a wrong checksum
--- more_headers eval
"Content-Encoding: gzip\nContent-Length: " . length main::gzip('{"a":1}')
--- request eval
my $gzip = main::gzip('{"a":1}');
substr $gzip, -8, 4, "abcd";
"POST /e\n$gzip"
--- error_code: 400
--- response_body chomp
invalid_encoding
--- kafka_count: 0


=== TEST 36: garbage after gzip
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::gzip('{"a":1}') . 'garbage'
--- error_code: 400
--- response_body chomp
invalid_encoding
--- kafka_count: 0


=== TEST 37: garbage after deflate
--- more_headers
Content-Encoding: deflate
--- request eval
"POST /e\n" . main::deflate('{"a":1}') . 'garbage'
--- error_code: 400
--- response_body chomp
invalid_encoding
--- kafka_count: 0


=== TEST 38: gzip of nothing
--- more_headers eval
"Content-Encoding: gzip\nContent-Length: " . length main::gzip('')
--- request eval
"POST /e\n" . main::gzip('')
--- error_code: 400
--- response_body chomp
empty_body
--- kafka_count: 0


=== TEST 39: no body where there should be gzip
--- more_headers
Content-Encoding: gzip
--- request
POST /e
--- error_code: 400
--- response_body chomp
empty_body
--- kafka_count: 0


=== TEST 40: deflate sent as gzip
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::deflate('{"a":1}')
--- error_code: 400
--- response_body chomp
invalid_encoding
--- kafka_count: 0


=== TEST 41: Content-Length too short: the rest is not a part of the batch
--- raw_request eval
"POST /e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{\"a\":1},{\"b\":2}"
--- response_body chomp
1 events
--- kafka_values
{"a":1}


=== TEST 42: Content-Length too short: the cut batch
--- raw_request eval
"POST /e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 8\r\n\r\n[{\"a\":1},{\"b\":2}]"
--- error_code: 400
--- response_body chomp
invalid_json 8
--- kafka_count: 0


=== TEST 43: Content-Length too long, and the client leaves
--- raw_request eval
"POST /e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 100\r\n\r\n{\"a\":1}"
--- shutdown
--- ignore_response
--- wait: 0.1
--- access_log
--- error_log
client prematurely closed connection
--- kafka_count: 0


=== TEST 44: Content-Length that is no number
--- raw_request eval
"POST /e HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n{\"a\":1}"
--- error_code: 400
--- kafka_count: 0


=== TEST 45: HEAD
--- request
HEAD /e
--- error_code: 405
--- response_headers
Allow: POST
Content-Type: application/json
--- kafka_count: 0


=== TEST 46: OPTIONS, PUT, DELETE, PATCH and a method of one's own
--- request eval
["OPTIONS /e", "PUT /e\n{\"a\":1}", "DELETE /e", "PATCH /e\n{\"a\":1}", "EVENT /e\n{\"a\":1}"]
--- error_code eval
[405, 405, 405, 405, 405]
--- response_headers eval
[("Allow: POST") x 5]
--- response_body eval
[('method_not_allowed') x 5]
--- kafka_count: 0


=== TEST 47: 100-continue, refused before the upload
--- raw_request eval
"POST /e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: text/xml\r\nContent-Length: 1000000\r\n\r\n"
--- error_code: 415
--- response_body chomp
unsupported_type
--- timeout: 1
--- abort
--- kafka_count: 0


=== TEST 48: 100-continue, too large before the upload
--- location
    client_max_body_size 1k;
--- raw_request eval
"POST /e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n"
--- error_code: 413
--- response_body chomp
body_too_large
--- timeout: 1
--- abort
--- kafka_count: 0


=== TEST 49: 10 MB, taken
--- location
    client_max_body_size 20m;
    events_kafka_property compression.codec lz4;
--- request eval
"POST /e\n" . main::batch(100, 100_000)
--- response_body chomp
100 events
--- log_level: info
--- kafka_timeout: 10
--- timeout: 15
--- kafka_count: 100


=== TEST 50: 10 MB, refused by its length
--- request eval
"POST /e\n" . main::batch(100, 100_000)
--- location
    client_max_body_size 1m;
--- error_code: 413
--- response_body chomp
body_too_large
--- log_level: info
--- kafka_count: 0


=== TEST 51: 10 MB of one event
--- location
    client_max_body_size 20m;
--- request eval
"POST /e\n" . main::batch(1, 10_000_000)
--- error_code: 413
--- response_body chomp
event_too_large
--- log_level: info
--- kafka_count: 0


=== TEST 52: two million brackets
--- location
    client_max_body_size 20m;
--- request eval
"POST /e\n" . ('[' x 2_000_000)
--- error_code: 400
--- response_body chomp
too_deep 33
--- log_level: info
--- kafka_count: 0


=== TEST 53: two million brackets, gzipped
--- more_headers
Content-Encoding: gzip
--- request eval
"POST /e\n" . main::gzip('[' x 2_000_000)
--- error_code: 400
--- response_body chomp
too_deep 33
--- log_level: info
--- kafka_count: 0


=== TEST 54: a chunked body that grows too large goes on being JSON
--- location
    client_max_body_size 4k;
    client_body_buffer_size 1k;
--- more_headers
Transfer-Encoding: chunked
--- request eval
"POST /e\n" . main::chunked(unpack '(a500)*', main::batch(10, 1000))
--- error_code: 413
--- response_body chomp
body_too_large
--- kafka_count: 0


=== TEST 55: a file that cannot be made is the server's fault, in JSON
--- config
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        client_body_buffer_size 1k;
        client_body_temp_path $TEST_NGINX_SERVER_ROOT/html/gone;
    }
--- init
rmdir main::html_dir() . '/gone' or die "$!";
--- request eval
"POST /e\n" . main::batch(10, 1000)
--- error_code: 500
--- response_body chomp
internal_error
--- error_log
[crit]
--- kafka_count: 0


=== TEST 56: deflate of two streams, which only gzip has
--- more_headers
Content-Encoding: deflate
--- request eval
"POST /e\n" . main::deflate('[{"a":1},') . main::deflate('{"a":2}]')
--- error_code: 400
--- response_body chomp
invalid_encoding
--- kafka_count: 0
