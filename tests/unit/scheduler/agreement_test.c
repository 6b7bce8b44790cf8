/*
 * agreement_test.c - scheduler and history hold the same of every execution, whatever anybody reports.
 *
 * A seed makes lives of a partition: tasks that fire, workers that work, liars who report with ids of other tasks, attempts and
 * events, as nobody and as the scheduler, repeated, before there is anything to report on, late and over the limits; runs that somebody else starts; people who cancel, retry, backfill, pause; turns, cut and discarded plans, crashes. Then the
 * log is projected, in random batches with its topics interleaved at random, and compared with what the scheduler remembers: executions, and
 * what is to be skipped.
 */
#include <stdio.h>

#include "base/hash.h"
#include "model/limits.h"
#include "scheduler/open.h"
#include "support/memory_tables.h"
#include "support/random_log.h"
#include "world.h"

enum { SEEDS = 60, STEPS = 250 };

struct life_maker {
    struct world *w;
    uint64_t state;
    int compared; /* of those that wait */
    int observed; /* and of those that somebody else has started */
};

static int below(struct life_maker *m, int limit)
{
    return random_below(&m->state, limit);
}

static bool one_in(struct life_maker *m, int n)
{
    return below(m, n) == 0;
}

static void make_tasks(struct world *w)
{
    struct task_spec a = spec_of("a", "@every 10s"), b = spec_of("b", "@every 7s"),
                     d = spec_of("d", "@every 7s"), e = spec_of("e", "@every 10s");

    a.overlap = OVERLAP_SKIP;
    a.start_deadline_ms = 5000;
    a.run_timeout_ms = 20000;
    b.start_deadline_ms = 30000;
    b.run_timeout_ms = 15000;
    a.retry = (struct retry_spec){.max_attempts = 3,
                                  .first_delay_ms = 2000,
                                  .max_delay_ms = 9000,
                                  .jitter_ms = 1000,
                                  .multiplier = 1.5};
    b.retry = (struct retry_spec){
        .max_attempts = 2, .first_delay_ms = 1, .multiplier = 1, .on = "FAILED"};
    b.finish_by_ms = 40000;
    world_put(w, a);
    world_put(w, b);
    world_put(w, spec_of("c", "@every 5s")); /* nobody remembers its executions */
    d.overlap = OVERLAP_QUEUE_ALL;
    d.start_deadline_ms = 60000;
    d.run_timeout_ms = 20000;
    world_put(w, d);
    e.overlap = OVERLAP_CANCEL_OTHER;
    e.run_timeout_ms = 12000;
    e.retry = a.retry;
    world_put(w, e);
    world_turn(w);
}

/* --- reports, true and false --- */

/* One that was made: mostly one of the newest. */
static const struct execution_created *pick(struct life_maker *m)
{
    size_t count = world_count(m->w, RECORD_EXECUTION_CREATED);
    int back = one_in(m, 4) ? below(m, 30) : below(m, 4);

    return count <= (size_t)back
               ? NULL
               : world_record(m->w, RECORD_EXECUTION_CREATED, count - 1 - (size_t)back);
}

/* One that will be made: its id can be computed. */
static struct uuid to_come(struct life_maker *m, const struct execution_created *x)
{
    usec_t every = strchr("ae", x->task_key[0]) != NULL ? 10 * USEC_PER_SEC : 7 * USEC_PER_SEC;

    return execution_id_of(x->task_id, x->scheduled_at + (1 + below(m, 4)) * every, "instant", "");
}

static enum status any_status(struct life_maker *m)
{
    static const enum status usual[] = {STATUS_RUNNING, STATUS_RUNNING, STATUS_SUCCEEDED,
                                        STATUS_FAILED};

    return one_in(m, 2) ? usual[below(m, ARRAY_LEN(usual))] : (enum status)below(m, STATUS_COUNT);
}

