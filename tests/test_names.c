/* Names, which a thread of their own is asked for: what an interrupt leaves behind, and that nothing is left of it at last. The resolver
 * is one of the test's, which answers when it is told to: a program's own functions go before libc's. */
#include "polite/dropin_functions.h"
#include "scene.h"

#include <dirent.h>
#include <netdb.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static atomic_int asked, answered, lists; /* questions that came, that were answered, and lists that have not been freed */
static atomic_long asked_in;              /* the thread */
static atomic_int held_back;              /* whether that thread held all signals back */
static sem_t answers;

static void note_question(void) {
  sigset_t signals;
  int held = 1;
  pthread_sigmask(SIG_BLOCK, NULL, &signals);
  for (int signal = 1; signal < 32; ++signal)
    if (signal != SIGKILL && signal != SIGSTOP) held &= sigismember(&signals, signal);
  held_back = held;
  asked_in = syscall(SYS_gettid);
  ++asked;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
  note_question();
  int error = 0;
  if (node && strcmp(node, "slow") == 0) {
    while (sem_wait(&answers) != 0) {
    }
    CHECK(strcmp(node, "slow") == 0 && strcmp(service, "sleep") == 0 && hints->ai_socktype == SOCK_SEQPACKET);
  } else if (node && sscanf(node, "error %d", &error) == 1) {
    errno = EMFILE;
  }
  if (error == 0) {
    *result = calloc(1, sizeof **result);
    (*result)->ai_socktype = 77;
    ++lists;
  }
  ++answered;
  return error;
}

void freeaddrinfo(struct addrinfo *list) {
  CHECK(list->ai_socktype == 77);
  free(list);
  --lists;
}

int getnameinfo(const struct sockaddr *address, socklen_t address_len, char *node, socklen_t node_len, char *service,
                socklen_t service_len, int flags) {
  note_question();
  if (flags & NI_NAMEREQD) {
    while (sem_wait(&answers) != 0) {
    }
  }
  CHECK(address_len == sizeof(struct sockaddr_in) && ((const struct sockaddr_in *)address)->sin_port == 7);
  if (node_len) snprintf(node, node_len, "a node");
  if (service_len) snprintf(service, service_len, "a service");
  ++answered;
  return node && node_len < 7 ? EAI_OVERFLOW : 0;
}

static int threads_now(void) {
  DIR *tasks = opendir("/proc/self/task");
  int count = 0;
  while (readdir(tasks)) ++count;
  closedir(tasks);
  return count;
}

/* Whether all that was left behind has ended, and freed what it had. */
static void await_nothing_left(int threads) { AWAIT(asked == answered && lists == 0 && threads_now() == threads); }

static int fresh(void **state) {
  asked = answered = lists = 0;
  sem_destroy(&answers);
  sem_init(&answers, 0, 0);
  return clean_thread(state);
}
#define NAME_TEST(function) cmocka_unit_test_setup(function, fresh)

typedef struct question {
  char node[16], service[16];
  struct addrinfo hints, *list;
} question_t;

static const question_t slow = {.node = "slow", .service = "sleep", .hints = {.ai_socktype = SOCK_SEQPACKET}};

static void ask(actor_t *actor) {
  question_t *question = actor->with;
  actor->result = polite_getaddrinfo(question->node, question->service, &question->hints, &question->list);
  actor->step = polite_interrupt_pending() ? 1 : 2;
}

static void an_answer_comes_back(void **state) {
  (void)state;
  int threads = threads_now();
  struct addrinfo *list = NULL;
  assert_int_equal(polite_getaddrinfo("node", "service", NULL, &list), 0);
  assert_non_null(list);
  assert_true(asked_in != syscall(SYS_gettid));
  assert_true(held_back);
  assert_int_equal(lists, 1);
  freeaddrinfo(list);
  question_t question = slow;
  actor_t actor;
  start_blocked(&actor, ask, &question, "getaddrinfo");
  sem_post(&answers);
  assert_int_equal(finish(&actor), 0);
  freeaddrinfo(question.list);
  await_nothing_left(threads);
}

