/*
 * verdict_words.h - a verdict as a colleague would tell it, and the records that it rests on. Pure.
 *
 * One sentence answers; each detail is a sentence of its own. Times are those of one zone's clocks; one that the clock shows twice
 * has its offset.
 */
#ifndef API_RESOURCES_VERDICT_WORDS_H
#define API_RESOURCES_VERDICT_WORDS_H

#include "api/resources/verdict.h"
#include "store/read_why.h"

struct verdict_sources { /* all borrowed */
    const struct verdict_facts *facts;
    const struct zone *zone;
    const char *queue;            /* the task's; NULL: not known */
    int32_t partition;            /* the task's */
    const struct task_row *pause; /* the revision that began the pause in force; NULL: none */
    const struct command_place *commands;
    size_t command_count;
    bool has_more_commands;
    const struct event_row *events; /* of the execution, in the order of the log */
    size_t event_count;
    bool has_more_events;
    const struct execution_row *blocker; /* NULL: not known */
};

struct verdict_record { /* of the log */
    const char *topic;  /* without the prefix */
    int32_t partition;
    int64_t offset; /* -1: the tables do not know it */
    usec_t at;
    const char *text;
};

enum { VERDICT_DETAILS_MAX = 16, VERDICT_RECORDS_MAX = 40 };

struct verdict_words { /* texts are in the caller's memory */
    const char *text;
    const char *details[VERDICT_DETAILS_MAX];
    size_t detail_count;
    struct verdict_record records[VERDICT_RECORDS_MAX];
    size_t record_count;
};

void verdict_words(const struct verdict *v, const struct verdict_sources *s, struct arena *memory,
                   struct verdict_words *ret);

/* "2026-11-29 14:20:00" on the zone's clock, with fractions where there are any, and the offset where the clock shows it twice. */
const char *verdict_time(const struct zone *zone, usec_t at, struct arena *memory);

/* What a reason means, of an execution or of a gap: "it was still running …". Never NULL. */
const char *verdict_reason(enum reason reason);

/* The same of an execution: who is cancelled for the sake of another was not in the way of itself. */
const char *verdict_reason_of(const struct execution_row *e);

#endif
