// Memory, time, the process, as Windows has them; and what it has not: signals, forks.
#include "platform.h"
#include "process.h"
#include "win32/api.h"

namespace polite::platform {

void *map(size_t size) { return VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE); }

void unmap(void *memory, size_t) { VirtualFree(memory, 0, MEM_RELEASE); }

void tell(const char *line) {
  HANDLE out = GetStdHandle(STD_ERROR_HANDLE);
  DWORD written;
  WriteFile(out, line, DWORD(lstrlenA(line)), &written, nullptr);
  WriteFile(out, "\r\n", 2, &written, nullptr);
}

int64_t monotonic_ns() {
  static Atomic<int64_t> known;
  LARGE_INTEGER now, second;
  int64_t frequency = known.load_relaxed();
  if (!frequency) {
    QueryPerformanceFrequency(&second);
    known.store_relaxed(frequency = second.QuadPart);
  }
  QueryPerformanceCounter(&now);
  constexpr int64_t SECOND = 1000000000;
  return now.QuadPart / frequency * SECOND + now.QuadPart % frequency * SECOND / frequency;
}

void pause() { YieldProcessor(); }

// --- The process ------------------------------------------------------------------------------------------------------------

namespace {

// Whatever threads have of ours, and the loader's list of callbacks, are not to be taken away under them.
void stay_loaded() {
  HMODULE module;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                     reinterpret_cast<LPCWSTR>(reinterpret_cast<uintptr_t>(&stay_loaded)), &module);
}

}  // namespace

extern "C" BOOLEAN NTAPI RtlDllShutdownInProgress(void);

// There is no fork. But a process that ends is like the child of one: its other threads are gone, whatever they were doing, and the one that
// ends it may come here once more, from the end of another module.
Atomic<uint32_t> &process_mark() {
  static Atomic<uint32_t> mark, ends;
  if (unlikely(RtlDllShutdownInProgress()) && !ends.exchange(1)) mark.store(0);
  return mark;
}

void after_fork() {}

int start(Record &) {
  stay_loaded();
  present();
  return POLITE_BACKEND_EVENT;
}

// --- Waking -----------------------------------------------------------------------------------------------------------------

// All regions bring their wakers, whose owners fence; nobody is kicked.
bool fences_needed() { return false; }
bool order() { return true; }
void fence() { order_for_threads(); }
void leave_self_pipe(Record &) {}
Kick::Kick(const Record &record) : system_id_(record.system_id.load()), record_(&record) {}
bool Kick::send() const {
  (void)record_, (void)system_id_;
  return false;
}
void drain() {}
void wait_for_wake(const Atomic<uint64_t> &) {}

// --- Signals ----------------------------------------------------------------------------------------------------------------

void admit_wakes() {}
Signals_held::Signals_held(Extent) : before_(0) {}
Signals_held::~Signals_held() {}
void let_in(uint64_t) {}

}  // namespace polite::platform
