#include "api/resources/verdict_words.h"

#include <string.h>

#include "api/resources/telling.h"
#include "base/duration.h"
#include "base/rfc3339.h"

/* --- small words --- */

const char *verdict_time(const struct zone *zone, usec_t at, struct arena *memory)
{
    int offset = zone_offset_at(zone, at);
    usec_t wall = at + offset * USEC_PER_SEC;
    struct civil c = civil_of(wall);
    char local[RFC3339_TEXT];
    const char *fraction = "", *tail = "";

    if (c.usec != 0)
        fraction = arena_printf(memory, ".%03d", c.usec / 1000);
    if (zone_from_wall(zone, wall).kind == WALL_OVERLAP)
        tail = arena_printf(memory, " (%s)",
                            rfc3339_format_local(at / USEC_PER_SEC * USEC_PER_SEC, offset, local) +
                                strlen("2026-11-29T14:20:00"));
    return arena_printf(memory, "%04d-%02d-%02d %02d:%02d:%02d%s%s", c.year, c.month, c.day, c.hour,
                        c.minute, c.second, fraction, tail);
}

const char *telling_when(const struct telling *t, usec_t at)
{
    return verdict_time(t->s->zone, at, t->memory);
}

const char *telling_span(const struct telling *t, usec_t us)
{
    int64_t ms = MAX(us, 0) / USEC_PER_MS;
    char text[DURATION_TEXT_MAX];

    if (ms >= 1000 && ms < 60000 && ms % 1000 != 0)
        return arena_printf(t->memory, "%d.%02ds", (int)(ms / 1000), (int)(ms % 1000 / 10));
    if (ms >= 60000)
        ms -= ms % 1000;
    return ms == 0 ? "0ms" : arena_strdup(t->memory, duration_text(ms, text));
}

const char *telling_by(const struct telling *t, const char *actor, const char *reason)
{
    bool has_actor = actor != NULL && *actor != '\0',
         has_reason = reason != NULL && *reason != '\0';

    return arena_printf(t->memory, "%s%s%s%s", has_actor ? ", by " : "", has_actor ? actor : "",
                        has_reason ? ": " : "", has_reason ? reason : "");
}

const char *telling_count(const struct telling *t, const struct gap_row *g)
{
    return arena_printf(t->memory, "%d%s instant%s", (int)g->count, g->more ? " or more" : "",
                        g->count == 1 ? "" : "s");
}

const struct task_row *telling_pause(const struct telling *t)
{
    if (t->s->pause != NULL)
        return t->s->pause;
    return t->v->revision != NULL && t->v->revision->row->state == TASK_PAUSED ? t->v->revision->row
                                                                               : NULL;
}

usec_t telling_ended(const struct execution_row *e)
{
    return e->finished_at != 0 ? e->finished_at : e->status_at;
}

/* --- reasons: one table for executions and gaps, in the order of the enumeration --- */

static const char *const reasons[REASON_COUNT] = {
    [REASON_NONE] = "nobody said why",
    [REASON_CALENDAR] = "a calendar leaves it out",
    [REASON_WINDOW] = "it lies outside the task's window",
    [REASON_DELETED] = "the task was deleted before it was decided",
    [REASON_PAUSED] = "the task was paused",
    [REASON_SKIP_NEXT] = "somebody asked to skip the next instant",
    [REASON_MISFIRE] = "nobody decided it in time, and then it was too late for it",
    [REASON_START_DEADLINE] = "no worker had begun it by its start deadline",
    [REASON_NO_QUEUE] = "its queue did not exist",
    [REASON_OVERLAP] = "another execution of the task was not finished, and no more may overlap",
    [REASON_QUEUE_FULL] = "as many executions as may were waiting already",
    [REASON_RUN_TIMEOUT] = "it ran for longer than its run timeout",
    [REASON_FINISH_BY] = "it was not over by the time at which it had to be finished",
    [REASON_HEARTBEAT] = "its worker gave no sign of life any more",
    [REASON_CANCEL_REQUESTED] = "somebody asked to cancel it",
    [REASON_EXIT_CODE] = "its program ended with another exit code than 0",
    [REASON_SIGNAL] = "its program was ended by a signal",
    [REASON_WORKER_SHUTDOWN] = "its worker was stopped",
    [REASON_WORKER_ERROR] = "its worker could not run it",
    [REASON_RETRY] = "another attempt follows",
    [REASON_RELEASED] = "what it waited for is over",
    [REASON_TZDATA] = "other rules of the time zone moved it into the past",
    [REASON_EDITED] = "the task was edited before it was due, and has no such instant any more",
    [REASON_UNKNOWN] = "for a reason that only a newer version knows",
};

const char *verdict_reason(enum reason reason)
{
    const char *text = (unsigned)reason < REASON_COUNT ? reasons[reason] : NULL;

    return text != NULL ? text : reasons[REASON_UNKNOWN];
}

