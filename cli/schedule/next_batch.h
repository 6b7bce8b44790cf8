/*
 * next_batch.h - `cronobs next --batch`: schedules asked for line by line, for scripts and other tools' tests.
 *
 *     EXPR <tab> ZONE <tab> FROM <tab> COUNT [<tab> DIALECT [<tab> DST_GAP [<tab> DST_OVERLAP]]]
 *
 * Every line has one answer, in the same order: the first COUNT instants strictly later than FROM in UTC, a blank between
 * them (fewer when the schedule ends), or `none`, or `error COLUMN TEXT`. COLUMN is the byte of EXPR, from 1 on, or 0 when
 * it is not the expression that is wrong (an empty line, a zone, a number, a NUL byte, a line that is too long).
 * ZONE may be empty: the one of a TZ= prefix, else UTC. FROM is RFC 3339 with any offset. COUNT is 1 to
 * BATCH_COUNT_MAX. The last three may be empty or missing, and are written in any case, with `_` or `-`. `H` and `~`
 * hash the nil task. A line ends with '\n'; a '\r' before it is dropped; the last line may lack its end.
 *
 * Pure but for the zones that the set reads.
 */
#ifndef CLI_SCHEDULE_NEXT_BATCH_H
#define CLI_SCHEDULE_NEXT_BATCH_H

#include "base/buf.h"
#include "cron/zoneset.h"

enum { BATCH_LINE_MAX = 65536, BATCH_COUNT_MAX = 10000, BATCH_OUTPUT_FULL = 65536 };

/* Appends the answer to one line, both without their ends. Any bytes are fine. */
void batch_answer(struct bytes line, struct zoneset *zones, struct buf *out);

/* Input as it comes, however it is cut; zero-initialise but for the zones, release with batch_clear. */
struct batch {
    struct zoneset *zones; /* borrowed */
    struct buf held;       /* a line whose end has not come yet */
    /* what comes until the next '\n' belongs to a line that was answered already */
    bool is_too_long;
};

void batch_clear(struct batch *b);

/*
 * Appends an answer, with its '\n', for each line that has come to its end. Answers how much of the input it took: all of
 * it, unless `out` holds BATCH_OUTPUT_FULL bytes or more; then it is to be emptied first.
 */
MUST_CHECK size_t batch_take(struct batch *b, struct bytes input, struct buf *out);
/* no more input: the last line may lack its end */
void batch_end(struct batch *b, struct buf *out);

#endif
