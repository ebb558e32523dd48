#!/usr/bin/env bash
# What the shared library asks of the loader and shows to others.
#
#     dynamic_section.sh COMPILER LIBRARY [BUILD_TYPE]
#
# COMPILER is what LIBRARY was made with; a Debug build, and one by clang, may be larger. Exit code 77: it is not there, so the library is not either.
set -euo pipefail
export LC_ALL=C

library=${2:?usage: dynamic_section.sh COMPILER LIBRARY}
command -v "$1" >/dev/null || { echo "skipped: no $1"; exit 77; }
failures=0
dynamic=$(readelf --wide --dynamic "$library")

# check WHAT COMMAND...
check() {
  if "${@:2}"; then echo "ok      $1"; else echo "not so  $1"; failures=$((failures + 1)); fi
}

entries() { sed -nE "s/.*\\($1\\) .*\\[(.*)\\]/\\1/p" <<<"$dynamic"; }
flags() { grep -E '\((FLAGS|FLAGS_1)\)' <<<"$dynamic"; }

needs_libc_alone() { [[ $(entries NEEDED) =~ ^libc\.so(\.6)?$ ]]; }
is_named() { [[ $(entries SONAME) == libpolite.so.0 ]]; }
stays_loaded() { [[ $(flags) == *NODELETE* ]]; }
has_no_text_relocations() { [[ $dynamic != *TEXTREL* ]]; }
shows_only_polite() { ! nm -D --defined-only "$library" | grep -vE '^[0-9a-f]+ T polite_[a-z0-9_]+@@POLITE_0$|^0+ A POLITE_0$'; }
has_one_version() {
  [[ $(readelf --wide --version-info "$library" | sed -nE 's/.*Index: .* Name: (.*)$/\1/p' | paste -sd' ') == 'libpolite.so.0 POLITE_0' ]]
}
cancels_by_itself() { ! nm -D --undefined-only "$library" | grep -E 'pthread_cancel|pthread_(setcancel|testcancel)|pthread_(un)?register_cancel|pthread_unwind'; }
has_a_plain_stack() { readelf --wide --segments "$library" | grep -qE 'GNU_STACK .* RW +0x'; }
is_small() { (($(size "$library" | awk 'NR == 2 { print $1 }') < 65536)); }

# musl refuses to load a library that wants a place in the static TLS block once threads run; glibc keeps room for it.
fits_its_libc() {
  if [[ $(entries NEEDED) == libc.so ]]; then [[ $(flags) != *STATIC_TLS* ]]; else [[ $(flags) == *STATIC_TLS* ]]; fi
}

check 'needs libc and nothing else' needs_libc_alone
check 'its name is libpolite.so.0' is_named
check 'is never unloaded (NODELETE)' stays_loaded
check 'has no text relocations' has_no_text_relocations
check 'exports polite_* in version POLITE_0, and nothing else' shows_only_polite
check "uses nothing of libc's cancellation" cancels_by_itself
check 'has one version node' has_one_version
check 'needs no executable stack' has_a_plain_stack
check 'its thread-local storage is of the kind that its libc can load late' fits_its_libc
[[ ${3-} == Debug || $1 == *clang* ]] || check "its text is under 64 KiB: $(size "$library" | awk 'NR == 2 { print $1 }')" is_small
[[ $failures == 0 ]]
