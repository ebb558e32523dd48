#!/usr/bin/env bash
# mksquashfs, a program that was written for pthread_cancel: unchanged, built with libc's cancellation and with polite's.
#
#     squashfs.sh SOURCE INCLUDE_DIR LIBRARY_DIR BUILD_DIR
#
# SOURCE is the tree of Debian's source package squashfs-tools (tools/debian_source.sh); it is copied, and built in BUILD_DIR.
# CC names the C compiler; make and zlib1g-dev are needed. Exit code 77: something is missing here.
#
# When mksquashfs appends to an image and is told to stop (SIGINT and SIGTERM, or an error of its own), one of its threads cancels
# all others, the main one too, joins them, and puts the old image back. The threads sit in pthread_cond_wait, read or waitpid, or
# work. Here it is stopped at many moments, each made certain: what it appends ends in a command that never ends, so it
# is never too late, and a moment is a state of its threads or a size of the image. Whenever that was, all threads must have ended
# by the cancellation, the image must be the old one byte for byte, and the exit status 1.
set -euo pipefail
export LC_ALL=C

[[ $# == 4 ]] || { sed -n '4p' "$0" >&2; exit 2; }
source=$1 include=$(realpath -m "$2") library=$(realpath -m "$3") build=$(realpath -m "$4")
here=$(cd "$(dirname "$0")" && pwd)
cc=${CC:-cc}

skip() { echo "skipped: $1"; exit 77; }
wrong() { echo "WRONG: $1" >&2; exit 1; }

[[ -f $source/squashfs-tools/restore.c ]] || skip "no source of squashfs-tools in $source"
command -v make >/dev/null || skip "no make"
command -v "$cc" >/dev/null || skip "no $cc"
printf '#include <zlib.h>\n' | "$cc" -E - >/dev/null 2>&1 || skip "no zlib.h (Debian: zlib1g-dev)"
sleep 60 &
readable=yes
read -r _ 2>/dev/null <"/proc/$!/task/$!/syscall" || readable=
kill -KILL $!
wait $! 2>/dev/null || true
[[ -n $readable ]] || skip "no /proc/PID/task/TID/syscall, which tells where threads wait"

work=$(mktemp -d)
pid=
stop() {
  [[ -z $pid ]] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT

# ---- Two builds ----

# The options of Debian's build that make a difference to a header, and the places that the program's makefile has for more.
options='-O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fgnu89-inline'

# build NAME CFLAGS LDFLAGS TARGET...
build() {
  mkdir -p "$build"
  rm -rf "${build:?}/$1"
  cp -r "$source/squashfs-tools" "$build/$1"
  CFLAGS=$options make -C "$build/$1" -j2 CC="$cc" EXTRA_CFLAGS="$2" EXTRA_LDFLAGS="$3" "${@:4}" &>"$build/$1.log" ||
    { grep -m 20 -E 'error|undefined' "$build/$1.log" >&2; wrong "the build '$1' fails"; }
  ! grep -h 'warning:' "$build/$1.log" || wrong "the build '$1' has warnings"
  local prefix=
  [[ $1 == libc ]] || prefix=polite_
  "$cc" -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -DCANCEL=${prefix}pthread_cancel -DJOIN=${prefix}pthread_join -fPIC -shared \
    "$here/count_cancels.c" -o "$build/$1/count_cancels.so" -pthread -ldl
}

# imports NAME PATTERN: what that program takes from libraries, in one line.
imports() {
  nm --undefined-only --format=just-symbols "$build/$1/mksquashfs" | sed 's/@.*//' | grep -Ex "$2" | paste -sd' ' || true
}

of_libc='(__)?pthread_(cancel|testcancel|setcancel(state|type)|(un)?register_cancel.*|unwind_next|create|join|exit|cond_.*)'
of_libc+='|read|(__)?(read|open)(64)?(_chk|_2)?|waitpid|sigwait|nanosleep'

# Its makefile has these options before the objects: too early for the linker to see that names are used.
build libc '' '' mksquashfs unsquashfs
build polite "-I$include -include polite/pthread_cancel.h" "-L$library/link -L$library -Wl,-rpath,$library -Wl,--no-as-needed -lpolite -lpolite_names" mksquashfs
echo "libc's mksquashfs takes from libc:     $(imports libc "$of_libc")"
echo "polite's mksquashfs takes from libc:   $(imports polite "$of_libc")"
echo "polite's mksquashfs takes from polite: $(imports polite 'polite_.*')"
[[ -n $(imports libc "$of_libc") ]] || wrong "nm shows nothing of a program that cancels threads"
[[ -z $(imports polite "$of_libc") ]] || wrong "the build with the header has cancellation of libc's"
for name in pthread_cancel pthread_testcancel pthread_join pthread_cond_wait; do
  [[ -n $(imports polite "polite_$name") ]] || wrong "the build with the header does not take polite_$name"
done

# ---- What there is to do ----

# Much that cannot be compressed, so that the image's size says how far it is; text, which takes long; many small files, which
# go another way (fragments); and a file that is there twice, which makes it read its own image.
mkdir "$work/old" "$work/new"
head -c 3000000 /dev/urandom >"$work/old/noise"
seq 100000 >"$work/old/text"
noise=0
for part in 1 2 3 4 5; do
  mkdir "$work/new/$part"
  head -c 6000000 /dev/urandom >"$work/new/$part/noise"
  noise=$((noise + 6000000))
  seq ${part}00000 ${part}99999 >"$work/new/$part/text"
  for ((i = 0; i < 200; i++)); do echo "file $i of part $part" >"$work/new/$part/small.$i"; done
done
cp "$work/new/2/noise" "$work/new/4/twice"
# Few processors and short queues: so threads wait for one another in all places.
always=(-processors 2 -mem 16M -no-progress -recovery-path "$work")
threads=10 # that are canceled: 3 kinds of workers for each processor, and the reader, main, orderer and writer
"$build/libc/mksquashfs" "$work/old" "$work/old.image" "${always[@]}" >/dev/null
old_size=$(stat -c %s "$work/old.image")
mkfifo "$work/never"
mkdir "$work/all"
cp -r "$work/old/." "$work/new/." "$work/all"
echo the end >"$work/all/zz"

# ---- A run ----

# start NAME COMMAND [OPTION...]: begins to append all of that and, as the last file, what the command writes. No file may become
# larger than $limit (in KiB).
limit=unlimited
start() {
  rm -f "$work/cancels"
  cp "$work/old.image" "$work/image"
  exec {never}<>"$work/never"
  (
    trap '' XFSZ # so that a write beyond the limit fails
    ulimit -f "$limit"
    CANCELS_REPORT=$work/cancels LD_PRELOAD=$build/$1/count_cancels.so exec "$build/$1/mksquashfs" "$work/new" "$work/image" \
      "${always[@]}" -p "zz f 644 0 0 $2" "${@:3}" >"$work/out" 2>"$work/err" {never}>&-
  ) &
  pid=$!
}

has_ended() { ! kill -0 "$pid" 2>/dev/null; }

# look: leaves in $calls what the process's threads sleep in, the main thread's first, by the numbers of x86-64.
look() {
  local task number
  calls=' '
  for task in "/proc/$pid/task/"*; do
    read -r number _ 2>/dev/null <"$task/syscall" || number=gone
    case $number in
      0) calls+='read ' ;;
      35 | 230) calls+='nanosleep ' ;;
      61 | 247) calls+='waitpid ' ;;
      128) calls+='sigwait ' ;;
      202) calls+='futex ' ;;
      *) calls+="$number " ;; # or "running"
    esac
  done
}

