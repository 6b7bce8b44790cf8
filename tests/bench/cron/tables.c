#include <stdio.h>

#include "base/buf.h"
#include "bench/cron/figures.h"
#include "bench/cron/measure.h"

/* --- tables --- */

static void print_ns(double ns)
{
    printf(ns < 10000 ? " %.1f |" : " %.0f |", ns);
}

/* A peer's figure, how many times ours it is, and a mark where its answers are others. */
static void print_peer(double ns, double ours, int differs)
{
    if (ns <= 0)
        printf(" – |");
    else
        printf(" %.0f (%.0f ×)%s |", ns, ns / ours, differs > 0 ? " \\*" : "");
}

static void print_head(const char *title)
{
    printf("### %s\n| class | expression | cronobs |", title);
    for (size_t p = 0; p < PEERS; p++)
        printf(" %s |", peers[p].name);
    printf("\n|---|---|---|");
    for (size_t p = 0; p < PEERS; p++)
        printf("---|");
    printf("\n");
}

static void print_case(const struct cron_case *c)
{
    printf("| %s | `%s` |", c->class, c->expression);
}

static void next_table(const struct cron_cases *cases, const struct figures *f, size_t zone)
{
    SCOPED(text) char *title = xasprintf("next, %s: ns a call", zones[zone]);

    print_head(title);
    for (size_t i = 0; i < cases->count; i++) {
        print_case(&cases->list[i]);
        print_ns(f->next[i][zone]);
        for (size_t p = 0; p < PEERS; p++)
            print_peer(peers[p].next[i][zone], f->next[i][zone], peers[p].differs[i][zone]);
        printf("\n");
    }
}

static void parse_table(const struct cron_cases *cases, const struct figures *f)
{
    print_head("parse: ns an expression");
    for (size_t i = 0; i < cases->count; i++) {
        print_case(&cases->list[i]);
        print_ns(f->parse[i]);
        for (size_t p = 0; p < PEERS; p++)
            print_peer(peers[p].parse[i], f->parse[i], 0);
        printf("\n");
    }
}

static void prev_table(const struct cron_cases *cases, const struct figures *f)
{
    printf("### prev: ns a call\n| class | expression |");
    for (size_t z = 0; z < ZONES; z++)
        printf(" %s |", zones[z]);
    printf("\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < cases->count; i++) {
        print_case(&cases->list[i]);
        for (size_t z = 0; z < ZONES; z++)
            print_ns(f->prev[i][z]);
        printf("\n");
    }
}

static void print_how(void)
{
    const char *separator = " Measured: ";

    printf(
        "> How: CPU time after a first round that warms up; of ours the median of 35 rounds, of other libraries the lower one of two medians. `next` and `prev` are asked from 1,000 instants "
        "(of slow libraries the first of them) spread over 2024 to 2033, neighbours more than six years apart. Beside each figure, how many times ours it "
        "is; – stands for a form that the library refuses, \\* for other answers than ours to at least one of 20 instants. "
        "Parsing includes finding the zone with cronobs, croner and Quartz.");
    for (size_t p = 0; p < PEERS; p++) {
        if (*peers[p].version == '\0')
            continue;
        printf("%s%s", separator, peers[p].version);
        separator = "; ";
    }
    printf("%s\n", separator[0] == ';' ? "." : "");
}

void figures_tables(const struct cron_cases *cases, const struct figures *f)
{
    print_how();
    for (size_t z = 0; z < ZONES; z++)
        next_table(cases, f, z);
    parse_table(cases, f);
    prev_table(cases, f);
}

/* --- summaries --- */

static double at_column(const double *figures, size_t width, size_t row, size_t column)
{
    return figures[row * width + column];
}

/* The figures above 0 of one class (NULL: of all) in one column. */
struct summary {
    double median, worst;
    size_t worst_case;
};

static struct summary summarize(const struct cron_cases *cases, const char *class,
                                const double *figures, size_t width, size_t column)
{
    double values[CASES_MAX];
    struct summary s = {0};
    size_t count = 0;

    for (size_t i = 0; i < cases->count; i++) {
        double ns = at_column(figures, width, i, column);

        if (ns <= 0 || (class != NULL && !text_equal(class, cases->list[i].class)))
            continue;
        values[count++] = ns;
        if (ns > s.worst) {
            s.worst = ns;
            s.worst_case = i;
        }
    }
    s.median = median(values, count);
    return s;
}

static void print_ours(const struct cron_cases *cases, const char *what, struct summary s)
{
    printf("B1 %s: median %.1f ns, most %.1f ns (`%s`)", what, s.median, s.worst,
           cases->list[s.worst_case].expression);
}

static void print_peers(const struct cron_cases *cases, const char *class, int zone)
{
    const char *separator = " | medians:";

    for (size_t p = 0; p < PEERS; p++) {
        const double *figures = zone < 0 ? peers[p].parse : peers[p].next[0];
        struct summary s =
            summarize(cases, class, figures, zone < 0 ? 1 : ZONES, zone < 0 ? 0 : (size_t)zone);

        if (s.median > 0)
            printf("%s %s %.0f ns", separator, peers[p].name, s.median);
        separator = s.median > 0 ? "," : separator;
    }
    printf("\n");
}

static const struct summary_line {
    const char *what, *class;
    int zone;
} summary_lines[] = {
    {"next, common, Europe/Berlin", "common", 0},
    {"next, common, America/New_York", "common", 1},
    {"next, common, UTC", "common", 2},
    {"next, yearly, Europe/Berlin", "yearly", 0},
    {"next, leap day, Europe/Berlin", "leap", 0},
    {"next, L W #, Europe/Berlin", "days", 0},
    {"next, rare or never, Europe/Berlin", "rare", 0},
};

void figures_summary(const struct cron_cases *cases, const struct figures *f)
{
    for (size_t i = 0; i < ARRAY_LEN(summary_lines); i++) {
        const struct summary_line *l = &summary_lines[i];

        print_ours(cases, l->what, summarize(cases, l->class, f->next[0], ZONES, (size_t)l->zone));
        print_peers(cases, l->class, l->zone);
    }
    print_ours(cases, "prev, common, Europe/Berlin",
               summarize(cases, "common", f->prev[0], ZONES, 0));
    printf(" | next: median %.1f ns\n", summarize(cases, "common", f->next[0], ZONES, 0).median);
    print_ours(cases, "parse, all", summarize(cases, NULL, f->parse, 1, 0));
    print_peers(cases, NULL, -1);
}
