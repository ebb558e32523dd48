#!/usr/bin/env bash
# Builds the benchmarks, runs them, and sets their figures against the bars.
#
#     tools/bench.sh [PROCESSES]
#     tools/bench.sh win32 [PROCESSES]    on Wine, beside Windows's own calls: the ratios mean something, the times little
#
# Where the system puts libraries and stacks, and so what shares a line of a cache, changes from process to process, and shows in calls
# of 70 ns. So what calls cost is measured in several processes (default 21), and the figure is the median of theirs.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

system=unix
if [[ ${1-} == win32 ]]; then
  system=win32
  shift
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ---- Build ----

build() {
  {
    cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DPOLITE_BENCHMARKS=ON -DPOLITE_EXAMPLES=OFF "$@" &&
      cmake --build "$build" --target benchmarks
  } >"$work/build" 2>&1 || {
    cat "$work/build"
    echo "The build failed." >&2
    exit 1
  }
}

case $system in
  unix)
    processes=${1:-21}
    build=build/bench
    [[ ! -x tools/packages.sh ]] || tools/packages.sh cmake ninja-build g++ libbenchmark-dev
    build
    start() { "$build/bench/benchmark_$1" "${@:2}"; }
    ;;
  win32)
    processes=${1:-5}
    build=build/win32-bench
    tools/packages.sh cmake ninja-build g++-mingw-w64-x86-64-posix wine64
    tools/debian_source.sh benchmark build/sources/benchmark
    build --preset win32
    start() { tools/on_wine.sh build/wine wine64 "$build/bin/benchmark_$1.exe" "${@:2}"; }
    ;;
esac

# ---- Run ----

# note TEXT: what is going on, if somebody looks.
note() { [[ ! -t 2 ]] || printf '\r%-60s\r%s' "" "$1" >&2; }

# run SUBJECT NUMBER: one process.
run() {
  local out=$work/$1.$2.json
  if ! start "$1" --benchmark_out="$out" --benchmark_out_format=json >"$work/log" 2>&1; then
    cat "$work/log"
    echo "benchmark_$1 failed." >&2
    exit 1
  fi
  sed -i 's/\r$//' "$out" # the ends of Windows's lines
  # One that could not be measured here (on a single processor, or without the right to 5,000 threads) has no figures.
  grep -h '"error_message"' "$out" >&2 || true
}

for ((process = 1; process <= processes; ++process)); do
  note "calls: process $process of $processes"
  run calls "$process"
  [[ $system == win32 ]] || run facade "$process"
done
note "threads: interrupting, canceling, attaching"
run interrupts 1
[[ $system == win32 ]] || run memory 1
note ""

# ---- Figures ----

# figure BENCHMARK COUNTER: the median over all processes. BENCHMARK is a regular expression.
figure() {
  # Google Benchmark writes a line for each name and each counter.
  awk -v benchmark="^($1)(/|\$)" -v counter="$2" -F '[":, ]+' '
    $2 == "name" { inside = $3 ~ benchmark }
    inside && $2 == counter { print $3 }' "$work"/*.json | sort -g |
    awk '{ value[NR] = $1 } END { print NR ? value[int((NR + 1) / 2)] : "none" }'
}

row() { printf '%-66s %12s   %-18s %s\n' "$@"; }

# line WHAT FORMAT FIGURE [BAR [AIM]]: the figure as it is shown is what is held against the bar.
line() {
  local shown met="" bar=${4:-}
  # shellcheck disable=SC2059 # the format is the caller's
  [[ $3 == none ]] && shown=none || shown=$(printf "$2" "$3")
  [[ -z $bar || $shown == none ]] || met=$(awk -v figure="$shown" -v bar="$bar" 'BEGIN { print figure + 0 <= bar + 0 ? "yes" : "no" }')
  row "$1" "$shown" "$bar${5:+ (aim $5)}" "$met"
}

quotient() { awk -v a="$1" -v b="$2" 'BEGIN { print a == "none" || b == "none" ? "none" : a / b }'; }

