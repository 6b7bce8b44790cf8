#include "api/resources/audit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/resources/revision_set.h"
#include "base/rfc3339.h"

/*
 * A day of a task that is due each hour: what was made of its instants is a text with a letter an hour, the first for 00:00.
 *   r ran  s skipped  p pending  . nothing
 */

enum { ROWS_MAX = 6, DAY_HOURS = 24 };

static struct uuid task_id;
static struct zoneset *zones;

static const char hourly[] = "{\"schedules\":[{\"expression\":\"0 * * * *\"}]}";
static const char half_hourly[] = "{\"schedules\":[{\"expression\":\"*/30 * * * *\"}]}";

static usec_t hour(double h)
{
    struct civil c = {.year = 2026, .month = 6, .day = 15};

    return civil_to_usec(c) + (usec_t)(h * 3600) * USEC_PER_SEC;
}

static const struct audit_case {
    const char *name, *made;
    struct {
        enum task_state state;
        double since;
        const char *spec; /* NULL ends */
    } revisions[ROWS_MAX];
    struct {
        double from, to; /* both 0 ends */
        int count;
        enum reason reason;
    } gaps[ROWS_MAX];
    double decided, now;
    const char *lines; /* "NOT_FIRED 3-6*3": at, to, count */
    struct audit_totals totals;
} audit_cases[] = {
    {"all is well",
     "rrrrrrrrrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly}},
     {{.to = 0}},
     99,
     99,
     "",
     {.expected = 24, .ran = 24}},
    {"one was skipped, one waits",
     "rrrsrrrrrrrrrrrrrrrrrrrp",
     {{TASK_ACTIVE, -100, hourly}},
     {{.to = 0}},
     99,
     99,
     "DID_NOT_RUN 3-3*1 ",
     {.expected = 24, .ran = 22, .did_not_run = 1, .open = 1}},
    {"one is missing",
     "rrr.rrrrrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly}},
     {{.to = 0}},
     99,
     99,
     "MISSING 3-3*1 ",
     {.expected = 24, .ran = 23, .missing = 1}},
    {"an outage",
     "rrr....rrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly}},
     {{2, 6, 4, REASON_MISFIRE}},
     99,
     99,
     "NOT_FIRED 2-6*4 ",
     {.expected = 24, .ran = 20, .not_fired = 4}},
    {"an outage whose last one was made up for",
     "rrr...rrrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly}},
     {{2, 5, 3, REASON_MISFIRE}},
     99,
     99,
     "NOT_FIRED 2-5*3 ",
     {.expected = 24, .ran = 21, .not_fired = 3}},
    {"fired, and passed over",
     "rrrrrrrrrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly}},
     {{2, 3, 1, REASON_MISFIRE}},
     99,
     99,
     "NOT_FIRED 2-3*1 TWICE 3-3*1 ",
     {.expected = 24, .ran = 24, .twice = 1}},
    {"passed over twice",
     "rrr.rrrrrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly}},
     {{2, 3, 1, REASON_MISFIRE}, {2, 3, 1, REASON_PAUSED}},
     99,
     99,
     "NOT_FIRED 2-3*1 NOT_FIRED 2-3*1 TWICE 3-3*1 ",
     {.expected = 24, .ran = 23, .not_fired = 1, .twice = 1}},
    {"a gap that counts wrong",
     "rrr....rrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly}},
     {{2, 6, 5, REASON_MISFIRE}},
     99,
     99,
     "NOT_FIRED 2-6*5 MISCOUNTED 2-6*4 ",
     {.expected = 24, .ran = 20, .not_fired = 4}},
    {"paused and resumed",
     "rrr....rrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly}, {TASK_PAUSED, 2.5, hourly}, {TASK_ACTIVE, 6.5, hourly}},
     {{2.5, 6.5, 4, REASON_PAUSED}},
     99,
     99,
     "NOT_FIRED 2-6*4 ",
     {.expected = 24, .ran = 20, .not_fired = 4}},
    {"paused, and it goes on",
     "rrr.....................",
     {{TASK_ACTIVE, -100, hourly}, {TASK_PAUSED, 2.5, hourly}},
     {{.to = 0}},
     99,
     99,
     "NOT_FIRED 3-23*21 ",
     {.expected = 24, .ran = 3, .not_fired = 21}},
    {"paused before the last one was decided",
     "rr......................",
     {{TASK_ACTIVE, -100, hourly}, {TASK_PAUSED, 2.5, hourly}},
     {{.to = 0}},
     1,
     99,
     "NOT_FIRED 2-23*22 ",
     {.expected = 24, .ran = 2, .not_fired = 22}},
    {"an edit",
     "rrrrrrrrrrrr.r.r.r.r.r.r",
     {{TASK_ACTIVE, -100, hourly},
      {TASK_ACTIVE, 11, "{\"schedules\":[{\"expression\":\"0 1-23/2 * * *\"}]}"}},
     {{.to = 0}},
     99,
     99,
     "",
     {.expected = 18, .ran = 18}},
    {"an edit that the scheduler did not follow",
     "rrrrrrrrrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly},
      {TASK_ACTIVE, 21, "{\"schedules\":[{\"expression\":\"0 1-23/2 * * *\"}]}"}},
     {{.to = 0}},
     99,
     99,
     "EXTRA 22-22*1 ",
     {.expected = 23, .ran = 23, .extra = 1}},
    {"made on that day",
     "......rrrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, 5, hourly}},
     {{.to = 0}},
     99,
     99,
     "",
     {.expected = 18, .ran = 18}},
    {"deleted on that day",
     "rrrrrr..................",
     {{TASK_ACTIVE, -100, hourly}, {TASK_DELETED, 5, hourly}},
     {{.to = 0}},
     99,
     99,
     "",
     {.expected = 6, .ran = 6}},
    {"ran after it was deleted",
     "rrrrrrr.................",
     {{TASK_ACTIVE, -100, hourly}, {TASK_DELETED, 5, hourly}},
     {{.to = 0}},
     99,
     99,
     "EXTRA 6-6*1 ",
     {.expected = 6, .ran = 6, .extra = 1}},
    {"the scheduler is behind",
     "rrrrrrrrrrrr............",
     {{TASK_ACTIVE, -100, hourly}},
     {{.to = 0}},
     11,
     99,
     "",
     {.expected = 24, .ran = 12, .undecided = 12}},
    {"the day is not over",
     "rrrrrrrrrrrr............",
     {{TASK_ACTIVE, -100, hourly}},
     {{.to = 0}},
     11,
     11.5,
     "",
     {.expected = 12, .ran = 12}},
    {"half of them",
     "rrrrrrrrrrrrrrrrrrrrrrrr",
     {{TASK_ACTIVE, -100, hourly}, {TASK_ACTIVE, 22.5, half_hourly}},
     {{.to = 0}},
     99,
     99,
     "MISSING 23-23*1 ",
     {.expected = 25, .ran = 24, .missing = 1}},
};

