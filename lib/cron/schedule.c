/*
 * The search goes over the zone's spans of constant offset. Inside one, wall time and UTC differ by a constant, so the
 * next instant is the next matching wall time (fields.h) minus the offset. At the seam of two spans the
 * rule for clock changes is applied: a gap may hold wall times that are due at its end, the second pass of an overlap
 * may not count. A search result stays valid as long as the searches that follow start between where it
 * started and what it found, so mostly there is one search, however many spans lie between.
 */
#include "cron/schedule.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cron/expression.h"

enum { REPAIRED_SHIFT = 3 * 3600 };

static const int64_t two_days = INT64_C(2) * 86400;

struct schedule {
    struct zone *zone;
    enum dialect dialect;
    bool zone_in_text; /* named by the expression itself */
    bool interval;
    bool repairs_gap;    /* what falls into a gap is due at its end */
    bool skips_repeated; /* the second pass of an overlap does not count */
    bool once;           /* nor does it, however long the overlap */
    struct expression expression;
};

/* --- making --- */

static bool is_interval(const struct expression *e)
{
    const uint8_t times = 1 << FIELD_SECOND | 1 << FIELD_MINUTE | 1 << FIELD_HOUR;

    if (e->form == FORM_FIELDS)
        return e->fields.stars & times;
    return e->form == FORM_EVERY || e->form == FORM_DAILY;
}

static void set_rules(struct schedule *s, const struct schedule_options *options)
{
    s->dialect = options->dialect;
    s->interval = is_interval(&s->expression);
    s->repairs_gap = !s->interval && options->dst_gap == DST_GAP_RUN_AFTER;
    s->skips_repeated = !s->interval && options->dst_overlap == DST_OVERLAP_FIRST;
    s->once = s->expression.form == FORM_WALL;
}

static enum rc find_zone(const char *text, const struct schedule_options *options,
                         struct slice in_text, struct zoneset *zones, struct zone **ret,
                         struct error *err)
{
    SCOPED(text) char *name = NULL;
    enum rc rc;

    if (in_text.at == NULL)
        return zoneset_get(zones,
                           options->zone == NULL || *options->zone == '\0' ? "UTC" : options->zone,
                           ret, err);
    name = xstrndup(in_text.at, (size_t)(in_text.end - in_text.at));
    rc = zoneset_get(zones, name, ret, err);
    if (rc != RC_OK && err != NULL)
        err->column = (int)(in_text.at - text) + 1;
    return rc;
}

static void add_lint(struct lints *lints, enum lint_code code, const char *text)
{
    struct lint *l = &lints->list[lints->count];

    assert(lints->count < ARRAY_LEN(lints->list)); /* there are fewer codes */
    *l = (struct lint){.code = code};
    strncat(l->text, text, sizeof l->text - 1);
    lints->count++;
}

static void look_ahead(const struct schedule *s, usec_t now, struct lints *lints)
{
    struct occurrence o;

    if (schedule_next(s, USEC_MIN, &o) != RC_OK)
        add_lint(lints, LINT_NEVER_FIRES, "never fires");
    else if (now != 0 && schedule_next(s, now, &o) != RC_OK)
        add_lint(lints, LINT_PAST, "all of it is past: never fires again");
}

enum rc schedule_parse(const char *text, const struct schedule_options *options,
                       struct zoneset *zones, struct lints *lints, struct schedule **ret,
                       struct error *err)
{
    SCOPED(schedule) struct schedule *s = xcalloc(1, sizeof *s);
    struct slice in_text;
    struct zone *zone;

    if (lints != NULL)
        lints->count = 0;
    TRY(expression_parse(text, options, lints, &s->expression, &in_text, err));
    TRY(find_zone(text, options, in_text, zones, &zone, err));
    s->zone = zone_ref(zone);
    s->zone_in_text = in_text.at != NULL;
    set_rules(s, options);
    if (lints != NULL)
        look_ahead(s, options->now, lints);
    *ret = TAKE(s);
    return RC_OK;
}

void schedule_free(struct schedule *s)
{
    if (s == NULL)
        return;
    zone_unref(s->zone);
    free(s);
}

const char *lint_code_name(enum lint_code code)
{
    static const char *const names[] = {
        [LINT_STEP_FROM_VALUE] = "STEP_FROM_VALUE",
        [LINT_WRAPPED_RANGE] = "WRAPPED_RANGE",
        [LINT_STEP_TOO_LARGE] = "STEP_TOO_LARGE",
        [LINT_DAYS_ORED] = "DAYS_ORED",
        [LINT_HASH_WITHOUT_TASK] = "HASH_WITHOUT_TASK",
        [LINT_NEVER_FIRES] = "NEVER_FIRES",
        [LINT_PAST] = "PAST",
    };

    return (size_t)code < ARRAY_LEN(names) ? names[code] : "UNKNOWN";
}

const char *schedule_zone(const struct schedule *s)
{
    return zone_name(s->zone);
}

const struct zone *schedule_zone_of(const struct schedule *s)
{
    return s->zone;
}

const struct expression *schedule_expression(const struct schedule *s)
{
    return &s->expression;
}

