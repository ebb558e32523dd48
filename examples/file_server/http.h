/* The text of HTTP: what a request says, and words for a response. Nothing here does input or output. */
#ifndef FILE_SERVER_HTTP_H
#define FILE_SERVER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request {
  const char *method; /* null: none could be made out */
  const char *target; /* as the client wrote it: visible ASCII */
  const char *range;  /* null: no part in particular */
  int minor;          /* of the version: HTTP/1.minor */
  int hosts;          /* how many Host fields came */
  bool keeps;         /* the client says that it wants to use the connection again */
  bool closes;        /* this is the last request of the connection, whatever else is said */
  bool conditional;   /* the range is meant for one version of the file only */
};

/* The length of the request head at the start of a text, with the empty line that ends it; 0 if that has not come yet. */
size_t head_length(const char *text, size_t size);

/* Takes a head of that length apart. The strings of the request point into it.
 * Returns 200, or the status to refuse the request with. */
int parse_head(char *head, size_t length, struct request *request);

bool wants_body(const struct request *request);
bool keeps_alive(const struct request *request);

/* Where a target points to, below the root: without a slash in front, decoded, without any "..".
 * Returns 200, or the status to refuse it with. `path` has room for strlen(target) + 1 bytes. */
int decode_path(const char *target, char *path);

struct part {
  int64_t first, length;
};

/* What to send of a file of this size when this range, or null, is asked for.
 * Returns the status of the response: 206 for a part; 416 if the file does not reach that far; 200 for all of it, which is also
 * the answer to a range that is several or that nobody understands. */
int choose_part(const char *range, int64_t size, struct part *part);

/* Reads a decimal number and returns what stands behind it; null if there is none. One that is too large is INT64_MAX. */
const char *parse_number(const char *text, int64_t *number);

/* The words for a status, and the media type that the ending of a path stands for. */
const char *reason_of(int status);
const char *type_of(const char *path);

#endif
