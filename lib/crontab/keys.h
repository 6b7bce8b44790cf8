/*
 * keys.h - which task each entry of a crontab is. Pure.
 *
 * A task keeps its key as long as the text of its command stays, wherever the line stands and whenever it runs:
 * <program>-<8 hex of the text's SHA-256>, and -2, -3 for further equal commands, in order of lines. Refused lines are
 * no tasks and do not count: they come after all others. Keys that comments give come first; they are never changed.
 */
#ifndef CRONTAB_KEYS_H
#define CRONTAB_KEYS_H

#include "crontab/draft.h"

/* Fills entry.key, and taken_by where a key is given a second time (entry.key is then NULL). */
void crontab_give_keys(struct draft *drafts, size_t count, struct arena *memory);

#endif
