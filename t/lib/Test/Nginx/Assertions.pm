package Test::Nginx::Assertions;

use strict;
use warnings;

use Exporter 'import';
use Test::More ();
use Time::HiRes qw(sleep time);

use Test::Nginx::Config qw(expand_env);

our @EXPORT_OK = qw(
    check_response check_logs check_patterns check_no_patterns patterns is_str
    add_response_body_check
);

our $LongString = 1;

use constant LONG => 400;       # longer texts are shown from where they differ

my @BodyChecks;
my %BodyFilters = (
    length  => sub { length $_[0] },
    lc      => sub { lc $_[0] },
    lcfirst => sub { lcfirst $_[0] },
    uc      => sub { uc $_[0] },
    ucfirst => sub { ucfirst $_[0] },
    md5_hex => sub { require Digest::MD5; Digest::MD5::md5_hex($_[0]) },
    sha1_hex => sub { require Digest::SHA; Digest::SHA::sha1_hex($_[0]) },
);


sub add_response_body_check {
    push @BodyChecks, shift;

    return;
}


# at: { index, many, repeat, ports }: the place of the request in the block.

sub check_response {
    my ($block, $response, $at) = @_;

    _check_code($block, $response, $at);
    _check_raw_headers($block, $response, $at);
    _check_headers($block, $response, $at);
    _check_body($block, $response, $at);

    for my $check (@BodyChecks) {
        $check->($block, $response->{body}, $at->{index}, $at->{repeat}, 0);
    }

    return;
}


# The value for one request of several.

sub _value {
    my ($block, $section, $at) = @_;

    my $value = $block->$section;

    return ref $value eq 'ARRAY' ? $value->[$at->{index}] : $value
        if !$at->{many} || ref $value eq 'ARRAY' || !defined $value;

    die "section \"$section\" needs an array, one value for each request\n";
}


sub _check_code {
    my ($block, $response, $at) = @_;

    my $name = $block->name . ' - status code ok';
    my $code = $response->{code} // '';
    my $like = _value($block, 'error_code_like', $at);

    if (defined $like) {
        return Test::More::like($code, qr/$like/sm, $name);
    }

    my $expected = defined $block->error_code
        ? _value($block, 'error_code', $at) : 200;

    return Test::More::is($code, $expected, $name)
           || _explain($response);
}


sub _explain {
    my ($response) = @_;

    Test::More::diag('response: ', _excerpt($response->{raw_headers}
                     . "\n" . $response->{body}, 0));

    return;
}


sub _check_raw_headers {
    my ($block, $response, $at) = @_;

    my $name = $block->name . ' - raw resp headers';
    my $raw = $response->{raw_headers};

    my $like = _value($block, 'raw_response_headers_like', $at);
    my $unlike = _value($block, 'raw_response_headers_unlike', $at);

    Test::More::like($raw, qr/$like/s, "$name like") if defined $like;
    Test::More::unlike($raw, qr/$unlike/s, "$name unlike") if defined $unlike;

    return;
}


