#!/usr/bin/env bash
# Installs a build and has a program find it there: by CMake and by pkg-config, with the DLL and without, and with plain names.
#
#     installed.sh BUILD_DIR TOOLCHAIN_FILE CC [EMULATOR...]
set -euo pipefail
export LC_ALL=C

build=$1 toolchain=$2 cc=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
command -v pkg-config >/dev/null || { echo "skipped: no pkg-config"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"

cmake --install "$build" --prefix "$work/prefix" >/dev/null
cp "$work"/prefix/bin/*.dll "$work/bin"
cat >"$work/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.20)
project(consumer C CXX)
find_package(polite REQUIRED)
add_library(second OBJECT $here/dropin_names.c)
target_compile_definitions(second PRIVATE SECOND)
target_link_libraries(second polite::polite)
add_executable(by_cmake $here/dropin_names.c \$<TARGET_OBJECTS:second>)
target_link_libraries(by_cmake polite::polite)
add_library(second_static OBJECT $here/dropin_names.c)
target_compile_definitions(second_static PRIVATE SECOND)
target_link_libraries(second_static polite::static)
add_executable(by_cmake_static $here/dropin_names.c \$<TARGET_OBJECTS:second_static>)
target_link_libraries(by_cmake_static polite::static)
END
cmake -S "$work" -B "$work/build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$toolchain" -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=BOTH \
  -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$work/bin" >/dev/null
cmake --build "$work/build" >/dev/null

export PKG_CONFIG_LIBDIR=$work/prefix/lib/pkgconfig
read -ra flags <<<"$(pkg-config --cflags --libs polite)"
read -ra static_flags <<<"-static -DPOLITE_STATIC $(pkg-config --static --cflags --libs polite)"
"$cc" -DSECOND -c "$here/dropin_names.c" -o "$work/second.o" "${flags[@]}"
"$cc" "$here/dropin_names.c" "$work/second.o" -o "$work/bin/by_pkg_config" "${flags[@]}"
"$cc" -DSECOND -c "$here/dropin_names.c" -o "$work/second.o" "${static_flags[@]}"
"$cc" "$here/dropin_names.c" "$work/second.o" -o "$work/bin/by_pkg_config_static" "${static_flags[@]}"

failures=0
for program in by_cmake by_cmake_static by_pkg_config by_pkg_config_static; do
  needs=$("${cc%gcc*}objdump" -p "$work/bin/$program.exe" | grep -c 'DLL Name: libpolite' || true)
  expected=1
  [[ $program != *_static ]] || expected=0
  if [[ $needs == "$expected" ]] && (cd "$work/bin" && timeout 60 "$@" "./$program.exe"); then echo "ok      $program"; else
    echo "not so  $program"
    failures=$((failures + 1))
  fi
done
((failures == 0))
