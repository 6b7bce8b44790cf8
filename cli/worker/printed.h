/*
 * printed.h - what a command prints on one stream: lines, each with its level. Pure.
 *
 * The level is read from all that is known of a line, the pieces that were handed on before included: once it is stated, it is
 * that of the piece and of those that follow. Zero-initialise, release with printed_clear.
 */
#ifndef CLI_WORKER_PRINTED_H
#define CLI_WORKER_PRINTED_H

#include "cli/worker/lines.h"
#include "sdk/c/cronobs.h"

struct printed {
    struct lines lines;
    bool reads_levels;        /* else all of it is INFO */
    bool is_stated;           /* the line has said its level: */
    enum cronobs_level level; /* this one */
    struct buf front;         /* else the pieces of it that were dropped */
};

void printed_clear(struct printed *p);

/* The next line, left where it is, and its level. False: none (yet). */
bool printed_next(struct printed *p, usec_t tick, struct line *ret, enum cronobs_level *ret_level);
void printed_drop(struct printed *p, const struct line *line);

#endif