sub _check_headers {
    my ($block, $response, $at) = @_;

    my $exact = defined $block->response_headers;
    my $section = $exact ? 'response_headers' : 'response_headers_like';
    my $text = _value($block, $section, $at) // return;

    for my $line (grep { /\S/ } split /\n/, $text) {
        my ($header, $value) = $line =~ /^\s*([^:]*?)\s*(?::\s*(.*?)\s*)?$/;
        my $name = $block->name . " - header $header";

        if ($header =~ s/^!\s*//) {
            Test::More::ok(!exists $response->{headers}{lc $header},
                           "$name not present in the raw headers");
            next;
        }

        my $got = join ', ', @{ $response->{headers}{lc $header} || [] };

        $value = _with_port($value // '');

        $exact ? Test::More::is($got, $value, "$name ok")
               : Test::More::like($got, qr/^$value$/, "$name like ok");
    }

    return;
}


sub _with_port {
    my ($text) = @_;

    return $text if !defined $text || ref $text;

    $text =~ s/\$ServerPort(?:ForClient)?\b/$ENV{TEST_NGINX_SERVER_PORT}/g;

    return $text;
}


sub _check_body {
    my ($block, $response, $at) = @_;

    $response->{body} = _filter_body($block, $response->{body}, $at);

    my $name = $block->name . " - response_body (repeated req $at->{repeat},"
               . " req $at->{index})";

    if (defined $block->response_body) {
        my $expected = _with_port(_value($block, 'response_body', $at));

        is_str($response->{body}, expand_env($expected, $at->{ports}), $name);

    } elsif (defined $block->response_body_like) {
        my $like = _with_port(_value($block, 'response_body_like', $at));

        Test::More::like($response->{body}, qr/$like/s, "$name like");

    } elsif (defined $block->response_body_unlike) {
        my $unlike = _with_port(_value($block, 'response_body_unlike', $at));

        Test::More::unlike($response->{body}, qr/$unlike/s, "$name unlike");
    }

    if ($response->{fault} && !defined $block->abort) {
        Test::More::fail($block->name . " - $response->{fault}");
    }

    return;
}


sub _filter_body {
    my ($block, $body, $at) = @_;

    my $filters = $block->response_body_filters // return $body;

    if (ref $filters eq 'ARRAY' && ref $filters->[0] eq 'ARRAY') {
        $filters = $filters->[$at->{index}];
    }

    my @filters = ref $filters eq 'ARRAY' ? @$filters
                : ref $filters            ? $filters
                :                           split ' ', $filters;

    for my $filter (@filters) {
        my $sub = ref $filter ? $filter : $BodyFilters{$filter};

        die "unknown filter \"$filter\"\n" if !$sub;

        $body = $sub->($body);
    }

    return $body;
}


sub is_str {
    my ($got, $expected, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return Test::More::like($got, $expected, $name)
        if ref $expected eq 'Regexp';

    return Test::More::is($got, $expected, $name)
        if !$LongString || !defined $got || !defined $expected
           || $got eq $expected || length $got . $expected < LONG;

    my ($same) = ($got ^ $expected) =~ /^(\0*)/;
    my $offset = length $same;

    Test::More::fail($name);
    Test::More::diag("the texts differ from byte $offset on",
                     ' (lengths: ', length $got, ', ', length $expected, ')',
                     "\n     got: ", _excerpt($got, $offset),
                     "\nexpected: ", _excerpt($expected, $offset));

    return 0;
}


sub _excerpt {
    my ($text, $offset) = @_;

    my $start = $offset > 20 ? $offset - 20 : 0;
    my $excerpt = $start < length $text ? substr $text, $start, LONG : '';

    $excerpt =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;

    return ($start ? '...' : '') . $excerpt;
}


sub patterns {
    my ($value) = @_;

    return if !defined $value;
    return @$value if ref $value eq 'ARRAY';
    return $value if ref $value;
    return grep { $_ ne '' } split /\n+/, $value;
}


sub _matches {
    my ($text, $pattern) = @_;

    for my $line (split /^/, $text) {
        return $line if ref $pattern ? $line =~ $pattern
                                     : index($line, $pattern) >= 0;
    }

    return;
}


sub check_patterns {
    my ($name, $log, $text, @patterns) = @_;

    for my $pattern (@patterns) {
        Test::More::ok(defined _matches($text, $pattern),
                       "$name - pattern \"$pattern\" matches a line in $log");
    }

    return;
}


sub check_no_patterns {
    my ($name, $log, $text, @patterns) = @_;

    for my $pattern (@patterns) {
        my $line = _matches($text, $pattern);

        Test::More::ok(!defined $line, "$name - pattern \"$pattern\" does not"
                                       . " match a line in $log")
            || Test::More::diag("line: $line");
    }

    return;
}


# The log phase runs after the client has seen the end of the response.
# Every pattern found ends the wait; nothing can end it when a pattern is
# expected not to be there.

sub _wait_for_log {
    my ($read, $seconds, $expected, $has_more) = @_;

    my $deadline = time + $seconds;

    while (1) {
        my $text = $read->();

        return $text if time >= $deadline;
        return $text if !$has_more
                        && !grep { !defined _matches($text, $_) } @$expected;

        sleep 0.002;
    }
}


# read: { error_log => sub, access_log => sub }

sub check_logs {
    my ($block, $read, $at) = @_;

    my $name = $block->name;
    my @expected = patterns(scalar $block->error_log);
    my $has_more = defined $block->no_error_log
                   || defined $block->grep_error_log
                   || defined $block->no_access_log;

    my $text = _wait_for_log($read->{error_log}, $at->{log_delay}, \@expected,
                             $has_more);

    if (defined $block->grep_error_log) {
        _check_grep($block, $text, $at);
    }

    check_patterns($name, 'error.log', $text, @expected);
    check_no_patterns($name, 'error.log', $text,
                      patterns(scalar $block->no_error_log));

    return $text if defined $block->ignore_response || $at->{no_access_log};

    @expected = patterns(scalar $block->access_log);

    my $access = _wait_for_log($read->{access_log}, $at->{log_delay},
                               \@expected, 0);

    check_patterns($name, 'access.log', $access, @expected);
    check_no_patterns($name, 'access.log', $access,
                      patterns(scalar $block->no_access_log));

    return $text;
}


sub _check_grep {
    my ($block, $text, $at) = @_;

    my $pattern = $block->grep_error_log;
    my $expected = $block->grep_error_log_out;

    die "section \"grep_error_log\" needs \"grep_error_log_out\"\n"
        if !defined $expected;

    $pattern = $pattern->[$at->{repeat}] if ref $pattern eq 'ARRAY';
    $expected = $expected->[$at->{repeat}] if ref $expected eq 'ARRAY';

    $pattern = ref $pattern ? $pattern : qr/\Q$pattern\E/;

    my $found = join '', map { /($pattern)/ && $1 !~ /\n/ ? "$1\n" : () }
                         split /^/, $text;

    return is_str($found, expand_env($expected, $at->{ports}),
                  $block->name . " - grep_error_log_out (req $at->{repeat})");
}

1;

__END__

=head1 NAME

Test::Nginx::Assertions - what a block says about responses and logs

=head1 FUNCTIONS

All are exported on request. A value that does not fit the section dies with
a message.

=head2 check_response(block, response, at)

Runs C<error_code error_code_like raw_response_headers_like
raw_response_headers_unlike response_headers response_headers_like
response_body_filters response_body response_body_like response_body_unlike>
on a response of L<Test::Nginx::Client>. C<at> says where in the block the
request is: C<index>, C<many> (the block has several, so values are arrays),
C<repeat>, C<ports> (for L<Test::Nginx::Config/expand_env>).

=head2 check_logs(block, read, at)

Runs C<error_log no_error_log grep_error_log grep_error_log_out access_log
no_access_log>. C<read> holds functions that return the text of
C<error_log> and C<access_log>; they are called until all expected patterns
are there, at most C<< at->{log_delay} >> seconds.

=head2 check_patterns(name, log, text, pattern ...)
=head2 check_no_patterns(name, log, text, pattern ...)

One assertion for each pattern, a substring or a regex of a line.

=head2 patterns(value)

The list of patterns in a section: one a line, a regex, or an array.

=head2 is_str(got, expected, name)

C<is>, or C<like> for a regex. Long texts are shown from where they differ,
unless C<$LongString> is false.

=head2 add_response_body_check(sub)

The function is called for each response with the block, the body, the index
of the request, that of the repeat, and 0.

=cut
