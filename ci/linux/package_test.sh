#!/usr/bin/env bash
# Makes the tar.gz and the deb of a build, unpacks and installs them in a scratch folder, and runs the
# programs from there. Run by CTest.
#
# Usage: ci/linux/package_test.sh BUILD_DIR
set -euo pipefail
umask 022
build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() {
  echo "$0: $1" >&2
  exit 1
}

(cd "$build" && cpack --config CPackConfig.cmake -B "$work/packages" >"$work/log" 2>&1) ||
  { cat "$work/log"; fail "cpack"; }
archive=$(echo "$work"/packages/robosync-*-linux-*.tar.gz)
deb=$(echo "$work"/packages/robosync_*.deb)
[[ -f "$archive" && -f "$deb" ]] || fail "made $(ls "$work/packages")"

# try ROOT: the programs below ROOT/bin work and what belongs to them is there.
try() {
  local root=$1 file
  for file in bin/robosync bin/robosyncd bin/robosync-parity lib/systemd/system/robosyncd.service \
    share/doc/robosync/{README.md,LICENSE,docs/cli.md,docs/robocopy.md,examples/robosyncd.toml} \
    share/doc/robosync/licenses/{openssl,zstd,libarchive,gcc-runtime,fmt}.txt \
    share/bash-completion/completions/robosync share/zsh/vendor-completions/_robosync \
    share/fish/vendor_completions.d/robosync.fish; do
    [[ -s "$root/$file" ]] || fail "$root: no $file"
  done
  [[ -z "$(find "$root" -type f -perm /022)" ]] || fail "$root: files that others may write"
  mkdir -p "$work/source/sub"
  echo content >"$work/source/sub/file"
  rm -rf "$work/target"
  "$root/bin/robosync" mirror --quiet "$work/source/" "$work/target"
  "$root/bin/robosync" verify --quiet "$work/source/" "$work/target" || fail "$root: verify"
  [[ "$("$root/bin/robosync" --version)" == robosync\ * ]] || fail "$root: --version"
  # The sample serves nothing until a module is taken out of its comment.
  sed -E "s/^#(\\[modules|path|read_only)/\1/; s|/srv/doc|$work/source|" \
    "$root/share/doc/robosync/examples/robosyncd.toml" >"$work/robosyncd.toml"
  "$root/bin/robosyncd" check-config "$work/robosyncd.toml" ||
    fail "$root: the sample configuration has mistakes"
  "$root/bin/robosync-parity" --version >/dev/null || fail "$root: robosync-parity"
  bash -n "$root/share/bash-completion/completions/robosync"
}

mkdir "$work/tar"
tar -xzf "$archive" -C "$work/tar"
try "$(echo "$work"/tar/robosync-*)"

field() { dpkg-deb --field "$deb" "$1"; }
[[ "$(field Package)" == robosync ]] || fail "Package: $(field Package)"
[[ "$(field Version)" =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "Version: $(field Version)"
[[ "$(field Architecture)" == "$(dpkg --print-architecture)" ]] || fail "Architecture"
[[ "$(field Maintainer)" == *@* && -n "$(field Section)" && -n "$(field Description)" ]] || fail "fields"
[[ "$(field Depends)" == *libc6\ * ]] || fail "Depends: $(field Depends)"
[[ "$(dpkg-deb --contents "$deb" | awk '{print $2}' | sort -u)" == root/root ]] || fail "owners"

# Installed as dpkg does, beside what is installed here, so that the dependencies are looked at.
root="$work/root"
mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers}
cp /var/lib/dpkg/status "$root/var/lib/dpkg/status"
as_root=()
[[ $(id -u) -eq 0 ]] || as_root=(--force-not-root)
dpkg --root="$root" "${as_root[@]}" --force-script-chrootless --log=/dev/null --install "$deb" \
  >"$work/log" 2>&1 || { cat "$work/log"; fail "dpkg does not install $deb"; }
try "$root/usr"
