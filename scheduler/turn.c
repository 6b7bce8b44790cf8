#include "scheduler/turn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"

enum {
    RECORDS_A_TURN = 10000,
    PARTS_OF_A_TURN = 6,
    INPUTS_A_TURN = 2500,
    INPUTS_AT_LEAST = 1000,
    FLUSH_MS = 5000,
    TRIAL_MS = 1500,
    PLACES_MAX = 4096
};
static const usec_t PLAN_FOR = 100 * USEC_PER_MS;
static const usec_t PLAN_DUE_FOR = 200 * USEC_PER_MS;
static const usec_t PLAN_AHEAD_FOR = 60 * USEC_PER_MS;
static const usec_t PLAN_MARKED_FOR = 20 * USEC_PER_MS;
static const usec_t STEP_FOR = 200 * USEC_PER_MS;
static const usec_t AHEAD_FOR = USEC_PER_SEC;
static const usec_t PATIENCE = 300 * USEC_PER_MS;
static const usec_t QUICK = 100 * USEC_PER_MS;
static const usec_t PACE = 20 * USEC_PER_MS;
static const usec_t LONGEST_PACE = 100 * USEC_PER_MS;
static const usec_t STATUS_PACE = USEC_PER_SEC;
static const usec_t AFTER_ABORT = 100 * USEC_PER_MS;
static const usec_t FIRST_BACKOFF = 500 * USEC_PER_MS;
static const usec_t LAST_BACKOFF = 4 * USEC_PER_SEC;
static const usec_t TELL_EVERY = 600 * USEC_PER_SEC;
static const usec_t PLANTED_EARLY = 200 * USEC_PER_MS;

void turns_init(struct turns *t, struct ownership *o)
{
    *t = (struct turns){.ownership = o, .instance = o->env->instance};
    t->planned = xcalloc((size_t)o->env->partitions, sizeof *t->planned);
    t->ahead = xcalloc((size_t)o->env->partitions, sizeof *t->ahead);
    t->waiting = xcalloc((size_t)o->env->partitions, sizeof *t->waiting);
}

/* Who was to come next still is. */
static void discard(struct turns *t)
{
    if (t->ahead_count > 0)
        t->first = t->ahead[0].partition;
    for (size_t i = 0; i < t->planned_count; i++)
        core_discard(t->planned[i].core, t->planned[i].plan);
    for (size_t i = 0; i < t->ahead_count; i++)
        core_discard(t->ahead[i].core, t->ahead[i].plan);
    t->planned_count = t->ahead_count = 0;
}

void turns_clear(struct turns *t)
{
    if (t->planned == NULL)
        return;
    discard(t);
    free(t->planned);
    free(t->ahead);
    free(t->waiting);
    t->planned = NULL;
}

/* --- when --- */

/* By which instants are judged to be due. */
static usec_t deciding_time(struct moment now)
{
    return fault_planted("early-200ms") ? now.real + PLANTED_EARLY : now.real;
}

/* Monotonic instant at which there is something to do for p, pace aside. */
static usec_t wanted_at(const struct turns *t, const struct owned *p, struct moment now)
{
    usec_t wake = core_wake(p->core), at = USEC_MAX;

    if (core_has_commands(p->core))
        return now.mono;
    if (wake != USEC_MAX)
        at = now.mono + MAX(wake - deciding_time(now), 0);
    if (!t->guard.is_open && !clock_guard_may_ask(&t->guard, now))
        at = MAX(at, t->guard.asked_at + USEC_PER_SEC);
    if (core_has_statuses(p->core))
        at = MIN(at, MAX(t->ended + STATUS_PACE, now.mono));
    return at;
}

/* Monotonic instant before which p is not planned. */
static usec_t free_at(const struct turns *t, int p)
{
    const struct waiting *w = &t->waiting[p];

    return w->for_list > t->queues->answered ? USEC_MAX : w->until;
}

usec_t turns_wait(const struct turns *t, struct moment now)
{
    const struct ownership *o = t->ownership;
    usec_t pace = MIN(MAX(2 * t->took, PACE), LONGEST_PACE);
    usec_t earliest = t->more ? now.mono : t->ended + pace;
    usec_t at = t->more ? now.mono : USEC_MAX; /* what was cut off may be statuses alone */

    for (int p = 0; p < o->env->partitions; p++)
        if (o->of[p].phase == PHASE_READY)
            at = MIN(at, MAX(wanted_at(t, &o->of[p], now), free_at(t, p)));
    if (at == USEC_MAX)
        return USEC_MAX;
    at = MAX(MAX(at, earliest), t->not_before);
    return MAX(at - now.mono, 0);
}

