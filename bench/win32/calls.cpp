// What polite's calls cost when nobody interrupts, beside Windows's own, in turns; and how much goes through a pipe, with a reader that waits
// and without one.
#include "connection.h"
#include "interleaved.h"
#include "pipe.h"

#include <synchapi.h>
#include <thread>

namespace {

constexpr int CALLS = 200, CHECKS = 5000;  // in a batch
constexpr DWORD PIECE = 4096, PIECES = Pipe::SIZE / PIECE;

char bytes[Pipe::SIZE];
Pipe *bench_pipe;

// --- One byte from a pipe that has some, and into one that has room ------------------------------------------------------------

int read_by_polite() { return bench_pipe->read_politely(bytes, 1); }
int read_by_windows() { return bench_pipe->read(bytes, 1); }
int write_by_polite() { return bench_pipe->write_politely(bytes, 1); }
int write_by_windows() { return bench_pipe->write(bytes, 1); }

template <int (*call)()>
double reads() {
  if (bench_pipe->write(bytes, CALLS) != CALLS) return -1;
  return batch<CALLS, call>();
}

template <int (*call)()>
double writes() {
  double time = batch<CALLS, call>();
  return bench_pipe->read(bytes, sizeof bytes) == CALLS ? time : -1;
}

void read_byte(benchmark::State &state) {
  Pipe here;
  bench_pipe = &here;
  compare(state, {{"polite", reads<read_by_polite>}, {"windows", reads<read_by_windows>}});
}

void write_byte(benchmark::State &state) {
  Pipe here;
  bench_pipe = &here;
  compare(state, {{"polite", writes<write_by_polite>}, {"windows", writes<write_by_windows>}});
}

// --- One byte from a socket that has some, and to one ------------------------------------------------------------------------------

Connection *connection;

int recv_by_polite() { return int(polite_recv(polite_sock(connection->receiver()), bytes, 1, 0)); }
int recv_by_windows() { return recv(connection->receiver(), bytes, 1, 0); }
int send_by_polite() { return int(polite_send(polite_sock(connection->sender()), bytes, 1, 0)); }
int send_by_windows() { return send(connection->sender(), bytes, 1, 0); }

template <int (*call)()>
double receives() {
  if (send(connection->sender(), bytes, CALLS, 0) != CALLS) return -1;
  return batch<CALLS, call>();
}

template <int (*call)()>
double sends() {
  double time = batch<CALLS, call>();
  for (int left = CALLS; left > 0;) {
    int done = recv(connection->receiver(), bytes, left, 0);
    if (done <= 0) return -1;
    left -= done;
  }
  return time;
}

void recv_byte(benchmark::State &state) {
  Connection here;
  connection = &here;
  compare(state, {{"polite", receives<recv_by_polite>}, {"windows", receives<recv_by_windows>}});
}

void send_byte(benchmark::State &state) {
  Connection here;
  connection = &here;
  compare(state, {{"polite", sends<send_by_polite>}, {"windows", sends<send_by_windows>}});
}

// --- Throughput: nanoseconds for a piece ----------------------------------------------------------------------------------------

int piece_by_polite() { return bench_pipe->write_politely(bytes, PIECE) == int(PIECE); }
int piece_by_windows() { return bench_pipe->write(bytes, PIECE) == int(PIECE); }

// Into a pipe with room, which is emptied when it is full. What is timed is the writing.
template <int (*call)()>
double into_room() {
  double time = batch<PIECES, call>();
  for (DWORD left = Pipe::SIZE; left > 0;) {
    int done = bench_pipe->read(bytes, left);
    if (done <= 0) return -1;
    left -= DWORD(done);
  }
  return time;
}

// With a reader that does nothing but wait.
template <int (*call)()>
double to_a_reader() {
  constexpr int MANY = 16 * PIECES;
  Pipe here;
  bench_pipe = &here;
  long long read = 0;
  std::thread reader([&] {
    static char into[Pipe::SIZE];
    for (int done; (done = here.read(into, sizeof into)) > 0;) read += done;
  });
  double time = batch<MANY, call>();
  here.close_writer();
  reader.join();
  return read == (long long)MANY * PIECE ? time : -1;
}

void throughput_into_room(benchmark::State &state) {
  Pipe here;
  bench_pipe = &here;
  compare(state, {{"polite", into_room<piece_by_polite>}, {"windows", into_room<piece_by_windows>}});
}

void throughput_to_a_reader(benchmark::State &state) {
  compare(state, {{"polite", to_a_reader<piece_by_polite>}, {"windows", to_a_reader<piece_by_windows>}});
}

// --- What makes no system call ---------------------------------------------------------------------------------------------------

int check() { return polite_checkpoint() == 0; }

void checkpoint(benchmark::State &state) { compare(state, {{"polite", batch<CHECKS, check>}}); }

int shield_and_leave() { return polite_shield_enter() == 0 && polite_shield_leave() == 1; }

void shield(benchmark::State &state) { compare(state, {{"polite", batch<CHECKS, shield_and_leave>}}); }

int lock_and_unlock() {
  static polite_mutex_t mutex;
  return polite_mutex_lock(&mutex) == 0 && polite_mutex_unlock(&mutex) == 0;
}

int lock_and_unlock_by_windows() {
  static SRWLOCK lock = SRWLOCK_INIT;
  AcquireSRWLockExclusive(&lock);
  ReleaseSRWLockExclusive(&lock);
  return 1;
}

void mutex(benchmark::State &state) {
  compare(state, {{"polite", batch<CHECKS, lock_and_unlock>}, {"windows", batch<CHECKS, lock_and_unlock_by_windows>}});
}

}  // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  if (!polite_self()) return 1;
  benchmark::RegisterBenchmark("read_byte", read_byte)->UseManualTime()->Iterations(200);
  benchmark::RegisterBenchmark("write_byte", write_byte)->UseManualTime()->Iterations(200);
  benchmark::RegisterBenchmark("recv_byte", recv_byte)->UseManualTime()->Iterations(200);
  benchmark::RegisterBenchmark("send_byte", send_byte)->UseManualTime()->Iterations(200);
  benchmark::RegisterBenchmark("throughput_into_room", throughput_into_room)->UseManualTime()->Iterations(100);
  benchmark::RegisterBenchmark("throughput_to_a_reader", throughput_to_a_reader)->UseManualTime()->Iterations(50);
  benchmark::RegisterBenchmark("checkpoint", checkpoint)->UseManualTime()->Iterations(1000);
  benchmark::RegisterBenchmark("shield", shield)->UseManualTime()->Iterations(1000);
  benchmark::RegisterBenchmark("mutex", mutex)->UseManualTime()->Iterations(1000);
  benchmark::RunSpecifiedBenchmarks();
}
