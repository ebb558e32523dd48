// What an attached thread takes: memory that was not in use before it attached, and descriptors.
#include "interleaved.h"
#include "polite.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace {

// Some attach before the measuring begins: what the first ones take is not each one's. With the main thread, both numbers fill the chunks
// of records that are in use then (src/record.cpp).
constexpr int EARLY = 495, THREADS = 4079;

pthread_barrier_t barrier;
pthread_key_t key;

// The process's own memory, in bytes. Allocates nothing.
double memory_in_use() {
  static char text[4096];
  int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return -1;
  text[length] = 0;
  const char *line = strstr(text, "\nAnonymous:");
  return line ? strtod(line + strlen("\nAnonymous:"), nullptr) * 1024 : -1;
}

int descriptors_in_use() {
  DIR *directory = opendir("/proc/self/fd");
  if (!directory) return -1;
  int count = 0;
  while (readdir(directory)) ++count;
  closedir(directory);
  return count;
}

// What any thread takes that calls anything at all is not attaching's: some stack, and the first thread-specific datum.
__attribute__((noinline)) void take_what_any_thread_takes() {
  volatile char stack[16 * 1024];
  for (size_t i = 0; i < sizeof stack; i += 512) stack[i] = 1;
  pthread_setspecific(key, &barrier);
}

// In steps: be there, attach if early, attach if late, end. In between the main thread looks.
void *attach(void *early) {
  take_what_any_thread_takes();
  pthread_barrier_wait(&barrier);
  if (early) polite_self();
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  bool attached = polite_self() != 0;
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  return attached ? &key : nullptr;
}

void start_threads(std::vector<pthread_t> &threads) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  for (size_t i = 0; i < threads.size(); ++i)
    if (pthread_create(&threads[i], &attributes, attach, i < EARLY ? &key : nullptr) != 0) abort();
  pthread_attr_destroy(&attributes);
}

bool join_threads(const std::vector<pthread_t> &threads) {
  bool attached = true;
  for (pthread_t thread : threads) {
    void *result;
    pthread_join(thread, &result);
    attached &= result != nullptr;
  }
  return attached;
}

// Once in a process: the records are used again.
void attached_threads(benchmark::State &state) {
  std::vector<pthread_t> threads(THREADS);
  pthread_barrier_init(&barrier, nullptr, THREADS + 1);
  pthread_key_create(&key, nullptr);
  for (auto _ : state) {
    start_threads(threads);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    int descriptors = descriptors_in_use();  // before the memory, for it takes some
    double memory = memory_in_use();
    double begin = now_ns();
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    state.SetIterationTime((now_ns() - begin) / (THREADS - EARLY) / 1e9);
    memory = memory_in_use() - memory;
    state.counters["bytes_per_thread"] = memory / (THREADS - EARLY);
    state.counters["descriptors"] = descriptors_in_use() - descriptors;
    pthread_barrier_wait(&barrier);
    if (!join_threads(threads)) state.SkipWithError("a thread could not attach");
  }
}

}  // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  if (!polite_self()) return 1;
  benchmark::RegisterBenchmark("attached_threads", attached_threads)->UseManualTime()->Iterations(1);
  benchmark::RunSpecifiedBenchmarks();
}
