#include "api/resources/why.h"

#include <stdio.h>
#include <string.h>

#include "api/exchange/answer.h"
#include "api/exchange/view.h"
#include "api/resources/execution_view.h"
#include "api/resources/moment.h"
#include "api/resources/resources.h"
#include "api/resources/timeline_of.h"
#include "api/resources/verdict_words.h"
#include "api/resources/why_load.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/rfc3339.h"
#include "model/skip_next.h"
#include "store/read_executions.h"
#include "store/read_tasks.h"
#include "store/read_why.h"

/*
 * An instant is one or two (the clock shows it twice). Of each the facts are loaded, then it is judged, and so is whatever else was
 * made in it; each verdict then fetches the records that it names. All is read before anything is written.
 */

#define TOLD_WITHIN USEC_PER_MIN /* the end of one task's execution, to the next task */
#define AWAY_WITHIN \
    (60 * USEC_PER_MIN) /* a command, to a scheduler that was not there when it came */

enum {
    REVISIONS_AFTER = 4,
    EXECUTIONS_MAX = 10,
    GAPS_MAX = 50,
    EVENTS_MAX = 25,
    ITEMS_MAX = 2 * (EXECUTIONS_MAX + 1),
    COMMANDS_MAX = 4,
};

struct item {
    struct verdict verdict;
    struct verdict_words words;
};

struct why_request {
    struct why_ask ask;
    struct moment moment;
    int instant; /* that is looked at */
    struct why_load load;
    struct verdict_facts facts;
    struct verdict_sources sources; /* of the item in hand */
    struct item items[ITEMS_MAX];
    size_t count, at; /* items from `at` on have no words yet */
};

/* True: x is answered, and what was loaded is gone. */
static bool failed(struct why_request *r, const struct read_page *page)
{
    struct revision_set *set = r->load.set;

    if (!answer_read_failed(r->ask.x, page))
        return false;
    revision_set_free(set); /* r is gone with the answer */
    return true;
}

static struct read_reply reply(struct why_request *r, read_done_fn done)
{
    return (struct read_reply){http_memory(r->ask.x), done, r};
}

struct zone *why_zone(const struct why_ask *ask)
{
    struct zone *zone;

    return zoneset_get(ask->api->zones, ask->zone, &zone, NULL) == RC_OK ? zone_ref(zone)
                                                                         : zone_utc();
}

/* --- the answer --- */

static void put_record(struct json *j, const struct verdict_record *r, const struct zone *zone)
{
    json_open_object(j);
    json_add_text(j, "topic", r->topic);
    if (r->partition >= 0)
        json_add_int(j, "partition", r->partition);
    if (r->offset >= 0)
        json_add_int(j, "offset", r->offset);
    if (r->at != 0) {
        json_add_instant(j, "at", r->at);
        view_local(j, "local", r->at, zone_offset_at(zone, r->at));
    }
    json_add_text(j, "text", r->text);
    json_close_object(j);
}

static void put_words(struct json *j, const struct verdict_words *w, const struct zone *zone)
{
    json_add_text(j, "text", w->text);
    json_key(j, "details");
    json_open_array(j);
    for (size_t i = 0; i < w->detail_count; i++)
        json_text(j, w->details[i]);
    json_close_array(j);
    json_key(j, "evidence");
    json_open_array(j);
    for (size_t i = 0; i < w->record_count; i++)
        put_record(j, &w->records[i], zone);
    json_close_array(j);
}

static void put_rows(struct json *j, const struct verdict *v, const struct task_row *revision)
{
    static const struct map no_names = {0};

    if (revision != NULL) {
        json_key(j, "revision");
        view_object(j, &task_revision_type, revision, "spec");
    }
    if (v->gap != NULL) {
        json_key(j, "gap");
        view_object(j, &gap_type, v->gap, NULL);
    }
    if (v->execution != NULL) {
        json_key(j, "execution");
        json_open_object(j);
        execution_members(j, v->execution, &no_names);
        json_close_object(j);
    }
}

