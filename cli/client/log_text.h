/*
 * log_text.h - lines of a log, which may come in pieces and from several streams, as one text. Pure.
 *
 * A piece goes on where the one before it of its stream stopped, on the same line of the text, unless something else has been
 * printed meanwhile: no line ever holds two streams. For people each state of a bar that goes back ('\r') is on a line
 * of its own, and nothing moves the cursor. Zero-initialise, release with log_text_clear.
 */
#ifndef CLI_CLIENT_LOG_TEXT_H
#define CLI_CLIENT_LOG_TEXT_H

#include "base/buf.h"

struct log_piece {
    const char *writer; /* with the stream: what its pieces have in common */
    const char *stream;
    int attempt;
    const char *message;
    bool is_unfinished;
};

struct log_text {
    bool is_for_people; /* else the bytes are kept */
    char **open;        /* whose last piece was unfinished; owned */
    size_t count, capacity;
    /* Whose piece ends the text, without a line end; owned. NULL: the text is at the front of a line. */
    char *last;
    bool goes_back;
};

/* Appends the piece; at the front of a line of the text, `prefix` ("" for none) before it. */
void log_text_add(struct log_text *t, const struct log_piece *piece, const char *prefix,
                  struct buf *out);
void log_text_end(struct log_text *t, struct buf *out); /* ends a line that has no end */
void log_text_clear(struct log_text *t);

#endif
