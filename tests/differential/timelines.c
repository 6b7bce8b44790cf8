/*
 * timelines - random tasks: next, prev, due, counts and the newest instants of the engine beside those of the walk.
 *
 *   timelines PART PARTS       one part of the zones, so that the parts run side by side
 *
 * CRONOBS_DIFFERENTIAL_SEED, CRONOBS_DIFFERENTIAL_CASES: other numbers, more of them;
 * CRONOBS_DIFFERENTIAL_CASE: only that one, as printed with a difference.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "differential/cases.h"
#include "differential/report.h"
#include "differential/tasks.h"

enum {
    CASES = 26000,
    CHAIN = 3, /* answers in a row, in either direction */
    NEWEST_MAX = 12,
};

struct run {
    struct cases cases;
    struct report report;
    size_t tasks, counts, newest, open_ended;
};

/* What the walk did not reach must be due and open all the same, and not before the walk gave up. */
static void compare_far(struct run *run, const struct task *t, const struct occurrence *engine,
                        const struct occurrence *reached, bool forward)
{
    struct occurrence expected = {0};
    bool early = forward ? engine->at < reached->at : engine->at > reached->at;
    char text[INSTANT_TEXT];

    run->open_ended++;
    if (early || !course_has(&t->course, engine->at, &expected)) {
        report_difference(&run->report, "engine %s, where nothing is due",
                          instant_text(engine->at, text));
        return;
    }
    expected.due = engine->due;
    report_compare(&run->report, "far", engine->at, RC_OK, engine, &expected);
}

/* One answer. False: the chain ends here. */
static bool compare_one(struct run *run, struct task *t, usec_t instant, bool forward,
                        usec_t *ret_on)
{
    struct occurrence engine = {0}, expected = {0};
    enum rc rc = forward ? timeline_next(t->timeline, instant, &engine)
                         : timeline_prev(t->timeline, instant, &engine);
    enum found found = forward ? course_next(&t->course, instant, &expected)
                               : course_prev(&t->course, instant, &expected);

    if (found == FOUND_NOT_YET) {
        if (rc == RC_OK)
            compare_far(run, t, &engine, &expected, forward);
        *ret_on = engine.at;
        return rc == RC_OK;
    }
    if (found == FOUND && !course_jitter(&t->course, &expected))
        expected.due = engine.due;
    report_compare(&run->report, forward ? "next" : "prev", instant, rc, &engine,
                   found == FOUND ? &expected : NULL);
    run->report.compared_next += forward;
    run->report.compared_prev += !forward;
    run->report.changed += found == FOUND && expected.dst != DST_NONE;
    *ret_on = expected.at;
    return found == FOUND;
}

static void compare_count(struct run *run, struct task *t, usec_t from, usec_t to,
                          struct dice *dice)
{
    size_t cap = (size_t)dice_between(dice, 0, dice_percent(dice, 90) ? 40 : 1000), walked = 0;
    struct occurrence o = {.at = from};
    bool more = false;
    size_t counted = timeline_count(t->timeline, from, to, cap, &more);

    while (walked <= cap) {
        enum found found = course_next(&t->course, o.at, &o);
        if (found == FOUND_NOT_YET && o.at <= to)
            return;
        if (found != FOUND || o.at > to)
            break;
        walked++;
    }
    run->counts++;
    if (counted != MIN(walked, cap) || more != (walked > cap))
        report_difference(&run->report, "count of (%lld, %lld] to %zu: engine %zu%s, walk %zu%s",
                          (long long)from, (long long)to, cap, counted, more ? " and more" : "",
                          MIN(walked, cap), walked > cap ? " and more" : "");
}

static void compare_newest(struct run *run, struct task *t, usec_t from, usec_t to,
                           struct dice *dice)
{
    size_t limit = (size_t)dice_between(dice, 0, NEWEST_MAX), walked = 0;
    struct occurrence engine[NEWEST_MAX] = {0}, expected[NEWEST_MAX] = {0};
    usec_t before = to + 1;
    size_t told = timeline_newest(t->timeline, from, to, limit, engine);

    while (walked < limit) {
        enum found found = course_prev(&t->course, before, &expected[walked]);
        if (found == FOUND_NOT_YET && expected[walked].at > from)
            return;
        if (found != FOUND || expected[walked].at <= from)
            break;
        if (!course_jitter(&t->course, &expected[walked]))
            return;
        before = expected[walked++].at;
    }
    run->newest++;
    if (told != walked) {
        report_difference(&run->report, "newest %zu of (%lld, %lld]: engine %zu, walk %zu", limit,
                          (long long)from, (long long)to, told, walked);
        return;
    }
    for (size_t i = 0; i < told; i++)
        report_compare(&run->report, "newest", to, RC_OK, &engine[i], &expected[told - 1 - i]);
}

static void compare_task(struct run *run, struct task *t, struct dice *dice)
{
    usec_t spread = (dice_percent(dice, 30)   ? 1
                     : dice_percent(dice, 50) ? 8
                                              : 160) *
                    USEC_PER_DAY / 4;
    usec_t from = t->around + dice_between(dice, -spread, spread);
    usec_t to = from + dice_between(dice, 0, spread), next = from, prev = from;

    if (dice_percent(dice, 50)) /* instants are whole seconds: be beside one, or on it */
        to = next = prev = from = floor_div(from, USEC_PER_MIN) * USEC_PER_MIN;
    for (int i = 0; i < CHAIN && compare_one(run, t, next, true, &next); i++)
        to = MAX(to, next);
    for (int i = 0; i < CHAIN && compare_one(run, t, prev, false, &prev); i++)
        from = dice_percent(dice, 50) ? prev : from;
    compare_count(run, t, from, to, dice);
    compare_newest(run, t, from, to, dice);
}

static void run_case(struct run *run, uint64_t number)
{
    struct dice dice = dice_for(run->cases.seed, number);
    SCOPED_BUF what = {0};
    struct task t;

    random_task(&run->cases.expressions, run->cases.zones, &dice, &t, &what);
    run->report.what = buf_text(&what);
    run->report.number = number;
    if (t.timeline == NULL)
        report_difference(&run->report, "refused: %s", t.why.text);
    else
        compare_task(run, &t, &dice);
    run->tasks++;
    timeline_free(t.timeline);
}

static void summarise(const struct run *run)
{
    const struct report *r = &run->report;

    printf(
        "timelines: %zu tasks, %zu next and %zu prev compared (%zu moved or repeated; %zu farther than the walk), "
        "%zu counts, %zu newest, %zu differences, %.1f s (seed %llu)\n",
        run->tasks, r->compared_next, r->compared_prev, r->changed, run->open_ended, run->counts,
        run->newest, r->differences, (double)clock() / CLOCKS_PER_SEC,
        (unsigned long long)run->cases.seed);
}

int main(int argc, char **argv)
{
    struct run run = {0};

    cases_init(&run.cases, argc, argv, CASES);
    for (uint64_t i = run.cases.first; i < run.cases.end; i++)
        run_case(&run, i);
    summarise(&run);
    cases_clear(&run.cases);
    return run.report.differences == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
