#!/usr/bin/env bash
# Brings Debian packages of another processor, unpacked and not installed.
#
#     tools/debian_packages.sh ARCHITECTURE DIRECTORY PACKAGE...
#
# They are in DIRECTORY afterwards. Where there is one already, nothing is done. They are of the release that this machine's packages come
# from: apt reads the machine's own lists of archives, with state of our own, so that the machine's stays as it is. A package named
# linux-image-… stands for the newest kernel, of which just that is unpacked: its modules are large.
# Exit code 77: they cannot be had here. One line says why.
set -euo pipefail

[[ $# -ge 3 ]] || { sed -n '2,9p' "$0" >&2; exit 2; }
architecture=$1
directory=$2
shift 2

[[ ! -d $directory ]] || exit 0

skip() {
  echo "no packages for $architecture: $1"
  exit 77
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || skip "there is no apt-get here"

# Beside the directory to be, so that this appears by a rename: whole, or not at all.
mkdir -p "$(dirname "$directory")"
work=$(mktemp -d "$(realpath "$directory").XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,packages,tree}
: >"$work/status"

# Without a user of its own for downloads, which could not write here.
options=(-q -o APT::Sandbox::User= -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture"
  -o "Dir::State::lists=$work/lists" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache")
get() { (cd "$work/packages" && apt-get "${options[@]}" "$@") >"$work/log" 2>&1; }
why() { grep -m 1 '^[EW]: ' "$work/log" | cut -c 4- || echo "apt-get failed"; }

# An archive of the machine's that has nothing for this processor is no obstacle; so `download` decides.
get update || unreachable=$(why)
for package; do
  if [[ $package == linux-image-* ]]; then
    package=$(apt-cache "${options[@]}" depends "$package" 2>/dev/null | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1)
    [[ $package ]] || skip "${unreachable:-there is no kernel among its packages}"
  fi
  get download "$package" || skip "${unreachable:-$(why)}"
done
for file in "$work"/packages/*.deb; do
  case ${file##*/} in
    linux-image-*) dpkg-deb --fsys-tarfile "$file" | tar -x -C "$work/tree" ./boot ;;
    *) dpkg-deb -x "$file" "$work/tree" ;;
  esac
done
mv -T "$work/tree" "$directory" || [[ -d $directory ]] # of another run at the same time