static void sign(struct life_maker *m, struct execution_status *s)
{
    static const struct worker_ref workers[] = {{"w", {{1}}}, {"w", {{2}}}, {"", {{0}}}};
    int who = below(m, 6);

    if (who < 4)
        s->worker = &workers[below(m, ARRAY_LEN(workers))];
    else if (who == 4)
        s->event_id =
            event_id_of(s->execution_id, s->attempt, enum_name(&status_enum, (int)s->status));
}

static void report(struct life_maker *m)
{
    static char long_text[MESSAGE_MAX_BYTES + 2];
    static const char *const other_tasks[] = {"a", "d", "e", "nobody's"};
    const struct execution_created *x = pick(m);
    struct execution_status s = {.event_id = command_numbered(1000 + below(m, 40)),
                                 .attempt = 1,
                                 .status = any_status(m),
                                 .if_unclaimed = one_in(m, 6),
                                 .occurred_at = one_in(m, 8) ? INT64_MIN : m->w->now};

    if (x == NULL)
        return;
    s.attempt = one_in(m, 6) ? below(m, 5) : x->attempt;
    s.execution_id = one_in(m, 6) ? to_come(m, x) : x->execution_id;
    s.task_id = one_in(m, 8) ? task_of(other_tasks[below(m, 4)]) : x->task_id;
    if (one_in(m, 5)) {
        s.trigger = (enum trigger)below(m, TRIGGER_COUNT);
        s.scheduled_at = INT64_MAX;
    }
    memset(long_text, 'x', sizeof long_text - 1);
    s.message = one_in(m, 15) ? long_text : NULL;
    sign(m, &s);
    world_say(m->w, &s);
}

/* A worker tells of a run outside under the id of one that is made right now: its report lies before the scheduler's. */
static void take_a_turn_too_late(struct life_maker *m)
{
    const struct worker_ref worker = {"w", {{1}}};
    const struct execution_created *x = pick(m);
    struct core_plan *plan = world_plan(m->w);

    for (int i = 0; i < 3 && x != NULL; i++)
        world_say(m->w, &(struct execution_status){
                            .event_id = command_numbered(2000 + below(m, 40)),
                            .execution_id = to_come(m, x),
                            .task_id = x->task_id,
                            .attempt = 1,
                            .status = any_status(m),
                            .trigger = TRIGGER_EXTERNAL,
                            .scheduled_at = m->w->now,
                            .worker = &worker,
                        });
    if (plan != NULL)
        world_commit(m->w, plan);
}

/* One of a few runs that somebody else starts: what it says of itself, and what others say of it. */
static void observe(struct life_maker *m)
{
    static const char *const keys[] = {"a", "b", "c", "d", "e"};
    const char *key = keys[below(m, ARRAY_LEN(keys))];
    int minute = (int)((m->w->now - EPOCH) / USEC_PER_MIN);
    char nonce[2] = {(char)('0' + below(m, 4)), '\0'};
    struct uuid id =
        execution_id_of(task_of(key), EPOCH + minute * USEC_PER_MIN, "external", nonce);
    struct execution_status s = {.event_id = command_numbered(3000 + below(m, 40)),
                                 .execution_id = id,
                                 .task_id = task_of(key),
                                 .attempt = one_in(m, 10) ? 2 : 1,
                                 .status = any_status(m),
                                 .if_unclaimed = one_in(m, 6),
                                 .occurred_at = m->w->now,
                                 .trigger = one_in(m, 3) ? TRIGGER_UNKNOWN : TRIGGER_EXTERNAL,
                                 .scheduled_at = m->w->now};

    sign(m, &s);
    world_say(m->w, &s);
}

/* The same bytes again. */
static void repeat(struct life_maker *m)
{
    size_t count = m->w->status_count, back = (size_t)below(m, one_in(m, 2) ? 3 : 40);

    if (back < count)
        world_say(m->w, m->w->statuses[count - 1 - back].record);
}

/* --- what people ask for meanwhile --- */

