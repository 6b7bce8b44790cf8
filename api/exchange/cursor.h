/*
 * cursor.h - where a list goes on, as a text that only we can read: base64url of kind, version,
 * fields and a check sum.
 *
 * Keyset positions, never counts: pages stay right while rows come and go. A cursor of another
 * list, of another version or one that was tampered with is refused. Pure.
 */
#ifndef API_EXCHANGE_CURSOR_H
#define API_EXCHANGE_CURSOR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/uuid.h"

enum cursor_kind {
    CURSOR_TASKS = 1,
    CURSOR_REVISIONS,
    CURSOR_GAPS,
    CURSOR_EXECUTIONS,
    CURSOR_EVENTS,
    CURSOR_LOGS,
    CURSOR_DEAD_LETTERS,
    CURSOR_LOG_LINES,
    CURSOR_AUDIT
};

struct cursor { /* being written, or being read */
    struct buf bytes;
    size_t at;
    bool is_bad;
    enum cursor_kind kind;
};

void cursor_clear(struct cursor *c);

/* Writing: begin, fields, text. */
void cursor_begin(struct cursor *c, enum cursor_kind kind);
void cursor_put_int(struct cursor *c, int64_t value);
void cursor_put_uuid(struct cursor *c, struct uuid id);
void cursor_put_text(struct cursor *c, const char *text);
void cursor_text(struct cursor *c, struct buf *out); /* appends it; c is then spent */

/* The parameter that carries it: "cursor", or "after". */
const char *cursor_parameter(enum cursor_kind kind);

/* Reading: open, the same fields in the same order, end. */
MUST_CHECK enum rc cursor_open(struct cursor *c, enum cursor_kind kind, const char *text,
                               struct error *err);
int64_t cursor_int(struct cursor *c);
struct uuid cursor_uuid(struct cursor *c);
const char *cursor_take_text(struct cursor *c, struct arena *memory);
/* RC_INVALID when fields were missing or too many */
MUST_CHECK enum rc cursor_end(struct cursor *c, struct error *err);

#define SCOPED_CURSOR __attribute__((cleanup(cursor_clear))) struct cursor

#endif
