/*
 * names.h - the topics and the group of one installation, made from its prefix.
 */
#ifndef SCHEDULER_NAMES_H
#define SCHEDULER_NAMES_H

#include "base/util.h"

struct names {
    char *commands, *tasks, *status, *heartbeats, *state, *control;
    char *group; /* "cronobs-scheduler" under the prefix "cronobs." */
};

void names_init(struct names *n, const char *prefix);
void names_clear(struct names *n);

#endif
