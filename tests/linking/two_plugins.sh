#!/usr/bin/env bash
# Two plugins that each carry the static archive; one is closed, the other goes on.
#
#     two_plugins.sh COMPILER INCLUDE_DIR BUILD_DIR
set -euo pipefail

command -v "$1" >/dev/null || { echo "skipped: no $1"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options=(-std=gnu11 -Wall -Wextra -Werror -O1 -I"$2")
"$1" "${options[@]}" -fPIC -shared "$here/plugin.c" -o "$work/a.so" "$3/libpolite.a" -Wl,-z,defs -pthread
cp "$work/a.so" "$work/b.so"
"$1" "${options[@]}" "$here/two_plugins.c" -o "$work/two_plugins" -pthread -ldl
for closed in first second; do
  echo "closing the $closed"
  timeout 120 "$work/two_plugins" "$work/a.so" "$work/b.so" $closed
done
