#!/usr/bin/env bash
# The library as it is installed: programs in C and C++ that find it by find_package and by pkg-config, shared, static, and
# in programs without any shared library.
#
#     installed.sh BUILD_DIR C_COMPILER [C++_COMPILER]
#
# Without a C++ compiler (musl-gcc has none beside it) the C programs alone, by pkg-config alone.
set -euo pipefail

build=$1 cc=$2 cxx=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
for tool in "$cc" pkg-config; do
  command -v "$tool" >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

generator=$(sed -n 's/^CMAKE_GENERATOR:INTERNAL=//p' "$build/CMakeCache.txt")
cmake --install "$build" --prefix "$work/prefix" >/dev/null
package=$(find "$work/prefix" -name polite.pc)
library=$(dirname "$(dirname "$package")")
export PKG_CONFIG_PATH=${package%/*}

# run WHAT PROGRAM
run() {
  [[ $(timeout 60 "$2") == interrupted ]] || { echo "fails: $1" >&2; exit 1; }
  echo "ok  $1"
}

# loads WHAT PROGRAM SOURCE: the library, and that of plain names exactly if the source has some.
loads() {
  local needed expected=libpolite.so.0
  [[ $3 != *dropin* ]] || expected+=' libpolite_names.so.0'
  needed=$(readelf --wide --dynamic "$2" | sed -nE 's/.*NEEDED.*\[(libpolite.*)\]/\1/p' | sort | paste -sd' ')
  [[ $needed == "$expected" ]] || { echo "fails: $1: it is to load $needed, expected $expected" >&2; exit 1; }
}

# by_pkg_config COMPILER SOURCE [OPTION...]
by_pkg_config() {
  local dynamic static
  read -ra dynamic < <(pkg-config --cflags --libs polite)
  read -ra static < <(pkg-config --cflags --libs --static polite)
  "$1" "${@:3}" "$here/consumer/$2" -o "$work/program" "${dynamic[@]}" -Wl,-rpath,"$library" -pthread
  loads "$1 $2, pkg-config, shared" "$work/program" "$2"
  run "$1 $2, pkg-config, shared" "$work/program"
  "$1" "${@:3}" -static -Wl,--fatal-warnings "$here/consumer/$2" -o "$work/program" "${static[@]}"
  if readelf --dynamic "$work/program" | grep NEEDED; then exit 1; fi
  run "$1 $2, pkg-config, without shared libraries" "$work/program"
}

by_pkg_config "$cc" c_program.c
by_pkg_config "$cc" dropin_program.c
[[ -n $cxx ]] || exit 0
by_pkg_config "$cxx" cpp_program.cpp
by_pkg_config "$cxx" facade_program.cpp -std=c++17

cmake -G "$generator" -S "$here/consumer" -B "$work/consumer" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" \
  -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build "$work/consumer" >/dev/null
for program in "$work"/consumer/*_{polite,static}; do
  [[ $program == *_static ]] || loads "find_package, ${program##*/}" "$program" "${program##*/}"
  run "find_package, ${program##*/}" "$program"
done
