#!/usr/bin/env bash
#
# What the module does, in half a minute: starts a broker and nginx on free
# loopback ports, posts batches, shows the answers and what Kafka then holds.
#
#     make demo                       with the embedded broker
#     make demo KAFKA=host:port       with a Kafka that is there already
#     make demo KAFKA=... TOPIC=name  and another topic than events-demo
#
# The configuration is examples/nginx.conf, with other ports and paths.

set -euo pipefail

cd "$(dirname "$0")/.."

root=$PWD
nginx=${TEST_NGINX_BINARY:-$(PATH=$PATH:/usr/sbin command -v nginx)}
module=build/ngx_http_events_module.so
topic=${TOPIC:-events${KAFKA:+-demo}}       # not one that is in use
dir=$(mktemp -d)
pids=()


stop() {
    local pid

    for pid in "${pids[@]}"; do
        kill -TERM "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done

    rm -rf "$dir"
}

trap stop EXIT


fail() {
    printf '%s\n' "demo: $*" >&2
    [[ ! -s $dir/error.log ]] || tail -n 20 "$dir/error.log" >&2
    exit 1
}


wait_for() {
    local _

    for _ in $(seq 100); do
        "$@" && return
        sleep 0.1
    done

    return 1
}


listens() {
    (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}


free_port() {
    local port

    for port in $(shuf -i 20000-31999 -n 50); do
        listens "$port" || { echo "$port"; return; }
    done

    fail "no free port"
}


title() {
    printf '\n\033[1m%s\033[0m\n\n' "$*"
}


start_broker() {
    build/broker -d -s "$dir/broker.sock" -t "$topic" >"$dir/broker.out" \
        </dev/null &
    pids+=($!)

    wait_for grep -q '^bootstrap ' "$dir/broker.out" \
        || fail "the embedded broker does not start"

    kafka=$(sed -n 's/^bootstrap //p' "$dir/broker.out")
}


start_nginx() {
    port=$(free_port)

    # workers drop root's rights, and must still reach their files

    chmod 755 "$dir"
    cp examples/contract.schema.json "$dir/"

    sed -e "s|build/|$dir/|" \
        -e "s|^load_module.*|load_module $root/$module;|" \
        -e "s|127.0.0.1:8080|127.0.0.1:$port|" \
        -e "s|127.0.0.1:9092|${kafka//,/ }|" \
        -e "s|events_publish .*|events_publish $topic;|" \
        -e "\$a daemon off;" examples/nginx.conf >"$dir/nginx.conf"

    "$nginx" -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log" </dev/null &
    pids=($! "${pids[@]}")

    wait_for listens "$port" || fail "nginx does not start"
}


# post TITLE FILE STATUS [CURL OPTION ...]

post() {
    local text=$1 file=$2 expected=$3 status

    shift 3
    title "$text"

    printf '    curl http://127.0.0.1:%s/events --data-binary @%s%s\n\n' \
        "$port" "${file##*/}" "${*:+ ${*@Q}}"

    # a Kafka that makes the topic first may take longer than the answer

    status=$(curl -sS --retry 9 "http://127.0.0.1:$port/events" \
                  -H 'Content-Type: application/json' \
                  --data-binary "@$file" -o "$dir/answer" \
                  -w '%{http_code} %{content_type}' "$@")

    printf '    %s\n' "$status"
    show_json <"$dir/answer"

    [[ $status == "$expected application/json" ]] \
        || fail "expected $expected application/json"
}


# JSON a person reads: an object of errors on each line

show_json() {
    sed -e 's/,"errors":\[/,\n     "errors":[\n       /' \
        -e 's/},{"index"/},\n       {"index"/g' \
        -e 's/,"detail"/,\n     "detail"/' \
        -e 's/,"request_id"/,\n     "request_id"/' \
        -e 's/,\("received":[0-9]*,"accepted":[0-9]*,"rejected"\)/,\n     \1/' \
        -e 's/\],"errors_truncated"/],\n     "errors_truncated"/' \
        -e 's/^/    /'
}


held() {
    if [[ -n ${KAFKA-} ]]; then
        kcat -C -q -b "$kafka" -t "$topic" -o beginning -e \
             -f 'partition %p, offset %o  key %k\n    %h\n    %s\n'
        return
    fi

    control "dump $topic" | perl -MJSON::PP -ne '
        next if /^\.$/;
        binmode STDOUT, ":utf8";
        my $r = decode_json($_);
        printf "partition %d, offset %d  key %s\n    %s\n    %s\n",
               $r->{partition}, $r->{offset}, $r->{key} // "(none)",
               join(" ", map { "$_->[0]=$_->[1]" } @{$r->{headers}}),
               $r->{value};'
}


# one command to the embedded broker, through its control socket

control() {
    perl -MIO::Socket::UNIX -e '
        my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$ARGV[0]: $!";
        print $s "$ARGV[1]\n";
        while (<$s>) { print; last if /^\.$/ }' "$dir/broker.sock" "$1"
}


if [[ -n ${KAFKA-} ]]; then
    kafka=$KAFKA
else
    start_broker
fi

start_nginx

title "The location block that does it"
sed -n '/location/,/}/s/^    //p' examples/nginx.conf

post "1. A batch of 50 events of two brands: 200 means it is in Kafka" \
     examples/batches/fifty.json 200

post "2. Two of three events break the contract: every mistake is named, and
   where it is; in JSON, also if the client asks for HTML" \
     examples/batches/missing-fields.json 422 -H 'Accept: text/html'

gzip -c examples/batches/fifty.json >"$dir/fifty.json.gz"

post "3. The same 50 events, compressed" "$dir/fifty.json.gz" 200 \
     -H 'Content-Encoding: gzip'

title "What Kafka holds: key, headers and value of the first records"

held >"$dir/held" || fail "the records cannot be read back"
head -n 9 "$dir/held" | cut -c -400 | sed 's/^/    /'

records=$(grep -c '^partition ' "$dir/held")
printf '\n    ... %s records in all: 50 of batch 1, none of batch 2, ' \
    "$records"
printf '50 of batch 3%s\n' "${KAFKA:+, and those of earlier runs}"

[[ -n ${KAFKA-} || $records == 100 ]] || fail "expected 100 records"

title "Done: everything is stopped.  README.md says how to go on."
