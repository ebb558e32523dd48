#!/usr/bin/env bash
# Runs a command that runs programs on Wine, in a prefix that is ready, with Wine's server there all the while: then a program starts in
# 40 ms instead of 400.
#
#     tools/on_wine.sh PREFIX COMMAND...
#
# PREFIX is a directory, made if it is not there: build/wine for the presets.
set -euo pipefail

[[ $# -ge 2 ]] || { sed -n '2,7p' "$0" >&2; exit 2; }
prefix=$1
shift

PATH=$PATH:/usr/lib/wine # where Debian has both
wine=$(command -v wine64 || command -v wine)
server=$(command -v wineserver64 || command -v wineserver)

mkdir -p "$(dirname "$prefix")"
WINEPREFIX=$(realpath "$prefix")
export WINEPREFIX WINEDEBUG=-all DISPLAY=

# Of a new Windows nothing is needed that has windows, or that would be downloaded.
if [[ ! -e $WINEPREFIX/system.reg ]]; then
  WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe=' "$wine" wineboot -i >/dev/null 2>&1
  "$server" -w # until all of it has been written
fi

# The first program has Wine's services started, which stay. So it is one of ours: they keep what it has for its output open, for which
# whoever has started a program may wait.
"$server" -p
trap '"$server" -k || true' EXIT
"$wine" cmd /c exit </dev/null >/dev/null 2>&1

# A program that crashes is not to be debugged: behind Wine's debugger it may end with status 0.
export WINEDLLOVERRIDES=winedbg.exe=d
"$@"
