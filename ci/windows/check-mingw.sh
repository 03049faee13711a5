#!/usr/bin/env bash
# Cross-compiles the engine, the command line and the unit tests for Windows and runs the tests
# under wine, makes the zip and runs the programs in it, then the parity harness, the service, and
# sessions between those programs and the ones for Linux. A test that skips must be listed in
# ci/windows/skips.txt.
#
# Usage: ci/windows/check-mingw.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
source ci/linux/lib.sh

ci/linux/packages.sh build mingw
ci/windows/third-party.sh >/dev/null

wine=ci/windows/wine.sh
wineserver() { ROBOSYNC_WINE=wineserver "$wine" "$@"; }

prefix="${ROBOSYNC_WINEPREFIX:-${XDG_CACHE_HOME:-$HOME/.cache}/robosync/wine}"
mkdir -p "$prefix"
trap 'wineserver -k >/dev/null 2>&1 || true' EXIT

# One server is kept for the whole run and warmed before any test: wine's services are children of
# the first program and would hold its output pipe open, so a reader of that pipe waits for ever.
wineserver -p </dev/null >/dev/null 2>&1 || true  # one is running already
if [[ ! -e "$prefix/.robosync-ready" ]]; then
  "$wine" wineboot -i </dev/null >/dev/null 2>&1
  "$wine" winecfg -v win10 </dev/null >/dev/null 2>&1
  touch "$prefix/.robosync-ready"
fi
"$wine" cmd /c exit </dev/null >/dev/null 2>&1

build_preset mingw
test_preset mingw ci/windows/skips.txt
echo "== mingw: zip"
ci/windows/zip_test.sh build/mingw
echo "== mingw: the parity harness"
ci/windows/parity_test.sh

build_preset release robosync robosyncd
echo "== mingw: the service"
ci/windows/service_test.sh
echo "== mingw: sessions with Linux"
ci/windows/sessions_test.sh
