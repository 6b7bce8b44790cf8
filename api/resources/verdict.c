#include "api/resources/verdict.h"

#include "model/skip_next.h"

#define JUST_NOW \
    USEC_PER_MIN /* what is known of the log and of the tables may be of different times */

static const char *const answer_names[VERDICT_ANSWERS] = {
    "RAN",     "RUNS",      "WAITS",    "DID_NOT_RUN", "NOT_FIRED",   "NOT_SCHEDULED",
    "TO_COME", "UNDECIDED", "UNSTORED", "NOT_KEPT",    "UNEXPLAINED",
};

const char *verdict_answer_name(enum verdict_answer answer)
{
    return answer_names[answer];
}

/* --- whose instant it is --- */

/* The first one in [at, at + span). */
static bool find_in(const struct timeline *t, usec_t at, usec_t span, struct occurrence *ret)
{
    return t != NULL && timeline_next(t, at - 1, ret) == RC_OK && ret->at < at + span;
}

static usec_t due_of(const struct verdict_revision *r, usec_t at)
{
    struct occurrence o;

    return find_in(r->timeline, at, 1, &o) ? o.due : at;
}

const struct verdict_revision *verdict_in_force(const struct verdict_revision *revisions,
                                                size_t count, usec_t at)
{
    const struct verdict_revision *found = NULL;

    for (size_t i = 0; i < count; i++)
        if (revisions[i].row->effective_at < due_of(&revisions[i], at))
            found = &revisions[i];
    return found;
}

bool verdict_is_of_schedule(struct uuid task, const struct execution_row *e)
{
    return uuid_equal(e->execution_id, execution_id_of(task, e->scheduled_at, "instant", ""));
}

/* --- executions --- */

static bool has_begun(const struct execution_row *e)
{
    return e->started_at != 0 || e->attempt > 1 || e->status == STATUS_RUNNING;
}

bool verdict_is_followed(const struct execution_row *e)
{
    return e->next_attempt_at != 0 && (e->status == STATUS_FAILED ||
                                       e->status == STATUS_TIMED_OUT || e->status == STATUS_LOST);
}

static enum verdict_answer answer_of(const struct execution_row *e)
{
    if (e->status == STATUS_RUNNING || (e->status == STATUS_CANCELLING && has_begun(e)))
        return VERDICT_RUNS;
    if (status_is_open((enum status)e->status) || verdict_is_followed(e))
        return VERDICT_WAITS;
    /* Whoever says how it ended has had it, announced or not. */
    return has_begun(e) || e->status == STATUS_SUCCEEDED || e->status == STATUS_FAILED
               ? VERDICT_RAN
               : VERDICT_DID_NOT_RUN;
}

void verdict_of_execution(const struct verdict_facts *f, const struct execution_row *e,
                          struct verdict *ret)
{
    usec_t at =
        e->scheduled_at != 0 ? e->scheduled_at : execution_id_ms(e->execution_id) * USEC_PER_MS;

    *ret = (struct verdict){.answer = answer_of(e),
                            .rule = (enum reason)e->reason,
                            .at = at,
                            .due = e->due_at != 0 ? e->due_at : at,
                            .execution = e,
                            .before = USEC_MIN,
                            .after = USEC_MAX};
    /* What somebody asked for was made under the revision of then, which may not be at hand: no other one will do. */
    if (e->revision == 0 || verdict_is_of_schedule(f->task, e))
        ret->revision = verdict_in_force(f->revisions, f->revision_count, at);
    for (size_t i = 0; i < f->revision_count; i++)
        if (f->revisions[i].row->revision == e->revision)
            ret->revision = &f->revisions[i];
    if (ret->revision != NULL && verdict_is_of_schedule(f->task, e))
        ret->is_scheduled = find_in(ret->revision->timeline, at, 1, &ret->occurrence);
}

static const struct execution_row *execution_at(const struct verdict_facts *f, usec_t at)
{
    for (size_t i = 0; i < f->execution_count; i++)
        if (f->executions[i].scheduled_at == at &&
            verdict_is_of_schedule(f->task, &f->executions[i]))
            return &f->executions[i];
    return NULL;
}

