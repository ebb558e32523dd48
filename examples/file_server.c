/* A small HTTP/1.1 file server: GET and HEAD, keep-alive, single ranges; blocking calls, a thread for each connection.
 *
 *     file_server [--address A] [--port N] [--log] ROOT
 *
 * Its threads sit in plain read, write and accept, as in a textbook: no descriptor is non-blocking, nothing polls, nobody looks
 * at a flag between two calls. This one source is built twice. As it is, it can only be killed. With -DUSE_POLITE the same
 * calls are interruption points: on SIGINT or SIGTERM every thread comes out of whatever it was blocked in, knows how many
 * bytes it has sent, and closes its connection so that they arrive.
 *
 * What HTTP looks like is in file_server/http.c, how files are found in file_server/files.c. Here is what blocks. */
#define _GNU_SOURCE 1

#include "file_server/files.h"
#include "file_server/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
  REQUEST_LIMIT = 16 * 1024, /* bytes in the head of a request */
  CHUNK = 64 * 1024,         /* bytes in a read of a file and a write to a socket */
  IDLE_SECONDS = 60,         /* how long a client may keep a connection without a word */
  LINGER_SECONDS = 1,        /* how long it may take to close its end when we have closed ours */
  NAP_MILLISECONDS = 50      /* how long accept rests when there are no descriptors left */
};

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* ---- What polite adds. All of it is here; the rest of the program is the same in both builds. ---- */

static int64_t stop_asked_at; /* when the first signal came; 0 before. Atomic: any thread may run the handler */

#ifdef USE_POLITE

#include <polite.h>
#include <polite/dropin.h> /* from here on read, write, accept, recv and nanosleep are interruption points */

static polite_thread_t main_thread;

/* Makes the calling thread known, so that others can interrupt it. */
static bool attach(void) {
  return polite_self() != 0;
}

/* Whether the call that has just failed did so because of an interrupt. */
static bool interrupted(void) {
  return errno == ECANCELED && polite_dropin_interrupted();
}

/* Latched: from now on every blocking call of theirs fails, so that nothing in between can swallow it. */
static void interrupt_all_others(void) {
  polite_interrupt_all(0, POLITE_LATCHED);
}

/* From now on the calling thread is not interrupted: it is cleaning up. */
static void shield(void) {
  polite_shield_enter();
}

/* May run on top of any thread's blocked call, which carries on afterwards. It asks the main thread only: that one stops
 * making connections first, and then interrupts those that there are. */
