#!/bin/sh
# Runs the README's commands as they stand there: the sh blocks after "<!-- run -->", and in the
# background those after "<!-- run: background -->". `make build` is left out: the test is part of it.
# Usage: readme_test.sh SOURCE BUILD
set -eu

source=$1
build=$2
work=$(mktemp -d)
cluster=

finish() {
  status=$?
  if [ -n "$cluster" ]; then
    kill -TERM "$cluster" 2>/dev/null && wait "$cluster" || true
  fi
  [ $status = 0 ] || { echo "--- the cluster wrote:"; cat "$work/cluster.log"; }
  rm -rf "$work"
  exit $status
}
trap finish EXIT

# The README's commands are given from the top of the project; data goes to the temporary directory.
cd "$work"
ln -s "$source/apps" apps
ln -s "$build" build
: >cluster.log

blocks() {
  awk -v mark="$1" '$0 == mark {armed = 1; next}
                    armed && /^```sh$/ {on = 1; armed = 0; next}
                    /^```$/ {on = 0}
                    on' "$source/README.md" | grep -v '^make '
}

blocks '<!-- run: background -->' >background.sh
blocks '<!-- run -->' >commands.sh
[ -s background.sh ] && [ -s commands.sh ]
[ "$(wc -l <background.sh)" = 1 ] || { echo "one background command is expected"; exit 1; }

# The program that it shows is the one that is built.
awk '/^```cpp$/ {on = 1; next} /^```$/ {on = 0} on' "$source/README.md" >shown.cpp
cat "$source/apps/counter/counter_service.cpp" "$source/apps/counter/main.cpp" | diff shown.cpp -

mkfifo lines
sh -c "exec $(cat background.sh)" >lines 2>&1 &
cluster=$!
{
  # The reader ends with the cluster; the test goes on once every node is up.
  while read -r line; do
    echo "$line" >>cluster.log
    case $line in "every node is up") : >up; break ;; esac
  done
  [ -e up ] || { echo "the cluster ended"; exit 1; }
  cat >>cluster.log &
} <lines

sh -eux commands.sh >answers 2>commands.log || { cat answers commands.log; exit 1; }
cat answers
grep -qx '{"value":2}' answers
grep -q 'leader' answers
grep -q '"cluster":"counter-demo"' answers
