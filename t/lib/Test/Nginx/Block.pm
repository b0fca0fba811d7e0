package Test::Nginx::Filter;

use strict;
use warnings;

# First in the file: the code of a test file must not see what is below.

sub evaluate {
    return eval $_[0];
}


package Test::Nginx::Block;

our $AUTOLOAD;
our %Defaults;


my %Filters = (
    append        => sub { my ($arg, @v) = @_; map { $_ . $arg } @v },
    array         => sub { my ($arg, @v) = @_; [ @v ] },
    base64_decode => sub { my ($arg, @v) = @_; _decode_base64($v[0]) },
    base64_encode => sub { my ($arg, @v) = @_; _encode_base64($v[0]) },
    chomp         => sub { my ($arg, @v) = @_; _each(sub { s/\n\z// }, @v) },
    chop          => sub { my ($arg, @v) = @_; _each(sub { s/.\z//s }, @v) },
    escape        => sub { my ($arg, @v) = @_; _escape($v[0]) },
    eval          => sub { my ($arg, @v) = @_; _eval($v[0]) },
    hash          => sub { my ($arg, @v) = @_; +{ @v } },
    head          => sub { my ($arg, @v) = @_; splice @v, 0, $arg || 1 },
    join          => sub { my ($arg, @v) = @_; join $arg, @v },
    lines         => sub { my ($arg, @v) = @_; $v[0] =~ /^(.+\n?|\n)/gm },
    norm          => sub { my ($arg, @v) = @_; _each(\&_norm, @v) },
    prepend       => sub { my ($arg, @v) = @_; map { $arg . $_ } @v },
    read_file     => sub { my ($arg, @v) = @_; _read_file($v[0]) },
    regexp        => sub { my ($arg, @v) = @_; _regexp($v[0], $arg) },
    reverse       => sub { my ($arg, @v) = @_; reverse @v },
    sort          => sub { my ($arg, @v) = @_; sort @v },
    split         => sub { my ($arg, @v) = @_; _split($v[0], $arg) },
    strict        => sub { my ($arg, @v) = @_; "use strict;\n$v[0]" },
    tail          => sub { my ($arg, @v) = @_; splice @v, -($arg || 1) },
    trim          => sub { my ($arg, @v) = @_; _each(\&_trim, @v) },
    unchomp       => sub { my ($arg, @v) = @_; map { "$_\n" } @v },
);


sub parse {
    my ($class, $text) = @_;

    my @blocks;

    for my $hunk ($text =~ /^(===.*?)(?=^===|\z)/msg) {
        my $block = $class->_new($hunk);

        if (exists $block->{sections}{ONLY}) {
            return ($block);
        }

        next if exists $block->{sections}{SKIP};

        push @blocks, $block;

        last if exists $block->{sections}{LAST};
    }

    return @blocks;
}


sub _new {
    my ($class, $hunk) = @_;

    $hunk =~ s/\A===[ \t]*(.*)(?:\n|\z)//;

    my $self = bless { sections => {}, filters => [] }, $class;

    my ($description, @parts) =
        split /^--- +\(?(\w+)\)?[ \t]*(.*)(?:\n|\z)/m, $hunk, -1;

    $self->set_value(name => $1 // '');
    $self->set_value(description => $description // '');

    while (@parts) {
        my ($section, $rest, $value) = splice @parts, 0, 3;

        $self->_add_section($section, $rest, $value // '');
    }

    return $self;
}


sub _add_section {
    my ($self, $section, $filters, $value) = @_;

    if ($filters =~ /^(.*?):(?:\s+(.*?)\s*)?$/) {
        die "section \"$section\" has a value on its own line and below it\n"
            if $value =~ /\S/;

        ($filters, $value) = ($1, $2 // '');
    }

    $self->set_value($section, $value);

    push @{ $self->{filters} }, [ $section, split ' ', $filters ];

    return;
}


sub run_filters {
    my ($self) = @_;

    for my $entry (splice @{ $self->{filters} }) {
        my ($section, @filters) = @$entry;

        for my $filter ('norm', 'trim', _default($section), @filters) {
            my @values = eval {
                _apply($filter, @{ $self->{sections}{$section} });
            };

            die $self->name . ": section \"$section\", filter \"$filter\": $@"
                if $@;

            $self->set_value($section, @values);
        }
    }

    return $self;
}


sub set_value {
    my ($self, $section, @values) = @_;

    $self->{sections}{$section} = \@values;

    return;
}


sub AUTOLOAD {
    my ($self) = @_;

    my ($section) = $AUTOLOAD =~ /(\w+)\z/;

    return if !ref $self || $section eq 'DESTROY';

    my $values = $self->{sections}{$section} || [];

    return wantarray ? @$values : $values->[0];
}


sub _default {
    my ($section) = @_;

    my $filters = $Defaults{$section} || [];

    return ref $filters ? @$filters : $filters;
}


sub _apply {
    my ($filter, @values) = @_;

    my ($name, $arg) = split /=/, $filter, 2;

    if (my $sub = main->can($name)) {
        return _call_function($sub, @values);
    }

    my $sub = $Filters{$name} or die "no such filter\n";

    return $sub->(_unescape($arg), @values);
}


# A filter function of the test file returns the values or changes $_.

sub _call_function {
    my ($sub, @values) = @_;

    local $_ = join '', grep { defined } @values;

    my @result = $sub->(@values);

    if (!@result || (@result == 1 && ($result[0] // 'x') =~ /\A\d*\z/)) {
        return $_;
    }

    return @result;
}


sub _unescape {
    my ($arg) = @_;

    return '' unless defined $arg;

    $arg =~ s/\\s/ /g;
    $arg =~ s/\\n/\n/g;
    $arg =~ s/\\t/\t/g;

    return $arg;
}


sub _each {
    my ($edit, @values) = @_;

    for (@values) {
        $edit->() if defined && !ref;
    }

    return @values;
}


sub _norm {
    s/\r\n?/\n/g;

    return;
}


sub _trim {
    s/\A(?:[ \t]*\n)+//;
    s/\n\s+\z/\n/;

    return;
}


sub _eval {
    my ($code) = @_;

    my @values = Test::Nginx::Filter::evaluate($code);

    die $@ if $@;

    return @values;
}


sub _escape {
    my ($text) = @_;

    $text =~ s/(\\.)/_eval("qq{$1}")/ge;

    return $text;
}


sub _regexp {
    my ($text, $flags) = @_;

    if ($flags eq '' && $text =~ /\n.*\n/s) {
        $flags = 'xism';
    }

    chomp $text;

    return $flags eq '' ? qr/$text/ : qr/(?$flags)$text/;
}


sub _split {
    my ($text, $separator) = @_;

    return split ' ', $text if $separator eq '';
    return split /$1/, $text if $separator =~ m{^/(.*)/$};
    return split /\Q$separator\E/, $text;
}


sub _read_file {
    my ($path) = @_;

    chomp $path;

    open my $in, '<:raw', $path or die "cannot open \"$path\": $!\n";

    local $/;

    return scalar <$in>;
}


sub _decode_base64 {
    require MIME::Base64;

    return MIME::Base64::decode_base64($_[0]);
}


sub _encode_base64 {
    require MIME::Base64;

    return MIME::Base64::encode_base64($_[0]);
}


1;

__END__

=head1 NAME

Test::Nginx::Block - the blocks and sections of a test file

=head1 SYNOPSIS

    my @blocks = Test::Nginx::Block->parse($text);

    $_->run_filters for @blocks;

    my $request = $blocks[0]->request;

=head1 DESCRIPTION

A test file is a series of blocks, C<=== name>. A block is a series of
sections: C<--- name filter ...> with the value on the lines below, or
C<--- name filter ...: value>.

=head2 parse(text)

Returns the blocks. A block with a section C<ONLY> is returned alone, one
with C<SKIP> is left out, one with C<LAST> ends the list.

=head2 run_filters

Passes every section through C<norm>, C<trim>, the filters in C<%Defaults>
for the section and those named in the block. C<eval> runs its text as Perl,
under C<strict> and in a package of its own, so what the test file defines is
called C<main::name>; an error in it dies with the block's name. Functions of
the test file are filters too.

Filters: append array base64_decode base64_encode chomp chop escape eval
hash head join lines norm prepend read_file regexp reverse sort split strict
tail trim unchomp.

=head2 set_value(section, value, ...)

=head2 any other name

Returns the values of that section in list context, the first one in scalar
context.

=cut
