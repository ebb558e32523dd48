// Where records live, and what a handle is.
//
// Records stand in chunks that double in size and are never unmapped; the first is static, so that a small program allocates
// nothing. A free record is on a lock-free stack, whose head carries a tag that changes with every operation.
//
// A handle is a place, the generation of its owner, and a tag of this copy of the library: no number is given out twice
// (rule 9), and one that another copy in the same process gave out is very likely told, not confused. A place whose
// generations are used up is retired.
#include "record.h"

#include "platform.h"

namespace polite {

namespace {

constexpr uint32_t FIRST_CHUNK = 16;
constexpr int CHUNKS = 18;
constexpr uint32_t PLACES = FIRST_CHUNK * ((1u << CHUNKS) - 1);

constexpr int PLACE_BITS = 22, GENERATION_BITS = 32, COPY_BITS = 10;
static_assert(PLACES < (1u << PLACE_BITS) && PLACE_BITS + GENERATION_BITS + COPY_BITS == 64);

Record first_chunk[FIRST_CHUNK];
Atomic<Record *> chunks[CHUNKS] = {first_chunk};
Atomic<uint32_t> used;        // places that have ever been taken
Atomic<uint64_t> free_stack;  // the place on top, below a tag

struct Position {
  int chunk;
  uint32_t index;
};

Position position(uint32_t place) {
  uint32_t n = place - 1 + FIRST_CHUNK;
  int log = highest_bit(n);
  return {log - lowest_bit(FIRST_CHUNK), n - (1u << log)};
}

// The chunk, made if need be. Two threads may both make one; the slower one's is given back unseen.
Record *chunk_at(int chunk) {
  Record *there = chunks[chunk].load();
  if (there) return there;
  size_t size = sizeof(Record) * FIRST_CHUNK << chunk;
  Record *fresh = static_cast<Record *>(platform::map(size));
  if (!fresh) return nullptr;
  if (chunks[chunk].compare_exchange(there, fresh)) return fresh;
  platform::unmap(fresh, size);
  return there;
}

Record *pop_free() {
  uint64_t top = free_stack.load();
  for (;;) {
    uint32_t place = uint32_t(top);
    if (!place) return nullptr;
    Record &record = record_at(place);
    uint64_t tag = (top >> 32) + 1;
    if (free_stack.compare_exchange(top, tag << 32 | record.next_free().load())) return &record;
  }
}

Record *new_place() {
  uint32_t n = used.load();
  do {
    if (n == PLACES || !chunk_at(position(n + 1).chunk)) return nullptr;
  } while (!used.compare_exchange(n, n + 1));
  Record &record = record_at(n + 1);
  record.place = n + 1;
  return &record;
}

uint64_t copy_tag() {
  uint64_t address = reinterpret_cast<uintptr_t>(&first_chunk) >> 12;
  return (address * 0x9e3779b97f4a7c15u) >> (64 - COPY_BITS);
}

Whereabouts nowhere(nullptr);

}  // namespace

Record nobody(&nowhere);
Record gone(&nowhere);

Whereabouts unborn;

void Whereabouts::belong_to(Record &owned) {
  frame.store(INSIDE);  // a signal handler in between makes plain calls
  record = &owned;
  bool shielded = !owned.attached();
  depth.store(shielded ? INT32_MAX : 0);
  mask.store(shielded ? 0 : word::UNSHIELDED);
  if (!owned.attached()) return;
  owned.whereabouts.store(this);
  frame.store(owned.idle_frame());
}

Record &record_at(uint32_t place) {
  Position at = position(place);
  return chunks[at.chunk].load()[at.index];
}

uint32_t places_in_use() { return used.load(); }
uint32_t place_of(polite_thread_t thread) { return uint32_t(thread) & ((1u << PLACE_BITS) - 1); }

Record *take_record() {
  Record *record = pop_free();
  if (!record) record = new_place();
  if (!record) return nullptr;
  record->whereabouts.store(&unborn);
  record->system_id.store(0);
  record->platforms.store(0);
  record->rounds = 0;
  record->reason = -1;
  record->state_disabled = false;
  return record;
}

polite_thread_t next_handle(Record &record) {
  uint64_t generation = ++record.generation;
  return copy_tag() << (64 - COPY_BITS) | generation << PLACE_BITS | record.place;
}

void release_record(Record &record) {
  record.word.store(0);
  record.claimed.store(0);
  record.given_up.store(0);
  record.seen.store(0);
  record.system_thread.store(0);
  if (record.generation == UINT32_MAX) return;  // retired: its next handle would be one that has been given out
  uint64_t top = free_stack.load();
  do {
    record.next_free().store(uint32_t(top));
  } while (!free_stack.compare_exchange(top, ((top >> 32) + 1) << 32 | record.place));
}

Record *find_record(polite_thread_t thread) {
  uint32_t place = place_of(thread);
  if (place == 0 || place > used.load()) return nullptr;
  return &record_at(place);
}

}  // namespace polite
