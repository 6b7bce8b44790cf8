/*
 * property_test.c - random lives, judged by a naive model: an array with one cell a second and task.
 *
 * The model shares no rule with the core: it takes the revisions from the log, walks the multiples of each
 * period between one revision and the next, and wants each of them once: fired, skipped, missed or in a gap.
 */
#include "world.h"

enum { TASKS = 6, STEPS = 1500, SECONDS_MAX = 400000, SEEDS = 6 };

static const char *const keys[TASKS] = {"a", "b", "c", "d", "e", "f"};
static const struct period {
    const char *text;
    long seconds;
    long once; /* not a period: the one second after EPOCH */
} periods[] = {
    {"@every 1s", 1, 0},
    {"@every 2s", 2, 0},
    {"@every 5s", 5, 0},
    {"@every 10s", 10, 0},
    {"@every 1m", 60, 0},
    {"@every 1h", 3600, 0},
    {"@at 2026-01-01T05:33:20Z", 0, 20000},
    {"@at 2026-01-01T13:53:20Z", 0, 50000},
};

/* --- a random life --- */

static long below(long n)
{
    return random() % n;
}

static void put_something(struct world *w, const char *key)
{
    struct task_spec spec = spec_of(key, periods[below(ARRAY_LEN(periods))].text);
    struct schedule_spec both[2] = {
        spec.schedules[0], {.expression = periods[below(ARRAY_LEN(periods))].text, .zone = "UTC"}};

    if (below(4) == 0) {
        spec.schedules = both;
        spec.schedule_count = 2;
    }
    spec.overlap = below(3) == 0 ? OVERLAP_SKIP : OVERLAP_ALLOW;
    spec.max_concurrency = (int32_t)below(3);
    spec.misfire = (struct misfire_spec){.policy = (enum misfire_policy)below(MISFIRE_COUNT),
                                         .after_ms = below(2) * 5000,
                                         .window_ms = below(2) * 30000,
                                         .limit = (int32_t)below(5)};
    spec.run_timeout_ms = below(2) * 40000;
    spec.start_deadline_ms = below(2) * 30000;
    world_put(w, spec);
}

static void order_something(struct world *w, const char *key)
{
    static const enum command_kind kinds[] = {COMMAND_DELETE_TASK,  COMMAND_PAUSE_TASK,
                                              COMMAND_RESUME_TASK,  COMMAND_RESUME_TASK,
                                              COMMAND_TRIGGER_TASK, COMMAND_BACKFILL};
    struct command c = {
        .task_id = task_of(key), .actor = "test", .kind = kinds[below(ARRAY_LEN(kinds))]};

    if (c.kind == COMMAND_PAUSE_TASK && below(2) == 0)
        c.body.pause_task.until = w->now + (below(100) - 20) * USEC_PER_SEC;
    if (c.kind == COMMAND_RESUME_TASK)
        c.body.resume_task.gap = (enum resume_gap)below(RESUME_COUNT);
    if (c.kind == COMMAND_BACKFILL)
        c.body.backfill.to = w->now;
    if (below(5) == 0 && w->command_count > 0) /* a repeat of one of the last, for whatever task */
        c.command_id = command_numbered((int)w->command_count - 1 - (int)below(3));
    world_send(w, c);
}

static void report_something(struct world *w)
{
    static const enum status says[] = {STATUS_RUNNING, STATUS_SUCCEEDED, STATUS_FAILED};

    for (size_t i = w->count; i > 0 && w->count - i < 200; i--) {
        const struct kept *k = &w->log[i - 1];
        const struct execution_created *x = k->record;

        if (k->kind == RECORD_EXECUTION_CREATED && below(4) == 0)
            world_report(w, x->execution_id, x->task_key, says[below(3)]);
    }
}

