# events-validate, the program of "make contract": what it says about files
# of events, and how it ends.
#
# Environment: EVENTS_VALIDATE, the program to test

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use JSON::PP qw(decode_json);
use Test::More;

use EventsServer qw(wait_for);

my $Top = abs_path(dirname(__FILE__) . '/..');
my $Program = abs_path($ENV{EVENTS_VALIDATE} // "$Top/build/events-validate");
my $Contract = "$Top/examples/contract.schema.json";

plan skip_all => 'no build/events-validate: run make build/events-validate'
    if !$Program || !-x $Program;

make_path("$Top/build");

# names in messages are short then

my $Dir = tempdir('contract-XXXXXX', DIR => "$Top/build", CLEANUP => 1);
chdir $Dir or die "$Dir: $!";
END { chdir '/' }

my $Id = '5f0c8a52-1d0e-7c3b-9a44-0d3f5a6b7c8d';
my $Good = qq({"event_id":"$Id","brand":"playtv","action_type":"a.b",)
           . '"entity":{"type":"video","id":"ep-7"},'
           . '"occurred_at":"2026-11-23T19:20:05.564Z"}';
my $Bad = $Good =~ s/"brand":"playtv",//r;      # one failure: /brand

write_file('contract.json', read_file($Contract));
write_file('small.json', '{"properties":{"a":{"type":"integer"},'
                         . '"list":{"items":{"type":"string"}}}}');


sub write_file {
    my ($path, $text) = @_;

    open my $fh, '>:raw', $path or die "$path: $!";
    print {$fh} $text;
    close $fh or die "$path: $!";

    return $path;
}


sub read_file {
    my ($path) = @_;

    open my $fh, '<:raw', $path or die "$path: $!";
    local $/;

    return scalar(<$fh>) // '';
}


# Runs the program, with that on standard input: exit status, output, errors.

sub validate {
    my ($stdin, @arg) = @_;

    write_file('stdin', $stdin // '');

    my $pid = fork // die "fork: $!";

    if (!$pid) {
        open STDIN, '<', 'stdin' or die;
        open STDOUT, '>', 'stdout' or die;
        open STDERR, '>', 'stderr' or die;
        exec $Program, @arg or die "$Program: $!";
    }

    waitpid $pid, 0;

    my $status = $? & 127 ? "signal " . ($? & 127) : $? >> 8;

    return ($status, read_file('stdout'), read_file('stderr'));
}


# A run of these arguments, as it has to be; the time that it took varies.

sub run_is {
    my ($name, $stdin, $arg, $status, $out, $err) = @_;

    my @got = validate($stdin, @$arg);

    $got[1] =~ s/, in \d+\.\d\d s(, \d+ a second)?$//mg;

    is($got[0], $status, "$name: exit status");

    ref $out ? like($got[1], $out, "$name: output")
             : is($got[1], $out, "$name: output");
    ref $err ? like($got[2], $err, "$name: errors")
             : is($got[2], $err // '', "$name: errors");

    return;
}


subtest 'a contract alone' => sub {
    run_is('valid', undef, [ 'contract.json' ], 0,
           "contract.json: is a valid contract\n");

    run_is('a keyword', undef,
           [ write_file('typ.json', qq({"type":"object",\n"typ":1}\n)) ], 2,
           '', 'events-validate: invalid contract "typ.json" at "/typ": "typ"'
               . ' is not a keyword; it may be a slip for "type", at line 2, '
               . "column 1\n");

    run_is('not JSON', undef, [ write_file('cut.json', qq({"type":\n "obj)) ],
           2, '', 'events-validate: invalid contract "cut.json" at "": the '
                  . 'file is not JSON: it ends in the middle of a value, at '
                  . "line 2, column 6\n");

    run_is('empty', undef, [ write_file('empty.json', '') ], 2, '',
           'events-validate: invalid contract "empty.json" at "": the file '
           . "is empty\n");

    run_is('missing', undef, [ 'nowhere.json', 'contract.json' ], 2, '',
           "events-validate: nowhere.json: No such file or directory\n");

    run_is('a directory', undef, [ '.' ], 2, '',
           "events-validate: .: Is a directory\n");

    run_is('too large', undef,
           [ write_file('large.json', ' ' x (4 * 1024 * 1024 + 1)) ], 2, '',
           "events-validate: large.json: it is larger than 4 MiB\n");
};


subtest 'the contract and the events of examples/' => sub {
    run_is('valid', undef,
           [ $Contract, map { "$Top/examples/batches/$_" }
                        qw(one.json fifty.json lines.ndjson) ], 0,
           qr/^5\d events: 5\d valid, 0 invalid$/);

    my ($status, $out) = validate(undef, $Contract,
                             "$Top/examples/batches/missing-fields.json");

    is($status, 1, 'invalid: exit status');
    like($out, qr{missing-fields\.json:3: /1/brand: required: is required\n},
         'invalid: output');
    like($out, qr/^3 events: 1 valid, 2 invalid,/m, 'invalid: summary');
};


subtest 'usage' => sub {
    run_is('nothing', undef, [], 2, '', qr/no contract is given\nUsage: /);
    run_is('an option', undef, [ '--foo' ], 2, '',
           qr/unrecognized option '--foo'\nUsage: /);
    run_is('a value', undef, [ '--max-depth', '0', 'contract.json' ], 2, '',
           'events-validate: invalid value "0" of --max-depth, it must be '
           . "between 1 and 256\n");
    run_is('help', undef, [ '--help' ], 0, qr/^Usage: .*Exit status: /s);
    run_is('version', undef, [ '--version' ], 0, qr/^events-validate \S+\n\z/);

    for my $bad ('', 'x', '1', '-1', '33m', '1g', '4kk', '0x10', ' 4k', '+4k',
                 '99999999999999999999')
    {
        my ($status, undef, $err) = validate(undef, '--max-event-size', $bad,
                                             'contract.json');
        ok($status == 2 && $err =~ /^events-validate: invalid value /,
           "size \"$bad\"");
    }

    for my $good ('2', '1k', '32m', '4K', '2M') {
        my ($status) = validate(undef, '--max-event-size', $good,
                                'contract.json');
        is($status, 0, "size \"$good\"");
    }
};


subtest 'lines' => sub {
    run_is('all valid', "$Good\n$Good\n", [ 'contract.json', '-' ], 0,
           "2 events: 2 valid, 0 invalid\n");

    run_is('no last line feed, CRLF, blank lines, spaces',
           "\r\n$Good\r\n\n  \t\n  $Good  \r\n$Bad", [ 'contract.json', '-' ],
           1, <<'END');
-:6: /brand: required: is required
3 events: 2 valid, 1 invalid

  failures  code      pointer
         1  required  /brand
END

    my $lines = write_file('lines.ndjson', join "\n",
        $Good,
        '{"event_id" 3}',
        $Good =~ s/"entity":\{/"entity":{"id":"x",/r,
        '[]', '7',
        $Good . $Good,
        $Good =~ s/ep-7/\xff/r,
        substr($Good, 0, -1),
        $Good =~ s/playtv/other/r,
        '{"a":' . '[' x 40 . ']' x 40 . '}',
        $Good, '');

    run_is('each line by itself', undef,
           [ 'contract.json', '--max-errors', 'all', $lines ], 1, <<"END");
lines.ndjson:2:13: invalid_json: a colon is missing after a member name
lines.ndjson:3: /entity/id: duplicate_member: occurs more than once
lines.ndjson:4: type: must be an object
lines.ndjson:5: type: must be an object
lines.ndjson:6:@{[ length($Good) + 1 ]}: invalid_json: a line has more than one event
lines.ndjson:7:@{[ index($Good, 'ep-7') + 1 ]}: invalid_utf8: it is not UTF-8
lines.ndjson:8:@{[ length $Good ]}: invalid_json: it ends in the middle of a value
lines.ndjson:9: /brand: enum: must be one of "playtv", "parlor"
lines.ndjson:10:37: too_deep: the event is nested more than 32 levels deep
11 events: 2 valid, 9 invalid

  failures  code              pointer
         3  invalid_json
         2  type
         1  duplicate_member  /entity/id
         1  invalid_utf8
         1  enum              /brand
         1  too_deep
END

    run_is('deep, allowed', '{"a":' . '[' x 40 . ']' x 40 . '}',
           [ '--max-depth', '41', write_file('any.json', 'true'), '-' ], 0,
           "1 event: 1 valid, 0 invalid\n");
};


subtest 'the text decides what a file is, unless told' => sub {
    my $pretty = JSON::PP->new->pretty->encode(decode_json($Bad));

    for my $case (
        [ 'an object over lines', "\n $pretty", 1,
          "-:2: /brand: required: is required\n1 event:" ],
        [ 'an array', "[\n$Good,\n$Bad\n]", 1,
          "-:3: /1/brand: required: is required\n2 events:" ],
        [ 'an array in a line', "[$Good,$Bad]", 1,
          "-:1: /1/brand: required: is required\n2 events:" ],
        [ 'an empty array', '[]', 0, '0 events: 0 valid, 0 invalid' ],
        [ 'an element that is no object', "[$Good,\n7]", 1,
          "-:2: /1: type: must be an object\n2 events:" ],
        [ 'a broken array', "[$Good,\n$Good\n  $Good]", 1,
          '-:3:3: invalid_json: a comma or bracket is missing after an '
          . "element\n3 events: 2 valid, 1 invalid" ],
        [ 'lines, the first of them broken', "{\"a\":1\n$Good\n", 1,
          '-:1:7: invalid_json: it ends in the middle of a value' ],
        [ 'an object whose members are objects, over lines',
          "{\"a\":\n{\"b\":\n1}}", 1, '-:1: /a: additionalProperties:' ],
        [ 'no JSON at all', "<html>\n<body>\n", 1, '-:1:1: invalid_json: ' ],
        [ 'a cut line', '{"a":"', 1, '-:1:7: invalid_json: it ends in' ],
        [ 'braces in strings', "{\"a}\\\"{\":1}\n$Good\n", 1,
          '-:1: /a}"{: additionalProperties: is not allowed' ],
    ) {
        my ($name, $text, $status, $out) = @$case;
        run_is($name, $text, [ 'contract.json', '-' ], $status, qr/^\Q$out/);
    }

    run_is('--ndjson', "[$Good]", [ 'contract.json', '--ndjson', '-' ], 1,
           qr/^-:1: type: must be an object\n1 event: 0 valid, 1 invalid\n/);
    run_is('--no-ndjson', "$Good\n$Good\n",
           [ 'contract.json', '--no-ndjson', '-' ], 1,
           qr/^-:2:1: invalid_json: there is more after the end\n/);
    run_is('a name', undef,
           [ 'contract.json', write_file('array.jsonl', "[$Good]") ], 1,
           qr/^array\.jsonl:1: type: must be an object\n/);
};


subtest 'files that are none' => sub {
    my $empty = write_file('empty.ndjson', '');
    my $blank = write_file('blank.json', " \r\n\n");
    my $good = write_file('good.ndjson', "$Good\n");

    symlink 'loop', 'loop';
    write_file('secret.ndjson', "$Good\n");
    chmod 0, 'secret.ndjson';

    for my $case ([ $empty, 'there are no events in it' ],
                  [ $blank, 'there are no events in it' ],
                  [ '.', 'Is a directory' ],
                  [ 'missing', 'No such file or directory' ],
                  [ 'loop', 'Too many levels of symbolic links' ],
                  [ 'secret.ndjson', 'Permission denied' ])
    {
        my ($file, $text) = @$case;

        # root may read everything

        next if $file eq 'secret.ndjson' && $> == 0;

        run_is($file, undef, [ 'contract.json', $file ], 2, '',
               "events-validate: $file: $text\n");

        run_is("$file, then others", undef,
               [ 'contract.json', $file, $good, '-q' ], 2,
               "1 event: 1 valid, 0 invalid\n",
               "events-validate: $file: $text\n");
    }

    run_is('nothing on standard input', '', [ 'contract.json', '-' ], 2, '',
           "events-validate: -: there are no events in it\n");
};


subtest 'lines that are larger than any event may be' => sub {
    my $large = sub { '{"a":"' . 'x' x $_[0] . '"}' };

    # the least that is too large, what fits no buffer, and several buffers

    for my $size (1017, 2_000_000, 10_000_000) {
        run_is("$size bytes", $large->($size) . "\n{\"a\":1}\n{\"a\":\"\"}\n",
               [ 'small.json', '--max-event-size', '1k', '--ndjson', '-' ], 1,
               qr/\A-:1(?::1)?:\ event_too_large:
                  \ the\ event\ is\ larger\ than\ 1024\ bytes\n
                  -:3:\ \/a:\ type:\ must\ be\ an\ integer\n
                  3\ events:\ 1\ valid,\ 2\ invalid\n/x);
    }

    run_is('the largest', $large->(1016),
           [ write_file('any.json', 'true'), '--max-event-size', '1k', '-' ],
           0, "1 event: 1 valid, 0 invalid\n");

    run_is('the last line, without an end', '{"a":1}' . "\n"
           . $large->(5_000_000), [ 'small.json', '-q', '-' ], 1,
           qr/^2 events: 1 valid, 1 invalid\n/);

    run_is('in an array', '[{"a":1},' . $large->(2000) . ',{"a":1}]',
           [ 'small.json', '--max-event-size', '1k', '-' ], 1,
           qr/\A-:1:10:\ event_too_large:[^\n]*\n2\ events:\ 1\ valid,/x);
};


subtest 'what is listed, and what is counted' => sub {
    my @lines = map { $_ % 3 ? '{"a":1}' : '{"a":"x","list":["",1,2]}' }
                    0 .. 299;
    my $file = write_file('many.ndjson', join "\n", @lines);

    my ($status, $out) = validate(undef, 'small.json', $file);
    my @listed = $out =~ /^many\.ndjson:\d+: \//mg;

    is($status, 1, 'exit status');
    is(scalar @listed, 20, 'listed');
    like($out, qr/^more failures are counted, but not listed:/m, 'told');
    like($out, qr{^300\ events:\ 200\ valid,\ 100\ invalid,.*
                  \ {7}200\ \ type\ \ /list/\*\n
                  \ {7}100\ \ type\ \ /a\n\z}xms, 'summary');

    for my $case ([ 0, 0, 1 ], [ 1, 1, 1 ], [ 299, 299, 1 ], [ 300, 300, 0 ],
                  [ 'all', 300, 0 ])
    {
        my ($option, $listed, $more) = @$case;
        (undef, $out) = validate(undef, 'small.json', $file, '--max-errors',
                                 $option);
        @listed = $out =~ /^many\.ndjson:\d+: \//mg;
        is(scalar @listed, $listed, "--max-errors $option: listed");
        is($out =~ /^more failures/m ? 1 : 0, $more,
           "--max-errors $option: more");
    }

    run_is('-q', undef, [ '-q', 'small.json', $file ], 1,
           qr/\A300 events: 200 valid, 100 invalid\n\n/);

    # more places than are told apart

    my $names = join ',', map { "\"n$_\":1" } 1 .. 15;
    my $strict = write_file('strict.json', '{"additionalProperties":false}');

    my $text = join "\n", map { $names =~ s/n/n$_-/gr =~ s/.*/{$&}/r } 1 .. 99;

    ($status, $out) = validate($text, '--json', '-q', $strict, '-');

    my $summary = decode_json($out);
    my $sum = $summary->{elsewhere};
    $sum += $_->{count} for @{ $summary->{places} };

    is($status, 1, 'many places: exit status');
    is($summary->{failures}, 15 * 99, 'many places: failures');
    is($sum, $summary->{failures}, 'many places: counts add up');

    ($status, $out) = validate($text, '-q', $strict, '-');

    $sum = 0;
    $sum += $_ for $out =~ /^ +(\d+)  /mg;
    is($sum, 15 * 99, 'many places: counts of the table add up');
};


subtest 'an event that has more failures than are looked for' => sub {
    my $many = join ',', map { "\"n$_\":1" } 1 .. 30;

    my ($status, $out) = validate("{$many}\n{\"n\":1}\n",
                                  'strict.json', '-', '--max-errors', 'all');

    my @listed = $out =~ /^-:1: /mg;

    is($status, 1, 'exit status');
    is(scalar @listed, 20, 'listed');
    like($out, qr/^1 event has more failures than the 20 that are counted/m,
         'summary');

    (undef, $out) = validate("{$many}", 'strict.json', '-', '-q', '--json');
    is(decode_json($out)->{truncated}, 1, '--json');
};


subtest 'several files' => sub {
    write_file('one.json', "[\n$Bad]");
    write_file('two.ndjson', "$Good\n$Bad\n");

    run_is('lines begin anew', undef,
           [ 'contract.json', 'one.json', 'two.ndjson' ], 1, <<'END');
one.json:2: /0/brand: required: is required
two.ndjson:2: /brand: required: is required
3 events: 1 valid, 2 invalid

  failures  code      pointer
         2  required  /brand
END
};


subtest 'no value is repeated, and no name talks to the terminal' => sub {
    my ($status, $out) = validate(
        '{"event_id":"SECRET","brand":"SECRET","action_type":"SECRET",'
        . '"entity":"SECRET","occurred_at":"SECRET","properties":"SECRET",'
        . "\"\\u001b[2J\xc2\x9b\\u007f\\n\":1}\n", 'contract.json', '-');

    is($status, 1, 'exit status');
    unlike($out, qr/SECRET/, 'values');
    unlike($out, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2\x9b/, 'control characters');
    like($out, qr{^-:1: /\\u001b\[2J\\u009b\\u007f\\u000a: addit}m, 'a name');
};


subtest '--json' => sub {
    my $file = write_file("f \"1\"\n.ndjson",
                          "$Good\n$Bad\n{\"a\n{\"a\\\"b\":{}}\n");

    my ($status, $out, $err) = validate(undef, '--json', 'contract.json',
                                        $file, 'missing');
    my @lines = map { decode_json($_) } split /\n/, $out;
    my $summary = pop @lines;
    my $error = pop @lines;

    is($status, 2, 'exit status');
    is($err, "events-validate: missing: No such file or directory\n", 'errors');
    is_deeply($error, { kind => 'error', file => 'missing',
                        detail => 'No such file or directory' }, 'error');

    is_deeply([ @lines[0 .. 2] ], [
        { kind => 'failure', file => $file, line => 2, index => 1,
          pointer => '/brand', code => 'required', detail => 'is required' },
        { kind => 'failure', file => $file, line => 3, column => 4,
          index => 2, code => 'invalid_json',
          detail => 'it ends in the middle of a value' },
        { kind => 'failure', file => $file, line => 4, index => 3,
          pointer => '/a"b', code => 'additionalProperties',
          detail => 'is not allowed' },
    ], 'failures');

    my $sum = 0;
    $sum += $_->{count} for @{ $summary->{places} };

    is($summary->{kind}, 'summary', 'summary');
    is_deeply([ @{$summary}{qw(events valid invalid errors elsewhere)} ],
              [ 4, 1, 3, 1, 0 ], 'counts');
    is($summary->{failures}, @lines, 'every failure is listed');
    is($sum, $summary->{failures}, 'places add up');
    ok(!$summary->{interrupted}, 'not interrupted');

    ($status, $out) = validate("[$Good,$Bad]", '--json', 'contract.json', '-');
    is(decode_json((split /\n/, $out)[0])->{pointer}, '/1/brand',
       'a pointer into an array');

    ($status, $out, $err) = validate(undef, '--json', 'typ.json');
    is($status, 2, 'contract: exit status');
    is_deeply([ map { decode_json($_) } split /\n/, $out ],
              [ { kind => 'contract', file => 'typ.json', pointer => '/typ',
                  line => 2, column => 1, detail => '"typ" is not a keyword; '
                  . 'it may be a slip for "type"' } ], 'contract: output');

    ($status, $out) = validate(undef, '--json', 'contract.json');
    is($status, 0, 'a contract alone: exit status');
    is(decode_json($out)->{events}, 0, 'a contract alone: output');
};


subtest 'output that goes nowhere' => sub {
    my $many = write_file('bad.ndjson', "$Bad\n" x 20000);
    my $run = "'$Program' contract.json --max-errors all";

    plan skip_all => 'no /dev/full' if !-c '/dev/full';

    my $err = `$run $many 2>&1 >/dev/full`;
    is($? >> 8, 2, 'disk full: exit status');
    is($err, "events-validate: standard output: No space left on device\n",
       'disk full: errors');

    $err = `'$Program' contract.json 2>&1 >/dev/full`;
    is($? >> 8, 2, 'disk full, a contract alone: exit status');

    $err = `bash -c "$run $many 2>&1 | head -n 1; exit \\\${PIPESTATUS[0]}"`;
    is($? >> 8, 128 + 13, 'broken pipe: SIGPIPE');
    is($err, "bad.ndjson:1: /brand: required: is required\n",
       'broken pipe: quiet');

    local $SIG{PIPE} = 'IGNORE';
    $err = `bash -c "$run $many | head -n 1; exit \\\${PIPESTATUS[0]}" 2>&1`;
    is($? >> 8, 2, 'broken pipe, SIGPIPE ignored: exit status');
    like($err, qr/standard output: Broken pipe\n\z/,
         'broken pipe, SIGPIPE ignored: errors');
};


subtest 'signals' => sub {
    for my $case ([ INT => 130 ], [ TERM => 143 ]) {
        my ($signal, $status) = @$case;

        pipe my $read, my $write or die "pipe: $!";
        my $pid = fork // die "fork: $!";

        if (!$pid) {
            close $write;
            open STDIN, '<&', $read or die;
            open STDOUT, '>', 'stdout' or die;
            open STDERR, '>', 'stderr' or die;
            exec $Program, 'contract.json', '-' or die;
        }

        close $read;
        local $SIG{PIPE} = 'IGNORE';

        # more than a pipe holds: some of it is read when this is written

        my $lines = "$Good\n$Bad\n" x 5000;
        my $written = syswrite $write, $lines;

        is($written, length $lines, "$signal: events are read");

        kill $signal, $pid;
        waitpid $pid, 0;

        is($? & 127 ? "signal " . ($? & 127) : $? >> 8, $status,
           "$signal: exit status");
        like(read_file('stdout'), qr/^interrupted after \d+ events: \d+ valid/m,
             "$signal: summary");
    }
};


subtest 'progress, on a terminal' => sub {
    plan skip_all => 'no script(1)' if !`sh -c 'command -v script'`;

    mkfifo_or_die('feed');

    my $pid = fork // die "fork: $!";

    if (!$pid) {
        open STDIN, '<', '/dev/null' or die;
        open STDOUT, '>', 'terminal' or die;
        open STDERR, '>&', \*STDOUT or die;
        exec 'script', '-qefc', "'$Program' contract.json - <feed", '/dev/null'
            or die;
    }

    local $SIG{PIPE} = 'IGNORE';
    open my $feed, '>', 'feed' or die "feed: $!";
    $feed->autoflush(1);
    print {$feed} "$Good\n$Bad\n";

    my $shown = wait_for(sub {
        print {$feed} "$Good\n";
        return read_file('terminal')
               =~ /\r\e\[K\d+ events, 1 invalid, \d+ a second/;
    }, 10);

    ok($shown, 'is shown');
    print {$feed} "$Bad\n";
    close $feed;
    waitpid $pid, 0;

    is($? >> 8, 1, 'exit status');
    like(read_file('terminal'), qr/\r\e\[K-:\d+:\ \/brand:\ [^\r]*\r\n
                                   \d+\ events:\ \d+\ valid,\ 2\ invalid/x,
         'is taken away');

    my (undef, undef, $err) = validate("$Good\n", 'contract.json', '-');
    is($err, '', 'is not shown elsewhere');
};


sub mkfifo_or_die {
    my ($path) = @_;

    require POSIX;
    POSIX::mkfifo($path, 0600) or die "$path: $!";

    return;
}


subtest 'a long file needs no more memory than a short one' => sub {
    plan skip_all => 'sanitizers take any memory there is'
        if read_file($Program) =~ /__asan_init/;

    open my $fh, '>', 'long.ndjson' or die "long.ndjson: $!";
    my $lines = "$Good\n" x 1000;
    print {$fh} $lines for 1 .. 120;
    print {$fh} "$Bad\n";
    close $fh;

    cmp_ok(-s 'long.ndjson', '>', 18_000_000, 'is long');

    my $out = `bash -c "ulimit -v 14000 && '$Program' contract.json \\
                        long.ndjson" 2>&1`;

    is($? >> 8, 1, 'exit status') or diag $out;
    like($out, qr/^long\.ndjson:120001:\ \/brand:\ required:[^\n]*\n
                   120001\ events:\ 120000\ valid,\ 1\ invalid/x, 'output');

    # and an array of that size does need it: the limit is one

    $out = `bash -c "(echo '[ '; sed '\\\$!s/\\\$/,/' long.ndjson; echo ']') \\
                     | (ulimit -v 14000; '$Program' contract.json -)" 2>&1`;

    is($? >> 8, 2, 'an array: exit status');
    like($out, qr/^events-validate: -: Cannot allocate memory\n\z/,
         'an array: errors');
};


subtest 'make contract' => sub {
    delete local @ENV{qw(MAKEFLAGS MAKELEVEL FILE EVENT)};

    my $make = sub {
        my $out = `make -s -C $Top contract VALIDATE=$Program @_ 2>&1`;
        return ($?, $out);
    };

    my ($status, $out) = $make->();
    is($status, 0, 'the contract of examples/');
    is($out, "examples/contract.schema.json: is a valid contract\n", 'output');

    ($status, $out) = $make->("FILE=$Dir/contract.json",
                              "EVENT=$Dir/good.ndjson");
    is($status, 0, 'valid events');
    like($out, qr/\A1 event: 1 valid, 0 invalid/, 'valid events: output');

    ($status, $out) = $make->("EVENT=$Dir/two.ndjson");
    ok($status, 'invalid events');
    like($out, qr{/two\.ndjson:2: /brand: required: is required\n2 events:},
         'invalid events: output');

    ($status, $out) = $make->('FILE=nowhere.json');
    ok($status, 'no contract');
    like($out, qr/^events-validate: nowhere\.json: No such file/m,
         'no contract: output');
};


done_testing();
