#!/usr/bin/env bash
# Builds and tests on macOS, then runs the harness's smoke suite and its gate.
#
# Usage: ci/macos/check.sh [REPORT.json]     packages come from Homebrew
set -euo pipefail
cd "$(dirname "$0")/../.."
source ci/linux/lib.sh
report=${1:-build/parity/smoke.json}

brew install --quiet ccache cli11 cmake fmt googletest google-benchmark ninja nlohmann-json \
  openssl@3 rsync xxhash
export OPENSSL_ROOT_DIR
OPENSSL_ROOT_DIR=$(brew --prefix openssl@3)

build_preset release
test_preset release ci/macos/skips.txt
mkdir -p "$(dirname "$report")"
build/release/bin/robosync-parity run --suite smoke --robosync build/release/bin/robosync \
  --policy reports/policy.json --report "$report"
build/release/bin/robosync-parity gate "$report" --policy reports/policy.json --slack 2