static void on_signal(int number) {
  int64_t never = 0;
  __atomic_compare_exchange_n(&stop_asked_at, &never, now_ns(), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  polite_interrupt_with(main_thread, number, POLITE_LATCHED);
}

static void stop_on_signals(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

  main_thread = polite_self();
  if (main_thread == 0) {
    fputs("file_server: polite cannot wake threads here; a signal will just kill the server\n", stderr);
    return;
  }
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

#else

static bool attach(void) { return true; }
static bool interrupted(void) { return false; }
static void interrupt_all_others(void) {}
static void shield(void) {}
static void stop_on_signals(void) {}

#endif

/* ---- The server and its connections ---- */

enum activity { WAITING, READING, SENDING, CLOSING };

struct connection {
  struct connection *next, *previous; /* under server.lock; all else is for its own thread, while that runs */
  int number;
  int socket;
  char peer[sizeof "255.255.255.255:65535"];

  enum activity activity;
  int requests;        /* how many came */
  int64_t sent;        /* bytes, over the whole connection */
  int64_t body_start;  /* what `sent` is once the head of the current response is out */
  int64_t body_length; /* of the current response */

  struct request request; /* points into `in` */
  size_t in_used;         /* bytes in `in`: the current request, and what came behind it */
  char in[REQUEST_LIMIT];
  char out[CHUNK];
};

static struct {
  int root; /* the directory that is served */
  int listener;
  bool log;

  pthread_mutex_t lock;          /* of what follows */
  struct connection connections; /* the head of a ring, in the order in which they came */
  int running;                   /* threads that have not ended */
  pthread_cond_t none_running;
  pthread_t last_ended;          /* the one thread that has ended and is not joined, */
  bool any_ended;                /* if there is one */
  bool stopping;
} server = {.lock = PTHREAD_MUTEX_INITIALIZER,
            .connections = {.next = &server.connections, .previous = &server.connections},
            .none_running = PTHREAD_COND_INITIALIZER};

static bool is_stopping(void) {
  pthread_mutex_lock(&server.lock);
  bool stopping = server.stopping;
  pthread_mutex_unlock(&server.lock);
  return stopping;
}

/* ---- Reading requests ---- */

/* Forgets the first `length` bytes that came in. */
static void consume(struct connection *c, size_t length) {
  c->in_used -= length;
  memmove(c->in, c->in + length, c->in_used);
}

/* Waits for the next request. Returns 200, or the status to refuse it with, or 0 if none will come: the client has left or is
 * silent for too long, or this thread was interrupted. `*length` is how much of `in` the request takes. */
static int read_request(struct connection *c, size_t *length) {
  c->request = (struct request){.target = "a refusal"};
  for (;;) {
    size_t blank = 0;
    while (blank < c->in_used && (c->in[blank] == '\r' || c->in[blank] == '\n')) blank++;
    consume(c, blank); /* some clients put an empty line between requests */

    *length = head_length(c->in, c->in_used);
    if (*length > 0) break;
    if (c->in_used == sizeof c->in) return 431;

    c->activity = c->in_used > 0 ? READING : WAITING;
    ssize_t got = read(c->socket, c->in + c->in_used, sizeof c->in - c->in_used);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    c->in_used += (size_t)got;
  }
  c->requests++;
  return parse_head(c->in, *length, &c->request);
}

/* ---- Sending responses. Each of these says whether the connection can go on. ---- */

/* A write that is interrupted part-way says how far it got, and the next one fails: so `sent` is exact at all times. */
static bool send_bytes(struct connection *c, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t taken = write(c->socket, bytes, length);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) return false;
    c->sent += taken;
    bytes += taken;
    length -= (size_t)taken;
  }
  return true;
}

/* `length` is that of the body; `fields` are more lines for the head. */
static bool send_head(struct connection *c, int status, const char *type, int64_t length, const char *fields) {
  const struct request *r = &c->request;
  char date[sizeof "Thu, 01 Jan 1970 00:00:00 GMT"];
  time_t now = time(NULL);
  struct tm utc;

  strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &utc));
  int size = snprintf(c->out, sizeof c->out,
                      "HTTP/1.1 %d %s\r\n"
                      "Date: %s\r\n"
                      "Connection: %s\r\n"
                      "Content-Type: %s\r\n"
                      "Content-Length: %lld\r\n"
                      "%s\r\n",
                      status, reason_of(status), date, keeps_alive(r) ? "keep-alive" : "close", type, (long long)length,
                      fields);
  c->activity = SENDING;
  c->body_start = c->sent + size;
  c->body_length = wants_body(r) ? length : 0;
  if (server.log) {
    printf("connection %d (%s): %s %s: %d\n", c->number, c->peer, r->method != NULL ? r->method : "-", r->target, status);
  }
  return send_bytes(c, c->out, (size_t)size);
}

static bool refuse(struct connection *c, int status, const char *fields) {
  char body[64];
  int length = snprintf(body, sizeof body, "%d %s\n", status, reason_of(status));

  return send_head(c, status, "text/plain", length, fields) &&
         (!wants_body(&c->request) || send_bytes(c, body, (size_t)length)) && keeps_alive(&c->request);
}

/* If the file has shrunk meanwhile the connection ends here: that tells the client that the body is not whole. */
static bool send_part(struct connection *c, int file, struct part part) {
  if (lseek(file, part.first, SEEK_SET) < 0) return false;
  while (part.length > 0) {
    ssize_t got = read(file, c->out, part.length < CHUNK ? (size_t)part.length : CHUNK);
    if (got <= 0 || !send_bytes(c, c->out, (size_t)got)) return false;
    part.length -= got;
  }
  return true;
}

