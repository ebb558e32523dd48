/* A session by error returns: an interrupt is an error like any other, and one place gives back what there is so far. */
#define _GNU_SOURCE 1 /* F_OFD_SETLKW */

#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

/* An interrupt is delivered by a call that got nothing, and nowhere else. So nothing is lost between a call and the push behind
 * it, whenever the interrupt is sent. */
static int get_all(session_t *s) {
  struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  size_t got;
  int r;

  if ((r = s->pipe = polite_open(s->pipe_path, O_RDONLY | O_CLOEXEC, 0)) < 0) return r;
  polite_cleanup_push(&s->pipe_node, close_pipe, s);

  if ((r = s->lock_file = polite_open(s->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0) return r;
  polite_cleanup_push(&s->lock_file_node, close_lock_file, s);

  if ((r = polite_lock(s->lock_file, F_OFD_SETLKW, &whole_file)) < 0) return r;
  polite_cleanup_push(&s->lock_node, unlock, s);

  if ((s->connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0) return -errno;
  polite_cleanup_push(&s->connection_node, close_connection, s);

  if ((r = polite_connect(s->connection, (const struct sockaddr *)&s->server, sizeof s->server)) < 0) return r;

  return polite_read_full(s->connection, s->answer, sizeof s->answer, &got);
}

void *session_begin(void *session_) {
  session_t *session = session_;
  polite_mark_t mark;

  polite_cleanup_mark(&mark);
  int error = get_all(session);
  if (error == 0) polite_cleanup_take(&session->held, &mark); /* complete: off this thread's stack, for the next owner */
  else polite_cleanup_run(&mark);
  return (void *)(intptr_t)error;
}
