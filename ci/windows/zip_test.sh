#!/usr/bin/env bash
# Makes the zip of a build for Windows, unpacks it and runs the programs from there under wine, whose
# server has to be warm (check-mingw.sh).
#
# Usage: ci/windows/zip_test.sh BUILD_DIR
set -euo pipefail
wine="$(cd "$(dirname "$0")" && pwd)/wine.sh"
build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "$0: $1" >&2
  exit 1
}

(cd "$build" && cpack --config CPackConfig.cmake -B "$work/packages" >"$work/log" 2>&1) ||
  { cat "$work/log"; fail "cpack"; }
(cd "$work" && cmake -E tar xf "$work"/packages/robosync-*-windows-x86_64.zip)
root=$(echo "$work"/robosync-*-windows-x86_64)
for file in robosync.exe robosyncd.exe robosync-parity.exe README.md LICENSE CHANGELOG.md \
  docs/windows.md docs/robocopy.md robosyncd.toml licenses/{openssl,mingw-w64,gcc-runtime}.txt; do
  [[ -s "$root/$file" ]] || fail "no $file in the zip"
done
[[ -z "$(find "$root" -name '*.dll')" ]] || fail "the programs are to need no libraries"

run() { "$wine" "$@" </dev/null; }
[[ "$(run "$root/robosync.exe" --version | tr -d '\r')" == robosync\ * ]] || fail "--version"
run "$root/robosync.exe" robocopy '/?' | grep -q /MIR || fail "robocopy /?"
run "$root/robosyncd.exe" check-config "$root/robosyncd.toml" >"$work/log" 2>&1 || true
grep -q 'robosyncd.toml' "$work/log" || { cat "$work/log"; fail "robosyncd check-config"; }
run "$root/robosync-parity.exe" --version >/dev/null || fail "robosync-parity"
