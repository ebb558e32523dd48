/* Message queues, POSIX's and System V's. */
#include "scenes.h"

#include <fcntl.h>
#include <mqueue.h>
#include <sys/msg.h>

void empty_queue(scene_t *s) {
  struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 8};
  char name[64];
  snprintf(name, sizeof name, "/polite-test-%d", (int)getpid());
  s->here = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  assert_true(s->here >= 0);
  mq_unlink(name);
}
void send_message(scene_t *s) { assert_int_equal(mq_send(s->here, "abc", 3, 7), 0); }

void full_queue(scene_t *s) {
  empty_queue(s);
  send_message(s);
}
void receive_message(scene_t *s) {
  char message[8];
  assert_int_equal(mq_receive(s->here, message, 8, NULL), 3);
}

void empty_queue_of_system_v(scene_t *s) {
  s->messages = msgget(IPC_PRIVATE, 0600);
  assert_true(s->messages >= 0);
}
void send_to_system_v(scene_t *s) {
  message_t message = {5, "abc"};
  assert_int_equal(msgsnd(s->messages, &message, 8, 0), 0);
}

void full_queue_of_system_v(scene_t *s) {
  struct msqid_ds queue;
  empty_queue_of_system_v(s);
  assert_int_equal(msgctl(s->messages, IPC_STAT, &queue), 0);
  queue.msg_qbytes = 8;
  assert_int_equal(msgctl(s->messages, IPC_SET, &queue), 0);
  send_to_system_v(s);
}
void receive_from_system_v(scene_t *s) {
  message_t message;
  assert_int_equal(msgrcv(s->messages, &message, 8, 0, 0), 8);
}
