/* A module that calls the program once more when the process ends (test_thread_ends.c). */
#include <windows.h>

__declspec(dllexport) void (*last_word)(void);

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID unused) {
  (void)module, (void)unused;
  if (reason == DLL_PROCESS_DETACH && last_word) last_word();
  return TRUE;
}
