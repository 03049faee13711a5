#!/usr/bin/env bash
# Builds what push and pull need for Windows (OpenSSL, zstd, libarchive) with mingw-w64 from Debian's
# own source packages, as static libraries, once: the prefix is kept outside the build tree under a
# name made from the versions and this recipe. Prints the prefix. Takes a few minutes the first time,
# no time after that.
#
# Usage: ci/windows/third-party.sh [--where]     --where only prints the prefix
#   ROBOSYNC_CACHE_DIR  where the prefix is kept (default ~/.cache/robosync)
set -euo pipefail
cd "$(dirname "$0")/../.."

jobs="${ROBOSYNC_JOBS:-2}"
host=x86_64-w64-mingw32
key=$({
  # An update of one of these for Linux is one for Windows too.
  dpkg-query -W -f='${source:Package} ${source:Version}\n' libssl-dev libzstd-dev libarchive-dev
  "$host-gcc-posix" -dumpfullversion
  cat ci/windows/third-party.sh
} | sha256sum | cut -c1-16)
cache="${ROBOSYNC_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/robosync}"
prefix="$cache/mingw-$key"
if [[ "${1:-}" == --where || -d "$prefix" ]]; then
  echo "$prefix"
  exit 0
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/mingw-building.XXXXXX")
trap 'rm -rf "$work"' EXIT
log="$work/log"
fail() {
  tail -n 40 "$log" >&2
  echo "$0: $1" >&2
  exit 1
}

# Sources by an apt configuration of our own, since a machine's usually has binary packages only.
mkdir -p "$work"/apt/{lists/partial,cache/archives/partial,parts} "$work/src" "$work/prefix"/{include,lib}
: >"$work/apt/status"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# From wherever this machine has its binary packages; what is not Debian's has another key.
apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(ORIGIN)' 'Created-By: Packages' | sort -u |
  while read -r uri suite origin; do
    [[ "$origin" != Debian* ]] || echo "deb-src [signed-by=$keyring] $uri $suite main"
  done >"$work/apt/sources.list"
[[ -s "$work/apt/sources.list" ]] || { echo "$0: apt knows no archive of Debian" >&2; exit 1; }
apt() {
  local tool=$1
  shift
  "apt-$tool" -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts="$work/apt/parts" \
    -o Dir::State::lists="$work/apt/lists" -o Dir::State::status="$work/apt/status" \
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 \
    -o Acquire::Languages=none "$@" </dev/null 2>>"$log"
}
# fetch SOURCE: unpacks it with Debian's patches as $work/src/SOURCE-*. The newest that can be had: a
# mirror may list what it has not got yet.
fetch() {
  local version
  for version in $(apt cache showsrc --only-source "$1" | sed -n 's/^Version: //p' | sort -rVu); do
    if (cd "$work/src" && apt get source "$1=$version" >>"$log"); then
      echo "$1 $version" >>"$work/prefix/versions.txt"
      return
    fi
  done
  fail "no sources of $1"
}

launcher=""
command -v ccache >/dev/null && launcher="ccache "
export CCACHE_BASEDIR="$work" CCACHE_NOHASHDIR=1

# Chains, since a function that is asked whether it failed does not stop at the first fault.
build_openssl() (
  cd "$work/src"/openssl-*/ &&
    # Left out: what TLS 1.3 with its own certificates never uses.
    CC="$launcher$host-gcc-posix" AR=$host-ar RANLIB=$host-ranlib RC=$host-windres \
      perl ./Configure mingw64 --prefix="$work/prefix" --libdir=lib --openssldir=/robosync no-shared \
      no-tests no-legacy no-engine no-dso no-module no-autoload-config no-comp no-dtls no-srp no-ct no-cms no-ts no-cmp \
      no-idea no-camellia no-seed no-bf no-cast no-rc2 no-rc4 no-md4 no-mdc2 no-rmd160 no-whirlpool \
      no-sm2 no-sm3 no-sm4 no-aria &&
    make -j"$jobs" build_libs &&
    make install_dev
)

build_zstd() (
  cd "$work/src"/libzstd-*/lib &&
    make -j"$jobs" libzstd.a CC="$launcher$host-gcc-posix" AR=$host-ar ZSTD_LEGACY_SUPPORT=0 \
      ZSTD_LIB_DICTBUILDER=0 ZSTD_LIB_DEPRECATED=0 &&
    cp libzstd.a "$work/prefix/lib/" &&
    cp zstd.h zstd_errors.h "$work/prefix/include/"
)

build_libarchive() (
  options=()
  for option in OPENSSL MBEDTLS NETTLE LIBB2 LZ4 LZO LZMA ZSTD ZLIB BZip2 LIBXML2 EXPAT PCREPOSIX LIBGCC CNG \
    TAR CPIO CAT XATTR ACL ICONV TEST COVERAGE; do
    options+=("-DENABLE_$option=OFF")
  done
  cd "$work/src"/libarchive-*/ &&
    cmake -S . -B build-mingw -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_SYSTEM_NAME=Windows \
      -DCMAKE_C_COMPILER=$host-gcc-posix -DCMAKE_RC_COMPILER=$host-windres \
      ${launcher:+-DCMAKE_C_COMPILER_LAUNCHER=ccache} -DCMAKE_C_FLAGS="-w" \
      -DCMAKE_FIND_ROOT_PATH="/usr/$host" -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY \
      -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY -DBUILD_TESTING=OFF -DPOSIX_REGEX_LIB=NONE "${options[@]}" &&
    cmake --build build-mingw --parallel "$jobs" --target archive_static &&
    cp build-mingw/libarchive/libarchive*.a "$work/prefix/lib/libarchive.a" &&
    cp libarchive/archive.h libarchive/archive_entry.h "$work/prefix/include/"
)

echo "building OpenSSL, zstd and libarchive for Windows into $prefix" >&2
apt get update || fail "no list of sources"
for source in openssl libzstd libarchive; do fetch "$source"; done
for library in zstd libarchive openssl; do
  "build_$library" >>"$log" 2>&1 || fail "$library does not build"
done
rm -rf "$work/prefix"/lib/{pkgconfig,cmake} "$work/prefix/share"
# Whoever else built the same meanwhile has the same result.
mv -T "$work/prefix" "$prefix" 2>/dev/null || [[ -d "$prefix" ]] || fail "cannot keep $prefix"
echo "$prefix"
