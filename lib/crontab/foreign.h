/*
 * foreign.h - what other programs' tables have and crond does not: recognised, named, and with a way out. Pure.
 *
 * anacrontab and fcrontab, SUSE's and cronie's leading '-', BSD's options before a command, macOS's words there, seconds and years,
 * and macros of FreeBSD, systemd-cron, dcron and fcron.
 */
#ifndef CRONTAB_FOREIGN_H
#define CRONTAB_FOREIGN_H

#include <stdbool.h>

#include "base/arena.h"

struct foreign {
    const char *why, *hint;
};

/* A line as a whole, which begins at `at`. */
bool foreign_line(const char *at, struct arena *memory, struct foreign *ret);

/* A line of five fields or a macro that crond would read: what follows these is no command. */
bool foreign_word(const char *at, struct foreign *ret);

/* Five fields, or a macro, and a command behind them: as if a line began here. */
bool foreign_schedule(const char *at);

/* The word behind '@': one of crond's? If not, *ret says what it is. */
bool foreign_macro(const char *at, struct arena *memory, struct foreign *ret);

/* A line that is neither a setting nor an entry; NULL: nothing is known of it. */
const char *foreign_hint(const char *at, struct arena *memory);

#endif