# Conditions to wait for.
a_thread_sleeps_in() { look; [[ $calls != *running* && $calls != *gone* && $calls == *" $1 "* ]]; }
main_sleeps_in() { look; [[ $calls == " $1 "* ]]; }
image_has() { (($(stat -c %s "$work/image") >= $1)); }

# stuck WHAT
stuck() {
  look
  cat "$work/err" >&2
  wrong "$1; its threads are in:$calls"
}

# until_it CONDITION...: waits until that is true of the running process.
until_it() {
  local began=$SECONDS
  until "$@"; do
    ! has_ended || { cat "$work/err" >&2; wrong "mksquashfs ended before this was true: $*"; }
    ((SECONDS - began < 60)) || stuck "never true: $*"
    sleep 0.002
  done
}

# await_end WHAT: waits for the process's end, and leaves its $status.
await_end() {
  local began=$SECONDS
  until has_ended; do
    ((SECONDS - began < 60)) || stuck "$1: it does not end"
    sleep 0.002
  done
  status=0
  wait "$pid" || status=$?
  pid=
  exec {never}>&-
}

# stopped WHAT [BY_THEMSELVES]: waits for its end, compares everything, and counts. So many threads are to have ended by
# themselves, the others by their cancels. For one that has ended pthread_cancel may say ESRCH; libc says 0.
stopped() {
  local cancels refused canceled gone errors own=${2:-0}
  await_end "$1"
  [[ $status == 1 ]] || { cat "$work/err" >&2; wrong "$1: status $status"; }
  grep -q '^Exiting - restoring original filesystem' "$work/err" || wrong "$1: it has not said that it restores"
  read -r cancels refused canceled gone errors <"$work/cancels" || wrong "$1: it has canceled nothing"
  [[ "$cancels $canceled $gone $errors" == "$threads $((threads - own)) $own 0" && $refused -le $own ]] ||
    wrong "$1: $cancels cancels ($refused refused), $canceled threads canceled, $gone ended by themselves, $errors errors"
  cmp "$work/old.image" "$work/image" >&2 || wrong "$1: the image is not the old one"
  [[ -z $(find "$work" -name 'squashfs_recovery_*') ]] || wrong "$1: its recovery file is still there"
  runs=$((runs + 1)) all_canceled=$((all_canceled + canceled)) all_gone=$((all_gone + gone))
}

