// The functions behind plain names for Linux x86-64, one or two for each line of calls.def that has any: a call of polite's with the
// conventions of errno.

#include <cet.h>

        .text

// What stands behind plain names. rax: the function; its arguments. The lower half tells an error, as in the window.
.macro BY_ERRNO function
        .cfi_startproc
        pushq   %rbx
        .cfi_def_cfa_offset 16
        call    *%rax
        testl   %eax, %eax
        js      8f
        popq    %rbx
        .cfi_def_cfa_offset 8
        ret
8:      .cfi_def_cfa_offset 16
        movslq  %eax, %rdi
        call    \function
        movq    $-1, %rax
        popq    %rbx
        .cfi_def_cfa_offset 8
        ret
        .cfi_endproc
.endm

by_errno:
        BY_ERRNO polite_by_errno

by_errno_unless_canceled:
        BY_ERRNO polite_by_errno_unless_canceled

// `function` may be the other library's.
.macro NAME symbol, convention, function
        .globl  \symbol
        .type   \symbol, @function
\symbol:
        _CET_ENDBR
        movq    \function@GOTPCREL(%rip), %rax
        jmp     \convention
        .size   \symbol, . - \symbol
.endm

#define NO_NAMES(name)
#define DROPINS(name) NAME polite_dropin_##name, by_errno, polite_##name
#define POINTS(name) DROPINS(name) ; NAME polite_pthread_##name, by_errno_unless_canceled, polite_##name
#define CALL(name, number, has_descriptor, restarts, limit, names) names(name)
#define SHARED(name, number, has_descriptor, restarts, limit, names) names(name)
#define PART(name, number, has_descriptor, restarts, limit, parameters)
#define SHARED_PART(name, number, has_descriptor, restarts, limit, parameters)
#define NAMED(name, names) names(name)
        .cfi_startproc
#include "posix/calls.def"
        .cfi_endproc

        .section .note.GNU-stack, "", @progbits
