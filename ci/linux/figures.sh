#!/usr/bin/env bash
# Measures the local figures that docs/benchmarking.md quotes: robosync against rsync and cp.
#
# usage: ci/linux/figures.sh [CELL...]     cells: first noop mirror large usr reflink memory
#   ROBOSYNC=path/to/robosync (release build)   default build/release/bin/robosync
#   SCRATCH=dir on the file system to measure   default /dev/shm
#   ROUNDS=n                                    default 5, each round runs every arm once
#   FILES=n                                     default 100000, of 4 KiB, 100 to a directory
#
# Arms are interleaved, forwards and backwards in turn (A B B A), after an untimed warm-up; every
# target is fresh and compared with its source (rsync -n, metadata; robosync verify, content) outside
# the timing. A sample whose tree is wrong ends the script. Only ratios of medians of one run mean
# anything: machines differ and are noisy.
set -euo pipefail
cd "$(dirname "$0")/../.."
ROBOSYNC=$(readlink -f "${ROBOSYNC:-build/release/bin/robosync}")
SCRATCH=${SCRATCH:-/dev/shm}
ROUNDS=${ROUNDS:-5}
FILES=${FILES:-100000}
THREADS=${THREADS:-2}
[ -x "$ROBOSYNC" ] || { echo "no robosync at $ROBOSYNC: build the release preset" >&2; exit 2; }
WORK=$(mktemp -d "$SCRATCH/robosync-figures.XXXXXX")
MOUNTS=()
cleanup() {
  local mount
  for mount in "${MOUNTS[@]}"; do umount "$mount" || true; done
  rm -rf "$WORK"
}
trap cleanup EXIT

robosync_run() { "$ROBOSYNC" "$@" --threads "$THREADS" -q; }
median() { sort -n | awk '{v[NR] = $1} END {print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

# The content a tree must have: a mirror that would change nothing, and equal bytes.
same_tree() {
  local differences
  differences=$(rsync -aHni --delete "$1" "$2")
  [ -z "$differences" ] || { printf 'wrong tree in %s:\n%s\n' "$2" "$differences" >&2; exit 1; }
  "$ROBOSYNC" verify -q "$1" "$2" || { echo "wrong content in $2" >&2; exit 1; }
}

# timed ARM COMMAND...: runs it and keeps the seconds under the arm's name.
timed() {
  local arm=$1 begin end
  shift
  begin=$EPOCHREALTIME
  "$@"
  end=$EPOCHREALTIME
  awk -v a="$begin" -v b="$end" 'BEGIN {printf "%.4f\n", b - a}' >>"$WORK/samples.$arm"
}

# rounds FUNCTION ARM...: calls FUNCTION ARM for each arm, back and forth.
rounds() {
  local step=$1 i arm
  shift
  rm -f "$WORK"/samples.*
  for ((i = 0; i <= ROUNDS; ++i)); do
    local order=("$@")
    if ((i % 2)); then order=(); for arm in "$@"; do order=("$arm" "${order[@]}"); done; fi
    for arm in "${order[@]}"; do "$step" "$arm"; done
    if ((i == 0)); then rm -f "$WORK"/samples.*; fi # the warm-up
  done
}

# row CELL LIMIT PEER: prints one line of the table.
row() {
  local ours theirs
  ours=$(median <"$WORK/samples.robosync")
  theirs=$(median <"$WORK/samples.$3")
  awk -v c="$1" -v l="$2" -v p="$3" -v a="$ours" -v b="$theirs" -v n="$ROUNDS" 'BEGIN {
    printf "%-34s robosync %7.3f s  %-14s %7.3f s  ratio %.3f  (at most %s)  n=%d\n", c, a, p, b, a / b, l, n}'
  printf '    samples robosync: %s\n    samples %s: %s\n' \
    "$(tr '\n' ' ' <"$WORK/samples.robosync")" "$3" "$(tr '\n' ' ' <"$WORK/samples.$3")"
}

make_small() {
  [ -d "$WORK/src" ] && return
  mkdir "$WORK/src"
  (cd "$WORK/src" && for ((d = 0; d < FILES / 100; ++d)); do mkdir -p "d$((d / 100))/s$d"; done)
  head -c $((FILES * 64)) /dev/urandom >"$WORK/noise"
  # 100 files of 4 KiB in each directory, from one stream of noise repeated: what is in them does
  # not matter to any arm.
  find "$WORK/src" -mindepth 2 -type d | while read -r dir; do
    head -c 409600 "$WORK/noise" | split -b 4096 -d -a 3 - "$dir/file"
  done
  rm "$WORK/noise"
}

first_step() {
  local target=$WORK/t.$1
  rm -rf "$target"
  case $1 in
    robosync) timed "$1" robosync_run copy "$WORK/src/" "$target" ;;
    rsync) timed "$1" rsync -a "$WORK/src/" "$target" ;;
    cp) timed "$1" cp -a "$WORK/src" "$target" ;;
  esac
  same_tree "$WORK/src/" "$target/"
  rm -rf "$target"
}
first() {
  make_small
  rounds first_step robosync rsync cp
  row "first copy, $FILES x 4 KiB" 0.28 rsync
  row "first copy, $FILES x 4 KiB" 0.52 cp
}

