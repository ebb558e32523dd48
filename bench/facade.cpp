// What the C++ facade adds to the C call when nobody interrupts: both forms of read, the C call and libc's, in turns; and a binding to a stop token.
#include "interleaved.h"
#include "polite.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr int READS = 200, CHECKS = 5000, BINDINGS = 500;  // in a batch

int zero;
char byte[1];

int read_throwing() { return int(polite::read(zero, byte)); }
int read_telling() {
  std::error_code error;
  return int(polite::read(zero, byte, error));
}
int read_by_c() { return int(polite_read(zero, byte, 1)); }
int read_by_libc() { return int(read(zero, byte, 1)); }

void throwing_read(benchmark::State &state) {
  compare(state, {{"throwing", batch<READS, read_throwing>}, {"c", batch<READS, read_by_c>}, {"libc", batch<READS, read_by_libc>}});
}

void telling_read(benchmark::State &state) {
  compare(state, {{"telling", batch<READS, read_telling>}, {"c", batch<READS, read_by_c>}});
}

// How far two contenders are apart that are the same.
void c_against_itself(benchmark::State &state) {
  compare(state, {{"c", batch<READS, read_by_c>}, {"itself", batch<READS, read_by_c>}});
}

int check() {
  polite::checkpoint();
  return 1;
}
int check_by_c() { return polite_checkpoint() == 0; }

void checkpoint(benchmark::State &state) {
  compare(state, {{"throwing", batch<CHECKS, check>}, {"c", batch<CHECKS, check_by_c>}});
}

#if defined __cpp_lib_jthread
std::stop_source source;

int bind() {
  polite::stop_binding binding{source.get_token()};
  return 1;
}
int callback() {
  std::stop_callback callback{source.get_token(), [] {}};
  return 1;
}

void stop_binding(benchmark::State &state) {
  compare(state, {{"binding", batch<BINDINGS, bind>}, {"callback", batch<BINDINGS, callback>}});
}
#endif

}  // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  if (zero < 0 || !polite_self()) return 1;
  benchmark::RegisterBenchmark("throwing_read", throwing_read)->UseManualTime()->Iterations(3000);
  benchmark::RegisterBenchmark("telling_read", telling_read)->UseManualTime()->Iterations(3000);
  benchmark::RegisterBenchmark("c_against_itself", c_against_itself)->UseManualTime()->Iterations(3000);
  benchmark::RegisterBenchmark("facade_checkpoint", checkpoint)->UseManualTime()->Iterations(2000);
#if defined __cpp_lib_jthread
  benchmark::RegisterBenchmark("stop_binding", stop_binding)->UseManualTime()->Iterations(1000);
#endif
  benchmark::RunSpecifiedBenchmarks();
}