unix_figures() {
  local process read bar who mutex place latency count
  for process in with without; do
    read=read_${process}_threads
    line "uninterrupted read, process $process threads / the bare instruction" %.3f "$(figure "$read" ratio_to_bare)" 1.05 1.03
    line "  / the same instruction in a library's function" %.3f "$(figure "$read" ratio_to_bare_in_library)"
    [[ $process == with ]] && bar=0.90 || bar=
    line "  / libc's" %.3f "$(figure "$read" ratio_to_libc)" $bar
    for who in polite bare libc; do
      line "  ns: $who, $process threads" %.1f "$(figure "read_${process}_threads" "${who}_ns")"
    done
  done
  line "checkpoint, ns" %.2f "$(figure checkpoint polite_ns)" 1.0
  line "checkpoint / pthread_testcancel" %.2f "$(figure checkpoint ratio_to_testcancel)" 2
  line "  of these, a call of any function in a library" %.2f "$(figure checkpoint nothing_ns)"
  line "shield entered and left, ns" %.2f "$(figure shield polite_ns)" 3
  line "shield entered and left / pthread_setcancelstate twice" %.2f "$(figure shield ratio_to_setcancelstate)"
  line "  of these, two calls of any function in a library" %.2f "$(figure shield nothing_ns)"
  line "cleanup handler pushed and popped, ns" %.2f "$(figure cleanup polite_ns)" 4
  line "  of these, two calls of any function in a library" %.2f "$(figure cleanup nothing_ns)"
  line "polite_call of a function that does nothing, ns" %.2f "$(figure call polite_ns)" 30
  line "  of these, setjmp" %.2f "$(figure call setjmp_ns)"
  for process in with without; do
    mutex=mutex_${process}_threads
    line "mutex locked and unlocked, process $process threads / pthread_mutex" %.3f "$(figure "$mutex" ratio_to_pthread)" 1.2
    line "  ns: polite" %.1f "$(figure "$mutex" polite_ns)"
    line "  ns: pthread_mutex" %.1f "$(figure "$mutex" pthread_ns)"
  done
  for place in other same; do
    latency=interrupt_latency/$place
    line "interrupt to return / pthread_cancel to cleanup, $place processor" %.3f "$(figure "$latency" ratio_to_cancel)" 1.1
    line "  ns: polite" %.0f "$(figure "$latency" polite_ns)"
    line "  ns: pthread_cancel" %.0f "$(figure "$latency" cancel_ns)"
  done
  for count in 1 100 5000; do
    line "interrupt and join $count blocked / pthread_cancel and join" %.3f "$(figure "join_all/$count" ratio_to_cancel)"
    line "  ns for each: polite" %.0f "$(quotient "$(figure "join_all/$count" polite_ns)" "$count")"
  done
  line "request posted to an idle thread and withdrawn, ns" %.0f "$(figure request polite_ns)"
  line "C++: throwing read / polite_read" %.3f "$(figure throwing_read ratio_to_c)"
  line "C++: read with an error code / polite_read" %.3f "$(figure telling_read ratio_to_c)"
  line "  polite_read / itself, measured in the same way" %.3f "$(figure c_against_itself ratio_to_itself)"
  line "C++: checkpoint / polite_checkpoint" %.2f "$(figure facade_checkpoint ratio_to_c)"
  line "  ns: C++" %.2f "$(figure facade_checkpoint throwing_ns)"
  line "C++: stop_binding made and ended, ns" %.1f "$(figure stop_binding binding_ns)"
  line "  of these, a std::stop_callback" %.1f "$(figure stop_binding callback_ns)"
  line "memory for each attached thread, bytes" %.0f "$(figure attached_threads bytes_per_thread)" 256
  line "descriptors for 4,079 attached threads" %.0f "$(figure attached_threads descriptors)" 0
}

win32_figures() {
  local what where
  one_byte() {
    line "a byte that need not wait: polite_$1 / $2" %.2f "$(figure "$1_byte" ratio_to_windows)"
    line "  ns: polite" %.0f "$(figure "$1_byte" polite_ns)"
  }
  one_byte read ReadFile
  one_byte write WriteFile
  one_byte recv recv
  one_byte send send
  for what in throughput_into_room throughput_to_a_reader; do
    case $what in
      *room) where="a pipe with room, nobody waiting" ;;
      *) where="a pipe with a reader that waits" ;;
    esac
    line "pieces of 4 KiB into $where / WriteFile" %.2f "$(figure $what ratio_to_windows)"
    line "  MB/s: polite" %.0f "$(quotient 4096e3 "$(figure $what polite_ns)")"
    line "  MB/s: WriteFile" %.0f "$(quotient 4096e3 "$(figure $what windows_ns)")"
  done
  line "checkpoint, ns" %.2f "$(figure checkpoint polite_ns)"
  line "shield entered and left, ns" %.2f "$(figure shield polite_ns)"
  line "mutex locked and unlocked / SRWLOCK" %.2f "$(figure mutex ratio_to_windows)"
  line "interrupt to return, a read / CancelSynchronousIo" %.2f "$(figure interrupt_read ratio_to_windows)"
  line "  ns: polite" %.0f "$(figure interrupt_read polite_ns)"
  line "interrupt to return, polite_park / SetEvent" %.2f "$(figure interrupt_park ratio_to_windows)"
  line "  ns: polite" %.0f "$(figure interrupt_park polite_ns)"
}

row what figure bar met
row ---- ------ --- ---
"${system}_figures"
