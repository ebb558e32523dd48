/* Rule 11: an uninterrupted call allocates nothing; nor does an interrupt, or its delivery. What polite's DLL calls for memory is counted here, by
 * taking its place in the table of what the DLL imports. Attaching may allocate: it is done first. */
#include "../scene.h"

static atomic_long allocations;

/* What takes the place of a function counts, and calls it. */
#define COUNTED(type, name, parameters, arguments) \
  static type(WINAPI *name##_itself) parameters;   \
  static type WINAPI name##_counted parameters {   \
    ++allocations;                                 \
    return name##_itself arguments;                \
  }
COUNTED(void *, malloc, (size_t size), (size))
COUNTED(void *, calloc, (size_t count, size_t size), (count, size))
COUNTED(void *, realloc, (void *old, size_t size), (old, size))
COUNTED(void *, HeapAlloc, (HANDLE heap, DWORD flags, SIZE_T size), (heap, flags, size))
COUNTED(void *, HeapReAlloc, (HANDLE heap, DWORD flags, void *old, SIZE_T size), (heap, flags, old, size))
COUNTED(void *, VirtualAlloc, (void *at, SIZE_T size, DWORD type, DWORD protection), (at, size, type, protection))
COUNTED(HLOCAL, LocalAlloc, (UINT flags, SIZE_T size), (flags, size))

typedef void (*function_t)(void);

static const struct counted {
  const char *name;
  function_t counted;
  function_t *itself;
} all_counted[] = {
#define ROW(name) {#name, (function_t)name##_counted, (function_t *)&name##_itself}
    ROW(malloc), ROW(calloc), ROW(realloc), ROW(HeapAlloc), ROW(HeapReAlloc), ROW(VirtualAlloc), ROW(LocalAlloc),
};

static void take_its_place(function_t *imported, const char *name) {
  for (size_t i = 0; i < sizeof all_counted / sizeof *all_counted; ++i) {
    DWORD before;
    if (strcmp(all_counted[i].name, name) != 0) continue;
    assert_true(VirtualProtect(imported, sizeof *imported, PAGE_READWRITE, &before));
    *all_counted[i].itself = *imported;
    *imported = all_counted[i].counted;
    VirtualProtect(imported, sizeof *imported, before, &before);
  }
}

/* Goes through what a module imports by name (PE Format, "The .idata Section"). */
static void count_allocations_of(HMODULE module) {
  char *base = (char *)module;
  IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
  DWORD imports = headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT].VirtualAddress;
  for (IMAGE_IMPORT_DESCRIPTOR *from = (IMAGE_IMPORT_DESCRIPTOR *)(base + imports); from->Name; ++from) {
    IMAGE_THUNK_DATA *name = (IMAGE_THUNK_DATA *)(base + from->OriginalFirstThunk), *address = (IMAGE_THUNK_DATA *)(base + from->FirstThunk);
    for (; name->u1.AddressOfData; ++name, ++address)
      if (!IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal))
        take_its_place((function_t *)&address->u1.Function, ((IMAGE_IMPORT_BY_NAME *)(base + name->u1.AddressOfData))->Name);
  }
}

static int count_polites(void **state) {
  (void)state;
  HMODULE module;
  assert_true(GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                                 (LPCSTR)(uintptr_t)polite_self, &module));
  assert_true(module != GetModuleHandleA(NULL));
  count_allocations_of(module);
  return 0;
}

static void wait_for_the_end(actor_t *actor) { AWAIT(*(atomic_int *)actor->with); }

/* Else nothing would be shown below. */
static void attaching_is_counted(void **state) {
  (void)state;
  enum { THREADS = 50 }; /* more than there is memory for at the beginning */
  actor_t actors[THREADS];
  atomic_int end = 0;
  for (int i = 0; i < THREADS; ++i) start(&actors[i], wait_for_the_end, &end);
  assert_true(allocations > 0);
  end = 1;
  for (int i = 0; i < THREADS; ++i) finish(&actors[i]);
}

static void nothing_is_allocated(void **state) {
  (void)state;
  polite_fd ends[2];
  polite_thread_t self = polite_self();
  polite_request_t request = {{0}};
  polite_mutex_t mutex = {{0}};
  char byte = 'x';
  make_pipe(ends);
  long before = allocations;
  for (int i = 0; i < 1000; ++i) {
    if (polite_write(ends[1], &byte, 1) != 1 || polite_read(ends[0], &byte, 1) != 1) fail();
    if (polite_interrupt(self) != 0 || polite_read(ends[0], &byte, 1) != POLITE_INTERRUPTED) fail();
    if (polite_request_post(&request, self, 0, 0) != 0 || polite_request_withdraw(&request) != 0) fail();
    if (polite_shield_enter() != 0 || polite_checkpoint() != 0 || polite_shield_leave() != 1) fail();
    if (polite_mutex_lock(&mutex) != 0 || polite_mutex_unlock(&mutex) != 0) fail();
    if (polite_unpark(self) != 0 || polite_park() != 0) fail();
  }
  assert_int_equal(allocations, before);
  close_both(ends);
}

/* One that sleeps, and is woken. (Of a synchronous read that may take a timer: src/win32/synchronous.cpp.) */
static void sleep_until_told(actor_t *actor) {
  while (polite_nanosleep(INT64_MAX, NULL) == POLITE_INTERRUPTED && polite_interrupt_reason() != 7) ++actor->step;
}

static void waking_allocates_nothing(void **state) {
  (void)state;
  actor_t actor;
  start_blocked(&actor, sleep_until_told, NULL, "nanosleep");
  long before = allocations;
  for (int i = 1; i < 200; ++i) {
    assert_int_equal(polite_interrupt(actor.thread), 0);
    AWAIT(actor.step == i && is_blocked_in(actor.thread, "nanosleep"));
  }
  assert_int_equal(allocations, before);
  polite_interrupt_with(actor.thread, 7, 0);
  finish(&actor);
}

int main(void) {
  const struct CMUnitTest tests[] = {TEST(attaching_is_counted), TEST(nothing_is_allocated), TEST(waking_allocates_nothing)};
  return cmocka_run_group_tests(tests, count_polites, NULL);
}
