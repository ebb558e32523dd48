#!/usr/bin/env bash
# Which names polite/pthread_cancel.h makes polite's: those that points.txt says, and no others.
#
#     points.sh COMPILER INCLUDE_DIR LIBRARY
#
# COMPILER is a C compiler, LIBRARY libpolite_names.so or libpolite.a. Exit code 77: there is no such compiler.
set -euo pipefail
export LC_ALL=C

compiler=${1:?usage: points.sh COMPILER INCLUDE_DIR LIBRARY} include=${2:?} library=${3:?}
command -v "$compiler" >/dev/null || { echo "skipped: no $compiler"; exit 77; }
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# What the header takes over without its being a cancellation point.
no_points='pthread_sigmask sigprocmask sigaction signal pthread_create pthread_detach pthread_exit pthread_cancel pthread_self pthread_setcancelstate pthread_setcanceltype
           pthread_cond_init pthread_cond_destroy pthread_cond_signal pthread_cond_broadcast
           thrd_create thrd_current thrd_detach thrd_exit cnd_init cnd_destroy cnd_signal cnd_broadcast'

# What may be a macro with arguments: POSIX leaves that open for these two.
macros='pthread_cleanup_push pthread_cleanup_pop'

headers='aio.h arpa/inet.h dirent.h dlfcn.h fcntl.h fmtmsg.h glob.h grp.h iconv.h mqueue.h netdb.h nl_types.h poll.h
         pthread.h pwd.h semaphore.h signal.h spawn.h stdio.h stdlib.h string.h sys/ipc.h sys/mman.h sys/msg.h sys/select.h
         sys/sem.h sys/socket.h sys/stat.h sys/time.h sys/types.h sys/uio.h sys/wait.h syslog.h termios.h threads.h time.h
         unistd.h utime.h wchar.h wordexp.h'

wrong() {
  echo "not so  $1"
  failures=$((failures + 1))
}

compile() { "$compiler" -w -D_GNU_SOURCE -U_FORTIFY_SOURCE -O0 -fno-builtin -I"$include" "$@"; }
with_header=(-include polite/pthread_cancel.h)
all_errors=-ferror-limit=0 # clang stops after 20
compile $all_errors -fsyntax-only -x c /dev/null 2>"$work/log" || all_errors=
compile "${with_header[@]}" -fsyntax-only -x c /dev/null || { echo "not so  the header compiles"; exit 1; }

includes() { printf '#include <%s>\n' $headers; }

# known NAME...: those that this libc declares.
known() {
  { includes; printf 'const void *const address_of_%s = %s;\n' $(printf '%s\n' "$@" | sed p); } >"$work/known.c"
  compile $all_errors -fsyntax-only "$work/known.c" 2>"$work/log" || true
  sed -nE "s/.*error: (use of undeclared identifier )?['‘]([a-z0-9_]+)['’]( undeclared.*|; did you mean.*)?$/\2/p" "$work/log" |
    sort -u >"$work/unknown"
  printf '%s\n' "$@" | grep -vxFf "$work/unknown" || true
}

# targets OBJECT: the symbols that the table's entries refer to, in order.
targets() { readelf --wide --relocs "$1" | awk '$3 ~ /_64$/ && $5 != "" { print $1, $5 }' | sort | awk '{ print $2 }'; }

# refer NAME...: a line `NAME SYMBOL SYMBOL_WITHOUT_THE_HEADER` for each.
refer() {
  { includes; printf 'const void *const table[] = {\n'; printf '(const void *)%s,\n' "$@"; printf '};\n'; } >"$work/names.c"
  compile -c "$work/names.c" -o "$work/plain.o"
  compile "${with_header[@]}" -c "$work/names.c" -o "$work/polite.o"
  paste -d' ' <(printf '%s\n' "$@") <(targets "$work/polite.o") <(targets "$work/plain.o")
}

case $library in
  *.a) nm -g --defined-only "$library" 2>/dev/null ;;
  *) nm -D --defined-only "$library" ;;
esac | awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' | sort -u >"$work/exported"

grep -v '^#' "$here/points.txt" >"$work/points"
mapfile -t points < <(known $(awk '{ print $1 }' "$work/points"))
refer "${points[@]}" >"$work/referred"

glibc=$(printf '#include <features.h>\n' | compile -E -dM -x c - | grep -c ' __GLIBC__ ' || true)
while read -r name _ status year; do
  if ! read -r _ symbol plain < <(grep "^$name " "$work/referred"); then
    if [[ $status == there && $glibc != 0 ]]; then
      wrong "$name: is said to be there, and this libc does not declare it"
    elif [[ $status != no && $status != undeclared ]]; then
      echo "-       $name: this libc does not declare it"
    fi
    continue
  fi
  own=polite_pthread_${name#pthread_}
  case $status in
    there | releases)
      if [[ $symbol != "$own" ]]; then
        wrong "$name: is $symbol, expected $own"
      elif ! grep -qx "$own" "$work/exported"; then
        wrong "$name: the library does not export $own"
      else
        echo "ok      $name"
      fi
      ;;
    undeclared) wrong "$name: this libc declares it, and points.txt says that none does" ;;
    plain | no) [[ $symbol == "$plain" ]] || wrong "$name: is $symbol, but points.txt says '$status': expected libc's $plain" ;;
    *) wrong "$name: points.txt gives it the status '$status'" ;;
  esac
done <"$work/points"

# All that the header could have taken over besides: every name that one of polite's might be meant for.
compile "${with_header[@]}" -E -P -x c /dev/null | sed -E 's/" *"//g' >"$work/text"
compile "${with_header[@]}" -E -dM -x c /dev/null >"$work/definitions"
mapfile -t listed < <(awk '{ print $1 }' "$work/points" && printf '%s\n' $no_points $macros)
grep -ohE 'polite_pthread_[a-z0-9_]+' "$work/text" "$work/definitions" | sed 's/^polite_pthread_//; p; s/^/pthread_/' | sort -u |
  grep -vxFf <(printf '%s\n' "${listed[@]}") >"$work/others" || true
mapfile -t others < <(known $(cat "$work/others"))
if [[ ${#others[@]} -gt 0 ]]; then
  refer "${others[@]}" >"$work/referred"
  while read -r name symbol plain; do
    [[ $symbol == "$plain" ]] || wrong "$name: is $symbol, and is in no list"
  done <"$work/referred"
fi
while read -r name; do
  printf '%s\n' "${listed[@]}" | grep -qxF "$name" || wrong "$name: is a macro of polite's, and is in no list"
done < <(sed -nE '/^#define polite_/d; s/^#define ([a-z][a-z0-9_]*)(\([^)]*\))? .*polite_pthread_.*/\1/p' "$work/definitions")

[[ $failures == 0 ]] || { echo "$failures not so"; exit 1; }
