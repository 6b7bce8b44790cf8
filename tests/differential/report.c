#include "differential/report.h"

#include <stdio.h>

#include "differential/days.h"

enum { PRINTED_MAX = 20 };

const char *instant_text(usec_t at, char text[INSTANT_TEXT])
{
    int64_t second = floor_div(at, USEC_PER_SEC), clock = floor_mod(second, DAY_SECONDS);
    const struct day *d = day_at(floor_div(second, DAY_SECONDS));
    int used;

    if (d == NULL) {
        (void)snprintf(text, INSTANT_TEXT, "%lld us", (long long)at);
        return text;
    }
    used = snprintf(text, INSTANT_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", d->year, d->month, d->day,
                    (int)(clock / 3600), (int)(clock / 60 % 60), (int)(clock % 60));
    (void)snprintf(text + used, (size_t)(INSTANT_TEXT - used),
                   at % USEC_PER_SEC == 0 ? "Z" : ".%06dZ", (int)floor_mod(at, USEC_PER_SEC));
    return text;
}

void report_difference(struct report *r, const char *format, ...)
{
    va_list args;

    if (r->differences++ >= PRINTED_MAX)
        return;
    printf("case %llu: %s: ", (unsigned long long)r->number, r->what);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

static const char *occurrence_text(const struct occurrence *o, char text[160])
{
    static const char *const names[] = {"", " MOVED", " REPEATED"};
    char at[INSTANT_TEXT], nominal[INSTANT_TEXT];

    if (o == NULL)
        return "none";
    (void)snprintf(text, 160, "%s (names %.19s, %+d s%s, due %lld us later, schedule %u)",
                   instant_text(o->at, at), instant_text(o->nominal, nominal), o->offset,
                   names[o->dst], (long long)(o->due - o->at), o->schedule);
    return text;
}

static bool same(const struct occurrence *a, const struct occurrence *b)
{
    return a->at == b->at && a->due == b->due && a->nominal == b->nominal &&
           a->offset == b->offset && a->dst == b->dst && a->schedule == b->schedule;
}

void report_compare(struct report *r, const char *question, usec_t instant, enum rc rc,
                    const struct occurrence *engine, const struct occurrence *expected)
{
    char from[INSTANT_TEXT], left[160], right[160];

    if (rc != RC_OK)
        engine = NULL;
    if (engine == expected || (engine != NULL && expected != NULL && same(engine, expected)))
        return;
    report_difference(r, "%s %s: engine %s, walk %s", question, instant_text(instant, from),
                      occurrence_text(engine, left), occurrence_text(expected, right));
}