static void order(struct life_maker *m)
{
    static const enum command_kind kinds[] = {
        COMMAND_CANCEL_EXECUTION, COMMAND_CANCEL_EXECUTION, COMMAND_RETRY_EXECUTION,
        COMMAND_BACKFILL,         COMMAND_SKIP_NEXT,        COMMAND_TRIGGER_TASK,
        COMMAND_PAUSE_TASK,       COMMAND_RESUME_TASK,      COMMAND_DELETE_TASK};
    static const char *const keys[] = {"a", "b", "c", "d", "e"};
    const struct execution_created *x = pick(m);
    struct command c = {.task_id = task_of(keys[below(m, 5)]),
                        .actor = "test",
                        .kind = kinds[below(m, ARRAY_LEN(kinds))]};

    if (x == NULL)
        return;
    if (c.kind == COMMAND_CANCEL_EXECUTION)
        c.body.cancel_execution.execution_id = one_in(m, 5) ? to_come(m, x) : x->execution_id;
    if (c.kind == COMMAND_RETRY_EXECUTION)
        c.body.retry_execution = (struct retry_execution){x->execution_id, x->scheduled_at, {0}};
    if (c.kind == COMMAND_CANCEL_EXECUTION || c.kind == COMMAND_RETRY_EXECUTION)
        c.task_id = x->task_id;
    if (c.kind == COMMAND_BACKFILL)
        c.body.backfill = (struct backfill_task){m->w->now - 30 * USEC_PER_SEC, m->w->now};
    world_send(m->w, c);
}

static void live(struct life_maker *m)
{
    struct world *w = m->w;

    w->now += below(m, 3) * USEC_PER_SEC + below(m, 1000) * USEC_PER_MS;
    for (int i = below(m, 4); i > 0; i--)
        one_in(m, 4) ? repeat(m) : report(m);
    for (int i = below(m, 3); i > 0; i--)
        observe(m);
    if (one_in(m, 6))
        order(m);
    if (one_in(m, 25))
        make_tasks(w); /* those that were deleted */
    w->limit = one_in(m, 4) ? 3 : 10000;
    w->inputs = one_in(m, 4) ? 1 : 10000;
    w->hurries = one_in(m, 2);
    if (one_in(m, 5))
        take_a_turn_too_late(m);
    if (one_in(m, 10))
        core_discard(w->core, world_plan(w));
    if (!one_in(m, 3))
        world_turn(w);
    if (one_in(m, 40))
        world_crash(w);
}

/* --- the history of the same log --- */

struct feeds {
    struct message *made, *statuses; /* made: what the scheduler wrote, but for statuses */
    size_t made_count, status_count;
};

static const char *topic_of(enum record_kind kind)
{
    return kind == RECORD_EXECUTION_CREATED ? "executions.default"
           : kind == RECORD_COMMAND_OUTCOME ? "tasks"
                                            : NULL;
}

static struct feeds feeds_of(const struct world *w)
{
    struct feeds f = {arena_alloc(w->memory, w->count * sizeof *f.made),
                      arena_alloc(w->memory, w->status_count * sizeof *f.statuses), 0,
                      w->status_count};

    for (size_t i = 0; i < w->count; i++)
        if (topic_of(w->log[i].kind) != NULL) {
            f.made[f.made_count] = (struct message){.topic = topic_of(w->log[i].kind),
                                                    .offset = (int64_t)f.made_count,
                                                    .timestamp = w->log[i].at,
                                                    .value = w->log[i].value};
            f.made_count++;
        }
    for (size_t i = 0; i < w->status_count; i++)
        f.statuses[i] = (struct message){.topic = "status",
                                         .offset = (int64_t)i,
                                         .timestamp = w->status_times[i],
                                         .value = w->statuses[i].value};
    return f;
}

