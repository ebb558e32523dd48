#!/usr/bin/env bash
# Builds the library with musl, for the tests that want one.
#
#     musl_build.sh SOURCE_DIR BUILD_DIR GENERATOR
#
# Exit code 77: there is no musl-gcc here.
set -euo pipefail

command -v musl-gcc >/dev/null || { echo "skipped: no musl-gcc (Debian: musl-tools)"; exit 77; }
cmake -S "$1" -B "$2" -G "$3" -DCMAKE_TOOLCHAIN_FILE="$1/cmake/musl.cmake" -DCMAKE_BUILD_TYPE=Release -DPOLITE_EXAMPLES=OFF
cmake --build "$2"
