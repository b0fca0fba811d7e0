# Guests, and limit_req that counts them by the module's variables.

use TestEvents;

use Digest::SHA qw(sha256_hex);

plan tests => 234;

my $digest = sha256_hex('the-key');

# Addresses come from X-Real-IP. Section "zones" has the limits of /e.

add_block_preprocessor(sub {
    my ($block) = @_;

    return if defined $block->config;

    my $zones = $block->zones // '';
    my $location = $block->location // '';

    $block->set_value(user_files => ">>> keys\napp sha256:$digest\n");
    $block->set_value(http_config => <<'END');
        log_format guest escape=none '$status [$events_guest] '
                          '[$events_guest_key] [$events_guest_network]';

        limit_req_zone $events_guest_key     zone=guest:1m    rate=1r/m;
        limit_req_zone $events_guest_network zone=guestnet:1m rate=1r/m;
        limit_req_zone $events_guest         zone=guests:1m   rate=1r/m;

        large_client_header_buffers 4 128k;
END
    $block->set_value(config => <<"END");
        set_real_ip_from 127.0.0.1;
        real_ip_header X-Real-IP;

        location = /e {
            access_log logs/guest.log guest;
            events_kafka_brokers \$TEST_NGINX_KAFKA;
            events_publish \$TEST_NGINX_TOPIC;
            events_schema off;
            events_guests on;
            events_api_keys ../html/keys;
            limit_req_status 429;
            $zones
            $location
        }
END
});

# Section "guests" is what the access log has: a word that stands for the same
# text everywhere is written <word>, and has 32 hexadecimal digits.

