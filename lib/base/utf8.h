/*
 * utf8.h - text from outside: valid UTF-8 without NUL, or escaped so that nothing is lost.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

/* valid (no surrogates, no overlong forms) and without NUL */
bool utf8_is_clean(const char *text, size_t len);

/* Appends text with each offending byte as "\xHH"; a backslash stays as it is. */
void utf8_escape(struct buf *out, const char *text, size_t len);

#endif
