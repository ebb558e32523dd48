#!/usr/bin/env bash
# Shows what polite is for: one file server, compiled twice, once with plain blocking calls and once with polite's.
# Both serve curl; then both get a SIGTERM in the middle of their work. Everything that is shown is checked.
#
#     tools/demo.sh
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

idle=3 busy=3             # connections at the moment of the signal, and one with half a request
rate=4M                   # how fast the busy clients read, in bytes a second
size=$((64 * 1024 * 1024)) # of the file that they read
limit=60                  # seconds for anything that is waited for

work=$(mktemp -d)
server=

leave() {
  local status=$? children
  children=$(jobs -p)
  # shellcheck disable=SC2086 # one word for each
  [[ -z $children ]] || kill -KILL $children 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap leave EXIT

headline() { printf '\n%s\n' "$*"; }
show() { printf '    %-34s %s\n' "$1" "$2"; }
thousands() { sed -E ':a; s/([0-9])([0-9]{3})($|[^0-9])/\1,\2\3/; ta' <<<"$1"; }
bytes_in() { stat -c %s "$1"; }

# wrong WHAT: the demonstration has failed.
wrong() {
  printf '\nFAILED: %s\n' "$*" >&2
  exit 1
}

# until_true WHAT COMMAND...: waits for a condition.
until_true() {
  local what=$1 end=$((SECONDS + limit))
  shift
  until "$@"; do
    ((SECONDS < end)) || wrong "$what: not within $limit seconds"
    sleep 0.02
  done
}

# ---- What it takes ----

needs=(cmake make curl)
command -v c++ >/dev/null || needs+=(g++)
tools/packages.sh "${needs[@]}"

headline "Building (build/release)"
{
  cmake --preset release -B build/release && cmake --build build/release --target file_server file_server_plain
} >"$work/build" 2>&1 || {
  cat "$work/build"
  wrong "the build"
}
show "build/release/examples/" "file_server_plain: examples/file_server.c as it is"
show "" "file_server: the same, with -DUSE_POLITE"

mkdir "$work/root"
head -c "$size" /dev/urandom >"$work/root/big.bin"
printf 'a few words\n' >"$work/root/small.txt"
sum=$(sha256sum <"$work/root/big.bin")

# ---- Servers and clients ----

has_address() { grep -q '^listening on ' "$work/report"; }

# start PROGRAM: leaves $server (a process) and $address.
start() {
  : >"$work/report"
  "build/release/examples/$1" "$work/root" >"$work/report" &
  server=$!
  until_true "$1 listens" has_address
  address=$(sed -n 's/^listening on //p' "$work/report")
}

# has_bytes FILE COUNT
has_bytes() { [[ -e $1 ]] && (($(bytes_in "$1") >= $2)); }

ends_with_words() { [[ $(tail -n 1 "$1" 2>/dev/null) == "a few words" ]]; }

# load: opens the connections, one after the other, so that the first is the server's connection 1. What client N receives goes
# to $work/client.N. Comes back when all are as they should be: answered and idle, or in the middle of a download.
load() {
  local n=0 i
  sockets=() readers=() curls=()
  rm -f "$work"/client.*
  for ((i = 0; i < idle; i++)); do
    n=$((n + 1))
    open_socket
    printf 'GET /small.txt HTTP/1.1\r\nHost: demo\r\n\r\n' >&"$socket"
    cat <&"$socket" >"$work/client.$n" &
    readers+=($!)
    until_true "client $n has its answer" ends_with_words "$work/client.$n"
  done
  n=$((n + 1))
  open_socket
  printf 'GET /small.txt HTT' >&"$socket"
  cat <&"$socket" >"$work/client.$n" &
  readers+=($!)
  for ((i = 0; i < busy; i++)); do
    n=$((n + 1))
    curl -sN --limit-rate "$rate" -o "$work/client.$n" -w '%{size_header} %{size_download}' "http://$address/big.bin" \
      >"$work/counts.$n" &
    curls+=($!)
    until_true "client $n is downloading" has_bytes "$work/client.$n" 500000
  done
  clients=$n
}

open_socket() {
  exec {socket}<>"/dev/tcp/${address%:*}/${address#*:}"
  sockets+=("$socket")
}

now_us() { echo "${EPOCHREALTIME/./}"; }

has_ended() { ! kill -0 "$server" 2>/dev/null; }

# terminate: sends the signal. Leaves the server's $status and the time that it $took; then lets the clients read to the end,
# and leaves what each of them has received in received[N], with the heads, and in $received_total.
terminate() {
  local began n i
  status=0
  began=$(now_us)
  kill -TERM "$server"
  wait "$server" 2>/dev/null || status=$?
  took="$((($(now_us) - began) / 100))"
  took="${took%?}.${took: -1} ms"
  [[ $took != .* ]] || took=0$took

  for i in "${!curls[@]}"; do
    local ended=0
    wait "${curls[i]}" || ended=$?
    ((ended == 18)) || wrong "curl ended with status $ended, not with 18 (a part of the file)"
  done
  for i in "${!sockets[@]}"; do
    wait "${readers[i]}"
    socket=${sockets[i]}
    exec {socket}>&-
  done
  received=() received_total=0
  for ((n = 1; n <= clients; n++)); do
    if ((n <= idle + 1)); then
      received[n]=$(bytes_in "$work/client.$n")
    else
      read -r head body <"$work/counts.$n" || true
      received[n]=$((head + body))
      cmp -s -n "$body" "$work/client.$n" "$work/root/big.bin" || wrong "client $n has other bytes than the file"
    fi
    received_total=$((received_total + received[n]))
  done
}

# ---- It is a web server ----

headline "It serves files (curl is the client)"
start file_server

got=$(curl -sS "http://$address/big.bin" | sha256sum)
[[ $got == "$sum" ]] || wrong "the download differs from the file"
show "the whole of a big file" "$(thousands "$size") bytes, the checksum agrees"

got=$(curl -sS -D "$work/head" -o "$work/part" -w '%{http_code}' --range 1000000-1999999 "http://$address/big.bin")
got+=$(sed -n 's/^Content-Range:\(.*\)\r$/\1/p' "$work/head")
[[ $got == "206 bytes 1000000-1999999/$size" ]] || wrong "the range: $got"
cmp -s "$work/part" <(tail -c +1000001 "$work/root/big.bin" | head -c 1000000) || wrong "the range has other bytes"
show "a range of it" "$got, the same bytes"

got=$(curl -sS -o /dev/null -w '%{http_code}' "http://$address/missing")
[[ $got == 404 ]] || wrong "a missing file: $got"
show "a file that is not there" "$got"

got=$(curl -sS -o /dev/null -o /dev/null -w '%{num_connects} ' "http://$address/small.txt" "http://$address/small.txt")
[[ $got == "1 0 " ]] || wrong "keep-alive: $got"
show "two requests" "one connection"

kill -TERM "$server"
wait "$server" || wrong "the server ended with status $?"

# ---- A signal, with polite ----

headline "SIGTERM to file_server: $idle connections idle, one with half a request, $busy in the middle of a download"
start file_server
load
terminate
polite_status=$status polite_took=$took polite_received=$received_total
((status == 0)) || wrong "file_server ended with status $status"
echo "  The server says:"
sed -n '/^connection\|^stopped/s/^/    /p' "$work/report"

echo "  The clients compare:"
polite_lines=0
for ((n = 1; n <= clients; n++)); do
  line=$(grep "^connection $n " "$work/report") || wrong "no word about connection $n"
  sent=$(sed -n 's/.* \([0-9]*\) bytes sent in all$/\1/p' <<<"$line")
  case $line in
    *"sending /big.bin"*) ((n > idle + 1)) || wrong "connection $n was not sending" ;;
    *"idle between requests"*) ((n <= idle)) || wrong "connection $n was not idle" ;;
    *) ((n == idle + 1)) || wrong "connection $n was doing something else: $line" ;;
  esac
  [[ $sent == "${received[n]}" ]] || wrong "connection $n: $sent bytes sent, ${received[n]} received"
  show "connection $n" "$(printf '%12s sent, %12s received: equal' "$(thousands "$sent")" "$(thousands "${received[n]}")")"
  polite_lines=$((polite_lines + 1))
