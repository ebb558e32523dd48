/* What the worker gets hold of, step by step: a pipe, a lock, a connection. Each step may have to wait for others, for ever. */
#ifndef SESSION_H
#define SESSION_H

#include <polite.h>

#include <sys/un.h>

typedef struct session {
  const char *pipe_path, *lock_path;
  struct sockaddr_un server;

  int pipe, lock_file, connection;
  char answer[5]; /* what the server says first */

  /* The places of the cleanup handlers are here, not on a frame: they outlive the function that pushes them. */
  polite_cleanup_t pipe_node, lock_file_node, lock_node, connection_node;
  polite_stretch_t held; /* all that is to be given back, once the session is complete */
} session_t;

/* Two ways to the same session. Each is a thread's function (polite_thread_create) and takes a session_t that is all zero but for
 * the paths and the server. When it has returned null the session is complete, and belongs to whoever has joined the thread.
 * In every other case all has been given back, and it may be tried again with the same object. */
void *session_begin(void *session);           /* returns an error, POLITE_INTERRUPTED among them, as (void *)(intptr_t)error */
void *session_begin_or_unwind(void *session); /* an interrupt unwinds it; by another error it exits */

/* Gives back a complete session, latest first. In any thread. */
void session_end(session_t *session);

/* The cleanup handlers. Their argument is the session. */
void close_pipe(void *session);
void close_lock_file(void *session);
void unlock(void *session);
void close_connection(void *session);

/* The program's own: is told what has been given back. */
void given_back(const char *what);

#endif
