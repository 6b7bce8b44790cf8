/*
 * keys.h - which task each entry of a crontab is. Pure.
 *
 * A task keeps its key as long as the text of its command stays, wherever the line stands and whenever it runs:
 * <program>-<8 hex of the text's SHA-256>, and -2, -3 for further equal commands, in order of lines.
 * Keys that comments give come first; they are never changed.
 */
#ifndef CRONTAB_KEYS_H
#define CRONTAB_KEYS_H

#include "crontab/crontab.h"

struct draft { /* an entry, or what would be one if its line were right */
    struct crontab_entry entry;
    const char *line_text;
    const char *given_key; /* by a comment; NULL: none */
    size_t refusal;        /* its place in the list of refused lines; SIZE_MAX: none */
    bool is_refused;
    int taken_by; /* the line that has the key, given twice; 0: nobody */
};

/* Fills entry.key, and taken_by where a key is given a second time (entry.key is then NULL). */
void crontab_give_keys(struct draft *drafts, size_t count, struct arena *memory);

#endif
