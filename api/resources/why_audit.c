/*
 * GET /v1/tasks/:task:why?from=&to=: an audit, in parts. A part ends where one of its lists does, and the next one goes on there.
 */
#include <stdlib.h>

#include "api/exchange/page.h"
#include "api/exchange/view.h"
#include "api/resources/audit.h"
#include "api/resources/moment.h"
#include "api/resources/verdict_words.h"
#include "api/resources/why.h"
#include "api/resources/why_load.h"
#include "base/clock.h"

enum { REVISIONS_MAX = 50, EXECUTIONS_MAX = 1000, GAPS_MAX = 500 };

struct audit_request {
    struct why_ask ask;
    usec_t from, to; /* of the whole */
    bool is_first;
    struct why_load load;
    struct audit audit;
    size_t limit;
};

/* --- words --- */

static const char *when(const struct zone *zone, usec_t at, struct arena *memory)
{
    return verdict_time(zone, at, memory);
}

static const char *pause_words(const struct audit_line *l, const struct zone *zone,
                               struct arena *memory)
{
    const struct task_row *row = l->revision != NULL ? l->revision->row : NULL;
    bool has_reason = row != NULL && row->reason != NULL && *row->reason != '\0';

    if (row == NULL || row->state != TASK_PAUSED)
        return "";
    return arena_printf(memory, ", since %s by %s%s%s", when(zone, row->effective_at, memory),
                        row->actor != NULL ? row->actor : "?", has_reason ? ": " : "",
                        has_reason ? row->reason : "");
}

/* A gap begins behind an instant, a pause that goes on with one. */
static const char *passed_over(const struct audit_line *l, const struct zone *zone,
                               struct arena *memory)
{
    return arena_printf(memory, "%lld%s instant%s %s, up to %s: %s%s", (long long)l->count,
                        l->more ? " or more" : "", l->count == 1 ? "" : "s",
                        l->gap != NULL ? "after this one" : "from this one on",
                        when(zone, l->to, memory), verdict_reason(l->rule),
                        l->rule == REASON_PAUSED ? pause_words(l, zone, memory) : "");
}

static const char *words(const struct audit_line *l, const struct zone *zone, struct arena *memory)
{
    switch (l->kind) {
    case AUDIT_DID_NOT_RUN:
        return arena_printf(memory, "%s: %s", enum_name(&status_enum, l->execution->status),
                            verdict_reason_of(l->execution));
    case AUDIT_NOT_FIRED:
        return passed_over(l, zone, memory);
    case AUDIT_MISSING:
        return arena_printf(
            memory, "revision %d names it, the scheduler has gone past it, and nothing is there",
            (int)l->revision->row->revision);
    case AUDIT_EXTRA:
        return arena_printf(
            memory,
            "an execution (%s) that no revision then in force names; it was decided with tzdata %s",
            enum_name(&status_enum, l->execution->status),
            l->execution->tzdata != NULL ? l->execution->tzdata : "?");
    case AUDIT_TWICE:
        return l->execution != NULL ? "fired, and passed over by a gap" : "passed over by two gaps";
    default:
        return arena_printf(memory,
                            "the gap up to %s counts %lld instants, revision %d has %lld there",
                            when(zone, l->to, memory), (long long)l->counted,
                            (int)l->revision->row->revision, (long long)l->count);
    }
}

/* --- the answer --- */

static void put_line(struct json *j, const struct audit_line *l, const struct zone *zone,
                     struct arena *memory)
{
    json_open_object(j);
    json_add_instant(j, "at", l->at);
    view_local(j, "local", l->at, zone_offset_at(zone, l->at));
    if (l->to != l->at)
        json_add_instant(j, "to", l->to);
    json_add_text(j, "kind", audit_kind_name(l->kind));
    json_add_int(j, "count", l->count);
    json_add_bool(j, "explained", audit_is_explained(l->kind));
    if (l->rule != REASON_NONE)
        json_add_text(j, "rule", enum_name(&reason_enum, (int)l->rule));
    if (l->execution != NULL)
        json_add_uuid(j, "execution_id", l->execution->execution_id);
    if (l->revision != NULL)
        json_add_int(j, "revision", l->revision->row->revision);
    json_add_text(j, "text", words(l, zone, memory));
    json_close_object(j);
}

static void put_totals(struct json *j, const struct audit_totals *t)
{
    json_key(j, "totals");
    json_open_object(j);
    json_add_int(j, "expected", t->expected);
    json_add_int(j, "ran", t->ran);
    json_add_int(j, "open", t->open);
    json_add_int(j, "did_not_run", t->did_not_run);
    json_add_int(j, "not_fired", t->not_fired);
    json_add_int(j, "undecided", t->undecided);
    json_add_int(j, "not_kept", t->not_kept);
    json_add_int(j, "missing", t->missing);
    json_add_int(j, "extra", t->extra);
    json_add_int(j, "twice", t->twice);
    json_add_int(j, "others", t->others);
    json_close_object(j);
}

static void put_cursor(struct json *j, const struct audit_request *r)
{
    SCOPED_BUF next = {0};
    SCOPED_CURSOR cursor = {0};

    if (r->audit.done_to >= r->to)
        return;
    cursor_begin(&cursor, CURSOR_AUDIT);
    cursor_put_int(&cursor, r->audit.done_to);
    cursor_put_int(&cursor, r->to);
    cursor_text(&cursor, &next);
    json_add_text(j, "next", buf_text(&next));
}

