package Browser;

# A real Chromium, driven by playwright-core from npm (t/browser) in
# build/browser.
#
#     if (my $reason = Browser->skip_reason) { plan skip_all => $reason }
#
#     my $browser = Browser->start(host => 'events.example.com', port => $port,
#                                  key => $key, certificate => $certificate);
#
#     my $answer = $browser->fetch('https://www.playtv.example', $url,
#                                  { method => 'POST', body => $body });
#     ... $answer->{status}, {headers}{'retry-after'}, {body}, or {error} ...
#     my $queued = $browser->beacon('https://www.playtv.example', $url, $body);
#     $browser->stop;
#
# Pages of any host under "example" are there, over TLS with that certificate,
# which the browser does not check; "host" is at "port" on this machine.  For
# pages of somebody else none of these are needed:
#
#     my $page = $browser->visit($url, width => 320, scheme => 'dark');
#     my ($heading) = $page->texts('h1');
#     my @rows = $page->texts('table tr');        # of cells
#     $page->press('button', 'Enter');
#     my @said = $page->messages;                 # console, errors, dialogs

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path);
use IO::Handle;
use IO::Select;
use JSON::PP;
use POSIX ();

use constant PATIENCE => 45;        # seconds; the machine may be busy

my $Root = abs_path(dirname(__FILE__) . '/../..');
my $Build = "$Root/build/browser";
my $Source = "$Root/t/browser";


# Fetches playwright-core if it is not there; why there is none, or undef.

sub skip_reason {
    for my $program (qw(chromium node)) {
        _which($program) or return "Chromium: no $program in PATH";
    }

    return _fetched() ? undef : _fetch();
}


sub _which {
    my ($program) = @_;

    my ($path) = grep { -x } map { "$_/$program" } split /:/, $ENV{PATH};

    return $path;
}


sub _fetched {
    my $stamp = "$Build/.fetched";

    return -e $stamp
           && (stat $stamp)[9] >= (stat "$Source/package-lock.json")[9];
}


sub _fetch {
    _which('npm') or return 'Chromium: no npm in PATH';

    make_path($Build);
    open my $lock, '>', "$Build/.lock" or croak "$Build/.lock: $!";
    flock $lock, LOCK_EX or croak "$Build/.lock: $!";

    return if _fetched();

    for my $file (qw(package.json package-lock.json)) {
        copy("$Source/$file", "$Build/$file") or croak "$file: $!";
    }

    system("cd '$Build' && timeout 300 npm ci --ignore-scripts --no-audit"
           . ' --no-fund >npm.log 2>&1 </dev/null') == 0
        or return "Chromium: npm has no playwright-core, see $Build/npm.log";

    open my $stamp, '>', "$Build/.fetched" or croak "$Build/.fetched: $!";
    close $stamp;

    return;
}


sub start {
    my ($class, %options) = @_;

    my $self = bless { owner => $$ }, $class;

    $options{chromium} = _which('chromium');

    pipe my $child_in, my $in or croak "pipe failed: $!";
    pipe my $out, my $child_out or croak "pipe failed: $!";

    my $pid = fork // croak "fork failed: $!";

    if ($pid == 0) {
        open STDIN, '<&', $child_in;
        open STDOUT, '>&', $child_out;

        close $_ for $in, $out;

        $ENV{NODE_PATH} = "$Build/node_modules";

        { no warnings 'exec';
          exec 'node', "$Source/drive.js", encode_json(\%options); }

        POSIX::_exit(127);
    }

    close $_ for $child_in, $child_out;

    $in->autoflush(1);
    @{$self}{qw(pid in out buffer)} = ($pid, $in, $out, '');

    $self->{version} = $self->_line->{version};

    return $self;
}


sub _line {
    my ($self) = @_;

    my $select = IO::Select->new($self->{out});

    while ($self->{buffer} !~ /\n/) {
        $select->can_read(PATIENCE) or croak 'the browser does not answer';

        sysread $self->{out}, $self->{buffer}, 65_536, length $self->{buffer}
            or croak 'the browser has gone';
    }

    $self->{buffer} =~ s/\A([^\n]*)\n//;

    return decode_json($1);
}


sub _call {
    my ($self, $origin, $call, $argument) = @_;

    local $SIG{PIPE} = 'IGNORE';

    print { $self->{in} } encode_json({ origin => $origin, call => $call,
                                        argument => $argument }), "\n";

    return $self->_line;
}


# With "until" and "most" it is done again until it has that status.

sub fetch {
    my ($self, $origin, $url, $init, %more) = @_;

    return $self->_call($origin, 'fetch',
                        { url => $url, init => $init, %more });
}


# The body is a text, or a blob if it has a type.

sub beacon {
    my ($self, $origin, $url, $body, $type) = @_;

    return $self->_call($origin, 'beacon', { url => $url, body => $body,
                                             type => $type })->{queued};
}


sub visit {
    my ($self, $url, %options) = @_;

    my $page = bless { browser => $self, name => 'page ' . ++$self->{pages} },
                     'Browser::Page';

    $page->_call('visit', url => $url, %options);

    return $page;
}


sub stop {
    my ($self) = @_;

    my $pid = delete $self->{pid} // return;

    close $self->{in};
    waitpid $pid, 0;

    return $? == 0;
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$ || !$self->{pid};

    local ($?, $!, $@);

    # the driver's end is the browser's end

    kill 'TERM', $self->{pid};
    $self->stop;

    return;
}


package Browser::Page;

sub _call {
    my ($self, $call, %argument) = @_;

    return $self->{browser}->_call($self->{name}, $call, \%argument);
}


sub texts {
    my ($self, $selector) = @_;

    return @{ $self->_call('texts', selector => $selector) };
}


sub attribute {
    my ($self, $selector, $name) = @_;

    return $self->_call('attribute', selector => $selector,
                        name => $name)->{value};
}


sub overflow {
    my ($self) = @_;

    return $self->_call('overflow')->{value};
}


sub press {
    my ($self, $selector, $key) = @_;

    $self->_call('press', selector => $selector, key => $key);

    return;
}


sub messages {
    my ($self) = @_;

    return @{ $self->_call('messages') };
}

1;
