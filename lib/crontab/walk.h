/*
 * walk.h - the state of the walk down a crontab, inside of the parser (crontab.h).
 *
 * Down the lines first: settings, comments, and a draft for each entry. Then, with the whole file known, each draft is turned to
 * once more: whether a user stands before its command may follow from the other lines (users.h). Keys come last (keys.h).
 */
#ifndef CRONTAB_WALK_H
#define CRONTAB_WALK_H

#include "crontab/draft.h"
#include "crontab/users.h"

struct walk {
    const struct crontab_options *options;
    struct arena *memory;
    struct draft *drafts;
    struct crontab_notes refused, notes;
    size_t draft_count, draft_capacity, refused_capacity, note_capacity;
    struct census census;

    int line;
    const char *text;   /* the line */
    bool is_whole;      /* not cut at its length, nor at a NUL */
    bool is_continued;  /* if crond joined lines: the one above ends in a backslash */
    bool is_ended;      /* by a line end */
    struct draft *turn; /* of the second time; NULL: the walk is on its way down */

    struct naming { /* what comments say about the next entry */
        const char *key, *title;
        const char *text; /* of the line that gave the key */
        int line;
        bool is_bad; /* no key at all */
    } naming;

    struct known { /* a line whose refusal is known, as a comment or an option has it */
        const char *content;
        const char *text; /* of the comment; NULL: an option */
        int line;
        bool is_met;
    } * known;
    size_t known_count, known_capacity;
    struct map known_lines; /* by content */

    struct span { /* a setting and the drafts that have it */
        int line;
        const char *name;
        size_t from, to; /* SIZE_MAX: to the end */
        bool is_refused;
    } * spans;
    size_t span_count, span_capacity;

    const char *zone, *shell;
    int bad_zone_line; /* the line whose CRON_TZ is unknown; 0: none */
    struct pairs environment;
    size_t variable_count;
    bool has_text, has_cr, has_said_user;
};

/* About the current line; `at` is a place in it, NULL: all of it. Of a line's refusals only the first is told. */
void walk_refuse(struct walk *w, const char *at, const char *why, const char *hint);
void walk_note(struct walk *w, const char *at, const char *why);
void walk_add_note(struct walk *w, const struct crontab_note *note); /* text, if any, of its own */
void walk_add_draft(struct walk *w, struct draft draft);             /* of the current line */
void walk_turn_to(struct walk *w, struct draft *draft); /* its line is the current one again */
void walk_clear(struct walk *w);

void take_comment(struct walk *w, const char *at); /* comments.c; `at`: behind the blanks */
void forget_naming(struct walk *w);                /* a blank line, the end */

void take_setting(struct walk *w, struct pair setting); /* settings.c */
void finish_settings(struct walk *w, struct crontab *ret);

void take_entry(struct walk *w, const char *at); /* entry.c; `at`: behind the blanks */
void finish_entry(struct walk *w, struct draft *draft);

void gather_known(struct walk *w); /* known.c; before anything is finished */
bool is_known_line(struct walk *w, const char *line);
void finish_refused(struct walk *w, struct crontab *ret); /* those that are known apart */

#endif
