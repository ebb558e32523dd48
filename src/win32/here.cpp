// What belongs to the calling thread, and its end.
//
// The end is told by a callback of the module's thread-local storage, which the loader calls in a DLL as in a program, for threads of
// every origin, and for this module after those that depend on it: so their ends still find the thread attached.
#include "platform.h"
#include "win32/own_thread.h"
#include "win32/api.h"

#include <new>
#include <winternl.h>

namespace polite::platform {

namespace {

Atomic<uint32_t> slot;            // of the system's thread-local storage, and 1; 0: not taken yet
alignas(16) SLIST_HEADER unused;  // those that no thread has. All zero is an empty list

// For all threads of which it is true: their calls are plain.
Here without_memory(&nobody), after_the_end(&gone);

// All others. They are never unmapped.
struct Kept : Here {
  struct alignas(16) Link {
    SLIST_ENTRY entry;  // first: the list's pointers lead to it
    Kept *whole;
  } link;

  Kept() : Here(&nobody) { link.whole = this; }
};

#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic ignored "-Warray-bounds"  // gcc takes what is in the thread's own segment for something near null
#endif

// As winternl.h lays the block out. TlsGetValue would be the same, and set the thread's last error.
POLITE_INLINE Here *found() {
  constexpr uint32_t IN_BLOCK = 64;
  uint32_t index = slot.load_acquire() - 1;
  if (likely(index < IN_BLOCK)) return static_cast<Here *>(NtCurrentTeb()->TlsSlots[index]);
  return index == UINT32_MAX ? nullptr : static_cast<Here *>(TlsGetValue(index));
}

bool take_slot() {
  if (slot.load()) return true;
  DWORD index = TlsAlloc();
  if (index == TLS_OUT_OF_INDEXES) return false;
  uint32_t none = 0;
  if (!slot.compare_exchange(none, index + 1)) TlsFree(index);
  return true;
}

void put_back(Here &here) { InterlockedPushEntrySList(&unused, &static_cast<Kept &>(here).link.entry); }

Here *take_unused() {
  PSLIST_ENTRY entry = InterlockedPopEntrySList(&unused);
  return entry ? reinterpret_cast<Kept::Link *>(entry)->whole : nullptr;
}

Here *make_some() {
  constexpr size_t SOME = 4096 / sizeof(Kept);
  Kept *some = static_cast<Kept *>(map(SOME * sizeof(Kept)));
  for (size_t i = 0; some && i < SOME; ++i) {
    new (&some[i]) Kept;
    if (i) put_back(some[i]);
  }
  return some;
}

bool set(Here &here) { return TlsSetValue(slot.load() - 1, &here); }

POLITE_COLD Here &make() {
  DWORD error = GetLastError();
  Here *made = reserve();
  if (made && !set(*made)) {
    put_back(*made);
    made = nullptr;
  }
  SetLastError(error);
  return made ? *made : without_memory;
}

// The thread will not come back to it. Whatever it leaves is the next one's, which may be woken by mistake; but not its handle. (`operating`
// stays, too: who ended within an operation's APC has left its event in use.)
void leave(Here &here) {
  if (here.record->attached()) {
    thread_begins_to_end(*here.record);
    thread_ending(*here.record, true);
  }
  if (here.thread) CloseHandle(here.thread);
  here.thread = nullptr;
  put_back(here);
}

// What the thread is to the system is its joiner's, or whoever detaches it, as soon as its record says that it has ended: it is not
// touched after that, unless nobody could have done either.
void end_thread_of(Here &here) {
  Own_thread *own = here.own;
  bool ours = own && own->detached;
  here.own = nullptr;
  leave(here);
  set(after_the_end);
  if (ours) thread_has_ended(*own);
}

// A thread that has never come here, and comes now, from a destructor that runs later than this, is not to stay attached for ever.
void NTAPI at_thread_end(void *, DWORD reason, void *) {
  if (reason != DLL_THREAD_DETACH || !slot.load()) return;
  Here *here = found();
  if (!here) set(after_the_end);
  else if (here != &after_the_end) end_thread_of(*here);
}

}  // namespace

Here *reserve() {
  Here *reserved = take_slot() ? take_unused() : nullptr;
  if (!reserved && slot.load()) reserved = make_some();
  if (!reserved) return nullptr;
  reserved->belong_to(nobody);
  reserved->cleanup = nullptr;
  return reserved;
}

void give_back(Here &here) { put_back(here); }

// Other modules may have been here in this thread before it began (DLL_THREAD_ATTACH); they have done with what they had.
// The system may want memory for the slots beyond the first 64, and there is nobody who could be told that there is none.
void adopt(Own_thread &own) {
  if (Here *early = found()) leave(*early);
  while (!set(*own.here)) Sleep(1);
  own.here->own = &own;
}

Here &here() {
  Here *mine = found();
  return likely(mine != nullptr) ? *mine : make();
}

bool is_own(const Whereabouts &whose) { return &whose != &without_memory && &whose != &after_the_end; }

// The callback is there from the start.
bool arm_thread_end(Record &) { return is_own(here()); }

}  // namespace polite::platform

// The loader finds it among the callbacks of the module, which are in the order of these sections' names: behind C's and C++'s.
extern "C" {
#if defined _MSC_VER
#pragma comment(linker, "/INCLUDE:_tls_used")
#pragma section(".CRT$XLY", long, read)
__declspec(allocate(".CRT$XLY")) extern const PIMAGE_TLS_CALLBACK polite_at_thread_end = polite::platform::at_thread_end;
#pragma comment(linker, "/INCLUDE:polite_at_thread_end")
#else
extern const PIMAGE_TLS_CALLBACK polite_at_thread_end;
__attribute__((section(".CRT$XLY"), used)) const PIMAGE_TLS_CALLBACK polite_at_thread_end = polite::platform::at_thread_end;
#endif
}