static void put_item(struct json *j, const struct item *one, const struct zone *zone)
{
    const struct verdict *v = &one->verdict;

    json_open_object(j);
    json_add_instant(j, "at", v->at);
    view_local(j, "local", v->at, zone_offset_at(zone, v->at));
    if (v->due != 0)
        json_add_instant(j, "due_at", v->due);
    json_add_text(j, "answer", verdict_answer_name(v->answer));
    if (v->rule != REASON_NONE)
        json_add_text(j, "rule", enum_name(&reason_enum, (int)v->rule));
    put_words(j, &one->words, zone);
    if (v->answer == VERDICT_NOT_SCHEDULED && v->before != USEC_MIN && v->before != 0)
        json_add_instant(j, "before", v->before);
    if (v->answer == VERDICT_NOT_SCHEDULED && v->after != USEC_MAX && v->after != 0)
        json_add_instant(j, "after", v->after);
    put_rows(j, v, v->revision_row);
    json_close_object(j);
}

void why_members(struct json *j, const struct why_ask *ask)
{
    json_add_uuid(j, "task_id", ask->task->task_id);
    json_add_text(j, "project", ask->task->project);
    json_add_text(j, "key", ask->task->key);
    json_add_text(j, "state", enum_name(&task_state_enum, ask->task->state));
    json_add_text(j, "tz", ask->zone);
    json_add_instant(j, "now", ask->now);
}

/* What the clock does at the time that was written. */
static void put_note(struct json *j, const struct why_request *r)
{
    const struct moment *m = &r->moment;
    struct civil c = civil_of(m->wall);

    if (!m->is_in_gap && m->count == 1)
        return;
    json_add_text(j, "note",
                  arena_printf(http_memory(r->ask.x),
                               m->is_in_gap
                                   ? "%04d-%02d-%02d %02d:%02d does not exist on the clocks of %s: "
                                     "this is about the first instant after the gap"
                                   : "%04d-%02d-%02d %02d:%02d comes twice on the clocks of %s: "
                                     "this is about both",
                               c.year, c.month, c.day, c.hour, c.minute, r->ask.zone));
}

static void answer_items(struct why_request *r)
{
    SCOPED(zone) struct zone *zone = why_zone(&r->ask);
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    why_members(&j, &r->ask);
    put_note(&j, r);
    json_key(&j, "items");
    json_open_array(&j);
    for (size_t i = 0; i < r->count; i++)
        put_item(&j, &r->items[i], zone);
    json_close_array(&j);
    json_close_object(&j);
    answer_json(r->ask.x, 200, &body);
}

/* --- the records of a verdict, one kind after the other --- */

static void look_at_next(struct why_request *r);

static void find_words(struct why_request *r)
{
    struct item *one = &r->items[r->at++];
    SCOPED(zone) struct zone *zone = why_zone(&r->ask);

    r->sources.facts = &r->facts;
    r->sources.zone = zone;
    r->sources.partition = partition_of(r->ask.task->task_id, r->ask.api->config->partitions);
    verdict_words(&one->verdict, &r->sources, http_memory(r->ask.x), &one->words);
    look_at_next(r);
}

static void on_blocker(void *ctx, const struct read_page *page)
{
    struct why_request *r = ctx;

    if (failed(r, page))
        return;
    r->sources.blocker = page->count > 0 ? page->rows : NULL;
    find_words(r);
}

/* Of the backfills of that moment only the one whose execution it is. */
static size_t drop_others(const struct why_request *r, struct command_place *places, size_t count)
{
    const struct execution_row *e = r->items[r->at].verdict.execution;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (places[i].kind != COMMAND_BACKFILL ||
            (e != NULL &&
             uuid_equal(e->execution_id, commanded_execution_id_of(r->facts.task, e->scheduled_at,
                                                                   places[i].command_id))))
            places[kept++] = places[i];
    return kept;
}

static void on_commands(void *ctx, const struct read_page *page)
{
    struct why_request *r = ctx;
    const struct execution_row *e = r->items[r->at].verdict.execution;

    if (failed(r, page))
        return;
    r->sources.commands = page->rows;
    r->sources.command_count = drop_others(r, page->rows, page->count);
    r->sources.has_more_commands = page->more;
    if (e != NULL && !uuid_is_nil(e->blocked_by))
        read_executions_of(r->ask.api->reads, &e->blocked_by, 1, reply(r, on_blocker));
    else
        find_words(r);
}

/* A command that the scheduler answered by an event at `at`, no more than `within` after it got it. */
static struct command_span span_before(usec_t at, usec_t within)
{
    return (struct command_span){at - within, at + USEC_PER_MS};
}