static void project(struct life_maker *m, struct memory_tables *tables)
{
    struct feeds f = feeds_of(m->w);
    size_t total = f.made_count + f.status_count, made = 0, statuses = 0, count = 0;
    struct message *mixed = arena_alloc(m->w->memory, total * sizeof *mixed);

    for (size_t i = 0; i < total; i++) {
        bool is_made = statuses == f.status_count || (made < f.made_count && one_in(m, 3));

        mixed[i] = is_made ? f.made[made++] : f.statuses[statuses++];
    }
    for (size_t from = 0; from < total; from += count) {
        count = 1 + (size_t)below(m, 30);
        count = MIN(count, total - from);
        memory_tables_store(tables, mixed + from, count, 1);
    }
}

/* --- the comparison --- */

static void assert_agreed(const struct core *c, const struct execution_created *x,
                          const struct execution_row *row, const char *where)
{
    struct open *o = map_find(&c->opens, x->execution_id);
    const struct open_execution *e = o == NULL ? NULL : open_seen(o);

    if (e != NULL && e->status == STATUS_UNKNOWN)
        return; /* it was over when somebody asked for its end: it is said once more when the grace is over */
    if ((o == NULL) != (status_is_final((enum status)row->status) && row->next_attempt_at == 0))
        fail_msg("%s: the history has %s, the scheduler has %s", where,
                 enum_name(&status_enum, row->status), o == NULL ? "forgotten it" : "it open");
    if (e == NULL)
        return;
    if ((int)e->status != row->status || e->attempt != row->attempt ||
        e->claimed_at != row->started_at || e->next_attempt_at != row->next_attempt_at ||
        !uuid_equal(e->claimant, row->worker_incarnation))
        fail_msg("%s: the history has %s/%d claimed at %jd, the scheduler %s/%d at %jd", where,
                 enum_name(&status_enum, row->status), row->attempt, (intmax_t)row->started_at,
                 enum_name(&status_enum, (int)e->status), e->attempt, (intmax_t)e->claimed_at);
}

static void compare(struct life_maker *m, const struct memory_tables *tables, int seed)
{
    const struct execution_created *x;
    char where[80];

    for (size_t i = 0; (x = world_record(m->w, RECORD_EXECUTION_CREATED, i)) != NULL; i++) {
        struct execution_row row = {.revision = 0};

        (void)snprintf(where, sizeof where, "seed %d, execution %zu of task %s", seed, i,
                       x->task_key);
        if (!memory_tables_execution(tables, x->execution_id, x->task_id, &row))
            fail_msg("%s: the history has it not", where);
        if (strcmp(x->task_key, "c") != 0)
            assert_agreed(m->w->core, x, &row, where);
    }
}

/* What waits has no ExecutionCreated yet. A birth that somebody made up before the scheduler's is believed by the history. */
static void compare_waiting(struct life_maker *m, const struct memory_tables *tables, int seed)
{
    const struct open *o;

    for (size_t at = 0; (o = map_each(&m->w->core->opens, &at)) != NULL;) {
        const struct open_execution *e = open_seen(o);
        struct execution_row row = {.revision = 0};

        if (!open_is_waiting(e) || open_is_unborn(e))
            continue;
        if (!memory_tables_execution(tables, e->execution_id, e->task_id, &row))
            fail_msg("seed %d: the history does not have what waits", seed);
        if (row.status_from == e->status_from && (int)e->status != row.status)
            fail_msg("seed %d: the history has %s, the scheduler %s", seed,
                     enum_name(&status_enum, row.status), enum_name(&status_enum, (int)e->status));
        m->compared += row.status_from == e->status_from;
    }
}

/* What has waited is over here as it is there, also if it was never sent; but for a birth that somebody made up. */
static void compare_born(struct life_maker *m, const struct memory_tables *tables, int seed)
{
    const struct execution_status *x;

    for (size_t i = 0; (x = world_record(m->w, RECORD_EXECUTION_STATUS, i)) != NULL; i++) {
        struct execution_row row = {.revision = 0};
        const struct execution_status *birth;

        if (x->status != STATUS_WAITING ||
            !memory_tables_execution(tables, x->execution_id, x->task_id, &row))
            continue;
        birth = m->w->statuses[row.status_from].record;
        if (birth->scheduled_at == INT64_MAX || row.status != STATUS_WAITING)
            continue;
        if (map_find(&m->w->core->opens, x->execution_id) == NULL)
            fail_msg("seed %d: the history has WAITING, and the scheduler has forgotten it", seed);
        m->compared++;
    }
}

