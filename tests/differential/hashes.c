/*
 * hashes - H and ~: whatever value the hash picks, it is one of its range, and the schedule is that of the value.
 *
 * CRONOBS_DIFFERENTIAL_SEED, CRONOBS_DIFFERENTIAL_CASES: other numbers, more of them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "differential/expressions.h"
#include "differential/report.h"
#include "differential/walk.h"

enum { CASES = 10000, CHAIN = 6 };

/* One hashed field: its value is one of low, ..., high; with a step it goes on from there to `end`. */
struct hashed {
    enum field field;
    int low, high, end, step;
    char text[32];
};

static void throw_term(struct dice *d, struct hashed *h)
{
    static const struct form {
        const char *before, *between, *behind;
        bool from, to, step;
    } forms[] = {
        {"H", "", "", false, false, false},  {"H", "", "", false, false, true},
        {"H(", "-", ")", true, true, false}, {"H(", "-", ")", true, true, true},
        {"", "~", "", true, true, false},    {"", "~", "", true, false, false},
        {"", "~", "", false, true, false},
    };
    static const int lowest[] = {0, 0, 0, 1, 1, 0}, highest[] = {59, 59, 23, 28, 12, 6};
    const struct form *f = &forms[dice_between(d, 0, ARRAY_LEN(forms) - 1)];
    char from[12] = "", to[12] = "", step[16] = "";

    *h = (struct hashed){.field = (enum field)dice_between(d, SECOND, WEEKDAY), .step = 1};
    h->low = lowest[h->field];
    h->end = highest[h->field];
    if (f->from) {
        h->low = (int)dice_between(d, h->low, h->end);
        (void)snprintf(from, sizeof from, "%d", h->low);
    }
    if (f->to) {
        h->end = (int)dice_between(d, h->low, h->end);
        (void)snprintf(to, sizeof to, "%d", h->end);
    }
    if (f->step) {
        h->step = (int)dice_between(d, 1, highest[h->field]);
        (void)snprintf(step, sizeof step, "/%d", h->step);
    }
    h->high = f->step ? MIN(h->low + h->step - 1, h->end) : h->end;
    if (!f->step)
        h->step = 100; /* the value alone */
    (void)snprintf(h->text, sizeof h->text, "%s%s%s%s%s%s", f->before, from, f->between, to,
                   f->behind, step);
}

/* Six fields, of which one is the term; those before it are 0, so that little but the term decides. */
static void write_fields(enum field field, const char *term, struct buf *text)
{
    for (int f = SECOND; f <= WEEKDAY; f++) {
        bool fixed = f < (int)field && f <= HOUR;
        buf_printf(text, "%s%s", f == SECOND ? "" : " ",
                   f == (int)field ? term
                   : fixed         ? "0"
                                   : "*");
    }
}

/* Does the walk of that value answer as the engine does? */
static bool agrees(const struct schedule *s, const struct hashed *h, int value,
                   const struct place *utc, usec_t instant)
{
    struct walker w = {.place = utc};
    SCOPED_BUF text = {0};
    char term[32];

    (void)snprintf(term, sizeof term, "%d-%d/%d", value, h->end, h->step);
    write_fields(h->field, term, &text);
    if (!meaning_read(buf_text(&text), DIALECT_AUTO, &w.meaning))
        return false;
    for (int i = 0; i < CHAIN; i++) {
        struct occurrence engine, expected;
        if (schedule_next(s, instant, &engine) != RC_OK || !walk_next(&w, instant, &expected) ||
            engine.at != expected.at)
            return false;
        instant = engine.at;
    }
    return true;
}

static void run_case(struct report *r, struct zoneset *zones, const struct place *utc,
                     struct dice *d)
{
    SCOPED(schedule) struct schedule *s = NULL;
    struct schedule_options options = {0};
    SCOPED_BUF text = {0};
    struct hashed h;
    struct error err = {0};
    usec_t instant = dice_between(d, 0, 200 * 365 * USEC_PER_DAY);
    int found = 0;

    throw_term(d, &h);
    write_fields(h.field, h.text, &text);
    for (size_t i = 0; i < sizeof options.task.b; i++)
        options.task.b[i] = (uint8_t)dice_any(d);
    r->what = buf_text(&text);
    r->compared_next++;
    if (schedule_parse(buf_text(&text), &options, zones, NULL, &s, &err) != RC_OK) {
        report_difference(r, "refused: %s", err.text);
        return;
    }
    for (int value = h.low; value <= h.high; value++)
        found += agrees(s, &h, value, utc, instant);
    if (found != 1)
        report_difference(r, "%d of the values %d to %d are it", found, h.low, h.high);
}

int main(void)
{
    uint64_t cases = number_of_environment("CRONOBS_DIFFERENTIAL_CASES", CASES);
    uint64_t seed = number_of_environment("CRONOBS_DIFFERENTIAL_SEED", 4);
    struct zoneset *zones = zoneset_new(NULL);
    struct span always = {INT64_MIN / 4, 0};
    struct place utc = {.count = 1, .spans = &always};
    struct report report = {0};

    for (; report.number < cases; report.number++) {
        struct dice dice = dice_for(seed, report.number);
        run_case(&report, zones, &utc, &dice);
    }
    printf("hashes: %zu expressions compared, %zu differences (seed %llu)\n", report.compared_next,
           report.differences, (unsigned long long)seed);
    zoneset_free(zones);
    return report.differences == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
