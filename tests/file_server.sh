#!/usr/bin/env bash
# What examples/file_server.c promises, seen by its clients: curl, and bash itself where a request has to be wrong or odd.
#
#     tests/file_server.sh SERVER            it serves, and SIGTERM kills it
#     tests/file_server.sh SERVER --stops    it serves, and SIGTERM stops it: a report, exact counts, status 0
#
# Prints each check that fails, and how many there were. Ends with 77 (skipped) where there is no curl.
set -uo pipefail
export LC_ALL=C

server=${1:?usage: tests/file_server.sh SERVER [--stops]}
stops=${2:-}
limit=60 # seconds for anything that is waited for
command -v curl >/dev/null || { echo "skipped: no curl"; exit 77; }

work=$(mktemp -d)
root=$work/root
pid=
port=
checks=0
failures=0

leave() {
  if [[ -n $pid ]]; then
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  fi
  rm -rf "$work"
}
trap leave EXIT

# ---- Helpers ----

fail() {
  failures=$((failures + 1))
  printf 'FAILED %s\n' "$*"
}

# equal WHAT ACTUAL EXPECTED
equal() {
  checks=$((checks + 1))
  [[ $2 == "$3" ]] || fail "$1: '$2' instead of '$3'"
}

# matches WHAT ACTUAL PATTERN (an extended regular expression)
matches() {
  checks=$((checks + 1))
  [[ $2 =~ $3 ]] || fail "$1: '$2' does not match '$3'"
}

# until_true WHAT COMMAND...: waits for a condition, and gives up the test where it never comes.
until_true() {
  local what=$1 end=$((SECONDS + limit))
  shift
  until "$@"; do
    if ((SECONDS >= end)); then
      fail "$what: not within $limit seconds"
      exit 1
    fi
    sleep 0.02
  done
}

has_port() { grep -q '^listening on ' "$work/out"; }

# start [DESCRIPTORS]: starts a server that may have that many descriptors.
start() {
  : >"$work/out"
  (
    ulimit -n "${1:-256}"
    exec "$server" --log "$root"
  ) >"$work/out" 2>"$work/err" &
  pid=$!
  until_true "the server listens" has_port
  port=$(sed -n 's/^listening on .*://p' "$work/out")
}

has_ended() { ! kill -0 "$pid" 2>/dev/null; }

# finish: waits for the server's end, and leaves its status in $status.
finish() {
  until_true "the server ends" has_ended
  wait "$pid" 2>/dev/null
  status=$?
  pid=
}

# get ARGUMENTS...: curl; the head goes to $work/head, the body to $work/body.
get() {
  curl -sS --max-time "$limit" --path-as-is -D "$work/head" -o "$work/body" "$@" 2>"$work/curl.err"
}

url() { printf 'http://127.0.0.1:%s%s' "$port" "$1"; }
code() { sed -n '1s/^HTTP\/1\.1 \([0-9]*\) .*/\1/p' "$work/head"; }
field() { sed -n "s/^$1: \(.*\)\r\$/\1/Ip" "$work/head"; }

# status_of PATH ARGUMENTS...
status_of() {
  local path=$1
  shift
  get "$@" "$(url "$path")"
  code
}

# say FORMAT...: one connection; sends each of these as a write of its own (printf formats), and reads until the server closes.
say() {
  local socket text
  exec {socket}<>"/dev/tcp/127.0.0.1/$port"
  for text in "$@"; do
    printf "$text" 1>&"$socket" 2>/dev/null
  done
  timeout "$limit" cat <&"$socket" >"$work/reply" 2>/dev/null || echo "no end" >>"$work/reply"
  exec {socket}>&-
}

# The statuses of all responses in the reply, in their order.
statuses() { grep -ao 'HTTP/1\.1 [0-9]* ' "$work/reply" | cut -d' ' -f2 | paste -sd' ' -; }

# says WHAT EXPECTED_STATUSES FORMAT...
says() {
  local what=$1 expected=$2
  shift 2
  say "$@"
  equal "$what" "$(statuses)" "$expected"
}

