/*
 * lines.h - from what a program prints to lines, however its writes were cut.
 *
 * Pure. Bytes go in at the end, lines come out at the front, without their line end ('\n'; a '\r' before it stays). What
 * comes out unfinished had no line end: a piece of a line longer than LINE_MAX_BYTES, of one whose end has not come for
 * LINE_PATIENCE_US, the last one of an output that ends without. Texts with a '\n' behind each that is finished are what went in:
 * nothing is lost or changed. A piece ends between characters, and outside escape sequences of terminals, unless nothing more
 * has come for LINE_LIMIT_US, or ever will. Zero-initialise, release with lines_clear.
 */
#ifndef CLI_WORKER_LINES_H
#define CLI_WORKER_LINES_H

#include "base/buf.h"

enum {
    LINE_MAX_BYTES = 16384,
    LINE_PATIENCE_US = 500 * 1000, /* a prompt has to be read while the program waits */
    LINE_LIMIT_US = 1000 * 1000,   /* also a last byte that looks like half a character */
};

struct line {
    struct bytes text;  /* borrowed until lines_room */
    struct bytes known; /* the same and what there is behind it of the same line */
    bool is_unfinished;
    size_t taken; /* what lines_drop has to be told once it is dealt with */
};

struct lines {
    struct buf held;
    size_t at;     /* where the next line begins */
    usec_t since;  /* the tick at which the line that has no end yet began */
    usec_t grown;  /* and at which the last bytes came */
    bool is_ended; /* nothing will be added any more */
};

void lines_clear(struct lines *l);

/* Room for `len` bytes; lines_grow says how many of them were filled. */
char *lines_room(struct lines *l, size_t len);
void lines_grow(struct lines *l, size_t len, usec_t tick);

/* The next line, left where it is. False: none (yet). */
bool lines_next(const struct lines *l, usec_t tick, struct line *ret);
void lines_drop(struct lines *l, size_t taken);

bool lines_is_empty(const struct lines *l);

/* The tick at which lines_next gives out what has no end yet; USEC_MAX: not before more comes. */
usec_t lines_wake(const struct lines *l);

/* The output was not read for a while: its line is given its time once more. */
void lines_wait_again(struct lines *l, usec_t tick);

#endif
