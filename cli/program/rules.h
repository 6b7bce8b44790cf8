/*
 * rules.h - which options do nothing without others, or beside others: there they are refused.
 *
 * Pure. What a value means is not looked at: that is the command's business.
 */
#ifndef CLI_PROGRAM_RULES_H
#define CLI_PROGRAM_RULES_H

#include "cli/shared/subcommand.h"

/* RC_INVALID names the two that do not go together as they are typed, and the way out where there is one. */
MUST_CHECK enum rc rules_check(const struct subcommand *command, const struct setting_words *given,
                               struct error *err);

#endif
