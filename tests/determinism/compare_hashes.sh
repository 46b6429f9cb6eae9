#!/bin/sh
# Two builds of cluster_hashes must print the same. usage: compare_hashes.sh PROGRAM OTHER_PROGRAM
set -eu
one=$(mktemp) && other=$(mktemp)
trap 'rm -f "$one" "$other"' EXIT
"$1" >"$one" && "$2" >"$other"
[ "$(wc -l <"$one")" -ge 50 ] || { echo "only $(wc -l <"$one") runs" >&2; exit 1; }
diff "$one" "$other" && echo "$(wc -l <"$one") runs are the same in both builds"
