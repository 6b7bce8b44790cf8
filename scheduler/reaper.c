#include "scheduler/reaper.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "codec/codec.h"
#include "scheduler/state.h"

enum { EVENTS_A_STEP = 100, RECORD_BUDGET = 64 * 1024 };
static const usec_t PATIENCE = USEC_PER_SEC; /* before a waiting partition is looked at */
static const usec_t LOOK_AGAIN = USEC_PER_SEC;
static const usec_t FENCE_FOR = 10 * USEC_PER_SEC;

void reaper_init(struct reaper *r, struct ownership *o)
{
    size_t count = (size_t)o->env->partitions;

    *r = (struct reaper){.ownership = o, .instance = o->env->instance};
    r->look_at = xcalloc(count, sizeof *r->look_at);
    r->reaped = xcalloc(count, sizeof *r->reaped);
}

static void close_case(struct reaper *r)
{
    if (r->state == REAPER_READING)
        bus_assign_remove(r->uncommitted, r->ownership->names->state, r->partition);
    bus_fence_free(r->fence);
    free(r->writer);
    r->fence = NULL;
    r->writer = NULL;
    r->state = REAPER_IDLE;
}

void reaper_clear(struct reaper *r)
{
    if (r->look_at == NULL)
        return;
    close_case(r);
    free(r->look_at);
    free(r->reaped);
    r->look_at = NULL;
    r->reaped = NULL;
}

bool reaper_is_busy(const struct reaper *r)
{
    return r->state != REAPER_IDLE;
}

/* --- finding a case --- */

static bool is_waiting(const struct owned *p)
{
    return (p->phase == PHASE_STABLE || p->phase == PHASE_STATE) && p->unstable_since != 0;
}

static int find_waiting(const struct reaper *r, usec_t mono)
{
    const struct ownership *o = r->ownership;

    for (int p = 0; p < o->env->partitions; p++)
        if (is_waiting(&o->of[p]) && mono - o->of[p].unstable_since > PATIENCE &&
            mono >= r->look_at[p])
            return p;
    return -1;
}

static void give_up(struct reaper *r, const char *why)
{
    log_info("partition waits for a transaction", "partition=%d why=\"%s\"", r->partition, why);
    close_case(r);
}

static void open_case(struct reaper *r, int p, usec_t mono)
{
    const struct bus_position place = {.topic = r->ownership->names->state, .partition = p};
    struct error err = {0};

    r->look_at[p] = mono + LOOK_AGAIN;
    r->state = REAPER_LOOKING;
    r->partition = p;
    r->epoch = r->ownership->epoch;
    if (ends_ask(r->ends, &place, 1, &err) != RC_OK)
        give_up(r, err.text);
}

/* Where it stands still: the last stable offset, when it is below the high watermark. */
static void take_ends(struct reaper *r, usec_t mono)
{
    struct ends_answer answer;
    struct error err = {0};
    enum rc rc = RC_OK;

    if (!ends_take(r->ends, 0, &answer)) {
        if (mono >= r->look_at[r->partition])
            give_up(r, "nobody leads its state at present");
        return;
    }
    if (answer.rc != RC_OK || answer.stable >= answer.high)
        rc = error_set(&err, RC_NOT_FOUND, "there is no open transaction in its state");
    else if (r->reaped[r->partition] == answer.stable + 1)
        rc = error_set(&err, RC_NOT_FOUND, "already fenced at %lld", (long long)answer.stable);
    else
        rc = bus_assign_add(r->uncommitted,
                            (struct bus_position){answer.topic, r->partition, answer.stable}, &err);
    if (rc != RC_OK) {
        give_up(r, err.text);
        return;
    }
    r->stable_end = answer.stable;
    r->state = REAPER_READING;
}

/* --- who wrote it --- */

