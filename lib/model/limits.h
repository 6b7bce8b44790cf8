/*
 * limits.h - how long the texts and lists of a record may be: one table for whoever lets a record in.
 *
 * What is over a limit is refused where it enters: the API says so to its caller, the scheduler rejects or passes it
 * over, the projection keeps its bytes in dead_letter. Writers of reports cut a text before they send it. What a task
 * may ask for: model/spec.h. Who raises a limit of executions brings it to consumers and workers first: older ones refuse them.
 */
#ifndef MODEL_LIMITS_H
#define MODEL_LIMITS_H

#include "base/util.h"

/* The history takes no execution of an earlier time: 2000-01-01. */
#define HISTORY_START (INT64_C(946684800) * USEC_PER_SEC)

enum {
    ATTEMPT_MAX = 32767,       /* smallint */
    NAME_MAX_BYTES = 200,      /* of workers, queues, content types, zones, releases of tzdata */
    MESSAGE_MAX_BYTES = 4096,  /* what a report or an outcome says to people */
    RESULT_MAX_BYTES = 65536,  /* what came out of a run */
    NOTE_MAX_BYTES = 4096,     /* actor and reason of a command */
    PAYLOAD_MAX_BYTES = 65536, /* of a task and of its executions */
    LOG_LINES_MAX = 1000,      /* of a batch */
    LOG_BYTES_MAX = 262144,    /* of all its lines */
    LOG_MESSAGE_MAX = 16384,   /* of one line */
    LABELS_MAX = 32,           /* of a task and of its executions */
    LABEL_MAX_BYTES = 128,     /* of one: name and value together */
    GAP_COUNT_MAX = 10000,     /* instants that a gap counts */
};

#endif
