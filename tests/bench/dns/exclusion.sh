#!/usr/bin/env bash
# How long balance goes on naming a backend that was killed, or that hangs (SIGSTOP): checks over HTTP every 100 ms,
# two failures, 50 ms of patience. A name is asked for without pause, by dig, which takes some milliseconds each time. The backends are
# counter processes on loopback; ends what it started.
# Run:    tests/bench/dns/exclusion.sh build/bin [RUNS=5]
# Prints: of each run the time from the signal to the first answer without the backend, ms; the worst.
set -u
programs=$1 runs=${2:-5} work=$(mktemp -d) pids=()
finish() { kill -CONT "${pids[@]}" 2>/dev/null; kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"; }
trap finish EXIT
cat >"$work/balance.toml" <<C
[cluster]
name = "bench"
[zone]
name = "test"
[check]
type = "http"
path = "/healthz"
interval_ms = 100
timeout_ms = 50
rise = 1
fall = 2
[[node]]
name = "a"
address = "127.0.0.1:5396"
dns = "127.0.0.1:5397"
data = "$work/a"
[[backend]]
name = "one"
serves = "www"
address = "127.0.0.1:5398"
[[backend]]
name = "two"
serves = "www"
address = "127.0.0.2:5398"
C
start_backend() {
  printf '[cluster]\nname = "b%s"\n[service.counter]\n[[node]]\nname = "b"\naddress = "127.0.0.%s:5399"\nadmin = "127.0.0.%s:5398"\ndata = "%s/b%s"\n' \
    "$1" "$1" "$1" "$work" "$1" >"$work/b$1.toml"
  "$programs/counter" run --config "$work/b$1.toml" >/dev/null 2>&1 & backend=$!; pids+=($!)
}
named() { dig +short +time=1 +tries=1 @127.0.0.1 -p 5397 www.test A 2>/dev/null; }
until_named() { for _ in $(seq 300); do [ "$(named | wc -l)" = 2 ] && return; sleep 0.05; done; echo "not both are named"; exit 1; }
start_backend 1
"$programs/balance" run --config "$work/balance.toml" --node a >"$work/balance.log" 2>&1 & pids+=($!)
for signal in KILL STOP; do
  worst=0
  for _ in $(seq "$runs"); do
    start_backend 2
    until_named
    begun=$(date +%s%N)
    kill -"$signal" "$backend"
    while named | grep -q '^127.0.0.2'; do :; done
    took=$((($(date +%s%N) - begun) / 1000000))
    [ "$took" -gt "$worst" ] && worst=$took
    echo "SIG$signal: $took ms"
    kill -CONT "$backend" 2>/dev/null; kill -KILL "$backend" 2>/dev/null; { wait "$backend"; } 2>/dev/null
  done
  echo "SIG$signal: worst $worst ms of $runs"
done
