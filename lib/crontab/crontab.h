/*
 * crontab.h - a crontab as crond reads it, turned into tasks.
 *
 * Pure: text in, entries and refusals out, whatever the bytes are. Comments, settings, CRON_TZ, macros and `%` mean
 * what they mean to Debian's cron and to cronie (docs/decisions/0050). What a scheduler cannot do (@reboot, accounts)
 * is refused line by line, with column, reason and a way out; the other lines go on.
 *
 *     # key: nightly-backup        names the task of the next entry
 *     # title: The nightly backup  says what it is
 *     # cronobs: ignore @reboot x  the refusal of that very line is known, wherever it stands
 *     CRON_TZ=Europe/Berlin        the zone of the entries below
 *     30 2 * * *  /opt/backup.sh --full%this is standard input%its second line
 *
 * Comments that name an entry stand in the lines above it, without a blank line between.
 */
#ifndef CRONTAB_CRONTAB_H
#define CRONTAB_CRONTAB_H

#include "base/arena.h"
#include "cron/zoneset.h"
#include "model/records.h"

enum {
    CRONTAB_BYTES_MAX = 4 << 20, /* of the whole text */
    CRONTAB_LINES_MAX = 50000,
    CRONTAB_LINE_MAX = 16 << 10,        /* bytes; a longer line is refused, the others go on */
    CRONTAB_VARIABLES_MAX = 1000,       /* lines NAME=value; further ones are refused */
    CRONTAB_ENVIRONMENT_MAX = 32 << 10, /* bytes of names and values in force at once */
};

/* What the ways out call the options: those of the command line, or the fields of a request. */
struct crontab_words {
    const char *system, *user, *ignore, *source; /* "--system", "--user", "--ignore", "--source" */
};

struct crontab_options {
    struct crontab_words words;
    const char *zone; /* of entries that no CRON_TZ stands above */
    bool has_users;   /* a system crontab: a user stands before each command */
    /* Each ends in NULL, and may be NULL: */
    const char *const *accounts; /* words that are users: what the machine has, and what was said */
    const char *const *known;    /* lines whose refusal is known */
    struct zoneset *zones;
};

struct crontab_entry {
    int line;             /* 1-based */
    const char *key;      /* named by a comment, or <program>-<8 hex of SHA-256 of `text`>[-n] */
    const char *title;    /* named by a comment; NULL: none */
    const char *schedule; /* "30 2 * * *", "@daily": single blanks */
    const char *zone;     /* IANA name */
    const char *user;     /* of a system crontab; else NULL */
    const char *text;     /* the command as it stands in the line */
    const char *command;  /* up to the first unescaped `%` */
    const char *input;    /* what follows that, ends in a line end; NULL: nothing */
    const char *shell;    /* SHELL in force; NULL: none */
    bool is_known;        /* should somebody else refuse it: that is known */
    /* all settings in force but LOGNAME, by name; shared between entries */
    struct pairs environment;
};

struct crontab_note {       /* a line that was refused, or that means less than one might think */
    int line, column;       /* 1-based, in bytes; 0: the whole file, the whole line */
    const char *text;       /* the line as it stands, in UTF-8, cut */
    const char *why, *hint; /* hint "": none */
    const char *key; /* the task that it would have been, or that it names in vain; or NULL */
    const char
        *content; /* refused: the line with single blanks, uncut; NULL: not known as a whole */
};

struct crontab_notes {
    struct crontab_note *items;
    size_t count;
};

struct crontab_setting { /* a line NAME=value */
    int line;
    const char *name;
    size_t entries; /* that have it */
};

struct crontab {
    bool is_blank; /* no text at all, as a command that failed would have printed it */
    struct crontab_entry *entries;
    size_t count;
    struct crontab_notes refused, notes; /* by line */
    struct crontab_notes ignored; /* refused, and known to be: they are as if they were not there */
    struct crontab_setting *settings;
    size_t setting_count;
};

/* All results live in `memory`, which has no budget. RC_INVALID only when the text is too long as a whole. */
MUST_CHECK enum rc crontab_parse(struct bytes text, const struct crontab_options *options,
                                 struct arena *memory, struct crontab *ret, struct error *err);

struct crontab_target {
    const char *project, *queue, *source;
};

/* The entry's task: dialect vixie, a command as payload, labels `source` and `user`, run timeout 24 h. In `memory`. */
struct task_spec crontab_task(const struct crontab_entry *entry,
                              const struct crontab_target *target, struct arena *memory);

#endif
