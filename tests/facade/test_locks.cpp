// Locks with the standard's own tools, which count on its named requirements; conditions, semaphores, events, barriers; their times.
#include "scene.hpp"

#include <optional>

#include <mutex>
#include <shared_mutex>

using polite::interrupted;

// Holds what another thread wants: that one is interrupted while it waits, in both forms, has not got it then, and gets it when it is free.
template <class Hold, class LetGo, class Throwing, class Telling>
static void check_lock(Hold hold, LetGo let_go, Throwing lock, Telling lock_or_tell) {
  hold();
  std::atomic<int> step{0};
  actor thread([&] {
    std::error_code error;
    CHECK_THROWS_WHERE(interrupted, lock(), caught.reason() == 1);
    step = 1;
    lock_or_tell(error);
    CHECK(error == polite::errc::interrupted);
    step = 2;
    lock();
    let_go();
  });
  thread.await_blocked();
  thread.interrupt(1);
  AWAIT(step == 1 && is_blocked(thread.id()));
  thread.interrupt(2);
  AWAIT(step == 2 && is_blocked(thread.id()));
  let_go();
}

template <class Mutex>
static void check_mutex() {
  Mutex mutex;
  check_lock([&] { mutex.lock(); }, [&] { mutex.unlock(); }, [&] { mutex.lock(); }, [&](std::error_code &error) { mutex.lock(error); });
  CHECK(mutex.try_lock());
  actor([&] {
    CHECK(!mutex.try_lock() && !mutex.try_lock_for(1ns) && !mutex.try_lock_until(std::chrono::system_clock::now()));
    std::error_code error;
    interrupt_self();
    CHECK(!mutex.try_lock_for(1h, error) && error == polite::errc::interrupted);
    interrupt_self();
    CHECK_THROWS(interrupted, mutex.try_lock_until(std::chrono::steady_clock::time_point::max()));
    CHECK(!mutex.try_lock_for(1ns, error) && !error);
  }).join();
  mutex.unlock();
  CHECK(mutex.try_lock_for(1h));
  mutex.unlock();
  {
    std::unique_lock<Mutex> lock(mutex, 1h);
    CHECK(lock.owns_lock());
  }
  {
    std::lock_guard<Mutex> lock(mutex);
  }
  CHECK(mutex.try_lock());
  mutex.unlock();
  mutex.lock_uninterruptible();
  mutex.unlock();
}

static void mutexes() {
  check_mutex<polite::mutex>();
  check_mutex<polite::recursive_mutex>();
  check_mutex<polite::shared_mutex>();
}

static void a_recursive_one_counts() {
  polite::recursive_mutex mutex;
  mutex.lock();
  mutex.lock();
  mutex.unlock();
  actor([&] { CHECK(!mutex.try_lock()); }).join();
  mutex.unlock();
  actor([&] {
    CHECK(mutex.try_lock());
    mutex.unlock();
  }).join();
}

static void several_at_once() {
  polite::mutex a, b;
  polite::shared_mutex c;
  interrupt_self();
  try {
    std::scoped_lock lock(a, b, c);
    CHECK(false && "an interrupt went past");
  } catch (const interrupted &) {
  }
  CHECK(a.try_lock() && b.try_lock() && c.try_lock());
  a.unlock();
  b.unlock();
  c.unlock();
  std::scoped_lock lock(a, b, c);
  actor([&] { CHECK(!a.try_lock() && !b.try_lock() && !c.try_lock_shared()); }).join();
}

static void shared() {
  polite::shared_mutex mutex;
  check_lock([&] { mutex.lock(); }, [&] { mutex.unlock(); }, [&] { mutex.lock_shared(); },
             [&](std::error_code &error) { mutex.lock_shared(error); });
  std::shared_lock<polite::shared_mutex> reader(mutex);
  actor([&] {
    std::shared_lock<polite::shared_mutex> another(mutex, 1h);
    CHECK(another.owns_lock() && !mutex.try_lock());
  }).join();
  reader.unlock();
  mutex.lock();
  actor([&] {
    CHECK(!mutex.try_lock_shared() && !mutex.try_lock_shared_for(1ns));
    interrupt_self();
    CHECK_THROWS(interrupted, mutex.try_lock_shared_until(std::chrono::system_clock::now() + 1h));
  }).join();
  mutex.unlock();
}

template <class Mutex>
static void check_condition() {
  Mutex mutex;
  polite::condition_variable condition;
  bool ready = false;
  std::atomic<int> step{0};
  actor thread([&] {
    std::unique_lock<Mutex> lock(mutex);
    auto is_ready = [&] { return ready; };
    CHECK_THROWS(interrupted, condition.wait(lock, is_ready));
    CHECK(lock.owns_lock());
    std::error_code error;
    interrupt_self();
    condition.wait(lock, is_ready, error);
    CHECK(error == polite::errc::interrupted && !ready);
    interrupt_self();
    condition.wait(lock, error);
    CHECK(error == polite::errc::interrupted);
    CHECK(condition.wait_for(lock, 1ns) == std::cv_status::timeout);
    CHECK(condition.wait_until(lock, std::chrono::system_clock::now(), error) == std::cv_status::timeout && !error);
    interrupt_self();
    CHECK(condition.wait_for(lock, 1h, error) == std::cv_status::no_timeout && error == polite::errc::interrupted);
    CHECK(!condition.wait_for(lock, 1ns, is_ready));
    interrupt_self();
    CHECK(!condition.wait_until(lock, std::chrono::steady_clock::time_point::max(), is_ready, error) && error == polite::errc::interrupted);
    step = 1;
    CHECK(condition.wait_for(lock, std::chrono::hours::max(), is_ready));
    ready = false;
    step = 2;
    condition.wait(lock, is_ready);
  });
  thread.await_blocked();
  thread.interrupt();
  for (int round = 1; round <= 2; ++round) {
    AWAIT(step == round && is_blocked(thread.id(), "condition_wait"));
    std::lock_guard<Mutex> lock(mutex);
    ready = true;
    round == 1 ? condition.notify_one() : condition.notify_all();
  }
}

