#!/usr/bin/env bash
# Shows that check_skips of lib.sh accepts a listed skip and refuses any other, and that test_preset lets
# pass, and names, only what passes when it is run again. Run by CTest.
set -euo pipefail
source "$(dirname "$0")/lib.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/log" <<'LOG'
2/3 Test #2: fs.Disk.Clones ...................***Skipped   0.00 sec

The following tests did not run:
  2 - fs.Disk.Clones (Skipped)
LOG

expect() { # expect OUTCOME LIST_LINE
  printf '# why\n\n%s\n' "$2" >"$folder/list"
  local got=refused
  if check_skips "$folder/log" "$folder/list" 2>/dev/null; then got=accepted; fi
  if [[ "$got" != "$1" ]]; then
    echo "a list of '$2': $got, not $1" >&2
    exit 1
  fi
}

expect accepted 'fs.Disk.Clones  no reflinks here'
expect accepted 'fs.Disk.*  no reflinks here'
expect refused 'fs.Disk.Clones'
expect refused 'fs.Disk.Reads  no reflinks here'
expect refused ''
: >"$folder/log"
expect accepted ''

# In ctest's place: prints what it would and fails as it would, the second time as `again` says.
ctest() {
  if [[ "$*" == *--rerun-failed* ]]; then return "$again"; fi
  cat "$folder/said"
  return 8
}

tested() { # tested OUTCOME PASSES_AGAIN SAID_AT_THE_END FAILED_TEST...
  local outcome=$1 again=$2 text=$3 name got=failed
  shift 3
  for name in "$@"; do
    printf '1/9 Test #1: %s ....***Failed    0.01 sec\nwhy %s failed\n' "$name" "$name"
  done >"$folder/said"
  export ROBOSYNC_FAILURES="$folder/failures"
  : >"$ROBOSYNC_FAILURES"
  if test_preset release "$folder/list" >/dev/null 2>&1; then got=passed; fi
  if [[ "$got" != "$outcome" || "$(<"$ROBOSYNC_FAILURES")" != *"$text"* ]]; then
    echo "failures of '$*', again $again: $got, not $outcome; said: $(<"$ROBOSYNC_FAILURES")" >&2
    exit 1
  fi
}

jobs=1
tested passed 0 'unstable' a b c
tested passed 0 'why b failed' a b c
tested failed 8 'why a failed' a
tested failed 0 'why d failed' a b c d
tested failed 0 ''
