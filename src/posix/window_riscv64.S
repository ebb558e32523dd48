// The windows for Linux riscv64, one for each line of calls.def: the whole fast path of an interruption point, and the only code
// whose program counter matters. window_x86_64.S says where its handler finds a thread, and what it does then.
//
// `frame` is stored first and cleared last, and what it points at, the record as a cookie, stays on the stack for as long: beneath
// the stack pointer nothing is safe from a signal. All else stays in registers: the kernel gives them back as they were but for
// a0, which is as it was when it backs up to make the call again. (a7 may be another call's then, restart_syscall's.)
//
// Everything is relaxed: the interrupter pays for the order, by membarrier (platform.h), between what is stored here and what is loaded
// afterwards. Two loads that belong together are ours to keep in order.
//
// Every instruction has four bytes, here and after linking: a compressed or relaxed one would move those behind it.

#include <sys/syscall.h>

        .option norvc
        .option norelax

#define WORD     0
#define INFLIGHT 8

// From the thread-local Whereabouts, which is at t0.
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

// The layout of each copy, which stands at a multiple of 256 (window.h has the same numbers). Functions begin with a cache line.
#define CANCEL_AT  20
#define CORE_AT    100
#define SYSCALL_AT 156
#define DONE_AT    160

// The instructions from a function's beginning to its core, but for its own.
#if defined POLITE_TLS_DESCRIPTORS
#define PROLOGUE 4
#else
#define PROLOGUE 5
#endif

// The place of the calling thread's Whereabouts into t0, its record into t1, the first argument into t3 as well: the answer
// will be in its place.
.macro RECORD
#if defined POLITE_TLS_DESCRIPTORS
        jal     t0, whereabouts
        mv      t0, t1
#else
        la.tls.ie t0, polite_current
        add     t0, t0, tp
#endif
        ld      t1, RECORD_(t0)
        mv      t3, a0
.endm

// Out of the core's way. Reached with the record on the stack.
.macro BEFORE_CORE
        .p2align 8
10:     .cfi_startproc
        .cfi_def_cfa_offset 16
1:      fence   rw, rw                  // pending: a request, or FENCED, where membarrier is refused
        andi    t5, t5, ~FENCED
        ld      t6, WORD(t1)
        and     t6, t6, t5
        beqz    t6, 4f
        .org    10b + CANCEL_AT
        li      a0, -EINTR              // WOKEN: the upper half becomes 0
        slli    a0, a0, 32
        srli    a0, a0, 32
        j       5f
        .cfi_def_cfa_offset 0
.endm

// t1: the record; t0: the Whereabouts; t2: the Call; the arguments where the kernel wants them.
.macro CORE number:vararg
        .org    10b + CORE_AT
        addi    sp, sp, -16
        .cfi_def_cfa_offset 16
        sd      t1, (sp)
        sd      sp, FRAME(t0)
        sd      t2, CALL_(t0)
        sd      a0, OBJECT(t0)
        lw      t4, CALLS(t0)
        addiw   t4, t4, 1
        sw      t4, CALLS(t0)
        ld      t5, MASK(t0)
        sd      t5, REGION(t0)
        \number
        ld      t6, WORD(t1)            // after the store of region: pairs with request bit, order, region in wake()
        and     t6, t6, t5
        bnez    t6, 1b
        .org    10b + SYSCALL_AT
4:      ecall
        .org    10b + DONE_AT
5:      sd      zero, REGION(t0)
        sd      zero, FRAME(t0)
        addi    sp, sp, 16
        .cfi_def_cfa_offset 0
.endm

        .section .text.polite_windows, "ax", @progbits
        .hidden polite_windows, polite_windows_end, polite_window
        .globl  polite_windows, polite_windows_end, polite_window
        .p2align 8
polite_windows:

// The first copy: any call, for C++, which concludes for itself. polite_window(call, arguments)
        .type   polite_window, @function
        BEFORE_CORE
        .org    10b + CORE_AT - 4 * (PROLOGUE + 7)
polite_window:
        RECORD
        mv      t2, a0
        ld      a0, (a1)
        ld      a2, 16(a1)
        ld      a3, 24(a1)
        ld      a4, 32(a1)
        ld      a5, 40(a1)
        ld      a1, 8(a1)
        CORE    lw a7, NUMBER(t2)
        ret
        .cfi_endproc
        .size   polite_window, . - polite_window

