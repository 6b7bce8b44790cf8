/*
 * rezone_property_test.c - random lives in places whose clocks are put forward and back under a running scheduler.
 *
 * The model: each wall time of a fixed-time task, every three hours, is answered once: by one execution that names it, or by
 * one gap TZDATA of one instant. The clocks stand at UTC to UTC+2, so no two wall times ever share an instant.
 */
#include <stdio.h>

#include "unit/cron/zones.h"
#include "world.h"

enum { HOUR = 3600, EVERY = 3, DAYS = 60, TASKS = 3, SEEDS = 20, SLOTS = DAYS * 24 / EVERY + 2 };

static const char *const names[] = {"Test/A", "Test/B"};
static int offsets[2]; /* hours */

static long below(long n)
{
    return random() % n;
}

static void add_place(struct zoneset *zones, int place)
{
    char footer[32];
    const struct test_zone t = {names[place], offsets[place] * HOUR, {{0}}, footer};
    SCOPED_BUF bytes = {0};
    struct zone *z;

    (void)snprintf(footer, sizeof footer, "<+00>%d", -offsets[place]);
    add_tzif(&bytes, &t);
    assert_int_equal(zone_parse(t.name, buf_bytes(&bytes), &z, NULL), RC_OK);
    zoneset_add(zones, z);
    zone_unref(z);
}

static void set_clocks(struct world *w, int place, int hours)
{
    struct zoneset *zones = zoneset_new("");

    offsets[place] = hours;
    add_place(zones, 0);
    add_place(zones, 1);
    world_rezone(w, zones, names[place]);
}

static void put_tasks(struct world *w)
{
    static const char *const keys[TASKS] = {"a", "b", "c"};

    for (int i = 0; i < TASKS; i++) {
        struct task_spec spec = spec_of(keys[i], "0 0,3,6,9,12,15,18,21 * * *");

        spec.schedules[0].zone = names[i % 2];
        spec.misfire.after_ms = INT64_C(7200000); /* no turn is so late */
        spec.jitter_ms = i == 2 ? 60000 : 0;
        world_put(w, spec);
    }
    world_turn(w);
}

/* By task and by the wall time that was to be answered. */
struct answers {
    uint8_t executions[SLOTS], gaps[SLOTS];
};

static long slot_of(usec_t nominal)
{
    return SINCE(nominal) / (EVERY * HOUR);
}

static void read_log(struct world *w, size_t *from, struct answers *answers)
{
    for (; *from < w->count; (*from)++) {
        const struct execution_created *x = w->log[*from].record;
        const struct schedule_gap *g = w->log[*from].record;

        for (int i = 0; i < TASKS; i++) {
            const char key[2] = {(char)('a' + i), '\0'};

            if (w->log[*from].kind == RECORD_EXECUTION_CREATED &&
                uuid_equal(x->task_id, task_of(key)))
                answers[i].executions[slot_of(x->nominal_local)]++;
            if (w->log[*from].kind != RECORD_SCHEDULE_GAP || !uuid_equal(g->task_id, task_of(key)))
                continue;
            assert_int_equal(g->reason, REASON_TZDATA);
            assert_int_equal(g->count, 1);
            answers[i].gaps[slot_of(g->to + offsets[i % 2] * (HOUR * USEC_PER_SEC))]++;
        }
    }
}

static void live(struct world *w, struct answers *answers)
{
    size_t from = 0;

    for (int place = 0; place < 2; place++)
        set_clocks(w, place, (int)below(3));
    w->now = SECONDS(HOUR / 2);
    put_tasks(w);
    while (w->now < SECONDS((DAYS - 1) * 24 * HOUR)) {
        w->now += (below(50) + 1) * 60 * USEC_PER_SEC;
        world_turn(w);
        read_log(w, &from, answers);
        if (below(4) == 0) {
            set_clocks(w, (int)below(2), (int)below(3));
            if (below(3) == 0)
                core_discard(w->core, world_plan(w));
            world_turn(w);
            read_log(w, &from, answers);
        }
        if (below(5) == 0)
            world_crash(w);
    }
}

static void answers_each_wall_time_once_however_the_clocks_are_moved(void **state UNUSED)
{
    for (int seed = 1; seed <= SEEDS; seed++) {
        struct answers answers[TASKS] = {0};
        struct world *w = world_new();
        long gaps = 0;

        srandom((unsigned)seed);
        live(w, answers);
        for (int i = 0; i < TASKS; i++)
            for (long s = 2; s < (DAYS - 2) * 24 / EVERY; s++) {
                gaps += answers[i].gaps[s];
                if (answers[i].executions[s] + answers[i].gaps[s] != 1)
                    fail_msg("seed %d, task %d, wall hour %ld: %d executions, %d gaps", seed, i,
                             s * EVERY, answers[i].executions[s], answers[i].gaps[s]);
            }
        assert_true(gaps > 5);
        world_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_each_wall_time_once_however_the_clocks_are_moved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
