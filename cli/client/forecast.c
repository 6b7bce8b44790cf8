/*
 * `cronobs forecast`: how tight a day will be, as bars.
 */
#include <string.h>

#include "base/clock.h"
#include "base/table.h"
#include "cli/client/known.h"
#include "cli/client/options.h"
#include "cli/shared/terminal.h"

enum {
    WIDTH_DEFAULT = 80,
    BAR_MIN = 10,
    BESIDE_BAR = 46,
    PEAKS_SHOWN = 5,
    PARTS_SHOWN = 3,
    FORECAST_WAIT_MS = 60000
};

/* "2026-11-25T02:30:00+01:00": "02:30" */
static const char *clock_of(struct rest *r, const struct json_node *item)
{
    const char *local = rest_text(item, "local");

    return strlen(local) < 16 ? "" : arena_strndup(rest_call(r)->memory, local + 11, 5);
}

/* "+01:00" */
static const char *offset_of(const struct json_node *item)
{
    const char *local = rest_text(item, "local");

    return strlen(local) < 19 ? "" : local + 19;
}

static const char *time_of(struct rest *r, const struct json_node *item, const char *name)
{
    const char *text = rest_time(r, item, name);

    return strlen(text) < 16 ? "" : arena_strndup(rest_call(r)->memory, text + 11, 5);
}

/* --- the bars --- */

static int64_t most_of(const struct json_node *hours)
{
    struct json_node hour;
    int64_t most = 0;

    for (size_t i = 0; json_node_item(hours, i, &hour); i++)
        most = MAX(most, rest_int(&hour, "firings", 0));
    return most;
}

/* One in a million is seen. */
static size_t bar_of(int64_t firings, int64_t most, size_t width)
{
    size_t bar = most == 0 ? 0 : (size_t)((double)firings * (double)width / (double)most);

    return firings > 0 && bar == 0 ? 1 : bar;
}

static void print_hour(struct rest *r, const struct json_node *hour, int64_t most, size_t width)
{
    FILE *out = rest_call(r)->out;
    int64_t firings = rest_int(hour, "firings", 0);
    size_t bar = bar_of(firings, most, width);

    (void)fprintf(out, "%s %s ", clock_of(r, hour), offset_of(hour));
    for (size_t i = 0; i < bar; i++)
        (void)fputc('#', out);
    (void)fprintf(out, "%*s %lld", (int)(width - bar), "", (long long)firings);
    if (firings > 0)
        (void)fprintf(out, ", at most %lld at %s", (long long)rest_int(hour, "most", 0),
                      time_of(r, hour, "most_at"));
    (void)fputc('\n', out);
}

static void print_hours(struct rest *r)
{
    struct json_node hours, hour;
    size_t width = terminal_width(rest_call(r)->out);
    int64_t most;

    width = width == 0 ? WIDTH_DEFAULT : width;
    width = width < BESIDE_BAR + BAR_MIN ? BAR_MIN : width - BESIDE_BAR;
    if (!json_node_member(rest_root(r), "hours", &hours))
        return;
    most = most_of(&hours);
    for (size_t i = 0; json_node_item(&hours, i, &hour); i++)
        print_hour(r, &hour, most, width);
}

/* --- peaks, quiet slots --- */

static const char *examples_of(struct rest *r, const struct json_node *part)
{
    SCOPED_BUF text = {0};
    struct json_node examples, one;
    int64_t tasks = rest_int(part, "tasks", 0);
    size_t count = 0;

    if (json_node_member(part, "examples", &examples))
        for (; json_node_item(&examples, count, &one); count++)
            buf_printf(&text, "%s%s", count > 0 ? ", " : "", rest_key(r, &one));
    if (tasks > (int64_t)count)
        buf_printf(&text, "%s%lld more", count > 0 ? ", " : "",
                   (long long)(tasks - (int64_t)count));
    return arena_strdup(rest_call(r)->memory, buf_text(&text));
}

static void add_peak(struct rest *r, struct table *t, const struct json_node *peak)
{
    struct json_node parts, part;
    const char *at = clock_of(r, peak), *firings = rest_number(r, peak, "firings");

    if (!json_node_member(peak, "by", &parts))
        return;
    for (size_t i = 0; i < PARTS_SHOWN && json_node_item(&parts, i, &part); i++) {
        table_add(t, i == 0 ? at : "", i == 0 ? firings : "", rest_number(r, &part, "firings"),
                  rest_text(&part, "schedule"), examples_of(r, &part));
    }
    if (rest_is_true(peak, "more") || json_node_count(&parts) > PARTS_SHOWN)
        table_add(t, "", "", "", "...", "");
}

static void print_peaks(struct rest *r)
{
    SCOPED(table) struct table *t = table_new("PEAK", ">FIRINGS", ">OF THEM", "SCHEDULE", "TASKS");
    struct json_node peaks, peak;

    if (!json_node_member(rest_root(r), "peaks", &peaks) || json_node_count(&peaks) == 0)
        return;
    for (size_t i = 0; i < PEAKS_SHOWN && json_node_item(&peaks, i, &peak); i++)
        add_peak(r, t, &peak);
    (void)fputc('\n', rest_call(r)->out);
    rest_print_table(r, t, false);
}

