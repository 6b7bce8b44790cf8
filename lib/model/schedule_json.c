#include "model/schedule_json.h"

#include "base/rfc3339.h"
#include "cron/frequency.h"
#include "model/enums.h"

static const usec_t last_from = INT64_C(253370764800) * USEC_PER_SEC; /* the year 9999 */

usec_t schedule_year_after(usec_t from)
{
    struct civil c = civil_of(MIN(MAX(from, 0), last_from));

    c.year++;
    return civil_to_usec(c); /* a 29 February becomes 1 March */
}

void schedule_json_lints(struct json *j, const struct lints *lints)
{
    json_open_array(j);
    for (size_t i = 0; i < lints->count; i++) {
        const struct lint *l = &lints->list[i];

        json_open_object(j);
        json_add_text(j, "code", lint_code_name(l->code));
        if (l->column > 0)
            json_add_int(j, "column", l->column);
        json_add_text(j, "text", l->text);
        json_close_object(j);
    }
    json_close_array(j);
}

static void add_wall(struct json *j, const char *name, usec_t wall)
{
    json_key(j, name);
    json_local(j, wall);
}

static void add_occurrence(struct json *j, const struct occurrence *o)
{
    char text[RFC3339_TEXT];

    json_open_object(j);
    /* 1970 begins at 0, which is an instant here */
    json_add_text(j, "at", rfc3339_format(o->at, text));
    json_add_text(j, "local", rfc3339_format_local(o->at, o->offset, text));
    json_add_text(j, "dst", enum_name(&dst_enum, (int)o->dst));
    if (o->dst == DST_MOVED)
        add_wall(j, "nominal", o->nominal);
    json_close_object(j);
}

void schedule_json_next(struct json *j, const struct schedule *s, usec_t from, int count)
{
    struct occurrence o = {.at = from};

    json_open_array(j);
    for (int i = 0; i < count && schedule_next(s, o.at, &o) == RC_OK; i++)
        add_occurrence(j, &o);
    json_close_array(j);
}

static void add_change(struct json *j, const struct clock_change *c)
{
    static const char *const effects[] = {
        [CHANGE_SKIPS] = "SKIPS",
        [CHANGE_MOVES] = "MOVES",
        [CHANGE_ONCE] = "ONCE",
        [CHANGE_TWICE] = "TWICE",
    };
    SCOPED_BUF words = {0};

    clock_change_describe(c, &words);
    json_open_object(j);
    json_add_instant(j, "at", c->at);
    add_wall(j, "local", c->nominal);
    json_add_bool(j, "several", c->several);
    json_add_text(j, "effect", effects[c->effect]);
    json_add_text(j, "text", buf_text(&words));
    json_close_object(j);
}

void schedule_json_changes(struct json *j, const struct schedule *s, usec_t from)
{
    usec_t until = schedule_year_after(from);
    struct clock_change c = {.at = from};

    json_open_array(j);
    while (schedule_next_change(s, c.at, until, &c) == RC_OK)
        add_change(j, &c);
    json_close_array(j);
}

static void add_frequency(struct json *j, const struct schedule *s, usec_t from)
{
    struct frequency f = frequency_of(s, from);

    json_key(j, "frequency");
    json_open_object(j);
    json_add_int(j, "per_day", f.per_day);
    json_add_int(j, "per_month", f.per_month);
    json_add_int(j, "per_year", f.per_year);
    json_close_object(j);
}

void schedule_json(struct json *j, const struct schedule_view *v)
{
    SCOPED_BUF canonical = {0};
    SCOPED_BUF words = {0};

    schedule_format(v->schedule, &canonical);
    schedule_describe(v->schedule, &words);
    json_open_object(j);
    json_add_text(j, "expression", v->expression);
    json_add_text(j, "canonical", buf_text(&canonical));
    json_add_text(j, "description", buf_text(&words));
    json_add_text(j, "zone", schedule_zone(v->schedule));
    json_add_text(j, "class", schedule_is_interval(v->schedule) ? "INTERVAL" : "FIXED_TIME");
    json_key(j, "lints");
    schedule_json_lints(j, v->lints);
    json_key(j, "clock_changes");
    schedule_json_changes(j, v->schedule, v->from);
    add_frequency(j, v->schedule, v->from);
    json_key(j, "next");
    schedule_json_next(j, v->schedule, v->from, v->count);
    json_close_object(j);
}
