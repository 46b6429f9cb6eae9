#!/bin/sh
# Switches on each bug of runtime/mutants.hpp in turn and runs the tests until one notices it. Prints a
# table: bug, seeds needed, what noticed it. Exit code 1: one survives.
# usage: tests/mutants/run.sh BUILD [SEEDS=60] [BUG...]     BUILD: made with -DUNDERSTUDY_MUTANTS=ON
set -u
build=${1:?usage: run.sh BUILD [SEEDS] [BUG...]}
seeds=${2:-60}
[ $# -ge 2 ] && shift 2 || shift
here=$(dirname "$0")
bugs=${*:-$(sed -n '/^enum class bug/,/^};/s/^  \([a-z_]*\),.*/\1/p' "$here/../../runtime/mutants.hpp" | grep -v -e '^none$' -e '^count_of_bugs$')}
sweeps=$("$build/tests/leader_follower_sim_test" --gtest_list_tests --gtest_filter='*Sweep*' |
  sed -n -e 's,^  [A-Za-z]*/\([A-Za-z]*\).*,\1,p' -e 's,^\(StableSweep\)\.$,\1,p')
[ -n "$sweeps" ] || { echo "run.sh: $build has no sweeps: make mutants builds it" >&2; exit 2; }
out=$(mktemp)
trap 'rm -f "$out"' EXIT
survivors=0

# What of a failed sweep's report says which check noticed it.
reason() {
  sed -n 's/^seed \([0-9]*\) fails: \(.*\)/\2/p' "$out" | head -1 |
    sed -e 's/^seed [0-9]*, event [0-9]*, [0-9.]* s: //' -e 's/|/\\|/g' | cut -c1-110
}

echo "| bug | seeds | noticed by |"
echo "|---|---|---|"
for bug in $bugs; do
  export UNDERSTUDY_MUTANT=$bug
  caught=
  for sweep in $sweeps; do
    UNDERSTUDY_SEEDS=$seeds UNDERSTUDY_SHRINK_RUNS=0 timeout 600 "$build/tests/leader_follower_sim_test" \
      --gtest_filter="*Sweep*/$sweep:$sweep.*" >"$out" 2>&1 && continue
    seed=$(sed -n 's/^seed \([0-9]*\) fails:.*/\1/p' "$out" | head -1)
    why=$(reason)
    caught="| $bug | ${seed:-?} | $sweep: ${why:-ended with an error} |"
    break
  done
  if [ -z "$caught" ]; then
    for test in leader_follower_rules_test leader_follower_sim_test simulated_cluster_test client_test loss_test log_test log_property_test; do
      [ -x "$build/tests/$test" ] || continue
      timeout 600 "$build/tests/$test" --gtest_filter=-*Sweep* >"$out" 2>&1 && continue
      name=$(sed -n 's/^\[  FAILED  \] \([A-Za-z_/0-9]*\.[A-Za-z_/0-9]*\).*/\1/p' "$out" | head -1)
      caught="| $bug | - | test ${name:-$test} |"
      break
    done
  fi
  if [ -z "$caught" ]; then
    caught="| $bug | over $seeds | nothing: it survives |"
    survivors=$((survivors + 1))
  fi
  echo "$caught"
done
[ "$survivors" -eq 0 ]
