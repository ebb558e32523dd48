/* A session by unwinding: an interrupt ends the thread (or the innermost polite_call), and the handlers run on the way out. */
#define _GNU_SOURCE 1 /* F_OFD_SETLKW */

#include "session.h"

#include <polite/unwind.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

/* What fails for another reason leaves in the same way. */
static int or_exit(int r) {
  if (r >= 0) return r;
  polite_exit((void *)(intptr_t)r);
  abort(); /* there was nothing to leave: neither a thread of polite's around us nor a polite_call */
}

void *session_begin_or_unwind(void *session) {
  session_t *s = session;
  struct flock whole_file = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  polite_mark_t mark;
  size_t got;

  polite_cleanup_mark(&mark);

  s->pipe = or_exit(polite_open_or_unwind(s->pipe_path, O_RDONLY | O_CLOEXEC, 0));
  polite_cleanup_push(&s->pipe_node, close_pipe, s);

  s->lock_file = or_exit(polite_open_or_unwind(s->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  polite_cleanup_push(&s->lock_file_node, close_lock_file, s);

  or_exit(polite_lock_or_unwind(s->lock_file, F_OFD_SETLKW, &whole_file));
  polite_cleanup_push(&s->lock_node, unlock, s);

  s->connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (s->connection < 0) or_exit(-errno);
  polite_cleanup_push(&s->connection_node, close_connection, s);

  or_exit(polite_connect_or_unwind(s->connection, (const struct sockaddr *)&s->server, sizeof s->server));

  int r = polite_read_full(s->connection, s->answer, sizeof s->answer, &got);
  if (r == POLITE_INTERRUPTED) polite_unwind(); /* by hand, for here one may want to look at `got` first */
  or_exit(r);

  polite_cleanup_take(&s->held, &mark); /* complete: off this thread's stack, for the next owner */
  return NULL;
}
