/*
 * reading.h - a crontab read in a test, on a machine that has some accounts.
 */
#ifndef CRONTAB_READING_H
#define CRONTAB_READING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crontab/crontab.h"

struct reading {
    const char *text, *meaning;
};

static const char *const reading_accounts[] = {"deploy", "mail", "python3", NULL};

static inline struct crontab read_crontab(struct bytes text, bool has_users, struct arena *memory)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    struct crontab_options options = {.words = {"--system", "--user", "--ignore"},
                                      .zone = "UTC",
                                      .has_users = has_users,
                                      .accounts = reading_accounts,
                                      .zones = zones};
    struct crontab made;

    assert_int_equal(crontab_parse(text, &options, memory, &made, NULL), RC_OK);
    return made;
}

#endif
