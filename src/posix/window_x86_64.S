// The windows for Linux x86-64, one for each line of calls.def: the whole fast path of an interruption point, and the only code
// whose program counter matters.
//
// From the store of `region` on until its end the thread is in a region, and an interrupter may send the wake signal. Its handler
// looks where the signal arrived:
//
//   pending, core to syscall   the call has not been made, or was blocked and moved nothing: the kernel has backed up to make it again.
//                              The handler goes on at `cancel`, or lets it be made if no request is left
//   done                       it has been made. If it says -EINTR because of us, the handler says WOKEN_LATE in its place
//   elsewhere                  a handler of the program's own is on top
//
// `frame` is stored first and cleared last: a polite call in a signal handler anywhere in between knows that it is nested. What
// it points at is the record, as a cookie (inside_call); it is there, too, because the kernel takes rcx and r11.
// Everything is relaxed: the interrupter pays for the order, by membarrier (platform.h).

#include <cet.h>
#include <sys/syscall.h>

#define WORD     0
#define INFLIGHT 8

// From the thread-local Whereabouts, whose place relative to the thread pointer is in rax before the call and in rcx after it.
#define RECORD_  0
#define REGION   8
#define FRAME    16
#define CALL_    24
#define OBJECT   32
#define CALLS    40
#define MASK     48

#define FENCED   8              // word::FENCED
#define NUMBER   16             // Call::number
#define WOKEN    0xfffffffc
#define EINTR_32 -4             // the lower half of -EINTR, and of WOKEN

// The layout of each copy, which stands at a multiple of 256 (window.h has the same numbers).
#define CANCEL_AT  16
#define CORE_AT    83
#define SYSCALL_AT 128
#define DONE_AT    130

#if defined __CET__ && (__CET__ & 1)
#define ENDBR    4
#else
#define ENDBR    0
#endif

// The place of the calling thread's Whereabouts, from the thread pointer, into rax; its record into r11.
#if defined POLITE_TLS_DESCRIPTORS
#define IN_CORE  24              // how far the frame's address is from the stack pointer there
#define CORE_LENGTH     42
#define ANY_CORE_LENGTH 45
#define PROLOGUE (31 + ENDBR)   // the bytes from a function's beginning to its core
#else
#define IN_CORE  16
#define CORE_LENGTH     41
#define ANY_CORE_LENGTH 44
#define PROLOGUE (29 + ENDBR)
#endif
.macro RECORD
#if defined POLITE_TLS_DESCRIPTORS
        leaq    polite_current@tlsdesc(%rip), %rax
        call    *polite_current@tlscall(%rax)
#else
        movq    polite_current@gottpoff(%rip), %rax
#endif
        movq    %fs:RECORD_(%rax), %r11
.endm

// Out of the core's way. Reached with the record on the stack.
.macro BEFORE_CORE
        .p2align 8
10:     .cfi_startproc
        .cfi_def_cfa_offset IN_CORE
1:      mfence                          // pending: a request, or FENCED, where membarrier is refused
        andq    $~FENCED, %rcx
        testq   %rcx, WORD(%r11)
        jz      4f
        .org    10b + CANCEL_AT, 0x90
        movl    $WOKEN, %eax
        jmp     5f
.endm

.macro NUMBER_OF_ANY
        movq    %fs:CALL_(%rax), %rax
        movl    NUMBER(%rax), %eax
.endm

// r11: the record; rax: the place of the Whereabouts; rcx: the Call; the arguments where the kernel wants them.
.macro CORE length, number:vararg
        .org    10b + SYSCALL_AT - \length, 0x90
#if defined POLITE_TLS_DESCRIPTORS
        pushq   %rax                    // a call to get it back would look like a handler on top
        .cfi_def_cfa_offset 16
#endif
        pushq   %r11
        .cfi_def_cfa_offset IN_CORE
        movq    %rsp, %fs:FRAME(%rax)
        movq    %rcx, %fs:CALL_(%rax)
        movq    %rdi, %fs:OBJECT(%rax)
        incl    %fs:CALLS(%rax)
        movq    %fs:MASK(%rax), %rcx
        movq    %rcx, %fs:REGION(%rax)
        \number
        testq   %rcx, WORD(%r11)        // after the store of region: pairs with request bit, order, region in wake()
        jnz     1b
        .org    10b + SYSCALL_AT, 0x90
