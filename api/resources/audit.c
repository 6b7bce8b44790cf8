#include "api/resources/audit.h"

enum { INSTANTS_A_STEP = 100 };

static const char *const kind_names[AUDIT_KINDS] = {
    "DID_NOT_RUN", "NOT_FIRED", "MISSING", "EXTRA", "TWICE", "MISCOUNTED",
};

const char *audit_kind_name(enum audit_kind kind)
{
    return kind_names[kind];
}

bool audit_is_explained(enum audit_kind kind)
{
    return kind == AUDIT_DID_NOT_RUN || kind == AUDIT_NOT_FIRED;
}

static usec_t range_end(const struct audit *a)
{
    return a->facts.at + a->facts.span;
}

static bool is_full(const struct audit *a)
{
    return a->line_count >= a->limit || a->looked_at >= AUDIT_INSTANTS_MAX;
}

/* Each instant has two at most, and so have gaps. */
static struct audit_line *add(struct audit *a, enum audit_kind kind, usec_t at)
{
    size_t room = a->limit + 2 * a->facts.gap_count + a->facts.execution_count + 4;
    struct audit_line *line;

    if (a->lines == NULL)
        a->lines = arena_alloc(a->memory, room * sizeof *a->lines);
    line = &a->lines[a->line_count++];
    *line = (struct audit_line){.kind = kind, .at = at, .to = at, .count = 1};
    return line;
}

/* --- gaps --- */

static const struct verdict_revision *revision_of(const struct audit *a, int32_t number)
{
    for (size_t i = 0; i < a->facts.revision_count; i++)
        if (a->facts.revisions[i].row->revision == number)
            return &a->facts.revisions[i];
    return NULL;
}

/* What it counts and what there is; only where both can be known. */
static void check_count(struct audit *a, const struct gap_row *g)
{
    const struct verdict_revision *r = revision_of(a, g->revision);
    struct audit_line *line;
    bool more = false;
    size_t count;

    if (r == NULL || r->timeline == NULL || g->more || g->reason == REASON_TZDATA)
        return;
    count = timeline_count(r->timeline, g->from_at, g->to_at, TIMELINE_COUNT_MAX, &more);
    if (more || count == (size_t)g->count)
        return;
    line = add(a, AUDIT_MISCOUNTED, g->from_at);
    line->to = g->to_at;
    line->count = (int64_t)count;
    line->counted = g->count;
    line->gap = g;
    line->revision = r;
}

/* A gap is told once: by the audit of the part that holds the millisecond behind its beginning. */
static void tell_gap(struct audit *a, const struct gap_row *g)
{
    struct audit_line *line;

    if (g->from_at < a->facts.at - USEC_PER_MS && !a->is_first)
        return;
    line = add(a, AUDIT_NOT_FIRED, g->from_at);
    line->to = g->to_at;
    line->count = g->count;
    line->more = g->more;
    line->rule = (enum reason)g->reason;
    line->gap = g;
    line->revision = revision_of(a, g->revision);
    check_count(a, g);
}

/* Those that begin before an instant: they are in the order of their beginnings. */
static void tell_gaps_before(struct audit *a, usec_t at)
{
    while (a->gap < a->facts.gap_count && a->facts.gaps[a->gap].from_at < at)
        tell_gap(a, &a->facts.gaps[a->gap++]);
}

static size_t gaps_over(const struct audit *a, usec_t at, const struct gap_row **ret)
{
    size_t count = 0;

    for (size_t i = 0; i < a->gap; i++) {
        if (a->facts.gaps[i].from_at >= at || at > a->facts.gaps[i].to_at)
            continue;
        *ret = &a->facts.gaps[i];
        count++;
    }
    return count;
}

/* --- executions --- */

static const struct execution_row *next_of_schedule(struct audit *a)
{
    while (a->execution < a->facts.execution_count &&
           !verdict_is_of_schedule(a->facts.task, &a->facts.executions[a->execution])) {
        a->totals.others++;
        a->execution++;
    }
    return a->execution < a->facts.execution_count ? &a->facts.executions[a->execution] : NULL;
}

static void pass_extra(struct audit *a, usec_t before)
{
    const struct execution_row *e;

    while ((e = next_of_schedule(a)) != NULL && e->scheduled_at < before) {
        add(a, AUDIT_EXTRA, e->scheduled_at)->execution = e;
        a->totals.extra++;
        a->execution++;
    }
}