/* Answers of how many tasks something is to be skipped, or was. */
static int compare_skips(const struct life_maker *m, const struct memory_tables *tables, int seed)
{
    static const char *const keys[] = {"a", "b", "c", "d", "e"};
    int count = 0;

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const struct task *t = registry_find(m->w->core, task_of(keys[i]));
        usec_t here = memory_tables_skip(tables, task_of(keys[i]));

        if (here != (t == NULL ? 0 : task_seen(t)->skip_until))
            fail_msg("seed %d: of task %s the history skips up to %ld", seed, keys[i], SINCE(here));
        count += here != 0;
    }
    assert_int_equal(memory_tables_count(tables, "task_skip"), count);
    return count;
}

/* Limits has every task but c. What somebody has made up of an instant to come is none. */
static bool is_watched(const struct core *c, const struct execution_row *row,
                       const struct execution_status *birth)
{
    struct uuid instant = execution_id_of(
        row->task_id, execution_id_ms(row->execution_id) * USEC_PER_MS, "instant", "");

    return registry_find(c, row->task_id) != NULL && !uuid_equal(row->task_id, task_of("c")) &&
           !uuid_equal(row->execution_id, instant) && row->trigger == TRIGGER_EXTERNAL &&
           birth->status == STATUS_RUNNING && birth->attempt == 1;
}

/* A run that somebody else has started, and whose first report says that it runs: while it does, both know of it. One that is over is begun
   anew by whoever says once more that it runs: nobody remembers it here. */
static void compare_observed(struct life_maker *m, const struct memory_tables *tables, int seed)
{
    for (size_t i = 0; i < m->w->status_count; i++) {
        const struct execution_status *birth = m->w->statuses[i].record;
        struct execution_row row = {.revision = 0};
        const struct open *o = registry_find_open(m->w->core, birth->execution_id, birth->task_id);

        if (!lifecycle_is_birth(birth) ||
            !memory_tables_execution(tables, birth->execution_id, birth->task_id, &row) ||
            row.status_from != (int64_t)i || !is_watched(m->w->core, &row, birth) ||
            status_is_final((enum status)row.status))
            continue;
        if (o == NULL)
            fail_msg("seed %d: the history has a run that the scheduler has forgotten", seed);
        if ((int)o->now.status != row.status || o->now.claimed_at != row.started_at ||
            !uuid_equal(o->now.claimant, row.worker_incarnation))
            fail_msg("seed %d: the history has %s, the scheduler %s", seed,
                     enum_name(&status_enum, row.status),
                     enum_name(&status_enum, (int)o->now.status));
        m->observed++;
    }
}

static void scheduler_and_history_agree_whatever_is_reported(void **state UNUSED)
{
    int waited = 0, skipped = 0, observed = 0;

    for (int seed = 1; seed <= SEEDS; seed++) {
        struct life_maker m = {world_new(), (uint64_t)seed * 2654435761U + 11, 0, 0};
        struct memory_tables *tables = memory_tables_new();

        make_tasks(m.w);
        for (int i = 0; i < STEPS; i++)
            live(&m);
        world_turn(m.w);
        project(&m, tables);
        compare(&m, tables, seed);
        compare_waiting(&m, tables, seed);
        compare_born(&m, tables, seed);
        compare_observed(&m, tables, seed);
        skipped += compare_skips(&m, tables, seed);
        waited += m.compared;
        observed += m.observed;
        memory_tables_free(tables);
        world_free(m.w);
    }
    assert_true(waited > 0);
    assert_true(skipped > 0);
    assert_true(observed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scheduler_and_history_agree_whatever_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
