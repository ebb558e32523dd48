#!/usr/bin/env bash
# Runs a program against a PostgreSQL server of its own, which is gone when the program has ended.
#
#     postgresql.sh PROGRAM
#
# PROGRAM is given a connection string. The server has its data and its Unix socket in a private directory, and listens nowhere else. It does not
# run as root: it is nobody's then. Exit code 77: something is missing here.
set -euo pipefail
export LC_ALL=C

program=$(realpath -m "${1:?usage: postgresql.sh PROGRAM}")
skip() { echo "skipped: $1"; exit 77; }

# Debian keeps them out of the way, a directory for each version.
bin=
for directory in "$(dirname "$(command -v initdb)")" $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V); do
  [[ -x $directory/initdb && -x $directory/postgres && -x $directory/pg_isready ]] && bin=$directory
done
[[ -n $bin ]] || skip "no PostgreSQL server (Debian: postgresql)"
# The server is to end with this script, even if that is killed.
unprivileged=()
if setpriv --pdeathsig QUIT true 2>/dev/null; then unprivileged=(setpriv --pdeathsig QUIT); fi
if [[ $(id -u) == 0 ]]; then
  ((${#unprivileged[@]})) || skip "no setpriv, and PostgreSQL refuses to run as root"
  unprivileged+=(--reuid nobody --regid "$(id -g nobody)" --clear-groups)
  "${unprivileged[@]}" true || skip "PostgreSQL refuses to run as root, and nobody else can be"
fi

work=$(mktemp -d)
server=
stop() {
  [[ -z $server ]] || { kill -QUIT "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
[[ $(id -u) != 0 ]] || chown nobody "$work"
((${#work} < 80)) || skip "the path of $work is too long for a socket"
cd "$work"

"${unprivileged[@]}" "$bin/initdb" --pgdata="$work/data" --username=tester --auth=trust --no-locale --encoding=UTF8 --no-sync \
  >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
"${unprivileged[@]}" "$bin/postgres" -D "$work/data" -k "$work" -c listen_addresses= -c fsync=off -c max_connections=10 \
  -c shared_buffers=4MB >>"$work/log" 2>&1 &
server=$!
began=$SECONDS
until "$bin/pg_isready" --quiet --host="$work" --username=tester --dbname=postgres; do
  if ! kill -0 "$server" 2>/dev/null || ((SECONDS - began > 60)); then
    cat "$work/log" >&2
    exit 1
  fi
  sleep 0.05
done
"$program" "host=$work user=tester dbname=postgres"
