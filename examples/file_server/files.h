/* Finding the file that a path names. Nothing outside of the root is ever opened. */
#ifndef FILE_SERVER_FILES_H
#define FILE_SERVER_FILES_H

#include <stdint.h>

/* What stands for a directory. A path that is to be opened has room for it. */
#define INDEX_FILE "/index.html"

/* Opens the regular file that `path` names below the directory `root`, or the index of the directory that it names: then
 * INDEX_FILE is appended to the path. "" is the root itself.
 * Returns 200, or the status to refuse the request with, and then nothing is open. */
int open_file(int root, char *path, int *file, int64_t *size);

#endif