static void count_execution(struct audit *a, const struct execution_row *e)
{
    struct verdict v;
    struct audit_line *line;

    verdict_of_execution(&a->facts, e, &v);
    if (v.answer == VERDICT_WAITS) {
        a->totals.open++;
    } else if (v.answer != VERDICT_DID_NOT_RUN) {
        a->totals.ran++;
    } else {
        a->totals.did_not_run++;
        line = add(a, AUDIT_DID_NOT_RUN, v.at);
        line->execution = e;
        line->rule = v.rule;
        line->revision = v.revision;
    }
}

/* --- one instant --- */

/* Neither an execution nor a gap: what the verdict on it says. Instants of a pause that goes on are one line. */
static void count_absent(struct audit *a, const struct verdict_revision *r,
                         const struct occurrence *o)
{
    struct audit_line *last = a->line_count > 0 ? &a->lines[a->line_count - 1] : NULL;
    const struct verdict_revision *pause = verdict_pause_over(&a->facts, r, o->due);

    if (o->due > a->facts.now) {
        a->totals.expected--;
    } else if (pause != NULL) {
        a->totals.not_fired++;
        if (last == NULL || last->kind != AUDIT_NOT_FIRED || last->gap != NULL ||
            last->revision != pause) {
            last = add(a, AUDIT_NOT_FIRED, o->at);
            last->count = 0;
            last->rule = REASON_PAUSED;
            last->revision = pause;
        }
        last->to = o->at;
        last->count++;
    } else if (o->at < a->facts.kept_from) {
        a->totals.not_kept++;
    } else if (a->facts.decided == 0 || o->due > a->facts.decided ||
               a->facts.now - o->due < USEC_PER_MIN || a->facts.behind > 0) {
        a->totals.undecided++;
    } else {
        a->totals.missing++;
        add(a, AUDIT_MISSING, o->at)->revision = r;
    }
}

static void look_at(struct audit *a, const struct verdict_revision *r, const struct occurrence *o)
{
    const struct execution_row *e;
    const struct gap_row *gap = NULL;
    struct audit_line *line;
    size_t gaps;
    bool is_fired;

    tell_gaps_before(a, o->at);
    pass_extra(a, o->at);
    e = next_of_schedule(a);
    is_fired = e != NULL && e->scheduled_at == o->at;
    gaps = gaps_over(a, o->at, &gap);
    a->totals.expected++;
    if (is_fired) {
        count_execution(a, e);
        a->execution++;
    } else if (gaps > 0) {
        a->totals.not_fired++;
    } else {
        count_absent(a, r, o);
    }
    if (gaps + is_fired > 1) {
        line = add(a, AUDIT_TWICE, o->at);
        line->execution = is_fired ? e : NULL;
        line->gap = gap;
        line->revision = r;
        a->totals.twice++;
    }
}

/* --- the walk --- */

static const struct verdict_revision *current(const struct audit *a)
{
    return a->revision < a->facts.revision_count ? &a->facts.revisions[a->revision] : NULL;
}

/* What is due later belongs to the next one. */
static usec_t revision_end(const struct audit *a)
{
    return a->revision + 1 < a->facts.revision_count
               ? a->facts.revisions[a->revision + 1].row->effective_at
               : USEC_MAX;
}

/* Behind which a revision's instants begin: with jitter one may be scheduled before it was in force. */
static usec_t revision_start(const struct verdict_revision *r)
{
    struct occurrence o;

    if (!r->begins && timeline_prev(r->timeline, r->row->effective_at + 1, &o) == RC_OK &&
        o.due > r->row->effective_at)
        return o.at - 1;
    return r->row->effective_at;
}

static bool names_anything(const struct verdict_revision *r)
{
    return r->timeline != NULL && r->row->state != TASK_DELETED;
}

/* The next instant of the range; false: there is none. */
static bool find_next(struct audit *a, struct occurrence *ret)
{
    const struct verdict_revision *r;

    for (; (r = current(a)) != NULL; a->revision++) {
        if (!names_anything(r))
            continue;
        if (timeline_next(r->timeline, MAX(a->last, revision_start(r)), ret) == RC_OK &&
            ret->due <= revision_end(a) && ret->at < range_end(a))
            return true;
    }
    return false;
}

static void finish(struct audit *a)
{
    tell_gaps_before(a, range_end(a) - USEC_PER_MS);
    pass_extra(a, range_end(a));
    a->done_to = range_end(a);
}

bool audit_step(struct audit *a)
{
    struct occurrence o;

    if (!a->has_begun)
        a->last = a->facts.at - 1;
    a->has_begun = true;
    for (int i = 0; i < INSTANTS_A_STEP; i++) {
        if (is_full(a))
            return false;
        if (!find_next(a, &o)) {
            finish(a);
            return false;
        }
        look_at(a, current(a), &o);
        a->last = o.at;
        a->looked_at++;
        a->done_to = o.at + USEC_PER_MS;
    }
    return true;
}
