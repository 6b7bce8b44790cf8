/*
 * topics.h - what a stream can be asked to tell of: one table of kinds. Pure.
 */
#ifndef API_EXCHANGE_TOPICS_H
#define API_EXCHANGE_TOPICS_H

#include "api/exchange/changes.h"
#include "base/arena.h"
#include "store/read_log_lines.h"

enum { TOPICS_MAX = 32 };

enum topic_kind { TOPIC_SUMMARY, TOPIC_TASKS, TOPIC_DAYS, TOPIC_TASK, TOPIC_EXECUTION, TOPIC_LOG };

struct topic {
    enum topic_kind kind;
    const char *text;    /* as it was asked for */
    struct uuid id;      /* of a task, of an execution */
    struct log_name log; /* TOPIC_LOG */
    int64_t line;        /* the first one that is wanted */
};

struct topic_list {
    struct topic items[TOPICS_MAX];
    size_t count;
};

/* A comma list; NULL and "" are empty, what is there twice counts once. RC_INVALID says which one is wrong, and how they are
   written. Texts live in memory. */
MUST_CHECK enum rc topics_parse(const char *text, struct arena *memory, struct topic_list *ret,
                                struct error *err);

/* Has it changed? Never a log: its lines are told themselves. */
bool topic_is_touched(const struct topic *t, const struct change_set *set);
/* It is told at most once in that time. */
usec_t topic_pace(const struct topic *t);

#endif
