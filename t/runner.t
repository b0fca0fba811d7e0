# That the bundled runner reports what is wrong: each test below is a file
# that must fail, or pass, in a process of its own.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;

use EventsServer qw(wait_for);
use Test::Nginx::Client qw(build_request parse_response);

my $Dir = abs_path(dirname(__FILE__));
my $Work = tempdir(CLEANUP => 1);
my $Files = 0;

my $Config = '--- config
    location = /t { return 200 "ok"; }
--- request
GET /t
';

my $Kill = '--- init
my $pid = Test::Nginx::Server->new(root => server_root())->pid;
';

my $Log = '--- init
open my $log, ">>", server_root() . "/logs/error.log";
print $log "TEXT\n";
';


# Returns whether the file passed, and its output.

sub run_file {
    my ($text, %option) = @_;

    my $path = "$Work/" . ++$Files . '.t';
    my $head = $option{head} // "use Test::Nginx::Socket 'no_plan';\n"
                                . ($option{setup} // '') . "run_tests();\n";

    open my $out, '>', $path or die "$path: $!";
    print {$out} "$head\n__DATA__\n", $text;
    close $out;

    mkdir "$Work/t";

    local @ENV{qw(TEST_NGINX_RANDOMIZE TEST_NGINX_LOAD_MODULES)} = (1, '');
    local %ENV = (%ENV, %{ $option{env} || {} });
    delete $ENV{TEST_NGINX_SERVER_PORT};
    delete $ENV{HARNESS_ACTIVE};

    my $output = `cd $Work && $^X -I$Dir/lib -I$Dir $path 2>&1`;

    return ($? == 0, $output);
}


sub passes {
    my ($name, $text, %option) = @_;

    my ($passed, $output) = run_file($text, %option);

    ok($passed, "passes: $name") || diag $output;

    return $output;
}


sub fails {
    my ($name, $text, $pattern, %option) = @_;

    my ($passed, $output) = run_file($text, %option);

    ok(!$passed, "fails: $name");
    like($output, $pattern, "says why: $name");

    return;
}


sub block { return "=== TEST 1: sub test\n$Config" . join '', @_ }


passes('nothing wrong', block("--- response_body chomp\nok\n"));


# responses

fails('status', block("--- error_code: 500\n"), qr/expected: '500'/);
fails('status pattern', block("--- error_code_like: ^5\n"), qr/status code/);
fails('body', block("--- response_body chomp\nno\n"), qr/expected: 'no'/);
fails('body pattern', block("--- response_body_like: no\n"), qr/like/);
fails('body that must differ', block("--- response_body_unlike: ok\n"),
      qr/unlike/);
fails('header', block("--- response_headers\nServer: me\n"),
      qr/header Server/);
fails('header there is none', block("--- response_headers\nX-A: 1\n"),
      qr/header X-A/);
fails('header that must not be', block("--- response_headers\n! Server\n"),
      qr/Server not present/);
fails('header pattern', block("--- response_headers_like\nServer: a\n"),
      qr/header Server like/);
fails('one value for two requests', "=== TEST 1: a
--- config
--- request eval: ['GET /', 'GET /']
--- error_code: 200
", qr/needs an array/);
fails('second of two requests', "=== TEST 1: a
--- config
--- request eval: ['GET /', 'GET /']
--- error_code eval: [200, 201]
", qr/expected: '201'/);
fails('second of two pipelined requests', "=== TEST 1: a
--- config
--- pipelined_requests eval: ['GET /', 'GET /']
--- error_code eval: [200, 201]
", qr/expected: '201'/);
fails('long text', block('--- response_body eval: "x" x 1000'),
      qr/differ from byte 0 on/);


# time

my $slow = '=== TEST 1: slow
--- config
    location = /t { limit_rate 100; root $TEST_NGINX_SERVER_ROOT/html; }
--- user_files eval: [["t", "x" x 4000]]
--- request
GET /t
--- timeout: 50ms
';

fails('timeout', $slow, qr/ERROR: client socket timed out/);
passes('timeout with abort',
       "$slow--- abort\n--- ignore_response\n"
       . "--- error_log: GET /t\n");
passes('timeout of the environment', block(),
       env => { TEST_NGINX_TIMEOUT => 1 });


# logs

fails('error_log', block("--- error_log: no such line\n"),
      qr/"no such line" matches/);
fails('no_error_log', block("--- no_error_log eval: qr/GET/\n"),
      qr/does not match a line in error\.log/);
fails('access_log', block("--- access_log: POST\n"), qr/access\.log/);
fails('no_access_log', block("--- no_access_log: GET\n"), qr/access\.log/);
fails('grep_error_log_out', block("--- grep_error_log: GET /t
--- grep_error_log_out
"), qr/grep_error_log_out/);
fails('shutdown_error_log', block("--- shutdown_error_log: farewell\n"),
      qr/"farewell" matches a line in error\.log at exit/);


# faults that no section asks for

sub with_log {
    my ($text) = @_;

    return block("--- ignore_response\n", $Log =~ s/TEXT/$text/r);
}

for my $text ('[alert] 1#1: something', '[emerg] 1#1: something',
              '==1==ERROR: AddressSanitizer: heap-use-after-free',
              'src/a.c:1:2: runtime error: shift', 'open socket #3 left',
              'Assertion `x` failed.', 'worker process 1 exited with code 23')
{
    fails("log: $text", with_log($text), qr/leaves no faults/);
}

passes('an expected alert', with_log('[alert] x')
       . "--- error_log: [alert] x\n");
passes('an allowed alert', with_log('[alert] x')
       . "--- allow_faults: [alert]\n--- error_log: GET /t\n");

fails('valgrind findings', block('--- init
open my $log, ">", server_root() . "/logs/valgrind.1";
print $log "==1== Invalid read of size 8\n";
'), qr/valgrind: ==1== Invalid read/);

fails('nginx is killed', block("--- ignore_response\n", $Kill,
      "kill 'SEGV', \$pid;\n"), qr/ended by signal 11/);

my $on = 'master_on();';
my $worker = '$pid = (Test::Nginx::Server->new(root => server_root())'
             . '->workers)[0];';

fails('a worker is killed', block("--- ignore_response\n", $Kill,
      "Test::Nginx::Server::wait_for(sub { $worker });\n",
      "kill 'SEGV', \$pid;\n"), qr/exited on signal 11/, setup => $on);

passes('with a master', block("--- response_body chomp\nok\n"), setup => $on);


# starting

my $broken = "=== TEST 1: a
--- config
    return a b c;
--- request
GET /t
";

fails('nginx does not start', $broken, qr/invalid number of arguments/);
passes('must_die', "$broken--- must_die\n--- error_log: invalid number\n");
fails('must_die with another code', "$broken--- must_die: 2\n",
      qr/exit code/);
fails('must_die with another message',
      "$broken--- must_die\n--- error_log: syntax\n", qr/"syntax" matches/);
fails('must_die, and it lives', block("--- must_die\n"), qr/die as expected/);
fails('no nginx', block(), qr/cannot run/,
      env => { TEST_NGINX_BINARY => '/none/nginx' });


# the format

fails('an error in eval', block('--- response_body eval: die "oops"'),
      qr/oops/);
fails('an unknown filter', block("--- response_body nonsense\nok\n"),
      qr/no such filter/);
fails('an error in init', block("--- init: die 'oops'\n"), qr/oops/);
fails('an unknown variable', block('--- http_config: $TEST_NGINX_NONE'),
      qr/TEST_NGINX_NONE/);
fails('a value twice', block("--- error_code: 200\n200\n"),
      qr/on its own line/);
fails('no request', "=== TEST 1: a\n--- config\n", qr/no request/);
fails('no config', "=== TEST 1: a\n--- request: GET /\n", qr/"config"/);
fails('an explicit plan', block(), qr/planned 2 tests but ran 1/,
      head => "use Test::Nginx::Socket tests => 2;\nrun_tests();");
fails('no plan', block(), qr/no plan/,
      head => "use Test::Nginx::Socket;\nrun_tests();");

like(passes('skip_all', block(),
            head => "use Test::Nginx::Socket skip_all => 'why';"),
     qr/^1\.\.0 # SKIP why/m, 'skip_all says why');

my $two = block("--- error_code: 500\n") . block("--- ONLY\n");

like(passes('ONLY', $two), qr/ONLY/, 'ONLY is told');
passes('SKIP', block("--- SKIP\n--- error_code: 500\n") . block());
passes('LAST', block("--- LAST\n") . block("--- error_code: 500\n"));
passes('no_shuffle, config of the block before', block()
       . "=== TEST 2: b\n--- request: GET /t\n--- response_body chomp\nok\n",
       setup => 'no_shuffle();');
like(passes('skip_eval', block("--- skip_eval: 3: 1 == 1\n")),
     qr/(?:ok \d # skip.*\s+){3}1\.\.3/, 'skip_eval skips that many');


# a subclass, and environment variables

mkdir "$Work/lib";

open my $out, '>', "$Work/lib/Sub.pm" or die $!;
print {$out} <<'END';
package Sub;
use Test::Nginx::Socket -Base;
our @EXPORT = qw(two);
*two = sub { return 2 };
add_block_preprocessor(sub {
    $_[0]->set_value(config => 'location = /t { return 202; }');
});
1;
END
close $out;

passes('a subclass', block("--- error_code eval: 200 + main::two()\n"),
       head => "use lib '$Work/lib'; use Sub tests => 2; is two(), 2;\n"
               . 'run_tests();');

like(passes('verbose', block(), env => { TEST_NGINX_VERBOSE => 1 }),
     qr{request \[GET /t}, 'verbose shows requests');
passes('worker user', block(), setup => $on, env => {
    TEST_NGINX_WORKER_USER => 'nobody', TEST_NGINX_LOG_LEVEL => 'warn' });
passes('master by the environment', block($Kill, $worker,
       "die 'no worker' if !Test::Nginx::Server::wait_for(sub { $worker });"),
       env => { TEST_NGINX_MASTER_PROCESS => 'on' });
passes('clean up handlers', block(), setup => '
    my @seen;
    add_test_cleanup_handler(sub { push @seen, $_[0]->name });
    add_cleanup_handler(sub { like $seen[0], qr/sub test/ });
');
fails('bail_out', block(), qr/Bail out!  enough/,
      setup => 'add_block_preprocessor(sub { bail_out("enough") });');

is(join(' ', glob "$Work/t/*"), '', 'server roots are gone');


# bytes

is_deeply([ build_request([ "POST /a\na", 'b', "c\n" ], host => 'h',
                          connection => 'close') ],
          [ "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
            . "Content-Length: 3\r\n\r\na", 'b', 'c' ],
          'packets are cut where they were');

is(build_request([ "POST /a\n a " ], host => 'h', connection => 'close',
                 headers => "Content-Length: 1\nX-A:b\n"),
   "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
   . "Content-Length: 1\r\nX-A: b\r\n\r\n a ",
   'a given length leaves the body alone');

my ($response, $left) =
    parse_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                   . "3\r\nabc\r\n0\r\n\r\nHTTP");

is($response->{body}, 'abc', 'chunks are joined');
is($left, 'HTTP', 'what follows is kept');

for my $bytes ("Content-Length: 3\r\n\r\nab",
               "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
               "Transfer-Encoding: chunked\r\n\r\nx")
{
    ($response) = parse_response("HTTP/1.1 200 OK\r\n$bytes");

    ok($response->{fault}, 'a body that is cut is a fault');
}

($response, $left) = parse_response("HTTP/1.1 204 No Content\r\n\r\nx");

is($left, 'x', 'nothing belongs to a 204');
is((parse_response(''))[0]{code}, undef, 'no bytes, no status');


# servers of tests that are not made of blocks

local $ENV{TEST_NGINX_LOAD_MODULES} = '';

my %Server = (
    workers => 2,
    config  => 'location = /t { return 200 "1"; }
                location = /slow { limit_rate 2000; root html; }',
    user_files => [ [ 'slow', 'x' x 3000 ] ],
);

my $server = EventsServer->launch(%Server);

ok(wait_for(sub { $server->workers == 2 }), 'two workers');

my ($status, $headers, $body) = $server->get('/t', 'X-A' => 1);

is("$status $headers->{'content-length'}[0] $body", '200 1 1', 'a response');
is(($server->post('/t', 'abc'))[0], 200, 'a POST');

$server->configure(config => 'location = /t { return 200 "2"; }
    location = /slow { limit_rate 2000; root html; }');

my @old = $server->workers;

ok($server->reload, 'reload');
is(($server->get('/t'))[2], '2', 'the new configuration');
ok(wait_for(sub { !grep { $server->is_running($_) } @old }), 'old ones leave');

$server->configure(config => 'nonsense;');
ok(!$server->reload, 'a reload that is refused');

my $reader = open my $slow_reader, '-|';

if (!$reader) {
    my (undef, undef, $text, $whole) = $server->get('/slow');
    print length $text, $whole->{fault} ? ' cut' : '';
    close STDOUT;
    POSIX::_exit(0);
}

ok($server->wait_log(qr{GET /slow}), 'a slow request is on its way');
ok($server->quit, 'quit');
is(do { local $/; <$slow_reader> }, 3000, 'quit waited for the response');
is(scalar($server->faults), 1, 'the refused configuration is a fault');
is(join("\n", $server->faults('nonsense')), '', 'the only one');
is(($server->get('/t', timeout => 1))[0], 0, 'nobody listens');

$server = EventsServer->launch(%Server, daemon => 1);

my $first = $server->pid;
my $second = $server->upgrade;

ok($second && $second != $first, 'upgrade: a new master');
$server->signal('QUIT', $first);
ok(wait_for(sub { !$server->is_running($first) }), 'upgrade: the old leaves');
is(($server->get('/t'))[0], 200, 'upgrade: a response');
$server->finish('upgrade');

ok(!eval { EventsServer->launch(config => 'nonsense;') }, 'launch dies');
like($@, qr/unknown directive "nonsense"/, 'launch says why');

done_testing();