static enum rc writer_of(const struct bus_event *e, char **ret, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(RECORD_BUDGET);
    const void *record;

    TRY(codec_decode_one(RECORD_WATERMARK, e->value, memory, &record, err));
    *ret = xstrdup(((const struct watermark *)record)->writer);
    return RC_OK;
}

static void take_record(struct reaper *r, const struct bus_event *e)
{
    struct error err = {0};
    enum rc rc;

    if (e->kind == BUS_EOF)
        rc = error_set(&err, RC_NOT_FOUND, "the transaction has ended");
    else if (e->kind == BUS_FAILED)
        rc = error_set(&err, RC_RETRY, "%s", e->err.text);
    else
        rc = writer_of(e, &r->writer, &err);
    if (rc == RC_OK && strcmp(r->writer, r->instance) == 0)
        rc = error_set(&err, RC_CONFLICT, "it is our own");
    if (rc != RC_OK) {
        give_up(r, err.text);
        return;
    }
    bus_assign_remove(r->uncommitted, r->ownership->names->state, r->partition);
    r->state = REAPER_ASKING;
    bus_ask_members(r->admin, r->ownership->names->group, (void *)r->epoch);
}

static void read_record(struct reaper *r)
{
    struct bus_event e;

    for (int i = 0; i < EVENTS_A_STEP && r->state == REAPER_READING; i++) {
        bus_poll(r->uncommitted, 0, &e);
        if (e.kind == BUS_NOTHING)
            return;
        if (e.kind == BUS_FAILED || (e.partition == r->partition && e.offset >= r->stable_end))
            take_record(r, &e);
    }
}

static bool is_member(const struct bus_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->member_count; i++)
        if (text_equal(answer->members[i], name))
            return true;
    return false;
}

void reaper_answer(struct reaper *r, const struct bus_answer *answer, usec_t mono)
{
    struct error err = {0};
    enum rc rc = answer->rc;

    if (r->state != REAPER_ASKING || (uintptr_t)answer->token != r->epoch)
        return;
    if (rc != RC_OK)
        (void)error_set(&err, rc, "%s", answer->err.text);
    else if (is_member(answer, r->writer))
        rc = error_set(&err, RC_CONFLICT, "its writer %s is alive", r->writer);
    else
        rc = bus_fence_new(r->bus, r->writer, &r->fence, &err);
    if (rc != RC_OK) {
        give_up(r, err.text);
        return;
    }
    r->reaped[r->partition] = r->stable_end + 1;
    r->began = mono;
    r->state = REAPER_FENCING;
}

/* --- ending it --- */

static void fence(struct reaper *r, usec_t mono)
{
    struct error err = {0};
    enum rc rc = bus_fence_step(r->fence, &err);

    if (rc == RC_OK) {
        r->count++;
        log_info("reaped", "partition=%d offset=%lld writer=%s ms=%lld", r->partition,
                 (long long)r->stable_end, r->writer, (long long)((mono - r->began) / USEC_PER_MS));
        close_case(r);
    } else if (rc != RC_RETRY || mono - r->began > FENCE_FOR) {
        log_warn("could not end another instance's transaction",
                 "partition=%d writer=%s why=\"%s\"", r->partition, r->writer, err.text);
        close_case(r);
    }
}

void reaper_step(struct reaper *r, usec_t mono)
{
    bool is_over = r->epoch != r->ownership->epoch || !is_waiting(&r->ownership->of[r->partition]);
    struct bus_event e;
    int p;

    if (r->state == REAPER_FENCING) { /* once begun it is carried through */
        fence(r, mono);
        return;
    }
    if (r->state != REAPER_IDLE && is_over)
        close_case(r);
    if (r->state == REAPER_LOOKING)
        take_ends(r, mono);
    if (r->state == REAPER_READING)
        read_record(r);
    if (r->state != REAPER_IDLE)
        return;
    bus_poll(r->uncommitted, 0, &e); /* errors wait there, too */
    p = find_waiting(r, mono);
    if (p >= 0)
        open_case(r, p, mono);
}
