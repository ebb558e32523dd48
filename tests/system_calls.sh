#!/usr/bin/env bash
# Rule 11: an uninterrupted call makes exactly the system calls of the plain one. Runs PROGRAM (system_calls.c) under strace and looks
# at what it calls between its two markers: nothing but the reads, so no allocation that reaches the system, no lock that sleeps.
set -euo pipefail
program=$1
command -v strace >/dev/null || { echo "skipped: there is no strace"; exit 77; }

calls_between_markers() {
  strace -o "$trace" "$program" "$@" || { cat "$trace"; exit 1; }
  sed -n '/^getppid/,/^getppid/p' "$trace" | sed '1d;$d' | sed 's/(.*//' | sort | uniq -c | tr -s ' '
}

trace=$(mktemp)
trap 'rm -f "$trace"' EXIT
strace -o "$trace" true 2>/dev/null || { echo "skipped: strace may not trace here"; exit 77; }

polite=$(calls_between_markers 1000)
libc=$(calls_between_markers 1000 libc)
echo "polite_read, 1,000 times:$polite"
echo "read, 1,000 times:$libc"
[[ $polite == " 1000 read" && $polite == "$libc" ]]

# An interrupt of a thread that is not in a call: one barrier, which orders it with the thread's own stores, and no signal.
interrupt=$(calls_between_markers 100 interrupt)
echo "polite_interrupt of an idle thread, 100 times:" $interrupt
[[ $(echo $interrupt) == "100 membarrier 200 rt_sigprocmask" ]]

wait=$(calls_between_markers 100 wait)
echo "pthread_cond_timedwait, whose time has passed, 100 times:" $wait
[[ $(echo $wait) == "100 futex" ]]

strace -c -o "$trace" "$program" 100000
echo "strace -c of 100,000 calls:"
sed -n '1,6p' "$trace"
# The program's own reads at its start are a few more.
calls=$(awk '$NF == "read" { print $4 }' "$trace")
((calls >= 100000 && calls < 100010))
