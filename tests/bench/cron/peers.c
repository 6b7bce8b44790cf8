#include "bench/cron/peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

struct peer peers[PEERS] = {
    {.folder = "go", .name = "robfig/cron (Go)"},
    {.folder = "node", .name = "croner (JavaScript)"},
    {.folder = "java", .name = "Quartz (Java)"},
    {.folder = "python", .name = "croniter (Python)"},
};

static int count_differences(char *text, const struct answers *ours)
{
    int differ = 0;

    for (size_t i = 0; i < ANSWERS; i++) {
        const char *word = text == NULL ? "?" : strsep(&text, ",");
        int64_t answer = text_equal(word, "-") ? -1 : strtoll(word, NULL, 10);

        differ += answer != ours->list[i];
    }
    return differ;
}

/* Of two runs; 0 is none yet. */
static double least(double before, double now)
{
    return before == 0 ? now : MIN(before, now);
}

static void take_next(struct peer *p, char *rest, struct answers ours[CASES_MAX][ZONES])
{
    size_t at = strtoul(rest, &rest, 10), zone = strtoul(rest, &rest, 10);
    double ns = strtod(rest, &rest);

    if (at >= CASES_MAX || zone >= ZONES || *rest != '\t')
        return;
    p->next[at][zone] = least(p->next[at][zone], ns);
    p->differs[at][zone] = count_differences(rest + 1, &ours[at][zone]);
}

static void take_line(struct peer *p, char *line, struct answers ours[CASES_MAX][ZONES])
{
    char *rest = line;
    const char *kind = strsep(&rest, "\t");
    size_t at;

    if (rest == NULL)
        return;
    if (text_equal(kind, "version")) {
        (void)snprintf(p->version, sizeof p->version, "%s", rest);
    } else if (text_equal(kind, "next")) {
        take_next(p, rest, ours);
    } else if (text_equal(kind, "parse")) {
        at = strtoul(rest, &rest, 10);
        if (at < CASES_MAX)
            p->parse[at] = least(p->parse[at], strtod(rest, NULL));
    }
}

static char *program_of(const struct peer *p)
{
    const char *folder = getenv("CRONOBS_BENCH_PEERS");

    return xasprintf("%s/%s/run", folder == NULL ? "" : folder, p->folder);
}

static bool run_once(struct peer *p, const char *command, struct answers ours[CASES_MAX][ZONES])
{
    FILE *out = popen(command, "r");
    char line[1024];

    if (out == NULL)
        return false;
    while (fgets(line, sizeof line, out) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        take_line(p, line, ours);
    }
    return pclose(out) == 0;
}

void peer_run(struct peer *p, const char *cases, struct answers ours[CASES_MAX][ZONES])
{
    SCOPED(text) char *program = program_of(p);
    SCOPED(text) char *command = xasprintf("exec '%s' next '%s'", program, cases);

    p->present = access(program, X_OK) == 0;
    if (!p->present) {
        (void)fprintf(stderr, "%s: not installed, left out\n", p->name);
        return;
    }
    if (!run_once(p, command, ours))
        (void)fprintf(stderr, "%s: its program failed\n", p->name);
}

static double cpu_of_children(void)
{
    struct rusage used;

    (void)getrusage(RUSAGE_CHILDREN, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

double peer_batch(const char *command, const char *lines, const char *out, double *ret_cpu)
{
    SCOPED(text) char *shell = xasprintf("exec %s <'%s' >'%s'", command, lines, out);
    double cpu = cpu_of_children();
    usec_t begun = clock_monotonic();

    if (system(shell) != 0)
        return 0;
    *ret_cpu = cpu_of_children() - cpu;
    return (double)(clock_monotonic() - begun) / 1e6;
}
