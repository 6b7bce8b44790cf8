#include "api/resources/forecast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/exchange/answer.h"
#include "api/exchange/bind.h"
#include "api/exchange/view.h"
#include "api/resources/days.h"
#include "api/resources/resources.h"
#include "api/resources/tally.h"
#include "base/clock.h"
#include "cron/schedule.h"
#include "store/read_tasks.h"

/*
 * All tasks by what makes them due (population.h) are counted by minutes (tally.h), in slices; then the names of some tasks of the peaks
 * are read, and the answer is written. What is told of a day that has not begun depends on nothing but the tasks.
 */

enum { DAYS_AHEAD_MAX = 366, SHIFT_MAX = 59, TEXT_SHOWN = 300 };

struct kept_forecast { /* an answer */
    char *question;
    int64_t version;
    usec_t at; /* of the population */
    struct buf body;
};

struct forecasts {
    struct kept_forecast kept[FORECASTS_KEPT];
    size_t next;
};

struct guess { /* what if there were this schedule, too */
    const char *expression, *zone;
    struct schedule *schedule;
    size_t *minutes, count; /* in which it fires */
};

struct forecast {
    struct api *api;
    struct http_exchange *x;
    char zone_name[ZONE_NAME_MAX + 1];
    int64_t day;
    usec_t from, to, since, now;
    const char *project, *queue, *question;
    struct guess guess;
    struct population *population; /* held */
    struct tally *tally;
    size_t peaks[MINUTES_PEAKS_MAX], peak_count;
    struct map names;
};

/* --- answers that are kept --- */

struct forecasts *forecasts_new(void)
{
    return xcalloc(1, sizeof(struct forecasts));
}

static void kept_clear_one(struct kept_forecast *k)
{
    free(k->question);
    buf_clear(&k->body);
    *k = (struct kept_forecast){0};
}

void forecasts_free(struct forecasts *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < FORECASTS_KEPT; i++)
        kept_clear_one(&f->kept[i]);
    free(f);
}

static bool answer_kept(struct forecast *f, const struct population *p)
{
    struct forecasts *all = f->api->forecasts;
    struct buf body = {0};

    for (size_t i = 0; i < FORECASTS_KEPT; i++) {
        const struct kept_forecast *k = &all->kept[i];

        if (!text_equal(k->question, f->question) || k->version != p->version || k->at != p->at)
            continue;
        buf_add(&body, k->body.data, k->body.len);
        answer_json(f->x, 200, &body);
        return true;
    }
    return false;
}

static void keep(struct forecast *f, const struct buf *body)
{
    struct forecasts *all = f->api->forecasts;
    struct kept_forecast *k = &all->kept[all->next];

    all->next = (all->next + 1) % FORECASTS_KEPT;
    kept_clear_one(k);
    k->question = xstrdup(f->question);
    k->version = f->population->version;
    k->at = f->population->at;
    buf_add(&k->body, body->data, body->len);
}

/* --- what is answered --- */

static usec_t minute_at(const struct forecast *f, size_t minute)
{
    return f->from + (usec_t)minute * USEC_PER_MIN;
}

static void put_instant(struct json *j, const struct zone *zone, usec_t at)
{
    json_add_instant(j, "at", at);
    view_local(j, "local", at, zone_offset_at(zone, at));
}

/* "0 6 * * MON-FRI Europe/Berlin; @hourly UTC, jitter 5m" */
static const char *text_of(struct forecast *f, const struct timing *timing)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF text = {0};
    struct task_spec *spec;

    if (bind_spec(bytes_of(timing->spec), memory, &spec, NULL) != RC_OK)
        return "?"; /* not covered: what cannot be read is never due */
    for (size_t i = 0; i < spec->schedule_count; i++)
        buf_printf(&text, "%s%s%s%s", i > 0 ? "; " : "",
                   spec->schedules[i].expression != NULL ? spec->schedules[i].expression : "",
                   spec->schedules[i].zone != NULL ? " " : "",
                   spec->schedules[i].zone != NULL ? spec->schedules[i].zone : "");
    if (spec->calendar_count > 0)
        buf_printf(&text, ", %zu calendar%s", spec->calendar_count,
                   spec->calendar_count == 1 ? "" : "s");
    if (spec->window != NULL)
        buf_add_text(&text, ", in a window");
    if (spec->jitter_ms > 0)
        buf_printf(&text, ", jitter of %llds", (long long)spec->jitter_ms / 1000);
    return arena_printf(http_memory(f->x), "%.*s", TEXT_SHOWN, buf_text(&text));
}

