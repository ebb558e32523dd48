#!/usr/bin/env bash
# Compiles plain_names.c and strict.c in all the ways in which polite/dropin.h may be met, looks at what the object files import,
# and runs the programs. A line for each.
#
#     matrix.sh gcc|clang|musl INCLUDE_DIR LIBRARY_DIR
#
# LIBRARY_DIR is the build directory of a library for that libc. Exit code 77: there is no such compiler here.
set -euo pipefail

family=$1 include=$2 library=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

names='read|write|readv|writev|pread|pwrite|recv|recvfrom|recvmsg|send|sendto|sendmsg|accept|accept4|connect|poll|ppoll|nanosleep|close'
names+='|pselect|clock_nanosleep|sigsuspend|sigwaitinfo|sigtimedwait|waitid|wait4|fsync|fdatasync|msync|tcdrain|lockf|flock'
names+='|preadv|pwritev|preadv2|pwritev2|epoll_wait|epoll_pwait|epoll_pwait2|sendfile|splice|copy_file_range|recvmmsg|sendmmsg'
names+='|ioctl|tcsetattr|mq_receive|mq_send|mq_timedreceive|mq_timedsend|msgrcv|msgsnd|semop|semtimedop'
names+='|open|openat|creat|fcntl|select|pause|wait|waitpid|wait3|sleep|usleep|sigwait'
names+='|sigprocmask|pthread_sigmask|sigaction|signal|system|getaddrinfo|getnameinfo|fclose'
declared=$(tr '|' '\n' <<<"$names" | wc -l) # by this libc
large='creat64 fcntl64 lockf64 open64 openat64 pread64 preadv64 preadv64v2 pwrite64 pwritev64 pwritev64v2 sendfile64'
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wredundant-decls -Wmissing-declarations -Werror)
failures=0

# imports OBJECT: the plain names that an object or a program takes from libc, in one line.
imports() {
  nm --undefined-only --format=just-symbols "$1" | sed 's/@.*//' | grep -Ex "(__)?($names)(64)?(v2)?(_alias)?(_chk)?" | paste -sd' ' || true
}

# polite_imports OBJECT: how many of polite's names it takes.
polite_imports() { nm --undefined-only --format=just-symbols "$1" | grep -cE "^polite_dropin_($names)(@|$)" || true; }

# report WHAT OUTCOME
report() {
  printf '%-86s %s\n' "$1" "$2"
  [[ $2 == ok* ]] || failures=$((failures + 1))
}

# expect OBJECT PLAIN COUNT: says what is wrong with the imports, if anything.
expect() {
  local plain count
  plain=$(imports "$1")
  count=$(polite_imports "$1")
  [[ $plain == "$2" ]] || echo "imports plain: ${plain:-none}, expected: ${2:-none}"
  [[ $count == "$3" ]] || echo "imports $count of polite's names, expected $3"
}

# try PLAIN COMPILER OPTION...: compiles, looks, links, runs.
try() {
  local plain=$1 what="${*:2}" wrong
  what=${what/ -isystem*/}
  shift
  if ! "$@" "${warnings[@]}" -I"$include" -c "$here/plain_names.c" -o "$work/object.o" 2>"$work/log"; then
    report "$what" "does not compile: $(head -n 1 "$work/log")"
    return
  fi
  local count=$declared
  [[ -z $plain ]] || count=$((declared - $(wc -w <<<"$plain")))
  [[ -z $plain || $what != *-D_FORTIFY_SOURCE* ]] || count=$((count + 4)) # the definitions of pread64, pwrite64, open64, openat64
  if [[ $what != *-flto* ]]; then
    wrong=$(expect "$work/object.o" "$plain" $count)
    [[ -z $wrong ]] || { report "$what" "$wrong"; return; }
  fi
  if ! "$@" -x none "$work/object.o" -o "$work/program" -L"$library/link" -L"$library" -Wl,-rpath,"$library" -lpolite -pthread 2>"$work/log"; then
    report "$what" "does not link: $(head -n 1 "$work/log")"
    return
  fi
  if [[ $what == *-flto* ]]; then
    wrong=$(expect "$work/program" "$plain" $count)
    [[ -z $wrong ]] || { report "$what" "$wrong"; return; }
  fi
  if timeout 60 "$work/program" 2>"$work/log"; then report "$what" ok; else report "$what" "fails: $(head -n 1 "$work/log")"; fi
}

