// The process: noticing a fork, staying loaded.
#include "posix/start.h"

#include "platform.h"
#include "posix/system_call.h"
#include "process.h"

#include <dlfcn.h>
#include <linux/mman.h>
#include <pthread.h>
#include <sys/mman.h>

// A static program has no loader, and need not be kept loaded.
extern "C" {
__attribute__((weak)) int dladdr(const void *, Dl_info *);
__attribute__((weak)) void *dlsym(void *, const char *);
}

namespace polite {

namespace {

constexpr size_t PAGE = 4096;

Atomic<uint32_t> ordinary;  // the mark until remember_process, and where the system cannot wipe a page
Atomic<Atomic<uint32_t> *> mark{&ordinary};
Atomic<long> noticed_in;      // getpid(), as of the last fork that was noticed

// MADV_WIPEONFORK (Linux 4.14) empties the page in any child that gets a copy of our memory, and in no other.
Atomic<uint32_t> *wiped_page() {
  void *page = platform::map(PAGE);
  if (!page) return nullptr;
  if (system_call(SYS_madvise, argument(page), PAGE, MADV_WIPEONFORK) == 0) return static_cast<Atomic<uint32_t> *>(page);
  platform::unmap(page, PAGE);
  return nullptr;
}

// Nobody else has closed anything yet: these are still the parent's threads'. A child that is noticed later does not know.
void close_inherited_ends() {
  for (uint32_t place = 1; place <= places_in_use(); ++place)
    if (record_at(place).word.load() & word::SELF_PIPE) platform::leave_self_pipe(record_at(place));
}

// So that the thread that forked is up to date in the child before it does anything else. A child of _Fork or of a raw clone is noticed
// when it comes to us. (An emulator may have promised to wipe the page, and not do so: qemu before 8.)
void in_child() {
  close_inherited_ends();
  if (mark.load() == &ordinary || noticed_in.load() != system_call(SYS_getpid)) platform::process_mark().store(0);
  present();
}

}  // namespace

bool remember_process() {
  Atomic<uint32_t> *unset = &ordinary;
  if (mark.load() != unset) return true;
  static Atomic<uint32_t> told;
  if (!told.exchange(1) && pthread_atfork(nullptr, nullptr, in_child) != 0) {
    told.store(0);
    return false;
  }
  present();
  Atomic<uint32_t> *page = wiped_page();
  // What was noticed by the mark as it was is not to be noticed again: that would be a fork, and void what there is already.
  if (page && noticed_in.load() == system_call(SYS_getpid)) page->store(ordinary.load());
  if (page && !mark.compare_exchange(unset, page)) platform::unmap(page, PAGE);
  return true;
}

void stay_loaded() {
  Dl_info module;
  if (!dladdr || !dlsym || !dladdr(reinterpret_cast<void *>(&stay_loaded), &module) || !module.dli_fname) return;
  // Not by its name: that is a linker warning in every static program.
  auto open = reinterpret_cast<void *(*)(const char *, int)>(dlsym(RTLD_DEFAULT, "dlopen"));
  if (open) open(module.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

namespace platform {

Atomic<uint32_t> &process_mark() { return *mark.load_relaxed(); }

void after_fork() {
  noticed_in.store(system_call(SYS_getpid));
  ready_to_wake();
}

}  // namespace platform

}  // namespace polite