static void put_examples(struct json *j, struct forecast *f, const struct minute_part *part)
{
    json_key(j, "examples");
    json_open_array(j);
    for (size_t i = 0; i < POPULATION_EXAMPLES; i++) {
        const struct task_row *task = map_find(&f->names, part->examples[i]);

        if (task == NULL)
            continue;
        json_open_object(j);
        json_add_uuid(j, "task_id", task->task_id);
        json_add_text(j, "project", task->project);
        json_add_text(j, "key", task->key);
        if (task->title != NULL)
            json_add_text(j, "title", task->title);
        json_close_object(j);
    }
    json_close_array(j);
}

static void put_peak(struct json *j, struct forecast *f, const struct zone *zone, size_t minute)
{
    const struct minute *m = &tally_minutes(f->tally)->items[minute];

    json_open_object(j);
    put_instant(j, zone, minute_at(f, minute));
    json_add_int(j, "firings", m->firings);
    json_add_int(j, "tasks", m->tasks);
    json_key(j, "by");
    json_open_array(j);
    for (size_t i = 0; i < MINUTES_TOP && m->top[i].timing != NULL; i++) {
        json_open_object(j);
        json_add_text(j, "schedule", text_of(f, m->top[i].timing));
        json_add_int(j, "firings", m->top[i].firings);
        json_add_int(j, "tasks", m->top[i].tasks);
        put_examples(j, f, &m->top[i]);
        json_close_object(j);
    }
    json_close_array(j);
    json_add_bool(j, "more", m->timings > MINUTES_TOP);
    json_close_object(j);
}

static size_t first_minute(const struct forecast *f)
{
    return (size_t)((f->since - f->from) / USEC_PER_MIN);
}

static void put_quiet(struct json *j, const struct forecast *f, const struct zone *zone)
{
    struct quiet quiet[MINUTES_QUIET_MAX];
    size_t count = minutes_quiet(tally_minutes(f->tally), first_minute(f), quiet);

    json_key(j, "quiet");
    json_open_array(j);
    for (size_t i = 0; i < count; i++) {
        json_open_object(j);
        put_instant(j, zone, minute_at(f, quiet[i].first));
        json_add_instant(j, "to", minute_at(f, quiet[i].end));
        json_add_int(j, "firings", quiet[i].firings);
        json_close_object(j);
    }
    json_close_array(j);
}

/* Hours as the zone's clocks show them: minutes until the shown hour is another. */
static size_t hour_end(const struct forecast *f, const struct zone *zone, size_t minute)
{
    const size_t count = tally_minutes(f->tally)->count;
    usec_t hour = 60 * USEC_PER_MIN, at = minute_at(f, minute);
    int offset = zone_offset_at(zone, at);
    usec_t shown = (at + offset * USEC_PER_SEC) / hour;

    do {
        at = minute_at(f, ++minute);
    } while (minute < count && zone_offset_at(zone, at) == offset &&
             (at + offset * USEC_PER_SEC) / hour == shown);
    return minute;
}

static void put_hours(struct json *j, const struct forecast *f, const struct zone *zone)
{
    const struct minutes *m = tally_minutes(f->tally);
    size_t end;

    json_key(j, "hours");
    json_open_array(j);
    for (size_t at = 0; at < m->count; at = end) {
        size_t most = at;
        int64_t firings = 0;

        end = hour_end(f, zone, at);
        for (size_t i = at; i < end; i++) {
            firings += m->items[i].firings;
            if (m->items[i].firings > m->items[most].firings)
                most = i;
        }
        json_open_object(j);
        put_instant(j, zone, minute_at(f, at));
        json_add_int(j, "firings", firings);
        json_add_int(j, "most", m->items[most].firings);
        json_add_instant(j, "most_at", minute_at(f, most));
        json_close_object(j);
    }
    json_close_array(j);
}

/* Moved by how many minutes it would meet the fewest; 0: none is better. */
static size_t best_shift(const struct forecast *f, int64_t *most)
{
    const struct guess *g = &f->guess;
    size_t best = 0, at = 0;

    for (size_t shift = 1; shift <= SHIFT_MAX; shift++) {
        int64_t here = minutes_busiest(tally_minutes(f->tally), g->minutes, g->count, shift, &at);

        if (here >= *most)
            continue;
        *most = here;
        best = shift;
    }
    return best;
}

