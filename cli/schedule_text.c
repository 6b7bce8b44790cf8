#include "cli/schedule_text.h"

#include <stdio.h>
#include <string.h>

#include "base/rfc3339.h"

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

size_t next_text(const struct schedule *s, usec_t from, int count, struct buf *out)
{
    struct occurrence o = {.at = from};
    int found = 0;

    for (; found < count && schedule_next(s, o.at, &o) == RC_OK; found++)
        add_occurrence(out, &o);
    if (found == 0)
        buf_add_text(out, "none\n");
    return (size_t)found;
}
