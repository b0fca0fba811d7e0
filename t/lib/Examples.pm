package Examples;

# Files of examples/, as they are, or as a test needs them:
#
#     my $text = adapted(read_example('rename/1-dual.conf'),
#                        [ qr/127\.0\.0\.1:8080/ => $port ], ...);

use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname);

our @EXPORT_OK = qw(adapted example_path read_example);

my $Directory = abs_path(dirname(__FILE__) . '/../../examples');


sub example_path {
    my ($name) = @_;

    return "$Directory/$name";
}


# Bytes.

sub read_example {
    my ($name) = @_;

    local $/;

    open my $handle, '<:raw', example_path($name) or croak "$name: $!";

    return readline $handle;
}


# Each replacement has something to replace: an example may not drift away from
# its test.

sub adapted {
    my ($text, @replacements) = @_;

    for my $replacement (@replacements) {
        my ($pattern, $new) = @$replacement;

        $text =~ s/$pattern/$new/g or croak "there is no $pattern";
    }

    return $text;
}

1;
