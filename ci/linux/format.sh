#!/usr/bin/env bash
# Formats every source file with clang-format 19, or says which are not formatted.
#
# Usage: ci/linux/format.sh [--check]
set -euo pipefail
cd "$(dirname "$0")/../.."
mode=(-i)
[[ "${1:-}" != --check ]] || mode=(--dry-run --Werror)
git ls-files -z --cached --others --exclude-standard -- '*.cc' '*.h' |
  xargs -0 -r -n 32 -P "${ROBOSYNC_JOBS:-$(nproc)}" clang-format-19 --style=file "${mode[@]}"
