/*
 * crontab.h - a user's crontab as crond reads it, turned into tasks.
 *
 * Pure: text in, entries and refusals out, whatever the bytes are. Comments, environment lines, CRON_TZ, macros
 * and `%` mean what they mean to crond (Debian's cron, cronie). What crond has and a scheduler cannot
 * have (@reboot, a user column) is refused line by line, with a reason, and the rest goes on.
 *
 *     # key: nightly-backup        names the next entry's task
 *     CRON_TZ=Europe/Berlin        the zone of the entries below
 *     30 2 * * *  /opt/backup.sh --full%this is standard input%second line
 */
#ifndef CLI_CRONTAB_H
#define CLI_CRONTAB_H

#include "base/arena.h"
#include "cron/zoneset.h"
#include "model/records.h"

enum {
    CRONTAB_BYTES_MAX = 4 << 20,
    CRONTAB_LINES_MAX = 10000, /* entries and refusals */
};

struct crontab_entry {
    int line; /* 1-based */
    const char *
        key; /* of the task: given by a comment, or <program>-<8 hex of the command's SHA-256>[-n] */
    const char *schedule; /* "30 2 * * *", "@daily" */
    const char *zone;     /* CRON_TZ in force; NULL: none */
    const char *command;  /* up to the first unescaped `%` */
    const char *input;    /* what follows it, ends in a line end; NULL: none */
    const char *shell;    /* SHELL in force; "/bin/sh" */
    struct pairs env;     /* all variables in force, in order of their names */
};

struct crontab_note { /* a line that was refused, or one that means less than one might think */
    int line, column; /* column 0: the whole line */
    const char *text; /* the line as it stands */
    const char *why, *hint; /* hint "": none */
};

struct crontab {
    struct crontab_entry *entries;
    size_t entry_count;
    struct crontab_note *refused;
    size_t refused_count;
    struct crontab_note *notes;
    size_t note_count;
};

/* Everything lives in `memory`. RC_INVALID only when the text is too long as a whole. `zones` knows the zones. */
MUST_CHECK enum rc crontab_parse(struct bytes text, struct zoneset *zones, struct arena *memory,
                                 struct crontab *ret, struct error *err);

struct crontab_target {
    const char *project, *queue, *source;
    const char *zone; /* of entries without CRON_TZ */
};

/* The task of an entry: dialect vixie, a command payload, label `source`, run timeout 24 h. */
struct task_spec crontab_task(const struct crontab_entry *entry,
                              const struct crontab_target *target, struct arena *memory);

#endif
