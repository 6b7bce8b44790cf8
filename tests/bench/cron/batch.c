/*
 * `cronobs next --batch`: 100,000 lines that a peer can answer as well, from the file of them to the file of answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <err.h>

#include "base/rfc3339.h"
#include "bench/cron/figures.h"

enum { LINES = 100000 };

static const char *const batch_zones[] = {
    "Europe/Berlin", "America/New_York", "UTC",           "Asia/Tokyo",       "Europe/London",
    "Asia/Kolkata",  "Australia/Sydney", "Asia/Shanghai", "America/Sao_Paulo"};

static uint64_t below(uint64_t *random, uint64_t limit)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (*random >> 33) % limit;
}

static const char *one_of(uint64_t *random, const char *const *list, size_t count)
{
    return list[below(random, count)];
}

static void write_line(FILE *file, uint64_t *random, size_t i)
{
    static const char *const hours[] = {"*", "*/2", "4", "9-17", "6,18", "23"};
    static const char *const days[] = {"*", "*", "*", "1", "15", "1,15", "28-31"};
    static const char *const months[] = {"*", "*", "*", "1", "1,7", "2", "NOV"};
    static const char *const weekdays[] = {"*", "*", "MON-FRI", "SUN", "1,3,5"};
    char from[RFC3339_TEXT];

    (void)fprintf(file, "%d %s %s %s %s\t%s\t%s\t%d\n", (int)below(random, 60),
                  one_of(random, hours, ARRAY_LEN(hours)), one_of(random, days, ARRAY_LEN(days)),
                  one_of(random, months, ARRAY_LEN(months)),
                  one_of(random, weekdays, ARRAY_LEN(weekdays)),
                  one_of(random, batch_zones, ARRAY_LEN(batch_zones)),
                  rfc3339_format(instant_of(i), from), (int)below(random, 3) + 1);
}

static void write_lines(const char *path)
{
    FILE *file = fopen(path, "w");
    uint64_t random = 1;

    if (file == NULL)
        err(1, "could not write %s", path);
    for (size_t i = 0; i < LINES; i++)
        write_line(file, &random, i);
    if (fclose(file) != 0)
        err(1, "could not write %s", path);
}

/* How many lines of two files are not the same. */
static int lines_that_differ(const char *a, const char *b)
{
    FILE *first = fopen(a, "r"), *second = fopen(b, "r");
    char one[1024], other[1024];
    int differ = 0;

    if (first == NULL || second == NULL)
        err(1, "could not read %s and %s", a, b);
    while (fgets(one, sizeof one, first) != NULL)
        differ += fgets(other, sizeof other, second) == NULL || !text_equal(one, other);
    (void)fclose(first);
    (void)fclose(second);
    return differ;
}

/* The least of three runs. */
static double least(const char *command, const char *in, const char *out, double *ret_cpu)
{
    double best = 0, cpu = 0;

    for (int i = 0; i < 3; i++) {
        double seconds = peer_batch(command, in, out, &cpu);

        if (seconds == 0)
            return 0;
        if (best == 0 || seconds < best) {
            best = seconds;
            *ret_cpu = cpu;
        }
    }
    return best;
}

static void say(const char *folder, const char *cronobs, const char *peer)
{
    SCOPED(text) char *in = xasprintf("%s/lines", folder);
    SCOPED(text) char *ours = xasprintf("%s/ours", folder);
    SCOPED(text) char *theirs = xasprintf("%s/theirs", folder);
    double cpu = 0, seconds;

    write_lines(in);
    seconds = least(cronobs, in, ours, &cpu);
    if (seconds == 0)
        return;
    printf("B1 next --batch, %d lines: %.2f s, %.0f lines/s (CPU %.2f s)", LINES, seconds,
           LINES / seconds, cpu);
    seconds = peer == NULL ? 0 : least(peer, in, theirs, &cpu);
    if (seconds > 0)
        printf(
            " | robfig/cron (Go), the same lines: %.2f s, %.0f lines/s (CPU %.2f s), %d answers differ",
            seconds, LINES / seconds, cpu, lines_that_differ(ours, theirs));
    printf("\n");
}

void batch_measure(void)
{
    char folder[] = "/tmp/cronobs-bench-XXXXXX";
    const char *program = getenv("CRONOBS_TEST_BIN"), *others = getenv("CRONOBS_BENCH_PEERS");
    SCOPED(text) char *cronobs = xasprintf("'%s' next --batch", program == NULL ? "" : program);
    SCOPED(text) char *peer = xasprintf("'%s/go/run' batch", others == NULL ? "" : others);
    SCOPED(text) char *clean = NULL;

    if (program == NULL) {
        (void)fprintf(stderr, "next --batch: CRONOBS_TEST_BIN is not set, left out\n");
        return;
    }
    if (mkdtemp(folder) == NULL)
        err(1, "could not make %s", folder);
    say(folder, cronobs, peers[0].present ? peer : NULL);
    clean = xasprintf("rm -r '%s'", folder);
    if (system(clean) != 0)
        warnx("could not remove %s", folder);
}
