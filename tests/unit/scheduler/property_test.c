/*
 * property_test.c - random lives, judged by a naive model: an array with one cell a second and task.
 *
 * The model shares no rule with the core: it takes the revisions from the log, walks the multiples of each
 * period between one revision and the next, leaves out what calendar and window close, delays the rest by its own
 * jitter, and wants each of them once: fired, skipped, missed or in a gap.
 */
#include "random_life.h"

enum { STEPS = 1500, SEEDS = 6 };
enum { SHORT_STEPS = 400, SHORT_SEEDS = 4 };

struct cell {
    uint8_t wanted, answered;
};

struct model {
    const char *key;
    struct cell *cells; /* by second since EPOCH */
    long wanted;
    const struct task_spec **specs; /* by revision */
    long floor; /* the last second that is decided, as far as the revisions tell */
};

static bool is_of(const struct model *m, struct uuid task)
{
    return uuid_equal(task, task_of(m->key));
}

static bool hits(const struct schedule_spec *schedule, long second)
{
    for (size_t i = 0; i < PERIODS; i++)
        if (strcmp(life_periods[i].text, schedule->expression) == 0)
            return life_periods[i].once > 0 ? second == life_periods[i].once
                                            : second % life_periods[i].seconds == 0;
    fail_msg("no period %s", schedule->expression);
    return false;
}

static bool is_instant(const struct task_spec *spec, const struct closing *c, long second)
{
    long day = second / 86400, of_day = second % 86400;

    if (of_day < c->from || of_day >= c->to || (c->days && day != 1 && day != 3))
        return false;
    for (size_t i = 0; i < spec->schedule_count; i++)
        if (hits(&spec->schedules[i], second))
            return true;
    return false;
}

static uint64_t fnv(const uint8_t *bytes, size_t len, uint64_t hash)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static usec_t jittered(const struct model *m, const struct task_spec *spec, const struct closing *c,
                       long second)
{
    usec_t span = spec->jitter_ms * USEC_PER_MS;
    struct uuid task = task_of(m->key);
    uint64_t hash = fnv(task.b, sizeof task.b, UINT64_C(0xcbf29ce484222325));
    uint8_t at[8];

    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)((uint64_t)SECONDS(second) >> (56 - 8 * i));
    for (long s = 1; s * USEC_PER_SEC < span; s++)
        if (is_instant(spec, c, second + s))
            span = s * USEC_PER_SEC;
    if (span == 0)
        return SECONDS(second);
    return SECONDS(second) + (usec_t)(fnv(at, sizeof at, hash) % (uint64_t)span);
}

static void want(struct model *m, long second)
{
    m->wanted += m->cells[second].wanted == 0;
    m->cells[second].wanted = 1;
}

/* What the revision was to do until the next one: each instant due in its time, or, paused, scheduled until its end. */
static void want_of(struct model *m, const struct task_revision *r,
                    const struct task_revision *next)
{
    const struct closing *c = closing_of(&r->spec);
    bool is_edit = next->state == TASK_ACTIVE;

    for (long s = m->floor + 1; s <= SINCE(next->effective_at); s++) {
        usec_t due;

        if (!is_instant(&r->spec, c, s))
            continue;
        due = jittered(m, &r->spec, c, s);
        if (r->state == TASK_PAUSED || (due > r->effective_at && due <= next->effective_at)) {
            want(m, s);
            m->floor = s;
        } else if (due > next->effective_at && is_edit) {
            /* the next one's, or nobody's: a gap of the edit */
            const struct closing *c2 = closing_of(&next->spec);

            if (!is_instant(&next->spec, c2, s) ||
                jittered(m, &next->spec, c2, s) <= next->effective_at)
                want(m, s);
        }
    }
}

static long before_pending(const struct model *m, const struct task_revision *r)
{
    const struct closing *c = closing_of(&r->spec);

    for (long s = m->floor + 1; s <= SINCE(r->effective_at); s++)
        if (is_instant(&r->spec, c, s) && jittered(m, &r->spec, c, s) > r->effective_at)
            return s - 1;
    return SINCE(r->effective_at);
}

/*
 * Where the next revision begins. A pause goes on where the task was; an edit of an active task takes over the one
 * instant that is scheduled before and due after it; all else starts anew.
 */
