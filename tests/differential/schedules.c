/*
 * schedules - random schedules: the engine's next and prev beside those of the walk.
 *
 *   schedules PART PARTS       one part of the zones, so that the parts run side by side
 *
 * CRONOBS_DIFFERENTIAL_SEED, CRONOBS_DIFFERENTIAL_CASES: other numbers, more of them;
 * CRONOBS_DIFFERENTIAL_CASE: only that one, as printed with a difference.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "differential/cases.h"
#include "differential/report.h"
#include "differential/walk.h"

enum {
    CASES = 140000,
    INSTANTS = 2, /* of each schedule */
    CHAIN = 2,    /* answers in a row from each, in either direction */
};

/* What every case needs. */
struct run {
    struct cases cases;
    struct report report;
    size_t refused;
};

static void compare_chain(struct report *r, const struct schedule *s, const struct walker *w,
                          usec_t instant, bool forward)
{
    for (int i = 0; i < CHAIN; i++) {
        struct occurrence engine = {0}, expected = {0};
        enum rc rc =
            forward ? schedule_next(s, instant, &engine) : schedule_prev(s, instant, &engine);
        bool found = forward ? walk_next(w, instant, &expected) : walk_prev(w, instant, &expected);
        size_t *compared = forward ? &r->compared_next : &r->compared_prev;

        report_compare(r, forward ? "next" : "prev", instant, rc, &engine,
                       found ? &expected : NULL);
        (*compared)++;
        r->changed += found && expected.dst != DST_NONE;
        if (!found)
            return;
        if (forward ? expected.at <= instant : expected.at >= instant)
            report_difference(r, "the walk itself goes the wrong way");
        instant = expected.at;
    }
}

/* parse(format(s)) = s */
static void compare_format(struct run *run, const struct schedule *s, const struct question *q)
{
    SCOPED(schedule) struct schedule *again = NULL;
    struct schedule_options options = q->options;
    struct error err = {0};
    SCOPED_BUF text = {0};

    options.zone = schedule_zone(s);
    schedule_format(s, &text);
    if (schedule_parse(buf_text(&text), &options, run->cases.zones, NULL, &again, &err) != RC_OK)
        report_difference(&run->report, "its canonical form \"%s\" is refused: %s", buf_text(&text),
                          err.text);
    else if (!schedule_equal(s, again))
        report_difference(&run->report, "its canonical form \"%s\" is another schedule",
                          buf_text(&text));
}

static void compare_question(struct run *run, const struct question *q, struct dice *dice)
{
    SCOPED(schedule) struct schedule *s = NULL;
    struct walker w = {.place = q->place};
    bool fine = meaning_read(q->text, q->options.dialect, &w.meaning);
    struct error err = {0};
    enum rc rc = schedule_parse(q->text, &q->options, run->cases.zones, NULL, &s, &err);

    if ((rc == RC_OK) != fine) {
        report_difference(&run->report, "engine %s, walk %s", rc == RC_OK ? "accepts" : err.text,
                          fine ? "accepts" : "refuses");
        return;
    }
    if (!fine) {
        run->refused++;
        return;
    }
    w.meaning.gap = q->options.dst_gap;
    w.meaning.overlap = q->options.dst_overlap;
    if ((w.meaning.form == FORM_FIELDS || w.meaning.form == FORM_FROM_TO) &&
        schedule_is_interval(s) != w.meaning.interval_like)
        report_difference(&run->report, "interval-like to one, fixed-time to the other");
    compare_format(run, s, q);
    for (int i = 0; i < INSTANTS; i++) {
        usec_t instant = random_instant(q->place, dice);
        if (i == 0 && dice_percent(dice, 60))
            instant = q->seam + USEC_PER_SEC * dice_between(dice, -DAY_SECONDS, DAY_SECONDS);
        compare_chain(&run->report, s, &w, instant, true);
        compare_chain(&run->report, s, &w, instant, false);
    }
}

static void run_case(struct run *run, uint64_t number)
{
    static const char *const dialects[] = {"auto", "quartz", "vixie", "ocps"};
    struct dice dice = dice_for(run->cases.seed, number);
    struct question q;
    char what[512];

    random_question(&run->cases.expressions, &dice, &q);
    (void)snprintf(what, sizeof what, "\"%s\" %s %s%s%s", q.text, q.place->name,
                   dialects[q.options.dialect], q.options.dst_gap == DST_GAP_SKIP ? " skip" : "",
                   q.options.dst_overlap == DST_OVERLAP_BOTH ? " both" : "");
    run->report.what = what;
    run->report.number = number;
    compare_question(run, &q, &dice);
}

static size_t tables_filled(const struct places *all)
{
    size_t filled = 0;

    for (size_t i = 0; i < all->count; i++)
        filled += all->list[i].count > 0;
    return filled;
}

static void summarise(const struct run *run)
{
    const struct report *r = &run->report;

    printf(
        "schedules: %zu next and %zu prev compared (%zu moved or repeated), "
        "%zu expressions refused by both, %zu differences, %zu zones, %.1f s (seed %llu)\n",
        r->compared_next, r->compared_prev, r->changed, run->refused, r->differences,
        tables_filled(&run->cases.places), (double)clock() / CLOCKS_PER_SEC,
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