4:      syscall
        .org    10b + DONE_AT, 0x90
5:      popq    %r11
        .cfi_def_cfa_offset IN_CORE - 8
#if defined POLITE_TLS_DESCRIPTORS
        popq    %rcx
        .cfi_def_cfa_offset 8
#else
        movq    polite_current@gottpoff(%rip), %rcx
#endif
        movq    $0, %fs:REGION(%rcx)
        movq    $0, %fs:FRAME(%rcx)
.endm

        .section .text.polite_windows, "ax", @progbits
        .hidden polite_windows, polite_windows_end, polite_window
        .globl  polite_windows, polite_windows_end, polite_window
        .p2align 8
polite_windows:

// The first copy: any call, for C++, which concludes for itself. polite_window(call, arguments)
        .type   polite_window, @function
        BEFORE_CORE
        .org    10b + CORE_AT
        .cfi_def_cfa_offset 8
any:    CORE    ANY_CORE_LENGTH, NUMBER_OF_ANY
        ret
polite_window:
        RECORD
        movq    %rdi, %rcx
        movq    (%rsi), %rdi
        movq    16(%rsi), %rdx
        movq    24(%rsi), %r10
        movq    32(%rsi), %r8
        movq    40(%rsi), %r9
        movq    8(%rsi), %rsi
        jmp     any
        .cfi_endproc
        .size   polite_window, . - polite_window

// The other copies. Each is the C function itself.
.macro INTERRUPTIBLE symbol, call, number
        BEFORE_CORE
        .org    10b + SYSCALL_AT - CORE_LENGTH - PROLOGUE
        .globl  \symbol
        .type   \symbol, @function
        .cfi_def_cfa_offset 8
\symbol:
        _CET_ENDBR
        RECORD
        cmpq    $0, %fs:FRAME(%rax)
        jne     7f
        movq    %rcx, %r10
        leaq    \call(%rip), %rcx
        CORE    CORE_LENGTH, movl $\number, %eax
        cmpl    $0, INFLIGHT(%r11)      // after the region has been left: pairs with wake() as the look above does
        jne     6f
        cmpq    $0, WORD(%r11)          // after INFLIGHT: an interrupter sets WAKING before it lets go
        jne     6f
        cmpl    $EINTR_32, %eax
        je      6f
        ret
6:      leaq    \call(%rip), %rcx
        jmp     conclude
7:      leaq    \call(%rip), %rax
        jmp     nested
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
.macro TO_CPP function, fourth, third_parameter
        .cfi_startproc
        pushq   %r9
        pushq   %r8
        pushq   \fourth
        pushq   %rdx
        pushq   %rsi
        pushq   %rdi
        movq    %rsp, %rsi
        subq    $8, %rsp
        .cfi_def_cfa_offset 64
        \third_parameter
        call    \function
        addq    $56, %rsp
        .cfi_def_cfa_offset 8
        ret
        .cfi_endproc
.endm

// rcx: the Call; rax: the answer; the arguments as in the window.
conclude:
        TO_CPP  polite_conclude, %r10, "movq %rcx, %rdi; movq %rax, %rdx"

// Calls that are entered inside of a call, or seem to be, and those that share the first copy. rax: the Call; the arguments as in C.
nested:
shared:
        TO_CPP  polite_interruptible, %rcx, "movq %rax, %rdi"

#undef CALL
#undef PART
#undef SHARED
#undef SHARED_PART
.macro SHARE symbol, call
        .globl  \symbol
        .type   \symbol, @function
\symbol:
        _CET_ENDBR
        leaq    \call(%rip), %rax
        jmp     shared
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

// What the kernel has a signal handler return to. These very bytes, without CFI, are what unwinders and debuggers know a signal
// frame by.
        .hidden polite_signal_return
        .globl  polite_signal_return
        .type   polite_signal_return, @function
        .p2align 4
        nop
polite_signal_return:
        movq    $SYS_rt_sigreturn, %rax
        syscall
        .size   polite_signal_return, . - polite_signal_return

        .section .note.GNU-stack, "", @progbits