# try_strict COMPILER OPTION...
try_strict() {
  local wrong
  if ! "$@" -std=c99 -pedantic-errors "${warnings[@]}" -I"$include" -c "$here/strict.c" -o "$work/object.o" 2>"$work/log"; then
    wrong="does not compile: $(head -n 1 "$work/log")"
  else
    local count=14
    # gcc: definitions take the place of fortified ones whether they are used or not, those of open and openat, too.
    [[ $* != gcc*-D_FORTIFY_SOURCE* ]] || count=16
    wrong=$(expect "$work/object.o" '' $count)
  fi
  report "$* -std=c99 strict" "${wrong:-ok}"
}

# glibc COMPILER C++_COMPILER
glibc() {
  local order fortify compiler
  for compiler in "$1" "$2"; do
    command -v "$compiler" >/dev/null || { echo "skipped: no $compiler"; exit 77; }
  done
  for order in -DDROPIN_FIRST -UDROPIN_FIRST; do
    for fortify in -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE={1,2,3}; do
      try '' "$1" -x c -std=gnu99 -D_GNU_SOURCE -O2 "$fortify" "$order"
      try '' "$2" -x c++ -std=c++11 -O2 "$fortify" "$order"
      try_strict "$1" -O2 "$fortify" "$order"
    done
    try '' "$1" -x c -std=gnu11 -D_GNU_SOURCE -O0 $order
    try '' "$2" -x c++ -std=c++17 -O0 $order
    # Large files: what is plain where, the header says.
    for fortify in -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2; do
      local plain='' macro=-UPLAIN_PREAD
      if [[ $1 == gcc && $order == -U* ]]; then
        macro=-DPLAIN_PREAD plain=$large
      fi
      try "$plain" "$1" -x c -std=gnu11 -D_GNU_SOURCE -O2 -D_FILE_OFFSET_BITS=64 "$fortify" "$order" $macro
      try "$plain" "$2" -x c++ -std=c++17 -O2 -D_FILE_OFFSET_BITS=64 "$fortify" "$order" $macro
    done
  done
}

case $family in
  gcc)
    glibc gcc g++
    for fortify in -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2; do
      try '' gcc -x c -D_GNU_SOURCE -O2 -flto "$fortify"
      try '' g++ -x c++ -O2 -flto "$fortify"
    done
    ;;
  clang) glibc clang clang++ ;;
  musl)
    command -v musl-gcc >/dev/null || { echo "skipped: no musl-gcc"; exit 77; }
    declared=$((declared - 3)) # there are no preadv2 and pwritev2 in musl before 1.2.5, and no epoll_pwait2
    for order in -DDROPIN_FIRST -UDROPIN_FIRST; do
      try_strict musl-gcc -O2 $order -isystem "$library/kernel_headers"
      for level in -O0 -O2; do
        try '' musl-gcc -x c -std=gnu11 -D_GNU_SOURCE $level $order -isystem "$library/kernel_headers"
        try '' musl-gcc -x c -std=gnu11 -D_GNU_SOURCE $level $order -D_FILE_OFFSET_BITS=64 -isystem "$library/kernel_headers"
      done
    done
    ;;
  *) echo "usage: matrix.sh gcc|clang|musl INCLUDE_DIR LIBRARY_DIR" >&2; exit 2 ;;
esac

[[ $failures == 0 ]] || { echo "$failures failed"; exit 1; }
