/* Message queues, and semaphores of System V. */
#include "table.h"

#include <sys/msg.h>
#include <sys/sem.h>

static long run_mq_receive(scene_t *s) {
  char message[8];
  unsigned priority = 0;
  long result = polite_mq_receive(s->here, message, 8, &priority);
  CHECK(result != 3 || (priority == 7 && memcmp(message, "abc", 3) == 0));
  return result;
}
static long run_mq_timedreceive(scene_t *s) {
  char message[8];
  struct timespec until = in_seconds(CLOCK_REALTIME, 3600);
  return polite_mq_timedreceive(s->here, message, 8, NULL, &until);
}
static long run_mq_send(scene_t *s) { return polite_mq_send(s->here, "x", 1, 0); }
static long run_mq_timedsend(scene_t *s) {
  struct timespec until = in_seconds(CLOCK_REALTIME, 3600);
  return polite_mq_timedsend(s->here, "x", 1, 0, &until);
}

static long run_msgrcv(scene_t *s) {
  message_t message = {0};
  long result = polite_msgrcv(s->messages, &message, 8, 5, 0);
  CHECK(result != 8 || (message.type == 5 && strcmp(message.text, "abc") == 0));
  return result;
}
static long run_msgsnd(scene_t *s) {
  message_t message = {6, "x"};
  return polite_msgsnd(s->messages, &message, 8, 0);
}

static void semaphore(scene_t *s) {
  s->semaphores = semget(IPC_PRIVATE, 2, 0600);
  assert_true(s->semaphores >= 0);
}
static void raise_semaphore(scene_t *s) { assert_int_equal(semctl(s->semaphores, 1, SETVAL, 1), 0); }
static long run_semop(scene_t *s) {
  struct sembuf both[] = {{0, 1, 0}, {1, -1, 0}}; /* the first could be done alone, and must not be */
  long result = polite_semop(s->semaphores, both, 2);
  CHECK(semctl(s->semaphores, 0, GETVAL) == (result == 0));
  return result;
}
static long run_semtimedop(scene_t *s) {
  struct sembuf down = {1, -1, 0};
  struct timespec hour = {3600, 0};
  long result = polite_semtimedop(s->semaphores, &down, 1, &hour);
  CHECK(hour.tv_sec == 3600);
  return result;
}

const call_t queue_calls[] = {
    {"mq_receive", "mq_timedreceive", empty_queue, run_mq_receive, send_message, 3, 0},
    {"mq_timedreceive", "mq_timedreceive", empty_queue, run_mq_timedreceive, send_message, 3, 0},
    {"mq_send", "mq_timedsend", full_queue, run_mq_send, receive_message, 0, 0},
    {"mq_timedsend", "mq_timedsend", full_queue, run_mq_timedsend, receive_message, 0, 0},
    {"msgrcv", "msgrcv", empty_queue_of_system_v, run_msgrcv, send_to_system_v, 8, NO_DESCRIPTOR | NOT_BY_SELF_PIPE},
    {"msgsnd", "msgsnd", full_queue_of_system_v, run_msgsnd, receive_from_system_v, 0, NO_DESCRIPTOR | NOT_BY_SELF_PIPE},
    {"semop", "semop", semaphore, run_semop, raise_semaphore, 0, NO_DESCRIPTOR | NOT_BY_SELF_PIPE},
    {"semtimedop", "semtimedop", semaphore, run_semtimedop, raise_semaphore, 0, NO_DESCRIPTOR | NOT_BY_SELF_PIPE},
    {0},
};