size_of() { stat -c %s "$1"; }

# ---- What is served ----

mkdir -p "$root/sub" "$root/empty" "$work/outside"
printf 'the index\n' >"$root/index.html"
printf 'below\n' >"$root/sub/index.html"
printf '0123456789abcdefghij' >"$root/twenty.txt"
printf 'spaced\n' >"$root/a name.txt"
: >"$root/nothing"
printf 'secret\n' >"$work/outside/secret.txt"
printf 'secret\n' >"$work/secret.txt"
ln -s ../outside "$root/out"
ln -s "$work/secret.txt" "$root/absolute.txt"
ln -s twenty.txt "$root/inside.txt"
mkfifo "$root/fifo"
head -c $((32 * 1024 * 1024)) /dev/urandom >"$root/big.bin"
H='Host: localhost\r\n'
END='Host: localhost\r\nConnection: close\r\n\r\n'

start

# ---- GET and HEAD ----

equal "GET" "$(status_of /twenty.txt)" 200
equal "GET: the body" "$(cat "$work/body")" 0123456789abcdefghij
equal "GET: Content-Length" "$(field Content-Length)" 20
equal "GET: Content-Type" "$(field Content-Type)" "text/plain; charset=utf-8"
matches "GET: Date" "$(field Date)" '^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$'
equal "HEAD" "$(status_of /twenty.txt --head)" 200
equal "HEAD: Content-Length" "$(field Content-Length)" 20
say "HEAD /twenty.txt HTTP/1.1\r\n$END"
equal "HEAD: nothing behind the head" "$(tail -c 4 "$work/reply" | od -An -c | tr -d ' ')" '\r\n\r\n'
equal "an empty file" "$(status_of /nothing)" 200
equal "an empty file: Content-Length" "$(field Content-Length)" 0
equal "the root's index" "$(status_of / && cat "$work/body")" "$(printf '200\nthe index')"
equal "the index: Content-Type" "$(field Content-Type)" "text/html; charset=utf-8"
equal "a directory's index" "$(status_of /sub/ && cat "$work/body")" "$(printf '200\nbelow')"
equal "the same without a slash" "$(status_of /sub && cat "$work/body")" "$(printf '200\nbelow')"
equal "a directory without an index" "$(status_of /empty/)" 404
equal "no such file" "$(status_of /missing)" 404
equal "no such file, HEAD" "$(status_of /missing --head)" 404
equal "a file taken for a directory" "$(status_of /twenty.txt/)" 404
equal "a FIFO" "$(status_of /fifo)" 404
equal "a name in percent signs" "$(status_of /a%20n%61me.txt)" 200
equal "a query" "$(status_of '/twenty.txt?a=/../b')" 200
equal "a name of 5,000 bytes" "$(status_of "/$(printf '%05000d' 0)")" 404
get "$(url /big.bin)"
equal "a big file" "$(sha256sum <"$work/body")" "$(sha256sum <"$root/big.bin")"
says "the absolute form" 200 "GET http://localhost/twenty.txt HTTP/1.1\r\n$END"
says "the absolute form without a path" 200 "GET http://localhost HTTP/1.1\r\n$END"

# ---- Ranges ----

# part RANGE STATUS CONTENT-RANGE BODY
part() {
  equal "Range: $1" "$(status_of /twenty.txt -H "Range: $1")" "$2"
  equal "Range: $1: Content-Range" "$(field Content-Range)" "$3"
  [[ $2 == 416 ]] || equal "Range: $1: the body" "$(cat "$work/body")" "$4"
  equal "Range: $1: Content-Length" "$(field Content-Length)" "$(size_of "$work/body")"
}
whole=0123456789abcdefghij
part bytes=0-0 206 "bytes 0-0/20" 0
part bytes=5-9 206 "bytes 5-9/20" 56789
part bytes=15- 206 "bytes 15-19/20" fghij
part bytes=-3 206 "bytes 17-19/20" hij
part bytes=-99 206 "bytes 0-19/20" $whole
part bytes=18-99 206 "bytes 18-19/20" ij
part bytes=18-99999999999999999999999 206 "bytes 18-19/20" ij
part BYTES=1-1 206 "bytes 1-1/20" 1
part bytes=20- 416 "bytes */20" ""
part bytes=99999999999999999999999- 416 "bytes */20" ""
part bytes=-0 416 "bytes */20" ""
for odd in bytes=0-1,3-4 bytes=9-5 bytes= bytes=- bytes=a-b bytes=1 bytes=1-2x lines=0-1 "bytes 0-1" bytes=--1; do
  part "$odd" 200 "" $whole