static void let_time_pass(struct world *w)
{
    static const long jumps[] = {0, 1, 1, 2, 3, 10, 70, 700, -3};
    usec_t most = SECONDS(SECONDS_MAX - 1000);

    w->now += jumps[below(ARRAY_LEN(jumps))] * USEC_PER_SEC + below(USEC_PER_SEC);
    w->now = w->now > most ? most : w->now;
    w->broker_ahead = below(4) == 0 ? (below(5) - 2) * USEC_PER_SEC : 0;
    if (below(10) == 0)
        w->broker_ahead = -below(100) * USEC_PER_SEC; /* what is sent is read late */
}

/* A turn that may be cut short, thrown away or followed by a crash. */
static void decide_something(struct world *w)
{
    struct core_plan *plan;

    w->limit = below(3) == 0 ? (size_t)below(8) + 1 : 10000;
    w->may_fire = below(10) != 0;
    plan = world_plan(w);
    if (plan != NULL && below(6) == 0)
        core_discard(w->core, plan);
    else if (plan != NULL)
        world_commit(w, plan);
    if (below(8) == 0)
        world_crash(w);
}

static void live(struct world *w)
{
    w->now = SECONDS(1000);
    for (int i = 0; i < STEPS; i++) {
        const char *key = keys[below(TASKS)];

        switch (below(6)) {
        case 0:
            put_something(w, key);
            break;
        case 1:
            order_something(w, key);
            break;
        case 2:
            report_something(w);
            break;
        default:
            let_time_pass(w);
        }
        decide_something(w);
    }
    w->limit = 10000;
    w->may_fire = true;
    w->broker_ahead = 0;
    w->now = SECONDS(SECONDS_MAX - 500);
    world_turn(w);
    for (int i = 0; i < TASKS; i++)
        world_order(w, keys[i], COMMAND_DELETE_TASK);
    world_turn(w);
}

/* --- the model --- */

struct cell {
    uint8_t wanted, answered;
};

struct model {
    const char *key;
    struct cell *cells; /* by second since EPOCH */
    long wanted;
};

static bool is_of(const struct model *m, struct uuid task)
{
    return uuid_equal(task, task_of(m->key));
}

static bool hits(const struct schedule_spec *schedule, long second)
{
    for (size_t i = 0; i < ARRAY_LEN(periods); i++)
        if (strcmp(periods[i].text, schedule->expression) == 0)
            return periods[i].once > 0 ? second == periods[i].once
                                       : second % periods[i].seconds == 0;
    fail_msg("no period %s", schedule->expression);
    return false;
}

/* Whole seconds in (from, to] that the revision's schedules hit. */
static void want_between(struct model *m, const struct task_revision *r, usec_t to)
{
    for (long s = SINCE(r->effective_at) + 1; s <= SINCE(to); s++)
        for (size_t i = 0; i < r->spec.schedule_count; i++)
            if (hits(&r->spec.schedules[i], s) && m->cells[s].wanted == 0) {
                m->cells[s].wanted = 1;
                m->wanted++;
            }
}

static void read_revisions(struct model *m, const struct world *w)
{
    const struct task_revision *last = NULL;

    for (size_t i = 0; i < w->count; i++) {
        const struct task_revision *r = w->log[i].record;

        if (w->log[i].kind != RECORD_TASK_REVISION || !is_of(m, r->task_id))
            continue;
        assert_int_equal(r->revision, last == NULL ? 1 : last->revision + 1);
        if (last != NULL) {
            assert_true(r->effective_at >= last->effective_at);
            if (last->state != TASK_DELETED)
                want_between(m, last, r->effective_at);
        }
        last = r;
    }
    if (last != NULL)
        assert_int_equal(last->state, TASK_DELETED);
}

static void answer(struct model *m, usec_t at)
{
    assert_int_equal((at - EPOCH) % USEC_PER_SEC, 0);
    m->cells[SINCE(at)].answered++;
}

static void read_gap(struct model *m, const struct schedule_gap *g)
{
    long inside = 0;

    for (long s = SINCE(g->from) + 1; s <= SINCE(g->to); s++) {
        inside += m->cells[s].wanted;
        m->cells[s].answered += m->cells[s].wanted;
    }
    if (g->more)
        assert_true(inside > 10000);
    else
        assert_int_equal(g->count, inside);
}

