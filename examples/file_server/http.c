/* What a request says (RFC 9112), which part of a file it asks for (RFC 9110, 14), and words for a response. */
#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t head_length(const char *text, size_t size) {
  const char *end = text + size;
  const char *next = text;

  while ((next = memchr(next, '\n', (size_t)(end - next))) != NULL) {
    next++;
    if (end - next >= 1 && next[0] == '\n') return (size_t)(next + 1 - text);
    if (end - next >= 2 && next[0] == '\r' && next[1] == '\n') return (size_t)(next + 2 - text);
  }
  return 0;
}

/* Cuts the next line off a head, without its end. Null if there is a byte in it that no line may have. */
static char *next_line(char **head) {
  char *line = *head;
  char *end = line + strcspn(line, "\n");

  *head = end + 1;
  if (end > line && end[-1] == '\r') end--;
  *end = '\0';
  for (const char *p = line; *p != '\0'; p++) {
    if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f) return NULL;
  }
  return line;
}

/* Whether the text up to `end` can be a method or the name of a field. */
static bool is_token(const char *text, const char *end) {
  static const char allowed[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return end != text && strspn(text, allowed) == (size_t)(end - text);
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Whether a comma-separated list has this word in it. */
static bool list_has(const char *list, const char *word) {
  while (*list != '\0') {
    size_t length = strcspn(list, ", \t");
    if (length == strlen(word) && strncasecmp(list, word, length) == 0) return true;
    list += length;
    list += strspn(list, ", \t");
  }
  return false;
}

/* "GET /index.html HTTP/1.1". Returns 200, or the status to refuse it with. */
static int parse_request_line(char *line, struct request *r) {
  char *target = strchr(line, ' ');
  char *version = target != NULL ? strchr(target + 1, ' ') : NULL;

  if (version == NULL || !is_token(line, target)) return 400;
  *target++ = '\0';
  *version++ = '\0';
  if (*target == '\0') return 400;
  for (const char *p = target; *p != '\0'; p++) {
    if (*p <= ' ' || *p > '~') return 400;
  }
  if (strlen(version) != 8 || strncmp(version, "HTTP/", 5) != 0) return 400;
  if (!is_digit(version[5]) || version[6] != '.' || !is_digit(version[7])) return 400;
  r->method = line;
  r->target = target;
  r->minor = version[7] - '0';
  return version[5] == '1' ? 200 : 505;
}

/* "Name: value". Returns 200, or the status to refuse it with. */
static int parse_field(char *line, struct request *r) {
  char *colon = strchr(line, ':');
  if (colon == NULL || !is_token(line, colon)) return 400;
  *colon = '\0';

  char *value = colon + 1 + strspn(colon + 1, " \t");
  char *end = value + strlen(value);
  while (end > value && (end[-1] == ' ' || end[-1] == '\t')) *--end = '\0';

  if (strcasecmp(line, "Host") == 0) {
    r->hosts++;
  } else if (strcasecmp(line, "Connection") == 0) {
    r->keeps |= list_has(value, "keep-alive");
    r->closes |= list_has(value, "close");
  } else if (strcasecmp(line, "Range") == 0) {
    r->range = value;
  } else if (strcasecmp(line, "If-Range") == 0) {
    r->conditional = true;
  } else if (strcasecmp(line, "Content-Length") == 0) {
    if (*value == '\0' || value[strspn(value, "0123456789")] != '\0') return 400;
    if (value[strspn(value, "0")] != '\0') r->closes = true; /* nobody reads the body, so nobody knows where */
  } else if (strcasecmp(line, "Transfer-Encoding") == 0) {   /* the next request would begin */
    r->closes = true;
  }
  return 200;
}

int parse_head(char *head, size_t length, struct request *r) {
  if (memchr(head, '\0', length) != NULL) return 400;

  char *line = next_line(&head);
  int status = line != NULL ? parse_request_line(line, r) : 400;
  while (status == 200 && (line = next_line(&head)) != NULL && *line != '\0') status = parse_field(line, r);

  if (status == 200 && line == NULL) return 400;
  if (status == 200 && (r->hosts > 1 || (r->hosts == 0 && r->minor > 0))) return 400;
  return status;
}

bool wants_body(const struct request *r) {
  return r->method == NULL || strcmp(r->method, "HEAD") != 0;
}

bool keeps_alive(const struct request *r) {
  return !r->closes && (r->keeps || r->minor > 0);
}

int decode_path(const char *target, char *path) {
  if (strncasecmp(target, "http://", 7) == 0) { /* as to a proxy */
    target += 7;
    target += strcspn(target, "/?");
  } else if (*target != '/') {
    return 400;
  }
  target += strspn(target, "/");

  const char *segment = path;
  for (char *out = path;; out++) {
    bool ends = *target == '\0' || *target == '?';
    if (ends) {
      *out = '\0';
    } else if (*target == '%') {
      char digits[3] = {target[1], target[1] != '\0' ? target[2] : '\0', '\0'};
      if (strspn(digits, "0123456789abcdefABCDEF") != 2) return 400;
      *out = (char)strtol(digits, NULL, 16);
      if (*out == '\0') return 400;
      target += 3;
    } else {
      *out = *target++;
    }
    if (*out == '/' || ends) {
      if (out - segment == 2 && segment[0] == '.' && segment[1] == '.') return 403;
      segment = out + 1;
    }
    if (ends) return 200;
  }
}

const char *parse_number(const char *text, int64_t *number) {
  if (!is_digit(*text)) return NULL;
  for (*number = 0; is_digit(*text); text++) {
    *number = *number > (INT64_MAX - 9) / 10 ? INT64_MAX : *number * 10 + (*text - '0');
  }
  return text;
}

int choose_part(const char *range, int64_t size, struct part *part) {
  int64_t first, last = INT64_MAX;

  *part = (struct part){0, size};
  if (range == NULL || strncasecmp(range, "bytes=", 6) != 0) return 200;
  range += 6;
  if (*range == '-') { /* the last so many */
    int64_t count;
    range = parse_number(range + 1, &count);
    if (range == NULL || *range != '\0') return 200;
    if (count == 0) return 416;
    if (size == 0) return 200; /* no Content-Range can say "nothing" */
    first = count < size ? size - count : 0;
  } else {
    range = parse_number(range, &first);
    if (range == NULL || *range++ != '-') return 200;
    if (*range != '\0' && ((range = parse_number(range, &last)) == NULL || *range != '\0')) return 200;
    if (first > last) return 200;
    if (first >= size) return 416;
  }
  if (last >= size) last = size - 1;
  *part = (struct part){first, last - first + 1};
  return 206;
}

const char *reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 206: return "Partial Content";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 416: return "Range Not Satisfiable";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Internal Server Error";
  }
}

const char *type_of(const char *path) {
  static const char *const types[][2] = {
      {".html", "text/html; charset=utf-8"}, {".txt", "text/plain; charset=utf-8"}, {".css", "text/css"},
      {".js", "text/javascript"},            {".json", "application/json"},         {".svg", "image/svg+xml"},
      {".png", "image/png"},                 {".jpg", "image/jpeg"},                {".pdf", "application/pdf"}};
  const char *ending = strrchr(path, '.');

  for (size_t i = 0; ending != NULL && i < sizeof types / sizeof types[0]; i++) {
    if (strcasecmp(ending, types[i][0]) == 0) return types[i][1];
  }
  return "application/octet-stream";
}
