#!/usr/bin/env bash
# Figures of push over shaped links between two network namespaces, in /dev/shm: robosync against an
# rsync daemon without encryption, cubic for both; on 1 Gbit/s also against iperf3, and TLS against
# plaintext. The arms in turn; ratios of medians. Needs root.
#
# Usage: ci/linux/link_figures.sh [ROUNDS]     after: cmake --build --preset release
# Environment: ROBOSYNC_BIN_DIR (build/release/bin), CELLS ("1gbe 10gbe long lossy")
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-3}
bin=$(readlink -f "${ROBOSYNC_BIN_DIR:-build/release/bin}")
work=$(mktemp -d /dev/shm/robosync-links.XXXXXX)
near=links-$$-a far=links-$$-b
allowed=$(sysctl -n net.ipv4.tcp_allowed_congestion_control)
pids=()
take_down() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; wait "$pid" 2>/dev/null || true; done
  pids=()
  ip netns del "$near" 2>/dev/null || true
  ip netns del "$far" 2>/dev/null || true
}
cleanup() {
  take_down
  sysctl -qw net.ipv4.tcp_allowed_congestion_control="$allowed"
  rm -rf "$work"
}
trap cleanup EXIT

mkdir -p "$work"/dst
cat > "$work/rsyncd.conf" <<CONF
use chroot = no
uid = $(id -u)
gid = $(id -g)
[w]
path = $work/dst
read only = no
CONF
# config PORT PLAINTEXT
config() {
  cat <<CONF
bind = ["10.78.0.2:$1"]
plaintext = $2
state_dir = "$work"
[modules.w]
path = "$work/dst"
allow_anonymous_remote = true
read_only = false
allow_delete = true
symlinks = "keep"
uid = $(id -u)
gid = $(id -g)
CONF
}
config 9031 true > "$work/plain.toml"
config 9032 false > "$work/tls.toml"

# link RATE_MBIT BURST LIMIT DELAY_US LOSS_PERCENT: two namespaces, and a server of each kind
link() {
  take_down
  sysctl -qw net.ipv4.tcp_allowed_congestion_control="$allowed cubic" || true
  ip netns add "$near"
  ip netns add "$far"
  ip link add v0 netns "$near" numtxqueues 1 numrxqueues 1 type veth \
    peer name v0 netns "$far" numtxqueues 1 numrxqueues 1
  local side n=1
  for side in "$near" "$far"; do
    ip -n "$side" addr add 10.78.0.$n/24 dev v0
    ip -n "$side" link set lo up
    ip -n "$side" link set v0 up
    ip netns exec "$side" sysctl -qw net.ipv4.tcp_congestion_control=cubic
    ip netns exec "$side" sysctl -qw net.ipv4.tcp_rmem="4096 131072 67108864" \
      net.ipv4.tcp_wmem="4096 65536 67108864"
    tc -n "$side" qdisc add dev v0 root tbf rate "$1mbit" burst "$2" limit "$3"
    if [[ $4 != 0 ]]; then
      ip netns exec "$side" iptables -t mangle -A PREROUTING -i v0 -j NFQUEUE --queue-num 7
      ip netns exec "$side" "$bin/robosync-parity-delay" 7 "$4" "$5" >/dev/null & pids+=($!)
    fi
    n=$((n + 1))
  done
  ip netns exec "$far" rsync --daemon --no-detach --config="$work/rsyncd.conf" & pids+=($!)
  local kind
  for kind in plain tls; do
    ip netns exec "$far" "$bin/robosyncd" --config "$work/$kind.toml" 2>/dev/null & pids+=($!)
  done
  sleep 1.5
  key=$("$bin/robosyncd" fingerprint --config "$work/tls.toml")
}