static bool is_whole_day(struct rest *r, const struct json_node *slot)
{
    return strcmp(rest_text(slot, "at"), rest_text(rest_root(r), "since")) == 0 &&
           strcmp(rest_text(slot, "to"), rest_text(rest_root(r), "to")) == 0;
}

static void print_quiet(struct rest *r)
{
    FILE *out = rest_call(r)->out;
    struct json_node slots, slot;

    if (!json_node_member(rest_root(r), "quiet", &slots) || json_node_count(&slots) == 0)
        return;
    if (json_node_item(&slots, 0, &slot) && is_whole_day(r, &slot)) {
        (void)fprintf(out, "\nquietest: all of it (%lld)\n",
                      (long long)rest_int(&slot, "firings", 0));
        return;
    }
    (void)fputs("\nquietest:", out);
    for (size_t i = 0; json_node_item(&slots, i, &slot); i++)
        (void)fprintf(out, "%s %s to %s (%lld)", i > 0 ? "," : "", clock_of(r, &slot),
                      time_of(r, &slot, "to"), (long long)rest_int(&slot, "firings", 0));
    (void)fputc('\n', out);
}

static void print_what_if(struct rest *r)
{
    FILE *out = rest_call(r)->out;
    struct json_node g;
    int64_t shift, minutes;

    if (!json_node_member(rest_root(r), "what_if", &g))
        return;
    minutes = rest_int(&g, "minutes", 0);
    (void)fprintf(out, "\n\"%s\" %s would fire in %lld minute%s of that day",
                  rest_text(&g, "expression"), rest_text(&g, "zone"), (long long)minutes,
                  minutes == 1 ? "" : "s");
    if (minutes > 0)
        (void)fprintf(out, ", beside %lld others at most, at %s",
                      (long long)rest_int(&g, "most", 0), time_of(r, &g, "most_at"));
    shift = rest_int(&g, "later_by", 0);
    if (shift > 0)
        (void)fprintf(out, "; %lld minute%s later beside %lld at most", (long long)shift,
                      shift == 1 ? "" : "s", (long long)rest_int(&g, "later_most", 0));
    (void)fputs("\n", out);
}

static void print_head(struct rest *r)
{
    const struct json_node *f = rest_root(r);
    FILE *out = rest_call(r)->out;
    int64_t paused = rest_int(f, "paused", 0);

    (void)fprintf(out, "%s, %s: %lld firings of %lld tasks", rest_text(f, "day"),
                  rest_text(f, "tz"), (long long)rest_int(f, "firings", 0),
                  (long long)rest_int(f, "due", 0));
    if (strcmp(rest_text(f, "since"), rest_text(f, "from")) != 0)
        (void)fprintf(out, " from %s on", time_of(r, f, "since"));
    (void)fputc('\n', out);
    if (paused > 0)
        (void)fprintf(out, "%lld paused %s not counted\n", (long long)paused,
                      paused == 1 ? "task is" : "tasks are");
    if (!rest_is_true(f, "complete"))
        (void)fputs("there are too many tasks or firings: these are not all\n", out);
    (void)fputc('\n', out);
}

/* --- cronobs forecast --- */

/* "today", "tomorrow", or a date. */
static const char *day_of(struct rest *r, const char *typed)
{
    bool is_tomorrow = strcmp(typed, "tomorrow") == 0;
    usec_t now = clock_realtime();

    if (!is_tomorrow && strcmp(typed, "today") != 0)
        return typed;
    return rest_date(r, now, is_tomorrow ? 1 : 0);
}

static enum rc ask(struct rest *r, const struct forecast_options *o, struct error *err)
{
    SCOPED_QUERY query = rest_query_of("/v1/forecast");
    const char *zone;

    TRY(rest_zone_name(r, &zone, err));
    rest_query_add(&query, "day", day_of(r, o->day));
    rest_query_add(&query, "tz", zone);
    rest_query_add(&query, "queue", o->queue);
    rest_query_add(&query, "project", o->project);
    rest_query_add(&query, "expression", o->expression);
    rest_query_add(&query, "zone", o->expression != NULL ? zone : NULL);
    return rest_get_waiting(r, buf_text(&query.text), FORECAST_WAIT_MS, err);
}

enum rc run_forecast(struct call *call, struct error *err)
{
    const struct view_options *view = call->values[0];
    const struct forecast_options *o = call->values[1];
    SCOPED(rest) struct rest *r = NULL;
    bool is_empty;

    TRY(rest_new(call, view->zone, &r, err));
    TRY(ask(r, o, err));
    is_empty = rest_int(rest_root(r), "tasks", 0) + rest_int(rest_root(r), "paused", 0) == 0;
    if (view->is_json) {
        rest_print_json(r);
    } else {
        print_head(r);
        print_hours(r);
        print_peaks(r);
        print_quiet(r);
        print_what_if(r);
    }
    if (is_empty)
        TRY(known_project(r, o->project, err));
    return is_empty ? known_queue(r, o->queue, err) : RC_OK;
}