/* libc's codes are numbers of other errors; EAI_SYSTEM is one of these. errno is left alone. */
static void errors_are_told_apart(void **state) {
  (void)state;
  static const struct { int system, ours; } codes[] = {
      {EAI_AGAIN, POLITE_EAI_AGAIN},   {EAI_BADFLAGS, POLITE_EAI_BADFLAGS}, {EAI_FAIL, POLITE_EAI_FAIL},
      {EAI_FAMILY, POLITE_EAI_FAMILY}, {EAI_MEMORY, POLITE_EAI_MEMORY},     {EAI_NONAME, POLITE_EAI_NONAME},
      {EAI_SERVICE, POLITE_EAI_SERVICE}, {EAI_SOCKTYPE, POLITE_EAI_SOCKTYPE}, {EAI_OVERFLOW, POLITE_EAI_OVERFLOW},
      {EAI_SYSTEM, POLITE_EMFILE},     {-9999, POLITE_EAI_FAIL},
  };
  int threads = threads_now();
  for (int shielded = 0; shielded < 2; ++shielded) {
    if (shielded) polite_shield_enter(); /* the plain call */
    for (size_t i = 0; i < sizeof codes / sizeof *codes; ++i) {
      char node[32];
      struct addrinfo *list = NULL;
      snprintf(node, sizeof node, "error %d", codes[i].system);
      errno = 1234;
      assert_int_equal(polite_getaddrinfo(node, NULL, NULL, &list), codes[i].ours);
      assert_int_equal(errno, 1234);
      assert_int_equal(polite_dropin_getaddrinfo(node, NULL, NULL, &list), codes[i].system == -9999 ? EAI_FAIL : codes[i].system);
      assert_int_equal(errno, codes[i].system == EAI_SYSTEM ? EMFILE : 1234);
      assert_null(list);
    }
  }
  for (int code = POLITE_EAI_IDN_ENCODE; code <= POLITE_EAI_AGAIN; ++code) {
    assert_memory_equal(polite_error_name(code), "POLITE_EAI_", 11);
    assert_non_null(polite_strerror(code));
  }
  await_nothing_left(threads);
}

/* Arguments are copied: what the thread reads when the caller has long gone on is its own. */
static void what_is_left_behind_frees_itself(void **state) {
  (void)state;
  int threads = threads_now();
  question_t question = slow;
  actor_t actor;
  start_blocked(&actor, ask, &question, "getaddrinfo");
  AWAIT(asked == 1);
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_int_equal(actor.step, 2);
  assert_null(question.list);
  memset(&question, 'x', sizeof question);
  assert_int_equal(answered, 0);
  sem_post(&answers);
  await_nothing_left(threads);
  assert_int_equal(answered, 1);
}

static void ask_by_plain_name(actor_t *actor) {
  question_t *question = actor->with;
  actor->result = polite_dropin_getaddrinfo(question->node, question->service, &question->hints, &question->list);
  actor->step = errno == ECANCELED && polite_dropin_interrupted() ? 1 : 2;
}

static void the_plain_name_is_interrupted(void **state) {
  (void)state;
  int threads = threads_now();
  question_t question = slow;
  actor_t actor;
  start_blocked(&actor, ask_by_plain_name, &question, "getaddrinfo");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), EAI_SYSTEM);
  assert_int_equal(actor.step, 1);
  sem_post(&answers);
  await_nothing_left(threads);
}

static void a_pending_interrupt_asks_nobody(void **state) {
  (void)state;
  struct addrinfo *list = NULL;
  char text[16];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = 7};
  polite_interrupt(polite_self());
  assert_int_equal(polite_getaddrinfo("node", "service", NULL, &list), POLITE_INTERRUPTED);
  polite_interrupt(polite_self());
  assert_int_equal(polite_getaddrinfo("127.0.0.1", "80", NULL, &list), POLITE_INTERRUPTED);
  polite_interrupt(polite_self());
  assert_int_equal(polite_getnameinfo((void *)&address, sizeof address, text, sizeof text, NULL, 0, 0), POLITE_INTERRUPTED);
  assert_int_equal(asked, 0);
  assert_int_equal(polite_interrupt_pending(), 0);
}

/* Rule 2: an answer that was there first is returned, and the interrupt stays. Which it was is told; nothing leaks in either case. */
static void answer_and_interrupt_at_once(void **state) {
  (void)state;
  int threads = threads_now();
  for (int i = 0; i < 300; ++i) {
    question_t question = slow;
    actor_t actor;
    start_blocked(&actor, ask, &question, "getaddrinfo");
    if (i % 2) sem_post(&answers);
    polite_interrupt(actor.thread);
    if (i % 2 == 0) sem_post(&answers);
    long result = finish(&actor);
    AWAIT(answered == i + 1); /* or what is left behind would take the next one's answer */
    if (result == 0) {
      freeaddrinfo(question.list);
    } else {
      assert_int_equal(result, POLITE_INTERRUPTED);
      assert_int_equal(actor.step, 2);
      assert_null(question.list);
    }
  }
  await_nothing_left(threads);
}

static void *ask_unattached(void *unused) {
  (void)unused;
  struct addrinfo *list;
  CHECK(polite_getaddrinfo("node", "service", NULL, &list) == 0);
  freeaddrinfo(list);
  CHECK(asked_in == syscall(SYS_gettid));
  return NULL;
}