static bool send_file(struct connection *c, int file, int64_t size, const char *type) {
  const struct request *r = &c->request;
  bool whole = r->conditional || !wants_body(r); /* files have no versions here, and ranges are for GET */
  struct part part;
  char fields[128] = "Accept-Ranges: bytes\r\n";

  int status = choose_part(whole ? NULL : r->range, size, &part);
  if (status == 416) {
    snprintf(fields, sizeof fields, "Content-Range: bytes */%lld\r\n", (long long)size);
    return refuse(c, status, fields);
  }
  if (status == 206) {
    snprintf(fields, sizeof fields, "Accept-Ranges: bytes\r\nContent-Range: bytes %lld-%lld/%lld\r\n", (long long)part.first,
             (long long)(part.first + part.length - 1), (long long)size);
  }
  return send_head(c, status, type, part.length, fields) && (!wants_body(r) || send_part(c, file, part)) && keeps_alive(r);
}

static bool answer(struct connection *c) {
  const struct request *r = &c->request;
  char path[REQUEST_LIMIT + sizeof INDEX_FILE];
  int file;
  int64_t size;

  if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0) return refuse(c, 405, "Allow: GET, HEAD\r\n");
  int status = decode_path(r->target, path);
  if (status == 200) status = open_file(server.root, path, &file, &size);
  if (status != 200) return refuse(c, status, "");

  bool goes_on = send_file(c, file, size, type_of(path));
  close(file);
  return goes_on;
}

/* ---- The life of a connection ---- */

/* Knows nothing of interrupts: a call that fails ends the conversation, whatever the reason. */
static void converse(struct connection *c) {
  for (;;) {
    size_t length;
    int status = read_request(c, &length);
    if (status == 0) return;
    if (status != 200) c->request.closes = true; /* where the next request begins is anybody's guess */
    bool goes_on = status == 200 ? answer(c) : refuse(c, status, "");
    if (!goes_on) return;
    consume(c, length);
  }
}

