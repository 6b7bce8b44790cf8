/*
 * spool.h - what observed runs have to say, as files that wait for the brokers: the bytes of one, and what fits. Pure.
 *
 * A file holds the records of one run in their order, as they will be published, so that whoever sends them, and however often, sends the same:
 * the same event ids, the same numbers of lines, which do no harm when they come again. It is written whole, under another name first:
 *
 *     cronobs-spool 1 <execution id> <task id> <bytes behind this line> <topic prefix>\n
 *     for each record:  S (status) or L (log batch), its length (4 bytes), a check sum (8 bytes), the frame
 *
 * Numbers have their largest byte first; the sum is FNV-1a over kind, length and frame. A file whose run has no end in it was left by a
 * process that was killed: whoever finds it adds one, by an id that is computed, so that it too can be sent again.
 */
#ifndef SDK_SPOOL_H
#define SDK_SPOOL_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/tables.h"

enum {
    SPOOL_RUNS_MAX = 1000,           /* files of a folder */
    SPOOL_BYTES_MAX = 64 << 20,      /* of all of them */
    SPOOL_FILE_BYTES_MAX = 20 << 20, /* of one: what may wait in memory, and the final report */
};

struct spool_head {
    struct uuid execution_id, task_id;
    const char *prefix; /* of topics: one folder may serve several installations */
};

struct spool_record {
    enum record_kind kind; /* a status or a log batch */
    struct bytes frame;
};

/* The body grows record by record; the head comes before it. */
void spool_add(struct buf *body, enum record_kind kind, struct bytes frame);
void spool_finish(struct buf *file, const struct spool_head *head, struct bytes body);

/* RC_INVALID: what is wrong with it. Frames are borrowed from `file`, all else is in `memory`. */
MUST_CHECK enum rc spool_parse(struct bytes file, struct arena *memory, struct spool_head *ret_head,
                               struct spool_record **ret, size_t *ret_count, struct error *err);

/* What a run that was killed comes to: appends FAILED to `out`, by the worker of its RUNNING. False: it has an end, or
   nothing that could be told from. */
bool spool_end(const struct spool_record *records, size_t count, struct arena *memory,
               struct buf *out);

/* What is kept of a run where so much waits already: all of it, its reports without lines, or nothing. */
enum spool_room { SPOOL_ALL, SPOOL_REPORTS, SPOOL_NOTHING };
enum spool_room spool_room(size_t runs, size_t bytes, size_t more);

#endif