static void read_answers(struct model *m, const struct world *w)
{
    for (size_t i = 0; i < w->count; i++) {
        const struct kept *k = &w->log[i];
        const struct execution_created *x = k->record;
        const struct execution_status *s = k->record;

        if (k->kind == RECORD_SCHEDULE_GAP &&
            is_of(m, ((const struct schedule_gap *)k->record)->task_id))
            read_gap(m, k->record);
        if (k->kind == RECORD_EXECUTION_CREATED && is_of(m, x->task_id) &&
            x->trigger != TRIGGER_MANUAL)
            answer(m, x->scheduled_at);
        if (k->kind == RECORD_EXECUTION_STATUS && is_of(m, s->task_id) && s->scheduled_at > 0)
            answer(m, s->scheduled_at);
    }
}

static void accounts_once(struct model *m, int seed)
{
    for (long s = 0; s < SECONDS_MAX; s++)
        if (m->cells[s].wanted != m->cells[s].answered)
            fail_msg("seed %d, task %s at %ld: wanted %d, answered %d", seed, m->key, s,
                     m->cells[s].wanted, m->cells[s].answered);
}

/* In the order of the log: nothing early, nothing while paused or deleted, everything by the newest revision. */
static void keeps_the_order(const struct model *m, const struct world *w)
{
    const struct task_revision *now = NULL;
    usec_t latest = 0;

    for (size_t i = 0; i < w->count; i++) {
        const struct kept *k = &w->log[i];
        const struct execution_created *x = k->record;

        latest = MAX(latest, k->at);
        if (k->kind == RECORD_TASK_REVISION &&
            is_of(m, ((const struct task_revision *)k->record)->task_id))
            now = k->record;
        if (k->kind != RECORD_EXECUTION_CREATED || !is_of(m, x->task_id))
            continue;
        assert_int_equal(x->revision, now->revision);
        if (x->trigger == TRIGGER_MANUAL)
            continue;
        assert_true(x->due_at <= latest);
        assert_int_equal(now->state, TASK_ACTIVE);
        assert_true(x->trigger == TRIGGER_CATCH_UP || x->due_at > now->effective_at);
    }
}

/* --- what holds for all tasks together --- */

static size_t distinct_commands(const struct world *w)
{
    struct map seen = {0};
    size_t count;
    char id[UUID_TEXT];

    for (size_t i = 0; i < w->command_count; i++) {
        const struct command *c = w->commands[i].record;

        map_put(&seen, uuid_named(c->task_id, uuid_to_text(c->command_id, id)), &seen);
    }
    count = seen.count;
    map_clear(&seen);
    return count;
}

/* Repeated ids are few, and repeated to one task or another: one outcome for each pair. */
static void each_command_has_one_outcome(const struct world *w)
{
    struct map seen = {0};
    size_t outcomes = 0;
    char id[UUID_TEXT];

    for (size_t i = 0; i < w->count; i++) {
        const struct command_outcome *o = w->log[i].record;
        struct uuid pair;

        if (w->log[i].kind != RECORD_COMMAND_OUTCOME)
            continue;
        pair = uuid_named(o->task_id, uuid_to_text(o->command_id, id));
        assert_null(map_find(&seen, pair));
        map_put(&seen, pair, &seen);
        outcomes++;
    }
    assert_true(outcomes == distinct_commands(w));
    map_clear(&seen);
}

static void watermark_never_goes_back(const struct world *w)
{
    struct watermark last = {0};

    for (size_t i = 0; i < w->count; i++) {
        const struct watermark *m = w->log[i].record;

        if (w->log[i].kind != RECORD_WATERMARK)
            continue;
        assert_true(m->due > last.due ||
                    (m->due == last.due && uuid_order(m->task_id, last.task_id) >= 0));
        assert_true(m->commands_next >= last.commands_next && m->status_next >= last.status_next);
        last = *m;
    }
}

/*
 * Overlap: a fold of its own. Within a plan commands come before statuses, and instants after them: what
 * fires must find room counted with the plan's statuses, what is skipped must have found none without them.
 */