// The other copies. Each is the C function itself.
.macro INTERRUPTIBLE symbol, call, number
        BEFORE_CORE
        .org    10b + CORE_AT - 4 * (PROLOGUE + 4)
        .globl  \symbol
        .type   \symbol, @function
\symbol:
        RECORD
        lla     t2, \call
        ld      t4, FRAME(t0)
        bnez    t4, 7f
        CORE    li a7, \number
        lwu     t4, INFLIGHT(t1)        // after the region has been left: pairs with wake() as the look above does
        bnez    t4, 6f
        add     t4, t4, t1              // adds 0: an address that depends on a load is not loaded from before it
        ld      t4, WORD(t4)            // after INFLIGHT: an interrupter sets WAKING before it lets go
        bnez    t4, 6f
        sext.w  t5, a0
        li      t6, -EINTR
        beq     t5, t6, 6f
        ret
6:      j       conclude
7:      j       shared
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

// The rest is in the same section, for a jump reaches no farther than a megabyte.

#if defined POLITE_TLS_DESCRIPTORS
// The place of the calling thread's Whereabouts into t1, from libc, which may take all that a function may. Returns to t0.
whereabouts:
        .cfi_startproc
        .cfi_return_column t0
        addi    sp, sp, -64
        .cfi_def_cfa_offset 64
        sd      ra, (sp)
        sd      t0, 8(sp)
        sd      a0, 16(sp)
        sd      a1, 24(sp)
        sd      a2, 32(sp)
        sd      a3, 40(sp)
        sd      a4, 48(sp)
        sd      a5, 56(sp)
        .cfi_offset ra, -64
        .cfi_offset t0, -56
        la.tls.gd a0, polite_current
        call    __tls_get_addr@plt
        mv      t1, a0
        ld      ra, (sp)
        ld      t0, 8(sp)
        ld      a0, 16(sp)
        ld      a1, 24(sp)
        ld      a2, 32(sp)
        ld      a3, 40(sp)
        ld      a4, 48(sp)
        ld      a5, 56(sp)
        addi    sp, sp, 64
        .cfi_restore ra
        .cfi_restore t0
        .cfi_def_cfa_offset 0
        jr      t0
        .cfi_endproc
#endif

// On to C++, which wants the arguments in a row.
.macro TO_CPP function, first:vararg
        .cfi_startproc
        \first
        addi    sp, sp, -64
        .cfi_def_cfa_offset 64
        sd      ra, 56(sp)
        .cfi_offset ra, -8
        sd      t3, (sp)
        sd      a1, 8(sp)
        sd      a2, 16(sp)
        sd      a3, 24(sp)
        sd      a4, 32(sp)
        sd      a5, 40(sp)
        mv      a2, a0
        mv      a0, t2
        mv      a1, sp
        call    \function
        ld      ra, 56(sp)
        .cfi_restore ra
        addi    sp, sp, 64
        .cfi_def_cfa_offset 0
        ret
        .cfi_endproc
.endm

// t2: the Call; a0: the answer; the arguments as in the window.
conclude:
        TO_CPP  polite_conclude

// Calls that are entered inside of a call, or seem to be, and those that share the first copy. t2: the Call; the arguments as in C.
shared:
        TO_CPP  polite_interruptible, mv t3, a0

.macro SHARE symbol, call
        .globl  \symbol
        .type   \symbol, @function
\symbol:
        lla     t2, \call
        j       shared
        .size   \symbol, . - \symbol
.endm

#undef CALL
#undef PART
#undef SHARED
#undef SHARED_PART
#define CALL(name, number, has_descriptor, restarts, limit, names)
#define PART(name, number, has_descriptor, restarts, limit, parameters)
#define SHARED(name, number, has_descriptor, restarts, limit, names) SHARE polite_##name, polite_call_##name
#define SHARED_PART(name, number, has_descriptor, restarts, limit, parameters) \
        .hidden polite_part_##name ; SHARE polite_part_##name, polite_call_##name
        .cfi_startproc
#include "calls.def"
        .cfi_endproc

        .section .note.GNU-stack, "", @progbits