static size_t make(const struct audit_case *c, struct execution_row *out)
{
    size_t count = 0;

    for (int h = 0; h < DAY_HOURS; h++) {
        char letter = c->made[h];

        if (letter == '.')
            continue;
        out[count++] =
            (struct execution_row){.execution_id = execution_id_of(task_id, hour(h), "instant", ""),
                                   .task_id = task_id,
                                   .status = letter == 'r'   ? STATUS_SUCCEEDED
                                             : letter == 's' ? STATUS_SKIPPED
                                                             : STATUS_PENDING,
                                   .scheduled_at = hour(h),
                                   .attempt = 1};
    }
    return count;
}

struct day {
    struct task_row revisions[ROWS_MAX];
    struct execution_row executions[DAY_HOURS];
    struct gap_row gaps[ROWS_MAX];
    struct revision_set *set;
    struct verdict_facts facts;
};

static void tell(const struct audit_case *c, struct day *d)
{
    size_t revisions = 0, gaps = 0;

    *d = (struct day){0};
    for (; c->revisions[revisions].spec != NULL; revisions++)
        d->revisions[revisions] =
            (struct task_row){.task_id = task_id,
                              .revision = (int32_t)revisions + 1,
                              .state = c->revisions[revisions].state,
                              .effective_at = hour(c->revisions[revisions].since),
                              .spec = c->revisions[revisions].spec};
    for (; c->gaps[gaps].to > 0; gaps++)
        d->gaps[gaps] = (struct gap_row){.task_id = task_id,
                                         .revision = 1,
                                         .from_at = hour(c->gaps[gaps].from),
                                         .to_at = hour(c->gaps[gaps].to),
                                         .count = c->gaps[gaps].count,
                                         .reason = c->gaps[gaps].reason};
    d->set = revision_set_new(d->revisions, revisions, zones);
    d->facts = (struct verdict_facts){.task = task_id,
                                      .at = hour(0),
                                      .span = hour(24) - hour(0),
                                      .now = hour(c->now),
                                      .revisions = d->set->items,
                                      .revision_count = revisions,
                                      .executions = d->executions,
                                      .execution_count = make(c, d->executions),
                                      .gaps = d->gaps,
                                      .gap_count = gaps,
                                      .decided = hour(c->decided)};
}

