#include "random_life.h"

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
    spec.overlap = below(3) == 0 ? OVERLAP_SKIP : OVERLAP_ALLOW;
    spec.max_concurrency = (int32_t)below(3);
    spec.misfire = (struct misfire_spec){.policy = (enum misfire_policy)below(MISFIRE_COUNT),
                                         .after_ms = below(2) * 5000,
                                         .window_ms = below(2) * 30000,
                                         .limit = (int32_t)below(5)};
    spec.run_timeout_ms = below(2) * 40000;
    spec.start_deadline_ms = below(2) * 30000;
    spec.jitter_ms = jitters[below(ARRAY_LEN(jitters))];
    close_some(&spec);
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
static void decide_something(struct world *w, long crash_each)
{
    struct core_plan *plan;

    w->limit = below(3) == 0 ? (size_t)below(8) + 1 : 10000;
    w->may_fire = below(10) != 0;
    plan = world_plan(w);
    if (plan != NULL && below(6) == 0)
        core_discard(w->core, plan);
    else if (plan != NULL)
        world_commit(w, plan);
    if (below(crash_each) == 0)
        world_crash(w);
}

void life_lead(struct world *w, int steps, long crash_each)
{
    w->now = SECONDS(1000);
    for (int i = 0; i < steps; i++) {
        const char *key = life_keys[below(TASKS)];

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
    w->limit = 10000;
    w->may_fire = true;
    w->broker_ahead = 0;
    w->now = SECONDS(SECONDS_MAX - 500);
    world_turn(w);
    for (int i = 0; i < TASKS; i++)
        world_order(w, life_keys[i], COMMAND_DELETE_TASK);
    world_turn(w);
}
