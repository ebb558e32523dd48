// Making threads, ending them, waiting for their end.
#include "polite/error.h"
#include "win32/own_thread.h"
#include "win32/api.h"

#include <stdlib.h>

namespace polite::platform {

namespace {

void dispose(Own_thread &thread) {
  CloseHandle(thread.handle);
  free(&thread);
}

void end_with(Own_thread &own, void *result) {
  own.result = result;
  own.has_result = true;
}

void *result_of(const Own_thread &own) {
  DWORD code = 0;
  if (own.has_result) return own.result;
  GetExitCodeThread(own.handle, &code);
  return reinterpret_cast<void *>(uintptr_t(code));
}

DWORD WINAPI run(void *own_) {
  Own_thread &own = *static_cast<Own_thread *>(own_);
  adopt(own);
  end_with(own, own.begin(own.argument));
  return 0;
}

}  // namespace

void thread_has_ended(Own_thread &thread) { dispose(thread); }

uint32_t system_id() { return GetCurrentThreadId(); }

uint64_t system_thread() {
  Own_thread *own = here().own;
  return own ? reinterpret_cast<uintptr_t>(own) : system_id();
}

int make_thread(uint64_t *thread, const New_thread &wanted, uint64_t *, void *(*begin)(void *), void *argument) {
  Own_thread *own = static_cast<Own_thread *>(calloc(1, sizeof *own));
  Here *here = own ? reserve() : nullptr;
  if (!here) {
    free(own);
    return POLITE_ENOMEM;
  }
  *own = {begin, argument, nullptr, false, nullptr, here, wanted.detached};
  // Not to run before its handle is known.
  DWORD flags = CREATE_SUSPENDED | (wanted.stack_size ? STACK_SIZE_PARAM_IS_A_RESERVATION : 0);
  own->handle = CreateThread(nullptr, size_t(wanted.stack_size), run, own, flags, nullptr);
  if (!own->handle) {
    bool room = GetLastError() != ERROR_NOT_ENOUGH_MEMORY;
    give_back(*here);
    free(own);
    return room ? POLITE_EAGAIN : POLITE_ENOMEM;
  }
  *thread = reinterpret_cast<uintptr_t>(own);
  ResumeThread(own->handle);
  return 0;
}

// Windows 10 has names for threads.
void name_thread(const char *name) {
  using Describe = HRESULT(WINAPI *)(HANDLE, PCWSTR);
  wchar_t wide[16];
  FARPROC describe = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "SetThreadDescription");
  if (describe && MultiByteToWideChar(CP_UTF8, 0, name, -1, wide, 16))
    reinterpret_cast<Describe>(reinterpret_cast<void *>(describe))(GetCurrentThread(), wide);
}

void *join_thread(uint64_t thread) {
  Own_thread &own = *reinterpret_cast<Own_thread *>(thread);
  WaitForSingleObject(own.handle, INFINITE);
  void *result = result_of(own);
  dispose(own);
  return result;
}

void detach_thread(uint64_t thread) { dispose(*reinterpret_cast<Own_thread *>(thread)); }

void end_thread(void *result) {
  if (Own_thread *own = here().own) end_with(*own, result);
  ExitThread(DWORD(reinterpret_cast<uintptr_t>(result)));
}

}  // namespace polite::platform
