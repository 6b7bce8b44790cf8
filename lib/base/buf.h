/*
 * buf.h - a growing buffer of bytes, always followed by a NUL, so it is a text too.
 *
 * Zero-initialise (`struct buf b = {0}`), release with buf_clear. `data` is NULL while empty.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/util.h"

struct buf {
    char *data;
    size_t len, capacity;
};

void buf_clear(struct buf *b); /* frees, back to zero */
void buf_reset(struct buf *b); /* length 0, memory kept */
/* room for `more` bytes after len; caller adds to len */
char *buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_text(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *format, va_list args) PRINTF_LIKE(2, 0);
const char *buf_text(const struct buf *b); /* "" while empty */
char *buf_take(struct buf *b); /* the text, owned by the caller; b is empty afterwards */
struct bytes buf_bytes(const struct buf *b);

#define SCOPED_BUF __attribute__((cleanup(buf_clear))) struct buf

#endif
