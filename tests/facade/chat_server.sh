#!/usr/bin/env bash
# The chat server: guests hear each other, one leaves, and a signal ends it in the middle, having said goodbye to all.
#
#     chat_server.sh SERVER
set -euo pipefail

work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
mkfifo "$work/said"
"$1" >"$work/said" &
server=$!
exec 3<"$work/said"

# expect DESCRIPTOR LINE
expect() {
  local line
  IFS= read -r -t 60 -u "$1" line || { echo "waited in vain for: $2" >&2; exit 1; }
  [[ $line == "$2" ]] || { echo "got '$line', expected '$2'" >&2; exit 1; }
}

read -r -t 60 -u 3 _ port
exec {a}<>"/dev/tcp/127.0.0.1/$port" {b}<>"/dev/tcp/127.0.0.1/$port"

expect "$a" welcome
expect "$b" welcome
echo hello >&"$b"
expect "$a" hello
exec {c}<>"/dev/tcp/127.0.0.1/$port"
expect "$c" welcome
echo "me, too" >&"$c"
expect "$a" "me, too"
exec {c}>&-
echo "still here" >&"$b"
expect "$a" "still here"

kill -TERM "$server"
expect "$a" goodbye
expect 3 closed
wait "$server"
