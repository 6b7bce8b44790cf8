/*
 * script.h - a play as it stands in a page, in a few lines:
 *
 *     report: {"schedules": [{"expression": "@every 10s"}], "overlap": "SKIP"}     a task, as the API has it
 *     runs 25s, 4s failed, dies 3s, hangs, absent     what its workers make of one attempt after the other; the last one holds for all further ones
 *     runs load 3s                           of one of several tasks
 *     away 12s-48s                           no scheduler runs
 *     at 15s pause report until 40s          also resume last, trigger, cancel, retry, skip-next, backfill 0s-40s, delete,
 *                                            put {...}; of several tasks the name stands behind the verb
 *     for 60s each 1s                        how long it is, and one column
 *
 * Pure.
 */
#ifndef CLI_PICTURES_SCRIPT_H
#define CLI_PICTURES_SCRIPT_H

#include "cli/pictures/stage.h"

/* One line more. Texts live in memory. */
MUST_CHECK enum rc script_line(struct stage_script *script, const char *line, struct arena *memory,
                               struct error *err);

#endif
