#!/usr/bin/env bash
# Runs the project's checks. Installs the packages a job needs first (nothing happens when they are
# there). Every job runs even if an earlier one failed; the exit code is 0 only if all passed.
#
# Usage: ci/linux/check.sh [JOB...]
#   format    clang-format-19 over the whole tree
#   tidy      clang-format-19 and clang-tidy-19 over the whole tree
#   release   optimised build, the ordinary tests (label "slow" and "bench" left out)
#   asan      the same with the address and undefined-behaviour sanitizers
#   tsan      the tests of what has threads, with the thread sanitizer
#   mingw     cross build for Windows; under wine the tests, the zip, the service, sessions with Linux
#   bench     every benchmark, one short pass
#   parity    the harness's smoke suite against the installed rsync and cp, and its gate
#   full      the release tests with the slow ones
#   all       tidy release parity bench asan tsan mingw
# Without a JOB: format release parity bench asan tsan mingw, which must pass before anything lands.
#
# Environment: ROBOSYNC_JOBS  how many compilers and tests run at once (default: the processors)
set -euo pipefail
cd "$(dirname "$0")/../.."
source ci/linux/lib.sh

run_job() {
  case $1 in
    format) ci/linux/packages.sh build tidy && ci/linux/format.sh --check ;;
    tidy) ci/linux/packages.sh build tidy && ci/linux/format.sh --check && ci/linux/tidy.py ;;
    release) prepare && build_preset release && test_preset release ci/linux/skips.txt ;;
    asan) prepare && build_preset asan && test_preset asan ci/linux/skips.txt ;;
    tsan) prepare && build_preset tsan && test_preset tsan ci/linux/skips.txt ;;
    mingw) ci/windows/check-mingw.sh ;;
    parity) prepare && build_preset release robosync robosync-parity && parity ;;
    bench) prepare && build_preset release && test_preset bench ci/linux/skips.txt ;;
    full) prepare && build_preset release && test_preset release-full ci/linux/skips.txt ;;
    *) sed -n '/^# Usage/,/^# Environment/p' "$0" >&2; exit 64 ;;
  esac
}

# Semantic checks, invalid cells, and ratios beyond twice their figure: the exact figures are judged
# on a quiet machine (docs/benchmarking.md).
parity() {
  local bin=build/release/bin report=build/parity/smoke.json
  mkdir -p build/parity
  "$bin/robosync-parity" run --suite smoke --tools robosync,rsync,cp --robosync "$bin/robosync" \
    --policy reports/policy.json --slack 2 --report "$report"
  "$bin/robosync-parity" report "$report" --html build/parity/smoke.html
  "$bin/robosync-parity" gate "$report" --policy reports/policy.json --slack 2
}

prepare() { ci/linux/packages.sh build test; }

jobs_wanted=("$@")
[[ $# -gt 0 ]] || jobs_wanted=(format release parity bench asan tsan mingw)
[[ "${jobs_wanted[*]}" != all ]] || jobs_wanted=(tidy release parity bench asan tsan mingw)

# What failed is said once more at the end, where a log that was cut still has it.
ROBOSYNC_FAILURES=$(mktemp)
export ROBOSYNC_FAILURES
trap 'rm -f "$ROBOSYNC_FAILURES"' EXIT

results=()
failed=0
for job in "${jobs_wanted[@]}"; do
  start=$SECONDS
  # A subshell with its own -e: `run_job || ...` would switch -e off inside it.
  set +e
  (set -e; run_job "$job")
  code=$?
  set -e
  [[ $code -ne 64 ]] || exit 64  # no such job
  outcome=passed
  if [[ $code -ne 0 ]]; then
    outcome=FAILED
    failed=1
  fi
  results+=("$(printf '%-8s %s in %d s' "$job" "$outcome" $((SECONDS - start)))")
done
printf '\n'
cat "$ROBOSYNC_FAILURES"
printf '%s\n' "${results[@]}"
exit "$failed"