bool schedule_is_interval(const struct schedule *s)
{
    return s->interval;
}

bool schedule_equal(const struct schedule *a, const struct schedule *b)
{
    return text_equal(schedule_zone(a), schedule_zone(b)) && a->repairs_gap == b->repairs_gap &&
           a->skips_repeated == b->skips_repeated &&
           expression_equal(&a->expression, &b->expression);
}

void schedule_format(const struct schedule *s, struct buf *out)
{
    if (s->zone_in_text)
        buf_printf(out, "TZ=%s ", schedule_zone(s));
    expression_format(&s->expression, s->dialect, out);
}

void schedule_describe(const struct schedule *s, struct buf *out)
{
    expression_describe(&s->expression, out);
    if (s->expression.form != FORM_EVERY && s->expression.form != FORM_INSTANT)
        buf_printf(out, ", %s", schedule_zone(s));
}

/* --- spans --- */

/* A search that is repeated only where its result is of no use any more. */
struct probe {
    const struct expression *expression;
    int64_t from, found; /* none is in between */
};

static int64_t probe_first(struct probe *p, int64_t wall)
{
    if (wall < p->from || wall > p->found) {
        p->from = wall;
        p->found = expression_first(p->expression, wall);
    }
    return p->found;
}

static int64_t probe_last(struct probe *p, int64_t wall)
{
    if (wall > p->from || wall < p->found) {
        p->from = wall;
        p->found = expression_last(p->expression, wall);
    }
    return p->found;
}

static bool is_small(const struct zone_span *v)
{
    return v->shift > -REPAIRED_SHIFT && v->shift < REPAIRED_SHIFT;
}

static bool repairs(const struct schedule *s, const struct zone_span *v)
{
    return s->repairs_gap && v->shift > 0 && is_small(v);
}

/* The end of the second pass over repeated wall times at the start of the span. */
static int64_t second_pass_end(const struct zone_span *v)
{
    return v->shift < 0 ? v->start - v->shift : v->start;
}

static bool skips_second_pass(const struct schedule *s, const struct zone_span *v)
{
    return s->once || (s->skips_repeated && is_small(v));
}

static int64_t counted_from(const struct schedule *s, const struct zone_span *v)
{
    return skips_second_pass(s, v) ? second_pass_end(v) : v->start;
}

static enum rc answer(const struct zone_span *v, int64_t at, int64_t nominal, enum dst dst,
                      struct occurrence *ret)
{
    *ret = (struct occurrence){
        .at = at * USEC_PER_SEC,
        .due = at * USEC_PER_SEC,
        .nominal = nominal * USEC_PER_SEC,
        .offset = v->offset,
        .dst = dst,
    };
    return RC_OK;
}

/* A matching wall time inside the span. */
static enum rc answer_wall(const struct zone_span *v, int64_t wall, struct occurrence *ret)
{
    int64_t at = wall - v->offset;

    return answer(v, at, wall, at < second_pass_end(v) ? DST_REPEATED : DST_NONE, ret);
}

/* Wall times that the gap before the span skipped: due at its start, unless one is due there anyway. */
static enum rc answer_gap(const struct zone_span *v, int64_t skipped, bool due_anyway,
                          struct occurrence *ret)
{
    if (due_anyway)
        return answer_wall(v, v->start + v->offset, ret);
    return answer(v, v->start, skipped, DST_MOVED, ret);
}

/* Where the search may go on after a span that ends at `end`: nothing is due before `found`, give or take a change. */
static size_t next_span(const struct zone *z, size_t span, const struct probe *p, int64_t end)
{
    if (end < p->from + two_days || end > p->found - 2 * two_days)
        return span + 1;
    if (p->found == WALL_NONE)
        return SIZE_MAX;
    return zone_span_of(z, p->found - two_days); /* later than this one: see above */
}

static enum rc wall_next(const struct schedule *s, int64_t from, struct occurrence *ret)
{
    size_t count;
    const struct zone_span *spans = zone_spans(s->zone, &count);
    struct probe p = {.expression = &s->expression, .from = INT64_MAX, .found = INT64_MIN};

    for (size_t i = zone_span_of(s->zone, from); i < count;) {
        const struct zone_span *v = &spans[i];
        int64_t start = v->start + v->offset, gap = start - v->shift, begin, wall;

        if (from <= v->start && repairs(s, v) && (wall = probe_first(&p, gap)) < start)
            return answer_gap(v, wall, expression_first(&s->expression, start) == start, ret);
        begin = MAX(from, counted_from(s, v));
        wall = probe_first(&p, begin + v->offset);
        if (wall != WALL_NONE && wall < v->end + v->offset)
            return answer_wall(v, wall, ret);
        from = v->end;
        i = next_span(s->zone, i, &p, from);
    }
    return RC_NOT_FOUND;
}

static enum rc wall_prev(const struct schedule *s, int64_t until, struct occurrence *ret)
{
    const struct zone_span *spans = zone_spans(s->zone, NULL);
    struct probe p = {.expression = &s->expression, .from = INT64_MIN, .found = INT64_MAX};

