#!/usr/bin/env bash
# Two libraries that are not of one version: the loader says so, and the program does not begin.
#
#     wrong_pair.sh COMPILER INCLUDE_DIR BUILD_DIR
set -euo pipefail
export LC_ALL=C

command -v "$1" >/dev/null || { echo "skipped: no $1"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/pair"
cp "$3/libpolite.so.0" "$3/libpolite_names.so.0" "$work/pair"
"$1" -I"$2" "$here/consumer/dropin_program.c" -o "$work/program" -L"$3/link" -L"$3" -lpolite -Wl,-rpath,"$work/pair" -pthread
[[ $("$work/program") == interrupted ]] || { echo "fails: the right pair" >&2; exit 1; }
echo "ok  the right pair"

sed 's/polite_private_[0-9]*_/polite_private_9_/g' "$3/libpolite_names.so.0" >"$work/pair/libpolite_names.so.0"
if "$work/program" >"$work/out" 2>"$work/log"; then echo "the wrong pair is loaded" >&2; exit 1; fi
grep -q 'polite_private_9_' "$work/log" || { cat "$work/log" >&2; exit 1; }
[[ ! -s $work/out ]] || { echo "the program has begun" >&2; exit 1; }
echo "ok  the wrong pair: $(head -n 1 "$work/log")"
