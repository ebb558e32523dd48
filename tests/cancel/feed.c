/* What workers wait for, and the feeder: a thread that lets them have it, now and then.
 *
 * It counts what it gave. What was not taken is still there at the end of a round; of the rest a worker must have been told. */
#include "at_random.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct feed feed;

static int to_write;
static struct sockaddr_un address;
static socklen_t address_size = sizeof address;

static pthread_t thread;
static atomic_bool stopping;
static long written, connected;
static struct random chance;

/* Its name is gone at once, so nothing is left behind if the program dies. */
static void make_fifo(void) {
  char directory[] = "/tmp/polite-XXXXXX", name[sizeof directory + 5];
  REQUIRE(mkdtemp(directory) != NULL);
  snprintf(name, sizeof name, "%s/fifo", directory);
  REQUIRE(mkfifo(name, 0600) == 0);
  int fd = open(name, O_PATH | O_CLOEXEC);
  REQUIRE(fd >= 0);
  snprintf(feed.fifo, sizeof feed.fifo, "/proc/self/fd/%d", fd);
  unlink(name);
  rmdir(directory);
}

void feed_open(void) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  feed.to_read = ends[0];
  to_write = ends[1];
  make_fifo();
  feed.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sun_family = AF_UNIX;
  REQUIRE(bind(feed.listener, (struct sockaddr *)&address, sizeof address.sun_family) == 0); /* the system finds a name */
  REQUIRE(getsockname(feed.listener, (struct sockaddr *)&address, &address_size) == 0);
  REQUIRE(listen(feed.listener, 8) == 0);
}

static int unread_bytes(void) {
  int count;
  REQUIRE(ioctl(feed.to_read, FIONREAD, &count) == 0);
  return count;
}

static void feed_byte(void) {
  if (unread_bytes() >= 4) return;
  REQUIRE(write(to_write, "x", 1) == 1);
  ++written;
}

static void feed_client(void) {
  int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  REQUIRE(client >= 0);
  if (connect(client, (struct sockaddr *)&address, address_size) == 0) ++connected;
  else REQUIRE(errno == EAGAIN); /* eight wait */
  close(client);
}

/* Lets in who waits for it. */
static void feed_fifo(void) {
  int fd = open(feed.fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0) close(fd);
  else REQUIRE(errno == ENXIO);
}

static void *feed_them(void *unused) {
  (void)unused;
  while (!atomic_load(&stopping)) {
    for (unsigned meals = random_below(&chance, 8); meals > 0; --meals) {
      switch (random_below(&chance, 3)) {
        case 0: feed_byte(); break;
        case 1: feed_client(); break;
        default: feed_fifo(); break;
      }
    }
    pause_ns((long)random_below(&chance, 20000));
  }
  return NULL;
}

void feed_begin(unsigned long round) {
  chance = random_for(round, 3);
  atomic_store(&stopping, false);
  REQUIRE(pthread_create(&thread, NULL, feed_them, NULL) == 0);
}

static int waiting_clients(void) {
  int count = 0;
  for (struct pollfd ready = {feed.listener, POLLIN, 0}; poll(&ready, 1, 0) == 1; ++count) {
    int client = accept(feed.listener, NULL, NULL);
    REQUIRE(client >= 0);
    close(client);
  }
  return count;
}

void feed_end(long *bytes_lost, long *connections_lost) {
  atomic_store(&stopping, true);
  REQUIRE(pthread_join(thread, NULL) == 0);
  int unread = unread_bytes();
  *bytes_lost += written - unread - atomic_load(&feed.read);
  *connections_lost += connected - waiting_clients() - atomic_load(&feed.accepted);
  written = unread;
  connected = 0;
  atomic_store(&feed.read, 0);
  atomic_store(&feed.accepted, 0);
}