const char *verdict_reason_of(const struct execution_row *e)
{
    if (e->status == STATUS_CANCELLED && e->reason == REASON_OVERLAP)
        return "a later one of the task took its place";
    return verdict_reason((enum reason)e->reason);
}

/* --- the answer in one sentence --- */

static const char *after_run(const struct telling *t, const struct execution_row *e)
{
    return e->started_at != 0 && telling_ended(e) >= e->started_at
               ? arena_printf(t->memory, " after %s",
                              telling_span(t, telling_ended(e) - e->started_at))
               : "";
}

static const char *failure_of(const struct telling *t, const struct execution_row *e)
{
    if (e->exit_code.is_set)
        return arena_printf(t->memory, ": exit code %d", (int)e->exit_code.value);
    if (e->message != NULL && *e->message != '\0')
        return arena_printf(t->memory, ": %.300s", e->message);
    return e->reason == REASON_NONE ? "" : arena_printf(t->memory, ": %s", verdict_reason_of(e));
}

static const char *ran(const struct telling *t)
{
    const struct execution_row *e = t->v->execution;
    const char *after = after_run(t, e);

    switch ((enum status)e->status) {
    case STATUS_SUCCEEDED:
        return arena_printf(t->memory, "Yes: it ran, and succeeded%s.", after);
    case STATUS_FAILED:
        return arena_printf(t->memory, "It ran, and failed%s%s.", after, failure_of(t, e));
    case STATUS_TIMED_OUT:
        return arena_printf(t->memory, "It ran, and timed out%s: %s.", after, verdict_reason_of(e));
    case STATUS_LOST:
        return arena_printf(t->memory, "It ran, and was lost%s: %s.", after, verdict_reason_of(e));
    case STATUS_CANCELLED:
        return arena_printf(t->memory, "It ran, and was cancelled%s: %s.", after,
                            verdict_reason_of(e));
    default:
        return arena_printf(t->memory, "It ran, and ended %s%s: %s.",
                            enum_name(&status_enum, e->status), after, verdict_reason_of(e));
    }
}

static const char *runs(const struct telling *t)
{
    const struct execution_row *e = t->v->execution;
    const char *since = e->started_at == 0
                            ? ""
                            : arena_printf(t->memory, ", for %s so far",
                                           telling_span(t, t->f->now - e->started_at));

    return e->status == STATUS_CANCELLING
               ? arena_printf(t->memory, "It is being cancelled%s: its worker was told to stop.",
                              since)
               : arena_printf(t->memory, "It is running%s.", since);
}

static const char *queue_of(const struct telling *t)
{
    return t->v->execution->queue != NULL ? t->v->execution->queue : "?";
}

/* An attempt whose time came before the pause is in the queue. */
static bool is_held(const struct telling *t)
{
    const struct execution_row *e = t->v->execution;

    return t->s->pause != NULL && t->v->rule != REASON_PAUSED &&
           (e->status == STATUS_WAITING || e->next_attempt_at >= t->s->pause->effective_at);
}

static const char *waits(const struct telling *t)
{
    const struct execution_row *e = t->v->execution;

    if (is_held(t))
        return arena_printf(
            t->memory, "Not yet: the task is paused, since %s%s, and what waits stays where it is.",
            telling_when(t, t->s->pause->effective_at),
            telling_by(t, t->s->pause->actor, t->s->pause->reason));
    if (verdict_is_followed(e))
        return arena_printf(t->memory,
                            "It is not over: attempt %d ended %s%s, and attempt %d follows at %s.",
                            (int)e->attempt, enum_name(&status_enum, e->status), failure_of(t, e),
                            (int)e->attempt + 1, telling_when(t, e->next_attempt_at));
    switch ((enum status)e->status) {
    case STATUS_WAITING:
        return arena_printf(t->memory, "Not yet: it waits, for %s.",
                            uuid_is_nil(e->blocked_by)
                                ? "its turn among the executions of the task"
                                : "another execution of the task to be finished");
    case STATUS_RETRYING:
        return e->next_attempt_at == 0
                   ? arena_printf(t->memory, "Not just now: attempt %d is to follow.",
                                  (int)e->attempt)
                   : arena_printf(t->memory, "Not just now: attempt %d is due at %s.",
                                  (int)e->attempt, telling_when(t, e->next_attempt_at));
    case STATUS_CANCELLING:
        return "Not yet, and it is being cancelled.";
    default:
        return arena_printf(
            t->memory,
            "Not yet: it was ordered, and no worker of queue \"%s\" has begun it for %s.",
            queue_of(t), telling_span(t, t->f->now - t->v->due));
    }
}

static const char *did_not_run(const struct telling *t)
{
    const struct execution_row *e = t->v->execution;
    const char *word = e->status == STATUS_MISSED    ? "it was missed"
                       : e->status == STATUS_SKIPPED ? "it was skipped"
                       : e->status == STATUS_CANCELLED
                           ? "it was cancelled before anybody began it"
                           : arena_printf(t->memory, "it ended %s before anybody had begun it",
                                          enum_name(&status_enum, e->status));

    return arena_printf(t->memory, "No: %s, because %s.", word, verdict_reason_of(e));
}

