/*
 * plain_log.h - the lines of one writer as plain text, a line end behind each. Pure.
 *
 * A piece goes on where the one before it of its stream stopped, on the same line of the text, unless another stream has printed
 * meanwhile: no line ever holds two streams. Sequences that colour text, move the cursor or speak to a terminal are left out; one
 * may be cut by the end of a piece, none goes past the end of its line.
 */
#ifndef API_RESOURCES_PLAIN_LOG_H
#define API_RESOURCES_PLAIN_LOG_H

#include "base/buf.h"

enum { PLAIN_STREAMS = 3 };

enum ansi_state { /* within which part of a sequence a stream is */
                  ANSI_NONE,
                  ANSI_ESCAPE,       /* ESC */
                  ANSI_INTERMEDIATE, /* ESC and a blank to '/' */
                  ANSI_CONTROL,      /* ESC [ */
                  ANSI_STRING,       /* ESC ] and its kind, up to BEL or ESC \ */
                  ANSI_STRING_ESCAPE
};

struct plain_log { /* zero-initialise; keeps_ansi as wanted */
    bool keeps_ansi;
    struct plain_stream {
        enum ansi_state state;
        bool is_open; /* its last piece was unfinished */
    } streams[PLAIN_STREAMS];
    int last; /* 1 + the stream whose piece ends the text without a line end; 0: none does */
};

/* stream: its letter, as stored: L O E. */
void plain_log_add(struct plain_log *p, char stream, const char *message, bool is_unfinished,
                   struct buf *out);
/* Ends a line that has no end; what comes next is another writer's. */
void plain_log_end(struct plain_log *p, struct buf *out);

#endif