# timed COMMAND...: seconds, from the near side
timed() {
  rm -rf "$work/dst"
  mkdir "$work/dst"
  local begin end
  begin=$(date +%s.%N)
  ip netns exec "$near" "$@" >/dev/null
  end=$(date +%s.%N)
  diff -r "$work/src" "$work/dst" >/dev/null || { echo "wrong tree: $*" >&2; exit 1; }
  python3 -c "print($end - $begin)"
}

# arm plain|tls|rsync|iperf OPTIONS...: the seconds of one run; the options are robosync's
arm() {
  local kind=$1
  shift
  case $kind in
    plain) timed "$bin/robosync" copy -q "$@" "$work/src/" robosync+tcp://10.78.0.2/w ;;
    tls) timed "$bin/robosync" copy -q --tls-fingerprint "$key" "$@" "$work/src/" robosync://10.78.0.2:9032/w ;;
    rsync) timed rsync -a "$work/src/" rsync://10.78.0.2/w ;;
    iperf) line_time "$(du -b "$work/src/large" | cut -f1)" ;;
  esac
}

# cell NAME WANTED ONE OTHER OPTIONS...: two arms in turn; the options are robosync's
cell() {
  local name=$1 wanted=$2 one=$3 other=$4 ours=() theirs=() i
  shift 4
  for ((i = 0; i < rounds; ++i)); do
    ours+=("$(arm "$one" "$@")")
    theirs+=("$(arm "$other" "$@")")
  done
  python3 - "$name" "$wanted" "${ours[*]}" "${theirs[*]}" <<'PY'
import statistics, sys
name, wanted = sys.argv[1:3]
a, b = (sorted(map(float, text.split())) for text in sys.argv[3:5])
x, y = statistics.median(a), statistics.median(b)
print(f"{name}: {x:.3f} s ({a[0]:.3f} to {a[-1]:.3f}) against {y:.3f} s ({b[0]:.3f} to {b[-1]:.3f}): "
      f"{x / y:.3f} (wanted: {wanted})", flush=True)
PY
}

# 10,000 files that do not shrink
small() {
  rm -rf "$work/src"
  python3 - "$work/src" <<'PY'
import os, sys
for i in range(100):
    os.makedirs(f"{sys.argv[1]}/{i}")
    for k in range(100):
        with open(f"{sys.argv[1]}/{i}/{k}", "wb") as f:
            f.write(os.urandom(4096))
PY
}
# large BYTES: one file that does not shrink
large() { rm -rf "$work/src"; mkdir "$work/src"; head -c "$1" /dev/urandom > "$work/src/large"; }

# What a TCP connection of iperf3 takes for so many bytes.
line_time() {
  ip netns exec "$far" iperf3 -s -1 >/dev/null & local server=$!
  sleep 0.5
  ip netns exec "$near" iperf3 -c 10.78.0.2 -n "$1" -J |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["end"]["sum_received"]["seconds"])'
  wait "$server"
}

for what in ${CELLS:-1gbe 10gbe long lossy}; do
  case $what in
    1gbe)
      link 984 128k 1500k 0 0
      large 1G
      cell "1 Gbit/s, 1 GiB, against iperf3" 1.04 plain iperf
      cell "1 Gbit/s, 1 GiB, TLS against plaintext" 1.02 tls plain ;;
    10gbe)
      link 9844 4m 8m 0 0
      small
      cell "10 Gbit/s, 10,000 x 4 KiB" 0.50 plain rsync
      large 1G
      cell "10 Gbit/s, 1 GiB" 0.55 plain rsync ;;
    long)
      link 98 128k 1500k 25000 0
      small
      cell "98 Mbit/s, 50 ms, 10,000 x 4 KiB" 0.85 plain rsync ;;
    lossy)
      link 984 128k 1500k 25000 0.1
      large 64M
      cell "1 Gbit/s, 50 ms, 0.1 % loss, 64 MiB, 4 connections" 0.50 plain rsync --connections 4 ;;
    *) echo "no such cell: $what" >&2; exit 2 ;;
  esac
done
