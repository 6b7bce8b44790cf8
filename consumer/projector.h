/*
 * projector.h - which rows a batch of records means. Pure: no clock, no random, no database.
 *
 *     projector_needs   which rows must be known before the fold
 *     projector_know_*  hand them in, as the database has them
 *     projector_take    fold one record; within one topic partition in offset order
 *     projector_rows    what is to be written
 *
 * However the records are cut into batches and the topics interleave, the tables come out the same (docs/decisions/0021):
 * an execution is its id and its task, so all reports on it are in one partition and are folded by lifecycle_apply;
 * ExecutionCreated never sets a status, and where both know a column it beats the statuses (its lowest attempt beats later
 * ones, then the queue that sorts first); commands and outcomes keep the lowest position, gaps and revisions the first;
 * the last revision is the task; counts are sums.
 *
 * An execution that nobody made is a stray: in a table of its own, in no count. It moves when somebody makes it.
 *
 * Its life begins where it is made: at the offset of `status` that ExecutionCreated names, else at its birth. What was reported
 * before is not about it: its id can be computed, so anybody may have spoken of it. ExecutionCreated is read beside the
 * statuses; where it comes after some of them they are folded again.
 *
 * A report is folded each time that it comes (model/lifecycle.h). The first time its event (execution, task, event id, attempt,
 * status) is a row of execution_event, each other time one of execution_repeat. Rows are never changed but for `moved`, by an
 * ExecutionCreated that comes late.
 */
#ifndef CONSUMER_PROJECTOR_H
#define CONSUMER_PROJECTOR_H

#include "consumer/intake.h"
#include "store/write.h"

struct projector;

/* Everything it makes lives in `memory`; records must outlive it. */
struct projector *projector_new(struct arena *memory);
void projector_free(struct projector *p); /* NULL is fine */

struct projector_needs {         /* sorted, each once, in memory */
    struct uuid_list executions; /* to be read from table execution */
    struct uuid_list created;    /* those of them that an ExecutionCreated makes */
    struct uuid_list logged;     /* whose log writers are to be read */
};

struct projector_needs projector_needs(const struct intake *items, size_t count,
                                       struct arena *memory);

void projector_know_execution(struct projector *p, const struct execution_row *row);
void projector_know_stray(struct projector *p, const struct execution_row *row);
void projector_know_writer(struct projector *p, const struct log_writer_row *row);

/* Those of needs.created that are known already: which of their reports count is told only now, so all their events and
   repeats must be known, too, before the first record is taken. */
struct uuid_list projector_told_late(const struct projector *p, struct uuid_list created);

/* After the execution; only what the fold needs (GROUP_KEY, GROUP_LIFE, GROUP_ORIGIN). */
void projector_know_event(struct projector *p, const struct event_row *row);
void projector_know_repeat(struct projector *p, const struct event_row *row);

void projector_take(struct projector *p, const struct intake *in);

/* Valid until the projector is freed. */
struct store_rows projector_rows(struct projector *p);

DEFINE_SCOPED(projector, struct projector, projector_free)

#endif
