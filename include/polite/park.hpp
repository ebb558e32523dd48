// Parking (polite/park.h): a thread waits until another one, which knows its handle, lets it go on.
#ifndef POLITE_PARK_HPP
#define POLITE_PARK_HPP

#include "polite/park.h"
#include "polite/time.hpp"

namespace polite {

namespace this_thread {

// Wait for the permit, and take it. Interruption points, but for the last.
inline void park() { detail::throwing<void>(polite_park); }
inline void park(std::error_code &error) noexcept { detail::telling<void>(error, polite_park); }
POLITE_TIMED_FORMS(park, polite_park_until(deadline))
inline void park_uninterruptible() { detail::checked(polite_park_uninterruptible()); }

}  // namespace this_thread

// Gives a thread the permit. False if it had one already. A thread that has ended: std::errc::no_such_process.
inline bool unpark(polite_thread_t thread) { return detail::checked(polite_unpark(thread)) == 0; }
inline bool unpark(polite_thread_t thread, std::error_code &error) noexcept {
  return detail::told(polite_unpark(thread), error) == 0;
}

}  // namespace polite

#endif
