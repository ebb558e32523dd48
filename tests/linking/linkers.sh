#!/usr/bin/env bash
# -lpolite with each linker that is there: a program has to load the library of plain names exactly if it uses one.
#
#     linkers.sh COMPILER INCLUDE_DIR BUILD_DIR
#
# Exit code 77: there is no such compiler.
set -euo pipefail
export LC_ALL=C

cc=$1 include=$2 library=$3
command -v "$cc" >/dev/null || { echo "skipped: no $cc"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
printf 'int main(void) { return 0; }\n' >"$work/empty.c"
# A library of the program's own that uses a name brings it in; that of a program that does not use one itself, too.
printf '#include <polite/dropin.h>\n#include <unistd.h>\nint own(int fd, char *byte) { return (int)read(fd, byte, 1); }\n' >"$work/own.c"

# needed PROGRAM: which of the two it wants to be loaded.
needed() { readelf --wide --dynamic "$1" | sed -nE 's/.*NEEDED.*\[(libpolite.*)\]/\1/p' | paste -sd' '; }

# expect WHAT FILE NEEDED
expect() {
  local found
  found=$(needed "$2")
  if [[ $found == "$3" ]]; then echo "ok      $1: ${found:-none}"; return; fi
  echo "not so  $1: ${found:-none}, expected ${3:-none}"
  failures=$((failures + 1))
}

# try OPTION...: one way of linking. A linker that finds the files by another's name for them fails here.
try() {
  local options=(-I"$include" "$@" -L"$library/link" -L"$library" -Wl,-rpath,"$library")
  "$cc" "${options[@]}" "$here/consumer/c_program.c" -o "$work/plain" -Wl,--no-as-needed -lpolite -pthread
  expect "$*, no plain name" "$work/plain" libpolite.so.0
  "$cc" "${options[@]}" "$here/consumer/dropin_program.c" -o "$work/names" -Wl,--no-as-needed -lpolite -pthread
  expect "$*, plain names" "$work/names" 'libpolite.so.0 libpolite_names.so.0'
  "$cc" "${options[@]}" -Wl,--no-as-needed -lpolite -lpolite_names "$here/consumer/dropin_program.c" -o "$work/early" -pthread
  expect "$* -lpolite -lpolite_names, before a program with plain names" "$work/early" 'libpolite.so.0 libpolite_names.so.0'
  "$cc" "${options[@]}" "$here/consumer/c_program.c" -o "$work/as_needed" -Wl,--as-needed -lpolite -pthread
  expect "$* --as-needed, no plain name" "$work/as_needed" libpolite.so.0
  "$cc" "${options[@]}" "$work/empty.c" -o "$work/empty" -Wl,--as-needed -lpolite
  expect "$* --as-needed, nothing of polite's" "$work/empty" ''
  "$cc" "${options[@]}" -fPIC -shared "$work/own.c" -o "$work/libown.so" -Wl,-z,defs -Wl,--as-needed -lpolite
  expect "$* --as-needed, a library that uses a plain name and nothing else" "$work/libown.so" libpolite_names.so.0
  for program in plain names early as_needed; do
    [[ $(timeout 60 "$work/$program") == interrupted ]] || { echo "not so  $*: $program runs"; failures=$((failures + 1)); }
  done
}

try -O1
for linker in bfd gold lld; do
  printf 'int main(void) { return 0; }\n' >"$work/any.c"
  if "$cc" -fuse-ld=$linker "$work/any.c" -o "$work/any" 2>/dev/null; then try -fuse-ld=$linker; else echo "-       no $linker for $cc"; fi
done
[[ $cc != *gcc* || $cc == musl-gcc ]] || try -O2 -flto
[[ $failures == 0 ]]
