#include "bench/cron/slowest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/cron/measure.h"

enum {
    GENES = 11,
    TERMS_MAX = 16,
    CALLS = 8,
    TRIES = 3,
    TRIES_AGAIN = 50,
    SWEEPS = 5,
    CHANGES = 80,
    SEED = 1
};

enum gene { FORM, SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY, YEAR, ZONE, FROM, BACK };

/* clang-format off */
static const char *const terms[GENES][TERMS_MAX] = {
    [FORM] = {"fields", "fields", "fields", "daily"},
    [SECOND] = {"0", "59", "*", "*/7", "30"},
    [MINUTE] = {"0", "30", "59", "*", "*/7", "0-59"},
    [HOUR] = {"2", "1", "0", "3", "23", "*", "1-2", "*/23"},
    [DAY] = {"*", "29", "30", "31", "L", "L-30", "31W", "30W", "29W", "1W", "LW", "L-28W", "29,30W,L-1", "25-31", "8-14"},
    [MONTH] = {"*", "1", "2", "3", "4", "10", "11", "2,4,6,9,11", "3,10", "*/2"},
    [WEEKDAY] = {"*", "MON", "0L", "0#5", "6#1", "0#2", "5L", "6L", "+0", "+0L", "+0#4", "+0#5", "+6#1,6L", "+1#1", "+SAT,SUN"},
    [YEAR] = {"*", "2199", "1970", "*/4", "2100", "*/28", "1970,2199", "2000-2199/100"},
    [ZONE] = {"Europe/Berlin", "America/New_York", "Africa/Casablanca", "Antarctica/Troll", "Australia/Lord_Howe", "Europe/Dublin",
              "Asia/Gaza", "America/Scoresbysund", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "UTC"},
    [FROM] = {"0", "7258118399", "1704067200", "1774746000", "946684800", "4102444799", "2303599400", "5000000000"},
    [BACK] = {"next", "prev"},
};
/* clang-format on */

struct genome {
    uint8_t of[GENES]; /* indexes of terms */
};

struct search {
    struct zoneset *zones;
    bool comes;
    uint64_t random;
    struct slow *list;
    size_t count, limit;
};

static size_t below(struct search *s, size_t limit)
{
    s->random = s->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(s->random >> 33) % limit;
}

static uint8_t any_term(struct search *s, size_t gene)
{
    size_t count = 0;

    while (count < TERMS_MAX && terms[gene][count] != NULL)
        count++;
    return (uint8_t)below(s, count);
}

static const char *term(const struct genome *g, enum gene gene)
{
    return terms[gene][g->of[gene]];
}

static void write_text(const struct genome *g, char *text, size_t size)
{
    if (text_equal(term(g, FORM), "daily"))
        (void)snprintf(text, size, "@every 7h from 0%d:30 to 0%d:10 on %d", g->of[HOUR],
                       g->of[MINUTE], g->of[WEEKDAY] % 7);
    else
        (void)snprintf(text, size, "%s %s %s %s %s %s %s", term(g, SECOND), term(g, MINUTE),
                       term(g, HOUR), term(g, DAY), term(g, MONTH), term(g, WEEKDAY),
                       term(g, YEAR));
}

static void ask(const struct schedule *s, const struct slow *w)
{
    struct occurrence o = {0};
    enum rc rc = w->back ? schedule_prev(s, w->from, &o) : schedule_next(s, w->from, &o);

    measure_keep(rc == RC_OK ? o.at : 0);
}

/* The least of several tries: what lies above it is the machine's. */
static double cost_of(const struct schedule *s, const struct slow *w, int tries)
{
    int64_t least = INT64_MAX;

    for (int t = 0; t < tries; t++) {
        int64_t begun = measure_clock();

        for (int i = 0; i < CALLS; i++)
            ask(s, w);
        least = MIN(least, measure_clock() - begun);
    }
    return (double)least / CALLS;
}

/* Whether the date and time are ever shown, be it that in its own zone a clock change skips them each time. */
static bool is_ever_shown(struct search *s, const char *text)
{
    SCOPED(schedule) struct schedule *schedule = NULL;
    const struct schedule_options options = {.zone = "UTC"};
    struct occurrence o;

    return schedule_parse(text, &options, s->zones, NULL, &schedule, NULL) == RC_OK &&
           schedule_next(schedule, 0, &o) == RC_OK;
}

static void weigh(struct search *s, struct slow *w, int tries)
{
    SCOPED(schedule) struct schedule *schedule = NULL;
    struct schedule_options options = {.zone = w->zone};

    w->ns = 0;
    if (s->comes && !is_ever_shown(s, w->text))
        return;
    if (schedule_parse(w->text, &options, s->zones, NULL, &schedule, NULL) == RC_OK)
        w->ns = cost_of(schedule, w, tries);
}

static struct slow weigh_genome(struct search *s, const struct genome *g)
{
    struct slow w = {
        .zone = term(g, ZONE),
        .from = strtoll(term(g, FROM), NULL, 10) * USEC_PER_SEC,
        .back = g->of[BACK] == 1,
    };

    write_text(g, w.text, sizeof w.text);
    weigh(s, &w, TRIES);
    return w;
}

/* Keeps the list in order; each expression is in it once. */
static void note(struct search *s, const struct slow *w)
{
    size_t at = 0, old;

    for (old = 0; old < s->count && !text_equal(s->list[old].text, w->text); old++)
        ;
    if (old < s->count && s->list[old].ns >= w->ns)
        return;
    if (old == s->count && s->count < s->limit)
        s->count++;
    old = MIN(old, s->count - 1);
    while (at < old && s->list[at].ns >= w->ns)
        at++;
    if (at == s->limit - 1 && s->list[at].ns >= w->ns)
        return;
    memmove(&s->list[at + 1], &s->list[at], (old - at) * sizeof *w);
    s->list[at] = *w;
}

/* One gene or several: some heights are reached by no single step. */
static void change(struct search *s, struct genome *g)
{
    do {
        size_t gene = below(s, GENES);

        g->of[gene] = any_term(s, gene);
    } while (below(s, 3) == 0);
}

static void climb(struct search *s)
{
    struct genome best, other;
    struct slow at, w;

    for (size_t i = 0; i < GENES; i++)
        best.of[i] = any_term(s, i);
    at = weigh_genome(s, &best);
    for (int i = 0; i < CHANGES; i++) {
        other = best;
        change(s, &other);
        w = weigh_genome(s, &other);
        if (w.ns < at.ns)
            continue;
        best = other;
        at = w;
    }
    weigh(s, &at, TRIES_AGAIN); /* what the machine did is not its fault */
    note(s, &at);
}

static int by_cost(const void *a, const void *b)
{
    double x = ((const struct slow *)a)->ns, y = ((const struct slow *)b)->ns;

    return (x < y) - (x > y);
}

/* Measures the list anew, at other times: what one of them cost least counts. */
static void measure_list(struct search *s)
{
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        for (size_t i = 0; i < s->count; i++) {
            struct slow again = s->list[i];

            weigh(s, &again, TRIES_AGAIN);
            s->list[i].ns = MIN(s->list[i].ns, again.ns);
        }
    }
    qsort(s->list, s->count, sizeof *s->list, by_cost);
}

size_t slowest_search(struct zoneset *zones, bool comes, double seconds, struct slow *list,
                      size_t limit)
{
    struct search s = {
        .zones = zones, .comes = comes, .random = SEED, .list = list, .limit = limit};
    int64_t end = measure_clock() + (int64_t)(seconds * 1e9);

    while (measure_clock() < end)
        climb(&s);
    measure_list(&s);
    return s.count;
}
