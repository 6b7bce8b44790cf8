#include "cli/schedule/text.h"

#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"
#include "cron/frequency.h"

/* --- the next instants --- */

enum { CLOCK_TEXT = 24 };

/* A wall time: "02:30", with seconds where they count, with its date where `beside` has another. */
static const char *clock_text(usec_t wall, usec_t beside, char text[CLOCK_TEXT])
{
    struct civil c = civil_of(wall), other = civil_of(beside);
    int len = 0;

    if (c.day != other.day || c.month != other.month)
        len = snprintf(text, CLOCK_TEXT, "%04d-%02d-%02d ", c.year, c.month, c.day);
    len += snprintf(text + len, (size_t)(CLOCK_TEXT - len), "%02d:%02d", c.hour, c.minute);
    if (c.second != 0)
        (void)snprintf(text + len, (size_t)(CLOCK_TEXT - len), ":%02d", c.second);
    return text;
}

static void add_change(struct buf *out, const struct occurrence *o)
{
    usec_t wall = o->at + o->offset * USEC_PER_SEC;
    char nominal[CLOCK_TEXT], actual[CLOCK_TEXT];

    if (o->dst == DST_MOVED)
        buf_printf(out, "  MOVED: %s does not exist, runs at %s",
                   clock_text(o->nominal, wall, nominal), clock_text(wall, wall, actual));
    if (o->dst == DST_REPEATED)
        buf_printf(out, "  REPEATED: %s comes a second time", clock_text(wall, wall, actual));
}

static void add_occurrence(struct buf *out, const struct occurrence *o)
{
    static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    usec_t wall = o->at + o->offset * USEC_PER_SEC;
    char text[RFC3339_TEXT];

    buf_printf(
        out, "%s  %s", rfc3339_format_local(o->at, o->offset, text),
        weekdays[((wall + 7 * USEC_PER_DAY) / USEC_PER_DAY + 4) % 7] /* day 0 was a Thursday */);
    add_change(out, o);
    buf_add_char(out, '\n');
}

static size_t add_next(const struct schedule *s, usec_t from, int count, const char *indent,
                       struct buf *out)
{
    struct occurrence o = {.at = from};
    int found = 0;

    for (; found < count && schedule_next(s, o.at, &o) == RC_OK; found++) {
        if (found > 0)
            buf_add_text(out, indent);
        add_occurrence(out, &o);
    }
    if (found == 0)
        buf_add_text(out, "none\n");
    return (size_t)found;
}

size_t next_text(const struct schedule *s, usec_t from, int count, struct buf *out)
{
    return add_next(s, from, count, "", out);
}

/* --- all about it --- */

#define INDENT "              "

static void add_lints(const struct lints *lints, struct buf *out)
{
    for (size_t i = 0; i < lints->count; i++) {
        const struct lint *l = &lints->list[i];

        buf_printf(out, "%s%s", i == 0 ? "lints         " : INDENT, lint_code_name(l->code));
        if (l->column > 0)
            buf_printf(out, " at column %d", l->column);
        buf_printf(out, ": %s\n", l->text);
    }
}

static void add_changes(const struct schedule *s, usec_t from, struct buf *out)
{
    usec_t until = schedule_year_after(from);
    struct clock_change c = {.at = from};
    bool has_any = false;

    buf_add_text(out, "clock changes ");
    while (schedule_next_change(s, c.at, until, &c) == RC_OK) {
        if (has_any)
            buf_add_text(out, INDENT);
        has_any = true;
        clock_change_describe(&c, out);
        buf_add_char(out, '\n');
    }
    if (!has_any)
        buf_add_text(out, "none of the next 12 months touches it\n");
}

static void add_frequency(const struct schedule *s, usec_t from, struct buf *out)
{
    struct frequency f = frequency_of(s, from);

    buf_printf(out, "how often     %lld a day, %lld a month, %lld a year\n", (long long)f.per_day,
               (long long)f.per_month, (long long)f.per_year);
}

void explain_text(const struct schedule_view *v, struct buf *out)
{
    buf_printf(out, "expression    %s\nmeaning       ", v->expression);
    schedule_describe(v->schedule, out);
    buf_add_text(out, "\ncanonical     ");
    schedule_format(v->schedule, out);
    buf_printf(out, "\nzone          %s\nclass         %s\n", schedule_zone(v->schedule),
               schedule_is_interval(v->schedule) ? "interval-like" : "fixed-time");
    add_lints(v->lints, out);
    add_frequency(v->schedule, v->from, out);
    add_changes(v->schedule, v->from, out);
    buf_add_text(out, "next          ");
    (void)add_next(v->schedule, v->from, v->count, INDENT, out);
}
