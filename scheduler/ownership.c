#include "scheduler/ownership.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "codec/codec.h"

static const usec_t TRY_AGAIN = 10 * USEC_PER_SEC;

void ownership_init(struct ownership *o, const struct core_env *env, const struct names *names)
{
    *o = (struct ownership){.env = env, .names = names};
    o->of = xcalloc((size_t)env->partitions, sizeof *o->of);
}

static void drop_all(struct ownership *o)
{
    for (int p = 0; p < o->env->partitions; p++) {
        core_free(o->of[p].core);
        o->of[p] = (struct owned){.phase = PHASE_NONE};
    }
    o->epoch++;
}

void ownership_clear(struct ownership *o)
{
    if (o->of == NULL)
        return;
    drop_all(o);
    free(o->of);
    o->of = NULL;
    seldom_clear(&o->unreadable);
}

void ownership_enter(struct owned *p, enum phase phase, usec_t mono)
{
    p->phase = phase;
    p->since[phase] = mono;
    p->unstable_since = 0;
}

int ownership_count(const struct ownership *o, enum phase from, enum phase to)
{
    int count = 0;

    for (int p = 0; p < o->env->partitions; p++)
        count += o->of[p].phase >= from && o->of[p].phase <= to;
    return count;
}

/* --- a partition that stands --- */

void ownership_stand(struct ownership *o, int p, const struct bus_position *at, const char *why,
                     usec_t mono)
{
    struct owned *owned = &o->of[p];
    const char *topic = at->topic + strlen(o->env->prefix);

    o->must_assign = o->must_assign || owned->phase >= PHASE_CATCH_UP;
    ownership_enter(owned, PHASE_STANDS, mono);
    if (strcmp(owned->why, why) == 0 && owned->why_at == at->offset)
        return;
    owned->why_at = at->offset;
    (void)snprintf(owned->why, sizeof owned->why, "%s", why);
    log_error(
        "a partition stands: its tasks do not fire until somebody mends it",
        "partition=%d topic=%s offset=%lld why=\"%s\" cure=\"cronobs topics skip %s %d OFFSET "
        "--reason TEXT\"",
        p, at->topic, (long long)at->offset, why, topic, p);
}

void ownership_try_again(struct ownership *o, usec_t mono)
{
    for (int p = 0; p < o->env->partitions; p++) {
        struct owned *owned = &o->of[p];

        if (owned->deaf_since != 0 && mono >= owned->deaf_since + TRY_AGAIN) {
            owned->deaf_since = 0;
            o->must_assign = true;
        }
        if (owned->phase != PHASE_STANDS || mono < owned->since[PHASE_STANDS] + TRY_AGAIN)
            continue;
        core_free(owned->core);
        owned->core = core_new(o->env, p);
        ownership_enter(owned, PHASE_STABLE, mono);
    }
}

/* --- the assignment changes --- */

static enum rc assigned(struct ownership *o, const struct bus_event *e, usec_t mono,
                        struct error *err)
{
    drop_all(o);
    for (size_t i = 0; i < e->position_count; i++) {
        int p = e->positions[i].partition;

        if (p < 0 || p >= o->env->partitions)
            return error_set(err, RC_FATAL, "could not own %s[%d]: partitions is %d",
                             e->positions[i].topic, p, o->env->partitions);
        o->of[p].core = core_new(o->env, p);
        ownership_enter(&o->of[p], PHASE_STABLE, mono);
    }
    log_info("partitions assigned", "count=%zu", e->position_count);
    return RC_OK;
}

static void revoked(struct ownership *o, const struct bus_event *e)
{
    log_info("partitions revoked", "count=%d lost=%s",
             ownership_count(o, PHASE_STABLE, PHASE_READY), e->lost ? "yes" : "no");
    drop_all(o);
}

enum rc ownership_add(struct ownership *o, usec_t mono, struct error *err)
{
    size_t count = 0;
    struct bus_position *all;
    enum rc rc;

