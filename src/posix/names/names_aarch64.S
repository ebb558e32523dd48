// The functions behind plain names for Linux aarch64, one or two for each line of calls.def that has any: a call of polite's with the
// conventions of errno.

#define BTI_C hint 34           // by its number, for assemblers that are told of an older processor

        .text

// What stands behind plain names. x9: the function; its arguments. The lower half tells an error, as in the window.
.macro BY_ERRNO function
        .cfi_startproc
        stp     x29, x30, [sp, -16]!
        .cfi_def_cfa_offset 16
        .cfi_offset 29, -16
        .cfi_offset 30, -8
        mov     x29, sp
        blr     x9
        tbz     w0, 31, 8f
        sxtw    x0, w0
        bl      \function
        mov     x0, -1
8:      ldp     x29, x30, [sp], 16
        .cfi_restore 29
        .cfi_restore 30
        .cfi_def_cfa_offset 0
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
        .type   \symbol, %function
\symbol:
        BTI_C
        adrp    x9, :got:\function
        ldr     x9, [x9, :got_lo12:\function]
        b       \convention
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

// Whoever comes here by a pointer lands on a BTI: so the linker may say of the whole library, if it holds of the rest.
        .section .note.gnu.property, "a", %note
        .p2align 3
        .word   4, 16, 5                // the lengths of the name and of what it says; NT_GNU_PROPERTY_TYPE_0
        .asciz  "GNU"
        .word   0xc0000000, 4, 1, 0     // GNU_PROPERTY_AARCH64_FEATURE_1_AND: BTI

        .section .note.GNU-stack, "", %progbits
