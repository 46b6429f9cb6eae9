#!/usr/bin/env bash
# Queries per second of balance, knot and dnsmasq, in turns, with one zone of 1,000 names, asked by dnsperf on
# the same machine (apt-get install dnsperf knot dnsmasq-base). Binds to loopback; ends what it started.
# Run:    tests/bench/dns/compare.sh build/bin/balance [SECONDS=2] [ROUNDS=5]
# Prints: of each round queries/s, lost queries and the server's CPU time per query in us; the medians.
# On a busy machine the CPU time says more than the rate.
set -u
program=$1 seconds=${2:-2} rounds=${3:-5}
work=$(mktemp -d) pids=()
finish() { kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"; }
trap finish EXIT
start() { local log=$1; shift; "$@" >"$work/$log" 2>&1 & pids+=($!); }

for i in $(seq 1000); do echo "h$i.test A"; done >"$work/queries"
{ echo '$ORIGIN test.'; echo '$TTL 5'; echo '@ SOA ns admin 1 3600 900 86400 5'; echo '@ NS ns'; echo 'ns A 127.0.0.1'
  for i in $(seq 1000); do echo "h$i A 10.0.$((i / 250)).$((i % 250 + 1))"; done; } >"$work/test.zone"
cat >"$work/knot.conf" <<C
server:
    rundir: "$work"
    listen: 127.0.0.1@5391
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: "$work"
zone:
  - domain: test
    storage: "$work"
    file: test.zone
C
for i in $(seq 1000); do echo "address=/h$i.test/10.0.$((i / 250)).$((i % 250 + 1))"; done >"$work/dnsmasq.conf"
{ cat <<C
[cluster]
name = "bench"
[zone]
name = "test"
[check]
type = "command"
command = ["/bin/true"]
interval_ms = 3600000
timeout_ms = 60000
[[node]]
name = "a"
address = "127.0.0.1:5394"
dns = "127.0.0.1:5393"
data = "$work/a"
C
  for i in $(seq 1000); do
    printf '[[backend]]\nname = "h%d"\nserves = "all"\naddress = "10.0.%d.%d:80"\n' "$i" $((i / 250)) $((i % 250 + 1))
  done; } >"$work/balance.toml"
start knot.log knotd -c "$work/knot.conf"
start dnsmasq.log dnsmasq --keep-in-foreground --conf-file="$work/dnsmasq.conf" --port=5392 --listen-address=127.0.0.1 \
  --bind-interfaces --no-resolv --no-hosts --pid-file="$work/dnsmasq.pid" --user=root --cache-size=2000
start balance.log "$program" run --config "$work/balance.toml" --node a
for port in 5391 5392 5393; do
  for _ in $(seq 200); do
    dig +short +time=1 +tries=1 @127.0.0.1 -p "$port" h1.test A 2>/dev/null | grep -q '^10' && break
    sleep 0.1
  done
done
cpu_ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
for _ in $(seq "$rounds"); do
  i=0
  for each in knot:5391 dnsmasq:5392 balance:5393; do
    pid=${pids[$i]} i=$((i + 1)) before=$(cpu_ticks "$pid")
    timeout 60 dnsperf -s 127.0.0.1 -p "${each#*:}" -d "$work/queries" -l "$seconds" -q 100 -c 4 -t 1 >"$work/out" 2>/dev/null
    after=$(cpu_ticks "$pid")
    awk -v name="${each%:*}" -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" '/Queries completed/{n=$3}
      /Queries per second/{q=$4} /Queries lost/{l=$3}
      END{printf "%s %.0f %d %.2f\n", name, q, l, n ? ticks / hz * 1e6 / n : 0}' "$work/out"
  done
done | tee "$work/results"
median() { sort -n | awk '{v[NR]=$1} END{print v[int((NR + 1) / 2)]}'; }
for name in knot dnsmasq balance; do
  rate=$(awk -v name="$name" '$1 == name {print $2}' "$work/results" | median)
  cost=$(awk -v name="$name" '$1 == name {print $4}' "$work/results" | median)
  echo "$name: median $rate/s, $cost us of CPU a query"
done
