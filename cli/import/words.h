/*
 * words.h - what is wrong with a task, said of the crontab that it came from.
 *
 * A task's limits and the API name members of its JSON ("/schedules/0/expression"); who has a crontab and options has seen
 * neither. Pure.
 */
#ifndef CLI_IMPORT_WORDS_H
#define CLI_IMPORT_WORDS_H

#include "crontab/import.h"

/* Rewrites text and hint of an error about the task of this entry; of one that is not of a member, only a hint to who writes HTTP.
   `entry` NULL: it is about no line. */
void import_words(const struct import_request *request, const struct crontab_entry *entry,
                  struct error *err);

#endif
