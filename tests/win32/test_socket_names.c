/* Names of hosts, asked for by a thread that can be left behind. Nobody can hold Windows's resolver up, so what is shown is that it answers, and
 * that an interrupt at any time loses no answer and no handle. */
#include "sockets.h"

#include <polite/names.h>

static void numbers_and_names(void **state) {
  (void)state;
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
  assert_int_equal(polite_getaddrinfo("127.0.0.1", "80", &hints, &found), 0);
  assert_int_equal(((struct sockaddr_in *)found->ai_addr)->sin_port, htons(80));
  char node[64], service[16];
  assert_int_equal(polite_getnameinfo(found->ai_addr, (uint32_t)found->ai_addrlen, node, sizeof node, service, sizeof service,
                                      NI_NUMERICHOST | NI_NUMERICSERV), 0);
  assert_string_equal(node, "127.0.0.1");
  assert_string_equal(service, "80");
  freeaddrinfo(found);
  found = NULL;
  assert_int_equal(polite_getaddrinfo("localhost", NULL, &hints, &found), 0);
  assert_int_equal(((struct sockaddr_in *)found->ai_addr)->sin_addr.s_addr, htonl(INADDR_LOOPBACK));
  freeaddrinfo(found);
  hints.ai_flags = AI_NUMERICHOST;
  assert_int_equal(polite_getaddrinfo("no.number", NULL, &hints, &found), POLITE_EAI_NONAME);
  polite_interrupt(polite_self());
  assert_int_equal(polite_getaddrinfo("localhost", NULL, NULL, &found), POLITE_INTERRUPTED);
}

static void look_up(actor_t *actor) {
  struct addrinfo *found = NULL;
  actor->result = polite_getaddrinfo("localhost", NULL, NULL, &found);
  if (actor->result == 0) freeaddrinfo(found);
}

static void interrupt_a_hundred(void) {
  for (int n = 0; n < 100; ++n) {
    actor_t actor;
    start(&actor, look_up, NULL);
    for (int spin = 0; spin < n; ++spin) sched_yield();
    polite_interrupt(actor.thread);
    long result = finish(&actor);
    assert_true(result == 0 || result == POLITE_INTERRUPTED);
  }
}

/* What a thread keeps is for the next one; so there are as many as have been there at a time. */
static void interrupted_at_any_time(void **state) {
  (void)state;
  interrupt_a_hundred();
  DWORD before = handles();
  interrupt_a_hundred();
  AWAIT(handles() < before + 50); /* when those who were left behind have ended */
}

int main(void) {
  const struct CMUnitTest tests[] = {TEST(numbers_and_names), TEST(interrupted_at_any_time)};
  return cmocka_run_group_tests(tests, begin_sockets, NULL);
}
