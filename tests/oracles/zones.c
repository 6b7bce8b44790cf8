/*
 * zones.c - says what lib/cron reads in the system's zoneinfo; zones.py judges.
 *
 * A line of standard input: NAME <tab> INSTANTS <tab> WALL-TIMES, both in seconds, separated by blanks. A line of
 * standard output for each: "error TEXT", or SPANS <tab> OFFSETS <tab> MEANINGS: start:offset, the offset
 * at each instant, and for each wall time unique:first, gap:first or overlap:first:second.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cron/zoneset.h"

typedef void (*say_fn)(const struct zone *z, int64_t second);

static void say_spans(const struct zone *z)
{
    size_t count;
    const struct zone_span *spans = zone_spans(z, &count);

    for (size_t i = 0; i < count; i++)
        printf("%s%" PRId64 ":%" PRId32, i == 0 ? "" : " ", spans[i].start, spans[i].offset);
}

static void say_offset(const struct zone *z, int64_t second)
{
    printf("%d ", zone_offset_at(z, second * USEC_PER_SEC));
}

static void say_meaning(const struct zone *z, int64_t second)
{
    static const char *const kinds[] = {
        [WALL_UNIQUE] = "unique", [WALL_GAP] = "gap", [WALL_OVERLAP] = "overlap"};
    struct wall w = zone_from_wall(z, second * USEC_PER_SEC);

    printf("%s:%" PRId64, kinds[w.kind], w.first / USEC_PER_SEC);
    if (w.kind == WALL_OVERLAP)
        printf(":%" PRId64, w.second / USEC_PER_SEC);
    putchar(' ');
}

static void say_each(const struct zone *z, const char *numbers, say_fn say)
{
    char *end;

    putchar('\t');
    for (int64_t n = strtoll(numbers, &end, 10); end != numbers; n = strtoll(numbers, &end, 10)) {
        say(z, n);
        numbers = end;
    }
}

/* Cuts at the first tab and answers what stands behind it. */
static char *cut(char *text)
{
    char *tab = strchr(text, '\t');

    if (tab == NULL)
        return text + strlen(text);
    *tab = '\0';
    return tab + 1;
}

static void answer(struct zoneset *zones, char *line)
{
    char *instants = cut(line), *walls = cut(instants);
    struct zone *z;
    struct error err = {0};

    if (zoneset_get(zones, line, &z, &err) != RC_OK) {
        printf("error %s\n", err.text);
        return;
    }
    say_spans(z);
    say_each(z, instants, say_offset);
    say_each(z, walls, say_meaning);
    putchar('\n');
}

int main(void)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new(NULL);
    SCOPED(text) char *line = NULL;
    size_t capacity = 0;

    while (getline(&line, &capacity, stdin) >= 0) {
        line[strcspn(line, "\n")] = '\0';
        answer(zones, line);
    }
    return 0;
}