done
polite_total=$(sed -n 's/^stopped in .* connections, \([0-9]*\) bytes sent$/\1/p' "$work/report")
polite_own=$(sed -n 's/^stopped in \(.*\): .*/\1/p' "$work/report")
[[ $polite_total == "$polite_received" ]] || wrong "the total: $polite_total sent, $polite_received received"

# ---- The same signal, without ----

headline "SIGTERM to file_server_plain: the same connections"
start file_server_plain
load
terminate
((status == 128 + 15)) || wrong "file_server_plain ended with status $status, not by the signal"
plain_lines=$(grep -c '^connection\|^stopped' "$work/report") || true
((plain_lines == 0)) || wrong "file_server_plain has said something"
show "The server says" "nothing: it was killed"
show "The clients received" "$(thousands "$received_total") bytes; nobody knows whether that is what was sent"

# ---- At a glance ----

row() { printf '  %-34s %-23s %s\n' "$1" "$2" "$3"; }

headline "The same source, the same signal, the same $clients connections"
echo
row "" "plain calls" "with polite"
row "--------------------------------" "--------------------" "------------------------------"
row "how the server ended" "killed by the signal" "by itself, status $polite_status"
row "how long that took" "$took" "$polite_took ($polite_own inside)"
row "connections it could account for" "0 of $clients" "$polite_lines of $clients"
row "bytes the clients received" "$(thousands "$received_total")" "$(thousands "$polite_received")"
row "bytes the server knew it sent" "unknown" "$(thousands "$polite_total"), equal for each client"