/*
 * What was triggered by hand is scheduled when the command came, others are due then; a link of a chain soon after the end that it is due
 * since. What waits is not said to be due: its first event tells when the scheduler made it, which may have been away.
 */
static struct command_span span_of_making(const struct why_request *r, const struct verdict *v)
{
    bool is_link = v->execution->trigger == TRIGGER_CHAIN;

    if (v->execution->trigger == TRIGGER_MANUAL)
        return (struct command_span){v->at, v->at + USEC_PER_MS};
    if (v->execution->due_at == 0 && !is_link && r->sources.event_count > 0)
        return span_before(r->sources.events[0].received_at, AWAY_WITHIN);
    return (struct command_span){v->due, v->due + (is_link ? TOLD_WITHIN : USEC_PER_MS)};
}

/* Of many attempts the event may not have been read: it is among the last ones. */
static struct command_span span_of_cancelling(const struct why_request *r, const struct verdict *v)
{
    for (size_t i = 0; i < r->sources.event_count; i++)
        if (r->sources.events[i].reason == REASON_CANCEL_REQUESTED)
            return span_before(r->sources.events[i].received_at, TOLD_WITHIN);
    if (r->sources.has_more_events && v->rule == REASON_CANCEL_REQUESTED)
        return span_before(v->execution->status_at, AWAY_WITHIN);
    return (struct command_span){0, 0};
}

static usec_t decided_at(const struct verdict *v)
{
    return v->execution != NULL ? v->execution->status_at
           : v->gap != NULL     ? v->gap->received_at
                                : 0;
}

/* Who had it skipped, of what is past: an edit may have had another one skipped than was named. Who deleted the task. */
static struct command_wish wish_behind(const struct why_request *r, const struct verdict *v)
{
    char text[RFC3339_TEXT];

    if (v->rule == REASON_DELETED)
        return (struct command_wish){.wanted = WANTED_DELETION, .until = decided_at(v)};
    if (v->rule != REASON_SKIP_NEXT || v->answer == VERDICT_TO_COME)
        return (struct command_wish){.wanted = WANTED_NONE};
    return (struct command_wish){
        .wanted = WANTED_SKIP,
        .until = decided_at(v),
        .words = arena_printf(http_memory(r->ask.x), SKIP_NEXT_WORDS, rfc3339_format(v->at, text)),
    };
}

/* Whose wish it is that what is to come is skipped. Nil: nobody's, or it is not known. */
static struct uuid skip_to_come(const struct why_request *r, const struct verdict *v)
{
    const struct skip_wish *wish = NULL;
    usec_t until = r->facts.skip_until;

    if (v->answer == VERDICT_TO_COME && skip_next_covers(until, v->at))
        wish = skips_wish(&r->ask.skips, r->facts.task,
                          skip_next_count(v->revision->timeline, v->at, until));
    return wish != NULL ? wish->command_id : UUID_NIL;
}

static void read_commands(struct why_request *r)
{
    const struct verdict *v = &r->items[r->at].verdict;
    struct uuid *ids = arena_alloc(http_memory(r->ask.x), COMMANDS_MAX * sizeof *ids);
    struct command_ask ask = {.ids = ids};

    if (v->revision != NULL)
        ids[ask.count++] = v->revision->row->command_id;
    if (r->sources.pause != NULL)
        ids[ask.count++] = r->sources.pause->command_id;
    if (v->other != NULL)
        ids[ask.count++] = v->other->row->command_id;
    if (!uuid_is_nil(skip_to_come(r, v)))
        ids[ask.count++] = skip_to_come(r, v);
    ask.wish = wish_behind(r, v);
    if (v->execution != NULL) {
        ask.execution = v->execution->execution_id;
        ask.cancelled = span_of_cancelling(r, v);
        if (!verdict_is_of_schedule(r->facts.task, v->execution))
            ask.made = span_of_making(r, v);
        if (!uuid_is_nil(v->execution->parent_execution_id))
            ids[ask.count++] =
                chain_command_id_of(r->facts.task, v->execution->parent_execution_id);
    }
    read_command_places(r->ask.api->reads, r->facts.task, &ask, reply(r, on_commands));
}

