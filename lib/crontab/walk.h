/*
 * walk.h - the state of the walk down a crontab, inside of the parser (crontab.h).
 */
#ifndef CRONTAB_WALK_H
#define CRONTAB_WALK_H

#include "crontab/keys.h"

struct walk {
    const struct crontab_options *options;
    struct arena *memory;
    struct draft *drafts;
    struct crontab_notes refused, notes;
    size_t draft_count, draft_capacity, refused_capacity, note_capacity;

    int line;
    const char *text; /* the line */

    struct naming { /* what comments say about the next entry */
        const char *key, *title;
        const char *text; /* of the line that gave the key */
        int line;
        bool is_refused;
    } naming;

    const char *zone, *shell;
    int bad_zone_line; /* the line whose CRON_TZ is unknown; 0: none */
    struct pairs environment;
    size_t variable_count;
    bool has_cr, has_said_user;
};

/* About the current line; `at` is a place in it, NULL: all of it. Of a line's refusals only the first is told. */
void walk_refuse(struct walk *w, const char *at, const char *why, const char *hint);
void walk_note(struct walk *w, const char *at, const char *why);
bool walk_is_refused(const struct walk *w); /* the current line */

void take_setting(struct walk *w, struct pair setting); /* settings.c */
void take_entry(struct walk *w, const char *at);        /* entry.c; `at`: behind the blanks */

#endif
