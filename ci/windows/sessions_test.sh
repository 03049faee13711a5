#!/usr/bin/env bash
# Sessions between Linux and Windows over the loopback: robosync.exe and robosyncd.exe under wine
# against the programs for Linux, both directions, each end in turn being the server, encrypted with
# a pinned key and not. Contents, names and times must be equal; what the other system cannot have is
# reported and keeps the run from being a success.
#
# Usage: ci/windows/sessions_test.sh [LINUX_BIN [WINDOWS_BIN]]    default build/{release,mingw}/bin
#   ROBOSYNC_WINEPREFIX as for ci/windows/wine.sh; a wineserver must be kept (check-mingw.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."

linux="${1:-build/release/bin}"
windows="${2:-build/mingw/bin}"
wine="$PWD/ci/windows/wine.sh"
work=$(mktemp -d)
server_pid=""
failed=0

complain() {
  echo "FAILED: $1" >&2
  failed=1
}

# As Ctrl-C does; both must end in good order.
stop_server() {
  [[ -n "$server_pid" ]] || return 0
  local pid=$server_pid i
  server_pid=""
  kill -INT -- "-$pid" 2>/dev/null || true
  for ((i = 0; i < 200; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL -- "-$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  grep -q ' stopped' "$work/server.log" || complain "a server did not end in good order"
}
trap 'stop_server; rm -rf "$work"' EXIT

# Under wine a path of this system stands below Z:.
on() {
  local system=$1 program=$2
  shift 2
  if [[ "$system" == windows ]]; then
    timeout 120 "$wine" "$windows/$program.exe" "$@" </dev/null
  else
    timeout 120 "$linux/$program" "$@" </dev/null
  fi
}
path_on() { [[ "$1" == windows ]] && echo "Z:$2" || echo "$2"; }

# start_server SYSTEM FOLDER [OPTION...]: sets $address and $key. The module is called after the folder.
start_server() {
  local system=$1 folder log="$work/server.log" i
  folder=$(path_on "$system" "$2")
  shift 2
  : >"$log"
  set -m
  if [[ "$system" == windows ]]; then
    "$wine" "$windows/robosyncd.exe" --root "$folder" --writable --allow-delete --bind 127.0.0.1:0 "$@" \
      </dev/null 2>"$log" >/dev/null &
  else
    XDG_STATE_HOME="$work/state" "$linux/robosyncd" --root "$folder" --writable --allow-delete \
      --bind 127.0.0.1:0 "$@" </dev/null 2>"$log" >/dev/null &
  fi
  server_pid=$!
  set +m
  for ((i = 0; i < 300; i++)); do
    address=$(sed -nE 's/.* listening on=([0-9.:]+) .*/\1/p' "$log")
    key=$(sed -nE 's/.* key=("[^"]*"|[^ ]*).*/\1/p' "$log")
    [[ -z "$address" ]] || return 0
    sleep 0.1
  done
  cat "$log" >&2
  echo "the server on $system does not start" >&2
  exit 1
}

make_tree() {
  local folder=$1 i
  mkdir -p "$folder/deep/er" "$folder/empty"
  for ((i = 0; i < 60; i++)); do echo "small $i" >"$folder/deep/file$i.txt"; done
  head -c 3000000 /dev/urandom >"$folder/large.bin"
  seq 1 200000 >"$folder/text.txt"
  : >"$folder/nothing"
  echo umlaut >"$folder/n$(printf '\303\244')me with spaces.txt"
  touch -d '2001-02-03 04:05:06.1234567' "$folder/large.bin"
  touch -d '2011-12-13 14:15:16.7654321' "$folder/deep/er"
}

# What must be equal: names, kinds, sizes, times in units of 100 ns; and contents.
facts() { (cd "$1" && find . -mindepth 1 \( -type f -printf '%P f %s %T@\n' -o -type d -printf '%P d\n' \) \
  | sed -E 's/(\.[0-9]{7})[0-9]*$/\1/' | sort); }
same() {
  diff <(facts "$1") <(facts "$2") >&2 && diff -r "$1" "$2" >&2
}

# session SERVER_SYSTEM CLIENT_SYSTEM push|pull tls|plain
session() {
  local server=$1 client=$2 direction=$3 how=$4 there="$work/there" here="$work/here" url options=()
  rm -rf "$there" "$here"
  mkdir -p "$there" "$here"
  if [[ "$direction" == push ]]; then make_tree "$here"; else make_tree "$there"; fi
  if [[ "$how" == plain ]]; then
    start_server "$server" "$there" --plaintext
    url="robosync+tcp://$address/there/"
  else
    start_server "$server" "$there"
    url="robosync://$address/there/"
    options=(--tls-fingerprint "$key")
  fi
  local ends=("$(path_on "$client" "$here")/" "$url")
  [[ "$direction" == push ]] || ends=("$url" "$(path_on "$client" "$here")/")
  local name="$direction, client on $client, server on $server, $how"
  if ! on "$client" robosync mirror "${options[@]}" "${ends[@]}" >"$work/said" 2>&1; then
    cat "$work/said" "$work/server.log" >&2
    complain "$name"
  elif ! same "$here" "$there"; then
    complain "$name: the trees differ"
  elif ! on "$client" robosync copy --json "${options[@]}" "${ends[@]}" >"$work/said" 2>&1 ||
    ! grep -q '"transferred_bytes":0[,}]' "$work/said"; then
    cat "$work/said" >&2
    complain "$name, again"
  else
    echo "ok: $name"
  fi
  stop_server
}

# What Windows cannot have: told by name, and the others arrive.
illegal_names() {
  local there="$work/there" here="$work/here" code=0
  rm -rf "$there" "$here"
  mkdir -p "$there" "$here"
  echo good >"$here/good.txt"
  echo bad >"$here/a:b?.txt"
  echo bad >"$here/aux"
  echo bad >"$here/dot."
  start_server windows "$there" --plaintext
  on linux robosync copy "$here/" "robosync+tcp://$address/there/" >"$work/said" 2>&1 || code=$?
  stop_server
  [[ "$code" == 23 ]] || complain "names that Windows cannot have: exit code $code instead of 23"
  [[ "$(cat "$there/good.txt" 2>/dev/null)" == good ]] || complain "good.txt did not arrive"
  [[ "$(find "$there" -mindepth 1 | wc -l)" == 1 ]] || complain "a bad name arrived"
  for name in 'a:b?.txt' aux dot.; do
    grep -qF -- "$name" "$work/said" || complain "$name is not reported"
  done
  [[ "$failed" == 0 ]] && echo "ok: names that Windows cannot have" || cat "$work/said" >&2
}

# What Windows does not tell of modes and owners changes nothing on the way back, nor do the times that
# it cuts.
modes() {
  local there="$work/there" here="$work/here" url before code=0
  rm -rf "$there" "$here"
  mkdir -p "$there" "$here/private"
  for name in key run private/locked; do echo "$name" >"$here/$name"; done
  touch -d '2001-02-03 04:05:06.123456789' "$here/key" "$here/run"
  chmod 600 "$here/key"
  chmod 4711 "$here/run"
  chmod 440 "$here/private/locked"
  chmod 700 "$here/private"
  all() { find "$here" -printf '%P %m %U:%G %T@ %C@\n' | sort; }
  before=$(all)
  start_server windows "$there" --plaintext
  url="robosync+tcp://$address/there/"
  on linux robosync mirror "$here/" "$url" >"$work/said" 2>&1 || code=$?
  [[ "$code" == 0 ]] || { cat "$work/said" >&2; complain "modes to Windows: exit code $code"; }
  [[ "$(grep -c 'the target is Windows' "$work/said")" == 1 ]] || complain "what Windows does not keep is not told once"
  on linux robosync verify --quick "$url" "$here/" >"$work/said" 2>&1 || code=$?
  [[ "$code" == 0 ]] || { cat "$work/said" >&2; complain "modes are compared with Windows': exit code $code"; }
  on linux robosync copy --json "$url" "$here/" >"$work/said" 2>&1 || code=$?
  [[ "$code" == 0 ]] || complain "modes back from Windows: exit code $code"
  grep -q '"transferred_bytes":0[,}]' "$work/said" || complain "what came back is transferred"
  stop_server
  diff <(echo "$before") <(all) >&2 || complain "what came back from Windows changed something"
  [[ "$failed" == 0 ]] && echo "ok: modes, owners and times stay" || cat "$work/said" >&2
}

# Names that Windows cannot have come back as they were.
mapped_names() {
  local there="$work/there" here="$work/here" back="$work/back" code=0 name
  rm -rf "$there" "$here" "$back"
  mkdir -p "$there" "$here/con" "$back"
  for name in 'a:b?.txt' aux dot. con/nul.txt plain; do echo "$name" >"$here/$name"; done
  start_server windows "$there" --plaintext
  on linux robosync mirror --illegal-names map "$here/" "robosync+tcp://$address/there/" \
    >"$work/said" 2>&1 || code=$?
  on linux robosync mirror --illegal-names map "robosync+tcp://$address/there/" "$back/" \
    >>"$work/said" 2>&1 || code=$?
  stop_server
  [[ "$code" == 0 ]] || complain "mapped names: exit code $code"
  [[ -e "$there/plain" && ! -e "$there/aux" ]] || complain "names are not mapped on Windows"
  same "$here" "$back" || complain "mapped names do not come back"
  [[ "$failed" == 0 ]] && echo "ok: mapped names come back" || cat "$work/said" >&2
}

# What only Windows knows of a file goes from there to there.
native_metadata() {
  local there="$work/there" here="$work/here" direction code=0
  attrib() { timeout 120 "$wine" attrib "$@" </dev/null 2>/dev/null | sed 's/Z:.*//'; }
  for direction in push pull; do
    rm -rf "$there" "$here"
    mkdir -p "$there" "$here"
    local from=$here to=$there ends=()
    [[ "$direction" == push ]] || from=$there to=$here
    echo hidden >"$from/hidden.txt"
    echo plain >"$from/plain.txt"
    attrib +H "Z:$from/hidden.txt"
    start_server windows "$there" --plaintext
    ends=("Z:$here/" "robosync+tcp://$address/there/")
    [[ "$direction" == push ]] || ends=("robosync+tcp://$address/there/" "Z:$here/")
    code=0
    on windows robosync mirror "${ends[@]}" >"$work/said" 2>&1 || code=$?
    stop_server
    [[ "$code" == 0 ]] || { cat "$work/said" >&2; complain "attributes, $direction: exit code $code"; }
    [[ "$(attrib "Z:$from/hidden.txt")" == *H* ]] || complain "wine does not keep a hidden file"
    [[ "$(attrib "Z:$to/hidden.txt")" == *H* ]] || complain "hidden.txt is not hidden, $direction"
    [[ "$(attrib "Z:$to/plain.txt")" != *H* ]] || complain "plain.txt is hidden, $direction"
  done
  [[ "$failed" == 1 ]] || echo "ok: attributes of Windows"
}

wrong_key() {
  local there="$work/there" code=0
  start_server linux "$there"
  on windows robosync ls --tls-fingerprint "SHA256:$(printf 'A%.0s' {1..43})" \
    "robosync://$address/there/" >"$work/said" 2>&1 || code=$?
  stop_server
  [[ "$code" != 0 ]] && grep -q "another key" "$work/said" || {
    cat "$work/said" >&2
    complain "a server with another key"
  }
  echo "ok: a server with another key is refused"
}

for how in tls plain; do
  for direction in push pull; do
    session linux windows "$direction" "$how"
    session windows linux "$direction" "$how"
  done
done
session windows windows push tls
native_metadata
illegal_names
modes
mapped_names
wrong_key
exit "$failed"
