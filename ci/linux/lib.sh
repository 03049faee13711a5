# Sourced by the check scripts: thin wrappers over the CMake presets.

jobs="${ROBOSYNC_JOBS:-$(nproc 2>/dev/null || sysctl -n hw.ncpu)}"

# build_preset PRESET [TARGET...]: configures and builds.
build_preset() {
  local preset=$1
  shift
  echo "== $preset: build"
  local said
  said=$(cmake --preset "$preset" 2>&1) || { echo "$said"; return 1; }
  cmake --build --preset "$preset" --parallel "$jobs" ${1:+--target "$@"}
}

# test_preset TEST_PRESET SKIPS_FILE: runs the tests; a skip that is not in SKIPS_FILE is a failure.
# Up to three failures are run once more, alone: what passes then is said to be unstable, at the end and
# with its output, and does not fail the run (docs/testing.md).
test_preset() {
  local preset=$1 skips=$2 log
  echo "== $preset: test"
  log=$(mktemp)
  local failed=0
  ctest --preset "$preset" --parallel "$jobs" </dev/null 2>&1 | tee "$log" || failed=1
  if [[ "$failed" -ne 0 ]]; then
    local said="${ROBOSYNC_FAILURES:-/dev/null}" count
    said_by_failures "$preset" "$log" >>"$said"
    count=$(grep -cE '^ *[0-9]+/[0-9]+ Test .*\*\*\*(Failed|Timeout|Exception)' "$log" || true)
    # None: ctest itself failed, and what it remembers as failed is of an earlier run.
    if ((count >= 1 && count <= 3)) &&
      ctest --preset "$preset" --parallel 1 --rerun-failed </dev/null; then
      echo "$preset: unstable: what failed above passed when it was run alone" | tee -a "$said"
      failed=0
    fi
  fi
  check_skips "$log" "$skips" || failed=1
  rm -f "$log"
  return "$failed"
}

# said_by_failures TEST_PRESET CTEST_LOG: the tests that failed, and the last 30 lines each printed.
said_by_failures() {
  awk -v preset="$1" '
    function flush() {
      if (name == "") return
      print preset ": " name
      for (i = (n > 30 ? n - 30 : 0); i < n; ++i) print "    " line[i]
      name = ""
    }
    /^ *[0-9]+\/[0-9]+ Test +#/ || /^ +Start +[0-9]+:/ || /tests passed, [0-9]+ tests? failed/ {
      flush()
      n = 0
      if ($0 ~ /\*\*\*/ && $0 !~ /\*\*\*Skipped/) { name = $0; sub(/^ *[0-9]+\/[0-9]+ /, "", name) }
      next
    }
    name != "" { line[n++] = $0 }
    END { flush() }' "$2"
}

# check_skips CTEST_LOG SKIPS_FILE
check_skips() {
  local log=$1 list=$2 name pattern reason listed failed=0
  while read -r name; do
    listed=no
    while read -r pattern reason; do
      [[ -z "$pattern" || "$pattern" == \#* ]] && continue
      # shellcheck disable=SC2053  # the list holds patterns
      if [[ "$name" == $pattern ]]; then
        listed=yes
        if [[ -z "$reason" ]]; then
          echo "$list: $pattern has no reason" >&2
          failed=1
        fi
        break
      fi
    done <"$list"
    if [[ "$listed" == no ]]; then
      echo "skipped, and not listed in $list: $name" >&2
      failed=1
    fi
  done < <(sed -nE 's/^[[:space:]]*[0-9]+ - (.*) \((Skipped|Disabled)\)$/\1/p' "$log")
  return "$failed"
}
