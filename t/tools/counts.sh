# Counting of tests, for scripts that source it: each ends in one line, such as
# "12 passed, 1 failed, 2 skipped", that the script above it reads.
#
# shellcheck shell=bash disable=SC2034

passed=0
failed=0
skipped=0


# reads the counts from a log: good, bad, not; a log without any is one test;
# what ended badly has failed, whatever it counted, and so has what ran nothing

read_counts() {
    local log=$1 rc=$2

    read -r good bad not < <(awk '
        /^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ {
            good = $1; bad = $3; not = $5; found = 1
        }
        END { print found ? good : !rc, bad + 0, not + 0 }' rc="$rc" "$log")

    [[ $bad != 0 || ($rc == 0 && $((good + not)) != 0) ]] || bad=1
}


add_counts() {
    passed=$((passed + good))
    failed=$((failed + bad))
    skipped=$((skipped + not))
}


# the last line, and the status to exit with

print_counts() {
    local line="$passed passed, $failed failed"

    [[ $skipped == 0 ]] || line+=", $skipped skipped"
    printf '%s\n' "$line"

    [[ $failed == 0 ]]
}
