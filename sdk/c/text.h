/*
 * text.h - what a program printed, as the wire wants it: valid UTF-8 in pieces of at most 16 KiB.
 *
 * Pure. Nothing is lost: bytes that are no UTF-8 become "\xHH", which can be undone, and a piece never ends inside a character.
 */
#ifndef SDK_TEXT_H
#define SDK_TEXT_H

#include "base/buf.h"

enum { TEXT_PIECE_MAX = 16384 };

/* Length of the longest start of text[0..len) that has at most `max` bytes once it is clean, and ends between characters;
   max: 4 at least. */
size_t text_piece(const char *text, size_t len, size_t max);

/* Appends the text: as it is when it is valid UTF-8 (NUL allowed), else, and then true, escaped as utf8_escape_exactly() does it. */
bool text_clean(struct buf *out, const char *text, size_t len);

/* The same of the start of a C string, cut so that at most `max` bytes are appended. */
void text_clean_cut(struct buf *out, const char *text, size_t max);

#endif
