// The windows for Linux aarch64, one for each line of calls.def: the whole fast path of an interruption point, and the only code
// whose program counter matters. window_x86_64.S says where its handler finds a thread, and what it does then.
//
// `frame` is stored first and cleared last, and what it points at, the record as a cookie, stays on the stack for as long: beneath
// the stack pointer nothing is safe from a signal. All else stays in registers: the kernel gives them back as they were but for
// x0, which is as it was when it backs up to make the call again. (x8 may be another call's then, restart_syscall's.)
//
// Everything but one load is relaxed: the interrupter pays for the order, by membarrier (platform.h), between what is stored here
// and what is loaded afterwards. Two loads that belong together are ours to keep in order.

#include <sys/syscall.h>

#define WORD     0
#define INFLIGHT 8

// From the thread-local Whereabouts, which is at x9.
#define RECORD_  0
#define REGION   8
#define FRAME    16
#define CALL_    24
#define OBJECT   32
#define CALLS    40
#define MASK     48

#define FENCED   8              // word::FENCED
#define NUMBER   16             // Call::number
#define EINTR    4              // -EINTR is the lower half of WOKEN, too

// The layout of each copy, which stands at a multiple of 256 (window.h has the same numbers).
#define CANCEL_AT  20
#define CORE_AT    108
#define SYSCALL_AT 160
#define DONE_AT    164

#define BTI_C hint 34           // by its number, for assemblers that are told of an older processor

// The instructions from a function's beginning to its core, but for its own.
#if defined POLITE_TLS_DESCRIPTORS
#define PROLOGUE 14
#else
#define PROLOGUE 7
#endif

// The place of the calling thread's Whereabouts into x9, its record into x10, the first argument into x14 as well: the answer
// will be in its place.
.macro RECORD
        mov     x14, x0
#if defined POLITE_TLS_DESCRIPTORS
        mov     x11, x1
        mov     x12, x30
        .cfi_register 30, 12
        adrp    x0, :tlsdesc:polite_current
        ldr     x1, [x0, :tlsdesc_lo12:polite_current]
        add     x0, x0, :tlsdesc_lo12:polite_current
        .tlsdesccall polite_current
        blr     x1                      // it leaves all other registers alone
        mrs     x9, tpidr_el0
        add     x9, x9, x0
        mov     x30, x12
        .cfi_same_value 30
        mov     x0, x14
        mov     x1, x11
#else
        adrp    x9, :gottprel:polite_current
        mrs     x10, tpidr_el0
        ldr     x9, [x9, :gottprel_lo12:polite_current]
        add     x9, x9, x10
#endif
        ldr     x10, [x9, RECORD_]
.endm

.macro ADDRESS_OF_CALL call
        adrp    x13, \call
        add     x13, x13, :lo12:\call
.endm

// Out of the core's way. Reached with the record on the stack.
.macro BEFORE_CORE
        .p2align 8
10:     .cfi_startproc
        .cfi_def_cfa_offset 16
1:      dmb     ish                     // pending: a request, or FENCED, where membarrier is refused
        and     x11, x11, ~FENCED
        ldr     x12, [x10, WORD]
        tst     x12, x11
        b.eq    4f
        .org    10b + CANCEL_AT
        mov     w0, -EINTR              // WOKEN: the upper half becomes 0
        b       5f
        .cfi_def_cfa_offset 0
.endm

// x10: the record; x9: the Whereabouts; x13: the Call; the arguments where the kernel wants them.
.macro CORE number:vararg
        .org    10b + CORE_AT
        str     x10, [sp, -16]!
        .cfi_def_cfa_offset 16
        mov     x12, sp
        str     x12, [x9, FRAME]
        stp     x13, x0, [x9, CALL_]
        ldr     w12, [x9, CALLS]
        add     w12, w12, 1
        str     w12, [x9, CALLS]
        ldr     x11, [x9, MASK]
        str     x11, [x9, REGION]
        \number
        ldr     x12, [x10, WORD]        // after the store of region: pairs with request bit, order, region in wake()
        tst     x12, x11
        b.ne    1b
        .org    10b + SYSCALL_AT
4:      svc     0
        .org    10b + DONE_AT
5:      str     xzr, [x9, REGION]
        str     xzr, [x9, FRAME]
        add     sp, sp, 16
        .cfi_def_cfa_offset 0
.endm

        .section .text.polite_windows, "ax", %progbits
        .hidden polite_windows, polite_windows_end, polite_window
        .globl  polite_windows, polite_windows_end, polite_window
        .p2align 8
