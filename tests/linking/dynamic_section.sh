#!/usr/bin/env bash
# What the shared libraries ask of the loader and show to others.
#
#     dynamic_section.sh COMPILER LIBRARY_DIR [BUILD_TYPE]
#
# COMPILER is what they were made with; a Debug build, and one by clang, may be larger. Exit code 77: it is not there, so they are not either.
set -euo pipefail
export LC_ALL=C

directory=${2:?usage: dynamic_section.sh COMPILER LIBRARY_DIR}
command -v "$1" >/dev/null || { echo "skipped: no $1"; exit 77; }
failures=0

# check WHAT COMMAND...
check() {
  if "${@:2}"; then echo "ok      $1"; else echo "not so  $1"; failures=$((failures + 1)); fi
}

# look_at NAME: the library to be checked.
look_at() {
  library=$directory/$1.so
  dynamic=$(readelf --wide --dynamic "$library")
  echo "$1"
}

entries() { sed -nE "s/.*\\($1\\) .*\\[(.*)\\]/\\1/p" <<<"$dynamic"; }
flags() { grep -E '\((FLAGS|FLAGS_1)\)' <<<"$dynamic"; }
undefined() { nm -D --undefined-only "$library"; }

# shown NODE: what is exported in that version.
shown() { nm -D --defined-only "$library" | sed -nE "s/^[0-9a-f]+ [TA] ([^@]*)@@$1\$/\\1/p"; }
versions() { readelf --wide --version-info "$library" | sed -nE 's/.*Index: .* Name: (.*)$/\1/p' | paste -sd' '; }

is_named() { [[ $(entries SONAME) == "$1" ]]; }
needs() { [[ $(entries NEEDED | paste -sd' ') =~ ^$1$ ]]; }
stays_loaded() { [[ $(flags) == *NODELETE* ]]; }
has_no_text_relocations() { [[ $dynamic != *TEXTREL* ]]; }
cancels_by_itself() { ! undefined | grep -E ' pthread_cancel| pthread_(setcancel|testcancel)|pthread_(un)?register_cancel|pthread_unwind'; }
has_a_plain_stack() { readelf --wide --segments "$library" | grep -qE 'GNU_STACK .* RW +0x'; }
text() { size "$library" | awk 'NR == 2 { print $1 }'; }
is_small() { (($(text) < 65536)); }

shows_in_nodes_alone() { ! nm -D --defined-only "$library" | grep -vE "@@($1)\$|^0+ A ($1)\$"; }
shows_programs() { ! shown POLITE_0 | grep -vE "$1" && ! shown POLITE_0 | grep -E '^polite_private_'; }
shows_the_other() { [[ -n $(shown POLITE_PRIVATE) ]] && ! shown POLITE_PRIVATE | grep -vE '^polite_private_[0-9_]+_[a-z_]+$'; }
has_what_the_other_needs() { diff <(shown POLITE_PRIVATE | sort) "$1"; }

# musl refuses to load a library that wants a place in the static TLS block once threads run; glibc keeps room for it.
fits_its_libc() {
  if [[ $(entries NEEDED) == *libc.so ]]; then [[ $(flags) != *STATIC_TLS* ]]; else [[ $(flags) == *STATIC_TLS* ]]; fi
}

what_holds_for_both() {
  check "its name is $1" is_named "$1"
  check 'is never unloaded (NODELETE)' stays_loaded
  check 'has no text relocations' has_no_text_relocations
  check "uses nothing of libc's cancellation" cancels_by_itself
  check 'needs no executable stack' has_a_plain_stack
  check 'its thread-local storage is of the kind that its libc can load late' fits_its_libc
  [[ ${build_type} == Debug || $compiler == *clang* ]] || check "its text is under 64 KiB: $(text)" is_small
}

compiler=$1 build_type=${3-}
needed=$(mktemp)
trap 'rm -f "$needed"' EXIT

look_at libpolite_names
what_holds_for_both libpolite_names.so.0
check 'needs libpolite and libc, and nothing else' needs 'libpolite\.so\.0 libc\.so(\.6)?'
check 'finds libpolite beside itself' test "$(entries RUNPATH)" = '$ORIGIN'
check 'has one version node' test "$(versions)" = 'libpolite_names.so.0 POLITE_0'
check 'exports all in it' shows_in_nodes_alone POLITE_0
check "exports plain names, streams, waits for libc's semaphores and programs run as calls alone" \
  shows_programs '^polite_((dropin|pthread|sem)_[a-z0-9_]+|fdopen|fflush|fclose|spawn_wait|system)$'
undefined | sed -nE 's/.* (polite_private_[^@]*).*/\1/p' | sort >"$needed"

look_at libpolite
what_holds_for_both libpolite.so.0
check 'needs libc and nothing else' needs 'libc\.so(\.6)?'
check 'has a version node for programs, and one for the other library' test "$(versions)" = 'libpolite.so.0 POLITE_0 POLITE_PRIVATE'
check 'exports all in these' shows_in_nodes_alone 'POLITE_0|POLITE_PRIVATE'
check 'exports polite_* to programs' shows_programs '^polite_[a-z0-9_]+$'
check 'exports polite_private_* to the other library' shows_the_other
check 'exports nothing there but what it needs' has_what_the_other_needs "$needed"
check 'exports no plain name' test -z "$(shown POLITE_0 | grep -E '^polite_(dropin|pthread)_')"
[[ $failures == 0 ]]
