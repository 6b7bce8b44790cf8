/*
 * spec.h - what a task may ask for: defaults, limits, and what this version does not do.
 *
 * Both sides use it: the API to answer at once and in good words, the scheduler because it trusts nobody.
 * A spec that passes spec_validate is carried out as it says: a field that nobody acts upon yet is an error,
 * never ignored. Errors carry the JSON pointer of the field, the value, the limit and a way out.
 */
#ifndef MODEL_SPEC_H
#define MODEL_SPEC_H

#include "cron/zoneset.h"
#include "model/limits.h"
#include "model/records.h"

enum {
    SPEC_KEY_MAX = 200,   /* bytes: key and project */
    SPEC_QUEUE_MAX = 100, /* a topic's name is at most 249, with prefix and "executions." */
    SPEC_TITLE_MAX = 500, /* bytes */
    SPEC_SCHEDULES_MAX = 16,
    SPEC_CALENDARS_MAX = 16,
    SPEC_CALENDAR_NAME_MAX = 200,  /* bytes */
    SPEC_RULES_MAX = 1000,         /* of all calendars together */
    SPEC_BYTES_MAX = 128 << 10,    /* all texts and bytes together */
    SPEC_MISFIRE_LIMIT_MAX = 1000, /* instants */
    SPEC_CONCURRENCY_MAX = 1000,
    SPEC_FAILURES_MAX = 1000,      /* in a row, until the task is paused */
    SPEC_ATTEMPTS_MAX = 100,       /* of one execution */
    SPEC_BACKFILL_MAX = 1000,      /* instants of one command */
    SPEC_QUEUE_MAX_WAITING = 1000, /* executions of a task that wait for others */
    /* a day: what holds a slot begins, and ends, within it, unless its task says otherwise */
    SPEC_SLOT_HELD_MS = 86400000,
    SPEC_MULTIPLIER_MAX = 1000,
    SPEC_THEN_MAX = 16,         /* tasks that one task sets off */
    SPEC_PARENTS_MAX = 100,     /* tasks that set one task off */
    SPEC_CHAIN_MAX = 32,        /* links from the first task of a chain to its last */
    SPEC_SET_OFF_MAX = 10000,   /* executions that one sets off in all, over all links */
    COMMAND_NOTE_MAX = 4 << 10, /* bytes: a command's actor, and its reason */
};

#define SPEC_DURATION_MAX_MS (INT64_C(366) * 86400 * 1000)
#define SPEC_JITTER_MAX_MS   (INT64_C(24) * 3600 * 1000)
/* Silent for so many heartbeats: LOST. Clocks may differ by two seconds, so they are not shorter than one. */
#define SPEC_SILENT_AFTER     4
#define SPEC_HEARTBEAT_MIN_MS INT64_C(1000)
#define SPEC_HEARTBEAT_MAX_MS (INT64_C(24) * 3600 * 1000)

/*
 * Puts the defaults of docs/scheduling.md in place of what is absent, and what means the same into the same
 * form: labels by name, empty texts absent, no window where it limits nothing. In place: the spec and all it points
 * to are the caller's own.
 */
void spec_normalise(struct task_spec *spec);

/* Of a task, normalised, or of an execution: how many, how long, each with a name of its own. */
MUST_CHECK enum rc spec_check_labels(const struct pairs *labels, struct error *err);

/* The next two on a normalised spec; RC_INVALID says why. */
MUST_CHECK enum rc spec_check_limits(const struct task_spec *spec, struct error *err);
/*
 * Schedules, calendars and window can be read, and some instant is left of them; a task without schedules is fine. What
 * is over already (an instant of `@at`, a window's end) is fine too: when that was is not looked at.
 */
MUST_CHECK enum rc spec_check_schedules(const struct task_spec *spec, struct zoneset *zones,
                                        struct error *err);

/* All three. */
MUST_CHECK enum rc spec_validate(const struct task_spec *spec, struct zoneset *zones,
                                 struct error *err);

/* What a command carries beside a spec: actor and reason, a payload, the end of a pause, the range of a backfill. `now`: when it is sent, for
   the scheduler when the log got it: what has passed since then, while nobody read it, is fine. */
MUST_CHECK enum rc command_check(const struct command *command, usec_t now, struct error *err);

/* How the scheduler words a refusal of a second request under one Idempotency-Key, for the API to know it by. */
#define COMMAND_KEY_REUSED "the Idempotency-Key was used for another request"

/* Of two normalised specs: is a PUT of one over the other no change? */
bool spec_equal(const struct task_spec *a, const struct task_spec *b);

/* A spec that was read back is not checked again. These two are within the limits whoever wrote it: how many instants may be made
   up for at once, and one of its durations in microseconds. */
size_t spec_misfire_limit(const struct task_spec *spec);
usec_t spec_duration(int64_t ms);

/* Whether an execution that has ended so sets a task off. One that was SKIPPED was none, and sets nothing off. */
bool spec_then_holds(enum then_on on, enum status end);

/* The statuses after which a retry follows, as bits 1 << enum status; what is no such status is passed over. NULL: all three. */
int32_t spec_retry_on(const char *list);

/* [a-z0-9][a-z0-9._-]*, at most `max` bytes: keys, projects, queues. */
bool spec_name_is_valid(const char *name, size_t max);

#endif