    if (ownership_count(o, PHASE_ADD, PHASE_ADD) == 0 && !o->must_assign)
        return RC_OK;
    o->must_assign = false;
    all = xcalloc((size_t)o->env->partitions * INPUT_COUNT, sizeof *all);
    for (int p = 0; p < o->env->partitions; p++) {
        struct owned *owned = &o->of[p];

        if (owned->phase < PHASE_ADD)
            continue;
        all[count++] = (struct bus_position){o->names->commands, p, owned->next[INPUT_COMMANDS]};
        all[count++] = (struct bus_position){o->names->status, p, owned->next[INPUT_STATUS]};
        if (owned->deaf_since == 0)
            all[count++] =
                (struct bus_position){o->names->heartbeats, p, owned->next[INPUT_HEARTBEATS]};
        if (owned->phase == PHASE_ADD)
            ownership_enter(owned, PHASE_CATCH_UP, mono);
    }
    rc = bus_assign(o->consumer, all, count, err);
    free(all);
    return rc;
}

/* --- what is read --- */

static void log_ready(const struct ownership *o, const struct owned *p, usec_t mono)
{
    int owned = ownership_count(o, PHASE_STABLE, PHASE_READY);
    usec_t began = p->since[PHASE_STABLE];

    if (ownership_count(o, PHASE_READY, PHASE_READY) == owned)
        log_info("partitions owned", "count=%d ms=%lld stable_ms=%lld state_ms=%lld", owned,
                 (long long)((mono - began) / USEC_PER_MS),
                 (long long)((p->since[PHASE_STATE] - began) / USEC_PER_MS),
                 (long long)((p->since[PHASE_ADD] - began) / USEC_PER_MS));
}

/* At the end noted first (a busy topic would never be caught up with), or where nothing more can be read: behind the last
   stable offset is what nobody may see yet. What this scheduler has decided does not lie there: that is in state[p]. */
static void look_if_caught_up(struct ownership *o, int p, enum input input, bool at_end,
                              usec_t mono)
{
    const char *const topics[] = {o->names->commands, o->names->status};
    struct owned *owned = &o->of[p];

    if (owned->phase != PHASE_CATCH_UP || input == INPUT_HEARTBEATS)
        return;
    if (owned->end[input] < 0)
        owned->end[input] = bus_high_watermark(o->consumer, topics[input], p);
    if (at_end)
        owned->end[input] = owned->next[input];
    for (int i = 0; i < INPUT_HEARTBEATS; i++)
        if (owned->end[i] < 0 || owned->next[i] < owned->end[i])
            return;
    ownership_enter(owned, PHASE_READY, mono);
    owned->why[0] = '\0';
    log_ready(o, owned, mono);
}

/* A later release has accepted it: to pass over it would lose it. */
static bool is_of_a_later_release(enum input input, const struct bus_event *e)
{
    static const enum record_kind kind = RECORD_COMMAND;

    return input == INPUT_COMMANDS && codec_is_newer(e->value, &kind, 1);
}

static void take_message(struct ownership *o, enum input input, const struct bus_event *e,
                         usec_t mono)
{
    struct owned *p = &o->of[e->partition];

    if (e->offset < p->next[input])
        return; /* it has it */
    if (is_of_a_later_release(input, e)) {
        ownership_stand(o, e->partition, &(struct bus_position){e->topic, e->partition, e->offset},
                        "a later release has written what comes next: upgrade this one", mono);
        return;
    }
    p->next[input] = e->offset + 1;
    if (input == INPUT_COMMANDS)
        core_take_command(p->core, e->offset, e->timestamp, e->key, e->value);
    else if (input == INPUT_STATUS)
        core_take_status(p->core, e->offset, e->timestamp, e->key, e->value);
    else
        core_take_heartbeat(p->core, e->timestamp, e->value);
}

void ownership_tell_unreadable(struct ownership *o, const struct bus_event *e, usec_t mono)
{
    uint64_t left_out;

    if (seldom_is_due(&o->unreadable, e->topic, e->partition, mono, &left_out))
        log_error("a batch that cannot be unpacked is passed over",
                  "topic=%s partition=%d from=%lld to=%lld code=%s left_out=%ju", e->topic,
                  e->partition, (long long)e->offset, (long long)e->next, e->code,
                  (uintmax_t)left_out);
}