done
equal "a range that depends on a version" "$(status_of /twenty.txt -H 'Range: bytes=0-1' -H 'If-Range: "x"')" 200
equal "a range with HEAD" "$(status_of /twenty.txt --head -H 'Range: bytes=0-1') $(field Content-Length)" "200 20"
equal "a range of an empty file" "$(status_of /nothing -H 'Range: bytes=0-0')" 416
equal "the end of an empty file" "$(status_of /nothing -H 'Range: bytes=-5')" 200
get -H 'Range: bytes=1000000-2999999' "$(url /big.bin)"
equal "a range of a big file" "$(sha256sum <"$work/body")" \
  "$(tail -c +1000001 "$root/big.bin" | head -c 2000000 | sha256sum)"

# ---- Connections ----

equal "one connection for two requests" \
  "$(curl -sS -o "$work/body" -o "$work/body" -w '%{num_connects} ' "$(url /twenty.txt)" "$(url /missing)")" "1 0 "
equal "kept: Connection" "$(status_of /twenty.txt) $(field Connection)" "200 keep-alive"
equal "Connection: close" "$(status_of /twenty.txt -H 'Connection: close') $(field Connection)" "200 close"
says "close among other words" 200 "GET / HTTP/1.1\r\n${H}Connection: x, Close\r\n\r\n"
says "close before keep-alive" 200 "GET / HTTP/1.1\r\n${H}Connection: close\r\nConnection: keep-alive\r\n\r\n"
says "HTTP/1.0 closes" 200 'GET / HTTP/1.0\r\n\r\n'
says "HTTP/1.0 keeps when asked to" "200 200" 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n' 'GET / HTTP/1.0\r\n\r\n'
says "requests one behind the other" "200 404 206 405 200" \
  "GET / HTTP/1.1\r\n$H\r\nGET /missing HTTP/1.1\r\n$H\r\nGET /twenty.txt HTTP/1.1\r\n${H}Range: bytes=0-3\r\n\r\nPUT / HTTP/1.1\r\n$H\r\nHEAD / HTTP/1.1\r\n$END"
says "a request in pieces" 200 'GE' 'T /twenty.txt HT' 'TP/1.1\r' '\nHost: x\r\nConnection: close\r\n\r' '\n'
says "empty lines between requests" "200 200" "\r\n\r\nGET / HTTP/1.1\r\n$H\r\n\r\nGET / HTTP/1.1\r\n$END"
says "lines that end in LF alone" 200 'GET / HTTP/1.1\nHost: x\nConnection: close\n\n'
says "a body is not taken for a request" 200 \
  "GET / HTTP/1.1\r\n${H}Content-Length: 41\r\n\r\nGET /missing HTTP/1.1\r\nHost: localhost\r\n\r\n"
says "nor a chunked one" 200 \
  "GET / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /missing HTTP/1.1\r\n$H\r\n"
says "a body of no bytes" "200 404" "GET / HTTP/1.1\r\n${H}Content-Length: 0\r\n\r\nGET /missing HTTP/1.1\r\n$END"

# ---- Refusals ----