static void move_floor(struct model *m, const struct task_revision *last,
                       const struct task_revision *r)
{
    bool same_spec = last != NULL && r->spec.jitter_ms == last->spec.jitter_ms &&
                     record_equal(&task_spec_type, &r->spec, &last->spec);

    if (last != NULL && last->state == TASK_ACTIVE && r->state == TASK_PAUSED)
        return;
    if (last != NULL && last->state == TASK_PAUSED && r->state == TASK_PAUSED && same_spec)
        return;
    m->floor = last != NULL && last->state == TASK_ACTIVE && r->state == TASK_ACTIVE
                   ? before_pending(m, r)
                   : SINCE(r->effective_at);
}

static void read_revisions(struct model *m, const struct world *w)
{
    const struct task_revision *last = NULL;

    for (size_t i = 0; i < w->count; i++) {
        const struct task_revision *r = w->log[i].record;

        if (w->log[i].kind != RECORD_TASK_REVISION || !is_of(m, r->task_id))
            continue;
        assert_int_equal(r->revision, last == NULL ? 1 : last->revision + 1);
        m->specs[r->revision] = &r->spec;
        if (last != NULL) {
            assert_true(r->effective_at >= last->effective_at);
            if (last->state != TASK_DELETED)
                want_of(m, last, r);
        }
        move_floor(m, last, r);
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

/* A gap counts the instants of its own revision. */
static void read_gap(struct model *m, const struct schedule_gap *g)
{
    const struct task_spec *spec = m->specs[g->revision];
    const struct closing *c = closing_of(spec);
    long inside = 0;

    for (long s = SINCE(g->from) + 1; s <= SINCE(g->to); s++)
        if (m->cells[s].wanted > 0 && is_instant(spec, c, s)) {
            inside++;
            m->cells[s].answered++;
        }
    if (g->more)
        assert_true(inside > 10000);
    else if (g->count != inside)
        fail_msg("task %s: %s(%ld,%ld] says %d, holds %ld", m->key,
                 enum_name(&reason_enum, (int)g->reason), SINCE(g->from), SINCE(g->to),
                 (int)g->count, inside);
}

/* Made by the schedule, on time or late, and by no command. */
static bool is_of_schedule(enum trigger trigger)
{
    return trigger == TRIGGER_SCHEDULED || trigger == TRIGGER_CATCH_UP;
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
            is_of_schedule(x->trigger) && x->attempt == 1 && !x->waited)
            answer(m, x->scheduled_at);
        if (k->kind == RECORD_EXECUTION_STATUS && is_of(m, s->task_id) && s->scheduled_at > 0 &&
            is_of_schedule(s->trigger))
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
        if (x->attempt > 1 || x->waited)
            continue; /* as it was made: follow() looks at it */
        assert_int_equal(x->revision, now->revision);
        if (!is_of_schedule(x->trigger))
            continue;
        assert_true(x->due_at <= latest);
        assert_true(x->due_at ==
                    jittered(m, &now->spec, closing_of(&now->spec), SINCE(x->scheduled_at)));
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

/* As many instants of a task are skipped as somebody asked for, or fewer: one that is to be skipped may pass in a pause. */
static void skips_no_more_than_was_asked_for(const struct world *w, struct uuid task, int seed)
{
    long asked = 0, skipped = 0;

    for (size_t i = 0; i < w->count; i++) {
        const struct kept *k = &w->log[i];
        const struct command_outcome *o = k->record;
        const struct execution_status *s = k->record;

        if (k->kind == RECORD_COMMAND_OUTCOME && uuid_equal(o->task_id, task) &&
            o->message != NULL && strstr(o->message, " is skipped") != NULL)
            asked++;
        if (k->kind == RECORD_EXECUTION_STATUS && uuid_equal(s->task_id, task) &&
            s->reason == REASON_SKIP_NEXT)
            skipped++;
    }
    if (skipped > asked)
        fail_msg("seed %d: %ld are skipped, asked for were %ld", seed, skipped, asked);
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
 * Overlap and attempts: a fold of its own. Within a plan commands come before statuses, and instants after them: what
 * fires must find room counted with the plan's statuses, what is skipped must have found none without them.
 */
struct life {
    struct execution_created made; /* as it was sent first */
    int32_t attempt, sent;
    bool is_running, is_cancelling, is_done;
    usec_t next; /* when the next attempt begins: it has failed, or waits */
    bool has_failed;
};

struct slots {
    struct map lives, waiting;
    struct life *list;
    size_t count;
    long with, without; /* unfinished, with and without the statuses of the plan at hand */
    long backfills;     /* of `with` */
    size_t waited;      /* without them */
    int64_t heard;
    const struct task_revision *revision;
    usec_t latest;
};

static usec_t delay(const struct life *life)
{
    const struct retry_spec *r = life->made.retry;
    uint8_t key[20];
    usec_t ms = r->first_delay_ms;

    memcpy(key, life->made.execution_id.b, 16);
    for (int i = 0; i < 4; i++)
        key[16 + i] = (uint8_t)((unsigned)(life->attempt + 1) >> (24 - 8 * i));
    return ms * 1000 + (r->jitter_ms == 0 ? 0
                                          : (usec_t)(fnv(key, 20, UINT64_C(0xcbf29ce484222325)) %
                                                     (uint64_t)(r->jitter_ms * 1000)));
}

static void end(struct slots *s, struct life *life)
{
    life->is_done = true;
    s->with--;
    s->backfills -= life->made.trigger == TRIGGER_BACKFILL;
}

static void fails(struct slots *s, struct life *life, usec_t at, enum reason reason)
{
    usec_t next = life->attempt < life->made.max_attempts ? at + delay(life) : 0;

    if (next == 0 || life->is_cancelling || reason == REASON_FINISH_BY ||
        (life->made.finish_by > 0 && next > life->made.finish_by)) {
        end(s, life);
        return;
    }
    life->has_failed = true;
    life->next = next;
}

static void hear_worker(struct slots *s, struct life *life, const struct execution_status *x,
                        usec_t at)
{
    life->is_running |= x->status == STATUS_RUNNING;
    if (x->status == STATUS_SUCCEEDED)
        end(s, life);
    if (x->status == STATUS_FAILED)
        fails(s, life, at, x->reason);
}

static void hear_scheduler(struct slots *s, struct life *life, const struct execution_status *x,
                           usec_t at)
{
    life->is_cancelling |= life->is_running && x->status == STATUS_CANCELLING;
    if (life->is_running && x->status == STATUS_TIMED_OUT)
        fails(s, life, at, x->reason);
    else if (life->is_cancelling && x->status == STATUS_CANCELLED)
        end(s, life);
    else if (!life->is_running && (x->status == STATUS_MISSED || x->status == STATUS_CANCELLED))
        end(s, life);
}

static void hear_status(struct slots *s, const struct execution_status *x, usec_t at)
{
    struct life *life = map_find(&s->lives, x->execution_id);

    if (x->status == STATUS_MISSED || x->status == STATUS_CANCELLED)
        (void)map_remove(&s->waiting, x->execution_id);
    if (life == NULL || life->is_done)
        return;
    if (life->has_failed) {
        if (x->status == STATUS_RETRYING && x->attempt == life->attempt + 1) {
            assert_true(x->next_attempt_at == life->next);
            life->attempt++;
            life->has_failed = life->is_running = false;
        }
    } else if (x->attempt == life->attempt) {
        (x->worker != NULL ? hear_worker : hear_scheduler)(s, life, x, at);
    }
}

/* A further attempt: opened, at its time, once, and the same as the first. */
static void send_again(struct slots *s, const struct execution_created *x, usec_t at)
{
    struct life *life = map_find(&s->lives, x->execution_id);

    assert_non_null(life);
    assert_false(life->is_done);
    assert_int_equal(x->attempt, life->attempt);
    assert_int_equal(x->attempt, life->sent + 1);
    assert_true(at >= life->next || life->is_running);
    assert_true(x->finish_by == 0 || at < x->finish_by);
    assert_int_equal(x->revision, life->made.revision);
    assert_int_equal(x->status_from, life->made.status_from);
    life->sent++;
}

/* Somebody has asked for it beside all others. */
static bool is_beside_others(const struct world *w, const struct execution_created *x)
{
    for (size_t i = 0; x->trigger == TRIGGER_MANUAL && i < w->command_count; i++) {
        const struct command *c = w->commands[i].record;

        if (c->kind == COMMAND_TRIGGER_TASK && c->body.trigger_task.ignore_overlap &&
            uuid_equal(c->task_id, x->task_id) && w->command_times[i] == x->scheduled_at)
            return true;
    }
    return false;
}

/* Of those that count for it: what cancels others leaves a backfill alone, and is left alone by it. */
static long counted(const struct slots *s, const struct execution_created *x)
{
    if (s->revision->spec.overlap != OVERLAP_CANCEL_OTHER)
        return s->with;
    return x->trigger == TRIGGER_BACKFILL ? s->backfills : s->with - s->backfills;
}

static void make_life(struct slots *s, const struct world *w, const struct execution_created *x,
                      usec_t at)
{
    struct life *life = &s->list[s->count++];

    if (x->attempt > 1) {
        send_again(s, x, at);
        return;
    }
    (void)map_remove(&s->waiting, x->execution_id);
    if (s->revision->spec.overlap != OVERLAP_ALLOW && !is_beside_others(w, x))
        assert_true(counted(s, x) < MAX(s->revision->spec.max_concurrency, 1));
    if (x->start_by == 0 && x->run_timeout_ms == 0 && x->finish_by == 0 && x->max_attempts == 1 &&
        s->revision->spec.pause_after_failures == 0 && !x->waited)
        return; /* allowed to overlap, without deadlines, counted by nobody: nobody remembers it */
    *life = (struct life){.made = *x, .attempt = 1, .sent = 1};
    map_put(&s->lives, x->execution_id, life);
    s->with++;
    s->backfills += x->trigger == TRIGGER_BACKFILL;
    s->without++;
}

static void hear_next(struct slots *s, const struct world *w)
{
    hear_status(s, w->statuses[s->heard].record, w->status_times[s->heard]);
    s->heard++;
}

static void follow(struct slots *s, const struct model *m, const struct world *w,
                   const struct kept *k)
{
    const struct execution_status *x = k->record;

    s->latest = MAX(s->latest, k->at);
    if (k->kind == RECORD_WATERMARK)
        s->waited = s->waiting.count;
    if (k->kind == RECORD_WATERMARK)
        for (s->without = s->with; s->heard < ((const struct watermark *)k->record)->status_next;)
            hear_next(s, w);
    if (k->kind == RECORD_TASK_REVISION &&
        is_of(m, ((const struct task_revision *)k->record)->task_id))
        s->revision = k->record;
    if (k->kind == RECORD_EXECUTION_CREATED &&
        is_of(m, ((const struct execution_created *)k->record)->task_id))
        make_life(s, w, k->record, MAX(k->at, s->latest));
    if (k->kind == RECORD_EXECUTION_STATUS && is_of(m, x->task_id) && x->status == STATUS_WAITING)
        map_put(&s->waiting, x->execution_id, s);
    if (k->kind == RECORD_EXECUTION_STATUS && is_of(m, x->task_id) && x->status == STATUS_SKIPPED &&
        x->reason == REASON_OVERLAP)
        assert_true(s->waiting.count > 0 || s->waited > 0 ||
                    s->without >= MAX(s->revision->spec.max_concurrency, 1));
}

static void keeps_the_overlap_rule(const struct model *m, const struct world *w)
{
    struct slots s = {.list = xcalloc(w->count, sizeof *s.list)};

    for (size_t i = 0; i < w->count; i++)
        follow(&s, m, w, &w->log[i]);
    map_clear(&s.lives);
    map_clear(&s.waiting);
    free(s.list);
}

static void judge(const struct world *w, int seed)
{
    long wanted = 0;

    for (int i = 0; i < TASKS; i++) {
        struct model m = {.key = life_keys[i],
                          .cells = xcalloc(SECONDS_MAX, sizeof *m.cells),
                          .specs = xcalloc(w->count + 1, sizeof *m.specs)};

        read_revisions(&m, w);
        read_answers(&m, w);
        accounts_once(&m, seed);
        keeps_the_order(&m, w);
        keeps_the_overlap_rule(&m, w);
        skips_no_more_than_was_asked_for(w, task_of(m.key), seed);
        wanted += m.wanted;
        free(m.specs);
        free(m.cells);
    }
    each_command_has_one_outcome(w);
    watermark_never_goes_back(w);
    print_message(
        "seed %d: %ld instants, %zu commands, %ld turns, %ld cut, fired %ld, skipped %ld, missed %ld, gaps %ld, "
        "deadlines %ld\n",
        seed, wanted, w->command_count, w->turns, w->cut, w->counts.fired, w->counts.skipped,
        w->counts.missed, w->counts.gaps, w->counts.deadlines);
    assert_true(wanted > 500);
}

static void live_and_judge(int seeds, int steps, long crash_each)
{
    const char *chosen = getenv("COBS_SEED");

    for (int seed = 1; seed <= seeds; seed++) {
        struct world *w = world_new();

        srandom((unsigned)(chosen == NULL ? seed : (int)strtol(chosen, NULL, 10)));
        life_lead(w, steps, crash_each);
        judge(w, seed);
        world_free(w);
    }
}

static void accounts_for_every_instant_once_whatever_happens(void **state UNUSED)
{
    live_and_judge(SEEDS, STEPS, 8);
}

static void accounts_for_every_instant_once_though_it_crashes_after_every_step(void **state UNUSED)
{
    live_and_judge(SHORT_SEEDS, SHORT_STEPS, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accounts_for_every_instant_once_whatever_happens),
        cmocka_unit_test(accounts_for_every_instant_once_though_it_crashes_after_every_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