/* --- what --- */

static struct moment read_clock(const struct turns *t)
{
    struct moment now;

    t->read_clock(&now);
    return now;
}

/* --- what cannot be written --- */

/* The first record of a plan with a place among these; NULL: none. */
static const struct bus_record *record_at(const struct core_plan *plan,
                                          const struct bus_position *places, size_t count)
{
    for (size_t n = 0; n <= plan->count; n++) {
        const struct bus_record *r = n == 0 ? plan->watermark : &plan->records[n - 1];

        for (size_t i = 0; i < count; i++)
            if (r->partition == places[i].partition && strcmp(r->topic, places[i].topic) == 0)
                return r;
    }
    return NULL;
}

static const struct bus_record *unwritable_record(const struct turns *t,
                                                  const struct core_plan *plan)
{
    if (!t->queues->has_unwritable)
        return NULL;
    for (size_t n = 0; n <= plan->count; n++) {
        const struct bus_record *r = n == 0 ? plan->watermark : &plan->records[n - 1];

        if (!queues_can_write(t->queues, r->topic, r->partition))
            return r;
    }
    return NULL;
}

/* p alone waits: longer each time, and for a newer list. */
static void hold_back(struct turns *t, int p, const struct bus_record *why)
{
    struct waiting *w = &t->waiting[p];
    usec_t mono = read_clock(t).mono;

    w->backoff = w->backoff == 0 ? FIRST_BACKOFF : MIN(2 * w->backoff, LAST_BACKOFF);
    w->until = mono + w->backoff;
    w->for_list = queues_want(t->queues);
    if (w->told_at != 0 && mono - w->told_at < TELL_EVERY && strcmp(w->told, why->topic) == 0)
        return;
    w->told_at = mono;
    (void)snprintf(w->told, sizeof w->told, "%s", why->topic);
    log_error("partition waits: it cannot be written to", "partition=%d topic=%s[%d]", p,
              why->topic, why->partition);
}

static void let_go(struct turns *t, int p)
{
    struct waiting *w = &t->waiting[p];

    if (w->told_at != 0)
        log_info("partition can be written to again", "partition=%d", p);
    *w = (struct waiting){0};
}

/* After an abort: whose records the broker did not take. Answers whether there are any. */
static bool hold_back_unwritten(struct turns *t)
{
    struct bus_position *places = xcalloc(PLACES_MAX, sizeof *places);
    size_t count = MIN(bus_txn_unwritten(t->txn, places, PLACES_MAX), (size_t)PLACES_MAX);

    for (size_t i = 0; i < t->planned_count && count > 0; i++) {
        int p = t->planned[i].partition;
        const struct bus_record *r = record_at(t->planned[i].plan, places, count);

        if (r != NULL)
            hold_back(t, p, r);
        else if (t->is_trial)
            let_go(t, p);
    }
    free(places);
    return count > 0;
}

/* Trials take turns with the others, which go first. */
static void choose_trial(struct turns *t)
{
    const struct ownership *o = t->ownership;
    bool has_trial = false, has_others = false;

    for (int p = 0; p < o->env->partitions; p++) {
        if (o->of[p].phase != PHASE_READY)
            continue;
        has_others = has_others || t->waiting[p].backoff == 0;
        has_trial = has_trial || (t->waiting[p].backoff != 0 && free_at(t, p) <= t->now.mono);
    }
    t->is_trial = has_trial && (!t->is_trial || !has_others);
    t->flush_ms = t->is_trial && has_others ? TRIAL_MS : FLUSH_MS;
}

/* Of one turn. Where the last commit took long, as beside others on a busy machine, less is put into this one; but not so little that
   a broker that is slow whatever it is given has a backlog for ever. */
static size_t inputs_of_all(const struct turns *t)
{
    if (t->took <= QUICK)
        return INPUTS_A_TURN;
    return MAX((size_t)(INPUTS_A_TURN * QUICK / t->took), (size_t)INPUTS_AT_LEAST);
}