equal "POST" "$(status_of / -d x=y)" 405
equal "POST: Allow" "$(field Allow)" "GET, HEAD"
equal "DELETE" "$(status_of / -X DELETE)" 405
head -c 4000000 /dev/zero >"$work/upload"
equal "a large upload, refused at once" "$(status_of / -T "$work/upload" -H 'Expect:')" 405
says "OPTIONS *" 405 "OPTIONS * HTTP/1.1\r\n$END"
says "no Host" 400 'GET / HTTP/1.1\r\n\r\n'
says "two Hosts" 400 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'
says "not HTTP" 400 'hello\r\n\r\n'
says "no version" 400 'GET /\r\n\r\n'
says "too many words" 400 "GET / x HTTP/1.1\r\n$END"
says "two spaces" 400 "GET  / HTTP/1.1\r\n$END"
says "a version that is none" 400 "GET / HTTP/1.10\r\n$END"
says "another version" 505 "GET / HTTP/2.0\r\n$END"
says "a method that is none" 400 "G(T / HTTP/1.1\r\n$END"
says "a relative target" 400 "GET twenty.txt HTTP/1.1\r\n$END"
says "a space before the colon" 400 "GET / HTTP/1.1\r\n${H}Range : bytes=0-1\r\n\r\n"
says "a folded line" 400 "GET / HTTP/1.1\r\n${H}X: a\r\n b\r\n\r\n"
says "a line without a colon" 400 "GET / HTTP/1.1\r\n${H}nothing\r\n\r\n"
says "a NUL" 400 "GET / HTTP/1.1\r\n${H}X: a\\0b\r\n\r\n"
says "a CR within a line" 400 "GET / HTTP/1.1\r\n${H}X: a\rb\r\n\r\n"
says "a byte over 126 in the target" 400 "GET /\\303\\251 HTTP/1.1\r\n$END"
says "a length that is none" 400 "GET / HTTP/1.1\r\n${H}Content-Length: -1\r\n\r\n"
says "percent and no digits" 400 "GET /a%%zz HTTP/1.1\r\n$END"
says "percent at the end" 400 "GET /a%%2 HTTP/1.1\r\n$END"
says "an encoded NUL" 400 "GET /twenty.txt%%00 HTTP/1.1\r\n$END"
says "nothing is read behind a bad request" 400 "bad\r\n\r\nGET / HTTP/1.1\r\n$END"
says "a head that is too long" 431 "GET / HTTP/1.1\r\n${H}X: $(printf '%020000d' 0)\r\n\r\n"
says "a line that never ends" 431 "$(printf '%020000d' 0)"
for path in /../secret.txt /sub/../../secret.txt /%2e%2e/secret.txt /..%2fsecret.txt /sub/%2E./%2e./secret.txt /.. /sub/..; do
  equal "out of the root by $path" "$(status_of $path)" 403
done
equal "out of the root by //" "$(status_of "/$work/secret.txt")" 404
equal "dots that are a name" "$(status_of /..twenty.txt)" 404
matches "a link to a directory outside" "$(status_of /out/secret.txt)" '^40[34]$'
equal "a link to a file outside" "$(status_of /absolute.txt)" 403
matches "a link that stays inside" "$(status_of /inside.txt)" '^(200|403)$' # refused where there is no openat2

# ---- Clients that behave badly ----

for _ in 1 2 3; do # they leave with the download unread
  exec {socket}<>"/dev/tcp/127.0.0.1/$port"
  printf "GET /big.bin HTTP/1.1\r\n$H\r\n" >&"$socket"
  head -c 1 <&"$socket" >/dev/null
  exec {socket}>&-
done
equal "after clients have left" "$(status_of /twenty.txt)" 200
clients=()
for n in 1 2 3 4; do
  curl -sS --max-time "$limit" "$(url /big.bin)" 2>/dev/null | sha256sum >"$work/sum.$n" &
  clients+=($!)
done
wait "${clients[@]}"
equal "four at a time" "$(cat "$work"/sum.* | sort -u)" "$(sha256sum <"$root/big.bin")"
matches "the log" "$(cat "$work/out")" 'connection [0-9]+ \(127\.0\.0\.1:[0-9]+\): GET /twenty\.txt: 206'

# ---- SIGTERM ----

sent_in_line() { sed -n 's/.* \([0-9]*\) bytes sent in all$/\1/p' <<<"$1"; }
has_index() { [[ $(tail -c 10 "$work/idle") == "the index" ]]; }

