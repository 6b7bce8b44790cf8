/*
 * draft.h - what the walk down a crontab makes of an entry, before the whole file is known (walk.h).
 */
#ifndef CRONTAB_DRAFT_H
#define CRONTAB_DRAFT_H

#include "crontab/crontab.h"

struct draft { /* an entry, or what would be one if its line were right */
    struct crontab_entry entry;
    const char *line_text;
    const char *command;   /* in line_text: behind the schedule */
    const char *given_key; /* by a comment; NULL: none, or one that is no key */
    const char *bad_key;   /* by a comment, and no key; NULL: none */
    int bad_key_line, bad_zone_line;
    bool is_refused;
    size_t refusal; /* its place in the list of refused lines */
    int taken_by;   /* the line that has the key, given twice; 0: nobody */
};

#endif
