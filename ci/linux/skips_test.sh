#!/usr/bin/env bash
# Shows that check_skips of lib.sh accepts a listed skip and refuses any other. Run by CTest.
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