static void set_patience(int socket, int seconds) {
  struct timeval limit = {.tv_sec = seconds};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

/* Reads what nobody wants any more, for a while at most. */
static void discard_input(struct connection *c, int flags) {
  for (int reads = 0; reads < 32; reads++) {
    if (recv(c->socket, c->out, sizeof c->out, flags) <= 0) return;
  }
}

/* To close a socket with input unread resets the connection, and the client loses what is still on its way to it. So: end our
 * direction, and wait for the client to end its own. When the server is stopping there is no time for that, and the waiting
 * ends at once if it has begun; but what has come is taken. (Against a client that sends even more after that, only waiting
 * would help.) */
static void close_connection(struct connection *c) {
  shutdown(c->socket, SHUT_WR);
  if (!is_stopping()) {
    c->activity = CLOSING;
    set_patience(c->socket, LINGER_SECONDS);
    discard_input(c, 0);
  }
  shield();
  discard_input(c, MSG_DONTWAIT);
  close(c->socket);
}

/* A thread that ends joins the one that ended before it. So at most one is left to be joined, and who joins that one knows
 * that all are over. When the server is stopping, connections stay for its report. */
static void leave(struct connection *c) {
  pthread_mutex_lock(&server.lock);
  pthread_t before = server.last_ended;
  bool join = server.any_ended;
  server.last_ended = pthread_self();
  server.any_ended = true;
  if (!server.stopping) {
    c->previous->next = c->next;
    c->next->previous = c->previous;
    free(c);
  }
  if (--server.running == 0) pthread_cond_signal(&server.none_running);
  pthread_mutex_unlock(&server.lock);
  if (join) pthread_join(before, NULL);
}

/* A thread that has attached before stop() begins to interrupt is interrupted; one that attaches later finds `stopping` set.
 * So none is missed. One that cannot attach could not be stopped: it does not begin. */
static void *run_connection(void *argument) {
  struct connection *c = argument;

  if (attach() && !is_stopping()) converse(c);
  close_connection(c);
  leave(c);
  return NULL;
}

static void start_connection(int socket, const struct sockaddr_in *peer) {
  static int number;
  const int yes = 1;
  char address[INET_ADDRSTRLEN];
  struct connection *c = calloc(1, sizeof *c);
  if (c == NULL) {
    close(socket);
    return;
  }
  c->number = ++number;
  c->socket = socket;
  inet_ntop(AF_INET, &peer->sin_addr, address, sizeof address);
  snprintf(c->peer, sizeof c->peer, "%s:%d", address, ntohs(peer->sin_port));
  set_patience(socket, IDLE_SECONDS);
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* the end of a body does not wait for acknowledgements */

  pthread_mutex_lock(&server.lock);
  pthread_t thread;
  int error = pthread_create(&thread, NULL, run_connection, c);
  if (error == 0) {
    c->next = &server.connections;
    c->previous = server.connections.previous;
    c->previous->next = c;
    c->next->previous = c;
    server.running++;
  }
  pthread_mutex_unlock(&server.lock);
  if (error != 0) {
    close(socket);
    free(c);
  }
}

/* ---- The main thread ---- */

/* Until it is interrupted. */
static void accept_connections(void) {
  const struct timespec nap = {.tv_nsec = NAP_MILLISECONDS * 1000000L};

  for (;;) {
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    int socket = accept(server.listener, (struct sockaddr *)&peer, &size);

    if (socket >= 0) {
      start_connection(socket, &peer);
    } else if (interrupted()) {
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      nanosleep(&nap, NULL); /* out of descriptors, most likely: until some connection ends */
    }
  }
}

static void report(const struct connection *c) {
  long long body = c->sent > c->body_start ? c->sent - c->body_start : 0;
  long long body_length = c->body_length;

  printf("connection %d (%s): ", c->number, c->peer);
  switch (c->activity) {
    case WAITING: printf("%s, ", c->requests > 0 ? "idle between requests" : "waiting for a first request"); break;
    case READING: printf("reading a request, "); break;
    case SENDING: printf("sending %s, %lld of %lld body bytes, ", c->request.target, body, body_length); break;
    case CLOSING: printf("closing, "); break;
  }
  printf("%lld bytes sent in all\n", (long long)c->sent);
}

static void stop(void) {
  close(server.listener);
  pthread_mutex_lock(&server.lock);
  server.stopping = true;
  pthread_mutex_unlock(&server.lock);

  interrupt_all_others();

  pthread_mutex_lock(&server.lock);
  while (server.running > 0) pthread_cond_wait(&server.none_running, &server.lock);
  pthread_mutex_unlock(&server.lock);
  if (server.any_ended) pthread_join(server.last_ended, NULL);
  int64_t took = now_ns() - __atomic_load_n(&stop_asked_at, __ATOMIC_RELAXED);

  int count = 0;
  int64_t sent = 0;
  for (struct connection *c = server.connections.next, *next; c != &server.connections; c = next) {
    next = c->next;
    report(c);
    count++;
    sent += c->sent;
    free(c);
  }
  printf("stopped in %.1f ms: %d connections, %lld bytes sent\n", (double)took / 1e6, count, (long long)sent);
}

static int listen_at(const char *address, int port) {
  const int yes = 1;
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  socklen_t size = sizeof name;

  if (inet_pton(AF_INET, address, &name.sin_addr) != 1) {
    errno = EINVAL;
    return -1;
  }
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (listener < 0) return -1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (struct sockaddr *)&name, sizeof name) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, (struct sockaddr *)&name, &size) != 0) {
    return -1;
  }
  printf("listening on %s:%d\n", address, ntohs(name.sin_port));
  return listener;
}

static int usage(void) {
  fputs("usage: file_server [--address A] [--port N] [--log] ROOT\n"
        "Serves the files below ROOT over HTTP, at 127.0.0.1 and at any free port if not told otherwise.\n",
        stderr);
  return 2;
}

int main(int argc, char **argv) {
  const char *address = "127.0.0.1";
  const char *root = NULL;
  int64_t port = 0;

  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--log") == 0) {
      server.log = true;
    } else if (strcmp(argv[i], "--address") == 0 && i + 1 < argc) {
      address = argv[++i];
    } else if (strcmp(argv[i], "--port") == 0 && i + 1 < argc) {
      const char *rest = parse_number(argv[++i], &port);
      if (rest == NULL || *rest != '\0' || port > 65535) return usage();
    } else if (argv[i][0] != '-' && root == NULL) {
      root = argv[i];
    } else {
      return usage();
    }
  }
  if (root == NULL) return usage();

  setvbuf(stdout, NULL, _IOLBF, 0); /* a line is out once it is printed, also into a pipe */
  signal(SIGPIPE, SIG_IGN);         /* a client that leaves is an error of write, not the end of us */
  stop_on_signals();
  server.root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (server.root < 0) {
    perror(root);
    return 1;
  }
  server.listener = listen_at(address, (int)port);
  if (server.listener < 0) {
    perror(address);
    return 1;
  }
  accept_connections();
  stop();
  return 0;
}