static const char *not_fired(const struct telling *t)
{
    const struct task_row *pause = telling_pause(t);

    if (t->v->rule == REASON_PAUSED && pause != NULL)
        return arena_printf(t->memory, "No: the task was paused, since %s%s.",
                            telling_when(t, pause->effective_at),
                            telling_by(t, pause->actor, pause->reason));
    return arena_printf(t->memory, "No: it was not fired, because %s.", verdict_reason(t->v->rule));
}

static const char *not_scheduled(const struct telling *t)
{
    const struct verdict *v = t->v;

    switch (v->cause) {
    case CAUSE_NO_TASK:
        return "No: there was no such task yet.";
    case CAUSE_DELETED:
        return arena_printf(t->memory, "No: the task was deleted at %s%s.",
                            telling_when(t, v->revision->row->effective_at),
                            telling_by(t, v->revision->row->actor, v->revision->row->reason));
    case CAUSE_BY_HAND:
        return "It was not scheduled: the task had no schedules, it runs by hand only.";
    case CAUSE_UNREADABLE:
        return "This cannot be told: a newer version wrote the revision that was in force.";
    case CAUSE_BEFORE:
        return arena_printf(
            t->memory, "It was not scheduled: what is scheduled up to %s is none of revision %d's.",
            telling_when(t, v->revision->row->effective_at), (int)v->revision->row->revision);
    case CAUSE_CALENDAR:
        return arena_printf(t->memory, "It is not scheduled: calendar \"%s\" %s.",
                            v->calendar->name != NULL ? v->calendar->name : "",
                            v->calendar->mode == CALENDAR_ONLY
                                ? "does not hold it, and the task keeps to what it holds"
                                : "leaves it out");
    case CAUSE_WINDOW:
        return "It is not scheduled: it lies outside the task's window.";
    case CAUSE_SECOND_PASS:
        return arena_printf(
            t->memory,
            "It is not scheduled: the clock shows this time twice, and it is due the first time, at %s.",
            telling_when(t, v->occurrence.at));
    case CAUSE_REVISION:
        return arena_printf(
            t->memory, "It was not scheduled: revision %d, which was in force, does not name it.",
            (int)v->revision->row->revision);
    default:
        return "It is not scheduled: no schedule of the task names it.";
    }
}

static const char *to_come(const struct telling *t)
{
    const struct task_row *pause = telling_pause(t);

    if (t->v->rule == REASON_PAUSED && pause != NULL)
        return arena_printf(t->memory, "It is still to come, but the task is paused since %s%s.",
                            telling_when(t, pause->effective_at),
                            telling_by(t, pause->actor, pause->reason));
    return arena_printf(t->memory, "It is still to come%s: due at %s, in %s.",
                        t->v->rule == REASON_SKIP_NEXT ? ", and will be skipped" : "",
                        telling_when(t, t->v->due), telling_span(t, t->v->due - t->f->now));
}

static const char *undecided(const struct telling *t)
{
    if (t->f->decided == 0)
        return arena_printf(
            t->memory,
            "Nothing is known of it yet: it was due %s ago, and how far the scheduler of partition %d has come is not known here.",
            telling_span(t, t->f->now - t->v->due), (int)t->s->partition);
    return arena_printf(
        t->memory,
        "Not yet: it was due %s ago, and the scheduler of partition %d has decided up to %s only.",
        telling_span(t, t->f->now - t->v->due), (int)t->s->partition,
        telling_when(t, t->f->decided));
}

static const char *answer(const struct telling *t)
{
    switch (t->v->answer) {
    case VERDICT_RAN:
        return ran(t);
    case VERDICT_RUNS:
        return runs(t);
    case VERDICT_WAITS:
        return waits(t);
    case VERDICT_DID_NOT_RUN:
        return did_not_run(t);
    case VERDICT_NOT_FIRED:
        return not_fired(t);
    case VERDICT_NOT_SCHEDULED:
        return not_scheduled(t);
    case VERDICT_TO_COME:
        return to_come(t);
    case VERDICT_UNDECIDED:
        return undecided(t);
    case VERDICT_UNSTORED:
        return "Nothing is stored of it yet: the tables are behind the log.";
    case VERDICT_NOT_KEPT:
        return "This is not kept: the history begins later.";
    default:
        return "This has no explanation: it was scheduled, the scheduler has gone past it, and there is no record of it.";
    }
}

void verdict_words(const struct verdict *v, const struct verdict_sources *s, struct arena *memory,
                   struct verdict_words *ret)
{
    const struct telling t = {.v = v, .s = s, .f = s->facts, .memory = memory, .out = ret};

    *ret = (struct verdict_words){.text = answer(&t)};
    telling_details(&t);
    telling_records(&t);
}
