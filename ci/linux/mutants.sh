#!/usr/bin/env bash
# Shows that the tests would notice: each ci/mutants/*.patch takes one guard out of a copy of the
# sources, and at least one of the test programs it names must fail then. Without a mutant they all
# must pass.
#
# Usage: ci/linux/mutants.sh [NAME...]     without a NAME: all of them
#   BUILD=dir   where the copy is built (default: build/mutants)
set -euo pipefail
cd "$(dirname "$0")/../.."
source ci/linux/lib.sh
root=$PWD
build=${BUILD:-build/mutants}
mkdir -p "$build"
copy=$build/source
rm -rf "$copy"
mkdir "$copy"
git ls-files -z --cached --others --exclude-standard | tar --null -T - -cf - | tar -xf - -C "$copy"
cd "$copy"
# A mutant may leave something unused behind.
cmake --preset release -DROBOSYNC_BENCH=OFF -DROBOSYNC_WERROR=OFF >/dev/null

names=("$@")
if [[ $# -eq 0 ]]; then
  for patch in "$root"/ci/mutants/*.patch; do names+=("$(basename "$patch" .patch)"); done
fi

programs_of() { sed -n 's/^Killed by: //p' "$root/ci/mutants/$1.patch"; }

# One after the other: passes(PROGRAM...) is true when all do. A mutant may make a test wait for ever.
passes() {
  local program
  for program in "$@"; do
    timeout 300 "build/release/bin/$program" --gtest_brief=1 >"$program.log" 2>&1 || return 1
  done
}

mapfile -t all < <(for name in "${names[@]}"; do programs_of "$name"; done | tr ' ' '\n' | sort -u)
cmake --build --preset release --target "${all[@]}" >/dev/null
passes "${all[@]}" || { echo "the tests fail without any mutant: ${all[*]}" >&2; exit 1; }

survivors=()
for name in "${names[@]}"; do
  read -ra programs < <(programs_of "$name")
  patch -s -p1 <"$root/ci/mutants/$name.patch"
  if ! cmake --build --preset release --target "${programs[@]}" >build.log 2>&1; then
    tail -n 20 build.log >&2
    echo "$name: does not compile" >&2
    survivors+=("$name")
  elif passes "${programs[@]}"; then
    echo "$name: SURVIVED ${programs[*]}"
    survivors+=("$name")
  else
    killers=$(sed -n 's/^\[  FAILED  \] \([A-Za-z0-9_/.]*\).*/\1/p' ./*_test.log | sort -u | wc -l)
    echo "$name: killed, $killers failing"
  fi
  rm -f ./*_test.log
  patch -s -R -p1 <"$root/ci/mutants/$name.patch"
done
printf '%d of %d mutants killed\n' $((${#names[@]} - ${#survivors[@]})) "${#names[@]}"
[[ ${#survivors[@]} -eq 0 ]]
