#!/usr/bin/env bash
# robosyncd as a service under wine: started and stopped by the service manager, served from and taken
# away. The service is made by `sc`, since wine does not know all that `service install` sets.
#
# Usage: ci/windows/service_test.sh [LINUX_BIN [WINDOWS_BIN]]    default build/{release,mingw}/bin
#   ROBOSYNC_WINEPREFIX as for ci/windows/wine.sh; a wineserver must be kept (check-mingw.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."

linux=$(realpath "${1:-build/release/bin}")
windows=$(realpath "${2:-build/mingw/bin}")
wine="$PWD/ci/windows/wine.sh"
work=$(mktemp -d)
fail() {
  cat "$work/said" >&2
  echo "$0: $1" >&2
  exit 1
}
run() { timeout 120 "$wine" "$@" </dev/null >"$work/said" 2>&1; }
service() { run "$windows/robosyncd.exe" service "$@"; }
trap 'service uninstall || true; rm -rf "$work"' EXIT
list() {
  timeout 60 "$linux/robosync" ls --tls-fingerprint "$key" "robosync://127.0.0.1:$port/data/" \
    </dev/null >"$work/said" 2>&1
}

mkdir "$work/data"
echo served >"$work/data/file.txt"
port=$((20000 + RANDOM % 10000))
cat >"$work/robosyncd.toml" <<END
bind = ["127.0.0.1:$port"]
state_dir = 'Z:$work/state'
[modules.data]
path = 'Z:$work/data'
END
chmod 600 "$work/robosyncd.toml"
# Not the service's: wine has no account of a service that what is made could be given to.
cp -p "$work/robosyncd.toml" "$work/same.toml"

service uninstall || true  # what a run that was killed left
if service start; then fail "a service that is not there starts"; fi
# As its configuration would be written to the registry by `service install`.
config="Z:${work//\//\\}\\robosyncd.toml"
program="Z:${windows//\//\\}\\robosyncd.exe"
run sc create robosyncd binPath= "\"$program\" service run --config \"$config\"" || fail "sc create"
service start || fail "service start"
run "$windows/robosyncd.exe" fingerprint --config "Z:$work/same.toml" || fail "fingerprint"
key=$(grep -o 'SHA256:[A-Za-z0-9+/]*' "$work/said") || fail "no fingerprint"
list || fail "a service that was started does not serve"
grep -q file.txt "$work/said" || fail "file.txt is not served"
service stop || fail "service stop"
if list; then fail "a service that was stopped serves"; fi
service start || fail "service start, again"
list || fail "a service that was started again does not serve"
service uninstall || fail "service uninstall, while it runs"
if list; then fail "a service that is no more serves"; fi
if service start; then fail "a service that was uninstalled starts"; fi
echo "ok: a service"