# tell: stops it. It wants to be told twice; both signals are blocked, and a thread that waits for them takes one after the other.
# Counts what the threads were in, but for those in a nanosleep or sigwait: such are not canceled, but for the main one once.
tell() {
  local call
  look
  kill -INT "$pid"
  kill -TERM "$pid"
  for call in $calls; do
    case $call in
      nanosleep | sigwait) ;;
      futex) in_futex=$((in_futex + 1)) ;;
      read) in_read=$((in_read + 1)) ;;
      waitpid) in_waitpid=$((in_waitpid + 1)) ;;
      *) at_work=$((at_work + 1)) ;;
    esac
  done
}

# try NAME: all of it with one build.
try() {
  local i percent name=$1 endless="cat $work/never"
  runs=0 all_canceled=0 all_gone=0 in_futex=0 in_read=0 in_waitpid=0 at_work=0

  for i in 1 2 3; do
    start "$name" "$endless"
    until_it a_thread_sleeps_in read
    tell
    stopped "$name, the reader in read"
  done

  # The command gives its end of the pipe away: all descriptors that it can have it by.
  for i in 1 2 3; do
    start "$name" "exec >&- 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; $endless >/dev/null"
    until_it a_thread_sleeps_in waitpid
    tell
    stopped "$name, the reader in waitpid"
  done

  # The program has a handler for SIGALRM that sleeps, for a second here.
  start "$name" "$endless" -throttle 10
  until_it a_thread_sleeps_in read
  until_it main_sleeps_in futex
  kill -ALRM "$pid"
  until_it main_sleeps_in nanosleep
  tell
  stopped "$name, the main thread in a signal handler on top of pthread_cond_wait"

  for percent in 1 5 10 20 30 40 50 60 70 80 90 99; do
    start "$name" "$endless"
    until_it image_has $((old_size + noise * percent / 100))
    tell
    stopped "$name, at $percent per cent"
  done

  # Its writer fails, asks the thread that cancels to do so, and ends.
  for limit in 6000 12000 24000; do
    start "$name" "$endless"
    stopped "$name, failing at $limit KiB" 1
    grep -q 'Write failed because File too large' "$work/err" || wrong "$name, failing at $limit KiB: it did not fail"
  done
  limit=unlimited

  # And when nobody stops it, it does its work.
  start "$name" "echo the end"
  await_end "$name, not stopped"
  [[ $status == 0 ]] || { cat "$work/err" >&2; wrong "$name, not stopped: status $status"; }
  rm -rf "$work/extracted"
  "$build/libc/unsquashfs" -no-progress -dest "$work/extracted" "$work/image" >"$work/out" 2>&1 ||
    wrong "$name, not stopped: the image is bad"
  diff -r "$work/all" "$work/extracted" >&2 || wrong "$name, not stopped: the image has other files"
}

for name in libc polite; do
  try $name
  echo "$name: $runs appends stopped, $runs images restored byte for byte; $all_canceled threads canceled, $all_gone had ended;" \
    "of all these $in_read sat in read, $in_waitpid in waitpid, $in_futex in a futex (conditions), $at_work were at work"
done
