#!/usr/bin/env bash
# Builds and tests on macOS, makes the package, then runs the harness's smoke suite and its gate.
#
# Usage: ci/macos/check.sh [REPORT.json]     packages come from Homebrew
set -euo pipefail
cd "$(dirname "$0")/../.."
source ci/linux/lib.sh
report=${1:-build/parity/smoke.json}

brew install --quiet asio ccache cli11 cmake fmt googletest libarchive ninja nlohmann-json \
  openssl@3 rsync tomlplusplus xxhash zstd
# Homebrew keeps these two out of the way of the system's own.
for name in libarchive openssl@3; do
  prefix=$(brew --prefix "$name")
  export CMAKE_PREFIX_PATH="$prefix${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}"
  export CPLUS_INCLUDE_PATH="$prefix/include${CPLUS_INCLUDE_PATH:+:$CPLUS_INCLUDE_PATH}"
done
export CMAKE_PREFIX_PATH="$CMAKE_PREFIX_PATH:$(brew --prefix)"
export CPLUS_INCLUDE_PATH="$CPLUS_INCLUDE_PATH:$(brew --prefix)/include"

build_preset macos
test_preset macos ci/macos/skips.txt
cpack --preset macos
bin=build/macos/bin
mkdir -p "$(dirname "$report")"
"$bin/robosync-parity" run --suite smoke --tools robosync,rsync,cp --robosync "$bin/robosync" \
  --policy reports/policy.json --slack 2 --report "$report"
"$bin/robosync-parity" report "$report" --html "${report%.json}.html"
"$bin/robosync-parity" gate "$report" --policy reports/policy.json --slack 2
