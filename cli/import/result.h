/*
 * result.h - what an import has found and done: filled step by step, then reported.
 */
#ifndef CLI_IMPORT_RESULT_H
#define CLI_IMPORT_RESULT_H

#include "cli/import/import.h"
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
    IMPORT_UNKNOWN, /* sent, and the server went away before it answered */
    IMPORT_STATE_COUNT
};

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

struct import {
    const struct import_config *config;
    const char *source, *zone;
    struct arena *memory;
    struct crontab crontab;
    struct import_line *lines;
    size_t line_count;
    struct import_vanished *vanished;
    size_t vanished_count;
    bool has_asked;      /* the server was, about the source's tasks */
    const char *why_not; /* a dry run has not: why; NULL: it has */
};

size_t import_count(const struct import *i, enum import_state state);
size_t import_refused(const struct import *i); /* by us and by the server, and not ignored */
size_t import_ignored(const struct import *i);
bool import_ignores(const struct import_line *line); /* refused, and that is known */
/* all lines are understood or ignored, and there is a text at all */
bool import_may_prune(const struct import *i);

/* For people; width: columns of the terminal, 0 = no end. */
void import_report(const struct import *i, size_t width, struct buf *out);
void import_report_json(const struct import *i, struct buf *out);

#endif
