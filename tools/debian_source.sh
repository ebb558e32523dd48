#!/usr/bin/env bash
# Brings the source of a Debian package: the tree that Debian builds, with Debian's patches applied.
#
#     tools/debian_source.sh PACKAGE DIRECTORY
#
# PACKAGE is the name of a source package; its tree is DIRECTORY afterwards. Where that holds one already, nothing is done.
# It is of the release that this machine's packages come from: the entries for binaries in apt's own lists are read as entries for
# sources, in a configuration of our own, so that the machine's stays as it is.
# Exit code 77: it cannot be had here. One line says why.
set -euo pipefail

[[ $# == 2 ]] || { sed -n '2,9p' "$0" >&2; exit 2; }
package=$1
directory=$2

[[ ! -d $directory/debian ]] || exit 0 # which every such tree has

skip() {
  echo "no source of $package: $1"
  exit 77
}

command -v apt-get >/dev/null || skip "there is no apt-get here"
"$(dirname "$0")/packages.sh" dpkg-dev || skip "dpkg-dev cannot be installed"

# Beside the tree to be, so that this appears by a rename: whole, or not at all.
mkdir -p "$(dirname "$directory")"
work=$(mktemp -d "$(realpath "$directory").XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{sources,lists/partial,cache/archives/partial,tree}

# An archive of Debian is told from others by the end of its address (for a list of mirrors: of its file) and by having "main".
address='/debian(-security)?([.]list)?/?'
list='' parts='' # apt's own, by the next line
eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
line="^[[:space:]]*deb(-src)?([[:space:]]+(\\[[^]]*\\][[:space:]]+)?[^[:space:]]*${address}[[:space:]].*[[:space:]]main)"
shopt -s nullglob
for file in "$list" "$parts"/*.list; do
  [[ ! -r $file ]] || sed -nE "s%$line%deb-src\\2%p" "$file"
done >"$work/sources/debian.list"
for file in "$parts"/*.sources; do
  awk -v address="$address" 'BEGIN { RS = ""; ORS = "\n\n" }
    $0 ~ "(^|\n)URIs:[^\n]*" address "([ \t\n]|$)" && /(^|\n)Components:[^\n]*[ \t]main([ \t\n]|$)/ {
      gsub(/Types:[^\n]*/, "Types: deb-src")
      print
    }' "$file"
done >"$work/sources/debian.sources"
[[ -s $work/sources/debian.list || -s $work/sources/debian.sources ]] || skip "no archive of Debian is among apt's sources"

# Without a user of its own for downloads, which could not write here.
options=(-q -o APT::Sandbox::User= -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$work/sources"
  -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache")
get() { (cd "$work/tree" && apt-get "${options[@]}" "$@") >"$work/log" 2>&1; }
why() { grep -m 1 '^[EW]: ' "$work/log" | cut -c 4- || echo "apt-get failed"; }

# One archive that cannot be reached need not be the one that has it; so `source` decides.
get update --error-on=any || unreachable=$(why)
get source --only-source "$package" || skip "${unreachable:-$(why)}"

trees=("$work"/tree/*/debian)
[[ ${#trees[@]} == 1 ]] || skip "apt-get brought ${#trees[@]} trees"
mv -T "$(dirname "${trees[0]}")" "$directory" || [[ -d $directory/debian ]] # of another run at the same time
