#!/usr/bin/env bash
# Writes of kv and of Redis with one replica, in turns, under the same load (apt-get install redis-server).
# Durable: kv answers from the synced disks of a majority, Redis with appendfsync always and WAIT 1. Fast: kv answers
# from the leader and syncs every 100 ms, Redis with appendfsync everysec and no WAIT. kv with three replicas, and
# with two and a witness, which has as many copies as Redis. Binds to loopback; ends what it started.
# Run:    tests/bench/kv/redis.sh build/bench/kv_throughput_bench [ROUNDS=3] [SECONDS=1.5]
# Prints: for each load the median of the rounds: requests/s, p50 and p99 in us.
set -eu
bench=$1 rounds=${2:-3} seconds=${3:-1.5}
work=$(mktemp -d) pids=()
finish() { kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap finish EXIT
redis() { # PORT APPENDFSYNC [REPLICAOF...]
  mkdir -p "$work/$1"
  redis-server --port "$1" --bind 127.0.0.1 --dir "$work/$1" --save "" --appendonly yes --appendfsync "$2" \
    --repl-diskless-sync-delay 0 ${3:+--replicaof 127.0.0.1 "$3"} >"$work/$1/log" 2>&1 &
  pids+=($!)
}
redis 7411 always; redis 7412 always 7411; redis 7421 everysec; redis 7422 everysec 7421
for port in 7412 7422; do
  for _ in $(seq 200); do redis-cli -p $port info replication 2>/dev/null | grep -q master_link_status:up && break; sleep 0.05; done
done
run() { # NAME WORDS...
  local name=$1; shift
  "$bench" 1 "$seconds" "$@" | grep clients | sed "s/^/$name | /" >>"$work/lines"
}
for _ in $(seq "$rounds"); do
  run "durable, three replicas"; run "durable, two and a witness" witness; run "durable, Redis" 7411 wait
  run "fast, three replicas" async interval; run "fast, two and a witness" async interval witness; run "fast, Redis" 7421
done
# NAME | LOAD, without numbers of its own at the end   RATE /s (...) p50 N us p99 N us
sed -E 's/^(.*[^ ]) +([0-9]+) \/s .*p50 ([0-9]+) us +p99 ([0-9]+) us.*/\1\t\2\t\3\t\4/' "$work/lines" | sort -t"$(printf '\t')" -k1,1 -k2,2n |
  awk -F'\t' -v n="$rounds" '{ c[$1]++; if (c[$1] == int((n + 1) / 2)) printf "%-52s %8d /s  p50 %6d us  p99 %6d us\n", $1, $2, $3, $4 }'
