#!/usr/bin/env bash
# The figures of push and pull: robosync against an rsync daemon, over loopback, without encryption,
# in /dev/shm; and TLS against plaintext. Ratios of medians in one run, the arms in turn.
#
# Usage: ci/linux/remote_figures.sh [ROUNDS]     after: cmake --build --preset release
# Environment: ROBOSYNC_BIN_DIR (build/release/bin), CELLS ("small large delta tls")
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5}
bin=$(readlink -f "${ROBOSYNC_BIN_DIR:-build/release/bin}")
work=$(mktemp -d /dev/shm/robosync-figures.XXXXXX)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
rsync_port=$(port) plain_port=$(port) tls_port=$(port)
mkdir -p "$work"/{src,dst,state}
cat > "$work/rsyncd.conf" <<CONF
address = 127.0.0.1
port = $rsync_port
use chroot = no
uid = $(id -u)
gid = $(id -g)
[w]
path = $work
read only = no
CONF
daemon_config() {
  cat <<CONF
bind = ["127.0.0.1:$1"]
plaintext = $2
state_dir = "$work/state"
[modules.w]
path = "$work"
read_only = false
allow_delete = true
symlinks = "keep"
uid = $(id -u)
gid = $(id -g)
CONF
}
daemon_config "$plain_port" true > "$work/plain.toml"
daemon_config "$tls_port" false > "$work/tls.toml"
rsync --daemon --no-detach --config="$work/rsyncd.conf" & pids+=($!)
"$bin/robosyncd" --config "$work/plain.toml" 2>/dev/null & pids+=($!)
"$bin/robosyncd" --config "$work/tls.toml" 2>/dev/null & pids+=($!)
sleep 1
key=$("$bin/robosyncd" fingerprint --config "$work/tls.toml")

r=rsync://127.0.0.1:$rsync_port/w
p=robosync+tcp://127.0.0.1:$plain_port/w
t=robosync://127.0.0.1:$tls_port/w
copy() { "$bin/robosync" copy -q --tls-fingerprint "$key" "$@"; }

# timed COMMAND...: seconds
timed() {
  local start end
  start=$(date +%s%N)
  "$@" > /dev/null
  end=$(date +%s%N)
  awk "BEGIN{printf \"%.3f\n\", ($end-$start)/1e9}"
}
median() { sort -n | awk '{v[NR]=$1} END{print (NR%2)?v[(NR+1)/2]:(v[NR/2]+v[NR/2+1])/2}'; }
fresh() { rm -rf "$work/dst"; mkdir "$work/dst"; }
keep() { :; }
old() { rm -rf "$work/dst"; cp -a "$work/old" "$work/dst"; }

# cell NAME PREPARE A B: runs the commands A and B in turn and prints medians and ratio
cell() {
  local name=$1 prepare=$2 a=$3 b=$4
  : > "$work/a"; : > "$work/b"
  for ((i = 0; i < rounds; i++)); do
    $prepare; timed $a >> "$work/a"
    $prepare; timed $b >> "$work/b"
  done
  local ma mb
  ma=$(median < "$work/a") mb=$(median < "$work/b")
  printf '%-44s %8.3f s %8.3f s  %.3f\n' "$name" "$ma" "$mb" "$(awk "BEGIN{print $ma/$mb}")"
}

printf '%-44s %10s %10s  %s\n' cell robosync other ratio
for what in ${CELLS:-small large delta tls}; do
  rm -rf "$work/src" "$work/dst" "$work/old"
  mkdir "$work/src" "$work/dst"
  case $what in
    small)
      rmdir "$work/src"
      "$bin/robosync-parity" generate small-100k --out "$work/src" > /dev/null
      cell "push 100,000 x 4 KiB" fresh "copy $work/src/ $p/dst" "rsync -a $work/src/ $r/dst"
      cell "push, nothing to do" keep "copy $work/src/ $p/dst" "rsync -a $work/src/ $r/dst"
      cell "pull 100,000 x 4 KiB" fresh "copy $p/src/ $work/dst" "rsync -a $r/src/ $work/dst"
      cell "pull, nothing to do" keep "copy $p/src/ $work/dst" "rsync -a $r/src/ $work/dst"
      ;;
    large)
      head -c 4G /dev/urandom > "$work/src/f"
      cell "push 4 GiB" fresh "copy $work/src/ $p/dst" "rsync -a $work/src/ $r/dst"
      cell "pull 4 GiB" fresh "copy $p/src/ $work/dst" "rsync -a $r/src/ $work/dst"
      ;;
    delta)
      mkdir "$work/old"
      head -c 1G /dev/urandom > "$work/old/f"
      python3 - "$work" <<'PY'
import random, sys
random.seed(5)
data = bytearray(open(sys.argv[1] + "/old/f", "rb").read())
for _ in range(len(data) // 100 // 4096):
    at = random.randrange(len(data) - 4096)
    data[at:at + 4096] = random.randbytes(4096)
data[1000:1000] = b"inserted" * 100
open(sys.argv[1] + "/src/f", "wb").write(data)
PY
      touch -d 2001-01-01 "$work/old/f"
      cell "push 1 GiB, 1 % edited" old "copy $work/src/ $p/dst" "rsync -a $work/src/ $r/dst"
      ;;
    tls)
      head -c 4G /dev/urandom > "$work/src/f"
      cell "push 4 GiB with TLS against plaintext" fresh "copy $work/src/ $t/dst" "copy $work/src/ $p/dst"
      ;;
  esac
done