static void put_guess(struct json *j, const struct forecast *f, const struct zone *zone)
{
    const struct guess *g = &f->guess;
    size_t at = 0, shift;
    int64_t most;

    if (g->expression == NULL)
        return;
    most = minutes_busiest(tally_minutes(f->tally), g->minutes, g->count, 0, &at);
    json_key(j, "what_if");
    json_open_object(j);
    json_add_text(j, "expression", g->expression);
    json_add_text(j, "zone", g->zone);
    json_add_int(j, "minutes", (int64_t)g->count);
    if (g->count > 0) {
        json_add_int(j, "most", most);
        json_add_instant(j, "most_at", minute_at(f, at));
        view_local(j, "most_local", minute_at(f, at), zone_offset_at(zone, minute_at(f, at)));
        shift = best_shift(f, &most);
        if (shift > 0) {
            json_add_int(j, "later_by", (int64_t)shift);
            json_add_int(j, "later_most", most);
        }
    }
    json_close_object(j);
}

static void put_head(struct json *j, const struct forecast *f)
{
    const struct tally_sums sums = tally_sums(f->tally);
    char text[16];

    json_add_text(j, "day", day_text(f->day, text));
    json_add_text(j, "tz", f->zone_name);
    json_add_instant(j, "from", f->from);
    json_add_instant(j, "to", f->to);
    json_add_instant(j, "since", f->since);
    json_add_instant(j, "at", f->population->at);
    json_add_int(j, "tasks", sums.tasks);
    json_add_int(j, "due", sums.due);
    json_add_int(j, "paused", sums.paused);
    json_add_int(j, "firings", sums.firings);
    json_add_bool(j, "complete", sums.is_complete);
}

static void put_all(struct json *j, struct forecast *f, const struct zone *zone)
{
    const struct minutes *m = tally_minutes(f->tally);

    json_open_object(j);
    put_head(j, f);
    put_hours(j, f, zone);
    json_key(j, "peaks");
    json_open_array(j);
    for (size_t i = 0; i < f->peak_count; i++)
        put_peak(j, f, zone, f->peaks[i]);
    json_close_array(j);
    put_quiet(j, f, zone);
    put_guess(j, f, zone);
    json_key(j, "minutes");
    json_open_array(j);
    for (size_t i = 0; i < m->count; i++)
        json_int(j, m->items[i].firings);
    json_close_array(j);
    json_close_object(j);
}

static void release(struct forecast *f)
{
    tally_free(TAKE(f->tally));
    population_release(TAKE(f->population));
    schedule_free(TAKE(f->guess.schedule));
    map_clear(&f->names);
}

static void answer_forecast(struct forecast *f)
{
    SCOPED(zone) struct zone *zone = NULL;
    struct zone *found;
    struct buf body = {0};
    struct json j = json_into(&body);

    zone = zoneset_get(f->api->zones, f->zone_name, &found, NULL) == RC_OK ? zone_ref(found)
                                                                           : zone_utc();
    put_all(&j, f, zone);
    keep(f, &body);
    release(f);
    answer_json(f->x, 200, &body);
}

/* --- working it out --- */

static void on_names(void *ctx, const struct read_page *page)
{
    struct forecast *f = ctx;
    struct task_row *rows = page->rows;
    struct forecast copy = *f; /* it is gone with the answer */

    if (answer_read_failed(f->x, page)) {
        release(&copy);
        return;
    }
    for (size_t i = 0; i < page->count; i++)
        map_put(&f->names, rows[i].task_id, &rows[i]);
    answer_forecast(f);
}

static void read_names(struct forecast *f)
{
    const struct minutes *m = tally_minutes(f->tally);
    size_t count = 0, most = MINUTES_PEAKS_MAX * MINUTES_TOP * POPULATION_EXAMPLES;
    struct uuid *ids = arena_alloc(http_memory(f->x), most * sizeof *ids);

    f->peak_count = minutes_peaks(m, 0, f->peaks);
    for (size_t i = 0; i < f->peak_count; i++)
        for (size_t n = 0; n < MINUTES_TOP; n++)
            for (size_t e = 0; e < POPULATION_EXAMPLES; e++) {
                struct uuid id = m->items[f->peaks[i]].top[n].examples[e];

                if (!uuid_is_nil(id))
                    ids[count++] = id;
            }
    read_task_names(f->api->reads, ids, count, (struct read_reply){http_memory(f->x), on_names, f});
}

