#!/usr/bin/env bash
# The figures of push and pull: robosync against an rsync daemon, over loopback, without encryption,
# in /dev/shm; TLS against plaintext and against rsync over ssh; the bytes a delta puts on the wire; and the
# daemon's memory. Ratios of medians in one run, the arms in turn.
#
# Usage: ci/linux/remote_figures.sh [ROUNDS]     after: cmake --build --preset release
# Environment: ROBOSYNC_BIN_DIR (build/release/bin), CELLS ("small large delta tls memory")
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
"$bin/robosyncd" --config "$work/plain.toml" 2>"$work/plain.log" & pids+=($!)
plain_daemon=$!
"$bin/robosyncd" --config "$work/tls.toml" 2>/dev/null & pids+=($!)
sleep 1
# An ssh server of our own, for rsync.
for name in host user; do ssh-keygen -q -t ed25519 -N '' -f "$work/state/$name"; done
ssh_port=$(port)
cat > "$work/state/sshd_config" <<CONF
ListenAddress 127.0.0.1
Port $ssh_port
HostKey $work/state/host
AuthorizedKeysFile $work/state/user.pub
StrictModes no
UsePAM no
PidFile none
CONF
mkdir -p /run/sshd
/usr/sbin/sshd -D -f "$work/state/sshd_config" & pids+=($!)
printf '%s\n' "Host far" "HostName 127.0.0.1" "Port $ssh_port" "IdentityFile $work/state/user" \
  "StrictHostKeyChecking no" "UserKnownHostsFile /dev/null" "LogLevel ERROR" > "$work/state/ssh_config"
key=$("$bin/robosyncd" fingerprint --config "$work/tls.toml")

r=rsync://127.0.0.1:$rsync_port/w
p=robosync+tcp://127.0.0.1:$plain_port/w
t=robosync://127.0.0.1:$tls_port/w
copy() {
  local tls=()
  [[ "$*" != *robosync://* ]] || tls=(--tls-fingerprint "$key")
  "$bin/robosync" copy -q "${tls[@]}" "$@"
}

# timed COMMAND...: seconds
timed() {
  local start end
  start=$(date +%s%N)
  "$@" > /dev/null
  end=$(date +%s%N)
  awk "BEGIN{printf \"%.3f\n\", ($end-$start)/1e9}"
}
median() { sort -n | awk '{v[NR]=$1} END{print (NR%2)?v[(NR+1)/2]:(v[NR/2]+v[NR/2+1])/2}'; }
# Memory that a virtual machine's host has taken back is slow to touch, for whoever comes first.
warm() { head -c "$(du -sb "$work/src" | cut -f1)" /dev/zero > "$work/warm"; rm "$work/warm"; }
fresh() { rm -rf "$work/dst"; mkdir "$work/dst"; warm; }
keep() { :; }
old() { rm -rf "$work/dst"; cp -a "$work/old" "$work/dst"; warm; }

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

# wire COMMAND...: the bytes in both directions, of the session itself, as the daemon or rsync tells
wire() {
  if [[ $1 == rsync ]]; then
    "$@" --stats | awk '/^Total bytes (sent|received)/ {gsub(",", ""); sum += $4} END {print sum}'
    return
  fi
  "$@" > /dev/null
  sleep 0.5
  awk '/session ended/ {line = $0} END {
    match(line, /received_bytes=[0-9]+/); received = substr(line, RSTART + 15, RLENGTH - 15)
    match(line, / sent_bytes=[0-9]+/); print received + substr(line, RSTART + 12, RLENGTH - 12)}' "$work/plain.log"
}

# peak COMMAND...: what the daemon and its session's worker have resident at most while it runs, in KiB
peak() {
  python3 - "$plain_daemon" "$@" <<'PY'
import subprocess, sys, time
daemon, command = sys.argv[1], sys.argv[2:]
def peak(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0
running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
worker = 0
while running.poll() is None:
    with open(f"/proc/{daemon}/task/{daemon}/children") as children:
        worker = max([worker, *(peak(pid) for pid in children.read().split())])
    time.sleep(0.02)
print(f"daemon {peak(daemon)} KiB, worker {worker} KiB")
sys.exit(running.returncode)
PY
}

printf '%-44s %10s %10s  %s\n' cell robosync other ratio
for what in ${CELLS:-small large delta tls memory}; do
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
      old; ours=$(wire copy "$work/src/" "$p/dst")
      old; theirs=$(wire rsync -a "$work/src/" "$r/dst")
      printf '%-44s %10s %10s  %.3f\n' "the same, bytes on the wire" "$ours" "$theirs" "$(awk "BEGIN{print $ours/$theirs}")"
      ;;
    tls)
      head -c 4G /dev/urandom > "$work/src/f"
      cell "push 4 GiB with TLS against plaintext" fresh "copy $work/src/ $t/dst" "copy $work/src/ $p/dst"
      export RSYNC_RSH="ssh -F $work/state/ssh_config"
      cell "push 4 GiB with TLS against rsync and ssh" fresh "copy $work/src/ $t/dst" "rsync -a $work/src/ far:$work/dst"
      ;;
    memory)
      python3 - "$work/src" <<'PY'
import os, sys
for folder in range(1000):
    path = f"{sys.argv[1]}/{folder:04}"
    os.mkdir(path)
    for number in range(1000):
        with open(f"{path}/file-{number:04}", "wb") as file:
            file.write(b"some content")
PY
      echo "push 1,000,000 files: $(peak "$bin/robosync" copy -q "$work/src/" "$p/dst")"
      echo "push, nothing to do: $(peak "$bin/robosync" copy -q "$work/src/" "$p/dst")"
      rm -rf "$work/dst"
      echo "pull 1,000,000 files: $(peak "$bin/robosync" copy -q "$p/src/" "$work/dst")"
      echo "pull, nothing to do: $(peak "$bin/robosync" copy -q "$p/src/" "$work/dst")"
      ;;
  esac
done
