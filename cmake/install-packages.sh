#!/bin/sh
# Installs Debian packages that are missing: install-packages.sh PACKAGE...
#
# dpkg is asked first, so that a machine that has everything is left alone and needs neither root
# nor a network. Debian starts redis-server as a service when it is installed, but the tests
# start their own: while apt runs, a policy keeps services from starting.
set -eu

missing=
for package; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing with apt:$missing"

sudo=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "that needs root or sudo" >&2; exit 1; }
  sudo=sudo
fi

log=$(mktemp)
policy=/usr/sbin/policy-rc.d
made=
finish() {
  status=$?
  [ -z "$made" ] || $sudo rm -f "$policy"
  [ $status = 0 ] || { cat "$log" >&2; echo "the packages could not be installed; apt's words are above" >&2; }
  rm -f "$log"
  exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

if [ ! -e "$policy" ]; then
  made=yes
  printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
  $sudo chmod 755 "$policy"
fi
$sudo apt-get update -q >"$log" 2>&1
# shellcheck disable=SC2086  # one word per package
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends $missing >"$log" 2>&1
