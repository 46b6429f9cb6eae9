#!/bin/sh
# Switches on each bug of runtime/mutants.hpp and runs the tests until one notices it: first those that take
# seconds, then the sweeps. As many bugs at once as there are processors. Prints a table: bug, seeds needed, what
# noticed it. Exit code 1: one survives.
# usage: tests/mutants/run.sh BUILD [SEEDS=60] [BUG...]     BUILD: made with -DUNDERSTUDY_MUTANTS=ON
set -u
build=${1:?usage: run.sh BUILD [SEEDS] [BUG...]}
seeds=${2:-60}
[ $# -ge 2 ] && shift 2 || shift
here=$(dirname "$0")
simulation="$build/tests/leader_follower_sim_test"
tests="leader_follower_rules_test client_test loss_test log_test simulated_cluster_test log_property_test leader_follower_sim_test"

# True: something notices; prints the row.
notices() {
  export UNDERSTUDY_MUTANT=$1
  out=$(mktemp)
  trap 'rm -f "$out"' EXIT
  for test in $tests; do
    timeout 600 "$build/tests/$test" '--gtest_filter=-*Sweep*' >"$out" 2>&1 && continue
    name=$(sed -n 's/^\[  FAILED  \] \([A-Za-z_/0-9]*\.[A-Za-z_/0-9]*\).*/\1/p' "$out" | head -1)
    echo "| $1 | - | test ${name:-$test, which ended with an error} |"
    return 0
  done
  for sweep in $sweeps; do
    UNDERSTUDY_SEEDS=$seeds UNDERSTUDY_SHRINK_RUNS=0 timeout 600 "$simulation" \
      --gtest_filter="*Sweep*/$sweep:$sweep.*" >"$out" 2>&1 && continue
    seed=$(sed -n 's/^seed \([0-9]*\) fails:.*/\1/p' "$out" | head -1)
    # Which check noticed it.
    why=$(sed -n 's/^seed \([0-9]*\) fails: \(.*\)/\2/p' "$out" | head -1 |
      sed -e 's/^seed [0-9]*, event [0-9]*, [0-9.]* s: //' -e 's/|/\\|/g' | cut -c1-110)
    echo "| $1 | ${seed:-?} | $sweep: ${why:-ended with an error} |"
    return 0
  done
  echo "| $1 | over $seeds | nothing: it survives |"
  return 1
}

every=$(sed -n '/^enum class bug/,/^};/s/^  \([a-z_]*\),.*/\1/p' "$here/../../runtime/mutants.hpp" | grep -v -e '^none$' -e '^count_of_bugs$')
for bug in "$@"; do
  echo "$every" | grep -qx "$bug" || { echo "run.sh: there is no bug $bug in runtime/mutants.hpp" >&2; exit 2; }
done
sweeps=$("$simulation" --gtest_list_tests --gtest_filter='*Sweep*' |
  sed -n -e 's,^  [A-Za-z]*/\([A-Za-z]*\).*,\1,p' -e 's,^\(StableSweep\)\.$,\1,p')
[ -n "$sweeps" ] || { echo "run.sh: $build has no sweeps: make mutants builds it" >&2; exit 2; }
[ $# -eq 1 ] && { notices "$1"; exit; }
for test in $tests; do
  "$build/tests/$test" '--gtest_filter=-*Sweep*' >/dev/null 2>&1 || { echo "run.sh: $test fails without a bug" >&2; exit 2; }
done
echo "| bug | seeds | noticed by |"
echo "|---|---|---|"
printf '%s\n' ${*:-$every} | xargs -P "$(nproc)" -I{} "$0" "$build" "$seeds" {} || exit 1
