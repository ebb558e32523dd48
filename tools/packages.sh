#!/usr/bin/env bash
# Sees to it that what these Debian packages bring is there, and installs what is not.
#
#     tools/packages.sh PACKAGE...
#
# A package counts as there if dpkg says so, or if its command or its header is found (so it may come from elsewhere, and
# the system need not be Debian). The rest is installed with apt-get, as root or by sudo; where there is no
# apt-get, this says what is missing and fails.
set -euo pipefail

is_installed() {
  command -v dpkg-query >/dev/null &&
    [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# has_header HEADER: whether the C++ or the C compiler finds it.
has_header() {
  local compiler
  compiler=$(command -v c++ || command -v cc) || return 1
  printf '#if !__has_include(<%s>)\n#error missing\n#endif\n' "$1" | "$compiler" -E - >/dev/null 2>&1
}

# is_there PACKAGE
is_there() {
  is_installed "$1" && return
  case $1 in
    g++) command -v c++ ;;
    g++-aarch64-linux-gnu) command -v aarch64-linux-gnu-g++ ;;
    g++-i686-linux-gnu) command -v i686-linux-gnu-g++ ;;
    g++-mingw-w64-x86-64-posix) command -v x86_64-w64-mingw32-g++-posix ;;
    g++-riscv64-linux-gnu) command -v riscv64-linux-gnu-g++ ;;
    qemu-system-arm) command -v qemu-system-aarch64 ;;
    cpio) command -v cpio ;;
    qemu-user) command -v qemu-aarch64 && command -v qemu-riscv64 ;;
    gcc) command -v cc ;;
    ninja-build) command -v ninja ;;
    musl-tools) command -v musl-gcc ;;
    binutils) command -v readelf ;;
    pkg-config | pkgconf) command -v pkg-config ;;
    libcmocka-dev) has_header cmocka.h ;;
    zlib1g-dev) has_header zlib.h ;;
    libuv1-dev) pkg-config --exists libuv ;;
    libsqlite3-dev) pkg-config --exists sqlite3 ;;
    libpq-dev) pkg-config --exists libpq ;;
    wine64) command -v wine64 /usr/lib/wine/wine64 ;;
    postgresql) command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null ;;
    libbenchmark-dev) has_header benchmark/benchmark.h ;;
    *) command -v "$1" ;; # most are named for their command
  esac >/dev/null
}

# With the rights to install, or not at all.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "missing: $missing. To install it, run as root: apt-get install $missing" >&2
    return 1
  fi
}

missing=
for package in "$@"; do
  is_there "$package" || missing+="${missing:+ }$package"
done
[[ -n $missing ]] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "missing: $missing (names of Debian packages). There is no apt-get here; please install it in this system's own way." >&2
  exit 1
fi
echo "installing: $missing"
as_root apt-get update -qq
# shellcheck disable=SC2086 # one word for each package
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing >/dev/null
