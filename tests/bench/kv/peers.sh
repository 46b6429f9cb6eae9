#!/usr/bin/env bash
# Writes of kv, of Redis with one replica and of etcd with three members, in turns, round by round, under the same
# loads (apt-get install redis-server etcd-server libgrpc++-dev libprotobuf-dev protobuf-compiler-grpc; what is missing is left out).
# Durable: kv answers from the synced disks of a majority, Redis with appendfsync always and WAIT 1, etcd as it comes.
# Fast: kv answers from the leader and syncs every 100 ms, Redis with appendfsync everysec and no WAIT. kv with three
# replicas, and with two and a witness, which has as many copies as Redis. Each starts anew for its turn, with empty
# files, on loopback; ends what it started.
# Run:    tests/bench/kv/peers.sh build [ROUNDS=3] [SECONDS=1.5] [durable|fast]    about 100 s a round at 1.5; 40 of them fast
# Prints: tables in Markdown: for each load the medians of the rounds; what kv's rate was, divided by its peer's of the
#         same round: median (lowest to highest); and how much of a core the load itself took.
set -eu -o pipefail
usage="usage: peers.sh BUILD [ROUNDS=3] [SECONDS=1.5] [durable|fast]"
build=${1:?$usage} rounds=${2:-3} seconds=${3:-1.5} modes=${4:-durable fast}
case $modes in durable | fast | "durable fast") ;; *) echo "$usage" >&2; exit 2 ;; esac
kv=$build/bench/kv_throughput_bench etcd_load=$build/bench/kv_etcd_load
[ -x "$kv" ] || { echo "there is no $kv: build it first" >&2; exit 1; }
work=$(mktemp -d) pids=() round=0
: >"$work/lines"
finish() { [ ${#pids[@]} = 0 ] || { kill -KILL "${pids[@]}"; wait "${pids[@]}"; } 2>/dev/null || true; pids=(); }
trap 'finish; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
start() { "$@" >"$work/log${#pids[@]}" 2>&1 & pids+=($!); }
alive() { # WHAT: its ports may be another's
  for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || { echo "$1 did not start:" >&2; tail -n 2 "$work"/log* >&2; exit 1; }; done
}
run() { # MODE NAME PROGRAM WORDS...: each line of a load, as fields
  local mode=$1 name=$2; shift 2
  "$@" | sed -nE "s/^(.*[^ ]) +([0-9]+) \/s .* p50 ([0-9]+) us +p99 ([0-9]+) us +load ([0-9.]+) cores +errors ([0-9]+).*/$mode\t$name\t$round\t\1\t\2\t\3\t\4\t\5\t\6/p" >>"$work/lines" || echo "$mode, $name: the load failed" >&2
}
redis() { # MODE APPENDFSYNC WORDS...: a master and its replica
  command -v redis-server >/dev/null || return 0
  local mode=$1 sync=$2 port of=(); shift 2
  for port in 7411 7412; do
    rm -rf "${work:?}/$port"; mkdir "$work/$port"
    start redis-server --port $port --bind 127.0.0.1 --dir "$work/$port" --save "" --appendonly yes --appendfsync "$sync" \
      --repl-diskless-sync-delay 0 "${of[@]}"
    of=(--replicaof 127.0.0.1 7411)
  done
  for _ in $(seq 200); do redis-cli -p 7412 info replication 2>/dev/null | grep -q master_link_status:up && break; sleep 0.05; done
  alive redis-server
  printf 'SET warm 1\nWAIT 1 20000\n' | redis-cli -p 7411 >/dev/null # its replica acknowledges from here on, not only once a second
  run "$mode" Redis "$kv" 1 "$seconds" 7411 "$@"
  finish
}
etcd_members() {
  command -v etcd >/dev/null && [ -x "$etcd_load" ] || return 0
  local i peers=m1=http://127.0.0.1:7431,m2=http://127.0.0.1:7432,m3=http://127.0.0.1:7433
  for i in 1 2 3; do
    rm -rf "$work/m$i"
    start etcd --name m$i --data-dir "$work/m$i" --listen-client-urls http://127.0.0.1:742$i --advertise-client-urls http://127.0.0.1:742$i \
      --listen-peer-urls http://127.0.0.1:743$i --initial-advertise-peer-urls http://127.0.0.1:743$i --initial-cluster $peers
  done
  sleep 1; alive etcd
  run durable etcd "$etcd_load" 1 "$seconds" 7421 7422 7423
  finish
}
command -v redis-server >/dev/null || echo "Redis is left out: no redis-server (apt-get install redis-server)" >&2
command -v etcd >/dev/null || echo "etcd is left out: no etcd (apt-get install etcd-server)" >&2
[ -x "$etcd_load" ] || echo "etcd is left out: no $etcd_load (apt-get install libgrpc++-dev libprotobuf-dev protobuf-compiler-grpc, configure and build anew)" >&2
for round in $(seq "$rounds"); do
  if [ "$modes" != fast ]; then
    run durable "three replicas" "$kv" 1 "$seconds"
    run durable "two and a witness" "$kv" 1 "$seconds" witness
    redis durable always wait
    etcd_members
  fi
  [ "$modes" != durable ] || continue
  run fast "three replicas" "$kv" 1 "$seconds" async interval
  run fast "two and a witness" "$kv" 1 "$seconds" async interval witness
  redis fast everysec
done
awk -F'\t' -v rounds="$rounds" -v wanted="$modes" '
  function sorted(list) { # into values[1..count]
    count = split(list, values, " ")
    for (i = 2; i <= count; i++)
      for (j = i; j > 1 && values[j - 1] + 0 > values[j] + 0; j--) { t = values[j]; values[j] = values[j - 1]; values[j - 1] = t }
  }
  function median(list) { sorted(list); return (values[int((count + 1) / 2)] + values[int(count / 2) + 1]) / 2 }
  function commas(n) { n = sprintf("%.0f", n); while (match(n, /[0-9][0-9][0-9][0-9]($|,)/)) n = substr(n, 1, RSTART) "," substr(n, RSTART + 1); return n }
  function took(us) { return us < 999.5 ? sprintf("%.0f us", us) : sprintf("%.1f ms", us / 1000) }
  function heading(title, m,   s, line, rule) {
    line = "\n| " m ": " title " |"; rule = "|---|"
    for (s = 1; s <= names; s++) if ((m, name[s]) in there) { line = line " " name[s] " |"; rule = rule "---|" }
    print line "\n" rule
  }
  function ratios(m,   k, p, l, r, line, rule, list, cell) {
    line = "\n| " m ": kv divided by |"; rule = "|---|"
    for (p = 3; p <= names; p++) if ((m, name[p]) in there) for (k = 1; k <= 2; k++) { line = line " " name[p] ", " name[k] " |"; rule = rule "---|" }
    if (rule == "|---|") return
    print line "\n" rule
    for (l = 1; l <= loads; l++) {
      line = "| " load[l] " |"
      for (p = 3; p <= names; p++) if ((m, name[p]) in there) for (k = 1; k <= 2; k++) {
        list = ""
        for (r = 1; r <= rounds; r++) if (rate[m, name[p], r, load[l]] > 0) list = list " " rate[m, name[k], r, load[l]] / rate[m, name[p], r, load[l]]
        cell = sprintf("%.2f", median(list))
        line = line " " cell (count > 1 ? sprintf(" (%.2f to %.2f)", values[1], values[count]) : "") " |"
      }
      print line
    }
  }
  { if (!($2 in seen)) { seen[$2] = 1; name[++names] = $2 }
    if (!($4 in met)) { met[$4] = 1; load[++loads] = $4 }
    there[$1, $2] = 1; id = $1 SUBSEP $2 SUBSEP $4
    rate[$1, $2, $3, $4] = $5; rates[id] = rates[id] " " $5; p50[id] = p50[id] " " $6; p99[id] = p99[id] " " $7
    cores[id] = cores[id] " " $8; errors[id] += $9 }
  END {
    kinds = split(wanted, modes, " ")
    for (x = 1; x <= kinds; x++) {
      m = modes[x]
      heading("load", m)
      for (l = 1; l <= loads; l++) {
        line = "| " load[l] " |"
        for (s = 1; s <= names; s++) if ((m, name[s]) in there) {
          id = m SUBSEP name[s] SUBSEP load[l]
          line = line " " commas(median(rates[id])) "/s, p50 " took(median(p50[id])) ", p99 " took(median(p99[id])) (errors[id] ? ", " errors[id] " errors" : "") " |"
        }
        print line
      }
      ratios(m)
      heading("cores that the load took", m)
      for (l = 1; l <= loads; l++) {
        line = "| " load[l] " |"
        for (s = 1; s <= names; s++) if ((m, name[s]) in there) line = line " " sprintf("%.2f", median(cores[m SUBSEP name[s] SUBSEP load[l]])) " |"
        print line
      }
    }
  }' "$work/lines"
