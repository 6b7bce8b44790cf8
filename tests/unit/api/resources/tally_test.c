#include "api/resources/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/resources/timeline_of.h"
#include "base/rfc3339.h"

/* Tasks of every kind, several of each, against each one's timeline looked at alone. */
static const struct kind {
    const char *schedules, *calendars, *window;
    int64_t jitter_ms;
    bool is_own;
} kinds[] = {
    {"[{\"expression\":\"0 * * * *\"}]", NULL, NULL, 0, false},
    {"[{\"expression\":\"*/7 * * * *\",\"zone\":\"Europe/Berlin\"}]", NULL, NULL, 0, false},
    {"[{\"expression\":\"30 2 * * *\",\"zone\":\"Europe/Berlin\"},{\"expression\":\"0 3 * * *\",\"zone\":\"Europe/Berlin\"}]",
     NULL, NULL, 0, false},
    {"[{\"expression\":\"H H * * *\"}]", NULL, NULL, 0, true},
    {"[{\"expression\":\"0 0 ~ * *\"},{\"expression\":\"@daily\"}]", NULL, NULL, 0, true},
    {"[{\"expression\":\"0 * * * THU\",\"zone\":\"Pacific/Honolulu\"}]", NULL, NULL, 0, false},
    {"[{\"expression\":\"0 * * * *\"}]", NULL, NULL, 3000000, true},
    {"[{\"expression\":\"*/10 * * * *\"}]",
     "[{\"name\":\"c\",\"mode\":\"ONLY\",\"rules\":[{\"kind\":\"hours\",\"value\":\"08:00-18:00\"}]}]",
     "{\"daily_from\":\"12:00\",\"daily_to\":\"20:00\"}", 0, false},
    {"[{\"expression\":\"*/20 * * * * *\"}]", NULL, NULL, 0, false},
    {"[]", NULL, NULL, 0, false},
    {"[{\"expression\":\"of a newer version\"}]", NULL, NULL, 0, false},
};

enum { EACH = 4 };

static struct timing_row row_of(size_t kind, size_t n, char text[40])
{
    (void)snprintf(text, 40, "k%zu-%zu", kind, n);
    return (struct timing_row){.task_id = task_id_of("p", text),
                               .state = n == 3 ? TASK_PAUSED : TASK_ACTIVE,
                               .revision = 2,
                               .project = n == 2 ? "other" : "p",
                               .queue = n == 1 ? "slow" : "q",
                               .schedules = kinds[kind].schedules,
                               .calendars = kinds[kind].calendars,
                               .window = kinds[kind].window,
                               .jitter_ms = kinds[kind].jitter_ms};
}

static usec_t at(const char *text)
{
    usec_t ret;

    assert_int_equal(rfc3339_parse(text, &ret, NULL), RC_OK);
    return ret;
}

static bool is_meant(const struct tally_ask *ask, const struct timing_row *row)
{
    return row->state == TASK_ACTIVE &&
           (ask->project == NULL || text_equal(ask->project, row->project)) &&
           (ask->queue == NULL || text_equal(ask->queue, row->queue));
}

static void count_alone(const struct tally_ask *ask, const struct timing_row *row, const char *spec,
                        struct zoneset *zones, int64_t *minutes)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(timeline) struct timeline *t = NULL;
    struct occurrence o = {.at = ask->since - USEC_PER_DAY};

    if (!is_meant(ask, row) ||
        timeline_of_spec(spec, row->task_id, zones, memory, &t, NULL) != RC_OK)
        return;
    while (timeline_next(t, o.at, &o) == RC_OK && o.at < ask->to)
        if (o.due >= ask->since && o.due < ask->to)
            minutes[(o.due - ask->from) / USEC_PER_MIN]++;
}

