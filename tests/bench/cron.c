/*
 * B1: what it costs to ask when a schedule is due, beside other libraries in the same run. Needs no services.
 *
 * next, prev and parse of the cases of cron_cases.tsv in three zones, from instants spread over ten years (cron/cases.h says how);
 * then timelines, zones, `cronobs next --batch`, and the slowest expressions that a search finds. Figures are
 * CPU time of the thread, medians (cron/measure.h, cron/figures.c).
 */
#include <stdio.h>

#include "base/rfc3339.h"
#include "bench/cron/figures.h"
#include "bench/cron/slowest.h"

enum { SLOWEST = 10, PEER_RUNS = 2 };

static const double search_seconds = 3;

struct search {
    const char *what;
    bool comes;
    size_t count;
    struct slow list[SLOWEST];
};

static struct search searches[] = {
    {.what = "dates that come, whatever clock changes skip", .comes = true},
    {.what = "all, which are dates that never come", .comes = false},
};

static void search(struct search *s, struct zoneset *zoneset)
{
    s->count = slowest_search(zoneset, s->comes, search_seconds, s->list, SLOWEST);
    printf("B1 the slowest that %.0f s of search find, %s: %.2f us (%s `%s`, %s)\n", search_seconds,
           s->what, s->list[0].ns / 1000, s->list[0].back ? "prev" : "next", s->list[0].text,
           s->list[0].zone);
}

static void print_search(const struct search *s)
{
    printf("### The slowest, %s: ns a call\n", s->what);
    printf("| ns | call | zone | from | expression |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < s->count; i++) {
        const struct slow *w = &s->list[i];
        char from[RFC3339_TEXT];

        printf("| %.0f | %s | %s | %s | `%s` |\n", w->ns, w->back ? "prev" : "next", w->zone,
               rfc3339_format(w->from, from), w->text);
    }
}

int main(void)
{
    static struct cron_cases cases;
    static struct figures figures;
    static const char path[] = COBS_SOURCE_DIR "/tests/bench/cron_cases.tsv";
    SCOPED(zoneset) struct zoneset *zoneset = zoneset_new(NULL);

    cases_read(path, &cases);
    figures_measure(&cases, zoneset, &figures);
    for (int run = 0; run < PEER_RUNS; run++)
        for (size_t i = 0; i < PEERS; i++)
            peer_run(&peers[i], path, figures.answers);
    figures_summary(&cases, &figures);
    parts_measure(zoneset);
    for (size_t i = 0; i < ARRAY_LEN(searches); i++)
        search(&searches[i], zoneset);
    batch_measure();
    figures_tables(&cases, &figures);
    for (size_t i = 0; i < ARRAY_LEN(searches); i++)
        print_search(&searches[i]);
    cases_clear(&cases);
    return 0;
}