noop_step() {
  case $1 in
    robosync) timed "$1" robosync_run copy "$WORK/src/" "$WORK/noop" ;;
    rsync) timed "$1" rsync -a "$WORK/src/" "$WORK/noop" ;;
  esac
}
noop() {
  make_small
  cp -a "$WORK/src" "$WORK/noop"
  rounds noop_step robosync rsync
  # A no-op that skipped the enumeration would be fast and wrong: change something deep, and look.
  local deep
  deep=$(find "$WORK/noop" -type f | tail -n 1)
  echo changed >>"$deep"
  robosync_run copy "$WORK/src/" "$WORK/noop"
  same_tree "$WORK/src/" "$WORK/noop/"
  rm -rf "$WORK/noop"
  row "no-op, same tree" 0.50 rsync
}

mirror_step() {
  local target=$WORK/m.$1
  rm -rf "$target"
  cp -a "$WORK/old" "$target"
  case $1 in
    robosync) timed "$1" robosync_run mirror "$WORK/src/" "$target" ;;
    rsync) timed "$1" rsync -a --delete "$WORK/src/" "$target" ;;
  esac
  same_tree "$WORK/src/" "$target/"
  rm -rf "$target"
}
mirror() {
  make_small
  cp -a "$WORK/src" "$WORK/old"
  # Seen from the old tree, of every 100 files one is changed, one is added and one is deleted.
  find "$WORK/old" -type d -name 's*' | while read -r dir; do
    echo changed >>"$dir/file007"
    rm "$dir/file042"
    cp "$dir/file001" "$dir/extra"
  done
  rounds mirror_step robosync rsync
  rm -rf "$WORK/old"
  row "mirror 1% changed, added, deleted" 0.50 rsync
}

large_step() {
  rm -f "$WORK/large.$1"
  case $1 in
    robosync) timed "$1" robosync_run copy "$WORK/large" "$WORK/large.$1" ;;
    cp) timed "$1" cp "$WORK/large" "$WORK/large.$1" ;;
  esac
  cmp "$WORK/large" "$WORK/large.$1"
  rm -f "$WORK/large.$1"
}
large() {
  head -c 2G /dev/urandom >"$WORK/large"
  rounds large_step robosync cp
  rm "$WORK/large"
  row "one 2 GiB file" 1.05 cp
}

usr_step() {
  local target=$WORK/u.$1
  rm -rf "$target"
  case $1 in
    robosync) timed "$1" robosync_run copy -H "$WORK/usr/" "$target" ;;
    rsync) timed "$1" rsync -aH "$WORK/usr/" "$target" ;;
  esac
  same_tree "$WORK/usr/" "$target/"
  rm -rf "$target"
}
usr() {
  mkdir "$WORK/usr"
  rsync -aH ${USR_TREES:-/usr/share /usr/lib} "$WORK/usr/"
  rounds usr_step robosync rsync
  rm -rf "$WORK/usr"
  row "/usr/share + /usr/lib, first copy" 0.40 rsync
}

reflink_step() {
  rm -f "$WORK/mnt/large.$1"
  case $1 in
    robosync) timed "$1" robosync_run copy --reflink always "$WORK/mnt/large" "$WORK/mnt/large.$1" ;;
    cp) timed "$1" cp --reflink=always "$WORK/mnt/large" "$WORK/mnt/large.$1" ;;
  esac
  cmp "$WORK/mnt/large" "$WORK/mnt/large.$1"
}
reflink() {
  local kind=${REFLINK_FS:-xfs}
  truncate -s 6G "$WORK/image"
  "mkfs.$kind" -q "$WORK/image"
  mkdir "$WORK/mnt"
  mount -o loop "$WORK/image" "$WORK/mnt"
  MOUNTS+=("$WORK/mnt")
  head -c 2G /dev/urandom >"$WORK/mnt/large"
  sync -f "$WORK/mnt/large"
  rounds reflink_step robosync cp
  row "2 GiB reflink on $kind" 1.3 cp
}

# Peak resident memory, in KiB: of robosync, and of rsync's three processes together.
memory() {
  make_small
  local ours theirs
  ours=$(/usr/bin/time -f %M "$ROBOSYNC" copy --threads "$THREADS" -q "$WORK/src/" "$WORK/mem" 2>&1)
  rm -rf "$WORK/mem"
  rsync -a "$WORK/src/" "$WORK/mem" &
  local pid=$! peak=0 now
  while kill -0 "$pid" 2>/dev/null; do
    now=$(ps -e -o pid=,ppid=,rss= | awk -v root="$pid" '
      {parent[$1] = $2; rss[$1] = $3}
      END {for (p in rss) {a = p; while (a > 1 && a != root) a = parent[a]; if (a == root) s += rss[p]} print s + 0}')
    ((now <= peak)) || peak=$now
    sleep 0.02
  done
  wait "$pid"
  theirs=$peak
  rm -rf "$WORK/mem"
  printf '%-34s robosync %7d KiB  rsync          %7d KiB  ratio %.3f  (at most 1)\n' \
    "peak memory, $FILES x 4 KiB" "$ours" "$theirs" "$(awk -v a="$ours" -v b="$theirs" 'BEGIN {print a / b}')"
}

cells=("$@")
((${#cells[@]})) || cells=(first noop mirror large usr reflink memory)
printf '%s; %s; %s; scratch %s (%s); %s threads; load %s\n' "$("$ROBOSYNC" --version)" \
  "$(rsync --version | head -n 1)" "$(cp --version | head -n 1)" "$SCRATCH" \
  "$(stat -f -c %T "$SCRATCH")" "$THREADS" "$(cut -d' ' -f1 /proc/loadavg)"
for cell in "${cells[@]}"; do "$cell"; done
