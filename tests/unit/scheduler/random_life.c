#include "random_life.h"

#include "scheduler/open.h"

const char *const life_keys[TASKS] = {"a", "b", "c", "d", "e", "f"};
const struct period life_periods[PERIODS] = {
    {"@every 1s", 1, 0},
    {"@every 2s", 2, 0},
    {"@every 5s", 5, 0},
    {"@every 10s", 10, 0},
    {"@every 1m", 60, 0},
    {"@every 1h", 3600, 0},
    {"@at 2026-01-01T05:33:20Z", 0, 20000},
    {"@at 2026-01-01T13:53:20Z", 0, 50000},
};

static struct calendar_rule nights[] = {{"hours", "22:00-06:00"}},
                            noon[] = {{"hours", "12:00-12:01"}},
                            some_days[] = {{"date", "2026-01-02"}, {"yearly", "01-04"}};
static struct closing closings[] = {
    {.to = 86400},
    {.to = 86400},
    {.calendar = {"", CALENDAR_EXCLUDE, nights, 1}, .from = 6 * 3600, .to = 22 * 3600},
    {.calendar = {"", CALENDAR_ONLY, noon, 1}, .from = 43200, .to = 43260},
    {.calendar = {"", CALENDAR_ONLY, some_days, 2}, .to = 86400, .days = true},
    {.window = {.daily_from = "00:20", .daily_to = "01:10"}, .from = 1200, .to = 4200},
};

const struct closing *closing_of(const struct task_spec *spec)
{
    for (size_t i = 0; i < ARRAY_LEN(closings); i++) {
        const struct closing *c = &closings[i];
        bool same_window = (spec->window != NULL) == (c->window.daily_from != NULL);
        const struct calendar_rule *rule = c->calendar.rules;

        if (same_window && (spec->calendar_count > 0) == (rule != NULL) &&
            (rule == NULL || strcmp(spec->calendars[0].rules[0].value, rule->value) == 0))
            return c;
    }
    fail_msg("no closing");
    return NULL;
}

static long below(long n)
{
    return random() % n;
}

static void close_some(struct task_spec *spec)
{
    struct closing *c = &closings[below(ARRAY_LEN(closings))];

    if (c->calendar.rules != NULL) {
        spec->calendars = &c->calendar;
        spec->calendar_count = 1;
    }
    if (c->window.daily_from != NULL)
        spec->window = &c->window;
}

static void put_something(struct world *w, const char *key)
{
    static const int64_t jitters[] = {0, 0, 700, 3000, 20000, 5000000};
    struct task_spec spec = spec_of(key, life_periods[below(PERIODS)].text);
    struct schedule_spec both[2] = {
        spec.schedules[0], {.expression = life_periods[below(PERIODS)].text, .zone = "UTC"}};

    if (below(4) == 0) {
        spec.schedules = both;
        spec.schedule_count = 2;
    }
    spec.overlap = below(2) == 0 ? OVERLAP_ALLOW : (enum overlap_policy)below(OVERLAP_COUNT);
    spec.max_concurrency = (int32_t)below(3);
    spec.misfire = (struct misfire_spec){.policy = (enum misfire_policy)below(MISFIRE_COUNT),
                                         .after_ms = below(2) * 5000,
                                         .window_ms = below(2) * 30000,
                                         .limit = (int32_t)below(5)};
    spec.run_timeout_ms = below(2) * 40000;
    spec.start_deadline_ms = below(2) * 30000;
    if (below(2) == 0)
        spec.retry = (struct retry_spec){.max_attempts = (int32_t)below(3) + 2,
                                         .first_delay_ms = 1 + below(20000),
                                         .max_delay_ms = 20000,
                                         .jitter_ms = below(2) * 3000,
                                         .multiplier = 1};
    spec.pause_after_failures = below(3) == 0 ? (int32_t)below(4) + 1 : 0;
    spec.finish_by_ms = below(3) == 0 ? 31000 + below(20000) : 0;
    spec.jitter_ms = jitters[below(ARRAY_LEN(jitters))];
    close_some(&spec);
    world_put(w, spec);
}

/* One of the last records that tell of an execution: sent, born waiting or skipped, over or not; nil: there is none. */
static struct uuid some_execution(const struct world *w, struct uuid *task)
{
    for (size_t i = w->count; i > 0 && w->count - i < 300; i--) {
        const struct kept *k = &w->log[i - 1];
        const struct execution_created *x = k->record;
        const struct execution_status *s = k->record;

        if (below(8) != 0)
            continue;
        if (k->kind == RECORD_EXECUTION_CREATED) {
            *task = x->task_id;
            return x->execution_id;
        }
        if (k->kind == RECORD_EXECUTION_STATUS) {
            *task = s->task_id;
            return s->execution_id;
        }
    }
    return UUID_NIL;
}

