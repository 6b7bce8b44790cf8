#include "c/inbox.h"

#include <stdlib.h>
#include <string.h>

void inbox_clear(struct inbox *b)
{
    free(b->partitions);
    free(b->entries);
    seen_clear(&b->seen);
    *b = (struct inbox){0};
}

void inbox_assign(struct inbox *b, const struct bus_position *positions, size_t count)
{
    b->partitions = xrealloc(b->partitions, count + 1, sizeof *b->partitions);
    b->partition_count = count;
    for (size_t i = 0; i < count; i++)
        b->partitions[i] = (struct inbox_partition){
            .partition = positions[i].partition, .next = BUS_NONE, .committed = -1, .maybe = -1};
}

static void begin_without_position(struct inbox_partition *p)
{
    p->next = BUS_NONE;
    p->committed = p->maybe = -1;
    p->has_no_position = true;
    p->must_wait = false;
    p->settled_at = INT64_MAX;
}

void inbox_begin(struct inbox_partition *p, int64_t stored)
{
    if (stored == BUS_NONE)
        begin_without_position(p);
    else
        p->next = p->committed = stored;
}

void inbox_lose(struct inbox *b, struct inbox_partition *p)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->entries[i].partition == p->partition)
            b->entries[i].offset = BUS_NONE;
    begin_without_position(p);
}

void inbox_end(struct inbox_partition *p, int64_t offset)
{
    if (p->next == BUS_NONE || p->must_wait)
        return; /* of an assignment before this one */
    p->next = MAX(p->next, offset);
    if (p->has_no_position)
        p->settled_at = MIN(p->settled_at, offset);
}

bool inbox_is_stuck(struct inbox_partition *p, int64_t end, usec_t tick)
{
    bool is_behind = p->next != BUS_NONE && p->next < end;

    if (!is_behind || !p->was_behind || p->watched != p->next) {
        p->was_behind = is_behind;
        p->watched = p->next;
        p->watched_since = tick;
    }
    return is_behind && tick >= p->watched_since + INBOX_STUCK_US;
}

struct inbox_partition *inbox_partition(struct inbox *b, int partition)
{
    for (size_t i = 0; i < b->partition_count; i++)
        if (b->partitions[i].partition == partition)
            return &b->partitions[i];
    return NULL;
}

bool inbox_take(struct inbox *b, int partition, int64_t offset, struct cronobs_job *job)
{
    struct inbox_partition *p = inbox_partition(b, partition);

    if (p == NULL || p->next == BUS_NONE || p->must_wait)
        return false;
    p->next = offset + 1;
    if (job == NULL)
        return true;
    b->entries = array_grow(b->entries, b->count, &b->capacity, sizeof *b->entries);
    b->entries[b->count++] =
        (struct inbox_entry){.job = job, .partition = partition, .offset = offset};
    return true;
}

/* --- what was taken on --- */

bool inbox_has_seen(const struct inbox *b, struct uuid execution_id, int attempt)
{
    return seen_has(&b->seen, execution_id, attempt, 0);
}

void inbox_note(struct inbox *b, struct uuid execution_id, int attempt)
{
    b->seen.max = INBOX_SEEN_MAX;
    seen_note(&b->seen, execution_id, attempt, 0, 0);
}

/* --- entries --- */

struct cronobs_job *inbox_first(const struct inbox *b, enum job_state state)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->entries[i].job->state == state)
            return b->entries[i].job;
    return NULL;
}

/* Once it is announced, whoever has the partition next may leave it alone, and nobody else run it. */
static bool is_alone(struct inbox *b, const struct inbox_entry *e)
{
    const struct inbox_partition *p = inbox_partition(b, e->partition);

    return e->offset == BUS_NONE || (p != NULL && p->has_no_position);
}

bool inbox_announces_alone(struct inbox *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->entries[i].job->state == JOB_CLAIMING && is_alone(b, &b->entries[i]))
            return true;
    return false;
}

bool inbox_is_claiming(const struct inbox *b, const struct cronobs_job *job)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct cronobs_job *other = b->entries[i].job;

        if (other->state != JOB_WAITING && other->view.attempt == job->view.attempt &&
            uuid_equal(other->execution_id, job->execution_id))
            return true;
    }
    return false;
}