static void compare(struct population *p, struct tally_ask ask, struct zoneset *zones)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(tally) struct tally *t = NULL;
    int64_t *expected = xcalloc((size_t)((ask.to - ask.from) / USEC_PER_MIN) + 1, sizeof *expected);
    int64_t all = 0;
    char key[40];

    ask.population = p;
    ask.memory = memory;
    t = tally_new(&ask);
    while (tally_step(t, zones))
        continue;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        for (size_t n = 0; n < EACH; n++) {
            struct timing_row row = row_of(i, n, key);
            SCOPED_BUF spec = {0};

            buf_printf(&spec, "{\"schedules\":%s,\"calendars\":%s,\"jitter_ms\":%d%s%s}",
                       row.schedules, row.calendars != NULL ? row.calendars : "[]",
                       (int)row.jitter_ms, row.window != NULL ? ",\"window\":" : "",
                       row.window != NULL ? row.window : "");
            count_alone(&ask, &row, buf_text(&spec), zones, expected);
        }
    for (size_t i = 0; i < tally_minutes(t)->count; i++) {
        if (tally_minutes(t)->items[i].firings != expected[i])
            fail_msg("minute %zu: %d, not %d", i, (int)tally_minutes(t)->items[i].firings,
                     (int)expected[i]);
        all += expected[i];
    }
    assert_int_equal(tally_sums(t).firings, all);
    assert_true(tally_sums(t).is_complete);
    free(expected);
}

static struct population *populate(struct zoneset *zones)
{
    struct population *p = population_new();
    char key[40];

    for (size_t n = 0; n < EACH; n++)
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
            struct timing_row row = row_of(i, n, key);

            population_add(p, &row, zones);
        }
    return p;
}

static void minutes_are_what_each_task_alone_has(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    struct population *p = populate(zones);
    static const struct {
        const char *from, *to, *since, *project, *queue;
    } days[] = {
        /* 24, 23, 25 hours; what is left of a day; some of the tasks */
        {"2027-06-15T00:00:00Z", "2027-06-16T00:00:00Z", "2027-06-15T00:00:00Z", NULL, NULL},
        {"2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z", "2027-03-27T23:00:00Z", NULL, NULL},
        {"2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z", "2027-10-30T22:00:00Z", NULL, NULL},
        {"2027-06-15T00:00:00Z", "2027-06-16T00:00:00Z", "2027-06-15T13:37:00Z", NULL, NULL},
        {"2027-06-15T00:00:00Z", "2027-06-16T00:00:00Z", "2027-06-15T00:00:00Z", "other", NULL},
        {"2027-06-15T00:00:00Z", "2027-06-16T00:00:00Z", "2027-06-15T00:00:00Z", "p", "slow"},
        {"2027-06-15T00:00:00Z", "2027-06-16T00:00:00Z", "2027-06-15T00:00:00Z", "nobody", NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(days); i++)
        compare(p,
                (struct tally_ask){.from = at(days[i].from),
                                   .to = at(days[i].to),
                                   .since = at(days[i].since),
                                   .project = days[i].project,
                                   .queue = days[i].queue},
                zones);
    population_release(p);
}

static void tasks_that_are_due_alike_are_one_timing(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    struct population *p = populate(zones);
    size_t paused = 0;

    assert_int_equal(p->timing_count, ARRAY_LEN(kinds));
    assert_int_equal(p->tasks, EACH * ARRAY_LEN(kinds));
    for (size_t i = 0; i < p->timing_count; i++) {
        const struct timing *t = p->timings[i];

        assert_int_equal(t->is_own, kinds[i].is_own);
        assert_int_equal(t->own_count, kinds[i].is_own ? 3 : 0);
        assert_int_equal(t->group_count, kinds[i].is_own ? 0 : 3);
    }
    for (size_t i = 0; i < p->paused_count; i++)
        paused += (size_t)p->paused[i].tasks;
    assert_int_equal(paused, ARRAY_LEN(kinds));
    population_release(p);
}

static void examples_are_tasks_that_fire_there(void **state UNUSED)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(tally) struct tally *t = NULL;
    struct population *p = populate(zones);
    const struct minute *m;

    t = tally_new(&(struct tally_ask){.population = p,
                                      .from = at("2027-06-15T00:00:00Z"),
                                      .to = at("2027-06-16T00:00:00Z"),
                                      .since = at("2027-06-15T00:00:00Z"),
                                      .memory = memory});
    while (tally_step(t, zones))
        continue;
    /* each third of a minute, of three tasks: nine, and the hourly ones */
    m = &tally_minutes(t)->items[17 * 60];
    assert_int_equal(m->top[0].firings, 9);
    assert_int_equal(m->top[0].tasks, 3);
    for (size_t i = 0; i < POPULATION_EXAMPLES; i++)
        assert_false(uuid_is_nil(m->top[0].examples[i]));
    population_release(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minutes_are_what_each_task_alone_has),
        cmocka_unit_test(tasks_that_are_due_alike_are_one_timing),
        cmocka_unit_test(examples_are_tasks_that_fire_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
