/*
 * state.h - the keys of the compacted topic `state`, private to the scheduler.
 *
 *     task/<task id>        TaskState       a tombstone forgets a task that never was
 *     run/<task id>         RunState        counters
 *     spec/<task id>/<n>    TaskState       what revision n said, while executions that it made are open
 *     open/<execution id>   OpenExecution   a tombstone: it is finished; of one that is observed v5(execution id, task id)
 *     watermark             Watermark       the first record of every transaction
 */
#ifndef SCHEDULER_STATE_H
#define SCHEDULER_STATE_H

#include "base/uuid.h"

struct state_key {
    enum state_kind {
        STATE_TASK,
        STATE_RUN,
        STATE_SPEC,
        STATE_OPEN,
        STATE_WATERMARK,
        STATE_KIND_COUNT
    } kind;
    struct uuid id;   /* the watermark has none */
    int32_t revision; /* of a spec; else 0 */
};

enum { STATE_KEY_TEXT = UUID_TEXT + 20 };

/* Return text. Of a spec the revision is told too. */
const char *state_key_format(enum state_kind kind, struct uuid id, char text[STATE_KEY_TEXT]);
const char *state_spec_key_format(struct uuid task, int32_t revision, char text[STATE_KEY_TEXT]);

/* RC_INVALID: no such key. */
MUST_CHECK enum rc state_key_parse(struct bytes key, struct state_key *ret, struct error *err);

#endif
