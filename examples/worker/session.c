/* How a session is given back: the same for both ways of beginning one. */
#define _GNU_SOURCE 1 /* F_OFD_SETLK */

#include "session.h"

#include <fcntl.h>
#include <unistd.h>

void close_pipe(void *session_) {
  session_t *session = session_;
  polite_close(session->pipe);
  given_back("pipe");
}

void close_lock_file(void *session_) {
  session_t *session = session_;
  polite_close(session->lock_file);
  given_back("lock file");
}

void unlock(void *session_) {
  session_t *session = session_;
  struct flock whole_file = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
  fcntl(session->lock_file, F_OFD_SETLK, &whole_file); /* never waits: the plain call will do */
  given_back("lock");
}

void close_connection(void *session_) {
  session_t *session = session_;
  polite_close(session->connection); /* also ends an attempt to connect that is still under way */
  given_back("connection");
}

void session_end(session_t *session) {
  polite_cleanup_run_stretch(&session->held);
}