/* --- why nothing names it --- */

static const struct verdict_revision *other_with(const struct verdict_facts *f,
                                                 const struct verdict_revision *except)
{
    struct occurrence o;

    for (size_t i = 0; i < f->revision_count; i++)
        if (&f->revisions[i] != except && f->revisions[i].row->state != TASK_DELETED &&
            find_in(f->revisions[i].timeline, f->at, f->span, &o))
            return &f->revisions[i];
    return NULL;
}

/* The clock has shown this time before, and the schedule took the first one. */
static bool is_second_pass(const struct timeline *t, usec_t at, struct occurrence *ret)
{
    for (size_t i = 0; i < timeline_schedules(t); i++) {
        const struct schedule *s = timeline_schedule(t, i);
        const struct zone *z = schedule_zone_of(s);
        const struct zone_span *span = &zone_spans(z, NULL)[zone_span_of(z, at / USEC_PER_SEC)];
        usec_t back = -(usec_t)span->shift * USEC_PER_SEC;

        if (back > 0 && at - span->start * USEC_PER_SEC < back &&
            schedule_next(s, at - back - 1, ret) == RC_OK && ret->at == at - back) {
            ret->schedule = (uint32_t)i;
            return true;
        }
    }
    return false;
}

/* Left out of the schedules by a calendar or the window. */
static bool is_left_out(const struct verdict_revision *r, struct verdict *v)
{
    int by = timeline_left_out_by(r->timeline, &v->occurrence);

    if (by == TIMELINE_OPEN) /* not covered: the timeline would have it */
        return false;
    v->cause = by == TIMELINE_WINDOW ? CAUSE_WINDOW : CAUSE_CALENDAR;
    v->rule = by == TIMELINE_WINDOW ? REASON_WINDOW : REASON_CALENDAR;
    v->calendar = by == TIMELINE_WINDOW ? NULL : &r->spec->calendars[by];
    return true;
}

static void find_nearest(const struct timeline *t, struct verdict *v)
{
    struct occurrence o;

    if (timeline_prev(t, v->at, &o) == RC_OK)
        v->before = o.at;
    if (timeline_next(t, v->at, &o) == RC_OK)
        v->after = o.at;
}

/* Which it is, of a revision that is in force and does not name it. */
static void find_cause(const struct verdict_facts *f, struct verdict *v)
{
    const struct verdict_revision *r = v->revision;

    find_nearest(r->timeline, v);
    if (find_in(r->schedules, f->at, f->span, &v->occurrence) && is_left_out(r, v)) {
        v->at = v->occurrence.at;
        return;
    }
    v->other = other_with(f, r);
    if (is_second_pass(r->schedules, f->at, &v->occurrence))
        v->cause = CAUSE_SECOND_PASS;
    else
        v->cause = v->other != NULL ? CAUSE_REVISION : CAUSE_BETWEEN;
}

static void not_scheduled(const struct verdict_facts *f, struct verdict *v)
{
    const struct verdict_revision *r = v->revision;

    v->answer = VERDICT_NOT_SCHEDULED;
    if (r == NULL) {
        v->cause = CAUSE_NO_TASK;
    } else if (r->row->state == TASK_DELETED) {
        v->cause = CAUSE_DELETED;
        v->rule = REASON_DELETED;
    } else if (r->spec == NULL) {
        v->cause = CAUSE_UNREADABLE;
    } else if (r->timeline == NULL) {
        v->cause = r->spec->schedule_count == 0 ? CAUSE_BY_HAND : CAUSE_UNREADABLE;
    } else {
        find_cause(f, v);
    }
}

/* --- why it was not fired --- */

/* A gap counts the instants of (from, to]; one of a single instant was of a revision that need not be here. */
static const struct gap_row *gap_over(const struct verdict_facts *f, usec_t at)
{
    for (size_t i = 0; i < f->gap_count; i++)
        if (f->gaps[i].from_at < at && at <= f->gaps[i].to_at)
            return &f->gaps[i];
    return NULL;
}