polite_windows:

// The first copy: any call, for C++, which concludes for itself. polite_window(call, arguments)
        .type   polite_window, %function
        BEFORE_CORE
        .org    10b + CORE_AT - 4 * (PROLOGUE + 4)
polite_window:
        BTI_C
        RECORD
        mov     x13, x0
        ldp     x2, x3, [x1, 16]
        ldp     x4, x5, [x1, 32]
        ldp     x0, x1, [x1]
        CORE    ldr w8, [x13, NUMBER]
        ret
        .cfi_endproc
        .size   polite_window, . - polite_window

// The other copies. Each is the C function itself.
.macro INTERRUPTIBLE symbol, call, number
        BEFORE_CORE
        .org    10b + CORE_AT - 4 * (PROLOGUE + 4)
        .globl  \symbol
        .type   \symbol, %function
\symbol:
        BTI_C
        RECORD
        ADDRESS_OF_CALL \call
        ldr     x12, [x9, FRAME]
        cbnz    x12, 7f
        CORE    mov w8, \number
        add     x12, x10, INFLIGHT
        ldar    w12, [x12]              // after the region has been left: pairs with wake() as the look above does
        cbnz    w12, 6f
        ldr     x12, [x10, WORD]        // after INFLIGHT, so that is acquired: an interrupter sets WAKING before it lets go
        cbnz    x12, 6f
        cmn     w0, EINTR
        b.eq    6f
        ret
6:      b       conclude
7:      b       nested
        .cfi_endproc
        .size   \symbol, . - \symbol
.endm

#define CALL(name, number, has_descriptor, restarts, limit, names) INTERRUPTIBLE polite_##name, polite_call_##name, number
#define PART(name, number, has_descriptor, restarts, limit, parameters) \
        .hidden polite_part_##name ; INTERRUPTIBLE polite_part_##name, polite_call_##name, number
#define SHARED(name, number, has_descriptor, restarts, limit, names)
#define SHARED_PART(name, number, has_descriptor, restarts, limit, parameters)
#define NAMED(name, names)
#include "calls.def"

        .p2align 8
polite_windows_end:

        .text

// On to C++, which wants the arguments in a row.
.macro TO_CPP function, first:vararg
        .cfi_startproc
        \first
        stp     x29, x30, [sp, -64]!
        .cfi_def_cfa_offset 64
        .cfi_offset 29, -64
        .cfi_offset 30, -56
        mov     x29, sp
        stp     x14, x1, [sp, 16]
        stp     x2, x3, [sp, 32]
        stp     x4, x5, [sp, 48]
        mov     x2, x0
        mov     x0, x13
        add     x1, sp, 16
        bl      \function
        ldp     x29, x30, [sp], 64
        .cfi_restore 29
        .cfi_restore 30
        .cfi_def_cfa_offset 0
        ret
        .cfi_endproc
.endm

// x13: the Call; x0: the answer; the arguments as in the window.
conclude:
        TO_CPP  polite_conclude

// x13: the Call; the arguments as in the window.
nested:
        TO_CPP  polite_interruptible

// The calls that share the first copy. x13: the Call; the arguments as in C.
shared:
        TO_CPP  polite_interruptible, mov x14, x0

#undef CALL
#undef PART
#undef SHARED
#undef SHARED_PART
.macro SHARE symbol, call
        .globl  \symbol
        .type   \symbol, %function
\symbol:
        BTI_C
        ADDRESS_OF_CALL \call
        b       shared
        .size   \symbol, . - \symbol
.endm
#define CALL(name, number, has_descriptor, restarts, limit, names)
#define PART(name, number, has_descriptor, restarts, limit, parameters)
#define SHARED(name, number, has_descriptor, restarts, limit, names) SHARE polite_##name, polite_call_##name
#define SHARED_PART(name, number, has_descriptor, restarts, limit, parameters) \
        .hidden polite_part_##name ; SHARE polite_part_##name, polite_call_##name
        .cfi_startproc
#include "calls.def"
        .cfi_endproc

// Whoever comes here by a pointer lands on a BTI: so the linker may say of the whole library, if it holds of the rest.
        .section .note.gnu.property, "a", %note
        .p2align 3
        .word   4, 16, 5                // the lengths of the name and of what it says; NT_GNU_PROPERTY_TYPE_0
        .asciz  "GNU"
        .word   0xc0000000, 4, 1, 0     // GNU_PROPERTY_AARCH64_FEATURE_1_AND: BTI

        .section .note.GNU-stack, "", %progbits
