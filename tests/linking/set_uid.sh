#!/usr/bin/env bash
# A set-uid program does not let its caller choose the wake signal.
#
#     set_uid.sh PROGRAM
#
# PROGRAM is wake_signal_of_environment, linked with the static archive. Exit code 77: this cannot be tried here.
set -euo pipefail

program=${1:?usage: set_uid.sh PROGRAM}
export POLITE_WAKE_SIGNAL=10

# expect WHAT ACTUAL EXPECTED
expect() {
  echo "$1: $2"
  [[ $2 == "$3" ]] || { echo "expected: $3" >&2; exit 1; }
}

expect 'by an ordinary program' "$("$program")" '10 ordinary'
[[ $(id -u) == 0 ]] || { echo 'skipped: only root can make a program set-uid root'; exit 77; }
command -v setpriv >/dev/null || { echo 'skipped: no setpriv'; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
install --mode=4755 "$program" "$work/program"
answer=$(setpriv --reuid=65534 --regid=65534 --clear-groups "$work/program")
[[ $answer != *ordinary ]] || { echo "skipped: set-uid has no effect in $work"; exit 77; }
expect 'by a set-uid program' "$answer" "$(kill -l URG) set-uid"
