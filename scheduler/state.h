/*
 * state.h - the keys of the compacted topic `state`, private to the scheduler.
 *
 *     task/<task id>        TaskState       a tombstone forgets a task that never was
 *     run/<task id>         RunState        counters
 *     open/<execution id>   OpenExecution   a tombstone: it is finished
 *     watermark             Watermark       the first record of every transaction
 */
#ifndef SCHEDULER_STATE_H
#define SCHEDULER_STATE_H

#include "base/uuid.h"

enum state_key { STATE_TASK, STATE_RUN, STATE_OPEN, STATE_WATERMARK, STATE_KEY_COUNT };

enum { STATE_KEY_TEXT = UUID_TEXT + 8 };

/* Returns text. The watermark has no id. */
const char *state_key_format(enum state_key kind, struct uuid id, char text[STATE_KEY_TEXT]);

/* RC_INVALID: no such key. */
MUST_CHECK enum rc state_key_parse(struct bytes key, enum state_key *ret_kind, struct uuid *ret_id,
                                   struct error *err);

#endif
