/*
 * programs.h - words that commands are known to begin with, and names of accounts that systems bring along. Pure.
 *
 * No list is complete, and none has to be: a word that is in neither is judged by the rest of the file (users.h).
 */
#ifndef CRONTAB_PROGRAMS_H
#define CRONTAB_PROGRAMS_H

#include <stdbool.h>
#include <stddef.h>

bool program_is_known(const char *word, size_t len);
bool account_is_usual(const char *word, size_t len);
/* "root": nobody has a program of that name */
bool account_is_no_program(const char *word, size_t len);

#endif
