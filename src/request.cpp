// Requests: sending interrupts, and taking them back.
//
// A plain interrupt is a bit of the target's `word`, with its reason and its ticket beside it, so that one compare-and-exchange
// decides who was first. A request object claims a slot from its first posting until it is withdrawn; the slot's bit
// is the request. Only the owner consumes a bit, only the object's holder takes it back: whoever clears it has it.
#include "request.h"

#include "delivery.h"
#include "hooks.h"
#include "platform.h"
#include "polite/error.h"
#include "polite/thread.h"
#include "process.h"
#include "target.h"

namespace polite {

namespace {

constexpr uint32_t TICKETS = 1u << 15;

// A slot's entry: the reason, and the ticket above it.
constexpr int SLOT_TICKET_SHIFT = 16;

constexpr uint64_t INTERRUPT_FIELDS =
    word::LATCHED | uint64_t(0xffff) << word::REASON_SHIFT | uint64_t(TICKETS - 1) << word::TICKET_SHIFT;

uint32_t draw_ticket(Record &record) { return record.tickets.fetch_add(1) % TICKETS; }

// Tickets wrap around; those that are pending together are close to each other.
bool before(uint32_t a, uint32_t b) { return (a - b) % TICKETS >= TICKETS / 2; }

template <class Function>
void for_each_slot(uint64_t bits, Function function) {
  for (uint64_t rest = bits & word::SLOTS; rest; rest &= rest - 1)
    function(unsigned(lowest_bit(rest) - word::SLOT_SHIFT));
}

// Wakes the target if it is in a region that `bit`, which has been set, is to end.
Target::Kicked wake(Target &target, uint64_t bit) {
  Record &record = target.record();
  reach(Hook::request_set);
  bool known = record.word.load() & (word::FENCED | word::SELF_PIPE) || platform::order();
  // A thread that sleeps has been switched away from, after whatever it stored.
  if (!known) known = platform::observe(record).asleep;
  if (known && !(record.owner()->region.load() & bit)) return Target::WOKEN;
  reach(Hook::region_seen);
  return record.word.fetch_or(word::WAKING) & word::WAKING ? Target::SIGNALED : target.kick();
}

// Whether a wake that was sent to the thread is not answered because the thread blocks it. Asked when the thread has been let go, so
// that it is not kept waiting; by then the record may be another's.
bool is_deaf(const Record &record, polite_thread_t thread) {
  if (&record == &platform::self() || !(record.word.load() & word::WAKING)) return false;
  return platform::observe(record).deaf && record.word.load() & word::WAKING && record.handle.load() == thread;
}

// The one way in which requests are made. `make` sets them in the record and returns the word as it was before, and the bit.
struct Made {
  int error;
  uint64_t before;
  uint64_t bit;
};

template <class Make>
int send(polite_thread_t thread, Make make) {
  Record *record;
  Made made;
  Target::Kicked kicked;
  {
    platform::Signals_held held;  // first: a fork in a handler between the two would not be noticed
    present();
    Target target(thread, held);
    if (!target) return POLITE_ESRCH;
    record = &target.record();
    made = make(*record);
    if (made.error) return made.error;
    kicked = wake(target, made.bit);
  }
  if (kicked == Target::FAILED || (kicked == Target::SIGNALED && is_deaf(*record, thread))) return 2;
  return made.before & word::REQUESTS ? 1 : 0;
}

Made set_interrupt(Record &record, int reason, unsigned flags) {
  uint64_t fields = uint64_t(reason) << word::REASON_SHIFT | uint64_t(draw_ticket(record)) << word::TICKET_SHIFT;
  uint64_t bits = word::INTERRUPT | (flags & POLITE_LATCHED ? word::LATCHED : 0);
  uint64_t now = record.word.load();
  while (!record.word.compare_exchange(now, now | bits | (now & word::INTERRUPT ? 0 : fields))) {
  }
  return {0, now, word::INTERRUPT};
}

bool acceptable(int reason, unsigned flags) {
  return reason >= 0 && reason <= POLITE_REASON_MAX && !(flags & ~POLITE_LATCHED);
}

// --- Request objects --------------------------------------------------------------------------------------------------------

// What is inside a polite_request_t. All zero: free.
struct Request {
  Atomic<uint32_t> state;  // a State, below the number of forks before it: in a fork's child whatever the parent did is void
  uint32_t slot;
  uint64_t thread;
};
static_assert(sizeof(Request) <= sizeof(polite_request_t) && alignof(Request) <= alignof(polite_request_t));

// POSTING and WITHDRAWING belong to one thread, which holds its signals back meanwhile. AWAITED is POSTING with a
// withdrawer asleep on it.
enum State : uint32_t { FREE, POSTING, AWAITED, POSTED, WITHDRAWING };
constexpr int STATE_BITS = 3;

Request &inside(polite_request_t *request) { return *reinterpret_cast<Request *>(request); }

uint32_t in_this_process(State state) { return forks() << STATE_BITS | state; }

State state_of(uint32_t value) {
  bool ours = value >> STATE_BITS == in_this_process(FREE) >> STATE_BITS;
  return ours ? State(value & ((1u << STATE_BITS) - 1)) : FREE;
}

// From one state to another; if it is in neither, `from` becomes the one that it is in.
bool move(Request &request, State &from, State to) {
  uint32_t value = request.state.load();
  do {
    if (state_of(value) != from) {
      from = state_of(value);
      return false;
    }
  } while (!request.state.compare_exchange(value, in_this_process(to)));
  return true;
}

// The last that the poster does with the object: from here on it may be withdrawn, and its memory be gone.
void end_posting(Request &request, State state) {
  if (state_of(request.state.exchange(in_this_process(state))) == AWAITED) platform::wake_waiters(&request.state);
}

// Whether a request is latched is told by its slot, so that the word alone says what a delivery consumes.
uint32_t slots_for(unsigned flags) {
  constexpr uint32_t plain = (1u << word::PLAIN_SLOTS) - 1, all = (1u << word::ALL_SLOTS) - 1;
  return flags & POLITE_LATCHED ? all & ~plain : plain;
}

void free_given_up(Record &record) { record.claimed.fetch_and(~record.given_up.exchange(0)); }

bool claim_free_slot(Record &record, Request &request, uint32_t among) {
  uint32_t claimed = record.claimed.load();
  do {
    if (!(among & ~claimed)) return false;
    request.slot = unsigned(lowest_bit(among & ~claimed));
  } while (!record.claimed.compare_exchange(claimed, claimed | 1u << request.slot));
  return true;
}

bool claim_slot(Record &record, Request &request, unsigned flags) {
  give_up_slots(record);
  if (claim_free_slot(record, request, slots_for(flags))) return true;
  // Rather than refuse: at worst the owner, who has not come on for so long, tells the reason of a request that is gone.
  free_given_up(record);
  return claim_free_slot(record, request, slots_for(flags));
}

Made post_in_slot(Record &record, unsigned slot, int reason) {
  record.slots[slot].store(uint32_t(reason) | draw_ticket(record) << SLOT_TICKET_SHIFT);
  return {0, record.word.fetch_or(word::slot(slot)), word::slot(slot)};
}

int post_first(Request &request, polite_thread_t thread, int reason, unsigned flags) {
  int result = send(thread, [&](Record &record) {
    if (!claim_slot(record, request, flags)) return Made{POLITE_EAGAIN, 0, 0};
    return post_in_slot(record, request.slot, reason);
  });
  request.thread = thread;
  end_posting(request, result < 0 ? FREE : POSTED);
  return result;
}

// The object has its slot still; it may be posted there again if it has been delivered.
int post_again(Request &request, polite_thread_t thread, int reason, unsigned flags) {
  int result = POLITE_EALREADY;
  if (request.thread == thread) {
    result = send(thread, [&](Record &record) {
      if (record.word.load() & word::slot(request.slot)) return Made{POLITE_EALREADY, 0, 0};
      unsigned before = request.slot;
      if (!(slots_for(flags) & 1u << before)) {  // latched now, or no longer
        if (!claim_slot(record, request, flags)) return Made{POLITE_EAGAIN, 0, 0};
        record.given_up.fetch_or(1u << before);
      }
      return post_in_slot(record, request.slot, reason);
    });
  }
  end_posting(request, POSTED);
  return result;
}

int take_back(Request &request, const platform::Signals_held &held) {
  Target target(request.thread, held);
  if (!target) return POLITE_ESRCH;
  uint64_t bit = word::slot(request.slot);
  bool withdrawn = target.record().word.fetch_and(~bit) & bit;
  target.record().given_up.fetch_or(1u << request.slot);
  give_up_slots(target.record());
  return withdrawn ? 0 : 1;
}

}  // namespace

// While the owner is taking requests, a slot that was withdrawn should not become another request: the word would look as before, and
// the owner would tell the reason of the one that is gone. Here `taking` is loaded after the bit was cleared; there it is stored
// before `word` is loaded (take): an owner that is not seen to be taking finds the bit cleared.
void give_up_slots(Record &record) {
  if (!record.taking.load()) free_given_up(record);
}

int first_reason(const Record &record, uint64_t now, uint64_t due) {
  bool any = due & word::INTERRUPT;
  uint32_t ticket = uint32_t(now >> word::TICKET_SHIFT) % TICKETS;
  int reason = any ? int(now >> word::REASON_SHIFT & 0xffff) : 0;
  for_each_slot(due, [&](unsigned slot) {
    uint32_t entry = record.slots[slot].load();
    if (any && !before(entry >> SLOT_TICKET_SHIFT, ticket)) return;
    any = true;
    ticket = entry >> SLOT_TICKET_SHIFT;
    reason = int(entry & 0xffff);
  });
  return reason;
}

uint64_t consumed(uint64_t now, uint64_t due) {
  uint64_t out = due & word::CONSUMABLE_SLOTS;
  if (due & word::INTERRUPT && !(now & word::LATCHED)) out |= word::INTERRUPT | INTERRUPT_FIELDS;
  return out;
}

}  // namespace polite