static bool has_inputs(const struct owned *p)
{
    return core_has_commands(p->core) || core_has_statuses(p->core);
}

/* Were one partition to take a whole turn for its commands, what is due in the last of a dozen would come a dozen turns later. */
static size_t inputs_of_each(const struct turns *t)
{
    const struct ownership *o = t->ownership;
    size_t busy = 0;

    for (int p = 0; p < o->env->partitions; p++)
        busy += o->of[p].phase == PHASE_READY && has_inputs(&o->of[p]);
    return inputs_of_all(t) / MAX(busy, 1);
}

static bool is_busy(const struct turns *t, const struct owned *p)
{
    return p->phase == PHASE_READY &&
           (has_inputs(p) || (t->may_fire && core_wake(p->core) <= deciding_time(t->now)));
}

/*
 * What one partition may take of a turn. Where many have something, as many go into the next one, beside this one; and what each sends then
 * goes in one batch (of 1 MB). While it has a second one to send, librdkafka waits for the answer to the first in a loop that takes a whole core.
 */
static size_t part_of_a_turn(const struct turns *t)
{
    const struct ownership *o = t->ownership;
    size_t busy = 0, parts;

    for (int p = 0; p < o->env->partitions; p++)
        busy += is_busy(t, &o->of[p]);
    parts = MAX(MIN(busy / 2, (size_t)PARTS_OF_A_TURN), 1);
    return (RECORDS_A_TURN + parts - 1) / parts;
}

struct core_room turns_room(const struct turns *t, int p, usec_t taken)
{
    usec_t since = t->ownership->of[p].behind_since;

    return (struct core_room){.records = part_of_a_turn(t),
                              .inputs = taken > PLAN_FOR ? 0 : MAX(inputs_of_each(t), 1),
                              .due_waits = since == 0 || t->now.mono - since < PATIENCE};
}

static void note_behind(const struct turns *t, struct owned *p, bool is_behind)
{
    if (!is_behind)
        p->behind_since = 0;
    else if (p->behind_since == 0)
        p->behind_since = t->now.mono;
}

/* With no plan at all: there was no room for any, or the first command waits. */
static bool leaves_inputs(const struct owned *p, const struct core_room *room)
{
    return core_has_commands(p->core) || (room->inputs == 0 && has_inputs(p));
}

static enum rc plan_one(struct turns *t, int p, struct core_room room, size_t *left,
                        struct error *err)
{
    struct owned *owned = &t->ownership->of[p];
    struct waiting *waiting = &t->waiting[p];
    const struct bus_record *why;
    struct core_plan *plan = NULL;

    room.records = MIN(*left, room.records);
    if (owned->phase != PHASE_READY || free_at(t, p) > t->now.mono ||
        t->is_trial != (waiting->backoff != 0) || core_is_planned(owned->core))
        return RC_OK;
    queues_begin_plan(t->queues, waiting->for_list != 0);
    TRY(core_plan(owned->core, deciding_time(t->now), t->may_fire, room, &plan, err));
    waiting->for_list = 0;
    if (t->queues->is_missed) { /* perhaps it is new: a newer list will tell */
        core_discard(owned->core, plan);
        waiting->for_list = queues_want(t->queues);
        return RC_OK;
    }
    note_behind(t, owned, plan != NULL ? plan->behind : leaves_inputs(owned, &room));
    if (plan == NULL)
        return RC_OK;
    why = unwritable_record(t, plan);
    if (why != NULL) {
        hold_back(t, p, why);
        core_discard(owned->core, plan);
        return RC_OK;
    }
    t->ahead[t->ahead_count++] = (struct planned){owned->core, p, plan};
    t->more = t->more || plan->more;
    *left -= MIN(*left, plan->weight);
    return RC_OK;
}

static size_t weight_ahead(const struct turns *t)
{
    size_t sum = 0;

    for (size_t i = 0; i < t->ahead_count; i++)
        sum += t->ahead[i].plan->weight;
    return sum;
}

/*
 * What is due in the last partitions does not wait for the commands of the first ones: when planning has taken long, theirs wait.
 * Left out is whom the turn under way has something of.
 */
static enum rc plan_next(struct turns *t, usec_t limit, struct error *err)
{
    int partitions = t->ownership->env->partitions, first = t->first;
    size_t left = RECORDS_A_TURN - MIN(weight_ahead(t), (size_t)RECORDS_A_TURN);
    bool is_cut = false;

