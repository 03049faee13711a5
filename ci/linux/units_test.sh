#!/usr/bin/env bash
# Shows that systemd understands the units and that their exposure is not above what docs/robosyncd.md
# says (tenths, of systemd-analyze security). Run by CTest.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for unit in packaging/systemd/*; do
  # It wants the program to be there.
  sed "s|=robosyncd |=$(command -v true) |" "$unit" >"$folder/${unit##*/}"
done
systemd-analyze verify --man=no "$folder"/*.service "$folder"/*.socket

exposure() { # exposure UNIT TENTHS
  systemd-analyze security --no-pager --offline=true --threshold="$2" "packaging/systemd/$1" \
    >"$folder/said" 2>&1 && return
  tail -n 1 "$folder/said" >&2
  return 1
}
exposure robosyncd.service 9
exposure robosyncd-owners.service 26
# And it can tell.
! exposure robosyncd-owners.service 9 2>/dev/null