static void on_events(void *ctx, const struct read_page *page)
{
    struct why_request *r = ctx;

    if (failed(r, page))
        return;
    r->sources.events = page->rows;
    r->sources.event_count = page->count;
    r->sources.has_more_events = page->more;
    read_commands(r);
}

static void read_records(struct why_request *r)
{
    const struct execution_row *e = r->items[r->at].verdict.execution;

    if (e == NULL)
        read_commands(r);
    else
        read_events(r->ask.api->reads, e->execution_id, -1, EVENTS_MAX, reply(r, on_events));
}

static void on_pause(void *ctx, const struct read_page *page)
{
    struct why_request *r = ctx;

    if (failed(r, page))
        return;
    r->sources.pause = page->count > 0 ? page->rows : NULL;
    read_records(r);
}

/* What waits, for others or for its next attempt, stays where it is as long as the task is paused. */
static bool is_held(const struct task_row *task, const struct verdict *v)
{
    return task->state == TASK_PAUSED && v->execution != NULL && v->answer == VERDICT_WAITS;
}

/* The revision whose pause it is: the gap's where there is one. 0: none has a part in it. */
static int32_t paused_revision(const struct task_row *task, const struct verdict *v)
{
    if (is_held(task, v))
        return task->revision;
    if (v->rule != REASON_PAUSED)
        return 0;
    if (v->gap != NULL)
        return v->gap->revision;
    return v->execution != NULL ? v->execution->revision : v->revision->row->revision;
}

/* --- verdicts --- */

static void begin_instant(struct why_request *r);

static void look_at_next(struct why_request *r)
{
    const struct verdict *v = &r->items[r->at].verdict;

    r->sources = (struct verdict_sources){.facts = &r->facts};
    if (r->at == r->count) {
        revision_set_free(TAKE(r->load.set));
        if (++r->instant < r->moment.count)
            begin_instant(r);
        else
            answer_items(r);
    } else if (paused_revision(r->ask.task, v) != 0) {
        read_pause_start(r->ask.api->reads, r->facts.task, paused_revision(r->ask.task, v),
                         reply(r, on_pause));
    } else {
        read_records(r);
    }
}

static void add(struct why_request *r, const struct verdict *v)
{
    if (r->count == ITEMS_MAX)
        return;
    r->items[r->count].verdict = *v;
    r->items[r->count++].verdict.revision_row = v->revision != NULL ? v->revision->row : NULL;
}

static void on_loaded(void *ctx)
{
    struct why_request *r = ctx;
    struct verdict scheduled, v;

    r->facts = why_facts(&r->load, r->moment.at[r->instant], r->moment.span, r->ask.now);
    r->facts.skip_until = skips_until(&r->ask.skips, r->facts.task);
    verdict_of_schedule(&r->facts, &scheduled);
    if (scheduled.answer != VERDICT_NOT_SCHEDULED || r->facts.execution_count == 0)
        add(r, &scheduled);
    for (size_t i = 0; i < r->facts.execution_count; i++) {
        if (&r->facts.executions[i] == scheduled.execution)
            continue;
        verdict_of_execution(&r->facts, &r->facts.executions[i], &v);
        add(r, &v);
    }
    look_at_next(r);
}

static void begin_instant(struct why_request *r)
{
    usec_t at = r->moment.at[r->instant];

    r->load = (struct why_load){.api = r->ask.api,
                                .x = r->ask.x,
                                .task = r->ask.task->task_id,
                                .from = at,
                                .to = at + r->moment.span,
                                .revisions = REVISIONS_AFTER,
                                .executions = EXECUTIONS_MAX,
                                .gaps = GAPS_MAX,
                                .reads_on = true,
                                .done = on_loaded,
                                .ctx = r};
    why_load(&r->load);
}

/* --- what is asked for --- */

bool why_is_audit(const struct http_exchange *x)
{
    return http_query(x, "from") != NULL || http_query(x, "to") != NULL ||
           http_query(x, "cursor") != NULL;
}

static void take_newest(struct why_request *r, usec_t at)
{
    r->moment = (struct moment){.at = {at}, .count = 1, .span = USEC_PER_MS};
    begin_instant(r);
}

static void on_newest(void *ctx, const struct execution_page *page)
{
    struct why_request *r = ctx;
    const struct execution_row *e = page->page.rows;

    if (answer_read_failed(r->ask.x, &page->page))
        return;
    take_newest(r, page->page.count > 0 ? execution_id_ms(e->execution_id) * USEC_PER_MS
                                        : r->ask.now / USEC_PER_MS * USEC_PER_MS);
}