    /* not covered: i-- > 0 stays true, for the first span starts before all that is due, and ends the search */
    for (size_t i = zone_span_of(s->zone, until) + 1; i-- > 0; until = spans[i].start - 1) {
        const struct zone_span *v = &spans[i];
        int64_t start = v->start + v->offset, gap = start - v->shift, wall;

        wall = probe_last(&p, MIN(until, v->end - 1) + v->offset);
        if (wall != WALL_NEVER && wall - v->offset >= counted_from(s, v))
            return answer_wall(v, wall, ret);
        if (repairs(s, v) && probe_last(&p, start - 1) >= gap)
            return answer_gap(v, expression_first(&s->expression, gap), false, ret);
        if (wall == WALL_NEVER && v->start < p.from - two_days)
            break;
    }
    return RC_NOT_FOUND;
}

/* --- elapsed time, single instants --- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static enum rc at_instant(const struct schedule *s, usec_t at, struct occurrence *ret)
{
    int offset = zone_offset_at(s->zone, at);

    *ret = (struct occurrence){
        .at = at,
        .due = at,
        .nominal = at + offset * USEC_PER_SEC,
        .offset = offset,
        .dst = DST_NONE,
    };
    return RC_OK;
}

static enum rc every_next(const struct schedule *s, int64_t from, struct occurrence *ret)
{
    const struct every *e = &s->expression.every;
    int64_t last = MAX(from, WALL_FIRST) + e->period - 1; /* the latest that it can be */
    int64_t at = e->phase + floor_div(last - e->phase, e->period) * e->period;

    if (at > WALL_LAST)
        return RC_NOT_FOUND;
    return at_instant(s, at * USEC_PER_SEC, ret);
}

static enum rc every_prev(const struct schedule *s, int64_t until, struct occurrence *ret)
{
    const struct every *e = &s->expression.every;
    int64_t end = MIN(until, WALL_LAST);
    int64_t at = e->phase + floor_div(end - e->phase, e->period) * e->period;

    if (at < WALL_FIRST)
        return RC_NOT_FOUND;
    return at_instant(s, at * USEC_PER_SEC, ret);
}

/* --- asking --- */

enum rc schedule_next(const struct schedule *s, usec_t after, struct occurrence *ret)
{
    const struct expression *e = &s->expression;
    int64_t from = floor_div(after, USEC_PER_SEC) + 1;

    from = MAX(from, WALL_FIRST - two_days);
    if (from > WALL_LAST + two_days)
        return RC_NOT_FOUND;
    switch (e->form) {
    case FORM_INSTANT:
        return e->instant > after ? at_instant(s, e->instant, ret) : RC_NOT_FOUND;
    case FORM_EVERY:
        return every_next(s, from, ret);
    case FORM_FIELDS:
    case FORM_DAILY:
    case FORM_WALL:
        break;
    }
    return wall_next(s, from, ret);
}

enum rc schedule_prev(const struct schedule *s, usec_t before, struct occurrence *ret)
{
    const struct expression *e = &s->expression;
    int64_t until = floor_div(before, USEC_PER_SEC) - (before % USEC_PER_SEC == 0);

    until = MIN(until, WALL_LAST + two_days);
    if (until < WALL_FIRST - two_days)
        return RC_NOT_FOUND;
    switch (e->form) {
    case FORM_INSTANT:
        return e->instant < before ? at_instant(s, e->instant, ret) : RC_NOT_FOUND;
    case FORM_EVERY:
        return every_prev(s, until, ret);
    case FORM_FIELDS:
    case FORM_DAILY:
    case FORM_WALL:
        break;
    }
    return wall_prev(s, until, ret);
}

/* --- changes of the clock --- */

static enum change_effect effect_of(const struct schedule *s, const struct zone_span *v)
{
    if (v->shift > 0)
        return repairs(s, v) ? CHANGE_MOVES : CHANGE_SKIPS;
    return skips_second_pass(s, v) ? CHANGE_ONCE : CHANGE_TWICE;
}

/* Whether wall times of the schedule are skipped, or come twice, at the start of the span. */
static bool touches(const struct schedule *s, const struct zone_span *v, struct clock_change *ret)
{
    int64_t before = v->start + v->offset - v->shift, after = v->start + v->offset;
    int64_t end = MAX(before, after), first = expression_first(&s->expression, MIN(before, after));

    if (first >= end)
        return false;
    *ret = (struct clock_change){
        .at = v->start * USEC_PER_SEC,
        .nominal = first * USEC_PER_SEC,
        .several = expression_first(&s->expression, first + 1) < end,
        .effect = effect_of(s, v),
        .resumes = after * USEC_PER_SEC,
    };
    return true;
}

enum rc schedule_next_change(const struct schedule *s, usec_t after, usec_t until,
                             struct clock_change *ret)
{
    struct zone_span change;

    while (zone_next_change(s->zone, after, &change) == RC_OK) {
        after = change.start * USEC_PER_SEC;
        if (after > until)
            break;
        if (touches(s, &change, ret))
            return RC_OK;
    }
    return RC_NOT_FOUND;
}
