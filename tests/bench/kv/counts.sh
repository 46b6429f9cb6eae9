#!/usr/bin/env bash
# What one write costs the leader of three kv nodes and one of its followers, under a steady load, and Redis' master and
# replica beside them, where redis-server is installed (durable and fast as in peers.sh). Two windows of each load:
#   1. nothing looks on: writes/s, and from /proc the wake-ups (voluntary context switches), of the busiest thread (the
#      loop) and of the others (of kv, the log's above all), and the CPU time;
#   2. system calls by kind, counted in the kernel by perf stat (tracepoints: root, and CONFIG_FTRACE_SYSCALLS), which
#      costs some per cent of the rate; where that cannot be, by strace, which stops the process at each call: batches
#      grow, and the counts of a write shrink with them. The last column says how much of the first window's rate was left.
# On loopback; ends what it started.
# Run:    tests/bench/kv/counts.sh build [SECONDS=2]    of each window; about 70 s at 2
# Prints: a table in Markdown; all but rates and percentages are of one write.
set -eu
build=${1:?usage: counts.sh BUILD [SECONDS=2]} seconds=${2:-2}
bench=$build/bench/kv_throughput_bench
for program in "$bench" "$build/bin/kv"; do [ -x "$program" ] || { echo "there is no $program: build it first" >&2; exit 1; }; done
work=$(mktemp -d) pids=() load=
kinds="epoll_wait recvfrom sendto read write pwrite64 futex fdatasync"
finish() { [ ${#pids[@]} = 0 ] || { kill -KILL "${pids[@]}"; wait "${pids[@]}"; } 2>/dev/null || true; pids=(); }
unload() { [ -z "$load" ] || { kill "$load"; wait "$load"; } 2>/dev/null || true; load=; }
trap 'unload; finish; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
start() { local log=$1; shift; "$@" >"$work/$log" 2>&1 & pids+=($!); }
alive() { for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || { echo "$1 did not start:" >&2; tail -n 3 "$work"/*.log >&2; exit 1; }; done; }

writes() { # PORT: how many SETs were asked of it so far
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'INFO all\r\nQUIT\r\n' >&3
  awk -F'[:=,]' '/^cmdstat_set:/ { sets = $3 } /^total_commands_processed:/ { all = $2 } END { print sets != "" ? sets + 0 : all + 0 }' <&3
  exec 3>&-
}
export -f writes
entries() { # ADMIN: of the log; 0: it is none
  [ "$1" = - ] && echo 0 || curl -s "http://127.0.0.1:$1/api/v1/status" | grep -oE '"commit_index": ?"?[0-9]+' | head -1 | grep -oE '[0-9]+$'
}
usage() { # PID: lines "thread ID ns switches", and "ticks user kernel"
  awk 'FILENAME ~ /schedstat$/ { split(FILENAME, part, "/"); ns[part[5]] = $1 }
       /^voluntary_ctxt_switches/ { split(FILENAME, part, "/"); print "thread", part[5], ns[part[5]], $2 }
       FILENAME ~ /^.proc.[0-9]+.stat$/ { sub(/.*\) /, ""); print "ticks", $12, $13 }' \
    /proc/"$1"/task/*/schedstat /proc/"$1"/task/*/status "/proc/$1/stat" 2>/dev/null || true
}
traced=/sys/kernel/tracing/events/syscalls events=raw_syscalls:sys_enter
for kind in $kinds; do [ ! -d $traced/sys_enter_$kind ] || events+=,syscalls:sys_enter_$kind; done
counter=none
! command -v strace >/dev/null || counter=strace
! perf stat -e "$events" true >/dev/null 2>&1 || counter=perf
[ $counter = none ] && echo "system calls are left out: neither perf stat with tracepoints nor strace is there" >&2
[ $counter = strace ] && echo "system calls are counted by strace: batches grow meanwhile" >&2
calls() { # PID PORT FILE: lines "kind count", and "writes before after"
  case $counter in
    perf)
      perf stat -x, -o "$3.perf" -e "$events" -p "$1" -- bash -c 'echo "writes $(writes "$0")"; sleep "$1"; echo "writes $(writes "$0")"' "$2" "$seconds" >"$3"
      awk -F, '$3 ~ /sys_enter/ { sub(/.*sys_enter_?/, "", $3); print ($3 == "" ? "all" : $3), $1 + 0 }' "$3.perf" >>"$3" ;;
    strace)
      echo "writes $(writes "$2")" >"$3"
      timeout -s INT "$seconds" strace -f -c -o "$3.strace" -p "$1" >/dev/null 2>&1 || true
      echo "writes $(writes "$2")" >>"$3"
      awk '$1 + 0 >= 0 && $NF != "syscall" && $4 ~ /^[0-9]+$/ { print ($NF == "total" ? "all" : $NF), $4 }' "$3.strace" >>"$3" ;;
    none) printf 'writes 0\nwrites 0\n' >"$3" ;;
  esac
}
heading() {
  local kind line="| load | process | writes/s | in one log entry |" rule="|---|---|---|---|"
  for kind in $kinds other all; do line+=" ${kind%64} |"; rule+=---\|; done
  echo "$line wake-ups: loop | others | CPU us: user | kernel | rate while counting |"; echo "$rule---|---|---|---|---|"
}
row() { # LOAD PROCESS NAME TIME
  awk -v load="$1" -v process="$2" -v time="$4" -v kinds="$kinds" '
    function of(n, w,   x) { if (w <= 0) return "-"; if (n <= 0) return 0; x = n / w; return sprintf(x >= 99.5 ? "%.0f" : x >= 9.95 ? "%.1f" : x >= 0.095 ? "%.2f" : "%.3f", x) }
    FILENAME ~ /before$/ { if ($1 == "thread") { ns[$2] = $3; switches[$2] = $4 } else if ($1 == "ticks") { user = -$2; kernel = -$3 } else { w -= $2; e -= $3 } next }
    FILENAME ~ /after$/ { if ($1 == "thread") { n = $3 - ns[$2]; total += n; v = $4 - switches[$2]; all_switches += v; if (n > busiest) { busiest = n; loop = v } }
                          else if ($1 == "ticks") { user += $2; kernel += $3 } else { w += $2; e += $3 } next }
    $1 == "writes" { if (counted == "") { counted = -$2 } else counted += $2; next }
    { count[$1] = $2 }
    END {
      line = "| " load " | " process " | " sprintf("%d", w / time) " | " of(w, e) " |"
      n = split(kinds, kind, " "); other = count["all"]
      for (i = 1; i <= n; i++) { line = line " " of(count[kind[i]], counted) " |"; other -= count[kind[i]] }
      line = line " " of(other, counted) " | " of(count["all"], counted) " | " of(loop, w) " | " of(all_switches - loop, w) " |"
      share = user + kernel > 0 ? kernel / (user + kernel) : 0
      print line " " of(total / 1000 * (1 - share), w) " | " of(total / 1000 * share, w) " | " (counted > 0 ? sprintf("%d %%", 100 * counted / time / (w / time) + 0.5) : "-") " |"
    }' "$3.before" "$3.after" "$3.calls"
}
measure() { # MODE LEADER FOLLOWER PID PID PORT ADMIN WORDS...
  local mode=$1 names=("$2" "$3") them=("$4" "$5") port=$6 admin=$7 shape i counting; shift 7
  for shape in 1 64 50x16; do
    "$bench" 1 3600 "load=$shape" "$port" "$@" >/dev/null & load=$!
    sleep 0.5
    for i in 0 1; do usage "${them[i]}" >"$work/$i.before"; done
    printf 'writes %s %s\n' "$(writes "$port")" "$(entries "$admin")" | tee -a "$work/0.before" >>"$work/1.before"
    sleep "$seconds"
    for i in 0 1; do usage "${them[i]}" >"$work/$i.after"; done
    printf 'writes %s %s\n' "$(writes "$port")" "$(entries "$admin")" | tee -a "$work/0.after" >>"$work/1.after"
    calls "${them[0]}" "$port" "$work/0.calls" & counting=$!
    calls "${them[1]}" "$port" "$work/1.calls"
    wait $counting
    unload
    for i in 0 1; do row "$mode, ${shape/x/ x }" "${names[i]}" "$work/$i" "$seconds"; done
  done
}
kv() { # MODE LINES-OF-THE-SERVICE...
  local mode=$1 i led= ; shift
  { printf '[cluster]\nname = "counts"\nprofile = "local"\n[service.kv]\nfailover = "active-active"\nreplication = "leader-follower"\n'
    printf '%s\n' "$@"
    for i in 1 2 3; do printf '[[node]]\nname = "n%d"\naddress = "127.0.0.1:744%d"\nadmin = "127.0.0.1:745%d"\nredis = "127.0.0.1:746%d"\ndata = "%s/%s%d"\n' $i $i $i $i "$work" "$mode" $i; done
  } >"$work/cluster.toml"
  for i in 1 2 3; do start "n$i.log" "$build/bin/kv" run --config "$work/cluster.toml" --node "n$i"; done
  for _ in $(seq 100); do
    led=$(for i in 1 2 3; do curl -s "http://127.0.0.1:745$i/api/v1/status" | grep -oE '"leader": ?"n[123]"' | head -1 | grep -oE '[123]"' ; done | tr -d '"' | sort | uniq -c | awk '$1 == 3 { print $2 }' || true)
    [ -z "$led" ] || break
    sleep 0.1
  done
  alive kv
  [ -n "$led" ] || { echo "the nodes agreed on no leader" >&2; exit 1; }
  measure "$mode" "kv leader" "kv follower" "${pids[led - 1]}" "${pids[led % 3]}" "746$led" "745$led"
  finish
}
redis() { # MODE APPENDFSYNC WORDS...
  local mode=$1 sync=$2 port of=(); shift 2
  for port in 7471 7472; do
    mkdir -p "$work/$mode$port"
    start "$port.log" redis-server --port $port --bind 127.0.0.1 --dir "$work/$mode$port" --save "" --appendonly yes --appendfsync "$sync" \
      --repl-diskless-sync-delay 0 "${of[@]}"
    of=(--replicaof 127.0.0.1 7471)
  done
  for _ in $(seq 200); do redis-cli -p 7472 info replication 2>/dev/null | grep -q master_link_status:up && break; sleep 0.05; done
  alive redis-server
  measure "$mode" "Redis master" "Redis replica" "${pids[@]}" 7471 - "$@"
  finish
}
heading
kv durable 'acknowledge = "quorum"' 'durability = "fsync"'
kv fast 'acknowledge = "async"' 'durability = "interval"'
command -v redis-server >/dev/null || { echo "Redis is left out: no redis-server (apt-get install redis-server)" >&2; exit 0; }
redis durable always wait
redis fast everysec
