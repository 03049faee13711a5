#!/usr/bin/env bash
# Installs what the build needs, builds robosync, mirrors a real tree into a temporary directory and
# verifies the copy. The copy is removed afterwards; the program stays in build/release/bin/.
#
# Usage: ci/linux/quickstart.sh [SOURCE]     (default: /usr/share/doc)
set -euo pipefail
source_tree=$(realpath "${1:-/usr/share/doc}")
cd "$(dirname "$0")/../.."
source ci/linux/lib.sh

ci/linux/packages.sh build
build_preset release robosync

robosync=build/release/bin/robosync
target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}
show "$robosync" mirror --stats "$source_tree/" "$target/copy"
show "$robosync" mirror --stats "$source_tree/" "$target/copy"
show "$robosync" verify "$source_tree/" "$target/copy"
echo "identical: $source_tree and its copy"