add_test_cleanup_handler(sub {
    my ($block) = @_;

    my $expected = $block->guests // return;
    my $text = log_text('guest.log', $expected =~ tr/\n//);
    my (%known, @names);

    for my $name ($expected =~ /<(\w+)>/g) {
        push @names, $name if !grep { $_ eq $name } @names;
    }

    $text =~ s/\b([0-9a-f]{32})\b/$known{$1} \/\/= '<' . shift(@names) . '>'/ge;

    is_str($text, $expected, $block->name . ' - guests');
});

sub posts {
    my ($n) = @_;

    return [ map { "POST /e\n{\"a\":$_}" } 1 .. $n ];
}

run_tests();

__DATA__

=== TEST 1: what the variables have
--- request eval
main::posts(7)
--- more_headers eval
["X-Real-IP: 192.0.2.1\nX-Guest-Id: a", "X-Real-IP: 192.0.2.1\nX-Guest-Id: b",
 "X-Real-IP: 192.0.2.2\nX-Guest-Id: a", "X-Real-IP: 192.0.2.1\nX-Guest-Id: a",
 "X-API-Key: the-key", "X-Real-IP: 192.0.2.1\nX-API-Key: guess",
 "X-Real-IP: 192.0.2.1"]
--- error_code eval
[200, 200, 200, 200, 200, 401, 200]
--- guests
200 [1] [<a1>] [<one>]
200 [1] [<b1>] [<one>]
200 [1] [<a2>] [<two>]
200 [1] [<a1>] [<one>]
200 [] [] []
401 [1] [<none1>] [<one>]
200 [1] [<none1>] [<one>]
--- kafka_count: 6


=== TEST 2: two devices behind one address do not starve each other
--- zones
limit_req zone=guest;
--- request eval
main::posts(4)
--- more_headers eval
["X-Guest-Id: a", "X-Guest-Id: a", "X-Guest-Id: b", "X-Guest-Id: b"]
--- error_code eval
[200, 429, 200, 429]
--- kafka_values
{"a":1}
{"a":3}


=== TEST 3: those without an id share one
--- zones
limit_req zone=guest;
--- request eval
main::posts(4)
--- more_headers eval
["X-Other: a", "X-Guest-Id: ", "X-Guest-Id: a", "X-Real-IP: 192.0.2.1"]
--- error_code eval
[200, 429, 200, 200]
--- kafka_count: 3


=== TEST 4: the same id in another network is another guest
--- zones
limit_req zone=guest;
--- request eval
main::posts(2)
--- more_headers eval
["X-Guest-Id: a\nX-Real-IP: 192.0.2.1", "X-Guest-Id: a\nX-Real-IP: 192.0.2.2"]
--- error_code eval
[200, 200]
--- kafka_count: 2


=== TEST 5: an id invented for each request is stopped by the network
--- zones
limit_req zone=guest;
limit_req zone=guestnet burst=2 nodelay;
--- request eval
main::posts(6)
--- more_headers eval
[(map { "X-Guest-Id: invented-$_\nX-Real-IP: 192.0.2.1" } 1 .. 5),
 "X-Guest-Id: other\nX-Real-IP: 192.0.2.2"]
--- error_code eval
[200, 200, 200, 429, 429, 200]
--- kafka_count: 4


=== TEST 6: addresses of one IPv6 network are one
--- zones
limit_req zone=guestnet burst=1 nodelay;
--- request eval
main::posts(4)
--- more_headers eval
["X-Real-IP: 2001:db8:0:1::1", "X-Real-IP: 2001:db8:0:1:ffff:ffff:ffff:ffff",
 "X-Real-IP: 2001:db8:0:1:8000::", "X-Real-IP: 2001:db8:0:2::1"]
--- error_code eval
[200, 200, 429, 200]
--- kafka_count: 3


=== TEST 7: other prefixes
--- location
events_guest_prefix 24 48;
--- request eval
main::posts(6)
--- more_headers eval
["X-Real-IP: 192.0.2.1", "X-Real-IP: 192.0.2.255", "X-Real-IP: 192.0.3.1",
 "X-Real-IP: 2001:db8:0:1::1", "X-Real-IP: 2001:db8:0:ffff::1",
 "X-Real-IP: 2001:db8:1::1"]
--- error_code eval
[(200) x 6]
--- guests
200 [1] [<a>] [<one>]
200 [1] [<a>] [<one>]
200 [1] [<b>] [<two>]
200 [1] [<c>] [<three>]
200 [1] [<c>] [<three>]
200 [1] [<d>] [<four>]
--- kafka_count: 6


=== TEST 8: IPv4 on a socket of IPv6
--- location
events_guest_prefix 24 8;
--- request eval
main::posts(3)
--- more_headers eval
["X-Real-IP: 192.0.2.1", "X-Real-IP: ::ffff:192.0.2.2",
 "X-Real-IP: ::ffff:198.51.100.1"]
--- error_code eval
[(200) x 3]
--- guests
200 [1] [<a>] [<one>]
200 [1] [<a>] [<one>]
200 [1] [<b>] [<two>]
--- kafka_count: 3


=== TEST 9: guests altogether
--- zones
limit_req zone=guests burst=1 nodelay;
--- request eval
main::posts(5)
--- more_headers eval
["X-Real-IP: 192.0.2.1\nX-Guest-Id: a", "X-Real-IP: 192.0.2.2\nX-Guest-Id: b",
 "X-Real-IP: 192.0.2.3\nX-Guest-Id: c", "X-Real-IP: 2001:db8::1",
 "X-Real-IP: 192.0.2.1\nX-API-Key: the-key"]
--- error_code eval
[200, 200, 429, 429, 200]
--- kafka_count: 3


=== TEST 10: a principal is not limited
--- zones
limit_req zone=guest;
limit_req zone=guestnet;
limit_req zone=guests;
--- request eval
main::posts(4)
--- more_headers eval
["X-API-Key: the-key", "X-API-Key: the-key", "X-API-Key: the-key",
 "X-Guest-Id: a"]
--- error_code eval
[200, 200, 200, 200]
--- kafka_count: 4


=== TEST 11: trying keys is limited, each of them is refused
--- zones
limit_req zone=guestnet burst=1 nodelay;
--- request eval
main::posts(4)
--- more_headers eval
["X-API-Key: aa", "X-API-Key: ab", "X-API-Key: ac", "X-API-Key: the-key"]
--- error_code eval
[401, 401, 429, 200]
--- kafka_count: 1


=== TEST 12: where guests are not welcome, they are counted too
--- zones
limit_req zone=guestnet burst=1 nodelay;
events_principal $arg_user;
--- request eval
["POST /e\n1", "POST /e\n1", "POST /e\n1", "POST /e?user=u\n1"]
--- error_code eval
[422, 422, 429, 422]
--- kafka_count: 0


=== TEST 13: an id of 70,000 bytes is no bypass, and no id
--- zones
limit_req zone=guest;
--- request eval
main::posts(4)
--- more_headers eval
["X-Guest-Id: " . 'x' x 70_000, "X-Guest-Id: " . 'x' x 70_000,
 "X-Guest-Id: " . 'y' x 70_000, "X-Guest-Id: y"]
--- error_code eval
[200, 429, 429, 200]
--- kafka_count: 2


=== TEST 14: the fields of a 429
--- zones
limit_req zone=guest;
--- request eval
main::posts(2)
--- error_code eval
[200, 429]
--- response_headers_like eval
["Content-Type: application/json",
 "Content-Type: application/json\nRetry-After: [1-5]"]
--- response_body_like eval
['accepted',
 '^\{"type":"about:blank","title":"Too Many Requests","status":429,"code":"rate_limited","detail":"[^"]+","request_id":"[0-9a-f]{32}","retryable":true\}\n$']
--- kafka_count: 1


=== TEST 15: an id from elsewhere
--- zones
limit_req zone=guest;
--- location
events_guest_id $cookie_guest$arg_guest;
--- request eval
["POST /e\n1", "POST /e?guest=a\n1", "POST /e\n1", "POST /e\n1"]
--- more_headers eval
["Cookie: guest=a", "X-Guest-Id: x", "Cookie: guest=b", "Cookie: guest=a"]
--- error_code eval
[422, 429, 422, 429]
--- kafka_count: 0


=== TEST 16: limits of a server leave other locations alone
--- http_config
    limit_req_zone $events_guest zone=guests:1m rate=1r/m;
--- config
    limit_req zone=guests;
    limit_req_status 429;
    location = /other { default_type text/plain; }
    location = /e {
        events_kafka_brokers $TEST_NGINX_KAFKA;
        events_publish $TEST_NGINX_TOPIC;
        events_schema off;
        events_guests on;
    }
--- user_files
>>> other
page
--- request eval
["GET /other", "GET /other", "POST /e\n1", "GET /other", "POST /e\n1"]
--- error_code eval
[200, 200, 422, 200, 429]
--- kafka_count: 0


=== TEST 17: a prefix of no bits
--- location
events_guest_prefix 0 64;
--- must_die
--- error_log
invalid prefix "0": must be between 1 and 32


=== TEST 18: a prefix of too many bits
--- location
events_guest_prefix 32 129;
--- must_die
--- error_log
invalid prefix "129": must be between 1 and 128
