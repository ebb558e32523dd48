// What ends the program by std::terminate, each named on the command line: 0 if it was called, and not before the moment at which it is due.
#include "scene.hpp"

#include <memory>

#if defined __cpp_lib_jthread
#  include <deque>
#  include <stop_token>
#endif

static std::atomic<bool> due{false};

template <class Function>
static void ends_the_program(Function function) {
  std::set_terminate([] { std::_Exit(due ? 0 : 2); });
  due = true;
  function();
}

static void a_thread_whose_function_throws() {
  ends_the_program([] { polite::thread([]() { throw std::runtime_error("nobody catches it"); }).join(); });
}

static void a_thread_that_destroys_itself() {
  std::unique_ptr<polite::thread> self;
  polite::event made;
  self = std::make_unique<polite::thread>([&] {
    made.wait();
    ends_the_program([&] { self.reset(); });
    std::_Exit(1);
  });
  made.set();
  for (;;) polite::this_thread::sleep_for(1h);
}

static void a_thread_that_was_joined_behind_its_back() {
  polite::thread thread([] {});
  CHECK(polite_thread_join(thread.native_handle(), nullptr) == POLITE_RETURNED);
  ends_the_program([&] { polite::thread other = std::move(thread); });
}

static void a_shield_that_ends_in_another_thread() {
  auto shield = std::make_unique<polite::shield>();
  actor([&] { ends_the_program([&] { shield.reset(); }); }).join();
}

static void a_guard_that_ends_in_another_thread() {
  auto nothing = [] {};
  auto guard = std::make_unique<polite::cleanup<decltype(nothing)>>(nothing);
  actor([&] { ends_the_program([&] { guard.reset(); }); }).join();
}

static void a_guard_that_ends_before_a_later_one() {
  auto nothing = [] {};
  auto guard = std::make_unique<polite::cleanup<decltype(nothing)>>(nothing);
  polite::cleanup later = nothing;
  ends_the_program([&] { guard.reset(); });
}

static void a_guard_whose_function_throws() {
  ends_the_program([] { polite::cleanup guard = [] { throw 1; }; });
}

#if defined __cpp_lib_jthread
static void a_stop_for_which_there_is_no_place() {
  std::deque<polite::request> requests(POLITE_LATCHED_REQUESTS_MAX);
  for (polite::request &request : requests) request.post(polite_self(), 0, polite::latched);
  std::stop_source source;
  polite::stop_binding binding{source.get_token()};
  ends_the_program([&] { source.request_stop(); });
}
#endif

int main(int argc, char **argv) {
  if (argc != 2) return 1;
#if !defined __cpp_lib_jthread
  if (std::strcmp(argv[1], "a_stop_for_which_there_is_no_place") == 0) return 77;
#endif
  run_tests(argc, argv,
            {TEST(a_thread_whose_function_throws), TEST(a_thread_that_destroys_itself), TEST(a_thread_that_was_joined_behind_its_back),
             TEST(a_shield_that_ends_in_another_thread), TEST(a_guard_that_ends_in_another_thread),
             TEST(a_guard_that_ends_before_a_later_one), TEST(a_guard_whose_function_throws),
#if defined __cpp_lib_jthread
             TEST(a_stop_for_which_there_is_no_place)
#endif
            });
  return 1;
}