exec {fresh}<>"/dev/tcp/127.0.0.1/$port"
exec {idle}<>"/dev/tcp/127.0.0.1/$port"
printf "GET / HTTP/1.1\r\n$H\r\n" >&"$idle"
cat <&"$idle" >"$work/idle" &
reader=$!
until_true "the idle connection is idle" has_index
exec {busy}<>"/dev/tcp/127.0.0.1/$port"
printf "GET /big.bin HTTP/1.1\r\n$H\r\nGET /twenty.txt HTTP/1.1\r\n$H\r\n" >"$work/two" # the second is never answered
cat "$work/two" >&"$busy" # in one write: nothing of it may come when the server has closed, or the connection is reset
head -c 1 <&"$busy" >"$work/busy" # so it has begun, and it cannot end: it does not fit into the sockets' buffers
exec {half}<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /half HTTP/1.1\r\n' >&"$half"

kill -TERM "$pid"
finish
cat <&"$busy" >>"$work/busy" 2>/dev/null
exec {idle}>&- {busy}>&- {half}>&- {fresh}>&-
wait "$reader"

if [[ $stops == --stops ]]; then
  report=$(grep ' bytes sent' "$work/out")
  line() { sed -n "$1p" <<<"$report"; }
  equal "SIGTERM: the status" "$status" 0
  equal "SIGTERM: lines in the report" "$(wc -l <<<"$report")" 5
  matches "SIGTERM: the fresh one" "$(line 1)" '^connection [0-9]+ \(127\.0\.0\.1:[0-9]+\): waiting for a first request, 0 bytes sent in all$'
  matches "SIGTERM: the idle one" "$(line 2)" ': idle between requests, [0-9]+ bytes'
  matches "SIGTERM: the busy one" "$(line 3)" ': sending /big\.bin, [0-9]+ of 33554432 body bytes, [0-9]+ bytes'
  matches "SIGTERM: the half one" "$(line 4)" ': (reading a request|waiting for a first request), 0 bytes'
  equal "SIGTERM: what the idle one got" "$(size_of "$work/idle")" "$(sent_in_line "$(line 2)")"
  equal "SIGTERM: what the busy one got" "$(size_of "$work/busy")" "$(sent_in_line "$(line 3)")"
  total=$(($(size_of "$work/idle") + $(size_of "$work/busy")))
  matches "SIGTERM: the total" "$(line 5)" "^stopped in [0-9.]+ ms: 4 connections, $total bytes sent\$"
else
  equal "SIGTERM: the status" "$status" 143
  equal "SIGTERM: no report" "$(grep -c ' bytes sent' "$work/out")" 0
fi
equal "nothing on stderr" "$(cat "$work/err")" ""

# ---- Out of descriptors: who is accepted is served, the others wait ----

start 32
sockets=()
for _ in {1..60}; do
  exec {socket}<>"/dev/tcp/127.0.0.1/$port"
  sockets+=("$socket")
done
for socket in "${sockets[@]:0:50}"; do
  exec {socket}>&-
done
serves() { [[ $(status_of /twenty.txt) == 200 ]]; }
until_true "it serves again when others have left" serves # until then, 503: accepted, but no descriptor for the file
kill -TERM "$pid"
finish
for socket in "${sockets[@]:50}"; do
  exec {socket}>&-
done
equal "SIGTERM when out of descriptors" "$status" "$([[ $stops == --stops ]] && echo 0 || echo 143)"

# ---- The command line ----

for words in "" "--port" "--port x /" "--port 65536 /" "--nonsense /" "/ /"; do
  # shellcheck disable=SC2086
  "$server" $words >/dev/null 2>&1
  equal "the words '$words'" $? 2
done
"$server" "$root/missing" >/dev/null 2>&1
equal "a root that is not there" $? 1
"$server" --address nowhere "$root" >/dev/null 2>&1
equal "an address that is none" $? 1

echo "$((checks - failures)) of $checks checks passed"
((failures == 0))
