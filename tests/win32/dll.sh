#!/usr/bin/env bash
# The DLL as a file: what it needs is the system's alone, and what it exports is what the headers declare for Windows.
#
#     dll.sh DLL OBJDUMP CC
set -euo pipefail
export LC_ALL=C

dll=${1:?usage: dll.sh DLL OBJDUMP CC} objdump=$2 cc=$3
include=$(cd "$(dirname "$0")/../../include" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# No runtime library of a compiler's, and one of C's.
needed=$("$objdump" -p "$dll" | sed -nE 's/^\s*DLL Name: (.*)/\L\1/p' | sort -u)
for name in $needed; do
  case $name in
    kernel32.dll | ntdll.dll | ws2_32.dll | msvcrt.dll | ucrtbase.dll | api-ms-win-core-synch-*.dll | api-ms-win-crt-*.dll) ;;
    *)
      echo "not so  it does without $name"
      failures=$((failures + 1))
      ;;
  esac
done

"$objdump" -p "$dll" | awk '/Ordinal\/Name Pointer/ { on = 1; next } NF == 0 { on = 0 } on { print $NF }' | sort >"$work/exported"
printf '#include "polite.h"\n#include "polite/unwind.h"\n' | "$cc" -E -P -U__declspec -D'__declspec(x)=POLITE_DECLARED' -I"$include" - |
  tr '\n' ' ' | tr ';{}' '\n' | sed -nE 's/.*POLITE_DECLARED[^(]*[ *](polite_[a-z0-9_]+) ?\(.*/\1/p' | sort -u >"$work/declared"
if ! diff --label declared --label exported -u "$work/declared" "$work/exported"; then failures=$((failures + 1)); fi

echo "$(wc -l <"$work/exported") functions; needs" $needed
((failures == 0))
