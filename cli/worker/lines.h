/*
 * lines.h - from what a program prints to lines, however its writes were cut.
 *
 * Pure. Bytes go in at the end, lines come out at the front, without their line end ('\n'; a '\r' before it
 * stays). A line longer than LINE_MAX_BYTES comes out in pieces, cut between characters; nothing is lost or changed.
 * A last line without an end comes out when the output has ended. Zero-initialise, release with lines_clear.
 */
#ifndef CLI_WORKER_LINES_H
#define CLI_WORKER_LINES_H

#include "base/buf.h"

enum { LINE_MAX_BYTES = 16384 };

struct lines {
    struct buf held;
    size_t at;     /* where the next line begins */
    bool is_ended; /* nothing will be added any more */
};

void lines_clear(struct lines *l);

/* Room for `len` bytes; lines_grow says how many of them were filled. */
char *lines_room(struct lines *l, size_t len);
void lines_grow(struct lines *l, size_t len);

/* The next line, left where it is; *ret_len is what lines_drop has to be told once it is dealt with. False: none
   (yet). Borrowed until lines_room. */
bool lines_next(const struct lines *l, struct bytes *ret, size_t *ret_len);
void lines_drop(struct lines *l, size_t len);

#endif
