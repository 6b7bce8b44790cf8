/*
 * core.h - the decisions of one partition: (state, inputs, now) -> a plan; the state changes only by core_commit.
 *
 * Pure: no clock, no network, no files. One `struct core` holds everything of partition p: tasks, open
 * executions, the watermark W, and the inputs that were read but not yet decided. A turn asks each owned
 * core for a plan, writes all plans in one transaction, and commits them in memory after the log has
 * them; when the transaction is aborted the plan is thrown away and made anew from unchanged memory.
 */
#ifndef SCHEDULER_CORE_H
#define SCHEDULER_CORE_H

#include "bus/bus.h"
#include "cron/zone.h"
#include "model/records.h"

struct core;

struct core_env {       /* shared by all cores of a process; outlives them */
    const char *prefix; /* of topic names */
    int partitions;
    const char *instance; /* transactional.id: goes into each Watermark */
    struct zoneset *zones;
    bool (*queue_exists)(void *ctx, const char *queue);
    void *ctx;
    /* from CANCELLING to CANCELLED, if its worker does not say so before */
    int64_t cancel_grace_ms;
};

struct core *core_new(const struct core_env *env, int partition);
void core_free(struct core *c);

/* Restore: every record of state[p] in offset order (value.data NULL = tombstone), then core_restored.
   RC_FATAL: there are records but no Watermark, the newest one or the newest record of a task cannot be read, a later release
   has written that of an open execution, or this host has no longer the zone of a task (its instants could neither be fired nor accounted for): this partition must stand.
   Keys that are not ours, tasks of other partitions, open executions that cannot be read or have no task: passed over. One whose older revision is
   not there counts among them, and goes on by the newest.
   ret_next = {commands, status}, {0, 0} for an empty state. */
void core_restore(struct core *c, int64_t offset, struct bytes key, struct bytes value);
/* passed over; what the first one was */
long core_strays(const struct core *c, const char **ret_first);
/* offset of the record that core_restored has failed for */
int64_t core_trouble_at(const struct core *c);
MUST_CHECK enum rc core_restored(struct core *c, int64_t ret_next[2], struct error *err);

/* Inputs: a message of commands[p] or status[p], taken in offset order; decided by the next plan. Bytes are copied.
   What cannot be decoded is passed over (the projection keeps its bytes in dead_letter). */
void core_take_command(struct core *c, int64_t offset, usec_t at, struct bytes key,
                       struct bytes value);
void core_take_status(struct core *c, int64_t offset, usec_t at, struct bytes key,
                      struct bytes value);

/* A message of heartbeats[p]. Of those that run and are to give signs of life the last one is remembered; nothing is decided yet. */
void core_take_heartbeat(struct core *c, usec_t at, struct bytes value);

/* Everything that was in heartbeats[p] and status[p] at `until` was taken, and decided, by `now`: only by this does anybody fall silent. */
void core_heard(struct core *c, usec_t until, usec_t now);
/* The clock was set: how long anybody has been silent is not known any more. */
void core_listen_anew(struct core *c);
/* The first `until` that would tell something; USEC_MAX: none. */
usec_t core_listens_at(const struct core *c);

/* Nothing before these offsets can be taken any more: it was passed over. */
void core_pass_commands(struct core *c, int64_t next);
void core_pass_statuses(struct core *c, int64_t next);

bool core_is_planned(const struct core *c); /* a plan waits for its commit */
bool core_has_commands(const struct core *c);
bool core_has_statuses(const struct core *c);
/* Behind the last status that was taken; and behind the last one that is decided. */
int64_t core_statuses_taken(const struct core *c);
int64_t core_statuses_decided(const struct core *c);
usec_t
core_wake(const struct core
              *c); /* the next due instant or deadline; 0: at once; USEC_MAX when there is none */

/*
 * tzdata was swapped: env->zones is another set, in which the zones of these names have other clocks. The next plans give the
 * tasks that use one of them their new timelines. `names` is sorted, and empty where no zone in use has: the set is another one all the same.
 */
void core_rezone(struct core *c, const char *const *names, size_t count);
bool core_is_rezoning(const struct core *c);

/* a task whose next firing is elsewhere by a change of tzdata; USEC_MAX: none */
struct core_moved {
    const char *key, *project;
    usec_t from, to;
};

struct core_plan {
    const struct bus_record
        *watermark; /* first record of the transaction, flushed before the others */
    const struct bus_record *records; /* in order */
    size_t count;
    size_t weight;                      /* what of its room it has used */
    int64_t commands_next, status_next; /* offsets after this turn */
    const struct core_moved *moved;     /* live as long as the plan */
    size_t moved_count;
    bool more;   /* cut for want of room: plan again at once */
    bool behind; /* commands or statuses are among what was cut */
    struct core_counts {
        long fired, skipped, missed, gaps, commands, statuses, deadlines;
        long cut; /* of the commands: links of a chain that are refused */
    } counts;
};

/*
 * How much a plan may hold, about: records, 4 KiB of values counting as one more; what one command or the misfires of one task
 * need is not cut. Of that, and in number, so much at most is for commands, and as much for statuses. Where they do not fit, what
 * is due waits for a later plan that has decided all of them, or does not.
 */
struct core_room {
    size_t records, inputs;
    bool due_waits;
};

/* What is to be done at `now`; *ret is NULL when nothing is. may_fire false (clock guard): commands and statuses only,
   and commands stop at one that would fire instants; core_has_commands then stays true. A `now` before W counts as W.
   Tasks with new time zones first, then commands, each after the instants due before it, then statuses, then what is due up to now, then
   deadlines. */
MUST_CHECK enum rc core_plan(struct core *c, usec_t now, bool may_fire, struct core_room room,
                             struct core_plan **ret, struct error *err);
/* the log has it: takes the plan over and frees it */
void core_commit(struct core *c, struct core_plan *plan);
/* aborted: nothing happened; NULL is fine */
void core_discard(struct core *c, struct core_plan *plan);

size_t core_task_count(const struct core *c);
size_t core_open_count(const struct core *c);

#endif
