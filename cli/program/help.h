/*
 * help.h - the command table in words: help, shell completion, documents. Pure.
 */
#ifndef CLI_PROGRAM_HELP_H
#define CLI_PROGRAM_HELP_H

#include "cli/shared/subcommand.h"

/* All commands, or those of one group ("task"); false when there is no such group. */
bool help_overview(struct buf *out, const char *group);
bool help_heeds(const struct subcommand *command, const char *name); /* a common setting */
void help_command(struct buf *out, const struct subcommand *command);

/* A completion script; shell is "bash", "zsh" or "fish". */
MUST_CHECK enum rc help_completion(struct buf *out, const char *shell, struct error *err);

void help_cli_page(struct buf *out);           /* docs/cli.md */
void help_configuration_page(struct buf *out); /* docs/configuration.md */

#endif