static void conditions() {
  check_condition<polite::mutex>();
  check_condition<polite::recursive_mutex>();
#if !defined _WIN32
  check_condition<std::mutex>();
#endif
}

static void an_uninterruptible_wait() {
  polite::mutex mutex;
  polite::condition_variable condition;
  bool ready = false;
  actor thread([&] {
    std::unique_lock<polite::mutex> lock(mutex);
    interrupt_self();
    while (!ready) condition.wait_uninterruptible(lock);
    CHECK(polite::this_thread::interrupt_clear());
  });
  thread.await_blocked("condition_wait");
  std::lock_guard<polite::mutex> lock(mutex);
  ready = true;
  condition.notify_one();
}

static void semaphores() {
  polite::semaphore semaphore;
  check_lock([&] {}, [&] { semaphore.release(); }, [&] { semaphore.acquire(); }, [&](std::error_code &error) { semaphore.acquire(error); });
  semaphore.acquire();
  CHECK(!semaphore.try_acquire() && !semaphore.try_acquire_for(1ns));
  semaphore.release(2);
  CHECK(semaphore.try_acquire() && semaphore.try_acquire_until(std::chrono::steady_clock::now()));
  polite::semaphore full(polite::semaphore::max());
  CHECK_THROWS_WHERE(std::system_error, full.release(), caught.code() == std::errc::value_too_large);
  CHECK_THROWS_WHERE(std::system_error, polite::semaphore(polite::semaphore::max() + 1), caught.code() == std::errc::invalid_argument);
}

static void events() {
  polite::event event;
  check_lock([&] {}, [&] { event.set(); }, [&] { event.wait(); }, [&](std::error_code &error) { event.wait(error); });
  CHECK(event.try_wait() && event.wait_for(1ns));
  event.reset();
  CHECK(!event.try_wait() && !event.wait_until(std::chrono::system_clock::now()));
  polite::event one(polite::event::automatic);
  one.set();
  one.wait();
  CHECK(!one.try_wait());
}

static void barriers() {
  polite::barrier barrier(2);
  bool last = false;
  std::atomic<bool> ready{false};
  actor thread([&] {
    CHECK_THROWS(interrupted, barrier.arrive_and_wait());
    std::error_code error;
    interrupt_self();
    CHECK(!barrier.arrive_and_wait(error) && error == polite::errc::interrupted);
    CHECK(!barrier.try_arrive_and_wait_for(1ns));
    ready = true;
    last = barrier.arrive_and_wait();
  });
  thread.await_blocked();
  thread.interrupt();
  AWAIT(ready);
  bool here = barrier.arrive_and_wait();
  thread.join();
  CHECK(here != last);
  CHECK_THROWS_WHERE(std::system_error, polite::barrier(0), caught.code() == std::errc::invalid_argument);
}

// A clock that is set back while somebody waits by it: the wait goes on.
struct set_back {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<set_back>;
  static constexpr bool is_steady = false;
  static inline int asked = 0;
  static time_point now() { return time_point(asked++ < 3 ? 0ns : 100ns); }
};

static void a_clock_that_is_set_back() {
  polite::semaphore semaphore;
  set_back::asked = 0;
  CHECK(!semaphore.try_acquire_until(set_back::time_point(50ns)));
  CHECK(set_back::asked == 4);
}

// A time whose unit is no multiple of nanoseconds, and that is long: it is not over at once.
static void long_times_of_odd_units() {
  using samples = std::chrono::duration<long long, std::ratio<1, 44100>>;
  polite::event never;
  interrupt_self();
  CHECK_THROWS(polite::interrupted, never.wait_for(samples(44100LL * 86400 * 300)));
  CHECK(!never.wait_for(samples(44)));
}

// What is true or false without being a bool.
static void a_predicate_may_be_explicit() {
  polite::mutex mutex;
  polite::condition_variable condition;
  std::unique_lock<polite::mutex> lock(mutex);
  auto done = [] { return std::optional<int>(1); };
  condition.wait(lock, done);
  CHECK(condition.wait_for(lock, 1ms, done));
}

int main(int argc, char **argv) {
  return run_tests(argc, argv,
                   {TEST(mutexes), TEST(a_recursive_one_counts), TEST(several_at_once), TEST(shared), TEST(conditions),
                    TEST(an_uninterruptible_wait), TEST(semaphores), TEST(events), TEST(barriers), TEST(a_clock_that_is_set_back), TEST(long_times_of_odd_units),
                    TEST(a_predicate_may_be_explicit)});
}
