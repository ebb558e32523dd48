// What is least: the bare system call read, and nothing at all.
#pragma once

#include <stddef.h>
#include <sys/syscall.h>

inline __attribute__((always_inline)) long bare_read_inline(int fd, void *buf, size_t len) {
  long answer = SYS_read;
  __asm__ volatile("syscall" : "+a"(answer) : "D"(fd), "S"(buf), "d"(len) : "rcx", "r11", "memory", "cc");
  return answer;
}

// In functions of a shared library that has nothing else.
extern "C" long bare_read(int fd, void *buf, size_t len);
extern "C" int bare_nothing(void);