static void answer_lines(struct audit_request *r)
{
    struct arena *memory = http_memory(r->ask.x);
    SCOPED(revision_set) struct revision_set *set = r->load.set; /* r is gone with the answer */
    SCOPED(zone) struct zone *zone = why_zone(&r->ask);
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    why_members(&j, &r->ask);
    json_add_instant(&j, "from", r->load.from);
    json_add_instant(&j, "to", MIN(r->audit.done_to, r->to));
    put_totals(&j, &r->audit.totals);
    json_key(&j, "items");
    json_open_array(&j);
    for (size_t i = 0; i < r->audit.line_count; i++)
        put_line(&j, &r->audit.lines[i], zone, memory);
    json_close_array(&j);
    put_cursor(&j, r);
    json_close_object(&j);
    answer_json(r->ask.x, 200, &body);
}

static bool step(void *ctx)
{
    struct audit_request *r = ctx;

    if (audit_step(&r->audit))
        return true;
    answer_lines(r);
    return false;
}

/* Where the part ends that was loaded whole; rows behind it are left to the next one. */
static usec_t part_end(struct why_load *l)
{
    usec_t end = l->to, last_gap = l->from;
    struct execution_row *rows = l->execution_rows;

    if (l->more_executions && l->execution_count > 0)
        end = MIN(end, execution_id_ms(rows[l->execution_count - 1].execution_id) * USEC_PER_MS);
    if (l->more_revisions && l->set->count > 0)
        end = MIN(end, l->set->items[l->set->count - 1].row->effective_at);
    for (size_t i = 0; i < l->gap_count; i++)
        last_gap = MAX(last_gap, l->gap_rows[i].to_at);
    if (l->more_gaps)
        end = MIN(end, last_gap);
    end = MAX(end / USEC_PER_MS * USEC_PER_MS, l->from + USEC_PER_MS);
    while (l->execution_count > 0 &&
           execution_id_ms(rows[l->execution_count - 1].execution_id) * USEC_PER_MS >= end)
        l->execution_count--;
    return end;
}

static void on_loaded(void *ctx)
{
    struct audit_request *r = ctx;
    usec_t end = part_end(&r->load);

    r->audit =
        (struct audit){.facts = why_facts(&r->load, r->load.from, end - r->load.from, r->ask.now),
                       .limit = r->limit,
                       .is_first = r->is_first,
                       .memory = http_memory(r->ask.x)};
    slices_run(r->ask.api->slices, step, r);
}

/* --- what is asked for --- */

/* It holds the whole range: what is beside it was asked for before. */
static enum rc read_cursor(struct audit_request *r, struct error *err)
{
    const char *text = http_query(r->ask.x, "cursor");
    SCOPED_CURSOR cursor = {0};

    r->is_first = text == NULL;
    if (text == NULL)
        return RC_OK;
    TRY(cursor_open(&cursor, CURSOR_AUDIT, text, err));
    r->from = cursor_int(&cursor);
    r->to = cursor_int(&cursor);
    return cursor_end(&cursor, err);
}

/* An instant, or a wall time: of one that comes twice the first. */
static enum rc read_end(struct audit_request *r, const char *name, usec_t *ret, struct error *err)
{
    SCOPED(zone) struct zone *zone = why_zone(&r->ask);
    const char *text = http_query(r->ask.x, name);
    struct moment m;

    if (text == NULL)
        return RC_OK;
    if (moment_parse(text, zone, &m, err) != RC_OK)
        return error_prefix(err, "%s", name);
    *ret = m.at[0];
    return RC_OK;
}

static enum rc read_request(struct audit_request *r, struct error *err)
{
    r->to = r->ask.now;
    TRY(read_end(r, "to", &r->to, err));
    r->from = MIN(r->to, r->ask.now) - USEC_PER_DAY;
    TRY(read_end(r, "from", &r->from, err));
    TRY(param_limit(r->ask.x, &r->limit, err));
    TRY(read_cursor(r, err));
    if (r->from >= r->ask.now) {
        (void)error_set(err, RC_INVALID, "from: what is to come has no history yet");
        return error_hint_http(err, "what will be due: /v1/tasks/:task/upcoming");
    }
    r->from = r->from / USEC_PER_MS * USEC_PER_MS;
    r->to = MIN(r->to, r->ask.now) / USEC_PER_MS * USEC_PER_MS;
    if (r->to <= r->from)
        return error_set(err, RC_INVALID, "from, to: the range is empty");
    return RC_OK;
}

void answer_audit(const struct why_ask *ask)
{
    struct audit_request *r = arena_alloc(http_memory(ask->x), sizeof *r);
    struct error err = {0};

    r->ask = *ask;
    if (read_request(r, &err) != RC_OK) {
        answer_list_error(ask->x, &err);
        return;
    }
    r->load = (struct why_load){.api = ask->api,
                                .x = ask->x,
                                .task = ask->task->task_id,
                                .from = r->from,
                                .to = r->to,
                                .revisions = REVISIONS_MAX,
                                .executions = EXECUTIONS_MAX,
                                .gaps = GAPS_MAX,
                                .done = on_loaded,
                                .ctx = r};
    why_load(&r->load);
}
