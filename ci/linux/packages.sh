#!/usr/bin/env bash
# Installs what a job needs on Debian 12 or later, or Ubuntu 24.04 or later. Does nothing, quickly,
# where all of it is there.
#
# Usage: ci/linux/packages.sh GROUP...    groups: build test tidy mingw all
set -euo pipefail

build=(ca-certificates ccache cmake g++ git libarchive-dev libasio-dev libcli11-dev libfmt-dev
       libssl-dev libtomlplusplus-dev libxxhash-dev libzstd-dev mold ninja-build nlohmann-json3-dev
       libgtest-dev libgmock-dev libbenchmark-dev)
test=(acl attr bsdutils btrfs-progs dpkg-dev e2fsprogs mount ntfs-3g openssl procps python3
      python3-jsonschema rsync
      strace systemd util-linux xfsprogs
      iproute2 iptables iputils-ping openssh-client openssh-server rclone)
tidy=(clang-19 clang-format-19 clang-tidy-19 python3)
mingw=(googletest g++-mingw-w64-x86-64-posix wine wine64
       dpkg-dev make perl)

wanted=()
for group in "$@"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    tidy) wanted+=("${tidy[@]}") ;;
    mingw) wanted+=("${mingw[@]}") ;;
    all) wanted+=("${build[@]}" "${test[@]}" "${tidy[@]}" "${mingw[@]}") ;;
    *) echo "usage: $0 build|test|tidy|mingw|all ..." >&2; exit 2 ;;
  esac
done

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ "$status" == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
[[ $(id -u) -eq 0 ]] || as_root=(sudo)
echo "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300
     -o Acquire::Retries=3)
"${apt[@]}" update </dev/null
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null