    t->more = false;
    for (int i = 0; i < partitions; i++) {
        int p = (first + i) % partitions;
        usec_t taken = read_clock(t).mono - t->now.mono;

        if (left == 0 || taken > MIN(limit, PLAN_FOR)) {
            t->first = is_cut ? t->first : p; /* so that none waits for ever */
            is_cut = t->more = true;
            if (left == 0 || taken > limit)
                break;
        }
        TRY(plan_one(t, p, turns_room(t, p, taken), &left, err));
    }
    return RC_OK;
}

static void begin_next(struct turns *t)
{
    struct planned *empty = t->planned;

    t->planned = t->ahead;
    t->planned_count = t->ahead_count;
    t->ahead = empty;
    t->ahead_count = 0;
    t->ahead_took = 0;
}

static bool has_more(const struct planned *plans, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (plans[i].plan->more)
            return true;
    return false;
}

/* The broker has something of this turn to take in: the next one is decided meanwhile, if it is known that there is one. */
static enum rc plan_ahead(struct turns *t, usec_t limit, struct error *err)
{
    struct moment now = read_clock(t);

    if (!t->more || t->is_trial || now.mono - t->begun > STEP_FOR)
        return RC_OK;
    turns_look(t, now);
    if (!t->guard.is_open)
        return RC_OK;
    if (t->ahead_count == 0)
        t->now = now;
    TRY(plan_next(t, limit, err));
    t->more =
        t->more || has_more(t->planned, t->planned_count) || has_more(t->ahead, t->ahead_count);
    t->ahead_took += read_clock(t).mono - now.mono;
    return RC_OK;
}

/* --- writing it --- */

static enum rc write_watermarks(struct turns *t, struct error *err)
{
    usec_t broker;

    for (size_t i = 0; i < t->planned_count; i++)
        TRY(bus_txn_produce(t->txn, t->planned[i].plan->watermark, err));
    TRY(plan_ahead(t, PLAN_MARKED_FOR, err));
    TRY(bus_txn_flush(t->txn, t->flush_ms, err));
    if (t->guard.is_open)
        return RC_OK;
    broker = bus_txn_broker_time(t->txn);
    if (clock_guard_ask(&t->guard, broker, t->now, read_clock(t).mono))
        log_info("clock agrees with the broker", "instance=%s", t->instance);
    if (t->guard.is_open || !t->may_fire)
        return RC_OK;
    return error_set(err, RC_CONFLICT, "this clock is %+lld ms from the broker's",
                     (long long)((t->now.real - broker) / USEC_PER_MS));
}

static enum rc write_records(struct turns *t, struct error *err)
{
    for (size_t i = 0; i < t->planned_count; i++) {
        const struct core_plan *plan = t->planned[i].plan;

        for (size_t n = 0; n < plan->count; n++)
            TRY(bus_txn_produce(t->txn, &plan->records[n], err));
    }
    TRY(plan_ahead(t, PLAN_AHEAD_FOR, err));
    return bus_txn_flush(t->txn, t->flush_ms, err);
}

/* Only the clock asked for this turn: it fires, and no command came with it. */
static bool is_by_clock(const struct turns *t)
{
    long fired = 0, commands = 0;

    for (size_t i = 0; i < t->planned_count; i++) {
        fired += t->planned[i].plan->counts.fired;
        commands += t->planned[i].plan->counts.commands;
    }
    return fired > 0 && commands == 0;
}

static enum rc write_offsets(struct turns *t, struct error *err)
{
    struct bus_position *next = xcalloc(t->planned_count, sizeof *next);
    enum rc rc;

    for (size_t i = 0; i < t->planned_count; i++)
        next[i] = (struct bus_position){t->ownership->names->commands, t->planned[i].partition,
                                        t->planned[i].plan->commands_next};
    if (fault_planted("timer-only-without-offsets") && is_by_clock(t))
        rc = RC_OK;
    else
        rc = bus_txn_offsets(t->txn, t->ownership->consumer, next, t->planned_count, err);
    free(next);
    return rc;
}

