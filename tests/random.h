/* Randomness for programs that do as a seed says: splitmix64. */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
  uint64_t state;
};

static inline uint64_t random_next(struct random *random) {
  uint64_t z = random->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* One of many that belong to one seed: `stream` is another number for each. */
static inline struct random random_from(uint64_t seed, uint64_t stream) {
  struct random random = {seed ^ stream * 0xd1342543de82ef95u};
  random_next(&random);
  return random;
}

static inline unsigned random_below(struct random *random, unsigned n) { return (unsigned)((random_next(random) >> 32) * n >> 32); }
static inline bool random_once_in(struct random *random, unsigned n) { return random_below(random, n) == 0; }

#endif