/* The next minute that the guess fires in; false: there is none. */
static bool guess_one(struct forecast *f)
{
    struct guess *g = &f->guess;
    struct occurrence o;
    usec_t after = g->count > 0 ? minute_at(f, g->minutes[g->count - 1] + 1) - 1 : f->since - 1;

    if (schedule_next(g->schedule, after, &o) != RC_OK || o.at >= f->to)
        return false;
    g->minutes[g->count++] = (size_t)((o.at - f->from) / USEC_PER_MIN);
    return true;
}

static bool step(void *ctx)
{
    struct forecast *f = ctx;

    if (tally_step(f->tally, f->api->zones))
        return true;
    while (f->guess.schedule != NULL && guess_one(f))
        continue;
    read_names(f);
    return false;
}

static void on_population(void *ctx, struct population *p, const struct read_page *page)
{
    struct forecast *f = ctx;
    struct forecast copy = *f;

    if (answer_read_failed(f->x, page)) {
        release(&copy);
        return;
    }
    if (answer_kept(f, p)) {
        release(&copy);
        return;
    }
    p->holders++;
    f->population = p;
    f->tally = tally_new(&(struct tally_ask){.population = p,
                                             .project = f->project,
                                             .queue = f->queue,
                                             .from = f->from,
                                             .to = f->to,
                                             .since = f->since,
                                             .memory = http_memory(f->x)});
    f->guess.minutes = arena_alloc(http_memory(f->x),
                                   (tally_minutes(f->tally)->count + 1) * sizeof *f->guess.minutes);
    slices_run(f->api->slices, step, f);
}

/* --- what is asked for --- */

/* Today when nobody says which, as far as it is left. */
static enum rc read_day(struct forecast *f, const struct zone *zone, struct error *err)
{
    int64_t today = day_of(zone, f->now);
    char text[16], other[16];

    f->day = today;
    TRY(param_day(f->x, "day", &f->day, err));
    if (f->day < today) {
        (void)error_set(err, RC_INVALID, "day: %s is over, today is %s", day_text(f->day, text),
                        day_text(today, other));
        return error_hint_http(err, "what has happened: /v1/days");
    }
    if (f->day > today + DAYS_AHEAD_MAX)
        return error_set(err, RC_INVALID, "day: %s is more than %d days ahead, the last one is %s",
                         day_text(f->day, text), DAYS_AHEAD_MAX,
                         day_text(today + DAYS_AHEAD_MAX, other));
    f->from = day_start(zone, f->day);
    f->to = day_start(zone, f->day + 1);
    f->since = MAX(f->from, f->now / USEC_PER_MIN * USEC_PER_MIN + USEC_PER_MIN);
    if (f->from > f->now)
        f->since = f->from;
    return RC_OK;
}

static enum rc read_guess(struct forecast *f, struct error *err)
{
    struct guess *g = &f->guess;
    const char *zone = http_query(f->x, "zone");

    g->expression = http_query(f->x, "expression");
    if (g->expression == NULL)
        return zone == NULL ? RC_OK : error_set(err, RC_INVALID, "zone: it needs an expression");
    if (schedule_parse(g->expression, &(struct schedule_options){.zone = zone}, f->api->zones, NULL,
                       &g->schedule, err) != RC_OK)
        return error_prefix(err, "expression");
    g->zone = arena_strdup(http_memory(f->x), schedule_zone(g->schedule));
    return RC_OK;
}

static enum rc read_request(struct forecast *f, struct error *err)
{
    struct zone *zone;

    TRY(param_zone(f->api, f->x, &zone, err));
    (void)snprintf(f->zone_name, sizeof f->zone_name, "%s", zone_name(zone));
    TRY(read_day(f, zone, err));
    f->project = http_query(f->x, "project");
    f->queue = http_query(f->x, "queue");
    TRY(read_guess(f, err));
    f->question = arena_printf(
        http_memory(f->x), "%lld\n%s\n%lld\n%s\n%s\n%s\n%s", (long long)f->day, f->zone_name,
        (long long)f->since, f->project != NULL ? f->project : "", f->queue != NULL ? f->queue : "",
        f->guess.expression != NULL ? f->guess.expression : "",
        f->guess.zone != NULL ? f->guess.zone : "");
    return RC_OK;
}

void get_forecast(struct http_exchange *x, void *ctx)
{
    struct forecast *f = arena_alloc(http_memory(x), sizeof *f);
    struct error err = {0};

    *f = (struct forecast){.api = api_of(ctx), .x = x, .now = clock_realtime()};
    if (read_request(f, &err) != RC_OK)
        answer_error(x, &err);
    else
        population_need(f->api, http_memory(x), on_population, f);
}
