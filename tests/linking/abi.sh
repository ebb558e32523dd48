#!/usr/bin/env bash
# The ABI as text: what the two libraries export, and what the headers say of functions, types and constants.
#
#     abi.sh LIBRARY              compares it with abi.txt and fails if anything differs
#     abi.sh --update LIBRARY     writes abi.txt anew: a change of the ABI is a decision, and this is how it is taken
#
# LIBRARY is libpolite.so; libpolite_names.so is beside it. CC names the C compiler.
set -euo pipefail
export LC_ALL=C

update=
[[ ${1:-} != --update ]] || { update=yes; shift; }
library=${1:?usage: abi.sh [--update] LIBRARY}
here=$(cd "$(dirname "$0")" && pwd)
include=$(cd "$here/../../include" && pwd)
headers=()
for header in "$include"/polite/*.h; do
  [[ $header == *windows.h ]] || headers+=("$header") # these are another system's
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What stands under `#if defined _WIN32` is another system's, up to #else or #endif.
unix_part() {
  awk '/^# *if/ { ++depth } /^#if defined _WIN32/ && !hidden { hidden = depth }
       hidden == depth && /^# *else/ { hidden = 0; next }
       !hidden { print }
       /^# *endif/ { if (hidden == depth) hidden = 0; --depth }' "$@"
}

# The headers without comments.
unix_part "${headers[@]}" | sed -E 's:^/\*.*\*/$::' | awk '
  { line = $0
    while (1) {
      if (inside) { at = index(line, "*/"); if (!at) next; line = substr(line, at + 2); inside = 0 }
      at = index(line, "/*"); if (!at) break
      rest = substr(line, at + 2); end = index(rest, "*/")
      if (end) line = substr(line, 1, at - 1) " " substr(rest, end + 2)
      else { before = substr(line, 1, at - 1); inside = 1; line = before; break } }
    print line }' >"$work/text"

names=$(dirname "$library")/libpolite_names.so

exported() { nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | sort; }

# Each declaration in one line.
functions() {
  awk '/^POLITE_API/ { text = "" } /^POLITE_API/, /;/ { text = text " " $0; if (/;/) { gsub(/ +/, " ", text); print substr(text, 13) } }' \
    "$work/text" | sort
}

constants() {
  { sed -nE 's/^# *define (POLITE_[A-Z0-9_]+) +[-(0-9P].*/\1/p' "$work/text"
    sed -nE 's/^ +(POLITE_[A-Z0-9_]+) = .*/\1/p' "$work/text"; } | grep -v '^POLITE_PLAIN' | sort -u
}

# `TYPE MEMBER` for each member, `TYPE` for the type itself.
members() {
  awk '/^typedef struct [a-z_]+ \{/ { type = $3; inside = 1; print type "_t"; next }
       /^\}/ { inside = 0 }
       inside && /;/ { name = $0; sub(/ *(\[.*)?;.*/, "", name); sub(/.*[ *]/, "", name); print type "_t", name }' "$work/text"
}

numbers() { sed -nE 's/^typedef [a-z0-9_]+ (polite_[a-z_]+);.*/\1/p' "$work/text" | sort -u; }

program() {
  printf '#include <stdio.h>\n#include "polite.h"\n#include "polite/dropin_functions.h"\nint main(void) {\n'
  numbers | sed 's/.*/printf("number & size %zu %s\\n", sizeof(&), (&)-1 < 0 ? "signed" : "unsigned");/'
  local type member
  members | while read -r type member; do
    if [[ -z $member ]]; then
      printf 'printf("struct %s size %%zu alignment %%zu\\n", sizeof(%s), _Alignof(%s));\n' "$type" "$type" "$type"
    else
      printf 'printf("  %s offset %%zu size %%zu\\n", offsetof(%s, %s), sizeof(((%s *)0)->%s));\n' \
        "$member" "$type" "$member" "$type" "$member"
    fi
  done
  constants | sed 's/.*/printf("constant & %lld\\n", (long long)&);/'
  printf 'return 0;\n}\n'
}

program >"$work/abi.c"
"${CC:-cc}" -std=gnu11 -w -I"$include" "$work/abi.c" -o "$work/abi"

# What stands behind plain names is declared by them, in polite/pthread_cancel.h; tests/pthread_cancel/points.sh has an eye on that.
# What is between the libraries is not declared to programs.
{ exported "$library"; exported "$names"; } | sed "s,@.*,," | grep -Ev "^polite_(pthread|private)_" | sort >"$work/exported"
functions | sed -E 's/^([^(]*[ *])?(polite_[a-z0-9_]+)\(.*/\2/' | sort >"$work/declared"
if ! diff --label declared --label exported -u "$work/declared" "$work/exported"; then
  echo "what the headers declare is not what the library exports" >&2
  exit 1
fi

{ exported "$library" | sed 's/^/symbol /'; exported "$names" | sed 's/^/symbol of the names /'; functions | sed 's/^/function /'; "$work/abi"; } >"$work/abi.txt"

if [[ -n $update ]]; then
  cp "$work/abi.txt" "$here/abi.txt"
elif ! diff --label abi.txt --label now -u "$here/abi.txt" "$work/abi.txt"; then
  echo "The ABI is not what tests/linking/abi.txt says. If that is meant: tests/linking/abi.sh --update $library" >&2
  exit 1
fi
