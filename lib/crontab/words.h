/*
 * words.h - the pieces of a crontab's line: settings, `%`, programs. Pure; texts live in `memory`.
 */
#ifndef CRONTAB_WORDS_H
#define CRONTAB_WORDS_H

#include "base/arena.h"
#include "base/error.h"
#include "model/records.h"

const char *skip_blanks(const char *at); /* blanks and tabs */
const char *skip_word(const char *at);
const char *line_end(const char *text); /* before the blanks at its end */
/* The text between, without blanks at its end. */
const char *trimmed(struct arena *memory, const char *from, const char *to);
/* NULL ends the list; NULL: none */
bool word_is_listed(const char *const *words, const char *word, size_t len);
const char *single_blanks(struct arena *memory, const char *from, const char *to);
/* With single blanks, and none at either end. */
const char *line_content(struct arena *memory, const char *line);

/*
 * name = value, as crond takes it apart: either may stand in quotes (single or double), a value without them
 * ends before the blanks at the end of the line, nothing is expanded. RC_NOT_FOUND: the line is no setting;
 * RC_INVALID: it is meant to be one, err says where it goes wrong.
 */
MUST_CHECK enum rc setting_parse(const char *line, struct arena *memory, struct pair *ret,
                                 struct error *err);

/* Where the command ends: the first `%` that no backslash hides, or the end of the text. */
const char *command_end(const char *text);

/*
 * What crond makes of `%`: the first ends the command, further ones end lines of its input, `\%` is a percent
 * sign. The input's last line is ended, too. Returns the command; *ret_input is NULL when there is none. Without an
 * input, blanks at the command's end are left away: but for one that a backslash hides, they are nothing to a shell.
 */
const char *command_split(const char *text, struct arena *memory, const char **ret_input);

/* The name of the program that a command starts with, fit for a key: "backup.sh"; "job" when there is none. */
const char *command_program(const char *command, struct arena *memory);

#endif
