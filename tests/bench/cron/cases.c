#include "bench/cron/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <err.h>

const char *const zones[ZONES] = {"Europe/Berlin", "America/New_York", "UTC"};
usec_t instants[INSTANTS];

usec_t instant_of(size_t i)
{
    return (INSTANTS_START + (int64_t)i * INSTANTS_STEP % INSTANTS_SPAN) * USEC_PER_SEC;
}

static void add(struct cron_cases *cases, char *line)
{
    struct cron_case *c = &cases->list[cases->count];
    char *rest = line;

    if (cases->count == CASES_MAX)
        errx(1, "more than %d cases", CASES_MAX);
    c->class = xstrdup(strsep(&rest, "\t"));
    c->expression = xstrdup(rest == NULL ? "" : strsep(&rest, "\t"));
    if (rest == NULL)
        errx(1, "a case has three columns, not: %s", line);
    c->quartz = xstrdup(rest);
    cases->count++;
}

void cases_read(const char *path, struct cron_cases *ret)
{
    FILE *file = fopen(path, "r");
    char line[256];

    if (file == NULL)
        err(1, "could not read %s", path);
    *ret = (struct cron_cases){0};
    for (size_t i = 0; i < INSTANTS; i++)
        instants[i] = instant_of(i);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (*line != '#')
            add(ret, line);
    }
    (void)fclose(file);
}

void cases_clear(struct cron_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++) {
        free(cases->list[i].class);
        free(cases->list[i].expression);
        free(cases->list[i].quartz);
    }
}
