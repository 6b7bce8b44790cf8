/*
 * lookup.h - words that name no command, and what was most likely meant. Pure.
 */
#ifndef CLI_PROGRAM_LOOKUP_H
#define CLI_PROGRAM_LOOKUP_H

#include "cli/shared/subcommand.h"

/* Is it the first word of commands that have two, "task"? */
bool lookup_is_group(const char *word);

/* RC_INVALID: "there is no command 'task triger'", with the nearest one, or those of the group, as the way out. `words`: at
   least one; NULL ends. */
enum rc lookup_fail(const char *const *words, struct error *err);

#endif
