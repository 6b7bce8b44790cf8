/*
 * projector.h - which rows a batch of records means. Pure: no clock, no random, no database.
 *
 *     projector_executions, ...  which rows must be known before the fold: those that the batch names, no others
 *     projector_know_*           hand them in, as the database has them
 *     projector_begin            fold the batch's ExecutionCreated, before all else
 *     projector_fold_again       the stored reports of those that were told late, in pieces
 *     projector_take             fold one record of the rest; within one topic partition in offset order
 *     projector_rows             what is to be written
 *
 * Anybody may have made any number of tasks, writers and reports up under one execution id, so nothing is known but what the
 * batch names, and what there is any number of is folded in pieces: memory is bounded by the batch.
 *
 * However the records are cut into batches and the topics interleave, the tables come out the same (docs/decisions/0021):
 * an execution is its id and its task, so all reports on it are in one partition and are folded by lifecycle_apply;
 * ExecutionCreated never sets a status, and where both know a column it beats the statuses (its lowest attempt beats later
 * ones, then the queue that sorts first); commands and outcomes keep the lowest position, gaps and revisions the first;
 * the last revision is the task, the last outcome in its task's partition says what of it is to be skipped; counts are sums.
 *
 * An execution that nobody made is a stray: in a table of its own, in no count. It moves when somebody makes it.
 *
 * Its life begins where it is made: at the offset of `status` that ExecutionCreated names, else at its birth. What was reported
 * before is not about it: its id can be computed, so anybody may have spoken of it. ExecutionCreated is read beside the
 * statuses; where some of them are stored already they are folded again. Those of the same batch are folded after it.
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

/* Keys of rows that must be known, sorted, each once, in memory: struct execution_key, for executions and strays; struct
   log_writer_row; and when a repeat is possible (one is stored twice otherwise) struct event_row. */
struct row_list projector_executions(const struct intake *items, size_t count,
                                     struct arena *memory);
struct row_list projector_writers(const struct intake *items, size_t count, struct arena *memory);
struct row_list projector_events(const struct intake *items, size_t count, struct arena *memory);

void projector_know_execution(struct projector *p, const struct execution_row *row);
void projector_know_stray(struct projector *p, const struct execution_row *row);
void projector_know_writer(struct projector *p, const struct log_writer_row *row);
void projector_know_event(struct projector *p, const struct event_row *row); /* its key */

/* Folds the ExecutionCreated among them. Of those whose keys come back (struct execution_key, sorted) it is told only now which
   of their reports count: all that are stored must be folded again. */
struct row_list projector_begin(struct projector *p, const struct intake *items, size_t count);

/* Folds a piece of the stored reports of those executions: one execution behind the other, in the order of offsets (GROUP_KEY,
   GROUP_LIFE, GROUP_ORIGIN, is_repeat). Answers the rows of which `moved` changes, valid until the next piece. `memory` lives until
   that is folded; of the last one, as long as the projector's. */
struct store_rows projector_fold_again(struct projector *p, const struct event_row *reports,
                                       size_t count, struct arena *memory);

/* The rest of the batch: ExecutionCreated is passed over. */
void projector_take(struct projector *p, const struct intake *in);

/* Valid until the projector is freed. */
struct store_rows projector_rows(struct projector *p);

DEFINE_SCOPED(projector, struct projector, projector_free)

#endif
