#!/usr/bin/env bash
# Runs the tests: what is missing is installed, everything is built, CTest runs.
#
#     tools/test.sh         the ordinary tests, in a minute or two
#     tools/test.sh all     these and the long ones, and all of it again as built by clang, without optimization, with musl, and
#                           with ASan + UBSan and TSan; and the ordinary ones, with the long stress run, for aarch64 and riscv64,
#                           and for i386, where all threads are on the self-pipe; and for Windows, on Wine.
#                           At the end there is a line for each stress run
#     tools/test.sh aarch64 what `all` runs for aarch64: on qemu's emulation of single programs, and, with glibc and musl, of a whole machine
#     tools/test.sh riscv64 the same for riscv64, but for the machine
#     tools/test.sh i386    all for i386, which the kernel runs itself; but for the scripts, and what is about plain names
#     tools/test.sh win32   all for Windows: built with mingw-w64, run on Wine. At the end it says what Windows has not, and so was not tested
#     tools/test.sh suite   the Open POSIX Test Suite's programs on threads and cancellation, for a machine that is otherwise
#                           idle: they sleep for minutes, and have races of their own
#
# A preset's build stays in build/<preset>-tests, so that a second run only builds what changed.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/packages.sh cmake ninja-build g++ clang libcmocka-dev musl-tools strace curl binutils pkg-config ccache make zlib1g-dev
# What some tests want, and skip without.
tools/packages.sh libuv1-dev libsqlite3-dev libpq-dev postgresql || echo "the tests of what is missing will be skipped"

jobs=$(nproc)
under=() # what CTest runs under

# run PRESET [CTEST OPTIONS...]
run() {
  local preset=$1 build=build/$1-tests status=0
  shift
  echo "== $preset"
  cmake --preset "$preset" -B "$build" -G Ninja -DPOLITE_TESTS=ON \
    -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache >"$build.log" 2>&1 || { cat "$build.log"; return 1; }
  cmake --build "$build" -j "$jobs" >"$build.log" 2>&1 || { tail -n 60 "$build.log"; return 1; }
  "${under[@]}" ctest --test-dir "$build" --output-on-failure --no-tests=error "$@" || status=$?
  note_stress "$preset" "$build/Testing/Temporary/LastTest.log"
  return "$status"
}

# note_stress PRESET LOG: what the stress says of each way to wake, out of the log of a run of CTest, which hides what tests say that
# pass. Of several runs the longest.
note_stress() {
  stress_lines+=$(awk -v preset="$1" -F ': ' '
    /^stress: [^:]*: passed/ { sub(/^stress: /, ""); if ($3 + 0 >= most[$1]) { most[$1] = $3 + 0; line[$1] = sprintf("%-15s %s", preset, $0) } }
    END { for (way in line) print line[way] }' "$2")$'\n'
}
stress_lines=''

show_stress() {
  [[ -z ${stress_lines//$'\n'/} ]] || printf '== stress\n%s' "$stress_lines"
}
trap show_stress EXIT

# get_sources PRESET PACKAGE...: Debian has these libraries for glibc and this processor alone, so they are built along, from sources that are
# got before: a build does not use the network. 77 where they cannot be had, having said so.
get_sources() {
  local preset=$1 package why status=0
  shift
  for package in "$@"; do
    why=$(tools/debian_source.sh "$package" "build/sources/$package") || status=$?
    [[ $status != 77 ]] || echo "== $preset: skipped: $(tail -n 1 <<<"$why")"
    ((status == 0)) || return "$status"
  done
}

run_with_cmocka_along() {
  local preset=$1 status=0
  shift
  get_sources "$preset" cmocka || status=$?
  case $status in
    0) run "$preset" "$@" ;;
    77) ;;
    *) return "$status" ;;
  esac
}

# Of the long tests the stress alone: others take minutes under qemu.
run_emulated() {
  local processor=$1 why
  why=$(tools/packages.sh "g++-$processor-linux-gnu" qemu-user 2>&1) || {
    echo "== $processor: skipped: $(tail -n 1 <<<"$why")"
    return
  }
  run_with_cmocka_along "$processor" -E '^cancel[.].*_long$'
}

# With Debian's kernel, which the emulation of single programs is not. The threads' memory is ordered as this processor orders it.
run_on_machine() {
  local status=0 why packages=build/packages/arm64
  why=$(tools/packages.sh g++-aarch64-linux-gnu qemu-system-arm cpio 2>&1) || {
    echo "== aarch64-machine: skipped: $(tail -n 1 <<<"$why")"
    return
  }
  why=$(tools/debian_packages.sh arm64 "$packages" linux-image-arm64 busybox-static musl musl-dev) || status=$?
  [[ $status != 77 ]] || { echo "== aarch64-machine: skipped: $(tail -n 1 <<<"$why")"; return; }
  ((status == 0)) || return "$status"
  local under=(tools/on_machine.sh "$packages" build/aarch64-machine-tests)
  # Of the long tests the stress alone. And streams on the self-pipe has every character that waits interrupted: before Linux 6.4 most do, for minutes.
  run_with_cmocka_along aarch64-machine -E '^(cancel[.].*|facade[.].*|stress_locks)_long|^streams[.]self_pipe$'
  under=(tools/on_machine.sh "$packages" build/aarch64-musl-tests)
  run_with_cmocka_along aarch64-musl -R '^stress' -E '^stress_locks_long'
}

run_i386() {
  local why
  why=$(tools/packages.sh g++-i686-linux-gnu 2>&1) || {
    echo "== i386: skipped: $(tail -n 1 <<<"$why")"
    return
  }
  run_with_cmocka_along i386
}

run_win32() {
  local why status=0
  why=$(tools/packages.sh g++-mingw-w64-x86-64-posix wine64 2>&1) || {
    echo "== win32: skipped: $(tail -n 1 <<<"$why")"
    return
  }
  get_sources win32 libuv1 || status=$?
  case $status in
    0) ;;
    77) return ;;
    *) return "$status" ;;
  esac
  local under=(tools/on_wine.sh build/wine)
  run_with_cmocka_along win32 || status=$?
  grep -ahso '^skipped on Windows: .*' build/win32-tests/Testing/Temporary/LastTest.log | tr -d '\r' | sort -u || true
  return "$status"
}

mkdir -p build
case ${1-} in
  '')
    run release -LE "long|suite"
    ;;
  aarch64)
    run_emulated aarch64
    run_on_machine
    ;;
  riscv64)
    run_emulated riscv64
    ;;
  i386)
    run_i386
    ;;
  win32)
    run_win32
    ;;
  suite)
    run release -R posix_test_suite
    ;;
  all)
    run release -LE suite
    # A minute each, and about the kernel's calls, which no compiler changes.
    run clang -E '^cancel[.]open_loop.*_long'
    run debug -E '^cancel[.]open_loop.*_long'
    run_with_cmocka_along musl
    run asan
    run tsan
    run_emulated aarch64
    run_on_machine
    run_emulated riscv64
    run_i386
    run_win32
    ;;
  *)
    sed -n '2,15p' "$0" >&2
    exit 2
    ;;
esac
