/*
 * B1: what it costs to ask when a schedule is due, beside other libraries in the same run. Needs no services.
 *
 * next, prev and parse of the cases of cron_cases.tsv in three zones, from instants spread over ten years (cron/cases.h says how);
 * then timelines, zones, `cronobs next --batch`, and the slowest expressions that a search finds. Figures are
 * CPU time of the thread (cron/measure.h): medians of nine rounds after a first one.
 */
#include <stdio.h>

#include "base/rfc3339.h"
#include "bench/cron/figures.h"
#include "bench/cron/slowest.h"

enum { SLOWEST = 20 };

static const double search_seconds = 5;

static void print_slowest(const struct slow *list, size_t count)
{
    printf("### The slowest expressions that %.0f s of search find: ns a call\n", search_seconds);
    printf("| ns | call | zone | from | expression |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        char from[RFC3339_TEXT];

        printf("| %.0f | %s | %s | %s | `%s` |\n", list[i].ns, list[i].back ? "prev" : "next",
               list[i].zone, rfc3339_format(list[i].from, from), list[i].text);
    }
}

int main(void)
{
    static struct cron_cases cases;
    static struct figures figures;
    static const char path[] = COBS_SOURCE_DIR "/tests/bench/cron_cases.tsv";
    SCOPED(zoneset) struct zoneset *zoneset = zoneset_new(NULL);
    struct slow slowest[SLOWEST];
    size_t count;

    cases_read(path, &cases);
    figures_measure(&cases, zoneset, &figures);
    for (size_t i = 0; i < PEERS; i++)
        peer_run(&peers[i], path, figures.answers);
    figures_summary(&cases, &figures);
    parts_measure(zoneset);
    count = slowest_search(zoneset, search_seconds, slowest, SLOWEST);
    printf("B1 the slowest that a search finds: %.2f us (`%s`)\n", slowest[0].ns / 1000,
           slowest[0].text);
    batch_measure();
    figures_tables(&cases, &figures);
    print_slowest(slowest, count);
    cases_clear(&cases);
    return 0;
}