struct life {
    bool is_running, is_done;
};

struct slots {
    struct map lives;
    struct life *list;
    size_t count;
    long with, without; /* unfinished, with and without the statuses of the plan at hand */
    int64_t heard;
    const struct task_revision *revision;
};

static void hear_status(struct slots *s, const struct execution_status *x)
{
    struct life *life = map_find(&s->lives, x->execution_id);
    bool ends = x->worker != NULL ? x->status == STATUS_SUCCEEDED || x->status == STATUS_FAILED
                : life != NULL && life->is_running ? x->status == STATUS_TIMED_OUT
                                                   : x->status == STATUS_MISSED;

    if (life == NULL || life->is_done)
        return;
    life->is_running |= x->status == STATUS_RUNNING;
    life->is_done = ends;
    s->with -= ends;
}

static void make_life(struct slots *s, const struct execution_created *x)
{
    struct life *life = &s->list[s->count++];

    if (s->revision->spec.overlap == OVERLAP_SKIP)
        assert_true(s->with < MAX(s->revision->spec.max_concurrency, 1));
    if (x->start_by == 0 && x->run_timeout_ms == 0)
        return; /* allowed to overlap and without deadlines: nobody remembers it */
    map_put(&s->lives, x->execution_id, life);
    s->with++;
    s->without++;
}

static void follow(struct slots *s, const struct model *m, const struct world *w,
                   const struct kept *k)
{
    const struct execution_status *x = k->record;

    if (k->kind == RECORD_WATERMARK)
        for (s->without = s->with; s->heard < ((const struct watermark *)k->record)->status_next;)
            hear_status(s, w->statuses[s->heard++].record);
    if (k->kind == RECORD_TASK_REVISION &&
        is_of(m, ((const struct task_revision *)k->record)->task_id))
        s->revision = k->record;
    if (k->kind == RECORD_EXECUTION_CREATED &&
        is_of(m, ((const struct execution_created *)k->record)->task_id))
        make_life(s, k->record);
    if (k->kind == RECORD_EXECUTION_STATUS && is_of(m, x->task_id) && x->reason == REASON_OVERLAP)
        assert_true(s->without >= MAX(s->revision->spec.max_concurrency, 1));
}

static void keeps_the_overlap_rule(const struct model *m, const struct world *w)
{
    struct slots s = {.list = xcalloc(w->count, sizeof *s.list)};

    for (size_t i = 0; i < w->count; i++)
        follow(&s, m, w, &w->log[i]);
    map_clear(&s.lives);
    free(s.list);
}

static void judge(const struct world *w, int seed)
{
    long wanted = 0;

    for (int i = 0; i < TASKS; i++) {
        struct model m = {.key = keys[i], .cells = xcalloc(SECONDS_MAX, sizeof *m.cells)};

        read_revisions(&m, w);
        read_answers(&m, w);
        accounts_once(&m, seed);
        keeps_the_order(&m, w);
        keeps_the_overlap_rule(&m, w);
        wanted += m.wanted;
        free(m.cells);
    }
    each_command_has_one_outcome(w);
    watermark_never_goes_back(w);
    print_message(
        "seed %d: %ld instants, %zu commands, %ld turns, %ld cut, fired %ld, skipped %ld, missed %ld, gaps %ld, "
        "deadlines %ld\n",
        seed, wanted, w->command_count, w->turns, w->cut, w->counts.fired, w->counts.skipped,
        w->counts.missed, w->counts.gaps, w->counts.deadlines);
    assert_true(wanted > 1000);
}

static void accounts_for_every_instant_once_whatever_happens(void **state UNUSED)
{
    const char *chosen = getenv("COBS_SEED");

    for (int seed = 1; seed <= SEEDS; seed++) {
        struct world *w = world_new();

        srandom((unsigned)(chosen == NULL ? seed : (int)strtol(chosen, NULL, 10)));
        live(w);
        judge(w, seed);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_for_every_instant_once_whatever_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
