#!/usr/bin/env bash
# Whether the tests play every call: what the headers declare is compared with the rows of the table. A new call without a row fails
# here, and so does an exception that is none any more.
#
#     calls_complete.sh TEST_EVERY_CALL
set -euo pipefail
export LC_ALL=C

test=${1:?usage: calls_complete.sh TEST_EVERY_CALL}
here=$(cd "$(dirname "$0")" && pwd)
include=$(cd "$here/../../include/polite" && pwd)
failures=0

wrong() {
  echo "not so  $1"
  failures=$((failures + 1))
}

excepted() { awk -v kind="$1" '$1 == kind { print $2 }' "$here/exceptions.txt" | sort; }
has() { grep -qx "$1" <<<"$2"; }

declared_in() { sed -nE 's/^POLITE_API [^(]*\bpolite_([a-z0-9_]+)\(.*/\1/p' "$@"; }

rows=$("$test" --list)
blocked=$(awk '$2 == "blocks" { print $1 }' <<<"$rows" | sort -u)
played=$(awk '{ print $1 }' <<<"$rows" | sort -u)
unblockable=$(excepted unblockable) elsewhere=$(excepted elsewhere) no_point=$(excepted no_point) without=$(excepted header)

declared=
for header in "$include"/*.h; do
  name=$(basename "$header" .h)
  if has "$name" "$without"; then continue; fi
  found=$(declared_in "$header")
  [[ $found ]] || wrong "$name.h declares calls, or is an exception"
  declared+="$found"$'\n'
done
declared=$(sed '/^$/d' <<<"$declared" | sort)

for call in $declared; do
  if has "$call" "$blocked"; then continue; fi
  if has "$call" "$elsewhere" || has "$call" "$no_point"; then continue; fi
  if has "$call" "$played"; then
    has "$call" "$unblockable" || wrong "$call is interrupted while it is blocked, or an exception"
  else
    wrong "$call is in the table, or an exception"
  fi
done

for call in $played; do has "$call" "$declared" || wrong "$call, of the table, is a call"; done
for call in $unblockable $elsewhere $no_point; do has "$call" "$declared" || wrong "$call, an exception, is a call"; done
for call in $unblockable; do ! has "$call" "$blocked" || wrong "$call cannot be blocked by a test"; done
for call in $elsewhere $no_point; do ! has "$call" "$played" || wrong "$call is not in the table"; done
for header in $without; do [[ -e $include/$header.h ]] || wrong "there is a header $header.h"; done
while read -r _ call file; do [[ -e $here/../../$file ]] || wrong "$call is tested in $file"; done < <(grep '^elsewhere ' "$here/exceptions.txt")

echo "$(wc -l <<<"$declared") calls, $(wc -l <<<"$blocked") interrupted while they are blocked; not blocked by any test:" $unblockable
((failures == 0))
