/* How many handles the process has: counted one by one, for GetProcessHandleCount says 0 on Wine 8. */
#ifndef HANDLES_H
#define HANDLES_H

#include <winsock2.h>

#include <windows.h>

static inline DWORD handles(void) {
  DWORD count = 0, flags;
  for (uintptr_t value = 4; value < 0x8000; value += 4) count += GetHandleInformation((HANDLE)value, &flags) != 0;
  return count;
}

#endif
