// The window for Linux x86-64: the only code whose program counter matters.
//
//   rax       the system call's number
//   rdi rsi rdx r10 r8 r9   its arguments
//   rbx       the record (the kernel keeps it; it takes rcx and r11)
//   r11       the Call
//   returns   in rax the kernel's answer, or WOKEN
//
// From the store of `region` on until its end the thread is in a region, and an interrupter may send the wake signal. Its handler
// looks where the signal arrived:
//
//   [begin, syscall]   the call has not been made, or was blocked and moved nothing: the kernel has backed up to make it again. The
//                      handler goes on at `cancel`, or lets it be made if no request is left
//   done               it has been made. If it says -EINTR because of us, the handler says WOKEN in its place
//   elsewhere          a handler of the program's own is on top
//
// `frame` is stored first and cleared last: a polite call in a signal handler anywhere in between knows that it is nested. What
// it points at is the Call, as a cookie: see inside_call.

#define WORD     0
#define MASK     8
#define REGION   16
#define INFLIGHT 24
#define FRAME    32
#define CALL     40
#define OBJECT   48
#define CALLS    56
#define FENCED   1

        .text
        .hidden polite_window, polite_window_begin, polite_window_syscall, polite_window_done, polite_window_cancel
        .globl  polite_window, polite_window_begin, polite_window_syscall, polite_window_done, polite_window_cancel
        .type   polite_window, @function
        .p2align 6
polite_window_begin:
        .cfi_startproc
        .cfi_def_cfa_offset 16
.Lfence:                                // membarrier is refused here (platform.h, order)
        mfence
        jmp     .Ltest
        .cfi_endproc

        .p2align 5
polite_window:
        .cfi_startproc
        pushq   %r11                    // the cookie
        .cfi_def_cfa_offset 16
        movq    %rsp, FRAME(%rbx)
        movq    %r11, CALL(%rbx)
        movq    %rdi, OBJECT(%rbx)
        incl    CALLS(%rbx)
        movq    MASK(%rbx), %rcx
        movq    %rcx, REGION(%rbx)
        testb   $FENCED, INFLIGHT(%rbx)
        jnz     .Lfence
.Ltest:
        testq   %rcx, WORD(%rbx)        // after the store of region: pairs with request bit, order, region in wake()
        jnz     polite_window_cancel
polite_window_syscall:
        syscall
polite_window_done:
        movq    $0, REGION(%rbx)
        movq    $0, FRAME(%rbx)
        addq    $8, %rsp
        .cfi_def_cfa_offset 8
        ret
        .cfi_def_cfa_offset 16
polite_window_cancel:
        movl    $0xfffffffc, %eax       // WOKEN
        jmp     polite_window_done
        .cfi_endproc
        .size   polite_window, . - polite_window

// What the kernel has a signal handler return to. These very bytes, without CFI, are what unwinders and debuggers know a signal
// frame by.
        .hidden polite_signal_return
        .globl  polite_signal_return
        .type   polite_signal_return, @function
        .p2align 4
        nop
polite_signal_return:
        movq    $15, %rax               // SYS_rt_sigreturn
        syscall
        .size   polite_signal_return, . - polite_signal_return

        .section .note.GNU-stack, "", @progbits

        .section .note.gnu.property, "a"
        .p2align 3
        .long   4, 16, 5
        .asciz  "GNU"
        .long   0xc0000002, 4, 3, 0     // x86 feature 1: IBT, SHSTK
