#!/usr/bin/env bash
# dlopen of the library into a process with threads, by a program of the same libc.
#
#     late_load.sh COMPILER INCLUDE_DIR BUILD_DIR
set -euo pipefail

command -v "$1" >/dev/null || { echo "skipped: no $1"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" -std=gnu11 -Wall -Wextra -Werror -O1 -I"$2" "$here/late_load.c" -o "$work/late_load" -pthread -ldl
for library in libpolite libpolite_names; do timeout 120 "$work/late_load" "$3/$library.so"; done
