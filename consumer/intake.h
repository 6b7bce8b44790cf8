/*
 * intake.h - from a message of the log to a record that the projector can fold, or the reason why it cannot.
 *
 * Pure but for the arena. A record that is refused keeps its bytes and goes to table dead_letter; the stream goes on:
 * undecodable, a record that does not belong in its topic, an execution id of the wrong version or of an impossible time,
 * a record outside its task's partition, a log batch outside its execution's (the scheduler copies a misplaced status to the
 * right one; commands and their outcomes are taken from anywhere), one over the limits (model/limits.h).
 * A value longer than any record may be is not even copied: its beginning, its length and its SHA-256 are kept.
 */
#ifndef CONSUMER_INTAKE_H
#define CONSUMER_INTAKE_H

#include "base/arena.h"
#include "model/lifecycle.h"
#include "model/tables.h"

enum feed {            /* what a topic carries */
            FEED_NONE, /* not for the projection */
            FEED_COMMANDS,
            FEED_TASKS,
            FEED_EXECUTIONS,
            FEED_STATUS,
            FEED_HEARTBEATS,
            FEED_LOGS,
};

struct message {       /* as the bus gave it; borrowed */
    const char *topic; /* without the prefix */
    int partition;
    int64_t offset;
    usec_t timestamp;
    struct bytes key, value;
};

struct intake { /* all in the batch's arena, but for `topic` */
    struct message message;
    enum feed feed;
    enum record_kind kind;
    const void *record; /* NULL: refused as undecodable */
    enum dead_reason refusal;
    const char *detail;    /* NULL: none */
    bool is_misplaced;     /* a command or an outcome outside its task's partition */
    int64_t last_offset;   /* message.offset, but for a batch */
    size_t value_len;      /* of all of it; message.value may be its beginning only */
    const uint8_t *sha256; /* of all of it; NULL: message.value is the whole */
};

enum {
    DEAD_VALUE_KEPT = 64 * 1024, /* bytes of a value that a dead letter keeps */
    DEAD_KEY_KEPT = 1024,
};

/* By the topic's name without the prefix. */
enum feed feed_of(const char *topic);
/* Name of the queue in "executions.<queue>". */
const char *queue_of(const char *topic);
const char *refusal_name(enum dead_reason r);

/* Copies, decodes and judges; never fails. `partitions`: of the installation. message.topic stays borrowed. */
struct intake intake_take(const struct message *m, int partitions, struct arena *memory);

/* A record that a later release has accepted, in a topic that only our programs write: neither stored nor passed over. Workers may be
   newer than we are: what they say goes to dead_letter. */
bool intake_must_stop(const struct intake *in);

/* Of the whole value. */
const uint8_t *intake_sha256(const struct intake *in, struct arena *memory);

/* A batch from m->offset to last_offset that cannot be unpacked; `code` says why, and lives for ever. */
struct intake intake_unreadable(const struct message *m, int64_t last_offset, const char *code);

#endif