static enum rc write_all(struct turns *t, struct error *err)
{
    TRY(bus_txn_begin(t->txn, err));
    fault_point("turn.begin");
    if (is_by_clock(t))
        fault_point("turn.timer");
    TRY(write_watermarks(t, err));
    fault_point("turn.watermark");
    TRY(write_records(t, err));
    fault_point("turn.produced");
    TRY(write_offsets(t, err));
    fault_point("turn.offsets");
    TRY(bus_txn_commit(t->txn, err));
    fault_point("turn.committed");
    return RC_OK;
}

/* --- after it --- */

static void count(struct turn_counters *c, const struct core_plan *plan)
{
    c->records += (long)plan->count + 1;
    c->decided.fired += plan->counts.fired;
    c->decided.skipped += plan->counts.skipped;
    c->decided.missed += plan->counts.missed;
    c->decided.gaps += plan->counts.gaps;
    c->decided.commands += plan->counts.commands;
    c->decided.cut += plan->counts.cut;
    c->decided.statuses += plan->counts.statuses;
    c->decided.deadlines += plan->counts.deadlines;
}

static void committed(struct turns *t, usec_t took)
{
    for (size_t i = 0; i < t->planned_count; i++) {
        count(&t->counters, t->planned[i].plan);
        if (t->tzdata != NULL)
            tzdata_tell(t->tzdata, t->planned[i].plan);
        core_commit(t->planned[i].core, t->planned[i].plan);
        let_go(t, t->planned[i].partition);
    }
    t->planned_count = 0;
    t->is_replan = false;
    t->took = took;
    t->counters.turns++;
    t->counters.commit_sum += took;
    t->counters.commit_max = MAX(t->counters.commit_max, took);
}

static enum rc aborted(struct turns *t, struct error *why, struct error *err)
{
    log_warn("transaction aborted", "partitions=%zu why=\"%s\"", t->planned_count, why->text);
    if (!hold_back_unwritten(t)) { /* a queue that has vanished, or was made anew? */
        long list = queues_want(t->queues);

        for (size_t i = 0; i < t->planned_count; i++)
            t->waiting[t->planned[i].partition].for_list = list;
    }
    discard(t);
    TRY(bus_txn_abort(t->txn, err));
    t->counters.aborts++;
    t->is_replan = true;
    t->not_before = read_clock(t).mono + AFTER_ABORT;
    return RC_OK;
}

void turns_look(struct turns *t, struct moment now)
{
    if (clock_guard_look(&t->guard, now))
        log_warn("clock jumped, nothing fires until it agrees with the broker", "instance=%s",
                 t->instance);
}

/* May this turn decide what is due? With the guard closed it may try to, once a second. */
static bool may_fire(struct turns *t)
{
    turns_look(t, t->now);
    if (fault_planted("trusts-its-clock"))
        t->guard.is_open = true;
    return t->guard.is_open || clock_guard_may_ask(&t->guard, t->now);
}

static enum rc write_and_commit(struct turns *t, struct error *err)
{
    usec_t began = read_clock(t).mono;
    struct error why = {0};
    enum rc rc = write_all(t, &why);

    if (rc == RC_OK) {
        committed(t, read_clock(t).mono - began - t->ahead_took);
        return RC_OK;
    }
    if (rc == RC_CONFLICT)
        return aborted(t, &why, err);
    discard(t);
    return error_set(err, rc == RC_FENCED ? RC_FENCED : RC_FATAL, "%s", why.text);
}

static enum rc write_next(struct turns *t, struct error *err)
{
    begin_next(t);
    if (t->is_replan)
        log_info("turn planned again", "partitions=%zu", t->planned_count);
    return write_and_commit(t, err);
}

/* The broker was slow: what was decided beside it is decided anew, when all else has been looked after. */
static void drop_stale(struct turns *t)
{
    if (t->ahead_count == 0 || read_clock(t).mono - t->now.mono <= AHEAD_FOR)
        return;
    discard(t);
    t->more = true;
}

enum rc turns_step(struct turns *t, struct error *err)
{
    enum rc rc;

    t->now = read_clock(t);
    t->begun = t->now.mono;
    choose_trial(t);
    t->may_fire = may_fire(t);
    rc = plan_next(t, PLAN_DUE_FOR, err);
    while (rc == RC_OK && t->ahead_count > 0) {
        rc = write_next(t, err);
        drop_stale(t);
    }
    t->ended = read_clock(t).mono;
    return rc;
}