using namespace polite;

extern "C" {

int polite_interrupt(polite_thread_t thread) { return polite_interrupt_with(thread, 0, 0); }

int polite_interrupt_with(polite_thread_t thread, int reason, unsigned flags) {
  if (!acceptable(reason, flags)) return POLITE_EINVAL;
  return send(thread, [=](Record &record) { return set_interrupt(record, reason, flags); });
}

int polite_interrupt_all(int reason, unsigned flags) {
  if (!acceptable(reason, flags)) return POLITE_EINVAL;
  int count = 0;
  polite_thread_t self = present().handle.load();
  for (polite_thread_t thread = 0; (thread = polite_thread_next(thread));)
    if (thread != self && polite_interrupt_with(thread, reason, flags) >= 0) ++count;
  return count;
}

int polite_request_post(polite_request_t *object, polite_thread_t thread, int reason, unsigned flags) {
  if (!object || !acceptable(reason, flags)) return POLITE_EINVAL;
  platform::Signals_held held;  // before the state says POSTING: no handler of ours must have to wait for us
  present();
  Request &request = inside(object);
  State state = FREE;
  if (move(request, state, POSTING)) return post_first(request, thread, reason, flags);
  if (state == POSTED && move(request, state, POSTING)) return post_again(request, thread, reason, flags);
  return POLITE_EALREADY;
}

int polite_request_withdraw(polite_request_t *object) {
  if (!object) return POLITE_EINVAL;
  platform::Signals_held held;
  present();
  Request &request = inside(object);
  for (State state = POSTED; !move(request, state, WITHDRAWING); state = POSTED) {
    if (state == FREE) return 0;
    if (state == WITHDRAWING) return POLITE_EALREADY;
    if (state == AWAITED || move(request, state, AWAITED)) platform::wait_on(&request.state, in_this_process(AWAITED));
  }
  int result = take_back(request, held);
  request.state.store(in_this_process(FREE));
  return result;
}

int polite_interrupt_pending(void) { return present().word.load() & word::REQUESTS ? 1 : 0; }

int polite_interrupt_clear(void) {
  Record &record = present();
  if (!record.attached()) return 0;
  uint64_t before = record.word.fetch_and(~(word::REQUESTS | INTERRUPT_FIELDS));
  return before & word::REQUESTS ? 1 : 0;
}

int polite_interrupt_reason(void) {
  Record &record = platform::self();
  return record.attached() && record.reason >= 0 ? record.reason : POLITE_ENOENT;
}

}  // extern "C"
