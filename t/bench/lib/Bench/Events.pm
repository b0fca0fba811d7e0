package Bench::Events;

# Bodies of realistic events that pass examples/contract.schema.json, the wrk
# scripts that post them, and requests as HTTP has them.  The same numbers
# always make the same events.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(body script request_text);

my @ACTIONS  = qw(video.play_started video.play_ended list.item_added
                  search.performed message.sent room.joined);
my @QUALITY  = qw(720p 1080p 2160p);
my @NETWORKS = qw(wifi ethernet cellular);


# A pseudo-random sequence that is the same with every Perl.

sub _sequence {
    my $x = shift;

    return sub {
        $x = ($x * 1103515245 + 12345) & 0x7fffffff;
        return ($x >> 8) % shift;
    };
}


sub _event {
    my ($random) = @_;

    my $hex = join '', map { sprintf '%04x', $random->(65536) } 1 .. 8;
    $hex =~ s/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/$1-$2-7$3-8$4-$5/ or die;

    return sprintf
        '{"event_id":"%s","brand":"%s","action_type":"%s",'
        . '"entity":{"type":"video","id":"ep-%04d"},'
        . '"occurred_at":"2026-11-23T19:%02d:%02d.%03dZ",'
        . '"session_id":"s-%06d","user_id":"u-%05d",'
        . '"properties":{"position":%d.%d,"duration":3600,"quality":"%s",'
        . '"app_version":"7.12.0","network":"%s",'
        . '"title":"Night \\u2013 part %d","tags":["live","re-run"]}}',
        $hex, (qw(playtv parlor))[$random->(2)], $ACTIONS[$random->(6)],
        $random->(2000), $random->(60), $random->(60), $random->(1000),
        $random->(100000), $random->(10000),
        $random->(3600), $random->(10), $QUALITY[$random->(3)],
        $NETWORKS[$random->(3)], 1 + $random->(9);
}


# An array of events.  Cut: without its last byte, so that all of it is read,
# parsed and validated before it is refused.

sub body {
    my ($events, %opt) = @_;

    my $random = _sequence($opt{seed} // $events);
    my $body = '[' . join(',', map { _event($random) } 1 .. $events) . ']';

    chop $body if $opt{cut};

    return $body;
}


# A wrk script.  One body for all requests leaves the wrk process the most CPU:
# it has a "request" function only where there are more than one.

sub script {
    my (@bodies) = @_;

    my @quoted = map { _quote($_) } @bodies;

    my $set = @quoted == 1
        ? "wrk.body = $quoted[0]\n"
        : "local bodies = { " . join(",\n", @quoted) . " }\n"
          . "local requests, i = {}, 0\n"
          . "function init(args)\n"
          . "    for n, body in ipairs(bodies) do\n"
          . "        requests[n] = wrk.format(nil, nil, nil, body)\n"
          . "    end\n"
          . "end\n"
          . "function request()\n"
          . "    i = i % #requests + 1\n"
          . "    return requests[i]\n"
          . "end\n";

    return <<"END";
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
$set
function done(summary, latency, requests)
    local e = summary.errors
    io.write(string.format(
        "bench requests=%d us=%d p50=%.0f p99=%.0f max=%.0f status=%d " ..
        "connect=%d read=%d write=%d timeout=%d\\n",
        summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99), latency.max,
        e.status, e.connect, e.read, e.write, e.timeout))
end
END
}


# A request: a hash of body, and path and headers (a hash) where it has them.

sub request_text {
    my ($request) = @_;

    my %headers = (Host => '127.0.0.1', 'Content-Type' => 'application/json',
                   'Content-Length' => length $request->{body},
                   %{ $request->{headers} // {} });

    return join "\r\n", 'POST ' . ($request->{path} // '/events')
                        . ' HTTP/1.1',
                        (map { "$_: $headers{$_}" } sort keys %headers), '',
                        $request->{body};
}


sub _quote {
    my ($text) = @_;

    $text =~ s/([\\"])/\\$1/g;

    return qq{"$text"};
}

1;
