/*
 * letters.h - what looks like a blank or like nothing, and is a letter to crond and to the shell. Pure.
 */
#ifndef CRONTAB_LETTERS_H
#define CRONTAB_LETTERS_H

/* The first of them; *ret_name: "a no-break space". NULL: none. */
const char *find_false_blank(const char *text, const char **ret_name);

#endif
