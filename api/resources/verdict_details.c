/*
 * verdict_details.c - the sentences behind the answer: each says one thing.
 */
#include <string.h>

#include "api/resources/telling.h"
#include "base/rfc3339.h"
#include "model/lifecycle.h"
#include "model/spec.h"

static void say(const struct telling *t, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(const struct telling *t, const char *format, ...)
{
    SCOPED_BUF text = {0};
    va_list args;

    if (t->out->detail_count == VERDICT_DETAILS_MAX)
        return;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    t->out->details[t->out->detail_count++] = arena_strdup(t->memory, buf_text(&text));
}

static void tell_schedule(const struct telling *t)
{
    const struct verdict *v = t->v;
    const struct schedule *s;
    const char *expression;
    SCOPED_BUF words = {0};

    if (!v->is_scheduled || v->revision == NULL || v->revision->spec == NULL)
        return;
    s = timeline_schedule(v->revision->timeline, v->occurrence.schedule);
    expression = v->revision->spec->schedules[v->occurrence.schedule].expression;
    schedule_describe(s, &words);
    say(t, "Schedule \"%s\" names %s: %s.", expression, telling_when(t, v->at), buf_text(&words));
    if (v->due != v->at && v->due != 0)
        say(t, "Jitter: due %s later, at %s.", telling_span(t, v->due - v->at),
            telling_when(t, v->due));
}

static void tell_clock(const struct telling *t)
{
    const struct verdict *v = t->v;
    struct civil c;

    if (!v->is_scheduled || v->occurrence.dst == DST_NONE)
        return;
    c = civil_of(v->occurrence.nominal);
    if (v->occurrence.dst == DST_MOVED)
        say(t,
            "The schedule's clock skipped %02d:%02d:%02d on that day: the first instant after the gap stands for it.",
            c.hour, c.minute, c.second);
    else
        say(t,
            "The schedule's clock showed %02d:%02d:%02d twice on that day: this is the second time.",
            c.hour, c.minute, c.second);
}

/* What waits is not said to be due. */
static usec_t due_of(const struct verdict *v)
{
    if (v->execution->due_at != 0)
        return v->execution->due_at;
    return v->is_scheduled ? v->occurrence.due : v->execution->scheduled_at;
}

/* It is the revision under which it was made; of one whose revision is not at hand another may answer. */
static bool knows_its_revision(const struct telling *t)
{
    return t->v->revision != NULL && t->v->revision->row->revision == t->v->execution->revision;
}

/* Who makes up for what a pause passed over was not in force when that was due: it is the revision that ended the pause. */
static bool made_up_after_a_pause(const struct telling *t)
{
    const struct execution_row *e = t->v->execution;

    return e != NULL && e->trigger == TRIGGER_CATCH_UP && knows_its_revision(t) &&
           t->v->revision->row->effective_at >= due_of(t->v);
}

static void tell_revision(const struct telling *t)
{
    const struct verdict_revision *r = t->v->revision;

    if (r == NULL || t->v->cause == CAUSE_DELETED)
        return;
    if (made_up_after_a_pause(t)) {
        say(t, "Revision %d ended the pause, at %s%s.", (int)r->row->revision,
            telling_when(t, r->row->effective_at), telling_by(t, r->row->actor, r->row->reason));
        return;
    }
    say(t, "Revision %d was in force, since %s%s.", (int)r->row->revision,
        telling_when(t, r->row->effective_at), telling_by(t, r->row->actor, r->row->reason));
}

static void tell_made(const struct telling *t, const struct execution_row *e)
{
    for (size_t i = 0; i < t->s->command_count; i++) {
        const struct command_place *c = &t->s->commands[i];

        if (c->kind == COMMAND_TRIGGER_TASK && e->trigger == TRIGGER_CHAIN) {
            say(t, "It follows another task's execution, set off at %s%s.",
                telling_when(t, c->received_at), telling_by(t, c->actor, c->reason));
            return;
        }
        if (c->kind == COMMAND_TRIGGER_TASK || c->kind == COMMAND_BACKFILL ||
            c->kind == COMMAND_RETRY_EXECUTION) {
            say(t, "%s asked for at %s%s.",
                c->kind == COMMAND_TRIGGER_TASK ? "It was triggered by hand,"
                : c->kind == COMMAND_BACKFILL   ? "It is of a backfill,"
                                                : "It repeats another one,",
                telling_when(t, c->received_at), telling_by(t, c->actor, c->reason));
            return;
        }
    }
    if (e->trigger == TRIGGER_CATCH_UP)
        say(t, "It makes up for an instant that %s.",
            made_up_after_a_pause(t) ? "a pause passed over"
            : knows_its_revision(t)  ? "was not decided in time"
                                     : "was passed over");
    else if (e->trigger == TRIGGER_MANUAL)
        say(t, "It was triggered by hand.");
    else if (e->trigger == TRIGGER_BACKFILL)
        say(t, "It is of a backfill.");
    else if (e->trigger == TRIGGER_RETRY)
        say(t, "It repeats another one.");
    else if (e->trigger == TRIGGER_CHAIN)
        say(t, "It follows another task's execution.");
    else if (e->trigger == TRIGGER_EXTERNAL)
        say(t, "Somebody else started it, and it was observed.");
}

static void tell_blocker(const struct telling *t, const struct execution_row *e)
{
    const struct execution_row *b = t->s->blocker;
    char id[UUID_TEXT];

    if (uuid_is_nil(e->blocked_by))
        return;
    if (b == NULL)
        say(t, "Execution %s was in the way.", uuid_to_text(e->blocked_by, id));
    else if (status_is_final((enum status)b->status))
        say(t, "Execution %s was in the way: scheduled at %s, it ended %s at %s.",
            uuid_to_text(e->blocked_by, id), telling_when(t, b->scheduled_at),
            enum_name(&status_enum, b->status), telling_when(t, telling_ended(b)));
    else
        say(t, "Execution %s is in the way: scheduled at %s, it is %s.",
            uuid_to_text(e->blocked_by, id), telling_when(t, b->scheduled_at),
            enum_name(&status_enum, b->status));
}

static void tell_limits(const struct telling *t, const struct execution_row *e)
{
    const struct verdict_revision *r = t->v->revision;
    bool is_overlap = e->reason == REASON_OVERLAP || e->reason == REASON_QUEUE_FULL;

    if (is_overlap && r != NULL && r->spec != NULL)
        say(t, "The task's overlap rule is %s, with %d at a time.",
            enum_name(&overlap_enum, (int)r->spec->overlap), (int)MAX(r->spec->max_concurrency, 1));
    if (e->reason == REASON_START_DEADLINE && e->start_by != 0)
        say(t, "It had to begin by %s.", telling_when(t, e->start_by));
    if (e->reason == REASON_FINISH_BY && e->finish_by != 0)
        say(t, "It had to be finished by %s.", telling_when(t, e->finish_by));
    if (e->reason == REASON_RUN_TIMEOUT && e->run_timeout_ms != 0)
        say(t, "An attempt may run for %s.", telling_span(t, e->run_timeout_ms * USEC_PER_MS));
    if (e->reason == REASON_HEARTBEAT && e->heartbeat_ms != 0)
        say(t, "It was to give a sign of life each %s, and is given up after four times that.",
            telling_span(t, e->heartbeat_ms * USEC_PER_MS));
}

/* It has failed, and could have had another attempt. */
static void tell_no_further_attempt(const struct telling *t, const struct execution_row *e)
{
    struct life_rules rules = {0};
    usec_t next;

    if (knows_its_revision(t) && t->v->revision->spec != NULL)
        rules = lifecycle_rules(&t->v->revision->spec->retry, e->max_attempts, e->finish_by);
    if (e->attempt >= e->max_attempts || (spec_retry_on(NULL) >> e->status & 1) == 0 ||
        verdict_is_followed(e) || rules.max_attempts == 0)
        return;
    next = telling_ended(e) + lifecycle_retry_delay(&rules, e->execution_id, e->attempt);
    if (e->cancel_requested)
        say(t, "No attempt %d: it was being cancelled.", (int)e->attempt + 1);
    else if ((rules.retry_on >> e->status & 1) == 0)
        say(t, "No attempt %d: what ended %s is not to be tried again.", (int)e->attempt + 1,
            enum_name(&status_enum, e->status));
    else if (e->finish_by != 0 && next > e->finish_by)
        say(t, "No attempt %d: it would have begun at %s, and all had to be finished by %s.",
            (int)e->attempt + 1, telling_when(t, next), telling_when(t, e->finish_by));
}

static void tell_course(const struct telling *t, const struct execution_row *e)
{
    if (e->started_at != 0)
        say(t, "Worker \"%s\" began %s at %s, %s after it was due.",
            e->worker != NULL ? e->worker : "?",
            e->attempt > 1 ? arena_printf(t->memory, "attempt %d", (int)e->attempt) : "it",
            telling_when(t, e->started_at), telling_span(t, e->started_at - t->v->due));
    if (e->max_attempts > 1)
        say(t, "Attempt %d of at most %d.", (int)e->attempt, (int)e->max_attempts);
    tell_no_further_attempt(t, e);
    if (status_is_final((enum status)e->status) && telling_ended(e) != 0)
        say(t, t->v->answer == VERDICT_DID_NOT_RUN ? "That was decided at %s." : "It ended at %s.",
            telling_when(t, telling_ended(e)));
    if (e->message != NULL && strstr(t->out->text, e->message) == NULL)
        say(t, "What was said last: %.500s", e->message);
    if (e->contradicted)
        say(t, "A worker reported another end later, which changes nothing: the first one holds.");
    if (e->cancel_requested && e->status != STATUS_CANCELLED && e->status != STATUS_CANCELLING)
        say(t, "It was asked to stop before.");
}

/* Also of what is to come. */
static void tell_wishes(const struct telling *t)
{
    for (size_t i = 0; i < t->s->command_count; i++) {
        const struct command_place *c = &t->s->commands[i];
        const char *what = c->kind == COMMAND_SKIP_NEXT ? "skip it"
                           : c->kind == COMMAND_DELETE_TASK && t->v->rule == REASON_DELETED
                               ? "delete the task"
                               : NULL;

        if (what != NULL)
            say(t, "To %s was asked for at %s%s.", what, telling_when(t, c->received_at),
                telling_by(t, c->actor, c->reason));
    }
}

/* The first one did it. */
static void tell_cancelling(const struct telling *t)
{
    int count = 0;

    for (size_t i = 0; i < t->s->command_count; i++) {
        const struct command_place *c = &t->s->commands[i];

        if (c->kind == COMMAND_CANCEL_EXECUTION && count++ == 0)
            say(t, "To cancel it was asked for at %s%s.", telling_when(t, c->received_at),
                telling_by(t, c->actor, c->reason));
    }
    if (count > 1)
        say(t, "That was asked for %d times%s.", count, t->s->has_more_commands ? " or more" : "");
}

static void tell_execution(const struct telling *t)
{
    const struct execution_row *e = t->v->execution;

    if (e == NULL)
        return;
    tell_made(t, e);
    tell_blocker(t, e);
    tell_limits(t, e);
    tell_cancelling(t);
    tell_course(t, e);
}

static const char *misfire_rule(const struct telling *t)
{
    const struct misfire_spec *m;
    const char *policy;

    if (t->v->revision == NULL || t->v->revision->spec == NULL)
        return "";
    m = &t->v->revision->spec->misfire;
    policy = m->policy == MISFIRE_NONE ? "none is made up for"
             : m->policy == MISFIRE_ALL
                 ? arena_printf(t->memory, "the newest %d are made up for", (int)m->limit)
                 : "the newest one is made up for, unless a later one is due";
    return arena_printf(
        t->memory,
        "Misfire policy %s: of what is decided more than %s late %s, and nothing older than %s.",
        enum_name(&misfire_enum, m->policy), telling_span(t, m->after_ms * USEC_PER_MS), policy,
        telling_span(t, m->window_ms * USEC_PER_MS));
}

static void tell_gap(const struct telling *t)
{
    const struct gap_row *g = t->v->gap;
    bool is_one = g != NULL && g->count == 1 && !g->more;

    if (g == NULL) {
        if (t->v->answer == VERDICT_NOT_FIRED)
            say(t, "The pause goes on: what it passes over is written down when it ends.");
        return;
    }
    say(t, "%s after %s, up to %s, %s passed over%s; that was decided at %s.", telling_count(t, g),
        telling_when(t, g->from_at), telling_when(t, g->to_at), is_one ? "was" : "were",
        is_one ? "" : " together", telling_when(t, g->received_at));
    if (g->reason == REASON_MISFIRE)
        say(t, "%s", misfire_rule(t));
}

static void tell_pause(const struct telling *t)
{
    const struct task_row *pause = telling_pause(t);
    usec_t until;

    for (size_t i = 0; pause != NULL && t->v->rule == REASON_PAUSED && i < t->s->command_count; i++)
        if (uuid_equal(t->s->commands[i].command_id, pause->command_id) &&
            t->s->commands[i].until != NULL &&
            rfc3339_parse(t->s->commands[i].until, &until, NULL) == RC_OK)
            say(t,
                t->v->answer == VERDICT_TO_COME && until <= t->v->due
                    ? "The pause is until %s, so it runs if nobody changes that."
                : until <= t->f->now ? "The pause was until %s."
                                     : "The pause is until %s.",
                telling_when(t, until));
}

static const char *rule_that_holds(const struct telling *t)
{
    const struct verdict *v = t->v;
    usec_t wall = v->occurrence.at + v->occurrence.offset * USEC_PER_SEC;

    for (size_t i = 0; v->calendar->mode == CALENDAR_EXCLUDE && i < v->calendar->rule_count; i++) {
        const struct calendar_rule *r = &v->calendar->rules[i];
        SCOPED(calendar) struct calendar *one = calendar_new(CALENDAR_EXCLUDE);

        if (strcmp(r->kind, "hours") != 0 && calendar_add(one, r->kind, r->value, NULL) == RC_OK &&
            calendar_holds(one, wall / USEC_PER_SEC))
            return arena_printf(t->memory, "%s %s", r->kind, r->value);
    }
    return NULL;
}

static void tell_calendar(const struct telling *t)
{
    const struct verdict *v = t->v;
    const struct window_spec *w;
    const char *rule;

    if (v->cause == CAUSE_CALENDAR) {
        rule = rule_that_holds(t);
        if (rule != NULL)
            say(t, "Its rule \"%s\" holds that day.", rule);
    }
    if (v->cause != CAUSE_WINDOW || v->revision->spec->window == NULL)
        return;
    w = v->revision->spec->window;
    if (w->from != 0)
        say(t, "The window begins at %s.", telling_when(t, w->from));
    if (w->until != 0)
        say(t, "The window ends at %s.", telling_when(t, w->until));
    if (w->daily_from != NULL)
        say(t, "On each day it is open from %s to %s, %s.", w->daily_from, w->daily_to,
            w->zone != NULL ? w->zone : "UTC");
}

static void tell_absence(const struct telling *t)
{
    const struct verdict *v = t->v;

    tell_calendar(t);
    if (v->cause == CAUSE_REVISION)
        say(t, "Revision %d names it, %s %s%s.", (int)v->other->row->revision,
            v->other->row->revision < v->revision->row->revision ? "which was in force from"
                                                                 : "in force only from",
            telling_when(t, v->other->row->effective_at),
            telling_by(t, v->other->row->actor, v->other->row->reason));
    if (v->cause == CAUSE_NO_TASK && t->f->revision_count > 0)
        say(t, "It was made at %s%s.", telling_when(t, t->f->revisions[0].row->effective_at),
            telling_by(t, t->f->revisions[0].row->actor, t->f->revisions[0].row->reason));
    if (v->before != USEC_MIN && v->after != USEC_MAX)
        say(t, "The nearest instants: %s before it, %s after it.", telling_when(t, v->before),
            telling_when(t, v->after));
    else if (v->before != USEC_MIN)
        say(t, "The last instant before it: %s; there is none after it.",
            telling_when(t, v->before));
    else if (v->after != USEC_MAX)
        say(t, "The first instant after it: %s; there is none before it.",
            telling_when(t, v->after));
}

static void tell_kept(const struct telling *t)
{
    if (t->v->answer == VERDICT_NOT_KEPT)
        say(t, "What happened before %s is not kept any more.", telling_when(t, t->f->kept_from));
    if (t->v->answer == VERDICT_UNDECIDED && t->f->decided != 0)
        say(t,
            "If no scheduler runs, `cronobs scheduler` decides it; /v1/system tells who has the partition.");
    if (t->v->answer == VERDICT_UNSTORED)
        say(t, "They are %lld records behind in partition %d.", (long long)t->f->behind,
            (int)t->s->partition);
    if (t->v->answer == VERDICT_UNEXPLAINED)
        say(t,
            "Decided up to %s in partition %d. `cronobs db verify` and the scheduler's log are where to look.",
            telling_when(t, t->f->decided), (int)t->s->partition);
}

void telling_details(const struct telling *t)
{
    tell_schedule(t);
    tell_clock(t);
    tell_gap(t);
    tell_pause(t);
    tell_wishes(t);
    tell_execution(t);
    tell_absence(t);
    tell_revision(t);
    tell_kept(t);
}
