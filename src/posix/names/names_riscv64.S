// What stands behind plain names on riscv64: for each line of calls.def the stubs that its `names` asks for. A stub calls the function
// of the interface, and turns an error that it returns into errno (by_errno.h).

        .text

// t1: the function; its arguments. The lower half tells an error, as in the window.
.macro BY_ERRNO function
        .cfi_startproc
        addi    sp, sp, -16
        .cfi_def_cfa_offset 16
        sd      ra, 8(sp)
        .cfi_offset ra, -8
        jalr    t1
        sext.w  t1, a0
        bgez    t1, 8f
        mv      a0, t1
        call    \function
        li      a0, -1
8:      ld      ra, 8(sp)
        .cfi_restore ra
        addi    sp, sp, 16
        .cfi_def_cfa_offset 0
        ret
        .cfi_endproc
.endm

by_errno:
        BY_ERRNO polite_by_errno

by_errno_unless_canceled:
        BY_ERRNO polite_by_errno_unless_canceled

.macro STUB symbol, where, function
        .globl  \symbol
        .type   \symbol, @function
\symbol:
        la      t1, \function
        j       \where
        .size   \symbol, . - \symbol
.endm

#define NO_NAMES(name)
#define DROPINS(name) STUB polite_dropin_##name, by_errno, polite_##name
#define POINTS(name) DROPINS(name) ; STUB polite_pthread_##name, by_errno_unless_canceled, polite_##name
#define CALL(name, number, has_descriptor, restarts, limit, names) names(name)
#define SHARED CALL
#define PART(name, number, has_descriptor, restarts, limit, parameters)
#define SHARED_PART PART
#define NAMED(name, names) names(name)
        .cfi_startproc
#include "posix/calls.def"
        .cfi_endproc

        .section .note.GNU-stack, "", @progbits
