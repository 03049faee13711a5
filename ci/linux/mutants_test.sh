#!/usr/bin/env bash
# Shows that every ci/mutants/*.patch still applies, context and all (an offset is allowed), and names
# those that do not: ci/linux/mutants.sh itself is run by hand only. Run by CTest.
#
# Usage: ci/linux/mutants_test.sh [TREE]     without a TREE: the one this is in
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

stale=0
for mutant in ci/mutants/*.patch; do
  said=$(patch --dry-run -f -p1 --fuzz=0 <"$mutant" 2>&1) && continue
  printf '%s does not apply:\n%s\n' "$mutant" "$said" >&2
  stale=$((stale + 1))
done
if [[ $stale -gt 0 ]]; then
  echo "$stale stale: take the guard out where it is now, or delete the patch if there is none" >&2
  exit 1
fi
