/*
 * utf8.h - text from outside: valid UTF-8 without NUL, or escaped so that nothing is lost.
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"

/* valid (no surrogates, no overlong forms) and without NUL */
bool utf8_is_clean(const char *text, size_t len);

/* Length of the character at the front; 0 when there is none: NUL, no UTF-8, cut off. */
size_t utf8_char(const char *text, size_t len);

/* Length of the text without a character at its end of which only the beginning is there. */
size_t utf8_whole(const char *text, size_t len);

/* Appends text with each offending byte as "\xHH"; a backslash stays as it is. */
void utf8_escape(struct buf *out, const char *text, size_t len);

/* The same so that it can be undone: where the text itself has "\xHH", its backslash becomes "\x5c". What was escaped is had again
   by putting the byte for each "\xHH". */
void utf8_escape_exactly(struct buf *out, const char *text, size_t len);

/* Do these bytes look like an escape already? */
bool utf8_is_escape(const char *text, size_t len);

#endif
