#include "differential/zones.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <ftw.h>

#include "base/util.h"
#include "differential/days.h"

enum { STEP = 2 * DAY_SECONDS };

static struct places *found; /* nftw() has no argument for it */
static size_t found_capacity, found_root;

static bool is_zone(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "rb");
    bool yes = file != NULL && fread(magic, 1, 4, file) == 4 && memcmp(magic, "TZif", 4) == 0;

    if (file != NULL)
        fclose(file);
    return yes;
}

static int visit(const char *path, const struct stat *link, int type, struct FTW *at)
{
    static const char *const refused[] = {"posix/", "right/", "localtime", "posixrules", "Factory"};
    const char *name = path + found_root;
    struct stat status;

    (void)link;
    (void)at;
    if ((type != FTW_F && type != FTW_SL) || stat(path, &status) != 0 || !is_zone(path))
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (text_starts(name, refused[i]))
            return 0;
    found->list = array_grow(found->list, found->count, &found_capacity, sizeof *found->list);
    found->list[found->count++] =
        (struct place){.name = xstrdup(name), .file = (uint64_t)status.st_ino};
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->name, ((const struct place *)b)->name);
}

void places_find(struct places *all)
{
    const char *directory = getenv("TZDIR");

    if (directory == NULL)
        directory = "/usr/share/zoneinfo";
    *all = (struct places){0};
    found = all;
    found_capacity = 0;
    found_root = strlen(directory) + 1;
    /* Not followed, or else a file with two names would be seen once. */
    (void)nftw(directory, visit, 16, FTW_PHYS);
    if (all->count > 0)
        qsort(all->list, all->count, sizeof *all->list, by_name);
}

void places_clear(struct places *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->list[i].name);
        free(all->list[i].spans);
    }
    free(all->list);
    *all = (struct places){0};
}

struct place *places_named(const struct places *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->list[i].name, name) == 0)
            return &all->list[i];
    return NULL;
}

static int64_t offset_at(int64_t second)
{
    time_t at = (time_t)second;
    struct tm wall;

    (void)localtime_r(&at, &wall);
    return wall.tm_gmtoff;
}

/* The first second of (from, to] that has another offset than `from`. */
static int64_t change_between(int64_t from, int64_t to)
{
    int64_t offset = offset_at(from);

    while (to - from > 1) {
        int64_t middle = (from + to) / 2;
        if (offset_at(middle) == offset)
            from = middle;
        else
            to = middle;
    }
    return to;
}

static void ask(struct place *p)
{
    int64_t end = (day_number(LAST_YEAR, 12, 31) + 4) * DAY_SECONDS;
    size_t capacity = 0;
    int64_t offset;

    (void)setenv("TZ", p->name, 1);
    tzset();
    offset = offset_at(-4 * DAY_SECONDS);
    p->spans = array_grow(NULL, 0, &capacity, sizeof *p->spans);
    p->spans[p->count++] = (struct span){INT64_MIN / 4, offset};
    for (int64_t from = -4 * DAY_SECONDS; from < end; from += STEP) {
        if (offset_at(from + STEP) == offset)
            continue;
        int64_t at = change_between(from, from + STEP);
        offset = offset_at(at);
        p->spans = array_grow(p->spans, p->count, &capacity, sizeof *p->spans);
        p->spans[p->count++] = (struct span){at, offset};
    }
}

/* Another name of the same file, whose table is there already. */
static const struct place *twin_of(const struct places *all, const struct place *p)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].file == p->file && all->list[i].count > 0)
            return &all->list[i];
    return NULL;
}

const struct place *places_table(struct places *all, struct place *p)
{
    const struct place *twin = p->count == 0 ? twin_of(all, p) : NULL;

    if (twin != NULL) {
        p->count = twin->count;
        p->spans = xmemdup(twin->spans, twin->count * sizeof *twin->spans);
    } else if (p->count == 0) {
        ask(p);
    }
    return p;
}

size_t place_span(const struct place *p, int64_t second)
{
    size_t low = 0, high = p->count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (p->spans[middle].start <= second)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int64_t place_span_end(const struct place *p, size_t span)
{
    return span + 1 < p->count ? p->spans[span + 1].start : INT64_MAX / 4;
}