/* Whatever it held, nobody can know; the projection keeps its place in dead_letter. */
static void pass_unreadable(struct ownership *o, enum input input, const struct bus_event *e,
                            usec_t mono)
{
    struct owned *p = &o->of[e->partition];

    if (e->next <= p->next[input])
        return;
    ownership_tell_unreadable(o, e, mono);
    p->next[input] = e->next;
    if (input == INPUT_COMMANDS)
        core_pass_commands(p->core, e->next);
    else if (input == INPUT_STATUS)
        core_pass_statuses(p->core, e->next);
}

static enum input input_of(const struct ownership *o, const char *topic)
{
    if (strcmp(topic, o->names->commands) == 0)
        return INPUT_COMMANDS;
    return strcmp(topic, o->names->status) == 0 ? INPUT_STATUS : INPUT_HEARTBEATS;
}

static void take_input(struct ownership *o, const struct bus_event *e, usec_t mono)
{
    enum input input = input_of(o, e->topic);
    struct owned *p = &o->of[e->partition];

    if (p->phase < PHASE_CATCH_UP || (input == INPUT_HEARTBEATS && p->deaf_since != 0))
        return;
    if (e->kind == BUS_MESSAGE)
        take_message(o, input, e, mono);
    else if (e->kind == BUS_UNREADABLE)
        pass_unreadable(o, input, e, mono);
    else /* the end: past records of transactions that nobody may see */
        p->next[input] = MAX(p->next[input], e->offset);
    look_if_caught_up(o, e->partition, input, e->kind == BUS_EOF, mono);
}

/* Nobody is LOST meanwhile, and all else goes on. */
static void go_deaf(struct ownership *o, const struct bus_event *e, usec_t mono)
{
    struct owned *p = &o->of[e->partition];

    if (p->deaf_since != 0)
        return;
    log_warn("could not read heartbeats, going on at their end", "partition=%d why=\"%s\"",
             e->partition, e->err.text);
    core_listen_anew(p->core); /* what is in what nobody reads is not known */
    p->deaf_since = mono;
    o->must_assign = true;
    p->next[INPUT_HEARTBEATS] = BUS_END;
}

static bool is_input(const struct ownership *o, const char *topic)
{
    return strcmp(topic, o->names->heartbeats) == 0 || input_of(o, topic) != INPUT_HEARTBEATS;
}

/* Records were deleted that nobody has read, or the topic was made anew: only a person may decide what that means. */
static bool is_lost(struct ownership *o, const struct bus_event *e, usec_t mono)
{
    struct bus_position at = {e->topic, e->partition, 0};
    enum input input;

    if (e->err.rc != RC_NOT_FOUND || e->partition < 0 || e->partition >= o->env->partitions ||
        !is_input(o, e->topic))
        return false;
    if (o->of[e->partition].phase < PHASE_CATCH_UP)
        return true; /* of an older assignment */
    input = input_of(o, e->topic);
    if (input == INPUT_HEARTBEATS) {
        go_deaf(o, e, mono);
        return true;
    }
    at.offset = o->of[e->partition].next[input];
    ownership_stand(o, e->partition, &at, "the topic does not hold this offset (any more)", mono);
    return true;
}

static enum rc failed(struct ownership *o, const struct bus_event *e, usec_t mono,
                      struct error *err)
{
    if (is_lost(o, e, mono))
        return RC_OK;
    switch (e->err.rc) {
    case RC_RETRY:
    case RC_CONFLICT:
        log_warn("could not read, going on", "why=\"%s\"", e->err.text);
        return RC_OK;
    case RC_FENCED:
        return error_set(err, RC_FENCED, "another process has this instance's name: %s",
                         e->err.text);
    default: /* a topic that is gone: never skipped in silence */
        return error_set(err, RC_FATAL, "%s", e->err.text);
    }
}

enum rc ownership_take(struct ownership *o, const struct bus_event *e, usec_t mono,
                       struct error *err)
{
    switch (e->kind) {
    case BUS_NOTHING:
        break;
    case BUS_MESSAGE:
    case BUS_UNREADABLE:
    case BUS_EOF:
        take_input(o, e, mono);
        break;
    case BUS_ASSIGNED:
        return assigned(o, e, mono, err);
    case BUS_REVOKED:
        revoked(o, e);
        break;
    case BUS_FAILED:
        return failed(o, e, mono, err);
    }
    return RC_OK;
}