/* Nobody said which: the last one that was due; of a task without one, what was made last. */
static void choose_instant(struct why_request *r)
{
    SCOPED(timeline) struct timeline *t = NULL;
    struct execution_filter filter = {.task = r->ask.task->task_id};
    struct occurrence o = {.at = r->ask.now + 1};
    bool is_found = false;

    if (timeline_of_spec(r->ask.task->spec, r->ask.task->task_id, r->ask.api->zones,
                         http_memory(r->ask.x), &t, NULL) == RC_OK) {
        is_found = timeline_prev(t, o.at, &o) == RC_OK;
        if (is_found && o.due > r->ask.now)
            is_found = timeline_prev(t, o.at, &o) == RC_OK;
    }
    memset(filter.before.execution.b, 0xff, sizeof filter.before.execution.b);
    if (is_found)
        take_newest(r, o.at);
    else
        read_executions(r->ask.api->reads, &filter, 1, http_memory(r->ask.x), on_newest, r);
}

/* Of a task the zone of its first schedule. */
static enum rc choose_zone(struct why_request *r, struct error *err)
{
    SCOPED(timeline) struct timeline *t = NULL;
    struct zone *zone;
    const char *name = "UTC";

    if (http_query(r->ask.x, "tz") != NULL) {
        TRY(param_zone(r->ask.api, r->ask.x, &zone, err));
        name = zone_name(zone);
    } else if (timeline_of_spec(r->ask.task->spec, r->ask.task->task_id, r->ask.api->zones,
                                http_memory(r->ask.x), &t, NULL) == RC_OK &&
               timeline_schedules(t) > 0) {
        name = schedule_zone(timeline_schedule(t, 0));
    }
    (void)snprintf(r->ask.zone, sizeof r->ask.zone, "%s", name);
    return RC_OK;
}

static enum rc begin(struct why_request *r, struct error *err)
{
    const char *at = http_query(r->ask.x, "at");
    SCOPED(zone) struct zone *zone = NULL;

    TRY(choose_zone(r, err));
    if (why_is_audit(r->ask.x)) {
        if (at != NULL)
            return error_set(err, RC_INVALID, "at: it excludes from, to and cursor");
        answer_audit(&r->ask);
        return RC_OK;
    }
    if (http_query(r->ask.x, "limit") != NULL)
        return error_set(err, RC_INVALID, "limit: it needs from or to");
    if (at == NULL) {
        choose_instant(r);
        return RC_OK;
    }
    zone = why_zone(&r->ask);
    if (moment_parse(at, zone, &r->moment, err) != RC_OK)
        return error_prefix(err, "at");
    if (r->moment.span == USEC_PER_DAY) {
        (void)error_set(err, RC_INVALID, "at: \"%s\" is a day, no instant", at);
        return error_hint(err, "from and to ask about all instants of a range");
    }
    begin_instant(r);
    return RC_OK;
}

static void on_skips(void *ctx, const struct read_page *page)
{
    struct why_request *r = ctx;
    struct error err = {0};

    if (answer_read_failed(r->ask.x, page))
        return;
    r->ask.skips = skips_of(page);
    if (begin(r, &err) != RC_OK)
        answer_error(r->ask.x, &err);
}

static void on_task(void *ctx, const struct read_page *page)
{
    struct why_request *r = ctx;

    if (answer_read_failed(r->ask.x, page))
        return;
    if (page->count == 0) {
        answer_not_found(r->ask.x, "task", http_param(r->ask.x, "task"));
        return;
    }
    r->ask.task = page->rows;
    skips_read(r->ask.api, &r->ask.task->task_id, 1, r->ask.now, reply(r, on_skips));
}

void why_task(struct http_exchange *x, void *ctx)
{
    struct why_request *r = arena_alloc(http_memory(x), sizeof *r);
    struct task_ref task;
    struct error err;

    r->ask = (struct why_ask){.api = api_of(ctx), .x = x, .now = clock_realtime()};
    if (param_task(x, &task, &err) != RC_OK)
        answer_error(x, &err);
    else
        read_task(r->ask.api->reads, task.id, reply(r, on_task));
}
