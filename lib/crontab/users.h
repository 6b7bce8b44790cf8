/*
 * users.h - is the word before a command a user, or the command's own first word? Pure.
 *
 * crond knows the accounts of its machine; a file that is imported may come from another one. So each line is looked at
 * alone first: accounts and well-known programs are sure, so are paths. "deploy /srv/x" is not: what it is follows from
 * the other lines, or stays open. Then nobody guesses (docs/decisions/0106).
 */
#ifndef CRONTAB_USERS_H
#define CRONTAB_USERS_H

#include "base/map.h"
#include "crontab/crontab.h"

struct census { /* what the lines of a file say, each looked at alone */
    const struct crontab_options *options;
    size_t users, commands; /* lines that surely begin with the one or the other */
    size_t open;
    bool says_users, says_none; /* a comment names the columns */
    struct map open_words;
};

void census_clear(struct census *c);
void census_take_comment(struct census *c, const char *comment);
void census_take_command(struct census *c, const char *command); /* what follows the schedule */

enum first_word {
    WORD_COMMAND, /* of the command; where users stand: the user is missing */
    WORD_USER,
    WORD_STRANGER, /* a user by the other lines; the machine has no such account */
    WORD_OPEN,
};

/* Once all lines were taken. */
enum first_word census_judge(const struct census *c, const char *command);

#endif
