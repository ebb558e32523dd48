#!/usr/bin/env bash
# The Open POSIX Test Suite, what it has on threads, cancellation, conditions and semaphores: each program is built twice, with
# libc's functions and with polite/pthread_cancel.h, and must pass with the header if it passes without.
#
#     posix_test_suite.sh SOURCE INCLUDE_DIR LIBRARY_DIR BUILD_DIR
#
# SOURCE is the tree of Debian's source package posixtestsuite (tools/debian_source.sh). CC names the C compiler. Exit code 77:
# something is missing here.
set -euo pipefail
export LC_ALL=C

[[ $# == 4 ]] || { sed -n '5p' "$0" >&2; exit 2; }
source=$(realpath -m "$1") include=$(realpath -m "$2") library=$(realpath -m "$3") build=$(realpath -m "$4")
cc=${CC:-cc}

skip() { echo "skipped: $1"; exit 77; }
interfaces=$source/conformance/interfaces
[[ -d $interfaces/pthread_cancel ]] || skip "no source of posixtestsuite in $1"
command -v "$cc" >/dev/null || skip "no $cc"

functions=(pthread_{cancel,testcancel,setcancelstate,setcanceltype,cleanup_{push,pop},exit,join,detach,create,self,equal,kill}
  pthread_cond_{init,destroy,wait,timedwait,signal,broadcast} sem_{wait,timedwait,post} sigwait nanosleep)

# What is not kept (ABI.md): these ask for PTHREAD_CANCEL_ASYNCHRONOUS.
not_kept=' pthread_cancel/2-2 pthread_cancel/2-3 pthread_cancel/3-1 pthread_setcanceltype/1-1 '

# These race with themselves, and fail now and then with libc's functions, too, the more so on a busy machine: a signal after its handler
# has been taken away; threads that are taken to wait after a pause; the order in which two children come to wait.
racing=' pthread_cond_init/4-2 pthread_cond_signal/1-1 sem_post/8-1 '

options=(-w -O1 -D_GNU_SOURCE -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -I"$source/include")

# play NAME: builds and runs both; says `as libc`, `better`, `not kept`, `not built` or WRONG.
play() {
  local name=$1 file=$interfaces/$1.c at=$build/${1/\//-} with_libc=0 with_polite=0
  "$cc" "${options[@]}" -I"$(dirname "$file")" "$file" -o "$at.libc" -pthread -lrt 2>/dev/null || { echo "not built: $name"; return; }
  if ! "$cc" "${options[@]}" -include polite/pthread_cancel.h -I"$include" -I"$(dirname "$file")" "$file" -o "$at.polite" \
    -L"$library/link" -L"$library" -Wl,-rpath,"$library" -lpolite -pthread -lrt 2>"$at.log"; then
    echo "WRONG: $name does not build: $(grep -m 1 -E 'error|undefined' "$at.log")"
    return
  fi
  mkdir -p "$at" && cd "$at" # some make files
  timeout 200 "$at.libc" &>/dev/null </dev/null || with_libc=$?
  timeout 200 "$at.polite" &>"$at.log" </dev/null || with_polite=$?
  if [[ $not_kept == *" $name "* ]]; then
    ((with_polite != 0)) && echo "not kept: $name" || echo "WRONG: $name passes, and is said not to"
  elif ((with_polite == 0)); then
    ((with_libc == 0)) && echo "as libc: $name" || echo "better: $name, which is $with_libc with libc"
  elif ((with_libc != 0)); then
    echo "as libc: $name, which is $with_libc"
  elif [[ $racing == *" $name "* ]]; then
    echo "lost its own race: $name"
  else
    echo "WRONG: $name is $with_polite: $(tail -n 1 "$at.log")"
  fi
}
export -f play
export interfaces build include library cc not_kept racing source

mkdir -p "$build"
names=()
for function in "${functions[@]}"; do
  for file in "$interfaces/$function"/[0-9]*.c; do
    ! grep -qE 'main *\(' "$file" || names+=("$function/$(basename "$file" .c)")
  done
done
# Most of them sleep most of the time.
said=$(printf '%s\n' "${names[@]}" | xargs -P 6 -I '{}' bash -c "$(declare -p options); play {}")

grep -E '^(better|lost|not kept|not built|WRONG)' <<<"$said" | sort || true
echo "${#names[@]} programs: $(grep -c '^as libc' <<<"$said") as with libc, $(grep -c '^better' <<<"$said") better," \
  "$(grep -c '^not kept' <<<"$said") not kept, $(grep -c '^WRONG' <<<"$said") wrong"
! grep -q '^WRONG' <<<"$said"
