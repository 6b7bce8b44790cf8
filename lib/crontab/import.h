/*
 * import.h - an import: what the entries of a crontab are to the tasks of its source, filled step by step, then reported.
 *
 * Pure. Whoever imports reads the text, tells which tasks the source has (import_take_key), writes those of the entries, deletes
 * what vanished if import_prunes says so, and notes what came of each. The command line and the API do it alike; their JSON is one.
 */
#ifndef CRONTAB_IMPORT_H
#define CRONTAB_IMPORT_H

#include "base/json.h"
#include "base/map.h"
#include "crontab/crontab.h"

enum import_state {
    IMPORT_READ, /* not sent */
    IMPORT_NEW,  /* not sent: the server has no such task */
    IMPORT_KNOWN,
    IMPORT_CREATED,
    IMPORT_UPDATED,
    IMPORT_UNCHANGED,
    IMPORT_PENDING, /* in the log; nobody has carried it out yet */
    IMPORT_REFUSED,
    IMPORT_UNKNOWN, /* sent, and nobody knows what came of it */
    IMPORT_STATE_COUNT
};

enum { IMPORT_SOURCE_MAX = 100 /* bytes of a source's name */ };

/* Why a task is deleted that vanished, for those who read its history. */
#define IMPORT_GONE "it is gone from its crontab"

struct import_line {
    const struct crontab_entry *entry;
    struct uuid task_id;
    usec_t next_at;      /* 0: never */
    int32_t next_offset; /* of the zone from UTC then, seconds */
    enum import_state state;
    struct error err; /* refused: why */
};

struct import_vanished { /* a task of the source that the file does not have */
    const char *key;
    bool is_deleted;
    struct error err; /* it could not or must not be: why; rc RC_OK: nobody tried, or it was */
};

struct import_request { /* all borrowed */
    const char *project, *queue, *source, *zone;
    bool is_dry, prunes;
};

struct import {
    struct import_request request;
    struct arena *memory; /* of all texts; without a budget */
    struct crontab crontab;
    struct import_line *lines;
    size_t line_count;
    /* by task: the lines; what was refused; notes of comments that name a task, above no entry */
    struct map by_task, by_refused, by_stray;
    struct import_vanished *vanished;
    size_t vanished_count, vanished_capacity;
    bool has_asked;      /* the server was, about the source's tasks */
    const char *why_not; /* a dry run has not: why; NULL: it has */
};

/* RC_INVALID: it is no name for a source. */
MUST_CHECK enum rc import_check_source(const char *source, struct error *err);

/*
 * Reads the text. What a server would refuse is refused already, and each line's next instant is known. RC_INVALID: the text is too
 * long as a whole.
 */
MUST_CHECK enum rc import_read(struct import *i, struct bytes text,
                               const struct crontab_options *options, usec_t now,
                               struct error *err);
void import_clear(struct import *i); /* what is not in `memory` */

/* The source has a task of this key: a line is KNOWN then, or the task has vanished. */
void import_take_key(struct import *i, const char *key);
/* And no others: the other lines are NEW. */
void import_took_keys(struct import *i);

/* The task of a line, normalised, in `memory`. */
struct task_spec import_spec(const struct import *i, const struct import_line *line,
                             struct arena *memory);

/* What a write came to, by its outcome's symbol. */
enum import_state import_state_of(const char *code);
/* A task of that key is somebody else's: of another source, or of none (NULL). Says so, and the way out. RC_CONFLICT. */
enum rc import_refuse_foreign(const char *key, const char *source,
                              const struct crontab_words *words, struct error *err);

size_t import_count(const struct import *i, enum import_state state);
size_t import_refused(const struct import *i); /* by us and by the server, and not ignored */
size_t import_ignored(const struct import *i);
bool import_ignores(const struct import_line *line); /* refused, and that is known */
/* all lines are understood or ignored, and there is a text at all */
bool import_may_prune(const struct import *i);

const char *import_state_name(enum import_state state);
/* For scripts: docs/importing.md. */
void import_report_json(const struct import *i, struct buf *out);

#endif