static struct cronobs_job *take_out(struct inbox *b, size_t i)
{
    struct cronobs_job *job = b->entries[i].job;

    b->count--;
    memmove(&b->entries[i], &b->entries[i + 1], (b->count - i) * sizeof *b->entries);
    return job;
}

void inbox_remove(struct inbox *b, const struct cronobs_job *job)
{
    for (size_t i = 0; i < b->count; i++) {
        if (b->entries[i].job != job)
            continue;
        (void)take_out(b, i);
        return;
    }
}

struct cronobs_job *inbox_pop(struct inbox *b, bool *ret_alone)
{
    if (b->count == 0)
        return NULL;
    *ret_alone = is_alone(b, &b->entries[0]);
    return take_out(b, 0);
}

/* --- positions --- */

static int64_t position_of(const struct inbox *b, const struct inbox_partition *p)
{
    int64_t position = p->next;

    for (size_t i = 0; i < b->count; i++) {
        const struct inbox_entry *e = &b->entries[i];

        if (e->partition == p->partition && e->offset != BUS_NONE && e->job->state < JOB_CLAIMED)
            position = MIN(position, e->offset);
    }
    return position;
}

/* Where a first position would stand before the end of what lay there, there is none. */
static int64_t position_to_commit(const struct inbox *b, const struct inbox_partition *p)
{
    int64_t position = position_of(b, p);

    return p->has_no_position && position < p->settled_at ? -1 : position;
}

bool inbox_has_settled(const struct inbox *b)
{
    for (size_t i = 0; i < b->partition_count; i++)
        if (b->partitions[i].has_no_position && position_to_commit(b, &b->partitions[i]) >= 0)
            return true;
    return false;
}

bool inbox_has_moved(const struct inbox *b)
{
    for (size_t i = 0; i < b->partition_count; i++)
        if (position_to_commit(b, &b->partitions[i]) > b->partitions[i].committed)
            return true;
    return false;
}

size_t inbox_positions(const struct inbox *b, const char *topic, struct bus_position *ret)
{
    size_t count = 0;

    for (size_t i = 0; i < b->partition_count; i++) {
        const struct inbox_partition *p = &b->partitions[i];
        int64_t position = position_to_commit(b, p);

        if (position > p->committed)
            ret[count++] = (struct bus_position){
                .topic = topic, .partition = p->partition, .offset = position};
    }
    return count;
}

void inbox_committed(struct inbox *b, const struct bus_position *positions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct inbox_partition *p = inbox_partition(b, positions[i].partition);

        if (p == NULL)
            continue;
        p->committed = positions[i].offset;
        p->has_no_position = false;
    }
}

void inbox_unanswered(struct inbox *b, const struct bus_position *positions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct inbox_partition *p = inbox_partition(b, positions[i].partition);

        if (p != NULL)
            p->maybe = MAX(p->maybe, positions[i].offset);
    }
}

void inbox_assume(struct inbox *b)
{
    for (size_t i = 0; i < b->partition_count; i++)
        b->partitions[i].committed = MAX(b->partitions[i].committed, b->partitions[i].maybe);
    for (size_t i = 0; i < b->count; i++)
        if (is_alone(b, &b->entries[i]))
            b->entries[i].offset = BUS_NONE;
}

/*
 * Whoever has the partition next finds it in `status`, or reads behind it: as long as no first position may stand, for
 * then it is read from there. One to come is past it, too: behind the end of what lay there they are handed out in order.
 */
static bool needs_no_commit(const struct inbox *b, const struct inbox_partition *p, int64_t offset)
{
    return p->has_no_position && p->maybe < 0 &&
           (offset < p->settled_at || offset < position_of(b, p));
}

static bool may_begin(struct inbox *b, const struct inbox_entry *e)
{
    const struct inbox_partition *p = inbox_partition(b, e->partition);

    if (e->job->state != JOB_CLAIMED)
        return false;
    return e->offset == BUS_NONE ||
           (p != NULL && (p->committed > e->offset || needs_no_commit(b, p, e->offset)));
}

struct cronobs_job *inbox_pop_committed(struct inbox *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (may_begin(b, &b->entries[i]))
            return take_out(b, i);
    return NULL;
}
