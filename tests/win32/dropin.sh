#!/usr/bin/env bash
# Compiles dropin_names.c in all the ways in which polite/dropin.h may be met, looks at what the object files import, and runs the
# programs. A line for each.
#
#     dropin.sh DLL ARCHIVES INCLUDE CC CXX [EMULATOR...]
#
# ARCHIVES is the directory of the import library and the static ones. clang is tried where it is.
set -euo pipefail
export LC_ALL=C

dll=$1 archives=$2 include=$3 cc=$4 cxx=$5
shift 5
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$dll" "$work"
failures=0
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wredundant-decls -Werror)
names='_?(read|write|_read|_write|sleep|usleep|nanosleep|recv|recvfrom|send|sendto|accept|connect|WSAPoll|getaddrinfo|getnameinfo'
names+='|closesocket|ioctlsocket|WSAEventSelect|WSAAsyncSelect)'

# report WHAT OUTCOME
report() {
  printf '%-100s %s\n' "$1" "$2"
  [[ $2 == ok* ]] || failures=$((failures + 1))
}

# imports OBJECT: the plain names that it takes.
imports() { "${cc%gcc*}nm" -u "$1" 2>/dev/null | awk '{ print $NF }' | sed 's/^__imp_//' | grep -Ex "$names" | paste -sd' ' || true; }

# try RUNS COMPILER OPTION...
try() {
  local runs=$1 what="${*:2}" plain link=(-lpolite_names -l:libpolite.dll.a)
  shift
  what=${what##*/}
  for which in FIRST SECOND; do
    if ! "$@" "${warnings[@]}" -D$which -I"$include" -c "$here/dropin_names.c" -o "$work/$which.o" 2>"$work/log"; then
      report "$what" "does not compile: $(grep -m 1 error "$work/log")"
      return
    fi
    plain=$(imports "$work/$which.o")
    [[ -z $plain ]] || { report "$what" "imports $plain"; return; }
  done
  [[ $what != *POLITE_STATIC* ]] || link=(-lpolite -lntdll -lsynchronization -static)
  if ! "$cxx" "$work/FIRST.o" "$work/SECOND.o" -o "$work/program.exe" -static-libgcc -static-libstdc++ -L"$archives" "${link[@]}" -lws2_32 -static 2>"$work/log"; then
    report "$what" "does not link: $(head -n 1 "$work/log")"
    return
  fi
  [[ $runs == runs ]] || { report "$what" ok; return; }
  if (cd "$work" && timeout 60 "${emulator[@]}" ./program.exe >/dev/null 2>"$work/log"); then report "$what" "ok, and runs"; else
    report "$what" "fails: $(head -n 1 "$work/log")"
  fi
}
emulator=("$@")

for first in -DDROPIN_FIRST -UDROPIN_FIRST; do
  for fortify in -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2; do
    try compiles "$cc" -x c -std=c99 -O2 $first $fortify
    try runs "$cc" -x c -std=gnu11 -O2 $first $fortify
    try compiles "$cxx" -x c++ -std=c++11 -O2 $first $fortify
    try runs "$cxx" -x c++ -std=gnu++17 -O2 $first $fortify
  done
  try compiles "$cc" -x c -std=gnu11 -O0 $first
done
try compiles "$cc" -x c -std=gnu11 -O2 -D_WIN32_WINNT=0x0601 -DUNICODE
try runs "$cc" -x c -std=gnu11 -O2 -DPOLITE_STATIC
if command -v clang >/dev/null && target=$("$cc" -dumpmachine); then
  for first in -DDROPIN_FIRST -UDROPIN_FIRST; do
    try runs clang --target="$target" -x c -std=gnu11 -O2 $first
    try compiles clang --target="$target" -x c -std=c99 -O2 $first
    try runs clang --target="$target" -x c++ -nostdinc++ -std=c++17 -O2 $first
  done
else
  echo "skipped: no clang"
fi
((failures == 0))