static void add_lines(const struct audit *a, struct buf *out)
{
    for (size_t i = 0; i < a->line_count; i++) {
        const struct audit_line *l = &a->lines[i];

        buf_printf(out, "%s %d-%d*%d ", audit_kind_name(l->kind),
                   (int)((l->at - hour(0)) / (3600 * USEC_PER_SEC)),
                   (int)((l->to - hour(0)) / (3600 * USEC_PER_SEC)), (int)l->count);
    }
}

static void sum_up(struct audit_totals *sum, const struct audit_totals *t)
{
    sum->expected += t->expected;
    sum->ran += t->ran;
    sum->open += t->open;
    sum->did_not_run += t->did_not_run;
    sum->not_fired += t->not_fired;
    sum->undecided += t->undecided;
    sum->missing += t->missing;
    sum->extra += t->extra;
    sum->twice += t->twice;
    sum->others += t->others;
}

/* The whole, in parts of so many hours; a limit ends a part, too. */
static void run(const struct day *d, usec_t part, size_t limit, struct buf *lines,
                struct audit_totals *totals)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    usec_t at = hour(0);

    while (at < hour(24)) {
        struct audit a = {
            .facts = d->facts, .limit = limit, .is_first = at == hour(0), .memory = memory};

        a.facts.at = at;
        a.facts.span = MIN(part, hour(24) - at);
        while (a.facts.execution_count > 0 && a.facts.executions->scheduled_at < at) {
            a.facts.executions++; /* what was loaded begins with the part */
            a.facts.execution_count--;
        }
        while (a.facts.execution_count > 0 &&
               a.facts.executions[a.facts.execution_count - 1].scheduled_at >= at + a.facts.span)
            a.facts.execution_count--;
        while (audit_step(&a))
            continue;
        assert_true(a.done_to > at);
        add_lines(&a, lines);
        sum_up(totals, &a.totals);
        at = a.done_to;
    }
}

static void holds_what_was_expected_against_what_there_is(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(audit_cases); i++) {
        const struct audit_case *c = &audit_cases[i];
        struct audit_totals totals = {0};
        SCOPED_BUF lines = {0};
        struct day d;

        tell(c, &d);
        run(&d, hour(24) - hour(0), 500, &lines, &totals);
        if (!text_equal(buf_text(&lines), c->lines))
            fail_msg("%s: %s", c->name, buf_text(&lines));
        if (memcmp(&totals, &c->totals, sizeof totals) != 0)
            fail_msg("%s: expected %d ran %d missing %d extra %d", c->name, (int)totals.expected,
                     (int)totals.ran, (int)totals.missing, (int)totals.extra);
        revision_set_free(d.set);
    }
}

/* However it is cut: nothing is told twice, nothing is lost. */
static void parts_add_up_to_the_whole(void **state UNUSED)
{
    static const double parts[] = {1, 0.5, 5, 7.25};

    for (size_t i = 0; i < ARRAY_LEN(audit_cases); i++)
        for (size_t p = 0; p < ARRAY_LEN(parts); p++) {
            const struct audit_case *c = &audit_cases[i];
            struct audit_totals totals = {0};
            SCOPED_BUF lines = {0};
            struct day d;

            if (c->now < 24 || c->revisions[1].state == TASK_PAUSED)
                continue; /* a pause that goes on is a line a part */
            tell(c, &d);
            run(&d, hour(parts[p]) - hour(0), p == 0 ? 1 : 500, &lines, &totals);
            if (!text_equal(buf_text(&lines), c->lines) ||
                memcmp(&totals, &c->totals, sizeof totals) != 0)
                fail_msg("%s, in parts of %d minutes: %s", c->name, (int)(parts[p] * 60),
                         buf_text(&lines));
            revision_set_free(d.set);
        }
}

static int set_up(void **state UNUSED)
{
    task_id = task_id_of("default", "report");
    zones = zoneset_new(NULL);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_was_expected_against_what_there_is),
        cmocka_unit_test(parts_add_up_to_the_whole),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