/* An instant of the revision before, which the edit has dropped, or one that other clocks have moved: no timeline has it now. */
static const struct gap_row *lone_gap(const struct verdict_facts *f)
{
    for (size_t i = 0; i < f->gap_count; i++) {
        const struct gap_row *g = &f->gaps[i];
        bool is_lone = g->reason == REASON_EDITED || g->reason == REASON_TZDATA;

        if (is_lone && g->count == 1 && g->to_at >= f->at && g->to_at < f->at + f->span)
            return g;
    }
    return NULL;
}

static void set_gap(struct verdict *v, const struct gap_row *gap)
{
    v->answer = VERDICT_NOT_FIRED;
    v->rule = (enum reason)gap->reason;
    v->gap = gap;
}

const struct verdict_revision *verdict_pause_over(const struct verdict_facts *f,
                                                  const struct verdict_revision *r, usec_t due)
{
    const struct verdict_revision *next = r + 1;

    if (r->row->state == TASK_PAUSED)
        return r;
    if (next >= f->revisions + f->revision_count || next->row->state != TASK_PAUSED)
        return NULL;
    return f->decided != 0 && due > f->decided && due <= next->row->effective_at ? next : NULL;
}

/* It is named, and nothing was found that came of it. */
static void find_absence(const struct verdict_facts *f, struct verdict *v)
{
    const struct verdict_revision *pause = verdict_pause_over(f, v->revision, v->due);

    if (v->due > f->now) {
        v->answer = VERDICT_TO_COME;
        v->rule = pause != NULL                            ? REASON_PAUSED
                  : skip_next_covers(f->skip_until, v->at) ? REASON_SKIP_NEXT
                                                           : REASON_NONE;
    } else if (pause != NULL) {
        v->answer = VERDICT_NOT_FIRED; /* the gap is written when the pause ends */
        v->rule = REASON_PAUSED;
        v->revision = pause;
    } else if (f->kept_from > v->at) {
        v->answer = VERDICT_NOT_KEPT;
    } else if (f->decided == 0 || v->due > f->decided) {
        v->answer = VERDICT_UNDECIDED;
    } else {
        v->answer =
            f->behind > 0 || f->now - v->due < JUST_NOW ? VERDICT_UNSTORED : VERDICT_UNEXPLAINED;
    }
}

/* --- the whole --- */

/* What the revision in force has to say of the span; also which that is, for it may be another at the instant's due time. */
static void find_instant(const struct verdict_facts *f, struct verdict *v)
{
    const struct verdict_revision *r = verdict_in_force(f->revisions, f->revision_count, f->at);

    if (r != NULL && find_in(r->timeline, f->at, f->span, &v->occurrence)) {
        v->at = v->occurrence.at;
        r = verdict_in_force(f->revisions, f->revision_count, v->at);
    }
    v->revision = r;
    v->is_scheduled = r != NULL && r->row->state != TASK_DELETED &&
                      find_in(r->timeline, v->at, f->at + f->span - v->at, &v->occurrence);
    if (v->is_scheduled) {
        v->at = v->occurrence.at;
        v->due = v->occurrence.due;
    }
}

void verdict_of_schedule(const struct verdict_facts *f, struct verdict *ret)
{
    struct verdict v = {.at = f->at, .before = USEC_MIN, .after = USEC_MAX};
    const struct execution_row *e;
    const struct gap_row *gap;

    find_instant(f, &v);
    e = execution_at(f, v.at);
    gap = v.is_scheduled ? gap_over(f, v.at) : lone_gap(f);
    if (e != NULL) {
        verdict_of_execution(f, e, &v);
    } else if (gap != NULL) {
        v.at = v.is_scheduled ? v.at : gap->to_at;
        set_gap(&v, gap);
    } else if (v.is_scheduled && v.revision->begins && v.at <= v.revision->row->effective_at) {
        v.answer = VERDICT_NOT_SCHEDULED;
        v.cause = CAUSE_BEFORE;
        find_nearest(v.revision->timeline, &v);
    } else if (v.is_scheduled) {
        find_absence(f, &v);
    } else {
        not_scheduled(f, &v);
    }
    *ret = v;
}