/* Where nobody can interrupt, or nothing has to be asked, no thread is made. */
static void without_need_it_is_the_plain_call(void **state) {
  (void)state;
  static const struct { const char *node, *service; int flags; } plain[] = {
      {"127.0.0.1", NULL, 0}, {"::1", "80", 0}, {NULL, "80", 0}, {"node", NULL, AI_NUMERICHOST}, {NULL, "www", AI_NUMERICSERV},
      {NULL, NULL, 0}};
  static const struct { const char *node, *service; int flags; } asking[] = {
      {"127.0.0.1", NULL, AI_CANONNAME}, {"::1", "www", 0}, {"node", "80", AI_NUMERICSERV}, {"localhost", NULL, 0}, {"1.2.3.4.5", NULL, 0}};
  pthread_t thread;
  struct addrinfo *list;
  for (size_t i = 0; i < sizeof plain / sizeof *plain; ++i) {
    struct addrinfo hints = {.ai_flags = plain[i].flags};
    assert_int_equal(polite_getaddrinfo(plain[i].node, plain[i].service, &hints, &list), 0);
    freeaddrinfo(list);
    assert_int_equal(asked_in, syscall(SYS_gettid));
  }
  for (size_t i = 0; i < sizeof asking / sizeof *asking; ++i) {
    struct addrinfo hints = {.ai_flags = asking[i].flags};
    assert_int_equal(polite_getaddrinfo(asking[i].node, asking[i].service, &hints, &list), 0);
    freeaddrinfo(list);
    assert_int_not_equal(asked_in, syscall(SYS_gettid));
  }
  polite_shield_enter();
  polite_interrupt(polite_self());
  assert_int_equal(polite_getaddrinfo("node", "service", NULL, &list), 0);
  freeaddrinfo(list);
  assert_int_equal(asked_in, syscall(SYS_gettid));
  assert_int_equal(polite_interrupt_pending(), 1);
  assert_int_equal(pthread_create(&thread, NULL, ask_unattached, NULL), 0);
  pthread_join(thread, NULL);
}

typedef struct address {
  struct sockaddr_in address;
  char node[16], service[16];
} address_t;

static void ask_for_names(actor_t *actor) {
  address_t *a = actor->with;
  actor->result = polite_getnameinfo((void *)&a->address, sizeof a->address, a->node, sizeof a->node, a->service, sizeof a->service,
                                     NI_NAMEREQD);
}

static void names_of_addresses(void **state) {
  (void)state;
  int threads = threads_now();
  address_t a = {.address = {.sin_family = AF_INET, .sin_port = 7}};
  actor_t actor;
  start_blocked(&actor, ask_for_names, &a, "getnameinfo");
  assert_int_equal(polite_interrupt(actor.thread), 0);
  assert_int_equal(finish(&actor), POLITE_INTERRUPTED);
  assert_string_equal(a.node, "");
  memset(&a.address, 'x', sizeof a.address);
  sem_post(&answers);
  await_nothing_left(threads);
  assert_string_equal(a.node, "");
  a.address.sin_port = 7;
  start_blocked(&actor, ask_for_names, &a, "getnameinfo");
  sem_post(&answers);
  assert_int_equal(finish(&actor), 0);
  assert_string_equal(a.node, "a node");
  assert_string_equal(a.service, "a service");
  memset(a.service, 0, sizeof a.service);
  assert_int_equal(polite_getnameinfo((void *)&a.address, sizeof a.address, a.node, 3, a.service, 0, 0), POLITE_EAI_OVERFLOW);
  assert_int_equal(polite_getnameinfo((void *)&a.address, sizeof a.address, NULL, 3, a.service, sizeof a.service, 0), 0);
  assert_string_equal(a.service, "a service");
  assert_true(held_back && asked_in != syscall(SYS_gettid));
  assert_int_equal(polite_getnameinfo((void *)&a.address, sizeof a.address, a.node, sizeof a.node, NULL, 0, NI_NUMERICHOST), 0);
  assert_int_equal(asked_in, syscall(SYS_gettid));
  await_nothing_left(threads);
}

static void *nothing(void *unused) { return unused; }

int main(void) {
  pthread_t first; /* with it TSan begins a thread of its own */
  if (pthread_create(&first, NULL, nothing, NULL) != 0 || pthread_join(first, NULL) != 0) return 1;
  sem_init(&answers, 0, 0);
  const struct CMUnitTest tests[] = {
      NAME_TEST(an_answer_comes_back),           NAME_TEST(errors_are_told_apart),        NAME_TEST(what_is_left_behind_frees_itself),
      NAME_TEST(the_plain_name_is_interrupted),  NAME_TEST(a_pending_interrupt_asks_nobody), NAME_TEST(answer_and_interrupt_at_once),
      NAME_TEST(names_of_addresses),             NAME_TEST(without_need_it_is_the_plain_call),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
