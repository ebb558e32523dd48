/* The bystander: a thread that has attached, and makes plain calls only. It is interrupted like all others, but it is never in a call of
 * polite: nobody may signal it, so no plain call of its ever fails with EINTR (rule 7). It blocks the foreign signals, for a
 * stray one of those would be our own doing. */
#include "stress.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

struct life *bystander;

static pthread_t thread;
static int prodded[2];
static atomic_bool attached;
static atomic_long stray, prods;

static bool wait_in_poll(void) {
  struct pollfd ready = {prodded[0], POLLIN, 0};
  if (poll(&ready, 1, -1) > 0) return true;
  REQUIRE(errno == EINTR);
  atomic_fetch_add(&stray, 1);
  return false;
}

/* The byte, or 0 after an EINTR. */
static char plain_read(void) {
  char byte = 0;
  ssize_t n = read(prodded[0], &byte, 1);
  if (n == 1) return byte;
  REQUIRE(n == -1 && errno == EINTR);
  atomic_fetch_add(&stray, 1);
  return 0;
}

static void *stand_by(void *life) {
  sigset_t foreign;
  sigemptyset(&foreign);
  sigaddset(&foreign, SIGUSR1);
  sigaddset(&foreign, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &foreign, NULL);
  life_begin(life, polite_self());
  atomic_store(&attached, true);
  for (char byte = 0; byte != 'q';) {
    byte = 0;
    if (atomic_load(&prods) % 2 == 0 || wait_in_poll()) byte = plain_read();
    if (!byte) continue;
    atomic_fetch_add(&prods, 1);
    clear_own(life, false);
  }
  settle_account(life);
  atomic_store(&bystander->ending, true);
  return NULL;
}

void bystander_start(void) {
  REQUIRE(pipe(prodded) == 0);
  bystander = life_new((unsigned)options.threads, ENDS_QUIETLY);
  REQUIRE(pthread_create(&thread, NULL, stand_by, bystander) == 0);
  while (!atomic_load(&attached)) sched_yield();
}

void bystander_prod(void) { REQUIRE(write(prodded[1], "p", 1) == 1); }

void bystander_stop(long *prods_, long *stray_) {
  REQUIRE(write(prodded[1], "q", 1) == 1);
  REQUIRE(pthread_join(thread, NULL) == 0);
  withdraw_after_death(bystander);
  close(prodded[0]);
  close(prodded[1]);
  if (bystander->delivered) fail("the bystander got an interrupt delivered");
  if (bystander->posted_deaf) fail("the bystander was said to be blocked");
  *prods_ = atomic_load(&prods);
  *stray_ = atomic_load(&stray);
}
