/* Pipes of all kinds, each with its way of opening. */
#ifndef PIPES_H
#define PIPES_H

#include "../scene.h"
#include "handles.h"

enum { BUFFER = 4096 };

typedef struct kind {
  const char *name;
  DWORD type;        /* of the pipe, and of how it is read; ANONYMOUS: by CreatePipe */
  DWORD overlapped;  /* FILE_FLAG_OVERLAPPED, for both ends, or 0 */
  int client_writes; /* else the server does, by an end that does both */
} kind_t;

#define ANONYMOUS ((DWORD)-1)
#define MESSAGES (PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE)

static const kind_t kinds[] = {
    {"anonymous", ANONYMOUS, 0, 0},
    {"bytes", PIPE_TYPE_BYTE, 0, 0},
    {"bytes, to the server", PIPE_TYPE_BYTE, 0, 1},
    {"messages", MESSAGES, 0, 0},
    {"overlapped bytes", PIPE_TYPE_BYTE, FILE_FLAG_OVERLAPPED, 0},
    {"overlapped bytes, to the server", PIPE_TYPE_BYTE, FILE_FLAG_OVERLAPPED, 1},
    {"overlapped messages", MESSAGES, FILE_FLAG_OVERLAPPED, 0},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* ends[0] reads, ends[1] writes. */
static inline void open_kind(const kind_t *kind, polite_fd ends[2]) {
  HANDLE reader, writer;
  if (kind->type == ANONYMOUS) {
    assert_true(CreatePipe(&reader, &writer, NULL, BUFFER));
  } else {
    static atomic_int number;
    char name[100];
    snprintf(name, sizeof name, "\\\\.\\pipe\\test.%lu.%d", GetCurrentProcessId(), ++number);
    HANDLE server = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | kind->overlapped, kind->type, 1, BUFFER, BUFFER, 0, NULL);
    assert_true(server != INVALID_HANDLE_VALUE);
    HANDLE client = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, kind->overlapped, NULL);
    assert_true(client != INVALID_HANDLE_VALUE);
    DWORD as_messages = PIPE_READMODE_MESSAGE;
    if (kind->type == MESSAGES) assert_true(SetNamedPipeHandleState(client, &as_messages, NULL, NULL));
    writer = kind->client_writes ? client : server;
    reader = kind->client_writes ? server : client;
  }
  ends[0] = (polite_fd)reader;
  ends[1] = (polite_fd)writer;
}

static inline int has_messages(const kind_t *kind) { return kind->type == MESSAGES; }

/* How many bytes wait for a reader. */
static inline DWORD bytes_in(polite_fd reader) {
  DWORD available = 0;
  return PeekNamedPipe((HANDLE)reader, NULL, 0, NULL, &available, NULL) ? available : 0;
}

#endif
