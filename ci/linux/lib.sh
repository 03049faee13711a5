# Sourced by the check scripts: thin wrappers over the CMake presets.

jobs="${ROBOSYNC_JOBS:-$(nproc)}"

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
test_preset() {
  local preset=$1 skips=$2 log
  echo "== $preset: test"
  log=$(mktemp)
  local failed=0
  ctest --preset "$preset" --parallel "$jobs" </dev/null 2>&1 | tee "$log" || failed=1
  check_skips "$log" "$skips" || failed=1
  rm -f "$log"
  return "$failed"
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
