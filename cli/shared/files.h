/*
 * files.h - whole files as texts.
 */
#ifndef CLI_SHARED_FILES_H
#define CLI_SHARED_FILES_H

#include "base/buf.h"
#include "base/error.h"

/* Appends the file, or standard input for "-"; RC_INVALID when it cannot be read or has more than `max` bytes. */
MUST_CHECK enum rc file_read(const char *path, size_t max, struct buf *out, struct error *err);
/* Can anybody read it? Never true of a pipe or a terminal. */
bool file_is_public(const char *path);

#endif