static void fill_in(struct world *w, struct command *c)
{
    switch (c->kind) {
    case COMMAND_PAUSE_TASK:
        if (below(2) == 0)
            c->body.pause_task.until = w->now + (below(100) - 20) * USEC_PER_SEC;
        break;
    case COMMAND_RESUME_TASK:
        c->body.resume_task.gap = (enum resume_gap)below(RESUME_COUNT);
        break;
    case COMMAND_TRIGGER_TASK:
        c->body.trigger_task.ignore_overlap = below(4) == 0;
        break;
    case COMMAND_BACKFILL:
        c->body.backfill.to = w->now - below(20) * USEC_PER_SEC;
        c->body.backfill.from = c->body.backfill.to - below(40) * USEC_PER_SEC;
        break;
    case COMMAND_CANCEL_EXECUTION:
        c->body.cancel_execution.execution_id = some_execution(w, &c->task_id);
        break;
    case COMMAND_RETRY_EXECUTION:
        c->body.retry_execution.execution_id = some_execution(w, &c->task_id);
        c->body.retry_execution.scheduled_at =
            execution_id_ms(c->body.retry_execution.execution_id) * USEC_PER_MS;
        break;
    default:
        break;
    }
}

static void order_something(struct world *w, const char *key)
{
    static const enum command_kind kinds[] = {
        COMMAND_DELETE_TASK,      COMMAND_PAUSE_TASK,      COMMAND_RESUME_TASK,
        COMMAND_RESUME_TASK,      COMMAND_TRIGGER_TASK,    COMMAND_BACKFILL,
        COMMAND_CANCEL_EXECUTION, COMMAND_RETRY_EXECUTION, COMMAND_SKIP_NEXT};
    struct command c = {
        .task_id = task_of(key), .actor = "test", .kind = kinds[below(ARRAY_LEN(kinds))]};

    fill_in(w, &c);
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
            world_report_on(w, x->execution_id, x->task_key, x->attempt, says[below(3)]);
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
static void decide_something(struct world *w, long crash_each)
{
    struct core_plan *plan;

    w->limit = below(3) == 0 ? (size_t)below(8) + 1 : 10000;
    w->inputs = below(3) == 0 ? (size_t)below(4) + 1 : 10000;
    w->hurries = below(2) == 0;
    w->may_fire = below(10) != 0;
    plan = world_plan(w);
    if (plan != NULL && below(6) == 0)
        core_discard(w->core, plan);
    else if (plan != NULL)
        world_commit(w, plan);
    if (below(crash_each) == 0)
        world_crash(w);
}

/* Whoever has something to work on ends it; all else must come to its end by itself. */
static void end_all(struct world *w)
{
    for (int i = 0; i < 20 && core_open_count(w->core) > 0; i++) {
        struct open *o;

        for (size_t at = 0; (o = map_each(&w->core->opens, &at)) != NULL;) {
            const struct open_execution *e = open_seen(o);

            if (!e->unsent && !status_is_final(e->status))
                world_say(w, &(struct execution_status){
                                 .event_id = command_numbered(-2 - (int)w->status_count),
                                 .execution_id = e->execution_id,
                                 .task_id = e->task_id,
                                 .attempt = e->attempt,
                                 .status = below(2) == 0 ? STATUS_SUCCEEDED : STATUS_FAILED,
                                 .worker = &(const struct worker_ref){"worker", {{1}}}});
        }
        world_turn(w);
        w->now += 100 * USEC_PER_SEC;
        world_turn(w);
    }
    assert_int_equal(core_open_count(w->core), 0);
}

/* Now and then nothing that is reported, by workers or by itself, is read for some steps; then somebody else takes over. */
static void listen_or_not(struct world *w, int *deaf_for)
{
    if (*deaf_for > 0 && --*deaf_for == 0) {
        w->hears = true;
        world_crash(w);
    } else if (*deaf_for == 0 && below(15) == 0) {
        *deaf_for = (int)below(6) + 1;
        w->hears = false;
    }
}

void life_lead(struct world *w, int steps, long crash_each)
{
    int deaf_for = 0;

    w->now = SECONDS(1000);
    for (int i = 0; i < steps || deaf_for > 0; i++) {
        const char *key = life_keys[below(TASKS)];

        listen_or_not(w, &deaf_for);
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
        decide_something(w, crash_each);
    }
    w->limit = w->inputs = 10000;
    w->may_fire = true;
    w->broker_ahead = 0;
    w->now = SECONDS(SECONDS_MAX - 500);
    world_turn(w);
    for (int i = 0; i < TASKS; i++)
        world_order(w, life_keys[i], COMMAND_DELETE_TASK);
    world_turn(w);
    end_all(w);
}
