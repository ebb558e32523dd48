/* What a call is about, and how it comes to block: pipes that are empty, queues that are full, children that live. Shared by the tests
 * of the calls under their own names (table.h) and under POSIX's (pthread_cancel/point_table.h). Behind these functions are the plain
 * calls. */
#ifndef SCENES_H
#define SCENES_H

#include <pthread.h>
#include <semaphore.h>
#include <sys/un.h>

#include "../scene.h"

enum { CROWD = 16 };

typedef struct scene {
  int here, there, third;  /* descriptors: the call's, its other end, one more; -1: none */
  char name[64];           /* of a file that goes with the scene */
  struct sockaddr_un address;
  int crowd[CROWD];        /* who fills a listener's backlog */
  pid_t child;
  void *memory;            /* a page */
  int messages, semaphores; /* of System V; -1: none */
  int64_t sleep;           /* nanoseconds */
  void (*end)(struct scene *); /* what is to be done besides, and first */
  actor_t other;           /* a thread that takes part */
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  sem_t semaphore;
  pthread_t thread;        /* to be joined, or to be sent a signal */
  atomic_int let_go;
} scene_t;

/* Before anything else is done to it; and what ends whatever has been made for it. */
void begin_scene(scene_t *s);
void end_scene(scene_t *s);

void nothing(scene_t *s);

/* Streams. What blocks there; and what gives it something to do. */
void empty_pipe(scene_t *s);
void empty_socket(scene_t *s);
void empty_datagrams(scene_t *s);
void feed(scene_t *s);
void full_pipe(scene_t *s);
void full_socket(scene_t *s);
void drain(scene_t *s);

/* Connections. */
void idle_listener(scene_t *s);
void knock(scene_t *s);
void busy_listener(scene_t *s); /* `here` is a socket that is to be connected to it */
void make_room(scene_t *s);

/* Files: `here` and `there` are two open file descriptions of one. */
void file(scene_t *s);
void fill_file(scene_t *s); /* with "xy" */
void mapped_file(scene_t *s);
void write_to_memory(scene_t *s);
void locked_file(scene_t *s); /* by `there` */
void unlock_file(scene_t *s);
void lonely_fifo(scene_t *s); /* its name only */
void open_other_end(scene_t *s);
void terminal(scene_t *s); /* `there` is who looks at it */
void write_to_terminal(scene_t *s);

/* Queues for one message: "abc" with priority 7, or of type 5. */
void empty_queue(scene_t *s);
void send_message(scene_t *s);
void full_queue(scene_t *s);
void receive_message(scene_t *s);
void empty_queue_of_system_v(scene_t *s);
void send_to_system_v(scene_t *s);
void full_queue_of_system_v(scene_t *s);
void receive_from_system_v(scene_t *s);

typedef struct message { /* of System V */
  long type;
  char text[8];
} message_t;

/* Time: an hour, and no time at all. What makes a sleep short does so for the next one only. */
void long_sleep(scene_t *s);
void short_sleep(scene_t *s);

/* A child that ends with code 7. */
void living_child(scene_t *s);
void end_child(scene_t *s);

/* SIGUSR2, which all threads block: main does so before it makes any. */
void block_the_signal(void);
void send_blocked_signal(scene_t *s);

#endif
