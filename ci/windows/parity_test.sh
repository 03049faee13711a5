#!/usr/bin/env bash
# The parity harness under wine: a small dataset, whose deepest folders Windows' plain calls do not
# reach, and the semantic checks. Every cell must be valid, and what can be shown under wine must pass.
#
# Usage: ci/windows/parity_test.sh [WINDOWS_BIN]    default build/mingw/bin
#   ROBOSYNC_WINEPREFIX as for ci/windows/wine.sh; a wineserver must be kept (check-mingw.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."

windows=$(realpath "${1:-build/mingw/bin}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/scratch"

if ! timeout 120 ci/windows/wine.sh "$windows/robosync-parity.exe" run --suite smoke --datasets tiny \
  --repeat 1 --tools robosync --robosync "Z:$windows/robosync.exe" --scratch "Z:$work/scratch" \
  --report "Z:$work/report.json" </dev/null >"$work/said" 2>&1; then
  cat "$work/said" >&2
  echo "$0: the harness does not run under wine" >&2
  exit 1
fi
if [[ -n "$(ls -A "$work/scratch")" ]]; then
  echo "$0: something is left in the scratch folder" >&2
  exit 1
fi
python3 - "$work/report.json" <<'END'
import json
import sys

# What wine does not have: symbolic links; and modes, as on every Windows.
NOT_RUN = ("a symbolic link is not made on Windows", "a mode other than read-only is not made on Windows")
# What is renamed below the handle of a folder, wine looks for under the name the folder had when it
# was opened.
WINES_FAULT = ("mirror.directory_for_file",)

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
faults = [f"{cell['dataset']} {cell['phase']}: {cell['state']}: {cell['reason']}"
          for cell in report["cells"] if cell["state"] != "valid"]
required = [check for check in report["checks"] if check["check"].startswith(("mtime.", "mirror."))]
for check in required:
    may_not_run = check["outcome"] == "not_run" and check["detail"] in NOT_RUN
    if check["outcome"] != "pass" and not may_not_run and check["check"] not in WINES_FAULT:
        faults.append(f"{check['check']}: {check['outcome']}: {check['detail']}")
passed = [check["check"] for check in required if check["outcome"] == "pass"]
for group in ("mtime.", "mirror."):
    if not any(name.startswith(group) for name in passed):
        faults.append(f"no check of {group}* passed")
if not report["cells"]:
    faults.append("nothing was measured")
for fault in faults:
    print("FAILED:", fault, file=sys.stderr)
print(f"{len(report['cells'])} cells; {len(passed)} of {len(required)} checks of times and mirrors passed")
sys.exit(1 if faults else 0)
END
